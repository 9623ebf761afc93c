/*  command_send.c - zchat send: one message, or one a line; zchat edit: another text for one;
    done when all is on disk                                                   */
#include "direct.h"
#include "i18n.h"
#include "input.h"
#include "memory.h"
#include "subcommands.h"
#include "tool.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zchat/seal.h>

enum {
    CHUNK = 65536,  /* bytes read at once                                      */
    SKIPS_TOLD = 3, /* lines left out that are told one by one                 */
};

typedef struct {
    uint64_t id;   /* of the message                                           */
    uint64_t line; /* of standard input it came from                           */
} sent_t;

typedef struct {
    tool_t tool;
    direct_t *direct; /* with --to, else NULL                                  */
    input_t input;    /* cuts standard input into messages                     */
    char *chunk;      /* of CHUNK bytes                                        */
    bool ended;       /* standard input is at its end                          */
    bool hungry;      /* more input is wanted                                  */
    bool over;        /* all of the input is said                              */
    bool any;         /* there was a message                                   */
    bool full;        /* the outbox takes nothing more for now                 */
    bool again;   /* we were connected again since the last answer, which gives no further time */
    bool gave_up; /* nothing more is said; the run ends with failure when the rest is done */
    uint64_t n_skipped; /* lines that were left out                            */
    uint64_t n_refused; /* messages that the broker refused                    */
    int failure;        /* exit status, where gave_up                          */
    sent_t *sent;       /* ring of ZCHAT_OUTBOX_MAX unacknowledged messages    */
    size_t first;       /* index of the oldest one                             */
    size_t n_sent;      /* number of them                                      */
} sender_t;

/*  Send nothing more, but go on until what was sent before is on disk. line: 0 where it is not
    known.                                                                     */
static void s_give_up (sender_t *self, int failure, uint64_t line, const char *why)
{
    if (self->gave_up)
        return;
    self->gave_up = true;
    self->failure = failure;
    if (self->tool.options->lines && line > 0)
        tool_say (_ ("line %" PRIu64 ": %s; nothing behind it is sent"), line, why);
    else
        tool_say ("%s", why);
}

/*  Count the messages that are not stored yet.                                */
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
    snprintf (text, sizeof text, _ ("not sent to %s: %s"), user, why);
    self->n_refused++;
    s_give_up (self, status, mark, text);
}

/*  Put one direct message on its way. False where too many wait.              */
static bool s_tell (sender_t *self, const char *text, size_t size, uint64_t line)
{
    const options_t *options = self->tool.options;
    zchat_status_t status = direct_tell (self->direct, self->tool.client, options->to, text, size,
                                         options->data, options->re, !options->no_seal, line);
    if (status == ZCHAT_OK && self->tool.answer_by_ms < 0)
        tool_expect (&self->tool);
    return status == ZCHAT_OK;
}

/*  --- to a room ------------------------------------------------------------- */

/*  Put one message into the outbox. False where it is full.                   */
static bool s_say (sender_t *self, const char *text, size_t size, uint64_t line)
{
    const options_t *options = self->tool.options;
    if (s_under_way (self) >= ZCHAT_OUTBOX_MAX)
        return false;
    if (self->direct)
        return s_tell (self, text, size, line);
    uint64_t id = 0;
    zchat_type_t type = options->action ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    zchat_status_t status =
        options->mode == MODE_EDIT
            ? zchat_client_edit (self->tool.client, options->rooms[0], options->re, text, size, &id)
            : zchat_client_reply (self->tool.client, options->rooms[0], options->re, type, text,
                                  size, options->data, &id);
    if (status == ZCHAT_FULL)
        return false;
    if (status == ZCHAT_INVALID)
        s_give_up (self, OUTCOME_DATA, line,
                   _ ("the text is not valid UTF-8, or has a NUL byte in it"));
    else if (status != ZCHAT_OK)
        s_give_up (self, OUTCOME_DATA, line, _ (zchat_status_text (status)));
    else
        s_remember (self, id, line);
    return true;
}

/*  Leave a line out that cannot be sent as it is.                             */
static void s_skip (sender_t *self, const input_message_t *message)
{
    if (self->n_skipped++ < SKIPS_TOLD)
        tool_say (_ ("line %" PRIu64 ": %s; it is left out"), message->line, message->why);
}

