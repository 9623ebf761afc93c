/*  batch.c - effects that wait for a commit, in order                         */
#include "batch.h"
#include <assert.h>

enum { BATCH_BYTES_MAX = 8388608 }; /* bytes of one commit, one message at least  */

struct batch {
    held_t *flight;          /* taken, on its way to the disk                      */
    held_t *landed;          /* effects that may go                                */
    held_t *queue;           /* not yet taken                                      */
    bool in_flight;          /*                                                    */
    size_t n_held;           /* in all three                                       */
    size_t n_bytes;          /*                                                    */
    store_record_t *records; /* of the flight                                      */
    size_t records_room;     /* allocated                                          */
};

batch_t *batch_new (void)
{
    return memory_zero (sizeof (batch_t));
}

static frame_t copy_frame (char **memory, frame_t frame)
{
    frame_t copy = frame_of (*memory, frame.size);
    if (frame.size)
        memcpy (*memory, frame.data, frame.size);
    *memory += frame.size;
    return copy;
}

held_t *batch_hold (batch_t *batch, const held_t *effect)
{
    const event_t *event = &effect->event;
    size_t size = event->user.size + event->body.size + event->data.size + effect->tag.size +
                  effect->json.size + effect->subject.size + effect->holder.size +
                  effect->charge.size + effect->charge_old.size + effect->fact_key.size +
                  effect->fact_value.size + effect->fact_old.size;
    held_t *held = memory_new (sizeof *held + size);
    *held = *effect;
    char *memory = held->memory;
    held->event.user = copy_frame (&memory, event->user);
    held->event.body = copy_frame (&memory, event->body);
    held->event.data = copy_frame (&memory, event->data);
    held->tag = copy_frame (&memory, effect->tag);
    held->json = copy_frame (&memory, effect->json);
    held->subject = copy_frame (&memory, effect->subject);
    held->holder = copy_frame (&memory, effect->holder);
    held->charge = copy_frame (&memory, effect->charge);
    held->charge_old = copy_frame (&memory, effect->charge_old);
    held->fact_key = copy_frame (&memory, effect->fact_key);
    held->fact_value = copy_frame (&memory, effect->fact_value);
    held->fact_old = copy_frame (&memory, effect->fact_old);
    held->size = sizeof *held + size;
    if (held->entry.room)
        held->entry.room->pending++;
    if (held->land == LAND_IN)
        held->entry.room->n_inviting++;
    DL_APPEND (batch->queue, held);
    batch->n_held++;
    batch->n_bytes += held->size;
    return held;
}

static bool held_stored (const held_t *held)
{
    return held->kind == HELD_MESSAGE || held->kind == HELD_FACT || held->kind == HELD_DROP ||
           held->kind == HELD_END;
}

static bool list_invites (const held_t *list, const room_t *room, const char *who)
{
    for (const held_t *held = list; held; held = held->next)
        if (held->land == LAND_IN && held->entry.room == room && frame_is (held->subject, who))
            return true;
    return false;
}

bool batch_invites (const batch_t *batch, const room_t *room, const char *who)
{
    return room->n_inviting &&
           (list_invites (batch->flight, room, who) || list_invites (batch->queue, room, who));
}

static void record_add (batch_t *batch, size_t index, const held_t *held)
{
    if (index == batch->records_room) {
        batch->records_room = index ? index * 2 : 64;
        batch->records = memory_grow (batch->records, batch->records_room * sizeof *batch->records);
    }
    const room_t *room = held->entry.room;
    store_record_t *record = &batch->records[index];
    *record = (store_record_t){.room = room ? room->id : 0,
                               .room_name = room ? frame_of (room->name, room->name_size)
                                                 : frame_of (NULL, 0),
                               .event = held->event,
                               .removes = held->removes,
                               .fact_key = held->fact_key,
                               .fact_value = held->fact_value,
                               .has_producer = held->entry.has_producer,
                               .n = held->entry.n,
                               .ends = held->kind == HELD_END,
                               .makes = held->entry.first_of_room,
                               .drops = held->kind == HELD_DROP,
                               .charge = held->charge,
                               .holder = held->holder,
                               .forgets = held->entry.forgotten != NULL};
    memcpy (record->producer, held->entry.producer, sizeof record->producer);
    if (record->forgets)
        memcpy (record->forgotten, held->entry.forgotten->id, sizeof record->forgotten);
}

