/*  budget.h - who holds how much of a table that all share

    A table that is full must not be lost to whoever filled it. So what stands in one is charged
    to a holder, and at the bound the greediest holder's own oldest gives way to newcomers, never
    what is another's.

    A holder is a path, such as "3f0c.../#12": who it is, behind where they come from. What is
    compared is first how much each place holds, then, within the greediest, each part of it, down
    to who holds it: who makes up a thousand names shares what their address has.

    Pure: no clock, no randomness; the same charges in the same order give way in the same order.
    Holders exist while they hold something, so there are no more of them than
    BUDGET_DEPTH for each thing held.
*/
#ifndef ZCHAT_BUDGET_H
#define ZCHAT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct budget budget_t;
typedef struct holder holder_t;

enum { BUDGET_DEPTH = 3, BUDGET_PATH_MAX = 63 };

/*  Part of a thing that is held; zeros: it is charged to nobody.              */
typedef struct budget_item {
    holder_t *holder;                /* of the whole path                      */
    uint64_t age;                    /* the least is the oldest                */
    bool firm;                       /* gives way only where nothing else of its holder's does */
    struct budget_item *prev, *next; /* of the same holder, the oldest first   */
} budget_item_t;

budget_t *budget_new (void);
/*  What is charged must be released before.                                   */
void budget_destroy (budget_t **self_p);

/*  Charge the item, which is charged to nobody, to the path: 1 to BUDGET_DEPTH names joined by /,
    BUDGET_PATH_MAX bytes at most.                                             */
void budget_charge (budget_t *budget, budget_item_t *item, const char *path, uint64_t age);
/*  It is used again, and the youngest of its holder's from now on.            */
void budget_touch (budget_item_t *item, uint64_t age);
/*  It is firm from now on.                                                    */
void budget_firm (budget_item_t *item);
/*  It is charged to nobody any more. Tolerates one that is not charged.       */
void budget_release (budget_t *budget, budget_item_t *item);

/*  The path it is charged to; "": none.                                       */
const char *budget_path (const budget_item_t *item);

/*  What gives way to one thing more of path: the oldest of the greediest, which is path itself
    where nobody has more than it. NULL: nobody has more than one, and path has none. */
budget_item_t *budget_yields (const budget_t *budget, const char *path);

/*  The same, of those behind the first name of path alone; NULL: they hold nothing. */
budget_item_t *budget_yields_within (const budget_t *budget, const char *path);

/*  The same, but of what fits, and within: of what the first name of path holds alone. fits is
    asked of BUDGET_TRIES at most, in the order in which they would give way.  */
enum { BUDGET_TRIES = 64 };
typedef bool budget_fits_t (void *arg, const budget_item_t *item);
budget_item_t *budget_yields_where (const budget_t *budget, const char *path, bool within,
                                    budget_fits_t *fits, void *arg);

/*  How much the first depth names of the path hold together.                  */
size_t budget_held (const budget_t *budget, const char *path, int depth);
/*  How many holders there are, places included.                               */
size_t budget_holders (const budget_t *budget);

#endif