/*  Send what the input holds. input_note tells what had to be mended in it.   */
static void s_take_input (sender_t *self)
{
    input_message_t message;
    self->full = false;
    self->hungry = false;
    while (!self->gave_up && !self->full && !self->hungry && !self->over) {
        const char *note;
        switch (input_next (&self->input, &message)) {
        case INPUT_MESSAGE:
            self->full = !s_say (self, message.text, message.size, message.line);
            if (self->full)
                break;
            self->any = true;
            input_taken (&self->input);
            note = input_note (&self->input);
            if (note)
                tool_note ("%s", note);
            break;
        case INPUT_WRONG:
            if (self->tool.options->skip) {
                s_skip (self, &message);
                break;
            }
            s_give_up (self, OUTCOME_DATA, message.line, message.why);
            break;
        case INPUT_MORE:
            self->hungry = true;
            break;
        case INPUT_OVER:
            self->over = true;
            if (!self->any && !self->tool.options->lines)
                s_give_up (self, OUTCOME_DATA, 0, _ ("the message is empty; nothing was sent"));
            break;
        }
    }
}

/*  Read from standard input. False where it has ended.                        */
static bool s_read (sender_t *self)
{
    ssize_t got = read (STDIN_FILENO, self->chunk, CHUNK);
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR)
            (void)tool_fail (&self->tool, OUTCOME_DATA, _ ("cannot read standard input: %s"),
                             strerror (errno));
        return errno == EAGAIN || errno == EINTR;
    }
    if (got > 0)
        input_add (&self->input, self->chunk, (size_t)got);
    else
        input_end (&self->input);
    self->ended = got == 0;
    return got > 0;
}

/*  Find the line from which the message came, and count the message as answered. */
static uint64_t s_answered (sender_t *self, uint64_t id)
{
    size_t i = 0;
    while (i < self->n_sent && self->sent[(self->first + i) % ZCHAT_OUTBOX_MAX].id != id)
        i++;
    if (i == self->n_sent)
        return 0;
    uint64_t line = self->sent[(self->first + i) % ZCHAT_OUTBOX_MAX].line;
    /*  answers come in the order of the messages, but a broker may break that order */
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
    /*  A translation is looked for only where something went wrong, not for each message. */
    const char *text = event->text && *event->text ? event->text
                       : event->kind == ZCHAT_EVENT_FAILED || event->kind == ZCHAT_EVENT_UNKNOWN
                           ? _ (zchat_status_text (event->status))
                           : "";
    char why[512];
    uint64_t line;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        /*  The time starts anew only once: a broker might let us in again and again and take
            nothing.                                                           */
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
            snprintf (why, sizeof (why), _ ("not sent to %s: %s"), self->tool.options->to, text);
        else
            snprintf (why, sizeof (why), _ ("not sent: %s"), text);
        s_give_up (self, OUTCOME_REFUSED, line, why);
        break;
    case ZCHAT_EVENT_UNKNOWN:
        line = s_answered (self, event->id);
        snprintf (why, sizeof (why), _ ("the message may have been sent, or not: %s"), text);
        s_give_up (self, OUTCOME_UNREACHABLE, line, why);
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
        done = s_under_way (self) == 0 && (self->gave_up || self->over);
        if (done)
            break;
        /*  somebody may type slowly, so there is a deadline only for what is under way */
        if (s_under_way (self) == 0 && zchat_client_connected (tool->client))
            tool_relax (tool);
        bool more = !self->ended && !self->gave_up && self->hungry;
        zchat_event_t event;
        switch (tool_wait (tool, more, &event)) {
        case TOOL_EVENT:
            if (self->direct && direct_event (self->direct, tool->client, &event))
                event = (zchat_event_t){
                    .kind = ZCHAT_EVENT_REPLY}; /* the strings of the event are no longer valid */
            s_event (self, &event);
            break;
        case TOOL_INPUT:
            (void)s_read (self);
            s_take_input (self);
            break;
        case TOOL_STOP:
            done = true;
            break;
        }
    }
    (void)tool_stop (tool, self->gave_up         ? self->failure
                           : self->n_skipped > 0 ? OUTCOME_DATA
                                                 : OUTCOME_OK);
    if (self->n_skipped > SKIPS_TOLD)
        tool_say (_ ("lines left out in all: %" PRIu64), self->n_skipped);
    const char *summary = input_summary (&self->input);
    if (summary)
        tool_note ("%s", summary);
    if (self->n_refused > 1)
        tool_say (_ ("%" PRIu64 " messages in all were not sent"), self->n_refused);
    if (self->n_sent > 0 && tool->met)
        tool_say (_ ("not acknowledged: %zu; it is not known whether they were stored"),
                  self->n_sent);
    if (self->direct && direct_unsent (self->direct) > 0)
        tool_say (_ ("not sent: %zu"), direct_unsent (self->direct));
}

