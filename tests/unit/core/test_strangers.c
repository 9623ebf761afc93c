/*  test_strangers.c - what strangers left of late in each mailbox            */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "strangers.h"
#include <stdio.h>

static const quota_t s_quota = {.burst = 100, .rate = 1};

static void take (strangers_t *strangers, const char *whose, const char *party, unsigned times,
                  uint64_t amount, uint64_t now_ms)
{
    const stranger_t one = {party, times};
    strangers_take (strangers, whose, &one, 1, &s_quota, amount, now_ms);
}

static uint64_t wait (strangers_t *strangers, const char *whose, const char *party, unsigned times,
                      uint64_t now_ms)
{
    const stranger_t one = {party, times};
    return strangers_wait_ms (strangers, whose, &one, 1, &s_quota, 10, now_ms);
}

static void test_each_with_each (void **state)
{
    strangers_t *strangers = strangers_new ();
    assert_int_equal (wait (strangers, "#1", "eve", 1, 0), 0);
    assert_int_equal (strangers_count (strangers), 0); /* to ask costs nothing  */
    take (strangers, "#1", "eve", 1, 90, 0);
    assert_int_equal (wait (strangers, "#1", "eve", 1, 0), 0);
    take (strangers, "#1", "eve", 1, 5, 0);
    assert_int_equal (wait (strangers, "#1", "eve", 1, 0), 5000);
    assert_int_equal (wait (strangers, "#1", "eve", 1, 5000), 0);
    assert_int_equal (wait (strangers, "#2", "eve", 1, 0), 0);
    assert_int_equal (wait (strangers, "#1", "mal", 1, 0), 0);
    /*  Whose and who are not one text.                                        */
    take (strangers, "#12", "3", 1, 100, 0);
    assert_int_equal (wait (strangers, "#1", "23", 1, 0), 0);
    strangers_destroy (&strangers);
    strangers_destroy (&strangers);
}

/*  A place has its quota, a few times as much, whoever comes from there.      */
static void test_places (void **state)
{
    strangers_t *strangers = strangers_new ();
    stranger_t parties[] = {{"eve", 1}, {"here", 2}};
    char name[16];
    uint64_t left = 0;
    for (int i = 0; i < 9; i++) {
        snprintf (name, sizeof name, "eve%d", i);
        parties[0].party = name;
        if (strangers_wait_ms (strangers, "#1", parties, 2, &s_quota, 60, 0) == 0) {
            strangers_take (strangers, "#1", parties, 2, &s_quota, 60, 0);
            left += 60;
        }
    }
    assert_int_equal (left, 180);
    assert_int_equal (strangers_wait_ms (strangers, "#1", parties, 2, &s_quota, 60, 0), 20000);
    assert_int_equal (strangers_wait_ms (strangers, "#1", parties, 1, &s_quota, 60, 0), 0);
    strangers_destroy (&strangers);
}

static void test_no_bound (void **state)
{
    strangers_t *strangers = strangers_new ();
    const quota_t none = {.burst = 0};
    const stranger_t eve = {"eve", 1};
    strangers_take (strangers, "#1", &eve, 1, &none, 1000, 0);
    assert_int_equal (strangers_wait_ms (strangers, "#1", &eve, 1, &none, 1000, 0), 0);
    assert_int_equal (strangers_count (strangers), 0);
    strangers_destroy (&strangers);
}

/*  Who fills the table with little is forgotten before who has left much.     */
static void test_the_table (void **state)
{
    strangers_t *strangers = strangers_new ();
    char name[16];
    take (strangers, "#1", "eve", 1, 100, 0);
    take (strangers, "#1", "here", 4, 390, 0);
    for (int i = 0; i < 2 * ZCHAT_STRANGERS_MAX; i++) {
        snprintf (name, sizeof name, "n%d", i);
        take (strangers, "#2", name, 1, 10, 0);
    }
    assert_int_equal (strangers_count (strangers), ZCHAT_STRANGERS_MAX);
    assert_true (wait (strangers, "#1", "eve", 1, 0) > 0);
    take (strangers, "#1", "here", 4, 10, 0);
    assert_true (wait (strangers, "#1", "here", 4, 0) > 0);
    /*  What has been made good is as good as never left.                      */
    for (int i = 0; i < ZCHAT_STRANGERS_MAX; i++) {
        snprintf (name, sizeof name, "m%d", i);
        take (strangers, "#2", name, 1, 10, 1000000);
    }
    assert_int_equal (wait (strangers, "#1", "eve", 1, 1000000), 0);
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
