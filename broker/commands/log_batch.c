/*  log_batch.c - records that a command appends to the log of a broker that is stopped */
#include "log_batch.h"
#include "memory.h"

enum { BATCH_RECORDS = ZCHAT_BATCH_MAX, BATCH_BYTES = 4194304 };

frame_t log_batch_keep (log_batch_t *batch, frame_t text)
{
    batch->bytes += text.size;
    if (!text.size)
        return text;
    char *copy = memory_string (text.data, text.size);
    return frame_of (records_keep (&batch->records, copy).data, text.size);
}

store_record_t *log_batch_add (log_batch_t *batch)
{
    return records_add (&batch->records);
}

store_record_t *log_batch_event (log_batch_t *batch, const room_t *room, frame_t name,
                                 zchat_type_t type, uint64_t time_ms)
{
    frame_t kept = log_batch_keep (batch, room ? frame_of (room->name, room->name_size) : name);
    store_record_t *record = log_batch_add (batch);
    record->room = room ? room->id : ledger_next_room (batch->ledger);
    record->room_name = kept;
    record->makes = !room;
    record->event.seq = room ? room->head + 1 : ledger_begins (batch->ledger) + 1;
    record->event.time_ms = room && room->time_ms > time_ms ? room->time_ms : time_ms;
    record->event.type = type;
    return record;
}

zchat_status_t log_batch_flush (log_batch_t *batch)
{
    if (!batch->records.count)
        return ZCHAT_OK;
    zchat_status_t status = store_append (batch->store, batch->records.items, batch->records.count);
    if (status == ZCHAT_OK)
        batch->stored += batch->records.count;
    records_clear (&batch->records);
    batch->bytes = 0;
    return status;
}

zchat_status_t log_batch_done (log_batch_t *batch)
{
    const store_record_t *record = &batch->records.items[batch->records.count - 1];
    zchat_status_t status =
        ledger_apply (batch->ledger, &(ledger_record_t){.kind = LEDGER_CHANGE, .change = record});
    if (status == ZCHAT_OK &&
        (batch->records.count >= BATCH_RECORDS || batch->bytes >= BATCH_BYTES))
        status = log_batch_flush (batch);
    return status;
}

void log_batch_free (log_batch_t *batch)
{
    records_free (&batch->records);
}
