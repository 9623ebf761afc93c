/*  grid.c - a screen in memory: rows of cells                                  */
#include "grid.h"
#include "buffer.h"
#include "memory.h"
#include "width.h"

enum { LINKS_MAX = 256 /* links on a screen; what follows is text              */ };

struct grid {
    int rows, columns;
    int cursor_row, cursor_column;
    grid_cell_t *cells; /* of rows * columns                                   */
    bool wraps[GRID_ROWS_MAX];
    size_t n_links;
    uint64_t links[LINKS_MAX];
    char *targets[LINKS_MAX]; /* owned                                         */
};

grid_t *grid_new (void)
{
    return memory_zero (sizeof (grid_t));
}

static void forget_links (grid_t *grid)
{
    for (size_t i = 0; i < grid->n_links; i++)
        free (grid->targets[i]);
    grid->n_links = 0;
}

void grid_destroy (grid_t **grid)
{
    if (!*grid)
        return;
    forget_links (*grid);
    free ((*grid)->cells);
    free (*grid);
    *grid = NULL;
}

static int within (int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static void blank (grid_cell_t *cell)
{
    memset (cell, 0, sizeof *cell); /* padding too: cells are compared as bytes  */
    cell->text[0] = ' ';
    cell->size = 1;
    cell->columns = 1;
}

void grid_begin (grid_t *grid, int rows, int columns)
{
    rows = within (rows, 1, GRID_ROWS_MAX);
    columns = within (columns, 1, GRID_COLUMNS_MAX);
    if (rows * columns != grid->rows * grid->columns)
        grid->cells =
            memory_grow (grid->cells, (size_t)rows * (size_t)columns * sizeof *grid->cells);
    grid->rows = rows;
    grid->columns = columns;
    for (int i = 0; i < rows * columns; i++)
        blank (&grid->cells[i]);
    memset (grid->wraps, 0, sizeof grid->wraps);
    forget_links (grid);
    grid_cursor (grid, -1, 0);
}

int grid_rows (const grid_t *grid)
{
    return grid->rows;
}

int grid_columns (const grid_t *grid)
{
    return grid->columns;
}

static grid_cell_t *cell_at (const grid_t *grid, int row, int column)
{
    return &grid->cells[(size_t)row * (size_t)grid->columns + (size_t)column];
}

/*  Empty a cell; of a wide character that it was half of, the other half too.  */
static void clear (grid_t *grid, int row, int column)
{
    grid_cell_t *cell = cell_at (grid, row, column);
    if (cell->columns == 0 && column > 0)
        blank (cell_at (grid, row, column - 1));
    if (cell->columns == 2 && column + 1 < grid->columns)
        blank (cell_at (grid, row, column + 1));
    blank (cell);
}

static void set (grid_t *grid, int row, int column, const char *text, size_t size, int wide,
                 style_t style, unsigned hue)
{
    for (int i = 0; i < wide; i++)
        clear (grid, row, column + i);
    grid_cell_t *cell = cell_at (grid, row, column);
    int codepoint;
    if (size > GRID_CELL_MAX)
        size = width_decode (text, size, &codepoint);
    memset (cell->text, 0, sizeof cell->text);
    memcpy (cell->text, text, size);
    cell->size = (unsigned char)size;
    cell->columns = (unsigned char)wide;
    cell->style = (unsigned char)style;
    cell->hue = style == STYLE_NAME ? hue : 0;
    if (wide == 2) {
        *cell_at (grid, row, column + 1) = *cell;
        cell_at (grid, row, column + 1)->columns = 0;
        cell_at (grid, row, column + 1)->size = 0;
        memset (cell_at (grid, row, column + 1)->text, 0, sizeof cell->text);
    }
}

int grid_put (grid_t *grid, int row, int column, int end, const char *text, size_t size,
              style_t style, unsigned hue)
{
    end = within (end, 0, grid->columns);
    if (row < 0 || row >= grid->rows)
        return column;
    for (size_t at = 0; at < size;) {
        size_t used = width_cluster (text + at, size - at);
        int wide = within (width_columns (text + at, used), 0, 2);
        if (column + wide > end)
            break;
        /*  A mark without a letter takes no column, and is not shown.         */
        if (column >= 0 && wide > 0)
            set (grid, row, column, text + at, used, wide, style, hue);
        column += wide;
        at += used;
    }
    return column;
}

int grid_string (grid_t *grid, int row, int column, const char *text, style_t style)
{
    return grid_put (grid, row, column, grid->columns, text, strlen (text), style, 0);
}

void grid_fill (grid_t *grid, int row, int column, int end, const char *text, style_t style)
{
    while (column < end)
        column = grid_put (grid, row, column, end, text, strlen (text), style, 0) > column
                     ? column + 1
                     : end;
}

void grid_link (grid_t *grid, int row, int column, int end, const char *target)
{
    uint64_t link = 14695981039346656037u; /* FNV-1a                            */
    size_t i = 0;
    for (const char *c = target; *c; c++)
        link = (link ^ (unsigned char)*c) * 1099511628211u;
    link |= 1;
    while (i < grid->n_links && grid->links[i] != link)
        i++;
    if (i == LINKS_MAX || row < 0 || row >= grid->rows)
        return;
    if (i == grid->n_links) {
        grid->links[i] = link;
        grid->targets[grid->n_links++] = memory_string (target, strlen (target));
    }
    for (int at = within (column, 0, grid->columns); at < within (end, 0, grid->columns); at++)
        cell_at (grid, row, at)->link = link;
}

const char *grid_target (const grid_t *grid, uint64_t link)
{
    for (size_t i = 0; i < grid->n_links; i++)
        if (grid->links[i] == link)
            return grid->targets[i];
    return NULL;
}

void grid_choose (grid_t *grid, int row, int column, int end)
{
    for (int at = within (column, 0, grid->columns);
         row >= 0 && row < grid->rows && at < within (end, 0, grid->columns); at++)
        cell_at (grid, row, at)->chosen = true;
}

void grid_wrap (grid_t *grid, int row)
{
    if (row >= 0 && row + 1 < grid->rows)
        grid->wraps[row] = true;
}

bool grid_wraps (const grid_t *grid, int row)
{
    return grid->wraps[row];
}

void grid_cursor (grid_t *grid, int row, int column)
{
    grid->cursor_row = row < grid->rows ? row : -1;
    grid->cursor_column = within (column, 0, grid->columns - 1);
}

int grid_cursor_row (const grid_t *grid)
{
    return grid->cursor_row;
}

int grid_cursor_column (const grid_t *grid)
{
    return grid->cursor_column;
}

const grid_cell_t *grid_cell (const grid_t *grid, int row, int column)
{
    return cell_at (grid, row, column);
}

char *grid_text (const grid_t *grid, int row)
{
    buffer_t text = {NULL, 0, 0};
    for (int column = 0; column < grid->columns; column++) {
        const grid_cell_t *cell = cell_at (grid, row, column);
        buffer_add (&text, cell->text, cell->size);
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        buffer_cut (&text, text.size - 1);
    return buffer_take (&text);
}
