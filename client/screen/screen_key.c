/*  screen_key.c - what keys do                                                  */
#include "memory.h"
#include "screen_private.h"

/*  --- windows --------------------------------------------------------------------- */

static size_t index_of (const screen_t *screen, const window_t *window)
{
    size_t i = 0;
    while (i < screen->n_windows && screen->windows[i] != window)
        i++;
    return i;
}

static void show_number (screen_t *screen, size_t number)
{
    if (number < screen->n_windows)
        screen_show (screen, screen->windows[number], true);
    else
        screen_order (screen, SCREEN_BELL, NULL, 0);
}

static void show_beside (screen_t *screen, bool next)
{
    size_t at = index_of (screen, screen->shown), n = screen->n_windows;
    size_t first = n > 1 ? 1 : 0;
    at = next ? at + 1 : at > first ? at - 1 : n - 1;
    screen_show (screen, screen->windows[at < n ? at : first], true);
}

/*  Show the next conversation with something unread, the urgent ones first.    */
static void show_unread (screen_t *screen)
{
    size_t at = index_of (screen, screen->shown), n = screen->n_windows;
    for (int urgent = 1; urgent >= 0; urgent--)
        for (size_t i = 1; i < n; i++) {
            window_t *window = screen->windows[(at + i) % n];
            if (screen_muted (screen, window))
                continue;
            if (urgent ? window->urgent > 0 : window->unread > 0) {
                screen_show (screen, window, true);
                return;
            }
        }
    screen_order (screen, SCREEN_BELL, NULL, 0);
}

/*  --- pastes ---------------------------------------------------------------------- */

static void guard_key (screen_t *screen, const keyboard_stroke_t *key)
{
    switch (paste_guard_key (&screen->guard, key)) {
    case PASTE_WAIT:
        return;
    case PASTE_SEND:
        screen_enter (screen, true);
        return;
    case PASTE_DROP:
        editor_clear (screen->shown->editor);
        screen_typed (screen);
        return;
    case PASTE_EDIT:
        return;
    }
}

/*  --- the line --------------------------------------------------------------------- */

static void complete (screen_t *screen)
{
    window_t *window = screen->shown;
    const char *rooms[SCREEN_WINDOWS_MAX];
    completion_sources_t sources = {.rooms = rooms, .own = *screen->own ? screen->own : NULL};
    completion_change_t change;
    size_t size;
    const char *text = editor_text (window->editor, &size);
    sources.names = speakers_names (window->speakers, &sources.n_names);
    for (size_t i = 0; i < screen->n_windows; i++)
        if (screen->windows[i]->kind == WINDOW_ROOM)
            rooms[sources.n_rooms++] = screen->windows[i]->name;
    if (!completion_tab (screen->completion, &sources, text, size, editor_cursor (window->editor),
                         false, &change)) {
        screen_order (screen, SCREEN_BELL, NULL, 0);
        return;
    }
    editor_replace (window->editor, change.from, change.to, change.text, change.size);
}

static void take_result (screen_t *screen, editor_result_t result)
{
    size_t size;
    switch (result) {
    case EDITOR_NOTHING:
    case EDITOR_CHANGED:
        break;
    case EDITOR_BELL:
        screen_order (screen, SCREEN_BELL, NULL, 0);
        break;
    case EDITOR_TOO_LONG:
        screen_note (screen, "the paste is too long: the line holds 262,144 bytes, a message "
                             "65,536; nothing of it was taken");
        break;
    case EDITOR_ENTER:
        screen_enter (screen, false);
        break;
    case EDITOR_INTERRUPT:
        screen_order (screen, SCREEN_INTERRUPT, NULL, 0);
        break;
    case EDITOR_END:
        screen_order (screen, SCREEN_LEAVE, NULL, 0);
        break;
    case EDITOR_CLEAR:
        screen_order (screen, SCREEN_REDRAW, NULL, 0);
        break;
    case EDITOR_SUSPEND:
        screen_order (screen, SCREEN_SUSPEND, NULL, 0);
        break;
    }
    (void)editor_text (screen->shown->editor, &size);
    if (size == 0 && screen->shown->editing)
        screen_leave_edit (screen->shown);
}

/*  Take a key while a message is being edited. False: it is the editor's.      */
static bool editing_key (screen_t *screen, const keyboard_stroke_t *key)
{
    window_t *window = screen->shown;
    size_t size;
    const char *text = editor_text (window->editor, &size);
    bool up = key->kind == KEYBOARD_UP, down = key->kind == KEYBOARD_DOWN;
    if (!window->editing)
        return false;
    if (key->kind == KEYBOARD_ESCAPE) {
        screen_leave_edit (window);
        return true;
    }
    if (down || (up && strcmp (text, window->edited) != 0)) {
        screen_order (screen, SCREEN_BELL, NULL, 0); /* what was typed is not to be lost */
        return true;
    }
    if (up)
        screen_leave_edit (window);
    return false;
}

