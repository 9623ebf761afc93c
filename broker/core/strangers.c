/*  strangers.c - what strangers left of late in each mailbox                  */
#include "strangers.h"
#include "hash.h"
#include <sodium.h>

enum {
    HASH_SIZE = 16, /* nobody finds two of the same: blake2b                   */
    LOOKS = 16      /* at so many that were quiet, to forget one               */
};

typedef struct left {
    uint8_t hash[HASH_SIZE];  /* of whose mailbox, and who left it              */
    quota_t quota;            /* of this one                                    */
    bucket_t bucket;          /*                                                */
    struct left *prev, *next; /* the one that was quiet for longest first      */
    UT_hash_handle hh;
} left_t;

struct strangers {
    left_t *by_hash;
    left_t *quiet; /* list of the same                                         */
    size_t count;
};

strangers_t *strangers_new (void)
{
    return memory_zero (sizeof (strangers_t));
}

static void left_forget (strangers_t *strangers, left_t *left)
{
    HASH_DEL (strangers->by_hash, left);
    DL_DELETE (strangers->quiet, left);
    strangers->count--;
    free (left);
}

void strangers_destroy (strangers_t **self_p)
{
    strangers_t *strangers = *self_p;
    if (!strangers)
        return;
    while (strangers->quiet)
        left_forget (strangers, strangers->quiet);
    free (strangers);
    *self_p = NULL;
}

static void hash_of (const char *whose, const char *party, uint8_t hash[HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, HASH_SIZE);
    crypto_generichash_update (&state, (const uint8_t *)whose, strlen (whose) + 1);
    crypto_generichash_update (&state, (const uint8_t *)party, strlen (party));
    crypto_generichash_final (&state, hash, HASH_SIZE);
}

static left_t *left_find (const strangers_t *strangers, const uint8_t hash[HASH_SIZE])
{
    left_t *left;
    HASH_FIND (hh, strangers->by_hash, hash, HASH_SIZE, left);
    return left;
}

static quota_t quota_times (const quota_t *quota, unsigned times)
{
    return (quota_t){.burst = quota->burst * times, .rate = quota->rate * times};
}

/*  Make room for one more.                                                    */
static void make_room (strangers_t *strangers, uint64_t mono_ms)
{
    left_t *least = strangers->quiet, *left = least;
    for (int i = 0; i < LOOKS && left; i++, left = left->next) {
        (void)bucket_wait_ms (&left->bucket, &left->quota, 0, mono_ms); /* reckons it */
        /*  In shares of the bound, which is greater for a place.              */
        if (left->bucket.used_milli / left->quota.burst <
            least->bucket.used_milli / least->quota.burst)
            least = left;
    }
    left_forget (strangers, least);
}

uint64_t strangers_wait_ms (strangers_t *strangers, const char *whose, const stranger_t *parties,
                            size_t count, const quota_t *quota, uint64_t amount, uint64_t mono_ms)
{
    uint64_t wait_ms = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[HASH_SIZE];
        hash_of (whose, parties[i].party, hash);
        left_t *left = left_find (strangers, hash);
        uint64_t ms = left ? bucket_wait_ms (&left->bucket, &left->quota, amount, mono_ms) : 0;
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    return wait_ms;
}

void strangers_take (strangers_t *strangers, const char *whose, const stranger_t *parties,
                     size_t count, const quota_t *quota, uint64_t amount, uint64_t mono_ms)
{
    for (size_t i = 0; i < count && quota->burst; i++) {
        uint8_t hash[HASH_SIZE];
        hash_of (whose, parties[i].party, hash);
        left_t *left = left_find (strangers, hash);
        if (left)
            DL_DELETE (strangers->quiet, left);
        else {
            if (strangers->count == ZCHAT_STRANGERS_MAX)
                make_room (strangers, mono_ms);
            left = memory_zero (sizeof *left);
            memcpy (left->hash, hash, HASH_SIZE);
            HASH_ADD (hh, strangers->by_hash, hash, HASH_SIZE, left);
            strangers->count++;
        }
        left->quota = quota_times (quota, parties[i].times);
        bucket_take (&left->bucket, &left->quota, amount, mono_ms);
        DL_APPEND (strangers->quiet, left);
    }
}

size_t strangers_count (const strangers_t *strangers)
{
    return strangers->count;
}
