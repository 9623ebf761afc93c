/*  line_mode.c - zchat for people: one line at the bottom, the talk above it */
#include "line_mode.h"
#include "editor.h"
#include "face.h"
#include "i18n.h"
#include "line_editing.h"
#include "memory.h"
#include "reflow.h"
#include "talk.h"
#include "terminal.h"
#include "width.h"
#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum {
    READ_SIZE = 4096,
    FAREWELL_MS = 5000,   /* ms that leaving waits at most for acknowledgements */
    PROMPT_SHARE = 2,     /* a prompt of more than this part of the width is cut */
    POSITION_MS = 200,    /* ms that a terminal's answer is waited for         */
    OUT_BATCH_MAX = 65536 /* bytes gathered before they are written            */
};

/*  The state of a person's or a script's session.                             */
typedef struct {
    talk_t *talk;
    transcript_t text;
    terminal_t *terminal;
    editor_t *editor; /* NULL without an editor                                */
    keyboard_t *keys; /* NULL without an editor                                */
    line_editing_t editing;
    buffer_t frame;   /* bytes of one write to the screen                      */
    buffer_t line;    /* without an editor: what was read and not yet entered  */
    bool redraw;      /* the input line must be drawn anew                     */
    bool skipping;    /* the rest of a line that was too long is dropped       */
    bool held;        /* the first line waits until the outbox takes it        */
    bool input_ended; /* nothing more will be typed                            */
    bool output_gone; /* nobody reads the output any more                      */
    bool leaving;     /* leaving; only acknowledgements are waited for         */
    bool hurry;       /* leaving without waiting for anything                  */
    bool has_client;  /* the talk had a client at the last step                */
    int64_t leave_by_ms;
    int column;     /* column of the cursor as it was drawn, from 0            */
    int above;      /* rows of the input line above the cursor                 */
    unsigned asked; /* answers expected from the terminal; nothing is drawn until they come */
    int64_t answer_by_ms;
    int status;
} line_mode_t;

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*  --- output ---------------------------------------------------------------- */

static size_t unanswered (const line_mode_t *self)
{
    talk_state_t state;
    talk_state (self->talk, &state);
    return state.unanswered;
}

static void put (line_mode_t *self, int fd, buffer_t *buffer)
{
    if (buffer->size > 0 && !(self->output_gone && fd == STDOUT_FILENO) &&
        terminal_write (self->terminal, fd, buffer->data, buffer->size) != ZCHAT_OK &&
        fd == STDOUT_FILENO)
        self->output_gone = true;
    buffer_clear (buffer);
}

/*  Draw the input line at the cursor. The cursor is saved and restored rather than moved by
    columns, because terminals do not agree on the width of every character.   */
static void draw_input (line_mode_t *self)
{
    int columns = terminal_columns (self->terminal);
    talk_state_t state;
    talk_state (self->talk, &state);
    const char *prompt = editor_search_prompt (self->editor);
    if (!prompt)
        prompt = transcript_prompt (&self->text, &state);
    int prompt_columns = width_columns (prompt, strlen (prompt));
    if (prompt_columns > columns / PROMPT_SHARE) {
        prompt = columns > 4 ? "> " : "";
        prompt_columns = (int)strlen (prompt);
    }
    editor_view_t view;
    editor_render (self->editor, columns - prompt_columns, &view);
    self->column = prompt_columns + view.column;
    buffer_string (&self->frame, "\033[?7l");
    buffer_string (&self->frame, prompt);
    buffer_add (&self->frame, view.text, view.cursor);
    buffer_string (&self->frame, "\0337");
    buffer_string (&self->frame, view.text + view.cursor);
    buffer_string (&self->frame, "\0338\033[?7h");
}

/*  Show what is new, in one write, with the input line below it.              */
static void show (line_mode_t *self)
{
    buffer_t *out = &self->text.out;
    if (!self->editor) {
        put (self, STDOUT_FILENO, out);
        put (self, STDERR_FILENO, &self->text.err);
        return;
    }
    if ((out->size == 0 && !self->redraw) || self->asked > 0)
        return;
    if (self->above > 0)
        buffer_format (&self->frame, "\033[%dA", self->above);
    self->above = 0;
    buffer_string (&self->frame, "\r\033[J");
    buffer_add (&self->frame, out->data, out->size);
    buffer_clear (out);
    if (!self->leaving)
        draw_input (self);
    self->redraw = false;
    put (self, STDOUT_FILENO, &self->frame);
}

