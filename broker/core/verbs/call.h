/*  call.h - one request as deciding sees it, and the verdict on it

    A verb's handler is a function from (call, view) to a verdict. It sends, holds, counts, notes
    and changes nothing. What is to come of the call stands in the verdict: the reply, the records
    to store, and what changes in presence. core.c applies the records, and does the rest when they
    are on disk. So a handler may be called, and its verdict thrown away.
*/
#ifndef ZCHAT_CALL_H
#define ZCHAT_CALL_H

#include "../ledger/lately.h"
#include "../ledger/ledger.h"
#include "../ledger/owners.h"
#include "../ledger/told.h"
#include "../presence/presence.h"
#include "../presence/readings.h"
#include "../presence/speakers.h"
#include "../quota/strangers.h"
#include "request.h"
#include <jansson.h>

/*  What a look into the log showed of the message that a call is about. What stands before the call
    in the queue may have changed it since.                                    */
typedef struct {
    bool looked;        /* the log was looked into, and that went well        */
    bool failed;        /* it was, and the log cannot be read                 */
    uint64_t moment;    /* when it was begun, see lately.h                     */
    uint64_t room;      /* the number of the room                             */
    zchat_type_t type;  /* of the message; NONE: it is not there              */
    uint64_t time_ms;   /* when it was said                                   */
    bool own;           /* by the caller, by the name as it is owned now      */
    uint64_t changes;   /* EDIT: the seq of the message that it is an edit of */
    uint64_t edits;     /* how often it was edited                            */
    size_t n_reactions; /* how many different reactions it has                */
    bool reacted, mine; /* the third argument is one of them; the caller's, too */
} said_t;

/*  A request, and what is known of its sender when it was admitted. A guest is a sender who names
    no user.                                                                   */
typedef struct {
    request_t request;  /* its frames view memory of whoever holds the call; user and, where NAMED,
                           the first argument are in NFC                      */
    core_time_t now;    /* when the request came                               */
    core_peer_t from;   /* the connection that the answer goes to              */
    uint64_t serial;    /* of that connection                                  */
    peer_t *peer;       /* NULL: that connection is gone                       */
    session_t *session; /* the peer's; NULL: a guest, or it has none yet       */
    frame_t user;       /* the session's name, as its owner spells it; empty: no session */
    const char *who;    /* WHO (see fact_t) of the user; NULL: no session      */
    const char *reader; /* WHO of the peer's session, of a guest too, by which it may read; NULL:
                           the peer has none                                   */
    uint64_t owner;     /* the owner's number, where the name is proven; else 0 */
    bool by_token;      /* the name is proven by a token, not by the key       */
    const char *place;  /* where the caller is, hashed: a path; "": not known  */
    bool remote;        /* it is known that the caller is not on the broker's machine */
    bool doubtful;      /* the flight was changing facts: the caller may have lost its name since */
    bool greeted;       /* the session has said HELLO                          */
    bool inside;        /* set by observe: the session was in the room of the first argument */
    uint64_t away;      /* set by observe: see user_t; 0: the user was not away */
    bool admin;         /* the peer's key may do everything                    */
    const char *key;    /* proven by CURVE; "": none                           */
    bool counted;       /* quota_take took 1 of kind, and bytes                */
    quota_kind_t kind;
    uint64_t bytes;
    const char *holder; /* the path that what the call makes is charged to     */
    core_token_t token; /* what the token of the request shows about its name; of a request that is
                           no HELLO: whether the name has tokens               */
    const uint8_t *secret; /* HELLO: ZCHAT_SESSION_SIZE random bytes for a new session */
    said_t said;           /* LOOKS: what is known of the message in the second argument */
} call_t;

