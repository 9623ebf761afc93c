/*  binding.c - which connection a message comes from, and whether to believe it */
#include "binding.h"
#include "memory.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>
#include <zchat/limits.h>

enum { SILENCE_MS = ZCHAT_SILENCE_HEARTBEATS * ZCHAT_HEARTBEAT_MS };
/*  Peers that have no number of the ZAP handler's are counted from here.      */
#define UNNUMBERED (UINT64_C (1) << 62)

typedef struct entry {
    uint64_t peer;
    uint8_t routing[BINDING_GIVEN_SIZE];
    size_t routing_size;
    int fd;
    uint64_t socket;
    char *address;
    char key[ADDRESS_KEY_TEXT + 1];
    uint64_t heard_ms; /* of those whose descriptor is not known          */
    UT_hash_handle hh_peer;
    UT_hash_handle hh_routing;
    struct entry *prev, *next; /* those, silent longest first                     */
} entry_t;

/*  How many connections a key has.                                            */
typedef struct {
    char key[ADDRESS_KEY_TEXT + 1];
    size_t count;
    UT_hash_handle hh;
} holder_t;

struct bindings {
    bool encrypted;
    entry_t *peers;     /* by peer                                              */
    entry_t *routings;  /* by routing id                                        */
    entry_t *unwatched; /* whose descriptor is not known, silent longest first  */
    holder_t *holders;  /* by key                                               */
    uint64_t n_unnumbered, n_unwatched;
    uint32_t start; /* number that the ROUTER gave first                        */
    uint32_t ready; /* how many it has given since, at most                     */
};

bindings_t *bindings_new (bool encrypted)
{
    bindings_t *bindings = memory_zero (sizeof *bindings);
    bindings->encrypted = encrypted;
    return bindings;
}

static void holder_count (bindings_t *bindings, const char *key, bool more)
{
    holder_t *holder;
    if (!*key)
        return;
    HASH_FIND_STR (bindings->holders, key, holder);
    if (!holder) {
        holder = memory_zero (sizeof *holder);
        memcpy (holder->key, key, strlen (key) + 1);
        HASH_ADD_STR (bindings->holders, key, holder);
    }
    if (more)
        holder->count++;
    else if (--holder->count == 0) {
        HASH_DEL (bindings->holders, holder);
        free (holder);
    }
}

static void entry_remove (bindings_t *bindings, entry_t *entry)
{
    HASH_DELETE (hh_peer, bindings->peers, entry);
    HASH_DELETE (hh_routing, bindings->routings, entry);
    if (entry->fd < 0) {
        DL_DELETE (bindings->unwatched, entry);
        bindings->n_unwatched--;
    }
    holder_count (bindings, entry->key, false);
    free (entry->address);
    free (entry);
}

void bindings_destroy (bindings_t **self_p)
{
    bindings_t *bindings = *self_p;
    entry_t *entry, *next;
    if (!bindings)
        return;
    HASH_ITER (hh_peer, bindings->peers, entry, next)
    {
        entry_remove (bindings, entry);
    }
    free (bindings);
    *self_p = NULL;
}

/*  --- numbers ---------------------------------------------------------------  */

void bindings_start (bindings_t *bindings, uint32_t number)
{
    bindings->start = number;
}

void bindings_ready (bindings_t *bindings, unsigned count)
{
    bindings->ready += count;
}

/*  True where the ROUTER can have given this id. Handshakes of those that announce an id, or get
    one of the ZAP handler's, count and take no number: so the ROUTER may be behind `ready`, and no
    number is too old. One that nobody holds and an attacker meets by chance is a connection like
    any other: nothing is believed of it.                                      */
static bool number_given (const bindings_t *bindings, frame_t routing)
{
    uint32_t number;
    memcpy (&number, (const uint8_t *)routing.data + 1, sizeof number);
    return ntohl (number) - bindings->start - 1 < bindings->ready;
}

/*  What is thought of the routing id of a connection that speaks for the first time.  */
static binding_t routing_judge (const bindings_t *bindings, const sight_t *sight)
{
    frame_t routing = sight->routing;
    bool numbered = routing.size == BINDING_NUMBER_SIZE && *(const uint8_t *)routing.data == 0;
    if (bindings->encrypted && sight->connection && routing.size == BINDING_GIVEN_SIZE &&
        frame_is (routing, sight->announced))
        return BINDING_FIT;
    if (!numbered || (!bindings->encrypted && *sight->announced))
        return BINDING_ANNOUNCED;
    return number_given (bindings, routing) ? BINDING_FIT : BINDING_PROBE;
}

/*  --- peers -----------------------------------------------------------------  */

static entry_t *entry_find (const bindings_t *bindings, uint64_t peer)
{
    entry_t *entry;
    HASH_FIND (hh_peer, bindings->peers, &peer, sizeof peer, entry);
    return entry;
}

