/*  private.c - private rooms: making one, INVITE, KICK                        */
#include "core_private.h"

char *mode_data (const char *set, frame_t name, uint64_t until_ms)
{
    json_t *json = json_pack ("{s:s}", "set", set);
    if (name.size)
        json_object_set_new (json, "user", json_stringn (name.data, name.size));
    if (until_ms)
        json_object_set_new (json, "until", json_integer ((json_int_t)until_ms));
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    return text;
}

static void note_mode (const call_t *call, const room_t *room, const char *what)
{
    core_note (call->core, CORE_NOTE_MODE, call->from, call->request->user,
               frame_of (room->name, room->name_size), what);
}

/*  --- making ----------------------------------------------------------------  */

bool private_make (call_t *call, room_t *room)
{
    char role[ZCHAT_FACT_KEY_MAX + 1], who[OWNER_WHO_MAX];
    user_who (call->session->user, who);
    snprintf (role, sizeof role, "role/%s", who);
    char *data = mode_data ("create", frame_of (NULL, 0), 0);
    held_t effect = {.kind = HELD_MESSAGE,
                     .entry.room = room,
                     .event = {.type = ZCHAT_TYPE_MODE, .data = frame_str (data)},
                     .fact_key = frame_str ("mode"),
                     .fact_value = frame_str ("{\"private\":true}"),
                     .linked = true,
                     .silent = true,
                     .land = LAND_MAKE};
    bool made = call_store (call, &effect);
    free (data);
    /*  A new room has room for a fact.                                        */
    return made && core_fact (call->core, call->peer, room, role, frame_str ("operator"), false) ==
                       ZCHAT_OK;
}

/*  --- INVITE ----------------------------------------------------------------  */

/*  Tell the user in their mailbox, in one commit with what made them a member.  */
static void invite_mail (call_t *call, room_t *room, const target_t *target, frame_t reason)
{
    room_t *mailbox = call_mailbox_find (call, target->who);
    json_t *json = json_pack ("{s:s}", "room", room->name);
    char *data = memory_check (json_dumps (json, JSON_COMPACT));
    held_t mail = {.kind = HELD_MESSAGE,
                   .entry.room = mailbox,
                   .event = {.type = ZCHAT_TYPE_INVITE, .body = reason, .data = frame_str (data)},
                   .silent = true};
    if (mailbox && mailbox->next < ZCHAT_SEQ_MAX)
        (void)call_store (call, &mail);
    json_decref (json);
    free (data);
}

/*  True where the room can have the user as a member more. False: ERR is held. */
static bool invite_check (call_t *call, const room_t *room, const target_t *target)
{
    json_t *limit = NULL;
    if (!room->is_private)
        call_err_held (call, ZCHAT_MALFORMED, "the room is public: everybody may JOIN", NULL, true);
    else if (room->closed)
        call_err_held (call, ZCHAT_CLOSED, NULL, NULL, true);
    else if (!target->owner)
        call_err_held (call, ZCHAT_NOBODY,
                       "nobody has proven this name; its owner must have been here", NULL, true);
    else if (room->n_roles >= ZCHAT_PRIVATE_MEMBERS_MAX &&
             room_role (call->core, room, target->who) == ROLE_NONE) {
        limit = limit_json (ZCHAT_PRIVATE_MEMBERS_MAX, "members");
        call_err_held (call, ZCHAT_LIMIT, "the room is full", limit, true);
    } else
        return !call_dying (call, ledger_mailbox (call->core->ledger, target->who, NULL)) &&
               call_writes (call, target, call->request->args[2].size);
    return false;
}

void verb_invite (call_t *call)
{
    core_t *core = call->core;
    frame_t reason = call->request->args[2];
    room_t *room;
    target_t target;
    if (call_slow (call, reason.size))
        return;
    if (!call_room_born (call, call->request->args[0], &room))
        return;
    if (!call_operates (call, room) || !call_reason (call, reason) ||
        !call_target (call, call->request->args[1], &target) || !invite_check (call, room, &target))
        return;
    char role[ZCHAT_FACT_KEY_MAX + 1];
    role_t was = room_role (core, room, target.who);
    snprintf (role, sizeof role, "role/%s", target.who);
    char *data = mode_data ("invite", target.name, 0);
    held_t effect = {.kind = HELD_MESSAGE,
                     .entry.room = room,
                     .event = {.type = ZCHAT_TYPE_MODE, .body = reason, .data = frame_str (data)},
                     .fact_key = frame_str (role),
                     .fact_value = frame_str (was == ROLE_OPERATOR ? "operator" : "member"),
                     .land = was == ROLE_NONE ? LAND_IN : LAND_NOTHING,
                     .subject = frame_str (target.who),
                     .linked = true};
    if (call_store (call, &effect)) {
        note_mode (call, room, data);
        invite_mail (call, room, &target, reason);
        call_wrote (call, &target, reason.size);
    }
    free (data);
}

/*  True where the user is in the room now.                                    */
static bool room_present (const room_t *room, const user_t *user)
{
    for (const session_t *session = user->sessions; session; session = session->next_same)
        if (presence_member (session, room))
            return true;
    return false;
}

/*  --- KICK ------------------------------------------------------------------  */

/*  True where the user may go: from where they are, and not to say something on the way where
    they may not. False: ERR is held.                                          */
static bool kick_self (call_t *call, const room_t *room, const char *own, frame_t reason)
{
    if (!room_present (room, call->session->user) &&
        room_role (call->core, room, own) == ROLE_NONE) {
        call_err_held (call, ZCHAT_MEMBER, "you are not in this room", NULL, true);
        return false;
    }
    return reason.size == 0 || room_role (call->core, room, own) == ROLE_OPERATOR ||
           call_speaks (call, room, false);
}

void verb_kick (call_t *call)
{
    core_t *core = call->core;
    frame_t reason = call->request->args[2];
    room_t *room;
    target_t target;
    if (call_slow (call, reason.size))
        return;
    if (!call_room_born (call, call->request->args[0], &room))
        return;
    if (!call_target (call, call->request->args[1], &target) || !call_reason (call, reason))
        return;
    if (!target.owner && !target.user) {
        call_err_held (call, ZCHAT_NOBODY, NULL, NULL, true);
        return;
    }
    char own[OWNER_WHO_MAX], role[ZCHAT_FACT_KEY_MAX + 1];
    user_who (call->session->user, own);
    bool self = strcmp (own, target.who) == 0 && room_reader (core, room, call->peer);
    if (self ? !kick_self (call, room, own, reason) : !call_operates (call, room))
        return;
    if (!self && room_role (core, room, target.who) == ROLE_OPERATOR && !call->peer->admin) {
        call_err_held (call, ZCHAT_OPERATOR, "this is an operator; deop first", NULL, true);
        return;
    }
    snprintf (role, sizeof role, "role/%s", target.who);
    bool ends = room->is_private && ledger_fact (core->ledger, room, role);
    char *data = mode_data ("kick", target.name, 0);
    held_t effect = {.kind = HELD_MESSAGE,
                     .entry.room = room,
                     .event = {.type = ZCHAT_TYPE_MODE, .body = reason, .data = frame_str (data)},
                     .fact_key = ends ? frame_str (role) : frame_of (NULL, 0),
                     .land = LAND_OUT,
                     .subject = frame_str (target.who)};
    if (call_store (call, &effect))
        note_mode (call, room, data);
    free (data);
}
