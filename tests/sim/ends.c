/*  ends.c - rooms that end by the rules of PROTOCOL.md, and those that begin again

    A room may end because an admin purges it, because it gives way to another where there are as
    many as may be, or because nobody misses it. Which of these it was the log does not say; that
    it can have been one of them is what is judged.
*/
#include "memory.h"
#include "server.h"

enum { CLOCK_US = 20000000 }; /* so old may be what was decided by a clock that was right */

static unsigned long long ull (uint64_t number)
{
    return number;
}

static bool is_box (const char *name)
{
    return *name == '@';
}

/*  --- beginning --------------------------------------------------------------  */

void ends_begin (sim_t *sim, book_t *book, book_room_t *room, const store_record_t *record)
{
    room->id = record->room;
    snprintf (room->name, sizeof room->name, "%.*s", (int)record->room_name.size,
              (const char *)record->room_name.data);
    bool box = is_box (room->name);
    if (!record->makes)
        sim_wrong (sim, "%s has an event, and nothing made it", room->name);
    if (record->room <= book->numbered)
        sim_wrong (sim, "%s has the number %llu, and %llu was given before", room->name,
                   ull (record->room), ull (book->numbered));
    if (room->n_past && record->event.seq <= room->past[room->n_past - 1].head + 1)
        sim_wrong (sim, "%s begins again with %llu, and had %llu before it ended", room->name,
                   ull (record->event.seq), ull (room->past[room->n_past - 1].head));
    book->numbered = record->room;
    book->ahead[box] -= book->ahead[box] > 0;
    book->owed[box] -= book->owed[box] > 0;
    book->born[box]++;
    sim->tally->begun_again += room->n_past > 0;
    if (sim->plan.most[box] && book->born[box] > sim->plan.most[box])
        sim_wrong (sim, "there are %zu %s, of %zu that may be", book->born[box],
                   box ? "mailboxes" : "rooms", sim->plan.most[box]);
}

void ends_begins (sim_t *sim, book_t *book, frame_t value)
{
    char text[24];
    snprintf (text, sizeof text, "%.*s", (int)value.size, (const char *)value.data);
    uint64_t begins = strtoull (text, NULL, 10);
    if (begins <= book->begins)
        sim_wrong (sim, "new rooms begin behind %llu, and began behind %llu", ull (begins),
                   ull (book->begins));
    book->begins = begins;
    for (size_t i = 0; i <= book->n_rooms; i++) {
        book_room_t *room = i < book->n_rooms ? &book->rooms[i] : &book->none;
        if (room->id)
            continue;
        room->base = room->head = begins;
        room->first = begins + 1;
    }
}

/*  --- who used it ------------------------------------------------------------  */

void ends_spoken (sim_t *sim, const book_t *book, book_room_t *room, const event_t *event)
{
    char name[ZCHAT_NAME_MAX + 1], who[sizeof room->speaker];
    name_keys_t keys;
    const letter_t *letter = sim_letter (sim, event->body, NULL, NULL);
    /*  A stranger is one and the other under many names and keys.             */
    if (is_box (room->name) || !letter || (letter->topic && event->type != ZCHAT_TYPE_TOPIC))
        return;
    snprintf (name, sizeof name, "%.*s", (int)event->user.size, (const char *)event->user.data);
    const owner_t *owner = people_owner (&book->people, name);
    if (event->type == ZCHAT_TYPE_TOPIC)
        room->has_topic = event->body.size > 0;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return;
    if (owner)
        snprintf (who, sizeof who, "#%llu", ull (owner->number));
    else
        snprintf (who, sizeof who, "%.*s", (int)sizeof who - 1, keys.fold);
    room->shared = room->shared || (*room->speaker && strcmp (room->speaker, who) != 0);
    memcpy (room->speaker, who, sizeof who);
}

/*  --- the rules --------------------------------------------------------------  */

static bool purge_fits (const purge_t *purge, const book_room_t *room)
{
    name_keys_t keys;
    if (is_box (room->name) || book_event (room, room->head)->time_ms >= purge->before)
        return false;
    return !*purge->match || strcmp (purge->match, "*") == 0 ||
           strcmp (purge->match, room->name) == 0 ||
           (name_check (frame_str (room->name), &keys, NULL) == ZCHAT_OK &&
            strcmp (purge->match, keys.fold) == 0);
}

