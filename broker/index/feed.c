/*  feed.c - the events of all rooms in the order of time, as far as they were heard of

    A heap of the rooms that have something to come in, by the time of what comes next; pages of the
    log that were read for it. A room's time never goes back, so this is a merge.
*/
#include "index_private.h"
#include "memory.h"

feed_room_t *feed_room (feed_t *feed, uint64_t number)
{
    feed_room_t *room;
    HASH_FIND (hh, feed->rooms, &number, sizeof number, room);
    return room;
}

feed_room_t *feed_room_make (feed_t *feed, uint64_t number)
{
    feed_room_t *room = feed_room (feed, number);
    if (room)
        return room;
    room = memory_zero (sizeof *room);
    room->room = number;
    room->place = SIZE_MAX;
    HASH_ADD (hh, feed->rooms, room, sizeof room->room, room);
    return room;
}

/*  --- the heap ------------------------------------------------------------------- */

static void place (feed_t *feed, size_t at, feed_room_t *room)
{
    feed->heap[at] = room;
    room->place = at;
}

static void sift (feed_t *feed, size_t at)
{
    feed_room_t *room = feed->heap[at];
    for (size_t up; at > 0 && feed->heap[up = (at - 1) / 2]->time_ms > room->time_ms; at = up)
        place (feed, at, feed->heap[up]);
    while (true) {
        size_t down = 2 * at + 1;
        if (down + 1 < feed->n_heap && feed->heap[down + 1]->time_ms < feed->heap[down]->time_ms)
            down++;
        if (down >= feed->n_heap || feed->heap[down]->time_ms >= room->time_ms)
            break;
        place (feed, at, feed->heap[down]);
        at = down;
    }
    place (feed, at, room);
}

static void heap_leave (feed_t *feed, feed_room_t *room)
{
    size_t at = room->place;
    if (at == SIZE_MAX)
        return;
    room->place = SIZE_MAX;
    feed_room_t *last = feed->heap[--feed->n_heap];
    if (last == room)
        return;
    place (feed, at, last);
    sift (feed, at);
}

/*  --- pages ------------------------------------------------------------------------ */

void feed_pages_drop (feed_t *feed)
{
    for (size_t i = 0; i < PAGE_SLOTS; i++)
        store_page_destroy (&feed->pages[i].page);
}

static const event_t *page_event (const store_page_t *page, uint64_t seq)
{
    return page && page->count && page->events[0].seq <= seq &&
                   seq - page->events[0].seq < page->count
               ? &page->events[seq - page->events[0].seq]
               : NULL;
}

/*  Have the page that begins with seq, or behind it.                          */
static bool page_read (feed_t *feed, uint64_t room, uint64_t seq, size_t events,
                       const store_page_t **page)
{
    feed_page_t *slot = &feed->pages[room % PAGE_SLOTS];
    store_query_t query = {
        .room = room, .after = seq - 1, .limit = events, .bytes_max = PAGE_BYTES};
    store_page_destroy (&slot->page);
    slot->room = room;
    if (store_read (feed->log, &query, &slot->page) != ZCHAT_OK)
        return false;
    *page = slot->page;
    return true;
}

bool feed_event (feed_t *feed, uint64_t room, uint64_t seq, bool fresh, const event_t **event)
{
    const feed_page_t *slot = &feed->pages[room % PAGE_SLOTS];
    const store_page_t *page = slot->room == room ? slot->page : NULL;
    *event = fresh ? NULL : page_event (page, seq);
    if (*event)
        return true;
    if (!page_read (feed, room, seq, fresh ? 1 : PAGE_EVENTS, &page))
        return false;
    *event = page_event (page, seq);
    return true;
}

/*  --- what comes next ---------------------------------------------------------------- */

static void behind_less (feed_t *feed, const feed_room_t *room, uint64_t events)
{
    uint64_t *behind = &feed->behind[room->secret];
    *behind -= events < *behind ? events : *behind;
}

static void touch (feed_t *feed, feed_room_t *room)
{
    if (room->touched)
        return;
    room->touched = true;
    if (feed->n_touched == feed->touched_capacity) {
        feed->touched_capacity = feed->touched_capacity ? 2 * feed->touched_capacity : 64;
        feed->touched = memory_grow (feed->touched, feed->touched_capacity * sizeof *feed->touched);
    }
    feed->touched[feed->n_touched++] = room;
}

