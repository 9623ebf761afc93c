/*  queue.c - who may have how much waiting for the disk                       */
#include "admit.h"
#include <assert.h>

/*  Who shares what waits for the disk.                                        */
typedef struct {
    char owner[BUDGET_PATH_MAX + 2]; /* who the peer is, where its name or a key is proven, else its
                                        address; "": nobody is known           */
    char place[BUDGET_PATH_MAX + 1]; /* its place, an IPv6 /48 being one; "": not known */
} parties_t;

static parties_t peer_parties (const core_t *core, const peer_t *peer)
{
    parties_t parties = {.owner = "", .place = ""};
    uint64_t proven = peer->session ? peer->session->user->owner : 0;
    const owner_t *known = proven ? ledger_owner_by_id (core->ledger, proven) : NULL;
    if (peer->placed)
        snprintf (parties.place, sizeof parties.place, "%.*s", (int)strcspn (peer->place, "/"),
                  peer->place);
    if (known)
        owner_holder (known, parties.owner);
    else if (*peer->key)
        snprintf (parties.owner, sizeof parties.owner, "k%s", peer->key);
    else if (peer->placed)
        snprintf (parties.owner, sizeof parties.owner, "=%s", peer->place);
    return parties;
}

/*  A long queue is shared: who says a word waits behind all of it, so no owner has more than a
   share, and no place more than a few. A little of a connection that has nothing there is taken all
   the same: others at its address must not silence it.                           */
static bool share_affords (const core_t *core, const peer_t *peer, size_t size)
{
    parties_t parties = peer_parties (core, peer);
    size_t owned =
        *parties.owner ? waiting_bytes (core->waiting, parties.owner) : peer->pending_bytes;
    size_t placed = *parties.place ? waiting_bytes (core->waiting, parties.place) : 0;
    return (!peer->pending_bytes && size <= ZCHAT_BUSY_WORD) ||
           ((!owned || owned + size <= ZCHAT_OWNER_BUSY_BYTES) &&
            (!placed || placed + size <= ZCHAT_PLACE_BUSY_BYTES));
}

static bool size_affords (const core_t *core, const peer_t *peer, size_t size)
{
    size_t all = order_bytes (core->order) + size;
    if (peer->pending >= ZCHAT_PEER_PENDING_MAX || all > ZCHAT_PENDING_BYTES_MAX)
        return false;
    if (all > ZCHAT_BUSY_BYTES)
        return share_affords (core, peer, size);
    return !peer->pending_bytes || peer->pending_bytes + size <= ZCHAT_PEER_PENDING_BYTES_MAX;
}

bool queue_affords (const core_t *core, const call_t *call)
{
    /*  An over-long body is refused anyway.                                   */
    size_t body = call->request.args[call->request.verb == VERB_EDIT ? 2 : 1].size;
    return size_affords (core, call->peer, body > ZCHAT_BODY_MAX ? 0 : body);
}

/*  --- accounts -------------------------------------------------------------  */

/*  Put the item on the account of its peer, where that is still there.        */
static void account_add (core_t *core, item_t *item)
{
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    if (peer) {
        peer->pending++;
        peer->pending_bytes += item->size;
        peer->parked += item->kind == ITEM_PARKED;
        peer->n_rebinding += item->rebinds;
        parties_t parties = peer_parties (core, peer);
        size_t size = item->size;
        item->owner = *parties.owner ? waiting_add (core->waiting, parties.owner, size) : NULL;
        item->place = *parties.place ? waiting_add (core->waiting, parties.place, size) : NULL;
    }
}

void queue_add (core_t *core, item_t *item)
{
    account_add (core, item);
    if (item->hall)
        item->hall->held++;
    order_add (core->order, item);
}

void queue_hold (core_t *core, item_t *item)
{
    account_add (core, item);
    order_hold (core->order, item);
}

peer_t *queue_release (core_t *core, item_t *item)
{
    order_release (core->order, item);
    peer_t *peer = queue_leave (core, item);
    item->owner = item->place = NULL;
    return peer;
}

peer_t *queue_leave (core_t *core, const item_t *item)
{
    waiting_end (core->waiting, item->owner, item->size);
    waiting_end (core->waiting, item->place, item->size);
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    if (!peer)
        return NULL;
    assert (peer->pending > 0 && peer->pending_bytes >= item->size);
    peer->pending--;
    peer->pending_bytes -= item->size;
    peer->parked -= item->kind == ITEM_PARKED;
    peer->n_rebinding -= item->rebinds;
    return peer;
}

void queue_done (core_t *core, item_t *item)
{
    peer_t *peer = queue_leave (core, item);
    if (peer)
        presence_peer_release (core->presence, peer);
    if (item->hall) {
        item->hall->held--;
        presence_hall_release (core->presence, item->hall);
    }
    item_free (item);
}
