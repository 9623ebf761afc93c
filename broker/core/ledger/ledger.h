/*  ledger.h - what is durable: rooms, heads, topics, producers, names, facts

    The ledger is a function of the log: ledger = fold (ledger_apply, records). ledger_apply is the
    only function that changes it. Three call it: the start, with the rows that the store keeps of
    what was applied before; the core, with the records that it has just decided on; and, later,
    who takes over records that another broker ordered. A record carries all that applying needs,
    and applying reads nothing else: no clock, no connection, no random number.

    The ledger runs ahead of the disk by the one batch that is being committed. Nothing is ever
    undone in it: where a batch was not stored, the ledger is loaded again.
*/
#ifndef ZCHAT_LEDGER_H
#define ZCHAT_LEDGER_H

#include "../hash.h"
#include "budget.h"
#include "name.h"
#include "store.h"

typedef struct ledger ledger_t;

/*  Something that is known of a room, or of the broker, under a key of its own:
        room    mode        {"private","locked","closed"}, each true or not there
                role/WHO    "operator" or "member"
                ban/WHO     {"user","by","until"}; older logs have "reason" too
                mute/WHO    likewise
        mailbox mode        {"locked":true}: it takes nothing of strangers
                ban/WHO     as of a room: it takes nothing of theirs
                met/WHO     they are no stranger: told, or {"user","by"} where its user said so
        broker  name/N      {"name","keys",...}: the owner N; see owners.h
                begins      see ledger_begins
                forgotten   how many producers that had not ended are known no more
    WHO is # and the number of an owner, or = and the name_who of a name that is not proven.  */
typedef struct fact {
    char *key;
    char *value;        /* JSON text; a role is a bare word                    */
    char *by;           /* of a ban or mute: who set it; else NULL             */
    uint64_t until_ms;  /* Unix time: when it ends; 0: never                   */
    bool told;          /* met/WHO for having written to them: may give way    */
    struct room *room;  /* NULL: it is of the broker                           */
    budget_item_t item; /* of a room: charged as that is                      */
    UT_hash_handle hh;
} fact_t;

#define LEDGER_TOLD   "told"
#define LEDGER_LOCKED "{\"locked\":true}"

/*  One of the two keys by which a room is found.                              */
typedef struct {
    char *key; /* the name's fold or look; NULL: not in the table              */
    struct room *room;
    UT_hash_handle hh;
} room_key_t;

/*  How a room is charged: see charges.c.                                      */
typedef enum {
    CHARGE_OWN,    /* only who made it was ever in it or had something stored there */
    CHARGE_SHARED, /* others were, or it is moderated                          */
    CHARGE_KEPT,   /* it never gives way: a private room, or the mailbox of somebody who has said
                      whom it takes messages of                                */
    CHARGE_COUNT,
} charge_t;

/*  A room of which something is stored.                                       */
typedef struct room {
    uint64_t id;              /* its number in the log, from 1                */
    char *name;               /* as whoever said the first thing spelled it   */
    size_t name_size;         /* bytes                                        */
    room_key_t fold, look;    /* look is unused where it is another room's key */
    bool mailbox;             /* somebody's: its name is @ and a number or a hash; peers see @ */
    bool is_private;          /* as its fact "mode" says, like the next two   */
    bool locked, closed;      /* only operators set the topic; nobody is let in */
    size_t n_roles;           /* facts role/...                               */
    size_t n_told;            /* facts that are told                          */
    fact_t *facts;            /* by key                                       */
    uint64_t begins;          /* its seqs began behind it; 0 also where that is not known */
    uint64_t head;            /* seq of its last event                        */
    uint64_t first;           /* of the oldest event still stored; head + 1: none is */
    uint64_t time_ms;         /* Unix time of its last event                  */
    char *topic, *topic_by;   /* never NULL                                   */
    uint64_t topic_time_ms;   /* Unix time                                    */
    char *charge;             /* "own PATH" or "shared PATH"; NULL: not known, not charged */
    charge_t charged;         /* how, where item is charged                   */
    budget_item_t item;       /* to PATH                                      */
    UT_hash_handle hh_id;     /* by id                                        */
    struct room *prev, *next; /* all rooms but mailboxes, oldest first        */
} room_t;

