/*  ring.h - the last events of a room, for all its readers (pure)

    Entries are numbered from 0 in the order in which they came; a reader keeps the number of the
    one it wants next, so it costs nothing but that. What falls out is gone for readers that were
    not there yet: they have been too slow.
*/
#ifndef ZCHAT_WEB_RING_H
#define ZCHAT_WEB_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ring ring_t;

typedef struct {
    uint64_t seq;     /* 0: not stored                                         */
    const char *name; /* of the event; NULL: it is a message. Static           */
    char *text;       /* JSON, owned by the ring                               */
    size_t size;
    bool presence; /* only for those who asked for it                          */
} ring_entry_t;

/*  Make a ring. bytes_all is borrowed: the bytes of all rings that share it.  */
ring_t *ring_new (size_t *bytes_all);
void ring_destroy (ring_t **ring);

/*  Add an entry, whose text (from malloc) becomes the ring's.                 */
void ring_add (ring_t *ring, const ring_entry_t *entry);

/*  Forget all entries; numbers go on.                                         */
void ring_clear (ring_t *ring);

/*  Return the number of the oldest entry that is there, and of the one that comes next. */
uint64_t ring_first (const ring_t *ring);
uint64_t ring_next (const ring_t *ring);

/*  Return an entry, which is there; borrowed until the ring is added to.      */
const ring_entry_t *ring_at (const ring_t *ring, uint64_t number);

/*  Return the seq of the oldest stored entry; 0: there is none.               */
uint64_t ring_oldest_seq (const ring_t *ring);

/*  Return the number of the first entry behind the stored one with this seq; of those behind it
    that are not stored, too.                                                  */
uint64_t ring_behind (const ring_t *ring, uint64_t seq);

#endif