static bool end_purged (const book_t *book, const book_room_t *room)
{
    const purge_t *purge = book->purges;
    while (purge && !purge_fits (purge, room))
        purge = purge->next;
    return purge != NULL;
}

/*  There are as many as may be, and another comes in the same commit.         */
static bool end_yielded (const sim_t *sim, const book_t *book, const book_room_t *room)
{
    bool box = is_box (room->name);
    size_t most = sim->plan.most[box], coming = book->owed[box];
    /*  A direct message may make two mailboxes, of which there is room for one. */
    if (box && !coming && book->ahead[box] > 1)
        coming = 1;
    return most && !room->club.is_private && book->born[box] + coming >= most &&
           book->ahead[box] > book->owed[box];
}

/*  Nobody has used it for long enough, by the clock that the broker went by.  */
static const char *end_missed (const sim_t *sim, const book_room_t *room)
{
    const server_t *server = sim->server;
    bool empty = room->first > room->head;
    uint64_t kept_ms = empty ? ZCHAT_ROOM_EMPTY_MS : ZCHAT_ROOM_AGE_MS;
    if (!sim->plan.forgets)
        return "for no reason";
    if (room->club.is_private)
        return "though it is private";
    if (book_event (room, room->head)->time_ms + kept_ms >= server->wall_most_ms)
        return empty ? "though it is empty for less than a day" : "though it is not old";
    if (is_box (room->name) && !empty)
        return "though it is a mailbox that holds something";
    if (room->shared)
        return "though two have used it";
    if (room->has_topic)
        return "though it has a topic";
    return server->trusted_us + CLOCK_US < sim->now_us ? "by a clock that was set" : NULL;
}

/*  --- ending -----------------------------------------------------------------  */

static end_t end_judge (sim_t *sim, book_t *book, const book_room_t *room)
{
    const char *missed = NULL;
    if (end_purged (book, room)) {
        sim->tally->purged++;
        return END_PURGED;
    }
    if (end_yielded (sim, book, room)) {
        book->owed[is_box (room->name)]++;
        sim->tally->yielded++;
        return END_YIELDED;
    }
    missed = end_missed (sim, room);
    if (missed)
        sim_wrong (sim, "%s ended, %s", room->name, missed);
    sim->tally->forgotten++;
    return END_FORGOTTEN;
}

void ends_drop (sim_t *sim, book_t *book, const store_record_t *record)
{
    size_t at = 0;
    while (at < book->n_rooms && book->rooms[at].id != record->room)
        at++;
    if (at == book->n_rooms || !frame_is (record->room_name, book->rooms[at].name)) {
        sim_wrong (sim, "a room ended that was not there");
        return;
    }
    book_room_t *room = &book->rooms[at];
    if (book->begins <= room->head)
        sim_wrong (sim, "%s ended at %llu, and later rooms begin behind %llu", room->name,
                   ull (room->head), ull (book->begins));
    end_t end = end_judge (sim, book, room);
    sim_trace (sim, "%s ends at %llu: %s", room->name, ull (room->head),
               end == END_PURGED    ? "purged"
               : end == END_YIELDED ? "it gives way"
                                    : "nobody misses it");
    book->born[is_box (room->name)]--;
    book_room_t era = *room;
    era.past = NULL;
    era.n_past = 0;
    era.end = end;
    era.ended_us = sim->now_us;
    era.untold = true;
    book_room_t now = book->none;
    now.past = memory_grow (room->past, (room->n_past + 1) * sizeof *room->past);
    now.n_past = room->n_past + 1;
    now.past[room->n_past] = era;
    memcpy (now.told, room->told, sizeof now.told);
    /*  The name stays with a mailbox, by which it is found.                   */
    if (is_box (room->name))
        memcpy (now.name, room->name, sizeof now.name);
    *room = now;
}

void ends_settle (sim_t *sim, book_t *book)
{
    if (book->owed[0] || book->owed[1])
        sim_wrong (sim, "a room gave way, and to none");
}

void ends_landed (book_t *book)
{
    for (size_t i = 0; i < book->n_rooms; i++) {
        book_room_t *room = &book->rooms[i];
        if (!room->id)
            room->told[0] = room->told[1] = room->head;
        for (size_t k = 0; k < room->n_past; k++)
            room->past[k].untold = false;
    }
}

