/*  test_seal.c - sealed messages: who can open them, and what is refused       */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>
#include <sodium.h>
#include <zchat/seal.h>

enum { ALICE, BOB, BOB_TOO, EVE, PEOPLE = 18 };

static uint8_t secret[PEOPLE][ZCHAT_KEY_SIZE], public[PEOPLE][ZCHAT_KEY_SIZE];

/*  Made by tests/integration/support/seal.py, with the secret keys 1, 2, ... 32 and 101, ...
    132, the nonce 0, 1, ... 23 and the text-key 200, ... 231.                 */
static const char known_body[] =
    "AQejfLwUIJPIt1XcGxDobLQmN0rRaqhT7QvfwLK4bRx8AAECAwQFBgcICQoLDA0ODxAREhMUFRYXAlcUdp0Ra/dkUKJmMA"
    "W+61S1o3hZFWwKZcKYy72JJVpYfG+PmGCJ70Pc/5UPMBI9S9q7pA9XzrCkYa40EgERKd9Kd4L+DJi0JJV4vtzPfLQQAZcG"
    "Umxd100Ho3y8FCCTyHsFY/aVlBOFxJ8HRNmOKs29MB3eIJT5Z/elo1vKmvGEZuNkN3QG/2UJ3aGox0WZXbi9ZLY+u60AsI"
    "5Ea0svF9IMbNbNlglPFIex/IGhVGwrKVEy0AgMAZIKf8JmuAWzxv0M3VfOUOA7jiBomX+HYr1zvdnZw3gzjul3yFEM3TBV"
    "z3Azi6AlPtYo1pcL8NyC54LnKtfmOsRr0SMH/t8fxheE3q4Za3cz3tFySM8oi0LqoyiWwDlvW26AUFMkmXWFgAteEzKFU/"
    "V/hZnhzzTUqHo8";

static int setup (void **state)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        for (size_t j = 0; j < ZCHAT_KEY_SIZE; j++)
            secret[i][j] = (uint8_t)(100 * i + j + 1);
        crypto_scalarmult_base (public[i], secret[i]);
    }
    return sodium_init () < 0 ? -1 : 0;
}

static zchat_sealed_t hello (void)
{
    return (zchat_sealed_t){
        .from = "alice", .to = "bob", .time_ms = 17, .body = "hello", .body_size = 5};
}

static char *seal_for (const zchat_sealed_t *plain, size_t first, size_t n_keys)
{
    char *body = NULL;
    assert_int_equal (zchat_seal (plain, secret[ALICE], public + first, n_keys, &body), ZCHAT_OK);
    assert_true (strlen (body) <= ZCHAT_BODY_MAX);
    return body;
}

static zchat_status_t refused (const zchat_sealed_t *plain)
{
    char *body = NULL;
    zchat_status_t status = zchat_seal (plain, secret[ALICE], public + BOB, 1, &body);
    assert_true ((status == ZCHAT_OK) == (body != NULL));
    free (body);
    return status;
}

static bool opens (const char *body, size_t size, size_t who)
{
    zchat_sealed_t *plain = NULL;
    zchat_status_t status = zchat_unseal (body, size, secret[who], &plain);
    assert_true ((status == ZCHAT_OK) == (plain != NULL));
    assert_true (status == ZCHAT_OK || status == ZCHAT_INVALID);
    zchat_sealed_destroy (&plain);
    return status == ZCHAT_OK;
}

/*  The body as bytes, changed and written again.                              */
static size_t decode (const char *body, uint8_t *sealed)
{
    size_t size;
    assert_int_equal (sodium_base642bin (sealed, ZCHAT_BODY_MAX, body, strlen (body), NULL, &size,
                                         NULL, sodium_base64_VARIANT_ORIGINAL),
                      0);
    return size;
}

static bool opens_bytes (const uint8_t *sealed, size_t size, size_t who)
{
    size_t length = sodium_base64_encoded_len (size, sodium_base64_VARIANT_ORIGINAL);
    char *body = malloc (length);
    assert_non_null (body);
    sodium_bin2base64 (body, length, sealed, size, sodium_base64_VARIANT_ORIGINAL);
    bool is = opens (body, length - 1, who);
    free (body);
    return is;
}

/*  --- round trips -----------------------------------------------------------  */

