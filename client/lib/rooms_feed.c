/*  rooms_feed.c - the barrier, and the events that come off the feed          */
#include "answer.h"
#include "memory.h"
#include "rooms_private.h"
#include <stdio.h>

/*  --- the barrier -----------------------------------------------------------  */

static void rooms_topic_nonce (rooms_t *rooms, bool on)
{
    const delivery_sink_t *sink = &rooms->exchange->sink;
    char topic[EVENT_TOPIC_MAX];
    frame_t frame = frame_of (topic, event_topic (topic, "sync/", frame_str (rooms->nonce)));

    (on ? sink->subscribe : sink->unsubscribe) (sink->arg, frame);
}

/*  Ask for a nonce that proves all subscriptions made until now. A nonce that is on its way
    already would not prove the latest one, so it is given up.                 */
void rooms_barrier (rooms_t *rooms)
{
    if (*rooms->nonce)
        rooms_topic_nonce (rooms, false);
    else
        rooms->barrier_ms = rooms->exchange->now_ms;
    rng_hex (&rooms->exchange->rng, rooms->nonce, ZCHAT_NONCE_MAX / 2);
    rooms_topic_nonce (rooms, true);
    rooms->sync_ms = rooms->exchange->now_ms;
}

void room_fill (room_t *room)
{
    /*  A history that was asked for before the barrier may end before the event with which the
        feed begins.                                                           */
    exchange_forget (room->rooms->exchange, ASK_FETCH, room->number);
    room->fetching = false;
    room->state = ROOM_FILLING;
    room->due_ms = room->rooms->exchange->now_ms;
}

void room_listen (room_t *room)
{
    rooms_t *rooms = room->rooms;

    if (!rooms->feed_made) {
        rooms->exchange->sink.connect_feed (rooms->exchange->sink.arg, rooms->feed);
        rooms->feed_made = true;
    }
    room->state = ROOM_SYNCING;
    room->due_ms = NEVER;
    room_subscribe (room, true);
    rooms_barrier (rooms);
    if (rooms->feed_silent)
        room_fill (room);
}

/*  The nonce has come. What was said while the feed was silent came by histories, and one more
    history closes the gap to what the feed brings from now on.                */
static void rooms_barrier_passed (rooms_t *rooms)
{
    char text[ENDPOINT_MAX + 160];
    bool was_silent = rooms->feed_silent;

    rooms_topic_nonce (rooms, false);
    *rooms->nonce = '\0';
    rooms->feed_silent = false;
    rooms->feed_proven = true;
    if (was_silent) {
        snprintf (text, sizeof text, "the feed at %s answers", rooms->feed);
        exchange_warn (rooms->exchange, NULL, ZCHAT_OK, text);
    }
    for (size_t i = 0; i < rooms->count; i++)
        if (rooms->rooms[i]->state == ROOM_SYNCING ||
            (was_silent && rooms->rooms[i]->state > ROOM_SYNCING && !rooms->rooms[i]->direct))
            room_fill (rooms->rooms[i]);
}

/*  The feed does not answer. That is told once; we go on without it and make a new one. */
void rooms_feed_silent (rooms_t *rooms)
{
    char text[ENDPOINT_MAX + 160];

    if (!rooms->feed_silent) {
        snprintf (text, sizeof text,
                  "the feed at %s stays silent; is it reachable from here? Messages come later, "
                  "over the door, until it answers",
                  rooms->feed);
        exchange_warn (rooms->exchange, NULL, ZCHAT_UNREACHABLE, text);
    }
    rooms->feed_silent = true;
    rooms->feed_proven = false;
    *rooms->nonce = '\0';
    rooms->exchange->sink.connect_feed (rooms->exchange->sink.arg, rooms->feed);
    for (size_t i = 0; i < rooms->count; i++) {
        room_t *room = rooms->rooms[i];

        if (room->state < ROOM_SYNCING || room->direct)
            continue;
        room_subscribe (room, true);
        if (room->state == ROOM_SYNCING)
            room_fill (room);
    }
    rooms_barrier (rooms);
}

/*  The next connection may lead to another broker with another log, while the door is still half
    open to the former one. Only the barrier can tell, because it is asked for over the door. */
