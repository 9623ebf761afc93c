/*  editor.c - one input line: its text, its cursor, its history */
#include "editor_private.h"
#include "memory.h"
#include "width.h"
#include <utf8proc.h>

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
    buffer_free (&self->kept);
    buffer_free (&self->wanted);
    buffer_free (&self->asking);
    buffer_free (&self->before);
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

bool editor_pasted (const editor_t *editor)
{
    return editor->pasted > 0;
}

bool editor_recalls (const editor_t *editor)
{
    return editor->line < editor->n_lines;
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
    editor->pasted = 0;
}

void editor_replace (editor_t *editor, size_t from, size_t to, const char *text, size_t size)
{
    if (from > to || to > editor->text.size ||
        editor->text.size - (to - from) + size > EDITOR_TEXT_MAX)
        return;
    buffer_t line = {NULL, 0, 0};
    buffer_add (&line, editor->text.data, from);
    buffer_add (&line, text, size);
    buffer_string (&line, editor->text.data + to);
    buffer_clear (&editor->text);
    buffer_add (&editor->text, line.data, line.size);
    buffer_free (&line);
    editor->cursor = from + size;
    editor->pasted = from < editor->pasted ? from : editor->pasted;
}

void editor_clear (editor_t *editor)
{
    editor_set (editor, "", 0);
    editor->line = editor->n_lines;
    editor->killing = editor->searching = false;
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

/*  --- places in the text ---------------------------------------------------- */

static size_t before (const editor_t *editor, size_t at)
{
    return width_cluster_before (editor->text.data, editor->text.size, at);
}

static size_t behind (const editor_t *editor, size_t at)
{
    return at + width_cluster (editor->text.data + at, editor->text.size - at);
}

/*  Put the cursor between clusters. An edit may have made one cluster of two, and the cursor
    must never stand inside of one.                                            */
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

/*  Find the end of the word at or behind the cursor.                          */
static size_t word_end (const editor_t *editor)
{
    size_t at = editor->cursor;
    while (at < editor->text.size && !wordly (editor, at))
        at = behind (editor, at);
    while (at < editor->text.size && wordly (editor, at))
        at = behind (editor, at);
    return at;
}

/*  Find the begin of the word left of the cursor. by_blanks: a word is what stands between
    blanks. It walks from the left, because clusters cannot be read backwards. */
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
    /*  Typing within the pasted text ends the part that counts as pasted there. */
    if (editor->cursor <= editor->pasted)
        editor->pasted = editor->cursor + (editor->pasting ? size : 0);
    size_t tail = editor->text.size - editor->cursor;
    buffer_add (
        &editor->text, text,
        size); /* this makes the buffer large enough; the text is put into its place below */
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
    if (from < editor->pasted)
        editor->pasted -= (to < editor->pasted ? to : editor->pasted) - from;
    editor->cursor = from;
    settle (editor);
    return EDITOR_CHANGED;
}

/*  Delete and keep the text for C-y. What is killed in a row is kept together. */
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

/*  Swap the characters on both sides of the cursor, or the last two where it stands at the end. */
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

/*  --- pastes ---------------------------------------------------------------- */

static editor_result_t paste_begin (editor_t *editor)
{
    editor->pasting = true;
    editor->too_long = false;
    buffer_clear (&editor->kept);
    buffer_add (&editor->kept, editor->text.data, editor->text.size);
    editor->kept_at = editor->cursor;
    editor->kept_pasted = editor->pasted;
    return EDITOR_NOTHING;
}

/*  Take a piece of a paste. Of a paste that does not fit nothing is taken, because a part of it
    would be sent as if it were all. The line is shown only when the paste is whole, because a
    long one comes in hundreds of pieces.                                      */
static editor_result_t paste_text (editor_t *editor, const keyboard_stroke_t *key)
{
    if (editor->too_long)
        return EDITOR_NOTHING;
    if (insert (editor, key->text, key->size) == EDITOR_CHANGED)
        return editor->pasting ? EDITOR_NOTHING : EDITOR_CHANGED;
    if (!editor->pasting)
        return EDITOR_BELL;
    editor_set (editor, editor->kept.data ? editor->kept.data : "", editor->kept.size);
    editor->cursor = editor->kept_at;
    editor->pasted = editor->kept_pasted;
    editor->too_long = true;
    return EDITOR_NOTHING;
}

static editor_result_t paste_end (editor_t *editor)
{
    bool too_long = editor->too_long;
    editor->pasting = editor->too_long = false;
    buffer_free (&editor->kept);
    return too_long ? EDITOR_TOO_LONG : EDITOR_CHANGED;
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
    case 'r':
        editor_search_begin (editor);
        return EDITOR_CHANGED;
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

editor_result_t editor_key (editor_t *editor, const keyboard_stroke_t *key)
{
    bool was_killing = editor->killing;
    bool by_word = key->meta || key->control;
    size_t cursor = editor->cursor, beside;
    editor_result_t result;
    editor->killing = false;
    if (editor->searching && editor_search_key (editor, key, &result))
        return result;
    switch (key->kind) {
    case KEYBOARD_TEXT:
        if (key->meta)
            return meta_key (editor, key->text[0], was_killing);
        if (key->pasted)
            return paste_text (editor, key);
        return insert (editor, key->text, key->size);
    case KEYBOARD_CONTROL:
        return key->meta ? EDITOR_NOTHING : control_key (editor, key->text[0], was_killing);
    case KEYBOARD_ENTER:
        return key->meta ? insert (editor, "\n", 1) : EDITOR_ENTER;
    case KEYBOARD_BACKSPACE:
        if (key->meta)
            return kill_range (editor, word_begin (editor, false), cursor, was_killing);
        return delete (editor, before (editor, cursor), cursor);
    case KEYBOARD_DELETE:
        if (by_word)
            return kill_range (editor, cursor, word_end (editor), was_killing);
        return delete (editor, cursor, behind (editor, cursor));
    case KEYBOARD_LEFT:
        return move_to (editor, by_word ? word_begin (editor, false) : before (editor, cursor));
    case KEYBOARD_RIGHT:
        return move_to (editor, by_word ? word_end (editor) : behind (editor, cursor));
    case KEYBOARD_HOME:
        return move_to (editor, 0);
    case KEYBOARD_END:
        return move_to (editor, editor->text.size);
    case KEYBOARD_UP:
        return editor_line_beside (editor, true, &beside) ? move_to (editor, beside)
                                                          : older (editor);
    case KEYBOARD_DOWN:
        return editor_line_beside (editor, false, &beside) ? move_to (editor, beside)
                                                           : newer (editor);
    case KEYBOARD_PASTE_BEGIN:
        return paste_begin (editor);
    case KEYBOARD_PASTE_END:
        return paste_end (editor);
    case KEYBOARD_TAB:
    case KEYBOARD_PAGE_UP:
    case KEYBOARD_PAGE_DOWN:
    case KEYBOARD_POSITION:
    case KEYBOARD_FOCUS_IN:
    case KEYBOARD_FOCUS_OUT:
    case KEYBOARD_ESCAPE:
        break;
    }
    return EDITOR_NOTHING;
}
