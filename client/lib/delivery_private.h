/*  delivery_private.h - what the sources of delivery share                    */
#ifndef ZCHAT_DELIVERY_PRIVATE_H
#define ZCHAT_DELIVERY_PRIVATE_H

#include "delivery.h"
#include "endpoint.h"
#include "exchange.h"
#include "markers.h"
#include "outbox.h"
#include "queries.h"
#include "rooms.h"

typedef enum {
    STATE_IDLE,       /* delivery_start was not called yet                     */
    STATE_CONNECTING, /* the door is connecting; delivery_up is waited for     */
    STATE_HELLO,      /* HELLO was sent and is not answered yet                */
    STATE_LIVE,       /* HELLO was answered                                    */
    STATE_LEAVING,    /* BYE was sent, to go on under another name or to end   */
    STATE_WAITING,    /* the wait before the next attempt                      */
    STATE_REFUSED,    /* nothing is tried any more                             */
    STATE_CLOSED      /* delivery_bye was called and is done                   */
} state_t;

struct delivery {
    exchange_t exchange;
    rooms_t *rooms;
    outbox_t *outbox;
    queries_t *queries;
    markers_t *markers;
    char endpoint[ENDPOINT_MAX]; /* of the door                                */
    char feed[ENDPOINT_MAX];     /* as the options have it; "": HELLO names it */
    char agent[ZCHAT_AGENT_MAX + 1];
    char user[ZCHAT_NAME_MAX + 1]; /* as the program spells it                 */
    bool keeps_key; /* the program's key is lasting, so HELLO claims the name for it */
    int retry_max;
    state_t state;
    bool ending;          /* LEAVING is followed by CLOSED; otherwise by the new name */
    uint64_t deadline_ms; /* when the present state ends                       */
    uint64_t live_ms;     /* when HELLO was answered last                      */
    uint64_t ping_ms;     /* when PING is due in STATE_LIVE                    */
    uint64_t heartbeat_ms;
    int failed;                               /* attempts that failed in a row */
    unsigned backoff;                         /* how often the wait was doubled */
    int taken;                                /* how often in a row our own name was still held */
    char session[2 * ZCHAT_SESSION_SIZE + 1]; /* secret, in hex; "": there is none yet */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1];      /* the log's id; "": not known yet */
    char kept_log[2 * ZCHAT_LOG_ID_SIZE + 1]; /* of what an earlier run left; "": any log */
    char token[2 * ZCHAT_TOKEN_SIZE + 1];     /* in hex; "": there is none     */
    char token_user[ZCHAT_NAME_MAX + 1]; /* the name that the token has proven; "": not known yet */
};

/*  Begin an attempt to connect.                                               */
void delivery_connect (delivery_t *delivery);

/*  End the connection. Requests without an answer may or may not have been done. for_good: what
    the program asked for is not tried again.                                  */
void delivery_drop (delivery_t *delivery, bool for_good);

/*  End an attempt or a connection that failed, and give DISCONNECTED. The next attempt comes
    after wait_ms; where that is 0, it comes after the backoff, and a failed attempt counts
    towards retry_max.                                                         */
void delivery_lose (delivery_t *delivery, zchat_status_t status, const char *text,
                    uint64_t wait_ms);

/*  Give REFUSED, and nothing is tried any more.                               */
void delivery_refuse (delivery_t *delivery, zchat_status_t status, const char *text, bool owned);

/*  True where two names, either of which may be empty, are the same.          */
bool delivery_same (const char *a, const char *b);

/*  Check the name of a room; delivery_place allows one's own mailbox besides. */
zchat_status_t delivery_room (const char *room);
zchat_status_t delivery_place (const char *room);

/*  Check what is to be said, edited or told. ZCHAT_OK, or a result of zchat_client_say. */
zchat_status_t delivery_say_check (const delivery_t *delivery, const outbox_message_t *message);

/*  Check a message and put it into the outbox, as zchat_client_say. type NONE: whatever else is
    wrong is told first, then ZCHAT_INVALID. indoors is filled in.             */
zchat_status_t delivery_send (delivery_t *delivery, const outbox_message_t *message, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;

/*  Ask what a REPLY answers.                                                   */
zchat_status_t delivery_query (delivery_t *delivery, verb_t verb, const frame_t *args,
                               size_t n_args, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;

/*  Send HELLO; the others take its reply.                                     */
void hello_send (delivery_t *delivery);
void hello_ok (delivery_t *delivery, const json_t *json);
void hello_err (delivery_t *delivery, zchat_status_t status, const char *text, uint64_t wait_ms,
                bool owned);

/*  Send whatever is due, in STATE_LIVE; otherwise it does nothing.            */
void delivery_pump (delivery_t *delivery);

/*  DISCONNECTED says this where a reply is nonsense.                          */
#define TEXT_BROKEN "the broker's answer makes no sense"

#endif
