/*  command_listen.c - zchat listen: what is said, one record a line */
#include "credentials.h"
#include "ignored.h"
#include "memory.h"
#include "record.h"
#include "seek.h"
#include "subcommands.h"
#include "tool.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    tool_t tool;
    direct_t *direct;
    ignored_t *ignored;
    char *joined[ZCHAT_SESSION_ROOMS_MAX + 1]; /* rooms that are live, as the broker spells them */
    bool silent[ZCHAT_SESSION_ROOMS_MAX + 1]; /* nobody has ever spoken in the room at this index */
    size_t n_joined;
    bool ready;       /* all rooms were live once                              */
    bool begun;       /* all rooms are joined, each where its messages are to begin */
    size_t place;     /* index of the room whose beginning is looked for, until begun */
    seek_t seek;      /* the search in that room                               */
    uint64_t records; /* messages that were put out                            */
} listener_t;

/*  Count the rooms that are wanted; the mailbox counts as one.                */
static size_t s_wanted (const options_t *options)
{
    return options->n_rooms + (options->mail ? 1 : 0);
}

/*  Note that a room is live. JOINED comes again after each reconnect, so the rooms must be told
    apart.                                                                     */
static void s_joined (listener_t *self, const char *room, uint64_t seq)
{
    for (size_t i = 0; i < self->n_joined; i++)
        if (strcmp (self->joined[i], room) == 0)
            return;
    if (self->n_joined == s_wanted (self->tool.options))
        return;
    self->silent[self->n_joined] = seq == 0 && strcmp (room, "@") != 0;
    self->joined[self->n_joined++] = memory_string (room, strlen (room));
    if (self->n_joined < s_wanted (self->tool.options))
        tool_expect (&self->tool);
    else if (!self->ready) {
        self->ready = true;
        tool_relax (&self->tool);
        fputs ("ready\n", stderr);
        for (size_t i = 0; i < self->n_joined; i++)
            if (self->silent[i])
                tool_say ("%s: nobody has spoken there yet", self->joined[i]);
    }
}

static void s_counted (listener_t *self)
{
    self->records++;
    if (self->records == self->tool.options->count)
        (void)tool_stop (&self->tool, OUTCOME_OK);
}

/*  True for somebody who is ignored on this computer. What the broker refuses does not come here
    at all.                                                                    */
static bool s_hides (listener_t *self, const zchat_event_t *event)
{
    bool hides = ignored_hides (self->ignored, event);
    char *trouble = ignored_trouble (self->ignored);
    if (trouble)
        tool_say ("the people ignored on this computer are not known: %s", trouble);
    free (trouble);
    return hides;
}

static void s_mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    listener_t *self = arg;
    if (self->tool.stopped || s_hides (self, event)) /* --count may have stopped it */
        return;
    record_direct (&self->tool.out, event, opened, self->tool.log, self->tool.options->json);
    s_counted (self);
}

static void s_message (listener_t *self, const zchat_event_t *event)
{
    const options_t *options = self->tool.options;
    bool presence = event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE ||
                    event->type == ZCHAT_TYPE_PRESENCE;
    bool mention = event->type == ZCHAT_TYPE_MENTION && !event->own && event->user &&
                   ignored_has (self->ignored, event->user);
    presence = presence || event->type == ZCHAT_TYPE_READ;
    if ((presence && !options->presence) || mention || s_hides (self, event))
        return;
    record_message (&self->tool.out, event, self->tool.log, options->json);
    if (event->type != ZCHAT_TYPE_MARKS) /* it is no message, but about the one before */
        s_counted (self);
}

