/*  markers.c - how far owners have read rooms                                  */
#include "ledger_private.h"

/*  --- the tables ------------------------------------------------------------  */

static owner_t *owner_numbered (const ledger_t *ledger, uint64_t id)
{
    owner_t *owner;
    HASH_FIND (hh, ledger->owners, &id, sizeof id, owner);
    return owner;
}

/*  Where the owner's marker in the room with this number stands, or would.    */
static size_t marker_place (const owner_t *owner, uint64_t room)
{
    size_t low = 0, high = owner->n_markers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (owner->markers[middle]->room->id < room)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static marker_t *marker_find (const owner_t *owner, uint64_t room)
{
    size_t at = marker_place (owner, room);
    return at < owner->n_markers && owner->markers[at]->room->id == room ? owner->markers[at]
                                                                         : NULL;
}

static marker_t *marker_add (ledger_t *ledger, owner_t *owner, room_t *room, uint64_t age)
{
    char holder[BUDGET_PATH_MAX + 1];
    size_t at = marker_place (owner, room->id), behind = owner->n_markers - at;
    if (owner->n_markers == owner->markers_capacity) {
        owner->markers_capacity = owner->markers_capacity ? 2 * owner->markers_capacity : 4;
        owner->markers =
            memory_grow (owner->markers, owner->markers_capacity * sizeof (marker_t *));
    }
    marker_t *marker = memory_zero (sizeof *marker);
    marker->owner = owner;
    marker->room = room;
    memmove (owner->markers + at + 1, owner->markers + at, behind * sizeof (marker_t *));
    owner->markers[at] = marker;
    owner->n_markers++;
    DL_APPEND (room->markers, marker);
    owner_holder (owner, holder);
    budget_charge (ledger->markers, &marker->item, holder, age);
    ledger->n_markers++;
    return marker;
}

static void marker_remove (ledger_t *ledger, marker_t *marker)
{
    owner_t *owner = marker->owner;
    size_t at = marker_place (owner, marker->room->id), behind = --owner->n_markers - at;
    memmove (owner->markers + at, owner->markers + at + 1, behind * sizeof (marker_t *));
    DL_DELETE (marker->room->markers, marker);
    budget_release (ledger->markers, &marker->item);
    ledger->n_markers--;
    free (marker);
    if (owner->n_markers)
        return;
    free (owner->markers);
    owner->markers = NULL;
    owner->markers_capacity = 0;
}

void markers_drop_room (ledger_t *ledger, const room_t *room)
{
    while (room->markers)
        marker_remove (ledger, room->markers);
}

void markers_drop_owner (ledger_t *ledger, const owner_t *owner)
{
    while (owner->n_markers)
        marker_remove (ledger, owner->markers[owner->n_markers - 1]);
}

/*  --- applying --------------------------------------------------------------  */

/*  What the owner has read of the room; the marker is made where there is none. */
static zchat_status_t marker_set (ledger_t *ledger, const store_marker_t *row, uint64_t age)
{
    owner_t *owner = owner_numbered (ledger, row->owner);
    room_t *room = room_numbered (ledger, row->room);
    if (!owner || !owner->name || owner->freed_ms || !room || row->seq == 0 ||
        row->seq > room->head)
        return ZCHAT_CORRUPT;
    marker_t *marker = marker_find (owner, row->room);
    if (!marker &&
        (owner->n_markers >= ZCHAT_MARKERS_MAX || ledger->n_markers >= ZCHAT_MARKERS_ALL_MAX))
        return ZCHAT_LIMIT;
    if (marker)
        budget_touch (&marker->item, age);
    else
        marker = marker_add (ledger, owner, room, age);
    if (marker->seq < row->seq)
        marker->seq = row->seq;
    return ZCHAT_OK;
}

zchat_status_t markers_load (ledger_t *ledger, const store_marker_t *row)
{
    const owner_t *owner = owner_numbered (ledger, row->owner);
    return owner && marker_find (owner, row->room) ? ZCHAT_CORRUPT : marker_set (ledger, row, 0);
}

zchat_status_t markers_set (ledger_t *ledger, const store_record_t *record)
{
    if (record->marker_yields) {
        const owner_t *owner = owner_numbered (ledger, record->marker_of);
        marker_t *yields = owner ? marker_find (owner, record->marker_yields) : NULL;
        if (!yields)
            return ZCHAT_CORRUPT;
        marker_remove (ledger, yields);
    }
    store_marker_t row = {record->marker_of, record->room, record->marker};
    return record->marker ? marker_set (ledger, &row, ledger->position + 1) : ZCHAT_OK;
}

/*  --- looking ---------------------------------------------------------------  */

const marker_t *ledger_marker (const ledger_t *ledger, uint64_t owner, uint64_t room)
{
    const owner_t *reader = ledger_owner_by_id (ledger, owner);
    return reader ? marker_find (reader, room) : NULL;
}

/*  An owner's own list is short, and rarely full.                             */
static const marker_t *marker_oldest (const owner_t *owner)
{
    const marker_t *oldest = NULL;
    for (size_t i = 0; i < owner->n_markers; i++)
        if (!oldest || owner->markers[i]->item.age < oldest->item.age)
            oldest = owner->markers[i];
    return oldest;
}

const marker_t *ledger_marker_yields (const ledger_t *ledger, const owner_t *owner, size_t most)
{
    char holder[BUDGET_PATH_MAX + 1];
    if (owner->n_markers >= ZCHAT_MARKERS_MAX)
        return marker_oldest (owner);
    if (ledger->n_markers < most)
        return NULL;
    owner_holder (owner, holder);
    const budget_item_t *item = budget_yields (ledger->markers, holder);
    return item ? (const marker_t *)((const char *)item - offsetof (marker_t, item)) : NULL;
}

size_t ledger_n_markers (const ledger_t *ledger)
{
    return ledger->n_markers;
}
