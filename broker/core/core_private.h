/*  core_private.h - what the files of the core share                          */
#ifndef ZCHAT_CORE_PRIVATE_H
#define ZCHAT_CORE_PRIVATE_H

#include "batch.h"
#include "core.h"
#include "ledger.h"
#include "name.h"
#include "owners.h"
#include "presence.h"
#include "speakers.h"
#include "strangers.h"
#include <jansson.h>

/*  A page of the log asked for: for HISTORY, or to look at what REMOVE takes away.  */
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
    uint64_t removes;              /* for REMOVE: the seq                              */
    char reason[ZCHAT_REASON_MAX]; /* and why                                          */
    size_t reason_size;
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
    speakers_t *speakers;
    batch_t *batch;
    waiting_t *waiting;                   /* whose the batch is                                  */
    read_t *reads;                        /* by id                                               */
    uint64_t last_read;                   /*                                                     */
    merge_t *merges;                      /* earliest first                                      */
    bool keeps_rooms;                     /* see core_config_t */
    size_t forgets_held;                  /* those of them that count forgotten producers */
    size_t names_held;                    /* facts of the broker on their way to the disk */
    char (*admins)[ADDRESS_KEY_TEXT + 1]; /* n_admins keys                            */
    size_t n_admins;
    char **reserved; /* how names sound that are not to be had: see claims_reserved */
    quota_t quotas[QUOTA_COUNT];
    meters_t *meters;       /* what places have stored of late                     */
    strangers_t *strangers; /* and what strangers have in mailboxes             */
    core_time_t now;        /* of the input being worked on                        */
    uint64_t forget_ms;     /* monotonic: when to look for old producers           */
    clock_watch_t clock;    /* whether they are old                               */
    uint64_t pulse_ms;      /* monotonic: core_tick is wanted again, to see that it comes */
    uint64_t awake_ms;      /* monotonic: it did not come for long until then      */
    bool closing;           /*                                                     */
    uint64_t debt;          /* bytes of long replies not yet read, of all peers      */
    uint64_t debt_ms;       /* monotonic: when all peers may be looked at for that   */
    uint64_t accepted;      /*                                                     */
    uint64_t refused;       /*                                                     */
};

/*  One request being handled.                                                 */
typedef struct {
    core_t *core;
    core_peer_t from;
    const request_t *request;
    peer_t *peer;                  /*                                                     */
    session_t *session;            /* NULL: a guest                                       */
    owner_t *owner;                /* whose name is proven; NULL: it is not               */
    bool token;                    /* it proved the name by a token                       */
    name_keys_t keys;              /* of the user, where there is one                     */
    char names[2][ZCHAT_NAME_MAX]; /* in NFC: the request views them           */
    core_time_t now;
    bool counted; /* taken out of buckets: 1 of this kind, and so many bytes        */
    quota_kind_t kind;
    uint64_t bytes;
    owner_t *payer; /* whose buckets, besides the peer's; NULL: nobody's              */
} call_t;

/*  --- core.c: answers -------------------------------------------------------  */

/*  Answer OK with a JSON object, which is taken; {} where NULL.               */
void call_ok (call_t *call, json_t *json);
/*  The same, in its place among the replies that wait for the disk: it says what is only
    true if what is waiting now gets there. ERR storage otherwise.             */
void call_ok_held (call_t *call, json_t *json);

/*  Answer ERR at once with the status's text, or why where not NULL. more (taken, may be
    NULL) holds further keys. The answer may be held: see call_err_held.       */
void call_err (call_t *call, zchat_status_t status, const char *why, json_t *more);

/*  The same, in its place among the replies that wait for the disk. tentative: it is
    only true if what is waiting now gets there.                               */
void call_err_held (call_t *call, zchat_status_t status, const char *why, json_t *more,
                    bool tentative);
/*  OK likewise: the message of the entry's producer and n was seen before.    */
void call_duplicate (call_t *call, const ledger_entry_t *entry);

/*  The call was answered by ERR: it counts.                                   */
void call_failed (call_t *call);

/*  The answer is a list: it costs by its rows.                                */
void call_rows (call_t *call, size_t rows);
/*  A page of HISTORY goes to the peer: it costs by its bytes.                 */
void peer_charge_page (core_t *core, peer_t *peer, size_t bytes);
/*  The call was answered by ERR slow: it does not count, for it comes again.  */
void call_slowed (call_t *call);

/*  A flood must not grow the queue. True: ERR slow was sent at once, and not in its
    place; false: size more bytes may be held.                                 */
