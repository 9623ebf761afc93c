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
static charge_t room_class (ledger_t *ledger, const room_t *room)
{
    if (room->is_private)
        return CHARGE_KEPT;
    if (room->mailbox && HASH_COUNT (room->facts) > room->n_told && mailbox_owned (ledger, room))
        return CHARGE_KEPT;
    if (room->mailbox)
        return charge_own (room->charge) ? CHARGE_OWN : CHARGE_SHARED;
    return charge_own (room->charge) && HASH_COUNT (room->facts) < 2 ? CHARGE_OWN : CHARGE_SHARED;
}

void room_uncharge (ledger_t *ledger, room_t *room)
{
    budget_release (ledger->charges[room->mailbox][room->charged], &room->item);
}

static void charge (ledger_t *ledger, room_t *room)
{
    room_uncharge (ledger, room);
    room->charged = room_class (ledger, room);
    budget_charge (ledger->charges[room->mailbox][room->charged], &room->item,
                   charge_path (room->charge), room->time_ms);
}

void room_reclass (ledger_t *ledger, room_t *room)
{
    if (room->item.holder && room->charged != room_class (ledger, room))
        charge (ledger, room);
}

static bool path_valid (const char *path)
{
    size_t size = strlen (path);
    return size >= 1 && size <= BUDGET_PATH_MAX && *path != '/' && path[size - 1] != '/' &&
           !strstr (path, "//");
}

void room_charge (ledger_t *ledger, room_t *room, frame_t text)
{
    char value[STORE_CHARGE_MAX + 1];
    if (text.size == 0 || text.size > STORE_CHARGE_MAX || memchr (text.data, 0, text.size))
        return;
    memcpy (value, text.data, text.size);
    value[text.size] = '\0';
    if ((!charge_own (value) && strncmp (value, SHARED, strlen (SHARED)) != 0) ||
        !path_valid (charge_path (value)))
        return;
    free (room->charge);
    room->charge = memory_string (value, text.size);
    charge (ledger, room);
}

/*  --- looking ---------------------------------------------------------------  */

bool ledger_room_used (const room_t *room, const char *holder, bool own,
                       char charge[STORE_CHARGE_MAX + 1])
{
    if (!room->charge || !*holder || strcmp (charge_path (room->charge), holder) == 0 ||
        (!charge_own (room->charge) && !own))
        return false;
    snprintf (charge, STORE_CHARGE_MAX + 1, SHARED "%s", holder);
    return true;
}

static const room_t *room_of (const budget_item_t *item)
{
    return item ? (const room_t *)((const char *)item - offsetof (room_t, item)) : NULL;
}

/*  Whether whoever holds the room has much, with all who come from there.     */
static bool has_much (const ledger_t *ledger, const room_t *room, size_t most)
{
    const char *path = budget_path (&room->item);
    size_t held = 0;
    for (int i = 0; i < CHARGE_COUNT; i++)
        held += budget_held (ledger->charges[room->mailbox][i], path, 1);
    return held > most / MUCH + 1;
}

typedef struct {
    ledger_room_fits_t *fits;
    void *arg;
} rooms_fit_t;

static bool room_fits (void *arg, const budget_item_t *item)
{
    const rooms_fit_t *rooms = arg;
    return rooms->fits (rooms->arg, room_of (item));
}

const room_t *ledger_room_yields (const ledger_t *ledger, bool mailbox, const char *holder,
                                  size_t most, ledger_room_fits_t *fits, void *arg)
{
    rooms_fit_t rooms = {fits, arg};
    const budget_item_t *item[CHARGE_COUNT];
    for (int i = CHARGE_OWN; i <= CHARGE_SHARED; i++)
        item[i] =
            budget_yields_where (ledger->charges[mailbox][i], holder, false, room_fits, &rooms);
    const room_t *own = room_of (item[CHARGE_OWN]), *shared = room_of (item[CHARGE_SHARED]);
    if (shared && has_much (ledger, shared, most) && !(own && has_much (ledger, own, most)))
        return shared;
    return own;
}

bool ledger_private_full (const ledger_t *ledger, const char *holder)
{
    return budget_held (ledger->charges[0][CHARGE_KEPT], holder, 1) >= ZCHAT_PRIVATE_PLACE_MAX;
}

bool ledger_room_forgotten (const room_t *room, uint64_t wall_ms)
{
    if (!room->item.holder || room->charged != CHARGE_OWN || *room->topic)
        return false;
    bool proven = room->mailbox || room->facts;
    uint64_t kept_ms = room->first > room->head ? ZCHAT_ROOM_EMPTY_MS : ZCHAT_ROOM_AGE_MS;
    return room->time_ms + kept_ms < wall_ms && (room->first > room->head || !proven);
}
