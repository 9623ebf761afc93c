/*  core.h - what the broker decides

    Pure: no socket, no clock, no disk, no thread, no randomness of its own. Inputs are
    calls; outputs are calls to the sink, made before the input's call returns. The
    sink must not call back into the core, and what it is given is borrowed for
    the call. The same inputs give the same outputs.

    The flow:  core_request -> held -> core_take -> (the store commits) ->
    core_committed -> replies and publications. While one commit is on its way the
    next batch gathers: group commit falls out of it, without a timer. What a
    commit must precede - the OK of a message, its event - is held; presence waits
    in the same queue, so that it keeps its place among the messages. Everything
    else is answered at once.
*/
#ifndef ZCHAT_CORE_H
#define ZCHAT_CORE_H

#include "base/counters.h"
#include "base/types.h"
#include "quota/quota.h"

typedef struct {
    const uint8_t *log_id; /* ZCHAT_LOG_ID_SIZE bytes                            */
    const char **feeds;    /* endpoints HELLO names, n_feeds of them             */
    size_t n_feeds;        /*                                                    */
    uint32_t heartbeat_ms; /* clients PING this often; 0: ZCHAT_HEARTBEAT_MS     */
    uint32_t grace_ms;     /* a lost session keeps its name; 0: ZCHAT_NAME_GRACE_MS */
    const char **admins;   /* keys that may do everything, as in core_origin_t, n_admins of them */
    size_t n_admins;       /*                                                    */
    const quota_t *quotas; /* QUOTA_COUNT of them; NULL: quota_defaults          */
    size_t producers;      /* remembered at most; 0: ZCHAT_PRODUCERS_MAX         */
    size_t names;          /* that belong to somebody; 0: ZCHAT_NAMES_MAX        */
    size_t rooms;          /* at most; 0: ZCHAT_ROOMS_MAX                        */
    size_t mailboxes;      /* at most; 0: ZCHAT_NAMES_MAX                        */
    bool keeps_rooms;      /* rooms that nobody misses stay                      */
    counters_t *counters;  /* the process\'s, valid as long as the core; NULL: its own */
} core_config_t;

/*  A core with an empty ledger. config (copied) and sink (copied). Never NULL. */
core_t *core_new (const core_config_t *config, const core_sink_t *sink);
void core_destroy (core_t **self_p);

/*  Fill the ledger from the store's load: pass the result to store_load. At the start, and where
    core_loads is true.
    Refuses (ZCHAT_CORRUPT) what cannot be true: a name that is not allowed, a
    room twice, a number out of bounds; ZCHAT_LIMIT beyond ZCHAT_ROOMS_MAX.    */
store_loader_t core_loader (core_t *core);

/*  A message came over the door. The routing id is not among the frames.      */
void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now);

/*  Refuse a peer's message for the reason why, whatever it asks: the shell found the connection
    itself not fit (it announced a routing id of its own).                     */
void core_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                  const char *why);

/*  The connection of a peer is gone. Unknown peers are ignored.               */
void core_gone (core_t *core, core_peer_t id, core_time_t now);

/*  Take the next batch to commit, where there is one and none is on its way. True: commit these
    *count *records, borrowed until core_committed. *count 0: the log failed, and this is to find
    out whether it works again.                                                */
bool core_take (core_t *core, const store_record_t **records, size_t *count);

/*  The batch taken was committed (ZCHAT_OK), was not, or nobody knows. Where it is not ZCHAT_OK,
    core_loads is true from now on.                                            */
void core_committed (core_t *core, zchat_status_t status, core_time_t now);

/*  True where the ledger has to be loaded again, to find out what is stored of a batch: give
    core_loader to store_load, which may be on another thread, and tell core_loaded how it went; not
    ZCHAT_OK: then it is still true. Until it went well nothing is stored; requests are taken. */
bool core_loads (const core_t *core);
void core_loaded (core_t *core, zchat_status_t status, core_time_t now);

/*  The page asked for by sink.read (not ZCHAT_OK: page may be NULL).          */
void core_read_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page);

/*  Retention removed the events of a room before the seq first.               */
void core_trimmed (core_t *core, uint64_t id, uint64_t first);

/*  Do what is due.                                                            */
void core_tick (core_t *core, core_time_t now);

/*  When core_tick must be called, in the monotonic ms of core_time_t;
    UINT64_MAX: never.                                                         */
uint64_t core_deadline_ms (const core_t *core);

/*  The broker stops: members see everybody leave, further requests are refused with
    ZCHAT_CLOSING. Go on with core_take and core_committed until core_idle.    */
void core_close (core_t *core, core_time_t now);

/*  True where nothing waits for a commit.                                     */
bool core_idle (const core_t *core);

/*  Numbers for the log file and for tests of bounds.                          */
typedef struct {
    size_t peers, sessions, rooms, members, producers, reads;
    size_t held;       /* effects waiting for a commit                          */
    size_t held_bytes; /*                                                       */
    uint64_t debt;     /* bytes of long replies not yet read                    */
} core_stats_t;
core_stats_t core_stats (const core_t *core);

/*  What has happened since the start; borrowed.                               */
const counters_t *core_counters (const core_t *core);

#endif
