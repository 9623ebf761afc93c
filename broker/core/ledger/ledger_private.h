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
    owner_t *owners; /* list, never empty                                      */
    UT_hash_handle hh;
} claimant_t;

/*  How many bans and mutes that stand somebody has set.                       */
typedef struct {
    char *name;
    size_t count;
    UT_hash_handle hh;
} judge_t;

struct ledger {
    uint64_t position;                  /* records applied                                  */
    room_key_t *keys;                   /* rooms and mailboxes by fold and look             */
    room_t *by_id;                      /* the same by number                               */
    room_t *rooms;                      /* without mailboxes, oldest first                  */
    size_t n_rooms[2];                  /* rooms, mailboxes                                 */
    budget_t *charges[2][CHARGE_COUNT]; /* who those are charged to            */
    uint64_t begins;                    /* from the fact of that name                       */
    uint64_t last_room;                 /* last number given to a room or mailbox           */
    producer_t *producers;              /* by id                                            */
    producer_t *idle;                   /* those that have not ended, least recently used first */
    producer_t *ended;                  /* those that have, likewise                        */
    bool unsorted;                      /* but not yet: they were loaded in any order       */
    budget_t *budget;                   /* who made the producers that have not ended       */
    uint64_t forgotten;                 /* from the fact of that name                       */
    size_t n_producers;
    judge_t *judges;       /* who has set bans and mutes, by name              */
    size_t n_sanctions;    /* of all rooms                                     */
    budget_t *sanctions;   /* where those stand                                */
    budget_t *contacts;    /* where facts that are told stand                  */
    size_t n_told;         /* of all mailboxes                                 */
    fact_t *facts;         /* of the broker, by key                            */
    owner_t *owners;       /* by number                                        */
    owner_key_t *names;    /* owners by fold and look                          */
    claimant_t *claimants; /* by public key                                    */
    owner_t *spare;        /* those that are no more, and then those that are freed, oldest first */
    budget_t *claimed;     /* who has claimed names                            */
    budget_t *unused;      /* likewise, of those that may give way             */
    size_t n_owned;        /* owners that have a name                          */
    uint64_t last_owner;   /* last number given to an owner                    */
};

/*  Each of the next functions is a part of ledger_apply, and returns what it does.  */

/*  --- rooms.c ---------------------------------------------------------------  */
zchat_status_t rooms_load (ledger_t *ledger, const store_room_t *row);
/*  The room of the record, made where it is new; NULL: it cannot be.          */
room_t *rooms_make (ledger_t *ledger, const store_record_t *record);
zchat_status_t rooms_append (room_t *room, const event_t *event);
zchat_status_t rooms_trim (ledger_t *ledger, const store_trimmed_t *trimmed);
/*  The room is no more.                                                       */
zchat_status_t rooms_drop (ledger_t *ledger, uint64_t id);
void rooms_clear (ledger_t *ledger);

/*  --- charges.c -------------------------------------------------------------  */
void charges_new (ledger_t *ledger);
void charges_destroy (ledger_t *ledger);
/*  Who the room is charged to; NULL: that is not known.                       */
const char *room_holder (const room_t *room);
/*  The room is charged as the text says; what says nothing that can be: as before. */
void room_charge (ledger_t *ledger, room_t *room, frame_t text);
void room_uncharge (ledger_t *ledger, room_t *room);
/*  Facts of the room have changed: it may be charged otherwise.               */
void room_reclass (ledger_t *ledger, room_t *room);

room_t *room_numbered (const ledger_t *ledger, uint64_t id);

/*  --- facts.c ---------------------------------------------------------------  */

/*  key and value of a fact, of the broker where room is NULL; empty value: it is no more. loaded:
    it may be what today would not be allowed any more.                        */
zchat_status_t facts_set (ledger_t *ledger, room_t *room, frame_t key, frame_t value, bool loaded);
zchat_status_t facts_load (ledger_t *ledger, const store_fact_t *row);
/*  The room is charged otherwise, and with it what stands there.              */
void facts_recharge (ledger_t *ledger, room_t *room);
void facts_destroy (ledger_t *ledger, fact_t **facts);

/*  --- producers.c -----------------------------------------------------------  */
zchat_status_t producers_load (ledger_t *ledger, const store_producer_t *row);
/*  The record's producer has said its message n, or has ended.                */
zchat_status_t producers_use (ledger_t *ledger, const store_record_t *record);
zchat_status_t producers_forget (ledger_t *ledger, const uint8_t *id);
void producers_destroy (ledger_t *ledger);

/*  --- owners.c --------------------------------------------------------------  */

/*  The fact name/... says value, or is no more: the owner follows. False: value cannot be. loaded:
    by a log, which may hold names that today would be one.                    */
bool owners_set (ledger_t *ledger, const char *key, frame_t value, bool loaded);
void owners_destroy (ledger_t *ledger);

#endif
