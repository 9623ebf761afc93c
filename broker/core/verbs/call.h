/*  call.h - one request as deciding sees it, and the verdict on it

    A verb's handler is a function from (call, view) to a verdict. It sends, holds, counts, notes
    and changes nothing; what shall come of the call stands in the verdict: the reply, the records
    to store, and what changes in presence. Whoever decides applies the records, and when they are
    on disk does the rest. So a handler may be called, and its verdict thrown away.
*/
#ifndef ZCHAT_CALL_H
#define ZCHAT_CALL_H

#include "../admit/speakers.h"
#include "../admit/strangers.h"
#include "../ledger/ledger.h"
#include "../ledger/owners.h"
#include "../order/told.h"
#include "../presence/presence.h"
#include "request.h"
#include <jansson.h>

/*  A request, and what was found out about who sent it before anybody decides. */
typedef struct {
    request_t request; /* its frames view memory of whoever holds the call; names are in NFC */
    core_time_t now;
    core_peer_t from;
    uint64_t serial;    /* of that connection                                 */
    peer_t *peer;       /* NULL: the connection is gone                       */
    session_t *session; /* of the peer, where the request names its user; NULL: a guest */
    frame_t user;       /* the session's name, as its owner spells it; empty: a guest */
    const char *who;    /* WHO (see fact_t) of the user; NULL: a guest        */
    const char *reader; /* WHO of the connection's session, even where the request names no user:
                           what it may read; NULL: it has none                */
    uint64_t owner;     /* the owner's number, where the name is proven; else 0 */
    bool by_token;      /* and by a token, not by the key                     */
    const char *place;  /* where the caller is, hashed: a path; "": not known */
    bool remote;        /* that is known, and not the broker's machine        */
    bool doubtful;      /* whose names are was changing when it was admitted  */
    bool greeted;       /* the session said HELLO                             */
    bool inside;        /* it was in the room that the first argument names   */
    bool admin;         /* see peer_t                                         */
    const char *key;    /* proven by CURVE; "": none                          */
    bool counted;       /* it was taken out of buckets: 1 of kind, and bytes  */
    quota_kind_t kind;
    uint64_t bytes;
    const char *holder;    /* who is charged with what the call makes: a path of budget_charge */
    core_token_t token;    /* HELLO and whoever binds a name: what their token shows about it */
    const uint8_t *secret; /* HELLO: random bytes of ZCHAT_SESSION_SIZE for a new session */
    bool looked;           /* REMOVE: the event to take away was looked for,     */
    bool said_own;         /* it was said by the caller, by the name it has now, */
    bool said_found;       /* and it is one that can be taken away               */
} call_t;

/*  What does not change while the broker runs.                                */
typedef struct {
    char log_id[2 * ZCHAT_LOG_ID_SIZE + 1]; /* hex                             */
    json_t *feeds;                          /* endpoints of the feed, a list   */
    uint32_t heartbeat_ms;                  /* clients PING this often         */
    uint32_t grace_ms;                      /* a lost session keeps its name so long */
    size_t producers_max;                   /* remembered at most              */
    size_t names_max;                       /* owned at most                   */
    size_t rooms_max[2];                    /* at most: rooms, mailboxes       */
    bool keeps_rooms;                       /* rooms that nobody misses stay   */
    char (*admins)[ADDRESS_KEY_TEXT + 1];   /* keys that may do everything     */
    size_t n_admins;
    char **reserved; /* see claims_reserved             */
    quota_t quotas[QUOTA_COUNT];
} setup_t;

/*  What deciding may look at.                                                 */
typedef struct {
    const setup_t *setup;
    ledger_t *ledger;     /* to be read only                                   */
    presence_t *presence; /* likewise                                          */
    const told_t *told;   /* heads and topics as they are on disk              */
    const speakers_t *speakers;
    const strangers_t *strangers;
} view_t;

/*  --- records ---------------------------------------------------------------  */

/*  Records in the making, and the texts that they view.                       */
typedef struct {
    store_record_t *items;
    size_t count, capacity;
    char **texts;
    size_t n_texts, texts_capacity;
} records_t;

