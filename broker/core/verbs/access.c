/*  access.c - which room a request means, and who may what there              */
#include "access.h"
#include "arguments.h"
#include "text.h"

/*  --- who -------------------------------------------------------------------  */

bool target_find (const view_t *view, verdict_t *verdict, frame_t name, target_t *target)
{
    name_keys_t keys;
    const char *why;
    char who[NAME_KEY_MAX + 1];
    name = name_compose (name, target->composed);
    if (name_check (name, &keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    const owner_t *owner = ledger_owner (view->ledger, &keys);
    target->owner = owner && !owner->freed_ms ? owner : NULL;
    target->user = presence_user (view->presence, &keys);
    target->name = name;
    /*  Somebody else's name that only looks the same, of a log from before.   */
    if (target->owner && target->user && target->user->owner && target->user->owner != owner->id)
        target->user = NULL;
    if (target->owner) {
        owner_who (owner->id, target->who);
        target->name = frame_str (owner->name);
    } else if (target->user) {
        snprintf (target->who, sizeof target->who, "%s", presence_user_who (target->user));
        target->name = frame_of (target->user->name, target->user->name_size);
    } else {
        name_who (name, who);
        snprintf (target->who, sizeof target->who, "=%s", who);
    }
    return true;
}

bool caller_check (const call_t *call, const view_t *view, verdict_t *verdict)
{
    name_keys_t keys;
    if (!call->who)
        return true;
    const owner_t *owner = call->owner ? ledger_owner_by_id (view->ledger, call->owner)
                           : name_check (call->user, &keys, NULL) == ZCHAT_OK
                               ? ledger_owner (view->ledger, &keys)
                               : NULL;
    bool owned = owner && !owner->freed_ms;
    if (call->owner ? owned && (call->by_token || owner_has_key (owner, call->key)) : !owned)
        return true;
    return verdict_refuse (verdict, ZCHAT_HELLO,
                           "this connection's session is over: the name is no longer its; HELLO "
                           "first",
                           NULL);
}

/*  --- rooms -----------------------------------------------------------------  */

hall_t *room_hall (const view_t *view, const room_t *room)
{
    hall_t *hall = presence_hall (view->presence, room->id);
    /*  The room's first event may be on its way to the disk.                  */
    return hall ? hall : presence_hall_named (view->presence, room->fold.key, room->fold.key);
}

static void found_fill (const view_t *view, const room_t *room, frame_t name, found_t *found)
{
    found->room = room;
    found->hall = room ? room_hall (view, room)
                       : presence_hall_named (view->presence, found->keys.fold, found->keys.look);
    found->name = room          ? frame_of (room->name, room->name_size)
                  : found->hall ? frame_of (found->hall->name, found->hall->name_size)
                                : name;
}

bool room_find (const view_t *view, verdict_t *verdict, frame_t name, found_t *found)
{
    const char *why;
    if (name_check (name, &found->keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    found_fill (view, ledger_room (view->ledger, &found->keys), name, found);
    return true;
}

void mailbox_find (const view_t *view, const char *who, found_t *found)
{
    char name[LEDGER_MAILBOX_MAX + 1];
    ledger_mailbox_name (who, name);
    mailbox_find_named (view, frame_str (name), found);
    if (!found->room && !found->hall)
        found->name = frame_str (found->keys.fold);
}

void mailbox_find_named (const view_t *view, frame_t name, found_t *found)
{
    snprintf (found->keys.fold, sizeof found->keys.fold, "%.*s", (int)name.size,
              (const char *)name.data);
    memcpy (found->keys.look, found->keys.fold, sizeof found->keys.look);
    found_fill (view, ledger_room_folded (view->ledger, found->keys.fold), name, found);
}

bool room_find_readable (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                         bool mailbox, found_t *found)
{
    if (mailbox && frame_is (name, "@")) {
        if (!call->who)
            return verdict_refuse (verdict, ZCHAT_GUEST, "a guest has no mailbox", NULL);
        mailbox_find (view, call->who, found);
        return true;
    }
    if (!room_find (view, verdict, name, found))
        return false;
    if (found->room && !room_reads (view, found->room, call->reader))
        return verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL);
    return true;
}

bool room_find_born (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                     const room_t **room)
{
    found_t found;
    if (!room_find (view, verdict, name, &found))
        return false;
    if (!found.room)
        return verdict_refuse (verdict, ZCHAT_NOBODY, ROOM_UNBORN, NULL);
    if (!call->admin && !room_reads (view, found.room, call->who))
        return verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL);
    *room = found.room;
    return true;
}

/*  --- roles -----------------------------------------------------------------  */

static const char *who_fact (const view_t *view, const room_t *room, const char *kind,
                             const char *who)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    if (!room->facts)
        return NULL;
    snprintf (key, sizeof key, "%s/%s", kind, who);
    return ledger_fact (view->ledger, room, key);
}

role_t room_role (const view_t *view, const room_t *room, const char *who)
{
    const char *role = who_fact (view, room, "role", who);
    if (!role)
        return ROLE_NONE;
    return *role == 'o' ? ROLE_OPERATOR : ROLE_MEMBER;
}

bool room_reads (const view_t *view, const room_t *room, const char *who)
{
    if (!room->is_private && !room->mailbox)
        return true;
    if (!who)
        return false;
    if (!room->mailbox)
        return room_role (view, room, who) != ROLE_NONE;
    char name[LEDGER_MAILBOX_MAX + 1];
    ledger_mailbox_name (who, name);
    return strcmp (room->name, name) == 0;
}

/*  --- bans and mutes --------------------------------------------------------  */

/*  True where a ban or mute is in force, and *more, which says until when.    */
static bool sanctioned (const call_t *call, const view_t *view, const room_t *room,
                        const char *kind, json_t **more)
{
    const char *text = who_fact (view, room, kind, call->who);
    if (!text)
        return false;
    json_t *json = json_loads (text, 0, NULL);
    json_t *until = json_object_get (json, "until");
    bool is = !until || (uint64_t)json_integer_value (until) > call->now.wall_ms;
    *more = is && until ? json_pack ("{s:O}", "until", until) : NULL;
    json_decref (json);
    return is;
}

bool room_speaks (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room,
                  bool topic)
{
    json_t *more;
    bool bound = !call->admin;
    if (!room || !room->facts)
        return true;
    if (!call->who)
        return verdict_refuse (verdict, ZCHAT_GUEST, NULL, NULL);
    if (!room_reads (view, room, call->who))
        return verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL);
    if (room->closed)
        return verdict_refuse (verdict, ZCHAT_CLOSED, NULL, NULL);
    if (bound && sanctioned (call, view, room, "ban", &more))
        return verdict_refuse (verdict, ZCHAT_BANNED, NULL, more);
    if (bound && sanctioned (call, view, room, "mute", &more))
        return verdict_refuse (verdict, ZCHAT_MUTED, NULL, more);
    if (bound && topic && room->locked && room_role (view, room, call->who) != ROLE_OPERATOR)
        return verdict_refuse (verdict, ZCHAT_OPERATOR,
                               "the topic is locked: only operators set it", NULL);
    return true;
}

