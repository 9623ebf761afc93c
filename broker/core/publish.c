/*  publish.c - what may leave, leaves: replies and events after their commit  */
#include "core_private.h"
#include <assert.h>

/*  --- the feed --------------------------------------------------------------  */

/*  To every session in the room, over its door, that wants this form. Who does not read
    misses some, and finds out by the seqs.                                    */
static void push (core_t *core, const room_t *room, const frame_t *event, size_t count)
{
    frame_t frames[7] = {frame_of ("", 0), frame_str ("EVENT"), frame_of ("", 0)};
    size_t bytes = 0;
    memcpy (frames + 3, event, count * sizeof *event);
    for (size_t i = 0; i < count; i++)
        bytes += event[i].size;
    for (const member_t *member = room->members; member; member = member->next) {
        const session_t *session = member->session;
        if (!session->peer || session->packs != (count == 2) ||
            !debt_affords (core, session->peer, bytes))
            continue;
        size_t skip = session->enveloped ? 0 : 1;
        core->sink.reply (core->sink.arg, session->peer->id, frames + skip, 3 + count - skip);
    }
}

static void publish_frames (core_t *core, const room_t *room, const frame_t *event, size_t count)
{
    if (room->is_private || room->mailbox)
        push (core, room, event, count);
    else
        core->sink.publish (core->sink.arg, event, count);
}

void publish_pack (core_t *core, room_t *room)
{
    if (!room->pack_size)
        return;
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[] = {frame_of (topic, event_topic (topic, "pack/", ledger_room_shown (room))),
                        frame_of (room->pack, room->pack_size)};
    publish_frames (core, room, frames, 2);
    room->pack_size = 0;
}

static void publish_single (core_t *core, const room_t *room, const event_t *event)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    frame_t name = ledger_room_shown (room);
    frame_t frames[] = {frame_of (topic, event_topic (topic, "room/", name)), event->user,
                        event->body, frame_of (meta, event_meta_encode (event, meta))};
    publish_frames (core, room, frames, 4);
}

void publish_event (core_t *core, room_t *room, const event_t *event, room_t **touched)
{
    publish_single (core, room, event);
    size_t size = event_record_size (event);
    if (room->pack_size + size > ZCHAT_FEED_PACK_MAX)
        publish_pack (core, room);
    if (room->pack_size + size > room->pack_room) {
        if (!room->pack) {
            room->pending++;
            room->touched = *touched;
            *touched = room;
        }
        room->pack_room = 2 * (room->pack_size + size);
        room->pack = memory_grow (room->pack, room->pack_room);
    }
    room->pack_size += event_record_encode (event, room->pack + room->pack_size);
}

static void publish_packs (core_t *core, room_t *touched)
{
    while (touched) {
        room_t *room = touched;
        touched = room->touched;
        publish_pack (core, room);
        free (room->pack);
        room->pack = NULL;
        room->pack_room = 0;
        room->pending--;
        ledger_room_release (core->ledger, room);
    }
}

/*  --- the door --------------------------------------------------------------  */

static void answer_message (core_t *core, const held_t *held, bool failed)
{
    if (failed) {
        char json[256];
        int size = snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"%s\"}",
                             zchat_status_code (ZCHAT_STORAGE), zchat_status_text (ZCHAT_STORAGE));
        core_send (core, held->peer, held->enveloped, "ERR", held->tag,
                   frame_of (json, (size_t)size));
        return;
    }
    char json[64];
    int size =
        snprintf (json, sizeof json, "{\"seq\":%llu,\"time\":%llu}",
                  (unsigned long long)held->entry.seq, (unsigned long long)held->entry.time_ms);
    core_send (core, held->peer, held->enveloped, "OK", held->tag, frame_of (json, (size_t)size));
}

/*  A failed commit takes messages back, but not the duplicate of one that was stored
    before: an ERR would say that it is not.                                   */
static bool still_duplicate (const core_t *core, const held_t *held)
{
    const ledger_entry_t *entry = &held->entry;
    return entry->has_producer && ledger_seen (core->ledger, entry->producer, entry->n);
}

static void answer (core_t *core, const held_t *held, bool failed)
{
    if (held->kind == HELD_MESSAGE && !failed)
        core->accepted++;
    peer_t *peer = presence_peer_still (core->presence, held->peer, held->serial);
    if (!peer)
        return;
    if (held->kind == HELD_MESSAGE ||
        (failed && held->tentative && !still_duplicate (core, held))) {
        if (!held->silent)
            answer_message (core, held, failed);
    } else if (held->kind == HELD_REPLY)
        core_send (core, held->peer, held->enveloped, held->status == ZCHAT_OK ? "OK" : "ERR",
                   held->tag, held->json);
    assert (peer->pending > 0 && peer->pending_bytes >= held->size);
    peer->pending--;
    peer->pending_bytes -= held->size;
    presence_peer_release (core->presence, peer);
}

/*  The message is on disk: what was given out becomes what is told.           */
static void room_commit (const held_t *held)
{
    room_t *room = held->entry.room;
    if (held->charge.size)
        ledger_room_charged (room, held->charge);
    room->head = held->entry.seq;
    if (held->event.type != ZCHAT_TYPE_TOPIC)
        return;
    free (room->topic);
    free (room->topic_by);
    room->topic = memory_string (held->event.body.data, held->event.body.size);
    room->topic_by = memory_string (held->event.user.data, held->event.user.size);
    room->topic_time_ms = held->entry.time_ms;
}

/*  A private room that was not made is a public one: who came into the private one is not left
    in there.                                                                  */
static void room_unmade (core_t *core, const held_t *held)
{
    member_t *member, *next;
    for (member = held->entry.room->members; member; member = next) {
        next = member->next;
        if (member->joined > held->joins)
            presence_leave (core->presence, member);
    }
}

/*  The room's end is on disk. What is still to be told of it is told before it is another one: of a
    private one nothing may come onto the feed.                                */
static void room_end (core_t *core, const held_t *held, room_t **touched)
{
    room_t *room = held->entry.room;
    announce_out (core, room, held, touched);
    announce_forget (core, room);
    publish_pack (core, room);
    ledger_room_gone (core->ledger, room);
}

void publish_landed (core_t *core, bool failed)
{
    room_t *touched = NULL;
    held_t *held;
    while ((held = batch_next (core->batch))) {
        room_t *room = held->entry.room;
        core->names_held -= held->kind == HELD_FACT && !room;
        core->forgets_held -=
            held->kind == HELD_FACT && frame_is (held->fact_key, LEDGER_FORGOTTEN);
        if (held->kind == HELD_MESSAGE && !failed)
            room_commit (held);
        bool publish = held->kind == HELD_PRESENCE ? room->is_private == held->indoors
                                                   : held->kind == HELD_MESSAGE && !failed;
        if (failed && held->land == LAND_MAKE)
            room_unmade (core, held);
        if (publish)
            publish_event (core, room, &held->event, &touched);
        if (publish && (held->land == LAND_OUT || held->land == LAND_CLOSE))
            announce_out (core, room, held, &touched);
        if (held->kind == HELD_DROP && !failed)
            room_end (core, held, &touched);
        answer (core, held, failed);
        if (room) {
            room->pending--;
            room->n_inviting -= held->land == LAND_IN;
            ledger_room_release (core->ledger, room);
        }
        waiting_end (core->waiting, held->owner, held->size);
        waiting_end (core->waiting, held->place, held->size);
        batch_free (held);
    }
    publish_packs (core, touched);
}
