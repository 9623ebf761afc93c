/*  charges.c - who rooms and mailboxes are charged to, and which give way     */
#include "ledger_private.h"
#include <stdlib.h>

/*  A room is charged to whoever made it, while nobody else was in it or had something stored there,
    and from then on to the first other; a mailbox to its user, once that is known. At the bound
    somebody's gives way who has most: first what nobody else has used. What others use gives way
    where its holder's place has more than the least that is called much, and nobody's own can; what
    is private never does, so that a place has no more than a part of all that way. */

#define OWN    "own "
#define SHARED "shared "

enum { MUCH = 100 }; /* a place has much where it has more than one in so many */

void charges_new (ledger_t *ledger)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < CHARGE_COUNT; j++)
            ledger->charges[i][j] = budget_new ();
}

void charges_destroy (ledger_t *ledger)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < CHARGE_COUNT; j++)
            budget_destroy (&ledger->charges[i][j]);
}

/*  --- charging --------------------------------------------------------------  */

static bool charge_own (const char *charge)
{
    return strncmp (charge, OWN, strlen (OWN)) == 0;
}

static const char *charge_path (const char *charge)
{
    return charge + (charge_own (charge) ? strlen (OWN) : strlen (SHARED));
}

const char *room_holder (const room_t *room)
{
    return room->charge ? charge_path (room->charge) : NULL;
}

/*  True where somebody has the name whose mailbox it is.                      */
static bool mailbox_owned (ledger_t *ledger, const room_t *room)
{
    return ledger_owner_by_id (ledger, strtoull (room->name + 1, NULL, 10)) != NULL;
}

/*  Roles, bans and modes: who founded it has one. What a mailbox takes is not forgotten.  */
static charge_t room_class (ledger_t *ledger, const room_t *room, bool own)
{
    if (room->is_private)
        return CHARGE_KEPT;
    if (room->mailbox && HASH_COUNT (room->facts) > room->n_told && mailbox_owned (ledger, room))
        return CHARGE_KEPT;
    if (room->mailbox)
        return own ? CHARGE_OWN : CHARGE_SHARED;
    return own && HASH_COUNT (room->facts) < 2 ? CHARGE_OWN : CHARGE_SHARED;
}

static void uncharge (ledger_t *ledger, room_t *room)
{
    budget_release (ledger->charges[room->mailbox][room->charged], &room->item);
}

static void charge (ledger_t *ledger, room_t *room)
{
    uncharge (ledger, room);
    if (!room->charge || !room->counted)
        return;
    room->charged = room_class (ledger, room, charge_own (room->charge));
    budget_charge (ledger->charges[room->mailbox][room->charged], &room->item,
                   charge_path (room->charge), room->id ? room->time_ms : ledger->latest_ms);
}

void room_reclass (ledger_t *ledger, room_t *room)
{
    if (room->item.holder && room->charged != room_class (ledger, room, charge_own (room->charge)))
        charge (ledger, room);
}

void room_count (ledger_t *ledger, room_t *room, bool counts)
{
    if (room->counted == counts)
        return;
    room->counted = counts;
    ledger->n_rooms[room->mailbox] += counts ? 1 : (size_t)-1;
    charge (ledger, room);
    facts_recharge (ledger, room);
}

static bool path_valid (const char *path)
{
    size_t size = strlen (path);
    return size >= 1 && size <= BUDGET_PATH_MAX && *path != '/' && path[size - 1] != '/' &&
           !strstr (path, "//");
}

void ledger_room_charge (ledger_t *ledger, room_t *room, frame_t text)
{
    char value[STORE_CHARGE_MAX + 1];
    room->charge_told = false;
    if (text.size == 0 || text.size > STORE_CHARGE_MAX || memchr (text.data, 0, text.size))
        return;
    memcpy (value, text.data, text.size);
    value[text.size] = '\0';
    if ((!charge_own (value) && strncmp (value, SHARED, strlen (SHARED)) != 0) ||
        !path_valid (charge_path (value)))
        return;
    uncharge (ledger, room);
    free (room->charge);
    room->charge = memory_string (value, text.size);
    charge (ledger, room);
    facts_recharge (ledger, room);
}

void ledger_room_charged (room_t *room, frame_t charge)
{
    size_t size = strlen (OWN);
    room->stored_own = charge.size >= size && memcmp (charge.data, OWN, size) == 0;
}

