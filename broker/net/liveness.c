/*  liveness.c - which connections are to be asked whether they are there      */
#include "liveness.h"
#include "memory.h"

/*  Waits before each time a peer is asked; after the last wait it counts as alive. */
static const uint64_t look_ms[] = {0, 20, 200, 2000, 2000};
enum { LOOKS = sizeof look_ms / sizeof *look_ms - 1 };

/*  What is known of a descriptor.                                             */
typedef struct {
    uint64_t peer; /* the newest heard on it; 0: none                           */
    bool closed;   /* a close was told since peer was first heard               */
    unsigned owed; /* closes still to be told, of peers that a newer one followed */
} slot_t;

typedef struct {
    uint64_t peer;
    int fd;
    unsigned looks; /* done                                                   */
    uint64_t next_ms;
} suspect_t;

struct liveness {
    slot_t *slots;
    int n_fds;
    suspect_t *suspects; /* bounded by the descriptors: one peer each, and few follow */
    size_t n_suspects, room;
};

liveness_t *liveness_new (int n_fds)
{
    liveness_t *liveness = memory_zero (sizeof *liveness);
    liveness->n_fds = n_fds;
    liveness->slots = memory_zero ((size_t)n_fds * sizeof *liveness->slots);
    return liveness;
}

void liveness_destroy (liveness_t **self_p)
{
    liveness_t *liveness = *self_p;
    if (!liveness)
        return;
    free (liveness->slots);
    free (liveness->suspects);
    free (liveness);
    *self_p = NULL;
}

static void suspect (liveness_t *liveness, int fd, uint64_t peer, uint64_t now_ms)
{
    for (size_t i = 0; i < liveness->n_suspects; i++)
        if (liveness->suspects[i].peer == peer)
            return;
    if (liveness->n_suspects == liveness->room) {
        liveness->room = liveness->room ? 2 * liveness->room : 16;
        liveness->suspects =
            memory_grow (liveness->suspects, liveness->room * sizeof *liveness->suspects);
    }
    liveness->suspects[liveness->n_suspects++] =
        (suspect_t){.peer = peer, .fd = fd, .next_ms = now_ms + look_ms[0]};
}

void liveness_heard (liveness_t *liveness, int fd, uint64_t peer, uint64_t now_ms)
{
    if (fd < 0 || fd >= liveness->n_fds)
        return;
    slot_t *slot = &liveness->slots[fd];
    if (slot->peer == peer) {
        if (slot->closed)
            suspect (liveness, fd, peer, now_ms); /* words that were read after its end */
        return;
    }
    if (slot->peer > peer) {
        suspect (liveness, fd, peer, now_ms); /* last words of one that a newer followed */
        return;
    }
    if (slot->peer) {
        suspect (liveness, fd, slot->peer, now_ms);
        if (!slot->closed)
            slot->owed++;
    }
    slot->peer = peer;
    slot->closed = false;
}

void liveness_closed (liveness_t *liveness, int fd, uint64_t now_ms)
{
    if (fd < 0 || fd >= liveness->n_fds)
        return;
    slot_t *slot = &liveness->slots[fd];
    if (slot->owed) {
        slot->owed--;
        return;
    }
    slot->closed = true;
    if (slot->peer)
        suspect (liveness, fd, slot->peer, now_ms);
}

/*  It answered all the while: the close that was told was somebody else's.    */
static void acquit (liveness_t *liveness, suspect_t *alive)
{
    slot_t *slot = &liveness->slots[alive->fd];
    if (slot->peer == alive->peer)
        slot->closed = false;
    *alive = liveness->suspects[--liveness->n_suspects];
}

uint64_t liveness_next (liveness_t *liveness, uint64_t now_ms)
{
    for (size_t i = 0; i < liveness->n_suspects;) {
        suspect_t *each = &liveness->suspects[i];
        if (each->next_ms > now_ms)
            i++;
        else if (each->looks == LOOKS)
            acquit (liveness, each);
        else {
            each->next_ms = now_ms + look_ms[++each->looks];
            return each->peer;
        }
    }
    return 0;
}

void liveness_forget (liveness_t *liveness, uint64_t peer)
{
    for (size_t i = 0; i < liveness->n_suspects; i++)
        if (liveness->suspects[i].peer == peer) {
            liveness->suspects[i] = liveness->suspects[--liveness->n_suspects];
            return;
        }
}

uint64_t liveness_deadline_ms (const liveness_t *liveness)
{
    uint64_t deadline = UINT64_MAX;
    for (size_t i = 0; i < liveness->n_suspects; i++)
        if (liveness->suspects[i].next_ms < deadline)
            deadline = liveness->suspects[i].next_ms;
    return deadline;
}
