/*  screen_draw.c - the whole screen as cells                                    */
#include "memory.h"
#include "screen_private.h"
#include "width.h"
#include <time.h>

/*  --- pieces ------------------------------------------------------------------------ */

static int put_peer (grid_t *grid, int row, int column, int end, const char *text, style_t style)
{
    char *shown = zchat_text_display (text, strlen (text), false);
    column = grid_put (grid, row, column, end, shown, strlen (shown), style, 0);
    free (shown);
    return column;
}

/*  Draw a line across with a text in its middle.                               */
static void put_ruler (grid_t *grid, int row, int left, int right, const char *text)
{
    int wide = (int)strlen (text), at = left + (right - left - wide - 2) / 2;
    grid_fill (grid, row, left, right, "-", STYLE_RULER);
    if (at < left)
        at = left;
    at = grid_put (grid, row, at, right, " ", 1, STYLE_RULER, 0);
    at = grid_put (grid, row, at, right, text, strlen (text), STYLE_RULER, 0);
    grid_put (grid, row, at, right, " ", 1, STYLE_RULER, 0);
}

static void window_name (const window_t *window, buffer_t *name)
{
    char *shown = zchat_text_display (window->name, strlen (window->name), false);
    buffer_format (name, "%s%s", window->kind == WINDOW_PERSON ? "@" : "", shown);
    free (shown);
}

static void count_text (const screen_t *screen, const window_t *window, char text[16])
{
    size_t n = window->urgent > 0 ? window->urgent : window->unread;
    const char *sign = window->urgent > 0 ? "!" : "";
    if (n > 0 && screen_muted (screen, window))
        snprintf (text, 16, ".");
    else if (n > 999)
        snprintf (text, 16, "999%s", sign);
    else if (n > 0)
        snprintf (text, 16, "%zu%s", n, sign);
    else
        *text = 0;
}

static style_t list_style (const screen_t *screen, const window_t *window)
{
    return window == screen->shown         ? STYLE_CHOSEN
           : screen_muted (screen, window) ? STYLE_QUIET
           : window->urgent > 0            ? STYLE_URGENT
           : window->unread > 0            ? STYLE_UNREAD
                                           : STYLE_QUIET;
}

/*  --- the list at the side ------------------------------------------------------------ */

static void draw_side (screen_t *screen, grid_t *grid, int top, int bottom)
{
    size_t first = screen->n_windows > 1 && screen->shown != screen->windows[0] ? 1 : 0;
    size_t at = 0, from = first, rows = (size_t)(bottom - top);
    while (at < screen->n_windows && screen->windows[at] != screen->shown)
        at++;
    if (at >= from + rows)
        from = at - rows + 1;
    for (int row = top; row < bottom; row++) {
        grid_string (grid, row, SIDE_COLUMNS - 2, "|", STYLE_RULER);
        size_t i = from + (size_t)(row - top);
        if (i >= screen->n_windows)
            continue;
        const window_t *window = screen->windows[i];
        style_t style = list_style (screen, window);
        char count[16], number[24];
        buffer_t name = {NULL, 0, 0};
        count_text (screen, window, count);
        snprintf (number, sizeof number, "%2zu%s", i, window == screen->shown ? ">" : " ");
        window_name (window, &name);
        int end = SIDE_COLUMNS - 2 - (*count ? (int)strlen (count) + 1 : 0);
        grid_string (grid, row, 0, number, style);
        grid_put (grid, row, 3, end, name.data, name.size, style, 0);
        grid_string (grid, row, SIDE_COLUMNS - 2 - (int)strlen (count), count, style);
        buffer_free (&name);
    }
}

/*  --- title, status, prompt -------------------------------------------------------------- */

static void draw_title (screen_t *screen, grid_t *grid)
{
    const window_t *window = screen->shown;
    int columns = grid_columns (grid);
    buffer_t name = {NULL, 0, 0};
    char members[40] = "";
    window_name (window, &name);
    if (window->kind == WINDOW_ROOM && window->entered)
        snprintf (members, sizeof members, "%llu here ", (unsigned long long)window->members);
    int end = columns - (int)strlen (members);
    grid_fill (grid, 0, 0, columns, " ", STYLE_BAR);
    int at = grid_put (grid, 0, 1, end, name.data, name.size, STYLE_BAR, 0);
    if (window->topic)
        put_peer (grid, 0, at + 2, end - 1, window->topic, STYLE_BAR);
    if (end > at + 1)
        grid_string (grid, 0, end, members, STYLE_BAR);
    buffer_free (&name);
}

