/*  command_listen.c - zchat listen: what is said, one record a line */
#include "credentials.h"
#include "i18n.h"
#include "ignored.h"
#include "listen_exec.h"
#include "listen_rooms.h"
#include "listen_state.h"
#include "memory.h"
#include "name.h"
#include "record.h"
#include "seek.h"
#include "subcommands.h"
#include "tool.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*  A room that is listened to, or one's own mailbox, "@".                     */
typedef struct {
    char name[ZCHAT_NAME_MAX + 1]; /* as it was given; once live, as the broker spells it */
    bool live;                     /* it was joined at least once              */
    bool silent;                   /* nobody has ever spoken there             */
    bool late;                     /* it was made while we listened: all of it is wanted */
} place_t;

typedef struct {
    tool_t tool;
    direct_t *direct;
    ignored_t *ignored;
    listen_state_t *state; /* --state, or NULL                                 */
    listen_exec_t *exec;   /* --exec, or NULL                                  */
    listen_rooms_t rooms;  /* with --all-rooms                                 */
    place_t places[ZCHAT_SESSION_ROOMS_MAX + 1];
    size_t n_places;
    bool ready;         /* all rooms were live once                              */
    size_t place;       /* index of the room that is joined next                 */
    bool seeking;       /* it is looked for where its messages are to begin      */
    seek_t seek;        /* the search in that room                               */
    uint64_t overtaken; /* seq of what came to the mailbox while older mail waits for keys; or 0 */
    bool resumed;       /* the state knows places of an earlier run              */
    bool crowded;       /* it was told that there are too many rooms             */
    uint64_t records;   /* messages that were put out                            */
} listener_t;

static int64_t s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*  --- places ------------------------------------------------------------------ */

/*  Find a room, however it is spelled; NULL: it is not listened to.           */
static place_t *s_find (listener_t *self, const char *room)
{
    name_keys_t keys, other;
    bool named = name_check (frame_str (room), &keys, NULL) == ZCHAT_OK;
    for (size_t i = 0; i < self->n_places; i++) {
        place_t *place = &self->places[i];
        if (strcmp (place->name, room) == 0)
            return place;
        if (named && name_check (frame_str (place->name), &other, NULL) == ZCHAT_OK &&
            name_same (&keys, &other))
            return place;
    }
    return NULL;
}

/*  late: all of the room is wanted.                                           */
static void s_add (listener_t *self, const char *room, bool late)
{
    size_t max = ZCHAT_SESSION_ROOMS_MAX + (self->tool.options->mail ? 1 : 0);
    if (self->n_places < max) {
        place_t *place = &self->places[self->n_places++];
        *place = (place_t){.late = late};
        snprintf (place->name, sizeof place->name, "%s", room);
    } else if (!self->crowded) {
        tool_say (_ ("there are more than %d rooms: the others are not listened to"),
                  ZCHAT_SESSION_ROOMS_MAX);
        self->crowded = true;
    }
}

/*  Tell that everything is live, once.                                        */
static void s_ready (listener_t *self)
{
    tool_t *tool = &self->tool;
    size_t live = 0;
    for (size_t i = 0; i < self->n_places; i++)
        live += self->places[i].live;
    if (self->ready || live < self->n_places || (tool->options->all_rooms && !self->rooms.listed))
        return;
    self->ready = true;
    tool_relax (tool);
    if (!tool->options->quiet)
        fputs ("ready\n", stderr);
    for (size_t i = 0; i < self->n_places; i++)
        if (self->places[i].silent && !tool->options->all_rooms)
            tool_note (_ ("%s: nobody has spoken there yet"), self->places[i].name);
}

/*  Note that a room is live. JOINED comes again after each reconnect.         */
static void s_joined (listener_t *self, const char *room, uint64_t seq)
{
    place_t *place = s_find (self, room);
    if (!place || place->live)
        return;
    place->live = true;
    place->silent = seq == 0 && strcmp (room, "@") != 0;
    snprintf (place->name, sizeof place->name, "%s", room);
    if (!self->ready)
        tool_expect (&self->tool);
    s_ready (self);
}

/*  --- how far it has come ------------------------------------------------------- */

/*  Write the state where what was seen is done. all: the last message too, because no marks
    come behind it any more.                                                   */
static void s_save (void *arg, bool all)
{
    listener_t *self = arg;
    char *why = NULL;
    if (self->state && listen_state_written (self->state, all, &why) != ZCHAT_OK)
        (void)tool_fail (&self->tool, OUTCOME_SYSTEM, "%s", why);
    free (why);
}

/*  Note that a message was put out, or need not be. In the mailbox, older ones may still wait for
    keys.                                                                      */
static void s_seen (listener_t *self, const char *room, uint64_t seq, bool mail)
{
    if (!self->state || seq == 0)
        return;
    if (!mail && strcmp (room, "@") == 0 && direct_held (self->direct) > 0) {
        self->overtaken = seq > self->overtaken ? seq : self->overtaken;
        return;
    }
    listen_state_seen (self->state, room, seq);
}

