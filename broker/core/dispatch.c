/*  dispatch.c - one table of verbs: who may call what                         */
#include "core_private.h"

enum {
    NEED_NAME = 1,  /* guests are refused                                       */
    NEED_HELLO = 2, /* so are connections that said no HELLO                    */
    OWN_NAME = 4,   /* the handler binds the name itself                        */
    LONG = 8,       /* replies may be long: who has had too many waits          */
    WRITES = 16,    /* with its last argument it is a message, without a read   */
    NAMED = 32,     /* its first argument is the name of a room or a user       */
};

static const struct {
    void (*handle) (call_t *call);
    unsigned flags;
    quota_kind_t quota; /* what it is counted as                                */
} verbs[VERB_COUNT] = {
    [VERB_HELLO] = {verb_hello, OWN_NAME, QUOTA_JOINS},
    [VERB_SAY] = {verb_say, NEED_NAME | NAMED, QUOTA_MESSAGES},
    [VERB_JOIN] = {verb_join, NEED_NAME | NEED_HELLO | NAMED, QUOTA_JOINS},
    [VERB_PART] = {verb_part, NEED_NAME | NEED_HELLO | NAMED, QUOTA_JOINS},
    [VERB_WHO] = {verb_who, LONG | NAMED, QUOTA_READS},
    [VERB_ROOMS] = {verb_rooms, LONG, QUOTA_READS},
    [VERB_TOPIC] = {verb_topic, WRITES | NAMED, QUOTA_READS},
    [VERB_HISTORY] = {verb_history, LONG | NAMED, QUOTA_READS},
    [VERB_SYNC] = {verb_sync, 0, QUOTA_JOINS},
    [VERB_PING] = {verb_ping, 0, QUOTA_READS},
    [VERB_BYE] = {verb_bye, NEED_NAME | NEED_HELLO, QUOTA_JOINS},
    [VERB_TELL] = {verb_tell, NEED_NAME | NEED_HELLO | NAMED, QUOTA_MESSAGES},
    [VERB_INVITE] = {verb_invite, NEED_NAME | NEED_HELLO | NAMED, QUOTA_MESSAGES},
    [VERB_KICK] = {verb_kick, NEED_NAME | NEED_HELLO | NAMED, QUOTA_MESSAGES},
    [VERB_MODE] = {verb_mode, NEED_NAME | NEED_HELLO | LONG | WRITES | NAMED, QUOTA_READS},
    [VERB_REMOVE] = {verb_remove, NEED_NAME | NEED_HELLO | NAMED, QUOTA_MESSAGES},
    [VERB_KEYS] = {verb_keys, NEED_HELLO | NAMED, QUOTA_READS},
    [VERB_KEY] = {verb_key, NEED_NAME | NEED_HELLO, QUOTA_MESSAGES},
    [VERB_PURGE] = {verb_purge, NEED_NAME | NEED_HELLO | LONG, QUOTA_READS},
};

/*  Find out who speaks, and bind the connection to a name said for the first time.
    False: ERR was sent.                                                       */
static bool call_identify (call_t *call, unsigned flags)
{
    frame_t user = call->request->user;
    if (user.size == 0) {
        if (flags & NEED_NAME)
            call_err (call, ZCHAT_GUEST, NULL, NULL);
        return !(flags & NEED_NAME);
    }
    const char *why;
    if (name_check (user, &call->keys, &why) != ZCHAT_OK) {
        call_err (call, ZCHAT_NAME, why, NULL);
        return false;
    }
    session_t *session = call->peer->session;
    if (session) {
        if (!presence_user_is (session->user, &call->keys)) {
            call_err (call, ZCHAT_IDENTITY, NULL, NULL);
            return false;
        }
        call->session = session;
        call->owner = ledger_owner_by_id (call->core->ledger, session->user->owner);
    }
    if (flags & OWN_NAME)
        return true;
    if (call->peer->silent) {
        call_err (call, ZCHAT_HELLO,
                  "this connection's session is over: nothing was heard of it for too long, or the "
                  "name is no longer its; HELLO first",
                  NULL);
        return false;
    }
    if ((flags & NEED_HELLO) && !(session && session->greeted)) {
        call_err (call, ZCHAT_HELLO, NULL, NULL);
        return false;
    }
    return session || session_bind (call, user, NULL);
}

