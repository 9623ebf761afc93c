/*  waiting.c - of whom how many bytes wait for the disk                       */
#include "waiting.h"
#include "../base/hash.h"
#include <assert.h>

struct party {
    char *name;
    size_t bytes;
    size_t things; /* added and not ended                                      */
    UT_hash_handle hh;
};

struct waiting {
    party_t *by_name;
};

waiting_t *waiting_new (void)
{
    return memory_zero (sizeof (waiting_t));
}

static void party_free (waiting_t *waiting, party_t *party)
{
    HASH_DEL (waiting->by_name, party);
    free (party->name);
    free (party);
}

void waiting_destroy (waiting_t **self_p)
{
    waiting_t *waiting = *self_p;
    if (!waiting)
        return;
    party_t *party, *next;
    HASH_ITER (hh, waiting->by_name, party, next)
    party_free (waiting, party);
    free (waiting);
    *self_p = NULL;
}

static party_t *party_find (const waiting_t *waiting, const char *name)
{
    party_t *party;
    HASH_FIND_STR (waiting->by_name, name, party);
    return party;
}

size_t waiting_bytes (const waiting_t *waiting, const char *name)
{
    const party_t *party = party_find (waiting, name);
    return party ? party->bytes : 0;
}

party_t *waiting_add (waiting_t *waiting, const char *name, size_t bytes)
{
    party_t *party = party_find (waiting, name);
    if (!party) {
        party = memory_zero (sizeof *party);
        party->name = memory_string (name, strlen (name));
        HASH_ADD_KEYPTR (hh, waiting->by_name, party->name, strlen (party->name), party);
    }
    party->bytes += bytes;
    party->things++;
    return party;
}

void waiting_end (waiting_t *waiting, party_t *party, size_t bytes)
{
    if (!party)
        return;
    assert (party->things && party->bytes >= bytes);
    party->bytes -= bytes;
    if (--party->things == 0)
        party_free (waiting, party);
}

size_t waiting_parties (const waiting_t *waiting)
{
    return HASH_COUNT (waiting->by_name);
}
