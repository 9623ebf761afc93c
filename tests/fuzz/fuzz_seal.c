/*  fuzz_seal.c - sealed messages of senders and brokers who mean no good

    Each line of the input is one try: a letter, then parts (see fuzz.h).

        b body                        a body as it came
        p keys|plain                  any text, well sealed by somebody for so many keys
        s keys|from|to|body|data|time|at|with     sealed and opened again; then the byte at
                                      that place of the sealed becomes another
        f name|name                   a fingerprint

    What must hold: what is opened is what was sealed, from whom it was sealed, whatever was
    changed on the way; what is opened is well-formed; both sides see one fingerprint. */
#include "fuzz.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <jansson.h>
#include <sodium.h>
#include <zchat/seal.h>

enum {
    HEAD_SIZE = 1 + 32 + 24 + 1, /* version, sender, nonce, count              */
    BOX_SIZE = 8 + 64 + 16,      /* key-id, text-key and bind, tag             */
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
};

/*  Pairs of keys; the first is the sender's.                                  */
static uint8_t publics[ZCHAT_SEAL_KEYS_MAX + 1][ZCHAT_KEY_SIZE];
static uint8_t secrets[ZCHAT_SEAL_KEYS_MAX + 1][ZCHAT_KEY_SIZE];

static void pairs_make (void)
{
    static bool made;
    fuzz_check (made || sodium_init () >= 0);
    for (uint8_t i = 0; !made && i <= ZCHAT_SEAL_KEYS_MAX; i++) {
        uint8_t seed[crypto_box_SEEDBYTES] = {i};
        fuzz_check (crypto_box_seed_keypair (publics[i], secrets[i], seed) == 0);
    }
    made = true;
}

/*  Open with the key of somebody; what is opened is well-formed. NULL: it is not.     */
static zchat_sealed_t *open_with (size_t reader, frame_t body)
{
    zchat_sealed_t *plain = NULL;
    zchat_status_t status = zchat_unseal (body.data, body.size, secrets[reader], &plain);
    fuzz_check (status == ZCHAT_OK || status == ZCHAT_INVALID);
    fuzz_check ((status == ZCHAT_OK) == (plain != NULL));
    if (!plain)
        return NULL;
    fuzz_check (name_check (frame_str (plain->from), NULL, NULL) == ZCHAT_OK);
    fuzz_check (name_check (frame_str (plain->to), NULL, NULL) == ZCHAT_OK);
    fuzz_check (plain->body_size >= 1 && plain->body_size <= ZCHAT_SEAL_BODY_MAX);
    fuzz_check (strlen (plain->body) == plain->body_size);
    fuzz_check (text_valid (frame_of (plain->body, plain->body_size)));
    fuzz_check (plain->time_ms <= INT64_MAX);
    if (plain->data) {
        json_t *data = json_loads (plain->data, JSON_REJECT_DUPLICATES, NULL);
        fuzz_check (json_is_object (data));
        json_decref (data);
    }
    return plain;
}

static frame_t part (const frame_t *frames, size_t count, size_t index)
{
    return index < count ? frames[index] : frame_of ("", 0);
}

/*  1 to the most keys.                                                        */
static size_t keys_asked (frame_t text)
{
    return 1 + (size_t)fuzz_number (text, ZCHAT_SEAL_KEYS_MAX - 1);
}

static void try_body (frame_t body)
{
    zchat_sealed_t *plain = open_with (1, body);
    zchat_sealed_destroy (&plain);
    char *data = fuzz_string (body);
    (void)zchat_is_sealed (data);
    free (data);
}

/*  As base64; the caller frees it.                                            */
static char *encode (const uint8_t *sealed, size_t size)
{
    size_t room = sodium_base64_encoded_len (size, BASE64);
    char *text = memory_new (room);
    sodium_bin2base64 (text, room, sealed, size, BASE64);
    return text;
}

