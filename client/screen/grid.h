/*  grid.h - a screen in memory: rows of cells

    Pure. What is put into it is fit for a terminal already (paragraph.h, text_display); a character
    that would not fit into its row is left out. Rows and columns are from 0.
*/
#ifndef ZCHAT_SCREEN_GRID_H
#define ZCHAT_SCREEN_GRID_H

#include "style.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GRID_ROWS_MAX = 512,     /* a window of more rows or columns is used so far  */
    GRID_COLUMNS_MAX = 1024, /* as this                                          */
    GRID_CELL_MAX = 31,      /* bytes of a character; of a longer one the base is shown alone */
};

typedef struct {
    char text[GRID_CELL_MAX + 1]; /* ended by NUL; "" behind a wide character    */
    unsigned char size;           /* bytes of text                              */
    unsigned char columns;        /* 1 or 2; 0: it is covered by the character before it */
    unsigned char style;          /* a style_t                                  */
    bool chosen;                  /* it is shown reversed: the cursor of messages is here */
    unsigned hue;                 /* of STYLE_NAME                              */
    uint64_t link;                /* of which link it is a part; 0: of none      */
} grid_cell_t;

typedef struct grid grid_t;

grid_t *grid_new (void);
void grid_destroy (grid_t **grid);

/*  Give it a size (1 at least, and at most the bounds above) and empty it.     */
void grid_begin (grid_t *grid, int rows, int columns);

int grid_rows (const grid_t *grid);
int grid_columns (const grid_t *grid);

/*  Write text; hue counts with STYLE_NAME. What is left of column 0 or behind `end` is left out.
    Returns the column behind it.                                               */
int grid_put (grid_t *grid, int row, int column, int end, const char *text, size_t size,
              style_t style, unsigned hue);

/*  Do the same with a C string, up to the last column.                         */
int grid_string (grid_t *grid, int row, int column, const char *text, style_t style);

/*  Fill columns of a row with copies of a character that takes one column.     */
void grid_fill (grid_t *grid, int row, int column, int end, const char *text, style_t style);

/*  Make cells a part of the link to a target (links_target).                   */
void grid_link (grid_t *grid, int row, int column, int end, const char *target);

/*  Return the target of a cell's link.                                         */
const char *grid_target (const grid_t *grid, uint64_t link);

/*  Show the columns of a row as chosen.                                        */
void grid_choose (grid_t *grid, int row, int column, int end);

/*  Tell that the last word of a row goes on in the next row, as a terminal wraps it. */
void grid_wrap (grid_t *grid, int row);
bool grid_wraps (const grid_t *grid, int row);

/*  Put the cursor there; a row below 0 hides it.                               */
void grid_cursor (grid_t *grid, int row, int column);
int grid_cursor_row (const grid_t *grid);
int grid_cursor_column (const grid_t *grid);

const grid_cell_t *grid_cell (const grid_t *grid, int row, int column);

/*  Write a row as text without blanks at its end; the caller frees it.         */
char *grid_text (const grid_t *grid, int row);

#endif
