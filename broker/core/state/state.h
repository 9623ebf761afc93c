/*  state.h - the parts of one core, for the files that put decisions into effect

    Handlers of verbs do not see this: they get a call and a view (verbs/call.h).
*/
#ifndef ZCHAT_CORE_STATE_H
#define ZCHAT_CORE_STATE_H

#include "../base/counters.h"
#include "../base/types.h"
#include "../ledger/ledger.h"
#include "../ledger/told.h"
#include "../order/order.h"
#include "../presence/presence.h"
#include "../presence/readings.h"
#include "../presence/speakers.h"
#include "../quota/meters.h"
#include "../quota/strangers.h"
#include "../quota/waiting.h"
#include "../verbs/call.h"

/*  A page of the log that was asked for.                                      */
typedef struct {
    uint64_t id;
    item_t *item;              /* the call that waits for the page; owned      */
    bool looks;                /* the call looks at a message before it is put in order; else it is
                                  HISTORY, which the page answers              */
    item_t *held;              /* looks: what the connection asked behind it; owned */
    store_query_t query;       /* what was asked                               */
    char name[ZCHAT_NAME_MAX]; /* the room's name as the answer has it         */
    size_t name_size;          /* bytes                                        */
    bool packs;                /* the client wants packs, not single events    */
    UT_hash_handle hh;
} read_t;

/*  A search that is under way.                                                */
typedef struct {
    uint64_t id;
    item_t *item; /* the call that waits for it; owned                         */
    char metered[PEER_METERED_MAX + 1]; /* where its peer is; "": on this machine, or not known */
    UT_hash_handle hh;
} search_t;

/*  Joins and leaves of a large room that will be announced together.          */
typedef struct merge {
    hall_t *hall;
    uint64_t due_ms;           /* monotonic                                    */
    json_t *join, *leave;      /* lists of names                               */
    struct merge *prev, *next; /* by due_ms, the earliest first                */
} merge_t;

/*  A room whose end is in the flight. The ledger does not know it any more, but what was said there
    before its end must still be published, so this is how it was. Of room only id, name, fold,
    mailbox and is_private are set.                                            */
typedef struct {
    room_t room;
    UT_hash_handle hh; /* by the room's id                                     */
} gone_t;

/*  Whether the log can be written.                                            */
typedef enum {
    LOG_WORKS,   /* what is decided is committed                               */
    LOG_UNKNOWN, /* a commit failed, or nobody knows: the ledger has to be loaded anew */
    LOG_FAILS,   /* what would have to be stored is refused at once; a probe, which is an empty
                    commit, finds out when the disk works again                */
} log_state_t;

struct core {
    core_sink_t sink;
    setup_t setup;
    ledger_t *ledger;
    ledger_t *fresh; /* the new one while LOG_UNKNOWN; else NULL               */
    presence_t *presence;
    speakers_t *speakers;
    readings_t *readings;      /* what was read, and is not yet on disk        */
    told_t *told;              /* what the flight hides from who is answered at once */
    told_t *told_all;          /* always empty: what is decided in its turn is answered once the
                                flight has landed, and then nothing of it is hidden */
    meters_t *places, *owners; /* the buckets of places and of owners of names */
    strangers_t *strangers;
    waiting_t *waiting;
    order_t *order;
    lately_t *lately;
    records_t records;     /* of the flight                                     */
    records_t scratch;     /* of calls that are answered at once; empty in between */
    bool in_flight;        /* the flight was taken, and is being committed      */
    size_t flight_bytes;   /* of the items in the flight that store something   */
    gone_t *gone;          /* by the room's number                              */
    size_t n_fact_changes; /* records in the flight that change names, roles, bans or rooms, so
                             that requests which look at those have to wait    */
    uint64_t flight_from;  /* the log's position before the flight              */
    log_state_t log;
    size_t failed;          /* how many commits in a row were not stored       */
    uint64_t failed_ms;     /* monotonic: when the last of them failed         */
    uint64_t load_ms;       /* LOG_UNKNOWN, monotonic: when to load the ledger  */
    uint64_t load_wait_ms;  /* how long that waits for; 0: no load has failed    */
    uint64_t probe_ms;      /* LOG_FAILS, monotonic: when the next probe is due */
    uint64_t probe_wait_ms; /* how long that waits for; 0: there was none yet  */
    uint64_t round;         /* how often parked requests were looked at        */
    read_t *reads;          /* by id                                           */
    uint64_t last_read;     /* the last id given                               */
    search_t *searches;     /* by id                                           */
    uint64_t last_search;   /* the last id given                               */
    merge_t *merges;        /* by due_ms, the earliest first                   */
    struct pack *packs;     /* of rooms that are being published; see feed.c   */
    core_time_t now;        /* of the input that is being worked on            */
    uint64_t forget_ms;     /* monotonic: when to look for what is to be forgotten */
    clock_watch_t clock;    /* tells whether anything may be forgotten for its age */
    uint64_t pulse_ms;      /* monotonic: core_tick should come by then; see silence.c */
    uint64_t awake_ms;      /* monotonic: when it last came after a long pause, in which nobody
                               could be heard                                  */
    bool closing;
    uint64_t debt;        /* bytes of long replies that all peers have not read yet */
    uint64_t debt_ms;     /* monotonic: when what all peers have read may be looked at again */
    counters_t *counters; /* the process's, or own                             */
    counters_t own;
};

/*  What a handler may see.                                                    */
view_t core_view (const core_t *core);

#endif
