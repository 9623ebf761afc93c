/*  sessions.c - HELLO, BYE, PING, SYNC: connections and names                 */
#include "core_private.h"

void session_leave_all (core_t *core, session_t *session, const char *reason, core_time_t now)
{
    while (session->rooms) {
        room_t *room = session->rooms->room;
        presence_leave (core->presence, session->rooms);
        frame_t user = frame_of (session->name, session->name_size);
        core_note (core, CORE_NOTE_LEAVE, session->peer ? session->peer->id : 0, user,
                   frame_of (room->name, room->name_size), reason);
        announce_leave (core, session, room, reason, now);
        ledger_room_release (core->ledger, room);
    }
}

/*  Refuse a name that another session holds.                                  */
static void refuse_taken (call_t *call, const session_t *holder)
{
    json_t *more = NULL;
    const char *why = NULL;
    if (!holder->peer) {
        uint64_t left =
            holder->until_ms > call->now.mono_ms ? holder->until_ms - call->now.mono_ms : 0;
        more = json_pack ("{s:I}", "wait_ms", (json_int_t)left + 1);
        why = "this name is kept a moment for its owner, whose connection was lost";
    }
    call_err (call, ZCHAT_TAKEN, why, more);
}

bool session_bind (call_t *call, frame_t user)
{
    core_t *core = call->core;
    session_t *holder = presence_session (core->presence, &call->keys);
    if (holder) {
        refuse_taken (call, holder);
        return false;
    }
    call->session = presence_session_new (core->presence, call->peer, user, &call->keys);
    if (!call->session)
        call_err (call, ZCHAT_LIMIT, "too many names are in use; try again later",
                  limit_json (ZCHAT_SESSIONS_MAX, "sessions"));
    return call->session != NULL;
}

/*  --- HELLO -----------------------------------------------------------------  */

/*  Check the argument of HELLO. False: ERR was sent.                          */
static bool hello_check (call_t *call, const json_t *json)
{
    const json_t *protocol = json_object_get (json, "protocol");
    const json_t *agent = json_object_get (json, "agent");
    if (protocol &&
        !(json_is_string (protocol) && !strcmp (json_string_value (protocol), "ZCHAT/1")))
        call_err (call, ZCHAT_PROTOCOL, NULL, NULL);
    else if (agent && !json_is_string (agent))
        call_err (call, ZCHAT_MALFORMED, "agent is not a string", NULL);
    else if (agent && json_string_length (agent) > ZCHAT_AGENT_MAX)
        call_err (call, ZCHAT_LIMIT, "agent is too long", limit_json (ZCHAT_AGENT_MAX, "agent"));
    else
        return true;
    return false;
}

/*  Find, take over or make the session. False: ERR was sent.                  */
static bool hello_session (call_t *call, const json_t *json, bool *resumed)
{
    core_t *core = call->core;
    uint8_t secret[ZCHAT_SESSION_SIZE];
    session_t *holder = presence_session (core->presence, &call->keys);
    bool known = holder && holder->greeted &&
                 hex_decode (json_object_get (json, "session"), secret, sizeof secret) &&
                 sodium_memcmp (secret, holder->secret, sizeof secret) == 0;
    if (!call->session && known) {
        peer_t *old = holder->peer;
        presence_session_take (core->presence, holder, call->peer);
        if (old)
            presence_peer_release (core->presence, old);
        call->session = holder;
        *resumed = true;
        return true;
    }
    if (!call->session && !session_bind (call, call->request->user))
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

void verb_hello (call_t *call)
{
    core_t *core = call->core;
    json_t *json = call_json (call, call->request->args[0], false);
    if (!json)
        return;
    bool guest = call->request->user.size == 0, resumed = false;
    if (!hello_check (call, json) || (!guest && !hello_session (call, json, &resumed)))
        goto out;
    const session_t *session = guest ? NULL : call->session;
    const char *agent = json_string_value (json_object_get (json, "agent"));
    core_note (core, resumed ? CORE_NOTE_RESUME : CORE_NOTE_HELLO, call->from,
               session ? frame_of (session->name, session->name_size) : frame_of (NULL, 0),
               frame_of (NULL, 0), agent);
    json_t *reply = json_pack ("{s:s, s:s, s:s, s:O, s:i, s:o}", "protocol", "ZCHAT/1", "server",
                               "zchatd/" ZCHAT_VERSION, "log", core->log_id, "feeds", core->feeds,
                               "heartbeat_ms", (int)core->heartbeat_ms, "limits", hello_limits ());
    json_object_set_new (reply, "user", json_string (session ? session->name : ""));
    if (session) {
        char secret[2 * ZCHAT_SESSION_SIZE + 1];
        hex_encode (secret, session->secret, ZCHAT_SESSION_SIZE);
        json_object_set_new (reply, "session", json_string (secret));
        json_object_set_new (reply, "resumed", json_boolean (resumed));
    }
    call_ok (call, reply);
out:
    json_decref (json);
}

/*  --- BYE, PING, SYNC -------------------------------------------------------  */

void verb_bye (call_t *call)
{
    core_t *core = call->core;
    session_t *session = call->session;
    session_leave_all (core, session, "bye", call->now);
    core_note (core, CORE_NOTE_BYE, call->from, frame_of (session->name, session->name_size),
               frame_of (NULL, 0), NULL);
    presence_session_end (core->presence, session);
    call_ok (call, NULL);
}

void verb_ping (call_t *call)
{
    json_t *heads = json_object ();
    for (member_t *member = call->session ? call->session->rooms : NULL; member;
         member = member->next_room)
        json_object_set_new (heads, member->room->name,
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
