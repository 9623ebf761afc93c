/*  screen_mode.c - zchat on the whole screen: the sockets, the terminal and the clock of screen.h
 */
#include "screen_mode.h"
#include "face.h"
#include "format.h"
#include "hint_text.h"
#include "i18n.h"
#include "links.h"
#include "memory.h"
#include "paint.h"
#include "screen.h"
#include "screen_errands.h"
#include "screen_settings.h"
#include "terminal.h"
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum {
    READ_SIZE = 4096,
    OUTSIDE_MS = 50,    /* ms between looks at whether $EDITOR has ended         */
    FAREWELL_MS = 5000, /* ms that leaving waits at most for acknowledgements    */
    LAST_WORDS_MAX = 8, /* remarks that are shown below when the screen is gone  */
};

typedef struct {
    talk_t *talk;
    screen_t *screen;
    terminal_t *terminal;
    keyboard_t *keys;
    grid_t *shown; /* what the terminal shows                                    */
    grid_t *next;
    paint_t paint;
    buffer_t out;
    bool known; /* `shown` is what the terminal shows                            */
    bool focused;
    bool has_client;
    bool gone;    /* the terminal is                                             */
    bool leaving; /* only acknowledgements are waited for                        */
    bool closing; /* nothing is drawn any more                                   */
    int64_t leave_by_ms;
    int status;
    char *last_words[LAST_WORDS_MAX]; /* owned; the newest is the last one       */
    format_t format;
    screen_errands_t errands;
    screen_settings_t settings;
    const options_t *options;
    bool set; /* the config file says something else now               */
} screen_mode_t;

static int64_t now_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*  --- events of the talk ------------------------------------------------------------- */

/*  Keep a remark for when the screen is gone; text is taken.                   */
static void keep_words (screen_mode_t *self, char *text)
{
    if (!text)
        return;
    free (self->last_words[0]);
    memmove (self->last_words, self->last_words + 1,
             (LAST_WORDS_MAX - 1) * sizeof *self->last_words);
    self->last_words[LAST_WORDS_MAX - 1] = text;
}

static void forget_words (screen_mode_t *self)
{
    for (size_t i = 0; i < LAST_WORDS_MAX; i++) {
        free (self->last_words[i]);
        self->last_words[i] = NULL;
    }
}

static void take_event (void *arg, const talk_event_t *event)
{
    screen_mode_t *self = arg;
    if (event->kind == TALK_NOTICE || event->kind == TALK_REFUSAL) {
        const char *how = hint_text (event->notice.hint);
        char *text = memory_format ("%s%s%s%s%s", event->notice.text, event->notice.why ? ": " : "",
                                    event->notice.why ? event->notice.why : "", how ? ": " : "",
                                    how ? how : "");
        keep_words (self, format_notice (text, 0, &self->format));
        free (text);
    } else if (event->kind == TALK_CONNECTION &&
               event->connection.event->kind == ZCHAT_EVENT_REFUSED)
        keep_words (self, format_event (event->connection.event, &self->format));
    self->set |= event->kind == TALK_SETTING;
    if (!self->closing)
        screen_event (self->screen, event);
}

/*  --- output -------------------------------------------------------------------------- */

static void put (screen_mode_t *self)
{
    if (self->out.size > 0 && !self->gone &&
        terminal_write (self->terminal, STDOUT_FILENO, self->out.data, self->out.size) != ZCHAT_OK)
        self->gone = true;
    buffer_clear (&self->out);
}

static void tell_state (screen_mode_t *self)
{
    screen_state_t state = {.now_ms = (uint64_t)now_ms (CLOCK_REALTIME), .focused = self->focused};
    talk_state (self->talk, &state.talk);
    state.may_edit = talk_may_edit (self->talk);
    screen_state (self->screen, &state);
}

static bool take_orders (screen_mode_t *self);

static void show (screen_mode_t *self)
{
    if (self->gone || self->closing || self->errands.outside)
        return;
    /*  What is drawn is looked at; that changes what is unread, which is drawn, too. */
    bool again = true;
    for (int i = 0; again && i < 2; i++) {
        tell_state (self);
        screen_draw (self->screen, self->next, terminal_rows (self->terminal),
                     terminal_columns (self->terminal));
        again = take_orders (self);
    }
    screen_errands_title (&self->errands);
    if (self->errands.bell)
        buffer_string (&self->out, "\a");
    self->errands.bell = false;
    if (self->errands.redraw)
        self->known = self->errands.redraw = false;
    paint (&self->paint, self->known ? self->shown : NULL, self->next, &self->out);
    grid_t *next = self->shown;
    self->shown = self->next;
    self->next = next;
    self->known = true;
    put (self);
}

/*  --- leaving -------------------------------------------------------------------------- */

static void leave (screen_mode_t *self, int status)
{
    zchat_client_t *client = talk_client (self->talk);
    bool helps = client && zchat_client_connected (client);
    if (self->leaving)
        return;
    self->leaving = true;
    self->status = status;
    self->leave_by_ms =
        now_ms (CLOCK_MONOTONIC) + (helps && status == OUTCOME_OK ? FAREWELL_MS : 0);
}

