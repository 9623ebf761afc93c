/*  command_send.c - zchat send: one message, or one a line; done when all is on disk */
#include "direct.h"
#include "memory.h"
#include "subcommands.h"
#include "tool.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*  Room for a message over the limit, so that it is known to be over.         */
enum { INPUT_MAX = ZCHAT_BODY_MAX + 2 };

typedef struct {
    uint64_t id;   /* of the message                                           */
    uint64_t line; /* of standard input it came from                           */
} sent_t;

typedef struct {
    tool_t tool;
    direct_t *direct;   /* with --to                                               */
    char *input;        /* INPUT_MAX bytes: read, not yet said                     */
    size_t size;        /* of it                                                   */
    size_t searched;    /* bytes of it in which there is no line's end             */
    uint64_t line;      /* lines taken out of it                                   */
    bool ended;         /* standard input is at its end                            */
    bool full;          /* the outbox takes no more for now                        */
    bool again;         /* connected since the last answer: no more time for that  */
    bool gave_up;       /* nothing more is read: exit with failure when the rest is done */
    uint64_t n_refused; /* messages the broker refused                          */
    int failure;        /* the exit status then                                    */
    sent_t *sent;       /* ring of ZCHAT_OUTBOX_MAX: unacknowledged, oldest first  */
    size_t first;       /* where it begins                                         */
    size_t n_sent;      /* how many there are                                      */
} sender_t;

/*  Say no more, but see to it that what came before is on disk. line 0: not known. */
static void s_give_up (sender_t *self, int failure, uint64_t line, const char *why)
{
    if (self->gave_up)
        return;
    self->gave_up = true;
    self->failure = failure;
    if (self->tool.options->lines && line > 0)
        tool_say ("line %" PRIu64 ": %s; no more is read", line, why);
    else
        tool_say ("%s", why);
}

/*  Messages that are not stored yet.                                          */
static size_t s_under_way (const sender_t *self)
{
    return self->n_sent + (self->direct ? direct_unsent (self->direct) : 0);
}

static void s_remember (sender_t *self, uint64_t id, uint64_t line)
{
    size_t at = (self->first + self->n_sent++) % ZCHAT_OUTBOX_MAX;
    self->sent[at] = (sent_t){id, line};
    if (self->tool.answer_by_ms < 0)
        tool_expect (&self->tool);
}

/*  --- to one person --------------------------------------------------------- */

static void s_direct_sent (void *arg, uint64_t mark, uint64_t id)
{
    s_remember (arg, id, mark);
}

static void s_direct_refused (void *arg, uint64_t mark, const char *user, int status,
                              const char *why)
{
    sender_t *self = arg;
    char text[512];
    snprintf (text, sizeof text, "not sent to %s: %s", user, why);
    self->n_refused++;
    s_give_up (self, status, mark, text);
}

static void s_direct_notice (void *arg, const char *text)
{
    tool_say ("%s", text);
}

/*  Put one direct message on its way. False where too many are.               */
static bool s_tell (sender_t *self, const char *text, size_t size, uint64_t line)
{
    const options_t *options = self->tool.options;
    zchat_status_t status = direct_tell (self->direct, self->tool.client, options->to, text, size,
                                         options->data, !options->no_seal, line);
    if (status == ZCHAT_OK && self->tool.answer_by_ms < 0)
        tool_expect (&self->tool);
    return status == ZCHAT_OK;
}

/*  --- to a room ------------------------------------------------------------- */

/*  Put one message into the outbox. False where it is full.                   */
static bool s_say (sender_t *self, const char *text, size_t size, uint64_t line)
{
    const options_t *options = self->tool.options;
    char why[160];
    if (size > ZCHAT_BODY_MAX) {
        snprintf (why, sizeof (why), "the message is over the limit of %d bytes", ZCHAT_BODY_MAX);
        s_give_up (self, CLI_DATA, line, why);
        return true;
    }
    if (s_under_way (self) >= ZCHAT_OUTBOX_MAX)
        return false;
    if (self->direct)
        return s_tell (self, text, size, line);
    uint64_t id = 0;
    zchat_type_t type = options->action ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    zchat_status_t status = zchat_client_say (self->tool.client, options->rooms[0], type, text,
                                              size, options->data, &id);
    if (status == ZCHAT_FULL)
        return false;
    if (status == ZCHAT_INVALID)
        s_give_up (self, CLI_DATA, line, "the text is not valid UTF-8, or has a NUL byte in it");
    else if (status != ZCHAT_OK)
        s_give_up (self, CLI_DATA, line, zchat_status_text (status));
    else
        s_remember (self, id, line);
    return true;
}

