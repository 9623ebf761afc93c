/*  command_query.c - zchat who, history: questions asked until they are answered */
#include "direct.h"
#include "i18n.h"
#include "memory.h"
#include "name.h"
#include "record.h"
#include "seek.h"
#include "subcommands.h"
#include "tool.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PICKED_MAX = 100000
}; /* for --to NAME -n NUMBER; they are kept in memory until the last one is known */

typedef struct query query_t;
struct query {
    tool_t tool;
    uint64_t id;     /* of the request under way                               */
    bool asked;      /* a request is under way                                 */
    bool bounded;    /* history: end, next and rest are known                  */
    bool moved;      /* history: an event came since the last request          */
    uint64_t after;  /* history: the last seq that is not wanted, where --after was given */
    uint64_t before; /* history: the first seq that is not wanted, or 0        */
    seek_t seek;     /* history: searches for `after`, where a time was given  */
    seek_t seek_end;
    uint64_t given;   /* history: the seq of the last event, where that was put out */
    uint64_t end;     /* history: the last seq wanted                          */
    uint64_t next;    /* history: the next seq wanted                          */
    uint64_t rest;    /* history: events still wanted                          */
    bool told;        /* history: something came, or it was said why nothing does */
    direct_t *direct; /* history                                               */
    bool over;        /* history: all has come, and only messages that wait for keys are left */
    bool picks;       /* history: only messages with one person are wanted     */
    name_keys_t to;   /* history: that person                                  */
    output_t *picked; /* history: a ring of options->last records, or NULL     */
    uint64_t n_picked;
    zchat_status_t (*ask) (query_t *self);
    /*  takes a reply; it calls tool_stop when all is done, else the query is asked again */
    void (*answer) (query_t *self, const zchat_event_t *event, json_t *reply);
};

static uint64_t s_integer (json_t *object, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (object, key));
    return number > 0 ? (uint64_t)number : 0;
}

static void s_reply (query_t *self, const zchat_event_t *event)
{
    self->asked = false;
    json_t *reply = event->json ? json_loads (event->json, JSON_ALLOW_NUL, NULL) : NULL;
    switch (event->status) {
    case ZCHAT_OK:
        tool_expect (&self->tool);
        if (json_is_object (reply))
            self->answer (self, event, reply);
        else
            (void)tool_fail (&self->tool, OUTCOME_UNREACHABLE,
                             _ ("the broker at %s sent a reply that is no JSON object"),
                             self->tool.options->endpoint);
        break;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_CLOSING:
        break;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
        tool_pause ();
        break;
    default:
        tool_refused (&self->tool, event);
        break;
    }
    json_decref (reply);
}

/*  True where the event is wanted: with --to, where it is from or to that person. */
static bool s_picked (const query_t *self, const zchat_event_t *event)
{
    name_keys_t keys;
    if (!self->picks)
        return true;
    return event->user && name_check (frame_str (event->user), &keys, NULL) == ZCHAT_OK &&
           name_same (&keys, &self->to);
}

/*  Choose where the next record goes.                                         */
static output_t *s_out (query_t *self)
{
    if (!self->picked)
        return &self->tool.out;
    output_t *one = &self->picked[self->n_picked++ % self->tool.options->last];
    buffer_clear (&one->pending);
    return one;
}

static void s_mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    query_t *self = arg;
    record_direct (s_out (self), event, opened, self->tool.log, &self->tool.style);
}

/*  Take an event of the history. The output is in order, each event once, whatever came twice
    over a lost connection.                                                    */
static void s_history_event (query_t *self, const zchat_event_t *event)
{
    tool_t *tool = &self->tool;
    uint64_t given = self->given;
    self->given = 0;
    if (event->type == ZCHAT_TYPE_MARKS) {
        /*  It belongs to the message before it, and counts for nothing.       */
        if (given && event->target == given)
            record_message (s_out (self), event, tool->log, &tool->style);
        return;
    }
    if (!self->bounded || event->seq < self->next || event->seq > self->end || self->rest == 0)
        return;
    if (event->seq > self->next && tool->options->after_given) {
        tool_say (_ ("%s: %" PRIu64 " messages before %" PRIu64 " are gone: the broker no longer "
                     "keeps them"),
                  event->room, event->seq - self->next, event->seq);
        record_lost (&tool->out, event->room, event->seq - self->next, event->seq, &tool->style);
    }
    self->next = event->seq + 1;
    self->moved = true;
    if (!s_picked (self, event))
        return;
    self->rest--;
    self->told = true;
    self->given = event->seq;
    if (!self->direct || !direct_event (self->direct, tool->client, event))
        record_message (s_out (self), event, tool->log, &tool->style);
}