/*  What does not change while the broker runs.                                */
typedef struct {
    char log_id[2 * ZCHAT_LOG_ID_SIZE + 1]; /* hex                             */
    json_t *feeds;                          /* a list of the feed's endpoints  */
    uint32_t heartbeat_ms;                  /* clients PING this often         */
    uint32_t grace_ms;                      /* how long the name of a lost session is kept */
    size_t producers_max;                   /* so many are remembered at most  */
    size_t names_max;                       /* so many are owned at most       */
    size_t rooms_max[2];                    /* at most so many rooms, and mailboxes */
    size_t markers_max;                     /* so many markers are remembered at most */
    bool keeps_rooms;                       /* rooms that nobody misses are kept */
    char (*admins)[ADDRESS_KEY_TEXT + 1];   /* keys that may do everything     */
    size_t n_admins;
    uint64_t edit_window_ms; /* so long a message can be edited                */
    char **reserved;         /* see claims_reserved                                    */
    quota_t quotas[QUOTA_COUNT];
} setup_t;

/*  What a handler may look at. It changes none of it.                         */
typedef struct {
    const setup_t *setup;
    ledger_t *ledger;
    presence_t *presence;
    const told_t *told; /* heads and topics as they may be told                */
    const speakers_t *speakers;
    const strangers_t *strangers;
    const lately_t *lately;
    const readings_t *readings; /* what was read, and is not yet on disk      */
} view_t;

/*  --- records ---------------------------------------------------------------  */

/*  Records that are being made, and texts that they view.                     */
typedef struct {
    store_record_t *items;
    size_t count, capacity;
    char **texts;
    size_t n_texts, texts_capacity;
} records_t;

void records_clear (records_t *records);
void records_free (records_t *records);
/*  Add a record of zeros. The pointer is valid until the next one is added.   */
store_record_t *records_add (records_t *records);
/*  Keep a text, which is taken, until the records are cleared.                */
frame_t records_keep (records_t *records, char *text);

/*  --- what changes in presence ------------------------------------------------ */

typedef enum {
    MOVE_NONE,
    MOVE_BIND,   /* the peer gets a session of the user; where the user is proven, whoever holds the
                    name without proof is put out                              */
    MOVE_RESUME, /* the session of the user with the secret goes on with the peer */
    MOVE_GREET,  /* the peer's session has said HELLO (again)                  */
    MOVE_JOIN,   /* the peer's session comes into the room                     */
    MOVE_PART,   /* the peer's session leaves the room                         */
    MOVE_END,    /* the peer's session is over                                 */
    MOVE_PROVE,  /* sessions of the user (name empty: of all) end that are not proven any more */
    MOVE_CLEAR,  /* everybody leaves the hall of the room, of which nothing is stored */
    MOVE_DOUBT,  /* somebody asked for the name of the user, whose session may be lost */
    MOVE_READ,   /* the peer's user has read the room up to a seq              */
    MOVE_AWAY,   /* the peer's user is away, or (name empty) is back           */
} move_kind_t;

typedef struct {
    move_kind_t kind;
    frame_t name; /* BIND, RESUME, PROVE, DOUBT: the user's; JOIN, PART, CLEAR: the room's; READ: it
                     as peers know it; AWAY: why. It views the call, or is kept with the records */
    uint64_t owner; /* BIND, RESUME: the number of the owner who proves the name; 0: nobody does */
    uint64_t room;  /* JOIN, PART, READ: the room's number; 0: nothing was stored of it */
    uint64_t seq;   /* READ: up to here; AWAY: only if the user is away since then, see user_t; 0:
                       however that is                                         */
    const uint8_t *secret; /* RESUME: of the session that goes on; BIND, GREET: of the session,
                              where it says its first HELLO; views the call    */
    bool by_token;         /* BIND, RESUME: the name was proven by a token     */
    bool packs;            /* BIND, RESUME, GREET: the client wants packs over the door */
    bool greets;           /* BIND: it comes of a HELLO                        */
    uint64_t joined; /* JOIN: the number of presence_join_next, so that who is put out behind it in
                        the order is found; 0: it was not in the order         */
    bool untold;     /* JOIN: the room was just made, so there is nobody to tell */
    uint64_t doubted_ms; /* DOUBT: monotonic, when the name was asked for      */
} move_t;

