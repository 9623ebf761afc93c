/*  rooms_feed.c - the barrier, and the events that come off the feed          */
#include "rooms_private.h"
#include <stdio.h>

/*  --- the barrier -----------------------------------------------------------  */

static void rooms_topic_nonce (rooms_t *self, bool on)
{
    const delivery_sink_t *sink = &self->link->sink;
    char topic[EVENT_TOPIC_MAX];
    frame_t frame = frame_of (topic, event_topic (topic, "sync/", frame_str (self->nonce)));

    (on ? sink->subscribe : sink->unsubscribe) (sink->arg, frame);
}

/*  Ask for a nonce that proves all subscriptions made until now. One that is on its
    way would not prove the latest, so it is given up.                         */
void rooms_barrier (rooms_t *self)
{
    if (*self->nonce)
        rooms_topic_nonce (self, false);
    else
        self->barrier_ms = self->link->now_ms;
    rng_hex (&self->link->rng, self->nonce, ZCHAT_NONCE_MAX / 2);
    rooms_topic_nonce (self, true);
    self->sync_ms = self->link->now_ms;
}

void room_listen (room_t *room)
{
    rooms_t *self = room->rooms;

    if (!self->feed_made) {
        self->link->sink.connect_feed (self->link->sink.arg, self->feed);
        self->feed_made = true;
    }
    room_subscribe (room, true);
    rooms_barrier (self);
}

static void room_fill (room_t *room)
{
    /*  A history that was asked for before the barrier may end before what the feed
        begins with.                                                           */
    link_forget (room->rooms->link, ASK_FETCH, room->number);
    room->fetching = false;
    room->state = ROOM_FILLING;
    room->due_ms = room->rooms->link->now_ms;
}

static void rooms_barrier_passed (rooms_t *self)
{
    rooms_topic_nonce (self, false);
    *self->nonce = '\0';
    self->feed_warned = false;
    for (size_t i = 0; i < self->count; i++)
        if (self->rooms[i]->state == ROOM_SYNCING)
            room_fill (self->rooms[i]);
}

/*  The feed does not answer: say so once, and make a new one.                 */
void rooms_feed_silent (rooms_t *self)
{
    char text[ENDPOINT_MAX + 160];

    if (!self->feed_warned) {
        snprintf (text, sizeof text,
                  "the feed at %s stays silent; is it reachable from here? Trying again",
                  self->feed);
        link_warn (self->link, NULL, ZCHAT_UNREACHABLE, text);
    }
    self->feed_warned = true;
    *self->nonce = '\0';
    self->link->sink.connect_feed (self->link->sink.arg, self->feed);
    for (size_t i = 0; i < self->count; i++)
        if (self->rooms[i]->state >= ROOM_SYNCING) {
            self->rooms[i]->state = ROOM_SYNCING;
            room_subscribe (self->rooms[i], true);
        }
    rooms_barrier (self);
}

/*  --- the feed --------------------------------------------------------------  */

/*  A gap may close by itself with the next pack, and when one pack was lost for many
    readers they need not all ask at once.                                     */
void room_mind_gap (room_t *room)
{
    link_t *link = room->rooms->link;

    if (room->state != ROOM_LIVE || room->fetching)
        return;
    if (!cursor_behind (room->cursor))
        room->due_ms = NEVER;
    else if (room->due_ms == NEVER)
        room->due_ms = link->now_ms + 1 + rng_below (&link->rng, ZCHAT_GAP_WAIT_MS);
}

void rooms_feed (rooms_t *self, const frame_t *frames, size_t count)
{
    frame_t name;
    frame_t pack;
    event_t event;
    room_t *room = NULL;

    if (count == 4 && *self->nonce && event_topic_name (frames[0], "sync/", &name) &&
        frame_is (name, self->nonce)) {
        rooms_barrier_passed (self);
        return;
    }
    if (count != 2 || !event_topic_name (frames[0], "pack/", &name))
        return;
    for (size_t i = 0; i < self->count && !room; i++)
        if (self->rooms[i]->state >= ROOM_SYNCING && frame_is (name, self->rooms[i]->name))
            room = self->rooms[i];
    if (!room)
        return;
    /*  What cannot be read leaves a gap, and is fetched.                      */
    pack = frames[1];
    while (event_record_next (&pack, &event) == ZCHAT_OK)
        if (event.seq <= ZCHAT_SEQ_MAX)
            (void)cursor_feed (room->cursor, &event);
    room_mind_gap (room);
}