/*  Go on where mail no longer waits.                                          */
static void s_caught_up (listener_t *self)
{
    if (self->overtaken && direct_held (self->direct) == 0) {
        listen_state_seen (self->state, "@", self->overtaken);
        self->overtaken = 0;
    }
}

static void s_counted (listener_t *self)
{
    self->records++;
    if (self->records == self->tool.options->count)
        (void)tool_stop (&self->tool, OUTCOME_OK);
}

/*  Put a message out, or let it wait for its command.                         */
static void s_put (listener_t *self, const zchat_event_t *event, const people_opened_t *opened)
{
    tool_t *tool = &self->tool;
    if (self->exec) {
        listen_exec_add (self->exec, event, opened);
        return;
    }
    if (opened)
        record_direct (&tool->out, event, opened, tool->log, &tool->style);
    else
        record_message (&tool->out, event, tool->log, &tool->style);
    s_seen (self, event->room, event->seq, opened != NULL);
    if (event->type != ZCHAT_TYPE_MARKS) /* it is no message, but about the one before */
        s_counted (self);
}

/*  Run the command for what waits for it.                                     */
static void s_execute (listener_t *self)
{
    listen_done_t done;
    while (self->exec && listen_exec_next (self->exec, &done)) {
        s_seen (self, done.room, done.seq, true);
        if (done.marks)
            continue;
        s_save (self, false);
        s_counted (self);
        if (!self->ready) /* the time that commands take is not the broker's    */
            tool_expect (&self->tool);
    }
}

/*  True for somebody who is ignored on this computer. What the broker refuses does not come here
    at all.                                                                    */
static bool s_hides (listener_t *self, const zchat_event_t *event)
{
    bool hides = ignored_hides (self->ignored, event);
    char *trouble = ignored_trouble (self->ignored);
    if (trouble)
        tool_say (_ ("the people ignored on this computer are not known: %s"), trouble);
    free (trouble);
    return hides;
}

static void s_mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    listener_t *self = arg;
    if (self->tool.stopped) /* --count may have stopped it */
        return;
    if (s_hides (self, event))
        s_seen (self, event->room, event->seq, true);
    else
        s_put (self, event, opened);
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
        s_seen (self, event->room, event->seq, false);
    else
        s_put (self, event, NULL);
}

/*  Take that a room is not to be had. Of many, the others go on.              */
static void s_parted (listener_t *self, const char *room, const char *why)
{
    place_t *place = s_find (self, room);
    if (!self->tool.options->all_rooms) {
        (void)tool_fail (&self->tool, OUTCOME_REFUSED, "%s: %s", room, why);
        return;
    }
    tool_note ("%s: %s", room, why);
    if (place) {
        place->live = true; /* nothing is waited for there                     */
        s_ready (self);
    }
}

static void s_event (listener_t *self, const zchat_event_t *event)
{
    tool_t *tool = &self->tool;
    const char *why = event->text ? event->text : _ (zchat_status_text (event->status));
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        if (!self->ready)
            tool_expect (tool);
        break;
    case ZCHAT_EVENT_JOINED:
        if (self->state && event->seq == 0)
            listen_state_seen (self->state, event->room, 0); /* all that comes is wanted */
        s_seen (self, event->room, event->seq, false);
        s_joined (self, event->room, event->seq);
        break;
    case ZCHAT_EVENT_PARTED:
        s_parted (self, event->room, why);
        break;
    case ZCHAT_EVENT_MESSAGE:
        s_message (self, event);
        break;
    case ZCHAT_EVENT_LOST:
        tool_say (_ ("%s: %" PRIu64 " messages before %" PRIu64 " are gone: the broker no longer "
                     "keeps them"),
                  event->room, event->count, event->seq);
        if (event->seq > 0)
            s_seen (self, event->room, event->seq - 1, false);
        if (!self->exec)
            record_lost (&tool->out, event->room, event->count, event->seq, &tool->style);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        tool_say (_ ("the broker has another log than before: numbering starts anew"));
        if (self->state)
            listen_state_of (self->state, tool->log);
        if (!self->exec)
            record_log_replaced (&tool->out, tool->log, &tool->style);
        break;
    case ZCHAT_EVENT_WARNING:
        if (event->status == ZCHAT_CORRUPT && event->room && !self->exec)
            record_ahead (&tool->out, event->room, event->count, event->seq, &tool->style);
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
        (void)tool_fail (tool, OUTCOME_USAGE, "%s: %s", room, _ (zchat_status_text (status)));
}

/*  Find where a room is to begin. False: that must be looked for by the time. */
static bool s_first (listener_t *self, const place_t *place, uint64_t *last, uint64_t *since)
{
    const options_t *options = self->tool.options;
    uint64_t done;
    *last = 0;
    *since = 1;
    if (self->state && listen_state_find (self->state, place->name, &done)) {
        *since = done + 1;
        return true;
    }
    if (place->late)
        return true;
    if (options->after_ms)
        return false;
    *last = options->last;
    *since = options->after_given ? options->after + 1 : 0;
    return true;
}

