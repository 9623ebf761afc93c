/*  editor.c - one input line: its text, its cursor, its history */
#include "editor.h"
#include "buffer.h"
#include "memory.h"
#include "width.h"
#include <utf8proc.h>
#include <zchat/client.h>

#define NEWLINE_MARK "\xe2\x86\xb5" /* U+21B5, one column */

struct editor {
    buffer_t text;   /* the line                                              */
    size_t cursor;   /* bytes left of it                                      */
    size_t scroll;   /* bytes scrolled out at the left                        */
    buffer_t killed; /* for C-y                                               */
    bool killing;    /* the last key killed: the next kill adds to it         */
    char **lines;    /* history, oldest first                                 */
    size_t n_lines;  /*                                                       */
    size_t line;     /* which one is shown; n_lines: none                     */
    size_t n_bytes;  /* bytes of all lines                                    */
    buffer_t own;    /* what was typed before the history was entered         */
    buffer_t shown;  /* the last render                                       */
};

/*  --- life ------------------------------------------------------------------ */

editor_t *editor_new (void)
{
    editor_t *self = memory_zero (sizeof *self);
    self->lines = memory_zero (EDITOR_HISTORY_MAX * sizeof *self->lines);
    buffer_string (&self->text, "");
    return self;
}

void editor_destroy (editor_t **editor)
{
    editor_t *self = *editor;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_lines; i++)
        free (self->lines[i]);
    free (self->lines);
    buffer_free (&self->text);
    buffer_free (&self->killed);
    buffer_free (&self->own);
    buffer_free (&self->shown);
    free (self);
    *editor = NULL;
}

const char *editor_text (const editor_t *editor, size_t *size)
{
    if (size)
        *size = editor->text.size;
    return editor->text.data;
}

size_t editor_cursor (const editor_t *editor)
{
    return editor->cursor;
}

void editor_set (editor_t *editor, const char *text, size_t size)
{
    if (size > EDITOR_TEXT_MAX) {
        size = EDITOR_TEXT_MAX;
        while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
            size--;
    }
    buffer_clear (&editor->text);
    buffer_add (&editor->text, text, size);
    editor->cursor = size;
    editor->scroll = 0;
}

void editor_clear (editor_t *editor)
{
    editor_set (editor, "", 0);
    editor->line = editor->n_lines;
    editor->killing = false;
}

void editor_remember (editor_t *editor, const char *text, size_t size)
{
    const char *last = editor->n_lines > 0 ? editor->lines[editor->n_lines - 1] : NULL;
    bool repeated = last && strlen (last) == size && memcmp (last, text, size) == 0;
    if (size > 0 && !repeated) {
        size_t drop = 0;
        size_t n_bytes = editor->n_bytes + size;
        while (drop < editor->n_lines && (editor->n_lines - drop >= EDITOR_HISTORY_MAX ||
                                          n_bytes > EDITOR_HISTORY_BYTES_MAX)) {
            n_bytes -= strlen (editor->lines[drop]);
            free (editor->lines[drop++]);
        }
        editor->n_lines -= drop;
        memmove (editor->lines, editor->lines + drop, editor->n_lines * sizeof *editor->lines);
        editor->lines[editor->n_lines++] = memory_string (text, size);
        editor->n_bytes = n_bytes;
    }
    editor->line = editor->n_lines;
}

/*  --- where ----------------------------------------------------------------- */

static size_t before (const editor_t *editor, size_t at)
{
    return width_cluster_before (editor->text.data, editor->text.size, at);
}

static size_t behind (const editor_t *editor, size_t at)
{
    return at + width_cluster (editor->text.data + at, editor->text.size - at);
}

/*  An edit may have made one cluster of what was two: never stand inside one. */
static void settle (editor_t *editor)
{
    if (editor->cursor == 0 || editor->cursor >= editor->text.size)
        return;
    size_t at = width_break_before (editor->text.data, editor->text.size, editor->cursor);
    while (at < editor->cursor)
        at = behind (editor, at);
    editor->cursor = at;
}

static bool blank (const editor_t *editor, size_t at)
{
    char byte = editor->text.data[at];
    return byte == ' ' || byte == '\n' || byte == '\t';
}

static bool wordly (const editor_t *editor, size_t at)
{
    int codepoint;
    (void)width_decode (editor->text.data + at, editor->text.size - at, &codepoint);
    utf8proc_category_t category = utf8proc_category (codepoint);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ||
           codepoint == '_';
}

/*  The end of the word at or behind the cursor.                               */
static size_t word_end (const editor_t *editor)
{
    size_t at = editor->cursor;
    while (at < editor->text.size && !wordly (editor, at))
        at = behind (editor, at);
    while (at < editor->text.size && wordly (editor, at))
        at = behind (editor, at);
    return at;
}

