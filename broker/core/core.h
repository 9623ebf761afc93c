/*  core.h - what the broker decides

    Pure: no socket, no clock, no disk, no thread, no randomness of its own. Inputs are
    calls; outputs are calls to the sink, made before the input's call returns. The
    sink must not call back into the core, and what it is given is borrowed for
    the call. The same inputs give the same outputs.

    The flow: core_request puts into a queue what has to be stored. While no commit is on its
    way, what is queued is decided and applied to the ledger, one request after another;
    core_take hands out the records, the store commits them, and core_committed sends the
    replies and publications that waited for it. The next batch gathers meanwhile: group commit
    falls out of the flow, without a timer. Announcements of who comes and goes wait in the same
    queue, so that they keep their place among the messages. What needs no storing is answered
    at once, unless it looks at something that is on its way to the disk.
*/
#ifndef ZCHAT_CORE_H
#define ZCHAT_CORE_H

#include "base/counters.h"
#include "base/types.h"
#include "quota/quota.h"

typedef struct {
    const uint8_t *log_id; /* ZCHAT_LOG_ID_SIZE bytes                          */
    const char **feeds;    /* endpoints HELLO names, n_feeds of them           */
    size_t n_feeds;
    uint32_t heartbeat_ms; /* clients PING this often; 0: ZCHAT_HEARTBEAT_MS   */
    uint32_t grace_ms;     /* a lost session keeps its name; 0: ZCHAT_NAME_GRACE_MS */
    const char **admins;   /* keys that may do everything, as address_key_encode writes them */
    size_t n_admins;
    const quota_t *quotas;   /* QUOTA_COUNT of them; NULL: quota_defaults        */
    size_t producers;        /* remembered at most; 0: ZCHAT_PRODUCERS_MAX       */
    size_t names;            /* that belong to somebody; 0: ZCHAT_NAMES_MAX      */
    size_t rooms;            /* at most; 0: ZCHAT_ROOMS_MAX                      */
    size_t mailboxes;        /* at most; 0: ZCHAT_NAMES_MAX                      */
    size_t markers;          /* remembered at most; 0: ZCHAT_MARKERS_ALL_MAX     */
    uint64_t edit_window_ms; /* so long a message can be edited; 0: ZCHAT_EDIT_WINDOW_MS */
    bool keeps_rooms;        /* rooms that nobody misses are kept; see ledger_room_forgotten */
    counters_t *counters; /* the process's, which outlives the core; NULL: the core has its own */
} core_config_t;

/*  A core with an empty ledger. config (copied) and sink (copied). Never NULL. */
core_t *core_new (const core_config_t *config, const core_sink_t *sink);
void core_destroy (core_t **self_p);

/*  Give the result to store_load. At the start it fills the ledger; where core_loads is true it
    fills a new one, which core_loaded takes. It answers ZCHAT_CORRUPT to what cannot be true (a
    name that is not allowed, a room twice, a number out of bounds), and ZCHAT_LIMIT to rooms
    beyond ZCHAT_ROOMS_MAX and mailboxes beyond ZCHAT_NAMES_MAX.               */
store_loader_t core_loader (core_t *core);

/*  A message came over the door. The routing id is not among the frames.      */
void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now);

/*  Refuse a peer's message, whatever it asks, because the shell found the connection itself not fit
    (it announced a routing id of its own). The peer is told why.              */
void core_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                  const char *why);

/*  The connection of a peer is gone. Unknown peers are ignored.               */
void core_gone (core_t *core, core_peer_t id, core_time_t now);

/*  Take the next batch to commit, where there is one and none is on its way. True: commit *count
    records, which are borrowed until core_committed. *count is 0 where earlier commits failed: then
    store_append with no records finds out whether the log can be written again. */
bool core_take (core_t *core, const store_record_t **records, size_t *count);

/*  The batch that was taken is stored (ZCHAT_OK), is not, or nobody knows, as store_append says.
    Where it held records and is not known to be stored, core_loads is true from now on. */
