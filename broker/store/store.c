/*  store.c - dispatch to the kind of store, and what all kinds share          */
#include "marks.h"
#include "memory.h"
#include "store_ops.h"
#include "text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void store_fail (store_t *store, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (store->error, sizeof store->error, format, args);
    va_end (args);
}

/*  --- the writing side ------------------------------------------------------  */

void store_destroy (store_t **store)
{
    assert (store);
    if (*store)
        (*store)->ops->destroy (*store);
    *store = NULL;
}

const uint8_t *store_log_id (const store_t *store)
{
    return store->log_id;
}

const char *store_error (const store_t *store)
{
    return store->error;
}

zchat_status_t store_load (store_t *store, const store_loader_t *loader)
{
    return store->ops->load (store, loader);
}

static bool event_fits (const event_t *event)
{
    return event->seq >= 1 && event->seq <= ZCHAT_SEQ_MAX && event->time_ms <= INT64_MAX &&
           event->type >= ZCHAT_TYPE_SAY && event->type <= ZCHAT_TYPE_MAX &&
           event->user.size <= ZCHAT_NAME_MAX && event->data.size <= ZCHAT_DATA_MAX &&
           event->body.size <=
               (event->type == ZCHAT_TYPE_TOPIC ? (size_t)ZCHAT_TOPIC_MAX : ZCHAT_BODY_MAX);
}

static bool fact_fits (const store_record_t *record)
{
    return record->fact_key.size <= ZCHAT_FACT_KEY_MAX &&
           record->fact_value.size <= ZCHAT_FACT_MAX && text_valid (record->fact_key) &&
           text_valid (record->fact_value);
}

/*  A number of an owner, where one is meant.                                  */
static bool owner_fits (uint64_t owner, bool meant)
{
    return meant ? owner >= 1 && owner <= INT64_MAX : owner == 0;
}

static bool markers_fit (const store_record_t *record)
{
    bool reads = record->marker || record->marker_yields;
    if (record->marker > ZCHAT_SEQ_MAX || record->mentions > ZCHAT_SEQ_MAX ||
        record->marker_yields > STORE_ROOM_MAX || record->mentioned_in > STORE_ROOM_MAX ||
        !owner_fits (record->marker_of, reads || record->mentions || record->unmarks) ||
        !record->mentions != !record->mentioned_in)
        return false;
    if (record->mentions)
        return !reads && !record->unmarks && record->event.type == ZCHAT_TYPE_MENTION;
    if (record->unmarks)
        return !reads && record->room == 0 && record->fact_key.size > 0;
    return !reads ||
           (record->event.type == ZCHAT_TYPE_NONE && !record->fact_key.size && !record->drops &&
            !record->has_producer && !record->forgets && !record->removes && !record->edits &&
            !record->charge.size && (record->marker ? record->room >= 1 : record->room == 0));
}

/*  An edit or a reaction says what it is about, and nothing else does.        */
static bool about_fits (const store_record_t *record)
{
    bool edits = record->event.type == ZCHAT_TYPE_EDIT;
    bool reacts =
        record->event.type == ZCHAT_TYPE_REACT || record->event.type == ZCHAT_TYPE_UNREACT;
    if (edits != (record->edits > 0) || reacts != (record->reacts > 0) ||
        reacts != (record->who.size > 0))
        return false;
    return record->edits <= ZCHAT_SEQ_MAX && record->reacts <= ZCHAT_SEQ_MAX &&
           record->who.size <= STORE_WHO_MAX && text_valid (record->who) &&
           (!reacts ||
            (record->event.body.size <= ZCHAT_REACTION_MAX && text_word (record->event.body)));
}

/*  What must never reach the log, because nobody could read it back. The core
    refuses all of it long before; a number out of range would land in another
    room, so this is checked in a release too.                                 */
