/*  admit.h - frames become a call, which is decoded, identified and within quota; or a refusal */
#ifndef ZCHAT_ADMIT_H
#define ZCHAT_ADMIT_H

#include "../state.h"

/*  --- identity.c ------------------------------------------------------------  */

/*  Learn who is at the other end of the connection. That stays so as long as it stands. */
void peer_introduce (core_t *core, peer_t *peer, core_origin_t origin);

/*  Memory of the caller's that a call views after call_identify.              */
typedef struct {
    char holder[SESSION_HOLDER_MAX + 1];
    uint8_t secret[ZCHAT_SESSION_SIZE];
} identity_t;

typedef enum {
    IDENTITY_REFUSED, /* ERR was sent                                          */
    IDENTITY_KNOWN,
    IDENTITY_UNSETTLED, /* who owns the name is on its way to the disk: ask again after that */
} identified_t;

/*  Find out who speaks: fill user, who, owner, ... of the call, whose peer is set. A connection
    that says a name for the first time is bound to it.                        */
identified_t call_identify (core_t *core, call_t *call, identity_t *identity);

/*  --- quotas.c --------------------------------------------------------------  */

/*  Take what the call costs out of its buckets. False: it comes too soon, and ERR was sent. */
bool quota_take (core_t *core, call_t *call);
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

/*  Who has to share the queue to the disk with the others of the same name, see waiting.h. */
typedef struct {
    char owner[BUDGET_PATH_MAX + 2]; /* its owner, else its key, else its address; "": none */
    char place[BUDGET_PATH_MAX + 1]; /* its address, of IPv6 the /48; "": not known */
} parties_t;
parties_t peer_parties (const core_t *core, const peer_t *peer);

/*  True where there is room in the queue for the call. False: ERR slow was sent, at once and before
    what was asked earlier, so that a flood of refusals does not grow the queue. */
bool queue_affords (core_t *core, const call_t *call);

#endif
