/*  shares.c - how much of the log each room holds, and whose oldest go where it is too much */
#include "shares.h"
#include "memory.h"

static size_t place_of (const shares_t *shares, uint64_t room)
{
    size_t low = 0, high = shares->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shares->rooms[middle].room < room)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void shares_add (shares_t *shares, uint64_t room, bool mailbox, uint64_t bytes, uint64_t time_ms)
{
    size_t place = place_of (shares, room);
    share_t *share = shares->rooms ? &shares->rooms[place] : NULL;
    if (place == shares->count || share->room != room) {
        if (shares->count == shares->capacity) {
            shares->capacity = shares->capacity ? 2 * shares->capacity : 64;
            shares->rooms = memory_grow (shares->rooms, shares->capacity * sizeof *shares->rooms);
        }
        share = &shares->rooms[place];
        memmove (share + 1, share, (shares->count - place) * sizeof *share);
        *share = (share_t){.room = room, .mailbox = mailbox};
        shares->count++;
    }
    if (share->bytes == 0)
        share->oldest_ms = time_ms;
    share->bytes += bytes;
}

static share_t *share_find (shares_t *shares, uint64_t room)
{
    size_t place = place_of (shares, room);
    return place < shares->count && shares->rooms[place].room == room ? &shares->rooms[place]
                                                                      : NULL;
}

void shares_shrink (shares_t *shares, uint64_t room, uint64_t bytes)
{
    share_t *share = share_find (shares, room);
    if (share)
        share->bytes -= bytes < share->bytes ? bytes : share->bytes;
}

void shares_grow (shares_t *shares, uint64_t room, uint64_t bytes)
{
    share_t *share = share_find (shares, room);
    if (share)
        share->bytes += bytes;
}

void shares_take (shares_t *shares, uint64_t room, uint64_t bytes, uint64_t oldest_ms)
{
    share_t *share = share_find (shares, room);
    shares_shrink (shares, room, bytes);
    if (share)
        share->oldest_ms = oldest_ms;
}

void shares_drop (shares_t *shares, uint64_t room)
{
    share_t *share = share_find (shares, room);
    if (!share)
        return;
    size_t place = (size_t)(share - shares->rooms);
    shares->count--;
    memmove (share, share + 1, (shares->count - place) * sizeof *share);
}

/*  Rooms, or mailboxes, together.                                             */
typedef struct {
    uint64_t bytes;
    uint64_t count;       /* of those that hold something                        */
    const share_t *first; /* of them, to give; NULL: none holds anything         */
} pool_t;

static bool goes_before (const share_t *a, const share_t *b)
{
    return a->bytes != b->bytes ? a->bytes > b->bytes : a->oldest_ms < b->oldest_ms;
}

uint64_t shares_next (const shares_t *shares, uint64_t excess, uint64_t *spare)
{
    pool_t pools[2] = {{0}}; /* rooms, mailboxes */
    for (size_t i = 0; i < shares->count; i++) {
        const share_t *share = &shares->rooms[i];
        pool_t *pool = &pools[share->mailbox];
        if (!share->bytes)
            continue;
        pool->bytes += share->bytes;
        pool->count++;
        if (!pool->first || goes_before (share, pool->first))
            pool->first = share;
    }
    /*  What has more of its part gives.                                       */
    bool mail = pools[1].bytes > pools[0].bytes / (SHARE_MAILBOXES - 1);
    const pool_t *pool = &pools[mail], *other = &pools[!mail];
    if (!pool->first)
        pool = other;
    if (!pool->first)
        return 0;
    uint64_t all = pools[0].bytes + pools[1].bytes;
    uint64_t kept = all - (excess < all ? excess : all);
    uint64_t part = mail ? kept / SHARE_MAILBOXES : kept - kept / SHARE_MAILBOXES;
    uint64_t rest = all - pool->bytes; /* what the others hold                   */
    if (kept > rest && kept - rest > part)
        part = kept - rest;
    uint64_t share = part / pool->count;
    *spare = pool->first->bytes > share ? pool->first->bytes - share : 1;
    return pool->first->room;
}

void shares_clear (shares_t *shares)
{
    free (shares->rooms);
    *shares = (shares_t){0};
}
