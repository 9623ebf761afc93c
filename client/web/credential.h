/*  credential.h - who a request says it is of (pure)                          */
#ifndef ZCHAT_WEB_CREDENTIAL_H
#define ZCHAT_WEB_CREDENTIAL_H

#include <stdbool.h>
#include <zchat/limits.h>

enum { CREDENTIAL_SECRET_MAX = 2 * ZCHAT_TOKEN_SIZE };

typedef struct {
    char name[ZCHAT_NAME_FORM_MAX + 1];     /* not checked as a name; "": a guest, or, where there
                                               is a secret, whose it is has to be found out */
    char secret[CREDENTIAL_SECRET_MAX + 1]; /* hex, in lower case              */
    bool proves; /* secret is a token of the broker's; else digits of the client's own */
} credential_t;

/*  Read the value of an Authorization header, or NULL where there is none. False where it is of
    another kind or form.                                                      */
bool credential_read (const char *header, credential_t *credential);

#endif