static void s_event (listener_t *self, const zchat_event_t *event)
{
    tool_t *tool = &self->tool;
    bool json = tool->options->json;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        if (!self->ready)
            tool_expect (tool);
        break;
    case ZCHAT_EVENT_JOINED:
        s_joined (self, event->room, event->seq);
        break;
    case ZCHAT_EVENT_PARTED:
        (void)tool_fail (tool, OUTCOME_REFUSED, "%s: %s", event->room,
                         event->text ? event->text : zchat_status_text (event->status));
        break;
    case ZCHAT_EVENT_MESSAGE:
        s_message (self, event);
        break;
    case ZCHAT_EVENT_LOST:
        tool_say ("%s: %" PRIu64 " messages before %" PRIu64 " are gone: the broker no longer "
                  "keeps them",
                  event->room, event->count, event->seq);
        if (json)
            record_lost (&tool->out, event->room, event->count, event->seq);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        tool_say ("the broker has another log than before: numbering starts anew");
        if (json)
            record_log_replaced (&tool->out, tool->log);
        break;
    case ZCHAT_EVENT_WARNING:
        if (json && event->status == ZCHAT_CORRUPT && event->room)
            record_ahead (&tool->out, event->room, event->count, event->seq);
        break;
    default:
        break;
    }
}

/*  Set the deadlines. The first connection may take as long as --timeout says, and so may the
    whole run.                                                                 */
static void s_deadlines (tool_t *tool)
{
    if (tool->options->timeout_ms >= 0)
        tool->end_by_ms = tool->answer_by_ms;
    tool->watch_output = true;
}

static void s_join (tool_t *tool, const char *room, uint64_t last, uint64_t since)
{
    zchat_status_t status = zchat_client_join (tool->client, room, last, since);
    if (status != ZCHAT_OK)
        (void)tool_fail (tool, OUTCOME_USAGE, "%s: %s", room, zchat_status_text (status));
}

static const char *s_place (const options_t *options, size_t i)
{
    return i < options->n_rooms ? options->rooms[i] : "@";
}

/*  Return the first seq wanted. A seq of another log means nothing, so there all of the new log
    is wanted.                                                                 */
static uint64_t s_first (listener_t *self)
{
    tool_t *tool = &self->tool;
    const options_t *options = tool->options;
    if (!options->log || strcmp (options->log, tool->log) == 0)
        return options->after_given ? options->after + 1 : 0;
    tool_say ("the broker has another log than %s: it is read from its beginning", options->log);
    if (options->json)
        record_log_replaced (&tool->out, tool->log);
    return 1;
}

/*  Join all rooms once there is a connection, each where its messages are to begin. */
static void s_begin (listener_t *self)
{
    tool_t *tool = &self->tool;
    const options_t *options = tool->options;
    if (!options->after_ms) {
        uint64_t since = s_first (self);
        for (; self->place < s_wanted (options); self->place++)
            s_join (tool, s_place (options, self->place), options->last, since);
    }
    while (self->place < s_wanted (options) && zchat_client_connected (tool->client)) {
        seek_ask (&self->seek, tool->client, s_place (options, self->place));
        if (!self->seek.done)
            return;
        s_join (tool, s_place (options, self->place++), 0, self->seek.seq);
        seek_begin (&self->seek, options->after_ms);
    }
    self->begun = self->place == s_wanted (options);
}

int command_listen (const options_t *options)
{
    listener_t self = {0};
    tool_t *tool = &self.tool;
    direct_calls_t calls = {.notice = tool_notice, .mail = s_mail, .arg = &self};
    int status = tool_direct (options, &calls, &self.direct);
    if (status != OUTCOME_OK)
        return status;
    self.ignored = ignored_new (credentials_path ("/ignored"), options->endpoint);
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        s_deadlines (tool);
        seek_begin (&self.seek, options->after_ms);
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            if (!seek_event (&self.seek, &event) &&
                !direct_event (self.direct, tool->client, &event))
                s_event (&self, &event);
            if (!self.begun && zchat_client_connected (tool->client))
                s_begin (&self);
        }
    }
    for (size_t i = 0; i < self.n_joined; i++)
        free (self.joined[i]);
    direct_destroy (&self.direct);
    ignored_destroy (&self.ignored);
    return tool_close (tool);
}
