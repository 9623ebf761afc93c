/*  producers.c - who numbers messages, and up to which number                 */
#include "ledger_private.h"
#include "text.h"

/*  Where it is not known who made something: a log of before that was written down. */
#define UNKNOWN_HOLDER "?"

static producer_t *producer_find (const ledger_t *ledger, const uint8_t *id)
{
    producer_t *producer;
    HASH_FIND (hh, ledger->producers, id, ZCHAT_PRODUCER_SIZE, producer);
    return producer;
}

static producer_t **producer_list (ledger_t *ledger, const producer_t *producer)
{
    return producer->ended ? &ledger->ended : &ledger->idle;
}

/*  Charge it to the path, which is empty where that is not known.             */
static void producer_charge (ledger_t *ledger, producer_t *producer, frame_t holder)
{
    char path[BUDGET_PATH_MAX + 1] = UNKNOWN_HOLDER;
    if (holder.size && holder.size <= BUDGET_PATH_MAX && text_valid (holder))
        snprintf (path, sizeof path, "%.*s", (int)holder.size, (const char *)holder.data);
    budget_charge (ledger->budget, &producer->item, path, producer->time_ms);
}

static producer_t *producer_add (ledger_t *ledger, const uint8_t *id)
{
    producer_t *producer = memory_zero (sizeof *producer);
    memcpy (producer->id, id, ZCHAT_PRODUCER_SIZE);
    HASH_ADD (hh, ledger->producers, id, ZCHAT_PRODUCER_SIZE, producer);
    ledger->n_producers++;
    return producer;
}

static void producer_remove (ledger_t *ledger, producer_t *producer)
{
    HASH_DEL (ledger->producers, producer);
    DL_DELETE (*producer_list (ledger, producer), producer);
    budget_release (ledger->budget, &producer->item);
    ledger->n_producers--;
    free (producer);
}

/*  --- applying --------------------------------------------------------------  */

zchat_status_t producers_load (ledger_t *ledger, const store_producer_t *row)
{
    if (row->n == 0 || row->n > INT64_MAX || row->time_ms > INT64_MAX ||
        producer_find (ledger, row->id))
        return ZCHAT_CORRUPT;
    producer_t *producer = producer_add (ledger, row->id);
    producer->n = row->n;
    producer->time_ms = row->time_ms;
    producer->ended = frame_is (row->holder, STORE_ENDED);
    DL_APPEND (*producer_list (ledger, producer), producer);
    if (!producer->ended)
        producer_charge (ledger, producer, row->holder);
    ledger->unsorted = true;
    return ZCHAT_OK;
}

zchat_status_t producers_use (ledger_t *ledger, const store_record_t *record)
{
    producer_t *producer = producer_find (ledger, record->producer);
    uint64_t last = producer ? producer->n : 0;
    if (record->n == 0 || record->n > INT64_MAX || record->n != last + !record->ends)
        return ZCHAT_CORRUPT;
    if (producer)
        DL_DELETE (*producer_list (ledger, producer), producer);
    else
        producer = producer_add (ledger, record->producer);
    producer->n = record->n;
    producer->time_ms = record->event.time_ms;
    if (record->ends)
        budget_release (ledger->budget, &producer->item);
    else if (*budget_path (&producer->item))
        budget_touch (&producer->item, producer->time_ms);
    else /* it is new, or goes on after it had ended                           */
        producer_charge (ledger, producer, record->holder);
    producer->ended = record->ends;
    DL_APPEND (*producer_list (ledger, producer), producer);
    return ZCHAT_OK;
}

zchat_status_t producers_forget (ledger_t *ledger, const uint8_t *id)
{
    producer_t *producer = producer_find (ledger, id);
    if (!producer)
        return ZCHAT_CORRUPT;
    producer_remove (ledger, producer);
    return ZCHAT_OK;
}

void producers_destroy (ledger_t *ledger)
{
    while (ledger->idle)
        producer_remove (ledger, ledger->idle);
    while (ledger->ended)
        producer_remove (ledger, ledger->ended);
}

/*  --- looking ---------------------------------------------------------------  */

const producer_t *ledger_producer (const ledger_t *ledger, const uint8_t *id)
{
    return producer_find (ledger, id);
}

static int producer_compare (const producer_t *a, const producer_t *b)
{
    return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

static void producers_sort (ledger_t *ledger)
{
    if (!ledger->unsorted)
        return;
    DL_SORT (ledger->idle, producer_compare);
    DL_SORT (ledger->ended, producer_compare);
    ledger->unsorted = false;
}

const producer_t *ledger_producer_yields (ledger_t *ledger, const char *holder)
{
    producers_sort (ledger);
    if (ledger->ended)
        return ledger->ended;
    budget_item_t *item = budget_yields (ledger->budget, holder);
    return item ? (producer_t *)((char *)item - offsetof (producer_t, item)) : NULL;
}

const producer_t *ledger_producer_old (ledger_t *ledger, bool ended, const producer_t *after,
                                       uint64_t wall_ms)
{
    producers_sort (ledger);
    uint64_t kept_ms = ended ? ZCHAT_PRODUCER_ENDED_MS : ZCHAT_PRODUCER_AGE_MS;
    const producer_t *first = ended ? ledger->ended : ledger->idle;
    const producer_t *producer = after ? after->next : first;
    return producer && producer->time_ms + kept_ms < wall_ms ? producer : NULL;
}

uint64_t ledger_forgotten (const ledger_t *ledger)
{
    return ledger->forgotten;
}

size_t ledger_n_producers (const ledger_t *ledger)
{
    return ledger->n_producers;
}
