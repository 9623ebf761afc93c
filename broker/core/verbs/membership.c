/*  membership.c - who comes into a room and who is put out: private rooms, INVITE, KICK  */
#include "arguments.h"
#include "verbs.h"

/*  An event of the room that says what an operator did.                       */
static size_t mode_event (const call_t *call, const view_t *view, verdict_t *verdict,
                          const room_t *room, frame_t name, frame_t data, frame_t reason)
{
    store_record_t *record = verdict_event (verdict, view, call, room, name, ZCHAT_TYPE_MODE);
    record->event.data = data;
    record->event.body = reason;
    return (size_t)(record - verdict->records->items);
}

/*  --- making ----------------------------------------------------------------  */

void private_make (const call_t *call, const view_t *view, verdict_t *verdict, found_t *found)
{
    char role[ZCHAT_FACT_KEY_MAX + 1];
    snprintf (role, sizeof role, "role/%s", call->who);
    frame_t name = text_keep (verdict, found->name);
    frame_t data = mode_data (verdict, "create", frame_of (NULL, 0), 0);
    size_t made = mode_event (call, view, verdict, NULL, name, data, frame_of (NULL, 0));
    room_charge_event (call, verdict, found, made, false);
    verdict_fact_of (verdict, made, "mode", "{\"private\":true}");
    verdict_fact (verdict, verdict->records->items[made].room, name, role, "operator");
}

/*  --- INVITE ----------------------------------------------------------------  */

/*  Tell the user in their mailbox, in one commit with what made them a member.  */
static void invite_mail (const call_t *call, const view_t *view, verdict_t *verdict,
                         const room_t *room, const target_t *target, frame_t reason)
{
    found_t mailbox;
    mailbox_find (view, target->who, &mailbox);
    if (mailbox.room ? mailbox.room->head >= ZCHAT_SEQ_MAX
                     : ledger_n_mailboxes (view->ledger) >= view->setup->rooms_max[1] ||
                           ledger_numbers_spent (view->ledger))
        return;
    frame_t name = text_keep (verdict, mailbox.name);
    frame_t data =
        records_keep (verdict->records, json_text (json_pack ("{s:s}", "room", room->name)));
    store_record_t *record =
        verdict_event (verdict, view, call, mailbox.room, name, ZCHAT_TYPE_INVITE);
    record->event.body = reason;
    record->event.data = data;
    room_charge_event (call, verdict, &mailbox, (size_t)(record - verdict->records->items), false);
}

static bool invite_check (const call_t *call, const view_t *view, verdict_t *verdict,
                          const room_t *room, const target_t *target)
{
    if (!room->is_private)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the room is public: everybody may JOIN",
                               NULL);
    if (room->closed)
        return verdict_refuse (verdict, ZCHAT_CLOSED, NULL, NULL);
    if (!target->owner)
        return verdict_refuse (verdict, ZCHAT_NOBODY,
                               "nobody has proven this name; its owner must have been here", NULL);
    if (room->n_roles >= ZCHAT_PRIVATE_MEMBERS_MAX &&
        room_role (view, room, target->who) == ROLE_NONE)
        return verdict_limit (verdict, "the room is full", ZCHAT_PRIVATE_MEMBERS_MAX, "members");
    return room_takes_more (verdict, room) &&
           target_takes (call, view, verdict, target, call->request.args[2].size);
}

bool verb_invite (const call_t *call, const view_t *view, verdict_t *verdict)
{
    frame_t reason = call->request.args[2];
    const room_t *room;
    target_t target;
    char role[ZCHAT_FACT_KEY_MAX + 1];
    if (!room_find_born (call, view, verdict, call->request.args[0], &room) ||
        !room_operates (call, view, verdict, room) || !reason_check (verdict, reason) ||
        !target_find (view, verdict, call->request.args[1], &target) ||
        !invite_check (call, view, verdict, room, &target))
        return false;
    snprintf (role, sizeof role, "role/%s", target.who);
    if (!fact_fits (verdict, room, role))
        return false;
    bool operates = room_role (view, room, target.who) == ROLE_OPERATOR;
    frame_t data = mode_data (verdict, "invite", target.name, 0);
    size_t event = mode_event (call, view, verdict, room, frame_of (NULL, 0), data, reason);
    verdict_fact_of (verdict, event, role, operates ? "operator" : "member");
    verdict_note (verdict, CORE_NOTE_MODE, call->user, text_keep (verdict, frame_str (room->name)),
                  data.data);
    invite_mail (call, view, verdict, room, &target, reason);
    name_used (verdict, target.owner);
    verdict->numbered = true;
    return true;
}

/*  --- KICK ------------------------------------------------------------------  */

/*  True where a session of the user is in the room now.                       */
static bool user_present (const view_t *view, const room_t *room, const user_t *user)
{
    const hall_t *hall = room_hall (view, room);
    for (const session_t *session = user ? user->sessions : NULL; hall && session;
         session = session->next_same)
        if (presence_member (session, hall))
            return true;
    return false;
}

/*  The caller may go: from where they are, and not to say something on the way where they may not.
 */
static bool kick_self (const call_t *call, const view_t *view, verdict_t *verdict,
                       const room_t *room, const target_t *target, frame_t reason)
{
    role_t role = room_role (view, room, call->who);
    if (role == ROLE_NONE && !user_present (view, room, target->user))
        return verdict_refuse (verdict, ZCHAT_MEMBER, "you are not in this room", NULL);
    return reason.size == 0 || role == ROLE_OPERATOR ||
           room_speaks (call, view, verdict, room, false);
}

static bool kick_check (const call_t *call, const view_t *view, verdict_t *verdict,
                        const room_t *room, const target_t *target)
{
    if (!target->owner && !target->user)
        return verdict_refuse (verdict, ZCHAT_NOBODY, NULL, NULL);
    if (strcmp (call->who, target->who) == 0 && room_reads (view, room, call->who))
        return kick_self (call, view, verdict, room, target, call->request.args[2]);
    if (!room_operates (call, view, verdict, room))
        return false;
    if (room_role (view, room, target->who) == ROLE_OPERATOR && !call->admin)
        return verdict_refuse (verdict, ZCHAT_OPERATOR, "this is an operator; deop first", NULL);
    return true;
}

bool verb_kick (const call_t *call, const view_t *view, verdict_t *verdict)
{
    frame_t reason = call->request.args[2];
    const room_t *room;
    target_t target;
    char role[ZCHAT_FACT_KEY_MAX + 1];
    if (!room_find_born (call, view, verdict, call->request.args[0], &room) ||
        !target_find (view, verdict, call->request.args[1], &target) ||
        !reason_check (verdict, reason) || !kick_check (call, view, verdict, room, &target) ||
        !room_takes_more (verdict, room))
        return false;
    snprintf (role, sizeof role, "role/%s", target.who);
    frame_t data = mode_data (verdict, "kick", target.name, 0);
    size_t event = mode_event (call, view, verdict, room, frame_of (NULL, 0), data, reason);
    /*  From a private room somebody goes for good.                            */
    if (room->is_private && ledger_fact (view->ledger, room, role))
        verdict_fact_of (verdict, event, role, NULL);
    verdict->out = OUT_ONE;
    verdict->subject = text_keep (verdict, frame_str (target.who));
    verdict_note (verdict, CORE_NOTE_MODE, call->user, text_keep (verdict, frame_str (room->name)),
                  data.data);
    verdict->numbered = true;
    return true;
}
