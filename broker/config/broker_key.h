/*  broker_key.h - the broker's key, and the address that clients get            */
#ifndef ZCHAT_BROKER_KEY_H
#define ZCHAT_BROKER_KEY_H

#include "keyfile.h"

/*  The path of a file in the data folder; the caller frees it.                */
char *data_path (const char *data, const char *name);

/*  The key in the file broker.key among the credentials that the service manager handed over
    (CREDENTIALS_DIRECTORY, LoadCredential= of systemd), where there is one; else that in
    data/broker.key, which is made where there is none; *made says whether it was. ZCHAT_OK, or a
   status and *why, which the caller frees (see keyfile_take). */
zchat_status_t broker_key_take (const char *data, keypair_t *pair, bool *made,
                                char **why) ZCHAT_CHECKED;

/*  True where that file still holds the key of the running broker; else *why, a sentence that
    the caller frees.                                                          */
bool broker_key_kept (const char *data, const uint8_t public_key[ADDRESS_KEY_SIZE], char **why);

/*  The address for other hosts: that of the first door of tcp that reaches beyond this
    machine, else of the first of tcp. doors are as bound. host: NULL, or what to name
    instead of the door's own. ZCHAT_OK and text, or ZCHAT_INVALID where there is no such
    door.                                                                      */
zchat_status_t broker_address (char *const *doors, size_t count, const char *host,
                               const uint8_t key[ADDRESS_KEY_SIZE],
                               char text[ADDRESS_TEXT_MAX + 1]) ZCHAT_CHECKED;

#endif
