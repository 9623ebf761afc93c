/*  ring.c - the last events of a room                                         */
#include "ring.h"
#include "memory.h"
#include <assert.h>
#include <zchat/limits.h>

struct ring {
    ring_entry_t entries[ZCHAT_WEB_RING_MAX];
    uint64_t first, next;
    size_t bytes;
    size_t *bytes_all;
};

ring_t *ring_new (size_t *bytes_all)
{
    ring_t *self = memory_zero (sizeof *self);

    self->bytes_all = bytes_all;
    return self;
}

static ring_entry_t *slot (ring_t *self, uint64_t number)
{
    return &self->entries[number % ZCHAT_WEB_RING_MAX];
}

static void drop (ring_t *self)
{
    ring_entry_t *entry = slot (self, self->first++);

    self->bytes -= entry->size;
    *self->bytes_all -= entry->size;
    free (entry->text);
    memset (entry, 0, sizeof *entry);
}

void ring_clear (ring_t *self)
{
    while (self->first < self->next)
        drop (self);
}

void ring_destroy (ring_t **self)
{
    if (*self) {
        ring_clear (*self);
        free (*self);
        *self = NULL;
    }
}

void ring_add (ring_t *self, const ring_entry_t *entry)
{
    if (self->next - self->first == ZCHAT_WEB_RING_MAX)
        drop (self);
    *slot (self, self->next++) = *entry;
    self->bytes += entry->size;
    *self->bytes_all += entry->size;
    /*  The one that was added stays, whatever its size.                       */
    while (self->next - self->first > 1 &&
           (self->bytes > ZCHAT_WEB_RING_BYTES ||
            (*self->bytes_all > ZCHAT_WEB_RINGS_BYTES && self->bytes > ZCHAT_WEB_RING_BYTES / 64)))
        drop (self);
}

uint64_t ring_first (const ring_t *self)
{
    return self->first;
}

uint64_t ring_next (const ring_t *self)
{
    return self->next;
}

const ring_entry_t *ring_at (const ring_t *self, uint64_t number)
{
    assert (number >= self->first && number < self->next);
    return &self->entries[number % ZCHAT_WEB_RING_MAX];
}

uint64_t ring_oldest_seq (const ring_t *self)
{
    for (uint64_t i = self->first; i < self->next; i++)
        if (ring_at (self, i)->seq)
            return ring_at (self, i)->seq;
    return 0;
}

uint64_t ring_behind (const ring_t *self, uint64_t seq)
{
    uint64_t number = self->next;

    while (number > self->first) {
        uint64_t at = ring_at (self, number - 1)->seq;
        if (at && at <= seq)
            break;
        number--;
    }
    return number;
}
