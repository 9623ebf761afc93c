/*  stranger.h - a program that speaks the protocol by hand, well and badly    */
#ifndef ZCHAT_SIM_STRANGER_H
#define ZCHAT_SIM_STRANGER_H

#include "sim.h"

stranger_t *stranger_new (sim_t *sim, size_t number);
/*  Ask for more at once than anybody may.                                     */
void stranger_flood (stranger_t *self);
void stranger_free (stranger_t **stranger);

#endif
