/*  sessions.c - HELLO, BYE, PING, SYNC: connections and names                 */
#include "arguments.h"
#include "verbs.h"

/*  --- names ------------------------------------------------------------------  */

/*  Who holds the name may be put out for the caller, who proves it (owner is not 0), or nobody
    holds it.                                                                  */
static bool name_can_be_had (const call_t *call, const view_t *view, verdict_t *verdict,
                             const name_keys_t *keys, uint64_t owner)
{
    const user_t *user = presence_user (view->presence, keys);
    if (!user)
        return true;
    if (!owner)
        return session_taken (call, verdict, user);
    if (user->owner != owner || user->n_sessions < ZCHAT_NAME_SESSIONS_MAX)
        return true;
    /*  A lost one makes room: its program cannot miss more than its rooms.    */
    for (const session_t *session = user->sessions; session; session = session->next_same)
        if (!session->peer)
            return true;
    return verdict_limit (verdict, "this name has too many sessions; end one of them",
                          ZCHAT_NAME_SESSIONS_MAX, "sessions of a name");
}

bool session_bind (const call_t *call, const view_t *view, verdict_t *verdict, const json_t *hello)
{
    name_keys_t keys;
    const char *why;
    uint64_t owner;
    frame_t name;
    if (name_check (call->request.user, &keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    if (!claim_check (call, view, verdict, &keys, hello, &owner, &name) ||
        !name_can_be_had (call, view, verdict, &keys, owner))
        return false;
    if (presence_n_sessions (view->presence) >= ZCHAT_SESSIONS_MAX)
        return verdict_limit (verdict, "too many names are in use; try again later",
                              ZCHAT_SESSIONS_MAX, "sessions");
    move_t *move = verdict_move (verdict, MOVE_BIND);
    move->name = name;
    move->owner = owner;
    move->by_token = json_object_get (hello, "token") != NULL;
    return verdict_ok (verdict, NULL);
}

/*  --- HELLO -----------------------------------------------------------------  */

static bool hello_check (verdict_t *verdict, const json_t *json)
{
    const json_t *protocol = json_object_get (json, "protocol");
    const json_t *agent = json_object_get (json, "agent");
    const json_t *form = json_object_get (json, "form");
    const char *word = form ? json_string_value (form) : "events";
    if (protocol &&
        !(json_is_string (protocol) && !strcmp (json_string_value (protocol), "ZCHAT/1")))
        return verdict_refuse (verdict, ZCHAT_PROTOCOL, NULL, NULL);
    if (agent && !json_is_string (agent))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "agent is not a string", NULL);
    if (agent && json_string_length (agent) > ZCHAT_AGENT_MAX)
        return verdict_limit (verdict, "agent is too long", ZCHAT_AGENT_MAX, "agent");
    if (!word || (strcmp (word, "events") != 0 && strcmp (word, "pack") != 0))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "form is \"events\" or \"pack\"", NULL);
    return true;
}

/*  The session whose secret the argument holds; NULL: none of the user's.     */
static const session_t *session_known (const user_t *user, const json_t *json)
{
    uint8_t secret[ZCHAT_SESSION_SIZE];
    const session_t *known = NULL;
    if (!argument_hex (json_object_get (json, "session"), secret, sizeof secret))
        return NULL;
    for (const session_t *session = user ? user->sessions : NULL; session;
         session = session->next_same)
        if (session->greeted && sodium_memcmp (secret, session->secret, sizeof secret) == 0)
            known = session;
    return known;
}

/*  The secret alone is enough for a name that nobody proves.                  */
static bool session_resume (const call_t *call, const view_t *view, verdict_t *verdict,
                            const name_keys_t *keys, const session_t *known, const json_t *json)
{
    uint64_t owner = 0;
    frame_t name = call->request.user;
    if (known->user->owner && !claim_check (call, view, verdict, keys, json, &owner, &name))
        return false;
    move_t *move = verdict_move (verdict, MOVE_RESUME);
    move->name = text_keep (verdict, frame_of (known->name, known->name_size));
    move->owner = owner;
    move->by_token = json_object_get (json, "token") != NULL;
    move->secret = text_keep (verdict, frame_of (known->secret, sizeof known->secret)).data;
    return verdict_ok (verdict, NULL);
}

static json_t *hello_limits (void)
{
    return json_pack ("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "body", ZCHAT_BODY_MAX, "data",
                      ZCHAT_DATA_MAX, "topic", ZCHAT_TOPIC_MAX, "name", ZCHAT_NAME_MAX_CODEPOINTS,
                      "history", ZCHAT_HISTORY_MAX, "rooms", ZCHAT_SESSION_ROOMS_MAX, "pending",
                      ZCHAT_PEER_PENDING_MAX);
}

static json_t *hello_reply (const view_t *view)
{
    const setup_t *setup = view->setup;
    json_t *reply = json_pack ("{s:s, s:s, s:s, s:O, s:i, s:o}", "protocol", "ZCHAT/1", "server",
                               "zchatd/" ZCHAT_VERSION, "log", setup->log_id, "feeds", setup->feeds,
                               "heartbeat_ms", (int)setup->heartbeat_ms, "limits", hello_limits ());
    json_object_set_new (reply, "forgotten",
                         json_integer ((json_int_t)ledger_forgotten (view->ledger)));
    return reply;
}

