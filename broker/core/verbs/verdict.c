/*  verdict.c - what was decided on a call, put together                       */
#include "call.h"
#include <assert.h>

/*  --- records ---------------------------------------------------------------  */

void records_clear (records_t *records)
{
    records->count = 0;
    while (records->n_texts)
        free (records->texts[--records->n_texts]);
}

void records_free (records_t *records)
{
    records_clear (records);
    free (records->items);
    free (records->texts);
    *records = (records_t){.items = NULL};
}

store_record_t *records_add (records_t *records)
{
    if (records->count == records->capacity) {
        records->capacity = records->capacity ? 2 * records->capacity : 64;
        records->items = memory_grow (records->items, records->capacity * sizeof *records->items);
    }
    store_record_t *record = &records->items[records->count++];
    memset (record, 0, sizeof *record);
    return record;
}

frame_t records_keep (records_t *records, char *text)
{
    if (records->n_texts == records->texts_capacity) {
        records->texts_capacity = records->texts_capacity ? 2 * records->texts_capacity : 64;
        records->texts =
            memory_grow (records->texts, records->texts_capacity * sizeof *records->texts);
    }
    records->texts[records->n_texts++] = text;
    return frame_str (text);
}

frame_t text_keep (verdict_t *verdict, frame_t text)
{
    return frame_of (records_keep (verdict->records, memory_string (text.data, text.size)).data,
                     text.size);
}

/*  --- the verdict -----------------------------------------------------------  */

void verdict_begin (verdict_t *verdict, records_t *records)
{
    memset (verdict, 0, sizeof *verdict);
    verdict->records = records;
    verdict->first = records->count;
}

void verdict_end (verdict_t *verdict)
{
    json_decref (verdict->json);
    free (verdict->text);
    free (verdict->search);
    verdict->json = NULL;
    verdict->text = NULL;
    verdict->search = NULL;
}

void verdict_drop (verdict_t *verdict)
{
    verdict_end (verdict);
    verdict->records->count = verdict->first;
}

bool verdict_stores (const verdict_t *verdict)
{
    return verdict->records->count > verdict->first;
}

bool verdict_ok (verdict_t *verdict, json_t *json)
{
    verdict->status = ZCHAT_OK;
    verdict->json = json;
    return true;
}

bool verdict_ok_text (verdict_t *verdict, char *text, size_t size)
{
    verdict->text = text;
    verdict->text_size = size;
    return verdict_ok (verdict, NULL);
}

bool verdict_refuse (verdict_t *verdict, zchat_status_t status, const char *why, json_t *more)
{
    verdict_t refused = {.records = verdict->records,
                         .first = verdict->first,
                         .status = status,
                         .why = why,
                         .json = more,
                         .speaks = verdict->speaks};
    memcpy (refused.speaker, verdict->speaker, sizeof refused.speaker);
    verdict_drop (verdict);
    *verdict = refused;
    return false;
}

void verdict_overtaken (verdict_t *verdict, zchat_status_t status)
{
    verdict_end (verdict);
    verdict->why = NULL;
    verdict->numbered = false;
    verdict->status = status;
}

bool verdict_limit (verdict_t *verdict, const char *why, uint64_t limit, const char *what)
{
    return verdict_refuse (verdict, ZCHAT_LIMIT, why,
                           json_pack ("{s:I, s:s}", "limit", (json_int_t)limit, "what", what));
}

/*  The room's number, head and time, behind what the verdict stores already.  */
static void event_place (const verdict_t *verdict, const view_t *view, const room_t *room,
                         store_record_t *record)
{
    uint64_t next = ledger_next_room (view->ledger);
    uint64_t begins = verdict->begins ? verdict->begins : ledger_begins (view->ledger);
    record->room = room ? room->id : next;
    record->makes = !room;
    record->event.seq = room ? room->head + 1 : begins + 1;
    record->event.time_ms = room ? room->time_ms : 0;
    for (size_t i = verdict->first; i + 1 < verdict->records->count; i++) {
        const store_record_t *other = &verdict->records->items[i];
        if (other->event.type == ZCHAT_TYPE_NONE)
            continue;
        if (!room && other->room >= next && !frame_eq (other->room_name, record->room_name))
            record->room = other->room + 1;
        else if (other->room == record->room) {
            record->makes = false;
            record->event.seq = other->event.seq + 1;
            record->event.time_ms = other->event.time_ms;
        }
    }
}

