/*  outside_editor.h - the input line in $EDITOR

    Does I/O. The text goes into a file of one's own (0600) in $XDG_RUNTIME_DIR, $TMPDIR or /tmp,
    the editor is run on it in the terminal, and what it leaves is read back. The screen leaves the
    terminal before outside_start and comes back when outside_ended says true; meanwhile the
    program may go on with the network. While the editor runs, C-c and C-z are the editor's: this
    process ignores SIGINT and SIGQUIT, and stops by SIGTSTP as the editor does.
*/
#ifndef ZCHAT_SCREEN_OUTSIDE_EDITOR_H
#define ZCHAT_SCREEN_OUTSIDE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <zchat/status.h>

/*  What the environment says; NULL: it is not set.                            */
typedef struct {
    const char *visual;      /* VISUAL                                         */
    const char *editor;      /* EDITOR                                         */
    const char *runtime_dir; /* XDG_RUNTIME_DIR                                */
    const char *tmpdir;      /* TMPDIR                                         */
} outside_environment_t;

typedef struct outside outside_t;

/*  Run $VISUAL, $EDITOR or vi on a text; the words of the command are those of words_split, never a
    shell's. ZCHAT_OK and *outside; ZCHAT_SYSTEM: *why is a static text that says what went wrong.
 */
zchat_status_t outside_start (const outside_environment_t *environment, const char *text,
                              size_t size, outside_t **outside, const char **why) ZCHAT_CHECKED;

/*  True where the editor has ended. Does not wait.                            */
bool outside_ended (outside_t *outside);

/*  Take what the ended editor left, without its last newline; the caller frees it. ZCHAT_OK.
    Otherwise *why is a static text that says what is wrong, and the line should stay as it was:
    ZCHAT_SYSTEM: the editor left with an error, or the file cannot be read; ZCHAT_LIMIT: it is over
    max_size bytes; ZCHAT_MALFORMED: it is not UTF-8, or holds control characters other than
    newline and tab.                                                           */
zchat_status_t outside_take (outside_t *outside, size_t max_size, char **text, size_t *size,
                             const char **why) ZCHAT_CHECKED;

/*  Remove the file, and undo what was changed for the editor. One that still runs is ended by
    SIGHUP.                                                                    */
void outside_destroy (outside_t **outside);

#endif