void records_clear (records_t *records);
void records_free (records_t *records);
/*  A new record of zeros, valid until the next one is added.                  */
store_record_t *records_add (records_t *records);
/*  Keep a text, which is taken, until the records are cleared.                */
frame_t records_keep (records_t *records, char *text);

/*  --- what changes in presence ------------------------------------------------ */

typedef enum {
    MOVE_NONE,
    MOVE_BIND,   /* the peer gets a session of name; who must go for it, goes  */
    MOVE_RESUME, /* the session of name with the secret goes on with the peer  */
    MOVE_GREET,  /* the peer's session has said HELLO (again)                  */
    MOVE_JOIN,   /* the peer's session comes into the room                     */
    MOVE_PART,   /* and leaves it                                              */
    MOVE_END,    /* the peer's session is over                                 */
    MOVE_PROVE,  /* sessions of name (empty: of all) that nothing proves any more are over */
    MOVE_CLEAR,  /* everybody leaves the hall of that name, of whose room nothing is stored */
    MOVE_DOUBT,  /* somebody asked for the name, whose session may be lost     */
} move_kind_t;

typedef struct {
    move_kind_t kind;
    frame_t name;   /* BIND, RESUME, PROVE, DOUBT: a user's; JOIN, PART: a room's, where room is 0;
                       views the call, or is kept with the records           */
    uint64_t owner; /* BIND, RESUME: who proves it; 0: nobody                */
    uint64_t room;  /* JOIN, PART: its number; 0: nothing is stored of it    */
    const uint8_t *secret; /* RESUME: which; BIND and GREET: of the session; views the call */
    bool by_token;         /* BIND, RESUME: the name was proven by a token          */
    bool packs;            /* BIND, RESUME, GREET: wants packs over the door        */
    bool greets;           /* BIND: it is a HELLO                                   */
    uint64_t joined;       /* JOIN: its number, where it was put in order; 0: the next */
    bool untold;           /* JOIN: nobody needs to be told: the room was just made */
    uint64_t doubted_ms;   /* DOUBT: monotonic, when it was asked for            */
} move_t;

/*  Who has to leave a room by an operator's order.                            */
typedef enum { OUT_NOBODY, OUT_ONE, OUT_ALL } out_t;

/*  --- the verdict -----------------------------------------------------------  */

typedef struct verdict verdict_t;
typedef bool decide_t (const call_t *call, const view_t *view, verdict_t *verdict);

enum { VERDICT_MOVES_MAX = 3, VERDICT_NOTES_MAX = 3 };

/*  A line for the log file.                                                   */
typedef struct {
    core_note_kind_t kind;
    frame_t user, room;
    const char *text; /* NULL: none                                            */
} verdict_note_t;

/*  A page of the log to be read before the reply.                             */
typedef struct {
    bool wanted;
    store_query_t query;
    frame_t room;     /* the room's name to answer with                       */
    bool packs;       /* form                                                 */
    bool before;      /* the last ones were asked for, not those behind one   */
    uint64_t removes; /* REMOVE: the seq                                      */
} verdict_read_t;

struct verdict {
    zchat_status_t status; /* ZCHAT_OK: OK is the reply; else ERR              */
    const char *why;       /* ERR: what to say instead of the status's text; NULL: that */
    json_t *json;          /* OK: the reply, NULL: {}; ERR: further keys, or NULL. Owned */
    bool numbered;         /* OK: the reply is seq and time of the main record  */
    bool claims;           /* it claims a name: that is bounded by where the caller is */
    size_t rows;           /* OK: the reply is a list of so many               */
    records_t *records;    /* where the records go, behind those that are there */
    size_t first;          /* the first of the verdict's own                   */
    size_t main;           /* the first that has an event: numbered and out are of it */
    bool has_main;
    size_t n_minor;   /* records of facts that change nothing of who may what  */
    size_t n_made[2]; /* rooms and mailboxes that it makes                */
    uint64_t begins;  /* what the verdict makes of ledger_begins; 0: as it is */
    out_t out;        /* who leaves the room of the main record           */
    frame_t subject;  /* OUT_ONE: WHO; kept with the records              */
    move_t moves[VERDICT_MOVES_MAX];
    size_t n_moves;
    verdict_note_t notes[VERDICT_NOTES_MAX];
    size_t n_notes;
    verdict_read_t read;
    bool speaks; /* SAY, TELL: the producer speaks on the call's connection from now on; */
    uint8_t speaker[ZCHAT_PRODUCER_SIZE]; /* stands in refusals too             */
    const char *letter_to; /* WHO gets what is stored, of a stranger; kept with the records; NULL:
                              nobody                                           */
    size_t letter_size;    /* its bytes                                        */
    frame_t sync;          /* SYNC: what to publish; empty: nothing            */
    decide_t *later;       /* OK: what is stored behind it, and nobody waits for; NULL: nothing */
    frame_t later_of;      /* the first argument of that call                  */
};

