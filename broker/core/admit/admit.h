/*  admit.h - frames become a call: decoded, identified, within quota; or a refusal */
#ifndef ZCHAT_ADMIT_H
#define ZCHAT_ADMIT_H

#include "../state.h"

/*  --- identity.c ------------------------------------------------------------  */

/*  Learn who is at the other end of the connection, which does not change while it stands. */
void peer_introduce (core_t *core, peer_t *peer, core_origin_t origin);

/*  Texts that a call views, for as long as it is looked at.                   */
typedef struct {
    char holder[SESSION_HOLDER_MAX + 1];
    uint8_t secret[ZCHAT_SESSION_SIZE];
} identity_t;

typedef enum { IDENTITY_REFUSED, IDENTITY_KNOWN, IDENTITY_UNSETTLED } identified_t;

/*  Find out who speaks: fill user, who, owner, ... of the call, whose peer is set, and bind the
    connection to a name that is said for the first time. REFUSED: ERR was sent. UNSETTLED: whose
    the name is, is on its way to the disk.                                    */
identified_t call_identify (core_t *core, call_t *call, identity_t *identity);

/*  --- quotas.c --------------------------------------------------------------  */

/*  Take the call out of its buckets. False: it comes too soon, and ERR was sent. */
bool quota_take (core_t *core, call_t *call);
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

/*  Who shares what waits for the disk.                                        */
typedef struct {
    char owner[BUDGET_PATH_MAX + 2]; /* who the peer is, where its name or a key is proven, else its
                                        address; "": nobody is known           */
    char place[BUDGET_PATH_MAX + 1]; /* its place, an IPv6 /48 being one; "": not known */
} parties_t;
parties_t peer_parties (const core_t *core, const peer_t *peer);

/*  A flood must not grow the queue. False: ERR slow was sent at once, and not in its place; true:
    the call may wait.                                                         */
bool queue_affords (core_t *core, const call_t *call);

#endif