/*  Whom an operator's order puts out of a room.                               */
typedef enum { OUT_NOBODY, OUT_ONE, OUT_ALL } out_t;

/*  --- the verdict -----------------------------------------------------------  */

typedef struct verdict verdict_t;
typedef bool decide_t (const call_t *call, const view_t *view, verdict_t *verdict);

enum { VERDICT_MOVES_MAX = 3, VERDICT_NOTES_MAX = 3 };

/*  A line for the log file; see core_note_t.                                  */
typedef struct {
    core_note_kind_t kind;
    frame_t user, room;
    const char *text; /* NULL: none                                            */
} verdict_note_t;

/*  A page of the log that is read before the call is answered; see read_t.    */
typedef struct {
    bool wanted;
    store_query_t query;
    frame_t room; /* the room's name as the answer has it                  */
    bool packs;   /* the client wants packs, not single events             */
} verdict_read_t;

/*  Something of a stranger's that is counted.                                 */
typedef struct {
    const char *to; /* WHO gets it; kept with the records                      */
    size_t size;    /* bytes                                                   */
} verdict_letter_t;

struct verdict {
    zchat_status_t status; /* ZCHAT_OK: the reply is OK; else it is ERR        */
    const char *why;       /* ERR: the text of the reply; NULL: the status's own text */
    json_t *json;          /* OK: the reply; NULL: it is {}. ERR: further keys of it; NULL: none.
                              Owned                                            */
    char *text;            /* OK: the reply where it was not made of json; NULL: it was. Owned */
    size_t text_size;      /* bytes                                            */
    bool numbered;         /* OK: the reply is the seq and time of the main record */
    bool claims;           /* it claims a name, which is bounded by where the caller is */
    size_t rows;           /* OK: the reply is a list of so many rows          */
    records_t *records;    /* where the verdict's records are, behind those of others */
    size_t first;          /* index of the verdict's first record              */
    size_t main;           /* index of the main record: the first of its own that has an event */
    bool has_main;
    size_t n_minor;   /* how many records change facts, but no names, roles, bans or rooms */
    size_t n_made[2]; /* how many rooms and mailboxes the verdict makes        */
    uint64_t begins;  /* what ledger_begins is after the verdict; 0: as before */
    out_t out;        /* who is put out of the room of the main record         */
    frame_t subject;  /* OUT_ONE: WHO is put out; kept with the records        */
    move_t moves[VERDICT_MOVES_MAX];
    size_t n_moves;
    verdict_note_t notes[VERDICT_NOTES_MAX];
    size_t n_notes;
    verdict_read_t read;
    bool speaks; /* SAY, TELL: speaker speaks on the call's connection from now on. This is
                    also so where the call is refused                          */
    uint8_t speaker[ZCHAT_PRODUCER_SIZE];
    verdict_letter_t letters[ZCHAT_MENTIONS_MAX]; /* n_letters of them         */
    size_t n_letters;
    frame_t sync;     /* SYNC: the nonce to publish; empty: nothing       */
    decide_t *later;  /* OK: decides what is stored after the answer, for which the caller does
                         not wait; NULL: nothing is                       */
    frame_t later_of; /* the first argument of the call that later decides */
};

/*  A copy of the frame with a NUL behind it, which is kept with the records.  */
frame_t text_keep (verdict_t *verdict, frame_t text);

/*  An OK with nothing to store. Records that it gets go behind those that are there. */
void verdict_begin (verdict_t *verdict, records_t *records);
/*  Free what the verdict owns, and drop its records.                          */
void verdict_drop (verdict_t *verdict);
/*  Free what the verdict owns. Its records stay.                              */
void verdict_end (verdict_t *verdict);

/*  True where the verdict has records.                                        */
bool verdict_stores (const verdict_t *verdict);

/*  Make the verdict OK with this reply (taken; NULL: {}). Returns true, for the caller to
    return.                                                                    */
