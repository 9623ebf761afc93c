/*  letters.c - who may send something to somebody alone: TELL, INVITE

    A person refuses somebody, or all strangers, by facts of their mailbox. A stranger is who the
    person has neither written to nor allowed; what strangers leave is bounded. Why something is
    refused is the person's own business, so it reads the same for all who are refused.
*/
#include "core_private.h"

enum { PARTIES = 3 };

static bool is_stranger (const call_t *call, const room_t *mailbox, const char *who)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    snprintf (key, sizeof key, "met/%s", who);
    return !mailbox || !ledger_fact (call->core->ledger, mailbox, key);
}

/*  The sender, and, where that is another machine, the address and the IPv6 /48 it is at.  */
static size_t parties_of (const call_t *call, stranger_t parties[PARTIES],
                          char names[PARTIES][BUDGET_PATH_MAX + 1])
{
    const peer_t *peer = call->peer;
    size_t count = 0, network = strcspn (peer->place, "/");
    call_holder (call, names[count]);
    parties[count++].times = 1;
    if (*peer->metered) {
        snprintf (names[count], sizeof names[count], "%s", peer->place);
        parties[count++].times = ZCHAT_STRANGERS_ADDRESS;
    }
    if (*peer->metered && peer->place[network]) {
        snprintf (names[count], sizeof names[count], "%.*s", (int)network, peer->place);
        parties[count++].times = ZCHAT_STRANGERS_NETWORK;
    }
    for (size_t i = 0; i < count; i++)
        parties[i].party = names[i];
    return count;
}

static uint64_t cost (size_t size)
{
    return size + ZCHAT_STRANGER_EVENT;
}

static bool call_crowds (call_t *call, const target_t *target, size_t size)
{
    char names[PARTIES][BUDGET_PATH_MAX + 1];
    stranger_t parties[PARTIES];
    core_t *core = call->core;
    const quota_t *quota = &core->quotas[QUOTA_STRANGERS];
    size_t count = parties_of (call, parties, names);
    return strangers_wait_ms (core->strangers, target->who, parties, count, quota, cost (size),
                              call->now.mono_ms) > 0;
}

/*  True where no rule of the target's binds the user.                         */
static bool call_free (const call_t *call, const target_t *target, char who[OWNER_WHO_MAX])
{
    user_who (call->session->user, who);
    return call->peer->admin || strcmp (who, target->who) == 0;
}

bool call_writes (call_t *call, const target_t *target, size_t size)
{
    char who[OWNER_WHO_MAX];
    json_t *until = NULL;
    if (call_free (call, target, who))
        return true;
    const room_t *mailbox = ledger_mailbox (call->core->ledger, target->who, NULL);
    bool stranger = is_stranger (call, mailbox, who);
    if (mailbox &&
        (room_sanction (call, mailbox, "ban", who, &until) || (mailbox->locked && stranger)))
        call_err_held (call, ZCHAT_BANNED, "this person takes no direct messages from you", NULL,
                       true);
    else if (stranger && call_crowds (call, target, size))
        call_err_held (call, ZCHAT_LIMIT,
                       "this person has never answered you: no more is taken for now, from you or "
                       "from where you are",
                       limit_json (call->core->quotas[QUOTA_STRANGERS].burst, "strangers"), true);
    else
        return true;
    json_decref (until);
    return false;
}

void call_wrote (call_t *call, const target_t *target, size_t size)
{
    char who[OWNER_WHO_MAX], names[PARTIES][BUDGET_PATH_MAX + 1];
    stranger_t parties[PARTIES];
    core_t *core = call->core;
    if (call_free (call, target, who) ||
        !is_stranger (call, ledger_mailbox (core->ledger, target->who, NULL), who))
        return;
    size_t count = parties_of (call, parties, names);
    strangers_take (core->strangers, target->who, parties, count, &core->quotas[QUOTA_STRANGERS],
                    cost (size), call->now.mono_ms);
}

void letter_meets (call_t *call, const target_t *target, held_t *effect,
                   char key[ZCHAT_FACT_KEY_MAX + 1])
{
    core_t *core = call->core;
    room_t *mailbox = effect->entry.room;
    snprintf (key, ZCHAT_FACT_KEY_MAX + 1, "met/%s", target->who);
    if (ledger_fact (core->ledger, mailbox, key) ||
        HASH_COUNT (mailbox->facts) >= ZCHAT_ROOM_FACTS_MAX)
        return;
    if (ledger_contacts_full (core->ledger, mailbox)) {
        const fact_t *old = ledger_contact_yields (core->ledger, mailbox);
        char old_key[ZCHAT_FACT_KEY_MAX + 1];
        if (!old)
            return;
        snprintf (old_key, sizeof old_key, "%s", old->key);
        zchat_status_t status =
            core_fact (core, call->peer, old->room, old_key, frame_of (NULL, 0), false);
        (void)status; /* nothing can be wrong with a fact that is no more */
    }
    effect->fact_key = frame_str (key);
    effect->fact_value = frame_str (LEDGER_TOLD);
}
