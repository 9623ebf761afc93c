/*  owners.h - whose a name is, durably

    An owner is a name and the public keys that prove it (none, where it is proven by tokens
    alone). Its number is never used again, so that who gets a freed name inherits nothing.
    Owners follow from the facts name/N:
   {"name":text,"keys":[key,...],"vouches":{key:text,...},"by":key,"place":path,"since":ms,
    "freed":ms,"unused":true};
    {} is one that is no more, kept for its number while that is the highest.
*/
#ifndef ZCHAT_OWNERS_H
#define ZCHAT_OWNERS_H

#include "address.h"
#include "ledger.h"
#include <jansson.h>
#include <zchat/seal.h>

enum { PLACE_MAX = 33 }; /* bytes of two hashes in hex, joined by /              */

typedef struct owner {
    uint64_t id; /* from 1                                             */
    char *name;  /* as it was spelled when it was claimed; NULL: no more */
    char keys[ZCHAT_NAME_KEYS_MAX][ADDRESS_KEY_TEXT + 1]; /*                     */
    size_t n_keys;                                        /*                     */
    char *vouches; /* a JSON object: of a key, what another says for it; NULL: none */
    char by[ADDRESS_KEY_TEXT + 1]; /* the key that claimed it; "": a token */
    char place[PLACE_MAX + 1];     /* where it was claimed, as a path; "": not known, or by a token,
                                      which is nobody's place                      */
    uint64_t since_ms;             /* Unix time: when it was claimed                     */
    uint64_t freed_ms;             /* Unix time: nobody's since then; 0: it is owned     */
    bool unused;           /* a key claimed it at a known place, and did nothing with it since */
    budget_item_t claimed; /* charged to where it was claimed      */
    budget_item_t idle;    /* likewise where it may give way: see names.c        */
    struct owner_key *fold, *look;         /* how it is found; look may be NULL        */
    struct owner *prev, *next;             /* claimed by the same key                  */
    bool spare;                            /* freed, or no more: in the list of those  */
    struct owner *prev_spare, *next_spare; /*                                  */
    UT_hash_handle hh;                     /*                                          */
} owner_t;

/*  The owner of the name, freed or not; NULL: nobody.                         */
const owner_t *ledger_owner (const ledger_t *ledger, const name_keys_t *keys);
/*  The owner with this number, unless it is freed; NULL: there is none.       */
const owner_t *ledger_owner_by_id (const ledger_t *ledger, uint64_t id);
/*  The same, freed or not; NULL also where it is no more.                      */
const owner_t *ledger_owner_known (const ledger_t *ledger, uint64_t id);
/*  The owner's name as names are compared; NULL: no more.                     */
const char *owner_fold (const owner_t *owner);
/*  True where the key is one of the owner's.                                  */
bool owner_has_key (const owner_t *owner, const char *key);
/*  How many names the key has claimed, those given up less than ZCHAT_NAME_FREED_MS ago among
    them: else one key could use up all names. Keys that are added do not count: else who has
    a name could use up the claims of somebody else's key.                     */
size_t ledger_key_names (const ledger_t *ledger, const char *key, uint64_t wall_ms);
/*  The number the next owner gets.                                            */
uint64_t ledger_owner_next (const ledger_t *ledger);
/*  How many names are owned. Freed ones are among them; those that are no more are not. */
size_t ledger_n_owned (const ledger_t *ledger);
/*  How many of those keys have claimed at this place; "" is nobody's place: 0.  */
size_t ledger_n_claimed (const ledger_t *ledger, const char *place);
/*  The unused name that gives way first to one more that is claimed at this place ("": nobody's):
   of the place that has most of them, of the /64 in it that has, the oldest; within: of this place
    alone. Of those that fit: see budget_yields_where. NULL: none.             */
typedef bool ledger_owner_fits_t (void *arg, const owner_t *owner);
const owner_t *ledger_owner_yields (const ledger_t *ledger, const char *place, bool within,
                                    ledger_owner_fits_t *fits, void *arg);
/*  An owner that need not be remembered at wall_ms: freed ZCHAT_NAME_FREED_MS ago, or no more and
   not of the highest number; or the next one behind after. NULL: none more.      */
const owner_t *ledger_owner_spare (ledger_t *ledger, uint64_t wall_ms, const owner_t *after);
/*  What the fact of an owner says when nothing is to be remembered of it: nothing, but {} where its
    number is the highest, which must not be given again.                      */
const char *ledger_owner_gone (const ledger_t *ledger, uint64_t id);

enum { OWNER_WHO_MAX = NAME_KEY_MAX + 2, OWNER_FACT_MAX = 32 };

/*  The owner's vouches with this one of a key instead of what there was, or (NULL) without any of
   that key: text, which the caller frees; NULL: none is left.                     */
char *owner_vouches (const owner_t *owner, const char *key, const char *vouch);
/*  True where it can be one: what is in it is for those who read it to judge. */
bool owner_vouch_valid (const json_t *vouch);

/*  Write the key of the owner's fact.                                         */
void owner_fact_key (uint64_t id, char key[OWNER_FACT_MAX]);
/*  Write the value of the owner's fact as the owner stands, which need not be one of the
    ledger's; the caller frees it.                                             */
char *owner_fact_value (const owner_t *owner);
/*  Write WHO (see fact_t) of the owner.                                       */
void owner_who (uint64_t id, char who[OWNER_WHO_MAX]);
/*  Write who is charged with what the owner makes, as a path for budget_charge. */
void owner_holder (const owner_t *owner, char holder[BUDGET_PATH_MAX + 1]);

#endif
