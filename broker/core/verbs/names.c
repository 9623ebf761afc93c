/*  names.c - which names are kept: what was done with one, and which give way

    Names that keys claim are a table that all share. Nobody's place has more than a share of it.
    Where there is no room for one more, one gives way that was never used: nothing was said by it,
    it was in no room, nobody wrote to it or invited it, no key was added, and nobody is here by it
    now. It is the oldest of the place that has most of those. What was used stays.
*/
#include "verbs.h"

enum { NAME_LOOKS = 64, SWEEP_MAX = 4 }; /* at how many a claim looks, and drops */

/*  --- use -------------------------------------------------------------------  */

void name_used (verdict_t *verdict, const owner_t *owner)
{
    owner_t wanted;
    if (!owner || !owner->unused)
        return;
    wanted = *owner;
    wanted.unused = false;
    owner_store (verdict, &wanted);
    verdict->n_minor++;
}

void name_used_by (const call_t *call, const view_t *view, verdict_t *verdict)
{
    if (call->owner)
        name_used (verdict, ledger_owner_by_id (view->ledger, call->owner));
}

/*  --- going -----------------------------------------------------------------  */

void name_gone (const view_t *view, verdict_t *verdict, const owner_t *owner)
{
    char fact[OWNER_FACT_MAX];
    owner_fact_key (owner->id, fact);
    verdict_fact (verdict, 0, frame_of (NULL, 0), fact,
                  ledger_owner_gone (view->ledger, owner->id));
    verdict_unmarks (verdict, owner->id);
}

void name_free (const call_t *call, verdict_t *verdict, const owner_t *owner)
{
    owner_t wanted = *owner;
    wanted.n_keys = 0;
    wanted.vouches = NULL;
    wanted.freed_ms = call->now.wall_ms ? call->now.wall_ms : 1;
    owner_store (verdict, &wanted);
}

void name_sweep (const call_t *call, const view_t *view, verdict_t *verdict, const owner_t *but)
{
    const owner_t *owner = NULL;
    for (size_t i = 0; i < SWEEP_MAX; i++) {
        owner = ledger_owner_spare (view->ledger, call->now.wall_ms, owner);
        if (!owner)
            return;
        if (owner != but)
            name_gone (view, verdict, owner);
    }
}

/*  --- room for one more -----------------------------------------------------  */

/*  True where somebody is here by the name.                                   */
static bool name_here (const view_t *view, const owner_t *owner)
{
    name_keys_t keys;
    if (name_check (frame_str (owner->name), &keys, NULL) != ZCHAT_OK)
        return false;
    const user_t *user = presence_user (view->presence, &keys);
    return user && user->owner == owner->id;
}

static bool name_away (void *arg, const owner_t *owner)
{
    return !name_here (arg, owner);
}

/*  The name that gives way to one more of the call's; NULL: none.             */
static const owner_t *name_yields (const call_t *call, const view_t *view, bool within)
{
    view_t copy = *view;
    return ledger_owner_yields (view->ledger, call->place, within, name_away, &copy);
}

/*  One that was freed long ago, and is still in the table; NULL: none.        */
static const owner_t *name_stale (const call_t *call, const view_t *view)
{
    const owner_t *owner = NULL;
    for (size_t i = 0; i < NAME_LOOKS; i++) {
        owner = ledger_owner_spare (view->ledger, call->now.wall_ms, owner);
        if (!owner || owner->name)
            return owner;
    }
    return NULL;
}

bool name_makes_place (const call_t *call, const view_t *view, verdict_t *verdict, bool by_token)
{
    const setup_t *setup = view->setup;
    size_t share = setup->names_max / (ZCHAT_NAMES_MAX / ZCHAT_PLACE_NAMES_MAX);
    bool within =
        !by_token && *call->place && ledger_n_claimed (view->ledger, call->place) >= share;
    if (!within && ledger_n_owned (view->ledger) < setup->names_max)
        return true;
    const owner_t *owner = within ? NULL : name_stale (call, view);
    owner = owner ? owner : name_yields (call, view, within);
    if (!owner)
        return within ? verdict_limit (verdict,
                                       "too many names were claimed from your address, and all are "
                                       "in use",
                                       ZCHAT_PLACE_NAMES_MAX, "names")
                      : verdict_limit (verdict, "no more names can be owned here", ZCHAT_NAMES_MAX,
                                       "names");
    verdict_note (verdict, CORE_NOTE_YIELD, call->request.user, frame_of (NULL, 0),
                  text_keep (verdict, frame_str (owner->name)).data);
    name_gone (view, verdict, owner);
    return true;
}
