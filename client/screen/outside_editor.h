/*  outside_editor.h - the input line in $EDITOR

    Does I/O. The text goes into a file of one's own (0600) in $XDG_RUNTIME_DIR, $TMPDIR or /tmp,
    the editor is run on it in the terminal, and what it leaves is read back. The screen has to
    leave the terminal before and come back afterwards.
*/
#ifndef ZCHAT_SCREEN_OUTSIDE_EDITOR_H
#define ZCHAT_SCREEN_OUTSIDE_EDITOR_H

#include <stddef.h>
#include <zchat/status.h>

typedef struct {
    const char *visual; /* $VISUAL; NULL: not set                              */
    const char *editor; /* $EDITOR                                             */
    const char *folder; /* where the file goes: $XDG_RUNTIME_DIR, else $TMPDIR */
} outside_editor_t;

/*  Edit a text: $VISUAL, $EDITOR or sensible-editor, vi; split into words as notify_command does,
    never by a shell. ZCHAT_OK: *edited is the new text without its last newline, which the caller
    frees, and *why is NULL. Otherwise *why is a static text and the line stays as it was:
    ZCHAT_SYSTEM: it could not be run, or left with an error; ZCHAT_LIMIT: what it left is over
    max_size; ZCHAT_MALFORMED: it is not UTF-8, or holds NUL.                  */
zchat_status_t outside_edit (const outside_editor_t *editor, const char *text, size_t size,
                             size_t max_size, char **edited, size_t *edited_size,
                             const char **why) ZCHAT_CHECKED;

#endif
