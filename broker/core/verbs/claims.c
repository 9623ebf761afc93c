/*  claims.c - who may hold a name                                             */
#include "verbs.h"
#include <assert.h>

/*  --- names that others hold ------------------------------------------------  */

/*  Nobody asked for the holder's name lately.                                 */
static bool holder_undoubted (const session_t *holder, uint64_t mono_ms)
{
    return !holder->doubted_ms || mono_ms - holder->doubted_ms >= ZCHAT_DOUBT_AGAIN_MS;
}

/*  How long to wait before it is known whether the holder's connection stands; 0: it does. A
    program that was killed is asked for again by the next one before anybody can know that its
    connection is gone: what is asked first is put off, and by then the shell has found out. */
static uint64_t holder_doubt_ms (const session_t *holder, uint64_t mono_ms)
{
    uint64_t since_ms = holder_undoubted (holder, mono_ms) ? 0 : mono_ms - holder->doubted_ms;
    return since_ms < ZCHAT_DOUBT_MS ? ZCHAT_DOUBT_MS - since_ms : 0;
}

bool session_taken (const call_t *call, verdict_t *verdict, const user_t *user)
{
    json_t *more = NULL;
    const char *why = NULL;
    const session_t *holder = user->sessions;
    uint64_t mono_ms = call->now.mono_ms;
    uint64_t left = holder->until_ms > mono_ms ? holder->until_ms - mono_ms : 0;
    left = holder->peer ? holder_doubt_ms (holder, mono_ms) : left + 1;
    if (left) {
        more = json_pack ("{s:I}", "wait_ms", (json_int_t)left);
        why = holder->peer ? "this name is kept a moment: whoever has it may have lost the "
                             "connection; wait"
                           : "this name is kept a moment for its owner, whose connection was lost";
    }
    verdict_refuse (verdict, ZCHAT_TAKEN, why, more);
    if (holder->peer && holder_undoubted (holder, mono_ms)) {
        move_t *move = verdict_move (verdict, MOVE_DOUBT);
        move->name = call->request.user;
        move->doubted_ms = mono_ms ? mono_ms : 1;
    }
    return false;
}

/*  --- reserved names --------------------------------------------------------  */

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
    char **sounds = memory_zero ((size_t)2 * RESERVED * sizeof *sounds);
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
static bool reserved (const view_t *view, const name_keys_t *name)
{
    const char *const keys[] = {name->fold, name->look};
    for (size_t i = 0; i < 2; i++) {
        char sound[NAME_KEY_MAX + 1];
        const char *key = sound;
        name_sound (keys[i], sound);
        if (bsearch (&key, view->setup->reserved, (size_t)2 * RESERVED,
                     sizeof *view->setup->reserved, sound_order))
            return true;
    }
    return false;
}

/*  --- proof -----------------------------------------------------------------  */

bool session_proven (ledger_t *ledger, const session_t *session)
{
    const owner_t *owner = ledger_owner_by_id (ledger, session->user->owner);
    if (!owner)
        return false;
    /*  A lost one has to prove its name when it comes back.                   */
    return !session->peer || session->by_token || owner_has_key (owner, session->peer->key);
}

/*  There is no token, or a right one: then *by_token.                         */
static bool token_check (const call_t *call, verdict_t *verdict, const json_t *hello,
                         bool *by_token)
{
    const json_t *token = json_object_get (hello, "token");
    *by_token = token != NULL;
    if (!token)
        return true;
    if (!json_string_length (token))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "token is not a string of hex digits",
                               NULL);
    if (!call->peer->secure)
        return verdict_refuse (
            verdict, ZCHAT_TOKEN,
            "a token is taken over an unencrypted connection only where that is known to come "
            "from the broker's own machine; elsewhere it must run with --curve",
            NULL);
    return call->token == CORE_TOKEN_RIGHT || verdict_refuse (verdict, ZCHAT_TOKEN, NULL, NULL);
}

/*  --- claims ----------------------------------------------------------------  */

/*  A freed name is nobody's for a time.                                       */
static bool cooled (const call_t *call, verdict_t *verdict, const owner_t *owner)
{
    uint64_t end_ms = owner->freed_ms + ZCHAT_NAME_FREED_MS;
    return call->now.wall_ms >= end_ms ||
           verdict_refuse (
               verdict, ZCHAT_TAKEN, "this name was given up, and is nobody's for 30 days",
               json_pack ("{s:I}", "wait_ms", (json_int_t)(end_ms - call->now.wall_ms)));
}

