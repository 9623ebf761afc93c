/*  editor_rows.c - the text in several rows, and the way between its lines    */
#include "editor_private.h"
#include "memory.h"
#include "width.h"

/*  --- lines ----------------------------------------------------------------- */

static size_t line_begin (const editor_t *self, size_t at)
{
    while (at > 0 && self->text.data[at - 1] != '\n')
        at--;
    return at;
}

static int columns_between (const editor_t *self, size_t from, size_t to)
{
    return width_columns (self->text.data + from, to - from);
}

bool editor_line_beside (const editor_t *editor, bool up, size_t *place)
{
    const char *text = editor->text.data;
    size_t size = editor->text.size, begin = line_begin (editor, editor->cursor), at;
    int column = columns_between (editor, begin, editor->cursor);
    if (up) {
        if (begin == 0)
            return false;
        at = line_begin (editor, begin - 1);
    } else {
        const char *end = memchr (text + editor->cursor, '\n', size - editor->cursor);
        if (!end)
            return false;
        at = (size_t)(end - text) + 1;
    }
    for (size_t from = at; at < size && text[at] != '\n';) {
        size_t next = at + width_cluster (text + at, size - at);
        if (columns_between (editor, from, next) > column)
            break;
        at = next;
    }
    *place = at;
    return true;
}

/*  --- rows ------------------------------------------------------------------ */

/*  A walk over the text, row by row.                                          */
typedef struct {
    editor_t *editor;
    editor_rows_t *rows;
    int columns;
    size_t first;                   /* row that is the first in sight                            */
    size_t last;                    /* and the one behind the last                               */
    size_t row;                     /* the present one                                           */
    int column;                     /* columns of it that are taken                              */
    size_t begins[EDITOR_ROWS_MAX]; /* where the rows in sight begin in `shown` */
} walk_t;

static bool in_sight (const walk_t *walk)
{
    return walk->row >= walk->first && walk->row < walk->last;
}

static void end_row (walk_t *walk)
{
    if (in_sight (walk)) {
        walk->rows->rows[walk->row - walk->first].width = walk->column;
        buffer_add (&walk->editor->shown, "", 1); /* its NUL                   */
    }
    walk->row++;
    walk->column = 0;
    if (in_sight (walk))
        walk->begins[walk->row - walk->first] = walk->editor->shown.size;
}

static void put (walk_t *walk, const char *text, int columns)
{
    if (in_sight (walk))
        buffer_string (&walk->editor->shown, text);
    walk->column += columns;
}

/*  Walk over the whole text. Returns the row of the cursor; walk->row is the number of rows in the
    end, and rows->column the cursor's.                                        */
static size_t walk_over (walk_t *walk)
{
    const editor_t *self = walk->editor;
    size_t cursor_row = 0, size = self->text.size;
    for (size_t at = 0; at < size;) {
        size_t used = width_cluster (self->text.data + at, size - at);
        bool newline = self->text.data[at] == '\n';
        char *shown = newline ? NULL : editor_cluster_shown (self->text.data + at, used);
        int wide = newline ? 0 : width_columns (shown, strlen (shown));
        bool over = wide > walk->columns; /* <U+009B> takes eight columns     */
        wide = over ? 1 : wide;
        if (newline ? walk->column == walk->columns && at == self->cursor
                    : walk->column + wide > walk->columns)
            end_row (walk);
        if (at == self->cursor) {
            cursor_row = walk->row;
            walk->rows->column = walk->column;
        }
        if (newline)
            end_row (walk);
        else
            put (walk, over ? "?" : shown, wide);
        free (shown);
        at += used;
    }
    if (self->cursor == size) {
        if (walk->column == walk->columns)
            end_row (walk);
        cursor_row = walk->row;
        walk->rows->column = walk->column;
    }
    end_row (walk);
    return cursor_row;
}

void editor_render_rows (editor_t *editor, int columns, size_t most, editor_rows_t *rows)
{
    if (columns < 2)
        columns = 2;
    most = most < 1 ? 1 : most > EDITOR_ROWS_MAX ? EDITOR_ROWS_MAX : most;
    *rows = (editor_rows_t){.n = 0};
    walk_t walk = {.editor = editor, .rows = rows, .columns = columns};
    buffer_clear (&editor->shown);
    size_t cursor_row = walk_over (&walk), all = walk.row;
    /*  What is in sight stays where it is while the cursor is within it.      */
    if (editor->top + most > all)
        editor->top = all > most ? all - most : 0;
    if (cursor_row < editor->top)
        editor->top = cursor_row;
    if (cursor_row >= editor->top + most)
        editor->top = cursor_row - most + 1;
    rows->n = all < most ? all : most;
    walk = (walk_t){.editor = editor,
                    .rows = rows,
                    .columns = columns,
                    .first = editor->top,
                    .last = editor->top + rows->n};
    walk_over (&walk);
    rows->row = cursor_row - editor->top;
    rows->above = editor->top;
    rows->below = all - editor->top - rows->n;
    for (size_t i = 0; i < rows->n; i++)
        rows->rows[i].text = editor->shown.data + walk.begins[i];
}
