/*  throttle.h - token buckets for whoever comes, in bounded memory

    Each key (an address, a public key) has a bucket, which is full when the key is first seen.
    There are ZCHAT_THROTTLE_MAX at most. A new bucket takes the place of the fullest of a few,
    which loses least by being forgotten; a secret seed decides which few, so that nobody can choose
    whose place they take. Pure: no clock.
*/
#ifndef ZCHAT_THROTTLE_H
#define ZCHAT_THROTTLE_H

#include "frame.h"
#include <stdint.h>

typedef struct throttle throttle_t;

enum { THROTTLE_SEED_SIZE = 16 };

/*  Buckets of burst tokens (1 at least) that get one back every refill_ms (1 at least). */
throttle_t *throttle_new (unsigned burst, unsigned refill_ms,
                          const uint8_t seed[THROTTLE_SEED_SIZE]);
void throttle_destroy (throttle_t **throttle);

/*  Take a token of key's bucket. False: there is none.                        */
bool throttle_take (throttle_t *throttle, frame_t key, uint64_t now_ms);

/*  Take a token of key's bucket, and return 0; or take none, and return the ms until there is
    one.                                                                       */
uint64_t throttle_claim (throttle_t *throttle, frame_t key, uint64_t now_ms);

/*  Take so many tokens of key's bucket, even those that it does not have: then it stays empty until
    they have come in, for debt_ms at most.                                    */
void throttle_charge (throttle_t *throttle, frame_t key, uint64_t tokens, uint64_t debt_ms,
                      uint64_t now_ms);

/*  Give one back that was taken; a full bucket stays as it is.                */
void throttle_give (throttle_t *throttle, frame_t key, uint64_t now_ms);

/*  True where there is a token to take; takes none.                           */
bool throttle_has (throttle_t *throttle, frame_t key, uint64_t now_ms);

#endif