static size_t below (screen_t *screen)
{
    const window_t *window = screen->shown;
    size_t n = 0;
    for (size_t i = window->bottom ? window_index (window, window->bottom) + 1 : window->n_lines;
         i < window->n_lines; i++)
        n += window->lines[i]->kind == LINE_MESSAGE || window->lines[i]->kind == LINE_TYPED;
    /*  What is not held is counted by its seqs.                               */
    if (!window->live && window->newest > window->high)
        n += window->newest - window->high;
    return n;
}

static void status_text (screen_t *screen, buffer_t *text, bool with_list, bool with_below)
{
    window_name (screen->shown, text);
    buffer_string (text, screen->offline ? " | offline" : " | connected");
    if (screen->offline && screen->why_offline) {
        char *shown = zchat_text_display (screen->why_offline, strlen (screen->why_offline), false);
        buffer_format (text, ": %s", shown);
        free (shown);
    }
    if (!screen->used && !screen->asks_name)
        buffer_string (text, " | /help");
    if (screen->unsent > 0)
        buffer_format (text, " | %zu unsent", screen->unsent);
    if (screen->shown->paging)
        buffer_string (text, " | loading");
    if (with_below && (screen->shown->bottom || !screen->shown->live))
        buffer_format (text, " | %zu below", below (screen));
    for (size_t i = 0; with_list && i < screen->n_windows; i++) {
        const window_t *window = screen->windows[i];
        char count[16];
        count_text (screen, window, count);
        if (window == screen->shown || !*count)
            continue;
        buffer_format (text, " | %zu ", i);
        window_name (window, text);
        buffer_format (text, " %s", count);
    }
}

static void draw_status (screen_t *screen, grid_t *grid, int row, bool with_list, bool with_below)
{
    int columns = grid_columns (grid);
    buffer_t text = {NULL, 0, 0};
    char question[PASTE_QUESTION_MAX];
    if (screen->guard.asks) {
        paste_guard_question (&screen->guard, question);
        buffer_string (&text, question);
    } else if (screen->cursor && screen->shown->kind == WINDOW_FOUND)
        buffer_string (&text, "Up, Down choose; Enter shows it where it was said; Escape closes");
    else if (screen->cursor)
        buffer_string (&text, "r reply, e edit, + react, o open, y copy, Enter unfold, Escape");
    else
        status_text (screen, &text, with_list, with_below);
    grid_fill (grid, row, 0, columns, " ", STYLE_BAR);
    grid_put (grid, row, columns > 20 ? 1 : 0, columns, text.data, text.size, STYLE_BAR, 0);
    buffer_free (&text);
}

static void prompt_text (screen_t *screen, buffer_t *prompt)
{
    const window_t *window = screen->shown;
    if (screen->asks_name) {
        buffer_string (prompt, "name: ");
        return;
    }
    window_name (window, prompt);
    if (window->kind == WINDOW_PERSON && screen->seal && *screen->seal)
        buffer_format (prompt, " %s", screen->seal);
    if (window->editing)
        buffer_format (prompt, " edit #%llu", (unsigned long long)window->editing);
    buffer_string (prompt, "> ");
}

/*  The input line, laid out before it is known where it comes to stand.        */
typedef struct {
    buffer_t prompt; /* what stands before it                                   */
    editor_rows_t rows;
} input_t;

static void lay_input (screen_t *screen, int rows, int columns, input_t *input)
{
    editor_t *editor = screen->shown->editor;
    const char *search = editor_search_prompt (editor);
    int most = rows / INPUT_SHARE;
    if (search)
        buffer_string (&input->prompt, search);
    else
        prompt_text (screen, &input->prompt);
    if (width_columns (input->prompt.data, input->prompt.size) > columns / 2) {
        buffer_clear (&input->prompt);
        buffer_string (&input->prompt, columns > 4 ? "> " : "");
    }
    most = most < 1 ? 1 : most > EDITOR_ROWS_MAX ? EDITOR_ROWS_MAX : most;
    editor_render_rows (editor, columns - width_columns (input->prompt.data, input->prompt.size),
                        (size_t)most, &input->rows);
}

static void draw_input (grid_t *grid, int top, const input_t *input)
{
    int columns = grid_columns (grid);
    int left =
        grid_put (grid, top, 0, columns, input->prompt.data, input->prompt.size, STYLE_PROMPT, 0);
    for (size_t i = 0; i < input->rows.n; i++) {
        const char *text = input->rows.rows[i].text;
        grid_put (grid, top + (int)i, left, columns, text, strlen (text), STYLE_TEXT, 0);
    }
    grid_cursor (grid, top + (int)input->rows.row, left + input->rows.column);
}

/*  --- the conversation -------------------------------------------------------------------- */

