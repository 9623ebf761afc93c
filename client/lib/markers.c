/*  markers.c - how far the user has read each room: READ, coalesced           */
#include "markers.h"
#include "memory.h"
#include "name.h"
#include <inttypes.h>
#include <stdio.h>

typedef struct {
    uint64_t number; /* identifies it in asks; it is never given again          */
    uint64_t wanted; /* the highest seq that the program has read               */
    uint64_t said;   /* the seq of the READ under way, or of the last one       */
    uint64_t known;  /* the highest seq that the broker is known to have        */
    uint64_t due_ms; /* no READ before this time                                */
    uint64_t used;   /* when the program said it last, as a running number      */
    bool asked;      /* a READ is under way                                     */
    char room[ZCHAT_NAME_MAX + 1];
    name_keys_t keys;
} marker_t;

struct markers {
    exchange_t *exchange;
    marker_t *markers; /* of MARKERS_MAX                                        */
    size_t count;
    uint64_t number; /* the last number given to a marker                       */
    uint64_t used;
    bool refused; /* the broker does not keep markers: it was told, and nothing is sent */
    char server[sizeof ((exchange_t *)NULL)->server]; /* of which broker that was told */
};

markers_t *markers_new (exchange_t *exchange)
{
    markers_t *markers = memory_zero (sizeof *markers);

    markers->exchange = exchange;
    markers->markers = memory_zero (MARKERS_MAX * sizeof *markers->markers);
    return markers;
}

void markers_destroy (markers_t **markers)
{
    if (*markers) {
        free ((*markers)->markers);
        free (*markers);
        *markers = NULL;
    }
}

static marker_t *markers_find (markers_t *markers, const char *room, name_keys_t *keys)
{
    if (strcmp (room, "@") == 0)
        *keys = (name_keys_t){.fold = "@", .look = "@"};
    else if (name_check (frame_str (room), keys, NULL) != ZCHAT_OK)
        return NULL;
    for (size_t i = 0; i < markers->count; i++)
        if (name_same (&markers->markers[i].keys, keys))
            return &markers->markers[i];
    return NULL;
}

/*  Make one more; where there are too many, the one that was used longest ago gives way. */
static marker_t *markers_add (markers_t *markers, const char *room, const name_keys_t *keys)
{
    marker_t *marker = markers->markers;

    if (markers->count < MARKERS_MAX)
        marker += markers->count++;
    else {
        for (size_t i = 1; i < markers->count; i++)
            if (markers->markers[i].used < marker->used)
                marker = &markers->markers[i];
        exchange_forget (markers->exchange, ASK_READ, marker->number);
    }
    *marker = (marker_t){.number = ++markers->number, .keys = *keys};
    snprintf (marker->room, sizeof marker->room, "%s", room);
    return marker;
}

void markers_read (markers_t *markers, const char *room, uint64_t seq)
{
    name_keys_t keys = {.fold = ""};
    marker_t *marker = markers_find (markers, room, &keys);

    if (!*keys.fold)
        return;
    if (!marker)
        marker = markers_add (markers, room, &keys);
    marker->used = ++markers->used;
    if (seq > marker->wanted)
        marker->wanted = seq;
}

void markers_known (markers_t *markers, const char *room, uint64_t seq)
{
    name_keys_t keys;
    marker_t *marker = markers_find (markers, room, &keys);

    /*  A broker that crashed may know less than it had said.                  */
    if (marker)
        marker->known = seq;
}

void markers_connected (markers_t *markers)
{
    if (strcmp (markers->server, markers->exchange->server) != 0)
        markers->refused = false;
}

void markers_lost (markers_t *markers)
{
    for (size_t i = 0; i < markers->count; i++) {
        markers->markers[i].asked = false;
        markers->markers[i].due_ms = 0;
    }
}

void markers_forget (markers_t *markers)
{
    for (size_t i = 0; i < markers->count; i++)
        exchange_forget (markers->exchange, ASK_READ, markers->markers[i].number);
    markers->count = 0;
    markers->refused = false;
    *markers->server = '\0';
}

/*  The broker will take no READ from us: tell it, and say no more.            */
static void markers_refused (markers_t *markers, zchat_status_t status, const char *text)
{
    char why[EXCHANGE_UNKNOWN_MAX];

    if (status == ZCHAT_VERB)
        text = exchange_unknown (markers->exchange, VERB_READ, why);
    markers->refused = true;
    memcpy (markers->server, markers->exchange->server, sizeof markers->server);
    exchange_warn (markers->exchange, NULL, status, text);
}

finding_t markers_reply (markers_t *markers, const ask_t *ask, zchat_status_t status,
                         const char *text, uint64_t wait_ms)
{
    uint64_t now_ms = markers->exchange->now_ms;
    marker_t *marker = NULL;

    for (size_t i = 0; i < markers->count; i++)
        if (markers->markers[i].number == ask->owner)
            marker = &markers->markers[i];
    if (!marker)
        return FINDING_FINE;
    marker->asked = false;
    marker->due_ms = now_ms + ZCHAT_READ_WAIT_MS;
    switch (status) {
    case ZCHAT_OK:
        if (marker->said > marker->known)
            marker->known = marker->said;
        return FINDING_FINE;
    case ZCHAT_TAKEN:
    case ZCHAT_IDENTITY:
    case ZCHAT_HELLO:
        return FINDING_STRANGE;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
        if (wait_ms > ZCHAT_READ_WAIT_MS)
            marker->due_ms = now_ms + wait_ms;
        return FINDING_FINE;
    case ZCHAT_VERB:
    case ZCHAT_PROOF:
        markers_refused (markers, status, text);
        return FINDING_FINE;
    default:
        /*  It would be refused again; what is read later is said once more.   */
        marker->known = marker->said;
        exchange_warn (markers->exchange, marker->room, status, text);
        return FINDING_FINE;
    }
}

void markers_pump (markers_t *markers, bool all)
{
    for (size_t i = 0; i < markers->count && !markers->refused; i++) {
        marker_t *marker = &markers->markers[i];
        char seq[24];
        frame_t args[2] = {frame_str (marker->room), {seq, 0}};

        if (marker->wanted <= marker->known || (marker->asked && marker->said >= marker->wanted) ||
            (!all && (marker->asked || marker->due_ms > markers->exchange->now_ms)))
            continue;
        args[1].size = (size_t)snprintf (seq, sizeof seq, "%" PRIu64, marker->wanted);
        exchange_forget (markers->exchange, ASK_READ, marker->number);
        exchange_ask (markers->exchange, ASK_READ, marker->number, VERB_READ, args, 2);
        marker->asked = true;
        marker->said = marker->wanted;
    }
}

uint64_t markers_deadline_ms (const markers_t *markers)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < markers->count && !markers->refused; i++) {
        const marker_t *marker = &markers->markers[i];

        if (!marker->asked && marker->wanted > marker->known && marker->due_ms < deadline)
            deadline = marker->due_ms;
    }
    return deadline;
}