static void bell (line_mode_t *self)
{
    buffer_string (&self->frame, "\a");
    put (self, STDOUT_FILENO, &self->frame);
}

/*  --- another width --------------------------------------------------------- */

static void resize (line_mode_t *self)
{
    int columns = terminal_columns (self->terminal);
    self->text.format.columns = columns;
    if (!reflow_may (self->column, columns))
        return;
    self->asked++;
    self->answer_by_ms = now_ms () + POSITION_MS;
    buffer_string (&self->frame, "\033[6n");
    put (self, STDOUT_FILENO, &self->frame);
}

/*  Take the terminal's answer where the cursor is. Of several questions, only the answer to the
    last one fits the window as it is.                                         */
static void take_position (line_mode_t *self, int column)
{
    if (self->asked == 0 || --self->asked > 0)
        return;
    self->above = reflow_rows (self->column, terminal_columns (self->terminal), column);
}

/*  --- leaving --------------------------------------------------------------- */

static void leave (line_mode_t *self, int status, int wait_ms)
{
    if (self->leaving)
        return;
    self->leaving = true;
    self->redraw = true;
    self->status = status;
    self->leave_by_ms = now_ms () + wait_ms;
}

static void leave_now (line_mode_t *self)
{
    self->leaving = true;
    self->hurry = true;
    self->leave_by_ms = now_ms ();
}

/*  Return how long leaving waits. A person waits only where waiting can help. */
static int patience (line_mode_t *self)
{
    zchat_client_t *client = talk_client (self->talk);
    if (!client || (self->text.look != TRANSCRIPT_SCRIPT && !zchat_client_connected (client)))
        return 0;
    return FAREWELL_MS;
}

static void handle_signals (line_mode_t *self)
{
    terminal_signals_t signals = terminal_signals (self->terminal);
    if (signals.leave) {
        leave_now (self);
        self->status = 128 + signals.leave;
    }
    if (signals.stop && !signals.leave) {
        show (self);
        terminal_suspend (self->terminal);
    }
    if (signals.resized || signals.stop || signals.resumed) {
        if (self->editor)
            resize (self);
        self->redraw = true;
    }
}

static bool done (line_mode_t *self)
{
    int status;
    if (!self->leaving && talk_ended (self->talk, &status))
        leave (self, status, status == OUTCOME_OK ? patience (self) : 0);
    if (!self->leaving && self->output_gone) {
        handle_signals (self); /* a signal may have interrupted the writing */
        leave (self, OUTCOME_OK, FAREWELL_MS);
    }
    if (!self->leaving && self->input_ended && self->line.size == 0)
        leave (self, OUTCOME_OK, patience (self));
    if (!self->leaving)
        return false;
    if (talk_ended (self->talk, &status) && status != OUTCOME_OK) {
        self->status = status; /* it was refused while we waited */
        return true;
    }
    return unanswered (self) == 0 || now_ms () >= self->leave_by_ms;
}

/*  --- input at the editor --------------------------------------------------- */

/*  Put the line into the history. A pasted text that looks like a command comes back as text
    that begins with //.                                                       */
static void remember (line_mode_t *self, const char *text, size_t size, bool pasted)
{
    buffer_t line = {NULL, 0, 0};
    if (pasted && size > 0 && *text == '/')
        buffer_string (&line, "/");
    buffer_add (&line, text, size);
    editor_remember (self->editor, line.data ? line.data : "", line.size);
    buffer_free (&line);
}

/*  Enter the line. It vanishes and comes back as a message, in the order in which everybody sees
    it.                                                                        */
static void enter_edited (line_mode_t *self)
{
    size_t size;
    const char *text = editor_text (self->editor, &size);
    talk_state_t state;
    talk_state (self->talk, &state);
    bool is_name = state.asks_name, pasted = editor_pasted (self->editor);
    zchat_status_t status = ZCHAT_OK;
    bool edited = line_editing_enter (&self->editing, &status);
    if (!edited)
        status =
            pasted ? talk_enter_text (self->talk, text, size) : talk_enter (self->talk, text, size);
    if (status == ZCHAT_FULL)
        talk_notice (self->talk,
                     _ ("too many messages wait for the broker; try again in a moment"));
    if (status != ZCHAT_OK || edited)
        return;
    if (!is_name)
        remember (self, text, size, pasted);
    editor_clear (self->editor);
    talk_typing (self->talk, false);
    line_editing_begin (&self->editing);
}

