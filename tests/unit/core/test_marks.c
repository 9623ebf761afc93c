/*  test_marks.c - what was read and waits for the disk                         */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "presence/marks.h"
#include <zchat/limits.h>

static uint64_t seq_of (const marks_t *marks, uint64_t owner, uint64_t room)
{
    const mark_t *mark = marks_find (marks, owner, room);
    return mark ? mark->seq : 0;
}

static void test_many_become_one (void **state)
{
    marks_t *marks = marks_new ();
    (void)state;
    assert_int_equal (marks_deadline_ms (marks), UINT64_MAX);
    marks_put (marks, 7, 1, 5, 100);
    marks_put (marks, 7, 1, 3, 200);
    marks_put (marks, 7, 1, 9, 300);
    assert_int_equal (seq_of (marks, 7, 1), 9);
    assert_int_equal (marks_count (marks), 1);
    assert_int_equal (marks_deadline_ms (marks), 100 + ZCHAT_MARKS_MS);
    assert_null (marks_take (marks, 99 + ZCHAT_MARKS_MS));
    const mark_t *mark = marks_take (marks, 100 + ZCHAT_MARKS_MS);
    assert_non_null (mark);
    assert_int_equal (mark->seq, 9);
    assert_null (marks_take (marks, UINT64_MAX));
    assert_int_equal (marks_deadline_ms (marks), UINT64_MAX);
    marks_end (marks, 7, 1, 9, 5000);
    assert_int_equal (marks_count (marks), 0);
    assert_null (marks_of (marks, 7));
    marks_destroy (&marks);
    assert_null (marks);
    marks_destroy (&marks);
}

static void test_what_came_meanwhile_waits_on (void **state)
{
    marks_t *marks = marks_new ();
    (void)state;
    marks_put (marks, 7, 1, 5, 0);
    assert_non_null (marks_take (marks, UINT64_MAX));
    marks_put (marks, 7, 1, 6, 100);
    marks_end (marks, 7, 1, 5, 3000);
    assert_int_equal (seq_of (marks, 7, 1), 6);
    assert_int_equal (marks_deadline_ms (marks), 3000 + ZCHAT_MARKS_MS);
    /*  One that is not queued has no end.                                     */
    marks_end (marks, 7, 1, UINT64_MAX, 3000);
    assert_int_equal (marks_count (marks), 1);
    assert_non_null (marks_take (marks, UINT64_MAX));
    marks_end (marks, 7, 1, UINT64_MAX, 3000);
    assert_int_equal (marks_count (marks), 0);
    marks_end (marks, 7, 1, 1, 3000);
    marks_destroy (&marks);
}

static void test_in_order (void **state)
{
    marks_t *marks = marks_new ();
    (void)state;
    for (uint64_t i = 1; i <= 5; i++)
        marks_put (marks, 1 + i % 2, i, 1, 10 * i);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal (marks_take (marks, 30 + ZCHAT_MARKS_MS)->room, i);
    assert_null (marks_take (marks, 30 + ZCHAT_MARKS_MS));
    size_t count = 0;
    for (const mark_t *mark = marks_of (marks, 2); mark; mark = mark->next_reader)
        count++;
    assert_int_equal (count, 3);
    marks_destroy (&marks);
}

static void test_bounds (void **state)
{
    marks_t *marks = marks_new ();
    (void)state;
    for (uint64_t room = 1; room <= ZCHAT_MARKERS_MAX; room++) {
        assert_true (marks_fit (marks, 7, room));
        marks_put (marks, 7, room, 1, 0);
    }
    assert_false (marks_fit (marks, 7, ZCHAT_MARKERS_MAX + 1));
    assert_true (marks_fit (marks, 7, 1));
    assert_true (marks_fit (marks, 8, 1));
    for (uint64_t owner = 8; marks_count (marks) < ZCHAT_MARKS_MAX; owner++)
        for (uint64_t room = 1; room <= 100 && marks_count (marks) < ZCHAT_MARKS_MAX; room++)
            marks_put (marks, owner, room, 1, 0);
    assert_false (marks_fit (marks, 6, 1));
    assert_true (marks_fit (marks, 8, 1));
    size_t queued = 0;
    while (marks_take (marks, UINT64_MAX))
        queued++;
    assert_int_equal (queued, ZCHAT_BATCH_MAX);
    assert_int_equal (marks_deadline_ms (marks), UINT64_MAX);
    marks_end (marks, 7, 1, 1, 0);
    assert_true (marks_deadline_ms (marks) < UINT64_MAX);
    marks_destroy (&marks);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_many_become_one),
        cmocka_unit_test (test_what_came_meanwhile_waits_on),
        cmocka_unit_test (test_in_order),
        cmocka_unit_test (test_bounds),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