static void leave_now (screen_mode_t *self, int status)
{
    self->leaving = true;
    self->status = status;
    self->leave_by_ms = 0;
}

static bool done (screen_mode_t *self)
{
    talk_state_t state;
    int status;
    if (talk_ended (self->talk, &status)) {
        leave (self, status);
        if (status != OUTCOME_OK) {
            self->status = status;
            return true;
        }
    }
    if (self->gone)
        leave (self, OUTCOME_OK);
    if (!self->leaving)
        return false;
    talk_state (self->talk, &state);
    return state.unanswered == 0 || now_ms (CLOCK_MONOTONIC) >= self->leave_by_ms;
}

static void suspend (screen_mode_t *self)
{
    terminal_suspend (self->terminal);
    self->known = false;
}

static void handle_signals (screen_mode_t *self)
{
    terminal_signals_t signals = terminal_signals (self->terminal);
    if (signals.leave)
        leave_now (self, OUTCOME_SIGNALLED + signals.leave);
    else if (signals.stop)
        suspend (self);
    if (signals.resized || signals.resumed)
        self->known = false;
}

/*  --- orders ---------------------------------------------------------------------------- */

static void enter (screen_mode_t *self, const screen_order_t *order)
{
    zchat_status_t status;
    int ended;
    if (self->leaving || talk_ended (self->talk, &ended))
        return;
    if (order->kind == SCREEN_DO)
        status = talk_do (self->talk, &order->command);
    else if (order->literal)
        status = talk_enter_text (self->talk, order->text, order->size);
    else
        status = talk_enter (self->talk, order->text, order->size);
    tell_state (self);
    screen_entered (self->screen, status);
}

static void take_order (screen_mode_t *self, const screen_order_t *order)
{
    switch (order->kind) {
    case SCREEN_ENTER:
    case SCREEN_DO:
        enter (self, order);
        break;
    case SCREEN_TYPING:
        talk_typing (self->talk, order->yes);
        break;
    case SCREEN_FOCUS:
        talk_focus (self->talk, order->name, order->person);
        break;
    case SCREEN_LOOKED:
        talk_looked (self->talk, order->name, order->person, order->seq);
        break;
    case SCREEN_FETCH:
        if (!talk_page (self->talk, order->name, order->person, order->after, order->before,
                        SCREEN_PAGE))
            screen_not_fetched (self->screen, order->name, order->person);
        break;
    case SCREEN_LEAVE:
        leave (self, OUTCOME_OK);
        break;
    case SCREEN_INTERRUPT:
        leave_now (self, OUTCOME_INTERRUPTED);
        break;
    case SCREEN_SUSPEND:
        suspend (self);
        break;
    case SCREEN_REDRAW:
        self->known = false;
        break;
    default:
        (void)screen_errand (&self->errands, order);
        break;
    }
}

/*  Carry out the orders. Returns whether there were any.                       */
static bool take_orders (screen_mode_t *self)
{
    screen_order_t order;
    bool any = false;
    while (screen_next (self->screen, &order)) {
        take_order (self, &order);
        any = true;
    }
    return any;
}

/*  --- input ------------------------------------------------------------------------------- */

static void take_keys (screen_mode_t *self)
{
    keyboard_stroke_t key;
    while (keyboard_next (self->keys, &key)) {
        if (key.kind == KEYBOARD_FOCUS_IN || key.kind == KEYBOARD_FOCUS_OUT) {
            self->focused = key.kind == KEYBOARD_FOCUS_IN;
            continue;
        }
        if (self->leaving) {
            if (key.kind == KEYBOARD_CONTROL && key.text[0] == 'c')
                leave_now (self, self->status);
            continue;
        }
        tell_state (self);
        screen_key (self->screen, &key);
        take_orders (self);
    }
}

static void read_keys (screen_mode_t *self)
{
    char bytes[READ_SIZE];
    ssize_t size = read (STDIN_FILENO, bytes, sizeof bytes);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size <= 0) { /* the terminal is gone                                     */
        self->gone = true;
        return;
    }
    keyboard_feed (self->keys, bytes, (size_t)size);
    take_keys (self);
}

/*  --- the loop ---------------------------------------------------------------------------- */

static int sooner (int timeout, int64_t left)
{
    left = left < 0 ? 0 : left;
    return timeout < 0 || left < timeout ? (int)left : timeout;
}

