/*  screen_errands.c - what the full screen has done outside of it               */
#include "screen_errands.h"
#include "editor.h"
#include "history_file.h"
#include "links.h"
#include "memory.h"
#include "notify.h"
#include "words.h"
#include <errno.h>

/*  Start a program; words are freed.                                           */
static bool run (screen_errands_t *self, char **words, const char *what)
{
    zchat_status_t status = words ? runner_start (self->runner, words) : ZCHAT_MALFORMED;
    bool runs = status == ZCHAT_OK;
    if (!runs) {
        const char *why = status == ZCHAT_MALFORMED ? "the command is not understood"
                          : status == ZCHAT_FULL    ? "too many of its like still run"
                                                    : strerror (errno);
        char *text = memory_format ("%s cannot be started: %s", what, why);
        screen_say (self->screen, text);
        free (text);
    }
    words_free (words);
    return runs;
}

static void open_link (screen_errands_t *self, const char *target)
{
    char *text = memory_format ("opening %s", target);
    if (run (self, links_opener (getenv ("BROWSER"), target), "the browser"))
        screen_say (self->screen, text);
    free (text);
}

static void call (screen_errands_t *self, const screen_order_t *order)
{
    const char *why = NULL;
    self->bell |= !self->silent;
    if (!self->poor)
        notify_osc (self->out, order->name, order->text);
    if (self->notify && *self->notify)
        (void)run (self, notify_command (self->notify, order->name, order->text, &why),
                   "what notifies you");
}

/*  Put a text into the clipboard of the terminal. That is asked for once: whoever looks over the
    shoulder of a terminal, or reads its log, gets it, too.                     */
static void copy (screen_errands_t *self, const screen_order_t *order)
{
    if (!self->may_copy)
        screen_say (self->screen,
                    "this hands text to the clipboard by way of the terminal (OSC 52); "
                    "once more does it, for as long as this zchat runs");
    else if (links_copy (self->out, order->text, order->size, getenv ("TMUX") != NULL))
        screen_say (self->screen, "copied");
    else
        screen_say (self->screen, "this is too long for the clipboard");
    self->may_copy = true;
}

static void remember (screen_errands_t *self, const screen_order_t *order)
{
    if (history_file_add (self->history, order->text, order->size) == ZCHAT_OK)
        return;
    char *text = memory_format ("what you type is not kept for the next time: %s: %s",
                                self->history, strerror (errno));
    screen_say (self->screen, text);
    free (text);
    free (self->history); /* told once                                           */
    self->history = NULL;
}

static void former_line (void *context, const char *line, size_t size)
{
    screen_remembered (context, line, size);
}

void screen_errands_history (screen_errands_t *self)
{
    self->history = history_file_path (getenv ("XDG_STATE_HOME"), getenv ("HOME"));
    if (history_file_read (self->history, former_line, self->screen) == ZCHAT_OK)
        return;
    free (self->history);
    self->history = NULL;
}

/*  Lend the terminal to $EDITOR. The talk goes on meanwhile, unseen.           */
static void edit (screen_errands_t *self, const screen_order_t *order)
{
    outside_environment_t environment = {.visual = getenv ("VISUAL"),
                                         .editor = getenv ("EDITOR"),
                                         .runtime_dir = getenv ("XDG_RUNTIME_DIR"),
                                         .tmpdir = getenv ("TMPDIR")};
    const char *why = NULL;
    terminal_lend (self->terminal);
    if (outside_start (&environment, order->text, order->size, &self->outside, &why) == ZCHAT_OK)
        return;
    terminal_take (self->terminal);
    self->redraw = true;
    screen_say (self->screen, why);
}

/*  Take what $EDITOR left, once it has ended.                                  */
static void edited (screen_errands_t *self)
{
    const char *why = NULL;
    char *text = NULL;
    size_t size = 0;
    if (!self->outside || !outside_ended (self->outside))
        return;
    zchat_status_t status = outside_take (self->outside, EDITOR_TEXT_MAX, &text, &size, &why);
    outside_destroy (&self->outside);
    terminal_take (self->terminal);
    terminal_catch (self->terminal);
    self->redraw = true;
    if (status == ZCHAT_OK)
        screen_edited (self->screen, text, size);
    else
        screen_say (self->screen, why);
    free (text);
}

bool screen_errand (screen_errands_t *self, const screen_order_t *order)
{
    switch (order->kind) {
    case SCREEN_BELL:
        self->bell = true;
        return true;
    case SCREEN_REMEMBER:
        remember (self, order);
        return true;
    case SCREEN_EDIT:
        edit (self, order);
        return true;
    case SCREEN_COPY:
        copy (self, order);
        return true;
    case SCREEN_OPEN:
        open_link (self, order->text);
        return true;
    case SCREEN_NOTIFY:
        call (self, order);
        return true;
    default:
        return false;
    }
}

void screen_errands_title (screen_errands_t *self)
{
    size_t urgent, unread;
    buffer_t title = {NULL, 0, 0};
    screen_unread (self->screen, &urgent, &unread);
    notify_title (&title, urgent, unread > urgent ? unread - urgent : 0);
    if (!self->poor && (!self->title.data || strcmp (title.data, self->title.data) != 0)) {
        buffer_add (self->out, title.data, title.size);
        buffer_free (&self->title);
        self->title = title;
    } else
        buffer_free (&title);
}

void screen_errands_step (screen_errands_t *self)
{
    if (!self->runner)
        self->runner = runner_new ();
    (void)runner_reap (self->runner);
    edited (self);
}

void screen_errands_free (screen_errands_t *self)
{
    runner_destroy (&self->runner);
    outside_destroy (&self->outside);
    free (self->history);
    buffer_free (&self->title);
}
