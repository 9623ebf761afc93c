/*  settings_file.h - the config file: $XDG_CONFIG_HOME/zchat/config, else ~/.config/zchat/config

    No file is needed. It may name a command that is run, so it must be in the hands of the user
    (trusted.h). It is replaced whole or not at all, with mode 0600; where its path is a link, what
    that points to is replaced.
*/
#ifndef ZCHAT_TALK_SETTINGS_FILE_H
#define ZCHAT_TALK_SETTINGS_FILE_H

#include "settings.h"

typedef struct settings_file settings_file_t;

/*  Read the file at path (NULL: the standard one, which need not be there). ZCHAT_OK and *file;
    or *why, a sentence with the path, and the line where one is wrong, which the caller frees:
    ZCHAT_INVALID (a mistake in it), ZCHAT_SYSTEM (it cannot be read, is no file, is too large, or
    others may write it).                                                      */
zchat_status_t settings_file_open (const char *path, settings_file_t **file,
                                   char **why) ZCHAT_CHECKED;
void settings_file_destroy (settings_file_t **file);

/*  Return what it says, borrowed; and where it is, "" where there is no place for it. file may be
    NULL: then nothing is said, and NULL and "" are returned.                  */
const settings_t *settings_file_settings (const settings_file_t *file);
const char *settings_file_path (const settings_file_t *file);

/*  Set a setting, or with NULL take it out, in the file as it is now. ZCHAT_OK: it is written, and
    what settings_file_settings returned before is no longer valid; else *why, which the caller
    frees, and nothing has changed.                                            */
zchat_status_t settings_file_change (settings_file_t *file, setting_t setting, const char *value,
                                     char **why) ZCHAT_CHECKED;

#endif