static bool claim_bounded (const call_t *call, const view_t *view, verdict_t *verdict)
{
    if (presence_n_sessions (view->presence) >= ZCHAT_SESSIONS_MAX)
        return verdict_limit (verdict, "too many names are in use; try again later",
                              ZCHAT_SESSIONS_MAX, "sessions");
    if (*call->key &&
        ledger_key_names (view->ledger, call->key, call->now.wall_ms) >= ZCHAT_KEY_NAMES_MAX)
        return verdict_limit (
            verdict,
            "this key has claimed too many names; one that is freed (KEY) counts for 30 days",
            ZCHAT_KEY_NAMES_MAX, "names of a key");
    return true;
}

/*  The name belongs to the caller's key, where that is kept, and to who has its tokens, from now
    on. old: who had it before, or NULL.                                       */
static bool claim_make (const call_t *call, const view_t *view, verdict_t *verdict,
                        const owner_t *old, bool kept, bool by_token, uint64_t *owner)
{
    frame_t user = call->request.user;
    if (!claim_bounded (call, view, verdict) || !name_makes_place (call, view, verdict, by_token))
        return false;
    /*  Who was given a token was given the name.                              */
    verdict->claims = !by_token;
    /*  The number stays used: who has the name next inherits nothing.         */
    if (old)
        name_gone (view, verdict, old);
    owner_t wanted = {.id = ledger_owner_next (view->ledger),
                      .name = (char *)text_keep (verdict, user).data,
                      .n_keys = *call->key && kept ? 1 : 0,
                      .since_ms = call->now.wall_ms};
    if (wanted.n_keys)
        snprintf (wanted.keys[0], sizeof wanted.keys[0], "%s", call->key);
    snprintf (wanted.by, sizeof wanted.by, "%s", call->key);
    if (!by_token)
        snprintf (wanted.place, sizeof wanted.place, "%s", call->peer->place);
    wanted.unused = !by_token && call->peer->placed;
    owner_store (verdict, &wanted);
    verdict_note (verdict, CORE_NOTE_CLAIM, user, frame_of (NULL, 0), NULL);
    name_sweep (call, view, verdict, old);
    *owner = wanted.id;
    return true;
}

/*  A key that is kept came with a right token: it opens the name from now on. Where the name has as
    many keys as it may have, the token goes on doing so.                      */
static void claim_extend (const call_t *call, verdict_t *verdict, const owner_t *owner)
{
    if (!*call->key || owner_has_key (owner, call->key) || owner->n_keys >= ZCHAT_NAME_KEYS_MAX)
        return;
    owner_t wanted = *owner;
    snprintf (wanted.keys[wanted.n_keys++], sizeof *wanted.keys, "%s", call->key);
    owner_store (verdict, &wanted);
    verdict_note (verdict, CORE_NOTE_KEYS, call->request.user, frame_of (NULL, 0),
                  text_keep (verdict, frame_str (owner->name)).data);
}

/*  The name is somebody's.                                                    */
static bool claim_prove (const call_t *call, verdict_t *verdict, const owner_t *found, bool kept,
                         bool by_token)
{
    if (by_token && kept)
        claim_extend (call, verdict, found);
    if (by_token || (*call->key && owner_has_key (found, call->key)))
        return true;
    return verdict_refuse (
        verdict, ZCHAT_TAKEN,
        *call->key ? "this name belongs to another key; choose another name, or let its owner "
                     "add this key"
                   : "this name belongs to somebody who proves it by a key or a token",
        json_pack ("{s:b}", "owned", 1));
}

bool claim_check (const call_t *call, const view_t *view, verdict_t *verdict,
                  const name_keys_t *keys, const json_t *hello, uint64_t *owner, frame_t *name)
{
    /*  Who has made a key for this connection alone, and will not come back with it, must not have
        the name kept for it.                                                  */
    bool kept = json_is_true (json_object_get (hello, "claim")), by_token;
    *owner = 0;
    *name = call->request.user;
    if (!token_check (call, verdict, hello, &by_token))
        return false;
    const owner_t *found = ledger_owner (view->ledger, keys);
    if (found && !found->freed_ms) {
        *owner = found->id;
        *name = text_keep (verdict, frame_str (found->name));
        return claim_prove (call, verdict, found, kept, by_token);
    }
    if (!by_token && call->token != CORE_TOKEN_NONE)
        return verdict_refuse (verdict, ZCHAT_TOKEN, "this name wants its token", NULL);
    if (found && !cooled (call, verdict, found))
        return false;
    if (!by_token && !call->admin && reserved (view, keys))
        return verdict_refuse (verdict, ZCHAT_NAME,
                               "this name is reserved for who runs the broker; choose another",
                               NULL);
    if (!by_token && !(*call->key && kept))
        return true;
    /*  A key claims what is free; only who has its token puts out who holds the name.  */
    const user_t *holder = presence_user (view->presence, keys);
    if (holder && !by_token)
        return session_taken (call, verdict, holder);
    return claim_make (call, view, verdict, found, kept, by_token, owner);
}
