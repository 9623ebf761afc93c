/*  names.c - which names are kept: what was done with one, and which give way

    Names that keys claim are a table that all share. Nobody's place has more than a share of it.
    Where there is no room for one more, one gives way that was never used: nothing was said by it,
    it was in no room, nobody wrote to it or invited it, no key was added, and nobody is here by it
    now. It is the oldest of the place that has most of those. What was used stays.
*/
#include "core_private.h"

enum { SWEEP_LOOKS = 64, SWEEP_MAX = 4 }; /* at how many a claim looks, and drops */

/*  --- use -------------------------------------------------------------------  */

void name_used (core_t *core, peer_t *peer, const owner_t *owner, bool linked)
{
    char fact[OWNER_FACT_MAX];
    owner_t wanted = *owner;
    if (!owner->unused)
        return;
    wanted.unused = false;
    char *value = owner_fact_value (&wanted);
    owner_fact_key (owner->id, fact);
    zchat_status_t status = core_fact (core, peer, NULL, fact, frame_str (value), linked);
    (void)status; /* a fact that says less than it did cannot be refused */
    free (value);
}

void name_used_who (core_t *core, peer_t *peer, frame_t who, bool linked)
{
    char number[24] = "";
    if (!who.size || *(const char *)who.data != '#' || who.size >= sizeof number)
        return;
    memcpy (number, (const char *)who.data + 1, who.size - 1);
    const owner_t *owner = ledger_owner_by_id (core->ledger, strtoull (number, NULL, 10));
    if (owner)
        name_used (core, peer, owner, linked);
}

/*  --- room for one more -----------------------------------------------------  */

bool name_gone (call_t *call, const owner_t *owner, bool linked)
{
    char fact[OWNER_FACT_MAX];
    owner_fact_key (owner->id, fact);
    return core_fact (call->core, call->peer, NULL, fact,
                      frame_str (ledger_owner_gone (call->core->ledger, owner->id)),
                      linked) == ZCHAT_OK;
}

void name_free (call_t *call, const owner_t *owner)
{
    char fact[OWNER_FACT_MAX];
    owner_t wanted = *owner;
    wanted.n_keys = 0;
    wanted.vouches = NULL;
    wanted.freed_ms = call->now.wall_ms ? call->now.wall_ms : 1;
    char *value = owner_fact_value (&wanted);
    owner_fact_key (owner->id, fact);
    zchat_status_t status =
        core_fact (call->core, call->peer, NULL, fact, frame_str (value), false);
    (void)status; /* a fact that says less than it did cannot be refused */
    free (value);
}

/*  True where somebody is here by the name.                                   */
static bool name_here (const core_t *core, const owner_t *owner)
{
    name_keys_t keys;
    if (name_check (frame_str (owner->name), &keys, NULL) != ZCHAT_OK)
        return false;
    const user_t *user = presence_user (core->presence, &keys);
    return user && user->owner == owner->id;
}

/*  The name that gives way to one more of the call's; NULL: none. Each that is here is met once
    while it is.                                                               */
static owner_t *name_yields (const call_t *call, bool within)
{
    const core_t *core = call->core;
    owner_t *owner;
    while ((owner = ledger_owner_yields (core->ledger, call->peer->place, within)) &&
           name_here (core, owner))
        ledger_owner_busy (core->ledger, owner);
    return owner;
}

bool name_room (call_t *call)
{
    core_t *core = call->core;
    bool within = !call->token && ledger_place_full (core->ledger, call->peer->place);
    if (!within && !ledger_owners_full (core->ledger))
        return true;
    owner_t *owner = NULL;
    for (size_t i = 0; !within && i < SWEEP_LOOKS && !(owner && owner->name); i++)
        owner = ledger_owner_spare (core->ledger, call->now.wall_ms, 1);
    if (!owner || !owner->name)
        owner = name_yields (call, within);
    if (!owner) {
        call_err (call, ZCHAT_LIMIT,
                  within ? "too many names were claimed from your address, and all are in use"
                         : "no more names can be owned here",
                  limit_json (within ? ZCHAT_PLACE_NAMES_MAX : ZCHAT_NAMES_MAX, "names"));
        return false;
    }
    core_note (core, CORE_NOTE_YIELD, call->from, call->request->user, frame_of (NULL, 0),
               owner->name);
    return name_gone (call, owner, true);
}

void name_sweep (call_t *call)
{
    owner_t *owner;
    for (size_t i = 0; i < SWEEP_MAX; i++) {
        owner = ledger_owner_spare (call->core->ledger, call->now.wall_ms, SWEEP_LOOKS);
        if (!owner)
            return;
        (void)name_gone (call, owner, false);
    }
}