/*  Whoever numbers messages, so that none is stored twice.                    */
typedef struct producer {
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;                   /* of its last message                       */
    uint64_t time_ms;             /* Unix time of that                         */
    bool ended;                   /* it said that it will not come back        */
    budget_item_t item;           /* charged to who made it, unless it has ended */
    UT_hash_handle hh;            /* by id                                     */
    struct producer *prev, *next; /* of those that have ended, or of the others: oldest first */
} producer_t;

/*  An empty ledger, at position 0.                                            */
ledger_t *ledger_new (void);
void ledger_destroy (ledger_t **self_p);

/*  --- the fold --------------------------------------------------------------  */

typedef enum {
    LEDGER_CHANGE,   /* the next record of the log: an event, a fact, the end of a producer, ... */
    LEDGER_TRIM,     /* retention took the oldest events of a room; not part of the log */
    LEDGER_ROOM,     /* rows of the store, into a ledger that is being loaded: a room, */
    LEDGER_FACT,     /* a fact, behind the room that it is of,                 */
    LEDGER_PRODUCER, /* a producer, in any order,                              */
    LEDGER_POSITION, /* and where in the log all that was                      */
} ledger_kind_t;

typedef struct {
    ledger_kind_t kind;
    union {
        const store_record_t *change;
        const store_trimmed_t *trim;
        const store_room_t *room;
        const store_fact_t *fact;
        const store_producer_t *producer;
        uint64_t position;
    };
} ledger_record_t;

/*  Apply one record; nothing of it is borrowed afterwards. ZCHAT_OK; ZCHAT_CORRUPT where it
    cannot follow on what the ledger holds, or ZCHAT_LIMIT where it holds too much: then the
    ledger is good for nothing but to be destroyed. A record that was decided on this ledger
    always applies.                                                            */
zchat_status_t ledger_apply (ledger_t *ledger, const ledger_record_t *record) ZCHAT_CHECKED;

/*  How many records of the log were applied: where in the log the ledger is.  */
uint64_t ledger_position (const ledger_t *ledger);

/*  --- rooms.c ---------------------------------------------------------------  */

/*  The room by that name; NULL where nothing is stored of it.                 */
const room_t *ledger_room (const ledger_t *ledger, const name_keys_t *keys);
/*  The room that has this fold for its own; NULL: none.                       */
const room_t *ledger_room_folded (const ledger_t *ledger, const char *fold);
const room_t *ledger_room_by_id (const ledger_t *ledger, uint64_t id);

enum { LEDGER_MAILBOX_MAX = 34 }; /* bytes of a mailbox's name                  */

/*  Write the name of the mailbox of WHO (see fact_t), which no user and no room can have: @12 of
    the owner 12; of a name that is not proven, whose fold may be long, @= and a hash of it. */
void ledger_mailbox_name (const char *who, char name[LEDGER_MAILBOX_MAX + 1]);
/*  The mailbox of WHO; NULL where nothing is stored in it.                    */
const room_t *ledger_mailbox (const ledger_t *ledger, const char *who);

/*  The name as peers know it: a mailbox is @. Borrowed from the room.         */
frame_t ledger_room_shown (const room_t *room);

/*  The number of the next new room or mailbox.                                */
uint64_t ledger_next_room (const ledger_t *ledger);
/*  All rooms but mailboxes, oldest first: the first one; go on by next.       */
const room_t *ledger_rooms (const ledger_t *ledger);
size_t ledger_n_rooms (const ledger_t *ledger);
size_t ledger_n_mailboxes (const ledger_t *ledger);

/*  Behind which seq a new room begins: beyond all that rooms which are gone ever gave out, so that
    who knew one of that name is told. From a fact of the broker.              */
uint64_t ledger_begins (const ledger_t *ledger);
#define LEDGER_BEGINS "begins"

