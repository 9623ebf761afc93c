/*  cursor.c - one room's events, each once and in order                       */
#include "cursor.h"
#include "memory.h"

/*  An event that waits for those before it. Its text lies behind it.          */
typedef struct ahead ahead_t;
struct ahead {
    ahead_t *next;
    ahead_t *prev;
    event_t event;
    uint64_t after; /* seq 0: comes behind this seq */
    size_t bytes;
};

struct cursor {
    cursor_sink_t sink;
    uint64_t seq;    /* the last one given                                     */
    uint64_t target; /* the highest known to exist                             */
    ahead_t *first;  /* kept events, in the order they will be given           */
    ahead_t *last;
    size_t kept;
    size_t kept_bytes;
};

cursor_t *cursor_new (const cursor_sink_t *sink)
{
    cursor_t *self = memory_zero (sizeof *self);

    self->sink = *sink;
    return self;
}

static void ahead_remove (cursor_t *self, ahead_t *ahead)
{
    *(ahead->prev ? &ahead->prev->next : &self->first) = ahead->next;
    *(ahead->next ? &ahead->next->prev : &self->last) = ahead->prev;
    self->kept--;
    self->kept_bytes -= ahead->bytes;
    free (ahead);
}

static void ahead_drop (cursor_t *self)
{
    while (self->first)
        ahead_remove (self, self->first);
}

void cursor_destroy (cursor_t **cursor)
{
    if (*cursor) {
        ahead_drop (*cursor);
        free (*cursor);
        *cursor = NULL;
    }
}

void cursor_place (cursor_t *self, uint64_t seq)
{
    ahead_drop (self);
    self->seq = seq;
    self->target = seq;
}

uint64_t cursor_seq (const cursor_t *self)
{
    return self->seq;
}

bool cursor_behind (const cursor_t *self)
{
    return self->seq < self->target;
}

void cursor_reach (cursor_t *self, uint64_t seq)
{
    if (seq > self->target)
        self->target = seq;
}

static frame_t text_move (frame_t text, uint8_t **space)
{
    frame_t moved = {*space, text.size};

    if (text.size)
        memcpy (*space, text.data, text.size);
    *space += text.size;
    return moved;
}

/*  Keep a copy of the event behind the one at place (NULL: before all).       */
static void ahead_insert (cursor_t *self, const event_t *event, ahead_t *place)
{
    size_t bytes = sizeof (ahead_t) + event->user.size + event->body.size + event->data.size;
    ahead_t *ahead = memory_zero (bytes);
    uint8_t *space = (uint8_t *)(ahead + 1);

    ahead->event = *event;
    ahead->event.user = text_move (event->user, &space);
    ahead->event.body = text_move (event->body, &space);
    ahead->event.data = text_move (event->data, &space);
    ahead->after = self->target;
    ahead->bytes = bytes;
    ahead->prev = place;
    ahead->next = place ? place->next : self->first;
    *(ahead->next ? &ahead->next->prev : &self->last) = ahead;
    *(place ? &place->next : &self->first) = ahead;
    self->kept++;
    self->kept_bytes += bytes;
}

static bool ahead_keep (cursor_t *self, const event_t *event)
{
    size_t bytes = sizeof (ahead_t) + event->user.size + event->body.size + event->data.size;
    ahead_t *place = self->last;

    if (event->seq) {
        /*  The feed is in order, so this ends at once where nothing is odd.   */
        while (place && (!place->event.seq || place->event.seq > event->seq)) {
            if (!place->event.seq && place->after < event->seq)
                break;
            place = place->prev;
        }
        if (place && place->event.seq == event->seq)
            return true;
    }
    if (self->kept >= ZCHAT_AHEAD_MAX || self->kept_bytes + bytes > ZCHAT_AHEAD_BYTES_MAX) {
        ahead_drop (self);
        return false;
    }
    ahead_insert (self, event, place);
    return true;
}

static void cursor_give (cursor_t *self, const event_t *event)
{
    if (event->seq) {
        self->seq = event->seq;
        cursor_reach (self, event->seq);
    }
    self->sink.event (self->sink.arg, event);
}

/*  Give whatever is kept and now has its turn.                                */
static void cursor_drain (cursor_t *self)
{
    while (self->first) {
        ahead_t *ahead = self->first;
        uint64_t seq = ahead->event.seq;

        if (seq ? seq > self->seq + 1 : ahead->after > self->seq)
            break;
        if (!seq || seq == self->seq + 1)
            cursor_give (self, &ahead->event);
        ahead_remove (self, ahead);
    }
}

bool cursor_feed (cursor_t *self, const event_t *event)
{
    bool kept = true;

    if (event->seq && event->seq <= self->seq)
        return true;
    if (event->seq ? event->seq == self->seq + 1 : !cursor_behind (self)) {
        cursor_give (self, event);
        cursor_drain (self);
    } else {
        if (event->seq)
            cursor_reach (self, event->seq);
        kept = ahead_keep (self, event);
    }
    return kept;
}

void cursor_skip (cursor_t *self, uint64_t first)
{
    while (self->seq + 1 < first) {
        uint64_t upto = first;
        uint64_t count;

        for (ahead_t *ahead = self->first; ahead; ahead = ahead->next)
            if (ahead->event.seq) {
                if (ahead->event.seq < upto)
                    upto = ahead->event.seq;
                break;
            }
        count = upto - 1 - self->seq;
        self->seq = upto - 1;
        cursor_reach (self, self->seq);
        if (count)
            self->sink.lost (self->sink.arg, count, upto);
        cursor_drain (self);
    }
}

bool cursor_history (cursor_t *self, const event_t *event, uint64_t *next)
{
    if (event->seq < *next)
        return false;
    if (event->seq > *next)
        cursor_skip (self, event->seq);
    *next = event->seq + 1;
    if (event->seq == self->seq + 1)
        cursor_give (self, event);
    cursor_drain (self);
    return true;
}

void cursor_settle (cursor_t *self)
{
    const ahead_t *ahead = self->first;

    while (ahead && !ahead->event.seq)
        ahead = ahead->next;
    if (ahead || !cursor_behind (self))
        return;
    self->target = self->seq;
    for (ahead_t *waiting = self->first; waiting; waiting = waiting->next)
        waiting->after = self->seq;
    cursor_drain (self);
}