/*  Say that there is nothing. An empty answer without a word would look like a fault. */
static void s_say_empty (const options_t *options)
{
    if (options->to)
        tool_say (_ ("no direct messages to or from %s in this range"), options->to);
    else if (options->mail)
        tool_say (_ ("no direct messages in this range"));
    else
        tool_say (_ ("%s: no message in this range"), options->rooms[0]);
}

/*  End the run, once no message waits for keys any more.                      */
static void s_finish (query_t *self)
{
    if (!self->over || (self->direct && direct_held (self->direct) > 0))
        return;
    if (!self->told && self->tool.options->last > 0)
        s_say_empty (self->tool.options);
    uint64_t size = self->tool.options->last;
    uint64_t from = self->n_picked > size ? self->n_picked - size : 0;
    for (uint64_t i = from; self->picked && i < self->n_picked; i++) {
        buffer_t *one = &self->picked[i % size].pending;
        output_bytes (&self->tool.out, one->data, one->size);
    }
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

static void s_ask (query_t *self)
{
    zchat_status_t status = self->ask (self);
    self->asked = status == ZCHAT_OK;
    if (status != ZCHAT_OK)
        (void)tool_fail (&self->tool, OUTCOME_USAGE, "%s", _ (zchat_status_text (status)));
}

static const char *s_place (const options_t *options)
{
    return options->mail ? "@" : options->rooms[0];
}

/*  Find where the given times are in the room. False until both are known.    */
static bool s_sought (query_t *self)
{
    const char *room = s_place (self->tool.options);
    seek_ask (&self->seek, self->tool.client, room);
    if (self->seek.done)
        seek_ask (&self->seek_end, self->tool.client, room);
    if (!self->seek.done || !self->seek_end.done)
        return false;
    if (self->seek.time_ms)
        self->after = self->seek.seq - 1;
    if (self->seek_end.time_ms)
        self->before = self->seek_end.seq;
    return true;
}

static int s_run (query_t *self, const options_t *options)
{
    tool_t *tool = &self->tool;
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        tool->watch_output = true;
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            /*  the searches ask for HISTORY too, so they look at the event first */
            if (seek_event (&self->seek, &event) || seek_event (&self->seek_end, &event))
                tool_expect (tool);
            else if (self->direct && event.kind != ZCHAT_EVENT_HISTORY &&
                     direct_event (self->direct, tool->client, &event))
                s_finish (self);
            else if (event.kind == ZCHAT_EVENT_HISTORY && self->asked && event.id == self->id)
                s_history_event (self, &event);
            else if (event.kind == ZCHAT_EVENT_REPLY && self->asked && event.id == self->id)
                s_reply (self, &event);
            if (!tool->stopped && !self->asked && !self->over &&
                zchat_client_connected (tool->client) && s_sought (self))
                s_ask (self);
        }
    }
    return tool_close (tool);
}

/*  --- who ---------------------------------------------------------------------  */

static zchat_status_t s_ask_who (query_t *self)
{
    return zchat_client_who (self->tool.client, self->tool.options->rooms[0], &self->id);
}

