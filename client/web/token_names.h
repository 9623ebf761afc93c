/*  token_names.h - whose a token is that comes without a name

    The broker's file of tokens (zchatd token) says it: a line each, NAME ID HASH EXPIRES, where
   HASH is the BLAKE2b-256 of the token's 32 bytes in hex. The broker judges the token then as any
   other: a line that expired or is wrong opens nothing.
*/
#ifndef ZCHAT_WEB_TOKEN_NAMES_H
#define ZCHAT_WEB_TOKEN_NAMES_H

#include "credential.h"

typedef struct token_names token_names_t;

/*  path is borrowed. Never NULL; the file need not be there yet.              */
token_names_t *token_names_new (const char *path);
void token_names_destroy (token_names_t **self_p);

/*  Give the credential, which has a token alone, the name that the file has for it. The file is
   read again where it has changed. False: it has none, or cannot be read, which is said once. */
bool token_names_find (token_names_t *self, credential_t *credential);

/*  The same in a text of such lines. Pure.                                    */
bool token_names_in (const char *text, credential_t *credential);

#endif
