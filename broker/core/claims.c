/*  claims.c - whose a name is: claims, KEYS, KEY                              */
#include "core_private.h"
#include <assert.h>

/*  --- proof -----------------------------------------------------------------  */

/*  The token of a HELLO; empty: none.                                         */
static frame_t token_of (const json_t *hello)
{
    const json_t *token = json_object_get (hello, "token");
    return json_is_string (token) ? frame_of (json_string_value (token), json_string_length (token))
                                  : frame_of (NULL, 0);
}

static core_token_t token_check (const call_t *call, frame_t token)
{
    const core_sink_t *sink = &call->core->sink;
    return sink->token ? sink->token (sink->arg, &call->keys, token, call->now.wall_ms)
                       : CORE_TOKEN_NONE;
}

/*  True where there is no token, or a right one: call->token; false: ERR was sent.  */
static bool token_read (call_t *call, const json_t *hello)
{
    frame_t token = token_of (hello);
    if (json_object_get (hello, "token") && !token.size)
        call_err (call, ZCHAT_MALFORMED, "token is not a string of hex digits", NULL);
    else if (token.size && !call->peer->secure)
        call_err (
            call, ZCHAT_TOKEN,
            "a token is taken over an unencrypted connection only where that is known to come "
            "from the broker's own machine; elsewhere it must run with --curve",
            NULL);
    else if (token.size && token_check (call, token) != CORE_TOKEN_RIGHT)
        call_err (call, ZCHAT_TOKEN, NULL, NULL);
    else {
        call->token = token.size > 0;
        return true;
    }
    return false;
}

/*  True where the session's name is still proven by what it came by. A lost one has to prove it
    when it comes back; and a number alone says nothing, see claims_undone.    */
static bool session_proven (const core_t *core, const session_t *session)
{
    name_keys_t keys;
    const owner_t *owner = ledger_owner_by_id (core->ledger, session->user->owner);
    if (!owner || name_check (frame_str (owner->name), &keys, NULL) != ZCHAT_OK ||
        !presence_user_is (session->user, &keys))
        return false;
    return !session->peer || session->by_token || owner_has_key (owner, session->peer->key);
}

/*  True where the session's user proves nothing, and the name is somebody's (again).  */
static bool session_intrudes (const core_t *core, const session_t *session)
{
    name_keys_t keys;
    const owner_t *owner =
        name_check (frame_of (session->name, session->name_size), &keys, NULL) == ZCHAT_OK
            ? ledger_owner (core->ledger, &keys)
            : NULL;
    return owner && !owner->freed_ms;
}

static void session_undone (void *arg, session_t *session)
{
    core_t *core = arg;
    if (session->user->owner ? !session_proven (core, session) : session_intrudes (core, session))
        session_end (core, session, "lost", core->now);
}

void claims_undone (core_t *core)
{
    presence_each (core->presence, session_undone, core);
}

/*  A freed name is nobody's for a time. True: ERR was sent.                   */
static bool cooling (call_t *call, const owner_t *owner)
{
    uint64_t end_ms = owner->freed_ms + ZCHAT_NAME_FREED_MS;
    if (call->now.wall_ms >= end_ms)
        return false;
    call_err (call, ZCHAT_TAKEN, "this name was given up, and is nobody's for 30 days",
              json_pack ("{s:I}", "wait_ms", (json_int_t)(end_ms - call->now.wall_ms)));
    return true;
}

/*  Where its peer comes from too many names were claimed. Who was given a token was given the
    name. True: ERR was sent.                                                  */
