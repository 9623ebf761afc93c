/*  witness.c - what is promised, seen from the broker's side                  */
#include "memory.h"
#include "server.h"
#include "text.h"
#include <ctype.h>

/*  --- names -----------------------------------------------------------------  */

static void fold (char *folded, frame_t name)
{
    size_t size = name.size < ZCHAT_NAME_MAX ? name.size : ZCHAT_NAME_MAX;
    for (size_t i = 0; i < size; i++)
        folded[i] = (char)tolower (((const unsigned char *)name.data)[i]);
    folded[size] = '\0';
}

static holder_t *holder_find (server_t *server, frame_t name, bool make)
{
    char folded[ZCHAT_NAME_MAX + 1];
    fold (folded, name);
    for (size_t i = 0; i < server->n_holders; i++)
        if (strcmp (server->holders[i].name, folded) == 0)
            return &server->holders[i];
    if (!make)
        return NULL;
    if (server->n_holders == SERVER_NAMES_MAX) {
        sim_wrong (server->sim, "the simulation knows too many names");
        return NULL;
    }
    holder_t *holder = &server->holders[server->n_holders++];
    *holder = (holder_t){.owner = NULL};
    memcpy (holder->name, folded, sizeof folded);
    return holder;
}

static uint64_t grace_ms (const server_t *server)
{
    uint32_t grace = server->sim->plan.grace_ms;
    return grace ? grace : ZCHAT_NAME_GRACE_MS;
}

/*  So long at least nobody else can have the name.                            */
static uint64_t kept_until_ms (const server_t *server, const holder_t *holder)
{
    uint32_t heartbeat = server->sim->plan.heartbeat_ms;
    uint64_t silence =
        (uint64_t)ZCHAT_SILENCE_HEARTBEATS * (heartbeat ? heartbeat : ZCHAT_HEARTBEAT_MS);
    return holder->owner ? holder->owner->heard_ms[0] + silence + grace_ms (server)
                         : holder->kept_until_ms;
}

void witness_gone (server_t *server, door_t *door)
{
    /*  What it asked is not answered any more.                                */
    door->n_said = 0;
    for (size_t i = 0; i < server->n_holders; i++)
        if (server->holders[i].owner == door) {
            uint64_t silent_ms = kept_until_ms (server, &server->holders[i]);
            uint64_t gone_ms = server_now (server).mono_ms + grace_ms (server);
            server->holders[i].owner = NULL;
            server->holders[i].kept_until_ms = silent_ms < gone_ms ? silent_ms : gone_ms;
        }
}

/*  True where the name is the connection's by its key: then others may have it too.  */
static bool reply_proven (server_t *server, door_t *door, const char *user, bool proven)
{
    const people_t *people = &book_now (server->sim)->people;
    /*  It may be taken from it in the commit that brings this answer.         */
    if (proven && !people_proven (people, user, door->key) &&
        !people_lately (people, user, door->key, server->landed_us))
        sim_wrong (server->sim, "the name %s is proven by a key that does not have it", user);
    else if (!proven && people_owner (people, user))
        sim_wrong (server->sim, "the name %s is owned, and was given to somebody else", user);
    else if (!proven && door->key && door->claims)
        sim_wrong (server->sim, "the name %s was claimed for a key, and does not belong to it",
                   user);
    if (proven) {
        door->silenced = false;
        door->heard_ms[0] = server_now (server).mono_ms;
    }
    return proven;
}

static void reply_hello (server_t *server, door_t *door, frame_t text)
{
    sim_t *sim = server->sim;
    json_t *json = json_loadb (text.data, text.size, 0, NULL);
    const char *user = json_string_value (json_object_get (json, "user"));
    const char *secret = json_string_value (json_object_get (json, "session"));
    bool resumed = json_is_true (json_object_get (json, "resumed"));
    if (!user || (*user && !secret))
        sim_wrong (sim, "a reply to HELLO lacks its keys");
    if (user && *user && secret) {
        holder_t *holder = holder_find (server, frame_str (user), true);
        if (!holder)
            goto out;
        bool proven = json_is_true (json_object_get (json, "proven"));
        bool kept = kept_until_ms (server, holder) > server_now (server).mono_ms;
        bool own = holder->owner && holder->owner == door;
        if (!own && kept && !resumed)
            sim_wrong (sim, "the name %s was given to two", user);
        if (reply_proven (server, door, user, proven)) {
            *holder = (holder_t){.owner = NULL};
            fold (holder->name, frame_str (user));
            goto out;
        }
        if (resumed && strcmp (door->hello_session, holder->secret) != 0)
            sim_wrong (sim, "the session of %s was taken over with a wrong secret", user);
        /*  Whose session was lost by silence may come back under another name.   */
        for (size_t i = 0; i < server->n_holders; i++)
            if (server->holders[i].owner == door)
                server->holders[i].owner = NULL;
        holder->owner = door;
        door->silenced = false;
        door->heard_ms[0] = server_now (server).mono_ms;
        holder->kept_until_ms = 0;
        snprintf (holder->secret, sizeof holder->secret, "%s", secret);
    }
out:
    json_decref (json);
}

