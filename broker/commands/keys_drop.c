/*  keys_drop.c - take the keys of a name out of the log of a broker that is stopped */
#include "keys_drop.h"
#include "config/options.h"
#include "owned_log.h"
#include <sysexits.h>

int keys_drop (const char *data, const char *name, size_t *count)
{
    name_keys_t keys;
    store_t *store = NULL;
    ledger_t *ledger = NULL;
    char *why = NULL;
    *count = 0;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return -1;
    int result = owned_log_open (data, &store, &ledger, &why);
    if (result == EX_NOINPUT)
        return -1; /* who has no log has bound no keys                          */
    const owner_t *found = result < 0 ? ledger_owner (ledger, &keys) : NULL;
    if (found && found->n_keys) {
        owner_t owner = *found;
        owner.n_keys = 0;
        owner.vouches = NULL;
        if (owned_log_put (store, &owner) == ZCHAT_OK)
            *count = found->n_keys;
        else
            result = EX_IOERR;
    }
    if (result >= 0)
        options_say ("the keys of %s stay, and its tokens: %s", name,
                     why ? why : store_error (store));
    if (result == EX_TEMPFAIL)
        options_say ("stop the broker for this: its clients wait for it; or leave out --and-keys, "
                     "which ends the token at once");
    ledger_destroy (&ledger);
    store_destroy (&store);
    free (why);
    return result;
}