bool room_bans (const call_t *call, const view_t *view, const room_t *room)
{
    json_t *more = NULL;
    bool bans = sanctioned (call, view, room, "ban", &more);
    json_decref (more);
    return bans;
}

bool room_joins (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room)
{
    json_t *more;
    if (!room || !room->facts)
        return true;
    if (room->closed)
        return verdict_refuse (verdict, ZCHAT_CLOSED, NULL, NULL);
    if (call->who && !call->admin && sanctioned (call, view, room, "ban", &more))
        return verdict_refuse (verdict, ZCHAT_BANNED, NULL, more);
    return true;
}

bool room_operates (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room)
{
    if (call->admin ||
        (call->owner && call->who && room_role (view, room, call->who) == ROLE_OPERATOR))
        return true;
    return verdict_refuse (
        verdict, room_reads (view, room, call->who) ? ZCHAT_OPERATOR : ZCHAT_PRIVATE, NULL, NULL);
}

bool reason_check (verdict_t *verdict, frame_t reason)
{
    if (reason.size > ZCHAT_REASON_MAX)
        return verdict_limit (verdict, "the reason is too long", ZCHAT_REASON_MAX, "reason");
    if (!text_valid (reason))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the reason is not UTF-8 text", NULL);
    return true;
}

/*  --- what operators do -----------------------------------------------------  */

bool fact_fits (verdict_t *verdict, const room_t *room, const char *key)
{
    return ledger_fact_fits (room, key) ||
           verdict_limit (
               verdict, "the room, or the broker for who asks, remembers too much; unban or unmute",
               ZCHAT_ROOM_FACTS_MAX, "facts");
}

frame_t mode_data (verdict_t *verdict, const char *set, frame_t name, uint64_t until_ms)
{
    json_t *json = json_pack ("{s:s}", "set", set);
    if (name.size)
        json_object_set_new (json, "user", json_stringn (name.data, name.size));
    if (until_ms)
        json_object_set_new (json, "until", json_integer ((json_int_t)until_ms));
    return records_keep (verdict->records, json_text (json));
}
