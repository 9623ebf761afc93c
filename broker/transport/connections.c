/*  connections.c - the connections that libzmq accepted, by descriptor        */
#include "connections.h"
#include "memory.h"
#include "origin.h"
#include <string.h>
#include <uthash.h>
#include <utlist.h>
#include <zchat/limits.h>

enum {
    MEASURED_TURN = 2048,               /* connections measured at once            */
    FIRST_REQUEST = 2 * ZCHAT_JSON_MAX, /* a handshake and a HELLO                 */
    LEFT_MAX = 65536,                   /* closed ones that are not told yet       */
};

typedef struct slot slot_t;

/*  Where connections come from.                                               */
typedef struct {
    uint8_t bytes[ORIGIN_MAX];
    size_t size;
    size_t count;    /* connections; at none it is forgotten                    */
    size_t n_silent; /* of them                                                 */
    slot_t *silent;  /* those, oldest first                                     */
    uint64_t unread; /* bytes over those of which nothing was read              */
    UT_hash_handle hh;
} origin_t;

/*  What a closed connection left behind, unless it is read yet.               */
typedef struct {
    uint8_t origin[ORIGIN_MAX];
    size_t size;
    bool local;
    int fd;
    uint64_t bytes;
} left_t;

/*  What is known of a descriptor.                                             */
struct slot {
    origin_t *origin; /* NULL: no connection                                      */
    uint64_t socket;
    uint64_t due_ms;             /* when it is to be closed                        */
    bool spoke;                  /* somebody was believed                          */
    bool local;                  /* see connection_t                               */
    bool speaks, measured;       /* likewise                                       */
    bool read;                   /* a message since it was measured                */
    bool heard;                  /* a message ever                                 */
    uint64_t unread;             /* bytes, until then                              */
    unsigned over, first_over;   /* times in a row that too much had come          */
    uint64_t base;               /* bytes that had come when one had been read     */
    bool silent, doomed;         /* which list it is in                            */
    slot_t *prev, *next;         /* in that list                                   */
    slot_t *prev_own, *next_own; /* of its origin's silent ones                   */
};

struct connections {
    slot_t *slots;
    int n_fds;
    slot_t *silent;      /* oldest first: all wait equally long                       */
    slot_t *doomed;      /* few                                                       */
    slot_t *silent_next; /* who is measured next of the silent; NULL: the first  */
    size_t n_ws;         /* ws connections                                       */
    left_t *left;        /* those not told yet                                   */
    size_t n_left, left_capacity;
    origin_t *origins;
    size_t n_turn;      /* measured in this turn                                 */
    int n_used, cursor; /* the highest descriptor yet, and one; who is measured next */
};

connections_t *connections_new (int n_fds)
{
    connections_t *connections = memory_zero (sizeof *connections);
    connections->n_fds = n_fds;
    connections->slots = memory_zero ((size_t)n_fds * sizeof *connections->slots);
    return connections;
}

void connections_destroy (connections_t **self_p)
{
    connections_t *connections = *self_p;
    if (!connections)
        return;
    for (int fd = 0; fd < connections->n_fds; fd++)
        connections_closed (connections, fd, 0);
    free (connections->slots);
    free (connections->left);
    free (connections);
    *self_p = NULL;
}

static slot_t *slot_of (connections_t *connections, int fd)
{
    slot_t *slot = fd >= 0 && fd < connections->n_fds ? &connections->slots[fd] : NULL;
    return slot && slot->origin ? slot : NULL;
}

static void unlist (connections_t *connections, slot_t *slot)
{
    if (slot->silent) {
        if (connections->silent_next == slot)
            connections->silent_next = slot->next;
        DL_DELETE (connections->silent, slot);
        DL_DELETE2 (slot->origin->silent, slot, prev_own, next_own);
        slot->origin->n_silent--;
    }
    if (slot->doomed)
        DL_DELETE (connections->doomed, slot);
    slot->silent = slot->doomed = false;
}

static void doom (connections_t *connections, slot_t *slot, uint64_t at_ms)
{
    unlist (connections, slot);
    slot->doomed = true;
    slot->due_ms = at_ms;
    DL_APPEND (connections->doomed, slot);
}

