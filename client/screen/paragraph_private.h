/*  paragraph_private.h - what the files paragraph*.c share                     */
#ifndef ZCHAT_SCREEN_PARAGRAPH_PRIVATE_H
#define ZCHAT_SCREEN_PARAGRAPH_PRIVATE_H

#include "links.h"
#include "rows.h"

/*  A text that is to be laid out behind what stands in the row already.       */
typedef struct {
    const char *text; /* fit for a terminal                                    */
    size_t size;
    style_t style;
    const link_span_t *links; /* in their order; all have targets              */
    size_t n_links;
    const char *const *mentions;
    size_t n_mentions;
    int columns;        /* of the pane                                         */
    int left;           /* of the terminal, left of it                         */
    int indent;         /* column in which further rows begin                  */
    const char *margin; /* before each row but the first, in front of indent; "" */
} paragraph_text_t;

/*  Lay it out, and leave the row in which it ended open. Returns its lines.   */
size_t paragraph_text (rows_t *rows, const paragraph_text_t *text);

/*  Put down what fits into so many columns of a text that is fit for a terminal; where it does not
    fit, a mark ends it. Returns the columns that it took.                     */
int paragraph_cut (rows_t *rows, const char *text, size_t size, int columns,
                   const rows_look_t *look);

#endif
