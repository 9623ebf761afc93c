/*  editor_private.h - what the files of the editor share                      */
#ifndef ZCHAT_EDIT_EDITOR_PRIVATE_H
#define ZCHAT_EDIT_EDITOR_PRIVATE_H

#include "buffer.h"
#include "editor.h"

struct editor {
    buffer_t text;   /* the line                                              */
    size_t cursor;   /* bytes left of it                                      */
    size_t scroll;   /* bytes scrolled out at the left                        */
    buffer_t killed; /* for C-y                                               */
    bool killing;    /* the last key killed: the next kill adds to it         */
    char **lines;    /* history, oldest first                                 */
    size_t n_lines;
    size_t line;    /* which one is shown; n_lines: none                     */
    size_t n_bytes; /* bytes of all lines                                    */
    buffer_t own;   /* what was typed before the history was entered         */
    size_t pasted;  /* bytes at the begin of the line that came by paste     */
    bool pasting;   /* between a paste's begin and end                       */
    bool too_long;  /* the paste does not fit, and is left out whole         */
    buffer_t kept;  /* the line as it was before the paste                   */
    size_t kept_at; /* where its cursor was                                  */
    size_t kept_pasted;
    int columns;    /* of the last render                                    */
    buffer_t shown; /* the last render                                       */
};

#endif
