/*  test_span.c - members are found where they stand, byte for byte            */
#include "verbs/span.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check (const char *object, const char *wanted)
{
    frame_t found = span_member (frame_str (object), "data");
    if (!frame_is (found, wanted))
        fail_msg ("%s: found '%.*s', wanted '%s'", object, (int)found.size,
                  (const char *)found.data, wanted);
}

static void test_found_as_it_stands (void **state)
{
    (void)state;
    check ("{\"data\":{\"x\":1.10}}", "{\"x\":1.10}");
    check (" { \"n\" : 1 , \"data\" : { \"x\" : [ 1e2 , {} ] } , \"z\" : 0 } ",
           "{ \"x\" : [ 1e2 , {} ] }");
    check ("{\"a\":{\"data\":1},\"data\":{}}", "{}");
    check ("{\"a\":[\"data\",{\"data\":2}],\"data\":{\"b\":\"}\"}}", "{\"b\":\"}\"}");
    check ("{\"a\":\"\\\\\",\"b\":\"\\\"data\\\":1\",\"data\":{\"q\":\"\\\"},{\"}}",
           "{\"q\":\"\\\"},{\"}");
    check ("{\"data\":null}", "null");
    check ("{\"data\":\"text\" }", "\"text\"");
    check ("{\"data\"\n:\r\t[1,[2],3]\n}", "[1,[2],3]");
}

static void test_not_found (void **state)
{
    (void)state;
    check ("{}", "");
    check (" { } ", "");
    check ("{\"a\":1}", "");
    check ("{\"d\\u0061ta\":1}", "");
    check ("{\"dat\":1,\"datas\":2}", "");
}

/*  It is only called with what a parser has passed; but it stays in its bytes. */
static void test_nonsense_is_survived (void **state)
{
    (void)state;
    static const char *const texts[] = {"",          "{",          "{\"",         "{\"data",
                                        "{\"data\"", "{\"data\":", "{\"data\":{", "{\"data\":\"\\",
                                        "}",         "[1,2]",      "{,,,"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t size = strlen (texts[i]);
        char *exact = test_malloc (size + !size); /* so that a step too far is seen    */
        memcpy (exact, texts[i], size);
        frame_t found = span_member (frame_of (exact, size), "data");
        assert_true (found.size <= size);
        test_free (exact);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_found_as_it_stands),
        cmocka_unit_test (test_not_found),
        cmocka_unit_test (test_nonsense_is_survived),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
