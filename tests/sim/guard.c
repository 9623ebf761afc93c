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

/*  The era of a room that an event is of; of presence (seq 0) the one that is told of.  */
static const book_room_t *era_of (const book_t *book, size_t at, uint64_t seq)
{
    const book_room_t *room = &book->rooms[at];
    return seq ? book_era (room, seq) : book_era_here (room);
}

static bool is_private (const book_t *book, size_t at, uint64_t seq)
{
    const book_room_t *era = era_of (book, at, seq);
    return era && era->club.is_private;
}

/*  Whose name the connection has proven; the key may be taken from it by a commit that the broker
    was not told of. NULL: nobody's.                                           */
static const owner_t *door_owner (const server_t *server, const door_t *door, size_t name)
{
    const people_t *people = &book_now (server->sim)->people;
    if (people_lately (people, door->names[name], door->key, server->landed_us))
        return people_owner (people, door->names[name]);
    return people_proven (people, door->names[name], door->key);
}

/*  Its mailbox, or that of who comes without a key; SIM_NOWHERE: it holds nothing.  */
static size_t door_box (const server_t *server, const door_t *door, size_t name)
{
    char box[PEOPLE_BOX_MAX];
    people_box (door_owner (server, door, name), door->names[name], box);
    return book_find (book_now (server->sim), frame_str (box));
}

/*  Over this connection the event of a private room may be told. pushed: as it happens (seq 0:
    presence); else to a reader of the history, which an era that is over has none of. */
static bool may_read (const server_t *server, const door_t *door, size_t at, uint64_t seq,
                      bool pushed)
{
    const book_room_t *room = era_of (book_now (server->sim), at, seq);
    if (!pushed && room->end != END_NOT)
        return false;
    for (size_t i = 0; i < door->n_names; i++) {
        const owner_t *owner = door_owner (server, door, i);
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

static bool may_have (const server_t *server, const door_t *door, size_t box)
{
    for (size_t i = 0; i < door->n_names; i++)
        if (door_box (server, door, i) == box)
            return true;
    return false;
}

static void read_check (server_t *server, const door_t *door, size_t at, uint64_t seq, bool pushed)
{
    if (!may_read (server, door, at, seq, pushed))
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
        size_t at = door_box (server, door, i);
        const book_room_t *room = at == SIM_NOWHERE ? NULL : &book->rooms[at];
        const book_room_t *era = room && event->seq ? book_era (room, event->seq) : NULL;
        if (!era || (!pushed && (era->end != END_NOT || event->seq > room->told[0])))
            continue;
        const event_t *kept = book_event (era, event->seq);
        if (frame_eq (kept->user, event->user) && frame_eq (kept->body, event->body))
            return;
    }
    sim_wrong (server->sim, "seq %llu of a mailbox is %s %s (%s a key), whose it is not",
               ull (event->seq), pushed ? "pushed to" : "told to",
               door->n_names ? door->names[0] : "a guest", door->key ? "with" : "without");
}

/*  What is told in a mailbox and not stored is what its user has read elsewhere. */
static void read_event (server_t *server, const door_t *door, const event_t *event, bool pushed)
{
    bool own = false;
    for (size_t i = 0; i < door->n_names; i++)
        own = own || frame_is (event->user, door->names[i]);
    if (!own || !pushed || event->type != ZCHAT_TYPE_READ)
        sim_wrong (server->sim, "what somebody has read is told to %s",
                   door->n_names ? door->names[0] : "a guest");
}

static void one_event (server_t *server, const door_t *door, size_t at, const event_t *event,
                       bool pushed)
{
    const book_t *book = book_now (server->sim);
    if (at == SIM_MAILBOX && !event->seq)
        read_event (server, door, event, pushed);
    else if (at == SIM_MAILBOX)
        box_event (server, door, event, pushed);
    else if (at < SIM_ROOMS && is_private (book, at, event->seq))
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
        const json_t *type = json_object_get (json, "type");
        event.type = zchat_type_from_name (json_string_value (type), json_string_length (type));
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
        bool over = book_era (&book->rooms[letter->room], letter->seq)->end != END_NOT;
        bool twin_over =
            letter->twin_seq &&
            book_era (&book->rooms[letter->twin_room], letter->twin_seq)->end != END_NOT;
        if (!pushed && over && (twin_over || !letter->twin_seq))
            sim_wrong (sim, "a direct message is told of mailboxes that ended: %.*s", 12,
                       (const char *)text.data);
        if (!door || (!may_have (server, door, letter->room) &&
                      !(letter->twin_seq && may_have (server, door, letter->twin_room))))
            sim_wrong (sim, "a direct message of %s and %s is told to %s, whose it is not: %.*s",
                       book->rooms[letter->room].name,
                       letter->twin_seq ? book->rooms[letter->twin_room].name : "nobody else",
                       !door           ? "everybody"
                       : door->n_names ? door->names[0]
                                       : "a guest",
                       12, (const char *)text.data);
    } else if (!is_private (book, letter->room, letter->seq))
        return;
    else if (!door)
        sim_wrong (sim, "what is said in a private room is told to everybody: %.*s", 12,
                   (const char *)text.data);
    else
        read_check (server, door, letter->room, letter->seq, pushed);
}

