/*  seal.c - direct messages that the broker cannot read

    Each box and the text are under a key of their own, so they share one random nonce:
    a box under the shared key of sender and addressee, for which a nonce comes again with
    2^-96 after 2^48 messages; the text under a key that is used once.

    What bind is for: who can open a message knows its text-key, and could seal another
    text with it, under the same boxes, for the others. The hash of head and text lies in
    each box, where only the sender, or its reader itself, can have put it. It also fixes the
    sender: X25519 takes several encodings for the same key.                  */
#include "memory.h"
#include "name.h"
#include "sized.h"
#include "text.h"
#include <assert.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <zchat/seal.h>

enum {
    VERSION = 1,
    NONCE_SIZE = 24,
    HASH_SIZE = 32,
    KEY_ID_SIZE = 8,
    INNER_SIZE = ZCHAT_KEY_SIZE + HASH_SIZE, /* of a box: the text's key, then the bind */
    BOX_SIZE = KEY_ID_SIZE + INNER_SIZE + 16,
    SENDER_AT = 1,
    NONCE_AT = SENDER_AT + ZCHAT_KEY_SIZE,
    COUNT_AT = NONCE_AT + NONCE_SIZE,
    HEAD_SIZE = COUNT_AT + 1,
    SEALED_MAX = ZCHAT_BODY_MAX / 4 * 3, /* bytes before base64                */
    SEALED_MIN = HEAD_SIZE + BOX_SIZE + 16,
    GROUPS = 6, /* groups of digits in a fingerprint, for each user            */
    HALF_SIZE = ZCHAT_FINGERPRINT_SIZE / 2,
};

_Static_assert(ZCHAT_KEY_SIZE == crypto_box_PUBLICKEYBYTES, "keys are libsodium's");
_Static_assert(ZCHAT_KEY_SIZE == crypto_secretbox_KEYBYTES,
               "the text-key is one of crypto_secretbox");
_Static_assert(NONCE_SIZE == crypto_box_NONCEBYTES, "of the boxes");
_Static_assert(NONCE_SIZE == crypto_secretbox_NONCEBYTES, "of the text");
_Static_assert(BOX_SIZE == KEY_ID_SIZE + INNER_SIZE + crypto_box_MACBYTES, "a box has its tag");
_Static_assert(ZCHAT_FINGERPRINT_SIZE == 2 * GROUPS * 6, "five digits and a space or NUL each");

/*  --- JSON ------------------------------------------------------------------  */

enum { JSON_FLAGS = JSON_REJECT_DUPLICATES };

/*  False where objects and lists lie more than `depth` deep in one another.   */
static bool depth_fits (const json_t *value, int depth) // NOLINT(misc-no-recursion)
{
    const char *key;
    json_t *member;
    size_t i;
    if (!json_is_object (value) && !json_is_array (value))
        return true;
    if (depth == 0)
        return false;
    json_object_foreach ((json_t *)value, key,
                         member) if (!depth_fits (member, depth - 1)) return false;
    json_array_foreach (value, i, member) if (!depth_fits (member, depth - 1)) return false;
    return true;
}

/*  Parse a program's own JSON: ZCHAT_OK and *object; ZCHAT_LIMIT, ZCHAT_INVALID. */
static zchat_status_t data_parse (const char *data, json_t **object)
{
    if (strlen (data) > ZCHAT_DATA_MAX)
        return ZCHAT_LIMIT;
    json_t *parsed = json_loads (data, JSON_FLAGS, NULL);
    zchat_status_t status = ZCHAT_OK;
    if (!json_is_object (parsed))
        status = ZCHAT_INVALID;
    else if (!depth_fits (parsed, ZCHAT_DATA_DEPTH_MAX))
        status = ZCHAT_LIMIT;
    if (status == ZCHAT_OK)
        *object = parsed;
    else
        json_decref (parsed);
    return status;
}

bool zchat_is_sealed (const char *data)
{
    json_t *object = data ? json_loads (data, JSON_FLAGS, NULL) : NULL;
    const json_t *sealed = json_object_get (object, "sealed");
    bool is = json_is_integer (sealed) && json_integer_value (sealed) == VERSION;
    json_decref (object);
    return is;
}

static bool name_fits (const char *name)
{
    return name && name_check (frame_str (name), NULL, NULL) == ZCHAT_OK;
}

/*  --- sealing ---------------------------------------------------------------  */

static void text_wipe (char *text)
{
    if (text)
        sodium_memzero (text, strlen (text));
    free (text);
}