/*  Say the lines that are whole. An empty one says nothing.                   */
static void s_say_lines (sender_t *self)
{
    size_t begin = 0;
    self->full = false;
    while (!self->gave_up) {
        char *rest = self->input + begin;
        size_t rest_size = self->size - begin;
        char *end = memchr (rest + self->searched, '\n', rest_size - self->searched);
        bool last = !end && self->ended;
        /* with room for a longest line and CR, what has no end by now is over the limit */
        bool over = !end && rest_size == INPUT_MAX;
        if (!end && !last && !over) {
            self->searched = rest_size;
            break;
        }
        size_t size = end ? (size_t)(end - rest) : rest_size;
        size_t taken = size + (end ? 1 : 0);
        if (taken == 0)
            break;
        if (!over && size > 0 && rest[size - 1] == '\r')
            size--;
        if (size > 0 && !s_say (self, rest, size, self->line + 1)) {
            self->full = true;
            self->searched = 0;
            break;
        }
        self->line++;
        self->searched = 0;
        begin += taken;
    }
    memmove (self->input, self->input + begin, self->size - begin);
    self->size -= begin;
}

/*  All of standard input is one message; the newline that ends it is not part of it. */
static void s_say_input (sender_t *self)
{
    if (!self->ended && self->size < INPUT_MAX)
        return;
    size_t size = self->size;
    if (self->ended && size > 0 && self->input[size - 1] == '\n')
        size--;
    if (size == 0)
        s_give_up (self, CLI_DATA, 0, "the message is empty; nothing was sent");
    else if (!s_say (self, self->input, size, 0))
        abort (); /* the first message always fits the outbox */
    self->size = 0;
    self->ended = true;
}

static void s_take_input (sender_t *self)
{
    if (self->tool.options->lines)
        s_say_lines (self);
    else
        s_say_input (self);
}

static void s_read (sender_t *self)
{
    ssize_t got = read (STDIN_FILENO, self->input + self->size, INPUT_MAX - self->size);
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR)
            (void)tool_fail (&self->tool, CLI_DATA, "cannot read standard input: %s",
                             strerror (errno));
        return;
    }
    self->size += (size_t)got;
    self->ended = got == 0;
    s_take_input (self);
}

/*  The line the message came from; it counts as answered.                     */
static uint64_t s_answered (sender_t *self, uint64_t id)
{
    size_t i = 0;
    while (i < self->n_sent && self->sent[(self->first + i) % ZCHAT_OUTBOX_MAX].id != id)
        i++;
    if (i == self->n_sent)
        return 0;
    uint64_t line = self->sent[(self->first + i) % ZCHAT_OUTBOX_MAX].line;
    /* answers come in the order of the messages: the loop is there for those that do not */
    for (; i > 0; i--)
        self->sent[(self->first + i) % ZCHAT_OUTBOX_MAX] =
            self->sent[(self->first + i - 1) % ZCHAT_OUTBOX_MAX];
    self->first = (self->first + 1) % ZCHAT_OUTBOX_MAX;
    self->n_sent--;
    self->again = false;
    tool_expect (&self->tool);
    return line;
}

static void s_event (sender_t *self, const zchat_event_t *event)
{
    const char *text =
        event->text && *event->text ? event->text : zchat_status_text (event->status);
    char why[512];
    uint64_t line;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        /*  Once: a broker may let us in again and again, and take nothing.     */
        if (!self->again)
            tool_expect (&self->tool);
        self->again = true;
        break;
    case ZCHAT_EVENT_SENT:
        (void)s_answered (self, event->id);
        break;
    case ZCHAT_EVENT_FAILED:
        line = s_answered (self, event->id);
        self->n_refused++;
        if (self->tool.options->to)
            snprintf (why, sizeof (why), "not sent to %s: %s", self->tool.options->to, text);
        else
            snprintf (why, sizeof (why), "not sent: %s", text);
        s_give_up (self, CLI_REFUSED, line, why);
        break;
    case ZCHAT_EVENT_UNKNOWN:
        line = s_answered (self, event->id);
        snprintf (why, sizeof (why), "the message may have been sent, or not: %s", text);
        s_give_up (self, CLI_UNREACHABLE, line, why);
        break;
    default:
        break;
    }
    if (self->direct)
        direct_step (self->direct, self->tool.client); /* the outbox may have room again */
    if (self->full)
        s_take_input (self);
}

