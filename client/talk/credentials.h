/*  credentials.h - one's own key, and the brokers one knows

    Both lie in $XDG_CONFIG_HOME/zchat, else ~/.config/zchat: `key`, which is made at first use, and
    `known_brokers`. A broker is remembered once it has proven that it holds the key of its address.
    From then on an address with another key is refused, and the connection is encrypted even where
    the address is given as tcp://, unless the broker is on this machine.
*/
#ifndef ZCHAT_TALK_CREDENTIALS_H
#define ZCHAT_TALK_CREDENTIALS_H

#include "address.h"
#include <stdbool.h>
#include <stdint.h>
#include <zchat/status.h>

typedef struct credentials credentials_t;

/*  The broker that one wants to connect to.                                   */
typedef struct {
    const char *endpoint;      /* tcp://, or another form that libzmq knows    */
    bool encrypted;            /* the address demands encryption               */
    const uint8_t *broker_key; /* ZCHAT_KEY_SIZE bytes; NULL where the address names no key */
} credentials_wanted_t;

/*  Take a line for the user. It is not yet made fit to be shown.              */
typedef void (*credentials_say_t) (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/*  Find out with which keys to connect. OUTCOME_OK and *credentials, NULL where the connection
    is not to be encrypted; or another exit status, after the reason was told. */
int credentials_open (const credentials_wanted_t *wanted, credentials_say_t say,
                      credentials_t **credentials);

/*  Wipe the keys and free everything. It nulls, and tolerates NULL.           */
void credentials_destroy (credentials_t **credentials);

/*  Return keys of ZCHAT_KEY_SIZE bytes; both are NULL where credentials is NULL. */
const uint8_t *credentials_server_key (const credentials_t *credentials);
const uint8_t *credentials_secret_key (const credentials_t *credentials);

/*  Return one's own public key as text; "" where credentials is NULL.         */
const char *credentials_key (const credentials_t *credentials);

/*  Tell that the broker has answered, which proves its key. A key that was new is then
    remembered. Returns why it could not be remembered, or NULL. Tolerates NULL. */
const char *credentials_met (credentials_t *credentials);

/*  Make the path of a file in the folder named above; name begins with a slash. NULL where the
    environment names no place. The caller frees it.                           */
char *credentials_path (const char *name);

/*  Write one's own public key as text; a key is made where there is none. OUTCOME_OK, or another
    exit status after the reason was told.                                     */
int credentials_own (credentials_say_t say, char key[ADDRESS_KEY_TEXT + 1]);

#endif
