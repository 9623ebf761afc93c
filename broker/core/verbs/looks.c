/*  looks.c - EDIT, REACT, UNREACT, REMOVE: what the log says of the message they are about  */
#include "looks.h"
#include "arguments.h"

_Static_assert((int)OWNER_WHO_MAX <= (int)STORE_WHO_MAX + 1, "a query holds every user");

bool seq_read (frame_t text, uint64_t *seq)
{
    const char *digits = text.data;
    *seq = 0;
    if (text.size == 0 || text.size > 13)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *seq = *seq * 10 + (uint64_t)(digits[i] - '0');
    }
    return *seq >= 1 && *seq <= ZCHAT_SEQ_MAX;
}

bool message_look (const call_t *call, const view_t *view, store_query_t *query)
{
    found_t found;
    uint64_t seq;
    verdict_t ignored;
    records_t none = {.items = NULL};
    verdict_begin (&ignored, &none);
    bool looks = room_find (view, &ignored, call->request.args[0], &found) && found.room &&
                 (call->admin || room_reads (view, found.room, call->who)) &&
                 seq_read (call->request.args[1], &seq) && seq >= found.room->first &&
                 seq <= told_room (view->told, view->ledger, found.room).head;
    verdict_drop (&ignored);
    if (looks)
        *query = (store_query_t){.room = found.room->id,
                                 .after = seq - 1,
                                 .limit = 1,
                                 .marks = true,
                                 .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
    if (looks && call->who)
        snprintf (query->who, sizeof query->who, "%s", call->who);
    return looks;
}

/*  True where the caller said it, by the name as it is owned now, and not somebody who had the name
    before.                                                                    */
static bool event_own (const call_t *call, const view_t *view, const event_t *event)
{
    name_keys_t own, said;
    const owner_t *owner = call->owner ? ledger_owner_by_id (view->ledger, call->owner) : NULL;
    return owner && event->time_ms >= owner->since_ms &&
           name_check (event->user, &said, NULL) == ZCHAT_OK &&
           name_check (call->user, &own, NULL) == ZCHAT_OK && name_same (&own, &said);
}

/*  The seq in the data of an edit; 0: there is none.                          */
static uint64_t edit_changes (const event_t *event)
{
    uint64_t seq = 0;
    json_t *json = json_loadb (event->data.data, event->data.size, 0, NULL);
    if (!argument_number (json, "seq", &seq) || seq > ZCHAT_SEQ_MAX)
        seq = 0;
    json_decref (json);
    return seq;
}

static void marks_learn (const call_t *call, const store_marks_t *marks, said_t *said)
{
    said->edits = marks->n_edits;
    said->n_reactions = marks->n_reactions;
    for (size_t i = 0; i < marks->n_reactions; i++)
        if (frame_eq (marks->reactions[i].text, call->request.args[2])) {
            said->reacted = true;
            said->mine = marks->reactions[i].mine;
        }
}

void message_looked (call_t *call, const view_t *view, const store_query_t *query,
                     const store_page_t *page)
{
    said_t *said = &call->said;
    said->looked = page != NULL;
    said->failed = page == NULL;
    said->room = query->room;
    if (!page || !page->count || page->events[0].seq != query->after + 1)
        return;
    const event_t *event = &page->events[0];
    said->type = event->type;
    said->time_ms = event->time_ms;
    said->own = event_own (call, view, event);
    if (event->type == ZCHAT_TYPE_EDIT)
        said->changes = edit_changes (event);
    if (page->n_marks)
        marks_learn (call, &page->marks[0], said);
}

bool message_said (const call_t *call, verdict_t *verdict, const room_t *room)
{
    const said_t *said = &call->said;
    bool here = room && said->room == room->id;
    if (here && said->failed)
        return verdict_refuse (verdict, ZCHAT_STORAGE,
                               "the log cannot be read now; ask again later", NULL);
    if (here && said->looked &&
        (said->type == ZCHAT_TYPE_SAY || said->type == ZCHAT_TYPE_ACTION ||
         (said->type == ZCHAT_TYPE_EDIT && said->changes)))
        return true;
    return verdict_refuse (verdict, ZCHAT_NOBODY, MESSAGE_NOWHERE, NULL);
}
