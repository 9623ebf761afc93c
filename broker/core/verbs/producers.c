/*  producers.c - producers that end or grow old                               */
#include "verbs.h"

enum { FORGET_STEP = 1000 }; /* producers forgotten by one verdict             */

bool producer_ends (const call_t *call, const view_t *view, verdict_t *verdict)
{
    const producer_t *producer = ledger_producer (view->ledger, call->request.args[0].data);
    if (!producer || producer->ended)
        return verdict_ok (verdict, NULL);
    store_record_t *record = records_add (verdict->records);
    record->has_producer = true;
    memcpy (record->producer, producer->id, sizeof record->producer);
    record->n = producer->n;
    record->ends = true;
    record->holder = frame_str (STORE_ENDED);
    record->event.time_ms =
        producer->time_ms > call->now.wall_ms ? producer->time_ms : call->now.wall_ms;
    return verdict_ok (verdict, NULL);
}

bool producers_old (const view_t *view, uint64_t wall_ms)
{
    return ledger_producer_old (view->ledger, false, NULL, wall_ms) ||
           ledger_producer_old (view->ledger, true, NULL, wall_ms);
}

static size_t list_age (const call_t *call, const view_t *view, verdict_t *verdict, bool ended)
{
    size_t count = 0;
    const producer_t *producer = NULL;
    while (count < FORGET_STEP &&
           (producer = ledger_producer_old (view->ledger, ended, producer, call->now.wall_ms))) {
        store_record_t *record = records_add (verdict->records);
        record->forgets = true;
        memcpy (record->forgotten, producer->id, sizeof record->forgotten);
        count++;
    }
    return count;
}

bool producers_age (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)list_age (call, view, verdict, true);
    size_t silent = list_age (call, view, verdict, false);
    /*  Their first message, sent again, could be taken for a new one.         */
    if (silent)
        verdict_forgotten (verdict, view, silent);
    return verdict_ok (verdict, NULL);
}
