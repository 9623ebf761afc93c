/*  key.h - one's own key, by which a broker knows one

    A key file holds one line with the secret key as text: 56 letters and digits, as
    protocol/PROTOCOL.md, "Encryption", has it for keys. Lines that begin with # are remarks, empty
    ones count for nothing. It belongs to who uses it and is open to nobody else (mode 0600): one
    that is open to others is refused. The public key follows from the secret one. `zchat` and
    `zchatd` keep theirs in the same form.
*/
#ifndef ZCHAT_KEY_H
#define ZCHAT_KEY_H

#include <stdint.h>
#include <zchat/exports.h>
#include <zchat/limits.h>
#include <zchat/status.h>

#ifdef __cplusplus
extern "C" {
#endif
ZCHAT_EXPORTS_BEGIN

enum { ZCHAT_KEY_TEXT = 56 }; /* letters and digits of a key as text */

/*  Make the path where a program keeps its key: $XDG_CONFIG_HOME/PROGRAM/key, else
    ~/.config/PROGRAM/key. The key of "zchat" is the person's own. NULL where the environment
    names no place, or program is no name of a folder. The caller frees it.    */
char *zchat_key_path (const char *program);

/*  Make a new key, in memory alone. ZCHAT_OK, or ZCHAT_SYSTEM (no randomness). */
zchat_status_t zchat_key_make (uint8_t secret_key[ZCHAT_KEY_SIZE]) ZCHAT_CHECKED;

/*  Read the key at path. ZCHAT_OK; or, with *why, which the caller frees (why may be NULL):
    ZCHAT_EMPTY (there is no file), ZCHAT_CORRUPT (no key in it), ZCHAT_INVALID (others may read it,
    or it is no file), ZCHAT_SYSTEM.                                           */
zchat_status_t zchat_key_load (const char *path, uint8_t secret_key[ZCHAT_KEY_SIZE],
                               char **why) ZCHAT_CHECKED;

/*  Do the same; but where there is no file, make a key and keep it there, whole or not at all,
    with the folders it lies in. Of several programs that do so at a time one wins, and all get
    its key. It is meant for zchat_options_t.                                  */
zchat_status_t zchat_key_keep (const char *path, uint8_t secret_key[ZCHAT_KEY_SIZE],
                               char **why) ZCHAT_CHECKED;

/*  The public key that follows, as text ended by NUL: what others add (KEY) and admit. ZCHAT_OK, or
    ZCHAT_INVALID: it is no key.                                               */
zchat_status_t zchat_key_public (const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                 char text[ZCHAT_KEY_TEXT + 1]) ZCHAT_CHECKED;

ZCHAT_EXPORTS_END
#ifdef __cplusplus
}
#endif
#endif
