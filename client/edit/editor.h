/*  editor.h - one input line: its text, its cursor, its history

    Pure: keys go in, edits and a rendered line come out; it knows no terminal and no clock. It
    edits grapheme clusters, which a person sees as one character. The text may hold newlines (of a
    paste, or of Alt-Enter); they are shown as a mark.

        C-a C-e C-b C-f Home End arrows    move
        M-b M-f C-arrows                   move by words
        C-h C-d Backspace Delete           delete a character
        C-w M-d M-Backspace C-k C-u        kill a word, or to the end or the begin
        C-y                                bring back what was killed
        C-t                                swap two characters
        C-p C-n                            go through the history
        up down                            go to the line above or below, or through the history
        M-Enter                            begin another line
        C-r                                search the history; again: an older line; Enter takes it
        C-c                                clear the line; leave where it is empty
*/
#ifndef ZCHAT_EDIT_EDITOR_H
#define ZCHAT_EDIT_EDITOR_H

#include "keyboard.h"
#include <zchat/limits.h>

enum {
    EDITOR_TEXT_MAX = ZCHAT_LINE_MAX,  /* bytes of the line                    */
    EDITOR_HISTORY_MAX = 500,          /* lines remembered                     */
    EDITOR_HISTORY_BYTES_MAX = 1 << 20 /* bytes of all remembered lines */
};

typedef struct editor editor_t;

typedef enum {
    EDITOR_NOTHING,   /* nothing has to be shown anew                          */
    EDITOR_CHANGED,   /* the line has to be shown anew                         */
    EDITOR_ENTER,     /* the line is finished: take it, then call editor_clear */
    EDITOR_INTERRUPT, /* C-c was typed, and there was nothing to clear         */
    EDITOR_END,       /* C-d was typed, and there was nothing to delete        */
    EDITOR_CLEAR,     /* C-l was typed: the screen is to be cleaned            */
    EDITOR_SUSPEND,   /* C-z was typed                                         */
    EDITOR_BELL,      /* the key can do nothing here, or the line is full      */
    EDITOR_TOO_LONG,  /* a paste that does not fit was left out whole          */
} editor_result_t;

editor_t *editor_new (void);
void editor_destroy (editor_t **editor);

/*  Do what the key asks for.                                                  */
editor_result_t editor_key (editor_t *editor, const keyboard_stroke_t *key);

/*  Return the text, ended by NUL; valid until the next call that changes it.  */
const char *editor_text (const editor_t *editor, size_t *size);

/*  True while a line of the history is shown.                                 */
bool editor_recalls (const editor_t *editor);

/*  True while C-r searches the history. *wanted is what is searched, ended by NUL and as it was
    typed; *lost: no further line holds it. The text is the line that was found. What ends a search
    takes that line and sends nothing; C-g, C-c and Esc bring back what was there before.
    Both may be NULL.                                                          */
bool editor_searching (const editor_t *editor, const char **wanted, bool *lost);

/*  Return the prompt of a search, "search: WANTED> ", fit for a terminal; NULL where none is under
    way. Valid until the next call.                                            */
const char *editor_search_prompt (editor_t *editor);

/*  Count the bytes of the text left of the cursor.                            */
size_t editor_cursor (const editor_t *editor);

/*  True where the line begins with pasted text. What looks like a command there is text. */
bool editor_pasted (const editor_t *editor);

/*  Replace the text, and put the cursor behind it. A text over EDITOR_TEXT_MAX is cut. */
void editor_set (editor_t *editor, const char *text, size_t size);

/*  Replace the bytes from `from` to `to` by a text, and put the cursor behind it. Where the line
    would become too long, nothing is replaced.                                 */
void editor_replace (editor_t *editor, size_t from, size_t to, const char *text, size_t size);

/*  Empty the line, and go to the end of the history.                          */
void editor_clear (editor_t *editor);

/*  Add a line to the history, unless it is empty or the same as the last one. */
void editor_remember (editor_t *editor, const char *text, size_t size);

/*  The line as it is to be shown, fit for a terminal; valid until the next render. */
typedef struct {
    const char *text; /* ended by NUL                                          */
    size_t cursor;    /* bytes of text left of the cursor                      */
    int column;       /* columns of text left of the cursor, below `columns`   */
    int width;        /* columns of the whole text, at most `columns`          */
} editor_view_t;

/*  Render the line into so many columns (2 at least; one is for the cursor). A line that is
    longer scrolls; "<" and ">" mark where it goes on.                         */
void editor_render (editor_t *editor, int columns, editor_view_t *view);

enum { EDITOR_ROWS_MAX = 16, EDITOR_WANTED_MAX = 256 /* bytes that C-r searches */ };

/*  The text in several rows, fit for a terminal; valid until the next render. */
typedef struct {
    size_t n;     /* rows in sight                                             */
    size_t above; /* rows out of sight above them                              */
    size_t below; /* and below                                                 */
    size_t row;   /* in which the cursor is, below n                           */
    int column;   /* and its column, below `columns`                           */
    struct {
        const char *text; /* ended by NUL                                      */
        int width;        /* columns, at most `columns`                        */
    } rows[EDITOR_ROWS_MAX];
} editor_rows_t;

/*  Render the text into rows of so many columns (2 at least), of which `most` (1 to
    EDITOR_ROWS_MAX) are in sight, among them the cursor's. A newline of the text begins a row, and
    so does what does not fit.                                                 */
void editor_render_rows (editor_t *editor, int columns, size_t most, editor_rows_t *rows);

#endif
