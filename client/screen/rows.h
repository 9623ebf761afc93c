/*  rows.h - rows of a paragraph while they are made

    Pure; used by paragraph*.c alone. Pieces are put down from left to right; what is put down
    behind each other in the same style becomes one span.
*/
#ifndef ZCHAT_SCREEN_ROWS_H
#define ZCHAT_SCREEN_ROWS_H

#include "buffer.h"
#include "paragraph.h"

typedef struct {
    style_t style;
    unsigned hue;
    size_t link; /* 0: none                                                    */
} rows_look_t;

typedef struct {
    size_t first;   /* of its spans                                            */
    size_t n_spans; /* how many                                                */
    bool goes_on;   /* as in paragraph_row_t                                   */
} rows_row_t;

typedef struct {
    buffer_t text;           /* of all spans                                   */
    paragraph_span_t *spans; /* owned                                          */
    size_t n_spans;
    size_t spans_room;
    rows_row_t *rows; /* owned; the last one is being written                  */
    size_t n_rows;
    size_t rows_room;
    size_t limit;  /* rows that are kept; further ones are counted             */
    size_t hidden; /* how many those are                                       */
    int column;    /* where the next piece goes                                */
} rows_t;

void rows_free (rows_t *rows);

/*  Begin anew with one empty row, of which the next piece goes to this column. */
void rows_begin (rows_t *rows, int column, size_t limit);

/*  Put a piece down where the last one ended. It is fit for a terminal.       */
void rows_put (rows_t *rows, const char *text, size_t size, int columns, const rows_look_t *look);

/*  Leave columns free.                                                        */
void rows_skip (rows_t *rows, int columns);

/*  Begin the next row at a column.                                            */
void rows_next (rows_t *rows, int column, bool goes_on);

/*  True where nothing was put into the row that is being written.             */
bool rows_empty (const rows_t *rows);

/*  Take the last row away, which is not the first, and count it as hidden.    */
void rows_hide_last (rows_t *rows);

/*  All is put down: make the spans point to their text.                       */
void rows_end (rows_t *rows);

#endif
