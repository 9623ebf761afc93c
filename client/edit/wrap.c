/*  wrap.c - long texts in lines of so many columns                            */
#include "wrap.h"
#include "width.h"
#include <stdbool.h>
#include <utf8proc.h>

enum {
    TAB_COLUMNS = 4,
    INDENT_SHARE = 3, /* an indent of more than this part of the width is cut  */
};

/*  Take the next piece of text: an escape sequence of ours, or a cluster. Returns its bytes;
 *columns: how many it takes.                                               */
static size_t next_piece (const char *text, size_t size, int *columns)
{
    *columns = 0;
    if (*text == '\033') {
        size_t end = 1;
        while (end < size && text[end] != 'm')
            end++;
        return end < size ? end + 1 : end;
    }
    size_t used = width_cluster (text, size);
    *columns = width_columns (text, used);
    return used;
}

/*  Count the columns of a line that may hold escape sequences of ours.        */
static int columns_of (const char *text, size_t size)
{
    int total = 0;
    for (size_t at = 0; at < size;) {
        int columns;
        at += next_piece (text + at, size - at, &columns);
        total += columns;
    }
    return total;
}

/*  A text that is being laid out in lines.                                    */
typedef struct {
    buffer_t *buffer;
    int columns;  /* of a line                                                  */
    int indent;   /* of every line but the first                                */
    int column;   /* where the next piece goes                                  */
    bool wrapped; /* the terminal has broken the last word                     */
} layout_t;

static void new_line (layout_t *layout)
{
    buffer_format (layout->buffer, "\n%*s", layout->indent, "");
    layout->column = layout->indent;
    layout->wrapped = false;
}

size_t wrap_blank (const char *text, size_t size, int *columns)
{
    enum { BRAILLE_BLANK = 0x2800, NULL_NOTEHEAD = 0x1D159 };
    int codepoint;
    *columns = *text == '\t' ? TAB_COLUMNS : 1;
    if (*text == ' ' || *text == '\t')
        return 1;
    if ((unsigned char)*text < 0x80)
        return 0;
    size_t used = width_decode (text, size, &codepoint);
    *columns = width_columns (text, used);
    return utf8proc_category (codepoint) == UTF8PROC_CATEGORY_ZS || codepoint == BRAILLE_BLANK ||
                   codepoint == NULL_NOTEHEAD
               ? used
               : 0;
}

/*  Count the bytes of the word at text, which does not begin with a blank; *columns: how many it
    takes. Wide characters (Han, Kana, Hangul, pictures) are words by themselves, because lines
    may be broken anywhere between them.                                       */
static size_t word_size (const char *text, size_t size, int *columns)
{
    size_t end = 0;
    int ignored;
    *columns = 0;
    while (end < size && text[end] != '\n' && !wrap_blank (text + end, size - end, &ignored)) {
        int wide;
        size_t used = next_piece (text + end, size - end, &wide);
        if (wide > 1 && *columns > 0)
            break;
        end += used;
        *columns += wide;
        if (wide > 1)
            break;
    }
    return end;
}

/*  Add a word. One that is longer than a line is left to the terminal to break, so that an
    address can be clicked and copied: there are no blanks in it.              */
static void add_word (layout_t *layout, const char *word, size_t size, int wide)
{
    buffer_add (layout->buffer, word, size);
    layout->column += wide;
    if (layout->column > layout->columns) {
        layout->column = (layout->column - 1) % layout->columns + 1;
        layout->wrapped = true;
    }
}

/*  Lay the text out. Words are kept whole, and the blanks where a line is broken are dropped. */
static void lay_out (layout_t *layout, const char *text, size_t size)
{
    int blanks = 0, wide;
    for (size_t at = 0; at < size;) {
        if (text[at] == '\n') {
            new_line (layout);
            blanks = 0;
            at++;
            continue;
        }
        size_t used = wrap_blank (text + at, size - at, &wide);
        if (used > 0) {
            /*  More blanks than fit into a line are cut to a line of them.    */
            if (blanks <= layout->columns)
                blanks += wide;
            at += used;
            continue;
        }
        used = word_size (text + at, size - at, &wide);
        int left = layout->columns - layout->column - blanks;
        bool breakable = layout->column > layout->indent || blanks > 0;
        /*  The end of a word that the terminal broke stands in the first column: with more behind
            it, it could look like a time and a name.                          */
        if (layout->wrapped ||
            (wide > left && breakable && (left <= 0 || wide <= layout->columns - layout->indent)))
            new_line (layout);
        else {
            buffer_format (layout->buffer, "%*s", blanks, "");
            layout->column += blanks;
        }
        blanks = 0;
        add_word (layout, text + at, used, wide);
        at += used;
    }
}

void wrap_add (buffer_t *buffer, const char *text, size_t size, int columns)
{
    int start = columns_of (buffer->data ? buffer->data : "", buffer->size);
    int indent = start < columns / INDENT_SHARE ? start : columns / INDENT_SHARE;
    layout_t layout = {buffer, columns, indent, start, false};
    lay_out (&layout, text, size);
}