/*  The session of who says HELLO: the one it has, one that it comes back to, or a new one. */
static bool hello_session (const call_t *call, const view_t *view, verdict_t *verdict,
                           const json_t *json, bool packs)
{
    name_keys_t keys;
    const char *why;
    if (name_check (call->request.user, &keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    const session_t *known =
        call->session ? NULL : session_known (presence_user (view->presence, &keys), json);
    bool done = known           ? session_resume (call, view, verdict, &keys, known, json)
                : call->session ? true
                                : session_bind (call, view, verdict, json);
    if (!done)
        return false;
    move_t *move =
        call->session ? verdict_move (verdict, MOVE_GREET) : &verdict->moves[verdict->n_moves - 1];
    const session_t *old = known ? known : call->session;
    const uint8_t *secret = old && old->greeted ? old->secret : call->secret;
    move->packs = packs;
    move->greets = true;
    if (!known)
        move->secret = secret;
    uint64_t owner = call->session ? call->owner : move->owner;
    char hex[2 * ZCHAT_SESSION_SIZE + 1];
    sodium_bin2hex (hex, sizeof hex, secret, ZCHAT_SESSION_SIZE);
    frame_t name = old ? frame_of (old->name, old->name_size) : move->name;
    json_t *reply = hello_reply (view);
    json_object_set_new (reply, "user", json_stringn (name.data, name.size));
    json_object_set_new (reply, "session", json_string (hex));
    json_object_set_new (reply, "resumed", json_boolean (known));
    json_object_set_new (reply, "proven", json_boolean (owner));
    json_object_set_new (reply, "admin", json_boolean (call->admin));
    sodium_memzero (hex, sizeof hex);
    frame_t agent = argument_string (json, "agent");
    verdict_note (verdict, known ? CORE_NOTE_RESUME : CORE_NOTE_HELLO, text_keep (verdict, name),
                  frame_of (NULL, 0),
                  json_object_get (json, "agent") ? text_keep (verdict, agent).data : NULL);
    return verdict_ok (verdict, reply);
}

bool verb_hello (const call_t *call, const view_t *view, verdict_t *verdict)
{
    json_t *json = argument_json (verdict, call->request.args[0]);
    if (!json)
        return false;
    bool done = hello_check (verdict, json);
    frame_t form = argument_string (json, "form"), agent = argument_string (json, "agent");
    if (done && call->request.user.size)
        done = hello_session (call, view, verdict, json, frame_is (form, "pack"));
    else if (done) {
        json_t *reply = hello_reply (view);
        json_object_set_new (reply, "user", json_string (""));
        verdict_note (verdict, CORE_NOTE_HELLO, frame_of (NULL, 0), frame_of (NULL, 0),
                      json_object_get (json, "agent") ? text_keep (verdict, agent).data : NULL);
        verdict_ok (verdict, reply);
    }
    json_decref (json);
    return done;
}

/*  --- BYE, PING, SYNC -------------------------------------------------------  */

bool verb_bye (const call_t *call, const view_t *view, verdict_t *verdict)
{
    uint8_t producer[ZCHAT_PRODUCER_SIZE];
    (void)view;
    json_t *json = argument_json (verdict, call->request.args[0]);
    if (!json)
        return false;
    const json_t *id = json_object_get (json, "producer");
    bool known = argument_hex (id, producer, sizeof producer), valid = !id || known;
    json_decref (json);
    if (!valid)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "producer is 32 hex digits in lower case",
                               NULL);
    if (known)
        verdict->later_of = text_keep (verdict, frame_of (producer, sizeof producer));
    verdict->later = known ? producer_ends : NULL;
    verdict_note (verdict, CORE_NOTE_BYE, call->user, frame_of (NULL, 0), NULL);
    verdict_move (verdict, MOVE_END);
    return verdict_ok (verdict, NULL);
}

bool verb_ping (const call_t *call, const view_t *view, verdict_t *verdict)
{
    json_t *heads = json_object ();
    for (member_t *member = call->session ? call->session->halls : NULL; member;
         member = member->next_hall) {
        const hall_t *hall = member->hall;
        const room_t *room = hall->room ? ledger_room_by_id (view->ledger, hall->room) : NULL;
        told_room_t told = told_room (view->told, view->ledger, room);
        /*  Nobody has spoken there, so nobody is behind, whatever seq it will begin with. */
        json_object_set_new (heads, hall->mailbox ? "@" : hall->name,
                             json_integer (told.stored ? (json_int_t)told.head : 0));
    }
    return verdict_ok (
        verdict, json_pack ("{s:I, s:o}", "time", (json_int_t)call->now.wall_ms, "heads", heads));
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

bool verb_sync (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)view;
    if (!nonce_valid (call->request.args[0]))
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "a nonce is 1 to 64 of the characters A-Z a-z 0-9 . _ -", NULL);
    verdict->sync = call->request.args[0];
    return verdict_ok (verdict, NULL);
}
