/*  keeper.h - an admin who removes rooms, now and then                        */
#ifndef ZCHAT_SIM_KEEPER_H
#define ZCHAT_SIM_KEEPER_H

#include "sim.h"

keeper_t *keeper_new (sim_t *sim);
void keeper_free (keeper_t **keeper);

#endif