/*  Find out whether the broker has the log that the places belong to. A seq of another log means
    nothing, so there all of the new log is wanted.                            */
static void s_check_log (listener_t *self)
{
    tool_t *tool = &self->tool;
    const char *log = self->state ? listen_state_log (self->state) : tool->options->log;
    if (log && *log && strcmp (log, tool->log) != 0) {
        tool_say (_ ("the broker has another log than %s: it is read from its beginning"), log);
        if (!self->exec)
            record_log_replaced (&tool->out, tool->log, &tool->style);
        for (size_t i = 0; i < self->n_places; i++)
            self->places[i].late = true;
    }
    if (self->state)
        listen_state_of (self->state, tool->log);
}

/*  Join the rooms, each where its messages are to begin.                      */
static void s_join_all (listener_t *self)
{
    tool_t *tool = &self->tool;
    while (self->place < self->n_places && !tool->stopped &&
           zchat_client_connected (tool->client)) {
        place_t *place = &self->places[self->place];
        uint64_t last, since;
        if (self->place == 0 && !self->seeking)
            s_check_log (self);
        if (!s_first (self, place, &last, &since)) {
            if (!self->seeking)
                seek_begin (&self->seek, tool->options->after_ms);
            self->seeking = true;
            seek_ask (&self->seek, tool->client, place->name);
            if (!self->seek.done)
                return;
            last = 0;
            since = self->seek.seq;
        }
        self->seeking = false;
        self->place++;
        s_join (tool, place->name, last, since);
    }
}

/*  Take the list of rooms: those that are new are listened to.                */
static bool s_listed (listener_t *self, const zchat_event_t *event)
{
    json_t *names;
    bool refused, late = self->rooms.listed || self->resumed;
    if (!listen_rooms_event (&self->rooms, event, s_now_ms (), &names, &refused))
        return false;
    if (refused)
        tool_refused (&self->tool, event);
    for (size_t i = 0; i < json_array_size (names); i++) {
        const char *name = json_string_value (json_array_get (names, i));
        if (strlen (name) <= ZCHAT_NAME_MAX && !s_find (self, name))
            s_add (self, name, late);
    }
    json_decref (names);
    s_ready (self);
    return true;
}

/*  Do what is due when no event waits and all is written.                     */
static void s_written (void *arg, bool all)
{
    listener_t *self = arg;
    s_save (self, all);
    if (all && self->tool.options->all_rooms && !self->tool.stopped) {
        listen_rooms_ask (&self->rooms, self->tool.client, s_now_ms ());
        s_join_all (self);
    }
}

static void s_run (listener_t *self)
{
    tool_t *tool = &self->tool;
    const options_t *options = tool->options;
    zchat_event_t event;
    for (size_t i = 0; i < options->n_rooms; i++)
        s_add (self, options->rooms[i], false);
    if (options->mail)
        s_add (self, "@", false);
    while (tool_wait (tool, false, &event) == TOOL_EVENT) {
        if (!seek_event (&self->seek, &event) && !s_listed (self, &event) &&
            !direct_event (self->direct, tool->client, &event))
            s_event (self, &event);
        s_caught_up (self);
        s_execute (self);
        if (!tool->stopped)
            s_join_all (self);
        if (options->until_head && self->ready && direct_held (self->direct) == 0)
            (void)tool_stop (tool, OUTCOME_OK);
    }
    s_caught_up (self);
}

int command_listen (const options_t *options)
{
    listener_t *self = memory_zero (sizeof *self);
    tool_t *tool = &self->tool;
    direct_calls_t calls = {.notice = tool_notice, .mail = s_mail, .arg = self};
    char *why = NULL;
    int status = OUTCOME_OK;
    zchat_status_t opened =
        options->state ? listen_state_open (options->state, &self->state, &why) : ZCHAT_OK;
    if (opened != ZCHAT_OK) {
        tool_say ("%s", why);
        status = opened == ZCHAT_CORRUPT ? OUTCOME_DATA : OUTCOME_SYSTEM;
    } else
        status = tool_direct (options, &calls, &self->direct);
    if (status == OUTCOME_OK) {
        self->ignored = ignored_new (credentials_path ("/ignored"), options->endpoint);
        if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
            s_deadlines (tool);
            self->resumed = self->state && *listen_state_log (self->state);
            tool->written = s_written;
            tool->written_arg = self;
            self->exec = options->exec ? listen_exec_new (tool) : NULL;
            s_run (self);
        }
        status = tool_close (tool);
    }
    free (why);
    direct_destroy (&self->direct);
    ignored_destroy (&self->ignored);
    listen_exec_destroy (&self->exec);
    listen_rooms_free (&self->rooms);
    listen_state_destroy (&self->state);
    free (self);
    return status;
}
