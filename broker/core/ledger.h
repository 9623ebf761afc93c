/*  ledger.h - what is durable: rooms, heads, topics, producers, facts

    A function of the log: the ledger of a broker that starts again is the one it had.
    Each room has two heads: head is on disk and may be told; next is given out
    already, to messages that wait for their commit. ledger_undo takes it back
    where a commit failed.
*/
#ifndef ZCHAT_LEDGER_H
#define ZCHAT_LEDGER_H

#include "budget.h"
#include "hash.h"
#include "name.h"
#include "store.h"

typedef struct ledger ledger_t;
typedef struct member member_t;

/*  Something that is known of a room, or of the broker, under a key of its own:
        room    mode        {"private","locked","closed"}, each true or not there
                role/WHO    "operator" or "member"
                ban/WHO     {"user","by","until"}; older logs have "reason" too
                mute/WHO    likewise
        mailbox mode        {"locked":true}: it takes nothing of strangers
                ban/WHO     as of a room: it takes nothing of theirs
                met/WHO     they are no stranger: told, or {"user","by"} where its user said so
        broker  name/N      {"name","keys",...}: the owner N; see owners.h
    WHO is # and the number of an owner, or = and the name_who of a name that is not proven.  */
typedef struct fact {
    char *key;          /*                                                     */
    char *value;        /* JSON text; a role is a bare word                    */
    char *by;           /* of a ban or mute: who set it; else NULL             */
    uint64_t until_ms;  /* and until when; 0: for good                         */
    bool told;          /* met/WHO for having written to them: may give way    */
    struct room *room;  /* of a room or mailbox; NULL: of the broker           */
    budget_item_t item; /* of a room: charged as that is                      */
    UT_hash_handle hh;  /*                                                     */
} fact_t;

/*  Another key by which a room is found.                                      */
typedef struct room_key {
    char *key;         /* a name's fold or look                               */
    struct room *room; /*                                                     */
    UT_hash_handle hh; /*                                                     */
} room_key_t;

/*  How a room is charged: see charges.c.                                      */
typedef enum {
    CHARGE_OWN,    /* only who made it was ever in it or had something stored there */
    CHARGE_SHARED, /* others were, or it is moderated                         */
    CHARGE_KEPT,   /* it never gives way: a private room, or the mailbox of somebody who
                      has said whom it takes messages of                      */
    CHARGE_COUNT,
} charge_t;

typedef struct room {
    uint64_t id;            /* number in the store; 0: nothing is stored of it yet     */
    char *name;             /* its spelling                                            */
    size_t name_size;       /* bytes                                                   */
    room_key_t fold, look;  /* how it is found; look may be unused                     */
    bool mailbox;           /* of somebody: its name is @ and who; shown as @          */
    bool is_private;        /* from the fact "mode", as the next two                   */
    bool locked, closed;    /*                                                         */
    size_t n_roles;         /* facts role/...                                          */
    size_t n_told;          /* facts that are told                                     */
    fact_t *facts;          /* by key                                                  */
    uint64_t head;          /* last seq on disk                                        */
    uint64_t next;          /* last seq given out, head at least                       */
    uint64_t first;         /* oldest seq stored                                       */
    uint64_t time_ms;       /* of the last event given out: time never goes back       */
    char *topic, *topic_by; /* on disk; never NULL                                     */
    uint64_t topic_time_ms; /*                                                         */
    size_t pending;         /* held effects that point here                            */
    size_t n_inviting;      /* those of them with LAND_IN                              */
    uint64_t begins;        /* its seqs begin behind it; 0 also where that is not known */
    bool dying;             /* its end is on its way to the disk: nothing is stored there */
    bool counted;           /* among the rooms or mailboxes; not once it is dying or gone */
    char *charge;           /* "own PATH" or "shared PATH"; NULL: not known, not charged */
    bool charge_told;       /* on disk, or on its way there: else the next message tells it */
    bool stored_own;        /* as the log has it, "own"                              */
    charge_t charged;       /* how, where item is charged                              */
    budget_item_t item;     /* to PATH                                                 */
    /*  presence's                                                             */
    member_t *members;   /* list: sessions                                          */
    size_t n_members;    /* users                                                   */
    struct merge *merge; /* joins and leaves waiting to be announced together       */
    /*  the batch's                                                            */
    uint8_t *pack;                 /* being filled                                            */
    size_t pack_size, pack_room;   /* used, allocated                                    */
    struct room *touched;          /* next in the list of rooms being published               */
    UT_hash_handle hh_id;          /* by id                                                   */
    struct room *prev, *next_room; /* all rooms, oldest first                          */
} room_t;