/*  --- quotas ----------------------------------------------------------------  */

/*  Whose buckets the connection shares; NULL: nobody's. Not the call's owner: a guest's request
    over the same connection counts too, and so does one that is refused before it is known who
    speaks.                                                                    */
static owner_t *peer_owner (const core_t *core, const peer_t *peer)
{
    return peer->session ? ledger_owner_by_id (core->ledger, peer->session->user->owner) : NULL;
}

enum { BUCKETS = 3 };

/*  The buckets of one kind that a request takes out of: its connection's, its owner's, its place's.
 */
static size_t quota_buckets (call_t *call, owner_t *owner, quota_kind_t kind,
                             bucket_t *buckets[BUCKETS])
{
    const peer_t *peer = call->peer;
    size_t count = 0;
    buckets[count++] = &call->peer->buckets[kind];
    if (owner)
        buckets[count++] = &owner->buckets[kind];
    if (kind == QUOTA_STORED && *peer->metered)
        buckets[count++] = meters_bucket (call->core->meters, peer->metered);
    return count;
}

static uint64_t quota_wait_ms (call_t *call, quota_kind_t kind, uint64_t amount)
{
    bucket_t *buckets[BUCKETS];
    uint64_t wait_ms = 0;
    size_t count = amount ? quota_buckets (call, call->payer, kind, buckets) : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t ms =
            bucket_wait_ms (buckets[i], &call->core->quotas[kind], amount, call->now.mono_ms);
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    return wait_ms;
}

static void quota_take (call_t *call, owner_t *owner, quota_kind_t kind, uint64_t amount)
{
    bucket_t *buckets[BUCKETS];
    size_t count = amount ? quota_buckets (call, owner, kind, buckets) : 0;
    for (size_t i = 0; i < count; i++)
        bucket_take (buckets[i], &call->core->quotas[kind], amount, call->now.mono_ms);
}

static void quota_return (call_t *call, quota_kind_t kind, uint64_t amount)
{
    bucket_t *buckets[BUCKETS];
    size_t count = amount ? quota_buckets (call, call->payer, kind, buckets) : 0;
    for (size_t i = 0; i < count; i++)
        bucket_return (buckets[i], &call->core->quotas[kind], amount);
}

/*  True where the request comes too soon; ERR was sent.                       */
static bool call_hasty (call_t *call)
{
    const request_t *request = call->request;
    quota_kind_t kind = verbs[request->verb].quota;
    if ((verbs[request->verb].flags & WRITES) && request->n_args == 2)
        kind = QUOTA_MESSAGES;
    uint64_t bytes = kind == QUOTA_MESSAGES ? request->args[1].size + request->args[2].size : 0;
    call->payer = peer_owner (call->core, call->peer);
    uint64_t stored = kind == QUOTA_MESSAGES ? bytes + ZCHAT_STORED_EVENT : 0;
    const struct {
        quota_kind_t kind;
        uint64_t amount;
    } wanted[] = {{kind, 1}, {QUOTA_BYTES, bytes}, {QUOTA_STORED, stored}, {QUOTA_FAILED, 1}};
    uint64_t wait_ms = 0;
    quota_kind_t what = kind;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        uint64_t ms = quota_wait_ms (call, wanted[i].kind, wanted[i].amount);
        what = ms > wait_ms ? wanted[i].kind : what;
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    if (wait_ms) {
        call_err (
            call, ZCHAT_SLOW, NULL,
            json_pack ("{s:I, s:s}", "wait_ms", (json_int_t)wait_ms, "what", quota_name (what)));
        return true;
    }
    quota_take (call, call->payer, kind, 1);
    quota_take (call, call->payer, QUOTA_BYTES, bytes);
    quota_take (call, call->payer, QUOTA_STORED, stored);
    call->counted = true;
    call->kind = kind;
    call->bytes = bytes;
    return false;
}

void call_rows (call_t *call, size_t rows)
{
    quota_take (call, call->payer, QUOTA_READS, rows / ZCHAT_QUOTA_ROWS);
}

void peer_charge_page (core_t *core, peer_t *peer, size_t bytes)
{
    call_t call = {.core = core, .from = peer->id, .peer = peer, .now = core->now};
    quota_take (&call, peer_owner (core, peer), QUOTA_READS, bytes / ZCHAT_QUOTA_PAGE);
}

