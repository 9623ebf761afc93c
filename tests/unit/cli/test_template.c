/*  test_template.c - the format of --format                                   */
#include "template.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const template_fields_t message = {.room = "dev",
                                          .type = "say",
                                          .user = "b\033ob",
                                          .log = "0123",
                                          .data = "{\"a\":1}",
                                          .text = "one\ntwo",
                                          .text_size = 7,
                                          .seq = 42,
                                          .time_ms = 1732092552345,
                                          .re = 41};

static void writes (const char *format, bool exact, const char *want, size_t size)
{
    output_t out;
    output_init (&out, -1, -1);
    assert_null (template_wrong (format));
    template_write (&out, format, &message, exact);
    assert_int_equal (out.pending.size, size);
    assert_memory_equal (out.pending.data, want, size);
    output_free (&out);
}

static void every_field (void **state)
{
    static const char want[] =
        "dev 42 dev/42 2024-11-20T08:49:12.345Z 1732092552345 say 41 0123 % x";
    writes ("%r %s %i %t %T %y %e %l %% x", false, want, sizeof want - 1);
}

static void peers_are_made_visible (void **state)
{
    writes ("%u %m", false, "b^[ob one^Jtwo", 14);
    writes ("%u %m", true, "b\033ob one\ntwo", 12);
    writes ("%d", false, "{\"a\":1}", 7);
}

static void escapes (void **state)
{
    writes ("a\\n\\t\\0\\\\b", false, "a\n\t\0\\b", 6);
}

static void what_is_missing_is_nothing (void **state)
{
    static const template_fields_t none = {.room = "dev"};
    output_t out;
    output_init (&out, -1, -1);
    template_write (&out, "[%u%m%e%d%l%y]", &none, false);
    assert_int_equal (out.pending.size, 2);
    output_free (&out);
}

static void wrong_ones (void **state)
{
    char longest[ZCHAT_FORMAT_MAX + 2];
    static const char *const wrong[] = {"", "%", "a%", "%q", "%5s", "\\", "\\x", "%m\\"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null (template_wrong (wrong[i]));
    memset (longest, 'x', sizeof longest);
    longest[ZCHAT_FORMAT_MAX] = 0;
    assert_null (template_wrong (longest));
    longest[ZCHAT_FORMAT_MAX] = 'x';
    longest[ZCHAT_FORMAT_MAX + 1] = 0;
    assert_non_null (template_wrong (longest));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_field), cmocka_unit_test (peers_are_made_visible),
        cmocka_unit_test (escapes),     cmocka_unit_test (what_is_missing_is_nothing),
        cmocka_unit_test (wrong_ones),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