/*  Write the JSON that is sealed, ended by NUL; the caller wipes it.          */
static zchat_status_t plain_write (const zchat_sealed_t *plain, char **json)
{
    json_t *data = NULL;
    if (!name_fits (plain->from) || !name_fits (plain->to))
        return ZCHAT_NAME;
    if (plain->body_size > ZCHAT_SEAL_BODY_MAX)
        return ZCHAT_LIMIT;
    if (!plain->body_size || !text_valid (frame_of (plain->body, plain->body_size)) ||
        plain->time_ms > INT64_MAX)
        return ZCHAT_INVALID;
    zchat_status_t status = plain->data ? data_parse (plain->data, &data) : ZCHAT_OK;
    if (status != ZCHAT_OK)
        return status;
    json_t *object =
        json_pack ("{s:s, s:s, s:I, s:s%, s:o*}", "from", plain->from, "to", plain->to, "time",
                   (json_int_t)plain->time_ms, "body", plain->body, plain->body_size, "data", data);
    *json = memory_check (json_dumps (memory_check (object), JSON_COMPACT));
    json_decref (object);
    return ZCHAT_OK;
}

/*  Compute BLAKE2b-256 over the head and the text of a sealed message.        */
static void bind_hash (const uint8_t *sealed, const uint8_t *text, size_t text_size,
                       uint8_t hash[HASH_SIZE])
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, HASH_SIZE);
    crypto_generichash_update (&state, sealed, HEAD_SIZE);
    crypto_generichash_update (&state, text, text_size);
    crypto_generichash_final (&state, hash, HASH_SIZE);
}

/*  Copy the keys, each once.                                                  */
static size_t keys_once (const uint8_t (*keys)[ZCHAT_KEY_SIZE], size_t n_keys,
                         const uint8_t *once[ZCHAT_SEAL_KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < n_keys; i++) {
        bool seen = false;
        for (size_t j = 0; j < count; j++)
            seen = seen || memcmp (once[j], keys[i], ZCHAT_KEY_SIZE) == 0;
        if (!seen)
            once[count++] = keys[i];
    }
    return count;
}

/*  Fill in everything; sealed is large enough. ZCHAT_INVALID: a key is a point of small order. */
static zchat_status_t sealed_write (const char *json, size_t json_size,
                                    const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                    const uint8_t *const *keys, size_t n_keys, uint8_t *sealed)
{
    uint8_t inner[INNER_SIZE];
    const uint8_t *nonce = sealed + NONCE_AT;
    uint8_t *box = sealed + HEAD_SIZE, *text = box + n_keys * BOX_SIZE;
    zchat_status_t status = ZCHAT_OK;

    sealed[0] = VERSION;
    crypto_scalarmult_base (sealed + SENDER_AT, secret_key);
    randombytes_buf (sealed + NONCE_AT, NONCE_SIZE);
    sealed[COUNT_AT] = (uint8_t)n_keys;
    randombytes_buf (inner, ZCHAT_KEY_SIZE);
    crypto_secretbox_easy (text, (const uint8_t *)json, json_size, nonce, inner);
    bind_hash (sealed, text, json_size + crypto_secretbox_MACBYTES, inner + ZCHAT_KEY_SIZE);
    for (size_t i = 0; i < n_keys && status == ZCHAT_OK; i++, box += BOX_SIZE) {
        memcpy (box, keys[i], KEY_ID_SIZE);
        if (crypto_box_easy (box + KEY_ID_SIZE, inner, INNER_SIZE, nonce, keys[i], secret_key) != 0)
            status = ZCHAT_INVALID;
    }
    sodium_memzero (inner, sizeof inner);
    return status;
}

/*  The struct of the first release ended behind the sender, so a program may hand in one that
    short.                                                                     */
enum { SEALED_LEAST = offsetof (zchat_sealed_t, sender) + ZCHAT_KEY_SIZE };

zchat_status_t zchat_seal_sized (const zchat_sealed_t *given, size_t given_size,
                                 const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                 const uint8_t (*keys)[ZCHAT_KEY_SIZE], size_t n_keys, char **body)
{
    zchat_sealed_t plain;
    const uint8_t *once[ZCHAT_SEAL_KEYS_MAX];
    char *json = NULL;
    uint8_t *sealed = NULL;

    if (!sized_read (&plain, sizeof plain, SEALED_LEAST, given, given_size))
        return ZCHAT_INVALID;
    if (n_keys == 0 || n_keys > ZCHAT_SEAL_KEYS_MAX)
        return ZCHAT_LIMIT;
    if (sodium_init () < 0)
        return ZCHAT_SYSTEM;
    zchat_status_t status = plain_write (&plain, &json);
    if (status != ZCHAT_OK)
        return status;
    n_keys = keys_once (keys, n_keys, once);
    size_t json_size = strlen (json);
    size_t size = HEAD_SIZE + n_keys * BOX_SIZE + json_size + crypto_secretbox_MACBYTES;
    if (size > SEALED_MAX) {
        status = ZCHAT_LIMIT;
        goto out;
    }
    sealed = memory_new (size);
    status = sealed_write (json, json_size, secret_key, once, n_keys, sealed);
    if (status == ZCHAT_OK) {
        size_t text_size = sodium_base64_encoded_len (size, sodium_base64_VARIANT_ORIGINAL);
        *body = memory_new (text_size);
        sodium_bin2base64 (*body, text_size, sealed, size, sodium_base64_VARIANT_ORIGINAL);
    }
out:
    text_wipe (json);
    free (sealed);
    return status;
}

