/*  rooms.c - JOIN, PART, WHO, ROOMS: who is where                             */
#include "core_private.h"

enum { LIST_BYTES_MAX = ZCHAT_FRAME_MAX / 2 }; /* of a reply to ROOMS; a room fits  */

void verb_join (call_t *call)
{
    core_t *core = call->core;
    session_t *session = call->session;
    name_keys_t keys;
    if (!call_room_name (call, call->request->args[0], &keys))
        return;
    room_t *room = ledger_room_make (core->ledger, call->request->args[0], &keys);
    if (!room) {
        call_err (call, ZCHAT_LIMIT, "no more rooms can be made here",
                  limit_json (ZCHAT_ROOMS_MAX, "rooms"));
        return;
    }
    if (!presence_member (session, room)) {
        if (call_slow (call, 0))
            goto out;
        if (session->n_rooms >= ZCHAT_SESSION_ROOMS_MAX) {
            call_err (call, ZCHAT_LIMIT, "in too many rooms; PART one first",
                      limit_json (ZCHAT_SESSION_ROOMS_MAX, "rooms"));
            goto out;
        }
        if (room->n_members >= ZCHAT_ROOM_MEMBERS_MAX) {
            call_err (call, ZCHAT_LIMIT, "the room is full",
                      limit_json (ZCHAT_ROOM_MEMBERS_MAX, "members"));
            goto out;
        }
        presence_join (core->presence, session, room);
        core_note (core, CORE_NOTE_JOIN, call->from, frame_of (session->name, session->name_size),
                   frame_of (room->name, room->name_size), NULL);
        announce_join (core, session, room, call->now);
    }
    call_ok (call,
             json_pack ("{s:s, s:I, s:I, s:s, s:s, s:I, s:I}", "room", room->name, "head",
                        (json_int_t)room->head, "first", (json_int_t)room->first, "topic",
                        room->topic, "topic_by", room->topic_by, "topic_time",
                        (json_int_t)room->topic_time_ms, "members", (json_int_t)room->n_members));
out:
    ledger_room_release (core->ledger, room);
}

void verb_part (call_t *call)
{
    core_t *core = call->core;
    session_t *session = call->session;
    name_keys_t keys;
    if (!call_room_name (call, call->request->args[0], &keys))
        return;
    room_t *room = ledger_room (core->ledger, &keys);
    member_t *member = room ? presence_member (session, room) : NULL;
    if (!member) {
        call_err (call, ZCHAT_MEMBER, "you are not in this room", NULL);
        return;
    }
    presence_leave (core->presence, member);
    core_note (core, CORE_NOTE_LEAVE, call->from, frame_of (session->name, session->name_size),
               frame_of (room->name, room->name_size), "part");
    announce_leave (core, session, room, "part", call->now);
    ledger_room_release (core->ledger, room);
    call_ok (call, NULL);
}

void verb_who (call_t *call)
{
    name_keys_t keys;
    frame_t name = call->request->args[0];
    if (!call_room_name (call, name, &keys))
        return;
    const room_t *room = ledger_room (call->core->ledger, &keys);
    json_t *users = json_array ();
    for (const member_t *member = room ? room->members : NULL;
         member && json_array_size (users) < ZCHAT_LIST_MAX; member = member->next)
        json_array_append_new (users, json_string (member->session->name));
    call_ok (call, json_pack ("{s:o, s:I, s:o}", "room",
                              room ? json_string (room->name) : json_stringn (name.data, name.size),
                              "members", (json_int_t)(room ? room->n_members : 0), "users", users));
}

static json_t *room_json (const room_t *room)
{
    return json_pack ("{s:s, s:I, s:I, s:I, s:s}", "room", room->name, "head",
                      (json_int_t)room->head, "first", (json_int_t)room->first, "members",
                      (json_int_t)room->n_members, "topic", room->topic);
}

void verb_rooms (call_t *call)
{
    json_t *json = call_json (call, call->request->args[0], false);
    if (!json)
        return;
    const room_t *room = ledger_rooms (call->core->ledger);
    const json_t *after = json_object_get (json, "after");
    if (after) {
        name_keys_t keys;
        if (!json_is_string (after)) {
            call_err (call, ZCHAT_MALFORMED, "after is not a room's name", NULL);
            goto out;
        }
        frame_t name = frame_of (json_string_value (after), json_string_length (after));
        if (!call_room_name (call, name, &keys))
            goto out;
        room = ledger_room (call->core->ledger, &keys);
        if (!room) {
            call_err (call, ZCHAT_NAME, "the room in after is gone; start from the first", NULL);
            goto out;
        }
        room = room->next_room;
    }
    json_t *rooms = json_array ();
    size_t bytes = 0;
    for (; room && json_array_size (rooms) < ZCHAT_LIST_MAX; room = room->next_room) {
        json_t *entry = room_json (room);
        bytes += json_dumpb (entry, NULL, 0, JSON_COMPACT) + 1;
        if (bytes > LIST_BYTES_MAX) {
            json_decref (entry);
            break;
        }
        json_array_append_new (rooms, entry);
    }
    call_ok (call, json_pack ("{s:o, s:b}", "rooms", rooms, "more", room != NULL));
out:
    json_decref (json);
}
