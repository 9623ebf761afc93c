/*  rooms_answer.c - what the door says about rooms: JOIN, HISTORY, heads      */
#include "answer.h"
#include "memory.h"
#include "rooms_private.h"
#include <stdio.h>

static room_t *rooms_number (const rooms_t *rooms, uint64_t number)
{
    for (size_t i = 0; i < rooms->count; i++)
        if (rooms->rooms[i]->number == number)
            return rooms->rooms[i];
    return NULL;
}

/*  --- JOIN ------------------------------------------------------------------  */

/*  Take over the broker's spelling, if it is one of the same name.            */
static bool room_spell (room_t *room, const json_t *json)
{
    const char *name = answer_string (json, "room", ZCHAT_NAME_MAX);
    name_keys_t keys;

    if (!name || rooms_check (name, &keys) != ZCHAT_OK || !name_same (&keys, &room->keys))
        return false;
    snprintf (room->name, sizeof room->name, "%s", name);
    return true;
}

static void room_place (room_t *room, uint64_t head, uint64_t first)
{
    uint64_t seq = cursor_seq (room->cursor);
    uint64_t wanted = room->since;

    if (!room->placed && !wanted) {
        wanted = head + 1 - (room->last < head ? room->last : head);
        if (wanted < first)
            wanted = first;
    }
    if (!room->placed)
        seq = wanted - 1;
    if (seq > head) {
        /*  Numbers that were known already are about to be given again. Whoever waited for the
            next number would miss messages, so the cursor goes back.          */
        zchat_event_t event = {.kind = ZCHAT_EVENT_WARNING,
                               .status = ZCHAT_CORRUPT,
                               .room = room->name,
                               .seq = head,
                               .count = seq,
                               .text = "the log ends before messages that were known already; it "
                                       "was replaced, or restored from an older copy"};
        room->rooms->exchange->sink.event (room->rooms->exchange->sink.arg, &event);
        seq = head;
    }
    if (!room->placed || seq != cursor_seq (room->cursor))
        cursor_place (room->cursor, seq);
    room->placed = true;
    cursor_reach (room->cursor, head);
}

static char *string_copy (const char *text)
{
    return text && *text ? memory_string (text, strlen (text)) : NULL;
}

/*  The private room is no more. What is said in a room of its name is for everybody now, and who
    joined the other must not take it for that.                                */
static void room_outdoors (room_t *room)
{
    rooms_t *rooms = room->rooms;
    frame_t arg = frame_str (room->name);

    exchange_send (rooms->exchange, VERB_PART, "part", &arg, 1);
    rooms_remove (rooms, room, ZCHAT_CLOSED,
                  "this private room is no more; a room of its name is open to everybody");
}

static finding_t room_join_ok (room_t *room, const json_t *json)
{
    uint64_t head, first = 0;
    bool direct = room_is_mailbox (room) || json_is_true (json_object_get (json, "private"));

    if (!answer_number (json, "head", ZCHAT_SEQ_MAX, &head) || !room_spell (room, json))
        return FINDING_BROKEN;
    if (room->direct && !direct) {
        room_outdoors (room);
        return FINDING_FINE;
    }
    (void)answer_number (json, "first", head + 1, &first);
    free (room->topic);
    free (room->topic_by);
    room->topic = string_copy (answer_string (json, "topic", ZCHAT_TOPIC_MAX));
    room->topic_by = string_copy (answer_string (json, "topic_by", ZCHAT_NAME_MAX));
    room->read = 0;
    (void)answer_number (json, "read", ZCHAT_SEQ_MAX, &room->read);
    markers_known (room->rooms->markers, room->name, room->read);
    room->members = 0;
    (void)answer_number (json, "members", UINT32_MAX, &room->members);
    room_place (room, head, first);
    room->direct = direct;
    if (room->direct)
        room_fill (room);
    else
        room_listen (room);
    return FINDING_FINE;
}

/*  --- HISTORY ---------------------------------------------------------------  */

/*  Take an event of a history, and the marks that stand behind it: they come before what the cursor
    has kept of later events. They are wanted only where the event itself was. */
static bool room_past (room_t *room, const event_t *event, frame_t rest, ask_t *ask)
{
    event_t marks;
    bool has = event_record_next (&rest, &marks) == ZCHAT_OK && marks.type == ZCHAT_TYPE_MARKS &&
               !marks.seq && cursor_seq (room->cursor) < event->seq;

    ask->given = !has && cursor_seq (room->cursor) < event->seq;
    return cursor_history (room->cursor, event, has ? &marks : NULL, &ask->next);
}

