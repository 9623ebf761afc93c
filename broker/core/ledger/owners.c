/*  owners.c - whose a name is, durably                                        */
#include "owners.h"
#include "ledger_private.h"
#include <inttypes.h>
#include <jansson.h>

/*  --- finding ---------------------------------------------------------------  */

const owner_t *ledger_owner (const ledger_t *ledger, const name_keys_t *keys)
{
    owner_key_t *entry;
    HASH_FIND_STR (ledger->names, keys->fold, entry);
    if (!entry)
        HASH_FIND_STR (ledger->names, keys->look, entry);
    return entry ? entry->owner : NULL;
}

static owner_t *owner_find (const ledger_t *ledger, uint64_t id)
{
    owner_t *owner;
    HASH_FIND (hh, ledger->owners, &id, sizeof id, owner);
    return owner;
}

const owner_t *ledger_owner_by_id (const ledger_t *ledger, uint64_t id)
{
    const owner_t *owner = id ? owner_find (ledger, id) : NULL;
    return owner && owner->name && !owner->freed_ms ? owner : NULL;
}

const owner_t *ledger_owner_known (const ledger_t *ledger, uint64_t id)
{
    const owner_t *owner = owner_find (ledger, id);
    return owner && owner->name ? owner : NULL;
}

const char *owner_fold (const owner_t *owner)
{
    return owner->fold ? owner->fold->key : NULL;
}

bool owner_has_key (const owner_t *owner, const char *key)
{
    for (size_t i = 0; i < owner->n_keys; i++)
        if (strcmp (owner->keys[i], key) == 0)
            return true;
    return false;
}

size_t ledger_key_names (const ledger_t *ledger, const char *key, uint64_t wall_ms)
{
    const claimant_t *claimant;
    size_t count = 0;
    HASH_FIND_STR (ledger->claimants, key, claimant);
    for (const owner_t *owner = claimant ? claimant->owners : NULL; owner; owner = owner->next)
        count += !owner->freed_ms || wall_ms < owner->freed_ms + ZCHAT_NAME_FREED_MS;
    return count;
}

uint64_t ledger_owner_next (const ledger_t *ledger)
{
    return ledger->last_owner + 1;
}

size_t ledger_n_owned (const ledger_t *ledger)
{
    return ledger->n_owned;
}

size_t ledger_n_claimed (const ledger_t *ledger, const char *place)
{
    return *place ? budget_held (ledger->claimed, place, 1) : 0;
}

/*  --- which may go ----------------------------------------------------------  */

typedef struct {
    ledger_owner_fits_t *fits;
    void *arg;
} owners_fit_t;

static const owner_t *owner_of (const budget_item_t *item)
{
    return item ? (const owner_t *)((const char *)item - offsetof (owner_t, idle)) : NULL;
}

static bool owner_fits (void *arg, const budget_item_t *item)
{
    const owners_fit_t *owners = arg;
    return owners->fits (owners->arg, owner_of (item));
}

const owner_t *ledger_owner_yields (const ledger_t *ledger, const char *place, bool within,
                                    ledger_owner_fits_t *fits, void *arg)
{
    owners_fit_t owners = {fits, arg};
    return owner_of (budget_yields_where (ledger->unused, place, within, owner_fits, &owners));
}

static void owner_charge (ledger_t *ledger, owner_t *owner)
{
    if (!*owner->place)
        return;
    budget_charge (ledger->claimed, &owner->claimed, owner->place, owner->since_ms);
    if (owner->unused)
        budget_charge (ledger->unused, &owner->idle, owner->place, owner->since_ms);
}

/*  Those that have no name first, then those that were freed first.           */
static int spare_compare (const owner_t *a, const owner_t *b)
{
    if (!a->name != !b->name)
        return a->name ? 1 : -1;
    if (a->freed_ms != b->freed_ms)
        return a->freed_ms > b->freed_ms ? 1 : -1;
    return (a->id > b->id) - (a->id < b->id);
}

static void owner_unspare (ledger_t *ledger, owner_t *owner)
{
    if (owner->spare)
        DL_DELETE2 (ledger->spare, owner, prev_spare, next_spare);
    owner->spare = false;
}

/*  The owner is freed or no more. A store gives owners in any order, and a clock that is set back
    frees out of order: the list is sorted when somebody looks.                */
static void owner_spare (ledger_t *ledger, owner_t *owner)
{
    owner->spare = true;
    if (ledger->spare && spare_compare (ledger->spare->prev_spare, owner) > 0)
        ledger->spare_unsorted = true;
    DL_APPEND2 (ledger->spare, owner, prev_spare, next_spare);
}

