/*  sessions.c - HELLO, BYE, PING, SYNC: connections and names                 */
#include "core_private.h"

void session_leave (core_t *core, member_t *member, const char *reason, core_time_t now)
{
    const session_t *session = member->session;
    room_t *room = member->room;
    bool last = presence_leave (core->presence, member);
    if (last && !room->mailbox) {
        core_note (core, CORE_NOTE_LEAVE, session->peer ? session->peer->id : 0,
                   frame_of (session->name, session->name_size),
                   frame_of (room->name, room->name_size), reason);
        announce_leave (core, session, room, reason, now);
    }
    ledger_room_release (core->ledger, room);
}

void session_leave_all (core_t *core, session_t *session, const char *reason, core_time_t now)
{
    while (session->rooms)
        session_leave (core, session->rooms, reason, now);
}

void session_over (core_t *core, session_t *session)
{
    uint64_t owner = session->user->n_sessions == 1 ? session->user->owner : 0;
    presence_session_end (core->presence, session);
    if (owner)
        ledger_owner_away (core->ledger, owner);
}

void session_end (core_t *core, session_t *session, const char *reason, core_time_t now)
{
    peer_t *peer = session->peer;
    session_leave_all (core, session, reason, now);
    session_over (core, session);
    /*  Whoever did not end it knows nothing of it, and would be in no room without a word.  */
    if (peer && strcmp (reason, "bye") != 0)
        peer->silent = true;
}

/*  How long to wait before it is known whether the holder's connection stands; 0: it does. A
   program that was killed is asked for again by the next one before anybody can know that its
   connection is gone: what is asked first is put off, and by then the shell has found out.  */
static uint64_t holder_doubt_ms (session_t *holder, uint64_t mono_ms)
{
    uint64_t since_ms = mono_ms - holder->doubted_ms;
    if (!holder->doubted_ms || since_ms >= ZCHAT_DOUBT_AGAIN_MS) {
        holder->doubted_ms = mono_ms ? mono_ms : 1;
        return ZCHAT_DOUBT_MS;
    }
    return since_ms < ZCHAT_DOUBT_MS ? ZCHAT_DOUBT_MS - since_ms : 0;
}

void session_taken (call_t *call, const user_t *user)
{
    json_t *more = NULL;
    const char *why = NULL;
    session_t *holder = user->sessions;
    uint64_t left = holder->until_ms > call->now.mono_ms ? holder->until_ms - call->now.mono_ms : 0;
    left = holder->peer ? holder_doubt_ms (holder, call->now.mono_ms) : left + 1;
    if (left) {
        more = json_pack ("{s:I}", "wait_ms", (json_int_t)left);
        why = holder->peer ? "this name is kept a moment: whoever has it may have lost the "
                             "connection; wait"
                           : "this name is kept a moment for its owner, whose connection was lost";
    }
    call_err (call, ZCHAT_TAKEN, why, more);
}

/*  Who held the name of somebody who proves it has to go. True: the name can be used. */
static bool name_clear (call_t *call, const name_keys_t *keys, const owner_t *owner)
{
    user_t *user = presence_user (call->core->presence, keys);
    if (!user)
        return true;
    if (!owner) {
        session_taken (call, user);
        return false;
    }
    if (user->owner != owner->id) {
        /*  The owner of a name that looks the same, of a log from before: both have theirs.  */
        if (ledger_owner_by_id (call->core->ledger, user->owner))
            return true;
        session_t *next;
        for (session_t *session = user->sessions; session; session = next) {
            next = session->next_same;
            session_end (call->core, session, "lost", call->now);
        }
        return true;
    }
    if (user->n_sessions < ZCHAT_NAME_SESSIONS_MAX)
        return true;
    /*  A lost one makes room: its program cannot miss more than its rooms.    */
    for (session_t *session = user->sessions; session; session = session->next_same)
        if (!session->peer) {
            session_end (call->core, session, "lost", call->now);
            return true;
        }
    call_err (call, ZCHAT_LIMIT, "this name has too many sessions; end one of them",
              limit_json (ZCHAT_NAME_SESSIONS_MAX, "sessions of a name"));
    return false;
}

/*  A new session, its name as its owner spells it. False: ERR was sent.       */
static bool session_make (call_t *call, frame_t user, owner_t *owner)
{
    core_t *core = call->core;
    name_keys_t keys = call->keys;
    if (owner) {
        user = frame_str (owner->name);
        (void)!name_check (user, &keys, NULL);
    }
    if (!name_clear (call, &keys, owner))
        return false;
    call->session =
        presence_session_new (core->presence, call->peer, user, &keys, owner ? owner->id : 0);
    call->owner = owner;
    if (call->session)
        call->session->by_token = call->token;
    else
        call_err (call, ZCHAT_LIMIT, "too many names are in use; try again later",
                  limit_json (ZCHAT_SESSIONS_MAX, "sessions"));
    return call->session != NULL;
}