bool call_slow (call_t *call, size_t size);

/*  Put a message in order, with the fact it changes where there is one, and hold it until it is
    stored. The caller fills of effect: entry (room, producer), event (type, body, data, and user
    where it is not the call's), fact_key and fact_value, removes, land, subject, linked, silent.
    False: it was a duplicate, or ERR is held.                                 */
bool call_store (call_t *call, held_t *effect);

/*  Change a fact of the room, or of the broker (NULL), and hold it until it is stored; linked: in
    one commit with what is held next. As ledger_fact_set.                     */
zchat_status_t core_fact (core_t *core, peer_t *peer, room_t *room, const char *key, frame_t value,
                          bool linked) ZCHAT_CHECKED;

/*  --- holder.c --------------------------------------------------------------  */

/*  Write who the call's doing is charged to, as a path for budget_charge.     */
void call_holder (const call_t *call, char holder[BUDGET_PATH_MAX + 1]);
/*  Write who shares what waits for the disk, "" where nobody is known: who the peer is, where its
    name or a key is proven, else its address; and its place, an IPv6 /48 being one. */
void peer_parties (const core_t *core, const peer_t *peer, char owner[BUDGET_PATH_MAX + 1],
                   char place[BUDGET_PATH_MAX + 1]);
/*  Learn where the peer is, once.                                             */
void peer_place (const core_t *core, peer_t *peer, const char *place);

/*  {"limit": limit, "what": what}                                             */
/*  So many producers that may come back are known no more; linked: in one commit with what they
   gave way to. peer: whose message that is, or NULL.                              */
void core_forgotten (core_t *core, peer_t *peer, size_t count, bool linked);
json_t *limit_json (uint64_t limit, const char *what);

/*  Hold the effect, on the account of the peer (NULL: on nobody's).           */
void core_hold (core_t *core, peer_t *peer, held_t *effect);

/*  Send frames "OK"/"ERR", tag, json with the envelope where it is wanted.    */
void core_send (core_t *core, core_peer_t peer, bool enveloped, const char *word, frame_t tag,
                frame_t json);

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

/*  --- debt.c: what a peer leaves unread -------------------------------------  */

/*  A reply, or a part of one, of so many bytes goes to the peer.              */
void core_debit (core_t *core, core_peer_t id, size_t bytes);
/*  True where the peer may be sent so many bytes that it did not ask for; they count. */
bool debt_affords (core_t *core, peer_t *peer, size_t bytes);
/*  The peer is gone, and what it did not read.                                */
void debt_forget (core_t *core, peer_t *peer);
/*  True where the peer has to read before it is given more; ERR was sent.     */
bool call_indebted (call_t *call);

/*  --- publish.c -------------------------------------------------------------  */

/*  Send and publish all held effects that wait for nothing; failed: the messages among
    them were not committed.                                                   */
void publish_landed (core_t *core, bool failed);

/*  Publish an event of a room: on the feed, or over the door to its members where it is private
    or a mailbox; at once by itself, and later in a pack: *touched lists rooms with one. */
void publish_event (core_t *core, room_t *room, const event_t *event, room_t **touched);
/*  Publish what is in the room's pack.                                        */
void publish_pack (core_t *core, room_t *room);

/*  --- yields.c: rooms that give way, and rooms that end ---------------------  */

/*  The room ends, with its events, facts and members (who see a leave, reason "close"): on disk in
    its turn among what is held, linked: in one commit with what is held next. Until then it is
    dying: who wants to store something there, or to come in, gets ERR slow and comes again. A later
    room of that name begins behind all its seqs. Where the commit fails, nothing has happened. Of
    a room that is dying already, or of which nothing is stored, nothing is held: that one's members
    are put out at once, and it may be freed. For mailboxes too. peer: on whose account, or NULL. */
void core_room_end (core_t *core, peer_t *peer, room_t *room, bool linked);
/*  True where the room (NULL: none) is dying: ERR slow was sent.              */
bool call_dying (call_t *call, const room_t *room);
/*  The room of that name, or the mailbox of WHO, made where it is not there; at the bound another
    gives way. NULL: none can, or it is dying; ERR was sent, in its place (held) or at once. */
room_t *call_room_make (call_t *call, frame_t name, const name_keys_t *keys, bool held);
room_t *call_mailbox_make (call_t *call, const char *who, bool held);
/*  The same, but nothing is sent, and it may be dying.                        */
room_t *call_mailbox_find (call_t *call, const char *who);
/*  The call comes into the room, or stores something there: that may be whom it is charged to from
    now on.                                                                    */
