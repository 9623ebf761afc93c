/*  readings.h - how far people have read, where that is told but not yet on disk

    A READ is answered at once. What it says waits here, so that many become one record: a reading
   is due some time after it was set, is then queued, and ends when what it says is on disk. While
    the log cannot be written it stays. What is told of a room is the larger of the reading and what
    the ledger has. Pure; of this process, and not touched where the ledger is loaded anew.
*/
#ifndef ZCHAT_READINGS_H
#define ZCHAT_READINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct readings readings_t;
typedef struct reader reader_t;

typedef struct reading {
    reader_t *reader;                          /* whose it is                      */
    uint64_t owner;                            /* the number of the owner          */
    uint64_t room;                             /* and of the room                  */
    uint64_t seq;                              /* read up to here                  */
    uint64_t due_ms;                           /* monotonic: when it is to be queued */
    bool queued;                               /* it waits for the disk            */
    struct reading *prev, *next;               /* of those that are not queued, by due_ms */
    struct reading *prev_reader, *next_reader; /* of the same owner               */
} reading_t;

readings_t *readings_new (void);
void readings_destroy (readings_t **self_p);

/*  The reading of the owner in the room; NULL: none.                             */
const reading_t *readings_find (const readings_t *readings, uint64_t owner, uint64_t room);
/*  The first reading of the owner; go on by next_reader. NULL: none.             */
const reading_t *readings_of (const readings_t *readings, uint64_t owner);
/*  True where the owner may have a reading in the room: it is there, or there are fewer than
    ZCHAT_MARKERS_MAX of the owner and ZCHAT_READINGS_MAX of all.                 */
bool readings_fit (const readings_t *readings, uint64_t owner, uint64_t room);

/*  The owner, whose reading there fits, has read the room up to seq at now_ms. A reading does not
   go back.                                                                      */
void readings_put (readings_t *readings, uint64_t owner, uint64_t room, uint64_t seq,
                   uint64_t now_ms);

/*  Take the reading that is due first as queued. NULL: none is due at now_ms, or ZCHAT_BATCH_MAX of
    them are queued.                                                           */
const reading_t *readings_take (readings_t *readings, uint64_t now_ms);
/*  When readings_take will give one, monotonic; UINT64_MAX: not before a queued one has ended. */
uint64_t readings_deadline_ms (const readings_t *readings);
/*  A queued reading has come to its end: the room is read up to stored on disk (UINT64_MAX: there
   is no such room or owner any more). Where the reading says more it waits on.     */
void readings_end (readings_t *readings, uint64_t owner, uint64_t room, uint64_t stored,
                   uint64_t now_ms);

/*  How many readings there are, queued ones among them.                          */
size_t readings_count (const readings_t *readings);

#endif
