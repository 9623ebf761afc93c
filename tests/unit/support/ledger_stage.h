/*  ledger_stage.h - records for a ledger by itself                            */
#ifndef ZCHAT_TEST_LEDGER_STAGE_H
#define ZCHAT_TEST_LEDGER_STAGE_H

#include "ledger/ledger.h"
#include "ledger/owners.h"
#include "stage.h"

static inline zchat_status_t ledger_row_room (ledger_t *ledger, const store_room_t *row)
{
    return ledger_apply (ledger, &(ledger_record_t){.kind = LEDGER_ROOM, .room = row});
}

static inline zchat_status_t ledger_row_fact (ledger_t *ledger, const store_fact_t *row)
{
    return ledger_apply (ledger, &(ledger_record_t){.kind = LEDGER_FACT, .fact = row});
}

static inline zchat_status_t ledger_row_producer (ledger_t *ledger, const store_producer_t *row)
{
    return ledger_apply (ledger, &(ledger_record_t){.kind = LEDGER_PRODUCER, .producer = row});
}

static inline zchat_status_t ledger_change (ledger_t *ledger, const store_record_t *record)
{
    return ledger_apply (ledger, &(ledger_record_t){.kind = LEDGER_CHANGE, .change = record});
}

/*  A record of a fact of the room, or (NULL) of the broker.                   */
static inline zchat_status_t ledger_fact_set (ledger_t *ledger, const room_t *room, const char *key,
                                              frame_t value)
{
    store_record_t record = {
        .room = room ? room->id : 0, .fact_key = frame_str (key), .fact_value = value};
    return ledger_change (ledger, &record);
}

#endif