static void act (line_mode_t *self, editor_result_t result)
{
    switch (result) {
    case EDITOR_NOTHING:
        return;
    case EDITOR_BELL:
        bell (self);
        return;
    case EDITOR_TOO_LONG:
        talk_notice (self->talk,
                     _ ("the paste is too long: the line holds 262,144 bytes, a message "
                        "65,536; nothing of it was taken"));
        break;
    case EDITOR_CHANGED:
        break;
    case EDITOR_ENTER:
        enter_edited (self);
        break;
    case EDITOR_INTERRUPT:
        leave_now (self);
        self->status = OUTCOME_INTERRUPTED;
        break;
    case EDITOR_END:
        leave (self, OUTCOME_OK, patience (self));
        break;
    case EDITOR_CLEAR:
        buffer_string (&self->frame, "\033[H\033[2J");
        break;
    case EDITOR_SUSPEND:
        show (self);
        terminal_suspend (self->terminal);
        break;
    }
    self->redraw = true;
}

static void take_keys (line_mode_t *self)
{
    keyboard_stroke_t key;
    int status;
    while (keyboard_next (self->keys, &key)) {
        bool stop = key.kind == KEYBOARD_CONTROL && key.text[0] == 'c' && !key.meta;
        if (self->leaving && stop)
            leave_now (self);
        if (key.kind == KEYBOARD_POSITION)
            take_position (self, key.column);
        else if (!self->leaving && !talk_ended (self->talk, &status))
            act (self, line_editing_key (&self->editing, &key));
    }
}

/*  --- input as lines -------------------------------------------------------- */

/*  Enter the lines that are whole; the rest waits for more input.             */
static void take_lines (line_mode_t *self)
{
    size_t at = 0;
    int status;
    self->held = false;
    while (at < self->line.size && !talk_ended (self->talk, &status)) {
        const char *begin = self->line.data + at;
        const char *end = memchr (begin, '\n', self->line.size - at);
        if (!end && !self->input_ended)
            break;
        size_t whole = end ? (size_t)(end - begin) + 1 : self->line.size - at;
        size_t size = end ? whole - 1 : whole;
        if (size > 0 && begin[size - 1] == '\r')
            size--;
        if (self->skipping)
            self->skipping = false;
        else if (talk_enter (self->talk, begin, size) == ZCHAT_FULL) {
            self->held = true;
            break;
        }
        at += whole;
    }
    buffer_drop (&self->line, at);
    if (!self->held && self->line.size > ZCHAT_BODY_MAX + 16) {
        /*  The end of the line is not in sight, so it is refused now rather than kept. */
        if (!self->skipping)
            (void)!talk_enter (self->talk, self->line.data, self->line.size);
        self->skipping = true;
        buffer_clear (&self->line);
    }
    if (talk_ended (self->talk, &status))
        buffer_clear (&self->line);
}

static void read_input (line_mode_t *self)
{
    char bytes[READ_SIZE];
    ssize_t size = read (STDIN_FILENO, bytes, sizeof bytes);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (self->editor) {
        if (size <= 0) { /* the terminal is gone */
            leave (self, OUTCOME_OK, 0);
            self->input_ended = true;
            return;
        }
        keyboard_feed (self->keys, bytes, (size_t)size);
        take_keys (self);
        return;
    }
    if (size <= 0)
        self->input_ended = true;
    else
        buffer_add (&self->line, bytes, (size_t)size);
    take_lines (self);
}

/*  --- the loop -------------------------------------------------------------- */

/*  Return the sooner of two times to wait; -1 stands for ever.                */
static int sooner (int timeout, int64_t left)
{
    left = left < 0 ? 0 : left;
    return timeout < 0 || left < timeout ? (int)left : timeout;
}

static int timeout_ms (line_mode_t *self, bool more, int keys_ms)
{
    if (more)
        return 0;
    zchat_client_t *client = talk_client (self->talk);
    int timeout = client ? zchat_client_timeout (client) : -1;
    if (keys_ms >= 0 && (timeout < 0 || keys_ms < timeout))
        timeout = keys_ms;
    if (self->leaving)
        timeout = sooner (timeout, self->leave_by_ms - now_ms ());
    if (self->asked > 0)
        timeout = sooner (timeout, self->answer_by_ms - now_ms ());
    return timeout;
}