/*  --- requests --------------------------------------------------------------  */

static void tag_copy (char *copy, frame_t tag)
{
    size_t size = tag.size < ZCHAT_TAG_MAX ? tag.size : ZCHAT_TAG_MAX;
    if (size)
        memcpy (copy, tag.data, size);
    copy[size] = '\0';
}

static void request_say (server_t *server, door_t *door, const frame_t *frames)
{
    size_t life = 0, index = 0;
    frame_t body = frames[frame_is (frames[0], "EDIT") ? 5 : 4];
    letter_t *letter = sim_letter (server->sim, body, &life, &index);
    if (letter)
        letter->key = door->key;
    if (frame_is (frames[0], "TOPIC"))
        return;
    /*  What has an impossible tag is answered without it.                     */
    if (frames[1].size > ZCHAT_TAG_MAX || !sim_letter (server->sim, body, &life, &index))
        return;
    if (door->n_said == door->said_room) {
        door->said_room = door->said_room ? 2 * door->said_room : 16;
        door->said = memory_grow (door->said, door->said_room * sizeof *door->said);
    }
    said_t *said = &door->said[door->n_said++];
    *said = (said_t){.life = life, .index = index};
    tag_copy (said->tag, frames[1]);
    const holder_t *holder = holder_find (server, frames[2], false);
    said->foreign = !door->key && holder && holder->owner && holder->owner != door &&
                    kept_until_ms (server, holder) > server_now (server).mono_ms;
}

/*  Under which names the connection asks.                                     */
static void request_name (door_t *door, frame_t name)
{
    for (size_t i = 0; i < door->n_names; i++)
        if (frame_is (name, door->names[i]))
            return;
    size_t at = door->n_names < DOOR_NAMES ? door->n_names++ : DOOR_NAMES - 1;
    snprintf (door->names[at], sizeof *door->names, "%.*s", (int)name.size,
              (const char *)name.data);
}

/*  It holds no name any more.                                                 */
static void witness_bye (server_t *server, const door_t *door)
{
    for (size_t i = 0; i < server->n_holders; i++)
        if (server->holders[i].owner == door)
            server->holders[i].owner = NULL;
}

void witness_request (server_t *server, door_t *door, const frame_t *frames, size_t count)
{
    if (count && !frames[0].size) {
        frames++;
        count--;
    }
    /*  A guest's requests are answered though the session is lost.            */
    if (!door->silenced && count >= 3 && frames[2].size) {
        door->heard_ms[1] = door->heard_ms[0];
        door->heard_ms[0] = server_now (server).mono_ms;
    }
    bool first = !door->n_names;
    if (count >= 3 && frames[2].size && frames[2].size <= ZCHAT_NAME_MAX)
        request_name (door, frames[2]);
    if (count >= 5 &&
        (frame_is (frames[0], "SAY") || frame_is (frames[0], "TELL") ||
         frame_is (frames[0], "TOPIC") || (count >= 6 && frame_is (frames[0], "EDIT"))))
        request_say (server, door, frames);
    else if (count == 4 && frame_is (frames[0], "PURGE"))
        ends_purge (book_now (server->sim), door, frames[1], frames[3]);
    else if (count >= 3 && frame_is (frames[0], "BYE"))
        tag_copy (door->bye_tags[door->n_byes++ % DOOR_BYES], frames[1]);
    else if (count >= 3 && frame_is (frames[0], "HELLO")) {
        json_t *json = count == 4 ? json_loadb (frames[3].data, frames[3].size, 0, NULL) : NULL;
        const char *session = json_string_value (json_object_get (json, "session"));
        tag_copy (door->hello_tag, frames[1]);
        snprintf (door->hello_session, sizeof door->hello_session, "%s", session ? session : "");
        door->claims = first && json_is_true (json_object_get (json, "claim"));
        json_decref (json);
    }
}

