/*  key.c - the functions of key.h: one's own key is made, loaded and kept     */
#include "keyfile.h"
#include "memory.h"
#include <errno.h>
#include <sodium.h>
#include <zchat/key.h>

_Static_assert((int)ZCHAT_KEY_TEXT == (int)ADDRESS_KEY_TEXT, "as in an address");
_Static_assert((int)ZCHAT_KEY_SIZE == (int)ADDRESS_KEY_SIZE, "likewise");

static bool folder_name (const char *program)
{
    return program && *program && *program != '.' && !strchr (program, '/');
}

char *zchat_key_path (const char *program)
{
    const char *config = getenv ("XDG_CONFIG_HOME"), *home = getenv ("HOME");
    char *path = NULL;
    int size = -1;
    if (!folder_name (program))
        return NULL;
    if (config && *config == '/')
        size = asprintf (&path, "%s/%s/key", config, program);
    else if (home && *home == '/')
        size = asprintf (&path, "%s/.config/%s/key", home, program);
    else
        return NULL;
    if (size < 0)
        memory_check (NULL);
    return path;
}

zchat_status_t zchat_key_make (uint8_t secret_key[ZCHAT_KEY_SIZE])
{
    keypair_t pair;
    zchat_status_t status = keypair_make (&pair);
    if (status == ZCHAT_OK)
        memcpy (secret_key, pair.secret_key, ZCHAT_KEY_SIZE);
    keypair_wipe (&pair);
    return status;
}

/*  Hand over what was read; where the caller asks for a reason, also why nothing was. */
static zchat_status_t key_give (zchat_status_t status, keypair_t *pair, char *wrong,
                                uint8_t secret_key[ZCHAT_KEY_SIZE], char **why)
{
    if (status == ZCHAT_OK)
        memcpy (secret_key, pair->secret_key, ZCHAT_KEY_SIZE);
    keypair_wipe (pair);
    if (why)
        *why = wrong;
    else
        free (wrong);
    return status;
}

zchat_status_t zchat_key_load (const char *path, uint8_t secret_key[ZCHAT_KEY_SIZE], char **why)
{
    keypair_t pair = {{0}, {0}};
    char *wrong = NULL;
    zchat_status_t status = keyfile_load (path, &pair, &wrong);
    return key_give (status, &pair, wrong, secret_key, why);
}

/*  Make the folder of the file. False with errno.                             */
static bool folder_make (const char *path)
{
    const char *slash = strrchr (path, '/');
    if (!slash || slash == path)
        return true;
    char *folder = memory_string (path, (size_t)(slash - path));
    bool ok = keyfile_folder (folder) == ZCHAT_OK;
    int error = errno;
    free (folder);
    errno = error;
    return ok;
}

zchat_status_t zchat_key_keep (const char *path, uint8_t secret_key[ZCHAT_KEY_SIZE], char **why)
{
    keypair_t pair = {{0}, {0}};
    char *wrong = NULL;
    bool made;
    zchat_status_t status = ZCHAT_SYSTEM;
    if (folder_make (path))
        status = keyfile_take (path, "a secret zchat key: whoever has it has its names", &pair,
                               &made, &wrong);
    else if (asprintf (&wrong, "the folder for %s cannot be made: %s", path, strerror (errno)) < 0)
        memory_check (NULL);
    return key_give (status, &pair, wrong, secret_key, why);
}

zchat_status_t zchat_key_public (const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                 char text[ZCHAT_KEY_TEXT + 1])
{
    uint8_t public_key[ZCHAT_KEY_SIZE];
    if (crypto_scalarmult_base (public_key, secret_key) != 0)
        return ZCHAT_INVALID;
    address_key_encode (public_key, text);
    return ZCHAT_OK;
}
