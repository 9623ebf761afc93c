/*  thief.h - somebody who announces routing ids of others, and asks for what is theirs */
#ifndef ZCHAT_SIM_THIEF_H
#define ZCHAT_SIM_THIEF_H

#include "sim.h"

thief_t *thief_new (sim_t *sim);
void thief_free (thief_t **thief);

/*  The broker's socket has seen that a connection ended; its state stands until it is told. */
void thief_tempt (thief_t *thief, door_t *ended);

#endif
