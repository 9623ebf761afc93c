/*  readings.c - how far people have read, where that is not yet on disk           */
#include "readings.h"
#include "../base/hash.h"
#include <zchat/limits.h>

struct reader {
    uint64_t owner;      /* the number                                              */
    reading_t *readings; /* list, never empty                                       */
    size_t n_readings;
    UT_hash_handle hh; /* by owner                                             */
};

struct readings {
    reader_t *readers;
    reading_t *waiting; /* those that are not queued, due first first             */
    size_t count, queued;
};

readings_t *readings_new (void)
{
    return memory_zero (sizeof (readings_t));
}

static void reading_remove (readings_t *readings, reading_t *reading)
{
    reader_t *reader = reading->reader;
    if (reading->queued)
        readings->queued--;
    else
        DL_DELETE (readings->waiting, reading);
    DL_DELETE2 (reader->readings, reading, prev_reader, next_reader);
    readings->count--;
    free (reading);
    if (--reader->n_readings)
        return;
    HASH_DEL (readings->readers, reader);
    free (reader);
}

void readings_destroy (readings_t **self_p)
{
    readings_t *readings = *self_p;
    if (!readings)
        return;
    while (readings->readers)
        reading_remove (readings, readings->readers->readings);
    free (readings);
    *self_p = NULL;
}

/*  --- looking ---------------------------------------------------------------  */

static reader_t *reader_find (const readings_t *readings, uint64_t owner)
{
    reader_t *reader;
    HASH_FIND (hh, readings->readers, &owner, sizeof owner, reader);
    return reader;
}

static reading_t *reading_find (const reader_t *reader, uint64_t room)
{
    reading_t *reading = reader ? reader->readings : NULL;
    while (reading && reading->room != room)
        reading = reading->next_reader;
    return reading;
}

const reading_t *readings_find (const readings_t *readings, uint64_t owner, uint64_t room)
{
    return reading_find (reader_find (readings, owner), room);
}

const reading_t *readings_of (const readings_t *readings, uint64_t owner)
{
    const reader_t *reader = reader_find (readings, owner);
    return reader ? reader->readings : NULL;
}

bool readings_fit (const readings_t *readings, uint64_t owner, uint64_t room)
{
    const reader_t *reader = reader_find (readings, owner);
    return reading_find (reader, room) || (readings->count < ZCHAT_READINGS_MAX &&
                                           (!reader || reader->n_readings < ZCHAT_MARKERS_MAX));
}

size_t readings_count (const readings_t *readings)
{
    return readings->count;
}

/*  --- changing --------------------------------------------------------------  */

/*  All wait equally long, so the list stays in order.                         */
static void reading_wait (readings_t *readings, reading_t *reading, uint64_t now_ms)
{
    reading->queued = false;
    reading->due_ms = now_ms + ZCHAT_READINGS_MS;
    DL_APPEND (readings->waiting, reading);
}

void readings_put (readings_t *readings, uint64_t owner, uint64_t room, uint64_t seq,
                   uint64_t now_ms)
{
    reader_t *reader = reader_find (readings, owner);
    reading_t *reading = reading_find (reader, room);
    if (reading) {
        reading->seq = reading->seq < seq ? seq : reading->seq;
        return;
    }
    if (!reader) {
        reader = memory_zero (sizeof *reader);
        reader->owner = owner;
        HASH_ADD (hh, readings->readers, owner, sizeof reader->owner, reader);
    }
    reading = memory_zero (sizeof *reading);
    reading->reader = reader;
    reading->owner = owner;
    reading->room = room;
    reading->seq = seq;
    DL_APPEND2 (reader->readings, reading, prev_reader, next_reader);
    reader->n_readings++;
    readings->count++;
    reading_wait (readings, reading, now_ms);
}

const reading_t *readings_take (readings_t *readings, uint64_t now_ms)
{
    reading_t *reading = readings->waiting;
    if (!reading || reading->due_ms > now_ms || readings->queued >= ZCHAT_BATCH_MAX)
        return NULL;
    DL_DELETE (readings->waiting, reading);
    reading->queued = true;
    readings->queued++;
    return reading;
}

uint64_t readings_deadline_ms (const readings_t *readings)
{
    return readings->waiting && readings->queued < ZCHAT_BATCH_MAX ? readings->waiting->due_ms
                                                                   : UINT64_MAX;
}

void readings_end (readings_t *readings, uint64_t owner, uint64_t room, uint64_t stored,
                   uint64_t now_ms)
{
    reading_t *reading = reading_find (reader_find (readings, owner), room);
    if (!reading || !reading->queued)
        return;
    if (reading->seq <= stored) {
        reading_remove (readings, reading);
        return;
    }
    readings->queued--;
    reading_wait (readings, reading, now_ms);
}
