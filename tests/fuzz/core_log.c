/*  core_log.c - what the core may have stored                                 */
#include "core_world.h"
#include "memory.h"
#include "text.h"

static void check_record (const store_record_t *record)
{
    const event_t *event = &record->event;
    bool fact = record->fact_key.size > 0;
    fuzz_check (record->drops ? !fact && event->type == ZCHAT_TYPE_NONE
                              : fact || event->type != ZCHAT_TYPE_NONE || record->ends ||
                                    record->forgets || record->charge.size > 0 ||
                                    record->marker > 0 || record->marker_yields > 0);
    fuzz_check ((record->mentions > 0) == (event->type == ZCHAT_TYPE_MENTION));
    fuzz_check (!record->mentions || (record->mentioned_in > 0 && record->marker_of > 0));
    fuzz_check (!record->marker || (record->room > 0 && record->marker_of > 0));
    fuzz_check (record->fact_key.size <= ZCHAT_FACT_KEY_MAX && text_valid (record->fact_key));
    fuzz_check (record->fact_value.size <= ZCHAT_FACT_MAX && text_valid (record->fact_value));
    if (event->type == ZCHAT_TYPE_NONE)
        return;
    fuzz_check (record->room > 0 && record->room_name.size > 0);
    fuzz_check (zchat_type_stored (event->type) && event->seq >= 1);
    fuzz_check (record->removes < event->seq && record->edits < event->seq &&
                record->reacts < event->seq);
    fuzz_check (event->user.size >= 1 && event->user.size <= ZCHAT_NAME_MAX);
    fuzz_check (text_valid (event->user) && text_valid (event->body) && text_valid (event->data));
    fuzz_check (event->body.size <= ZCHAT_BODY_MAX && event->data.size <= ZCHAT_DATA_MAX);
    fuzz_check (event->body.size > 0 || event->type > ZCHAT_TYPE_ACTION);
    if (event->data.size)
        json_decref (judge_object (event->data));
}

void judge_flight (const world_t *world, const store_record_t *records, size_t count)
{
    fuzz_check (count <= 4 * (size_t)ZCHAT_BATCH_MAX);
    for (size_t i = 0; i < count; i++)
        check_record (&records[i]);
}

static seen_room_t *room_by_id (world_t *world, uint64_t id)
{
    for (size_t i = 0; i < world->n_rooms; i++)
        if (world->rooms[i].id == id)
            return &world->rooms[i];
    return NULL;
}

static seen_room_t *room_make (world_t *world, const store_record_t *record)
{
    seen_room_t *room = room_by_id (world, record->room);
    if (room) {
        if (record->room_name.size)
            fuzz_check (frame_is (record->room_name, room->name));
        return room;
    }
    world->rooms = memory_grow (world->rooms, (world->n_rooms + 1) * sizeof *world->rooms);
    room = &world->rooms[world->n_rooms++];
    *room = (seen_room_t){.id = record->room};
    fuzz_check (record->room_name.size > 0 && record->room_name.size < sizeof room->name);
    memcpy (room->name, record->room_name.data, record->room_name.size);
    if (name_check (record->room_name, &room->keys, NULL) != ZCHAT_OK)
        room->keys = (name_keys_t){.fold = ""};
    for (size_t i = 0; i + 1 < world->n_rooms; i++)
        fuzz_check (!judge_keys_same (&world->rooms[i].keys, &room->keys));
    return room;
}

/*  A producer's messages are stored 1, 2, 3; one may take several records.    */
static void check_producer (world_t *world, const store_record_t *record)
{
    size_t i = 0;
    while (i < world->n_producers &&
           memcmp (world->producers[i].id, record->producer, sizeof record->producer) != 0)
        i++;
    if (i == PRODUCERS_KNOWN)
        return;
    seen_producer_t *producer = &world->producers[i];
    if (i == world->n_producers) {
        world->n_producers++;
        memcpy (producer->id, record->producer, sizeof producer->id);
        producer->n = 0;
    }
    bool direct = record->event.type == ZCHAT_TYPE_TELL || record->event.type == ZCHAT_TYPE_TOLD;
    fuzz_check (record->n == producer->n + 1 || (direct && record->n == producer->n) ||
                (record->ends && record->n == producer->n) ||
                ((world->jumped || producer->ended) && record->n == 1));
    producer->n = record->n;
    producer->ended = record->ends;
}

void judge_landed (world_t *world)
{
    for (size_t i = 0; i < world->n_flight; i++) {
        const store_record_t *record = &world->flight[i];
        if (record->has_producer)
            check_producer (world, record);
        if (!record->room && frame_is (record->fact_key, "begins")) {
            char *text = memory_string (record->fact_value.data, record->fact_value.size);
            world->begins = strtoull (text, NULL, 10);
            free (text);
        }
        if (!record->room)
            continue;
        seen_room_t *room = room_make (world, record);
        if (record->drops)
            *room = world->rooms[--world->n_rooms];
        if (record->event.type == ZCHAT_TYPE_NONE)
            continue;
        if (record->makes) {
            fuzz_check (record->room > world->number);
            world->number = record->room;
            room->committed = room->published = record->event.seq - 1;
        }
        fuzz_check (record->event.seq == room->committed + 1);
        room->committed++;
    }
}
