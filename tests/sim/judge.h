/*  judge.h - the end of a run: the network is whole, and soon all must be well */
#ifndef ZCHAT_SIM_JUDGE_H
#define ZCHAT_SIM_JUDGE_H

#include "sim.h"

enum { JUDGE_PATIENCE_MS = 60000 }; /* until every client has everything        */

/*  End the faults when the plan says so, and judge what comes of it.          */
void judge_begin (sim_t *sim);

#endif
