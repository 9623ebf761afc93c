/*  identity.h - one's own key, and the brokers one knows

    In $XDG_CONFIG_HOME/zchat, else ~/.config/zchat: key, made at first use, and
    known_brokers. A broker is remembered once it has proven that it holds the key of its
    address; from then on an address with another key is refused, and its door is
    spoken to encrypted also where the address is given as tcp://, unless it is on this
    machine.                                                                   */
#ifndef ZCHAT_CLI_IDENTITY_H
#define ZCHAT_CLI_IDENTITY_H

#include "options.h"

typedef struct identity identity_t;

/*  Find out with which keys to connect. CLI_OK and *identity, NULL where nothing is to be
    encrypted; or another exit status, after the reason was told.              */
int identity_open (const options_t *options, identity_t **identity);

/*  Wipes the keys. Nulls; tolerates NULL.                                     */
void identity_destroy (identity_t **identity);

/*  Keys of ZCHAT_KEY_SIZE bytes; NULL where identity is.                      */
const uint8_t *identity_server_key (const identity_t *identity);
const uint8_t *identity_secret_key (const identity_t *identity);

/*  One's own public key as text; "" where identity is NULL.                   */
const char *identity_key (const identity_t *identity);

/*  The broker has answered, so the key is its own: remember it where it is new. Returns
    what went wrong with that, fit to be shown, or NULL. Tolerates NULL.       */
const char *identity_met (identity_t *identity);

/*  The path of a file in the folder named above, name beginning with a slash. NULL where the
    environment names no place. The caller frees it.                           */
char *identity_path (const char *name);

/*  zchat key: print one's own public key, making it where there is none. Returns the exit
    status.                                                                    */
int command_key (const options_t *options);

#endif