static bool claims_hasty (call_t *call)
{
    const core_sink_t *sink = &call->core->sink;
    uint64_t wait_ms = sink->claims && !call->token ? sink->claims (sink->arg, call->from) : 0;
    if (wait_ms)
        call_err (call, ZCHAT_SLOW, "too many new names were claimed from your address; wait",
                  json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
    return wait_ms > 0;
}

/*  The owner as it shall be, a copy of one of the ledger's, is on its way to the disk.  */
static zchat_status_t owner_store (call_t *call, const owner_t *wanted)
{
    core_t *core = call->core;
    char fact[OWNER_FACT_MAX];
    owner_t stored = *wanted;
    /*  Who changes the keys of a name means to come back to it.               */
    stored.unused = stored.unused && stored.freed_ms;
    char *value = owner_fact_value (&stored),
         *name = memory_string (wanted->name, strlen (wanted->name));
    owner_fact_key (wanted->id, fact);
    zchat_status_t status = core_fact (core, call->peer, NULL, fact, frame_str (value), false);
    if (status == ZCHAT_OK)
        core_note (core, CORE_NOTE_KEYS, call->from, call->request->user, frame_of (NULL, 0), name);
    free (name);
    free (value);
    return status;
}

/*  The name belongs to the peer's key, where that is kept, and to who has its tokens, from now on.
 */
static claim_t claim_make (call_t *call, owner_t *old, bool kept, owner_t **owner)
{
    core_t *core = call->core;
    const char *key = call->peer->key;
    char fact[OWNER_FACT_MAX];
    frame_t user = call->request->user;
    if (presence_n_sessions (core->presence) >= ZCHAT_SESSIONS_MAX) {
        call_err (call, ZCHAT_LIMIT, "too many names are in use; try again later",
                  limit_json (ZCHAT_SESSIONS_MAX, "sessions"));
        return CLAIM_REFUSED;
    }
    if (*key && ledger_key_names (core->ledger, key, call->now.wall_ms) >= ZCHAT_KEY_NAMES_MAX) {
        call_err (call, ZCHAT_LIMIT,
                  "this key has claimed too many names; one that is freed (KEY) counts for 30 days",
                  limit_json (ZCHAT_KEY_NAMES_MAX, "names of a key"));
        return CLAIM_REFUSED;
    }
    if (claims_hasty (call))
        return CLAIM_REFUSED;
    /*  The number stays used: who has the name next inherits nothing.         */
    if ((old && !name_gone (call, old, true)) || !name_room (call))
        return CLAIM_REFUSED;
    char *name = memory_string (user.data, user.size);
    owner_t wanted = {.name = name, .n_keys = *key && kept ? 1 : 0, .since_ms = call->now.wall_ms};
    if (wanted.n_keys)
        memcpy (wanted.keys[0], key, sizeof wanted.keys[0]);
    memcpy (wanted.by, key, sizeof wanted.by);
    wanted.unused = !call->token && call->peer->placed;
    if (!call->token)
        memcpy (wanted.place, call->peer->place, sizeof wanted.place);
    uint64_t id = ledger_owner_next (core->ledger);
    char *value = owner_fact_value (&wanted);
    owner_fact_key (id, fact);
    zchat_status_t status = core_fact (core, call->peer, NULL, fact, frame_str (value), false);
    free (value);
    free (name);
    *owner = ledger_owner_by_id (core->ledger, id);
    if (status != ZCHAT_OK || !*owner) {
        call_err (call, ZCHAT_TAKEN, NULL, NULL);
        return CLAIM_REFUSED;
    }
    core_note (core, CORE_NOTE_CLAIM, call->from, user, frame_of (NULL, 0), NULL);
    name_sweep (call);
    return CLAIM_MADE;
}

/*  Names that sound like the broker or who runs it: an admin's, or who has a token for one.  */
static const char *const reserved_names[] = {
    "admin",  "administrator", "broker",   "moderator", "operator", "root",   "security",
    "server", "support",       "system",   "zchat",     "zchatd",   "админ",  "администратор",
    "брокер", "модератор",     "оператор", "поддержка", "сервер",   "система"};

enum { RESERVED = sizeof reserved_names / sizeof *reserved_names };

static int sound_order (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

char **claims_reserved (void)
{
    char **sounds = memory_zero (2 * RESERVED * sizeof *sounds);
    for (size_t i = 0; i < RESERVED; i++) {
        name_keys_t keys;
        char sound[NAME_KEY_MAX + 1];
        zchat_status_t status = name_check (frame_str (reserved_names[i]), &keys, NULL);
        assert (status == ZCHAT_OK);
        (void)status;
        name_sound (keys.fold, sound);
        sounds[2 * i] = memory_string (sound, strlen (sound));
        name_sound (keys.look, sound);
        sounds[2 * i + 1] = memory_string (sound, strlen (sound));
    }
    qsort (sounds, (size_t)2 * RESERVED, sizeof *sounds, sound_order);
    return sounds;
}

void claims_reserved_free (char **sounds)
{
    for (size_t i = 0; i < (size_t)2 * RESERVED; i++)
        free (sounds[i]);
    free (sounds);
}

/*  Stricter than for other names: these are to be had in no disguise.         */
static bool reserved (const call_t *call)
{
    const char *const keys[] = {call->keys.fold, call->keys.look};
    for (size_t i = 0; i < 2; i++) {
        char sound[NAME_KEY_MAX + 1];
        const char *key = sound;
        name_sound (keys[i], sound);
        if (bsearch (&key, call->core->reserved, (size_t)2 * RESERVED, sizeof *call->core->reserved,
                     sound_order))
            return true;
    }
    return false;
}

/*  A key that is kept came with a right token: it opens the name from now on. Where the name has as
    many keys as it may have, and where the log takes no more, the token goes on doing so. */
static void claim_extend (call_t *call, owner_t *owner)
{
    const char *key = call->peer->key;
    if (!*key || owner_has_key (owner, key) || owner->n_keys >= ZCHAT_NAME_KEYS_MAX)
        return;
    owner_t wanted = *owner;
    memcpy (wanted.keys[wanted.n_keys++], key, sizeof *wanted.keys);
    (void)owner_store (call, &wanted);
}

claim_t claim_check (call_t *call, const json_t *hello, owner_t **owner)
{
    /*  Who has made a key for this connection alone, and will not come back with it, must not have
        the name kept for it.                                                  */
    bool kept = json_is_true (json_object_get (hello, "claim"));
    if (!token_read (call, hello))
        return CLAIM_REFUSED;
    owner_t *found = ledger_owner (call->core->ledger, &call->keys);
    if (found && !found->freed_ms) {
        *owner = found;
        if (call->token && kept)
            claim_extend (call, found);
        if (call->token || (*call->peer->key && owner_has_key (found, call->peer->key)))
            return CLAIM_PROVEN;
        call_err (call, ZCHAT_TAKEN,
                  *call->peer->key
                      ? "this name belongs to another key; choose another name, or let its owner "
                        "add this key"
                      : "this name belongs to somebody who proves it by a key or a token",
                  json_pack ("{s:b}", "owned", 1));
        return CLAIM_REFUSED;
    }
    if (!call->token && token_check (call, frame_of (NULL, 0)) != CORE_TOKEN_NONE) {
        call_err (call, ZCHAT_TOKEN, "this name wants its token", NULL);
        return CLAIM_REFUSED;
    }
    if (found && cooling (call, found))
        return CLAIM_REFUSED;
    if (!call->token && !call->peer->admin && reserved (call)) {
        call_err (call, ZCHAT_NAME, "this name is reserved for who runs the broker; choose another",
                  NULL);
        return CLAIM_REFUSED;
    }
    if (!call->token && !(*call->peer->key && kept))
        return CLAIM_OPEN;
    /*  A key claims what is free; only who has its token puts out who holds the name.  */
    const user_t *holder = presence_user (call->core->presence, &call->keys);
    if (holder && !call->token) {
        session_taken (call, holder);
        return CLAIM_REFUSED;
    }
    return claim_make (call, found, kept, owner);
}

/*  --- KEYS ------------------------------------------------------------------  */

static json_t *owner_json (const owner_t *owner)
{
    json_t *keys = json_array ();
    for (size_t i = 0; i < owner->n_keys; i++)
        json_array_append_new (keys, json_string (owner->keys[i]));
    json_t *json = json_pack ("{s:s, s:b, s:o}", "user", owner->name, "proven", !owner->freed_ms,
                              "keys", keys);
    if (owner->vouches)
        json_object_set_new (json, "vouches", json_loads (owner->vouches, 0, NULL));
    return json;
}

void call_ok_owner (call_t *call, json_t *json)
{
    if (!call->core->names_held)
        call_ok (call, json);
    else if (call_slow (call, 0))
        json_decref (json);
    else
        call_ok_held (call, json);
}

void verb_keys (call_t *call)
{
    core_t *core = call->core;
    name_keys_t keys = call->keys;
    const char *why;
    if (call->request->n_args) {
        if (name_check (call->request->args[0], &keys, &why) != ZCHAT_OK) {
            call_err (call, ZCHAT_NAME, why, NULL);
            return;
        }
    } else if (!call->session) {
        call_err (call, ZCHAT_GUEST, NULL, NULL);
        return;
    }
    const owner_t *owner = ledger_owner (core->ledger, &keys);
    const user_t *user = presence_user (core->presence, &keys);
    if (owner && !owner->freed_ms)
        call_ok_owner (call, owner_json (owner));
    else if (user)
        call_ok (call, json_pack ("{s:s, s:b, s:[]}", "user", user->name, "proven", 0, "keys"));
    else
        call_err (call, ZCHAT_NOBODY, NULL, NULL);
}

/*  --- KEY -------------------------------------------------------------------  */

/*  The sessions of the name that nothing proves any more are over.            */
static void sessions_check (call_t *call, const char *name)
{
    name_keys_t keys;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return;
    user_t *user = presence_user (call->core->presence, &keys);
    session_t *next;
    for (session_t *session = user ? user->sessions : NULL; session; session = next) {
        next = session->next_same;
        if (!session_proven (call->core, session))
            session_end (call->core, session, "lost", call->now);
    }
    call->session = call->peer->session;
}

/*  The owner as it shall be is on its way to the disk, OK behind it, and who came by what no
    longer counts goes. wanted is a copy of an owner of the ledger.            */
static void owner_change (call_t *call, const owner_t *wanted)
{
    char *name = memory_string (wanted->name, strlen (wanted->name));
    json_t *reply = owner_json (wanted);
    if (owner_store (call, wanted) == ZCHAT_OK) {
        call_ok_held (call, reply);
        sessions_check (call, name);
    } else {
        json_decref (reply);
        call_err_held (call, ZCHAT_LIMIT, NULL, limit_json (ZCHAT_FACT_MAX, "name"), true);
    }
    free (name);
}

/*  With what one of the name's keys says for it, or NULL.                     */
static void key_add (call_t *call, owner_t wanted, const char *key, const char *vouch)
{
    char *vouches = vouch ? owner_vouches (&wanted, key, vouch) : NULL;
    if (vouches)
        wanted.vouches = vouches;
    if (owner_has_key (&wanted, key))
        owner_change (call, &wanted);
    else if (wanted.n_keys >= ZCHAT_NAME_KEYS_MAX)
        call_err_held (call, ZCHAT_LIMIT, "the name has too many keys; remove one",
                       limit_json (ZCHAT_NAME_KEYS_MAX, "keys"), false);
    else {
        memcpy (wanted.keys[wanted.n_keys++], key, ADDRESS_KEY_TEXT + 1);
        owner_change (call, &wanted);
    }
    free (vouches);
}

static void key_remove (call_t *call, owner_t wanted, const char *key)
{
    char *vouches = NULL;
    size_t at = 0;
    while (at < wanted.n_keys && strcmp (wanted.keys[at], key) != 0)
        at++;
    if (at == wanted.n_keys)
        call_err_held (call, ZCHAT_NOBODY, "this key is none of the name's", NULL, false);
    else if (wanted.n_keys == 1)
        call_err_held (call, ZCHAT_LIMIT,
                       "this is the last key of the name; add another, or free the name",
                       limit_json (1, "keys"), false);
    else {
        memmove (wanted.keys[at], wanted.keys[at + 1],
                 (wanted.n_keys - at - 1) * sizeof wanted.keys[at]);
        wanted.n_keys--;
        wanted.vouches = vouches = owner_vouches (&wanted, key, NULL);
        owner_change (call, &wanted);
    }
    free (vouches);
}

static void key_free (call_t *call, owner_t wanted)
{
    wanted.n_keys = 0;
    wanted.vouches = NULL;
    wanted.freed_ms = call->now.wall_ms ? call->now.wall_ms : 1;
    owner_change (call, &wanted);
}

/*  The key in the argument, as it is kept. False: it is none, and ERR is held.  */
static bool key_read (call_t *call, const json_t *json, char key[ADDRESS_KEY_TEXT + 1])
{
    uint8_t bytes[ADDRESS_KEY_SIZE];
    const char *why = "a key is a string of 56 letters and digits";
    if (!json_is_string (json) ||
        address_key_decode (frame_of (json_string_value (json), json_string_length (json)), bytes,
                            &why) != ZCHAT_OK) {
        call_err_held (call, ZCHAT_MALFORMED, why, NULL, false);
        return false;
    }
    address_key_encode (bytes, key);
    return true;
}

/*  Whose name is meant: one's own, or, for an admin, the one in the argument. NULL: ERR is held. */
static const owner_t *key_owner (call_t *call, const json_t *json)
{
    const json_t *user = json_object_get (json, "user");
    if (!user) {
        if (!call->owner)
            call_err_held (call, ZCHAT_PROOF, NULL, NULL, false);
        return call->owner;
    }
    target_t target;
    if (!call->peer->admin || !json_is_true (json_object_get (json, "free")))
        call_err_held (call, ZCHAT_OPERATOR, "only an admin may free the name of another", NULL,
                       false);
    else if (call_target (call, frame_of (json_string_value (user), json_string_length (user)),
                          &target)) {
        if (!target.owner)
            call_err_held (call, ZCHAT_NOBODY, NULL, NULL, false);
        return target.owner;
    }
    return NULL;
}

void verb_key (call_t *call)
{
    char key[ADDRESS_KEY_TEXT + 1];
    if (call_slow (call, 0))
        return;
    json_t *json = call_json (call, call->request->args[0], true);
    const owner_t *owner = json ? key_owner (call, json) : NULL;
    const json_t *add = json_object_get (json, "add"), *remove = json_object_get (json, "remove");
    const json_t *vouch = json_object_get (json, "vouch");
    bool release = json_is_true (json_object_get (json, "free"));
    if (!owner)
        goto out;
    if (!!add + !!remove + release != 1)
        call_err_held (call, ZCHAT_MALFORMED, "KEY takes one of add, remove and free", NULL, false);
    else if (vouch && (!add || !owner_vouch_valid (vouch)))
        call_err_held (call, ZCHAT_MALFORMED,
                       "a vouch is 140 characters of base64, for an added key", NULL, false);
    else if (release)
        key_free (call, *owner);
    else if (key_read (call, add ? add : remove, key)) {
        if (add)
            key_add (call, *owner, key, json_string_value (vouch));
        else
            key_remove (call, *owner, key);
    }
out:
    json_decref (json);
}
