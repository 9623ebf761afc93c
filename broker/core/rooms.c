/*  rooms.c - JOIN, PART, WHO, ROOMS: who is where                             */
#include "core_private.h"

enum { LIST_BYTES_MAX = ZCHAT_FRAME_MAX / 2 }; /* of a reply to ROOMS; a room fits  */

static const char *role_word (const call_t *call, const room_t *room)
{
    char who[OWNER_WHO_MAX];
    user_who (call->session->user, who);
    role_t role = room_role (call->core, room, who);
    return role == ROLE_OPERATOR ? "operator" : role == ROLE_MEMBER ? "member" : "";
}

static json_t *join_json (const call_t *call, const room_t *room)
{
    return json_pack ("{s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:b, s:s}", "room",
                      room->mailbox ? "@" : room->name, "head", (json_int_t)room->head, "first",
                      (json_int_t)room->first, "topic", room->topic, "topic_by", room->topic_by,
                      "topic_time", (json_int_t)room->topic_time_ms, "members",
                      (json_int_t)room->n_members, "private", room->is_private || room->mailbox,
                      "role", role_word (call, room));
}

/*  True where the session may come in. False: ERR was sent.                   */
static bool join_check (call_t *call, const room_t *room)
{
    if (!call_joins (call, room) || call_slow (call, 0))
        return false;
    if (call->session->n_rooms >= ZCHAT_SESSION_ROOMS_MAX)
        call_err (call, ZCHAT_LIMIT, "in too many rooms; PART one first",
                  limit_json (ZCHAT_SESSION_ROOMS_MAX, "rooms"));
    else if (room->n_members >= ZCHAT_ROOM_MEMBERS_MAX)
        call_err (call, ZCHAT_LIMIT, "the room is full",
                  limit_json (ZCHAT_ROOM_MEMBERS_MAX, "members"));
    else
        return true;
    return false;
}

/*  Go in, tell the others unless nobody shall know, and answer.               */
static void join (call_t *call, room_t *room, bool made)
{
    core_t *core = call->core;
    const session_t *session = call->session;
    if (!presence_member (session, room)) {
        if (!made && !join_check (call, room))
            return;
        bool first = presence_join (core->presence, call->session, room);
        if (first && !room->mailbox) {
            core_note (core, CORE_NOTE_JOIN, call->from,
                       frame_of (session->name, session->name_size),
                       frame_of (room->name, room->name_size), NULL);
            if (!made)
                announce_join (core, session, room, call->now);
        }
        if (!made)
            call_room_use (call, room);
    }
    /*  A room in the making is one that may not come to be.                   */
    if (room->is_private && room->head == room->begins)
        call_ok_held (call, join_json (call, room));
    else
        call_ok (call, join_json (call, room));
    if (call->owner)
        name_used (core, call->peer, call->owner, false);
}

/*  True where the room is the call's to make private: nobody else is in it, and nothing was ever
    said. *made where it is not yet. False: ERR was sent.                      */
static bool join_private (call_t *call, const room_t *room, bool *made)
{
    *made = !room->is_private;
    if (room->is_private)
        return true;
    char holder[BUDGET_PATH_MAX + 1];
    call_holder (call, holder);
    if (!call->owner)
        call_err (call, ZCHAT_PROOF, NULL, NULL);
    else if (ledger_private_full (call->core->ledger, holder))
        call_err (call, ZCHAT_LIMIT, "no more private rooms can be made from where you are",
                  limit_json (ZCHAT_PRIVATE_PLACE_MAX, "private rooms"));
    else if (room->id || room->merge || room->n_members > 1 ||
             (room->n_members == 1 && !presence_member (call->session, room)))
        call_err (call, ZCHAT_TAKEN, "there is a public room of this name", NULL);
    else
        return true;
    return false;
}

static void join_room (call_t *call, bool private)
{
    core_t *core = call->core;
    frame_t name = call->request->args[0];
    name_keys_t keys;
    room_t *room;
    bool made = false;
    if (!call_room (call, name, false, &room) || !call_room_name (call, name, &keys))
        return;
    room = call_room_make (call, name, &keys, false);
    if (!room)
        return;
    if ((!private || join_private (call, room, &made)) &&
        (!made || (join_check (call, room) && private_make (call, room))))
        join (call, room, made);
    ledger_room_release (core->ledger, room);
}

static void join_mailbox (call_t *call)
{
    ledger_t *ledger = call->core->ledger;
    char who[OWNER_WHO_MAX];
    user_who (call->session->user, who);
    room_t *room = call_mailbox_make (call, who, false);
    if (!room)
        return;
    join (call, room, false);
    ledger_room_release (ledger, room);
}

void verb_join (call_t *call)
{
    json_t *json = call_json (call, call->request->args[1], false);
    if (!json)
        return;
    const json_t *private = json_object_get (json, "private");
    /*  A room that somebody believes to be private must not come out public.  */
    if (private && !json_is_boolean (private))
        call_err (call, ZCHAT_MALFORMED, "private is true or false", NULL);
    else if (frame_is (call->request->args[0], "@"))
        join_mailbox (call);
    else
        join_room (call, json_is_true (private));
    json_decref (json);
}

void verb_part (call_t *call)
{
    room_t *room;
    if (!call_room (call, call->request->args[0], true, &room))
        return;
    member_t *member = room ? presence_member (call->session, room) : NULL;
    if (!member) {
        call_err (call, ZCHAT_MEMBER, "you are not in this room", NULL);
        return;
    }
    session_leave (call->core, member, "part", call->now);
    call_ok (call, NULL);
}

void verb_who (call_t *call)
{
    room_t *room;
    frame_t name = call->request->args[0];
    if (!call_room (call, name, false, &room))
        return;
    json_t *users = json_array ();
    for (const member_t *member = room ? room->members : NULL;
         member && json_array_size (users) < ZCHAT_LIST_MAX; member = member->next)
        if (presence_leads (member))
            json_array_append_new (users, json_string (member->session->name));
    call_rows (call, json_array_size (users));
    call_ok (call, json_pack ("{s:o, s:I, s:o}", "room",
                              room ? json_string (room->name) : json_stringn (name.data, name.size),
                              "members", (json_int_t)(room ? room->n_members : 0), "users", users));
}

static json_t *room_json (const room_t *room)
{
    return json_pack ("{s:s, s:I, s:I, s:I, s:s, s:b}", "room", room->name, "head",
                      (json_int_t)room->head, "first", (json_int_t)room->first, "members",
                      (json_int_t)room->n_members, "topic", room->topic, "private",
                      room->is_private);
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
        if (!room || !room_reader (call->core, room, call->peer)) {
            call_err (call, ZCHAT_NAME, "the room in after is gone; start from the first", NULL);
            goto out;
        }
        room = room->next_room;
    }
    json_t *rooms = json_array ();
    size_t bytes = 0;
    for (; room && json_array_size (rooms) < ZCHAT_LIST_MAX; room = room->next_room) {
        if (!room_reader (call->core, room, call->peer))
            continue;
        json_t *entry = room_json (room);
        bytes += json_dumpb (entry, NULL, 0, JSON_COMPACT) + 1;
        if (bytes > LIST_BYTES_MAX) {
            json_decref (entry);
            break;
        }
        json_array_append_new (rooms, entry);
    }
    call_rows (call, json_array_size (rooms));
    call_ok (call, json_pack ("{s:o, s:b}", "rooms", rooms, "more", room != NULL));
out:
    json_decref (json);
}
