/*  keyfile.h - a secret key in a file that only its owner may read

    One line with the secret key as text (address.h), lines with # are remarks. The key
    is made at first use. The public key is not in the file: it follows from the secret. */
#ifndef ZCHAT_KEYFILE_H
#define ZCHAT_KEYFILE_H

#include "address.h"

typedef struct {
    uint8_t public_key[ADDRESS_KEY_SIZE];
    uint8_t secret_key[ADDRESS_KEY_SIZE];
} keypair_t;

/*  A new pair. ZCHAT_OK or ZCHAT_SYSTEM (no randomness).                      */
zchat_status_t keypair_make (keypair_t *pair) ZCHAT_CHECKED;

/*  Wipe the pair.                                                             */
void keypair_wipe (keypair_t *pair);

/*  Read the pair at path. Results as of keyfile_take, or ZCHAT_EMPTY: there is no file. */
zchat_status_t keyfile_load (const char *path, keypair_t *pair, char **why) ZCHAT_CHECKED;

/*  Read the pair at path; where there is no file, make a pair, write it with mode 0600
    (whole or not at all, and of several processes that make one at a time, one
    wins) and set *made. The folder must exist. remark: a line for people, without
    the #. ZCHAT_OK and *pair; or, with *why, which the caller frees: ZCHAT_CORRUPT
    (no key in it), ZCHAT_INVALID (others may read it, it is another user's, or no file),
    ZCHAT_SYSTEM.                                                              */
zchat_status_t keyfile_take (const char *path, const char *remark, keypair_t *pair, bool *made,
                             char **why) ZCHAT_CHECKED;

/*  Read the pair at path, and make none: as keyfile_take, and ZCHAT_EMPTY, without *why: there is
    no file.                                                                   */
zchat_status_t keyfile_read (const char *path, keypair_t *pair, char **why) ZCHAT_CHECKED;

/*  The same of a file that the service manager handed over. Where it let the user read root's file
   by an access list, the mode shows the group a right to read that no group has. */
zchat_status_t keyfile_credential (const char *path, keypair_t *pair, char **why) ZCHAT_CHECKED;

/*  Make the folder at path (absolute, or relative to here) with mode 0700, and those above
    it. ZCHAT_OK, or ZCHAT_SYSTEM with errno.                                  */
zchat_status_t keyfile_folder (const char *path) ZCHAT_CHECKED;

/*  Write all of it, in as many pieces as it takes; false with errno. Also for other files that
    hold secrets.                                                              */
bool keyfile_write_all (int fd, const char *text, size_t size);

#endif