bool session_bind (call_t *call, frame_t user, const json_t *hello)
{
    owner_t *owner = NULL;
    return claim_check (call, hello, &owner) != CLAIM_REFUSED && session_make (call, user, owner);
}

/*  --- HELLO -----------------------------------------------------------------  */

/*  Check the argument of HELLO. False: ERR was sent.                          */
static bool hello_check (call_t *call, const json_t *json)
{
    const json_t *protocol = json_object_get (json, "protocol");
    const json_t *agent = json_object_get (json, "agent");
    const json_t *form = json_object_get (json, "form");
    const char *word = form ? json_string_value (form) : "events";
    if (protocol &&
        !(json_is_string (protocol) && !strcmp (json_string_value (protocol), "ZCHAT/1")))
        call_err (call, ZCHAT_PROTOCOL, NULL, NULL);
    else if (agent && !json_is_string (agent))
        call_err (call, ZCHAT_MALFORMED, "agent is not a string", NULL);
    else if (agent && json_string_length (agent) > ZCHAT_AGENT_MAX)
        call_err (call, ZCHAT_LIMIT, "agent is too long", limit_json (ZCHAT_AGENT_MAX, "agent"));
    else if (!word || (strcmp (word, "events") != 0 && strcmp (word, "pack") != 0))
        call_err (call, ZCHAT_MALFORMED, "form is \"events\" or \"pack\"", NULL);
    else
        return true;
    return false;
}

/*  The session whose secret the argument holds; NULL: none of the user's.     */
static session_t *session_known (const user_t *user, const json_t *json)
{
    uint8_t secret[ZCHAT_SESSION_SIZE];
    session_t *known = NULL;
    if (!hex_decode (json_object_get (json, "session"), secret, sizeof secret))
        return NULL;
    for (session_t *session = user ? user->sessions : NULL; session; session = session->next_same)
        if (session->greeted && sodium_memcmp (secret, session->secret, sizeof secret) == 0)
            known = session;
    return known;
}

/*  The secret alone is enough for a name that nobody proves.                  */
static bool session_resume (call_t *call, session_t *known, const json_t *json)
{
    core_t *core = call->core;
    owner_t *owner = NULL;
    if (known->user->owner && claim_check (call, json, &owner) == CLAIM_REFUSED)
        return false;
    peer_t *old = known->peer;
    presence_session_take (core->presence, known, call->peer);
    /*  What is still on its way over the old connection was sent again, and perhaps refused: it
        must not be stored behind that, were the name free once more.              */
    if (old) {
        old->silent = true;
        presence_peer_release (core->presence, old);
    }
    known->by_token = call->token;
    call->session = known;
    call->owner = owner;
    known->user->owner = owner ? owner->id : 0;
    return true;
}

/*  Find, take over or make the session, and *resumed. False: ERR was sent.    */
static bool hello_session (call_t *call, const json_t *json, bool *resumed)
{
    core_t *core = call->core;
    const user_t *user = presence_user (core->presence, &call->keys);
    session_t *known = call->session ? NULL : session_known (user, json);
    *resumed = known != NULL;
    if (known)
        return session_resume (call, known, json);
    if (!call->session && !session_bind (call, call->request->user, json))
        return false;
    if (!call->session->greeted) {
        core->sink.random (core->sink.arg, call->session->secret, ZCHAT_SESSION_SIZE);
        call->session->greeted = true;
    }
    return true;
}

static json_t *hello_limits (void)
{
    return json_pack ("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "body", ZCHAT_BODY_MAX, "data",
                      ZCHAT_DATA_MAX, "topic", ZCHAT_TOPIC_MAX, "name", ZCHAT_NAME_MAX_CODEPOINTS,
                      "history", ZCHAT_HISTORY_MAX, "rooms", ZCHAT_SESSION_ROOMS_MAX, "pending",
                      ZCHAT_PEER_PENDING_MAX);
}

