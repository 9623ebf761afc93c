/*  rows.c - rows of a paragraph while they are made                           */
#include "rows.h"
#include "memory.h"

void rows_free (rows_t *rows)
{
    buffer_free (&rows->text);
    free (rows->spans);
    free (rows->rows);
    *rows = (rows_t){.text = {NULL, 0, 0}};
}

static void add_row (rows_t *self)
{
    if (self->n_rows == self->rows_room) {
        self->rows_room = self->rows_room ? 2 * self->rows_room : 16;
        self->rows = memory_grow (self->rows, self->rows_room * sizeof *self->rows);
    }
    self->rows[self->n_rows++] = (rows_row_t){.first = self->n_spans};
}

void rows_begin (rows_t *rows, int column, size_t limit)
{
    buffer_clear (&rows->text);
    rows->n_spans = rows->n_rows = rows->hidden = 0;
    rows->column = column;
    rows->limit = limit;
    add_row (rows);
}

static bool same (const paragraph_span_t *span, const rows_look_t *look)
{
    return span->style == look->style && span->hue == look->hue && span->link == look->link;
}

void rows_put (rows_t *rows, const char *text, size_t size, int columns, const rows_look_t *look)
{
    if (rows->hidden == 0 && size > 0) {
        rows_row_t *row = &rows->rows[rows->n_rows - 1];
        paragraph_span_t *last = row->n_spans > 0 ? &rows->spans[rows->n_spans - 1] : NULL;
        if (!last || !same (last, look) || last->column + last->columns != rows->column) {
            if (rows->n_spans == rows->spans_room) {
                rows->spans_room = rows->spans_room ? 2 * rows->spans_room : 16;
                rows->spans = memory_grow (rows->spans, rows->spans_room * sizeof *rows->spans);
            }
            last = &rows->spans[rows->n_spans++];
            row->n_spans++;
            *last = (paragraph_span_t){
                .column = rows->column, .style = look->style, .hue = look->hue, .link = look->link};
        }
        buffer_add (&rows->text, text, size);
        last->size += size;
        last->columns += columns;
    }
    rows->column += columns;
}

void rows_skip (rows_t *rows, int columns)
{
    rows->column += columns;
}

void rows_next (rows_t *rows, int column, bool goes_on)
{
    rows->column = column;
    if (rows->n_rows == rows->limit) {
        rows->hidden++;
        return;
    }
    rows->rows[rows->n_rows - 1].goes_on = goes_on;
    add_row (rows);
}

void rows_hide_last (rows_t *rows)
{
    const rows_row_t *row = &rows->rows[--rows->n_rows];
    while (rows->n_spans > row->first)
        buffer_cut (&rows->text, rows->text.size - rows->spans[--rows->n_spans].size);
    rows->rows[rows->n_rows - 1].goes_on = false;
    rows->hidden++;
}

bool rows_empty (const rows_t *rows)
{
    return rows->rows[rows->n_rows - 1].n_spans == 0;
}

void rows_end (rows_t *rows)
{
    size_t at = 0;
    buffer_string (&rows->text, "");
    for (size_t i = 0; i < rows->n_spans; i++) {
        rows->spans[i].text = rows->text.data + at;
        at += rows->spans[i].size;
    }
}
