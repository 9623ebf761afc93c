/*  identity.c - who speaks, and who is charged with what they make

    Rooms, mailboxes, producers and names are charged to a proven name, behind the place where it
    was claimed; else to a key, else to a name, behind the place where it is. Of places and names
    hashes are kept: they are written into the log, and nobody needs to read them there.
*/
#include "../verbs/arguments.h"
#include "../verbs/verbs.h"
#include "admit.h"

enum { HASH_SIZE = 8 };

/*  --- connections -----------------------------------------------------------  */

/*  Write the hash of a text under the log's id, in hex.                       */
static void hash_text (const core_t *core, const char *text, size_t size,
                       char hex[2 * HASH_SIZE + 1])
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash (hash, sizeof hash, (const uint8_t *)text, size,
                        (const uint8_t *)core->setup.log_id, (size_t)2 * ZCHAT_LOG_ID_SIZE);
    sodium_bin2hex (hex, 2 * HASH_SIZE + 1, hash, HASH_SIZE);
}

static void peer_place (const core_t *core, peer_t *peer, const char *place)
{
    char hex[2 * HASH_SIZE + 1];
    if (*peer->place)
        return;
    place = place ? place : "";
    peer->placed = *place;
    size_t size = strcspn (place, "/");
    hash_text (core, place, size, hex);
    if (place[size]) {
        char part[2 * HASH_SIZE + 1];
        hash_text (core, place, strlen (place), part);
        snprintf (peer->place, sizeof peer->place, "%s/%s", hex, part);
    } else
        snprintf (peer->place, sizeof peer->place, "%s", hex);
}

bool key_admin (const core_t *core, const char *key)
{
    for (size_t i = 0; i < core->setup.n_admins; i++)
        if (strcmp (core->setup.admins[i], key) == 0)
            return true;
    return false;
}

void peer_introduce (core_t *core, peer_t *peer, core_origin_t origin)
{
    peer->secure = origin.secure;
    if (!*peer->place) /* it stays where it is                                  */
        meters_place (origin.place, peer->metered);
    peer_place (core, peer, origin.place);
    if (origin.operates)
        peer->admin = true;
    if (*peer->key || !origin.key || !*origin.key)
        return;
    snprintf (peer->key, sizeof peer->key, "%s", origin.key);
    peer->admin = key_admin (core, peer->key);
}

/*  --- calls -----------------------------------------------------------------  */

/*  Who the session's doing is charged to, worked out once.                    */
static const char *session_holder (const core_t *core, session_t *session, const peer_t *peer)
{
    char hex[2 * HASH_SIZE + 1];
    if (*session->holder)
        return session->holder;
    const owner_t *owner = ledger_owner_by_id (core->ledger, session->user->owner);
    if (owner)
        owner_holder (owner, session->holder);
    else {
        const char *who = *peer->key ? peer->key : session->user->fold.key;
        hash_text (core, who, strlen (who), hex);
        snprintf (session->holder, sizeof session->holder, "%s/%c%s", peer->place,
                  *peer->key ? 'k' : '=', hex);
    }
    return session->holder;
}

static void call_fill (const core_t *core, call_t *call)
{
    peer_t *peer = call->peer;
    session_t *session = peer->session;
    call->key = peer->key;
    call->admin = peer->admin;
    call->holder = "";
    call->place = peer->placed ? peer->place : "";
    call->remote = *peer->metered;
    call->reader = session ? presence_user_who (session->user) : NULL;
    if (!session || call->request.user.size == 0)
        return;
    call->session = session;
    call->user = frame_of (session->name, session->name_size);
    call->who = call->reader;
    call->owner = session->user->owner;
    call->by_token = session->by_token;
    call->doubtful = core->n_fact_changes > 0;
    call->greeted = session->greeted;
    call->holder = session_holder (core, session, peer);
}

/*  What the token of a HELLO shows about its name; of other requests, whether the name has any. */
static void call_token (const core_t *core, call_t *call, const name_keys_t *keys)
{
    const core_sink_t *sink = &core->sink;
    frame_t hello = call->request.args[0];
    bool says = call->request.verb == VERB_HELLO && hello.size <= ZCHAT_JSON_MAX;
    json_t *json = says ? json_loadb (hello.data, hello.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    call->token = sink->token ? sink->token (sink->arg, keys, argument_string (json, "token"),
                                             call->now.wall_ms)
                              : CORE_TOKEN_NONE;
    json_decref (json);
}

/*  The name is one, and the session's own where there is one. Its keys are worked out where it is
   not spelled as the session's, or by HELLO.                                     */
static bool user_check (const call_t *call, const session_t *session, name_keys_t *keys,
                        verdict_t *verdict)
{
    const char *why;
    frame_t user = call->request.user;
    if (session && call->request.verb != VERB_HELLO &&
        frame_eq (user, frame_of (session->name, session->name_size)))
        return true;
    if (name_check (user, keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    return !session || presence_user_is (session->user, keys) ||
           verdict_refuse (verdict, ZCHAT_IDENTITY, NULL, NULL);
}

/*  It is a HELLO, or the first request of a connection that has no session.   */
static identified_t name_first (const core_t *core, call_t *call, const name_keys_t *keys,
                                identity_t *identity, verdict_t *verdict)
{
    view_t view = core_view (core);
    call_token (core, call, keys);
    if (call->request.verb == VERB_HELLO) {
        uint8_t *secret = identity->secret;
        core->sink.random (core->sink.arg, secret, sizeof identity->secret);
        call->secret = secret;
        return IDENTITY_KNOWN;
    }
    if (core->n_fact_changes)
        return IDENTITY_WAITS;
    return session_bind (call, &view, verdict, NULL) ? IDENTITY_BINDS : IDENTITY_REFUSED;
}

/*  The session, where the request needs one, is not over, and began by HELLO. */
static bool session_check (const call_t *call, unsigned flags, verdict_t *verdict)
{
    const peer_t *peer = call->peer;
    if (peer->hello_due)
        return verdict_refuse (verdict, ZCHAT_HELLO,
                               "this connection's session is over: nothing was heard of it for too "
                               "long, or the name is no longer its; HELLO first",
                               NULL);
    return !(flags & NEED_HELLO) || (peer->session && peer->session->greeted) ||
           verdict_refuse (verdict, ZCHAT_HELLO, NULL, NULL);
}

identified_t call_identify (const core_t *core, call_t *call, identity_t *identity,
                            verdict_t *verdict)
{
    unsigned flags = verb_entry (call->request.verb)->flags;
    const session_t *session = call->peer->session;
    name_keys_t keys;
    call_fill (core, call);
    if (call->request.user.size == 0) {
        if (!(flags & NEED_NAME))
            return IDENTITY_KNOWN;
        verdict_refuse (verdict, ZCHAT_GUEST, NULL, NULL);
        return IDENTITY_REFUSED;
    }
    if (!user_check (call, session, &keys, verdict))
        return IDENTITY_REFUSED;
    if (flags & OWN_NAME)
        return name_first (core, call, &keys, identity, verdict);
    if (!session_check (call, flags, verdict))
        return IDENTITY_REFUSED;
    return session ? IDENTITY_KNOWN : name_first (core, call, &keys, identity, verdict);
}
