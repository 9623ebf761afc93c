/*  debt.c - how much of long replies a peer may leave unread

    Long replies are asked for by short requests, and wait in the broker for a peer that does not
    read. What is sent as one (or unasked, to members of private rooms) is the peer's debt until
    it has left. The shell knows how much has not; where it does not say, time pays.

    A page of HISTORY is on its way before its length is known: it counts as the longest. */
#include "deliver.h"

enum {
    PAGE = ZCHAT_HISTORY_BYTES_MAX, /* the longest page, but for one message            */
    LITTLE = 65536,                 /* more that is pushed: then it is looked into      */
    WAIT_MS = 20,                   /* for a peer to read; it is worth asking again then */
    LOOK_MS = 100,                  /* between two looks at everybody                   */
};

static void debt_set (core_t *core, peer_t *peer, uint64_t debt)
{
    core->debt = core->debt - peer->debt + debt;
    peer->debt = debt;
}

void debt_forget (core_t *core, peer_t *peer)
{
    debt_set (core, peer, 0);
}

static void debt_pay (core_t *core, peer_t *peer)
{
    if (!peer->debt)
        peer->debt_ms = core->now.mono_ms;
    else if (core->sink.unread) {
        uint64_t unread = core->sink.unread (core->sink.arg, peer->id);
        if (unread < peer->debt)
            debt_set (core, peer, unread);
    } else {
        uint64_t paid = (core->now.mono_ms - peer->debt_ms) * ZCHAT_PEER_DEBT_PER_MS;
        debt_set (core, peer, paid < peer->debt ? peer->debt - paid : 0);
        peer->debt_ms = core->now.mono_ms;
    }
}

static void debt_look (void *arg, peer_t *peer)
{
    if (peer->debt)
        debt_pay (arg, peer);
}

/*  True where all peers together have left too much unread. Who read something long ago was not
    looked at since: now and then everybody is.                                */
static bool debt_full (core_t *core)
{
    if (core->debt < ZCHAT_DEBT_MAX)
        return false;
    if (core->debt_ms <= core->now.mono_ms) {
        core->debt_ms = core->now.mono_ms + LOOK_MS;
        presence_each_peer (core->presence, debt_look, core);
    }
    return core->debt >= ZCHAT_DEBT_MAX;
}

/*  True where the peer has to read first. Where all together have to, those with less than a page
    may still go on.                                                           */
static bool debt_over (core_t *core, peer_t *peer)
{
    debt_pay (core, peer);
    uint64_t debt = peer->debt + peer->reads * PAGE;
    return debt >= ZCHAT_PEER_DEBT_MAX || (debt >= PAGE && debt_full (core));
}

void debt_add (core_t *core, core_peer_t id, size_t bytes)
{
    peer_t *peer = presence_peer (core->presence, id);
    if (!peer)
        return;
    if (!peer->debt)
        peer->debt_ms = core->now.mono_ms;
    debt_set (core, peer, peer->debt + bytes);
}

bool debt_affords (core_t *core, peer_t *peer, size_t bytes)
{
    if (peer->debt + bytes >= LITTLE && debt_over (core, peer))
        return false;
    debt_add (core, peer->id, bytes);
    return true;
}

uint64_t debt_wait_ms (core_t *core, peer_t *peer)
{
    if (!debt_over (core, peer))
        return 0;
    if (!core->sink.unread && peer->debt > ZCHAT_PEER_DEBT_MAX)
        return (peer->debt - ZCHAT_PEER_DEBT_MAX) / ZCHAT_PEER_DEBT_PER_MS + 1;
    return WAIT_MS;
}
