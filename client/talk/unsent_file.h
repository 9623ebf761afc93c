/*  unsent_file.h - where what is unsent is kept: one file a zchat, locked while it runs

    In $XDG_STATE_HOME/zchat, else ~/.local/state/zchat, mode 0600. Beside each file lies a
    lock, which the kernel releases when the process ends. Several zchat with one name each have
    a file of their own; the next one to start takes over what a dead one left. No file is made
    before there is something to keep.                                         */
#ifndef ZCHAT_TALK_UNSENT_FILE_H
#define ZCHAT_TALK_UNSENT_FILE_H

#include "unsent.h"
#include <zchat/status.h>

typedef struct unsent_file unsent_file_t;

/*  Take a file that holds something and that nobody else has; then *text, of *size bytes, to free.
    ZCHAT_OK; ZCHAT_EMPTY: there is none; ZCHAT_SYSTEM with *why, to free.     */
zchat_status_t unsent_file_find (const char *stem, unsent_file_t **file, char **text, size_t *size,
                                 char **why) ZCHAT_CHECKED;

/*  Take a free name for a file. ZCHAT_OK; ZCHAT_SYSTEM with *why, to free.    */
zchat_status_t unsent_file_take (const char *stem, unsent_file_t **file, char **why) ZCHAT_CHECKED;

/*  Replace what it holds, whole or not at all. ZCHAT_OK; ZCHAT_SYSTEM with *why, to free. */
zchat_status_t unsent_file_write (unsent_file_t *file, const char *text, char **why) ZCHAT_CHECKED;

/*  Put it aside under another name: *path, to free. False with errno.         */
bool unsent_file_aside (unsent_file_t *file, char **path);

/*  Remove it.                                                                 */
void unsent_file_remove (unsent_file_t **file);

/*  Give it back, as it is.                                                    */
void unsent_file_leave (unsent_file_t **file);

#endif
