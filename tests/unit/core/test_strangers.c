/*  test_strangers.c - what strangers left of late in each mailbox            */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "quota/strangers.h"
#include <stdio.h>

static const quota_t s_quota = {.burst = 100, .rate = 1};

static letter_t letter (const char *whose, const char *holder, const char *place, uint64_t bytes)
{
    return (letter_t){.whose = whose, .holder = holder, .place = place, .bytes = bytes};
}

static void take (strangers_t *strangers, const char *whose, const char *holder, const char *place,
                  uint64_t bytes, uint64_t now_ms)
{
    const letter_t one = letter (whose, holder, place, bytes);
    strangers_take (strangers, &one, &s_quota, now_ms);
}

static uint64_t wait (strangers_t *strangers, const char *whose, const char *holder,
                      const char *place, uint64_t now_ms)
{
    const letter_t one = letter (whose, holder, place, 10);
    return strangers_wait_ms (strangers, &one, &s_quota, now_ms);
}

static void test_each_with_each (void **state)
{
    strangers_t *strangers = strangers_new ();
    assert_int_equal (wait (strangers, "#1", "eve", "", 0), 0);
    assert_int_equal (strangers_count (strangers), 0); /* to ask costs nothing  */
    take (strangers, "#1", "eve", "", 90, 0);
    assert_int_equal (wait (strangers, "#1", "eve", "", 0), 0);
    take (strangers, "#1", "eve", "", 5, 0);
    assert_int_equal (wait (strangers, "#1", "eve", "", 0), 5000);
    assert_int_equal (wait (strangers, "#1", "eve", "", 0), 5000); /* nor changes anything */
    assert_int_equal (wait (strangers, "#1", "eve", "", 5000), 0);
    assert_int_equal (wait (strangers, "#2", "eve", "", 0), 0);
    assert_int_equal (wait (strangers, "#1", "mal", "", 0), 0);
    /*  Whose and who are not one text.                                        */
    take (strangers, "#12", "3", "", 100, 0);
    assert_int_equal (wait (strangers, "#1", "23", "", 0), 0);
    strangers_destroy (&strangers);
    strangers_destroy (&strangers);
}

/*  What comes of letters of 50 bytes by many names at these places.           */
static uint64_t left_by_many (const char *const *places, size_t count)
{
    strangers_t *strangers = strangers_new ();
    uint64_t left = 0;
    char name[16];
    for (int i = 0; i < 100; i++) {
        snprintf (name, sizeof name, "eve%d", i);
        const letter_t one = letter ("#1", name, places[(size_t)i % count], 50);
        if (strangers_wait_ms (strangers, &one, &s_quota, 0) == 0) {
            strangers_take (strangers, &one, &s_quota, 0);
            left += one.bytes;
        }
    }
    strangers_destroy (&strangers);
    return left;
}

/*  A place has its quota, a few times as much, whoever comes from there.      */
static void test_places (void **state)
{
    static const char *const address[] = {"here"}, *const two[] = {"here", "there"};
    static const char *const network[] = {"net/1", "net/2", "net/3", "net/4", "net/5", "net/6"};
    static const char *const nowhere[] = {""};
    assert_int_equal (left_by_many (address, 1), 100 * ZCHAT_STRANGERS_ADDRESS);
    assert_int_equal (left_by_many (two, 2), 2 * 100 * ZCHAT_STRANGERS_ADDRESS);
    assert_int_equal (left_by_many (network, 1), 100 * ZCHAT_STRANGERS_ADDRESS);
    assert_int_equal (left_by_many (network, 6), 100 * ZCHAT_STRANGERS_NETWORK);
    assert_int_equal (left_by_many (nowhere, 1), 5000);
}

static void test_no_bound (void **state)
{
    strangers_t *strangers = strangers_new ();
    const quota_t none = {.burst = 0};
    const letter_t one = letter ("#1", "eve", "here", 1000);
    strangers_take (strangers, &one, &none, 0);
    assert_int_equal (strangers_wait_ms (strangers, &one, &none, 0), 0);
    assert_int_equal (strangers_count (strangers), 0);
    strangers_destroy (&strangers);
}

/*  Who fills the table with little is forgotten before who has left much.     */
static void test_the_table (void **state)
{
    strangers_t *strangers = strangers_new ();
    char name[16];
    take (strangers, "#1", "eve", "", 100, 0);
    for (int i = 0; i < 2 * ZCHAT_STRANGERS_MAX; i++) {
        snprintf (name, sizeof name, "n%d", i);
        take (strangers, "#2", name, "", 10, 0);
    }
    assert_int_equal (strangers_count (strangers), ZCHAT_STRANGERS_MAX);
    assert_true (wait (strangers, "#1", "eve", "", 0) > 0);
    /*  What has been made good is as good as never left.                      */
    for (int i = 0; i < ZCHAT_STRANGERS_MAX; i++) {
        snprintf (name, sizeof name, "m%d", i);
        take (strangers, "#2", name, "", 10, 1000000);
    }
    assert_int_equal (wait (strangers, "#1", "eve", "", 1000000), 0);
    assert_int_equal (strangers_count (strangers), ZCHAT_STRANGERS_MAX);
    strangers_destroy (&strangers);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_each_with_each),
        cmocka_unit_test (test_places),
        cmocka_unit_test (test_no_bound),
        cmocka_unit_test (test_the_table),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
