/*  order.h - what waits for the disk, in order

    Three lists. The queue holds calls that are not decided yet, and announcements between them. The
    flight holds what was decided: first it gathers for the next commit, then it is being committed.
    Parked are requests that look at something which the flight changes, and so must wait until that
    has ended. Held is what waits for a page of the log: a call that looks at a message, and what
   its connection asks behind it; those lists are whoever's holds them, and are only counted here.

    These are lists alone; flight.c and calls.c decide what becomes of an item.
*/
#ifndef ZCHAT_ORDER_H
#define ZCHAT_ORDER_H

#include "../quota/waiting.h"
#include "../verbs/call.h"

typedef struct order order_t;

typedef enum {
    ITEM_CALL,     /* it is decided in its turn, and answered when its records are stored */
    ITEM_ANNOUNCE, /* it is published when what stands before it is stored     */
    ITEM_PARKED,   /* a request that has paid its quota, and nothing more      */
    ITEM_HELD,     /* the same, behind a call of its connection that looks at a message */
} item_kind_t;

typedef struct item {
    item_kind_t kind;
    /*  Of a CALL; of PARKED and HELD, only call.                              */
    call_t call; /* its texts view memory                                      */
    decide_t *decide;
    bool unanswered;     /* nobody waits for an answer                         */
    bool rebinds;        /* it may change who its peer is or where it is, so what the peer asks next
                              has to wait for it                                 */
    size_t first, count; /* once it is decided: which records of the flight are its own */
    size_t main;         /* see verdict_t                                      */
    uint64_t joins;      /* what presence_joins was when it was decided        */
    verdict_t *verdict;  /* once it is decided; NULL: to save memory, for the commonest verdict: OK
                            with the seq of main, and nothing else to do       */
    /*  Of an ANNOUNCE.                                                        */
    hall_t *hall;
    uint64_t room; /* the number that the hall had when it happened; 0: none yet */
    event_t event; /* its texts view memory                                    */
    /*  Of all.                                                                */
    core_peer_t peer;       /* the connection that it counts for; 0: none      */
    uint64_t serial;        /* of that connection                              */
    party_t *owner, *place; /* the parties that it counts for, see waiting.h; NULL: not known */
    size_t size;            /* bytes that it counts                            */
    struct item *prev, *next;
    char memory[];
} item_t;

order_t *order_new (void);
void order_destroy (order_t **self_p);

/*  A new CALL, in no list yet, that is a copy of the call and its texts. decide may be NULL for
    now.                                                                       */
item_t *item_call (const call_t *call, decide_t *decide);
/*  The same, but PARKED.                                                      */
item_t *item_parked (const call_t *call);
/*  The same, but HELD.                                                        */
item_t *item_held (const call_t *call);
/*  A new ANNOUNCE, in no list yet. The event's texts are copied.              */
item_t *item_announce (core_peer_t peer, uint64_t serial, hall_t *hall, const event_t *event);
void item_free (item_t *item);
/*  Free a list by next; NULL is an empty one.                                 */
void order_list_free (item_t *list);

/*  Put the item, which is taken, at the end of its list: parked, or the queue. */
void order_add (order_t *order, item_t *item);

/*  Count an item that is in none of the lists, or count it no more.           */
void order_hold (order_t *order, const item_t *item);
void order_release (order_t *order, const item_t *item);

/*  The first item of the queue; NULL: it is empty.                            */
item_t *order_first (const order_t *order);
/*  Move that item to the end of the flight.                                   */
void order_take (order_t *order);

/*  Take the first item of the flight, which is the caller's then; NULL: the flight is empty. */
item_t *order_flight_next (order_t *order);
/*  The first item of the flight, which stays there; go on by next.            */
item_t *order_flight_first (const order_t *order);

/*  True where something is parked.                                            */
bool order_parked (const order_t *order);
/*  Take all that is parked: a list by next, whose items are the caller's then. */
item_t *order_parked_take (order_t *order);

/*  How many items are in the three lists or held, and how many bytes they count. */
size_t order_count (const order_t *order);
size_t order_bytes (const order_t *order);

#endif
