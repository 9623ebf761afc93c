/*  test_address.c - keys and addresses: written, read, mistyped, cut off      */
#include "address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void a_key (unsigned seed, uint8_t key[ADDRESS_KEY_SIZE])
{
    for (size_t i = 0; i < ADDRESS_KEY_SIZE; i++)
        key[i] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 16);
}

static bool reads (const char *text, uint8_t key[ADDRESS_KEY_SIZE])
{
    const char *why = NULL;
    bool good = address_key_decode (frame_str (text), key, &why) == ZCHAT_OK;
    assert_true (good == (why == NULL));
    return good;
}

static void test_known_keys (void **state)
{
    char text[ADDRESS_KEY_TEXT + 1];
    uint8_t key[ADDRESS_KEY_SIZE] = {0};
    address_key_encode (key, text);
    assert_int_equal (strlen (text), ADDRESS_KEY_TEXT);
    assert_int_equal (strspn (text, "0"), 51);
    memset (key, 0xff, sizeof key);
    address_key_encode (key, text);
    assert_int_equal (strspn (text, "z"), 51);
}

static void test_every_key_comes_back (void **state)
{
    for (unsigned seed = 0; seed < 2000; seed++) {
        char text[ADDRESS_KEY_TEXT + 1];
        uint8_t key[ADDRESS_KEY_SIZE], back[ADDRESS_KEY_SIZE];
        a_key (seed, key);
        address_key_encode (key, text);
        assert_int_equal (strspn (text, digits), ADDRESS_KEY_TEXT);
        assert_true (reads (text, back));
        assert_memory_equal (key, back, sizeof key);
    }
}

