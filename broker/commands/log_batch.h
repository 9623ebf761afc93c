/*  log_batch.h - records that a command appends to the log of a broker that is stopped

    Each record is applied to the ledger when it is added, so that the next one is made of what it
    changed, and goes to the disk with others. Where a batch cannot be stored, nothing of it is: the
    ledger must not be used any more.
*/
#ifndef ZCHAT_LOG_BATCH_H
#define ZCHAT_LOG_BATCH_H

#include "ledger/ledger.h"
#include "verbs/call.h"

typedef struct {
    store_t *store;   /* borrowed                                                 */
    ledger_t *ledger; /* borrowed                                                 */
    records_t records;
    size_t bytes;  /* of their texts                                              */
    size_t stored; /* records that are on disk                                    */
} log_batch_t;

/*  A copy of the frame, which is kept until the record is stored.             */
frame_t log_batch_keep (log_batch_t *batch, frame_t text);

/*  A new record of zeros, to be filled; valid until log_batch_done.           */
store_record_t *log_batch_add (log_batch_t *batch);

/*  The same, with an event of the room, or, where room is NULL, of a new one that is called name:
   its number, seq and name are filled in, and a time that does not lie before the room's last
   event. */
store_record_t *log_batch_event (log_batch_t *batch, const room_t *room, frame_t name,
                                 zchat_type_t type, uint64_t time_ms);

/*  The record that was added last is complete: apply it; many are stored together. ZCHAT_OK; else
    what store_append or ledger_apply said.                                    */
zchat_status_t log_batch_done (log_batch_t *batch) ZCHAT_CHECKED;

/*  Store what is left. Likewise.                                              */
zchat_status_t log_batch_flush (log_batch_t *batch) ZCHAT_CHECKED;

void log_batch_free (log_batch_t *batch);

#endif
