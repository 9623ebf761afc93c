/*  strangers.c - what strangers left of late in each mailbox                  */
#include "strangers.h"
#include "../base/hash.h"
#include <sodium.h>

enum {
    HASH_SIZE = 16, /* nobody finds two of the same: blake2b                   */
    LOOKS = 16,     /* at so many that were quiet, to forget one               */
    PARTIES = 3     /* who leaves a letter: somebody, an address, a network    */
};

typedef struct left {
    uint8_t hash[HASH_SIZE]; /* of whose mailbox, and who left it              */
    quota_t quota;           /* of this one                                    */
    bucket_t bucket;
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

/*  --- who leaves it ---------------------------------------------------------  */

typedef struct {
    uint8_t hash[HASH_SIZE];
    unsigned times; /* the quota                                               */
} stranger_t;

static void stranger_set (stranger_t *stranger, const char *whose, const char *party, size_t size,
                          unsigned times)
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, HASH_SIZE);
    crypto_generichash_update (&state, (const uint8_t *)whose, strlen (whose) + 1);
    crypto_generichash_update (&state, (const uint8_t *)party, size);
    crypto_generichash_final (&state, stranger->hash, HASH_SIZE);
    stranger->times = times;
}

static size_t strangers_of (const letter_t *letter, stranger_t strangers[PARTIES])
{
    const char *place = letter->place;
    size_t count = 0, size = strlen (place), network = strcspn (place, "/");
    stranger_set (&strangers[count++], letter->whose, letter->holder, strlen (letter->holder), 1);
    if (size)
        stranger_set (&strangers[count++], letter->whose, place, size, ZCHAT_STRANGERS_ADDRESS);
    if (network < size)
        stranger_set (&strangers[count++], letter->whose, place, network, ZCHAT_STRANGERS_NETWORK);
    return count;
}

/*  --- the table -------------------------------------------------------------  */

static left_t *left_find (const strangers_t *strangers, const stranger_t *stranger)
{
    left_t *left;
    HASH_FIND (hh, strangers->by_hash, stranger->hash, HASH_SIZE, left);
    return left;
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

static left_t *left_make (strangers_t *strangers, const stranger_t *stranger, uint64_t mono_ms)
{
    if (strangers->count == ZCHAT_STRANGERS_MAX)
        make_room (strangers, mono_ms);
    left_t *left = memory_zero (sizeof *left);
    memcpy (left->hash, stranger->hash, HASH_SIZE);
    HASH_ADD (hh, strangers->by_hash, hash, HASH_SIZE, left);
    DL_APPEND (strangers->quiet, left);
    strangers->count++;
    return left;
}

uint64_t strangers_wait_ms (const strangers_t *strangers, const letter_t *letter,
                            const quota_t *quota, uint64_t mono_ms)
{
    stranger_t all[PARTIES];
    uint64_t wait_ms = 0;
    size_t count = quota->burst ? strangers_of (letter, all) : 0;
    for (size_t i = 0; i < count; i++) {
        const left_t *left = left_find (strangers, &all[i]);
        if (!left)
            continue;
        bucket_t bucket = left->bucket;
        uint64_t ms = bucket_wait_ms (&bucket, &left->quota, letter->bytes, mono_ms);
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    return wait_ms;
}

void strangers_take (strangers_t *strangers, const letter_t *letter, const quota_t *quota,
                     uint64_t mono_ms)
{
    stranger_t all[PARTIES];
    size_t count = quota->burst ? strangers_of (letter, all) : 0;
    for (size_t i = 0; i < count; i++) {
        left_t *left = left_find (strangers, &all[i]);
        if (!left)
            left = left_make (strangers, &all[i], mono_ms);
        left->quota =
            (quota_t){.burst = quota->burst * all[i].times, .rate = quota->rate * all[i].times};
        bucket_take (&left->bucket, &left->quota, letter->bytes, mono_ms);
        DL_DELETE (strangers->quiet, left);
        DL_APPEND (strangers->quiet, left);
    }
}

size_t strangers_count (const strangers_t *strangers)
{
    return strangers->count;
}