/*  Take an event of a history that is not stored: marks that were given above, or that stand at the
    begin of a pack; types that are not known yet are left out.                */
static bool room_alone (const room_t *room, const event_t *event, ask_t *ask)
{
    if (event->type == ZCHAT_TYPE_MARKS && ask->given)
        exchange_give (room->rooms->exchange, ZCHAT_EVENT_MESSAGE, 0, room->name, event);
    ask->given = false;
    return !zchat_type_stored (event->type);
}

bool rooms_mail (rooms_t *rooms, ask_t *ask, const reply_t *reply)
{
    room_t *room = rooms_number (rooms, ask->owner);
    frame_t pack = reply->body;
    event_t event;
    zchat_status_t status;

    if (reply->kind != REPLY_BULK)
        return false;
    ask->since_ms = rooms->exchange->now_ms;
    /*  The first look of a guest brings the last event. It is fetched later, in its turn. */
    if (!room || ask->kind != ASK_FETCH)
        return true;
    room->fruitless = 0;
    while ((status = event_record_next (&pack, &event)) == ZCHAT_OK)
        if (event.seq ? event.seq > ZCHAT_SEQ_MAX || !room_past (room, &event, pack, ask)
                      : !room_alone (room, &event, ask))
            return false;
    return status == ZCHAT_EMPTY;
}

static void room_live (room_t *room)
{
    const delivery_sink_t *sink = &room->rooms->exchange->sink;
    zchat_event_t event = {.kind = ZCHAT_EVENT_JOINED,
                           .room = room->name,
                           .user = room->topic_by,
                           .text = room->topic,
                           .members = room->members,
                           .read = room->read,
                           .seq = cursor_seq (room->cursor)};

    room->state = ROOM_LIVE;
    if (!room->joined)
        sink->event (sink->arg, &event);
    room->joined = true;
}

/*  Take the spelling of the room. A room in which nobody has spoken is spelled as whoever asks
    spells it, and a guest learns here which spelling it got since. False where the answer names
    another room.                                                              */
static bool room_respell (room_t *room, const json_t *json)
{
    room_t old = *room;

    if (!room_spell (room, json))
        return false;
    if (strcmp (old.name, room->name) != 0 && !room->direct) {
        room_subscribe (&old, false);
        room_listen (room);
    }
    return true;
}

static finding_t room_fetch_ok (room_t *room, const json_t *json)
{
    exchange_t *exchange = room->rooms->exchange;
    uint64_t first = 0;
    uint64_t head = 0;
    uint64_t wait_ms = (uint64_t)ZCHAT_BACKOFF_MIN_MS << room->fruitless;

    room->fetching = false;
    room->due_ms = NEVER;
    if (!answer_number (json, "head", ZCHAT_SEQ_MAX, &head) ||
        !json_is_boolean (json_object_get (json, "more")) || !room_respell (room, json))
        return FINDING_BROKEN;
    (void)answer_number (json, "first", head + 1, &first);
    cursor_skip (room->cursor, first);
    if (json_is_true (json_object_get (json, "more"))) {
        room->due_ms = exchange->now_ms;
        return FINDING_FINE;
    }
    cursor_settle (room->cursor);
    if (room->state == ROOM_FILLING)
        room_live (room);
    if (cursor_behind (room->cursor)) {
        /*  The feed has shown more than this history holds, so the rest must come soon. */
        if (wait_ms < ZCHAT_BACKOFF_MAX_MS)
            room->fruitless++;
        else
            wait_ms = ZCHAT_BACKOFF_MAX_MS;
        room->due_ms = exchange->now_ms + wait_ms / 2 + rng_below (&exchange->rng, wait_ms / 2);
    }
    return FINDING_FINE;
}

finding_t rooms_ok (rooms_t *rooms, const ask_t *ask, const json_t *json)
{
    room_t *room = rooms_number (rooms, ask->owner);

    if (!room)
        return FINDING_FINE;
    return ask->kind == ASK_FETCH ? room_fetch_ok (room, json) : room_join_ok (room, json);
}

