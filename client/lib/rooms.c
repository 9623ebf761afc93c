/*  rooms.c - the rooms a client is in, and what is due in them                */
#include "answer.h"
#include "memory.h"
#include "rooms_private.h"
#include <inttypes.h>
#include <stdio.h>

/*  --- rooms come and go -----------------------------------------------------  */

rooms_t *rooms_new (exchange_t *exchange, markers_t *markers)
{
    rooms_t *rooms = memory_zero (sizeof *rooms);

    rooms->exchange = exchange;
    rooms->markers = markers;
    return rooms;
}

static void room_destroy (room_t *room)
{
    cursor_destroy (&room->cursor);
    free (room->topic);
    free (room->topic_by);
    free (room);
}

void rooms_destroy (rooms_t **rooms)
{
    if (*rooms) {
        for (size_t i = 0; i < (*rooms)->count; i++)
            room_destroy ((*rooms)->rooms[i]);
        free (*rooms);
        *rooms = NULL;
    }
}

zchat_status_t rooms_check (const char *name, name_keys_t *keys)
{
    if (strcmp (name, ROOMS_MAILBOX) != 0)
        return name_check (frame_str (name), keys, NULL);
    if (keys)
        *keys = (name_keys_t){.fold = ROOMS_MAILBOX, .look = ROOMS_MAILBOX};
    return ZCHAT_OK;
}

bool room_is_mailbox (const room_t *room)
{
    return strcmp (room->keys.fold, ROOMS_MAILBOX) == 0;
}

room_t *rooms_find (const rooms_t *rooms, const char *name)
{
    name_keys_t keys;

    if (rooms_check (name, &keys) != ZCHAT_OK)
        return NULL;
    for (size_t i = 0; i < rooms->count; i++)
        if (name_same (&rooms->rooms[i]->keys, &keys))
            return rooms->rooms[i];
    return NULL;
}

bool rooms_indoors (const rooms_t *rooms, const char *name)
{
    const room_t *room = rooms_find (rooms, name);

    return room && room->direct && !room_is_mailbox (room);
}

/*  Return the status with which an operator has put us out, if the event says so. An ordinary
    leave is no sign of that: it may be of another session of our name, or of one of ours before
    this one.                                                                  */
static zchat_status_t room_put_out (const room_t *room, const event_t *event)
{
    zchat_status_t status = ZCHAT_OK;
    const char *reason;
    json_t *json;

    if (event->type != ZCHAT_TYPE_LEAVE || event->seq || !event->user.size ||
        !frame_is (event->user, room->rooms->exchange->user))
        return ZCHAT_OK;
    json = answer_parse (event->data);
    reason = answer_string (json, "reason", ZCHAT_DATA_MAX);
    if (reason && strcmp (reason, "kick") == 0)
        status = room->direct ? ZCHAT_PRIVATE : ZCHAT_MEMBER;
    else if (reason && strcmp (reason, "close") == 0)
        status = ZCHAT_CLOSED;
    json_decref (json);
    return status;
}

/*  Another device has read a room.                                            */
static void room_read_elsewhere (const room_t *room, const event_t *event)
{
    json_t *json = answer_parse (event->data);
    const char *name = answer_string (json, "room", ZCHAT_NAME_MAX);
    uint64_t seq;

    if (name && answer_number (json, "seq", ZCHAT_SEQ_MAX, &seq))
        markers_known (room->rooms->markers, name, seq);
    json_decref (json);
}

static void room_event (void *arg, const event_t *event)
{
    room_t *room = arg;

    exchange_give (room->rooms->exchange, ZCHAT_EVENT_MESSAGE, 0, room->name, event);
    /*  The cursor is at work here, so the room is only marked; the next pump takes it out. */
    if (room->out == ZCHAT_OK)
        room->out = room_put_out (room, event);
    if (event->type == ZCHAT_TYPE_READ && room_is_mailbox (room))
        room_read_elsewhere (room, event);
}

static void room_lost (void *arg, uint64_t count, uint64_t seq)
{
    const room_t *room = arg;
    const delivery_sink_t *sink = &room->rooms->exchange->sink;
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_LOST, .room = room->name, .count = count, .seq = seq};

    sink->event (sink->arg, &event);
}

