/*  apply.c - the fold: the one function that changes what is durable          */
#include "ledger_private.h"

ledger_t *ledger_new (void)
{
    ledger_t *ledger = memory_zero (sizeof *ledger);
    ledger->budget = budget_new ();
    ledger->claimed = budget_new ();
    ledger->unused = budget_new ();
    ledger->sanctions = budget_new ();
    ledger->contacts = budget_new ();
    ledger->markers = budget_new ();
    charges_new (ledger);
    return ledger;
}

void ledger_destroy (ledger_t **self_p)
{
    ledger_t *ledger = *self_p;
    if (!ledger)
        return;
    rooms_clear (ledger);
    owners_destroy (ledger);
    facts_destroy (ledger, &ledger->facts);
    producers_destroy (ledger);
    budget_destroy (&ledger->budget);
    budget_destroy (&ledger->claimed);
    budget_destroy (&ledger->unused);
    budget_destroy (&ledger->sanctions);
    budget_destroy (&ledger->contacts);
    budget_destroy (&ledger->markers);
    charges_destroy (ledger);
    free (ledger);
    *self_p = NULL;
}

static zchat_status_t change_apply (ledger_t *ledger, const store_record_t *record)
{
    zchat_status_t status = ZCHAT_OK;
    room_t *room = room_numbered (ledger, record->room);
    if (record->event.type != ZCHAT_TYPE_NONE) {
        room = room ? room : rooms_make (ledger, record);
        status = room ? rooms_append (room, &record->event) : ZCHAT_CORRUPT;
    }
    if (status == ZCHAT_OK && record->drops) {
        status = rooms_drop (ledger, record->room);
        room = NULL;
    }
    if (status == ZCHAT_OK && record->charge.size && room) {
        room_charge (ledger, room, record->charge);
        facts_recharge (ledger, room);
    }
    if (status == ZCHAT_OK && record->fact_key.size)
        status = record->room && !room
                     ? ZCHAT_CORRUPT
                     : facts_set (ledger, room, record->fact_key, record->fact_value, false);
    /*  Who gives way goes first: the table is full.                           */
    if (status == ZCHAT_OK && record->forgets)
        status = producers_forget (ledger, record->forgotten);
    if (status == ZCHAT_OK && record->has_producer)
        status = producers_use (ledger, record);
    if (status == ZCHAT_OK && (record->marker || record->marker_yields))
        status = markers_set (ledger, record);
    ledger->position++;
    return status;
}

zchat_status_t ledger_apply (ledger_t *ledger, const ledger_record_t *record)
{
    switch (record->kind) {
    case LEDGER_CHANGE:
        return change_apply (ledger, record->change);
    case LEDGER_TRIM:
        return rooms_trim (ledger, record->trim);
    case LEDGER_ROOM:
        return rooms_load (ledger, record->room);
    case LEDGER_FACT:
        return facts_load (ledger, record->fact);
    case LEDGER_PRODUCER:
        return producers_load (ledger, record->producer);
    case LEDGER_MARKER:
        return markers_load (ledger, record->marker);
    case LEDGER_POSITION:
        ledger->position = record->position;
        return ZCHAT_OK;
    }
    return ZCHAT_CORRUPT;
}

uint64_t ledger_position (const ledger_t *ledger)
{
    return ledger->position;
}
