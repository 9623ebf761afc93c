/*  test_guard.c - which names and origins may come                             */
#include "guard.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const char *const s_hosts[] = {"chat.example.org"};
static const char *const s_origins[] = {"https://other.example.org"};
static const guard_t s_guard = {s_hosts, 1, s_origins, 1};

static void hosts (void **state)
{
    static const char *const good[] = {"127.0.0.1",        "127.0.0.1:8080",      "localhost:1",
                                       "LocalHost",        "[::1]:8080",          "10.1.2.3",
                                       "chat.example.org", "Chat.Example.ORG:443"};
    static const char *const bad[] = {"",
                                      "evil.example.org",
                                      "chat.example.org.evil.org",
                                      "xchat.example.org",
                                      "127.0.0.1.evil.org",
                                      "localhost.evil.org",
                                      "chat.example.org:80:90",
                                      "chat.example.org:x",
                                      "[::1",
                                      "[evil]:80",
                                      "127.1",
                                      "chat.example.org."};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true (guard_host (&s_guard, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false (guard_host (&s_guard, bad[i]));
    assert_false (guard_host (&s_guard, NULL));
}

static void origins (void **state)
{
    const char *host = "chat.example.org:8080";

    assert_int_equal (guard_origin (&s_guard, NULL, host, NULL), GUARD_OWN);
    assert_int_equal (guard_origin (&s_guard, NULL, host, "same-origin"), GUARD_OWN);
    assert_int_equal (guard_origin (&s_guard, NULL, host, "none"), GUARD_OWN);
    assert_int_equal (guard_origin (&s_guard, NULL, host, "cross-site"), GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, NULL, host, "same-site"), GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "http://chat.example.org:8080", host, NULL),
                      GUARD_OWN);
    assert_int_equal (guard_origin (&s_guard, "https://CHAT.example.org:8080", host, NULL),
                      GUARD_OWN);
    assert_int_equal (guard_origin (&s_guard, "http://chat.example.org", host, NULL),
                      GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "http://evil.org", host, "same-origin"),
                      GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "null", host, NULL), GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "", host, NULL), GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "file://chat.example.org:8080", host, NULL),
                      GUARD_FOREIGN);
    assert_int_equal (guard_origin (&s_guard, "https://other.example.org", host, "cross-site"),
                      GUARD_ALLOWED);
    assert_int_equal (guard_origin (&s_guard, "http://other.example.org", host, NULL),
                      GUARD_FOREIGN);
}

static void forms (void **state)
{
    assert_true (guard_is_origin ("https://a.org"));
    assert_true (guard_is_origin ("http://[::1]:80"));
    assert_false (guard_is_origin ("https://a.org/"));
    assert_false (guard_is_origin ("a.org"));
    assert_false (guard_is_origin ("https://"));
    assert_false (guard_is_origin ("*"));
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (hosts), cmocka_unit_test (origins),
                                       cmocka_unit_test (forms)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
