/*  editor_private.h - what the files of the editor share                      */
#ifndef ZCHAT_EDIT_EDITOR_PRIVATE_H
#define ZCHAT_EDIT_EDITOR_PRIVATE_H

#include "buffer.h"
#include "editor.h"

struct editor {
    buffer_t text;   /* of the line                                            */
    size_t cursor;   /* bytes left of the cursor                               */
    size_t scroll;   /* bytes scrolled out at the left                         */
    buffer_t killed; /* what C-y brings back                                   */
    bool killing;    /* the last key killed something, so the next kill adds to it */
    char **lines;    /* history, oldest first                                  */
    size_t n_lines;
    size_t line;    /* index of the line of the history that is shown; n_lines: none is */
    size_t n_bytes; /* of all lines in the history                             */
    buffer_t own;   /* what was typed before the history was looked at         */
    size_t pasted;  /* bytes at the begin of the line that were pasted         */
    bool pasting;   /* the begin of a paste has come, and its end has not      */
    bool too_long;  /* the paste does not fit, and all of it is left out       */
    buffer_t kept;  /* the line as it was before the paste                     */
    size_t kept_at; /* where the cursor was before the paste                   */
    size_t kept_pasted;
    bool searching;       /* C-r was typed, and the search has not ended              */
    buffer_t wanted;      /* what is searched; kept for the next search        */
    bool lost;            /* no further line holds it                          */
    buffer_t asking;      /* the prompt of the search                           */
    buffer_t before;      /* the text before the search                        */
    size_t before_cursor; /* and its cursor                                    */
    size_t before_pasted;
    size_t before_line;
    size_t top;     /* rows scrolled out above, of editor_render_rows          */
    int columns;    /* of the last render                                      */
    buffer_t shown; /* the last render                                         */
};

/*  Make of a cluster what is shown of it: itself where it is harmless, otherwise something
    visible. The caller frees it.                                              */
char *editor_cluster_shown (const char *text, size_t size);

/*  Begin to search the history, and take a key while searching. True: the key is done, and *result
    is its result; false: the search has ended, and the key is one as any other. */
void editor_search_begin (editor_t *editor);
bool editor_search_key (editor_t *editor, const keyboard_stroke_t *key, editor_result_t *result);

/*  Find the place one line up or down, in about the same column. False where the cursor is in the
    first or the last line.                                                    */
bool editor_line_beside (const editor_t *editor, bool up, size_t *place);

#endif
