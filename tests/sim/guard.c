/*  guard.c - what is private reaches nobody else: every frame that leaves the broker is looked at

    Texts carry the mark of their letter, so that they are known anywhere: in an event, in a
    topic, in a list. Events without one are known by their room.
*/
#include "server.h"
#include <ctype.h>

static unsigned long long ull (uint64_t number)
{
    return number;
}

/*  --- who may ---------------------------------------------------------------  */

/*  Over this connection the event of a private room may be told. pushed: as it happens (seq 0:
    presence); else to a reader of the history.                                */
static bool may_read (const book_t *book, const door_t *door, size_t at, uint64_t seq, bool pushed)
{
    const book_room_t *room = &book->rooms[at];
    for (size_t i = 0; i < door->n_names; i++) {
        const owner_t *owner = people_proven (&book->people, door->names[i], door->key);
        if (!owner)
            continue;
        if (!pushed && club_member (&room->club, owner->number))
            return true;
        /*  Presence comes in its place among what is being told.              */
        const spell_t *spell =
            club_spell (&room->club, owner->number, seq ? seq : room->told[0] + 1);
        if (pushed && spell && (!seq || spell->from <= seq))
            return true;
    }
    return false;
}

static bool may_have (const book_t *book, const door_t *door, size_t box)
{
    for (size_t i = 0; i < door->n_names; i++)
        if (book_box (book, door->names[i], door->key) == box)
            return true;
    return false;
}

static void read_check (server_t *server, const door_t *door, size_t at, uint64_t seq, bool pushed)
{
    const book_t *book = book_now (server->sim);
    if (!may_read (book, door, at, seq, pushed))
        sim_wrong (server->sim, "seq %llu of the private room %zu is %s %s, who may not read it",
                   ull (seq), at, pushed ? "pushed to" : "told to",
                   door->n_names ? door->names[0] : "a guest");
}

/*  --- events ----------------------------------------------------------------  */

/*  An event of "@" is one of a mailbox of the connection's.                   */
static void box_event (server_t *server, const door_t *door, const event_t *event, bool pushed)
{
    const book_t *book = book_now (server->sim);
    for (size_t i = 0; i < door->n_names; i++) {
        size_t at = book_box (book, door->names[i], door->key);
        const book_room_t *room = at == SIM_NOWHERE ? NULL : &book->rooms[at];
        if (!room || !event->seq || event->seq > (pushed ? room->head : room->told[0]))
            continue;
        const event_t *kept = room->events[event->seq - 1];
        if (frame_eq (kept->user, event->user) && frame_eq (kept->body, event->body))
            return;
    }
    sim_wrong (server->sim, "seq %llu of a mailbox goes to %s (%s a key), whose it is not",
               ull (event->seq), door->n_names ? door->names[0] : "a guest",
               door->key ? "with" : "without");
}

static void one_event (server_t *server, const door_t *door, size_t at, const event_t *event,
                       bool pushed)
{
    const book_t *book = book_now (server->sim);
    if (at == SIM_MAILBOX)
        box_event (server, door, event, pushed);
    else if (at < SIM_ROOMS && book->rooms[at].club.is_private)
        read_check (server, door, at, event->seq, pushed);
    else if (pushed && at < PLAN_ROOMS_MAX)
        sim_wrong (server->sim, "an event of the public room %zu is pushed over the door", at);
}

static void event_frames (server_t *server, const door_t *door, const frame_t *frames, size_t count)
{
    bool pushed = !frames[1].size;
    event_t event = {.user = count > 3 ? frames[3] : frames[0]};
    frame_t name;
    if (count == 4 && event_topic_name (frames[2], "pack/", &name)) {
        frame_t pack = frames[3];
        while (event_record_next (&pack, &event) == ZCHAT_OK)
            one_event (server, door, sim_view_find (name), &event, pushed);
    } else if (count == 6 && event_topic_name (frames[2], "room/", &name)) {
        json_t *json = json_loadb (frames[5].data, frames[5].size, 0, NULL);
        event.body = frames[4];
        event.seq = (uint64_t)json_integer_value (json_object_get (json, "seq"));
        one_event (server, door, sim_view_find (name), &event, pushed);
        json_decref (json);
    } else
        sim_wrong (server->sim, "an event over the door makes no sense");
}

/*  --- marks -----------------------------------------------------------------  */

static void mark_seen (server_t *server, const door_t *door, frame_t text, bool pushed)
{
    sim_t *sim = server->sim;
    const book_t *book = book_now (sim);
    const letter_t *letter = sim_letter (sim, text, NULL, NULL);
    if (!letter)
        return;
    if (letter->book != book->number)
        sim_wrong (sim, "what is private was told, and is not stored: %.*s", 12,
                   (const char *)text.data);
    else if (letter->kind == KIND_DIRECT) {
        if (!door || (!may_have (book, door, letter->room) &&
                      !(letter->twin_seq && may_have (book, door, letter->twin_room))))
            sim_wrong (sim, "a direct message of %s and %s is told to %s, whose it is not: %.*s",
                       book->rooms[letter->room].name,
                       letter->twin_seq ? book->rooms[letter->twin_room].name : "nobody else",
                       !door           ? "everybody"
                       : door->n_names ? door->names[0]
                                       : "a guest",
                       12, (const char *)text.data);
    } else if (!book->rooms[letter->room].club.is_private)
        return;
    else if (!door)
        sim_wrong (sim, "what is said in a private room is told to everybody: %.*s", 12,
                   (const char *)text.data);
    else
        read_check (server, door, letter->room, letter->seq, pushed);
}

static void frame_marks (server_t *server, const door_t *door, frame_t frame, bool pushed)
{
    const char *text = frame.data;
    for (size_t i = 0; i + 1 < frame.size && !server->sim->failed; i++)
        if ((text[i] == 'p' || text[i] == 'd') && isdigit ((unsigned char)text[i + 1]))
            mark_seen (server, door, frame_of (text + i, frame.size - i), pushed);
}

/*  ---------------------------------------------------------------------------  */

void guard_reply (server_t *server, const door_t *door, const frame_t *frames, size_t count)
{
    bool event = count > 3 && frame_is (frames[0], "EVENT");
    if (event)
        event_frames (server, door, frames, count);
    for (size_t i = 0; i < count; i++)
        frame_marks (server, door, frames[i], event && !frames[1].size);
}

void guard_publish (server_t *server, const frame_t *frames, size_t count)
{
    frame_t name;
    size_t at = SIM_NOWHERE;
    if (event_topic_name (frames[0], "pack/", &name) ||
        event_topic_name (frames[0], "room/", &name))
        at = sim_view_find (name);
    if (at == SIM_MAILBOX || (at < SIM_ROOMS && book_now (server->sim)->rooms[at].club.is_private))
        sim_wrong (server->sim, "an event of %s is published",
                   at == SIM_MAILBOX ? "a mailbox" : "a private room");
    for (size_t i = 0; i < count; i++)
        frame_marks (server, NULL, frames[i], false);
}
