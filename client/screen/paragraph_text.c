/*  paragraph_text.c - a text in rows, broken at words                          */
#include "highlight.h"
#include "paragraph_private.h"
#include "width.h"
#include "wrap.h"
#include <string.h>

#define MORE_MARK "\xe2\x80\xa6" /* U+2026, one column */

/*  A text that is being laid out.                                             */
typedef struct {
    const paragraph_text_t *text;
    rows_t *rows;
    size_t link;      /* index of the link that ends behind `at`               */
    size_t mention;   /* where the next mention begins                         */
    size_t mentioned; /* and ends                                              */
    bool wrapped;     /* the row begins with the rest of a word, left of indent */
} layout_t;

static const rows_look_t margin_look = {STYLE_DIM, 0, 0};

static void margin (layout_t *layout)
{
    const char *text = layout->text->margin;
    if (*text)
        rows_put (layout->rows, text, strlen (text), width_columns (text, strlen (text)),
                  &margin_look);
}

static void new_row (layout_t *layout)
{
    const char *before = layout->text->margin;
    int columns = layout->text->indent - width_columns (before, strlen (before));
    rows_next (layout->rows, columns, false);
    margin (layout);
    layout->wrapped = false;
}

/*  Find what the character at a place is. Places are asked for from left to right. */
static rows_look_t look_at (layout_t *layout, size_t at)
{
    const paragraph_text_t *text = layout->text;
    rows_look_t look = {text->style, 0, 0};
    while (layout->link < text->n_links &&
           text->links[layout->link].at + text->links[layout->link].size <= at)
        layout->link++;
    if (layout->link < text->n_links && text->links[layout->link].at <= at) {
        look.style = STYLE_LINK;
        look.link = layout->link + 1;
    }
    if (layout->mentioned <= at && layout->mention != (size_t)-1) {
        size_t matched;
        if (highlight_find (text->text, text->size, at, text->mentions, text->n_mentions,
                            &layout->mention, &matched))
            layout->mentioned = layout->mention + matched;
        else
            layout->mention = (size_t)-1;
    }
    if (layout->mention <= at && at < layout->mentioned && look.link == 0)
        look.style = STYLE_MENTION;
    return look;
}

/*  Count the bytes of the word at a place that holds no blank; *columns: how many it takes. A wide
    character (Han, Kana, Hangul, a picture) is a word by itself, because lines may be broken
    anywhere between them, but not within a link.                              */
static size_t word_size (const layout_t *layout, size_t from, int *columns)
{
    const paragraph_text_t *text = layout->text;
    size_t at = from, link = layout->link;
    int ignored;
    *columns = 0;
    while (at < text->size && text->text[at] != '\n' &&
           !wrap_blank (text->text + at, text->size - at, &ignored)) {
        while (link < text->n_links && text->links[link].at + text->links[link].size <= at)
            link++;
        bool linked = link < text->n_links && text->links[link].at <= at;
        size_t used = width_cluster (text->text + at, text->size - at);
        int wide = width_columns (text->text + at, used);
        if (wide > 1 && !linked && at > from)
            break;
        at += used;
        *columns += wide;
        if (wide > 1 && !linked)
            break;
    }
    return at - from;
}

/*  Put a word down, character by character. Where the row is full it goes on where the terminal
    itself would go on.                                                        */
static void put_word (layout_t *layout, size_t at, size_t size)
{
    const paragraph_text_t *text = layout->text;
    rows_t *rows = layout->rows;
    for (size_t end = at + size; at < end;) {
        size_t used = width_cluster (text->text + at, end - at);
        int wide = width_columns (text->text + at, used);
        const char *piece = text->text + at;
        size_t piece_size = used;
        rows_look_t look = look_at (layout, at);
        at += used;
        if (wide > text->columns) { /* a wide character in a pane of one column */
            piece = "?";
            piece_size = 1;
            wide = 1;
        }
        if (rows->column + wide > text->columns) {
            rows_next (rows, -text->left, true);
            layout->wrapped = true;
        }
        /*  A mark alone at the begin of a row would stand on what is left of it. */
        if (wide > 0 || !rows_empty (rows))
            rows_put (rows, piece, piece_size, wide, &look);
    }
}

/*  Put down the blanks that end before a place.                               */
static void put_blanks (layout_t *layout, int blanks, size_t at)
{
    if (blanks == 0)
        return;
    rows_look_t look = look_at (layout, at - 1);
    for (; blanks > 0; blanks--)
        rows_put (layout->rows, " ", 1, 1, &look);
}

/*  Put the next word down, with the blanks before it, in this row or in the next one. */
static void add_word (layout_t *layout, size_t at, size_t size, int wide, int blanks)
{
    const paragraph_text_t *text = layout->text;
    int column = layout->rows->column;
    int left = text->columns - column - blanks;
    /*  Behind a word that the terminal has wrapped nothing else follows in its row, or it could
        look like a message's begin: "09:15" at the left, and a name.          */
    bool breaks = layout->wrapped;
    if (wide > left && (column > text->indent || blanks > 0))
        breaks = breaks || left <= 0 || wide <= text->columns - text->indent;
    if (breaks)
        new_row (layout);
    else
        put_blanks (layout, blanks, at);
    put_word (layout, at, size);
}

/*  Count the columns up to the next stop of a tab, from the begin of the text. */
static int tab_columns (const layout_t *layout, int blanks, int stop)
{
    int column = layout->rows->column + blanks - layout->text->indent;
    return column < 0 ? stop : stop - column % stop;
}

size_t paragraph_text (rows_t *rows, const paragraph_text_t *text)
{
    layout_t layout = {.text = text, .rows = rows};
    size_t lines = 1;
    int blanks = 0, wide;
    for (size_t at = 0; at < text->size;) {
        if (text->text[at] == '\n') {
            new_row (&layout);
            lines++;
            blanks = 0;
            at++;
            continue;
        }
        size_t used = wrap_blank (text->text + at, text->size - at, &wide);
        if (used > 0) {
            /*  More blanks than fit into a row are as good as a row of them.  */
            if (blanks <= text->columns)
                blanks += text->text[at] == '\t' ? tab_columns (&layout, blanks, wide) : wide;
            at += used;
            continue;
        }
        used = word_size (&layout, at, &wide);
        add_word (&layout, at, used, wide, blanks);
        blanks = 0;
        at += used;
    }
    return lines;
}

int paragraph_cut (rows_t *rows, const char *text, size_t size, int columns,
                   const rows_look_t *look)
{
    int all = width_columns (text, size), taken = 0;
    bool cut = all > columns;
    for (size_t at = 0; at < size;) {
        size_t used = width_cluster (text + at, size - at);
        int wide = width_columns (text + at, used);
        if (taken + wide > columns - (cut ? 1 : 0))
            break;
        if (wide > 0 || taken > 0)
            rows_put (rows, text + at, used, wide, look);
        taken += wide;
        at += used;
    }
    if (!cut || columns < 1)
        return taken;
    rows_put (rows, MORE_MARK, strlen (MORE_MARK), 1, look);
    return taken + 1;
}
