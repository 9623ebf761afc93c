/*  order.h - what waits for the disk, in order

    Three lists. The queue holds calls that are not decided yet, and announcements between them; the
    flight holds what was taken off it and is being committed; parked are requests that cannot be
    looked at before the flight has landed, since what they ask for is on its way.

    This is memory and its accounting alone: who decides what becomes of an item is core.c.
*/
#ifndef ZCHAT_ORDER_H
#define ZCHAT_ORDER_H

#include "../admit/waiting.h"
#include "../verbs/call.h"

typedef struct order order_t;

typedef enum {
    ITEM_CALL,     /* decide it, store what comes of it, answer                */
    ITEM_ANNOUNCE, /* publish it, when what stands before it is stored         */
    ITEM_PARKED,   /* a request as it came, but within its quota               */
} item_kind_t;

typedef struct item {
    item_kind_t kind;
    call_t call;         /* CALL, PARKED; its texts are the item's             */
    decide_t *decide;    /* CALL                                               */
    bool silent;         /* CALL: nobody waits for an answer                   */
    bool unsettled;      /* CALL: it may change who its peer is, or where      */
    size_t first, count; /* CALL: its records, once it is decided              */
    size_t main;         /* CALL: see verdict_t                                */
    uint64_t joins;      /* CALL: see presence_joins, when it was decided      */
    verdict_t *verdict;  /* NULL: records were made, their number is the answer, and that is all */
    hall_t *hall;        /* ANNOUNCE                                           */
    event_t event;       /* ANNOUNCE                                           */
    core_peer_t peer;    /* whose account it is on; 0: nobody's                */
    uint64_t serial;     /* of that connection                                 */
    party_t *owner, *place; /* of whom it waits; NULL: nobody is known         */
    size_t size;            /* bytes counted against bounds                       */
    struct item *prev, *next;
    char memory[]; /* what texts view                                    */
} item_t;

order_t *order_new (void);
void order_destroy (order_t **self_p);

/*  A copy of the call with all its texts, in no list yet. decide may be NULL, for a call that
    waits for something else first.                                            */
item_t *item_call (const call_t *call, decide_t *decide);
/*  The same, as it came: parked.                                              */
item_t *item_parked (const call_t *call);
item_t *item_announce (core_peer_t peer, uint64_t serial, hall_t *hall, const event_t *event);
void item_free (item_t *item);

/*  Put the item, which is taken, behind the others.                           */
void order_add (order_t *queue, item_t *item);

/*  The first item of the queue; NULL: it is empty.                            */
item_t *order_first (const order_t *queue);
/*  Move that from the queue to the end of the flight.                         */
void order_take (order_t *queue);

/*  The first item of the flight; NULL: it is empty. It leaves the list, and is the caller's. */
item_t *flight_next (order_t *queue);
item_t *flight_first (const order_t *queue);

/*  Take all that is parked: a list by next, whose items are the caller's. Unless they are parked
    again, which keeps their order, they count no more.                        */
item_t *parked_take (order_t *queue);

/*  How many items are in the three lists, and their bytes.                    */
size_t order_count (const order_t *queue);
size_t order_bytes (const order_t *queue);

#endif