void call_room_use (call_t *call, room_t *room);
/*  Rooms that nobody misses end. True: there may be more.                     */
bool yields_forget (core_t *core, uint64_t wall_ms);

/*  --- announce.c: presence on the feed --------------------------------------  */

/*  What LAND_OUT and LAND_CLOSE do to who is in the room.                     */
void announce_out (core_t *core, room_t *room, const held_t *held, room_t **touched);

/*  Say that the session joined, or left for a reason (part, bye, lost, closing).
    Membership is changed already.                                             */
void announce_join (core_t *core, const session_t *session, room_t *room, core_time_t now);
void announce_leave (core_t *core, const session_t *session, room_t *room, const char *reason,
                     core_time_t now);
/*  Announce what was merged and is due, or all of it.                         */
void announce_due (core_t *core, core_time_t now, bool all);
/*  What was merged of the room is not told.                                   */
void announce_forget (core_t *core, room_t *room);
void announce_destroy (core_t *core);

/*  --- silence.c -------------------------------------------------------------  */

/*  The peer has asked something: its session, where it has one, is not silent. */
void silence_heard (core_t *core, const peer_t *peer, core_time_t now);
/*  Lose sessions that were silent for too long, ZCHAT_SILENT_MAX at most. */
void silence_due (core_t *core, core_time_t now);
/*  When that is to be done; UINT64_MAX: never.                                */
uint64_t silence_deadline_ms (const core_t *core);

/*  --- sessions.c ------------------------------------------------------------  */

/*  Leave a room (the member is gone), or all of them, for a reason.           */
void session_leave (core_t *core, member_t *member, const char *reason, core_time_t now);
void session_leave_all (core_t *core, session_t *session, const char *reason, core_time_t now);
/*  End the session, which is in no room.                                      */
void session_over (core_t *core, session_t *session);
/*  End the session: its rooms, its name, and with its peer it is over.        */
void session_end (core_t *core, session_t *session, const char *reason, core_time_t now);
/*  Bind the call's peer to the name in call->keys. False: ERR was sent.       */
bool session_bind (call_t *call, frame_t user, const json_t *hello);
/*  Refuse a name that others hold.                                            */
void session_taken (call_t *call, const user_t *user);
/*  Handlers of verbs, found by the table in dispatch.c.                       */
void verb_hello (call_t *call);
void verb_bye (call_t *call);
void verb_ping (call_t *call);
void verb_sync (call_t *call);
/*  --- claims.c: whose a name is ---------------------------------------------  */

/*  What the call's connection may do with the name in call->keys. hello: the argument of HELLO,
    which may hold a token, or NULL.                                           */
typedef enum {
    CLAIM_REFUSED, /* nothing: ERR was sent                                    */
    CLAIM_OPEN,    /* hold it, if it is free: it belongs to nobody             */
    CLAIM_PROVEN,  /* it is its owner's: *owner                                */
    CLAIM_MADE,    /* likewise, from now on; it is on its way to the disk      */
} claim_t;
/*  How reserved names sound (name_sound), sorted; freed by claims_reserved_free.  */
char **claims_reserved (void);
void claims_reserved_free (char **sounds);
claim_t claim_check (call_t *call, const json_t *hello, owner_t **owner);
/*  A commit failed, and the claims and keys in it were taken back: end the sessions whose names are
    no longer proven. Before anything else is asked, for the next claim gets the same number. */
void claims_undone (core_t *core);
/*  Answer OK with what is known of an owner: behind the claims and keys that are on their way to
   the disk, where there are any. The JSON is taken.                              */
void call_ok_owner (call_t *call, json_t *json);
void verb_keys (call_t *call);
/*  --- purge.c                                                                */
void verb_purge (call_t *call);
void verb_key (call_t *call);

/*  --- names.c: which names are kept -----------------------------------------  */

/*  Something was done with the name, or to it: from now on it does not give way. linked: in one
    commit with what is held next.                                             */
void name_used (core_t *core, peer_t *peer, const owner_t *owner, bool linked);
/*  The same of WHO (see fact_t), which may be nobody who proves it.           */
void name_used_who (core_t *core, peer_t *peer, frame_t who, bool linked);
/*  Make room for one more name, which the call's key or token claims, in one commit with what is
    held next. False: there is none, and ERR was sent.                         */
bool name_room (call_t *call);
/*  Nothing is remembered of the owner, a name's of the ledger, from now on; linked: in one commit
    with what is held next. False: ERR was not sent.                           */
