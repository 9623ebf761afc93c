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

#include "admit/quota.h"
#include "clock.h"
#include "frame.h"
#include "name.h"
#include "request.h"
#include "store.h"

typedef struct core core_t;

/*  A connection, as the shell numbers it; never disclosed to anyone.          */
typedef uint64_t core_peer_t;

/*  Whom the shell found at the other end of a connection. It is the same in all requests over that
    connection.                                                                */
typedef struct {
    const char *key;   /* the public key that CURVE proved, as address_key_encode writes it; NULL or
                          "": none                                             */
    bool secure;       /* nobody on the way could listen: it is encrypted, or of this machine */
    const char *place; /* where the peer is, as origin_place writes it; NULL or "": not known, and
                          names claimed from there never give way              */
} core_origin_t;

/*  What a token shows about a name.                                           */
typedef enum {
    CORE_TOKEN_NONE,  /* the name has no tokens                                */
    CORE_TOKEN_WRONG, /* the name has tokens, and this is none of them         */
    CORE_TOKEN_RIGHT, /* this is one of the name's tokens                      */
} core_token_t;

typedef enum {
    CORE_NOTE_HELLO,   /* user, agent in text                                  */
    CORE_NOTE_RESUME,  /* a session was taken over by a new connection         */
    CORE_NOTE_BYE,     /* user left in order                                   */
    CORE_NOTE_LOST,    /* the connection of user is gone                       */
    CORE_NOTE_JOIN,    /* user, room                                           */
    CORE_NOTE_LEAVE,   /* user, room, reason in text                           */
    CORE_NOTE_CLAIM,   /* user: the name belongs to this key or token from now on */
    CORE_NOTE_YIELD,   /* the unused name in text gave way, to what user claimed */
    CORE_NOTE_KEYS,    /* user changed the keys of the name in text            */
    CORE_NOTE_MODE,    /* user, room; what was done, and to whom, in text      */
    CORE_NOTE_REFUSED, /* status, text; user as claimed                        */
} core_note_kind_t;

/*  Something for the log file. Frames hold a peer's bytes: escape them.       */
typedef struct {
    core_note_kind_t kind;
    core_peer_t peer;
    frame_t user;
    frame_t room;
    frame_t text;
    const char *verb; /* REFUSED: the verb, or "?"                             */
    zchat_status_t status;
} core_note_t;

typedef struct {
    /*  Send frames to a peer over the door.                                   */
    void (*reply) (void *arg, core_peer_t peer, const frame_t *frames, size_t count);
    /*  Publish frames on the feed.                                            */
    void (*publish) (void *arg, const frame_t *frames, size_t count);
    /*  Read a page of the log and hand it to core_read_done with this id.     */
    void (*read) (void *arg, uint64_t id, const store_query_t *query);
    /*  Fill buffer with random bytes: session secrets.                        */
    void (*random) (void *arg, void *buffer, size_t size);
    /*  Say what a token (any bytes, maybe none) shows about a name at wall_ms. NULL: no name has
        tokens.                                                                */
    core_token_t (*token) (void *arg, const name_keys_t *name, frame_t token, uint64_t wall_ms);
    /*  Say how many bytes of all that was sent to the peer have not left yet. An estimate will do,
        but of a peer that reads nothing it must not stay 0. NULL: nobody knows; then peers count
        as reading ZCHAT_PEER_DEBT_PER_MS.                                     */
    uint64_t (*unread) (void *arg, core_peer_t peer);
    /*  Say whether the peer may claim one more name. 0: it may, and the claim is counted; else ms
        until it may. Called once for each claim. NULL: everybody may.         */
    uint64_t (*claims) (void *arg, core_peer_t peer);
    /*  Write to the log file. May be NULL.                                    */
    void (*note) (void *arg, const core_note_t *note);
    void *arg;
} core_sink_t;

typedef struct {
    const uint8_t *log_id; /* ZCHAT_LOG_ID_SIZE bytes                          */
    const char **feeds;    /* endpoints HELLO names, n_feeds of them           */
    size_t n_feeds;
    uint32_t heartbeat_ms; /* clients PING this often; 0: ZCHAT_HEARTBEAT_MS   */
    uint32_t grace_ms;     /* a lost session keeps its name; 0: ZCHAT_NAME_GRACE_MS */
    const char **admins;   /* keys that may do everything, as address_key_encode writes them */
    size_t n_admins;
    const quota_t *quotas; /* QUOTA_COUNT of them; NULL: quota_defaults        */
    size_t producers;      /* remembered at most; 0: ZCHAT_PRODUCERS_MAX       */
    size_t names;          /* that belong to somebody; 0: ZCHAT_NAMES_MAX      */
    size_t rooms;          /* at most; 0: ZCHAT_ROOMS_MAX                      */
    size_t mailboxes;      /* at most; 0: ZCHAT_NAMES_MAX                      */
    bool keeps_rooms;      /* rooms that nobody misses are kept; see ledger_room_forgotten */
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

/*  Retention removed the events of the room with this number before the seq first. */
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
    size_t held;       /* requests and announcements that wait for a commit    */
    size_t held_bytes; /* and their bytes                                      */
    uint64_t debt;     /* bytes of long replies not yet read                   */
    uint64_t accepted; /* messages committed since the start                   */
    uint64_t refused;  /* ERR sent since the start                             */
} core_stats_t;
core_stats_t core_stats (const core_t *core);

#endif