/*  Wait for whatever comes first, and take it.                                */
static void turn (line_mode_t *self, bool more)
{
    enum { SIGNALS, OUTPUT, CLIENT, INPUT, COUNT };
    zchat_client_t *client = talk_client (self->talk);
    bool reads = !self->input_ended && !self->held && !(self->leaving && !self->editor);
    struct pollfd waits[COUNT] = {
        [SIGNALS] = {terminal_fd (self->terminal), POLLIN, 0},
        [OUTPUT] = {self->output_gone ? -1 : STDOUT_FILENO, 0, 0},
        [CLIENT] = {client ? zchat_client_fd (client) : -1, POLLIN, 0},
        [INPUT] = {reads ? STDIN_FILENO : -1, POLLIN, 0},
    };
    int keys_ms = self->keys ? keyboard_timeout (self->keys) : -1;
    int64_t before_ms = now_ms ();
    int ready = poll (waits, COUNT, timeout_ms (self, more, keys_ms));
    if (ready < 0) {
        if (errno == EINTR)
            handle_signals (self);
        return;
    }
    if (waits[SIGNALS].revents)
        handle_signals (self);
    if (waits[OUTPUT].revents & (POLLERR | POLLHUP))
        self->output_gone = true;
    if (waits[INPUT].revents)
        read_input (self);
    else if (keys_ms >= 0 && now_ms () - before_ms >= keys_ms) {
        keyboard_flush (self->keys);
        take_keys (self);
    }
}

/*  Take what the client has to tell, and see what follows from it.            */
static bool step (line_mode_t *self)
{
    zchat_client_t *client = talk_client (self->talk);
    size_t before = unanswered (self);
    bool connected = client && zchat_client_connected (client);
    bool more = false;
    if (client && !self->has_client) {
        self->has_client = true;
        terminal_catch (self->terminal);
    }
    do
        more = talk_step (self->talk);
    while (more && self->text.out.size < OUT_BATCH_MAX && !self->leaving);
    size_t left = unanswered (self);
    /*  The prompt shows how many messages are unsent, and whether we are offline. */
    if (left != before || connected != (client && zchat_client_connected (client)))
        self->redraw = true;
    /*  While acknowledgements come, it is worth waiting for more.             */
    if (self->leaving && !self->hurry && left < before)
        self->leave_by_ms = now_ms () + FAREWELL_MS;
    if (self->held)
        take_lines (self);
    if (self->asked > 0 && (now_ms () >= self->answer_by_ms || self->leaving))
        self->asked = 0; /* this terminal does not answer */
    return more;
}

static void run (line_mode_t *self)
{
    bool more = false;
    show (self);
    while (!done (self)) {
        turn (self, more);
        more = step (self);
        show (self);
    }
}

int line_mode_run (const options_t *options)
{
    line_mode_t self = {.redraw = true};
    transcript_look_t look = face_look (options);
    bool edits = look == TRANSCRIPT_EDITOR;
    if (terminal_new (edits, &self.terminal) != ZCHAT_OK) {
        perror (_ ("zchat: terminal"));
        return OUTCOME_SYSTEM;
    }
    transcript_init (&self.text, look, options->endpoint, edits && !options->no_color);
    self.talk = face_talk (options, &self.text);
    if (look != TRANSCRIPT_SCRIPT && face_first_run ())
        talk_notice (self.talk, _ ("type to talk; /help shows what else there is, /quit leaves"));
    terminal_catch (self.terminal);
    if (edits) {
        self.editor = editor_new ();
        self.keys = keyboard_new ();
        self.text.format.columns = terminal_columns (self.terminal);
        line_editing_init (&self.editing, self.talk, &self.text, self.editor);
    }
    run (&self);
    int status = talk_close (self.talk, self.status);
    self.leaving = true;
    show (&self);
    talk_destroy (&self.talk);
    transcript_free (&self.text);
    terminal_destroy (&self.terminal);
    line_editing_free (&self.editing);
    editor_destroy (&self.editor);
    keyboard_destroy (&self.keys);
    buffer_free (&self.frame);
    buffer_free (&self.line);
    return status;
}
