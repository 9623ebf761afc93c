/*  token.h - the token that proves one's name instead of a key

    It comes from a file or from the environment, never from the command line, where
    everybody on the machine could read it.                                    */
#ifndef ZCHAT_CLI_TOKEN_H
#define ZCHAT_CLI_TOKEN_H

#include "options.h"

/*  Read --token-file, else ZCHAT_TOKEN, into options->token, where there is one. The file holds
    64 hex digits in one line; lines with # are remarks, and nobody but its owner may read it. A
    token that would cross the network unencrypted is refused, so options->credentials must be
    set before. OUTCOME_OK, or another exit status after the reason was told.  */
int token_take (options_t *options);

/*  Wipe what token_take read.                                                 */
void token_wipe (options_t *options);

#endif
