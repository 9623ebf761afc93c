/*  admit.h - frames become a call, which is decoded, identified and within quota; or a refusal */
#ifndef ZCHAT_ADMIT_H
#define ZCHAT_ADMIT_H

#include "../state/state.h"

/*  --- identity.c ------------------------------------------------------------  */

/*  Learn who is at the other end of the connection. That stays so as long as it stands. */
void peer_introduce (core_t *core, peer_t *peer, core_origin_t origin);

/*  True where a key, as address_key_encode writes it, may do everything.      */
bool key_admin (const core_t *core, const char *key);

/*  Memory of the caller's that a call views after call_identify.              */
typedef struct {
    uint8_t secret[ZCHAT_SESSION_SIZE];
} identity_t;

typedef enum {
    IDENTITY_REFUSED, /* the verdict says why                                */
    IDENTITY_KNOWN,   /* user, who, owner and the like are filled in         */
    IDENTITY_BINDS,   /* the connection says its first name, and not by HELLO: make the verdict's
                         moves, which bind it to the name, and ask again     */
    IDENTITY_WAITS,   /* who owns the name is on its way to the disk: ask again after that */
} identified_t;

/*  Find out who speaks: fill user, who, owner, ... of the call, whose peer is set.  */
identified_t call_identify (const core_t *core, call_t *call, identity_t *identity,
                            verdict_t *verdict);

/*  --- quotas.c --------------------------------------------------------------  */

/*  Take what the call costs out of its buckets. False: it comes too soon, and the verdict refuses
    it.                                                                        */
bool quota_take (core_t *core, call_t *call, verdict_t *verdict);
/*  Give back what the call took, because its sender will send it again.       */
void quota_give_back (core_t *core, peer_t *peer, const call_t *call);
/*  A call of the peer was answered by ERR.                                    */
void quota_failed (core_t *core, peer_t *peer);
/*  ms until a request that cannot be understood may be answered by ERR again; 0: now. */
uint64_t quota_failed_wait_ms (core_t *core, peer_t *peer);
/*  The answer is a list, and costs more the more rows it has.                 */
void quota_rows (core_t *core, peer_t *peer, size_t rows);
/*  A page of HISTORY goes to the peer, and costs more the more bytes it has.  */
void quota_page (core_t *core, peer_t *peer, size_t bytes);

/*  --- queue.c ---------------------------------------------------------------  */

/*  True where there is room in the queue for the call. False: refuse it with slow at once, before
    what was asked earlier is answered, so that a flood of refusals does not grow the queue. */
bool queue_affords (const core_t *core, const call_t *call);
/*  Put the item, which is taken, behind the others, on the account of its peer where that is still
    there.                                                                     */
void queue_add (core_t *core, item_t *item);
/*  The item is in no list any more: take it off its peer's account. Returns the peer, where that is
    still there; let go of it by presence_peer_release.                        */
peer_t *queue_leave (core_t *core, const item_t *item);
/*  Hold the item, which stays the caller's, on the account of its peer, in none of the lists. */
void queue_hold (core_t *core, item_t *item);
/*  It is held no more, and on nobody's account. Returns as queue_leave.       */
peer_t *queue_release (core_t *core, item_t *item);
/*  queue_leave, and free the item.                                            */
void queue_done (core_t *core, item_t *item);

#endif