/*  What a sender of their own making may seal, by the page of the protocol.   */
static void try_plain (size_t n_keys, frame_t plain)
{
    uint8_t inner[64] = {7};
    crypto_generichash_state state;
    size_t text_size = plain.size + crypto_secretbox_MACBYTES;
    size_t size = HEAD_SIZE + n_keys * BOX_SIZE + text_size;
    uint8_t *sealed = memory_zero (size), *nonce = sealed + 33;
    uint8_t *box = sealed + HEAD_SIZE, *text = box + n_keys * BOX_SIZE;
    sealed[0] = 1;
    memcpy (sealed + 1, publics[0], ZCHAT_KEY_SIZE);
    sealed[HEAD_SIZE - 1] = (uint8_t)n_keys;
    crypto_secretbox_easy (text, plain.data, plain.size, nonce, inner);
    crypto_generichash_init (&state, NULL, 0, 32);
    crypto_generichash_update (&state, sealed, HEAD_SIZE);
    crypto_generichash_update (&state, text, text_size);
    crypto_generichash_final (&state, inner + 32, 32);
    for (size_t i = 1; i <= n_keys; i++, box += BOX_SIZE) {
        memcpy (box, publics[i], 8);
        fuzz_check (crypto_box_easy (box + 8, inner, sizeof inner, nonce, publics[i], secrets[0]) ==
                    0);
    }
    char *body = encode (sealed, size);
    json_t *json = json_loadb (plain.data, plain.size, JSON_REJECT_DUPLICATES, NULL);
    for (size_t i = 1; i <= n_keys; i++) {
        zchat_sealed_t *opened = open_with (i, frame_str (body));
        fuzz_check (!opened || json_is_object (json));
        fuzz_check (!opened || !memcmp (opened->sender, publics[0], ZCHAT_KEY_SIZE));
        zchat_sealed_destroy (&opened);
    }
    json_decref (json);
    free (body);
    free (sealed);
}

static void check_same (const zchat_sealed_t *opened, const zchat_sealed_t *plain)
{
    fuzz_check (!strcmp (opened->from, plain->from) && !strcmp (opened->to, plain->to));
    fuzz_check (opened->time_ms == plain->time_ms);
    fuzz_check (frame_eq (frame_of (opened->body, opened->body_size),
                          frame_of (plain->body, plain->body_size)));
    fuzz_check (!memcmp (opened->sender, publics[0], ZCHAT_KEY_SIZE));
    json_t *a = opened->data ? json_loads (opened->data, 0, NULL) : NULL;
    json_t *b = plain->data ? json_loads (plain->data, 0, NULL) : NULL;
    fuzz_check (a == b || json_equal (a, b));
    json_decref (a);
    json_decref (b);
}

/*  A byte of it becomes another: it is not opened, or is what it was (the change was in
    somebody else's box).                                                      */
static void check_changed (const char *body, frame_t at, frame_t with, const zchat_sealed_t *plain)
{
    size_t room = strlen (body), size = 0;
    uint8_t *sealed = memory_new (room + 1);
    fuzz_check (sodium_base642bin (sealed, room, body, room, NULL, &size, NULL, BASE64) == 0);
    sealed[fuzz_number (at, size - 1)] ^= (uint8_t)(1 + fuzz_number (with, 254));
    char *changed = encode (sealed, size);
    zchat_sealed_t *opened = open_with (1, frame_str (changed));
    if (opened)
        check_same (opened, plain);
    zchat_sealed_destroy (&opened);
    free (changed);
    free (sealed);
}

static void try_seal (const frame_t *frames, size_t count)
{
    size_t n_keys = keys_asked (frames[0]);
    char *from = fuzz_string (part (frames, count, 1)), *to = fuzz_string (part (frames, count, 2));
    char *data = fuzz_string (part (frames, count, 4)), *body = NULL;
    frame_t text = part (frames, count, 3);
    zchat_sealed_t plain = {.from = from,
                            .to = to,
                            .time_ms = fuzz_number (part (frames, count, 5), UINT64_MAX),
                            .body = text.data,
                            .body_size = text.size,
                            .data = *data ? data : NULL};
    if (zchat_seal (&plain, secrets[0], (const uint8_t (*)[ZCHAT_KEY_SIZE])publics + 1, n_keys,
                    &body) == ZCHAT_OK) {
        fuzz_check (strlen (body) <= ZCHAT_BODY_MAX);
        for (size_t i = 0; i <= ZCHAT_SEAL_KEYS_MAX; i++) {
            zchat_sealed_t *opened = open_with (i, frame_str (body));
            fuzz_check ((opened != NULL) == (i >= 1 && i <= n_keys));
            if (opened)
                check_same (opened, &plain);
            zchat_sealed_destroy (&opened);
        }
        check_changed (body, part (frames, count, 6), part (frames, count, 7), &plain);
    } else
        fuzz_check (!body);
    free (body);
    free (from);
    free (to);
    free (data);
}

