/*  yields.c - rooms that are made, that give way to others, and that end      */
#include "core_private.h"

enum { YIELD_TRIES = 16 }; /* rooms looked at for one that may give way        */

/*  --- the end of a room -----------------------------------------------------  */

/*  Nothing is stored of it: there is nothing to wait for.                     */
static void unborn_end (core_t *core, room_t *room)
{
    room->pending++;
    while (room->members)
        session_leave (core, room->members, "close", core->now);
    announce_forget (core, room);
    ledger_room_gone (core->ledger, room);
    room->pending--;
    ledger_room_release (core->ledger, room);
}

void core_room_end (core_t *core, peer_t *peer, room_t *room, bool linked)
{
    if (room->dying)
        return;
    if (!room->id) {
        unborn_end (core, room);
        return;
    }
    /*  One more, so that who has seen its last message is told, too.          */
    uint64_t begins = room->next < ZCHAT_SEQ_MAX ? room->next + 1 : ZCHAT_SEQ_MAX;
    ledger_room_dying (core->ledger, room, true);
    if (begins > ledger_begins (core->ledger)) {
        char value[24];
        snprintf (value, sizeof value, "%llu", (unsigned long long)begins);
        zchat_status_t status =
            core_fact (core, peer, NULL, LEDGER_BEGINS, frame_str (value), true);
        (void)status; /* such a number is always right */
    }
    held_t effect = {.kind = HELD_DROP,
                     .entry.room = room,
                     .land = LAND_CLOSE,
                     .joins = presence_joins (core->presence),
                     .linked = linked};
    core_hold (core, peer, &effect);
}

bool call_dying (call_t *call, const room_t *room)
{
    if (!room || !room->dying)
        return false;
    call_err (call, ZCHAT_SLOW, "a room of this name is being removed; send again",
              json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
    return true;
}

static void note_end (core_t *core, core_peer_t peer, frame_t user, const room_t *room,
                      const char *why)
{
    core_note (core, CORE_NOTE_MODE, peer, user, frame_of (room->name, room->name_size), why);
}

static void forget (void *arg, room_t *room)
{
    core_t *core = arg;
    note_end (core, 0, frame_of (NULL, 0), room, "forgotten");
    core_room_end (core, NULL, room, false);
}

bool yields_forget (core_t *core, uint64_t wall_ms)
{
    return ledger_rooms_forgotten (core->ledger, wall_ms, forget, core);
}

/*  --- giving way ------------------------------------------------------------  */

/*  True where somebody is in it from another place than that of who it is charged to. A mailbox is
    not taken from under its user.                                             */
static bool room_in_use (const core_t *core, const room_t *room)
{
    const char *path = budget_path (&room->item);
    size_t size = strcspn (path, "/");
    if (room->mailbox)
        return room->members != NULL;
    for (const member_t *member = room->members; member; member = member->next) {
        char holder[BUDGET_PATH_MAX + 1] = "";
        const session_t *session = member->session;
        owner_t *owner = ledger_owner_by_id (core->ledger, session->user->owner);
        if (owner)
            owner_holder (owner, holder);
        else if (session->peer)
            snprintf (holder, sizeof holder, "%s", session->peer->place);
        if (strcspn (holder, "/") != size || memcmp (holder, path, size) != 0)
            return true;
    }
    return false;
}

/*  At the bound one room gives way to another of the call's.                  */
static void room_give_way (call_t *call, bool mailbox, const char *holder)
{
    core_t *core = call->core;
    for (int i = 0; i < YIELD_TRIES; i++) {
        room_t *room = ledger_room_yields (core->ledger, mailbox, holder);
        if (!room)
            return;
        if (!room_in_use (core, room)) {
            note_end (core, call->from, call->request->user, room, "gave way");
            core_room_end (core, call->peer, room, true);
            return;
        }
        ledger_room_spare (core->ledger, room);
    }
}

room_t *call_room_make (call_t *call, frame_t name, const name_keys_t *keys, bool held)
{
    ledger_t *ledger = call->core->ledger;
    char holder[BUDGET_PATH_MAX + 1];
    room_t *room = ledger_room (ledger, keys);
    if (call_dying (call, room))
        return NULL;
    call_holder (call, holder);
    if (!room || !room->counted)
        room_give_way (call, false, holder);
    room = ledger_room_make (ledger, name, keys, holder);
    if (room)
        return room;
    json_t *more = limit_json (ZCHAT_ROOMS_MAX, "rooms");
    if (held)
        call_err_held (call, ZCHAT_LIMIT, "no more rooms can be made here", more, true);
    else
        call_err (call, ZCHAT_LIMIT, "no more rooms can be made here", more);
    return NULL;
}

room_t *call_mailbox_find (call_t *call, const char *who)
{
    ledger_t *ledger = call->core->ledger;
    char holder[BUDGET_PATH_MAX + 1];
    room_t *room = ledger_mailbox (ledger, who, NULL);
    call_holder (call, holder);
    if (!room || (!room->counted && !room->dying))
        room_give_way (call, true, holder);
    return ledger_mailbox (ledger, who, holder);
}

room_t *call_mailbox_make (call_t *call, const char *who, bool held)
{
    room_t *room = call_mailbox_find (call, who);
    if (room)
        return call_dying (call, room) ? NULL : room;
    json_t *more = limit_json (ZCHAT_NAMES_MAX, "names");
    if (held)
        call_err_held (call, ZCHAT_LIMIT, "no more mailboxes can be made here", more, true);
    else
        call_err (call, ZCHAT_LIMIT, "no more mailboxes can be made here", more);
    return NULL;
}

/*  --- being used ------------------------------------------------------------  */

void call_room_use (call_t *call, room_t *room)
{
    char holder[BUDGET_PATH_MAX + 1], who[OWNER_WHO_MAX];
    user_who (call->session->user, who);
    call_holder (call, holder);
    ledger_room_use (call->core->ledger, room, holder, ledger_mailbox_of (room, who));
}