static void line_key (screen_t *screen, const keyboard_stroke_t *key)
{
    editor_t *editor = screen->shown->editor;
    size_t size;
    if (editing_key (screen, key))
        return;
    (void)editor_text (editor, &size);
    if (key->kind == KEYBOARD_UP && size == 0 && !editor_recalls (editor) && screen->may_edit &&
        screen->shown->kind == WINDOW_ROOM) {
        screen_order (screen, SCREEN_DO, NULL, 0)->command = (command_t){.kind = COMMAND_EDIT};
        return;
    }
    take_result (screen, editor_key (editor, key));
    if (key->kind == KEYBOARD_PASTE_END) {
        const char *text = editor_text (editor, &size);
        (void)paste_guard_paste (&screen->guard, text, size, ZCHAT_BODY_MAX);
    }
}

/*  --- the screen's own keys ----------------------------------------------------------- */

static bool alt_key (screen_t *screen, const keyboard_stroke_t *key)
{
    if (key->kind == KEYBOARD_LEFT || key->kind == KEYBOARD_RIGHT)
        show_beside (screen, key->kind == KEYBOARD_RIGHT);
    else if (key->kind == KEYBOARD_UP || key->kind == KEYBOARD_DOWN)
        screen_cursor_move (screen, key->kind == KEYBOARD_UP);
    else if (key->kind != KEYBOARD_TEXT || key->size != 1)
        return false;
    else if (key->text[0] >= '0' && key->text[0] <= '9')
        show_number (screen, (size_t)(key->text[0] - '0'));
    else if (key->text[0] == 'a')
        show_unread (screen);
    else if (key->text[0] == 'u')
        screen_to_ruler (screen);
    else if (key->text[0] == 'l') {
        screen->bare = !screen->bare;
        screen_order (screen, SCREEN_REDRAW, NULL, 0);
    } else
        return false;
    return true;
}

static bool control_key (screen_t *screen, char letter)
{
    size_t size;
    const char *text = editor_text (screen->shown->editor, &size);
    if (letter == 'x') {
        /*  C-x C-e opens the editor, and C-x alone is not to wait for it.     */
        if (screen->recent)
            screen_show (screen, screen->recent, true);
        screen->after_x = true;
        return true;
    }
    /*  Once more, it searches what was typed.                                 */
    if (letter == 'r' && size == 0) {
        editor_set (screen->shown->editor, "/search ", strlen ("/search "));
        return true;
    }
    if (letter == 'r' && strcmp (text, "/search ") == 0)
        editor_clear (screen->shown->editor);
    return false;
}

static void edit_outside (screen_t *screen)
{
    size_t size;
    if (screen->recent) /* C-x has shown the other window                        */
        screen_show (screen, screen->recent, true);
    const char *text = editor_text (screen->shown->editor, &size);
    screen_order (screen, SCREEN_EDIT, text, size);
}

static bool move_key (screen_t *screen, const keyboard_stroke_t *key)
{
    int page = screen->pane.rows > 2 ? screen->pane.rows - 1 : 1;
    size_t size;
    (void)editor_text (screen->shown->editor, &size);
    bool away = screen->shown->bottom || !screen->shown->live;
    switch (key->kind) {
    case KEYBOARD_PAGE_UP:
        screen_scroll (screen, page);
        return true;
    case KEYBOARD_PAGE_DOWN:
        screen_scroll (screen, -page);
        return true;
    case KEYBOARD_END:
        if (away || size == 0)
            screen_to_end (screen);
        return away || size == 0;
    case KEYBOARD_HOME:
        if (size == 0)
            screen_to_top (screen);
        return size == 0;
    default:
        return false;
    }
}

void screen_key (screen_t *screen, const keyboard_stroke_t *key)
{
    bool after_x = screen->after_x;
    screen->after_x = false;
    screen_check_cursor (screen);
    if (key->kind == KEYBOARD_POSITION)
        return;
    if (screen->guard.asks)
        guard_key (screen, key);
    else if (key->pasted || editor_searching (screen->shown->editor, NULL, NULL))
        line_key (screen, key);
    else if (after_x && key->kind == KEYBOARD_CONTROL && key->text[0] == 'e')
        edit_outside (screen);
    else if (key->meta && alt_key (screen, key))
        ;
    else if (screen->cursor && screen_cursor_key (screen, key))
        ;
    else if (key->kind == KEYBOARD_CONTROL && !key->meta && control_key (screen, key->text[0]))
        ;
    else if (key->kind == KEYBOARD_TAB)
        complete (screen);
    else if (!move_key (screen, key)) {
        if (screen->cursor && screen->shown->kind != WINDOW_FOUND)
            screen->cursor = NULL;
        line_key (screen, key);
    }
    screen_typed (screen);
}