/*  --- replies ---------------------------------------------------------------  */

static void reply_said (server_t *server, door_t *door, size_t at, bool ok, frame_t text)
{
    sim_t *sim = server->sim;
    said_t said = door->said[at];
    const letter_t *letter = &sim->lives[said.life].letters[said.index];
    bool stored = letter->book == book_now (sim)->number;
    json_t *json = json_loadb (text.data, text.size, 0, NULL);
    const char *code = json_string_value (json_object_get (json, "code"));
    uint64_t seq = (uint64_t)json_integer_value (json_object_get (json, "seq"));
    bool waits = ok || (code && (!strcmp (code, "storage") || !strcmp (code, "gap")));
    if (waits && at)
        sim_wrong (sim, "the reply to %s overtakes that to %s", said.tag, door->said[0].tag);
    if (ok && !stored)
        sim_wrong (sim, "message %zu of life %zu was acknowledged before it was committed",
                   said.index, said.life);
    if (ok && seq && (letter->seq != seq))
        sim_wrong (sim, "a message was acknowledged as seq %llu, but is %llu",
                   (unsigned long long)seq, (unsigned long long)letter->seq);
    /*  Of a producer that was forgotten nobody knows what is stored, and what is behind a hole is
        refused so while the log fails.                                        */
    if (code && strcmp (code, "storage") == 0 && stored && !sim->aged && !sim->pressed)
        sim_wrong (sim, "message %zu of life %zu was refused for the disk, and is stored",
                   said.index, said.life);
    if (ok && said.foreign)
        sim_wrong (sim, "message %zu of life %zu was heard over a connection without the name",
                   said.index, said.life);
    memmove (&door->said[at], &door->said[at + 1], (--door->n_said - at) * sizeof said);
    json_decref (json);
}

/*  HISTORY tells nothing that was not published: a client would find the room shorter when
    it joins again.                                                            */
static void reply_pack (server_t *server, frame_t topic, frame_t pack)
{
    frame_t name;
    event_t event;
    size_t at = event_topic_name (topic, "pack/", &name) ? sim_room_find (name) : SIM_NOWHERE;
    const book_room_t *room = at < SIM_ROOMS ? &book_now (server->sim)->rooms[at] : NULL;
    while (room && event_record_next (&pack, &event) == ZCHAT_OK)
        if (event.type == ZCHAT_TYPE_MARKS)
            ;
        else if (event.seq <= room->base)
            sim_wrong (server->sim, "a history gives seq %llu of room %zu, which ended",
                       (unsigned long long)event.seq, at);
        else if (event.seq > room->told[0])
            sim_wrong (server->sim, "a history gives seq %llu of room %zu, published up to %llu",
                       (unsigned long long)event.seq, at, (unsigned long long)room->told[0]);
}

static bool frame_has (frame_t frame, const char *text)
{
    return memmem (frame.data, frame.size, text, strlen (text)) != NULL;
}

void witness_reply (server_t *server, door_t *door, const frame_t *frames, size_t count)
{
    char tag[ZCHAT_TAG_MAX + 1];
    if (count && !frames[0].size) {
        frames++;
        count--;
    }
    guard_reply (server, door, frames, count);
    if (count == 4 && frame_is (frames[0], "EVENT") && frames[1].size)
        reply_pack (server, frames[2], frames[3]);
    if (count != 3 || !(frame_is (frames[0], "OK") || frame_is (frames[0], "ERR")))
        return;
    bool ok = frame_is (frames[0], "OK");
    /*  Its session may have been lost before it asked this.                   */
    if (!ok) {
        door->heard_ms[0] = door->heard_ms[1];
        door->silenced = door->silenced || frame_has (frames[2], "\"code\":\"hello\"");
    }
    tag_copy (tag, frames[1]);
    ends_purged (server->sim, book_now (server->sim), door, frames[1], ok, frames[2]);
    for (size_t i = 0; i < door->n_said; i++)
        if (strcmp (door->said[i].tag, tag) == 0) {
            reply_said (server, door, i, ok, frames[2]);
            return;
        }
    if (*door->hello_tag && strcmp (door->hello_tag, tag) == 0) {
        *door->hello_tag = '\0';
        if (ok)
            reply_hello (server, door, frames[2]);
        return;
    }
    for (size_t i = 0; i < DOOR_BYES; i++)
        if (*tag && strcmp (door->bye_tags[i], tag) == 0) {
            *door->bye_tags[i] = '\0';
            if (ok)
                witness_bye (server, door);
        }
}