bool name_gone (call_t *call, const owner_t *owner, bool linked);
/*  The name is nobody's from now on, for ZCHAT_NAME_FREED_MS. Its sessions are the caller's.  */
void name_free (call_t *call, const owner_t *owner);
/*  A name was claimed: drop from the log a few that need not be remembered.   */
void name_sweep (call_t *call);
/*  --- access.c: who may what in a room --------------------------------------  */

typedef enum { ROLE_NONE, ROLE_MEMBER, ROLE_OPERATOR } role_t;

/*  WHO (see fact_t) of a user.                                                */
void user_who (const user_t *user, char who[OWNER_WHO_MAX]);
role_t room_role (const core_t *core, const room_t *room, const char *who);
/*  True where the peer's user may read the room.                              */
bool room_reader (const core_t *core, const room_t *room, const peer_t *peer);
/*  True where a ban or mute (kind) of WHO is in force, and *more, which says until when.  */
bool room_sanction (const call_t *call, const room_t *room, const char *kind, const char *who,
                    json_t **more);
/*  The room, or one's mailbox, named in a request: NULL where there is none. False: the name cannot
    be (ERR name), or it is not for this user (ERR private), and ERR was sent. */
bool call_room (call_t *call, frame_t name, bool mailbox, room_t **room);
/*  The room that a request wants to change, for its readers and for admins; NULL where nothing is
    stored of it. False: as above, but ERR is held.                            */
bool call_room_held (call_t *call, frame_t name, room_t **room);

#define CALL_UNBORN "nothing was ever said in this room: it has no operators yet"

/*  The same, and ERR is held where nothing was ever said in it: *room is never NULL. */
bool call_room_born (call_t *call, frame_t name, room_t **room);
/*  True where the user may say something there, or set the topic. False: ERR is held. */
bool call_speaks (call_t *call, const room_t *room, bool topic);
/*  True where the user may JOIN. False: ERR was sent.                         */
bool call_joins (call_t *call, const room_t *room);
/*  True where the call's user is an operator there, or an admin. False: ERR is held.  */
bool call_operates (call_t *call, const room_t *room);

/*  Whom a request is about.                                                   */
typedef struct {
    owner_t *owner;                /* NULL: the name is not proven                     */
    user_t *user;                  /* NULL: not here                                   */
    char who[OWNER_WHO_MAX];       /*                                                  */
    frame_t name;                  /* as its owner spells it, or as it was given       */
    char composed[ZCHAT_NAME_MAX]; /* what name may view                         */
} target_t;
/*  False: the name cannot be, and ERR is held.                                */
bool call_target (call_t *call, frame_t name, target_t *target);
/*  --- letters.c: who may send something to somebody alone --------------------  */

/*  True where the user may send somebody a direct message or an invitation, of size bytes. False:
    ERR is held.                                                               */
bool call_writes (call_t *call, const target_t *target, size_t size);
/*  It is held: it counts where the user is a stranger to them.                */
void call_wrote (call_t *call, const target_t *target, size_t size);
/*  The user writes to them, who are no stranger to the user's mailbox from then on: that is a fact
    of the effect, which is stored there. key is its memory.                   */
void letter_meets (call_t *call, const target_t *target, held_t *effect,
                   char key[ZCHAT_FACT_KEY_MAX + 1]);

/*  --- rooms.c                                                                */
void verb_join (call_t *call);
void verb_part (call_t *call);
void verb_who (call_t *call);
void verb_rooms (call_t *call);
/*  --- messages.c                                                             */
void verb_say (call_t *call);
void verb_tell (call_t *call);
void verb_topic (call_t *call);
/*  --- history.c                                                              */
void verb_history (call_t *call);
/*  Ask for the event of that seq, to take it away: core_read_done goes on with remove_done. */
void history_remove (call_t *call, const room_t *room, uint64_t seq, frame_t reason);
/*  --- private.c                                                              */
void verb_invite (call_t *call);
void verb_kick (call_t *call);
/*  Make the room private, with the call's user as its operator. False: ERR is held. */
bool private_make (call_t *call, room_t *room);
/*  --- moderation.c                                                           */
void verb_mode (call_t *call);
void verb_remove (call_t *call);
/*  The event that REMOVE asked for has come, or has not (NULL).               */
void remove_done (call_t *call, room_t *room, const read_t *read, const event_t *event);
/*  Check a reason. False: ERR is held.                                        */
bool call_reason (call_t *call, frame_t reason);
/*  {"set": set, "user": name}, as text the caller frees; until_ms 0: without. */
char *mode_data (const char *set, frame_t name, uint64_t until_ms);

#endif