typedef struct producer {
    uint8_t id[ZCHAT_PRODUCER_SIZE]; /*                                                */
    uint64_t n;                      /* its last, given out                            */
    uint64_t time_ms;                /* when it was used last                          */
    bool ended;                      /* it said that it will not come back             */
    budget_item_t item;              /* charged to who made it, unless it has ended    */
    UT_hash_handle hh;               /*                                                */
    struct producer *prev, *next;    /* least recently used first                      */
} producer_t;

ledger_t *ledger_new (void);
/*  Take fewer than ZCHAT_PRODUCERS_MAX, ZCHAT_NAMES_MAX, ZCHAT_ROOMS_MAX, and again ZCHAT_NAMES_MAX
    (0: as many): for tests.                                                   */
void ledger_bound (ledger_t *ledger, size_t producers, size_t names, size_t rooms,
                   size_t mailboxes);
/*  Likewise ZCHAT_CONTACTS_ALL_MAX.                                           */
void ledger_bound_contacts (ledger_t *ledger, size_t contacts);
void ledger_destroy (ledger_t **self_p);

/*  The loader's parts; see core_loader. Producers may come in any order.      */
zchat_status_t ledger_load_room (ledger_t *ledger, const store_room_t *from) ZCHAT_CHECKED;
zchat_status_t ledger_load_fact (ledger_t *ledger, const store_fact_t *from) ZCHAT_CHECKED;
zchat_status_t ledger_load_producer (ledger_t *ledger, const store_producer_t *from) ZCHAT_CHECKED;

/*  The room by that name; NULL where there is none.                           */
room_t *ledger_room (ledger_t *ledger, const name_keys_t *keys);
room_t *ledger_room_by_id (ledger_t *ledger, uint64_t id);

/*  The same, but made where it is not there, and charged to the holder; NULL at ZCHAT_ROOMS_MAX. */
room_t *ledger_room_make (ledger_t *ledger, frame_t name, const name_keys_t *keys,
                          const char *holder);

/*  The mailbox of WHO (see fact_t), made where it is not there; NULL at ZCHAT_NAMES_MAX, or,
    where holder is NULL, where there is none.                                 */
room_t *ledger_mailbox (ledger_t *ledger, const char *who, const char *holder);

/*  True where it is the mailbox of WHO.                                       */
bool ledger_mailbox_of (const room_t *room, const char *who);

/*  The name as peers know it: a mailbox is @.                                 */
frame_t ledger_room_shown (const room_t *room);

/*  What the fact says; NULL: it is not there. room NULL: of the broker. Borrowed until the
    fact changes.                                                              */
const char *ledger_fact (const ledger_t *ledger, const room_t *room, const char *key);
/*  The key of a ban or mute of the room that is over; NULL: none. Borrowed likewise. */
const char *ledger_fact_expired (const room_t *room, uint64_t wall_ms);

/*  The fact says value from now on; empty: it is no more. ZCHAT_OK; ZCHAT_LIMIT where the room
    has ZCHAT_ROOM_FACTS_MAX; ZCHAT_CORRUPT where value cannot be of this key: nothing is
    changed then. Who sets a fact that is not on disk yet keeps what it said before, for
    ledger_fact_undo, which no bound can hinder.                               */
zchat_status_t ledger_fact_set (ledger_t *ledger, room_t *room, const char *key,
                                frame_t value) ZCHAT_CHECKED;
zchat_status_t ledger_fact_undo (ledger_t *ledger, room_t *room, const char *key,
                                 frame_t value) ZCHAT_CHECKED;

#define LEDGER_TOLD   "told"
#define LEDGER_LOCKED "{\"locked\":true}"
/*  True where one contact more (a fact that is told) of the mailbox is too much, and the one that
    gives way to it: of that mailbox, or of the place that has most; NULL: none does.  */
bool ledger_contacts_full (const ledger_t *ledger, const room_t *mailbox);
const fact_t *ledger_contact_yields (const ledger_t *ledger, const room_t *mailbox);

/*  Drop the room where nothing is stored of it, nobody is in it and nothing points
    to it.                                                                     */
void ledger_room_release (ledger_t *ledger, room_t *room);

/*  --- charges.c -------------------------------------------------------------  */

/*  The room is charged as the text says, which is to be told: see room_t; "", and what says nothing
    that can be: as before.                                                    */
void ledger_room_charge (ledger_t *ledger, room_t *room, frame_t charge);
/*  That charge of the room is on disk.                                        */
void ledger_room_charged (room_t *room, frame_t charge);
/*  The holder uses the room; own: it is their mailbox.                        */
void ledger_room_use (ledger_t *ledger, room_t *room, const char *holder, bool own);
/*  At their bound, the room, or mailbox, that may give way to one of the holder; NULL: none has to,
    or none can.                                                               */
