/*  test_origin.c - which peers are of this machine, and which count as one    */
#include "transport/origin.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static bool local (const char *address)
{
    return origin_local (frame_str (address));
}

static void test_of_this_machine (void **state)
{
    static const char *const yes[] = {
        "127.0.0.1",       "127.0.0.0",        "127.255.255.254",    "::1",
        "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost:0:0:5135", ":1000:1000:77"};
    static const char *const no[] = {"",
                                     "10.0.0.1",
                                     "128.0.0.1",
                                     "126.255.255.255",
                                     "0.0.0.0",
                                     "1.0.0.127",
                                     "::",
                                     "::2",
                                     "1::1",
                                     "::ffff:10.0.0.1",
                                     "::127.0.0.1",
                                     "7f00::1",
                                     "fe80::1%lo",
                                     "2001:db8::1",
                                     "localhost",
                                     "127.1",
                                     "127.0.0.1:80",
                                     "localhost:0:0",
                                     "localhost:0:0:",
                                     "localhost::0:1",
                                     "localhost:0:0:1:2",
                                     "localhost:0:0:1 ",
                                     "localhost:-1:0:1",
                                     ":::",
                                     "x"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!local (yes[i]))
            fail_msg ("%s is of this machine", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (local (no[i]))
            fail_msg ("%s is not known to be of this machine", no[i]);
    assert_false (origin_local (frame_of (NULL, 0)));
}

static void test_long_and_strange (void **state)
{
    char text[600];
    uint8_t buffer[ORIGIN_MAX];
    memset (text, '1', sizeof text);
    for (size_t size = 0; size <= sizeof text; size++) {
        assert_false (origin_local (frame_of (text, size)));
        assert_true (origin_counted (frame_of (text, size), buffer).size <= ORIGIN_TEXT_MAX);
    }
    static const char ended[] = "127.0.0.1\0x";
    memcpy (text, ended, sizeof ended);
    assert_true (origin_counted (frame_of (text, sizeof ended), buffer).size == 4);
    memset (text, ':', sizeof text);
    assert_false (origin_local (frame_of (text, ORIGIN_TEXT_MAX)));
}

static bool one (const char *a, const char *b)
{
    uint8_t first[ORIGIN_MAX], second[ORIGIN_MAX];
    return frame_eq (origin_counted (frame_str (a), first), origin_counted (frame_str (b), second));
}

static void test_counted_as_one (void **state)
{
    assert_true (one ("10.0.0.1", "::ffff:10.0.0.1"));
    assert_false (one ("10.0.0.1", "10.0.0.2"));
    assert_true (one ("2001:db8::1", "2001:db8::2:3"));
    assert_false (one ("2001:db8::1", "2001:db8:0:1::1"));
    assert_true (one ("fe80::1%eth0", "fe80::2%eth1"));
    /*  Behind ipc the user, whatever their process.                           */
    assert_true (one ("localhost:1000:1000:1", "localhost:1000:5:2"));
    assert_true (one (":1000:1000:1", "localhost:1000:5:2"));
    assert_false (one ("localhost:1000:1000:1", "localhost:1001:1000:1"));
    assert_false (one ("localhost:100:1000:1", "localhost:1001:1000:1"));
    assert_true (one ("", ""));
}

static void test_place (void **state)
{
    char place[ORIGIN_PLACE_MAX + 1];
    (void)state;
    origin_place (frame_str ("10.1.2.3"), place);
    assert_string_equal (place, "10.1.2.3");
    origin_place (frame_str ("2001:db8:1:2::3"), place);
    assert_string_equal (place, "2001:0db8:0001/0002");
    origin_place (frame_str ("127.0.0.1"), place);
    assert_string_equal (place, "local");
    origin_place (frame_str ("what?"), place);
    assert_string_equal (place, "elsewhere");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_of_this_machine),
        cmocka_unit_test (test_long_and_strange),
        cmocka_unit_test (test_counted_as_one),
        cmocka_unit_test (test_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
