/*  delivery_private.h - what the sources of delivery share                    */
#ifndef ZCHAT_DELIVERY_PRIVATE_H
#define ZCHAT_DELIVERY_PRIVATE_H

#include "delivery.h"
#include "endpoint.h"
#include "exchange.h"
#include "outbox.h"
#include "queries.h"
#include "rooms.h"

typedef enum {
    STATE_IDLE,       /* not begun                                             */
    STATE_CONNECTING, /* waits for delivery_up                                 */
    STATE_HELLO,      /* HELLO was sent                                        */
    STATE_LIVE,       /* HELLO was answered                                    */
    STATE_LEAVING,    /* BYE was sent, to go on under another name or to end   */
    STATE_WAITING,    /* before the next attempt                               */
    STATE_REFUSED,    /* nothing is tried any more                             */
    STATE_CLOSED      /* after delivery_bye and its answer                     */
} state_t;

struct delivery {
    exchange_t exchange;
    rooms_t *rooms;
    outbox_t *outbox;
    queries_t *queries;
    char endpoint[ENDPOINT_MAX]; /* the door                                */
    char feed[ENDPOINT_MAX];     /* as the options have it; "": HELLO names it */
    char agent[ZCHAT_AGENT_MAX + 1];
    char user[ZCHAT_NAME_MAX + 1]; /* as the program spells it                */
    bool keeps_key;                /* the program's: names are claimed for it */
    int retry_max;
    state_t state;
    bool ending;          /* closed, not renamed, is what follows LEAVING */
    uint64_t deadline_ms; /* of the state: it ends then              */
    uint64_t live_ms;     /* when HELLO was answered last            */
    uint64_t ping_ms;     /* live: when PING is due                  */
    uint64_t heartbeat_ms;
    int failed;                               /* attempts in a row                       */
    unsigned backoff;                         /* doublings of the wait                   */
    int taken;                                /* times our own name was held by another  */
    char session[2 * ZCHAT_SESSION_SIZE + 1]; /* the secret; "": none yet                */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1];      /* the log's id; "": not known yet         */
    char kept_log[2 * ZCHAT_LOG_ID_SIZE + 1]; /* of what an earlier run left; "": any    */
    char token[2 * ZCHAT_TOKEN_SIZE + 1];     /* "": none                                */
    char token_user[ZCHAT_NAME_MAX + 1];      /* whose it has shown to be; "": not yet   */
};

/*  Begin an attempt.                                                          */
void delivery_connect (delivery_t *delivery);

/*  The connection has ended: requests without an answer may or may not have been done.
    for_good: what the program asked for is not tried again.                   */
void delivery_drop (delivery_t *delivery, bool for_good);

/*  The attempt or the connection has failed: DISCONNECTED is given, and it is tried
    again after wait_ms, or, where that is 0, after the backoff; then a failed
    attempt counts towards retry_max.                                          */
void delivery_lose (delivery_t *delivery, zchat_status_t status, const char *text,
                    uint64_t wait_ms);

/*  Nothing is tried any more; REFUSED is given.                               */
void delivery_refuse (delivery_t *delivery, zchat_status_t status, const char *text, bool owned);

/*  True where two names, either of which may be empty, are the same.          */
bool delivery_same (const char *a, const char *b);

/*  Send HELLO; take its reply.                                                */
void hello_send (delivery_t *delivery);
void hello_ok (delivery_t *delivery, const json_t *json);
void hello_err (delivery_t *delivery, zchat_status_t status, const char *text, uint64_t wait_ms,
                bool owned);

/*  Send whatever is due; nothing unless live.                                 */
void delivery_pump (delivery_t *delivery);

/*  What a DISCONNECTED says where a reply is nonsense.                        */
#define TEXT_BROKEN "the broker's answer makes no sense"

#endif
