/*  ledger.h - what is durable: rooms, heads, topics, producers, names, facts

    The ledger is a function of the log: ledger = fold (ledger_apply, records). ledger_apply is the
    only function that changes it. It is called when the ledger is loaded, with rows that the store
    keeps of all earlier records; when the core has decided, with its new records; and when
   retention has taken events away. Commands that work on the log of a stopped broker load one, too.
   A record carries all that applying needs, and applying reads nothing else: no clock, no
   connection, no random number.

    The ledger runs ahead of the disk by the one batch that is being committed. Nothing in it is
    ever undone: where a batch was not stored, another ledger is loaded.
*/
#ifndef ZCHAT_LEDGER_H
#define ZCHAT_LEDGER_H

#include "../base/budget.h"
#include "../base/hash.h"
#include "name.h"
#include "store.h"

typedef struct ledger ledger_t;

/*  Something that is known of a room, or of the broker, under a key of its own:
        room    mode        {"private","locked","closed"}, each true or not there
                role/WHO    "operator" or "member"
                ban/WHO     {"user","by","until"}; older logs have "reason" too
                mute/WHO    likewise
        mailbox mode        {"locked":true}: strangers may not write to it
                ban/WHO     as of a room: this user may not write to it
                met/WHO     this user is no stranger: "told" where the mailbox's user has written to
                            them, {"user","by"} where the mailbox's user allows them
        broker  name/N      {"name","keys",...}: the owner N; see owners.h
                begins      see ledger_begins
                 numbered    see ledger_next_room
                 forgotten   see ledger_forgotten
     WHO is a user: # and the number of an owner; or, where the name is not proven, = and its
     name_who.                                                                  */
