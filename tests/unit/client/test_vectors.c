/*  test_vectors.c - protocol/vectors.json: sealed messages and fingerprints    */
#include "vectors.h"
#include <sodium.h>
#include <zchat/seal.h>

static void check_opened (const zchat_sealed_t *opened, const json_t *plain, const uint8_t *sender)
{
    assert_string_equal (opened->from, text_of (plain, "from"));
    assert_string_equal (opened->to, text_of (plain, "to"));
    assert_int_equal (opened->time_ms, number_of (plain, "time"));
    assert_int_equal (opened->body_size, strlen (text_of (plain, "body")));
    assert_string_equal (opened->body, text_of (plain, "body"));
    assert_memory_equal (opened->sender, sender, ZCHAT_KEY_SIZE);
    const json_t *data = json_object_get (plain, "data");
    json_t *got = opened->data ? json_loads (opened->data, 0, NULL) : NULL;
    assert_true (data ? json_equal (got, data) : !got);
    json_decref (got);
}

static void seals (void **state)
{
    size_t i, j;
    json_t *vector, *hex;
    json_array_foreach (vectors_list ("seals"), i, vector)
    {
        const char *body = text_of (vector, "body");
        uint8_t secret[ZCHAT_KEY_SIZE], sender[ZCHAT_KEY_SIZE], public_key[ZCHAT_KEY_SIZE];
        key_of (text_of (vector, "sender"), secret);
        crypto_scalarmult_base (sender, secret);
        json_array_foreach (json_object_get (vector, "secrets"), j, hex)
        {
            zchat_sealed_t *opened = NULL;
            uint8_t given[ZCHAT_KEY_SIZE];
            key_of (json_string_value (hex), secret);
            crypto_scalarmult_base (public_key, secret);
            key_of (json_string_value (json_array_get (json_object_get (vector, "publics"), j)),
                    given);
            assert_memory_equal (public_key, given, sizeof given);
            assert_int_equal (zchat_unseal (body, strlen (body), secret, &opened), ZCHAT_OK);
            check_opened (opened, json_object_get (vector, "plain"), sender);
            zchat_sealed_destroy (&opened);
        }
    }
}

static void bad_seals (void **state)
{
    size_t i;
    json_t *vector;
    json_array_foreach (vectors_list ("bad_seals"), i, vector)
    {
        const char *body = text_of (vector, "body");
        uint8_t secret[ZCHAT_KEY_SIZE];
        zchat_sealed_t *opened = NULL;
        key_of (text_of (vector, "secret"), secret);
        if (zchat_unseal (body, strlen (body), secret, &opened) != ZCHAT_INVALID)
            fail_msg ("opened: %s", text_of (vector, "why"));
        assert_null (opened);
    }
}

/*  The keys of a user of a fingerprint.                                       */
static size_t keys_of (const json_t *user, uint8_t keys[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE])
{
    size_t i;
    json_t *hex;
    const json_t *list = json_object_get (user, "keys");
    json_array_foreach (list, i, hex) key_of (json_string_value (hex), keys[i]);
    return json_array_size (list);
}

static void fingerprints (void **state)
{
    size_t i;
    json_t *vector;
    json_array_foreach (vectors_list ("fingerprints"), i, vector)
    {
        static uint8_t keys[2][ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
        const json_t *users = json_object_get (vector, "users");
        const json_t *a = json_array_get (users, 0), *b = json_array_get (users, 1);
        size_t n_a = keys_of (a, keys[0]), n_b = keys_of (b, keys[1]);
        const uint8_t (*of_a)[ZCHAT_KEY_SIZE] = (const uint8_t (*)[ZCHAT_KEY_SIZE])keys[0];
        const uint8_t (*of_b)[ZCHAT_KEY_SIZE] = (const uint8_t (*)[ZCHAT_KEY_SIZE])keys[1];
        char text[ZCHAT_FINGERPRINT_SIZE];
        assert_int_equal (zchat_fingerprint (text_of (a, "name"), of_a, n_a, text_of (b, "name"),
                                             of_b, n_b, text),
                          ZCHAT_OK);
        assert_string_equal (text, text_of (vector, "text"));
        assert_int_equal (zchat_fingerprint (text_of (b, "name"), of_b, n_b, text_of (a, "name"),
                                             of_a, n_a, text),
                          ZCHAT_OK);
        assert_string_equal (text, text_of (vector, "text"));
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (seals),
        cmocka_unit_test (bad_seals),
        cmocka_unit_test (fingerprints),
    };
    return cmocka_run_group_tests (tests, vectors_open, vectors_close);
}