static void test_typed_keys (void **state)
{
    char text[ADDRESS_KEY_TEXT + 1];
    uint8_t key[ADDRESS_KEY_SIZE], back[ADDRESS_KEY_SIZE];
    a_key (7, key);
    key[0] = 0x08;
    key[1] = 0; /* begins with 10 */
    address_key_encode (key, text);
    assert_memory_equal (text, "10", 2);
    static const char *const typed[] = {"1o", "1O", "i0", "I0", "l0", "L0"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        text[0] = typed[i][0];
        text[1] = typed[i][1];
        assert_true (reads (text, back));
        assert_memory_equal (key, back, sizeof key);
    }
    for (char *c = text; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    assert_true (reads (text, back));
    assert_memory_equal (key, back, sizeof key);
}

static void test_every_single_mistake_is_found (void **state)
{
    char text[ADDRESS_KEY_TEXT + 1];
    uint8_t key[ADDRESS_KEY_SIZE], back[ADDRESS_KEY_SIZE];
    a_key (1, key);
    address_key_encode (key, text);
    for (size_t i = 0; i < ADDRESS_KEY_TEXT; i++) {
        char right = text[i];
        for (size_t d = 0; digits[d]; d++) {
            text[i] = digits[d];
            assert_true (reads (text, back) == (digits[d] == right));
        }
        for (int byte = 1; byte < 256; byte++)
            if (!strchr ("0123456789abcdefghijklmnopqrstvwxyzABCDEFGHIJKLMNOPQRSTVWXYZ", byte)) {
                text[i] = (char)byte;
                assert_false (reads (text, back));
            }
        text[i] = '\0';
        assert_int_equal (address_key_decode (frame_of (text, ADDRESS_KEY_TEXT), back, NULL),
                          ZCHAT_INVALID);
        text[i] = right;
    }
    for (size_t i = 0; i + 1 < ADDRESS_KEY_TEXT; i++) {
        char left = text[i], right = text[i + 1];
        text[i] = right;
        text[i + 1] = left;
        assert_true (reads (text, back) == (left == right));
        text[i] = left;
        text[i + 1] = right;
    }
}

static void test_every_truncation_is_found (void **state)
{
    char text[ADDRESS_KEY_TEXT + 3];
    uint8_t key[ADDRESS_KEY_SIZE], back[ADDRESS_KEY_SIZE];
    a_key (2, key);
    address_key_encode (key, text);
    for (size_t size = 0; size < ADDRESS_KEY_TEXT; size++)
        assert_int_equal (address_key_decode (frame_of (text, size), back, NULL), ZCHAT_INVALID);
    static const char behind[] = " .,/)0\n";
    for (size_t i = 0; behind[i]; i++) {
        text[ADDRESS_KEY_TEXT] = behind[i];
        text[ADDRESS_KEY_TEXT + 1] = '\0';
        assert_false (reads (text, back));
    }
    assert_int_equal (address_key_decode (frame_of (NULL, 0), back, NULL), ZCHAT_INVALID);
}

/*  --- addresses -------------------------------------------------------------  */

static char key_text[ADDRESS_KEY_TEXT + 1];
static uint8_t the_key[ADDRESS_KEY_SIZE];

static int setup (void **state)
{
    a_key (3, the_key);
    address_key_encode (the_key, key_text);
    return 0;
}

static void decodes (const char *before, const char *endpoint)
{
    char text[1024];
    const char *why = "";
    address_t address;
    snprintf (text, sizeof text, "%s/%s", before, key_text);
    if (address_decode (text, &address, &why) != ZCHAT_OK)
        fail_msg ("%s: %s", text, why);
    assert_string_equal (address.endpoint, endpoint);
    assert_true (address.has_key);
    assert_memory_equal (address.key, the_key, sizeof the_key);
    assert_int_equal (address_decode (before, &address, &why), ZCHAT_OK);
    assert_string_equal (address.endpoint, endpoint);
    assert_false (address.has_key);
}

static void test_addresses (void **state)
{
    decodes ("zchat://chat.example.org:5680", "tcp://chat.example.org:5680");
    decodes ("zchat://chat.example.org", "tcp://chat.example.org:5680");
    decodes ("ZChat://10.0.0.1:1", "tcp://10.0.0.1:1");
    decodes ("zchat://[fe80::1%eth0]:65535", "tcp://[fe80::1%eth0]:65535");
    decodes ("zchat://[::1]", "tcp://[::1]:5680");
    decodes ("zchat://a_b-c", "tcp://a_b-c:5680");
}

static void test_bad_addresses (void **state)
{
    static const char *const bad[] = {
        "",
        "zchat:/",
        "zchat://",
        "zchat:///",
        "zchat://:5680",
        "zchat://h:",
        "zchat://h:0",
        "zchat://h:00001",
        "zchat://h:65536",
        "zchat://h:99999999999999999999",
        "zchat://h:1x",
        "zchat://h:-1",
        "zchat://h:+1",
        "zchat://h h",
        "zchat://h;h",
        "zchat://h\n",
        "zchat://$(h)",
        "zchat://*",
        "zchat://*:5680",
        "zchat://[]",
        "zchat://[::1",
        "zchat://[::1]x",
        "zchat://[chat.example.org:5680]:1",
        "zchat://[h]",
        "zchat://[1:2]",
        "zchat://[%eth0]",
        "zchat://::1",
        "zchat://-h",
        "zchat://user@h",
        "zchat://h/short",
        "zchat://h?",
        "tcp://h:1",
        "zchat://\xd1\x85",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        address_t address = {.endpoint = "as before"};
        const char *why = NULL;
        if (address_decode (bad[i], &address, &why) != ZCHAT_INVALID)
            fail_msg ("taken: %s", bad[i]);
        assert_non_null (why);
        assert_string_equal (address.endpoint, "as before");
    }
}

static void test_truncated_addresses (void **state)
{
    char whole[128], cut[128];
    snprintf (whole, sizeof whole, "zchat://h.example:5680/%s", key_text);
    size_t key_at = strlen ("zchat://h.example:5680/");
    for (size_t size = 0; size < strlen (whole); size++) {
        address_t address;
        snprintf (cut, sizeof cut, "%.*s", (int)size, whole);
        zchat_status_t status = address_decode (cut, &address, NULL);
        if (size > key_at)
            assert_int_equal (status, ZCHAT_INVALID);
        else if (status == ZCHAT_OK)
            assert_false (address.has_key);
    }
}

static void test_bounds (void **state)
{
    char host[ADDRESS_HOST_MAX + 2], text[ADDRESS_TEXT_MAX + 10], made[ADDRESS_TEXT_MAX + 1];
    address_t address;
    memset (host, 'h', sizeof host);
    host[ADDRESS_HOST_MAX] = '\0';
    snprintf (text, sizeof text, "zchat://%s:65535/%s", host, key_text);
    assert_int_equal (address_decode (text, &address, NULL), ZCHAT_OK);
    assert_int_equal (address_encode ("tcp://*:65535", host, the_key, made), ZCHAT_OK);
    assert_string_equal (made, text);
    memset (host, 'z', sizeof host);
    memcpy (host, "fe80::1%", 8);
    host[ADDRESS_HOST_MAX] = '\0';
    assert_int_equal (address_encode ("tcp://*:65535", host, the_key, made), ZCHAT_OK);
    assert_int_equal (strlen (made), ADDRESS_TEXT_MAX);
    assert_int_equal (address_decode (made, &address, NULL), ZCHAT_OK);
    assert_int_equal (strlen (address.endpoint), ADDRESS_ENDPOINT_MAX);
    memset (host, 'h', sizeof host);
    host[ADDRESS_HOST_MAX + 1] = '\0';
    snprintf (text, sizeof text, "zchat://%s", host);
    assert_int_equal (address_decode (text, &address, NULL), ZCHAT_INVALID);
    assert_int_equal (address_encode ("tcp://*:65535", host, the_key, made), ZCHAT_INVALID);
}

static void test_encode (void **state)
{
    char text[ADDRESS_TEXT_MAX + 1], wanted[ADDRESS_TEXT_MAX + 1];
    static const char *const cases[][3] = {
        {"tcp://10.1.2.3:5680", NULL, "10.1.2.3:5680"},
        {"tcp://0.0.0.0:77", "chat.example", "chat.example:77"},
        {"tcp://[::]:77", "fd00::1", "[fd00::1]:77"},
        {"tcp://[::]:77", "[fd00::1]", "[fd00::1]:77"},
        {"tcp://[fd00::2]:77", NULL, "[fd00::2]:77"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf (wanted, sizeof wanted, "zchat://%s/%s", cases[i][2], key_text);
        assert_int_equal (address_encode (cases[i][0], cases[i][1], the_key, text), ZCHAT_OK);
        assert_string_equal (text, wanted);
    }
    static const char *const bad[][2] = {
        {"ipc:///x", NULL},   {"tcp://*:1", NULL},  {"tcp://h", NULL},        {"tcp://h:*", NULL},
        {"tcp://h:1", ""},    {"tcp://h:1", "h/x"}, {"tcp://[::1]", NULL},    {"tcp://[::1]", "h"},
        {"tcp://h:1", "h:1"}, {"tcp://h:1", "[h]"}, {"tcp://h:1", "[::1]:1"}, {"tcp://h:1", "::g"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (address_encode (bad[i][0], bad[i][1], the_key, text), ZCHAT_INVALID);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_known_keys),
        cmocka_unit_test (test_every_key_comes_back),
        cmocka_unit_test (test_typed_keys),
        cmocka_unit_test (test_every_single_mistake_is_found),
        cmocka_unit_test (test_every_truncation_is_found),
        cmocka_unit_test_setup (test_addresses, setup),
        cmocka_unit_test_setup (test_bad_addresses, setup),
        cmocka_unit_test_setup (test_truncated_addresses, setup),
        cmocka_unit_test_setup (test_bounds, setup),
        cmocka_unit_test_setup (test_encode, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