/*  --- opening ---------------------------------------------------------------  */

typedef struct {
    zchat_sealed_t plain; /* first member, because the caller has a pointer to it */
    json_t *json;         /* owns the strings from, to and body                */
    char *data;
} opened_t;

void zchat_sealed_destroy (zchat_sealed_t **plain)
{
    if (*plain) {
        opened_t *self = (opened_t *)*plain;
        json_decref (self->json);
        text_wipe (self->data);
        free (self);
        *plain = NULL;
    }
}

/*  Find a string in an object; NULL where there is none, or where it holds a NUL. */
static const char *string_get (const json_t *object, const char *key, size_t *size)
{
    const json_t *string = json_object_get (object, key);
    *size = json_string_length (string);
    return json_string_value (string);
}

/*  Read what the sender has sealed. ZCHAT_INVALID where it is malformed: who seals is a peer
    too, and is not trusted.                                                   */
static zchat_status_t plain_read (const char *text, size_t size, opened_t *self)
{
    zchat_sealed_t *plain = &self->plain;
    size_t from_size, to_size;
    self->json = json_loadb (text, size, JSON_FLAGS, NULL);
    const json_t *time = json_object_get (self->json, "time");
    json_t *data = json_object_get (self->json, "data");
    plain->from = string_get (self->json, "from", &from_size);
    plain->to = string_get (self->json, "to", &to_size);
    plain->body = string_get (self->json, "body", &plain->body_size);
    if (!name_fits (plain->from) || !name_fits (plain->to) || !plain->body || !plain->body_size ||
        plain->body_size > ZCHAT_SEAL_BODY_MAX ||
        !text_valid (frame_of (plain->body, plain->body_size)) || !json_is_integer (time) ||
        json_integer_value (time) < 0)
        return ZCHAT_INVALID;
    plain->time_ms = (uint64_t)json_integer_value (time);
    if (!data)
        return ZCHAT_OK;
    if (!json_is_object (data) || !depth_fits (data, ZCHAT_DATA_DEPTH_MAX))
        return ZCHAT_INVALID;
    self->data = memory_check (json_dumps (data, JSON_COMPACT));
    plain->data = self->data;
    return ZCHAT_OK;
}

/*  Find the box for the secret key, and open it: text-key and bind. Several boxes may have the
    same key-id; the right one opens.                                          */
static bool box_open (const uint8_t *sealed, const uint8_t secret_key[ZCHAT_KEY_SIZE],
                      const uint8_t hash[HASH_SIZE], uint8_t inner[INNER_SIZE])
{
    uint8_t public_key[ZCHAT_KEY_SIZE];
    const uint8_t *box = sealed + HEAD_SIZE;
    crypto_scalarmult_base (public_key, secret_key);
    for (size_t i = 0; i < sealed[COUNT_AT]; i++, box += BOX_SIZE)
        if (memcmp (box, public_key, KEY_ID_SIZE) == 0 &&
            crypto_box_open_easy (inner, box + KEY_ID_SIZE, BOX_SIZE - KEY_ID_SIZE,
                                  sealed + NONCE_AT, sealed + SENDER_AT, secret_key) == 0)
            return sodium_memcmp (inner + ZCHAT_KEY_SIZE, hash, HASH_SIZE) == 0;
    return false;
}

/*  Decrypt the JSON into text, which holds size bytes.                        */
static zchat_status_t sealed_read (const uint8_t *sealed, size_t size,
                                   const uint8_t secret_key[ZCHAT_KEY_SIZE], char *text,
                                   size_t *text_size)
{
    uint8_t inner[INNER_SIZE], hash[HASH_SIZE];
    if (size < SEALED_MIN || sealed[0] != VERSION)
        return ZCHAT_INVALID;
    size_t n_boxes = sealed[COUNT_AT], front = HEAD_SIZE + n_boxes * BOX_SIZE;
    if (n_boxes == 0 || n_boxes > ZCHAT_SEAL_KEYS_MAX || size < front + crypto_secretbox_MACBYTES)
        return ZCHAT_INVALID;
    bind_hash (sealed, sealed + front, size - front, hash);
    zchat_status_t status = ZCHAT_INVALID;
    if (box_open (sealed, secret_key, hash, inner) &&
        crypto_secretbox_open_easy ((uint8_t *)text, sealed + front, size - front,
                                    sealed + NONCE_AT, inner) == 0) {
        *text_size = size - front - crypto_secretbox_MACBYTES;
        status = ZCHAT_OK;
    }
    sodium_memzero (inner, sizeof inner);
    return status;
}

