/*  tool.c - the loop that the non-interactive commands share */
#include "tool.h"
#include "credentials.h"
#include "hint_text.h"
#include "i18n.h"
#include "name.h"
#include "text.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    BYE_TIMEOUT_MS = 1000, /* ms that the BYE at the end may take              */
    NICK_ROOT_MAX = 27,    /* code points of a name that are kept before "-1234" */
    NICKS_MAX = 6,         /* names that are tried where nobody chose one      */
    IDLE_MS = 100,         /* ms between two turns of a client whose events wait */
    RETRY_MS = 250,        /* ms between two attempts to get a name that is held */
};

static int64_t s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void s_say (const char *format, va_list args)
{
    char text[2048];
    vsnprintf (text, sizeof (text), format, args);
    char *shown = zchat_text_display (text, strlen (text), false);
    fprintf (stderr, "zchat: %s\n", shown);
    free (shown);
}

void tool_say (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    s_say (format, args);
    va_end (args);
}

static bool s_quiet; /* --quiet was given                                       */

void tool_note (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (!s_quiet)
        s_say (format, args);
    va_end (args);
}

void tool_notice (void *arg, const char *text, hint_t hint)
{
    const char *how = hint_text (hint);
    tool_say ("%s%s%s", text, how ? ": " : "", how ? how : "");
}

tool_turn_t tool_stop (tool_t *self, int exit_status)
{
    if (!self->stopped) {
        self->stopped = true;
        self->exit_status = exit_status;
    }
    return TOOL_STOP;
}

tool_turn_t tool_fail (tool_t *self, int exit_status, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (!self->stopped)
        s_say (format, args);
    va_end (args);
    return tool_stop (self, exit_status);
}

void tool_refused (tool_t *self, const zchat_event_t *reply)
{
    (void)tool_fail (self, OUTCOME_REFUSED, _ ("refused by %s: %s"), self->options->endpoint,
                     reply->text && *reply->text ? reply->text
                                                 : _ (zchat_status_text (reply->status)));
}

void tool_pause (void)
{
    struct timespec pause = {.tv_nsec = ZCHAT_SLOW_WAIT_MS * 1000000L};
    nanosleep (&pause, NULL);
}

static int s_patience_ms (const tool_t *self)
{
    return self->options->timeout_ms != CLI_TIMEOUT_UNSAID ? self->options->timeout_ms
                                                           : CLI_TIMEOUT_DEFAULT;
}

void tool_expect (tool_t *self)
{
    int patience_ms = s_patience_ms (self);
    self->answer_by_ms = patience_ms >= 0 ? s_now_ms () + patience_ms : -1;
}

void tool_relax (tool_t *self)
{
    self->answer_by_ms = -1;
}

/*  Make a descriptor that tells of the signals that end a run. A signal that is ignored already,
    as nohup and a shell's & have it, stays ignored.                           */
