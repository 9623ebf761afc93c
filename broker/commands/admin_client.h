/*  admin_client.h - asking a running broker at its admin door                 */
#ifndef ZCHAT_ADMIN_CLIENT_H
#define ZCHAT_ADMIN_CLIENT_H

#include "zchat/status.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct admin_client admin_client_t;

/*  Reach the broker that serves the folder data. NULL: nobody does, or it may not be reached; *why,
   a sentence that the caller frees.                                            */
admin_client_t *admin_client_new (const char *data, char **why);

/*  Nulls; tolerates NULL.                                                     */
void admin_client_destroy (admin_client_t **self_p);

/*  Ask: words is the verb and its arguments, count of them, without tag and user. Returns the
   answer, which the caller releases; *refused: it is an ERR, with "code" and "text". NULL: none
   came in time.
   */
json_t *admin_client_ask (admin_client_t *self, const char **words, size_t count, bool *refused);

/*  The next answer to the same request, where the last one said "more".       */
json_t *admin_client_next (admin_client_t *self, bool *refused);

#endif
