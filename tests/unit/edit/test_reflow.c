/*  test_reflow.c - where the input line went when the window became narrower */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reflow.h"

static void a_line_that_fits_stays_in_its_row (void **state)
{
    assert_false (reflow_may (10, 11));
    assert_true (reflow_may (10, 10));
    assert_int_equal (reflow_rows (10, 11, 10), 0);
    assert_int_equal (reflow_rows (0, 1, 0), 0);
    assert_false (reflow_may (10, 0));
}

static void a_line_laid_out_anew_takes_more_rows (void **state)
{
    assert_int_equal (reflow_rows (50, 40, 10), 1);
    assert_int_equal (reflow_rows (40, 40, 0), 1);
    assert_int_equal (reflow_rows (50, 20, 10), 2);
    assert_int_equal (reflow_rows (7, 2, 1), 0); /* both would put it there */
}

static void a_line_cut_off_takes_one (void **state)
{
    assert_int_equal (reflow_rows (50, 40, 39), 0);
    assert_int_equal (reflow_rows (59, 30, 29), 0);
    assert_int_equal (reflow_rows (50, 40, 7), 0); /* an answer that is none of both */
    assert_int_equal (reflow_rows (50, 40, 2000000), 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_line_that_fits_stays_in_its_row),
        cmocka_unit_test (a_line_laid_out_anew_takes_more_rows),
        cmocka_unit_test (a_line_cut_off_takes_one),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
