/*  access.c - who may what in a room                                          */
#include "core_private.h"
#include "text.h"

/*  --- who -------------------------------------------------------------------  */

void user_who (const user_t *user, char who[OWNER_WHO_MAX])
{
    if (user->owner)
        owner_who (user->owner, who);
    else
        snprintf (who, OWNER_WHO_MAX, "=%s", user->who);
}

static bool call_who (const call_t *call, char who[OWNER_WHO_MAX])
{
    if (call->session)
        user_who (call->session->user, who);
    return call->session != NULL;
}

bool call_target (call_t *call, frame_t name, target_t *target)
{
    core_t *core = call->core;
    name_keys_t keys;
    const char *why;
    char who[NAME_KEY_MAX + 1];
    name = name_compose (name, target->composed);
    if (name_check (name, &keys, &why) != ZCHAT_OK) {
        call_err_held (call, ZCHAT_NAME, why, NULL, false);
        return false;
    }
    owner_t *owner = ledger_owner (core->ledger, &keys);
    target->owner = owner && !owner->freed_ms ? owner : NULL;
    target->user = presence_user (core->presence, &keys);
    target->name = name;
    /*  Somebody else's name that only looks the same, of a log from before.   */
    if (target->owner && target->user && target->user->owner && target->user->owner != owner->id)
        target->user = NULL;
    if (target->owner) {
        owner_who (owner->id, target->who);
        target->name = frame_str (owner->name);
    } else if (target->user) {
        user_who (target->user, target->who);
        target->name = frame_of (target->user->name, target->user->name_size);
    } else {
        name_who (name, who);
        snprintf (target->who, sizeof target->who, "=%s", who);
    }
    return true;
}

/*  --- roles -----------------------------------------------------------------  */

static const char *who_fact (const core_t *core, const room_t *room, const char *kind,
                             const char *who)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    if (!room->facts)
        return NULL;
    snprintf (key, sizeof key, "%s/%s", kind, who);
    return ledger_fact (core->ledger, room, key);
}

role_t room_role (const core_t *core, const room_t *room, const char *who)
{
    const char *role = who_fact (core, room, "role", who);
    if (!role)
        return ROLE_NONE;
    return *role == 'o' ? ROLE_OPERATOR : ROLE_MEMBER;
}

bool room_reader (const core_t *core, const room_t *room, const peer_t *peer)
{
    char who[OWNER_WHO_MAX];
    if (!room->is_private && !room->mailbox)
        return true;
    if (!peer->session)
        return false;
    user_who (peer->session->user, who);
    if (room->mailbox)
        return ledger_mailbox_of (room, who);
    /*  What is said on the strength of an INVITE that may yet fail cannot be taken back. */
    return room_role (core, room, who) != ROLE_NONE && !batch_invites (core->batch, room, who);
}

bool call_room (call_t *call, frame_t name, bool mailbox, room_t **room)
{
    core_t *core = call->core;
    name_keys_t keys;
    char who[OWNER_WHO_MAX];
    *room = NULL;
    if (mailbox && frame_is (name, "@")) {
        if (!call_who (call, who)) {
            call_err (call, ZCHAT_GUEST, "a guest has no mailbox", NULL);
            return false;
        }
        *room = ledger_mailbox (core->ledger, who, NULL);
        return true;
    }
    if (!call_room_name (call, name, &keys))
        return false;
    room_t *found = ledger_room (core->ledger, &keys);
    if (found && !room_reader (core, found, call->peer)) {
        call_err (call, ZCHAT_PRIVATE, NULL, NULL);
        return false;
    }
    *room = found;
    return true;
}

bool call_room_held (call_t *call, frame_t name, room_t **room)
{
    name_keys_t keys;
    const char *why;
    if (name_check (name, &keys, &why) != ZCHAT_OK) {
        call_err_held (call, ZCHAT_NAME, why, NULL, false);
        return false;
    }
    room_t *found = ledger_room (call->core->ledger, &keys);
    if (found && !call->peer->admin && !room_reader (call->core, found, call->peer)) {
        call_err_held (call, ZCHAT_PRIVATE, NULL, NULL, true);
        return false;
    }
    *room = found && found->id ? found : NULL;
    return !call_dying (call, found);
}

bool call_room_born (call_t *call, frame_t name, room_t **room)
{
    if (!call_room_held (call, name, room))
        return false;
    if (!*room)
        call_err_held (call, ZCHAT_NOBODY, CALL_UNBORN, NULL, true);
    return *room != NULL;
}

/*  --- sanctions -------------------------------------------------------------  */

bool room_sanction (const call_t *call, const room_t *room, const char *kind, const char *who,
                    json_t **more)
{
    const char *text = who_fact (call->core, room, kind, who);
    if (!text)
        return false;
    json_t *json = json_loads (text, 0, NULL);
    json_t *until = json_object_get (json, "until");
    bool is = !until || (uint64_t)json_integer_value (until) > call->now.wall_ms;
    *more = NULL;
    if (is && until)
        *more = json_pack ("{s:O}", "until", until);
    json_decref (json);
    return is;
}

bool call_speaks (call_t *call, const room_t *room, bool topic)
{
    char who[OWNER_WHO_MAX];
    json_t *more;
    bool bound = !call->peer->admin;
    if (!room->facts)
        return true;
    if (!call_who (call, who))
        call_err_held (call, ZCHAT_GUEST, NULL, NULL, false);
    else if (!room_reader (call->core, room, call->peer))
        call_err_held (call, ZCHAT_PRIVATE, NULL, NULL, true);
    else if (room->closed)
        call_err_held (call, ZCHAT_CLOSED, NULL, NULL, true);
    else if (bound && room_sanction (call, room, "ban", who, &more))
        call_err_held (call, ZCHAT_BANNED, NULL, more, true);
    else if (bound && room_sanction (call, room, "mute", who, &more))
        call_err_held (call, ZCHAT_MUTED, NULL, more, true);
    else if (bound && topic && room->locked && room_role (call->core, room, who) != ROLE_OPERATOR)
        call_err_held (call, ZCHAT_OPERATOR, "the topic is locked: only operators set it", NULL,
                       true);
    else
        return true;
    return false;
}

bool call_joins (call_t *call, const room_t *room)
{
    char who[OWNER_WHO_MAX];
    json_t *more;
    if (!room->facts)
        return true;
    if (room->closed)
        call_err (call, ZCHAT_CLOSED, NULL, NULL);
    else if (call_who (call, who) && !call->peer->admin &&
             room_sanction (call, room, "ban", who, &more))
        call_err (call, ZCHAT_BANNED, NULL, more);
    else
        return true;
    return false;
}

bool call_operates (call_t *call, const room_t *room)
{
    char who[OWNER_WHO_MAX];
    if (call->peer->admin ||
        (call->owner && call_who (call, who) && room_role (call->core, room, who) == ROLE_OPERATOR))
        return true;
    if (room_reader (call->core, room, call->peer))
        call_err_held (call, ZCHAT_OPERATOR, NULL, NULL, true);
    else
        call_err_held (call, ZCHAT_PRIVATE, NULL, NULL, true);
    return false;
}

bool call_reason (call_t *call, frame_t reason)
{
    if (reason.size > ZCHAT_REASON_MAX)
        call_err_held (call, ZCHAT_LIMIT, "the reason is too long",
                       limit_json (ZCHAT_REASON_MAX, "reason"), false);
    else if (!text_valid (reason))
        call_err_held (call, ZCHAT_MALFORMED, "the reason is not UTF-8 text", NULL, false);
    else
        return true;
    return false;
}
