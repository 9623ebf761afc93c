/*  core_private.h - what the files of the core share                          */
#ifndef ZCHAT_CORE_PRIVATE_H
#define ZCHAT_CORE_PRIVATE_H

#include "batch.h"
#include "core.h"
#include "ledger.h"
#include "name.h"
#include "presence.h"
#include <jansson.h>

/*  A HISTORY request under way.                                               */
typedef struct {
    uint64_t id;      /*                                                   */
    core_peer_t peer; /* who asked                                         */
    uint64_t serial;  /* of that peer                                      */
    bool enveloped;   /*                                                   */
    bool packs;       /* form                                              */
    bool before;      /* it asked for the last ones, not for those behind one */
    uint64_t room_id; /* in the store                                      */
    char tag[ZCHAT_TAG_MAX];
    size_t tag_size;
    char room[ZCHAT_NAME_MAX]; /* the spelling to answer with                    */
    size_t room_size;
    UT_hash_handle hh;
} read_t;

/*  Joins and leaves of a large room, waiting to be announced together.        */
typedef struct merge {
    room_t *room;              /*                                                */
    uint64_t due_ms;           /* monotonic                                      */
    json_t *join, *leave;      /* names                                          */
    struct merge *prev, *next; /* earliest first                                 */
} merge_t;

struct core {
    core_sink_t sink;
    char log_id[2 * ZCHAT_LOG_ID_SIZE + 1]; /* hex                               */
    json_t *feeds;
    uint32_t heartbeat_ms;
    uint32_t grace_ms;
    ledger_t *ledger;
    presence_t *presence;
    batch_t *batch;
    read_t *reads;       /* by id                                               */
    uint64_t last_read;  /*                                                     */
    merge_t *merges;     /* earliest first                                      */
    uint64_t forget_ms;  /* monotonic: when to look for old producers           */
    clock_watch_t clock; /* whether they are old                               */
    uint64_t pulse_ms;   /* monotonic: core_tick is wanted again, to see that it comes */
    uint64_t awake_ms;   /* monotonic: it did not come for long until then      */
    bool closing;        /*                                                     */
    uint64_t accepted;   /*                                                     */
    uint64_t refused;    /*                                                     */
};

/*  One request being handled.                                                 */
typedef struct {
    core_t *core;
    core_peer_t from;
    core_origin_t origin;
    const request_t *request;
    peer_t *peer;       /*                                                     */
    session_t *session; /* NULL: a guest                                       */
    name_keys_t keys;   /* of the user, where there is one                     */
    core_time_t now;
} call_t;

/*  --- core.c: answers -------------------------------------------------------  */

/*  Answer OK with a JSON object, which is taken; {} where NULL.               */
void call_ok (call_t *call, json_t *json);

/*  Answer ERR at once with the status's text, or why where not NULL. more (taken, may be
    NULL) holds further keys. The answer may be held: see call_err_held.       */
void call_err (call_t *call, zchat_status_t status, const char *why, json_t *more);

/*  The same, in its place among the replies that wait for the disk. tentative: it is
    only true if what is waiting now gets there.                               */
void call_err_held (call_t *call, zchat_status_t status, const char *why, json_t *more,
                    bool tentative);
/*  OK likewise: the message of the entry's producer and n was seen before.    */
void call_duplicate (call_t *call, const ledger_entry_t *entry);

/*  A flood must not grow the queue. True: ERR slow was sent at once, and not in its
    place; false: size more bytes may be held.                                 */
bool call_slow (call_t *call, size_t size);

/*  Hold a message: append, publish, answer.                                   */
void call_message (call_t *call, const ledger_entry_t *entry, const event_t *event);

/*  {"limit": limit, "what": what}                                             */
json_t *limit_json (uint64_t limit, const char *what);

/*  Hold the effect, on the account of the peer (NULL: on nobody's).           */
void core_hold (core_t *core, peer_t *peer, held_t *effect);

/*  Send frames "OK"/"ERR", tag, json with the envelope where it is wanted.    */
void core_send (core_t *core, core_peer_t peer, bool enveloped, const char *word, frame_t tag,
                frame_t json);

/*  Count a reply of so many bytes against what the peer may be sent: see call_indebted. */
void core_debit (core_t *core, core_peer_t peer, size_t bytes);

void core_note (core_t *core, core_note_kind_t kind, core_peer_t peer, frame_t user, frame_t room,
                const char *text);

/*  Check the room's name in a request. True and *keys; false: ERR was sent.   */
bool call_room_name (call_t *call, frame_t name, name_keys_t *keys);

/*  The object in a JSON argument; an empty one where the frame is empty. NULL: ERR was
    sent (held: in its place among the messages').                             */
json_t *call_json (call_t *call, frame_t frame, bool held);

/*  A whole number of the object, in 0 .. INT64_MAX. False where it is there and not such
    a number; *value is untouched where it is not there.                       */
bool json_number (const json_t *object, const char *key, uint64_t *value);

/*  Fill size bytes from 2 * size hex digits. False where it is not that.      */
bool hex_decode (const json_t *string, uint8_t *bytes, size_t size);
void hex_encode (char *hex, const uint8_t *bytes, size_t size);

/*  --- publish.c -------------------------------------------------------------  */

/*  Send and publish all held effects that wait for nothing; failed: the messages among
    them were not committed.                                                   */
void publish_landed (core_t *core, bool failed);

/*  --- announce.c: presence on the feed --------------------------------------  */

/*  Say that the session joined, or left for a reason (part, bye, lost, closing).
    Membership is changed already.                                             */
void announce_join (core_t *core, const session_t *session, room_t *room, core_time_t now);
void announce_leave (core_t *core, const session_t *session, room_t *room, const char *reason,
                     core_time_t now);
/*  Announce what was merged and is due, or all of it.                         */
void announce_due (core_t *core, core_time_t now, bool all);
void announce_destroy (core_t *core);

/*  --- silence.c -------------------------------------------------------------  */

/*  The peer has asked something: its session, where it has one, is not silent. */
void silence_heard (core_t *core, const peer_t *peer, core_time_t now);
/*  Lose sessions that were silent for too long, ZCHAT_SILENT_MAX at most. */
void silence_due (core_t *core, core_time_t now);
/*  When that is to be done; UINT64_MAX: never.                                */
uint64_t silence_deadline_ms (const core_t *core);

/*  --- sessions.c ------------------------------------------------------------  */

/*  Leave all rooms, for a reason.                                             */
void session_leave_all (core_t *core, session_t *session, const char *reason, core_time_t now);
/*  Bind the call's peer to the name in call->keys. False: ERR was sent.       */
bool session_bind (call_t *call, frame_t user);
/*  Handlers of verbs, found by the table in dispatch.c.                       */
void verb_hello (call_t *call);
void verb_bye (call_t *call);
void verb_ping (call_t *call);
void verb_sync (call_t *call);
/*  --- rooms.c                                                                */
void verb_join (call_t *call);
void verb_part (call_t *call);
void verb_who (call_t *call);
void verb_rooms (call_t *call);
/*  --- messages.c                                                             */
void verb_say (call_t *call);
void verb_topic (call_t *call);
/*  --- history.c                                                              */
void verb_history (call_t *call);

#endif
