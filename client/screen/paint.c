/*  paint.c - a grid as what a terminal is sent                                 */
#include "paint.h"
#include "links.h"
#include <string.h>

/*  What the terminal was told last.                                            */
typedef struct {
    const paint_t *paint;
    const grid_t *grid;
    buffer_t *out;
    bool plain; /* no attribute is on                                           */
    grid_cell_t look;
    uint64_t link;
} pen_t;

static bool same_look (const grid_cell_t *a, const grid_cell_t *b)
{
    return a->style == b->style && a->hue == b->hue && a->chosen == b->chosen;
}

static void take_look (pen_t *pen, const grid_cell_t *cell)
{
    if (same_look (&pen->look, cell))
        return;
    theme_look_t look = theme_look (&pen->paint->theme, (style_t)cell->style, cell->hue);
    pen->look = *cell;
    buffer_string (pen->out, "\033[0");
    buffer_string (pen->out, look.bold ? ";1" : "");
    buffer_string (pen->out, look.dim ? ";2" : "");
    buffer_string (pen->out, look.underlined ? ";4" : "");
    buffer_string (pen->out, look.reversed != cell->chosen ? ";7" : "");
    if (look.colour >= 16)
        buffer_format (pen->out, ";38;5;%d", look.colour);
    else if (look.colour >= 8)
        buffer_format (pen->out, ";%d", 90 + look.colour - 8);
    else if (look.colour >= 0)
        buffer_format (pen->out, ";%d", 30 + look.colour);
    buffer_string (pen->out, "m");
}

static void take_link (pen_t *pen, uint64_t link)
{
    const char *target = link ? grid_target (pen->grid, link) : NULL;
    if (!pen->paint->links || pen->link == link)
        return;
    if (pen->link)
        links_end (pen->out);
    pen->link = target ? link : 0;
    if (target)
        links_begin (pen->out, target, link);
}

static bool is_blank (const grid_cell_t *cell)
{
    return cell->size == 1 && cell->text[0] == ' ' && cell->style == STYLE_TEXT && !cell->chosen &&
           !cell->link;
}

static void paint_row (pen_t *pen, int row, bool placed)
{
    const grid_t *grid = pen->grid;
    int columns = grid_columns (grid), end = columns;
    while (end > 0 && !grid_wraps (grid, row) && is_blank (grid_cell (grid, row, end - 1)))
        end--;
    if (!placed)
        buffer_format (pen->out, "\033[%d;1H", row + 1);
    for (int column = 0; column < end; column++) {
        const grid_cell_t *cell = grid_cell (grid, row, column);
        if (cell->columns == 0)
            continue;
        take_look (pen, cell);
        take_link (pen, cell->link);
        buffer_add (pen->out, cell->text, cell->size);
        /*  Terminals do not agree on how wide such a character is.            */
        int next = column + cell->columns;
        if ((unsigned char)cell->text[0] >= 0x80 && (cell->columns == 2 || cell->size > 4) &&
            next < columns)
            buffer_format (pen->out, "\033[%dG", next + 1);
    }
    take_link (pen, 0);
    if (end < columns) {
        take_look (pen, &(grid_cell_t){.style = STYLE_TEXT});
        buffer_string (pen->out, "\033[K");
    }
}

static bool same_row (const grid_t *a, const grid_t *b, int row)
{
    return grid_wraps (a, row) == grid_wraps (b, row) &&
           memcmp (grid_cell (a, row, 0), grid_cell (b, row, 0),
                   (size_t)grid_columns (a) * sizeof (grid_cell_t)) == 0;
}

static bool same_screen (const grid_t *a, const grid_t *b)
{
    for (int row = 0; row < grid_rows (a); row++)
        if (!same_row (a, b, row))
            return false;
    return grid_cursor_row (a) == grid_cursor_row (b) &&
           grid_cursor_column (a) == grid_cursor_column (b);
}

void paint (const paint_t *paint, const grid_t *before, const grid_t *now, buffer_t *out)
{
    pen_t pen = {.paint = paint, .grid = now, .out = out};
    int rows = grid_rows (now);
    if (before && (grid_rows (before) != rows || grid_columns (before) != grid_columns (now)))
        before = NULL;
    if (before && same_screen (before, now))
        return;
    buffer_string (out, "\033[?25l\033[0m");
    if (!before)
        buffer_string (out, "\033[H\033[2J");
    for (int row = 0; row < rows;) {
        /*  Rows of one word are written together.                             */
        int end = row + 1;
        bool same = before && same_row (before, now, row);
        while (end < rows && grid_wraps (now, end - 1)) {
            same = same && same_row (before, now, end);
            end++;
        }
        buffer_string (out, same ? "" : end > row + 1 ? "\033[?7h" : "\033[?7l");
        for (int at = row; at < end && !same; at++)
            paint_row (&pen, at, at > row);
        row = end;
    }
    take_look (&pen, &(grid_cell_t){.style = STYLE_TEXT});
    buffer_string (out, "\033[?7h");
    if (grid_cursor_row (now) >= 0)
        buffer_format (out, "\033[%d;%dH\033[?25h", grid_cursor_row (now) + 1,
                       grid_cursor_column (now) + 1);
}