store_record_t *verdict_event (verdict_t *verdict, const view_t *view, const call_t *call,
                               const room_t *room, frame_t name, zchat_type_t type)
{
    store_record_t *record = records_add (verdict->records);
    if (!verdict->has_main)
        verdict->main = verdict->records->count - 1;
    verdict->has_main = true;
    /*  The room may end behind it, in the same flight.                        */
    record->room_name = room ? text_keep (verdict, frame_of (room->name, room->name_size)) : name;
    event_place (verdict, view, room, record);
    record->event.type = type;
    record->event.user = call->user;
    if (record->event.time_ms < call->now.wall_ms)
        record->event.time_ms = call->now.wall_ms;
    return record;
}

static frame_t text_copy (verdict_t *verdict, const char *text)
{
    return text && *text ? records_keep (verdict->records, memory_string (text, strlen (text)))
                         : frame_of (NULL, 0);
}

void verdict_fact (verdict_t *verdict, uint64_t room, frame_t name, const char *key,
                   const char *value)
{
    store_record_t *record = records_add (verdict->records);
    record->room = room;
    record->room_name = name.size ? text_keep (verdict, name) : name;
    record->fact_key = text_copy (verdict, key);
    record->fact_value = text_copy (verdict, value);
}

void verdict_unmarks (verdict_t *verdict, uint64_t owner)
{
    store_record_t *record = &verdict->records->items[verdict->records->count - 1];
    record->unmarks = true;
    record->marker_of = owner;
}

void verdict_fact_of (verdict_t *verdict, size_t index, const char *key, const char *value)
{
    store_record_t *record = &verdict->records->items[index];
    record->fact_key = text_copy (verdict, key);
    record->fact_value = text_copy (verdict, value);
}

static void broker_number (verdict_t *verdict, const char *key, uint64_t number)
{
    char value[24];
    snprintf (value, sizeof value, "%llu", (unsigned long long)number);
    verdict_fact (verdict, 0, frame_of (NULL, 0), key, value);
}

void verdict_room_end (verdict_t *verdict, const view_t *view, const room_t *room)
{
    /*  One more, so that who has seen its last message is told, too.          */
    uint64_t begins = room->head < ZCHAT_SEQ_MAX ? room->head + 1 : ZCHAT_SEQ_MAX;
    uint64_t before = verdict->begins ? verdict->begins : ledger_begins (view->ledger);
    if (begins > before) {
        broker_number (verdict, LEDGER_BEGINS, begins);
        verdict->begins = begins;
    }
    /*  No row would say any more that the number was given.                   */
    if (room->id + 1 == ledger_next_room (view->ledger))
        broker_number (verdict, LEDGER_NUMBERED, room->id);
    store_record_t *record = records_add (verdict->records);
    record->room = room->id;
    record->room_name = text_keep (verdict, frame_of (room->name, room->name_size));
    record->drops = true;
}

move_t *verdict_move (verdict_t *verdict, move_kind_t kind)
{
    assert (verdict->n_moves < VERDICT_MOVES_MAX);
    move_t *move = &verdict->moves[verdict->n_moves++];
    move->kind = kind;
    return move;
}

void verdict_note (verdict_t *verdict, core_note_kind_t kind, frame_t user, frame_t room,
                   const char *text)
{
    assert (verdict->n_notes < VERDICT_NOTES_MAX);
    verdict->notes[verdict->n_notes++] = (verdict_note_t){kind, user, room, text};
}
