/*  broker_key.c - the broker's key, and the address that clients get            */
#include "broker_key.h"
#include "host_address.h"
#include "memory.h"
#include "options.h"
#include <unistd.h>

char *data_path (const char *data, const char *name)
{
    char *path = NULL;
    if (asprintf (&path, "%s/%s", data, name) < 0)
        memory_check (NULL);
    return path;
}

/*  The path of the credential; NULL where there is none. The caller frees it. */
static char *credential_path (void)
{
    const char *folder = getenv ("CREDENTIALS_DIRECTORY");
    char *path = folder && *folder == '/' ? data_path (folder, "broker.key") : NULL;
    if (path && access (path, F_OK) != 0) {
        free (path);
        path = NULL;
    }
    return path;
}

zchat_status_t broker_key_take (const char *data, keypair_t *pair, bool *made, char **why)
{
    zchat_status_t status;
    char *path = credential_path ();
    *made = false;
    if (path)
        status = keyfile_credential (path, pair, why);
    else {
        path = data_path (data, "broker.key");
        status = keyfile_take (path,
                               "the secret key of this zchat broker: keep it, and keep it from "
                               "others",
                               pair, made, why);
    }
    free (path);
    return status;
}

bool broker_key_kept (const char *data, const uint8_t public_key[ADDRESS_KEY_SIZE], char **why)
{
    keypair_t pair = {0};
    char *path = credential_path ();
    bool credential = path != NULL;
    if (!credential)
        path = data_path (data, "broker.key");
    *why = NULL;
    zchat_status_t status =
        credential ? keyfile_credential (path, &pair, why) : keyfile_read (path, &pair, why);
    bool kept =
        status == ZCHAT_OK && memcmp (pair.public_key, public_key, sizeof pair.public_key) == 0;
    keypair_wipe (&pair);
    if (!kept && !*why &&
        asprintf (why,
                  "%s %s: the next start would have another address, and clients that know this "
                  "one would refuse it; put the key back from your copy",
                  path, status == ZCHAT_EMPTY ? "is gone" : "holds another key") < 0)
        *why = memory_string ("", 0);
    free (path);
    return kept;
}

zchat_status_t broker_address (char *const *doors, size_t count, const char *host,
                               const uint8_t key[ADDRESS_KEY_SIZE], char text[ADDRESS_TEXT_MAX + 1])
{
    char own[HOST_ADDRESS_MAX];
    const char *door = NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp (doors[i], "tcp://", 6) == 0 &&
            (!door || (options_endpoint_local (door) && !options_endpoint_local (doors[i]))))
            door = doors[i];
    if (!door)
        return ZCHAT_INVALID;
    if (!host && host_address_everywhere (door)) {
        host_address_own (door[6] == '[', own);
        host = own;
    }
    return address_encode (door, host, key, text);
}
