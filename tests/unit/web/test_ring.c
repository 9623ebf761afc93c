/*  test_ring.c - the last events of a room                                     */
#include "memory.h"
#include "ring.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/limits.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void add (ring_t *ring, uint64_t seq, size_t size)
{
    ring_entry_t entry = {.seq = seq, .text = memory_zero (size + 1), .size = size};

    ring_add (ring, &entry);
}

static void numbers (void **state)
{
    size_t all = 0;
    ring_t *ring = ring_new (&all);

    assert_int_equal (ring_oldest_seq (ring), 0);
    assert_int_equal (ring_behind (ring, 5), 0);
    add (ring, 0, 1);
    add (ring, 6, 1);
    add (ring, 0, 1);
    add (ring, 7, 1);
    assert_int_equal (ring_oldest_seq (ring), 6);
    assert_int_equal (ring_behind (ring, 5), 0);
    assert_int_equal (ring_behind (ring, 6), 2);
    assert_int_equal (ring_behind (ring, 7), 4);
    assert_int_equal (ring_behind (ring, 99), 4);
    ring_clear (ring);
    assert_true (ring_first (ring) == 4 && ring_next (ring) == 4 && all == 0);
    ring_destroy (&ring);
    ring_destroy (&ring);
}

static void bounds (void **state)
{
    size_t all = 0;
    ring_t *ring = ring_new (&all), *other = ring_new (&all);

    for (uint64_t i = 1; i <= ZCHAT_WEB_RING_MAX + 3; i++)
        add (ring, i, 10);
    assert_int_equal (ring_first (ring), 3);
    assert_int_equal (ring_oldest_seq (ring), 4);
    assert_int_equal (all, 10 * ZCHAT_WEB_RING_MAX);
    add (ring, ZCHAT_WEB_RING_MAX + 4, ZCHAT_WEB_RING_BYTES + 1);
    assert_int_equal (ring_next (ring) - ring_first (ring), 1);
    add (other, 1, 5);
    assert_int_equal (all, ZCHAT_WEB_RING_BYTES + 6);
    ring_destroy (&ring);
    assert_int_equal (all, 5);
    /*  Where all have too much, little of each stays.                         */
    all += ZCHAT_WEB_RINGS_BYTES;
    for (uint64_t i = 2; i <= 10; i++)
        add (other, i, ZCHAT_WEB_RING_BYTES / 64);
    assert_int_equal (ring_next (other) - ring_first (other), 1);
    all -= ZCHAT_WEB_RINGS_BYTES;
    ring_destroy (&other);
    assert_int_equal (all, 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (numbers), cmocka_unit_test (bounds)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
