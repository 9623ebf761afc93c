/*  test_marks.c - what was read and waits for the disk                         */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "presence/readings.h"
#include <zchat/limits.h>

static uint64_t seq_of (const readings_t *readings, uint64_t owner, uint64_t room)
{
    const reading_t *reading = readings_find (readings, owner, room);
    return reading ? reading->seq : 0;
}

static void test_many_become_one (void **state)
{
    readings_t *readings = readings_new ();
    (void)state;
    assert_int_equal (readings_deadline_ms (readings), UINT64_MAX);
    readings_put (readings, 7, 1, 5, 100);
    readings_put (readings, 7, 1, 3, 200);
    readings_put (readings, 7, 1, 9, 300);
    assert_int_equal (seq_of (readings, 7, 1), 9);
    assert_int_equal (readings_count (readings), 1);
    assert_int_equal (readings_deadline_ms (readings), 100 + ZCHAT_READINGS_MS);
    assert_null (readings_take (readings, 99 + ZCHAT_READINGS_MS));
    const reading_t *reading = readings_take (readings, 100 + ZCHAT_READINGS_MS);
    assert_non_null (reading);
    assert_int_equal (reading->seq, 9);
    assert_null (readings_take (readings, UINT64_MAX));
    assert_int_equal (readings_deadline_ms (readings), UINT64_MAX);
    readings_end (readings, 7, 1, 9, 5000);
    assert_int_equal (readings_count (readings), 0);
    assert_null (readings_of (readings, 7));
    readings_destroy (&readings);
    assert_null (readings);
    readings_destroy (&readings);
}

static void test_what_came_meanwhile_waits_on (void **state)
{
    readings_t *readings = readings_new ();
    (void)state;
    readings_put (readings, 7, 1, 5, 0);
    assert_non_null (readings_take (readings, UINT64_MAX));
    readings_put (readings, 7, 1, 6, 100);
    readings_end (readings, 7, 1, 5, 3000);
    assert_int_equal (seq_of (readings, 7, 1), 6);
    assert_int_equal (readings_deadline_ms (readings), 3000 + ZCHAT_READINGS_MS);
    /*  One that is not queued has no end.                                     */
    readings_end (readings, 7, 1, UINT64_MAX, 3000);
    assert_int_equal (readings_count (readings), 1);
    assert_non_null (readings_take (readings, UINT64_MAX));
    readings_end (readings, 7, 1, UINT64_MAX, 3000);
    assert_int_equal (readings_count (readings), 0);
    readings_end (readings, 7, 1, 1, 3000);
    readings_destroy (&readings);
}

static void test_in_order (void **state)
{
    readings_t *readings = readings_new ();
    (void)state;
    for (uint64_t i = 1; i <= 5; i++)
        readings_put (readings, 1 + i % 2, i, 1, 10 * i);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal (readings_take (readings, 30 + ZCHAT_READINGS_MS)->room, i);
    assert_null (readings_take (readings, 30 + ZCHAT_READINGS_MS));
    size_t count = 0;
    for (const reading_t *reading = readings_of (readings, 2); reading;
         reading = reading->next_reader)
        count++;
    assert_int_equal (count, 3);
    readings_destroy (&readings);
}

static void test_bounds (void **state)
{
    readings_t *readings = readings_new ();
    (void)state;
    for (uint64_t room = 1; room <= ZCHAT_MARKERS_MAX; room++) {
        assert_true (readings_fit (readings, 7, room));
        readings_put (readings, 7, room, 1, 0);
    }
    assert_false (readings_fit (readings, 7, ZCHAT_MARKERS_MAX + 1));
    assert_true (readings_fit (readings, 7, 1));
    assert_true (readings_fit (readings, 8, 1));
    for (uint64_t owner = 8; readings_count (readings) < ZCHAT_READINGS_MAX; owner++)
        for (uint64_t room = 1; room <= 100 && readings_count (readings) < ZCHAT_READINGS_MAX;
             room++)
            readings_put (readings, owner, room, 1, 0);
    assert_false (readings_fit (readings, 6, 1));
    assert_true (readings_fit (readings, 8, 1));
    size_t queued = 0;
    while (readings_take (readings, UINT64_MAX))
        queued++;
    assert_int_equal (queued, ZCHAT_BATCH_MAX);
    assert_int_equal (readings_deadline_ms (readings), UINT64_MAX);
    readings_end (readings, 7, 1, 1, 0);
    assert_true (readings_deadline_ms (readings) < UINT64_MAX);
    readings_destroy (&readings);
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
