/*  owned_log.c - the log of a broker that is stopped, and the owners of names in it */
#include "owned_log.h"
#include "config/broker_key.h"
#include "memory.h"
#include <sodium.h>
#include <sysexits.h>
#include <unistd.h>

static zchat_status_t load_room (void *arg, const store_room_t *room)
{
    return ledger_apply (arg, &(ledger_record_t){.kind = LEDGER_ROOM, .room = room});
}

static zchat_status_t load_fact (void *arg, const store_fact_t *fact)
{
    return ledger_apply (arg, &(ledger_record_t){.kind = LEDGER_FACT, .fact = fact});
}

/*  Who is whose does not hang on them.                                        */
static zchat_status_t load_producer (void *arg, const store_producer_t *producer)
{
    return ZCHAT_OK;
}

static int status_of (zchat_status_t status)
{
    return status == ZCHAT_IN_USE                             ? EX_TEMPFAIL
           : status == ZCHAT_CORRUPT || status == ZCHAT_NEWER ? EX_DATAERR
           : status == ZCHAT_STORAGE                          ? EX_IOERR
                                                              : EX_CANTCREAT;
}

int owned_log_open (const char *data, store_t **store, ledger_t **ledger, char **why)
{
    char *log = data_path (data, "zchat.db");
    bool there = access (log, F_OK) == 0;
    free (log);
    return there ? owned_log_make (data, store, ledger, why) : EX_NOINPUT;
}

int owned_log_make (const char *data, store_t **store, ledger_t **ledger, char **why)
{
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    randombytes_buf (log_id, sizeof log_id);
    zchat_status_t status = store_open (data, log_id, store, why);
    if (status == ZCHAT_OK) {
        *ledger = ledger_new ();
        store_loader_t loader = {
            .room = load_room, .fact = load_fact, .producer = load_producer, .arg = *ledger};
        status = store_load (*store, &loader);
        if (status != ZCHAT_OK)
            *why = memory_string (store_error (*store), strlen (store_error (*store)));
    }
    return status == ZCHAT_OK ? -1 : status_of (status);
}

zchat_status_t owned_log_put (store_t *store, const owner_t *owner)
{
    char key[OWNER_FACT_MAX];
    char *value = owner_fact_value (owner);
    owner_fact_key (owner->id, key);
    store_record_t record = {.fact_key = frame_str (key), .fact_value = frame_str (value)};
    record.unmarks = owner->freed_ms != 0;
    record.marker_of = record.unmarks ? owner->id : 0;
    zchat_status_t status = store_append (store, &record, 1);
    free (value);
    return status;
}
