/*  yields.c - rooms that are made, used, give way to others, and are forgotten */
#include "verbs.h"

/*  --- who is there ----------------------------------------------------------  */

/*  True where somebody is in the hall from another place than the first of the path. A mailbox is
   not taken from under its user.                                                 */
static bool hall_in_use (const view_t *view, const hall_t *hall, const char *path)
{
    size_t size = strcspn (path, "/");
    if (!hall || hall->mailbox)
        return hall && hall->members;
    for (const member_t *member = hall->members; member; member = member->next) {
        char holder[BUDGET_PATH_MAX + 1] = "";
        const session_t *session = member->session;
        const owner_t *owner = ledger_owner_by_id (view->ledger, session->user->owner);
        if (owner)
            owner_holder (owner, holder);
        else if (session->peer)
            snprintf (holder, sizeof holder, "%s", session->peer->place);
        if (strcspn (holder, "/") != size || memcmp (holder, path, size) != 0)
            return true;
    }
    return false;
}

/*  --- giving way ------------------------------------------------------------  */

static void yield_note (const call_t *call, verdict_t *verdict, const char *name)
{
    verdict_note (verdict, CORE_NOTE_MODE, call->request.user,
                  text_keep (verdict, frame_str (name)), "gave way");
}

static bool ends_already (const verdict_t *verdict, const room_t *room)
{
    for (size_t i = verdict->first; i < verdict->records->count; i++)
        if (verdict->records->items[i].drops && verdict->records->items[i].room == room->id)
            return true;
    return false;
}

typedef struct {
    const view_t *view;
    const verdict_t *verdict;
    const room_t *const *but; /* two that do not give way                      */
} yielding_t;

static bool room_may_yield (void *arg, const room_t *room)
{
    const yielding_t *yielding = arg;
    const view_t *view = yielding->view;
    return room != yielding->but[0] && room != yielding->but[1] &&
           !ends_already (yielding->verdict, room) &&
           !hall_in_use (view, room_hall (view, room), budget_path (&room->item));
}

/*  A room gives way to one more of the call's, unless it is one of those. False: none can. */
static bool room_yields (const call_t *call, const view_t *view, verdict_t *verdict, bool mailbox,
                         const room_t *const but[2])
{
    yielding_t yielding = {view, verdict, but};
    const room_t *room =
        ledger_room_yields (view->ledger, mailbox, call->holder, view->setup->rooms_max[mailbox],
                            room_may_yield, &yielding);
    if (!room)
        return false;
    yield_note (call, verdict, room->name);
    verdict_room_end (verdict, view, room);
    return true;
}

bool room_can_store (const call_t *call, const view_t *view, verdict_t *verdict,
                     const found_t *found, const room_t *const but[2])
{
    bool mailbox = *(const char *)found->name.data == '@';
    size_t most = view->setup->rooms_max[mailbox], count = verdict->n_made[mailbox];
    count += mailbox ? ledger_n_mailboxes (view->ledger) : ledger_n_rooms (view->ledger);
    if (found->room)
        return true;
    if (ledger_numbers_spent (view->ledger))
        return verdict_limit (verdict, "this log has had so many rooms that it takes no new one",
                              ZCHAT_ROOM_NUMBERS_MAX, "rooms");
    if (count < most || room_yields (call, view, verdict, mailbox, but)) {
        verdict->n_made[mailbox] += count < most;
        return true;
    }
    return mailbox ? verdict_limit (verdict, "no more mailboxes can be made here", ZCHAT_NAMES_MAX,
                                    "names")
                   : verdict_limit (verdict, "no more rooms can be made here", ZCHAT_ROOMS_MAX,
                                    "rooms");
}

static bool hall_may_yield (void *arg, const hall_t *hall)
{
    return !hall_in_use (arg, hall, budget_path (&hall->item));
}

bool room_can_hold (const call_t *call, const view_t *view, verdict_t *verdict,
                    const found_t *found)
{
    bool mailbox = *(const char *)found->name.data == '@';
    if (found->room || found->hall ||
        presence_n_unstored (view->presence, mailbox) < view->setup->rooms_max[mailbox])
        return true;
    view_t copy = *view;
    const hall_t *hall =
        presence_hall_yields (view->presence, mailbox, call->holder, hall_may_yield, &copy);
    if (hall) {
        yield_note (call, verdict, hall->name);
        verdict_move (verdict, MOVE_CLEAR)->name =
            text_keep (verdict, frame_of (hall->name, hall->name_size));
        return true;
    }
    return mailbox ? verdict_limit (verdict, "no more mailboxes can be made here", ZCHAT_NAMES_MAX,
                                    "names")
                   : verdict_limit (verdict, "no more rooms can be made here", ZCHAT_ROOMS_MAX,
                                    "rooms");
}

/*  --- being used ------------------------------------------------------------  */

void room_charge_event (const call_t *call, verdict_t *verdict, const found_t *found, size_t index,
                        bool own)
{
    char charge[STORE_CHARGE_MAX + 1];
    if (!*call->holder)
        return;
    if (!found->room)
        snprintf (charge, sizeof charge, "own %s", call->holder);
    else if (!ledger_room_used (found->room, call->holder, own, charge))
        return;
    verdict->records->items[index].charge = text_keep (verdict, frame_str (charge));
}

bool room_visited (const call_t *call, const view_t *view, verdict_t *verdict)
{
    char charge[STORE_CHARGE_MAX + 1];
    found_t found;
    bool own = frame_is (call->request.args[0], "@");
    if (own)
        mailbox_find (view, call->who, &found);
    else if (!room_find (view, verdict, call->request.args[0], &found))
        return false;
    name_used_by (call, view, verdict);
    if (found.room && ledger_room_used (found.room, call->holder, own, charge)) {
        store_record_t *record = records_add (verdict->records);
        record->room = found.room->id;
        record->room_name = text_keep (verdict, found.name);
        record->charge = text_keep (verdict, frame_str (charge));
    }
    return verdict_ok (verdict, NULL);
}

/*  --- being forgotten -------------------------------------------------------  */

static bool forgotten (const view_t *view, const room_t *room, uint64_t wall_ms)
{
    return ledger_room_forgotten (room, wall_ms) && !room_hall (view, room);
}

bool rooms_old (const view_t *view, uint64_t wall_ms)
{
    const room_t *room = ledger_room_next (view->ledger, NULL);
    while (room && !forgotten (view, room, wall_ms))
        room = ledger_room_next (view->ledger, room);
    return room != NULL;
}

bool rooms_age (const call_t *call, const view_t *view, verdict_t *verdict)
{
    size_t count = 0;
    for (const room_t *room = ledger_room_next (view->ledger, NULL);
         room && count < ZCHAT_FORGET_ROOMS; room = ledger_room_next (view->ledger, room))
        if (forgotten (view, room, call->now.wall_ms)) {
            verdict_room_end (verdict, view, room);
            count++;
        }
    return verdict_ok (verdict, NULL);
}
