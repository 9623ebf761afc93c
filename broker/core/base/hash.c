/*  hash.c - the keyed hash of our tables                                      */
#include "hash.h"

unsigned hash_bytes (const void *data, size_t size)
{
    static unsigned char key[crypto_shorthash_KEYBYTES];
    static int keyed;
    if (!keyed) {
        /*  Not a decision of the core: no output depends on it.               */
        randombytes_buf (key, sizeof key);
        keyed = 1;
    }
    unsigned char out[crypto_shorthash_BYTES];
    crypto_shorthash (out, data, size, key);
    unsigned value;
    memcpy (&value, out, sizeof value);
    return value;
}
