/*  state.h - the parts of one core, for the files that put decisions into effect

    Handlers of verbs do not see this: they get a call and a view (verbs/call.h).
*/
#ifndef ZCHAT_CORE_STATE_H
#define ZCHAT_CORE_STATE_H

#include "admit/meters.h"
#include "admit/speakers.h"
#include "admit/strangers.h"
#include "admit/waiting.h"
#include "core.h"
#include "ledger/ledger.h"
#include "order/order.h"
#include "order/told.h"
#include "presence/presence.h"
#include "verbs/call.h"

/*  A page of the log that was asked for.                                      */
typedef struct {
    uint64_t id;
    item_t *item;              /* the call that waits for it; the read's own         */
    uint64_t room;             /* the room's number                                  */
    char name[ZCHAT_NAME_MAX]; /* the room's, to answer with                   */
    size_t name_size;          /* bytes                                              */
    bool packs;                /* form                                               */
    bool before;               /* the last ones were asked for, not those behind one */
    uint64_t removes;          /* REMOVE: the seq; else 0                            */
    UT_hash_handle hh;
} read_t;

/*  Joins and leaves of a large room, waiting to be announced together.        */
typedef struct merge {
    hall_t *hall;
    uint64_t due_ms;           /* monotonic                                    */
    json_t *join, *leave;      /* names                                        */
    struct merge *prev, *next; /* earliest first                               */
} merge_t;

/*  A room whose end is in the flight, as it was: the ledger does not know it any more, and what was
    said there before is still to be told. room has id, name, fold, mailbox and is_private alone. */
typedef struct {
    room_t room;
    UT_hash_handle hh; /* by the room's id                                     */
} gone_t;

/*  How the log fares.                                                         */
typedef enum {
    LOG_WORKS,   /* what is decided is committed                               */
    LOG_UNKNOWN, /* a commit failed: the ledger has to be loaded again         */
    LOG_FAILS,   /* nothing is decided that would have to be stored; a probe finds out when the
                    disk works again                                           */
} log_state_t;

struct core {
    core_sink_t sink;
    setup_t setup;
    ledger_t *ledger;
    ledger_t *fresh; /* being loaded, LOG_UNKNOWN; else NULL         */
    presence_t *presence;
    speakers_t *speakers;
    told_t *told;
    told_t *landed;            /* empty: who is answered when the flight has landed is told all */
    meters_t *places, *owners; /* what they have used of late                  */
    strangers_t *strangers;    /* what they have left in mailboxes             */
    waiting_t *waiting;        /* of whom how much is in the queue             */
    order_t *queue;
    records_t records;    /* of the flight                                */
    records_t scratch;    /* of what is answered at once                  */
    bool in_flight;       /* the flight was taken, and is being committed */
    size_t flight_bytes;  /* of the flight's items that store something   */
    gone_t *gone;         /* by id                                        */
    size_t facts;         /* records in the flight that change facts      */
    uint64_t flight_from; /* position of the log before the flight        */
    log_state_t log;
    size_t failed;          /* commits that were not stored, since one was  */
    uint64_t failed_ms;     /* monotonic: when the last of them failed      */
    uint64_t probe_ms;      /* LOG_FAILS, monotonic: when to try again      */
    uint64_t probe_wait_ms; /* and how long was waited for that             */
    uint64_t round;         /* how often parked requests were looked at     */
    read_t *reads;          /* by id                                        */
    uint64_t last_read;     /* id                                           */
    merge_t *merges;        /* earliest first                               */
    struct pack *packs;     /* of rooms being published: see feed.c         */
    core_time_t now;        /* of the input being worked on                 */
    uint64_t forget_ms;     /* monotonic: when to look for old producers    */
    clock_watch_t clock;    /* whether they are old                         */
    uint64_t pulse_ms;      /* monotonic: core_tick is wanted again, to see that it comes */
    uint64_t awake_ms;      /* monotonic: it did not come for long until then */
    bool closing;
    uint64_t debt;     /* bytes of long replies not yet read, of all peers */
    uint64_t debt_ms;  /* monotonic: when all peers may be looked at for that */
    uint64_t accepted; /* messages committed since the start           */
    uint64_t refused;  /* ERR sent since the start                     */
};

/*  --- core.c ----------------------------------------------------------------  */

/*  Put an item in order, on the account of its peer where it is still there.  */
void core_queue (core_t *core, item_t *item);
/*  Decide what can be decided, and send what waits for nothing.               */
void core_advance (core_t *core);
view_t core_view (const core_t *core);

#endif