void ends_restart (book_t *book)
{
    ends_landed (book);
    while (book->purges) {
        purge_t *purge = book->purges;
        book->purges = purge->next;
        free (purge);
    }
}

/*  --- PURGE ------------------------------------------------------------------  */

void ends_purge (book_t *book, const door_t *door, frame_t tag, frame_t json)
{
    json_t *asked = json_loadb (json.data, json.size, 0, NULL);
    const char *what = json_string_value (json_object_get (asked, "what"));
    const char *match = json_string_value (json_object_get (asked, "match"));
    const json_t *before = json_object_get (asked, "before");
    if (what && strcmp (what, "rooms") == 0 && !json_is_true (json_object_get (asked, "dry"))) {
        purge_t *purge = memory_zero (sizeof *purge);
        purge->door = door;
        snprintf (purge->tag, sizeof purge->tag, "%.*s", (int)tag.size, (const char *)tag.data);
        snprintf (purge->match, sizeof purge->match, "%s", match ? match : "");
        purge->before = before ? (uint64_t)json_integer_value (before) : UINT64_MAX;
        purge->next = book->purges;
        book->purges = purge;
    }
    json_decref (asked);
}

/*  All that the answer names is on disk: it ended, and is not there, or is another by now.  */
static void purged_judge (sim_t *sim, const book_t *book, frame_t json)
{
    json_t *answer = json_loadb (json.data, json.size, 0, NULL);
    json_t *row, *rows = json_object_get (answer, "rooms");
    size_t i;
    json_array_foreach (rows, i, row)
    {
        const char *name = json_string_value (json_object_get (row, "room"));
        uint64_t head = (uint64_t)json_integer_value (json_object_get (row, "head"));
        size_t at = name ? sim_room_find (frame_str (name)) : SIM_NOWHERE;
        const book_room_t *room = at == SIM_NOWHERE ? NULL : &book->rooms[at];
        if (!room || !room->n_past || room->base < head)
            sim_wrong (sim, "an admin is told that %s was purged, and it is there",
                       name ? name : "nothing");
    }
    json_decref (answer);
}

void ends_purged (sim_t *sim, book_t *book, const door_t *door, frame_t tag, bool ok, frame_t json)
{
    for (purge_t **at = &book->purges; *at; at = &(*at)->next) {
        purge_t *purge = *at;
        if (purge->door != door || !frame_is (tag, purge->tag))
            continue;
        *at = purge->next;
        free (purge);
        if (ok)
            purged_judge (sim, book, json);
        return;
    }
}

/*  --- who is put out ---------------------------------------------------------  */

void ends_leave (sim_t *sim, const book_t *book, size_t at, frame_t user, frame_t meta)
{
    json_t *json = json_loadb (meta.data, meta.size, 0, NULL);
    const char *reason =
        json_string_value (json_object_get (json_object_get (json, "data"), "reason"));
    /*  That of which something was published last, where it ended; else nothing was said yet.  */
    const book_room_t *era = book_era (&book->rooms[at], book->rooms[at].told[1]);
    era = era && era->untold ? era : NULL;
    char name[ZCHAT_NAME_MAX + 1];
    snprintf (name, sizeof name, "%.*s", (int)user.size, (const char *)user.data);
    bool closes = reason && strcmp (reason, "close") == 0;
    json_decref (json);
    if (!closes)
        return;
    sim->tally->put_out_by_end++;
    /*  A room where nothing was said yet gives way as well.                   */
    if (!era && !sim->plan.most[0])
        sim_wrong (sim, "%s is put out of room %zu, which did not end", name, at);
    if (!era)
        return;
    if (era->end == END_FORGOTTEN)
        sim_wrong (sim, "%s was in room %zu, which was forgotten", name, at);
    const owner_t *owner = people_owner (&book->people, name);
    const char *path = strchr (era->charge, ' ');
    if (era->end != END_YIELDED || !owner || !*owner->place || !path)
        return;
    size_t size = strcspn (path + 1, "/");
    if (strcspn (owner->place, "/") != size || memcmp (owner->place, path + 1, size) != 0)
        sim_wrong (sim, "%s was in room %zu, which gave way and is of somebody at another place",
                   name, at);
}