void rooms_feed_lost (rooms_t *rooms)
{
    if (!rooms->feed_made)
        return;
    rooms->feed_proven = false;
    for (size_t i = 0; !rooms->feed_silent && i < rooms->count; i++)
        if (rooms->rooms[i]->state >= ROOM_SYNCING && !rooms->rooms[i]->direct)
            rooms->rooms[i]->state = ROOM_SYNCING;
    rooms_barrier (rooms);
}

/*  --- the feed --------------------------------------------------------------  */

/*  A fetch waits a little. A gap may close by itself with the next pack; and where many readers
    have lost the same pack, they need not all ask at once.                    */
void room_mind_gap (room_t *room)
{
    exchange_t *exchange = room->rooms->exchange;

    if (room->state != ROOM_LIVE || room->fetching)
        return;
    if (!cursor_behind (room->cursor))
        room->due_ms = NEVER;
    else if (room->due_ms == NEVER)
        room->due_ms = exchange->now_ms + 1 + rng_below (&exchange->rng, ZCHAT_GAP_WAIT_MS);
}

/*  Find the room of this name, in the broker's spelling, that listens to the feed, or, where
    direct is true, to the door. NULL: none.                                   */
static room_t *rooms_listening (const rooms_t *rooms, frame_t name, bool direct)
{
    for (size_t i = 0; i < rooms->count; i++)
        if (rooms->rooms[i]->state >= ROOM_SYNCING && rooms->rooms[i]->direct == direct &&
            frame_is (name, rooms->rooms[i]->name))
            return rooms->rooms[i];
    return NULL;
}

/*  Take in a pack. What cannot be read leaves a gap, and is fetched.          */
static void room_pack (room_t *room, frame_t pack)
{
    event_t event;

    while (event_record_next (&pack, &event) == ZCHAT_OK)
        if (event.seq && !room->direct && !room->rooms->feed_proven)
            /*  If the event is real, a history behind the barrier brings it.  */
            cursor_reach (room->cursor, event.seq <= ZCHAT_SEQ_MAX ? event.seq : 0);
        else if (event.seq <= ZCHAT_SEQ_MAX)
            (void)cursor_feed (room->cursor, &event);
    room_mind_gap (room);
}

void rooms_feed (rooms_t *rooms, const frame_t *frames, size_t count)
{
    frame_t name;
    room_t *room;

    if (count == 4 && *rooms->nonce && event_topic_name (frames[0], "sync/", &name) &&
        frame_is (name, rooms->nonce)) {
        rooms_barrier_passed (rooms);
        return;
    }
    if (count != 2 || !event_topic_name (frames[0], "pack/", &name))
        return;
    room = rooms_listening (rooms, name, false);
    if (room)
        room_pack (room, frames[1]);
}

/*  --- the door --------------------------------------------------------------  */

/*  Take in one event in four frames: a broker sends that where it knows no other form. */
static void room_single (room_t *room, const reply_t *reply)
{
    json_t *meta = answer_parse (reply->meta);
    json_t *data = json_object_get (meta, "data");
    const char *type = answer_string (meta, "type", ZCHAT_NAME_MAX);
    char *text = json_is_object (data) ? memory_check (json_dumps (data, JSON_COMPACT)) : NULL;
    event_t event = {.user = reply->user, .body = reply->body};

    (void)answer_number (meta, "seq", ZCHAT_SEQ_MAX, &event.seq);
    (void)answer_number (meta, "time", INT64_MAX, &event.time_ms);
    if (type)
        event.type = zchat_type_from_name (type, strlen (type));
    if (text)
        event.data = frame_str (text);
    if (type)
        (void)cursor_feed (room->cursor, &event);
    room_mind_gap (room);
    free (text);
    json_decref (meta);
}

void rooms_push (rooms_t *rooms, const reply_t *reply)
{
    bool bulk = reply->kind == REPLY_BULK;
    frame_t name;
    room_t *room;

    if (!event_topic_name (reply->topic, bulk ? "pack/" : "room/", &name))
        return;
    room = rooms_listening (rooms, name, true);
    if (room && bulk)
        room_pack (room, reply->body);
    else if (room)
        room_single (room, reply);
}