size_t batch_take (batch_t *batch, const store_record_t **records)
{
    if (batch->in_flight)
        return 0;
    size_t count = 0, bytes = 0;
    bool linked = false;
    held_t *held = batch->queue;
    for (; held; held = held->next) {
        if (!held_stored (held))
            continue;
        /*  What is linked is few, and goes over the bounds rather than apart. */
        if (!linked &&
            (count >= ZCHAT_BATCH_MAX || (count && bytes + held->size > BATCH_BYTES_MAX)))
            break;
        record_add (batch, count++, held);
        bytes += held->size;
        linked = held->linked;
    }
    if (!count)
        return 0;
    /*  Cut the list in two before held: utlist keeps the tail in head->prev.  */
    batch->flight = batch->queue;
    batch->queue = held;
    if (held) {
        held_t *tail = batch->flight->prev;
        batch->flight->prev = held->prev;
        held->prev->next = NULL;
        held->prev = tail;
    }
    batch->in_flight = true;
    *records = batch->records;
    return count;
}

bool batch_in_flight (const batch_t *batch)
{
    return batch->in_flight;
}

held_t *batch_next (batch_t *batch)
{
    held_t *held = batch->landed;
    if (held)
        DL_DELETE (batch->landed, held);
    else if (!batch->in_flight && batch->queue && !held_stored (batch->queue)) {
        held = batch->queue;
        DL_DELETE (batch->queue, held);
    } else
        return NULL;
    batch->n_held--;
    batch->n_bytes -= held->size;
    return held;
}

void batch_free (held_t *held)
{
    ledger_keep (&held->entry);
    free (held);
}

void batch_land (batch_t *batch)
{
    assert (batch->in_flight);
    DL_CONCAT (batch->landed, batch->flight);
    batch->flight = NULL;
    batch->in_flight = false;
}

static void undo_fact (ledger_t *ledger, const held_t *held)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    memcpy (key, held->fact_key.data, held->fact_key.size);
    key[held->fact_key.size] = '\0';
    zchat_status_t status = ledger_fact_undo (ledger, held->entry.room, key, held->fact_old);
    assert (status == ZCHAT_OK);
    (void)status;
}

static void undo (held_t *list, ledger_t *ledger)
{
    if (!list)
        return;
    held_t *held = list->prev;
    for (;; held = held->prev) {
        if (held->fact_key.size)
            undo_fact (ledger, held);
        if (held->charge.size)
            ledger_room_charge (ledger, held->entry.room, held->charge_old);
        if (held->kind == HELD_MESSAGE)
            ledger_undo (ledger, &held->entry);
        if (held->kind == HELD_DROP)
            ledger_room_dying (ledger, held->entry.room, false);
        if (held == list)
            break;
    }
}

void batch_fail (batch_t *batch, ledger_t *ledger)
{
    undo (batch->queue, ledger);
    undo (batch->flight, ledger);
    batch_land (batch);
    DL_CONCAT (batch->landed, batch->queue);
    batch->queue = NULL;
}

size_t batch_held (const batch_t *batch)
{
    return batch->n_held;
}

size_t batch_held_bytes (const batch_t *batch)
{
    return batch->n_bytes;
}

static void list_destroy (held_t *list)
{
    held_t *held, *next;
    DL_FOREACH_SAFE (list, held, next)
    {
        batch_free (held);
    }
}

void batch_destroy (batch_t **self_p)
{
    batch_t *batch = *self_p;
    if (!batch)
        return;
    list_destroy (batch->flight);
    list_destroy (batch->landed);
    list_destroy (batch->queue);
    free (batch->records);
    free (batch);
    *self_p = NULL;
}