const owner_t *ledger_owner_spare (ledger_t *ledger, uint64_t wall_ms, const owner_t *after)
{
    if (ledger->spare_unsorted)
        DL_SORT2 (ledger->spare, spare_compare, prev_spare, next_spare);
    ledger->spare_unsorted = false;
    const owner_t *owner = after ? after->next_spare : ledger->spare;
    while (owner && !owner->name && owner->id == ledger->last_owner)
        owner = owner->next_spare;
    return owner && (!owner->name || wall_ms >= owner->freed_ms + ZCHAT_NAME_FREED_MS) ? owner
                                                                                       : NULL;
}

const char *ledger_owner_gone (const ledger_t *ledger, uint64_t id)
{
    return id == ledger->last_owner ? "{}" : "";
}

/*  --- changing --------------------------------------------------------------  */

static void claimant_add (ledger_t *ledger, owner_t *owner)
{
    claimant_t *claimant;
    if (!*owner->by)
        return;
    HASH_FIND_STR (ledger->claimants, owner->by, claimant);
    if (!claimant) {
        claimant = memory_zero (sizeof *claimant);
        snprintf (claimant->key, sizeof claimant->key, "%s", owner->by);
        HASH_ADD_STR (ledger->claimants, key, claimant);
    }
    DL_APPEND (claimant->owners, owner);
}

static void claimant_remove (ledger_t *ledger, owner_t *owner)
{
    claimant_t *claimant;
    if (!*owner->by)
        return;
    HASH_FIND_STR (ledger->claimants, owner->by, claimant);
    DL_DELETE (claimant->owners, owner);
    *owner->by = '\0';
    if (claimant->owners)
        return;
    HASH_DEL (ledger->claimants, claimant);
    free (claimant);
}

static owner_key_t *name_add (ledger_t *ledger, owner_t *owner, const char *key)
{
    owner_key_t *entry = memory_zero (sizeof *entry);
    entry->key = memory_string (key, strlen (key));
    entry->owner = owner;
    HASH_ADD_KEYPTR (hh, ledger->names, entry->key, strlen (entry->key), entry);
    return entry;
}

/*  The owner that has the fold for its own; NULL where it is at most another one's look.  */
static owner_t *fold_holder (ledger_t *ledger, const char *fold)
{
    owner_key_t *entry;
    HASH_FIND_STR (ledger->names, fold, entry);
    return entry && entry == entry->owner->fold ? entry->owner : NULL;
}

static void name_remove (ledger_t *ledger, owner_key_t **entry)
{
    if (!*entry)
        return;
    HASH_DEL (ledger->names, *entry);
    free ((*entry)->key);
    free (*entry);
    *entry = NULL;
}

/*  The keys by which the owner is found. Logs may hold names that today would be one: each is
    found by its own fold then, and a look that is another's key is left out.    */
static void names_add (ledger_t *ledger, owner_t *owner, const name_keys_t *keys)
{
    owner_key_t *entry;
    HASH_FIND_STR (ledger->names, keys->fold, entry);
    if (entry)
        name_remove (ledger, &entry->owner->look);
    owner->fold = name_add (ledger, owner, keys->fold);
    HASH_FIND_STR (ledger->names, keys->look, entry);
    if (!entry)
        owner->look = name_add (ledger, owner, keys->look);
}

/*  The owner has neither name nor keys.                                       */
static void owner_empty (ledger_t *ledger, owner_t *owner)
{
    name_remove (ledger, &owner->fold);
    name_remove (ledger, &owner->look);
    claimant_remove (ledger, owner);
    owner->n_keys = 0;
    free (owner->vouches);
    owner->vouches = NULL;
    budget_release (ledger->claimed, &owner->claimed);
    budget_release (ledger->unused, &owner->idle);
    ledger->n_owned -= owner->name != NULL;
    free (owner->name);
    owner->name = NULL;
    owner->freed_ms = 0;
    owner->unused = false;
}

/*  What a fact says of an owner.                                              */
typedef struct {
    json_t *json; /* the next view it                                          */
    frame_t name; /* empty: none                                               */
    name_keys_t keys;
    uint64_t since_ms, freed_ms;
} owner_fact_t;

/*  A key in the one spelling in which keys are compared.                      */
static bool key_valid (const json_t *key)
{
    uint8_t bytes[ADDRESS_KEY_SIZE];
    char text[ADDRESS_KEY_TEXT + 1];
    if (!json_is_string (key) ||
        address_key_decode (frame_of (json_string_value (key), json_string_length (key)), bytes,
                            NULL) != ZCHAT_OK)
        return false;
    address_key_encode (bytes, text);
    return strcmp (json_string_value (key), text) == 0;
}