typedef struct fact {
    char *key;
    char *value;        /* JSON text; a role is a bare word                    */
    char *by;           /* of a ban or mute: who set it; else NULL             */
    uint64_t until_ms;  /* Unix time: when it ends; 0: never                   */
    bool told;          /* of met/WHO: it is "told", and so may give way       */
    struct room *room;  /* NULL: it is of the broker                           */
    budget_item_t item; /* of a ban, a mute or a contact: charged to whom the room is charged to */
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

/*  How a room is charged; see charges.c.                                      */
typedef enum {
    CHARGE_OWN,    /* only who made it was ever in it or had something stored there */
    CHARGE_SHARED, /* others were in it or had something stored there, or it is moderated */
    CHARGE_KEPT,   /* it never gives way: it is private, or the mailbox of an owner who has said
                      from whom they take messages                             */
    CHARGE_COUNT,
} charge_t;

/*  A room of which something is stored.                                       */
typedef struct room {
    uint64_t id;              /* its number in the log, from 1                 */
    char *name;               /* as whoever said the first thing spelled it    */
    size_t name_size;         /* bytes                                         */
    room_key_t fold, look;    /* look is unused where it is another room's key */
    bool mailbox;             /* its name is @ and a number or a hash, and peers see @ */
    bool is_private;          /* this and the next line follow from its fact "mode" */
    bool locked, closed;      /* only operators set the topic; nobody is let in */
    size_t n_roles;           /* how many facts role/... it has                */
    size_t n_told;            /* how many facts it has that are told           */
    fact_t *facts;            /* by key                                        */
    struct marker *markers;   /* list: how far owners have read it             */
    uint64_t begins;          /* its first seq was one more; 0 where it was loaded */
    uint64_t head;            /* seq of its last event                         */
    uint64_t first;           /* seq of the oldest event still stored; head + 1: none is */
    uint64_t time_ms;         /* Unix time of its last event                   */
    char *topic, *topic_by;   /* never NULL                                    */
    uint64_t topic_time_ms;   /* Unix time                                     */
    char *charge;             /* "own PATH" or "shared PATH"; NULL: that is not known, and it is not
                                 charged                                       */
    charge_t charged;         /* how item is charged, where it is              */
    budget_item_t item;       /* charged to PATH                               */
    UT_hash_handle hh_id;     /* by id                                         */
    struct room *prev, *next; /* all rooms but mailboxes, oldest first         */
} room_t;

/*  How far an owner has read a room.                                          */
typedef struct marker {
    struct owner *owner;
    room_t *room;
    uint64_t seq;               /* of the last event read                      */
    budget_item_t item;         /* charged to the owner; its age is when it was set last */
    struct marker *prev, *next; /* of the same room                            */
} marker_t;

/*  Whoever numbers messages, so that none is stored twice.                    */
typedef struct producer {
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;                   /* the number of its last message            */
    uint64_t time_ms;             /* Unix time of its last message, or of its end */
    bool ended;                   /* it said that it will not come back        */
    budget_item_t item;           /* charged to who made it, unless it has ended */
    UT_hash_handle hh;            /* by id                                     */
    struct producer *prev, *next; /* among those that have ended, or that have not: oldest first */
} producer_t;

/*  An empty ledger, at position 0.                                            */
ledger_t *ledger_new (void);
void ledger_destroy (ledger_t **self_p);

/*  --- the fold --------------------------------------------------------------  */

typedef enum {
    LEDGER_CHANGE, /* the next record of the log: an event, a fact, the end of a producer, ... */
    LEDGER_TRIM,   /* retention took the oldest events of a room; this is no record of the log */
    /*  What a store remembers, for a ledger that is being loaded:             */
    LEDGER_ROOM,     /* a room                                                 */
    LEDGER_FACT,     /* a fact, after its room                                 */
    LEDGER_PRODUCER, /* a producer; they come in any order                     */
    LEDGER_MARKER,   /* how far an owner has read a room, after both           */
    LEDGER_POSITION, /* the position of the log                                */
} ledger_kind_t;

typedef struct {
    ledger_kind_t kind;
    union {
        const store_record_t *change;
        const store_trimmed_t *trim;
        const store_room_t *room;
        const store_fact_t *fact;
        const store_producer_t *producer;
        const store_marker_t *marker;
        uint64_t position;
    };
} ledger_record_t;

/*  Apply one record, of which nothing is borrowed afterwards. ZCHAT_OK; or ZCHAT_CORRUPT where it
    cannot follow on what the ledger holds, or ZCHAT_LIMIT where the ledger would hold too much:
    then the ledger must be destroyed. A record that was decided on this ledger always applies. */
zchat_status_t ledger_apply (ledger_t *ledger, const ledger_record_t *record) ZCHAT_CHECKED;

/*  The position in the log: how many of its records the ledger is made of.    */
uint64_t ledger_position (const ledger_t *ledger);

/*  --- rooms.c ---------------------------------------------------------------  */

/*  The room by that name; NULL where nothing is stored of it.                 */
const room_t *ledger_room (const ledger_t *ledger, const name_keys_t *keys);
/*  The room whose name has this fold, and not only this look; NULL: none.     */
const room_t *ledger_room_folded (const ledger_t *ledger, const char *fold);
const room_t *ledger_room_by_id (const ledger_t *ledger, uint64_t id);

enum { LEDGER_MAILBOX_MAX = 34 }; /* bytes of a mailbox's name                  */

/*  Write the name of the mailbox of WHO (see fact_t): of the owner 12 it is @12, of a name that is
    not proven @= and a hash. No user and no other room can have such a name.  */
void ledger_mailbox_name (const char *who, char name[LEDGER_MAILBOX_MAX + 1]);
/*  The mailbox of WHO; NULL where nothing is stored in it.                    */
const room_t *ledger_mailbox (const ledger_t *ledger, const char *who);

/*  The name by which peers know the room: of a mailbox it is @. Borrowed from the room. */
frame_t ledger_room_shown (const room_t *room);

/*  The number of the next new room or mailbox: above all that were ever given. Where the last one
    is gone, a fact of the broker says which it was.                           */
uint64_t ledger_next_room (const ledger_t *ledger);
#define LEDGER_NUMBERED "numbered"
/*  True where two rooms more may not have a number each: none is given twice. */
bool ledger_numbers_spent (const ledger_t *ledger);
/*  The oldest room that is no mailbox; go on by next.                         */
const room_t *ledger_rooms (const ledger_t *ledger);
size_t ledger_n_rooms (const ledger_t *ledger);
size_t ledger_n_mailboxes (const ledger_t *ledger);

/*  The first seq of a new room is one more. It is beyond all seqs of rooms that have ended, so that
    whoever knew such a room of the same name notices. It follows from a fact of the broker. */
uint64_t ledger_begins (const ledger_t *ledger);
#define LEDGER_BEGINS "begins"

/*  --- charges.c -------------------------------------------------------------  */

/*  Write how the room is charged after the holder has used it; own: it is the holder's mailbox.
    False: it is charged as before.                                            */
bool ledger_room_used (const room_t *room, const char *holder, bool own,
                       char charge[STORE_CHARGE_MAX + 1]);
/*  The room, or the mailbox, that gives way first to one more of the holder, of those that fit (see
    budget_yields_where). most: how many there may be. NULL: none.             */
typedef bool ledger_room_fits_t (void *arg, const room_t *room);
const room_t *ledger_room_yields (const ledger_t *ledger, bool mailbox, const char *holder,
                                  size_t most, ledger_room_fits_t *fits, void *arg);
/*  True where nobody misses the room at wall_ms: nobody but who made it was ever there, it has no
    topic, and either nobody proven made it and nothing was said for ZCHAT_ROOM_AGE_MS, or retention
    has taken all of it and nothing was said for ZCHAT_ROOM_EMPTY_MS.          */
bool ledger_room_forgotten (const room_t *room, uint64_t wall_ms);
/*  The room or mailbox that was made next after this one; after NULL: the first. NULL: none. */
const room_t *ledger_room_next (const ledger_t *ledger, const room_t *after);
/*  True where the holder's place has as many private rooms as a place may have. */
bool ledger_private_full (const ledger_t *ledger, const char *holder);

/*  --- facts.c ---------------------------------------------------------------  */

/*  What the fact of the room says (room NULL: of the broker); NULL: there is none. Borrowed until
    the fact changes.                                                          */
const char *ledger_fact (const ledger_t *ledger, const room_t *room, const char *key);
/*  The next ban or mute of the room behind after (NULL: the first) that is over at wall_ms; NULL:
    none. Borrowed likewise.                                                   */
const fact_t *ledger_fact_expired (const room_t *room, uint64_t wall_ms, const fact_t *after);
/*  True where the room may have a fact of this key: it has one, or it has fewer than
    ZCHAT_ROOM_FACTS_MAX facts.                                                */
bool ledger_fact_fits (const room_t *room, const char *key);
/*  True where this user may set no further ban, mute or permission in the room (NULL: a new one),
    for one of these bounds is reached: ZCHAT_SANCTIONS_MAX of all, ZCHAT_SANCTIONS_BY_MAX by one
    user, ZCHAT_SANCTIONS_PLACE_MAX of the place that the room is charged to. Where that is not
    known, it is the place of the holder.                                      */
bool ledger_sanctions_full (const ledger_t *ledger, const char *by, const room_t *room,
                            const char *holder);
/*  True where the mailbox (NULL: a new one) may have no further contact (a fact that is told)
    unless another gives way: it has ZCHAT_CONTACTS_MAX, or all mailboxes have most. */
bool ledger_contacts_full (const ledger_t *ledger, const room_t *mailbox, size_t most);
/*  The contact that gives way then: one of the place that has most of them, or one of the same
    mailbox; NULL: none. Where it is not known to whom the mailbox is charged, it is the holder. */
const fact_t *ledger_contact_yields (const ledger_t *ledger, const room_t *mailbox,
                                     const char *holder);

/*  --- markers.c -------------------------------------------------------------  */

/*  How far the owner with this number has read the room with that one; NULL: it is not known. */
const marker_t *ledger_marker (const ledger_t *ledger, uint64_t owner, uint64_t room);
/*  The marker that gives way to one more of the owner: the oldest of the owner's, who has
    ZCHAT_MARKERS_MAX; else, where there are most of all, the oldest of whoever has most. NULL: none
    has to.                                                                    */
const marker_t *ledger_marker_yields (const ledger_t *ledger, const struct owner *owner,
                                      size_t most);
size_t ledger_n_markers (const ledger_t *ledger);

/*  --- producers.c -----------------------------------------------------------  */

/*  The producer; NULL: it is not known.                                       */
const producer_t *ledger_producer (const ledger_t *ledger, const uint8_t *id);
/*  The producer that gives way to a new one of the holder: the one that ended first, else the
    oldest of whoever has most. NULL: nobody has more than one.                */
const producer_t *ledger_producer_yields (ledger_t *ledger, const char *holder);
/*  The next producer behind after (NULL: the oldest) that is old at wall_ms, of those that have
    ended or of those that have not; NULL: none.                               */
const producer_t *ledger_producer_old (ledger_t *ledger, bool ended, const producer_t *after,
                                       uint64_t wall_ms);
/*  How many producers were forgotten that had not ended. It follows from a fact of the broker. */
uint64_t ledger_forgotten (const ledger_t *ledger);
#define LEDGER_FORGOTTEN "forgotten" /* the key of that fact                    */
size_t ledger_n_producers (const ledger_t *ledger);

#endif
