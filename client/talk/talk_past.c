/*  talk_past.c - /history: what was said before, in a room or with one person

    A room's page is shown as it comes. What one person and we told each other is picked out of the
    mailbox, page by page backward, and shown once enough was found.
*/
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"
#include <inttypes.h>
#include <stdio.h>
#include <zchat/limits.h>

enum { AROUND = 10 };         /* events before and behind the message of a permalink    */
enum { PAST_PAGES_MAX = 20 }; /* pages of the mailbox for one command; "more" goes on behind them */

static bool same_person (const char *a, const char *b)
{
    name_keys_t first, second;
    return name_check (frame_str (a), &first, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &second, NULL) == ZCHAT_OK && name_same (&first, &second);
}

static void line_free (past_line_t *line)
{
    free (line->user);
    free (line->body);
    free (line->mark);
    line->user = line->body = line->mark = NULL;
}

static void past_clear (talk_past_t *past)
{
    for (size_t i = 0; i < past->n_lines + past->n_page; i++)
        line_free (&past->lines[i]);
    free (past->lines);
    past->lines = NULL;
    past->n_lines = past->n_page = past->capacity = past->pages = 0;
    past->id = past->lowest = past->highest = 0;
    past->replied = past->paged = false;
}

void talk_past_destroy (talk_past_t *past)
{
    past_clear (past);
}

/*  Ask for the next page. talk_requested tells of a failure.                  */
static void past_request (talk_t *talk)
{
    talk_past_t *past = &talk->past;
    size_t limit = *past->person ? ZCHAT_HISTORY_MAX : past->wanted;
    uint64_t id = 0;
    zchat_status_t status =
        zchat_client_history (talk->client, past->room, 0, past->before, limit, &id);
    talk_requested (talk, COMMAND_HISTORY, status, id, NULL, false);
    past->id = status == ZCHAT_OK ? id : 0;
    past->lowest = past->highest = 0;
    past->replied = false;
}

/*  Return where "more" goes on; UINT64_MAX: at the end of the log.            */
static uint64_t past_before (const talk_t *talk, const char *room, const char *person, bool more)
{
    const talk_past_t *past = &talk->past;
    if (!more)
        return UINT64_MAX;
    if (!*person)
        return talk->rooms[talk->current].oldest ? talk->rooms[talk->current].oldest : UINT64_MAX;
    bool same = strcmp (past->room, room) == 0 && same_person (past->person, person);
    return same && past->before ? past->before : UINT64_MAX;
}

void talk_past_ask (talk_t *talk, size_t count, bool more)
{
    talk_past_t *past = &talk->past;
    const char *person = talk->query;
    const char *room = *person ? TALK_MAILBOX : talk_current_room (talk);
    if (!room || !talk_may_request (talk))
        return;
    if (past->id) {
        talk_notice (talk, _ ("the last /history is still on its way"));
        return;
    }
    uint64_t before = past_before (talk, room, person, more);
    if (before == 1) {
        talk_notice (talk, _ ("nothing was said before that"));
        return;
    }
    past_clear (past);
    past->before = before;
    past->wanted = count;
    snprintf (past->room, sizeof past->room, "%s", room);
    snprintf (past->person, sizeof past->person, "%s", person);
    past_request (talk);
}

/*  Tell that the page is complete, or that it will not come.                  */
static void tell_page (talk_t *talk, const talk_past_t *past, bool failed)
{
    bool person = *past->person != 0;
    talk_emit (talk, &(talk_event_t){.kind = TALK_PAGE,
                                     .page = {.name = person ? past->person : past->room,
                                              .person = person,
                                              .failed = failed,
                                              .lowest = person ? past->before : past->lowest,
                                              .highest = past->highest}});
}

bool talk_page (talk_t *talk, const char *name, bool person, uint64_t after, uint64_t before,
                size_t limit)
{
    talk_past_t *past = &talk->past;
    size_t index = person ? talk->n_rooms : talk_find_room (talk, name);
    if (!talk->client || past->id || talk->n_requests == REQUESTS_MAX ||
        (person ? !talk_find_person (talk, name) : index == talk->n_rooms))
        return false;
    past_clear (past);
    past->paged = true;
    past->before = before;
    past->wanted = limit;
    snprintf (past->room, sizeof past->room, "%s", person ? TALK_MAILBOX : talk->rooms[index].name);
    snprintf (past->person, sizeof past->person, "%s", person ? name : "");
    if (before > 0)
        past_request (talk);
    else {
        zchat_status_t status =
            zchat_client_history (talk->client, past->room, after, 0, limit, &past->id);
        talk_requested (talk, COMMAND_HISTORY, status, past->id, NULL, false);
        past->id = status == ZCHAT_OK ? past->id : 0;
    }
    return past->id != 0;
}

bool talk_paged (const talk_t *talk, const zchat_event_t *event)
{
    const talk_past_t *past = &talk->past;
    return past->paged && past->id && event->kind == ZCHAT_EVENT_HISTORY && event->id == past->id;
}