/*  Send the words of the command line as one message, with a space between them. */
static void s_say_words (sender_t *self)
{
    const options_t *options = self->tool.options;
    for (size_t i = 0; i < options->n_words; i++) {
        if (i > 0)
            input_add (&self->input, " ", 1);
        input_add (&self->input, options->words[i], strlen (options->words[i]));
    }
    input_end (&self->input);
    self->ended = true;
}

/*  Read the rest of standard input. Whoever writes into the pipe must not be killed by its end
    (SIGPIPE), whatever became of what it wrote, so that make goes on. At a terminal nobody waits
    for that.                                                                  */
static void s_drain (sender_t *self)
{
    tool_leave (&self->tool);
    bool signalled = self->tool.exit_status > OUTCOME_SIGNALLED;
    if (self->ended || signalled || isatty (STDIN_FILENO))
        return;
    struct pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {self->tool.signals, POLLIN, 0}};
    while (poll (waits, 2, -1) >= 0 || errno == EINTR) {
        if (waits[1].revents)
            break;
        if (!waits[0].revents)
            continue;
        ssize_t got = read (STDIN_FILENO, self->chunk, CHUNK);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            break;
    }
}

/*  Check --data before anything is connected, because it would be wrong for every message. */
static bool s_check_data (const char *data)
{
    json_error_t error;
    json_t *value = json_loads (data, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
    bool object = json_is_object (value);
    if (!value)
        tool_say (_ ("--data: no JSON: %s"), error.text);
    else if (!object)
        tool_say (_ ("--data: an object is wanted, such as '{\"mood\":\"good\"}'"));
    else if (strlen (data) > ZCHAT_DATA_MAX)
        tool_say (_ ("--data: over the limit of %d bytes"), ZCHAT_DATA_MAX);
    json_decref (value);
    return object && strlen (data) <= ZCHAT_DATA_MAX;
}

int command_send (const options_t *options)
{
    if (options->data && !s_check_data (options->data))
        return OUTCOME_DATA;
    sender_t self = {.chunk = memory_new (CHUNK),
                     .sent = memory_new (ZCHAT_OUTBOX_MAX * sizeof (sent_t)),
                     .hungry = true};
    direct_calls_t calls = {
        .sent = s_direct_sent, .refused = s_direct_refused, .notice = tool_notice, .arg = &self};
    bool sealed = options->to && options->encrypted && !options->no_seal;
    input_init (&self.input, options->lines, options->strict || options->skip,
                sealed ? ZCHAT_SEAL_BODY_MAX : ZCHAT_BODY_MAX);
    int status = options->to ? tool_direct (options, &calls, &self.direct) : OUTCOME_OK;
    if (status == OUTCOME_OK) {
        if (tool_open (&self.tool, options, options->nick) == OUTCOME_OK) {
            if (options->n_words > 0) {
                s_say_words (&self);
                s_take_input (&self);
            } else if (isatty (STDIN_FILENO))
                fputs (options->lines ? _ ("One message a line; end with Ctrl-D.\n")
                                      : _ ("Type the message; end with Ctrl-D.\n"),
                       stderr);
            s_run (&self);
        }
        if (options->n_words == 0)
            s_drain (&self);
        status = tool_close (&self.tool);
    }
    free (self.chunk);
    free (self.sent);
    input_free (&self.input);
    direct_destroy (&self.direct);
    return status;
}
