/*  screen_command.c - what is entered: text, commands of the talk, and those of the screen */
#include "links.h"
#include "memory.h"
#include "screen_private.h"
#include <inttypes.h>

/*  --- numbers of messages ---------------------------------------------------------- */

bool screen_points (const screen_t *screen)
{
    static const char *const words[] = {"/reply ", "/edit ",   "/react ", "/unreact ",
                                        "/link ",  "/remove ", "/open ",  "/copy "};
    size_t size;
    const char *text = editor_text (screen->shown->editor, &size);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (size >= strlen (words[i]) && strncmp (text, words[i], strlen (words[i])) == 0)
            return true;
    return false;
}

void screen_typed (screen_t *screen)
{
    size_t size;
    (void)editor_text (screen->shown->editor, &size);
    if ((size > 0) == screen->typing)
        return;
    screen->typing = size > 0;
    screen->upto = screen->typing ? screen->shown->high : 0;
    screen_order (screen, SCREEN_TYPING, NULL, 0)->yes = screen->typing;
}

/*  Find the message that a word means: 3, #1042, or, where there is none, the newest. */
static line_t *pointed (screen_t *screen, const char *word)
{
    window_t *window = screen->shown;
    uint64_t n = strtoull (word + (*word == '#'), NULL, 10);
    line_t *line = *word == '#' ? window_find (window, n)
                                : (line_t *)window_number (window, n ? (size_t)n : 1, screen->upto);
    if (!line)
        screen_note (screen, "there is no such message here");
    return line;
}

/*  --- editing a message -------------------------------------------------------------- */

void screen_begin_edit (window_t *window, uint64_t seq, const char *text, size_t size)
{
    window->editing = seq;
    free (window->edited);
    window->edited = memory_string (text, size);
    editor_clear (window->editor);
    editor_set (window->editor, text, size);
}

void screen_leave_edit (window_t *window)
{
    window->editing = 0;
    editor_clear (window->editor);
}

static void enter_edit (screen_t *screen, const char *text, size_t size)
{
    window_t *window = screen->shown;
    if (size == 0 || strcmp (text, window->edited) == 0) {
        screen_leave_edit (window);
        screen_typed (screen);
        return;
    }
    screen_order_t *order = screen_order (screen, SCREEN_DO, text, size);
    order->command = (command_t){
        .kind = COMMAND_EDIT, .seq = window->editing, .text = order->text, .size = size};
    screen->entering = window;
    screen->entered_edit = true;
}

/*  --- commands of the screen ------------------------------------------------------------ */

void screen_go (screen_t *screen, window_t *window, uint64_t seq)
{
    if (window != screen->shown)
        screen_show (screen, window, true);
    line_t *line = window_find (window, seq);
    if (line) {
        screen->cursor = line;
        screen_reveal (screen, line);
        return;
    }
    if (window->kind != WINDOW_ROOM) {
        screen_note (screen, "this message is further back: PageUp looks for it");
        return;
    }
    if (window->paging)
        return;
    window_empty (window);
    screen_order_t *order = screen_order_for (screen, SCREEN_FETCH, window);
    order->after = seq > SCREEN_PAGE / 2 ? seq - SCREEN_PAGE / 2 - 1 : 0;
    window->paging = true;
    window->page_before = window->page_last = false;
    window->scroll = 0;
    window->seek_ms = 0;
    window->wanted = seq;
}

static bool is_number (const char *word)
{
    word += *word == '#';
    return *word && word[strspn (word, "0123456789")] == 0;
}

static void do_goto (screen_t *screen, const char *word)
{
    uint64_t seq = strtoull (word + (*word == '#'), NULL, 10);
    uint64_t time_ms = screen_read_time (word, screen->now_ms);
    if (time_ms > 0)
        screen_seek (screen, screen->shown, time_ms);
    else if (seq == 0 || !is_number (word))
        screen_note (screen,
                     "/goto 1042 shows the message with this number, /goto 2026-11-27 or /goto "
                     "10:30 what was said from then on");
    else
        screen_go (screen, screen->shown, seq);
}

/*  Send again what failed in this window.                                      */
static void do_retry (screen_t *screen, const char *word)
{
    window_t *window = screen->shown;
    size_t n = 0;
    (void)word;
    for (size_t i = 0; i < window->n_lines;) {
        line_t *line = window->lines[i];
        if (line->kind != LINE_TYPED || !line->why) {
            i++;
            continue;
        }
        screen_order_t *order = screen_order (screen, SCREEN_DO, line->text, line->size);
        command_kind_t kind = line->type == ZCHAT_TYPE_ACTION ? COMMAND_ME : COMMAND_SAY;
        bool reply = line->re > 0 && window->kind == WINDOW_ROOM;
        order->command = (command_t){.kind = reply ? COMMAND_REPLY : kind,
                                     .seq = reply ? line->re : 0,
                                     .text = order->text,
                                     .size = order->size};
        window_remove (window, line);
        n++;
    }
    if (n == 0)
        screen_note (screen, "nothing has failed here");
}

void screen_open_link (screen_t *screen, const char *word)
{
    char target[LINKS_TARGET_MAX + 1];
    link_span_t link;
    const line_t *line = pointed (screen, word);
    const message_t *message = window_message (screen->shown, line);
    if (!message)
        return;
    if (links_find (message->text, message->size, &link, 1) == 1 &&
        links_target (message->text + link.at, link.size, target))
        screen_order (screen, SCREEN_OPEN, target, strlen (target));
    else
        screen_note (screen, "there is no link in this message");
}

