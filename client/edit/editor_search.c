/*  editor_search.c - C-r: older lines that hold a text                        */
#include "editor_private.h"
#include "i18n.h"
#include "memory.h"
#include "text.h"
#include "width.h"
#include <utf8proc.h>

bool editor_searching (const editor_t *editor, const char **wanted, bool *lost)
{
    if (wanted)
        *wanted = editor->wanted.data ? editor->wanted.data : "";
    if (lost)
        *lost = editor->lost;
    return editor->searching;
}

const char *editor_search_prompt (editor_t *editor)
{
    if (!editor->searching)
        return NULL;
    char *shown =
        text_display (frame_of (editor->wanted.data, editor->wanted.size), TEXT_LINE, NULL);
    buffer_clear (&editor->asking);
    buffer_format (&editor->asking, editor->lost ? _ ("no older line: %s> ") : _ ("search: %s> "),
                   shown);
    free (shown);
    return editor->asking.data;
}

/*  Find the wanted text in a line, in any case of letters. Returns where it ends, 0: it is not
    there.                                                                     */
static size_t find (const editor_t *self, const char *line)
{
    size_t size = strlen (line);
    for (size_t from = 0; from < size;) {
        size_t at = from, done = 0;
        int left = 0, right = 0;
        while (done < self->wanted.size && at < size) {
            at += width_decode (line + at, size - at, &left);
            done += width_decode (self->wanted.data + done, self->wanted.size - done, &right);
            if (left != right && utf8proc_tolower (left) != utf8proc_tolower (right)) {
                done = 0;
                break;
            }
        }
        if (done == self->wanted.size)
            return at;
        from += width_decode (line + from, size - from, &left);
    }
    return 0;
}

/*  Show the newest line below `limit` that holds the wanted text, other than the one shown. */
static editor_result_t show (editor_t *self, size_t limit)
{
    self->lost = false;
    if (self->wanted.size == 0)
        return EDITOR_CHANGED;
    for (size_t i = limit; i-- > 0;) {
        size_t end = find (self, self->lines[i]);
        bool same = i < self->line && self->line < self->n_lines &&
                    strcmp (self->lines[i], self->text.data) == 0;
        if (end == 0 || same)
            continue;
        editor_set (self, self->lines[i], strlen (self->lines[i]));
        /*  The cursor stands behind what was found, between two clusters.     */
        while (self->cursor > end)
            self->cursor = width_cluster_before (self->text.data, self->text.size, self->cursor);
        self->line = i;
        return EDITOR_CHANGED;
    }
    self->lost = true;
    return EDITOR_BELL;
}

void editor_search_begin (editor_t *editor)
{
    editor->searching = true;
    editor->lost = false;
    buffer_clear (&editor->wanted);
    buffer_clear (&editor->before);
    buffer_add (&editor->before, editor->text.data, editor->text.size);
    editor->before_cursor = editor->cursor;
    editor->before_pasted = editor->pasted;
    editor->before_line = editor->line;
    if (editor->line == editor->n_lines) { /* down brings it back              */
        buffer_clear (&editor->own);
        buffer_add (&editor->own, editor->text.data, editor->text.size);
    }
}

static void abort_search (editor_t *self)
{
    self->searching = false;
    editor_set (self, self->before.data, self->before.size);
    self->cursor = self->before_cursor;
    self->pasted = self->before_pasted;
    self->line = self->before_line;
}

/*  Take the last character of what is searched away, and search anew.         */
static editor_result_t shorten (editor_t *self)
{
    if (self->wanted.size == 0)
        return EDITOR_BELL;
    buffer_cut (&self->wanted,
                width_cluster_before (self->wanted.data, self->wanted.size, self->wanted.size));
    self->line = self->n_lines;
    return show (self, self->n_lines);
}

bool editor_search_key (editor_t *editor, const keyboard_stroke_t *key, editor_result_t *result)
{
    char letter = key->kind == KEYBOARD_CONTROL && !key->meta ? key->text[0] : '\0';
    *result = EDITOR_CHANGED;
    if (letter == 'r') {
        *result = show (editor, editor->line);
        return true;
    }
    if (letter == 'g' || letter == 'c' || key->kind == KEYBOARD_ESCAPE) {
        abort_search (editor);
        return true;
    }
    if (key->kind == KEYBOARD_BACKSPACE && !key->meta) {
        *result = shorten (editor);
        return true;
    }
    if (key->kind == KEYBOARD_TEXT && !key->meta && !key->pasted) {
        *result = EDITOR_BELL;
        if (editor->wanted.size + key->size > EDITOR_WANTED_MAX)
            return true;
        buffer_add (&editor->wanted, key->text, key->size);
        /*  The line that is shown may hold the longer text too.               */
        *result = show (editor, editor->line < editor->n_lines ? editor->line + 1 : editor->line);
        return true;
    }
    if (key->kind == KEYBOARD_POSITION)
        return false;
    editor->searching = false;
    /*  A line that was found may be another one than was meant: it is looked at before it is sent.
     */
    return key->kind == KEYBOARD_ENTER && !key->meta;
}
