/*  test_clock.c - when ages can be believed                                   */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include <zchat/limits.h>

#define HOUR  ((uint64_t)ZCHAT_CLOCK_JUMP_MS)
#define DAY   (24 * HOUR)
#define BEGIN (20000 * DAY)

static bool at (clock_watch_t *watch, uint64_t passed_ms, int64_t off_ms)
{
    return clock_watch (
        watch, (core_time_t){passed_ms, (uint64_t)((int64_t)(BEGIN + passed_ms) + off_ms)});
}

static void test_time_that_passes (void **state)
{
    clock_watch_t watch = {0};
    (void)state;
    assert_true (at (&watch, 7, 0));
    assert_true (at (&watch, 400 * DAY, 0));
    /*  small corrections, either way, up to an hour in all                    */
    assert_true (at (&watch, 400 * DAY + 1, (int64_t)HOUR));
    assert_true (at (&watch, 400 * DAY + 2, -(int64_t)HOUR));
    assert_true (at (&watch, 401 * DAY, 0));
}

static void test_set_forward_and_right_again (void **state)
{
    clock_watch_t watch = {0};
    (void)state;
    assert_true (at (&watch, 0, 0));
    assert_false (at (&watch, 1, (int64_t)HOUR + 1));
    assert_false (at (&watch, DAY, 40 * (int64_t)DAY));
    assert_true (at (&watch, 2 * DAY, 0));
}

/*  What was stamped while it was behind is not as old as it says.             */
static void test_set_back (void **state)
{
    clock_watch_t watch = {0};
    (void)state;
    assert_true (at (&watch, 0, 0));
    assert_false (at (&watch, 1, -(int64_t)HOUR - 1));
    assert_false (at (&watch, 2, 0));
    assert_false (at (&watch, 100 * DAY, 0));
}

/*  Many small steps are one large one.                                        */
static void test_step_by_step (void **state)
{
    clock_watch_t watch = {0};
    (void)state;
    for (int64_t minute = 0; minute <= 60; minute++)
        assert_true (at (&watch, (uint64_t)minute, minute * 60000));
    assert_false (at (&watch, 100, (int64_t)61 * 60000));
}

static void test_clocks_of_any_origin (void **state)
{
    clock_watch_t watch = {0};
    (void)state;
    /*  the wall clock of a machine that does not know the time                */
    assert_true (clock_watch (&watch, (core_time_t){50 * DAY, 0}));
    assert_true (clock_watch (&watch, (core_time_t){50 * DAY + 5, 5}));
    assert_false (clock_watch (&watch, (core_time_t){50 * DAY + 6, BEGIN}));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_time_that_passes),
        cmocka_unit_test (test_set_forward_and_right_again),
        cmocka_unit_test (test_set_back),
        cmocka_unit_test (test_step_by_step),
        cmocka_unit_test (test_clocks_of_any_origin),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