static void day_text (const screen_t *screen, uint64_t time_ms, char *text, size_t size)
{
    time_t seconds = (time_t)(time_ms / 1000), now = (time_t)(screen->now_ms / 1000);
    struct tm day, today;
    *text = 0;
    if (localtime_r (&seconds, &day) && localtime_r (&now, &today))
        (void)!strftime (text, size, day.tm_year == today.tm_year ? "%a %d %b" : "%a %d %b %Y",
                         &day);
}

static void draw_rulers (screen_t *screen, grid_t *grid, size_t index, size_t row, int y)
{
    const pane_t *pane = &screen->pane;
    const line_t *line = screen->shown->lines[index];
    char text[64];
    bool day = screen_new_day (screen, index);
    if (row == 0 && day)
        day_text (screen, line->time_ms, text, sizeof text);
    else
        snprintf (text, sizeof text, "%zu new", screen->ruler_count);
    put_ruler (grid, y, pane->left, pane->left + pane->columns, text);
}

static void draw_row (screen_t *screen, grid_t *grid, size_t row, int y)
{
    const pane_t *pane = &screen->pane;
    paragraph_row_t given = paragraph_row (screen->paragraph, row);
    for (size_t i = 0; i < given.n_spans; i++) {
        const paragraph_span_t *span = &given.spans[i];
        int from = pane->left + span->column;
        int to = grid_put (grid, y, from, grid_columns (grid), span->text, span->size, span->style,
                           span->hue);
        const char *target = span->link ? paragraph_link (screen->paragraph, span->link) : NULL;
        if (target)
            grid_link (grid, y, from, to, target);
    }
    if (given.goes_on && y + 1 < pane->top + pane->rows)
        grid_wrap (grid, y);
}

static void draw_lines (screen_t *screen, grid_t *grid)
{
    const pane_t *pane = &screen->pane;
    window_t *window = screen->shown;
    size_t index, row, rulers = 0, rows;
    size_t left = screen_top (screen, (size_t)pane->rows, &index, &row);
    for (int y = pane->top; left > 0; index++, row = 0) {
        rows = screen_lay (screen, index, &rulers);
        for (; row < rows && left > 0; row++, left--, y++) {
            if (row < rulers)
                draw_rulers (screen, grid, index, row, y);
            else
                draw_row (screen, grid, row - rulers, y);
            if (row >= rulers && window->lines[index] == screen->cursor)
                grid_choose (grid, y, pane->left, pane->left + pane->columns);
        }
    }
}

/*  Tell up to where the window was looked at.                                  */
static void looked (screen_t *screen)
{
    window_t *window = screen->shown;
    uint64_t seq = window->newest;
    size_t index, row;
    if (!screen->focused || (window->kind != WINDOW_ROOM && window->kind != WINDOW_PERSON) ||
        screen->pane.rows < 1)
        return;
    bool all = !window->bottom && window->live;
    if (!all && !screen_bottom (screen, &index, &row))
        return;
    if (!all)
        seq = window->lines[index]->seq < UINT64_MAX ? window->lines[index]->seq : window->high;
    if (seq <= window->read && !(all && window->unread > 0))
        return;
    window->read = seq > window->read ? seq : window->read;
    screen_order_for (screen, SCREEN_LOOKED, window)->seq = all ? UINT64_MAX : seq;
}

void screen_draw (screen_t *screen, grid_t *grid, int rows, int columns)
{
    grid_begin (grid, rows, columns);
    screen_check_cursor (screen);
    rows = grid_rows (grid);
    columns = grid_columns (grid);
    bool title = rows >= LOW && !screen->bare, status = rows >= 3;
    bool side = columns >= NARROW && !screen->bare;
    bool away = screen->shown->bottom || !screen->shown->live;
    input_t input = {.prompt = {NULL, 0, 0}};
    lay_input (screen, rows, columns, &input);
    int typed = (int)input.rows.n;
    screen->rows = rows;
    screen->columns = columns;
    screen->pane = (pane_t){.top = title, .left = side ? SIDE_COLUMNS : 0};
    screen->pane.below = away && rows >= LOW;
    screen->pane.rows = rows - typed - title - status - screen->pane.below;
    screen->pane.columns = columns - screen->pane.left;
    int bottom = screen->pane.top + screen->pane.rows;
    if (title)
        draw_title (screen, grid);
    if (side)
        draw_side (screen, grid, title, bottom + screen->pane.below);
    if (screen->pane.rows > 0)
        draw_lines (screen, grid);
    if (screen->pane.below) {
        char text[64];
        snprintf (text, sizeof text, "%zu more below", below (screen));
        put_ruler (grid, bottom, screen->pane.left, columns, text);
    }
    if (status)
        draw_status (screen, grid, rows - typed - 1, !side, !screen->pane.below);
    draw_input (grid, rows - typed, &input);
    buffer_free (&input.prompt);
    looked (screen);
}