/*  Bytes beyond ASCII are refused first, because libsodium 1.0.18 takes some for a slash or a
    plus.                                                                      */
static bool base64_decode (const char *body, size_t size, uint8_t sealed[SEALED_MAX],
                           size_t *sealed_size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)body[i] > SCHAR_MAX)
            return false;
    return sodium_base642bin (sealed, SEALED_MAX, body, size, NULL, sealed_size, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0;
}

zchat_status_t zchat_unseal (const char *body, size_t size,
                             const uint8_t secret_key[ZCHAT_KEY_SIZE], zchat_sealed_t **plain)
{
    size_t sealed_size, text_size;
    if (size > ZCHAT_BODY_MAX || sodium_init () < 0)
        return ZCHAT_INVALID;
    uint8_t *sealed = memory_new (SEALED_MAX);
    char *text = memory_zero (SEALED_MAX);
    opened_t *self = NULL;
    zchat_status_t status = ZCHAT_INVALID;

    if (!base64_decode (body, size, sealed, &sealed_size))
        goto out;
    status = sealed_read (sealed, sealed_size, secret_key, text, &text_size);
    if (status != ZCHAT_OK)
        goto out;
    self = memory_zero (sizeof *self);
    status = plain_read (text, text_size, self);
    memcpy (self->plain.sender, sealed + SENDER_AT, ZCHAT_KEY_SIZE);
    zchat_sealed_t *opened = &self->plain;
    if (status == ZCHAT_OK)
        *plain = opened;
    else
        zchat_sealed_destroy (&opened);
out:
    sodium_memzero (text, SEALED_MAX);
    free (text);
    free (sealed);
    return status;
}

/*  --- fingerprints ----------------------------------------------------------  */

static int key_order (const void *a, const void *b)
{
    return memcmp (a, b, ZCHAT_KEY_SIZE);
}

/*  Write six groups with a space behind each, ended by NUL.                   */
static void half_write (const char *fold, const uint8_t (*keys)[ZCHAT_KEY_SIZE], size_t n_keys,
                        char half[HALF_SIZE + 1])
{
    uint8_t sorted[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE], hash[crypto_generichash_BYTES_MAX];
    crypto_generichash_state state;

    memcpy (sorted, keys, n_keys * ZCHAT_KEY_SIZE);
    qsort (sorted, n_keys, ZCHAT_KEY_SIZE, key_order);
    crypto_generichash_init (&state, NULL, 0, sizeof hash);
    crypto_generichash_update (&state, (const uint8_t *)fold, strlen (fold) + 1); /* with NUL */
    for (size_t i = 0; i < n_keys; i++)
        if (i == 0 || key_order (sorted[i - 1], sorted[i]) != 0)
            crypto_generichash_update (&state, sorted[i], ZCHAT_KEY_SIZE);
    crypto_generichash_final (&state, hash, sizeof hash);
    for (size_t group = 0; group < GROUPS; group++) {
        uint64_t number = 0;
        for (size_t i = 0; i < 8; i++)
            number = number << CHAR_BIT | hash[group * 8 + i];
        snprintf (half + group * 6, 7, "%05u ", (unsigned)(number % 100000));
    }
}

zchat_status_t zchat_fingerprint (const char *user_a, const uint8_t (*keys_a)[ZCHAT_KEY_SIZE],
                                  size_t n_a, const char *user_b,
                                  const uint8_t (*keys_b)[ZCHAT_KEY_SIZE], size_t n_b,
                                  char text[ZCHAT_FINGERPRINT_SIZE])
{
    name_keys_t a, b;
    char half_a[HALF_SIZE + 1], half_b[HALF_SIZE + 1];
    if (!user_a || !user_b || name_check (frame_str (user_a), &a, NULL) != ZCHAT_OK ||
        name_check (frame_str (user_b), &b, NULL) != ZCHAT_OK || name_same (&a, &b))
        return ZCHAT_NAME;
    if (n_a == 0 || n_a > ZCHAT_SEAL_KEYS_MAX || n_b == 0 || n_b > ZCHAT_SEAL_KEYS_MAX)
        return ZCHAT_LIMIT;
    half_write (a.fold, keys_a, n_a, half_a);
    half_write (b.fold, keys_b, n_b, half_b);
    bool a_first = strcmp (a.fold, b.fold) < 0;
    snprintf (text, ZCHAT_FINGERPRINT_SIZE, "%s%.35s", a_first ? half_a : half_b,
              a_first ? half_b : half_a);
    return ZCHAT_OK;
}
