/*  owned_log.h - the log of a broker that is stopped, and the owners of names in it */
#ifndef ZCHAT_OWNED_LOG_H
#define ZCHAT_OWNED_LOG_H

#include "ledger/ledger.h"
#include "ledger/owners.h"

/*  Open the log in the folder data, and read who has which name. -1, *store and *ledger, which the
    caller destroys; or the exit status with *why, which the caller frees (NULL: there is no log):
    EX_TEMPFAIL where a broker has it.                                         */
int owned_log_open (const char *data, store_t **store, ledger_t **ledger, char **why);

/*  Likewise, but a log that is not there is made.                             */
int owned_log_make (const char *data, store_t **store, ledger_t **ledger, char **why);

/*  Write into the log that the owner is as given.                             */
zchat_status_t owned_log_put (store_t *store, const owner_t *owner) ZCHAT_CHECKED;

#endif
