/*  cursor.c - one room's events, each once and in order                       */
#include "cursor.h"
#include "memory.h"

/*  An event that waits for those before it. Its text lies behind it in the same memory. */
typedef struct ahead ahead_t;
struct ahead {
    ahead_t *next;
    ahead_t *prev;
    event_t event;
    uint64_t after; /* of an event without seq: it is given once this seq was given */
    size_t bytes;
};

struct cursor {
    cursor_sink_t sink;
    uint64_t seq;    /* of the last event given                                */
    uint64_t target; /* the highest seq that is known to exist                 */
    ahead_t *first;  /* kept events, in the order they will be given           */
    ahead_t *last;
    size_t kept;
    size_t kept_bytes;
};

cursor_t *cursor_new (const cursor_sink_t *sink)
{
    cursor_t *cursor = memory_zero (sizeof *cursor);

    cursor->sink = *sink;
    return cursor;
}

static void ahead_remove_first (cursor_t *cursor)
{
    ahead_t *ahead = cursor->first;

    cursor->first = ahead->next;
    if (cursor->first)
        cursor->first->prev = NULL;
    else
        cursor->last = NULL;
    cursor->kept--;
    cursor->kept_bytes -= ahead->bytes;
    free (ahead);
}

static void ahead_drop (cursor_t *cursor)
{
    while (cursor->first)
        ahead_remove_first (cursor);
}

void cursor_destroy (cursor_t **cursor)
{
    if (*cursor) {
        ahead_drop (*cursor);
        free (*cursor);
        *cursor = NULL;
    }
}

void cursor_place (cursor_t *cursor, uint64_t seq)
{
    ahead_drop (cursor);
    cursor->seq = seq;
    cursor->target = seq;
}

uint64_t cursor_seq (const cursor_t *cursor)
{
    return cursor->seq;
}

bool cursor_behind (const cursor_t *cursor)
{
    return cursor->seq < cursor->target;
}

void cursor_reach (cursor_t *cursor, uint64_t seq)
{
    if (seq > cursor->target)
        cursor->target = seq;
}

static frame_t text_move (frame_t text, uint8_t **space)
{
    frame_t moved = {*space, text.size};

    if (text.size)
        memcpy (*space, text.data, text.size);
    *space += text.size;
    return moved;
}

/*  Keep a copy of the event behind the one at place, or before all where place is NULL. */
static void ahead_insert (cursor_t *cursor, const event_t *event, ahead_t *place)
{
    size_t bytes = sizeof (ahead_t) + event->user.size + event->body.size + event->data.size;
    ahead_t *ahead = memory_zero (bytes);
    uint8_t *space = (uint8_t *)(ahead + 1);

    ahead->event = *event;
    ahead->event.user = text_move (event->user, &space);
    ahead->event.body = text_move (event->body, &space);
    ahead->event.data = text_move (event->data, &space);
    ahead->after = cursor->target;
    ahead->bytes = bytes;
    ahead->prev = place;
    ahead->next = place ? place->next : cursor->first;
    *(ahead->next ? &ahead->next->prev : &cursor->last) = ahead;
    *(place ? &place->next : &cursor->first) = ahead;
    cursor->kept++;
    cursor->kept_bytes += bytes;
}

static bool ahead_keep (cursor_t *cursor, const event_t *event)
{
    size_t bytes = sizeof (ahead_t) + event->user.size + event->body.size + event->data.size;
    ahead_t *place = cursor->last;

    if (event->seq) {
        /*  The feed is in order, so the walk ends at once unless something odd has happened. */
        while (place && (!place->event.seq || place->event.seq > event->seq)) {
            if (!place->event.seq && place->after < event->seq)
                break;
            place = place->prev;
        }
        if (place && place->event.seq == event->seq)
            return true;
    }
    if (cursor->kept >= ZCHAT_AHEAD_MAX || cursor->kept_bytes + bytes > ZCHAT_AHEAD_BYTES_MAX) {
        ahead_drop (cursor);
        return false;
    }
    ahead_insert (cursor, event, place);
    return true;
}

static void cursor_give (cursor_t *cursor, const event_t *event)
{
    if (event->seq) {
        cursor->seq = event->seq;
        cursor_reach (cursor, event->seq);
    }
    cursor->sink.event (cursor->sink.arg, event);
}

/*  Give the kept events whose turn has come.                                  */
static void cursor_drain (cursor_t *cursor)
{
    while (cursor->first) {
        ahead_t *ahead = cursor->first;
        uint64_t seq = ahead->event.seq;

        if (seq ? seq > cursor->seq + 1 : ahead->after > cursor->seq)
            break;
        if (!seq || seq == cursor->seq + 1)
            cursor_give (cursor, &ahead->event);
        ahead_remove_first (cursor);
    }
}

bool cursor_feed (cursor_t *cursor, const event_t *event)
{
    bool kept = true;

    if (event->seq && event->seq <= cursor->seq)
        return true;
    if (event->seq ? event->seq == cursor->seq + 1 : !cursor_behind (cursor)) {
        cursor_give (cursor, event);
        cursor_drain (cursor);
    } else {
        if (event->seq)
            cursor_reach (cursor, event->seq);
        kept = ahead_keep (cursor, event);
    }
    return kept;
}

void cursor_skip (cursor_t *cursor, uint64_t first)
{
    while (cursor->seq + 1 < first) {
        uint64_t upto = first;
        uint64_t count;

        for (ahead_t *ahead = cursor->first; ahead; ahead = ahead->next)
            if (ahead->event.seq) {
                if (ahead->event.seq < upto)
                    upto = ahead->event.seq;
                break;
            }
        count = upto - 1 - cursor->seq;
        cursor->seq = upto - 1;
        cursor_reach (cursor, cursor->seq);
        if (count)
            cursor->sink.lost (cursor->sink.arg, count, upto);
        cursor_drain (cursor);
    }
}

bool cursor_history (cursor_t *cursor, const event_t *event, const event_t *marks, uint64_t *next)
{
    if (event->seq < *next)
        return false;
    if (event->seq > *next)
        cursor_skip (cursor, event->seq);
    *next = event->seq + 1;
    if (event->seq == cursor->seq + 1) {
        cursor_give (cursor, event);
        if (marks)
            cursor->sink.event (cursor->sink.arg, marks);
    }
    cursor_drain (cursor);
    return true;
}

void cursor_settle (cursor_t *cursor)
{
    const ahead_t *ahead = cursor->first;

    while (ahead && !ahead->event.seq)
        ahead = ahead->next;
    if (ahead || !cursor_behind (cursor))
        return;
    cursor->target = cursor->seq;
    for (ahead_t *waiting = cursor->first; waiting; waiting = waiting->next)
        waiting->after = cursor->seq;
    cursor_drain (cursor);
}