void call_slowed (call_t *call)
{
    if (!call->counted)
        return;
    call->counted = false;
    quota_return (call, call->kind, 1);
    quota_return (call, QUOTA_BYTES, call->bytes);
    if (call->kind == QUOTA_MESSAGES)
        quota_return (call, QUOTA_STORED, call->bytes + ZCHAT_STORED_EVENT);
}

void call_failed (call_t *call)
{
    if (call->peer)
        quota_take (call, peer_owner (call->core, call->peer), QUOTA_FAILED, 1);
}

/*  ---------------------------------------------------------------------------  */

static void call_dispatch (call_t *call)
{
    core_t *core = call->core;
    if (core->closing) {
        call_err (call, ZCHAT_CLOSING, NULL, NULL);
        return;
    }
    unsigned flags = verbs[call->request->verb].flags;
    if (call_hasty (call) || ((flags & LONG) && call_indebted (call)))
        return;
    if (call_identify (call, flags))
        verbs[call->request->verb].handle (call);
}

/*  Names come in NFC or in another form (what macOS types is NFD): from here on they are in NFC. */
static void names_compose (call_t *call, request_t *request)
{
    request->user = name_compose (request->user, call->names[0]);
    if (verbs[request->verb].flags & NAMED)
        request->args[0] = name_compose (request->args[0], call->names[1]);
}

static bool peer_admin (const core_t *core, const peer_t *peer)
{
    for (size_t i = 0; *peer->key && i < core->n_admins; i++)
        if (strcmp (core->admins[i], peer->key) == 0)
            return true;
    return false;
}

/*  Who is at the other end does not change while it stands.                   */
static void peer_introduce (const core_t *core, peer_t *peer, core_origin_t origin)
{
    peer->secure = origin.secure;
    meters_place (origin.place, peer->metered);
    peer_place (core, peer, origin.place);
    if (*peer->key || !origin.key || !*origin.key)
        return;
    snprintf (peer->key, sizeof peer->key, "%s", origin.key);
    peer->admin = peer_admin (core, peer);
}

/*  What cannot be understood costs like everything that is answered by ERR.   */
static void call_undecoded (call_t *call, zchat_status_t status, const char *why)
{
    call->payer = peer_owner (call->core, call->peer);
    uint64_t wait_ms = quota_wait_ms (call, QUOTA_FAILED, 1);
    if (wait_ms)
        call_err (call, ZCHAT_SLOW, NULL, json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
    else
        call_err (call, status, why,
                  status == ZCHAT_LIMIT ? limit_json (ZCHAT_TAG_MAX, "tag") : NULL);
}

void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now)
{
    request_t request;
    const char *why = NULL;
    call_t call = {.core = core, .from = from, .request = &request, .now = now};
    core->now = now;
    zchat_status_t status = request_decode (frames, count, &request, &why);
    if (status != ZCHAT_OK) {
        request.verb = VERB_COUNT;
        request.user = frame_of (NULL, 0);
    } else
        names_compose (&call, &request);
    (void)clock_watch (&core->clock, now);
    call.peer = presence_peer_make (core->presence, from);
    if (!call.peer) {
        call_err (&call, ZCHAT_LIMIT, "too many connections; try again later",
                  limit_json (ZCHAT_PEERS_MAX, "connections"));
        return;
    }
    if (status != ZCHAT_OK) {
        call_undecoded (&call, status, why);
        presence_peer_release (core->presence, call.peer);
        return;
    }
    peer_introduce (core, call.peer, origin);
    call_dispatch (&call);
    publish_landed (core, false);
    call.peer = presence_peer (core->presence, from);
    if (call.peer)
        silence_heard (core, call.peer, now);
    if (call.peer)
        presence_peer_release (core->presence, call.peer);
}

void core_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                  const char *why)
{
    request_t request;
    const char *ignored;
    call_t call = {.core = core, .from = peer, .request = &request};
    if (request_decode (frames, count, &request, &ignored) != ZCHAT_OK) {
        request.verb = VERB_COUNT;
        request.user = frame_of (NULL, 0);
    }
    call_err (&call, ZCHAT_MALFORMED, why, NULL);
}