/*  --- the feed --------------------------------------------------------------  */

static void published (server_t *server, bool single, size_t room, const event_t *event)
{
    sim_t *sim = server->sim;
    uint64_t *told = &book_now (sim)->rooms[room].told[single];
    if (event->seq != book_next (&book_now (sim)->rooms[room], *told))
        sim_wrong (sim, "seq %llu of room %zu was published behind %llu",
                   (unsigned long long)event->seq, room, (unsigned long long)*told);
    else
        book_holds (sim, book_now (sim), room, event, "the feed");
    *told = event->seq;
}

void witness_publish (server_t *server, const frame_t *frames, size_t count)
{
    frame_t name;
    event_t event;
    size_t room = SIM_NOWHERE;
    guard_publish (server, frames, count);
    if (count == 2 && event_topic_name (frames[0], "pack/", &name)) {
        frame_t pack = frames[1];
        room = sim_room_find (name);
        zchat_status_t status;
        while ((status = event_record_next (&pack, &event)) == ZCHAT_OK && room < SIM_ROOMS)
            if (event.seq)
                published (server, false, room, &event);
        if (status == ZCHAT_EMPTY && room < SIM_ROOMS)
            return;
    } else if (count == 4 && event_topic_name (frames[0], "room/", &name)) {
        room = sim_room_find (name);
        json_t *json = json_loadb (frames[3].data, frames[3].size, 0, NULL);
        uint64_t seq = (uint64_t)json_integer_value (json_object_get (json, "seq"));
        if (json && room < SIM_ROOMS && !seq)
            ends_leave (server->sim, book_now (server->sim), room, frames[1], frames[3]);
        if (json && room < SIM_ROOMS && seq) {
            const book_room_t *kept = &book_now (server->sim)->rooms[room];
            /*  Body and user here; the rest was judged in its pack.            */
            event = book_era (kept, seq) ? *book_event (kept, seq) : (event_t){0};
            event.seq = seq;
            event.user = frames[1];
            event.body = frames[2];
            published (server, true, room, &event);
        }
        json_decref (json);
        if (json && room < SIM_ROOMS)
            return;
    } else if (count == 4 && event_topic_name (frames[0], "sync/", &name))
        return;
    sim_wrong (server->sim, "something was published that makes no sense");
}

void witness_start (server_t *server)
{
    book_t *book = book_now (server->sim);
    ends_restart (book);
    for (size_t i = 0; i < book->n_rooms; i++)
        book->rooms[i].told[0] = book->rooms[i].told[1] = book->rooms[i].head;
}

void witness_committed (server_t *server)
{
    book_t *book = book_now (server->sim);
    server->landed_us = server->sim->now_us;
    ends_landed (book);
    for (size_t i = PLAN_ROOMS_MAX; i < book->n_rooms; i++)
        book->rooms[i].told[0] = book->rooms[i].told[1] = book->rooms[i].head;
}

/*  --- bounds ----------------------------------------------------------------  */

void witness_bounds (server_t *server)
{
    sim_t *sim = server->sim;
    core_stats_t stats = core_stats (server->core);
    size_t doors = 0;
    for (size_t i = 0; i < server->n_doors; i++)
        doors += !server->doors[i]->gone;
    /*  One more asks from outside of the network.                             */
    if (stats.peers > doors + 1)
        sim_wrong (sim, "the core remembers %zu connections of %zu", stats.peers, doors);
    /*  What is in flight is known to the core, and not yet to the log: those that end grow old
       within an hour.                                                               */
    if (stats.producers < book_now (sim)->n_producers && !sim->aged && !stats.held)
        sim_wrong (sim, "the core remembers %zu producers of %zu", stats.producers,
                   book_now (sim)->n_producers);
    if (stats.sessions > SERVER_NAMES_MAX || stats.rooms > SIM_ROOMS ||
        stats.members > stats.sessions * SIM_VIEWS || stats.reads > ZCHAT_READS_MAX ||
        stats.held_bytes > ZCHAT_PENDING_BYTES_MAX)
        sim_wrong (sim, "the core holds more than it may");
}