static void s_answer_who (query_t *self, const zchat_event_t *event, json_t *reply)
{
    output_t *out = &self->tool.out;
    const json_t *away = json_object_get (reply, "away");
    json_t *users = json_object_get (reply, "users");
    if (self->tool.options->json) {
        output_json_value (out, event->json);
        output_str (out, "\n");
    } else {
        size_t i;
        json_t *user;
        json_array_foreach (users, i, user)
        {
            output_shown (out, json_string_value (user), json_string_length (user));
            const json_t *why = json_object_get (away, json_string_value (user));
            if (json_is_string (why)) {
                output_str (out, "\taway\t");
                output_shown (out, json_string_value (why), json_string_length (why));
            }
            output_str (out, "\n");
        }
        uint64_t members = s_integer (reply, "members");
        if (members == 0)
            tool_say (_ ("%s: nobody is there"), self->tool.options->rooms[0]);
        if (members > json_array_size (users))
            tool_say (_ ("and %" PRIu64 " more"), members - json_array_size (users));
    }
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

int command_who (const options_t *options)
{
    query_t self = {
        .ask = s_ask_who, .answer = s_answer_who, .seek.done = true, .seek_end.done = true};
    return s_run (&self, options);
}

/*  --- history -----------------------------------------------------------------  */

/*  Look at the broker's log. A seq of another log means nothing, so there all of the new log is
    wanted.                                                                    */
static void s_log (query_t *self)
{
    tool_t *tool = &self->tool;
    const char *log = tool->options->log;
    if (!log || self->bounded || strcmp (log, tool->log) == 0)
        return;
    if (self->after)
        tool_say (_ ("the broker has another log than %s: it is read from its beginning"), log);
    if (self->after)
        record_log_replaced (&tool->out, tool->log, &tool->style);
    self->after = 0;
}

/*  Ask for a page. The first request asks for the head: the bounds of what is wanted follow from
    it, and new messages do not move them.                                     */
static zchat_status_t s_ask_history (query_t *self)
{
    const char *room = s_place (self->tool.options);
    self->moved = false;
    s_log (self);
    if (!self->bounded)
        return zchat_client_history (self->tool.client, room, 0, UINT64_MAX, 1, &self->id);
    size_t limit = self->rest < ZCHAT_HISTORY_MAX ? (size_t)self->rest : ZCHAT_HISTORY_MAX;
    return zchat_client_history (self->tool.client, room, self->next - 1, 0, limit, &self->id);
}

static void s_bound (query_t *self, uint64_t head)
{
    const options_t *options = self->tool.options;
    self->end = self->before > 0 && self->before - 1 < head ? self->before - 1 : head;
    self->rest = self->picked ? UINT64_MAX : options->last;
    if (options->after_given)
        self->next = self->after + 1;
    else
        self->next = self->end > self->rest ? self->end - self->rest + 1 : 1;
    self->bounded = true;
    self->told = (head == 0 && !options->mail) || (options->after_given && self->after > head);
    if (head == 0 && !options->mail)
        tool_say (_ ("%s: nobody has spoken there yet"), s_place (options));
    if (options->after_given && self->after > head)
        tool_say (_ ("%s: nothing after %" PRIu64 ": the last message is %" PRIu64),
                  s_place (options), self->after, head);
    if (options->after_given && self->after > head)
        record_ahead (&self->tool.out, s_place (options), self->after, head, &self->tool.style);
}

static void s_answer_history (query_t *self, const zchat_event_t *event, json_t *reply)
{
    bool first = !self->bounded;
    if (first)
        s_bound (self, s_integer (reply, "head"));
    bool more = first || (json_is_true (json_object_get (reply, "more")) && self->moved);
    if (more && self->next <= self->end && self->rest > 0)
        return;
    /*  nothing that should follow --after is left in the log                  */
    if (self->tool.options->after_given && self->rest > 0 && self->next <= self->end) {
        const char *room = s_place (self->tool.options);
        uint64_t lost = self->end - self->next + 1;
        self->told = true;
        tool_say (_ ("%s: %" PRIu64 " messages before %" PRIu64 " are gone: the broker no longer "
                     "keeps them"),
                  room, lost, self->end + 1);
        record_lost (&self->tool.out, room, lost, self->end + 1, &self->tool.style);
    }
    self->over = true;
    s_finish (self);
}

/*  Begin a search. Where no time is given, there is nothing to look for.      */
static void s_seek (seek_t *seek, uint64_t time_ms)
{
    seek_begin (seek, time_ms);
    seek->done = time_ms == 0;
}

int command_history (const options_t *options)
{
    query_t self = {.ask = s_ask_history, .answer = s_answer_history};
    self.after = options->after;
    self.before = options->before;
    s_seek (&self.seek, options->after_ms);
    s_seek (&self.seek_end, options->before_ms);
    direct_calls_t calls = {.notice = tool_notice, .mail = s_mail, .arg = &self};
    if (options->to && options->last > PICKED_MAX && options->last != UINT64_MAX) {
        tool_say (_ ("--to: -n takes %d at most; --all is without end"), PICKED_MAX);
        return OUTCOME_USAGE;
    }
    if (options->mail) {
        int status = tool_direct (options, &calls, &self.direct);
        if (status != OUTCOME_OK)
            return status;
    }
    self.picks = options->to && name_check (frame_str (options->to), &self.to, NULL) == ZCHAT_OK;
    if (self.picks && !options->after_given && options->last > 0 && options->last <= PICKED_MAX)
        self.picked = memory_zero (options->last * sizeof *self.picked);
    int status = s_run (&self, options);
    for (uint64_t i = 0; self.picked && i < options->last; i++)
        output_free (&self.picked[i]);
    free (self.picked);
    direct_destroy (&self.direct);
    return status;
}