/*  Reactions in private rooms are by words of their own: who was never a member knows none. */
static void word_seen (server_t *server, const door_t *door, size_t den)
{
    const club_t *club = &book_now (server->sim)->rooms[PLAN_ROOMS_MAX + den].club;
    bool knows = !club->is_private;
    for (size_t i = 0; door && i < door->n_names && !knows; i++) {
        const owner_t *owner = door_owner (server, door, i);
        knows = owner && club_spell (club, owner->number, 0);
    }
    if (!knows)
        sim_wrong (server->sim, "a reaction in a private room is told to %s",
                   !door           ? "everybody"
                   : door->n_names ? door->names[0]
                                   : "a guest");
}

static void frame_words (server_t *server, const door_t *door, frame_t frame)
{
    static const char *const words[] = {"q0.", "q1."};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (frame.size && memmem (frame.data, frame.size, words[i], 3))
            word_seen (server, door, i);
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
    for (size_t i = 0; i < count; i++) {
        frame_marks (server, door, frames[i], event && !frames[1].size);
        frame_words (server, door, frames[i]);
    }
}

/*  An event of the room goes to everybody. Who comes in behind the end of a private room comes into
    a public one.                                                              */
static void public_event (server_t *server, size_t at, uint64_t seq, bool joins)
{
    book_t *book = book_now (server->sim);
    book_room_t *room = at < SIM_ROOMS ? &book->rooms[at] : NULL;
    if (room && joins && room->n_past && is_private (book, at, 0))
        room->past[room->n_past - 1].untold = false;
    if (room && is_private (book, at, seq))
        sim_wrong (server->sim, "event %llu of the private room %zu is published", ull (seq), at);
}

void guard_publish (server_t *server, const frame_t *frames, size_t count)
{
    frame_t name;
    bool packs = event_topic_name (frames[0], "pack/", &name);
    size_t at =
        packs || event_topic_name (frames[0], "room/", &name) ? sim_view_find (name) : SIM_NOWHERE;
    if (at == SIM_MAILBOX)
        sim_wrong (server->sim, "an event of a mailbox is published");
    if (packs && count == 2) {
        event_t event;
        frame_t pack = frames[1];
        while (event_record_next (&pack, &event) == ZCHAT_OK)
            public_event (server, at, event.seq, event.type == ZCHAT_TYPE_JOIN);
    } else if (count == 4 && at < SIM_ROOMS) {
        json_t *json = json_loadb (frames[3].data, frames[3].size, 0, NULL);
        const char *type = json_string_value (json_object_get (json, "type"));
        public_event (server, at, (uint64_t)json_integer_value (json_object_get (json, "seq")),
                      type && strcmp (type, "join") == 0);
        json_decref (json);
    }
    for (size_t i = 0; i < count; i++) {
        frame_marks (server, NULL, frames[i], false);
        frame_words (server, NULL, frames[i]);
    }
}
