/*  letters.c - who may send something to somebody alone: TELL, INVITE

    A person refuses somebody, or all strangers, by facts of their mailbox. A stranger is who the
    person has neither written to nor allowed; what strangers leave is bounded. Why something is
    refused is the person's own business, so it reads the same for all who are refused.
*/
#include "verbs.h"
#include <assert.h>

static bool is_stranger (const call_t *call, const view_t *view, const room_t *mailbox)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    snprintf (key, sizeof key, "met/%s", call->who);
    return !mailbox || !ledger_fact (view->ledger, mailbox, key);
}

letter_t letter_of (const call_t *call, const char *whose, size_t size)
{
    return (letter_t){.whose = whose,
                      .holder = call->holder,
                      .place = call->remote ? call->place : "",
                      .bytes = size + ZCHAT_STRANGER_EVENT};
}

zchat_status_t letter_fits (const call_t *call, const view_t *view, verdict_t *verdict,
                            const char *who, size_t size)
{
    if (call->admin || !call->who || strcmp (call->who, who) == 0)
        return ZCHAT_OK;
    const room_t *mailbox = ledger_mailbox (view->ledger, who);
    bool stranger = is_stranger (call, view, mailbox);
    if (mailbox && (room_bans (call, view, mailbox) || (mailbox->locked && stranger)))
        return ZCHAT_BANNED;
    if (!stranger)
        return ZCHAT_OK;
    letter_t letter = letter_of (call, who, size);
    if (strangers_wait_ms (view->strangers, &letter, &view->setup->quotas[QUOTA_STRANGERS],
                           call->now.mono_ms))
        return ZCHAT_LIMIT;
    assert (verdict->n_letters < ZCHAT_MENTIONS_MAX);
    verdict->letters[verdict->n_letters++] =
        (verdict_letter_t){text_keep (verdict, frame_str (who)).data, size};
    return ZCHAT_OK;
}

bool target_takes (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, size_t size)
{
    switch (letter_fits (call, view, verdict, target->who, size)) {
    case ZCHAT_BANNED:
        return verdict_refuse (verdict, ZCHAT_BANNED,
                               "this person takes no direct messages from you", NULL);
    case ZCHAT_LIMIT:
        return verdict_limit (verdict,
                              "this person has never answered you: no more is taken for now, from "
                              "you or from where you are",
                              view->setup->quotas[QUOTA_STRANGERS].burst, "strangers");
    default:
        return true;
    }
}

/*  True where the room ends by the same verdict.                              */
static bool room_ends (const verdict_t *verdict, const room_t *room)
{
    for (size_t i = verdict->first; i < verdict->records->count; i++)
        if (verdict->records->items[i].drops && verdict->records->items[i].room == room->id)
            return true;
    return false;
}

void letter_meets (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, const room_t *mailbox)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    snprintf (key, sizeof key, "met/%s", target->who);
    if (mailbox && (ledger_fact (view->ledger, mailbox, key) || !ledger_fact_fits (mailbox, key)))
        return;
    if (ledger_contacts_full (view->ledger, mailbox, ZCHAT_CONTACTS_ALL_MAX)) {
        const fact_t *old = ledger_contact_yields (view->ledger, mailbox, call->holder);
        if (!old)
            return;
        if (!room_ends (verdict, old->room)) {
            frame_t name = text_keep (verdict, frame_str (old->room->name));
            verdict_fact (verdict, old->room->id, name, old->key, NULL);
            verdict->n_minor++;
        }
    }
    verdict_fact_of (verdict, verdict->main, key, LEDGER_TOLD);
    verdict->n_minor++;
}