static void test_for_several_keys (void **state)
{
    zchat_sealed_t said = hello (), *plain;
    said.data = "{\"mood\":[1,null,\"x\"]}";
    for (size_t n = 1; n <= ZCHAT_SEAL_KEYS_MAX; n++) {
        char *body = seal_for (&said, ALICE, n);
        for (size_t who = 0; who < PEOPLE; who++) {
            if (who >= n) {
                assert_false (opens (body, strlen (body), who));
                continue;
            }
            assert_int_equal (zchat_unseal (body, strlen (body), secret[who], &plain), ZCHAT_OK);
            assert_string_equal (plain->from, "alice");
            assert_string_equal (plain->to, "bob");
            assert_int_equal (plain->time_ms, 17);
            assert_int_equal (plain->body_size, 5);
            assert_string_equal (plain->body, "hello");
            assert_string_equal (plain->data, said.data);
            assert_memory_equal (plain->sender, public[ALICE], ZCHAT_KEY_SIZE);
            zchat_sealed_destroy (&plain);
            zchat_sealed_destroy (&plain);
        }
        free (body);
    }
}

static void test_never_the_same_twice (void **state)
{
    zchat_sealed_t said = hello ();
    char *one = seal_for (&said, BOB, 1), *two = seal_for (&said, BOB, 1);
    assert_string_not_equal (one, two);
    assert_null (strstr (one, "hello"));
    free (one);
    free (two);
}

static void test_keys_once (void **state)
{
    uint8_t keys[3][ZCHAT_KEY_SIZE], sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *body = NULL;
    memcpy (keys[0], public[BOB], ZCHAT_KEY_SIZE);
    memcpy (keys[1], public[ALICE], ZCHAT_KEY_SIZE);
    memcpy (keys[2], public[BOB], ZCHAT_KEY_SIZE);
    assert_int_equal (
        zchat_seal (&said, secret[ALICE], (const uint8_t (*)[ZCHAT_KEY_SIZE])keys, 3, &body),
        ZCHAT_OK);
    decode (body, sealed);
    assert_int_equal (sealed[57], 2);
    assert_true (opens (body, strlen (body), BOB) && opens (body, strlen (body), ALICE));
    free (body);
}

static void test_known_answer (void **state)
{
    zchat_sealed_t *plain;
    for (size_t who = ALICE; who <= BOB; who++) {
        assert_int_equal (zchat_unseal (known_body, strlen (known_body), secret[who], &plain),
                          ZCHAT_OK);
        assert_string_equal (plain->from, "alice");
        assert_string_equal (plain->to, "боб");
        assert_true (plain->time_ms == UINT64_C (1732089600123));
        assert_string_equal (plain->body, "здравствуй,\n\"мир\"");
        assert_string_equal (plain->data, "{\"x\":[1,2]}");
        assert_memory_equal (plain->sender, public[ALICE], ZCHAT_KEY_SIZE);
        zchat_sealed_destroy (&plain);
    }
}

/*  --- what is sealed --------------------------------------------------------  */

static void test_text (void **state)
{
    static char text[ZCHAT_SEAL_BODY_MAX + 2];
    zchat_sealed_t said = hello (), *plain;
    said.body_size = 0;
    assert_int_equal (refused (&said), ZCHAT_INVALID);
    said.body = "a\0b";
    said.body_size = 3;
    assert_int_equal (refused (&said), ZCHAT_INVALID);
    said.body = "\xff";
    said.body_size = 1;
    assert_int_equal (refused (&said), ZCHAT_INVALID);
    said.body = "\xed\xa0\x80"; /* a surrogate */
    said.body_size = 3;
    assert_int_equal (refused (&said), ZCHAT_INVALID);

    memset (text, 'x', sizeof text - 1);
    said.body = text;
    said.body_size = ZCHAT_SEAL_BODY_MAX;
    char *body = seal_for (&said, ALICE, ZCHAT_SEAL_KEYS_MAX);
    assert_int_equal (zchat_unseal (body, strlen (body), secret[BOB], &plain), ZCHAT_OK);
    assert_int_equal (plain->body_size, ZCHAT_SEAL_BODY_MAX);
    assert_memory_equal (plain->body, text, ZCHAT_SEAL_BODY_MAX);
    zchat_sealed_destroy (&plain);
    free (body);
    said.body_size++;
    assert_int_equal (refused (&said), ZCHAT_LIMIT);
    memset (text, '\n', sizeof text - 1); /* two bytes each, in JSON */
    said.body_size = ZCHAT_SEAL_BODY_MAX;
    assert_int_equal (refused (&said), ZCHAT_LIMIT);
    said.body_size = ZCHAT_SEAL_BODY_MAX / 2;
    assert_int_equal (refused (&said), ZCHAT_OK);
}

