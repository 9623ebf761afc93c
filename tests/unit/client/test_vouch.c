/*  test_vouch.c - a key's word for another: who can give it, and for what it counts */
#include "memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka wants the above before it */
#include <cmocka.h>
#include <sodium.h>
#include <zchat/seal.h>

enum { SIGNATURE = 40, VOUCH = 104, NOW = 1000000000 };

static uint8_t secret[3][ZCHAT_KEY_SIZE], public[3][ZCHAT_KEY_SIZE], broker[ZCHAT_KEY_SIZE] = {9};

static int setup (void **state)
{
    if (sodium_init () < 0)
        return -1;
    for (size_t i = 0; i < 3; i++) {
        randombytes_buf (secret[i], ZCHAT_KEY_SIZE);
        crypto_scalarmult_base (public[i], secret[i]);
    }
    return 0;
}

static void say (char text[ZCHAT_VOUCH_TEXT + 1])
{
    assert_int_equal (zchat_vouch (secret[0], broker, "bob", public[1], NOW, text), ZCHAT_OK);
}

static zchat_status_t check (const char *text)
{
    uint8_t by[ZCHAT_KEY_SIZE];
    return zchat_vouch_check (text, broker, "bob", public[1], NOW, by);
}

/*  Whatever the secret key is, also as no one clamps it: the signer is the key that is known.  */
static void test_the_signer_follows (void **state)
{
    char text[ZCHAT_VOUCH_TEXT + 1];
    uint8_t by[ZCHAT_KEY_SIZE];
    for (int i = 0; i < 64; i++) {
        uint8_t own[ZCHAT_KEY_SIZE], key[ZCHAT_KEY_SIZE];
        randombytes_buf (own, sizeof own);
        if (i < 2)
            memset (own, i ? 0xff : 0, sizeof own);
        crypto_scalarmult_base (key, own);
        assert_int_equal (zchat_vouch (own, broker, "bob", public[1], NOW, text), ZCHAT_OK);
        assert_int_equal (strlen (text), ZCHAT_VOUCH_TEXT);
        assert_int_equal (zchat_vouch_check (text, broker, "BOB", public[1], NOW, by), ZCHAT_OK);
        assert_memory_equal (by, key, sizeof key);
    }
    /*  Two of the same differ: a nonce that came twice would give the secret away.  */
    char again[ZCHAT_VOUCH_TEXT + 1];
    say (text);
    say (again);
    assert_string_not_equal (text, again);
}

static void test_it_counts_for_what_it_says (void **state)
{
    char text[ZCHAT_VOUCH_TEXT + 1];
    uint8_t by[ZCHAT_KEY_SIZE], elsewhere[ZCHAT_KEY_SIZE] = {8};
    say (text);
    memset (by, 7, sizeof by);
    assert_int_equal (zchat_vouch_check (text, elsewhere, "bob", public[1], NOW, by),
                      ZCHAT_INVALID);
    assert_int_equal (zchat_vouch_check (text, broker, "rob", public[1], NOW, by), ZCHAT_INVALID);
    assert_int_equal (zchat_vouch_check (text, broker, "bobb", public[1], NOW, by), ZCHAT_INVALID);
    /*  It looks like bob, and is another name.                                */
    assert_int_equal (zchat_vouch_check (text, broker, "ьоь", public[1], NOW, by), ZCHAT_INVALID);
    assert_int_equal (zchat_vouch_check (text, broker, "bob", public[2], NOW, by), ZCHAT_INVALID);
    assert_int_equal (zchat_vouch_check (text, broker, "b b", public[1], NOW, by), ZCHAT_NAME);
    assert_int_equal (zchat_vouch_check (text, broker, NULL, public[1], NOW, by), ZCHAT_NAME);
    assert_int_equal (zchat_vouch_check (NULL, broker, "bob", public[1], NOW, by), ZCHAT_INVALID);
    assert_int_equal (zchat_vouch (secret[0], broker, "", public[1], NOW, text), ZCHAT_NAME);
    for (size_t i = 0; i < sizeof by; i++)
        assert_int_equal (by[i], 7);
}

