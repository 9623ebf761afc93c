/*  wrap.c - long texts on a screen of so many columns */
#include "wrap.h"
#include "width.h"
#include <stdbool.h>

enum {
    TAB_COLUMNS = 4,
    INDENT_SHARE = 3, /* an indent of more than this part of the width is cut  */
};

/*  Bytes of the next thing at text: an escape sequence of ours, or a cluster; and
    its columns.                                                               */
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

/*  Columns of a line with escape sequences of ours.                           */
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

/*  Where a text is laid out in lines.                                         */
typedef struct {
    buffer_t *buffer;
    int columns; /* of a line                                                  */
    int indent;  /* of every line but the first                                */
    int column;  /* where the next thing goes                                  */
} layout_t;

static void new_line (layout_t *layout)
{
    buffer_format (layout->buffer, "\n%*s", layout->indent, "");
    layout->column = layout->indent;
}

/*  A word, cut where it does not fit a line of its own.                       */
static void add_word (layout_t *layout, const char *word, size_t size)
{
    for (size_t at = 0; at < size;) {
        int wide;
        size_t used = next_piece (word + at, size - at, &wide);
        if (layout->column + wide > layout->columns && layout->column > layout->indent)
            new_line (layout);
        buffer_add (layout->buffer, word + at, used);
        layout->column += wide;
        at += used;
    }
}

/*  Lay text out. Words are kept whole where they fit a line; the blanks where a line is
    broken go.                                                                 */
static void lay_out (layout_t *layout, const char *text, size_t size)
{
    int blanks = 0;
    for (size_t at = 0; at < size;) {
        if (text[at] == '\n') {
            new_line (layout);
            blanks = 0;
            at++;
            continue;
        }
        if (text[at] == ' ' || text[at] == '\t') {
            /*  More blanks than a line holds are as good as a line of them.   */
            if (blanks <= layout->columns)
                blanks += text[at] == ' ' ? 1 : TAB_COLUMNS;
            at++;
            continue;
        }
        size_t end = at;
        while (end < size && text[end] != ' ' && text[end] != '\t' && text[end] != '\n')
            end++;
        int wide = columns_of (text + at, end - at);
        int left = layout->columns - layout->column - blanks;
        bool breakable = layout->column > layout->indent || blanks > 0;
        if (wide > left && breakable && (left <= 0 || wide <= layout->columns - layout->indent))
            new_line (layout);
        else {
            buffer_format (layout->buffer, "%*s", blanks, "");
            layout->column += blanks;
        }
        blanks = 0;
        add_word (layout, text + at, end - at);
        at = end;
    }
}

void wrap_add (buffer_t *buffer, const char *text, size_t size, int columns)
{
    int start = columns_of (buffer->data ? buffer->data : "", buffer->size);
    int indent = start < columns / INDENT_SHARE ? start : columns / INDENT_SHARE;
    layout_t layout = {buffer, columns, indent, start};
    lay_out (&layout, text, size);
}
