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
    int columns;    /* of the last render                                      */
    buffer_t shown; /* the last render                                         */
};

#endif