finding_t rooms_err (rooms_t *rooms, const ask_t *ask, zchat_status_t status, const char *text,
                     uint64_t wait_ms)
{
    room_t *room = rooms_number (rooms, ask->owner);
    uint64_t jitter_ms;

    if (!room)
        return FINDING_FINE;
    room->fetching = false;
    switch (status) {
    case ZCHAT_TAKEN:
    case ZCHAT_IDENTITY:
    case ZCHAT_HELLO:
        return FINDING_STRANGE;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
        break;
    case ZCHAT_PRIVATE:
    case ZCHAT_BANNED:
    case ZCHAT_CLOSED:
        rooms_remove (rooms, room, status, text);
        return FINDING_FINE;
    default:
        if (ask->kind != ASK_FETCH) {
            room->state = ROOM_WANTED;
            rooms_remove (rooms, room, status, text);
            return FINDING_FINE;
        }
        exchange_warn (rooms->exchange, room->name, status, text);
        wait_ms = ZCHAT_BACKOFF_MAX_MS;
    }
    if (wait_ms < ZCHAT_BACKOFF_MIN_MS)
        wait_ms = status == ZCHAT_SLOW ? ZCHAT_BACKOFF_MIN_MS : 10 * ZCHAT_BACKOFF_MIN_MS;
    jitter_ms = wait_ms < ZCHAT_BACKOFF_MAX_MS ? wait_ms : ZCHAT_BACKOFF_MAX_MS;
    room->due_ms = rooms->exchange->now_ms + wait_ms + rng_below (&rooms->exchange->rng, jitter_ms);
    if (ask->kind != ASK_FETCH)
        room->state = ROOM_WANTED;
    return FINDING_FINE;
}

/*  Join the room once more. The broker spells it otherwise, so it is not the one that was joined:
    that has ended, unheard, and the program has made another of its name.     */
static void room_again (room_t *room)
{
    exchange_t *exchange = room->rooms->exchange;

    exchange_forget (exchange, ASK_FETCH, room->number);
    if (!room->direct)
        room_subscribe (room, false);
    room->fetching = false;
    room->ping_head = 0;
    room->state = ROOM_WANTED;
    room->due_ms = exchange->now_ms;
}

/*  Leave rooms in which the broker has us and which are not wanted. A session that was taken
    over brings its rooms along, and a room that was left while no PART could be sent is among
    them.                                                                      */
static void rooms_leave_others (const rooms_t *rooms, json_t *heads)
{
    const char *name;
    json_t *head;
    room_t *room;

    for (size_t i = 0; i < rooms->count; i++)
        rooms->rooms[i]->ping_named = false;
    json_object_foreach (heads, name, head)
    {
        frame_t arg = frame_str (name);

        if (rooms_check (name, NULL) != ZCHAT_OK)
            continue;
        room = rooms_find (rooms, name);
        if (room)
            room->ping_named = true;
        if (room && room->state == ROOM_LIVE && strcmp (room->name, name) != 0)
            room_again (room);
        else if (!room)
            exchange_send (rooms->exchange, VERB_PART, "part", &arg, 1);
    }
}

/*  Look at a live room that PING does not name. Where the next PING does not name it either, we
    were put out of it although no leave came: it was merged with others, or lost. A private room is
    asked for its history first, because its refusal says why. */
static void room_mind_absence (room_t *room)
{
    bool missed = *room->rooms->exchange->user && !room->ping_named;

    if (missed && room->ping_missed)
        room->out = room->direct ? ZCHAT_PRIVATE : ZCHAT_MEMBER;
    else if (missed && room->direct && !room->fetching && room->due_ms == NEVER)
        room->due_ms = room->rooms->exchange->now_ms;
    room->ping_missed = missed;
}

void rooms_heads (rooms_t *rooms, json_t *heads)
{
    rooms_leave_others (rooms, heads);
    for (size_t i = 0; i < rooms->count; i++) {
        room_t *room = rooms->rooms[i];
        uint64_t head = 0;

        if (room->state != ROOM_LIVE)
            continue;
        if (json_is_object (heads))
            room_mind_absence (room);
        /*  A guest is in no room and is told no heads, so it asks whether there is something
            new.                                                               */
        if (!*rooms->exchange->user && !room->fetching && room->due_ms == NEVER)
            room->due_ms = rooms->exchange->now_ms;
        /*  The feed may not have brought the event yet, so a head counts only from the second
            PING on. By then something was lost, perhaps the whole feed, and the barrier finds
            that out.                                                          */
        if (room->ping_head > cursor_seq (room->cursor)) {
            cursor_reach (room->cursor, room->ping_head);
            room_mind_gap (room);
            if (!*rooms->nonce && !room->direct)
                rooms_barrier (rooms);
        }
        (void)answer_number (heads, room->name, ZCHAT_SEQ_MAX, &head);
        if (rooms->feed_silent && !room->direct && head > cursor_seq (room->cursor)) {
            cursor_reach (room->cursor, head);
            room_mind_gap (room);
        }
        room->ping_head = head;
    }
}
