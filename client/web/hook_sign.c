/*  hook_sign.c - HMAC-SHA256                                                    */
#include "hook_sign.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void hook_sign (const char *secret, const char *id, int64_t time_s, const char *body, size_t size,
                char text[HOOK_SIGN_MAX])
{
    unsigned char key[4096], mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    size_t key_size = 0;
    char number[32];

    if (strncmp (secret, "whsec_", 6) != 0 ||
        sodium_base642bin (key, sizeof key, secret + 6, strlen (secret + 6), NULL, &key_size, NULL,
                           sodium_base64_VARIANT_ORIGINAL) != 0) {
        key_size = strlen (secret) < sizeof key ? strlen (secret) : sizeof key;
        memcpy (key, secret, key_size);
    }
    snprintf (number, sizeof number, ".%" PRId64 ".", time_s);
    crypto_auth_hmacsha256_init (&state, key, key_size);
    crypto_auth_hmacsha256_update (&state, (const unsigned char *)id, strlen (id));
    crypto_auth_hmacsha256_update (&state, (const unsigned char *)number, strlen (number));
    crypto_auth_hmacsha256_update (&state, (const unsigned char *)body, size);
    crypto_auth_hmacsha256_final (&state, mac);
    memcpy (text, "v1,", 3);
    sodium_bin2base64 (text + 3, HOOK_SIGN_MAX - 3, mac, sizeof mac,
                       sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero (key, sizeof key);
    sodium_memzero (&state, sizeof state);
}
