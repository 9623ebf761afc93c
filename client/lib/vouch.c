/*  vouch.c - a key's word that another key is of the same person

    The word is an Ed25519 signature under the point that belongs to the CURVE key. A CURVE key pair
    is a scalar and the u-coordinate of its product with the base point, and the same scalar makes
    the same point in Edwards form. So the key that signs follows from the key that is known, and
    nobody has to be believed about it: crypto_sign_ed25519_pk_to_curve25519 leads from one to the
    other.

    libsodium signs with scalars that it derives from a seed, not with a given one. So the equation
    is written out here, as XEdDSA has it (signal.org/docs/specifications/xeddsa). Unlike there, the
    sign of the point is carried along instead of forced to 0; so crypto_sign_verify_detached checks
    the result like any Ed25519 signature.
*/
#include "memory.h"
#include "name.h"
#include <limits.h>
#include <sodium.h>
#include <zchat/seal.h>

enum {
    SIGNATURE_SIZE = 64,
    POINT_AT = 0,
    TIME_AT = 32,
    SIGNATURE_AT = 40,
    VOUCH_SIZE = SIGNATURE_AT + SIGNATURE_SIZE,
    RANDOM_SIZE = 64,
    STATEMENT_HEAD = 14 + 2 * ZCHAT_KEY_SIZE + 8,
};

_Static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "as Ed25519 has it");
_Static_assert(ZCHAT_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "a point is as long as a key");
_Static_assert(ZCHAT_VOUCH_TEXT == (VOUCH_SIZE + 2) / 3 * 4, "in base64, with padding");

/*  What is signed: purpose, broker, key and time, and then the name, which runs to the end. */
typedef struct {
    uint8_t bytes[STATEMENT_HEAD + NAME_KEY_MAX];
    size_t size;
} statement_t;

static bool statement_write (const uint8_t broker_key[ZCHAT_KEY_SIZE], const char *user,
                             const uint8_t key[ZCHAT_KEY_SIZE], const uint8_t time[8],
                             statement_t *statement)
{
    name_keys_t names;
    uint8_t *at = statement->bytes;
    if (!user || name_check (frame_str (user), &names, NULL) != ZCHAT_OK)
        return false;
    size_t fold_size = strlen (names.fold);
    memcpy (at, "ZCHAT/1 vouch", 14); /* its NUL too */
    memcpy (at += 14, broker_key, ZCHAT_KEY_SIZE);
    memcpy (at += ZCHAT_KEY_SIZE, key, ZCHAT_KEY_SIZE);
    memcpy (at += ZCHAT_KEY_SIZE, time, 8);
    memcpy (at + 8, names.fold, fold_size);
    statement->size = STATEMENT_HEAD + fold_size;
    return true;
}

/*  Reduce the SHA-512 of the parts to a scalar.                               */
static void hash_scalar (const frame_t *parts, size_t count, uint8_t scalar[32])
{
    crypto_hash_sha512_state state;
    uint8_t hash[crypto_hash_sha512_BYTES];
    crypto_hash_sha512_init (&state);
    for (size_t i = 0; i < count; i++)
        crypto_hash_sha512_update (&state, parts[i].data, parts[i].size);
    crypto_hash_sha512_final (&state, hash);
    crypto_core_ed25519_scalar_reduce (scalar, hash);
    sodium_memzero (hash, sizeof hash);
    sodium_memzero (&state, sizeof state);
}

/*  Sign with a given scalar. The nonce is a hash of secret, statement and fresh random bytes.
    They stand behind a prefix that no point is encoded as, so that this hash can never be one of
    a challenge.                                                               */