static void try_fingerprint (const frame_t *frames, size_t count)
{
    char *a = fuzz_string (frames[0]), *b = fuzz_string (part (frames, count, 1));
    char one[ZCHAT_FINGERPRINT_SIZE], other[ZCHAT_FINGERPRINT_SIZE];
    const uint8_t (*keys)[ZCHAT_KEY_SIZE] = (const uint8_t (*)[ZCHAT_KEY_SIZE])publics;
    zchat_status_t status = zchat_fingerprint (a, keys, 2, b, keys + 2, 3, one);
    fuzz_check (zchat_fingerprint (b, keys + 2, 3, a, keys, 2, other) == status);
    if (status == ZCHAT_OK) {
        fuzz_check (strlen (one) + 1 == sizeof one && !strcmp (one, other));
        fuzz_check (strspn (one, "0123456789 ") + 1 == sizeof one);
    }
    free (a);
    free (b);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    fuzz_escapes_t escapes = {.spent = FUZZ_BUDGET_MAX - (1 << 18)};
    frame_t text = frame_of (data, size), line;
    pairs_make ();
    while (fuzz_line (&text, &line)) {
        if (line.size == 0)
            continue;
        const char *bytes = line.data;
        frame_t frames[FUZZ_FRAMES_MAX];
        size_t count = fuzz_frames (&escapes, frame_of (bytes + 1, line.size - 1), frames);
        if (*bytes == 'b')
            try_body (frames[0]);
        else if (*bytes == 'p')
            try_plain (keys_asked (frames[0]), part (frames, count, 1));
        else if (*bytes == 's')
            try_seal (frames, count);
        else if (*bytes == 'f')
            try_fingerprint (frames, count);
        fuzz_frames_free (frames, count);
    }
    return 0;
}

/*  --- what inputs are made of -----------------------------------------------  */

#define PLAIN "{\"from\":\"bob\",\"to\":\"eve\",\"time\":1,\"body\":\"psst\"}"
#define SMALL "{\"from\":\"bob\",\"to\":\"eve\",\"time\":1,\"body\":\"p\","
const char *const fuzz_lines[] = {
    "bAQID",
    "b{\"sealed\":1}",
    "p0|" PLAIN,
    "p1|" SMALL "\"data\":{\"a\":1.1}}",
    "p15|" SMALL "\"data\":[]}",
    "s0|bob|eve|psst||1|0|0",
    "s2|bob|eve|psst|{\"a\":[1]}|1732089600123|60|1",
    "s15|bob|eve|x\\*32766;||1|99|7",
    "fbob|eve",
    NULL,
};
const char *const fuzz_parts[] = {
    "",
    "0",
    "1",
    "15",
    "57",
    "58",
    "66",
    "9223372036854775807",
    "9223372036854775808",
    "bob",
    "eve",
    "BOB",
    "\\x22\\*16000;",
    "x\\*32767;",
    "x\\*32768;",
    "{}",
    "{\"a\":\"x\\*4087;\"}",
    "{\"from\":\"bob\",\"to\":\"\",\"time\":1,\"body\":\"x\"}",
    "{\"from\":\"b\",\"to\":\"e\",\"time\":-1,\"body\":\"x\"}",
    "{\"from\":\"b\",\"to\":\"e\",\"time\":1,\"body\":\"\\\\u0000\"}",
    "\\xff",
    NULL,
};