/*  Find the event behind at. Where retention took some, at moves on.          */
static bool room_peek (feed_t *feed, feed_room_t *room, const event_t **event)
{
    *event = NULL;
    if (room->at >= room->head || room->dropped)
        return true;
    if (!feed_event (feed, room->room, room->at + 1, false, event))
        return false;
    if (*event)
        return true;
    const store_page_t *page = feed->pages[room->room % PAGE_SLOTS].page;
    uint64_t first = page->count ? page->events[0].seq : page->first;
    uint64_t to = first <= room->head ? first - 1 : room->head;
    /*  Nothing of it is there: it was never stored, or is no more.            */
    if (to <= room->at)
        to = room->head;
    behind_less (feed, room, to - room->at);
    room->at = to;
    touch (feed, room);
    return room_peek (feed, room, event);
}

bool feed_wake (feed_t *feed, feed_room_t *room)
{
    const event_t *event;
    if (room->place != SIZE_MAX)
        return true;
    if (!room_peek (feed, room, &event))
        return false;
    if (!event)
        return true;
    room->time_ms = event->time_ms;
    if (feed->n_heap == feed->heap_capacity) {
        feed->heap_capacity = feed->heap_capacity ? 2 * feed->heap_capacity : 64;
        feed->heap = memory_grow (feed->heap, feed->heap_capacity * sizeof *feed->heap);
    }
    place (feed, feed->n_heap++, room);
    sift (feed, room->place);
    return true;
}

bool feed_next (feed_t *feed, feed_room_t **room_p, const event_t **event)
{
    *event = NULL;
    while (feed->n_heap) {
        feed_room_t *room = feed->heap[0];
        const event_t *found;
        if (!room_peek (feed, room, &found))
            return false;
        if (!found) {
            heap_leave (feed, room);
            continue;
        }
        /*  The room behind it may have come before it meanwhile.              */
        if (found->time_ms > room->time_ms) {
            room->time_ms = found->time_ms;
            sift (feed, 0);
            if (feed->heap[0] != room)
                continue;
        }
        room->at++;
        touch (feed, room);
        behind_less (feed, room, 1);
        *room_p = room;
        *event = found;
        if (room->at >= room->head)
            heap_leave (feed, room);
        return true;
    }
    return true;
}

/*  --- transactions --------------------------------------------------------------------- */

void feed_keep (feed_t *feed)
{
    for (size_t i = 0; i < feed->n_touched; i++) {
        feed->touched[i]->kept = feed->touched[i]->at;
        feed->touched[i]->touched = false;
    }
    feed->n_touched = 0;
}

void feed_undo (feed_t *feed)
{
    for (size_t i = 0; i < feed->n_touched; i++) {
        feed_room_t *room = feed->touched[i];
        feed->behind[room->secret] += room->at - room->kept;
        room->at = room->kept;
        room->touched = false;
        heap_leave (feed, room);
        feed_hear (feed, room);
    }
    feed->n_touched = 0;
}

void feed_hear (feed_t *feed, feed_room_t *room)
{
    if (room->heard)
        return;
    room->heard = true;
    if (feed->n_heard == feed->heard_capacity) {
        feed->heard_capacity = feed->heard_capacity ? 2 * feed->heard_capacity : 64;
        feed->heard = memory_grow (feed->heard, feed->heard_capacity * sizeof *feed->heard);
    }
    feed->heard[feed->n_heard++] = room;
}

void feed_room_drop (feed_t *feed, feed_room_t *room)
{
    heap_leave (feed, room);
    if (room->head > room->at)
        behind_less (feed, room, room->head - room->at);
    HASH_DEL (feed->rooms, room);
    free (room);
}

void feed_clear (feed_t *feed)
{
    feed_room_t *room, *next;
    HASH_ITER (hh, feed->rooms, room, next)
    {
        HASH_DEL (feed->rooms, room);
        free (room);
    }
    feed_pages_drop (feed);
    free (feed->heap);
    free (feed->touched);
    free (feed->heard);
    *feed = (feed_t){.log = feed->log};
}
