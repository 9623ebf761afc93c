/*  audit.h - a broker that is started from the store knows what the one that ran did */
#ifndef ZCHAT_SIM_AUDIT_H
#define ZCHAT_SIM_AUDIT_H

#include "sim.h"

/*  At the end of a run, which changes nothing any more.                       */
void audit_restart (sim_t *sim);

#endif