void core_committed (core_t *core, zchat_status_t status, core_time_t now);

/*  True where the ledger has to be loaded anew, to find out whether a batch is stored. Give
    core_loader to store_load, on another thread if you like, and tell core_loaded how that went.
    Where it did not go well core_loads stays true. Until it has gone well requests are taken, but
    none that would have to be stored is answered.                             */
bool core_loads (const core_t *core);
void core_loaded (core_t *core, zchat_status_t status, core_time_t now);

/*  The page that sink.read asked for under this id. page may be NULL where status is not
    ZCHAT_OK.                                                                  */
void core_read_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page);

/*  What the search that sink.search asked for under this id found; result may be NULL where status
   is not ZCHAT_OK. ZCHAT_MALFORMED: the query goes on from no answer.           */
void core_searched (core_t *core, uint64_t id, zchat_status_t status, const index_result_t *result);

/*  Tell of each room and mailbox that is stored, by its number: the oldest seq, the last, and
   whether it is private or a mailbox.                                                */
typedef void core_room_t (void *arg, uint64_t room, uint64_t first, uint64_t head, bool secret);
void core_rooms (const core_t *core, core_room_t *tell, void *arg);

/*  Retention removed the events of the room with this number before the seq first. */
void core_trimmed (core_t *core, uint64_t id, uint64_t first);

/*  Do what is due.                                                            */
void core_tick (core_t *core, core_time_t now);

/*  When core_tick must be called, in the monotonic ms of core_time_t;
    UINT64_MAX: never.                                                         */
uint64_t core_deadline_ms (const core_t *core);

/*  The broker stops: members see everybody leave, further requests are refused with
    ZCHAT_CLOSING. Go on with core_take, core_committed and core_read_done until core_idle.  */
void core_close (core_t *core, core_time_t now);

/*  True where nothing waits for a commit, or for a page that a call looks at before it is stored;
   of what was read, after core_close alone.                                     */
bool core_idle (const core_t *core);

/*  Numbers for the log file and for tests of bounds.                          */
typedef struct {
    uint64_t position; /* of the log, with what is on its way to the disk      */
    size_t peers, sessions, rooms, members, producers, markers, reads;
    size_t held;       /* requests and announcements that wait for a commit    */
    size_t held_bytes; /* and their bytes                                      */
    uint64_t debt;     /* bytes of long replies not yet read                   */
} core_stats_t;
core_stats_t core_stats (const core_t *core);

/*  --- for who runs the broker: operate.c ------------------------------------  */

/*  What can be another while the broker runs.                                 */
typedef struct {
    const quota_t *quotas; /* QUOTA_COUNT of them                              */
    const char **admins;   /* as in core_config_t                              */
    size_t n_admins;
    uint64_t edit_window_ms; /* not 0                                          */
} core_settings_t;

/*  From now on these count (copied), for connections that are there, too. Where a quota is another,
    all begin anew, as after a restart.                                        */
void core_settings (core_t *core, const core_settings_t *settings);

/*  A session, for who runs the broker. Views are valid for the call.          */
typedef struct {
    frame_t user;
    core_peer_t peer;   /* its connection; 0: that is lost, and the name is kept for a while */
    bool first;         /* of the user's sessions: so for one of each user     */
    bool greeted;       /* it said HELLO                                       */
    bool proven;        /* the name belongs to it by a key or a token          */
    bool admin;         /* it may do everything                                */
    size_t rooms;       /* that it is in                                       */
    uint64_t silent_ms; /* since it last asked something; 0 where it said no HELLO */
} core_session_t;
typedef void core_session_told_t (void *arg, const core_session_t *session);
/*  Tell of each session.                                                      */
void core_sessions (const core_t *core, core_time_t now, core_session_told_t *tell, void *arg);

/*  The number of the room by that name; 0: nothing is stored of it. With what is on its way to the
    disk.                                                                      */
uint64_t core_room_number (const core_t *core, const name_keys_t *name);

/*  What has happened since the start; borrowed.                               */
const counters_t *core_counters (const core_t *core);

#endif
