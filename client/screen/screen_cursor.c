/*  screen_cursor.c - keys that act on one message                               */
#include "memory.h"
#include "screen_private.h"
#include <inttypes.h>

void screen_check_cursor (screen_t *screen)
{
    size_t i = 0;
    /*  The line may be gone, so only its address is compared.                 */
    while (i < screen->shown->n_lines && screen->shown->lines[i] != screen->cursor)
        i++;
    if (i == screen->shown->n_lines)
        screen->cursor = NULL;
}

static bool may_choose (const line_t *line)
{
    return line->kind == LINE_MESSAGE || line->kind == LINE_FOUND;
}

void screen_cursor_move (screen_t *screen, bool up)
{
    window_t *window = screen->shown;
    size_t index, row;
    if (!screen->cursor) {
        screen_find_ruler (screen);
        if (!screen_bottom (screen, &index, &row))
            return;
        index++;
        up = true;
    } else
        index = window_index (window, screen->cursor);
    size_t at = index;
    while (up ? at-- > 0 : ++at < window->n_lines)
        if (may_choose (window->lines[at])) {
            screen->cursor = window->lines[at];
            screen_reveal (screen, screen->cursor);
            return;
        }
    if (up)
        screen_scroll (screen, 1); /* it may bring more                          */
    else if (window->kind != WINDOW_FOUND)
        screen->cursor = NULL;
}

/*  Put a command about the message into the input line.                        */
static void begin_command (screen_t *screen, const char *word, const char *rest)
{
    window_t *window = screen->shown;
    char *line = memory_format ("%s #%" PRIu64 " %s", word, screen->cursor->seq, rest);
    editor_clear (window->editor);
    editor_set (window->editor, line, strlen (line));
    free (line);
    screen->cursor = NULL;
    screen_typed (screen);
}

static void act (screen_t *screen, char letter)
{
    const message_t *message = window_message (screen->shown, screen->cursor);
    char number[32];
    snprintf (number, sizeof number, "#%" PRIu64, screen->cursor->seq);
    switch (letter) {
    case 'r':
        begin_command (screen, "/reply", "");
        break;
    case '+':
        begin_command (screen, "/react", "+1");
        break;
    case 'e':
        if (message && message->own && !message->removed && screen->shown->kind == WINDOW_ROOM) {
            screen_begin_edit (screen->shown, message->seq, message->text, message->size);
            screen->cursor = NULL;
            screen_typed (screen);
        } else
            screen_note (screen, "only messages of your own in a room can be edited");
        break;
    case 'o':
        screen_open_link (screen, number);
        break;
    default:
        screen_copy (screen, number);
        break;
    }
}

bool screen_cursor_key (screen_t *screen, const keyboard_stroke_t *key)
{
    bool found = screen->shown->kind == WINDOW_FOUND;
    size_t size;
    (void)editor_text (screen->shown->editor, &size);
    if (size > 0) /* a line was begun: its keys are its own                      */
        return false;
    if (key->kind == KEYBOARD_UP || key->kind == KEYBOARD_DOWN) {
        screen_cursor_move (screen, key->kind == KEYBOARD_UP);
        return true;
    }
    if (key->kind == KEYBOARD_ESCAPE) {
        if (found)
            screen_close (screen, screen->shown);
        screen->cursor = NULL;
        return true;
    }
    if (key->kind == KEYBOARD_ENTER && !found && !key->meta) {
        screen->cursor->open = !screen->cursor->open;
        return true;
    }
    if (found || key->kind != KEYBOARD_TEXT || key->meta || key->pasted || key->size != 1 ||
        !strchr ("re+oy", key->text[0]))
        return false;
    act (screen, key->text[0]);
    return true;
}