/*  A copy of the frame, and a NUL behind it, kept with the records.           */
frame_t text_keep (verdict_t *verdict, frame_t text);

void verdict_begin (verdict_t *verdict, records_t *records);
/*  Drop what the verdict owns, and its records.                               */
void verdict_drop (verdict_t *verdict);
/*  Drop what the verdict owns; its records stay.                              */
void verdict_end (verdict_t *verdict);

/*  True where there is something to store.                                    */
bool verdict_stores (const verdict_t *verdict);

/*  The verdict is OK with this reply (taken; NULL: {}). True, for the caller to return. */
bool verdict_ok (verdict_t *verdict, json_t *json);
/*  The verdict is ERR, with the status's text, or why (a static string). Nothing is stored, and
    nothing changes. more (taken) holds further keys, or is NULL. False.       */
bool verdict_refuse (verdict_t *verdict, zchat_status_t status, const char *why, json_t *more);
/*  Likewise, of the status limit, with {"limit","what"}.                      */
bool verdict_limit (verdict_t *verdict, const char *why, uint64_t limit, const char *what);

/*  A record of an event of the room, with seq and time: room, or, where NULL, a new one that is
    called name. user is the caller's. Of the event the caller fills body and data.  */
store_record_t *verdict_event (verdict_t *verdict, const view_t *view, const call_t *call,
                               const room_t *room, frame_t name, zchat_type_t type);
/*  The room ends, with its events, facts and members. A later room of that name begins behind all
    its seqs.                                                                  */
void verdict_room_end (verdict_t *verdict, const view_t *view, const room_t *room);
/*  A record of a fact alone, of the room with this number and name; 0: of the broker. key and value
    are copied. Empty value: it is no more.                                    */
void verdict_fact (verdict_t *verdict, uint64_t room, frame_t name, const char *key,
                   const char *value);
/*  Let the record at index change a fact of its room. Texts are copied.       */
void verdict_fact_of (verdict_t *verdict, size_t index, const char *key, const char *value);
move_t *verdict_move (verdict_t *verdict, move_kind_t kind);
void verdict_note (verdict_t *verdict, core_note_kind_t kind, frame_t user, frame_t room,
                   const char *text);

/*  --- the table of verbs ----------------------------------------------------  */

enum {
    NEED_NAME = 1,    /* guests are refused                                      */
    NEED_HELLO = 2,   /* so are connections that said no HELLO                   */
    OWN_NAME = 4,     /* the handler binds the name itself                       */
    LONG = 8,         /* replies may be long: who has had too many waits         */
    STORES = 16,      /* it is put in order, and decided when its turn comes     */
    STORES_LAST = 32, /* likewise where it has its last argument; else it reads */
    NAMED = 64,       /* its first argument is the name of a room or a user      */
    SETTLED = 128,    /* it looks at what is durable: roles, names               */
};

typedef struct {
    decide_t *decide;
    /*  NULL, or find out at once what may be different when the call is decided.  */
    void (*observe) (call_t *call, const view_t *view);
    unsigned flags;
    quota_kind_t quota; /* what it is counted as                               */
} verb_entry_t;

const verb_entry_t *verb_entry (verb_t verb);

#endif
