/*  test_once.c - what is remembered of requests that may come again            */
#include "once.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static once_key_t key_of (const char *name, const char *secret, const char *path,
                          const char *header)
{
    credential_t who = {.proves = true};
    once_key_t key;

    snprintf (who.name, sizeof who.name, "%s", name);
    snprintf (who.secret, sizeof who.secret, "%s", secret);
    once_key (&who, "POST", path, header, &key);
    return key;
}

/*  Everything counts, and nothing runs into what stands beside it.             */
static void keys (void **state)
{
    once_key_t key = key_of ("ada", "s", "/rooms/dev", "k"),
               same = key_of ("ada", "s", "/rooms/dev", "k");
    once_key_t others[] = {
        key_of ("adas", "", "/rooms/dev", "k"), key_of ("ada", "t", "/rooms/dev", "k"),
        key_of ("ada", "s", "/rooms/de", "vk"), key_of ("ada", "s", "/rooms/dev", "l")};

    assert_memory_equal (&key, &same, sizeof key);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_memory_not_equal (&key, &others[i], ZCHAT_PRODUCER_SIZE);
}

static void headers (void **state)
{
    char longest[ONCE_HEADER_MAX + 2];

    memset (longest, 'x', sizeof longest);
    longest[ONCE_HEADER_MAX + 1] = '\0';
    assert_false (once_header_valid (longest));
    longest[ONCE_HEADER_MAX] = '\0';
    assert_true (once_header_valid (longest));
    assert_false (once_header_valid (""));
    assert_false (once_header_valid ("a b"));
    assert_false (once_header_valid ("\xc3\xa4"));
}

static void what_became_of_it (void **state)
{
    once_t *once = once_new ();
    once_key_t key = key_of ("ada", "s", "/rooms/dev", "k");
    uint64_t seq = 0, time_ms = 0;

    assert_true (once_begin (once, &key, "a", 1, 1000));
    assert_false (once_known (once, &key, &seq, &time_ms));
    assert_false (once_begin (once, &key, "b", 1, 1000));
    once_refused (once, &key);
    assert_true (once_begin (once, &key, "b", 1, 1000));
    once_stored (once, &key, 7, 99);
    once_refused (once, &key);
    assert_true (once_begin (once, &key, "b", 1, 2000));
    assert_true (once_known (once, &key, &seq, &time_ms));
    assert_true (seq == 7 && time_ms == 99);
    assert_false (once_begin (once, &key, "a", 1, 1000 + ZCHAT_WEB_ONCE_MS));
    assert_true (once_begin (once, &key, "a", 1, 1001 + ZCHAT_WEB_ONCE_MS));
    assert_false (once_known (once, &key, &seq, &time_ms));
    once_destroy (&once);
    assert_null (once);
    once_destroy (&once);
}

static void bounded (void **state)
{
    once_t *once = once_new ();
    char header[16];
    uint64_t seq, time_ms;

    for (int i = 0; i < ZCHAT_WEB_ONCE_MAX + 5; i++) {
        snprintf (header, sizeof header, "k%d", i);
        once_key_t key = key_of ("ada", "s", "/rooms/dev", header);
        assert_true (once_begin (once, &key, "a", 1, 1000));
        once_stored (once, &key, (uint64_t)i + 1, 1);
    }
    assert_int_equal (once_count (once), ZCHAT_WEB_ONCE_MAX);
    once_key_t oldest = key_of ("ada", "s", "/rooms/dev", "k4"),
               next = key_of ("ada", "s", "/rooms/dev", "k5");
    assert_false (once_known (once, &oldest, &seq, &time_ms));
    assert_true (once_known (once, &next, &seq, &time_ms));
    assert_true (once_begin (once, &oldest, "a", 1, 2000 + ZCHAT_WEB_ONCE_MS));
    assert_int_equal (once_count (once), 1);
    once_destroy (&once);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (keys), cmocka_unit_test (headers),
                                       cmocka_unit_test (what_became_of_it),
                                       cmocka_unit_test (bounded)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
