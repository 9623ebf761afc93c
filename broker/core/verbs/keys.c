/*  keys.c - KEYS and KEY: the public keys that prove a name                   */
#include "arguments.h"
#include "verbs.h"

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

void owner_store (verdict_t *verdict, const owner_t *wanted)
{
    char fact[OWNER_FACT_MAX];
    char *value = owner_fact_value (wanted);
    owner_fact_key (wanted->id, fact);
    verdict_fact (verdict, 0, frame_of (NULL, 0), fact, value);
    if (wanted->freed_ms)
        verdict_unmarks (verdict, wanted->id);
    free (value);
}

/*  --- KEYS ------------------------------------------------------------------  */

bool verb_keys (const call_t *call, const view_t *view, verdict_t *verdict)
{
    name_keys_t keys;
    const char *why;
    frame_t name = call->request.n_args ? call->request.args[0] : call->user;
    if (!call->request.n_args && !call->who)
        return verdict_refuse (verdict, ZCHAT_GUEST, NULL, NULL);
    if (name_check (name, &keys, &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, why, NULL);
    const owner_t *owner = ledger_owner (view->ledger, &keys);
    const user_t *user = presence_user (view->presence, &keys);
    if (owner && !owner->freed_ms)
        return verdict_ok (verdict, owner_json (owner));
    if (user)
        return verdict_ok (verdict,
                           json_pack ("{s:s, s:b, s:[]}", "user", user->name, "proven", 0, "keys"));
    return verdict_refuse (verdict, ZCHAT_NOBODY, NULL, NULL);
}

/*  --- KEY -------------------------------------------------------------------  */

/*  The owner is to be so; sessions that came by what no longer counts are over behind that. wanted
    is a copy of an owner of the ledger.                                       */
static bool owner_change (const call_t *call, verdict_t *verdict, const owner_t *wanted)
{
    owner_t stored = *wanted;
    /*  Who changes the keys of a name means to come back to it.               */
    stored.unused = stored.unused && stored.freed_ms;
    owner_store (verdict, &stored);
    frame_t name = text_keep (verdict, frame_str (wanted->name));
    verdict_note (verdict, CORE_NOTE_KEYS, call->user, frame_of (NULL, 0), name.data);
    verdict_move (verdict, MOVE_PROVE)->name = name;
    return verdict_ok (verdict, owner_json (wanted));
}

/*  With what one of the name's keys says for it, or NULL.                     */
static bool key_add (const call_t *call, verdict_t *verdict, owner_t wanted, const char *key,
                     const char *vouch)
{
    char *vouches = vouch ? owner_vouches (&wanted, key, vouch) : NULL;
    bool known = owner_has_key (&wanted, key);
    bool fits = known || wanted.n_keys < ZCHAT_NAME_KEYS_MAX;
    if (vouches)
        wanted.vouches = vouches;
    if (!known && fits)
        snprintf (wanted.keys[wanted.n_keys++], sizeof *wanted.keys, "%s", key);
    if (fits)
        owner_change (call, verdict, &wanted);
    else
        verdict_limit (verdict, "the name has too many keys; remove one", ZCHAT_NAME_KEYS_MAX,
                       "keys");
    free (vouches);
    return fits;
}

static bool key_remove (const call_t *call, verdict_t *verdict, owner_t wanted, const char *key)
{
    size_t at = 0;
    while (at < wanted.n_keys && strcmp (wanted.keys[at], key) != 0)
        at++;
    if (at == wanted.n_keys)
        return verdict_refuse (verdict, ZCHAT_NOBODY, "this key is none of the name's", NULL);
    if (wanted.n_keys == 1)
        return verdict_limit (
            verdict, "this is the last key of the name; add another, or free the name", 1, "keys");
    memmove (wanted.keys[at], wanted.keys[at + 1],
             (wanted.n_keys - at - 1) * sizeof wanted.keys[at]);
    wanted.n_keys--;
    char *vouches = owner_vouches (&wanted, key, NULL);
    wanted.vouches = vouches;
    owner_change (call, verdict, &wanted);
    free (vouches);
    return true;
}

static bool key_free (const call_t *call, verdict_t *verdict, owner_t wanted)
{
    wanted.n_keys = 0;
    wanted.vouches = NULL;
    wanted.freed_ms = call->now.wall_ms ? call->now.wall_ms : 1;
    return owner_change (call, verdict, &wanted);
}

/*  The key in the argument, as it is kept.                                    */
static bool key_read (verdict_t *verdict, const json_t *json, char key[ADDRESS_KEY_TEXT + 1])
{
    uint8_t bytes[ADDRESS_KEY_SIZE];
    const char *why = "a key is a string of 56 letters and digits";
    if (!json_is_string (json) ||
        address_key_decode (frame_of (json_string_value (json), json_string_length (json)), bytes,
                            &why) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, why, NULL);
    address_key_encode (bytes, key);
    return true;
}

/*  Whose name is meant: one's own, or, for an admin, the one in the argument. NULL: the verdict is
    a refusal.                                                                 */
static const owner_t *key_owner (const call_t *call, const view_t *view, verdict_t *verdict,
                                 const json_t *json)
{
    target_t target;
    if (!json_object_get (json, "user")) {
        const owner_t *owner = ledger_owner_by_id (view->ledger, call->owner);
        if (!owner)
            verdict_refuse (verdict, ZCHAT_PROOF, NULL, NULL);
        return owner;
    }
    if (!call->admin || !json_is_true (json_object_get (json, "free")))
        verdict_refuse (verdict, ZCHAT_OPERATOR, "only an admin may free the name of another",
                        NULL);
    else if (target_find (view, verdict, argument_string (json, "user"), &target)) {
        if (!target.owner)
            verdict_refuse (verdict, ZCHAT_NOBODY, NULL, NULL);
        return target.owner;
    }
    return NULL;
}

bool verb_key (const call_t *call, const view_t *view, verdict_t *verdict)
{
    char key[ADDRESS_KEY_TEXT + 1];
    json_t *json = argument_json (verdict, call->request.args[0]);
    const owner_t *owner = json ? key_owner (call, view, verdict, json) : NULL;
    const json_t *add = json_object_get (json, "add"), *remove = json_object_get (json, "remove");
    const json_t *vouch = json_object_get (json, "vouch");
    bool release = json_is_true (json_object_get (json, "free")), changes = false;
    if (!owner)
        changes = false;
    else if (!!add + !!remove + release != 1)
        verdict_refuse (verdict, ZCHAT_MALFORMED, "KEY takes one of add, remove and free", NULL);
    else if (vouch && (!add || !owner_vouch_valid (vouch)))
        verdict_refuse (verdict, ZCHAT_MALFORMED,
                        "a vouch is 140 characters of base64, for an added key", NULL);
    else if (release)
        changes = key_free (call, verdict, *owner);
    else if (key_read (verdict, add ? add : remove, key))
        changes = add ? key_add (call, verdict, *owner, key, json_string_value (vouch))
                      : key_remove (call, verdict, *owner, key);
    json_decref (json);
    return changes;
}