void talk_past_around (talk_t *talk, const char *room, uint64_t seq)
{
    talk_past_t *past = &talk->past;
    uint64_t id = 0, after = seq > AROUND ? seq - AROUND - 1 : 0;
    char line[ZCHAT_NAME_MAX + 96];
    if (past->id || !talk_may_request (talk))
        return;
    snprintf (line, sizeof line, _ ("message #%" PRIu64 " of %s, and what was said around it"), seq,
              room);
    talk_notice (talk, line);
    past_clear (past);
    *past->person = 0;
    snprintf (past->room, sizeof past->room, "%s", room);
    zchat_status_t status =
        zchat_client_history (talk->client, room, after, 0, 2 * AROUND + 1, &id);
    talk_requested (talk, COMMAND_HISTORY, status, id, NULL, false);
    past->id = status == ZCHAT_OK ? id : 0;
}

/*  Take what is wanted of the page, before what later pages had.              */
static void page_take (talk_past_t *past)
{
    size_t taken = past->n_page < past->wanted ? past->n_page : past->wanted;
    size_t left = past->n_page - taken;
    past_line_t *page = past->lines + past->n_lines;
    past->before = left ? page[left].seq : past->lowest;
    past->wanted -= taken;
    for (size_t i = 0; i < left; i++)
        line_free (&page[i]);
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

static void person_shown (talk_t *talk)
{
    talk_past_t *past = &talk->past;
    uint64_t before = past->before;
    for (size_t i = 0; i < past->n_lines; i++) {
        past_line_t *line = &past->lines[i];
        zchat_event_t event = {.kind = ZCHAT_EVENT_HISTORY,
                               .type = line->type,
                               .room = TALK_MAILBOX,
                               .user = line->user,
                               .body = line->body,
                               .body_size = line->size,
                               .seq = line->seq,
                               .time_ms = line->time_ms};
        talk_emit (talk,
                   &(talk_event_t){.kind = TALK_DIRECT,
                                   .message = {.event = &event, .mark = line->mark, .past = true}});
    }
    bool gave_up = past->wanted > 0 && before > 1;
    if (past->paged)
        tell_page (talk, past, false);
    else if (gave_up)
        talk_notice (talk, _ ("not all was looked through; /history more looks further back"));
    else if (!past->n_lines)
        talk_notice (talk, _ ("nothing was told before that"));
    past_clear (past);
    past->before = before;
}

/*  A page is complete, and all that was sealed in it is open: show it, or ask for the next one. */
static void page_done (talk_t *talk)
{
    talk_past_t *past = &talk->past;
    if (!*past->person) {
        if (past->paged)
            tell_page (talk, past, false);
        else if (!past->lowest)
            talk_notice (talk, _ ("nothing was said before that"));
        past_clear (past);
        return;
    }
    bool empty = past->lowest == 0;
    if (empty)
        past->lowest = 1;
    page_take (past);
    if (past->wanted > 0 && past->before > 1 && ++past->pages < PAST_PAGES_MAX &&
        talk->n_requests < REQUESTS_MAX)
        past_request (talk);
    else
        person_shown (talk);
}

void talk_past_step (talk_t *talk)
{
    talk_past_t *past = &talk->past;
    if (past->id && past->replied && (!*past->person || direct_held (talk->direct) == 0))
        page_done (talk);
}

void talk_past_replied (talk_t *talk, uint64_t id, bool refused)
{
    talk_past_t *past = &talk->past;
    if (id != past->id)
        return;
    if (refused && past->paged)
        tell_page (talk, past, true);
    if (refused)
        past_clear (past);
    past->replied = !refused;
    talk_past_step (talk);
}

bool talk_past_event (talk_t *talk, const zchat_event_t *event)
{
    talk_past_t *past = &talk->past;
    if (!past->id || event->kind != ZCHAT_EVENT_HISTORY || event->id != past->id)
        return false;
    if (event->seq && (!past->lowest || event->seq < past->lowest))
        past->lowest = event->seq;
    if (event->seq > past->highest)
        past->highest = event->seq;
    return *past->person != 0;
}

void talk_past_line (talk_t *talk, const zchat_event_t *event, const char *mark)
{
    talk_past_t *past = &talk->past;
    if (!event->user || !same_person (event->user, past->person))
        return;
    size_t at = past->n_lines + past->n_page++;
    if (at >= past->capacity) {
        past->capacity = past->capacity ? 2 * past->capacity : 64;
        past->lines = memory_grow (past->lines, past->capacity * sizeof *past->lines);
    }
    past->lines[at] =
        (past_line_t){.type = event->type,
                      .seq = event->seq,
                      .time_ms = event->time_ms,
                      .user = memory_string (event->user, strlen (event->user)),
                      .body = memory_string (event->body ? event->body : "", event->body_size),
                      .size = event->body_size,
                      .mark = mark ? memory_string (mark, strlen (mark)) : NULL};
}