static origin_t *origin_find (connections_t *connections, frame_t bytes)
{
    origin_t *origin;
    HASH_FIND (hh, connections->origins, bytes.data, bytes.size, origin);
    if (origin)
        return origin;
    origin = memory_zero (sizeof *origin);
    origin->size = bytes.size;
    if (bytes.size)
        memcpy (origin->bytes, bytes.data, bytes.size);
    HASH_ADD_KEYPTR (hh, connections->origins, origin->bytes, origin->size, origin);
    return origin;
}

bool connections_accepted (connections_t *connections, int fd, const connection_t *connection,
                           uint64_t now_ms)
{
    if (fd < 0 || fd >= connections->n_fds)
        return true;
    slot_t *slot = &connections->slots[fd];
    connections_closed (connections, fd, 0);
    origin_t *origin = origin_find (connections, connection->origin);
    origin->count++;
    slot->origin = origin;
    slot->local = connection->local;
    slot->speaks = connection->speaks;
    slot->measured = connection->measured;
    connections->n_ws += !slot->measured;
    if (connections->n_used <= fd)
        connections->n_used = fd + 1;
    slot->socket = connection->socket;
    if (!connection->local && origin->count > ZCHAT_ORIGIN_CONNECTIONS_MAX) {
        doom (connections, slot, now_ms);
        return false;
    }
    if (!connection->speaks)
        return true;
    slot->silent = true;
    slot->due_ms = now_ms + ZCHAT_SILENT_MS;
    DL_APPEND (connections->silent, slot);
    DL_APPEND2 (origin->silent, slot, prev_own, next_own);
    if (++origin->n_silent > ZCHAT_ORIGIN_SILENT_MAX)
        doom (connections, origin->silent, now_ms);
    return true;
}

void connections_spoke (connections_t *connections, int fd)
{
    slot_t *slot = slot_of (connections, fd);
    if (!slot || slot->spoke)
        return;
    unlist (connections, slot);
    slot->spoke = true;
}

static void unread (slot_t *slot, uint64_t bytes)
{
    slot->origin->unread += bytes - slot->unread;
    slot->unread = bytes;
}

void connections_read (connections_t *connections, int fd)
{
    slot_t *slot = slot_of (connections, fd);
    /*  It may be the last of one that was closed since.                       */
    for (size_t i = connections->n_left; i-- > 0;)
        if (connections->left[i].fd == fd)
            connections->left[i] = connections->left[--connections->n_left];
    if (!slot)
        return;
    slot->read = slot->heard = true;
    unread (slot, 0);
}

int connections_measure_silent (connections_t *connections, uint64_t *socket)
{
    slot_t *slot = connections->silent_next ? connections->silent_next : connections->silent;
    if (connections->n_turn == MEASURED_TURN || !slot ||
        (connections->n_turn && !connections->silent_next)) {
        connections->n_turn = 0;
        return -1;
    }
    connections->n_turn++;
    connections->silent_next = slot->next;
    *socket = slot->socket;
    return (int)(slot - connections->slots);
}

int connections_measure (connections_t *connections, uint64_t *socket)
{
    while (connections->cursor < connections->n_used) {
        int fd = connections->cursor++;
        const slot_t *slot = &connections->slots[fd];
        if (slot->origin && slot->measured && connections->n_turn < MEASURED_TURN) {
            connections->n_turn++;
            *socket = slot->socket;
            return fd;
        }
        if (connections->n_turn == MEASURED_TURN) {
            connections->cursor--;
            break;
        }
    }
    if (connections->cursor == connections->n_used)
        connections->cursor = 0;
    connections->n_turn = 0;
    return -1;
}

/*  Nothing was read of it yet: what it sends may be what libzmq will never give us.  */
static void first_measured (connections_t *connections, slot_t *slot, uint64_t received,
                            uint64_t now_ms)
{
    unread (slot, received);
    slot->first_over = received > ZCHAT_UNREAD_FIRST ? slot->first_over + 1 : 0;
    if (slot->first_over == 2 ||
        (slot->origin->unread > ZCHAT_UNREAD_ORIGIN && received > FIRST_REQUEST))
        doom (connections, slot, now_ms);
}