zchat_status_t rooms_join (rooms_t *rooms, const char *name, uint64_t last, uint64_t since)
{
    cursor_sink_t sink = {.event = room_event, .lost = room_lost};
    name_keys_t keys;
    room_t *room;
    zchat_status_t status = rooms_check (name, &keys);

    if (status != ZCHAT_OK || rooms_find (rooms, name))
        return status;
    if (rooms->count == ZCHAT_SESSION_ROOMS_MAX)
        return ZCHAT_FULL;
    room = memory_zero (sizeof *room);
    room->rooms = rooms;
    room->number = ++rooms->number;
    room->keys = keys;
    room->last = last;
    room->since = since;
    sink.arg = room;
    room->cursor = cursor_new (&sink);
    snprintf (room->name, sizeof room->name, "%s", name);
    rooms->rooms[rooms->count++] = room;
    return ZCHAT_OK;
}

void room_subscribe (const room_t *room, bool on)
{
    const delivery_sink_t *sink = &room->rooms->exchange->sink;
    char topic[EVENT_TOPIC_MAX];
    frame_t frame = frame_of (topic, event_topic (topic, "pack/", frame_str (room->name)));

    (on ? sink->subscribe : sink->unsubscribe) (sink->arg, frame);
}

void rooms_remove (rooms_t *rooms, room_t *room, zchat_status_t status, const char *text)
{
    const delivery_sink_t *sink = &rooms->exchange->sink;
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_PARTED, .room = room->name, .status = status, .text = text};
    size_t index = 0;

    if (room->state >= ROOM_SYNCING && !room->direct)
        room_subscribe (room, false);
    exchange_forget (rooms->exchange, ASK_JOIN, room->number);
    exchange_forget (rooms->exchange, ASK_LOOK, room->number);
    exchange_forget (rooms->exchange, ASK_FETCH, room->number);
    while (rooms->rooms[index] != room)
        index++;
    rooms->rooms[index] = rooms->rooms[--rooms->count];
    sink->event (sink->arg, &event);
    room_destroy (room);
}

zchat_status_t rooms_part (rooms_t *rooms, const char *name, bool connected)
{
    room_t *room = rooms_find (rooms, name);
    zchat_status_t status = rooms_check (name, NULL);
    frame_t arg;

    if (status != ZCHAT_OK)
        return status;
    if (!room)
        return ZCHAT_MEMBER;
    /*  Nobody waits for the reply: whatever it says, we are out.              */
    arg = frame_str (room->name);
    if (connected && *rooms->exchange->user && room->state != ROOM_WANTED)
        exchange_send (rooms->exchange, VERB_PART, "part", &arg, 1);
    rooms_remove (rooms, room, ZCHAT_OK, NULL);
    return ZCHAT_OK;
}

/*  --- connections -----------------------------------------------------------  */

void rooms_connected (rooms_t *rooms, const char *feed)
{
    snprintf (rooms->feed, sizeof rooms->feed, "%s", feed);
    for (size_t i = 0; i < rooms->count; i++)
        rooms->rooms[i]->due_ms = rooms->exchange->now_ms;
}

void rooms_lost (rooms_t *rooms)
{
    rooms->feed_made = false;
    rooms->feed_silent = false;
    rooms->feed_proven = false;
    *rooms->nonce = '\0';
    for (size_t i = 0; i < rooms->count; i++) {
        room_t *room = rooms->rooms[i];

        room->state = ROOM_WANTED;
        room->joined = false;
        room->fetching = false;
        room->due_ms = 0;
        room->fruitless = 0;
        room->ping_head = 0;
        room->ping_missed = false;
        /*  What was kept ahead of the cursor is dropped, because it comes again. */
        cursor_place (room->cursor, cursor_seq (room->cursor));
    }
}

void rooms_new_log (rooms_t *rooms)
{
    for (size_t i = 0; i < rooms->count; i++) {
        cursor_place (rooms->rooms[i]->cursor, 0);
        /*  A seq of the old log means nothing in the new one.                 */
        if (rooms->rooms[i]->since)
            rooms->rooms[i]->since = 1;
    }
}