static void s_run (sender_t *self)
{
    tool_t *tool = &self->tool;
    bool done = false;
    while (!done) {
        done = s_under_way (self) == 0 && (self->gave_up || (self->ended && self->size == 0));
        if (done)
            break;
        /* whoever types slowly may: only what is under way is waited for */
        if (s_under_way (self) == 0 && zchat_client_connected (tool->client))
            tool_relax (tool);
        bool more = !self->ended && !self->gave_up && !self->full && self->size < INPUT_MAX;
        zchat_event_t event;
        switch (tool_wait (tool, more, &event)) {
        case TOOL_EVENT:
            if (self->direct && direct_event (self->direct, tool->client, &event))
                event = (zchat_event_t){.kind = ZCHAT_EVENT_REPLY}; /* its strings are gone */
            s_event (self, &event);
            break;
        case TOOL_INPUT:
            s_read (self);
            break;
        case TOOL_STOP:
            done = true;
            break;
        }
    }
    (void)tool_stop (tool, self->gave_up ? self->failure : CLI_OK);
    if (self->n_refused > 1)
        tool_say ("%" PRIu64 " messages in all were not sent", self->n_refused);
    if (self->n_sent > 0 && tool->met)
        tool_say ("not acknowledged: %zu; stored or not, that is not known", self->n_sent);
    if (self->direct && direct_unsent (self->direct) > 0)
        tool_say ("not sent: %zu", direct_unsent (self->direct));
}

/*  TEXT... is one message, a space between the words.                         */
static void s_say_words (sender_t *self)
{
    const options_t *options = self->tool.options;
    size_t size = 0;
    for (size_t i = 0; i < options->n_words && size < INPUT_MAX; i++) {
        size_t length = strlen (options->words[i]);
        if (i > 0)
            self->input[size++] = ' ';
        if (length > INPUT_MAX - size)
            length = INPUT_MAX - size;
        memcpy (self->input + size, options->words[i], length);
        size += length;
    }
    self->size = size;
    self->ended = true;
    if (size == 0)
        s_give_up (self, CLI_DATA, 0, "the message is empty; nothing was sent");
    else if (!s_say (self, self->input, size, 0))
        abort (); /* the first message always fits the outbox */
    self->size = 0;
}

/*  Said before anything is connected: it would be wrong for every message.    */
static bool s_check_data (const char *data)
{
    json_error_t error;
    json_t *value = json_loads (data, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
    bool object = json_is_object (value);
    if (!value)
        tool_say ("--data: no JSON: %s", error.text);
    else if (!object)
        tool_say ("--data: an object is wanted, such as '{\"mood\":\"good\"}'");
    else if (strlen (data) > ZCHAT_DATA_MAX)
        tool_say ("--data: over the limit of %d bytes", ZCHAT_DATA_MAX);
    json_decref (value);
    return object && strlen (data) <= ZCHAT_DATA_MAX;
}

int command_send (const options_t *options)
{
    if (options->data && !s_check_data (options->data))
        return CLI_DATA;
    sender_t self = {.input = memory_new (INPUT_MAX),
                     .sent = memory_new (ZCHAT_OUTBOX_MAX * sizeof (sent_t))};
    direct_calls_t calls = {.sent = s_direct_sent,
                            .refused = s_direct_refused,
                            .notice = s_direct_notice,
                            .arg = &self};
    int status = options->to ? direct_new (options, &calls, &self.direct) : CLI_OK;
    if (status != CLI_OK) {
        free (self.input);
        free (self.sent);
        return status;
    }
    if (tool_open (&self.tool, options, options->nick) == CLI_OK) {
        if (options->n_words > 0)
            s_say_words (&self);
        else if (isatty (STDIN_FILENO))
            fputs (options->lines ? "One message a line; end with Ctrl-D.\n"
                                  : "Type the message; end with Ctrl-D.\n",
                   stderr);
        s_run (&self);
    }
    free (self.input);
    free (self.sent);
    direct_destroy (&self.direct);
    return tool_close (&self.tool);
}
