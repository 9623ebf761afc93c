/*  test_meters.c - what was stored of late from each place                    */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "quota/meters.h"
#include <stdio.h>

static void test_places (void **state)
{
    meters_t *meters = meters_new ();
    char place[32];
    (void)state;
    meters_buckets (meters, "a")->used_milli = 7;
    meters_buckets (meters, "b")->used_milli = 8;
    assert_int_equal (meters_buckets (meters, "a")->used_milli, 7);
    assert_int_equal (meters_buckets (meters, "b")->used_milli, 8);
    assert_int_equal (meters_buckets (meters, "")->used_milli, 0);
    assert_int_equal (meters_count (meters), 3);
    for (int i = 0; i < ZCHAT_METERS_MAX - 1; i++) {
        snprintf (place, sizeof place, "%d", i);
        meters_buckets (meters, place)->used_milli = 1;
        assert_int_equal (meters_buckets (meters, "a")->used_milli, 7);
    }
    assert_int_equal (meters_count (meters), ZCHAT_METERS_MAX);
    assert_int_equal (meters_buckets (meters, "b")->used_milli, 0); /* it was quiet */
    meters_destroy (&meters);
    meters_destroy (&meters);
}

static const char *counted (const char *place)
{
    static char metered[METERS_PLACE_MAX + 1];
    meters_place (place, metered);
    return metered;
}

static void test_what_counts (void **state)
{
    (void)state;
    assert_string_equal (counted ("10.0.0.1"), "10.0.0.1");
    assert_string_equal (counted ("2001:0db8:0001/0002"), "2001:0db8:0001");
    assert_string_equal (counted ("elsewhere"), "elsewhere");
    assert_string_equal (counted ("local"), "");
    assert_string_equal (counted (""), "");
    assert_string_equal (counted (NULL), "");
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (test_places),
                                       cmocka_unit_test (test_what_counts)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
