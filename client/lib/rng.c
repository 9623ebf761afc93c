/*  rng.c - ChaCha20 with a key that is replaced after every draw              */
#include "rng.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(RNG_SEED_SIZE == randombytes_SEEDBYTES, "the seed is libsodium's");

static void rng_bytes (rng_t *rng, void *buffer, size_t size)
{
    uint8_t block[2 * RNG_SEED_SIZE];

    assert (size <= RNG_SEED_SIZE);
    randombytes_buf_deterministic (block, sizeof block, rng->key);
    memcpy (rng->key, block, RNG_SEED_SIZE);
    memcpy (buffer, block + RNG_SEED_SIZE, size);
}

void rng_hex (rng_t *rng, char *text, size_t size)
{
    uint8_t bytes[RNG_SEED_SIZE];

    rng_bytes (rng, bytes, size);
    sodium_bin2hex (text, 2 * size + 1, bytes, size);
}

uint64_t rng_below (rng_t *rng, uint64_t bound)
{
    uint64_t number;

    /*  The remainder prefers small numbers a little, which does not matter for jitter. */
    assert (bound > 0);
    rng_bytes (rng, &number, sizeof number);
    return number % bound;
}
