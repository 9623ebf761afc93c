/*  unsent_file.h - the file in which unsent messages wait, one for each zchat that runs

    It lies in $XDG_STATE_HOME/zchat, else ~/.local/state/zchat, with mode 0600. Beside each file
    lies a lock, which the kernel releases when the process ends. Several zchats with one name have
    a file each; the next one to start takes over what a dead one left. No file is made before there
    is something to keep.
*/
#ifndef ZCHAT_TALK_UNSENT_FILE_H
#define ZCHAT_TALK_UNSENT_FILE_H

#include "unsent.h"
#include <zchat/status.h>

typedef struct unsent_file unsent_file_t;

/*  Take a file that holds something and that nobody else has. ZCHAT_OK and *text, of *size
    bytes, which the caller frees; ZCHAT_EMPTY: there is none; ZCHAT_SYSTEM with *why, which the
    caller frees.                                                              */
zchat_status_t unsent_file_find (const char *stem, unsent_file_t **file, char **text, size_t *size,
                                 char **why) ZCHAT_CHECKED;

/*  Take a free name for a file. ZCHAT_OK; ZCHAT_SYSTEM with *why, which the caller frees. */
zchat_status_t unsent_file_take (const char *stem, unsent_file_t **file, char **why) ZCHAT_CHECKED;

/*  Replace what the file holds, whole or not at all. ZCHAT_OK; ZCHAT_SYSTEM with *why, which the
    caller frees.                                                              */
zchat_status_t unsent_file_write (unsent_file_t *file, const char *text, char **why) ZCHAT_CHECKED;

/*  Put the file aside under another name, *path, which the caller frees. False with errno. */
bool unsent_file_aside (unsent_file_t *file, char **path);

/*  Remove the file.                                                           */
void unsent_file_remove (unsent_file_t **file);

/*  Give the file back as it is, so that the next zchat finds it.              */
void unsent_file_leave (unsent_file_t **file);

#endif
