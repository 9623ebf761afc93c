/*  admit.h - frames become a call: decoded, identified, within quota; or a refusal */
#ifndef ZCHAT_ADMIT_H
#define ZCHAT_ADMIT_H

#include "../state/state.h"

/*  --- identity.c ------------------------------------------------------------  */

/*  Learn who is at the other end of the connection, which does not change while it stands. */
void peer_introduce (core_t *core, peer_t *peer, core_origin_t origin);

/*  Texts that a call views, for as long as it is looked at.                   */
typedef struct {
    char holder[SESSION_HOLDER_MAX + 1];
    uint8_t secret[ZCHAT_SESSION_SIZE];
} identity_t;

typedef enum {
    IDENTITY_REFUSED,   /* the verdict says why                                */
    IDENTITY_KNOWN,     /* user, who, owner and the like are filled in         */
    IDENTITY_BINDS,     /* the name is said for the first time on this connection, and not by HELLO:
                           once the verdict's moves have made it the connection's, ask again */
    IDENTITY_UNSETTLED, /* whose the name is, is on its way to the disk        */
} identified_t;

/*  Find out who speaks in the call, whose peer is set.                        */
identified_t call_identify (const core_t *core, call_t *call, identity_t *identity,
                            verdict_t *verdict);

/*  --- quotas.c --------------------------------------------------------------  */

/*  Take the call out of its buckets. False: it comes too soon, and the verdict says how much. */
bool quota_take (core_t *core, call_t *call, verdict_t *verdict);
/*  What the call took is given back: it comes again.                          */
void quota_give_back (core_t *core, peer_t *peer, const call_t *call);
/*  A call of the peer was answered by ERR.                                    */
void quota_failed (core_t *core, peer_t *peer);
/*  ms until a request that cannot be understood may be answered by ERR again; 0: now. */
uint64_t quota_failed_wait_ms (core_t *core, peer_t *peer);
/*  The answer is a list: it costs by its rows.                                */
void quota_rows (core_t *core, peer_t *peer, size_t rows);
/*  A page of HISTORY goes to the peer: it costs by its bytes.                 */
void quota_page (core_t *core, peer_t *peer, size_t bytes);

/*  --- queue.c ---------------------------------------------------------------  */

/*  True where the call may wait: a flood must not grow the queue.             */
bool queue_affords (const core_t *core, const call_t *call);
/*  Put an item in order, on the account of its peer where it is still there.  */
void queue_add (core_t *core, item_t *item);
/*  The item is in no list any more, and on nobody's account. Returns its peer, where that is still
    there: let go of it with presence_peer_release.                            */
peer_t *queue_leave (core_t *core, const item_t *item);
/*  The same, and the item is freed.                                           */
void queue_done (core_t *core, item_t *item);

#endif
