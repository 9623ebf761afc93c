/*  credential.c - Authorization, read                                         */
#include "credential.h"
#include "urltext.h"
#include <sodium.h>
#include <string.h>
#include <strings.h>

static bool secret_read (const char *text, credential_t *credential)
{
    size_t size = strlen (text);

    if (strspn (text, "0123456789abcdef") != size)
        return false;
    credential->proves = size == CREDENTIAL_SECRET_MAX;
    if (!credential->proves && size != CREDENTIAL_SECRET_MAX / 2)
        return false;
    memcpy (credential->secret, text, size + 1);
    return true;
}

/*  NAME:TOKEN, where a name holds no colon, or the token of the broker's alone. */
static bool bearer_read (const char *text, credential_t *credential)
{
    size_t size = strcspn (text, ":");

    if (!text[size])
        return secret_read (text, credential) && credential->proves;
    return size && secret_read (text + size + 1, credential) &&
           urltext_decode (text, size, credential->name, ZCHAT_NAME_FORM_MAX);
}

static bool basic_read (const char *text, credential_t *credential)
{
    char plain[ZCHAT_NAME_FORM_MAX + CREDENTIAL_SECRET_MAX + 4];
    size_t size = 0;
    bool good = false;

    if (sodium_base642bin ((unsigned char *)plain, sizeof plain - 1, text, strlen (text), NULL,
                           &size, NULL, sodium_base64_VARIANT_ORIGINAL) == 0) {
        plain[size] = '\0';
        size_t name = strcspn (plain, ":");
        /*  Basic has no escapes: what looks like one is a part of the name, and no name has %. */
        good = strlen (plain) == size && plain[name] && !memchr (plain, '%', name) &&
               bearer_read (plain, credential);
    }
    sodium_memzero (plain, sizeof plain);
    return good;
}

bool credential_read (const char *header, credential_t *credential)
{
    memset (credential, 0, sizeof *credential);
    if (!header)
        return true;
    size_t kind = strcspn (header, " ");
    const char *value = header + kind + strspn (header + kind, " ");
    if (kind == 6 && strncasecmp (header, "Bearer", 6) == 0)
        return bearer_read (value, credential);
    if (kind == 5 && strncasecmp (header, "Basic", 5) == 0)
        return basic_read (value, credential);
    return false;
}