/*  The begin of the word left of the cursor; by_blanks: words are what stands
    between blanks. One walk from the left, as clusters cannot be read backwards. */
static size_t word_begin (const editor_t *editor, bool by_blanks)
{
    size_t begin = 0;
    bool within = false;
    for (size_t at = 0; at < editor->cursor; at = behind (editor, at)) {
        bool is_word = by_blanks ? !blank (editor, at) : wordly (editor, at);
        if (is_word && !within)
            begin = at;
        within = is_word;
    }
    return begin;
}

/*  --- edits ----------------------------------------------------------------- */

static editor_result_t move_to (editor_t *editor, size_t at)
{
    if (at == editor->cursor)
        return EDITOR_BELL;
    editor->cursor = at;
    return EDITOR_CHANGED;
}

static editor_result_t insert (editor_t *editor, const char *text, size_t size)
{
    if (editor->text.size + size > EDITOR_TEXT_MAX)
        return EDITOR_BELL;
    size_t tail = editor->text.size - editor->cursor;
    buffer_add (&editor->text, text, size); /* makes the room; the place is put right below */
    char *at = editor->text.data + editor->cursor;
    memmove (at + size, at, tail);
    memcpy (at, text, size);
    editor->cursor += size;
    settle (editor);
    return EDITOR_CHANGED;
}

static editor_result_t delete (editor_t *editor, size_t from, size_t to)
{
    if (from == to)
        return EDITOR_BELL;
    char *data = editor->text.data;
    memmove (data + from, data + to, editor->text.size - to + 1);
    editor->text.size -= to - from;
    editor->cursor = from;
    settle (editor);
    return EDITOR_CHANGED;
}

/*  Delete and keep for C-y; kills in a row are kept together.                 */
static editor_result_t kill_range (editor_t *editor, size_t from, size_t to, bool was_killing)
{
    if (from == to)
        return EDITOR_BELL;
    buffer_t kept = {NULL, 0, 0};
    bool backward = to == editor->cursor;
    if (was_killing && !backward)
        buffer_add (&kept, editor->killed.data, editor->killed.size);
    buffer_add (&kept, editor->text.data + from, to - from);
    if (was_killing && backward)
        buffer_add (&kept, editor->killed.data, editor->killed.size);
    if (kept.size > EDITOR_TEXT_MAX) {
        buffer_clear (&kept);
        buffer_add (&kept, editor->text.data + from, to - from);
    }
    buffer_free (&editor->killed);
    editor->killed = kept;
    editor->killing = true;
    return delete (editor, from, to);
}

/*  Swap the characters on both sides of the cursor; at the end the last two.  */
static editor_result_t swap (editor_t *editor)
{
    size_t middle = editor->cursor;
    if (middle == editor->text.size)
        middle = before (editor, middle);
    size_t from = before (editor, middle);
    size_t to = behind (editor, middle);
    if (from == middle || to == middle)
        return EDITOR_BELL;
    char *left = memory_string (editor->text.data + from, middle - from);
    size_t left_size = middle - from;
    char *data = editor->text.data;
    memmove (data + from, data + middle, to - middle);
    memcpy (data + to - left_size, left, left_size);
    free (left);
    editor->cursor = to;
    settle (editor);
    return EDITOR_CHANGED;
}

static editor_result_t show_line (editor_t *editor, size_t line)
{
    if (editor->line == editor->n_lines) {
        buffer_clear (&editor->own);
        buffer_add (&editor->own, editor->text.data, editor->text.size);
    }
    editor->line = line;
    if (line == editor->n_lines)
        editor_set (editor, editor->own.data, editor->own.size);
    else
        editor_set (editor, editor->lines[line], strlen (editor->lines[line]));
    return EDITOR_CHANGED;
}

static editor_result_t older (editor_t *editor)
{
    return editor->line > 0 ? show_line (editor, editor->line - 1) : EDITOR_BELL;
}

static editor_result_t newer (editor_t *editor)
{
    return editor->line < editor->n_lines ? show_line (editor, editor->line + 1) : EDITOR_BELL;
}

static editor_result_t interrupt (editor_t *editor)
{
    if (editor->text.size == 0)
        return EDITOR_INTERRUPT;
    editor_clear (editor);
    return EDITOR_CHANGED;
}

/*  --- keys ------------------------------------------------------------------ */

