/*  paragraph.h - one message, or one notice, as rows of the screen

    Pure. Time and name stand in a gutter, which is part of the paragraph; the text begins behind it
    and is broken at words, and every row of it begins in the column of the text:

        09:14  ivan  a text that does not fit
                     goes on here
                     re chen: did the build pass?   +1 x3

    A link, or another word that is longer than a row, gets no break of ours, so that it can be
    clicked and copied: it is written from where it begins up to the terminal's last column, and
    goes on in the terminal's own column 0, as the terminal itself would wrap it. Rows that end so
    have goes_on. The pane has to end where the terminal does. Of blanks none stand in such a word,
    so no text can look like the begin of another message.

    Text of peers is handed in as it came; it passes the sanitiser here, once, and nowhere else.
    Spans hold no newline, no tab and no control character.
*/
#ifndef ZCHAT_SCREEN_PARAGRAPH_H
#define ZCHAT_SCREEN_PARAGRAPH_H

#include "style.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    PARAGRAPH_LINKS_MAX = 64, /* links of a message; what follows is text       */
    PARAGRAPH_ROWS_MAX = 4096 /* rows of one; what would follow is counted and left out */
};

/*  What is to be shown. All is borrowed until paragraph_lay has returned. A pointer may be NULL
    where there is nothing of the kind.                                        */
typedef struct {
    const char *time;            /* ours, such as "09:14"                      */
    const char *name;            /* a peer's, or ours such as "-->"            */
    size_t name_size;            /* bytes                                      */
    style_t name_style;          /* STYLE_NAME, STYLE_OWN, STYLE_NOTICE        */
    unsigned hue;                /* of the name: theme_hue                     */
    const char *title;           /* what a folded text is, such as "main.c"; a peer's */
    size_t title_size;           /* bytes                                      */
    const char *text;            /* a peer's, or ours                          */
    size_t size;                 /* bytes                                      */
    style_t style;               /* of the text                                */
    const char *const *mentions; /* words that get STYLE_MENTION in it: one's own name and what is
                                    to be highlighted                          */
    size_t n_mentions;
    const char *state;     /* ours, behind the text: "(sending)", "(edited)"   */
    const char *quote;     /* a peer's: the message that this one answers; one row, cut */
    size_t quote_size;     /* bytes                                            */
    const char *reactions; /* a peer's, such as "+1 x3"; behind the quote      */
    size_t reactions_size; /* bytes                                            */
    bool open;             /* it is shown whole, however long it is            */
} paragraph_source_t;

/*  Where it is to be shown.                                                   */
typedef struct {
    int columns;      /* of the pane, 1 at least; it ends at the terminal's last column */
    int left;         /* columns of the terminal left of the pane: where a word goes on that the
                         terminal wraps, its spans have columns down to -left. 0: such a word goes on
                         in the pane's column 0                                */
    int name_columns; /* of names; longer ones are cut, with a mark            */
    int fold_rows;    /* a text of more rows is folded to so many; 0: never    */
} paragraph_place_t;

typedef struct {
    int column;       /* of the pane, where it begins                          */
    int columns;      /* that it takes                                         */
    style_t style;    /* what it is                                            */
    unsigned hue;     /* of STYLE_NAME                                         */
    size_t link;      /* number of the link that it is a part of; 0: of none   */
    const char *text; /* fit for a terminal; not ended by NUL                  */
    size_t size;      /* bytes                                                 */
} paragraph_span_t;

typedef struct {
    const paragraph_span_t *spans; /* from left to right                       */
    size_t n_spans;
    bool goes_on; /* the word goes on in the next row, in the terminal's column 0 */
} paragraph_row_t;

typedef struct paragraph paragraph_t;

paragraph_t *paragraph_new (void);
void paragraph_destroy (paragraph_t **paragraph);

/*  Lay it out anew. Returns the number of rows, 1 at least. What was asked of the paragraph before
    is not valid any more.                                                     */
size_t paragraph_lay (paragraph_t *paragraph, const paragraph_source_t *source,
                      const paragraph_place_t *place);

/*  Return row n, below the number of rows; valid until it is laid out anew.   */
paragraph_row_t paragraph_row (const paragraph_t *paragraph, size_t n);

/*  True where the text is longer than it is shown, so that opening it would show more. */
bool paragraph_folded (const paragraph_t *paragraph);

/*  Return the target of link n (1 is the first), fit for OSC 8 and for a browser's argument; NULL
    where there is no such link. Valid until it is laid out anew.              */
const char *paragraph_link (const paragraph_t *paragraph, size_t n);

#endif
