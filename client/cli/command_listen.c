/*  command_listen.c - zchat listen: what is said, one record a line */
#include "memory.h"
#include "record.h"
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
    char *joined[ZCHAT_SESSION_ROOMS_MAX + 1]; /* rooms that are live, as the broker spells them */
    size_t n_joined;
    bool ready;       /* all were live once                                     */
    uint64_t records; /* messages put out                                       */
} listener_t;

/*  The mailbox counts as a room.                                              */
static size_t s_wanted (const options_t *options)
{
    return options->n_rooms + (options->mail ? 1 : 0);
}

/*  JOINED comes again after each reconnect, so the rooms must be told apart.  */
static void s_joined (listener_t *self, const char *room)
{
    for (size_t i = 0; i < self->n_joined; i++)
        if (strcmp (self->joined[i], room) == 0)
            return;
    if (self->n_joined == s_wanted (self->tool.options))
        return;
    self->joined[self->n_joined++] = memory_string (room, strlen (room));
    if (self->n_joined < s_wanted (self->tool.options))
        tool_expect (&self->tool);
    else if (!self->ready) {
        self->ready = true;
        tool_relax (&self->tool);
        fputs ("ready\n", stderr);
    }
}

static void s_counted (listener_t *self)
{
    self->records++;
    if (self->records == self->tool.options->count)
        (void)tool_stop (&self->tool, CLI_OK);
}

static void s_mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    listener_t *self = arg;
    if (self->tool.stopped) /* by --count */
        return;
    record_direct (&self->tool.out, event, opened, self->tool.options->json);
    s_counted (self);
}

static void s_notice (void *arg, const char *text)
{
    tool_say ("%s", text);
}

static void s_message (listener_t *self, const zchat_event_t *event)
{
    const options_t *options = self->tool.options;
    bool presence = event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE ||
                    event->type == ZCHAT_TYPE_PRESENCE;
    if (presence && !options->presence)
        return;
    record_message (&self->tool.out, event, options->json);
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
        s_joined (self, event->room);
        break;
    case ZCHAT_EVENT_PARTED:
        (void)tool_fail (tool, CLI_REFUSED, "%s: %s", event->room,
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
            record_log_replaced (&tool->out);
        break;
    default:
        break;
    }
}

/*  The first connection has as long as --timeout says, and so has the whole run. */
static void s_deadlines (tool_t *tool)
{
    if (tool->options->timeout_ms >= 0)
        tool->end_by_ms = tool->answer_by_ms;
    tool->watch_output = true;
}

static void s_join (tool_t *tool, const char *room)
{
    const options_t *options = tool->options;
    zchat_status_t status = zchat_client_join (tool->client, room, options->last, options->since);
    if (status != ZCHAT_OK)
        (void)tool_fail (tool, CLI_USAGE, "%s: %s", room, zchat_status_text (status));
}

int command_listen (const options_t *options)
{
    listener_t self = {0};
    tool_t *tool = &self.tool;
    direct_calls_t calls = {.notice = s_notice, .mail = s_mail, .arg = &self};
    int status = direct_new (options, &calls, &self.direct);
    if (status != CLI_OK)
        return status;
    if (tool_open (tool, options, options->nick) == CLI_OK) {
        s_deadlines (tool);
        for (size_t i = 0; i < options->n_rooms && !tool->stopped; i++)
            s_join (tool, options->rooms[i]);
        if (options->mail && !tool->stopped)
            s_join (tool, "@");
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT)
            if (!direct_event (self.direct, tool->client, &event))
                s_event (&self, &event);
    }
    for (size_t i = 0; i < self.n_joined; i++)
        free (self.joined[i]);
    direct_destroy (&self.direct);
    return tool_close (tool);
}