static void test_names_and_time (void **state)
{
    zchat_sealed_t said = hello ();
    static const char *const bad[] = {"", "@", "a b", "a/b", "\xff", "\033[31m", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        said.from = bad[i];
        assert_int_equal (refused (&said), ZCHAT_NAME);
        said.from = "alice";
        said.to = bad[i];
        assert_int_equal (refused (&said), ZCHAT_NAME);
        said.to = "bob";
    }
    said.time_ms = INT64_MAX;
    assert_int_equal (refused (&said), ZCHAT_OK);
    said.time_ms++;
    assert_int_equal (refused (&said), ZCHAT_INVALID);
}

static void test_data (void **state)
{
    char deep[8 + 2 * ZCHAT_DATA_DEPTH_MAX + 2];
    static char longest[ZCHAT_DATA_MAX + 2];
    static const char *const bad[] = {"",
                                      "1",
                                      "[]",
                                      "null",
                                      "{",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"a\":\"\\u0000\"}",
                                      "{} {}",
                                      "{\"a\":\"\xff\"}"};
    zchat_sealed_t said = hello ();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        said.data = bad[i];
        assert_int_equal (refused (&said), ZCHAT_INVALID);
    }
    for (int depth = ZCHAT_DATA_DEPTH_MAX - 1; depth <= ZCHAT_DATA_DEPTH_MAX; depth++) {
        static char lists[2][ZCHAT_DATA_DEPTH_MAX + 1];
        memset (lists[0], '[', ZCHAT_DATA_DEPTH_MAX);
        memset (lists[1], ']', ZCHAT_DATA_DEPTH_MAX);
        snprintf (deep, sizeof deep, "{\"x\":%.*s%.*s}", depth, lists[0], depth, lists[1]);
        said.data = deep;
        assert_int_equal (refused (&said), depth < ZCHAT_DATA_DEPTH_MAX ? ZCHAT_OK : ZCHAT_LIMIT);
    }

    memset (longest, ' ', sizeof longest - 1);
    longest[0] = '{';
    longest[ZCHAT_DATA_MAX - 1] = '}';
    longest[ZCHAT_DATA_MAX] = '\0';
    said.data = longest;
    assert_int_equal (refused (&said), ZCHAT_OK);
    longest[ZCHAT_DATA_MAX] = ' ';
    assert_int_equal (refused (&said), ZCHAT_LIMIT);
}

/*  Numbers may be written longer than they came: what was sealed opens all the same. */
static void test_data_that_grows (void **state)
{
    static char data[ZCHAT_DATA_MAX + 1] = "{\"x\":[0.1";
    zchat_sealed_t said = hello ();
    size_t size = strlen (data);
    while (size < ZCHAT_DATA_MAX - 8)
        size += (size_t)snprintf (data + size, sizeof data - size, ",0.1");
    snprintf (data + size, sizeof data - size, "]}");
    said.data = data;
    char *body = seal_for (&said, BOB, 1);
    assert_true (opens (body, strlen (body), BOB));
    free (body);
}

static void test_counts (void **state)
{
    zchat_sealed_t said = hello ();
    char *body = NULL;
    assert_int_equal (zchat_seal (&said, secret[ALICE], public, 0, &body), ZCHAT_LIMIT);
    assert_int_equal (zchat_seal (&said, secret[ALICE], public, ZCHAT_SEAL_KEYS_MAX + 1, &body),
                      ZCHAT_LIMIT);
    assert_null (body);
}

/*  Points of small order, in every encoding: the shared key would be known to all. */
static void test_keys_of_small_order (void **state)
{
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
    };
    uint8_t keys[2][ZCHAT_KEY_SIZE], sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *whole = seal_for (&said, BOB, 1), *body = NULL;
    size_t size = decode (whole, sealed);
    free (whole);
    memcpy (keys[0], public[BOB], ZCHAT_KEY_SIZE);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        sodium_hex2bin (keys[1], ZCHAT_KEY_SIZE, small[i], 64, NULL, NULL, NULL);
        assert_int_equal (
            zchat_seal (&said, secret[ALICE], (const uint8_t (*)[ZCHAT_KEY_SIZE])keys, 2, &body),
            ZCHAT_INVALID);
        assert_null (body);
        memcpy (sealed + 1, keys[1], ZCHAT_KEY_SIZE); /* as the sender */
        assert_false (opens_bytes (sealed, size, BOB));
    }
}

/*  --- what was changed on its way -------------------------------------------  */