void connections_measured (connections_t *connections, int fd, uint64_t received, uint64_t now_ms)
{
    slot_t *slot = slot_of (connections, fd);
    if (!slot)
        return;
    if (slot->read)
        slot->base = received;
    else if (!slot->speaks)
        slot->base += ZCHAT_UNREAD_GROWS;
    slot->read = false;
    slot->over = received > slot->base + ZCHAT_UNREAD_MAX ? slot->over + 1 : 0;
    if (slot->over == 2 || (slot->over && slot->speaks && !slot->spoke))
        doom (connections, slot, now_ms);
    else if (slot->speaks && !slot->heard)
        first_measured (connections, slot, received, now_ms);
}

void connections_doom (connections_t *connections, int fd, uint64_t at_ms)
{
    slot_t *slot = slot_of (connections, fd);
    if (slot && !slot->spoke && (!slot->doomed || slot->due_ms > at_ms))
        doom (connections, slot, at_ms);
}

static void leave (connections_t *connections, const slot_t *slot, int fd, uint64_t received)
{
    const origin_t *origin = slot->origin;
    if (!received || slot->heard || !slot->speaks || connections->n_left == LEFT_MAX)
        return;
    if (connections->n_left == connections->left_capacity) {
        connections->left_capacity =
            connections->left_capacity ? 2 * connections->left_capacity : 16;
        connections->left =
            memory_grow (connections->left, connections->left_capacity * sizeof *connections->left);
    }
    left_t *left = &connections->left[connections->n_left++];
    *left = (left_t){.size = origin->size, .local = slot->local, .fd = fd, .bytes = received};
    memcpy (left->origin, origin->bytes, origin->size);
}

bool connections_left (connections_t *connections, frame_t *origin, bool *local, uint64_t *bytes)
{
    if (!connections->n_left)
        return false;
    const left_t *left = &connections->left[--connections->n_left];
    *origin = frame_of (left->origin, left->size);
    *local = left->local;
    *bytes = left->bytes;
    return true;
}

int connections_ws (const connections_t *connections, int fd, uint64_t *socket)
{
    while (connections->n_ws && ++fd < connections->n_used) {
        const slot_t *slot = &connections->slots[fd];
        if (!slot->origin || slot->measured)
            continue;
        *socket = slot->socket;
        return fd;
    }
    return -1;
}

void connections_closed (connections_t *connections, int fd, uint64_t received)
{
    slot_t *slot = slot_of (connections, fd);
    if (!slot)
        return;
    origin_t *origin = slot->origin;
    leave (connections, slot, fd, received);
    connections->n_ws -= !slot->measured;
    unread (slot, 0);
    unlist (connections, slot);
    *slot = (slot_t){0};
    if (--origin->count == 0) {
        HASH_DEL (connections->origins, origin);
        free (origin);
    }
}

int connections_due (connections_t *connections, uint64_t now_ms, uint64_t *socket)
{
    slot_t *slot;
    DL_FOREACH (connections->doomed, slot)
    {
        if (slot->due_ms <= now_ms)
            break;
    }
    if (!slot && connections->silent && connections->silent->due_ms <= now_ms)
        slot = connections->silent;
    if (!slot)
        return -1;
    unlist (connections, slot);
    *socket = slot->socket;
    return (int)(slot - connections->slots);
}

uint64_t connections_deadline_ms (const connections_t *connections)
{
    uint64_t deadline = connections->silent ? connections->silent->due_ms : UINT64_MAX;
    const slot_t *slot;
    DL_FOREACH (connections->doomed, slot)
    {
        if (slot->due_ms < deadline)
            deadline = slot->due_ms;
    }
    return deadline;
}

bool connections_any (const connections_t *connections)
{
    return connections->origins != NULL;
}

bool connections_any_silent (const connections_t *connections)
{
    return connections->silent != NULL;
}
