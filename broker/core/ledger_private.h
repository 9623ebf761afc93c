/*  ledger_private.h - what the files of the ledger share                      */
#ifndef ZCHAT_LEDGER_PRIVATE_H
#define ZCHAT_LEDGER_PRIVATE_H

#include "ledger.h"
#include "owners.h"

/*  Another key by which an owner is found.                                    */
typedef struct owner_key {
    char *key;         /* a name's fold or look                              */
    owner_t *owner;    /*                                                    */
    UT_hash_handle hh; /*                                                    */
} owner_key_t;

/*  The names that a public key claimed.                                       */
typedef struct {
    char key[ADDRESS_KEY_TEXT + 1]; /*                                         */
    owner_t *owners;                /* list, never empty                       */
    UT_hash_handle hh;              /*                                         */
} claimant_t;

/*  How many bans and mutes somebody has set that stand.                       */
typedef struct judge {
    char *name;
    size_t count;
    UT_hash_handle hh;
} judge_t;

struct ledger {
    room_key_t *keys;                   /* rooms and mailboxes by fold and look              */
    room_t *by_id;                      /* those that are stored, by number                  */
    room_t *rooms;                      /* all rooms, oldest first                           */
    size_t n_rooms[2];                  /* rooms, mailboxes                                  */
    size_t rooms_max[2];                /* so many                                           */
    budget_t *charges[2][CHARGE_COUNT]; /* who they are charged to              */
    uint64_t latest_ms;                 /* the latest time given to a message                */
    uint64_t begins;                    /* seqs of new rooms begin behind it, from a fact    */
    uint64_t last_id;                   /* last number given to a room or mailbox            */
    producer_t *producers;              /* by id                                             */
    producer_t *idle;                   /* the same, least recently used first               */
    producer_t *ended;                  /* those that have ended, likewise                   */
    bool unsorted;                      /* but not yet: they were loaded in any order        */
    budget_t *budget;                   /* who made the producers that have not ended        */
    uint64_t forgotten;                 /* how many of those gave way, from a fact           */
    size_t producers_max;               /* so many                                           */
    size_t n_producers;                 /*                                                   */
    judge_t *judges;                    /* who has set bans and mutes, and how many          */
    size_t n_sanctions;                 /* of all rooms                                      */
    budget_t *sanctions;                /* where they stand                                  */
    budget_t *contacts;                 /* where facts that are told stand                   */
    size_t n_told;                      /* of all mailboxes                                  */
    size_t contacts_max;                /* so many                                           */
    fact_t *facts;                      /* of the broker                                     */
    owner_t *owners;                    /* by number                                         */
    owner_key_t *names;                 /* owners by fold and look                           */
    claimant_t *claimants;              /* by public key                                     */
    owner_t *spare;                     /* those that are freed or no more                   */
    budget_t *claimed;                  /* who has claimed names, by place and key           */
    budget_t *unused;                   /* likewise, of those that may give way              */
    size_t n_owned;                     /* owners that have a name                           */
    size_t names_max;                   /* so many                                           */
    uint64_t last_owner;                /* last number given to an owner                     */
};

/*  --- mailbox.c -------------------------------------------------------------  */
enum {
    MAILBOX_HASH_SIZE = 16, /* bytes                                           */
    MAILBOX_NAME_MAX = 2 + 2 * MAILBOX_HASH_SIZE,
};
void mailbox_name (const char *who, char name[MAILBOX_NAME_MAX + 1]);
bool mailbox_keys (frame_t name, name_keys_t *keys);

/*  --- charges.c -------------------------------------------------------------  */
/*  Who the room is charged to; NULL: that is not known.                       */
const char *room_holder (const room_t *room);
void charges_new (ledger_t *ledger);
void charges_destroy (ledger_t *ledger);
/*  The room is one of those that count, charged to nobody yet; or no longer.   */
void room_count (ledger_t *ledger, room_t *room, bool counts);
/*  Facts of the room have changed: it may be charged otherwise.               */
void room_reclass (ledger_t *ledger, room_t *room);

/*  --- facts.c ---------------------------------------------------------------  */
void facts_destroy (ledger_t *ledger, fact_t **facts);
/*  The room is charged otherwise, and with it what stands there.              */
void facts_recharge (ledger_t *ledger, room_t *room);

/*  --- owners.c --------------------------------------------------------------  */

/*  The fact name/... says value, or is no more: the owner follows. False: value cannot be. loaded:
    by a log, which may hold names that today would be one.                    */
bool owner_fact_set (ledger_t *ledger, const char *key, frame_t value, bool loaded);
void owners_destroy (ledger_t *ledger);

#endif
