/*  chat_past.c - /history: what was said before, in a room or with one person

    A room's page is shown as it comes. What one person and we told each other is picked out
    of the mailbox, page by page backward, and shown once enough was found.    */
#include "chat_private.h"
#include "memory.h"
#include <zchat/limits.h>

enum { PAST_PAGES_MAX = 20 }; /* of the mailbox for one command; "more" goes on behind them */

static bool same_person (const char *a, const char *b)
{
    name_keys_t first, second;
    return name_check (frame_str (a), &first, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &second, NULL) == ZCHAT_OK && name_same (&first, &second);
}

static void past_clear (chat_past_t *past)
{
    for (size_t i = 0; i < past->n_lines + past->n_page; i++)
        free (past->lines[i].text);
    free (past->lines);
    past->lines = NULL;
    past->n_lines = past->n_page = past->capacity = past->pages = 0;
    past->id = past->lowest = 0;
    past->replied = false;
}

void chat_past_destroy (chat_past_t *past)
{
    past_clear (past);
}

/*  A failure to ask is told by chat_requested.                                */
static void past_request (chat_t *chat)
{
    chat_past_t *past = &chat->past;
    size_t limit = *past->person ? ZCHAT_HISTORY_MAX : past->wanted;
    uint64_t id = 0;
    zchat_status_t status =
        zchat_client_history (chat->client, past->room, 0, past->before, limit, &id);
    chat_requested (chat, COMMAND_HISTORY, status, id, NULL, false);
    past->id = status == ZCHAT_OK ? id : 0;
    past->lowest = 0;
    past->replied = false;
}

/*  Where "more" goes on, or the end.                                          */
static uint64_t past_before (const chat_t *chat, const char *room, const char *person, bool more)
{
    const chat_past_t *past = &chat->past;
    if (!more)
        return UINT64_MAX;
    if (!*person)
        return chat->rooms[chat->current].oldest ? chat->rooms[chat->current].oldest : UINT64_MAX;
    bool same = strcmp (past->room, room) == 0 && same_person (past->person, person);
    return same && past->before ? past->before : UINT64_MAX;
}

void chat_past_ask (chat_t *chat, size_t count, bool more)
{
    chat_past_t *past = &chat->past;
    const char *person = chat->query;
    const char *room = *person ? CHAT_MAILBOX : chat_current_room (chat);
    if (!room || !chat_may_request (chat))
        return;
    if (past->id) {
        chat_notice (chat, "the last /history is still on its way");
        return;
    }
    uint64_t before = past_before (chat, room, person, more);
    if (before == 1) {
        chat_notice (chat, "nothing was said before that");
        return;
    }
    past_clear (past);
    past->before = before;
    past->wanted = count;
    snprintf (past->room, sizeof past->room, "%s", room);
    snprintf (past->person, sizeof past->person, "%s", person);
    past_request (chat);
}

/*  Those of the page that are wanted go before what later pages had.          */
static void page_take (chat_past_t *past)
{
    size_t taken = past->n_page < past->wanted ? past->n_page : past->wanted;
    size_t left = past->n_page - taken;
    past_line_t *page = past->lines + past->n_lines;
    past->before = left ? page[left].seq : past->lowest;
    past->wanted -= taken;
    for (size_t i = 0; i < left; i++)
        free (page[i].text);
    past_line_t *all = memory_new ((past->n_lines + taken + 1) * sizeof *all);
    if (taken)
        memcpy (all, page + left, taken * sizeof *all);
    if (past->n_lines)
        memcpy (all + taken, past->lines, past->n_lines * sizeof *all);
    free (past->lines);
    past->lines = all;
    past->n_lines += taken;
    past->capacity = past->n_lines + 1;
    past->n_page = 0;
}

static void person_shown (chat_t *chat)
{
    chat_past_t *past = &chat->past;
    uint64_t before = past->before;
    for (size_t i = 0; i < past->n_lines; i++) {
        chat_tell_day (chat, past->lines[i].time_ms);
        chat_show (&chat->out, past->lines[i].text);
        past->lines[i].text = NULL;
    }
    bool gave_up = past->wanted > 0 && before > 1;
    if (gave_up)
        chat_notice (chat, "that was far enough for once; /history more looks further back");
    else if (!past->n_lines)
        chat_notice (chat, "nothing was told before that");
    past_clear (past);
    past->before = before;
}

/*  A page is there, and all that was in it is open.                           */
static void page_done (chat_t *chat)
{
    chat_past_t *past = &chat->past;
    if (!*past->person) {
        if (!past->lowest)
            chat_notice (chat, "nothing was said before that");
        past_clear (past);
        return;
    }
    bool empty = past->lowest == 0;
    if (empty)
        past->lowest = 1;
    page_take (past);
    if (past->wanted > 0 && past->before > 1 && ++past->pages < PAST_PAGES_MAX &&
        chat->n_requests < REQUESTS_MAX)
        past_request (chat);
    else
        person_shown (chat);
}

void chat_past_step (chat_t *chat)
{
    chat_past_t *past = &chat->past;
    if (past->id && past->replied && (!*past->person || direct_held (chat->direct) == 0))
        page_done (chat);
}

void chat_past_replied (chat_t *chat, uint64_t id, bool refused)
{
    chat_past_t *past = &chat->past;
    if (id != past->id)
        return;
    if (refused)
        past_clear (past);
    past->replied = !refused;
    chat_past_step (chat);
}

bool chat_past_event (chat_t *chat, const zchat_event_t *event)
{
    chat_past_t *past = &chat->past;
    if (!past->id || event->kind != ZCHAT_EVENT_HISTORY || event->id != past->id)
        return false;
    if (!past->lowest || event->seq < past->lowest)
        past->lowest = event->seq;
    return *past->person != 0;
}

void chat_past_line (chat_t *chat, const zchat_event_t *event, char *text)
{
    chat_past_t *past = &chat->past;
    if (!event->user || !same_person (event->user, past->person)) {
        free (text);
        return;
    }
    size_t at = past->n_lines + past->n_page++;
    if (at >= past->capacity) {
        past->capacity = past->capacity ? 2 * past->capacity : 64;
        past->lines = memory_grow (past->lines, past->capacity * sizeof *past->lines);
    }
    past->lines[at] = (past_line_t){.seq = event->seq, .time_ms = event->time_ms, .text = text};
}