static void test_every_byte (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, BOB, 1);
    size_t size = decode (body, sealed), length = strlen (body);
    assert_true (opens_bytes (sealed, size, BOB));
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            sealed[i] ^= (uint8_t)(1 << bit);
            assert_false (opens_bytes (sealed, size, BOB));
            sealed[i] ^= (uint8_t)(1 << bit);
        }
    for (size_t i = 0; i < length; i++) {
        char was = body[i];
        for (int change = 1; change < 256; change++) {
            body[i] = (char)(was ^ change);
            if (opens (body, length, BOB))
                fail_msg ("byte %zu of %zu: %02x for %02x", i, length, (uint8_t)body[i],
                          (uint8_t)was);
        }
        body[i] = was;
    }
    assert_true (opens (body, length, BOB));
    free (body);
}

static void test_every_length (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, ALICE, 3);
    size_t size = decode (body, sealed), length = strlen (body);
    for (size_t i = 0; i < size; i++)
        assert_false (opens_bytes (sealed, i, BOB));
    for (size_t i = 0; i < length; i++) {
        char *part = malloc (i + 1); /* of its own, so that reading beyond is found */
        assert_non_null (part);
        memcpy (part, body, i);
        assert_false (opens (part, i, BOB));
        free (part);
    }
    sealed[size] = 0;
    assert_false (opens_bytes (sealed, size + 1, BOB));
    assert_false (opens (body, length + 1, BOB)); /* with its NUL */
    free (body);
}

static void test_counts_on_the_way (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, ALICE, ZCHAT_SEAL_KEYS_MAX);
    size_t size = decode (body, sealed);
    for (unsigned count = 0; count < 256; count++) {
        sealed[57] = (uint8_t)count;
        assert_int_equal (opens_bytes (sealed, size, BOB), count == ZCHAT_SEAL_KEYS_MAX);
    }
    free (body);
}

static void test_swapped_key_ids (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX], id[8];
    uint8_t *one = sealed + 58, *two = one + 88;
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, BOB, 2);
    size_t size = decode (body, sealed);
    memcpy (id, one, sizeof id);
    memcpy (one, two, sizeof id);
    memcpy (two, id, sizeof id);
    assert_false (opens_bytes (sealed, size, BOB));
    assert_false (opens_bytes (sealed, size, BOB_TOO));
    memcpy (one, id, sizeof id); /* both the same: the right one opens */
    assert_true (opens_bytes (sealed, size, BOB));
    free (body);
}

/*  Who can open a message knows its text-key, and puts another text under the same boxes,
    for the addressee's other key and for the sender.                          */
static void test_no_reader_can_change_the_text (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX], inner[64];
    uint8_t *nonce = sealed + 33, *text = sealed + 58 + (size_t)3 * 88;
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, ALICE, 3);
    size_t size = decode (body, sealed), text_size = size - (size_t)(text - sealed);
    char *plain = malloc (text_size);
    assert_non_null (plain);
    assert_int_equal (
        crypto_box_open_easy (inner, sealed + 58 + 88 + 8, 80, nonce, public[ALICE], secret[BOB]),
        0);
    assert_int_equal (crypto_secretbox_open_easy ((uint8_t *)plain, text, text_size, nonce, inner),
                      0);
    char *word = memmem (plain, text_size - 16, "hello", 5);
    assert_non_null (word);
    memcpy (word, "a lie", 5);
    crypto_secretbox_easy (text, (const uint8_t *)plain, text_size - 16, nonce, inner);
    for (size_t who = ALICE; who <= BOB_TOO; who++)
        assert_false (opens_bytes (sealed, size, who));
    free (plain);
    free (body);
}

/*  The other encoding of a key has the same shared key.                       */
static void test_sender_is_exact (void **state)
{
    uint8_t sealed[ZCHAT_BODY_MAX];
    zchat_sealed_t said = hello ();
    char *body = seal_for (&said, BOB, 1);
    size_t size = decode (body, sealed);
    sealed[32] |= 0x80;
    assert_false (opens_bytes (sealed, size, BOB));
    free (body);
}