static bool keys_valid (const json_t *keys)
{
    if (!json_is_array (keys) || json_array_size (keys) > ZCHAT_NAME_KEYS_MAX)
        return false;
    for (size_t i = 0; i < json_array_size (keys); i++) {
        const json_t *key = json_array_get (keys, i);
        if (!key_valid (key))
            return false;
        for (size_t j = 0; j < i; j++)
            if (json_equal (key, json_array_get (keys, j)))
                return false;
    }
    return true;
}

bool owner_vouch_valid (const json_t *vouch)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    return json_is_string (vouch) && json_string_length (vouch) == ZCHAT_VOUCH_TEXT &&
           strspn (json_string_value (vouch), allowed) == ZCHAT_VOUCH_TEXT;
}

/*  One for each key at most, and of the name's keys.                          */
static bool vouches_valid (const json_t *vouches, const json_t *keys)
{
    const char *key;
    json_t *vouch;
    size_t found = 0;
    if (vouches && !json_is_object (vouches))
        return false;
    json_object_foreach ((json_t *)vouches, key,
                         vouch) if (!owner_vouch_valid (vouch)) return false;
    for (size_t i = 0; i < json_array_size (keys); i++)
        found += json_object_get (vouches, json_string_value (json_array_get (keys, i))) != NULL;
    return found == json_object_size (vouches);
}

char *owner_vouches (const owner_t *owner, const char *key, const char *vouch)
{
    json_t *json = owner->vouches ? json_loads (owner->vouches, 0, NULL) : json_object ();
    if (vouch)
        json_object_set_new (json, key, json_string (vouch));
    else
        json_object_del (json, key);
    char *text = json_object_size (json) ? memory_check (json_dumps (json, JSON_COMPACT)) : NULL;
    json_decref (json);
    return text;
}

/*  One or two names joined by a slash, with room for a third.                 */
static bool place_valid (const json_t *place)
{
    const char *text = json_string_value (place);
    size_t first = text ? strspn (text, "0123456789abcdef") : 0;
    size_t more = first && text[first] ? strspn (text + first + 1, "0123456789abcdef") : 0;
    return first && strlen (text) <= PLACE_MAX &&
           (!text[first] || (text[first] == '/' && more && !text[first + 1 + more]));
}

/*  A time, where there is one.                                                */
static bool time_read (const json_t *json, const char *key, uint64_t *time_ms)
{
    const json_t *time = json_object_get (json, key);
    if (time && (!json_is_integer (time) || json_integer_value (time) < 0 ||
                 json_integer_value (time) > INT64_MAX / 2))
        return false;
    *time_ms = (uint64_t)json_integer_value (time);
    return true;
}

/*  True and *fact, whose json is to be released; false: it cannot be.         */
static bool fact_read (frame_t value, owner_fact_t *fact)
{
    fact->json = json_loadb (value.data, value.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object (fact->json) && json_object_size (fact->json) == 0)
        return true;
    const json_t *name = json_object_get (fact->json, "name");
    const json_t *by = json_object_get (fact->json, "by");
    const json_t *keys = json_object_get (fact->json, "keys");
    const json_t *place = json_object_get (fact->json, "place");
    if (json_is_string (name) && (!place || place_valid (place)) && keys_valid (keys) &&
        vouches_valid (json_object_get (fact->json, "vouches"), keys) && (!by || key_valid (by)) &&
        time_read (fact->json, "since", &fact->since_ms) &&
        time_read (fact->json, "freed", &fact->freed_ms)) {
        fact->name = frame_of (json_string_value (name), json_string_length (name));
        if (name_check (fact->name, &fact->keys, NULL) == ZCHAT_OK)
            return true;
    }
    json_decref (fact->json);
    return false;
}