static int s_signals (void)
{
    static const int leave[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t signals;
    sigemptyset (&signals);
    for (size_t i = 0; i < sizeof (leave) / sizeof (leave[0]); i++) {
        struct sigaction action;
        if (sigaction (leave[i], NULL, &action) != 0 || action.sa_handler != SIG_IGN)
            sigaddset (&signals, leave[i]);
    }
    sigprocmask (SIG_BLOCK, &signals, NULL);
    return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int tool_open (tool_t *self, const options_t *options, const char *user)
{
    memset (self, 0, sizeof (*self));
    self->options = options;
    self->end_by_ms = -1;
    s_quiet = options->quiet;
    self->style =
        (record_style_t){.json = options->json,
                         .format = options->format,
                         .nul = options->nul,
                         .exact = options->nul && (options->exec || !isatty (STDOUT_FILENO))};
    signal (SIGPIPE, SIG_IGN);
    /*  The signals are blocked before the client starts its threads, which then do not take them
        either.                                                                */
    self->signals = s_signals ();
    output_init (&self->out, STDOUT_FILENO, self->signals);
    if (self->signals < 0) {
        (void)tool_fail (self, OUTCOME_SYSTEM, _ ("cannot wait for signals: %s"), strerror (errno));
        return self->exit_status;
    }
    zchat_options_t client_options = {.endpoint = options->endpoint,
                                      .user = user,
                                      .agent = "zchat/" ZCHAT_VERSION,
                                      .server_key = credentials_server_key (options->credentials),
                                      .secret_key = credentials_secret_key (options->credentials),
                                      .token = user ? options->token : NULL};
    const char *why = NULL;
    zchat_status_t status = zchat_client_new (&client_options, &self->client, &why);
    if (status == ZCHAT_SYSTEM)
        (void)tool_fail (self, OUTCOME_SYSTEM, _ ("cannot start: %s"),
                         why ? why : strerror (errno));
    else if (status != ZCHAT_OK)
        (void)tool_fail (self, OUTCOME_USAGE, "%s: %s", options->endpoint,
                         why ? why : _ (zchat_status_text (status)));
    tool_expect (self);
    return self->exit_status;
}

/*  Take a signal: it ends the run, and only the exit status tells of it.      */
static bool s_signalled (tool_t *self)
{
    struct signalfd_siginfo info;
    if (read (self->signals, &info, sizeof (info)) != (ssize_t)sizeof (info))
        return false;
    (void)tool_stop (self, OUTCOME_SIGNALLED + (int)info.ssi_signo);
    return true;
}

/*  Write what is pending. all: no event is waiting. False where the run is over. */
static bool s_flush (tool_t *self, bool all)
{
    zchat_status_t status = output_flush (&self->out);
    if (status == ZCHAT_OK && self->written)
        self->written (self->written_arg, all);
    if (status == ZCHAT_OK)
        return true;
    buffer_clear (&self->out.pending);
    self->written = NULL; /* what is dropped here was not written               */
    if (status == ZCHAT_EMPTY)
        (void)s_signalled (self);
    else if (status == ZCHAT_CLOSING)
        (void)tool_stop (self, OUTCOME_OK);
    else
        (void)tool_fail (self, OUTCOME_SYSTEM, _ ("cannot write: %s"), strerror (errno));
    return false;
}

void tool_leave (tool_t *self)
{
    /*  Without BYE the broker would keep the name until a lost session comes back. */
    if (self->client && zchat_client_connected (self->client)) {
        bool all = zchat_client_unacknowledged (self->client) == 0;
        (void)zchat_client_close (self->client, all ? BYE_TIMEOUT_MS : 0);
    }
    zchat_client_destroy (&self->client);
}

int tool_close (tool_t *self)
{
    if (self->out.pending.size > 0 || self->written) {
        /*  The run succeeds only when its output is written.                  */
        self->stopped = self->exit_status != OUTCOME_OK;
        (void)s_flush (self, true);
    }
    tool_leave (self);
    output_free (&self->out);
    if (self->signals >= 0)
        close (self->signals);
    self->signals = -1;
    return self->exit_status;
}

/*  Count the bytes of a name's first code points.                             */
static size_t s_cut (const char *name, int codepoints)
{
    size_t size = 0;
    frame_t rest = frame_str (name);
    for (int i = 0; i < codepoints && size < rest.size; i++) {
        uint32_t codepoint;
        size += text_decode (frame_of (name + size, rest.size - size), &codepoint);
    }
    return size;
}

/*  Make a name such as "root-web1": the host's name up to its first dot, as far as it is fit for
    a name. False where nothing of it is, or where the login name is not ASCII, because scripts
    may not mix.                                                               */
static bool s_host_nick (tool_t *self, const char *root)
{
    char host[65] = "";
    size_t size = 0;
    for (const char *c = root; *c; c++)
        if (*c & 0x80)
            return false;
    (void)gethostname (host, sizeof (host) - 1);
    while ((host[size] >= 'a' && host[size] <= 'z') || (host[size] >= 'A' && host[size] <= 'Z') ||
           (host[size] >= '0' && host[size] <= '9') || host[size] == '-')
        size++;
    if (size > ZCHAT_NAME_MAX_CODEPOINTS / 2)
        size = ZCHAT_NAME_MAX_CODEPOINTS / 2;
    snprintf (self->nick, sizeof (self->nick), "%.*s-%.*s",
              (int)s_cut (root, ZCHAT_NAME_MAX_CODEPOINTS - (int)size - 1), root, (int)size, host);
    return size > 0 && name_check (frame_str (self->nick), NULL, NULL) == ZCHAT_OK;
}

/*  Make a name such as "root-1234". It gets only digits, because letters of another script than
    the name's are refused.                                                    */
static bool s_numbered_nick (tool_t *self, const char *root)
{
    uint32_t number;
    const uint8_t *key = credentials_secret_key (self->options->credentials);
    if (key) {
        /*  A key may claim few names, each for good. So the same key always makes the same
            names: they follow from the public key, which everybody may know.  */
        number = 2166136261u + (uint32_t)self->nicks;
        for (const char *c = credentials_key (self->options->credentials); *c; c++)
            number = (number ^ (unsigned char)*c) * 16777619u;
    } else if (getrandom (&number, sizeof (number), 0) != (ssize_t)sizeof (number))
        return false;
    snprintf (self->nick, sizeof (self->nick), "%.*s-%04u", (int)s_cut (root, NICK_ROOT_MAX), root,
              (unsigned)(number % 10000));
    return true;
}

/*  Go on under another name where the login name cannot be had, because a person uses it, or
    because nobody may (root). That is allowed, because nobody chose the login name. */
static bool s_other_nick (tool_t *self)
{
    const char *root = self->options->nick;
    if (!root || self->options->nick_chosen ||
        (self->options->mode != MODE_SEND && self->options->mode != MODE_REACT))
        return false;
    while (self->nicks < NICKS_MAX) {
        bool made = self->nicks++ == 0 ? s_host_nick (self, root) : s_numbered_nick (self, root);
        if (made && zchat_client_rename (self->client, self->nick) == ZCHAT_OK)
            return true;
    }
    return false;
}

/*  True where the chosen name will be asked for again: somebody holds it who may be about to go,
    as where a script runs many times at once.                                 */
static bool s_retry_nick (tool_t *self, const zchat_event_t *event)
{
    bool held = event->status == ZCHAT_TAKEN && !event->proven;
    if (event->kind != ZCHAT_EVENT_REFUSED || !held || !self->options->nick)
        return false;
    self->retry_ms = s_now_ms () + RETRY_MS;
    if (self->answer_by_ms < 0)
        tool_expect (self);
    return true;
}

static void s_common (tool_t *self, const zchat_event_t *event)
{
    /*  A translation is looked for only where there is something to say: of a history there are
        a million events, and each would cost as much as all the rest.         */
    bool says = event->kind == ZCHAT_EVENT_DISCONNECTED || event->kind == ZCHAT_EVENT_REFUSED ||
                event->kind == ZCHAT_EVENT_WARNING;
    const char *text = event->text && *event->text ? event->text
                       : says                      ? _ (zchat_status_text (event->status))
                                                   : "";
    const char *why;
    if (event->log)
        snprintf (self->log, sizeof (self->log), "%s", event->log);
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        why = credentials_met (self->options->credentials);
        if (why)
            tool_note ("%s", why);
        self->status = ZCHAT_OK;
        self->met = true;
        break;
    case ZCHAT_EVENT_DISCONNECTED:
    case ZCHAT_EVENT_REFUSED:
        self->status = event->status;
        snprintf (self->reason, sizeof (self->reason), "%s", text);
        if ((event->status == ZCHAT_TAKEN || event->status == ZCHAT_NAME) && s_other_nick (self))
            break;
        if (s_retry_nick (self, event))
            break;
        if (event->status == ZCHAT_ADMISSION)
            tool_say (_ ("your key is %s"), credentials_key (self->options->credentials));
        if (event->kind == ZCHAT_EVENT_REFUSED)
            (void)tool_fail (self, OUTCOME_REFUSED, _ ("refused by %s: %s"),
                             self->options->endpoint, self->reason);
        break;
    case ZCHAT_EVENT_WARNING:
        tool_note ("%s%s%s", event->room ? event->room : "", event->room ? ": " : "", text);
        break;
    default:
        break;
    }
}

static void s_no_answer (tool_t *self)
{
    const char *endpoint = self->options->endpoint;
    if (zchat_client_connected (self->client) || self->status == ZCHAT_IDENTITY)
        (void)tool_fail (self, OUTCOME_UNREACHABLE,
                         _ ("the broker at %s did not answer within %g s"), endpoint,
                         s_patience_ms (self) / 1000.0);
    else if (self->status == ZCHAT_TAKEN || self->status == ZCHAT_SLOW)
        (void)tool_fail (self, OUTCOME_REFUSED, _ ("refused by %s: %s"), endpoint, self->reason);
    else
        /*  Most reasons say what to do; the others get a question behind them. */
        (void)tool_fail (self, OUTCOME_UNREACHABLE, _ ("no broker at %s (%s)%s"), endpoint,
                         self->reason[0] ? self->reason : _ ("no answer"),
                         strchr (self->reason, ';') ? "" : _ ("; is zchatd running there?"));
}

/*  Return how many ms are left until something is due; below 0 only where a deadline has passed. */
static int s_due_ms (tool_t *self)
{
    int64_t now = s_now_ms ();
    if (self->answer_by_ms >= 0 && now >= self->answer_by_ms) {
        s_no_answer (self);
        return -1;
    }
    if (self->end_by_ms >= 0 && now >= self->end_by_ms) {
        (void)tool_stop (self, OUTCOME_TIMEOUT);
        return -1;
    }
    if (self->retry_ms > 0 && now >= self->retry_ms) {
        self->retry_ms = 0;
        if (zchat_client_rename (self->client, self->options->nick) != ZCHAT_OK)
            self->retry_ms = now + RETRY_MS;
    }
    int64_t due = zchat_client_timeout (self->client);
    if (self->retry_ms > 0 && self->retry_ms - now < due)
        due = self->retry_ms - now;
    if (self->answer_by_ms >= 0 && self->answer_by_ms - now < due)
        due = self->answer_by_ms - now;
    if (self->end_by_ms >= 0 && self->end_by_ms - now < due)
        due = self->end_by_ms - now;
    return (int)due;
}

tool_turn_t tool_wait (tool_t *self, bool input, zchat_event_t *event)
{
    while (!self->stopped) {
        if (zchat_client_next (self->client, event) == ZCHAT_OK) {
            s_common (self, event);
            if (!self->stopped && output_full (&self->out))
                (void)s_flush (self, false);
            return self->stopped ? TOOL_STOP : TOOL_EVENT;
        }
        if ((self->out.pending.size > 0 || self->written) && !s_flush (self, true))
            break;
        if (self->stopped)
            break;
        int due_ms = s_due_ms (self);
        if (due_ms < 0)
            break;
        struct pollfd polled[] = {
            {.fd = zchat_client_fd (self->client), .events = POLLIN},
            {.fd = self->signals, .events = POLLIN},
            {.fd = input ? STDIN_FILENO : -1, .events = POLLIN},
            /*  without events, poll tells only that the reader has gone       */
            {.fd = self->watch_output ? STDOUT_FILENO : -1, .events = 0},
        };
        if (poll (polled, 4, due_ms) < 0 && errno != EINTR) {
            (void)tool_fail (self, OUTCOME_SYSTEM, _ ("cannot wait: %s"), strerror (errno));
            break;
        }
        if (polled[1].revents && s_signalled (self))
            break;
        if (polled[3].revents & (POLLERR | POLLNVAL))
            (void)tool_stop (self, OUTCOME_OK);
        zchat_client_step (self->client);
        if (polled[2].revents && !self->stopped)
            return TOOL_INPUT;
    }
    return TOOL_STOP;
}

bool tool_idle (tool_t *self, int fd, int timeout_ms)
{
    int64_t until_ms = timeout_ms >= 0 ? s_now_ms () + timeout_ms : INT64_MAX;
    while (!self->stopped) {
        int64_t now = s_now_ms ();
        if (self->end_by_ms >= 0 && now >= self->end_by_ms) {
            (void)tool_stop (self, OUTCOME_TIMEOUT);
            break;
        }
        if (now >= until_ms)
            return false;
        /*  The client's descriptor stays readable while its events are not taken, so it is not
            waited for: the client is given its turn every so often instead.   */
        int64_t wait_ms = until_ms - now < IDLE_MS ? until_ms - now : IDLE_MS;
        struct pollfd polled[] = {{.fd = self->signals, .events = POLLIN},
                                  {.fd = fd, .events = POLLIN}};
        if (poll (polled, 2, (int)wait_ms) < 0 && errno != EINTR) {
            (void)tool_fail (self, OUTCOME_SYSTEM, _ ("cannot wait: %s"), strerror (errno));
            break;
        }
        if (polled[0].revents)
            (void)s_signalled (self);
        if (polled[1].revents)
            return true;
        zchat_client_step (self->client);
    }
    return false;
}

int tool_direct (const options_t *options, const direct_calls_t *calls, direct_t **direct)
{
    char *why = NULL;
    zchat_status_t status = direct_new (options->credentials, calls, direct, &why);
    if (status != ZCHAT_OK)
        tool_say ("%s", why);
    free (why);
    return status == ZCHAT_OK ? OUTCOME_OK : OUTCOME_SYSTEM;
}