static void test_its_time (void **state)
{
    static const struct {
        int64_t apart;
        zchat_status_t status;
    } times[] = {{0, ZCHAT_OK},
                 {ZCHAT_VOUCH_AGE_MS, ZCHAT_OK},
                 {(int64_t)ZCHAT_VOUCH_AGE_MS + 1, ZCHAT_TIMEOUT},
                 {-(int64_t)ZCHAT_VOUCH_EARLY_MS, ZCHAT_OK},
                 {-(int64_t)ZCHAT_VOUCH_EARLY_MS - 1, ZCHAT_TIMEOUT}};
    char text[ZCHAT_VOUCH_TEXT + 1];
    uint8_t by[ZCHAT_KEY_SIZE];
    say (text);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_int_equal (zchat_vouch_check (text, broker, "bob", public[1],
                                             (uint64_t)(NOW + times[i].apart), by),
                          times[i].status);
    assert_int_equal (zchat_vouch_check (text, broker, "bob", public[1], UINT64_MAX, by),
                      ZCHAT_TIMEOUT);
}

/*  Every bit, and every length.                                               */
static void test_no_other_bytes (void **state)
{
    char text[ZCHAT_VOUCH_TEXT + 1], changed[ZCHAT_VOUCH_TEXT + 2];
    uint8_t bytes[VOUCH];
    size_t size;
    say (text);
    for (size_t bit = 0; bit < 8 * VOUCH; bit++) {
        assert_int_equal (sodium_base642bin (bytes, sizeof bytes, text, ZCHAT_VOUCH_TEXT, NULL,
                                             &size, NULL, sodium_base64_VARIANT_ORIGINAL),
                          0);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        sodium_bin2base64 (changed, sizeof changed, bytes, sizeof bytes,
                           sodium_base64_VARIANT_ORIGINAL);
        assert_int_equal (check (changed), ZCHAT_INVALID);
    }
    for (size_t length = 0; length < ZCHAT_VOUCH_TEXT; length++) {
        snprintf (changed, sizeof changed, "%.*s", (int)length, text);
        assert_int_equal (check (changed), ZCHAT_INVALID);
    }
    snprintf (changed, sizeof changed, "%s=", text);
    assert_int_equal (check (changed), ZCHAT_INVALID);
    memcpy (changed, text, sizeof text);
    changed[3] = (char)0xaf;
    assert_int_equal (check (changed), ZCHAT_INVALID);
    assert_int_equal (check (text), ZCHAT_OK);
}

/*  Another one's point over one's own signature, the point with its other sign, points of small
    order, and a signature that one can give oneself: none counts as bob's.   */
static void test_forged (void **state)
{
    static const uint8_t small[][32] = {{1}, {0}, {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}};
    char text[ZCHAT_VOUCH_TEXT + 1], eves[ZCHAT_VOUCH_TEXT + 1], made[ZCHAT_VOUCH_TEXT + 1];
    uint8_t bytes[VOUCH], other[VOUCH], by[ZCHAT_KEY_SIZE];
    say (text);
    assert_int_equal (zchat_vouch (secret[2], broker, "bob", public[1], NOW, eves), ZCHAT_OK);
    assert_int_equal (zchat_vouch_check (eves, broker, "bob", public[1], NOW, by), ZCHAT_OK);
    assert_memory_equal (by, public[2], sizeof by); /* hers, and that counts for nothing */
    (void)sodium_base642bin (bytes, VOUCH, text, ZCHAT_VOUCH_TEXT, NULL, NULL, NULL,
                             sodium_base64_VARIANT_ORIGINAL);
    (void)sodium_base642bin (other, VOUCH, eves, ZCHAT_VOUCH_TEXT, NULL, NULL, NULL,
                             sodium_base64_VARIANT_ORIGINAL);
    memcpy (bytes + SIGNATURE, other + SIGNATURE, VOUCH - SIGNATURE);
    sodium_bin2base64 (made, sizeof made, bytes, VOUCH, sodium_base64_VARIANT_ORIGINAL);
    assert_int_equal (check (made), ZCHAT_INVALID);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        memset (bytes + SIGNATURE, 0, VOUCH - SIGNATURE);
        memcpy (bytes, small[i], 32);
        memcpy (bytes + SIGNATURE, small[i], 32);
        sodium_bin2base64 (made, sizeof made, bytes, VOUCH, sodium_base64_VARIANT_ORIGINAL);
        assert_int_equal (check (made), ZCHAT_INVALID);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_the_signer_follows),
        cmocka_unit_test (test_it_counts_for_what_it_says), cmocka_unit_test (test_its_time),
        cmocka_unit_test (test_no_other_bytes), cmocka_unit_test (test_forged)};
    return cmocka_run_group_tests (tests, setup, NULL);
}
