/*  rng.h - randomness that follows from a seed

    The same seed gives the same numbers, so that a run can be repeated; without
    the seed nobody can guess them (ChaCha20 with a key that is replaced after
    every draw).
*/
#ifndef ZCHAT_RNG_H
#define ZCHAT_RNG_H

#include <stddef.h>
#include <stdint.h>

enum { RNG_SEED_SIZE = 32 };

typedef struct {
    uint8_t key[RNG_SEED_SIZE];
} rng_t;

/*  Write 2 * size lowercase hex digits and a NUL to text; size is 32 at most. */
void rng_hex (rng_t *rng, char *text, size_t size);

/*  Draw a number from 0 to bound - 1; bound is at least 1.                    */
uint64_t rng_below (rng_t *rng, uint64_t bound);

#endif