void ledger_room_use (ledger_t *ledger, room_t *room, const char *holder, bool own)
{
    char text[STORE_CHARGE_MAX + 1];
    if (!room->charge || strcmp (charge_path (room->charge), holder) == 0 ||
        (!charge_own (room->charge) && !own))
        return;
    snprintf (text, sizeof text, SHARED "%s", holder);
    ledger_room_charge (ledger, room, frame_str (text));
}

/*  --- giving way ------------------------------------------------------------  */

static room_t *room_of (budget_item_t *item)
{
    return item ? (room_t *)((char *)item - offsetof (room_t, item)) : NULL;
}

/*  Whether whoever holds the room has much, with all who come from there.     */
static bool has_much (const ledger_t *ledger, const room_t *room)
{
    const char *path = budget_path (&room->item);
    size_t held = 0;
    for (int i = 0; i < CHARGE_COUNT; i++)
        held += budget_held (ledger->charges[room->mailbox][i], path, 1);
    return held > ledger->rooms_max[room->mailbox] / MUCH + 1;
}

room_t *ledger_room_yields (ledger_t *ledger, bool mailbox, const char *holder)
{
    if (ledger->n_rooms[mailbox] < ledger->rooms_max[mailbox])
        return NULL;
    room_t *own = room_of (budget_yields (ledger->charges[mailbox][CHARGE_OWN], holder));
    room_t *shared = room_of (budget_yields (ledger->charges[mailbox][CHARGE_SHARED], holder));
    if (shared && has_much (ledger, shared) && !(own && has_much (ledger, own)))
        return shared;
    return own;
}

void ledger_room_spare (ledger_t *ledger, room_t *room)
{
    budget_touch (&room->item, ledger->latest_ms);
}

void ledger_room_keep (ledger_t *ledger, room_t *room, bool keep)
{
    if (keep)
        uncharge (ledger, room);
    else
        charge (ledger, room);
}

bool ledger_private_full (const ledger_t *ledger, const char *holder)
{
    return budget_held (ledger->charges[0][CHARGE_KEPT], holder, 1) >= ZCHAT_PRIVATE_PLACE_MAX;
}

/*  --- being forgotten -------------------------------------------------------  */

/*  By what the log knows of its use, so that a restart forgets no more than this. */
static bool room_forgotten (ledger_t *ledger, const room_t *room, uint64_t wall_ms)
{
    if (!room->item.holder || room_class (ledger, room, room->stored_own) != CHARGE_OWN ||
        room->members || room->pending || room->merge || *room->topic)
        return false;
    bool proven = room->mailbox || room->facts;
    uint64_t kept_ms = room->first > room->head ? ZCHAT_ROOM_EMPTY_MS : ZCHAT_ROOM_AGE_MS;
    return room->time_ms + kept_ms < wall_ms && (room->first > room->head || !proven);
}

bool ledger_rooms_forgotten (ledger_t *ledger, uint64_t wall_ms,
                             void (*visit) (void *arg, room_t *room), void *arg)
{
    int count = 0;
    for (room_t *room = ledger->by_id; room; room = room->hh_id.next)
        if (room_forgotten (ledger, room, wall_ms)) {
            if (count++ == ZCHAT_FORGET_ROOMS)
                return true;
            visit (arg, room);
        }
    return false;
}

/*  --- being gone ------------------------------------------------------------  */

void ledger_room_dying (ledger_t *ledger, room_t *room, bool dying)
{
    room->dying = dying;
    room_count (ledger, room, !dying);
}

void ledger_room_gone (ledger_t *ledger, room_t *room)
{
    if (room->id)
        HASH_DELETE (hh_id, ledger->by_id, room);
    room_count (ledger, room, false);
    facts_destroy (ledger, &room->facts);
    free (room->charge);
    free (room->topic);
    free (room->topic_by);
    room->charge = NULL;
    room->topic = memory_string ("", 0);
    room->topic_by = memory_string ("", 0);
    room->dying = room->is_private = room->locked = room->closed = room->stored_own = false;
    room->n_roles = 0;
    room->id = room->time_ms = room->topic_time_ms = 0;
    room->begins = room->head = room->next = ledger->begins;
    room->first = room->begins + 1;
}

uint64_t ledger_begins (const ledger_t *ledger)
{
    return ledger->begins;
}
