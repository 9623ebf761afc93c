/*  marks.h - how far people have read, where that is told but not yet on disk

    A READ is answered at once. What it says waits here, so that many become one record: a mark is
    due some time after it was set, is then queued, and ends when what it says is on disk. While
    the log cannot be written it stays. What is told of a room is the larger of the mark and what
    the ledger has. Pure; of this process, and not touched where the ledger is loaded anew.
*/
#ifndef ZCHAT_MARKS_H
#define ZCHAT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct marks marks_t;
typedef struct reader reader_t;

typedef struct mark {
    reader_t *reader;                       /* whose it is                      */
    uint64_t owner;                         /* the number of the owner          */
    uint64_t room;                          /* and of the room                  */
    uint64_t seq;                           /* read up to here                  */
    uint64_t due_ms;                        /* monotonic: when it is to be queued */
    bool queued;                            /* it waits for the disk            */
    struct mark *prev, *next;               /* of those that are not queued, by due_ms */
    struct mark *prev_reader, *next_reader; /* of the same owner               */
} mark_t;

marks_t *marks_new (void);
void marks_destroy (marks_t **self_p);

/*  The mark of the owner in the room; NULL: none.                             */
const mark_t *marks_find (const marks_t *marks, uint64_t owner, uint64_t room);
/*  The first mark of the owner; go on by next_reader. NULL: none.             */
const mark_t *marks_of (const marks_t *marks, uint64_t owner);
/*  True where the owner may have a mark in the room: it is there, or there are fewer than
    ZCHAT_MARKERS_MAX of the owner and ZCHAT_MARKS_MAX of all.                 */
bool marks_fit (const marks_t *marks, uint64_t owner, uint64_t room);

/*  The owner, whose mark there fits, has read the room up to seq at now_ms. A mark does not go
    back.                                                                      */
void marks_put (marks_t *marks, uint64_t owner, uint64_t room, uint64_t seq, uint64_t now_ms);

/*  Take the mark that is due first as queued. NULL: none is due at now_ms, or ZCHAT_BATCH_MAX of
    them are queued.                                                           */
const mark_t *marks_take (marks_t *marks, uint64_t now_ms);
/*  When marks_take will give one, monotonic; UINT64_MAX: not before a queued one has ended. */
uint64_t marks_deadline_ms (const marks_t *marks);
/*  A queued mark has come to its end: the room is read up to stored on disk (UINT64_MAX: there is
    no such room or owner any more). Where the mark says more it waits on.     */
void marks_end (marks_t *marks, uint64_t owner, uint64_t room, uint64_t stored, uint64_t now_ms);

/*  How many marks there are, queued ones among them.                          */
size_t marks_count (const marks_t *marks);

#endif