static bool statement_sign (const uint8_t secret_key[ZCHAT_KEY_SIZE], const statement_t *statement,
                            uint8_t point[32], uint8_t signature[SIGNATURE_SIZE])
{
    uint8_t wide[64] = {0}, scalar[32], nonce[32], challenge[32], product[32];
    uint8_t prefix[32], random[RANDOM_SIZE];
    memcpy (wide, secret_key, ZCHAT_KEY_SIZE);
    wide[0] &= 248; /* X25519 clamps scalars so                                */
    wide[31] = (wide[31] & 127) | 64;
    crypto_core_ed25519_scalar_reduce (scalar, wide);
    memset (prefix, 0xff, sizeof prefix);
    prefix[0] = 0xfe;
    randombytes_buf (random, sizeof random);
    frame_t said = frame_of (statement->bytes, statement->size);
    frame_t for_nonce[] = {frame_of (prefix, sizeof prefix), frame_of (wide, 32), said,
                           frame_of (random, sizeof random)};
    hash_scalar (for_nonce, 4, nonce);
    bool good = crypto_scalarmult_ed25519_base_noclamp (point, scalar) == 0 &&
                crypto_scalarmult_ed25519_base_noclamp (signature, nonce) == 0;
    frame_t for_challenge[] = {frame_of (signature, 32), frame_of (point, 32), said};
    hash_scalar (for_challenge, 3, challenge);
    crypto_core_ed25519_scalar_mul (product, challenge, scalar);
    crypto_core_ed25519_scalar_add (signature + 32, nonce, product);
    sodium_memzero (wide, sizeof wide);
    sodium_memzero (scalar, sizeof scalar);
    sodium_memzero (nonce, sizeof nonce);
    sodium_memzero (product, sizeof product);
    sodium_memzero (random, sizeof random);
    /*  An error of the computer here would give the secret away, so the signature is checked
        first.                                                                 */
    return good &&
           crypto_sign_verify_detached (signature, statement->bytes, statement->size, point) == 0;
}

static void time_write (uint64_t time_ms, uint8_t bytes[8])
{
    for (int i = 7; i >= 0; i--, time_ms >>= CHAR_BIT)
        bytes[i] = (uint8_t)time_ms;
}

static uint64_t time_read (const uint8_t bytes[8])
{
    uint64_t time_ms = 0;
    for (int i = 0; i < 8; i++)
        time_ms = time_ms << CHAR_BIT | bytes[i];
    return time_ms;
}

zchat_status_t zchat_vouch (const uint8_t secret_key[ZCHAT_KEY_SIZE],
                            const uint8_t broker_key[ZCHAT_KEY_SIZE], const char *user,
                            const uint8_t key[ZCHAT_KEY_SIZE], uint64_t time_ms,
                            char text[ZCHAT_VOUCH_TEXT + 1])
{
    uint8_t vouch[VOUCH_SIZE];
    statement_t statement;
    if (sodium_init () < 0)
        return ZCHAT_SYSTEM;
    time_write (time_ms, vouch + TIME_AT);
    if (!statement_write (broker_key, user, key, vouch + TIME_AT, &statement))
        return ZCHAT_NAME;
    if (!statement_sign (secret_key, &statement, vouch + POINT_AT, vouch + SIGNATURE_AT))
        return ZCHAT_INVALID;
    sodium_bin2base64 (text, ZCHAT_VOUCH_TEXT + 1, vouch, sizeof vouch,
                       sodium_base64_VARIANT_ORIGINAL);
    return ZCHAT_OK;
}

/*  Bytes beyond ASCII are refused first, because libsodium 1.0.18 takes some for a slash or a
    plus.                                                                      */
static bool vouch_decode (const char *text, uint8_t vouch[VOUCH_SIZE])
{
    size_t size = 0;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c > SCHAR_MAX)
            return false;
    return strlen (text) == ZCHAT_VOUCH_TEXT &&
           sodium_base642bin (vouch, VOUCH_SIZE, text, ZCHAT_VOUCH_TEXT, NULL, &size, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == VOUCH_SIZE;
}

zchat_status_t zchat_vouch_check (const char *text, const uint8_t broker_key[ZCHAT_KEY_SIZE],
                                  const char *user, const uint8_t key[ZCHAT_KEY_SIZE],
                                  uint64_t now_ms, uint8_t by[ZCHAT_KEY_SIZE])
{
    uint8_t vouch[VOUCH_SIZE], signer[ZCHAT_KEY_SIZE];
    statement_t statement;
    if (sodium_init () < 0 || !text || !vouch_decode (text, vouch))
        return ZCHAT_INVALID;
    if (!statement_write (broker_key, user, key, vouch + TIME_AT, &statement))
        return ZCHAT_NAME;
    if (crypto_sign_verify_detached (vouch + SIGNATURE_AT, statement.bytes, statement.size,
                                     vouch + POINT_AT) != 0 ||
        crypto_sign_ed25519_pk_to_curve25519 (signer, vouch + POINT_AT) != 0)
        return ZCHAT_INVALID;
    uint64_t time_ms = time_read (vouch + TIME_AT);
    if (time_ms > now_ms ? time_ms - now_ms > ZCHAT_VOUCH_EARLY_MS
                         : now_ms - time_ms > ZCHAT_VOUCH_AGE_MS)
        return ZCHAT_TIMEOUT;
    memcpy (by, signer, sizeof signer);
    return ZCHAT_OK;
}
