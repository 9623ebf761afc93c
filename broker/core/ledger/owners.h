/*  owners.h - whose a name is, durably

    An owner is a name and the public keys that prove it. There are none where it is proven by
    tokens alone. The number of an owner is never used again, so whoever gets a freed name inherits
    nothing.

    Owners follow from the facts name/N:
    {"name":text,"keys":[key,...],"vouches":{key:text,...},"by":key,"place":path,"since":ms,
    "freed":ms,"unused":true}. The fact is {} where the owner is no more, but has the highest
    number, which must not be given again.
*/
#ifndef ZCHAT_OWNERS_H
#define ZCHAT_OWNERS_H

#include "address.h"
#include "ledger.h"
#include <jansson.h>
#include <zchat/seal.h>

enum { PLACE_MAX = 33 }; /* bytes of two hashes in hex, joined by /              */

typedef struct owner {
    uint64_t id; /* from 1                                                     */
    char *name;  /* as it was spelled when it was claimed; NULL: the owner is no more */
    char keys[ZCHAT_NAME_KEYS_MAX][ADDRESS_KEY_TEXT + 1];
    size_t n_keys;
    char *vouches; /* a JSON object: for some keys, what another key says for it; NULL: none */
    char by[ADDRESS_KEY_TEXT + 1]; /* the key that claimed the name; "": a token did */
    char place[PLACE_MAX + 1]; /* where the name was claimed, as a path; "": that is not known, or
                                  a token claimed it, which counts for no place */
    uint64_t since_ms;         /* Unix time: when the name was claimed         */
    uint64_t freed_ms;         /* Unix time: when it was given up; 0: it is owned */
    bool unused;        /* a key claimed it at a known place, and nothing was done with it since */
    marker_t **markers; /* n_markers of them, in the order of the rooms' numbers */
    size_t n_markers, markers_capacity;
    budget_item_t claimed;         /* charged to place                         */
    budget_item_t idle;            /* likewise, while the name may give way; see names.c */
    struct owner_key *fold, *look; /* by which it is found; look may be NULL   */
    struct owner *prev, *next;     /* claimed by the same key                  */
    bool spare;                    /* it is freed or no more, and so in the list of the spare */
    struct owner *prev_spare, *next_spare;
    UT_hash_handle hh;
} owner_t;

/*  The owner of the name, freed or not; NULL: it has none.                    */
const owner_t *ledger_owner (const ledger_t *ledger, const name_keys_t *keys);
/*  The owner with this number, unless it is freed; NULL: there is none.       */
const owner_t *ledger_owner_by_id (const ledger_t *ledger, uint64_t id);
/*  The owner with this number, freed or not; NULL where it is no more.         */
const owner_t *ledger_owner_known (const ledger_t *ledger, uint64_t id);
/*  The fold of the owner's name; NULL: the owner is no more.                  */
const char *owner_fold (const owner_t *owner);
/*  True where the key is one of the owner's.                                  */
bool owner_has_key (const owner_t *owner, const char *key);
/*  How many names the key has claimed. Those given up less than ZCHAT_NAME_FREED_MS ago count, or
    one key could use up all names. Names that the key was added to do not count, or their owners
    could use up the claims of somebody else's key.                            */
size_t ledger_key_names (const ledger_t *ledger, const char *key, uint64_t wall_ms);
/*  The number that the next owner gets.                                       */
uint64_t ledger_owner_next (const ledger_t *ledger);
/*  How many owners there are, freed ones among them, but none that is no more. */
size_t ledger_n_owned (const ledger_t *ledger);
/*  How many of them keys have claimed at this place; 0 where that is "".      */
size_t ledger_n_claimed (const ledger_t *ledger, const char *place);
/*  The owner of an unused name that gives way first to one more which is claimed at this place ("":
    at none): the oldest of the place that has most, in it of the /64 that has most; within: only of
    this place. Of those that fit, see budget_yields_where; NULL: none.        */
typedef bool ledger_owner_fits_t (void *arg, const owner_t *owner);
const owner_t *ledger_owner_yields (const ledger_t *ledger, const char *place, bool within,
                                    ledger_owner_fits_t *fits, void *arg);
/*  The next owner behind after (NULL: the first) that need not be remembered at wall_ms: freed
    ZCHAT_NAME_FREED_MS ago, or no more and not of the highest number. NULL: none. */
const owner_t *ledger_owner_spare (ledger_t *ledger, uint64_t wall_ms, const owner_t *after);
/*  What the fact of an owner has to say so that the owner is no more: {} where it has the highest
    number, else NULL, which ends the fact.                                    */
const char *ledger_owner_gone (const ledger_t *ledger, uint64_t id);

enum { OWNER_WHO_MAX = NAME_KEY_MAX + 2, OWNER_FACT_MAX = 32 };

/*  The text of the owner's vouches with this one for the key, or (NULL) with none for it. The
    caller frees it. NULL: none is left.                                       */
char *owner_vouches (const owner_t *owner, const char *key, const char *vouch);
/*  True where the text has the form of a vouch. Whether it is true, its readers judge. */
bool owner_vouch_valid (const json_t *vouch);

/*  Write the key of the owner's fact.                                         */
void owner_fact_key (uint64_t id, char key[OWNER_FACT_MAX]);
/*  The value of the owner's fact, which the caller frees. The owner need not be one of the
    ledger's.                                                                  */
char *owner_fact_value (const owner_t *owner);
/*  Write WHO (see fact_t) of the owner.                                       */
void owner_who (uint64_t id, char who[OWNER_WHO_MAX]);
/*  Write the path that what the owner makes is charged to.                    */
void owner_holder (const owner_t *owner, char holder[BUDGET_PATH_MAX + 1]);

#endif