/*  Wait for whatever comes first, and take it.                                 */
static void turn (screen_mode_t *self, bool more)
{
    enum { SIGNALS, OUTPUT, CLIENT, INPUT, COUNT };
    zchat_client_t *client = talk_client (self->talk);
    struct pollfd waits[COUNT] = {
        [SIGNALS] = {terminal_fd (self->terminal), POLLIN, 0},
        [OUTPUT] = {STDOUT_FILENO, 0, 0},
        [CLIENT] = {client ? zchat_client_fd (client) : -1, POLLIN, 0},
        [INPUT] = {self->gone || self->errands.outside ? -1 : STDIN_FILENO, POLLIN, 0},
    };
    int keys_ms = keyboard_timeout (self->keys);
    int timeout = more ? 0 : client ? zchat_client_timeout (client) : -1;
    int64_t before_ms = now_ms (CLOCK_MONOTONIC);
    if (keys_ms >= 0)
        timeout = sooner (timeout, keys_ms);
    if (self->errands.outside)
        timeout = sooner (timeout, OUTSIDE_MS);
    if (self->leaving)
        timeout = sooner (timeout, self->leave_by_ms - before_ms);
    if (poll (waits, COUNT, timeout) < 0) {
        if (errno == EINTR)
            handle_signals (self);
        return;
    }
    if (waits[SIGNALS].revents)
        handle_signals (self);
    if (waits[OUTPUT].revents & (POLLERR | POLLHUP))
        self->gone = true;
    if (waits[INPUT].revents)
        read_keys (self);
    else if (keys_ms >= 0 && now_ms (CLOCK_MONOTONIC) - before_ms >= keys_ms) {
        keyboard_flush (self->keys);
        take_keys (self);
    }
}

static void take_settings (screen_mode_t *self)
{
    self->set = false;
    self->known = false; /* colours may be others                                */
    screen_settings_take (&self->settings, settings_file_settings (self->options->settings_file),
                          self->options->broker, self->screen, &self->errands, &self->paint);
}

static bool step (screen_mode_t *self)
{
    if (talk_client (self->talk) && !self->has_client) {
        self->has_client = true;
        terminal_catch (self->terminal);
    }
    tell_state (self);
    screen_errands_step (&self->errands);
    if (self->set)
        take_settings (self);
    bool more = talk_step (self->talk);
    take_orders (self);
    return more;
}

static talk_t *begin_talk (screen_mode_t *self, const options_t *options)
{
    talk_options_t wanted = {.endpoint = options->endpoint,
                             .credentials = options->credentials,
                             .token = options->token,
                             .nick = options->nick,
                             .settings = options->settings_file,
                             .broker = options->broker,
                             .rooms = options->rooms,
                             .n_rooms = options->n_rooms,
                             .last = options->last,
                             .since = options->since,
                             .around = options->link_seq,
                             .looks = true,
                             .keeps_line = true,
                             .event = take_event,
                             .arg = self};
    return talk_new (&wanted);
}

/*  Say below what stood there before what a person has to know still.          */
static void say_last_words (screen_mode_t *self)
{
    for (size_t i = 0; i < LAST_WORDS_MAX; i++)
        if (self->last_words[i])
            buffer_format (&self->out, "%s\n", self->last_words[i]);
    put (self);
    forget_words (self);
}

int screen_mode_run (const options_t *options)
{
    screen_mode_t self = {
        .focused = true, .options = options, .format = {.endpoint = options->endpoint}};
    if (terminal_new (true, &self.terminal) != ZCHAT_OK) {
        perror (_ ("zchat: terminal"));
        return OUTCOME_SYSTEM;
    }
    terminal_full (self.terminal);
    const char *term = getenv ("TERM"), *colours = getenv ("COLORTERM");
    bool many = (term && strstr (term, "256")) || (colours && *colours);
    self.paint.theme.colours = theme_colours (many ? 256 : 16, options->no_color ? "1" : NULL);
    links_terminal_t known = {.term = term,
                              .program = getenv ("TERM_PROGRAM"),
                              .program_version = getenv ("TERM_PROGRAM_VERSION"),
                              .vte_version = getenv ("VTE_VERSION"),
                              .konsole_version = getenv ("KONSOLE_VERSION"),
                              .tmux = getenv ("TMUX"),
                              .windows = getenv ("WT_SESSION"),
                              .screen = getenv ("STY")};
    self.paint.links = links_known (&known);
    self.screen = screen_new (options->endpoint);
    self.shown = grid_new ();
    self.next = grid_new ();
    self.keys = keyboard_new ();
    self.errands = (screen_errands_t){.screen = self.screen,
                                      .terminal = self.terminal,
                                      .out = &self.out,
                                      .poor = term && strncmp (term, "linux", 5) == 0};
    screen_errands_step (&self.errands);
    screen_errands_history (&self.errands);
    take_settings (&self);
    self.talk = begin_talk (&self, options);
    terminal_catch (self.terminal);
    bool more = false;
    take_orders (&self);
    show (&self);
    while (!done (&self)) {
        turn (&self, more);
        more = step (&self);
        show (&self);
    }
    if (self.status == OUTCOME_OK)
        forget_words (&self);
    self.closing = true;
    int status = talk_close (self.talk, self.status);
    talk_destroy (&self.talk);
    terminal_lend (self.terminal);
    say_last_words (&self);
    terminal_destroy (&self.terminal);
    screen_destroy (&self.screen);
    grid_destroy (&self.shown);
    grid_destroy (&self.next);
    keyboard_destroy (&self.keys);
    screen_errands_free (&self.errands);
    screen_settings_free (&self.settings);
    buffer_free (&self.out);
    return status;
}
