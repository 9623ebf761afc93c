/*  marks.c - how far people have read, where that is not yet on disk           */
#include "marks.h"
#include "../base/hash.h"
#include <zchat/limits.h>

struct reader {
    uint64_t owner; /* the number                                              */
    mark_t *marks;  /* list, never empty                                       */
    size_t n_marks;
    UT_hash_handle hh; /* by owner                                             */
};

struct marks {
    reader_t *readers;
    mark_t *waiting; /* those that are not queued, due first first             */
    size_t count, queued;
};

marks_t *marks_new (void)
{
    return memory_zero (sizeof (marks_t));
}

static void mark_remove (marks_t *marks, mark_t *mark)
{
    reader_t *reader = mark->reader;
    if (mark->queued)
        marks->queued--;
    else
        DL_DELETE (marks->waiting, mark);
    DL_DELETE2 (reader->marks, mark, prev_reader, next_reader);
    marks->count--;
    free (mark);
    if (--reader->n_marks)
        return;
    HASH_DEL (marks->readers, reader);
    free (reader);
}

void marks_destroy (marks_t **self_p)
{
    marks_t *marks = *self_p;
    if (!marks)
        return;
    while (marks->readers)
        mark_remove (marks, marks->readers->marks);
    free (marks);
    *self_p = NULL;
}

/*  --- looking ---------------------------------------------------------------  */

static reader_t *reader_find (const marks_t *marks, uint64_t owner)
{
    reader_t *reader;
    HASH_FIND (hh, marks->readers, &owner, sizeof owner, reader);
    return reader;
}

static mark_t *mark_find (const reader_t *reader, uint64_t room)
{
    mark_t *mark = reader ? reader->marks : NULL;
    while (mark && mark->room != room)
        mark = mark->next_reader;
    return mark;
}

const mark_t *marks_find (const marks_t *marks, uint64_t owner, uint64_t room)
{
    return mark_find (reader_find (marks, owner), room);
}

const mark_t *marks_of (const marks_t *marks, uint64_t owner)
{
    const reader_t *reader = reader_find (marks, owner);
    return reader ? reader->marks : NULL;
}

bool marks_fit (const marks_t *marks, uint64_t owner, uint64_t room)
{
    const reader_t *reader = reader_find (marks, owner);
    return mark_find (reader, room) ||
           (marks->count < ZCHAT_MARKS_MAX && (!reader || reader->n_marks < ZCHAT_MARKERS_MAX));
}

size_t marks_count (const marks_t *marks)
{
    return marks->count;
}

/*  --- changing --------------------------------------------------------------  */

/*  All wait equally long, so the list stays in order.                         */
static void mark_wait (marks_t *marks, mark_t *mark, uint64_t now_ms)
{
    mark->queued = false;
    mark->due_ms = now_ms + ZCHAT_MARKS_MS;
    DL_APPEND (marks->waiting, mark);
}

void marks_put (marks_t *marks, uint64_t owner, uint64_t room, uint64_t seq, uint64_t now_ms)
{
    reader_t *reader = reader_find (marks, owner);
    mark_t *mark = mark_find (reader, room);
    if (mark) {
        mark->seq = mark->seq < seq ? seq : mark->seq;
        return;
    }
    if (!reader) {
        reader = memory_zero (sizeof *reader);
        reader->owner = owner;
        HASH_ADD (hh, marks->readers, owner, sizeof reader->owner, reader);
    }
    mark = memory_zero (sizeof *mark);
    mark->reader = reader;
    mark->owner = owner;
    mark->room = room;
    mark->seq = seq;
    DL_APPEND2 (reader->marks, mark, prev_reader, next_reader);
    reader->n_marks++;
    marks->count++;
    mark_wait (marks, mark, now_ms);
}

const mark_t *marks_take (marks_t *marks, uint64_t now_ms)
{
    mark_t *mark = marks->waiting;
    if (!mark || mark->due_ms > now_ms || marks->queued >= ZCHAT_BATCH_MAX)
        return NULL;
    DL_DELETE (marks->waiting, mark);
    mark->queued = true;
    marks->queued++;
    return mark;
}

uint64_t marks_deadline_ms (const marks_t *marks)
{
    return marks->waiting && marks->queued < ZCHAT_BATCH_MAX ? marks->waiting->due_ms : UINT64_MAX;
}

void marks_end (marks_t *marks, uint64_t owner, uint64_t room, uint64_t stored, uint64_t now_ms)
{
    mark_t *mark = mark_find (reader_find (marks, owner), room);
    if (!mark || !mark->queued)
        return;
    if (mark->seq <= stored) {
        mark_remove (marks, mark);
        return;
    }
    marks->queued--;
    mark_wait (marks, mark, now_ms);
}
