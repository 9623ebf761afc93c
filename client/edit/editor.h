/*  editor.h - one input line: its text, its cursor, its history

    Pure: keys in, edits and a rendered line out; no terminal, no clock. It edits
    grapheme clusters, what a person sees as one character. The text may hold
    newlines (of a paste, or Alt-Enter); they are shown as a mark.

        C-a C-e C-b C-f Home End arrows    move
        M-b M-f C-arrows                   by words
        C-h C-d Backspace Delete           a character
        C-w M-d M-Backspace C-k C-u        a word, to the end, to the begin: kept
        C-y                                for this to bring them back
        C-t                                swap two characters
        C-p C-n up down                    history
        C-c                                clear, or leave where there is nothing
*/
#ifndef ZCHAT_EDIT_EDITOR_H
#define ZCHAT_EDIT_EDITOR_H

#include "keyboard.h"
#include <zchat/limits.h>

enum {
    EDITOR_TEXT_MAX = ZCHAT_LINE_MAX,  /* bytes of the line                    */
    EDITOR_HISTORY_MAX = 500,          /* lines remembered                     */
    EDITOR_HISTORY_BYTES_MAX = 1 << 20 /* and their bytes                      */
};

typedef struct editor editor_t;

typedef enum {
    EDITOR_NOTHING,   /* nothing to be shown anew                              */
    EDITOR_CHANGED,   /* show the line anew                                    */
    EDITOR_ENTER,     /* the line is done: take it, then editor_clear          */
    EDITOR_INTERRUPT, /* C-c and nothing to clear                              */
    EDITOR_END,       /* C-d and nothing to delete                             */
    EDITOR_CLEAR,     /* C-l: the screen is wanted clean                       */
    EDITOR_SUSPEND,   /* C-z                                                   */
    EDITOR_BELL,      /* the key can do nothing here, or the line is full      */
    EDITOR_TOO_LONG,  /* a paste that there is no room for was left out whole  */
} editor_result_t;

editor_t *editor_new (void);
void editor_destroy (editor_t **editor);

/*  Do what the key asks for.                                                  */
editor_result_t editor_key (editor_t *editor, const keyboard_stroke_t *key);

/*  The text, ended by NUL; valid until the next call that changes it.         */
const char *editor_text (const editor_t *editor, size_t *size);

/*  Bytes of the text left of the cursor.                                      */
size_t editor_cursor (const editor_t *editor);

/*  True where the line begins with text of a paste: what looks like a command there is none. */
bool editor_pasted (const editor_t *editor);

/*  Put a text in place of the present one, cursor behind it. Cut at
    EDITOR_TEXT_MAX.                                                           */
void editor_set (editor_t *editor, const char *text, size_t size);

/*  Empty the line and leave the history at its end.                           */
void editor_clear (editor_t *editor);

/*  Add a line to the history, unless it is empty or the same as the last one. */
void editor_remember (editor_t *editor, const char *text, size_t size);

/*  What is to be shown, fit for a terminal; valid until the next render.      */
typedef struct {
    const char *text; /* ended by NUL                                          */
    size_t cursor;    /* bytes of text left of the cursor                      */
    int column;       /* columns of text left of the cursor, below `columns`   */
    int width;        /* columns of the whole, at most `columns`               */
} editor_view_t;

/*  Render into so many columns (2 at least; the cursor's own included). A line that is
    longer scrolls; "<" and ">" mark where it goes on.                         */
void editor_render (editor_t *editor, int columns, editor_view_t *view);

#endif
