/*  dice.h - the chance of a simulation: everything random follows from its seed */
#ifndef ZCHAT_SIM_DICE_H
#define ZCHAT_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state[4];
} dice_t;

void dice_seed (dice_t *dice, uint64_t seed);

uint64_t dice_roll (dice_t *dice);

/*  A number from 0 to bound - 1; bound is at least 1.                         */
uint64_t dice_below (dice_t *dice, uint64_t bound);

/*  A number from low to high, both included.                                  */
uint64_t dice_span (dice_t *dice, uint64_t low, uint64_t high);

/*  A number from 0 to bound - 1 of an even spread of magnitudes: mostly small. */
uint64_t dice_skew (dice_t *dice, uint64_t bound);

/*  True with this probability.                                                */
bool dice_chance (dice_t *dice, double probability);

#endif