bool verdict_ok (verdict_t *verdict, json_t *json);
/*  The same with a reply that is JSON already (taken, from malloc).           */
bool verdict_ok_text (verdict_t *verdict, char *text, size_t size);
/*  Make the verdict ERR, with why (a static string; NULL: the status's text) and the further keys
    of more (taken; NULL: none). Records, moves and notes are dropped. Returns false, for the
    caller to return.                                                          */
bool verdict_refuse (verdict_t *verdict, zchat_status_t status, const char *why, json_t *more);
/*  What the verdict stores is stored, but its moves cannot be made any more: the answer is an ERR
   of this status. Records and notes stand.                                      */
void verdict_overtaken (verdict_t *verdict, zchat_status_t status);
/*  Likewise with the status ZCHAT_LIMIT and the keys "limit" and "what".      */
bool verdict_limit (verdict_t *verdict, const char *why, uint64_t limit, const char *what);

/*  Add a record of an event of the room, or, where that is NULL, of a new one that is called name.
    Room, seq, time and user are filled in; body and data are the caller's to fill. */
store_record_t *verdict_event (verdict_t *verdict, const view_t *view, const call_t *call,
                               const room_t *room, frame_t name, zchat_type_t type);
/*  Add records by which the room ends, with its events and facts, and new rooms begin behind all
    its seqs.                                                                  */
void verdict_room_end (verdict_t *verdict, const view_t *view, const room_t *room);
/*  Add a record of a fact alone, of the room with this number and name; 0: of the broker. The texts
    are copied. value NULL or "": the fact ends.                               */
void verdict_fact (verdict_t *verdict, uint64_t room, frame_t name, const char *key,
                   const char *value);
/*  The last record is the fact by which the owner with this number ends: with it ends what the
   owner has read, and who mentioned them.                                          */
void verdict_unmarks (verdict_t *verdict, uint64_t owner);
/*  Let the record at index change a fact of its room, too. The texts are copied. */
void verdict_fact_of (verdict_t *verdict, size_t index, const char *key, const char *value);
/*  Add a move, for the caller to fill.                                        */
move_t *verdict_move (verdict_t *verdict, move_kind_t kind);
/*  Add a line for the log file. What it views must be kept with the records, or be the call's. */
void verdict_note (verdict_t *verdict, core_note_kind_t kind, frame_t user, frame_t room,
                   const char *text);

/*  --- the table of verbs ----------------------------------------------------  */

enum {
    NEED_NAME = 1,    /* guests are refused                                    */
    NEED_HELLO = 2,   /* connections that have said no HELLO are refused       */
    OWN_NAME = 4,     /* the handler binds the connection to the name itself   */
    LONG = 8,         /* the reply may be long: a peer with too much to read has to wait */
    STORES = 16,      /* it is put in the queue, and decided in its turn       */
    STORES_LAST = 32, /* likewise where it has its second argument; else it only reads */
    NAMED = 64,       /* its first argument is the name of a room or a user, and is made NFC */
    /*  Where it does not store: it looks at names, roles, bans or rooms, so it waits while the
       flight changes such a thing.                                                  */
    READS_FACTS = 128,
    /*  It may change who its peer is, so that whatever the peer asks next waits for it.  */
    REBINDS = 256,
    /*  Its first two arguments are a room and a seq. That message is looked at in the log before
        the call is queued, and whatever the peer asks next waits for it.      */
    LOOKS = 512,
};

typedef struct {
    decide_t *decide;
    /*  Before a call is queued: write into it what counts as it is now, not as it will be when the
        call is decided. May be NULL.                                          */
    void (*observe) (call_t *call, const view_t *view);
    unsigned flags;
    quota_kind_t quota; /* the quota that it takes from; QUOTA_MESSAGES where STORES_LAST stores */
} verb_entry_t;

const verb_entry_t *verb_entry (verb_t verb);
/*  True where the call is one that may store something, and so has to be queued. */
bool call_stores (const call_t *call);

#endif