void rooms_renamed (rooms_t *rooms)
{
    room_t *room = rooms_find (rooms, ROOMS_MAILBOX);

    if (room) {
        /*  What is still on its way belongs to the old mailbox.               */
        exchange_forget (rooms->exchange, ASK_JOIN, room->number);
        exchange_forget (rooms->exchange, ASK_FETCH, room->number);
        room->placed = false;
        room->since = 0;
        cursor_place (room->cursor, 0);
    }
}

/*  --- what is due -----------------------------------------------------------  */

static void rooms_put_out (rooms_t *rooms)
{
    for (size_t i = rooms->count; i-- > 0;) {
        room_t *room = rooms->rooms[i];

        if (room->out != ZCHAT_OK)
            rooms_remove (rooms, room, room->out,
                          room->out == ZCHAT_CLOSED ? zchat_status_text (ZCHAT_CLOSED)
                                                    : "you were put out of this room");
    }
}

static void room_ask_join (room_t *room)
{
    exchange_t *exchange = room->rooms->exchange;
    frame_t args[2] = {frame_str (room->name), frame_str ("{\"limit\":1,\"form\":\"pack\"}")};

    room->state = ROOM_ASKED;
    room->due_ms = NEVER;
    if (*exchange->user)
        exchange_ask (exchange, ASK_JOIN, room->number, VERB_JOIN, args, 1);
    else
        exchange_ask (exchange, ASK_LOOK, room->number, VERB_HISTORY, args, 2);
}

static void room_ask_history (room_t *room)
{
    exchange_t *exchange = room->rooms->exchange;
    char json[96];
    uint64_t after = cursor_seq (room->cursor);
    frame_t args[2];

    snprintf (json, sizeof json,
              "{\"after\":%" PRIu64 ",\"limit\":%d,\"form\":\"pack\",\"marks\":true}", after,
              ZCHAT_HISTORY_MAX);
    args[0] = frame_str (room->name);
    args[1] = frame_str (json);
    room->fetching = true;
    room->due_ms = NEVER;
    exchange_ask (exchange, ASK_FETCH, room->number, VERB_HISTORY, args, 2)->next = after + 1;
}

/*  True where what is due is a HISTORY, of which only few may be under way.   */
static bool room_costs (const room_t *room)
{
    return room->state >= ROOM_FILLING || !*room->rooms->exchange->user;
}

void rooms_pump (rooms_t *rooms)
{
    uint64_t now_ms = rooms->exchange->now_ms;

    rooms_put_out (rooms);
    if (*rooms->nonce && now_ms >= rooms->barrier_ms + ZCHAT_FEED_TIMEOUT_MS)
        rooms_feed_silent (rooms);
    if (*rooms->nonce && now_ms >= rooms->sync_ms) {
        frame_t nonce = frame_str (rooms->nonce);
        exchange_send (rooms->exchange, VERB_SYNC, "sync", &nonce, 1);
        rooms->sync_ms = now_ms + (rooms->feed_silent ? ZCHAT_SYNC_SILENT_MS : ZCHAT_SYNC_RETRY_MS);
    }
    for (size_t i = 0; i < rooms->count; i++) {
        room_t *room = rooms->rooms[(rooms->turn + i) % rooms->count];

        if (room->due_ms > now_ms ||
            (room_costs (room) && exchange_histories (rooms->exchange, false) >= ZCHAT_FETCHES_MAX))
            continue;
        if (room->state == ROOM_WANTED)
            room_ask_join (room);
        else if (room->state >= ROOM_FILLING && !room->fetching)
            room_ask_history (room);
        else
            room->due_ms = NEVER;
    }
    rooms->turn++;
}

uint64_t rooms_deadline_ms (const rooms_t *rooms)
{
    uint64_t deadline = NEVER;
    bool full = exchange_histories (rooms->exchange, false) >= ZCHAT_FETCHES_MAX;

    if (*rooms->nonce) {
        deadline = rooms->barrier_ms + ZCHAT_FEED_TIMEOUT_MS;
        if (rooms->sync_ms < deadline)
            deadline = rooms->sync_ms;
    }
    for (size_t i = 0; i < rooms->count; i++)
        if (rooms->rooms[i]->due_ms < deadline && !(full && room_costs (rooms->rooms[i])))
            deadline = rooms->rooms[i]->due_ms;
    return deadline;
}