room_t *ledger_room_yields (ledger_t *ledger, bool mailbox, const char *holder);
/*  It is in use: others before it.                                            */
void ledger_room_spare (ledger_t *ledger, room_t *room);
/*  It does not give way meanwhile, whoever has most.                          */
void ledger_room_keep (ledger_t *ledger, room_t *room, bool keep);
/*  Call visit for rooms that nobody misses at wall_ms, ZCHAT_FORGET_ROOMS at most: nobody is in
   them, nobody but who made them ever used them, by what the log knows (who came in is stored with
   the next message), they have no topic, and nothing was said for
   ZCHAT_ROOM_AGE_MS and nobody proven made them, or for ZCHAT_ROOM_EMPTY_MS, and retention has
   taken it all. True: there may be more. visit may only end them.                                */
bool ledger_rooms_forgotten (ledger_t *ledger, uint64_t wall_ms,
                             void (*visit) (void *arg, room_t *room), void *arg);
/*  True where the holder's place holds as many private rooms as one may.      */
bool ledger_private_full (const ledger_t *ledger, const char *holder);

/*  The end of the room, of which something is stored, is on its way to the disk, or is not.  */
void ledger_room_dying (ledger_t *ledger, room_t *room, bool dying);
/*  It is on the disk: it is a room of which nothing is stored, until it is released.  */
void ledger_room_gone (ledger_t *ledger, room_t *room);

/*  Behind which seq a new room begins: beyond all that rooms which are gone ever gave out, so that
    who knew one of that name is told. From a fact of the broker.              */
uint64_t ledger_begins (const ledger_t *ledger);
#define LEDGER_BEGINS "begins"

/*  All rooms, oldest first: the first one; go on by next_room.                */
room_t *ledger_rooms (const ledger_t *ledger);

/*  What a message did to the ledger, to be undone where it is not stored.     */
typedef struct {
    room_t *room;                          /*                                  */
    uint64_t seq;                          /* given to it                      */
    uint64_t time_ms;                      /* and its time                     */
    uint64_t last_time_ms;                 /* the room's before                */
    bool has_producer;                     /*                                  */
    bool first_of_room;                    /* the room got its id by it        */
    uint8_t producer[ZCHAT_PRODUCER_SIZE]; /*                                  */
    uint64_t n;                            /*                                  */
    const char *holder;                    /* who a new producer is charged to; borrowed */
    producer_t *forgotten;                 /* what gave way to it; the entry's own */
    char forgotten_holder[BUDGET_PATH_MAX + 1];
} ledger_entry_t;

/*  Put a message in order: on ZCHAT_OK *entry (room, has_producer, producer and n
    filled by the caller, and holder) has seq and time_ms, and what gave way to a new producer.
    Nothing is changed otherwise:
    - ZCHAT_EMPTY: n was seen before, it is a duplicate;
    - ZCHAT_GAP: *expected is the n that is expected;
    - ZCHAT_LIMIT: no more producers, and nobody has more than one; or no more seqs in the
      room.                                                                    */
zchat_status_t ledger_apply (ledger_t *ledger, ledger_entry_t *entry, uint64_t wall_ms,
                             uint64_t *expected) ZCHAT_CHECKED;

/*  True where the producer's message n was put in order, or one behind it.    */
bool ledger_seen (ledger_t *ledger, const uint8_t *producer, uint64_t n);

/*  Take an apply back; in the reverse order of applying. What gave way is there again. */
void ledger_undo (ledger_t *ledger, ledger_entry_t *entry);
/*  An entry will not be taken back: free what it owns.                        */
void ledger_keep (ledger_entry_t *entry);

/*  Who the producer, which is known and has not ended, is charged to.         */
const char *ledger_producer_holder (ledger_t *ledger, const uint8_t *id);
/*  The producer, NULL where it is not known.                                  */
const producer_t *ledger_producer (ledger_t *ledger, const uint8_t *id);
/*  It has said, at time_ms, that it will not come back: it is the first to give way. */
void ledger_end (ledger_t *ledger, const uint8_t *id, uint64_t time_ms);
/*  How many producers that had not ended gave way, or were forgotten for their age, so far. */
uint64_t ledger_forgotten (const ledger_t *ledger);
#define LEDGER_FORGOTTEN "forgotten" /* the fact of the broker that says so     */

/*  Forget producers that were silent for too long at wall_ms, a bounded number of them; *silent is
    how many of those had not ended. True: there may be more.                  */
bool ledger_forget (ledger_t *ledger, uint64_t wall_ms, size_t *silent);

/*  The highest number of a room so far.                                       */
uint64_t ledger_last_room (const ledger_t *ledger);
size_t ledger_n_rooms (const ledger_t *ledger);
size_t ledger_n_producers (const ledger_t *ledger);

#endif
