/*  throttle.c - token buckets for whoever comes, in bounded memory            */
#include "throttle.h"
#include "memory.h"
#include <sodium.h>
#include <zchat/limits.h>

enum { WAYS = 8, SETS = ZCHAT_THROTTLE_MAX / WAYS };

_Static_assert((int)THROTTLE_SEED_SIZE == (int)crypto_shorthash_KEYBYTES, "the seed is a key");
_Static_assert((SETS & (SETS - 1)) == 0 && SETS * WAYS == ZCHAT_THROTTLE_MAX,
               "a set is found by the low bits of a hash");

/*  What is told of a key is its hash under the seed: 64 bits, which nobody can aim at. */
typedef struct {
    uint64_t hash;    /* 0: free                                                */
    uint64_t full_ms; /* when the bucket is full again                          */
} bucket_t;

struct throttle {
    uint8_t seed[THROTTLE_SEED_SIZE];
    uint64_t burst_ms; /* what an empty bucket takes to be full                 */
    uint64_t refill_ms;
    bucket_t buckets[SETS][WAYS];
};

throttle_t *throttle_new (unsigned burst, unsigned refill_ms,
                          const uint8_t seed[THROTTLE_SEED_SIZE])
{
    throttle_t *throttle = memory_zero (sizeof *throttle);
    memcpy (throttle->seed, seed, THROTTLE_SEED_SIZE);
    throttle->burst_ms = (uint64_t)burst * refill_ms;
    throttle->refill_ms = refill_ms;
    return throttle;
}

void throttle_destroy (throttle_t **throttle)
{
    free (*throttle);
    *throttle = NULL;
}

static uint64_t key_hash (const throttle_t *throttle, frame_t key)
{
    uint64_t hash;
    uint8_t bytes[crypto_shorthash_BYTES];
    crypto_shorthash (bytes, key.size ? key.data : (const void *)"", key.size, throttle->seed);
    memcpy (&hash, bytes, sizeof hash);
    return hash ? hash : 1;
}

/*  The bucket of a hash; NULL where it has none, and then it is full.         */
static bucket_t *bucket_find (throttle_t *throttle, uint64_t hash)
{
    bucket_t *set = throttle->buckets[hash % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].hash == hash)
            return &set[i];
    return NULL;
}

static bucket_t *bucket_make (throttle_t *throttle, uint64_t hash)
{
    bucket_t *set = throttle->buckets[hash % SETS], *fullest = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].full_ms < fullest->full_ms)
            fullest = &set[i];
    *fullest = (bucket_t){.hash = hash};
    return fullest;
}

/*  Taking a token moves the time when the bucket is full by one refill; it may lie as far
    ahead as an empty one takes.                                               */
static bool allowed (const throttle_t *throttle, const bucket_t *bucket, uint64_t now_ms)
{
    return !bucket || bucket->full_ms <= now_ms ||
           bucket->full_ms - now_ms + throttle->refill_ms <= throttle->burst_ms;
}

bool throttle_has (throttle_t *throttle, frame_t key, uint64_t now_ms)
{
    return allowed (throttle, bucket_find (throttle, key_hash (throttle, key)), now_ms);
}

uint64_t throttle_claim (throttle_t *throttle, frame_t key, uint64_t now_ms)
{
    uint64_t hash = key_hash (throttle, key);
    bucket_t *bucket = bucket_find (throttle, hash);
    if (!allowed (throttle, bucket, now_ms))
        return bucket->full_ms - now_ms + throttle->refill_ms - throttle->burst_ms;
    if (!bucket)
        bucket = bucket_make (throttle, hash);
    bucket->full_ms = (bucket->full_ms > now_ms ? bucket->full_ms : now_ms) + throttle->refill_ms;
    return 0;
}

bool throttle_take (throttle_t *throttle, frame_t key, uint64_t now_ms)
{
    return throttle_claim (throttle, key, now_ms) == 0;
}

void throttle_charge (throttle_t *throttle, frame_t key, uint64_t tokens, uint64_t debt_ms,
                      uint64_t now_ms)
{
    uint64_t hash = key_hash (throttle, key), last_ms = now_ms + throttle->burst_ms + debt_ms;
    bucket_t *bucket = bucket_find (throttle, hash);
    if (!bucket)
        bucket = bucket_make (throttle, hash);
    uint64_t full_ms = bucket->full_ms > now_ms ? bucket->full_ms : now_ms;
    bool over = full_ms >= last_ms || tokens > (last_ms - full_ms) / throttle->refill_ms;
    bucket->full_ms = over ? last_ms : full_ms + tokens * throttle->refill_ms;
}

void throttle_give (throttle_t *throttle, frame_t key, uint64_t now_ms)
{
    bucket_t *bucket = bucket_find (throttle, key_hash (throttle, key));
    if (bucket && bucket->full_ms > now_ms)
        bucket->full_ms -= throttle->refill_ms;
}
