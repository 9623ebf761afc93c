/*  keys_drop.c - take the keys of a name out of the log of a broker that is stopped */
#include "keys_drop.h"
#include "identity.h"
#include "ledger.h"
#include "memory.h"
#include "options.h"
#include "owners.h"
#include <sodium.h>
#include <sysexits.h>
#include <unistd.h>

static zchat_status_t load_room (void *arg, const store_room_t *room)
{
    return ledger_load_room (arg, room);
}

static zchat_status_t load_fact (void *arg, const store_fact_t *fact)
{
    return ledger_load_fact (arg, fact);
}

/*  Who is whose does not hang on them.                                        */
static zchat_status_t load_producer (void *arg, const store_producer_t *producer)
{
    return ZCHAT_OK;
}

/*  The owner as it is to be, into the log.                                    */
static zchat_status_t owner_put (store_t *store, owner_t owner)
{
    char key[OWNER_FACT_MAX];
    owner.n_keys = 0;
    owner.vouches = NULL; /* of keys that are gone; with them the log could not be read */
    char *value = owner_fact_value (&owner);
    owner_fact_key (owner.id, key);
    store_record_t record = {.fact_key = frame_str (key), .fact_value = frame_str (value)};
    zchat_status_t status = store_append (store, &record, 1);
    free (value);
    return status;
}

static int status_of (zchat_status_t status)
{
    return status == ZCHAT_IN_USE                             ? EX_TEMPFAIL
           : status == ZCHAT_CORRUPT || status == ZCHAT_NEWER ? EX_DATAERR
           : status == ZCHAT_STORAGE                          ? EX_IOERR
                                                              : EX_CANTCREAT;
}

int keys_drop (const char *data, const char *name, size_t *count)
{
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    name_keys_t keys;
    store_t *store = NULL;
    ledger_t *ledger = NULL;
    char *why = NULL, *log = identity_path (data, "zchat.db");
    bool there = access (log, F_OK) == 0;
    zchat_status_t status = ZCHAT_OK;

    free (log);
    *count = 0;
    /*  Opening it would make one; who has no log has bound no keys.           */
    if (!there || name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return -1;
    randombytes_buf (log_id, sizeof log_id);
    status = store_open (data, log_id, &store, &why);
    if (status == ZCHAT_OK) {
        ledger = ledger_new ();
        store_loader_t loader = {
            .room = load_room, .fact = load_fact, .producer = load_producer, .arg = ledger};
        status = store_load (store, &loader);
    }
    const owner_t *owner = status == ZCHAT_OK ? ledger_owner (ledger, &keys) : NULL;
    if (owner && owner->n_keys) {
        status = owner_put (store, *owner);
        *count = status == ZCHAT_OK ? owner->n_keys : 0;
    }
    if (status != ZCHAT_OK)
        options_say ("the keys of %s stay, and its tokens: %s", name,
                     why     ? why
                     : store ? store_error (store)
                             : zchat_status_text (status));
    if (status == ZCHAT_IN_USE)
        options_say ("stop the broker for this: its clients wait for it; or leave out --and-keys, "
                     "which ends the token at once");
    ledger_destroy (&ledger);
    store_destroy (&store);
    free (why);
    return status == ZCHAT_OK ? -1 : status_of (status);
}