static void owner_fill (ledger_t *ledger, owner_t *owner, const owner_fact_t *fact)
{
    /*  Requests view the name, and what else is said of it may change under them.  */
    char *name = owner->name;
    bool same = name && frame_is (fact->name, name);
    if (same)
        owner->name = memory_string ("", 0);
    owner_unspare (ledger, owner);
    owner_empty (ledger, owner);
    /*  Whoever gets the name next inherits nothing.                           */
    if (!fact->name.size || fact->freed_ms)
        markers_drop_owner (ledger, owner);
    if (!fact->name.size) {
        owner_spare (ledger, owner);
        return;
    }
    ledger->n_owned++;
    owner->name = same ? name : memory_string (fact->name.data, fact->name.size);
    owner->since_ms = fact->since_ms;
    owner->freed_ms = fact->freed_ms;
    names_add (ledger, owner, &fact->keys);
    const json_t *keys = json_object_get (fact->json, "keys");
    for (size_t i = 0; i < json_array_size (keys); i++) {
        snprintf (owner->keys[i], sizeof owner->keys[i], "%s",
                  json_string_value (json_array_get (keys, i)));
        owner->n_keys++;
    }
    const json_t *vouches = json_object_get (fact->json, "vouches");
    owner->vouches =
        json_object_size (vouches) ? memory_check (json_dumps (vouches, JSON_COMPACT)) : NULL;
    const char *place = json_string_value (json_object_get (fact->json, "place"));
    snprintf (owner->place, sizeof owner->place, "%s", place ? place : "");
    const char *by = json_string_value (json_object_get (fact->json, "by"));
    snprintf (owner->by, sizeof owner->by, "%s", by ? by : "");
    owner->unused = *owner->by && json_is_true (json_object_get (fact->json, "unused"));
    claimant_add (ledger, owner);
    owner_charge (ledger, owner);
    if (owner->freed_ms)
        owner_spare (ledger, owner);
}

static void owner_remove (ledger_t *ledger, owner_t *owner)
{
    owner_unspare (ledger, owner);
    owner_empty (ledger, owner);
    markers_drop_owner (ledger, owner);
    HASH_DEL (ledger->owners, owner);
    if (owner->id == ledger->last_owner)
        ledger->last_owner--;
    free (owner);
}

bool owners_set (ledger_t *ledger, const char *key, frame_t value, bool loaded)
{
    char canonical[OWNER_FACT_MAX];
    uint64_t id = strncmp (key, "name/", 5) == 0 ? strtoull (key + 5, NULL, 10) : 0;
    owner_fact_key (id, canonical);
    if (id == 0 || id > INT64_MAX || strcmp (key, canonical) != 0)
        return false;
    owner_t *owner = owner_find (ledger, id);
    if (value.size == 0) {
        if (owner)
            owner_remove (ledger, owner);
        return true;
    }
    owner_fact_t fact = {.json = NULL};
    if (!fact_read (value, &fact))
        return false;
    const owner_t *holder = NULL;
    if (fact.name.size)
        holder = loaded ? fold_holder (ledger, fact.keys.fold) : ledger_owner (ledger, &fact.keys);
    if (holder && holder != owner) {
        json_decref (fact.json);
        return false;
    }
    if (!owner) {
        owner = memory_zero (sizeof *owner);
        owner->id = id;
        HASH_ADD (hh, ledger->owners, id, sizeof owner->id, owner);
        if (id > ledger->last_owner)
            ledger->last_owner = id;
    }
    owner_fill (ledger, owner, &fact);
    json_decref (fact.json);
    return true;
}

void owners_destroy (ledger_t *ledger)
{
    owner_t *owner, *next;
    HASH_ITER (hh, ledger->owners, owner, next)
    {
        owner_remove (ledger, owner);
    }
}

/*  --- texts -----------------------------------------------------------------  */

void owner_fact_key (uint64_t id, char key[OWNER_FACT_MAX])
{
    snprintf (key, OWNER_FACT_MAX, "name/%" PRIu64, id);
}

char *owner_fact_value (const owner_t *owner)
{
    json_t *list = json_array (), *json = json_object ();
    for (size_t i = 0; i < owner->n_keys; i++)
        json_array_append_new (list, json_string (owner->keys[i]));
    json_object_set_new (json, "name", json_string (owner->name));
    json_object_set_new (json, "keys", list);
    if (owner->vouches)
        json_object_set_new (json, "vouches", json_loads (owner->vouches, 0, NULL));
    if (*owner->by)
        json_object_set_new (json, "by", json_string (owner->by));
    if (*owner->place)
        json_object_set_new (json, "place", json_string (owner->place));
    json_object_set_new (json, "since", json_integer ((json_int_t)owner->since_ms));
    if (owner->freed_ms)
        json_object_set_new (json, "freed", json_integer ((json_int_t)owner->freed_ms));
    if (owner->unused)
        json_object_set_new (json, "unused", json_true ());
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    return text;
}

void owner_holder (const owner_t *owner, char holder[BUDGET_PATH_MAX + 1])
{
    snprintf (holder, BUDGET_PATH_MAX + 1, "%s%s#%" PRIu64, owner->place, *owner->place ? "/" : "",
              owner->id);
}

void owner_who (uint64_t id, char who[OWNER_WHO_MAX])
{
    snprintf (who, OWNER_WHO_MAX, "#%" PRIu64, id);
}
