/*  editor_view.c - the input line as it is shown */
#include "editor_private.h"
#include "memory.h"
#include "text.h"
#include "width.h"

#define NEWLINE_MARK "\xe2\x86\xb5" /* U+21B5, one column */

char *editor_cluster_shown (const char *text, size_t size)
{
    if (size == 1 && *text == '\n')
        return memory_string (NEWLINE_MARK, strlen (NEWLINE_MARK));
    if (size == 1 && *text >= ' ' && *text < 0x7f)
        return memory_string (text, 1);
    return text_display (frame_of (text, size), TEXT_LINE, NULL);
}

static int cluster_columns (const editor_t *editor, size_t at, size_t size)
{
    const char *text = editor->text.data + at;
    if (size == 1 && *text >= ' ' && *text < 0x7f)
        return 1;
    char *shown = editor_cluster_shown (text, size);
    int columns = width_columns (shown, strlen (shown));
    free (shown);
    return columns;
}

/*  Scroll so that the cursor is in sight. The scrolled part stays as it is while it can;
    otherwise the cursor comes to stand at two thirds of the columns.          */
static void scroll (editor_t *editor, int columns)
{
    if (editor->scroll > editor->text.size)
        editor->scroll = 0;
    int total = 0;
    int to_scroll = 0; /* columns of what is scrolled out                      */
    int to_cursor = 0;
    for (size_t at = 0; at < editor->text.size;) {
        size_t size = width_cluster (editor->text.data + at, editor->text.size - at);
        int wide = cluster_columns (editor, at, size);
        if (at < editor->scroll) {
            to_scroll += wide;
            if (at + size > editor->scroll) /* edits have moved the borders of clusters */
                editor->scroll = at + size;
        }
        if (at < editor->cursor)
            to_cursor += wide;
        total += wide;
        at += size;
    }
    /*  One column is for the cursor behind the text, and one for each mark.   */
    if (total < columns) {
        editor->scroll = 0;
        return;
    }
    if (editor->cursor > editor->scroll && to_cursor - to_scroll < columns - 2)
        return;
    if (editor->cursor == 0) {
        editor->scroll = 0;
        return;
    }
    int skip = to_cursor - columns * 2 / 3;
    size_t at = 0;
    for (int done = 0; at < editor->cursor && done < skip;) {
        size_t size = width_cluster (editor->text.data + at, editor->text.size - at);
        done += cluster_columns (editor, at, size);
        at += size;
    }
    editor->scroll = at;
}

void editor_render (editor_t *editor, int columns, editor_view_t *view)
{
    if (columns < 2)
        columns = 2;
    /*  The window has another width now: what was scrolled out may fit into it. */
    if (columns != editor->columns)
        editor->scroll = 0;
    editor->columns = columns;
    scroll (editor, columns);
    buffer_clear (&editor->shown);
    *view = (editor_view_t){NULL, 0, 0, 0};
    buffer_string (&editor->shown, editor->scroll > 0 ? "<" : "");
    int width = editor->scroll > 0 ? 1 : 0;
    size_t at = editor->scroll;
    while (at < editor->text.size) {
        if (at == editor->cursor) {
            view->cursor = editor->shown.size;
            view->column = width;
        }
        size_t size = width_cluster (editor->text.data + at, editor->text.size - at);
        char *shown = editor_cluster_shown (editor->text.data + at, size);
        int wide = width_columns (shown, strlen (shown));
        if (width + wide > columns - 1) {
            free (shown);
            buffer_string (&editor->shown, ">");
            width++;
            break;
        }
        buffer_string (&editor->shown, shown);
        free (shown);
        width += wide;
        at += size;
    }
    if (editor->cursor >= at && view->cursor == 0 && at == editor->text.size) {
        view->cursor = editor->shown.size;
        view->column = width;
    }
    view->text = editor->shown.data;
    view->width = width;
}
