/*  history_file.h - the input lines of former days

    Does I/O: one file, of its owner alone (0600), a line of JSON for each input line, so that
    newlines and everything else in them survive. A new line is appended by one write under a lock,
    so several clients share the file; a line that a crash left unfinished is skipped. When the file
    has become too long, it is written anew with the newest lines and put in the old one's place.

    Which lines are kept is the caller's choice: what was told one person alone, sealed, should not
    end up on the disk in plain text.
*/
#ifndef ZCHAT_SCREEN_HISTORY_FILE_H
#define ZCHAT_SCREEN_HISTORY_FILE_H

#include <stddef.h>
#include <zchat/status.h>

enum {
    HISTORY_FILE_LINES = 500,      /* lines that are read                         */
    HISTORY_FILE_BYTES = 1048576,  /* bytes of the file: over it, it is written anew */
    HISTORY_FILE_LINE_MAX = 65536, /* bytes of an input line that is kept         */
};

/*  Return the file's path: $XDG_STATE_HOME/zchat/history, or ~/.local/state/zchat/history; NULL
    where neither XDG_STATE_HOME nor HOME is set to an absolute path: then no history is kept, which
   is no error. The caller frees it.                                                        */
char *history_file_path (const char *state_home, const char *home);

typedef void history_line_fn (void *context, const char *line, size_t size);

/*  Hand over the lines of the file, oldest first. ZCHAT_OK also where there is no file, or path is
    NULL; ZCHAT_SYSTEM and errno: it cannot be read. It is not read where somebody else could write
    it.                                                                        */
zchat_status_t history_file_read (const char *path, history_line_fn *each,
                                  void *context) ZCHAT_CHECKED;

/*  Append a line. One that is empty, or over HISTORY_FILE_LINE_MAX, is not kept. ZCHAT_OK also
    where path is NULL; ZCHAT_SYSTEM and errno: it could not be written.       */
zchat_status_t history_file_add (const char *path, const char *line, size_t size) ZCHAT_CHECKED;

#endif