/*  Seal this, right in form, in so many boxes for bob.                        */
static bool crafted_opens (const char *json, size_t n_boxes)
{
    uint8_t sealed[4096], inner[64] = {7};
    uint8_t *text = sealed + 58 + n_boxes * 88;
    size_t size = strlen (json);
    crypto_generichash_state state;
    memset (sealed, 1, 57); /* version, nonce */
    memcpy (sealed + 1, public[ALICE], ZCHAT_KEY_SIZE);
    sealed[57] = (uint8_t)n_boxes;
    crypto_secretbox_easy (text, (const uint8_t *)json, size, sealed + 33, inner);
    crypto_generichash_init (&state, NULL, 0, 32);
    crypto_generichash_update (&state, sealed, 58);
    crypto_generichash_update (&state, text, size + 16);
    crypto_generichash_final (&state, inner + 32, 32);
    for (uint8_t *box = sealed + 58; box < text; box += 88) {
        memcpy (box, public[BOB], 8);
        assert_int_equal (
            crypto_box_easy (box + 8, inner, 64, sealed + 33, public[BOB], secret[ALICE]), 0);
    }
    return opens_bytes (sealed, (size_t)(text - sealed) + size + 16, BOB);
}

/*  What a peer seals may be anything.                                         */
static void test_plain_of_a_peer (void **state)
{
    static const struct {
        const char *json;
        bool good;
    } plains[] = {
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\"}", true},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\",\"new\":[1]}", true},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\",\"data\":{}}", true},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\",\"data\":[]}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\",\"data\":null}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":1}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":-1,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1.5,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":99999999999999999999,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"body\":\"x\"}", false},
        {"{\"from\":\"a b\",\"to\":\"bob\",\"time\":1,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"to\":[],\"time\":1,\"body\":\"x\"}", false},
        {"{\"to\":\"bob\",\"time\":1,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"from\":\"bob\",\"to\":\"bob\",\"time\":1,\"body\":\"x\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"a\\u0000b\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"\xff\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"\\ud800\"}", false},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\"} ", true},
        {"{\"from\":\"alice\",\"to\":\"bob\",\"time\":1,\"body\":\"x\"}{}", false},
        {"[\"alice\"]", false},
        {"", false},
        {"null", false},
    };
    for (size_t i = 0; i < sizeof plains / sizeof *plains; i++)
        if (crafted_opens (plains[i].json, 1) != plains[i].good)
            fail_msg ("%s", plains[i].json);
    assert_true (crafted_opens (plains[0].json, ZCHAT_SEAL_KEYS_MAX));
    assert_false (crafted_opens (plains[0].json, ZCHAT_SEAL_KEYS_MAX + 1));
}

static void test_other_bodies (void **state)
{
    static char longest[ZCHAT_BODY_MAX + 4];
    memset (longest, 'A', sizeof longest);
    longest[1] = 'Q'; /* the version */
    assert_false (opens ("", 0, BOB));
    assert_false (opens ("hello", 5, BOB));
    assert_false (opens (longest, ZCHAT_BODY_MAX, BOB));
    assert_false (opens (longest, ZCHAT_BODY_MAX + 4, BOB));
}

static void test_is_sealed (void **state)
{
    static const char *const other[] = {NULL,
                                        "",
                                        "{}",
                                        "{\"sealed\":true}",
                                        "{\"sealed\":2}",
                                        "{\"sealed\":\"1\"}",
                                        "{\"sealed\":1.0}",
                                        "{\"x\":{\"sealed\":1}}",
                                        "[{\"sealed\":1}]",
                                        "{\"sealed\":1",
                                        "{\"sealed\":1,\"sealed\":1}"};
    assert_true (zchat_is_sealed (ZCHAT_SEAL_DATA));
    /*  The broker adds what the message answers.                              */
    assert_true (zchat_is_sealed ("{\"zchat\":{\"re\":1732089600123},\"sealed\":1}"));
    assert_false (zchat_is_sealed ("{\"zchat\":{\"sealed\":1}}"));
    assert_true (zchat_is_sealed (" { \"x\" : 2, \"s\\u0065aled\" : 1 } "));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_false (zchat_is_sealed (other[i]));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_for_several_keys),
        cmocka_unit_test (test_never_the_same_twice),
        cmocka_unit_test (test_keys_once),
        cmocka_unit_test (test_known_answer),
        cmocka_unit_test (test_text),
        cmocka_unit_test (test_names_and_time),
        cmocka_unit_test (test_data),
        cmocka_unit_test (test_data_that_grows),
        cmocka_unit_test (test_counts),
        cmocka_unit_test (test_keys_of_small_order),
        cmocka_unit_test (test_every_byte),
        cmocka_unit_test (test_every_length),
        cmocka_unit_test (test_counts_on_the_way),
        cmocka_unit_test (test_swapped_key_ids),
        cmocka_unit_test (test_no_reader_can_change_the_text),
        cmocka_unit_test (test_sender_is_exact),
        cmocka_unit_test (test_plain_of_a_peer),
        cmocka_unit_test (test_other_bodies),
        cmocka_unit_test (test_is_sealed),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