/*  --- charges.c -------------------------------------------------------------  */

/*  Write how the room is charged once the holder uses it (own: it is their mailbox). False: as
    before.                                                                    */
bool ledger_room_used (const room_t *room, const char *holder, bool own,
                       char charge[STORE_CHARGE_MAX + 1]);
/*  The room, or mailbox, that gives way first to one of the holder where there may be most, of
    those that fit: see budget_yields_where. NULL: none.                       */
typedef bool ledger_room_fits_t (void *arg, const room_t *room);
const room_t *ledger_room_yields (const ledger_t *ledger, bool mailbox, const char *holder,
                                  size_t most, ledger_room_fits_t *fits, void *arg);
/*  True where nobody misses the room at wall_ms: nobody but who made it was ever there, it has no
    topic, and nothing was said for ZCHAT_ROOM_AGE_MS and nobody proven made it, or for
    ZCHAT_ROOM_EMPTY_MS, and retention has taken it all.                       */
bool ledger_room_forgotten (const room_t *room, uint64_t wall_ms);
/*  Rooms and mailboxes, in the order in which they were made: the one behind after (NULL: the
    first); NULL: none more.                                                   */
const room_t *ledger_room_next (const ledger_t *ledger, const room_t *after);
/*  True where the holder's place holds as many private rooms as one may.      */
bool ledger_private_full (const ledger_t *ledger, const char *holder);

/*  --- facts.c ---------------------------------------------------------------  */

/*  What the fact says; NULL: it is not there. room NULL: of the broker. Borrowed until the
    fact changes.                                                              */
const char *ledger_fact (const ledger_t *ledger, const room_t *room, const char *key);
/*  A ban or mute of the room that is over at wall_ms, the next one behind after (NULL: the
    first); NULL: none. Borrowed likewise.                                     */
const fact_t *ledger_fact_expired (const room_t *room, uint64_t wall_ms, const fact_t *after);
/*  True where the room may have one fact more: it has fewer than ZCHAT_ROOM_FACTS_MAX, or the key
    already.                                                                   */
bool ledger_fact_fits (const room_t *room, const char *key);
/*  True where a ban, mute or permission more by this user is too much: ZCHAT_SANCTIONS_MAX in all,
    ZCHAT_SANCTIONS_BY_MAX by one, ZCHAT_SANCTIONS_PLACE_MAX where the room is charged, or, where
    it is new (NULL) or that is not known, the holder is.                      */
bool ledger_sanctions_full (const ledger_t *ledger, const char *by, const room_t *room,
                            const char *holder);
/*  True where one contact more (a fact that is told) of the mailbox (NULL: a new one) is too much,
    of most in all; and the one that gives way to it: of that mailbox, or of the place that has
    most, where the holder has fewer; NULL: none does.                         */
bool ledger_contacts_full (const ledger_t *ledger, const room_t *mailbox, size_t most);
const fact_t *ledger_contact_yields (const ledger_t *ledger, const room_t *mailbox,
                                     const char *holder);

/*  --- producers.c -----------------------------------------------------------  */

/*  The producer, NULL where it is not known.                                  */
const producer_t *ledger_producer (const ledger_t *ledger, const uint8_t *id);
/*  The one to give way to a new producer of the holder, where as many are known as may be; NULL:
    nobody has more than one.                                                  */
const producer_t *ledger_producer_yields (ledger_t *ledger, const char *holder);
/*  A producer that is old at wall_ms, of those that have ended, or that have not: the one behind
    after (NULL: the oldest); NULL: none.                                      */
const producer_t *ledger_producer_old (ledger_t *ledger, bool ended, const producer_t *after,
                                       uint64_t wall_ms);
/*  How many producers that had not ended are known no more.                   */
uint64_t ledger_forgotten (const ledger_t *ledger);
#define LEDGER_FORGOTTEN "forgotten" /* the fact of the broker that says so     */
size_t ledger_n_producers (const ledger_t *ledger);

#endif
