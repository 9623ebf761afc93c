/*  budget.h - who holds how much of a table that all share

    A table that is full must not be lost to whoever filled it. So everything in it is charged to
    a holder, and at the bound the oldest thing of the holder that has most gives way to newcomers.
    What others hold stays.

    A holder is a path, such as "3f0c.../#12": a place, and who is there. First it is compared how
    much each place holds; within the place that holds most each part of it; and so on down to the
    last name. So whoever makes up a thousand names has no more than their address has.

    Pure: no clock, no randomness. The same charges in the same order give way in the same order.
    Holders exist while they hold something, so there are at most BUDGET_DEPTH of them for each
    thing.
*/
#ifndef ZCHAT_BUDGET_H
#define ZCHAT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct budget budget_t;
typedef struct holder holder_t;

enum { BUDGET_DEPTH = 3, BUDGET_PATH_MAX = 63 };

/*  A part of each thing that is charged. Zeros: it is charged to nobody.      */
typedef struct budget_item {
    holder_t *holder;                /* of the whole path                      */
    uint64_t age;                    /* the least is the oldest                */
    bool firm;                       /* gives way only where all of its holder's are firm */
    struct budget_item *prev, *next; /* of the same holder, the oldest first   */
} budget_item_t;

budget_t *budget_new (void);
/*  Everything that is charged must be released before.                        */
void budget_destroy (budget_t **self_p);

/*  Charge the item, which is charged to nobody yet, to the path: 1 to BUDGET_DEPTH names joined by
    /, BUDGET_PATH_MAX bytes at most.                                          */
void budget_charge (budget_t *budget, budget_item_t *item, const char *path, uint64_t age);
/*  The item was used, and is the youngest of its holder's from now on.        */
void budget_touch (budget_item_t *item, uint64_t age);
/*  The item is firm from now on.                                              */
void budget_firm (budget_item_t *item);
/*  The item is charged to nobody any more. Tolerates one that is not charged. */
void budget_release (budget_t *budget, budget_item_t *item);

/*  The path that the item is charged to; "": none.                            */
const char *budget_path (const budget_item_t *item);

/*  What gives way to one thing more of path: the oldest of the holder that has most. Where nobody
    has more than path, that is path's own. NULL: nobody has more than one, and path has none. */
budget_item_t *budget_yields (const budget_t *budget, const char *path);

/*  The same, but only of what the first name of path holds. NULL: it holds nothing. */
budget_item_t *budget_yields_within (const budget_t *budget, const char *path);

/*  The same, but only of what fits, and where within is true only of what the first name of
    path holds. fits is asked of BUDGET_TRIES items at most, in the order in which they would
    give way.                                                                  */
enum { BUDGET_TRIES = 64 };
typedef bool budget_fits_t (void *arg, const budget_item_t *item);
budget_item_t *budget_yields_where (const budget_t *budget, const char *path, bool within,
                                    budget_fits_t *fits, void *arg);

/*  How much is held under the first depth names of the path.                  */
size_t budget_held (const budget_t *budget, const char *path, int depth);
/*  How many holders there are, those at all depths.                           */
size_t budget_holders (const budget_t *budget);

#endif