static json_t *hello_reply (const call_t *call, const session_t *session, bool resumed)
{
    const core_t *core = call->core;
    json_t *reply = json_pack ("{s:s, s:s, s:s, s:O, s:i, s:o}", "protocol", "ZCHAT/1", "server",
                               "zchatd/" ZCHAT_VERSION, "log", core->log_id, "feeds", core->feeds,
                               "heartbeat_ms", (int)core->heartbeat_ms, "limits", hello_limits ());
    json_object_set_new (reply, "forgotten",
                         json_integer ((json_int_t)ledger_forgotten (core->ledger)));
    json_object_set_new (reply, "user", json_string (session ? session->name : ""));
    if (session) {
        char secret[2 * ZCHAT_SESSION_SIZE + 1];
        hex_encode (secret, session->secret, ZCHAT_SESSION_SIZE);
        json_object_set_new (reply, "session", json_string (secret));
        json_object_set_new (reply, "resumed", json_boolean (resumed));
        json_object_set_new (reply, "proven", json_boolean (call->owner));
        json_object_set_new (reply, "admin", json_boolean (call->peer->admin));
        sodium_memzero (secret, sizeof secret);
    }
    return reply;
}

void verb_hello (call_t *call)
{
    core_t *core = call->core;
    json_t *json = call_json (call, call->request->args[0], false);
    if (!json)
        return;
    bool guest = call->request->user.size == 0, resumed = false;
    if (!hello_check (call, json) || (!guest && !hello_session (call, json, &resumed)))
        goto out;
    session_t *session = guest ? NULL : call->session;
    const char *agent = json_string_value (json_object_get (json, "agent"));
    const char *form = json_string_value (json_object_get (json, "form"));
    if (session) {
        session->packs = form && !strcmp (form, "pack");
        session->enveloped = call->request->enveloped;
    }
    core_note (core, resumed ? CORE_NOTE_RESUME : CORE_NOTE_HELLO, call->from,
               session ? frame_of (session->name, session->name_size) : frame_of (NULL, 0),
               frame_of (NULL, 0), agent);
    /*  Whose the name is, and what was forgotten, may be on its way to the disk, by this connection
        or another.                                                            */
    if (call->owner || core->forgets_held)
        call_ok_owner (call, hello_reply (call, session, resumed));
    else
        call_ok (call, hello_reply (call, session, resumed));
out:
    json_decref (json);
}

/*  --- BYE, PING, SYNC -------------------------------------------------------  */

/*  The producer in the argument has ended: who made it will not come back. False: ERR was sent. */
static bool bye_producer (call_t *call)
{
    core_t *core = call->core;
    held_t effect = {.kind = HELD_END, .holder = frame_str (STORE_ENDED)};
    json_t *json = call_json (call, call->request->args[0], false);
    const json_t *id = json_object_get (json, "producer");
    bool known = id && hex_decode (id, effect.entry.producer, sizeof effect.entry.producer);
    if (id && !known)
        call_err (call, ZCHAT_MALFORMED, "producer is 32 hex digits in lower case", NULL);
    bool ok = json && (known || !id);
    json_decref (json);
    const producer_t *producer =
        known ? ledger_producer (core->ledger, effect.entry.producer) : NULL;
    if (producer && !producer->ended) {
        effect.entry.has_producer = true;
        effect.entry.n = producer->n;
        effect.event.time_ms = call->now.wall_ms;
        ledger_end (core->ledger, producer->id, call->now.wall_ms);
        core_hold (core, NULL, &effect);
    }
    return ok;
}

void verb_bye (call_t *call)
{
    core_t *core = call->core;
    session_t *session = call->session;
    if (!bye_producer (call))
        return;
    core_note (core, CORE_NOTE_BYE, call->from, frame_of (session->name, session->name_size),
               frame_of (NULL, 0), NULL);
    session_end (core, session, "bye", call->now);
    call->session = NULL;
    call_ok (call, NULL);
}

void verb_ping (call_t *call)
{
    json_t *heads = json_object ();
    for (member_t *member = call->session ? call->session->rooms : NULL; member;
         member = member->next_room)
        json_object_set_new (heads, member->room->mailbox ? "@" : member->room->name,
                             json_integer ((json_int_t)member->room->head));
    call_ok (call, json_pack ("{s:I, s:o}", "time", (json_int_t)call->now.wall_ms, "heads", heads));
}

static bool nonce_valid (frame_t nonce)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *bytes = nonce.data;
    for (size_t i = 0; i < nonce.size; i++)
        if (!memchr (allowed, bytes[i], sizeof allowed - 1))
            return false;
    return nonce.size >= 1 && nonce.size <= ZCHAT_NONCE_MAX;
}

void verb_sync (call_t *call)
{
    frame_t nonce = call->request->args[0];
    if (!nonce_valid (nonce)) {
        call_err (call, ZCHAT_MALFORMED, "a nonce is 1 to 64 of the characters A-Z a-z 0-9 . _ -",
                  NULL);
        return;
    }
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[] = {frame_of (topic, event_topic (topic, "sync/", nonce)), frame_of ("", 0),
                        frame_of ("", 0), frame_str ("{}")};
    call->core->sink.publish (call->core->sink.arg, frames, 4);
    call_ok (call, NULL);
}
