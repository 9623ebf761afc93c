/*  dispatch.c - one table of verbs: who may call what                         */
#include "core_private.h"

enum {
    NEED_NAME = 1,  /* guests are refused                                       */
    NEED_HELLO = 2, /* so are connections that said no HELLO                    */
    OWN_NAME = 4,   /* the handler binds the name itself                        */
    LONG = 8,       /* replies may be long: who has had too many waits          */
};

static const struct {
    void (*handle) (call_t *call);
    unsigned flags;
} verbs[VERB_COUNT] = {
    [VERB_HELLO] = {verb_hello, OWN_NAME},
    [VERB_SAY] = {verb_say, NEED_NAME},
    [VERB_JOIN] = {verb_join, NEED_NAME | NEED_HELLO},
    [VERB_PART] = {verb_part, NEED_NAME | NEED_HELLO},
    [VERB_WHO] = {verb_who, LONG},
    [VERB_ROOMS] = {verb_rooms, LONG},
    [VERB_TOPIC] = {verb_topic, 0},
    [VERB_HISTORY] = {verb_history, LONG},
    [VERB_SYNC] = {verb_sync, 0},
    [VERB_PING] = {verb_ping, 0},
    [VERB_BYE] = {verb_bye, NEED_NAME | NEED_HELLO},
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
        name_keys_t held;
        snprintf (held.fold, sizeof held.fold, "%s", session->fold.key);
        snprintf (held.look, sizeof held.look, "%s",
                  session->look.key ? session->look.key : session->fold.key);
        if (!name_same (&held, &call->keys)) {
            call_err (call, ZCHAT_IDENTITY, NULL, NULL);
            return false;
        }
        call->session = session;
    }
    if (flags & OWN_NAME)
        return true;
    if (call->peer->silent) {
        call_err (call, ZCHAT_HELLO,
                  "nothing was heard of this connection for too long; HELLO first", NULL);
        return false;
    }
    if ((flags & NEED_HELLO) && !(session && session->greeted)) {
        call_err (call, ZCHAT_HELLO, NULL, NULL);
        return false;
    }
    return session || session_bind (call, user);
}

/*  Long replies are asked for by short requests, and wait in the broker for a peer that does
    not read: no more of them at once than the bound, and then only so many a second. */
static bool call_indebted (call_t *call)
{
    peer_t *peer = call->peer;
    uint64_t paid = (call->now.mono_ms - peer->debt_ms) * ZCHAT_PEER_DEBT_PER_MS;
    peer->debt = paid < peer->debt ? peer->debt - paid : 0;
    peer->debt_ms = call->now.mono_ms;
    if (peer->debt < ZCHAT_PEER_DEBT_MAX)
        return false;
    uint64_t wait_ms = (peer->debt - ZCHAT_PEER_DEBT_MAX) / ZCHAT_PEER_DEBT_PER_MS + 1;
    call_err (call, ZCHAT_SLOW, "too much was asked for at once",
              json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
    return true;
}

static void call_dispatch (call_t *call)
{
    core_t *core = call->core;
    if (core->closing) {
        call_err (call, ZCHAT_CLOSING, NULL, NULL);
        return;
    }
    unsigned flags = verbs[call->request->verb].flags;
    if ((flags & LONG) && call_indebted (call))
        return;
    (void)call->origin;
    if (!verbs[call->request->verb].handle)
        call_err (call, ZCHAT_VERB, NULL, NULL);
    else if (call_identify (call, flags))
        verbs[call->request->verb].handle (call);
}

void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now)
{
    request_t request;
    const char *why = NULL;
    call_t call = {.core = core, .from = from, .origin = origin, .request = &request, .now = now};
    zchat_status_t status = request_decode (frames, count, &request, &why);
    if (status != ZCHAT_OK) {
        request.verb = VERB_COUNT;
        request.user = frame_of (NULL, 0);
        call_err (&call, status, why,
                  status == ZCHAT_LIMIT ? limit_json (ZCHAT_TAG_MAX, "tag") : NULL);
        return;
    }
    (void)clock_watch (&core->clock, now);
    call.peer = presence_peer_make (core->presence, from);
    if (!call.peer) {
        call_err (&call, ZCHAT_LIMIT, "too many connections; try again later",
                  limit_json (ZCHAT_PEERS_MAX, "connections"));
        return;
    }
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