static entry_t *entry_add (bindings_t *bindings, const sight_t *sight, uint64_t now_ms)
{
    entry_t *entry = memory_zero (sizeof *entry);
    entry->peer = sight->connection ? sight->connection : UNNUMBERED + ++bindings->n_unnumbered;
    entry->routing_size = sight->routing.size;
    memcpy (entry->routing, sight->routing.data, sight->routing.size);
    entry->fd = sight->fd;
    entry->address = memory_string (sight->address, strlen (sight->address));
    snprintf (entry->key, sizeof entry->key, "%s", sight->key);
    entry->heard_ms = now_ms;
    HASH_ADD (hh_peer, bindings->peers, peer, sizeof entry->peer, entry);
    HASH_ADD_KEYPTR (hh_routing, bindings->routings, entry->routing, entry->routing_size, entry);
    if (entry->fd < 0) {
        DL_APPEND (bindings->unwatched, entry);
        bindings->n_unwatched++;
    }
    holder_count (bindings, entry->key, true);
    return entry;
}

static bool entry_same (const entry_t *entry, const sight_t *sight)
{
    return entry->fd == sight->fd && entry->routing_size == sight->routing.size &&
           memcmp (entry->routing, sight->routing.data, sight->routing.size) == 0 &&
           strcmp (entry->key, sight->key) == 0 && strcmp (entry->address, sight->address) == 0;
}

static void entry_heard (bindings_t *bindings, entry_t *entry, uint64_t now_ms)
{
    if (entry->fd >= 0)
        return;
    DL_DELETE (bindings->unwatched, entry);
    DL_APPEND (bindings->unwatched, entry);
    entry->heard_ms = now_ms;
}

static bool crowded (bindings_t *bindings, const sight_t *sight)
{
    holder_t *holder = NULL;
    if (*sight->key)
        HASH_FIND_STR (bindings->holders, sight->key, holder);
    return (holder && holder->count >= ZCHAT_KEY_CONNECTIONS_MAX) ||
           (sight->fd < 0 && bindings->n_unwatched >= ZCHAT_UNWATCHED_MAX);
}

/*  Whose message it is, where that has spoken before; *holds: who has its routing id. */
static entry_t *entry_seen (const bindings_t *bindings, const sight_t *sight, entry_t **holds)
{
    HASH_FIND (hh_routing, bindings->routings, sight->routing.data, sight->routing.size, *holds);
    if (sight->connection)
        return entry_find (bindings, sight->connection);
    return *holds && (*holds)->peer >= UNNUMBERED ? *holds : NULL;
}

bool bindings_known (const bindings_t *bindings, const sight_t *sight)
{
    entry_t *holds;
    return entry_seen (bindings, sight, &holds) != NULL;
}

binding_t bindings_see (bindings_t *bindings, const sight_t *sight, uint64_t now_ms, uint64_t *peer,
                        bool *fresh, uint64_t *gone)
{
    entry_t *holds, *entry = entry_seen (bindings, sight, &holds);
    *peer = *gone = 0;
    *fresh = false;
    if (entry && entry_same (entry, sight)) {
        entry_heard (bindings, entry, now_ms);
        *peer = entry->peer;
        return BINDING_FIT;
    }
    /*  Of two connections with one routing id the ROUTER knows the later one alone, which must
        have announced it: the ROUTER gives none twice. Nor does anything of a connection
        change while it stands.                                                */
    if (holds || entry) {
        *gone = entry ? entry->peer : holds->peer;
        entry_remove (bindings, entry ? entry : holds);
        return BINDING_PROBE;
    }
    binding_t verdict = routing_judge (bindings, sight);
    if (verdict == BINDING_FIT && crowded (bindings, sight))
        verdict = BINDING_CROWDED;
    if (verdict != BINDING_FIT)
        return verdict;
    *fresh = true;
    *peer = entry_add (bindings, sight, now_ms)->peer;
    return BINDING_FIT;
}

void bindings_set_socket (bindings_t *bindings, uint64_t peer, uint64_t socket)
{
    entry_t *entry = entry_find (bindings, peer);
    if (entry)
        entry->socket = socket;
}

bool bindings_route (bindings_t *bindings, uint64_t peer, frame_t *routing, int *fd,
                     uint64_t *socket)
{
    const entry_t *entry = entry_find (bindings, peer);
    if (!entry)
        return false;
    *routing = frame_of (entry->routing, entry->routing_size);
    *fd = entry->fd;
    *socket = entry->socket;
    return true;
}

bool bindings_whence (bindings_t *bindings, uint64_t peer, const char **address, const char **key)
{
    const entry_t *entry = entry_find (bindings, peer);
    if (!entry)
        return false;
    *address = entry->address ? entry->address : "";
    *key = entry->key;
    return true;
}

void bindings_forget (bindings_t *bindings, uint64_t peer)
{
    entry_t *entry = entry_find (bindings, peer);
    if (entry)
        entry_remove (bindings, entry);
}

uint64_t bindings_silent (const bindings_t *bindings, uint64_t now_ms)
{
    return bindings_deadline_ms (bindings) <= now_ms ? bindings->unwatched->peer : 0;
}

uint64_t bindings_deadline_ms (const bindings_t *bindings)
{
    return bindings->unwatched ? bindings->unwatched->heard_ms + SILENCE_MS : UINT64_MAX;
}
