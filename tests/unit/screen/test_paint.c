/*  test_paint.c - a grid as what a terminal is sent                            */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "paint.h"
#include "width.h"
#include <stdlib.h>
#include <string.h>

static grid_t *s_before, *s_now;
static buffer_t s_out;
static paint_t s_paint;

static int setup (void **state)
{
    width_begin ();
    s_before = grid_new ();
    s_now = grid_new ();
    grid_begin (s_before, 4, 20);
    grid_begin (s_now, 4, 20);
    s_paint = (paint_t){.links = true};
    return 0;
}

static int teardown (void **state)
{
    grid_destroy (&s_before);
    grid_destroy (&s_now);
    buffer_free (&s_out);
    return 0;
}

static const char *painted (const grid_t *before)
{
    buffer_clear (&s_out);
    buffer_string (&s_out, "");
    paint (&s_paint, before, s_now, &s_out);
    return s_out.data;
}

static void only_what_changed_is_written (void **state)
{
    assert_string_equal (painted (s_before), "");
    grid_string (s_before, 1, 0, "same", STYLE_TEXT);
    grid_string (s_now, 1, 0, "same", STYLE_TEXT);
    grid_string (s_now, 2, 3, "new", STYLE_TEXT);
    assert_non_null (strstr (painted (s_before), "\033[3;1H   new\033[K"));
    assert_null (strstr (s_out.data, "same"));
    assert_non_null (strstr (painted (NULL), "\033[2J"));
    assert_non_null (strstr (s_out.data, "same"));
}

static void a_word_that_goes_on_is_written_as_one (void **state)
{
    grid_string (s_now, 0, 8, "https://exam", STYLE_TEXT);
    grid_string (s_now, 1, 0, "ple.org", STYLE_TEXT);
    grid_wrap (s_now, 0);
    assert_non_null (strstr (painted (s_before), "\033[?7h"));
    assert_non_null (strstr (s_out.data, "https://example.org"));
}

static void links_are_told_where_the_terminal_has_them (void **state)
{
    grid_string (s_now, 0, 0, "see it here", STYLE_TEXT);
    grid_link (s_now, 0, 4, 6, "https://example.org/");
    assert_non_null (strstr (painted (s_before), "https://example.org/"));
    assert_non_null (strstr (s_out.data, "\033]8;;\033\\ here"));
    s_paint.links = false;
    assert_null (strstr (painted (s_before), "example"));
}

static void wide_characters_keep_their_places (void **state)
{
    /*  Half of a wide character is none.                                      */
    grid_string (s_now, 0, 0, "\xe6\x97\xa5\xe6\x9c\xac", STYLE_TEXT);
    grid_string (s_now, 0, 1, "x", STYLE_TEXT);
    char *text = grid_text (s_now, 0);
    assert_string_equal (text, " x\xe6\x9c\xac");
    free (text);
    /*  One that does not fit is left out.                                     */
    assert_int_equal (grid_put (s_now, 1, 19, 20, "\xe6\x97\xa5", 3, STYLE_TEXT, 0), 19);
    assert_non_null (strstr (painted (s_before), " x\xe6\x9c\xac\033[5G"));
}

static void nothing_is_written_outside (void **state)
{
    grid_string (s_now, -1, 0, "above", STYLE_TEXT);
    grid_string (s_now, 4, 0, "below", STYLE_TEXT);
    grid_put (s_now, 0, -3, 20, "left", 4, STYLE_TEXT, 0);
    grid_link (s_now, 9, 0, 5, "https://example.org/");
    grid_choose (s_now, -1, 0, 99);
    grid_fill (s_now, 1, 0, 20, "-", STYLE_RULER);
    char *text = grid_text (s_now, 0);
    assert_string_equal (text, "t");
    free (text);
    grid_begin (s_now, 0, 0);
    assert_int_equal (grid_rows (s_now), 1);
    grid_begin (s_now, 100000, 100000);
    assert_int_equal (grid_rows (s_now), GRID_ROWS_MAX);
    assert_int_equal (grid_columns (s_now), GRID_COLUMNS_MAX);
}

int main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST (only_what_changed_is_written),
        TEST (a_word_that_goes_on_is_written_as_one),
        TEST (links_are_told_where_the_terminal_has_them),
        TEST (wide_characters_keep_their_places),
        TEST (nothing_is_written_outside),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