static bool record_fits (const store_record_t *record)
{
    bool event = record->event.type != ZCHAT_TYPE_NONE;
    bool fact = record->fact_key.size > 0;
    if (record->room > STORE_ROOM_MAX || record->removes > ZCHAT_SEQ_MAX ||
        (fact ? !fact_fits (record) : record->fact_value.size > 0) || !about_fits (record))
        return false;
    if (!markers_fit (record))
        return false;
    if (record->has_producer && (record->n > INT64_MAX || record->holder.size > STORE_HOLDER_MAX))
        return false;
    if (record->drops)
        return !event && !fact && record->room >= 1 && record->removes == 0 &&
               !record->has_producer && record->charge.size == 0;
    if (record->charge.size > STORE_CHARGE_MAX || !text_valid (record->charge) ||
        (record->charge.size && record->room == 0))
        return false;
    if (record->ends)
        return !event && !fact && record->room == 0 && record->removes == 0 &&
               record->has_producer && record->event.time_ms <= INT64_MAX;
    if (record->marker || record->marker_yields)
        return true; /* it says nothing else                                   */
    if (!event)
        return !record->has_producer &&
               (record->room > 0 ? fact || record->removes > 0 || record->charge.size > 0
                                 : (fact || record->forgets) && record->removes == 0);
    return record->room >= 1 && record->room_name.size >= 1 &&
           record->room_name.size <= ZCHAT_NAME_MAX && event_fits (&record->event);
}

zchat_status_t store_append (store_t *store, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!record_fits (&records[i])) {
            store_fail (store, "append: record %zu of %zu is out of bounds (room %llu, seq %llu)",
                        i + 1, count, (unsigned long long)records[i].room,
                        (unsigned long long)records[i].event.seq);
            return ZCHAT_STORAGE;
        }
    return store->ops->append (store, records, count);
}

zchat_status_t store_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                           store_trimmed_t *trimmed)
{
    return store->ops->trim (store, retain, now_ms, trimmed);
}

uint64_t store_excess (const store_retain_t *retain, uint64_t used)
{
    return retain->bytes != 0 && used > retain->bytes ? used - retain->bytes : 0;
}

bool store_retain_apart (const store_retain_t *retain, uint64_t room)
{
    for (size_t i = 0; i < retain->n_rooms; i++)
        if (retain->rooms[i].room == room)
            return true;
    return false;
}

uint64_t store_cutoff (const store_retain_t *retain, uint64_t room, uint64_t now_ms)
{
    uint64_t age_ms = retain->age_ms;
    for (size_t i = 0; i < retain->n_rooms; i++)
        if (retain->rooms[i].room == room)
            age_ms = retain->rooms[i].age_ms;
    return age_ms != 0 && now_ms > age_ms ? now_ms - age_ms : 0;
}

/*  --- the reading side ------------------------------------------------------  */

zchat_status_t store_reader_new (store_t *store, store_reader_t **reader)
{
    return store->ops->reader_new (store, reader);
}

void store_reader_destroy (store_reader_t **reader)
{
    assert (reader);
    if (*reader)
        (*reader)->ops->reader_destroy (*reader);
    *reader = NULL;
}

const char *store_reader_error (const store_reader_t *reader)
{
    return reader->error;
}

zchat_status_t store_read (store_reader_t *reader, const store_query_t *query, store_page_t **page)
{
    return reader->ops->read (reader, query, page);
}

store_span_t store_span (const store_query_t *query, uint64_t first, uint64_t head)
{
    store_span_t span = {
        .first = first, .head = head, .from = first, .to = head, .descending = query->before != 0};
    if (span.descending && query->before <= head)
        span.to = query->before - 1;
    else if (!span.descending && query->after >= first)
        span.from = query->after < head ? query->after + 1 : head + 1;
    span.count = span.to >= span.from ? span.to - span.from + 1 : 0;
    return span;
}

/*  --- pages -----------------------------------------------------------------  */

/*  Room for one item more.                                                    */
static void *room_make (void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 32;
    return memory_grow (items, *capacity * size);
}

static void pager_text (store_pager_t *pager, frame_t frame)
{
    size_t size = pager->text_size + frame.size;
    if (size > pager->text_capacity) {
        pager->text_capacity = size < 4096 ? 4096 : 2 * size;
        pager->text = memory_grow (pager->text, pager->text_capacity);
    }
    if (frame.size)
        memcpy (pager->text + pager->text_size, frame.data, frame.size);
    pager->text_size = size;
}

