/*  exchange.h - requests over the door, and those that wait for their reply

    A request over the door, other than SAY, is entered here with its tag until it
    is answered, so that its reply finds its way back, and one that stays
    unanswered is noticed.
*/
#ifndef ZCHAT_EXCHANGE_H
#define ZCHAT_EXCHANGE_H

#include "delivery_sink.h"
#include "event_codec.h"
#include "request.h"
#include "rng.h"

/*  What a reply is for.                                                       */
typedef enum {
    ASK_HELLO,
    ASK_BYE,
    ASK_PING,
    ASK_JOIN,  /* owner is the room's number                                   */
    ASK_LOOK,  /* a guest's JOIN, made of HISTORY; owner is the room's number  */
    ASK_FETCH, /* owner is the room's number                                   */
    ASK_READ,  /* owner is the marker's number                                 */
    ASK_QUERY  /* owner is the id the program has of it                        */
} ask_kind_t;

typedef struct {
    uint64_t serial; /* stands in the tag; 0: this entry is free               */
    uint64_t owner;
    uint64_t next;     /* seq that a history brings next                       */
    uint64_t since_ms; /* when it was asked, or when the last part of its answer came */
    ask_kind_t kind;
    bool given;   /* of a history: the last event was given, and its marks have not come */
    bool history; /* it is a HISTORY, of which only few may be under way       */
} ask_t;

enum {
    EXCHANGE_ASKS_MAX = 3 * ZCHAT_SESSION_ROOMS_MAX + ZCHAT_QUERIES_MAX + 8,
    EXCHANGE_UNKNOWN_MAX = 400 /* bytes of what exchange_unknown writes         */
};

typedef struct {
    delivery_sink_t sink;
    rng_t rng;
    char user[ZCHAT_NAME_MAX + 1]; /* as it stands in requests; "": a guest    */
    char server[128];              /* the broker and its version, as HELLO told them; cut off */
    uint64_t now_ms;               /* time of the call that is being worked on */
    uint64_t serial;               /* the last serial given to a request       */
    uint64_t id;                   /* the last id given to the program         */
    ask_t asks[EXCHANGE_ASKS_MAX];
} exchange_t;

/*  Send a request to which no reply is expected; the args are borrowed.       */
void exchange_send (exchange_t *exchange, verb_t verb, const char *tag, const frame_t *args,
                    size_t n_args);

/*  Send a request and enter it. Callers keep within EXCHANGE_ASKS_MAX (asserted). The entry is
    borrowed until the next call.                                              */
ask_t *exchange_ask (exchange_t *exchange, ask_kind_t kind, uint64_t owner, verb_t verb,
                     const frame_t *args, size_t n_args);

/*  Find the entry to which a tag belongs, or NULL.                            */
ask_t *exchange_find (exchange_t *exchange, frame_t tag);

/*  Take an entry out, because its reply has come or is no longer wanted.      */
void exchange_answered (ask_t *ask);

/*  Take out all entries of a kind and an owner; or all there are, at the end of a connection. */
void exchange_forget (exchange_t *exchange, ask_kind_t kind, uint64_t owner);
void exchange_forget_all (exchange_t *exchange);

/*  True where a request of this kind is not answered yet.                     */
bool exchange_waits (const exchange_t *exchange, ask_kind_t kind);

/*  Count the HISTORY requests under way: the program's where program is true, else the library's
    own.                                                                       */
size_t exchange_histories (const exchange_t *exchange, bool program);

/*  Return when the oldest request will have waited too long; UINT64_MAX: never. */
uint64_t exchange_deadline_ms (const exchange_t *exchange);

/*  Give the program an event of a room (kind MESSAGE or HISTORY). Text that is not UTF-8 is made
    so, and data that is no JSON object is left out.                           */
void exchange_give (exchange_t *exchange, zchat_event_kind_t kind, uint64_t id, const char *room,
                    const event_t *event);

/*  Write that the broker does not know this verb, and what helps. Returns text. */
const char *exchange_unknown (const exchange_t *exchange, verb_t verb,
                              char text[EXCHANGE_UNKNOWN_MAX]);

/*  Give the program a WARNING.                                                */
void exchange_warn (exchange_t *exchange, const char *room, zchat_status_t status,
                    const char *text);

#endif
