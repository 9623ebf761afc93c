/*  ledger_private.h - what the files of the ledger share                      */
#ifndef ZCHAT_LEDGER_PRIVATE_H
#define ZCHAT_LEDGER_PRIVATE_H

#include "ledger.h"
#include "owners.h"

/*  One of the two keys by which an owner is found.                            */
typedef struct owner_key {
    char *key; /* a name's fold or look                                        */
    owner_t *owner;
    UT_hash_handle hh;
} owner_key_t;

/*  The names that a public key claimed.                                       */
typedef struct {
    char key[ADDRESS_KEY_TEXT + 1];
    owner_t *owners; /* a list that is never empty                             */
    UT_hash_handle hh;
} claimant_t;

/*  How many bans, mutes and permissions there are that this user has set.     */
typedef struct {
    char *name;
    size_t count;
    UT_hash_handle hh;
} judge_t;

struct ledger {
    uint64_t position;                  /* how many records were applied       */
    room_key_t *keys;                   /* rooms and mailboxes by fold and look */
    room_t *by_id;                      /* the same by number                  */
    room_t *rooms;                      /* rooms that are no mailboxes, oldest first */
    size_t n_rooms[2];                  /* how many rooms, how many mailboxes  */
    budget_t *charges[2][CHARGE_COUNT]; /* of rooms and of mailboxes           */
    uint64_t begins;                    /* see ledger_begins                   */
    uint64_t last_room;                 /* last number given to a room or mailbox */
    producer_t *producers;              /* by id                               */
    producer_t *idle;                   /* those that have not ended, least recently used first */
    producer_t *ended;                  /* those that have ended, likewise     */
    bool unsorted;                      /* idle and ended are not in order yet: they were loaded */
    budget_t *budget;                   /* of producers that have not ended    */
    uint64_t forgotten;                 /* see ledger_forgotten                */
    size_t n_producers;
    budget_t *markers; /* of what was read, by owner                       */
    size_t n_markers;
    judge_t *judges;       /* by name                                          */
    size_t n_sanctions;    /* the sum of all judges' counts                    */
    budget_t *sanctions;   /* of facts that judges have set                    */
    budget_t *contacts;    /* of facts that are told                           */
    size_t n_told;         /* facts that are told, of all mailboxes            */
    fact_t *facts;         /* of the broker, by key                            */
    owner_t *owners;       /* by number                                        */
    owner_key_t *names;    /* owners by fold and look                          */
    claimant_t *claimants; /* by public key                                    */
    owner_t *spare;        /* owners that are no more, then those that are freed, oldest first */
    bool spare_unsorted;   /* spare is to be sorted before it is looked at     */
    budget_t *claimed;     /* of names, by where they were claimed             */
    budget_t *unused;      /* likewise of those that may give way              */
    size_t n_owned;        /* how many owners have a name                      */
    uint64_t last_owner;   /* last number given to an owner                    */
};

/*  Functions that return a status are parts of ledger_apply, and return what it does. */

/*  --- rooms.c ---------------------------------------------------------------  */
zchat_status_t rooms_load (ledger_t *ledger, const store_room_t *row);
/*  Make the room that the record begins; NULL: there can be no such room.     */
room_t *rooms_make (ledger_t *ledger, const store_record_t *record);
zchat_status_t rooms_append (room_t *room, const event_t *event);
zchat_status_t rooms_trim (ledger_t *ledger, const store_trimmed_t *trimmed);
/*  The room ends.                                                             */
zchat_status_t rooms_drop (ledger_t *ledger, uint64_t id);
void rooms_clear (ledger_t *ledger);

/*  --- charges.c -------------------------------------------------------------  */
void charges_new (ledger_t *ledger);
void charges_destroy (ledger_t *ledger);
/*  The path that the room is charged to; NULL: that is not known.             */
const char *room_holder (const room_t *room);
/*  Charge the room as the text says (see room_t). A text that cannot be a charge changes
    nothing.                                                                   */
void room_charge (ledger_t *ledger, room_t *room, frame_t text);
void room_uncharge (ledger_t *ledger, room_t *room);
/*  Facts of the room have changed, and with them maybe its charge_t.          */
void room_reclass (ledger_t *ledger, room_t *room);

/*  --- lookup.c --------------------------------------------------------------  */
enum { MAILBOX_HASH_SIZE = 16 }; /* bytes                                      */
/*  The room with this number; NULL: there is none.                            */
room_t *room_numbered (const ledger_t *ledger, uint64_t id);
/*  The room that has the fold for its own; NULL where it is at most another one's look.  */
room_t *room_folded (const ledger_t *ledger, const char *fold);

/*  --- facts.c ---------------------------------------------------------------  */

/*  The fact of the room (NULL: of the broker) says value from now on; an empty value ends it.
    loaded: it comes from a log, which may be older than today's rules.        */
zchat_status_t facts_set (ledger_t *ledger, room_t *room, frame_t key, frame_t value, bool loaded);
zchat_status_t facts_load (ledger_t *ledger, const store_fact_t *row);
/*  The room is charged to another one: so are its bans, mutes and contacts.   */
void facts_recharge (ledger_t *ledger, room_t *room);
void facts_destroy (ledger_t *ledger, fact_t **facts);

/*  --- producers.c -----------------------------------------------------------  */
zchat_status_t producers_load (ledger_t *ledger, const store_producer_t *row);
/*  The record's producer has said its message n, or has ended.                */
zchat_status_t producers_use (ledger_t *ledger, const store_record_t *record);
zchat_status_t producers_forget (ledger_t *ledger, const uint8_t *id);
void producers_destroy (ledger_t *ledger);

/*  --- markers.c -------------------------------------------------------------  */
zchat_status_t markers_load (ledger_t *ledger, const store_marker_t *row);
/*  What the record says of a marker, where it says something.                 */
zchat_status_t markers_set (ledger_t *ledger, const store_record_t *record);
/*  The room ends, or the owner does.                                          */
void markers_drop_room (ledger_t *ledger, const room_t *room);
void markers_drop_owner (ledger_t *ledger, const owner_t *owner);

/*  --- owners.c --------------------------------------------------------------  */

/*  The fact name/... says value from now on, or (an empty value) is no more: change the owner
    likewise. False: it cannot say so. loaded: it comes from a log, in which two owners may have
    names that today would be the same.                                        */
bool owners_set (ledger_t *ledger, const char *key, frame_t value, bool loaded);
void owners_destroy (ledger_t *ledger);

#endif