void screen_copy (screen_t *screen, const char *word)
{
    const line_t *line = pointed (screen, word);
    const message_t *message = window_message (screen->shown, line);
    if (message)
        screen_order (screen, SCREEN_COPY, message->text, message->size);
}

static void do_close (screen_t *screen, const char *word)
{
    (void)word;
    if (screen->shown->kind == WINDOW_ROOM) {
        screen_order_t *order = screen_order (screen, SCREEN_DO, NULL, 0);
        order->command = (command_t){.kind = COMMAND_PART};
    } else if (screen->shown->kind != WINDOW_HOME)
        screen_close (screen, screen->shown);
}

static bool own_command (screen_t *screen, const char *text)
{
    static const struct {
        const char *word;
        void (*act) (screen_t *, const char *);
    } table[] = {{"/goto", do_goto},     {"/retry", do_retry}, {"/open", screen_open_link},
                 {"/copy", screen_copy}, {"/wc", do_close},    {"/help", screen_help}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t size = strlen (table[i].word);
        if (strncmp (text, table[i].word, size) != 0 || (text[size] && text[size] != ' '))
            continue;
        const char *word = text + size + strspn (text + size, " ");
        /*  Without a number /open is a command for admins.                    */
        if (table[i].act == screen_open_link && (*word == 0 || !is_number (word)))
            return false;
        table[i].act (screen, word);
        return true;
    }
    return false;
}

/*  --- entering -------------------------------------------------------------------------- */

/*  Put the line into the history. A pasted text that looks like a command comes back as text
    that begins with //.                                                        */
static void remember (screen_t *screen, window_t *window, bool pasted)
{
    size_t size;
    const char *text = editor_text (window->editor, &size);
    buffer_t line = {NULL, 0, 0};
    buffer_string (&line, pasted && size > 0 && *text == '/' ? "/" : "");
    buffer_add (&line, text, size);
    editor_remember (window->editor, line.data, line.size);
    screen_order (screen, SCREEN_REMEMBER, line.data, line.size);
    buffer_free (&line);
}

/*  Of a command that points at a message by its number: say which one it is as it is shown here.
    False: it is none, or it was done here.                                     */
static bool by_number (screen_t *screen, screen_order_t *order)
{
    command_t *command = &order->command;
    command_parse (order->text, order->size, command);
    bool points = command->kind == COMMAND_REPLY || command->kind == COMMAND_EDIT ||
                  command->kind == COMMAND_REACT || command->kind == COMMAND_LINK ||
                  command->kind == COMMAND_REMOVE;
    if (!points || command->seq > 0 || command->number == 0)
        return false;
    const line_t *line = window_number (screen->shown, (size_t)command->number, screen->upto);
    if (!line)
        return false; /* the talk says that there is none                       */
    command->seq = line->seq;
    command->number = 0;
    return true;
}

static void enter_line (screen_t *screen, const char *text, size_t size, bool literal)
{
    window_t *window = screen->shown;
    bool command = !literal && *text == '/' && text[1] != '/';
    bool leaves = !literal && strcmp (text, "exit") == 0;
    if ((window->kind == WINDOW_HOME || window->kind == WINDOW_FOUND) && !command && !leaves) {
        screen_note (screen,
                     "this is no conversation; /join ROOM enters one, Alt-1 shows the first");
        return;
    }
    screen_order_t *order = screen_order (screen, SCREEN_ENTER, text, size);
    order->literal = literal;
    if (!literal && by_number (screen, order))
        order->kind = SCREEN_DO;
    screen->entering = window;
    screen->entered_edit = false;
    screen->entered_pasted = literal;
}

void screen_enter (screen_t *screen, bool literal)
{
    window_t *window = screen->shown;
    size_t size;
    const char *text = editor_text (window->editor, &size);
    char *line = memory_string (text, size);
    screen->used |= size > 0;
    literal = literal || editor_pasted (window->editor);
    if (size == 0 && window->kind == WINDOW_FOUND && screen->cursor) {
        window_t *place =
            screen_find (screen, screen->cursor->place + (*screen->cursor->place == '@'),
                         *screen->cursor->place == '@');
        if (place)
            screen_go (screen, place, screen->cursor->number);
        else
            screen_note (screen, "you are not in that room: /join it first");
    } else if (screen->asks_name) {
        screen_order (screen, SCREEN_ENTER, line, size)->literal = literal;
        screen->entering = window;
        screen->entered_edit = false;
    } else if (window->editing)
        enter_edit (screen, line, size);
    else if (size > 0 && !literal && own_command (screen, line)) {
        /*  A command may have shown another window, or closed this one.       */
        if (screen->shown == window) {
            remember (screen, window, false);
            editor_clear (window->editor);
            screen_typed (screen);
        }
    } else if (size > 0)
        enter_line (screen, line, size, literal);
    free (line);
}

void screen_entered (screen_t *screen, zchat_status_t status)
{
    window_t *window = screen->entering;
    screen->entering = NULL;
    if (status == ZCHAT_FULL)
        screen_note (screen, "too many messages wait for the broker; try again in a moment");
    if (!window || status != ZCHAT_OK)
        return;
    if (screen->entered_edit)
        screen_leave_edit (window);
    else if (!window->editing) { /* the command may have put a text there to be edited */
        if (!screen->asks_name)
            remember (screen, window, screen->entered_pasted);
        editor_clear (window->editor);
        window->bottom = NULL;
    }
    screen_typed (screen);
}
