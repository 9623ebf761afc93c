/*  faults.h - what goes wrong, and when it ends                               */
#ifndef ZCHAT_SIM_FAULTS_H
#define ZCHAT_SIM_FAULTS_H

#include "sim.h"

/*  From now on things go wrong, as the plan says.                             */
void faults_begin (sim_t *sim);

/*  Nothing goes wrong any more, and what did is mended: the network is whole, every
    process runs.                                                              */
void faults_heal (sim_t *sim);

#endif
