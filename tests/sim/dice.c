/*  dice.c - xoshiro256**, seeded by splitmix64                                */
#include "dice.h"

static uint64_t split (uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void dice_seed (dice_t *dice, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        dice->state[i] = split (&seed);
}

static uint64_t rotate (uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t dice_roll (dice_t *dice)
{
    uint64_t *s = dice->state;
    uint64_t result = rotate (s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate (s[3], 45);
    return result;
}

uint64_t dice_below (dice_t *dice, uint64_t bound)
{
    return dice_roll (dice) % bound;
}

uint64_t dice_span (dice_t *dice, uint64_t low, uint64_t high)
{
    return low + dice_below (dice, high - low + 1);
}

uint64_t dice_skew (dice_t *dice, uint64_t bound)
{
    int bits = 0;
    if (bound < 2)
        return 0;
    while (bits < 63 && bound >> bits)
        bits++;
    uint64_t most = (uint64_t)1 << dice_below (dice, (uint64_t)bits + 1);
    return dice_below (dice, most < bound ? most : bound);
}

bool dice_chance (dice_t *dice, double probability)
{
    return (double)(dice_roll (dice) >> 11) * 0x1p-53 < probability;
}