static void pager_marks (store_pager_t *pager, const store_marks_t *marks)
{
    pager->marks =
        room_make (pager->marks, pager->n_marks, &pager->marks_capacity, sizeof *pager->marks);
    pager->marks[pager->n_marks++] = *marks;
    for (size_t i = 0; i < marks->n_reactions; i++) {
        const store_reaction_t *reaction = &marks->reactions[i];
        pager->reactions = room_make (pager->reactions, pager->n_reactions,
                                      &pager->reactions_capacity, sizeof *pager->reactions);
        pager->reactions[pager->n_reactions++] = *reaction;
        pager_text (pager, reaction->text);
        for (size_t k = 0; k < reaction->n_users; k++)
            pager_text (pager, reaction->users[k]);
    }
}

bool store_pager_add (store_pager_t *pager, const store_query_t *query, const event_t *event,
                      const store_marks_t *marks)
{
    size_t bytes = event_record_size (event) + (marks ? marks_size (marks) : 0);
    if (pager->count >= query->limit ||
        (pager->count > 0 && (bytes > query->bytes_max || pager->bytes > query->bytes_max - bytes)))
        return false;
    pager->events =
        room_make (pager->events, pager->count, &pager->capacity, sizeof *pager->events);
    pager->events[pager->count++] = *event;
    pager_text (pager, event->user);
    pager_text (pager, event->body);
    pager_text (pager, event->data);
    if (marks)
        pager_marks (pager, marks);
    pager->bytes += bytes;
    return true;
}

static const char *frame_place (frame_t *frame, const char *text)
{
    frame->data = text;
    return frame->size ? text + frame->size : text;
}

/*  Only now do the texts stay where they are.                                 */
static void pager_place (store_pager_t *pager)
{
    const char *text = pager->text;
    store_marks_t *marks = pager->marks;
    store_reaction_t *reaction = pager->reactions;
    for (size_t i = 0; i < pager->count; i++) {
        event_t *event = &pager->events[i];
        text = frame_place (&event->user, text);
        text = frame_place (&event->body, text);
        text = frame_place (&event->data, text);
        if (!pager->n_marks || marks == pager->marks + pager->n_marks || marks->seq != event->seq)
            continue;
        marks->reactions = marks->n_reactions ? reaction : NULL;
        for (size_t k = 0; k < marks->n_reactions; k++, reaction++) {
            text = frame_place (&reaction->text, text);
            for (size_t n = 0; n < reaction->n_users; n++)
                text = frame_place (&reaction->users[n], text);
        }
        marks++;
    }
}

store_page_t *store_pager_finish (store_pager_t *pager, const store_span_t *span)
{
    pager_place (pager);
    for (size_t i = 0; span->descending && i < pager->count / 2; i++) {
        event_t event = pager->events[i];
        pager->events[i] = pager->events[pager->count - 1 - i];
        pager->events[pager->count - 1 - i] = event;
    }
    for (size_t i = 0; span->descending && i < pager->n_marks / 2; i++) {
        store_marks_t marks = pager->marks[i];
        pager->marks[i] = pager->marks[pager->n_marks - 1 - i];
        pager->marks[pager->n_marks - 1 - i] = marks;
    }
    store_page_t *page = memory_new (sizeof *page);
    *page = (store_page_t){.events = pager->events,
                           .count = pager->count,
                           .marks = pager->marks,
                           .n_marks = pager->n_marks,
                           .more = pager->count < span->count,
                           .first = span->first,
                           .head = span->head,
                           .memory = pager->text,
                           .more_memory = pager->reactions};
    *pager = (store_pager_t){0};
    return page;
}

void store_pager_drop (store_pager_t *pager)
{
    free (pager->events);
    free (pager->marks);
    free (pager->reactions);
    free (pager->text);
    *pager = (store_pager_t){0};
}

void store_page_destroy (store_page_t **page)
{
    assert (page);
    if (*page) {
        free ((*page)->events);
        free ((*page)->marks);
        free ((*page)->memory);
        free ((*page)->mentions);
        free ((*page)->more_memory);
        free (*page);
    }
    *page = NULL;
}
