/*  test_seal_fingerprint.c - what two people compare */
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

enum { ALICE, BOB, EVE, PEOPLE = ZCHAT_SEAL_KEYS_MAX + 1 };

static uint8_t public[PEOPLE][ZCHAT_KEY_SIZE];

/*  As in test_seal.c.                                                         */
static int setup (void **state)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        uint8_t secret[ZCHAT_KEY_SIZE];
        for (size_t j = 0; j < ZCHAT_KEY_SIZE; j++)
            secret[j] = (uint8_t)(100 * i + j + 1);
        crypto_scalarmult_base (public[i], secret);
    }
    return 0;
}

static zchat_status_t print (const char *a, const size_t *keys_a, size_t n_a, const char *b,
                             const size_t *keys_b, size_t n_b, char *text)
{
    uint8_t list_a[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE],
        list_b[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
    for (size_t i = 0; i < n_a; i++)
        memcpy (list_a[i], public[keys_a[i]], ZCHAT_KEY_SIZE);
    for (size_t i = 0; i < n_b; i++)
        memcpy (list_b[i], public[keys_b[i]], ZCHAT_KEY_SIZE);
    return zchat_fingerprint (a, (const uint8_t (*)[ZCHAT_KEY_SIZE])list_a, n_a, b,
                              (const uint8_t (*)[ZCHAT_KEY_SIZE])list_b, n_b, text);
}

static void test_fingerprint (void **state)
{
    static const size_t one[] = {ALICE}, two[] = {BOB, ALICE}, again[] = {ALICE, BOB, ALICE},
                        other[] = {EVE};
    char text[ZCHAT_FINGERPRINT_SIZE], turned[ZCHAT_FINGERPRINT_SIZE];
    /* of seal.py */
    assert_int_equal (print ("alice", one, 1, "Боб", two, 2, text), ZCHAT_OK);
    assert_string_equal (text, "23240 31076 62519 23657 45314 79194 "
                               "53865 15067 66482 22946 04715 33901");
    assert_int_equal (print ("Боб", again, 3, "ALICE", one, 1, turned), ZCHAT_OK);
    assert_string_equal (text, turned);
    assert_int_equal (print ("Zoë", one, 1, "bob", two, 2, text), ZCHAT_OK);
    assert_string_equal (text, "05598 53158 64086 34460 31663 57880 "
                               "67701 97958 21894 59317 28701 19551");
    /* a half is its user's alone */
    assert_int_equal (print ("Zoë", other, 1, "bob", two, 2, turned), ZCHAT_OK);
    assert_memory_equal (text, turned, 36);
    assert_string_not_equal (text + 36, turned + 36);
}

static void test_fingerprint_refused (void **state)
{
    static const size_t one[] = {ALICE};
    char text[ZCHAT_FINGERPRINT_SIZE];
    assert_int_equal (print ("a b", one, 1, "bob", one, 1, text), ZCHAT_NAME);
    assert_int_equal (print ("alice", one, 1, "", one, 1, text), ZCHAT_NAME);
    assert_int_equal (print ("bob", one, 1, "BOB", one, 1, text), ZCHAT_NAME);
    assert_int_equal (print ("alice", one, 0, "bob", one, 1, text), ZCHAT_LIMIT);
    assert_int_equal (print ("alice", one, 1, "bob", one, 0, text), ZCHAT_LIMIT);
    assert_int_equal (
        zchat_fingerprint ("alice", public, ZCHAT_SEAL_KEYS_MAX + 1, "bob", public, 1, text),
        ZCHAT_LIMIT);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fingerprint),
        cmocka_unit_test (test_fingerprint_refused),
    };
    return cmocka_run_group_tests (tests, setup, NULL);
}