static editor_result_t control_key (editor_t *editor, char letter, bool was_killing)
{
    size_t cursor = editor->cursor;
    size_t end = editor->text.size;
    switch (letter) {
    case 'a':
        return move_to (editor, 0);
    case 'b':
        return move_to (editor, before (editor, cursor));
    case 'c':
        return interrupt (editor);
    case 'd':
        return end == 0 ? EDITOR_END : delete (editor, cursor, behind (editor, cursor));
    case 'e':
        return move_to (editor, end);
    case 'f':
        return move_to (editor, behind (editor, cursor));
    case 'k':
        return kill_range (editor, cursor, end, was_killing);
    case 'l':
        return EDITOR_CLEAR;
    case 'n':
        return newer (editor);
    case 'p':
        return older (editor);
    case 't':
        return swap (editor);
    case 'u':
        return kill_range (editor, 0, cursor, was_killing);
    case 'w':
        return kill_range (editor, word_begin (editor, true), cursor, was_killing);
    case 'y':
        return editor->killed.size > 0 ? insert (editor, editor->killed.data, editor->killed.size)
                                       : EDITOR_BELL;
    case 'z':
        return EDITOR_SUSPEND;
    default:
        return EDITOR_NOTHING;
    }
}

static editor_result_t meta_key (editor_t *editor, char letter, bool was_killing)
{
    switch (letter) {
    case 'b':
        return move_to (editor, word_begin (editor, false));
    case 'f':
        return move_to (editor, word_end (editor));
    case 'd':
        return kill_range (editor, editor->cursor, word_end (editor), was_killing);
    default:
        return EDITOR_NOTHING;
    }
}

editor_result_t editor_key (editor_t *editor, const keys_event_t *key)
{
    bool was_killing = editor->killing;
    bool by_word = key->meta || key->control;
    size_t cursor = editor->cursor;
    editor->killing = false;
    switch (key->kind) {
    case KEYS_TEXT:
        if (key->meta)
            return meta_key (editor, key->text[0], was_killing);
        return insert (editor, key->text, key->size);
    case KEYS_CONTROL:
        return key->meta ? EDITOR_NOTHING : control_key (editor, key->text[0], was_killing);
    case KEYS_ENTER:
        return key->meta ? insert (editor, "\n", 1) : EDITOR_ENTER;
    case KEYS_BACKSPACE:
        if (key->meta)
            return kill_range (editor, word_begin (editor, false), cursor, was_killing);
        return delete (editor, before (editor, cursor), cursor);
    case KEYS_DELETE:
        if (by_word)
            return kill_range (editor, cursor, word_end (editor), was_killing);
        return delete (editor, cursor, behind (editor, cursor));
    case KEYS_LEFT:
        return move_to (editor, by_word ? word_begin (editor, false) : before (editor, cursor));
    case KEYS_RIGHT:
        return move_to (editor, by_word ? word_end (editor) : behind (editor, cursor));
    case KEYS_HOME:
        return move_to (editor, 0);
    case KEYS_END:
        return move_to (editor, editor->text.size);
    case KEYS_UP:
        return older (editor);
    case KEYS_DOWN:
        return newer (editor);
    case KEYS_TAB:
    case KEYS_PAGE_UP:
    case KEYS_PAGE_DOWN:
    case KEYS_ESCAPE:
        break;
    }
    return EDITOR_NOTHING;
}

/*  --- what is shown --------------------------------------------------------- */

/*  A cluster as it is shown: itself where it is harmless, else made visible. The
    caller frees it.                                                           */
static char *cluster_shown (const char *text, size_t size)
{
    if (size == 1 && *text == '\n')
        return memory_string (NEWLINE_MARK, strlen (NEWLINE_MARK));
    if (size == 1 && *text >= ' ' && *text < 0x7f)
        return memory_string (text, 1);
    return zchat_text_display (text, size, false);
}

static int cluster_columns (const editor_t *editor, size_t at, size_t size)
{
    const char *text = editor->text.data + at;
    if (size == 1 && *text >= ' ' && *text < 0x7f)
        return 1;
    char *shown = cluster_shown (text, size);
    int columns = width_columns (shown, strlen (shown));
    free (shown);
    return columns;
}

/*  Move the scrolled-out part so that the cursor is in sight: it stays where it is
    while it can, and otherwise the cursor comes to stand at two thirds.       */
static void scroll (editor_t *editor, int columns)
{
    if (editor->scroll > editor->text.size)
        editor->scroll = 0;
    int total = 0;
    int to_scroll = 0; /* columns before what is scrolled out                  */
    int to_cursor = 0;
    for (size_t at = 0; at < editor->text.size;) {
        size_t size = width_cluster (editor->text.data + at, editor->text.size - at);
        int wide = cluster_columns (editor, at, size);
        if (at < editor->scroll) {
            to_scroll += wide;
            if (at + size > editor->scroll) /* edits have moved the clusters */
                editor->scroll = at + size;
        }
        if (at < editor->cursor)
            to_cursor += wide;
        total += wide;
        at += size;
    }
    /*  One column for the cursor behind the text, one for each mark.          */
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
        char *shown = cluster_shown (editor->text.data + at, size);
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
