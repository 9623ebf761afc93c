/*  test_liveness.c - who is asked, and who is left alone                      */
#include "net/liveness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FD = 7, OLD = 100, NEW = 101, NEWER = 102 };

static int setup (void **state)
{
    *state = liveness_new (16);
    return 0;
}

static int teardown (void **state)
{
    liveness_t *liveness = *state;
    liveness_destroy (&liveness);
    assert_null (liveness);
    liveness_destroy (&liveness);
    return 0;
}

static void test_a_close_asks_who_spoke_there (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    assert_int_equal (liveness_next (*state, 0), 0);
    assert_true (liveness_deadline_ms (*state) == UINT64_MAX);
    liveness_closed (*state, FD, 0);
    assert_true (liveness_deadline_ms (*state) == 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    assert_true (liveness_deadline_ms (*state) == UINT64_MAX);
}

static void test_asks_again_until_it_is_known (void **state)
{
    static const uint64_t times[] = {0, 20, 220, 2220};
    liveness_heard (*state, FD, OLD, 0);
    liveness_closed (*state, FD, 0);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_int_equal (liveness_deadline_ms (*state), times[i]);
        assert_int_equal (liveness_next (*state, times[i]), OLD);
        assert_int_equal (liveness_next (*state, times[i]), 0);
    }
    assert_int_equal (liveness_next (*state, 4220), 0);
    assert_true (liveness_deadline_ms (*state) == UINT64_MAX);
}

/*  The door was too full to be read to its end before the close was looked into.  */
static void test_words_after_the_end (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    liveness_closed (*state, FD, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    liveness_heard (*state, FD, OLD, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
}

/*  A close that was another's must not have the living asked at each word.    */
static void test_the_living_are_acquitted (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    liveness_closed (*state, FD, 0);
    for (uint64_t now = 0; now < 5000; now += 10)
        (void)liveness_next (*state, now);
    liveness_heard (*state, FD, OLD, 5000);
    assert_int_equal (liveness_next (*state, 5000), 0);
    liveness_closed (*state, FD, 5000);
    assert_int_equal (liveness_next (*state, 5000), OLD);
}

/*  The descriptor is used again, the newcomer is heard before the close is told.  */
static void test_a_successor_is_left_alone (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    liveness_heard (*state, FD, NEW, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    liveness_closed (*state, FD, 0); /* of the old one                            */
    assert_int_equal (liveness_next (*state, 5000), 0);
    liveness_closed (*state, FD, 0); /* of the new one                            */
    assert_int_equal (liveness_next (*state, 5000), NEW);
}

/*  The close is told first, then the newcomer is heard: its own close counts.  */
static void test_a_close_is_counted_once (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    liveness_closed (*state, FD, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    liveness_heard (*state, FD, NEW, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    liveness_closed (*state, FD, 0);
    assert_int_equal (liveness_next (*state, 0), NEW);
}

/*  The newcomer is read before the last words of who was there.               */
static void test_last_words_come_late (void **state)
{
    liveness_heard (*state, FD, NEW, 0);
    liveness_heard (*state, FD, OLD, 0);
    assert_int_equal (liveness_next (*state, 0), OLD);
    liveness_forget (*state, OLD);
    assert_int_equal (liveness_next (*state, 5000), 0);
}

static void test_three_in_a_row (void **state)
{
    liveness_heard (*state, FD, OLD, 0);
    liveness_heard (*state, FD, NEW, 0);
    liveness_heard (*state, FD, NEWER, 0);
    liveness_closed (*state, FD, 0);
    liveness_closed (*state, FD, 0);
    uint64_t first = liveness_next (*state, 0), second = liveness_next (*state, 0);
    assert_true ((first == OLD && second == NEW) || (first == NEW && second == OLD));
    assert_int_equal (liveness_next (*state, 0), 0);
}

/*  However many connected in between, and at whatever number.                 */
static void test_the_later_is_the_successor (void **state)
{
    static const uint64_t bases[] = {1, 100, 255, 256, 65535, 0x7fffffff, 0xffffffff, 1ull << 40};
    static const uint64_t far[] = {1, 127, 128, 141, 255, 256, 300, 65536, 1ull << 31, 1ull << 33};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        for (size_t j = 0; j < sizeof far / sizeof *far; j++) {
            liveness_t *liveness = liveness_new (16);
            uint64_t old = bases[i], later = bases[i] + far[j];
            liveness_heard (liveness, FD, old, 0);
            liveness_heard (liveness, FD, later, 0);
            assert_true (liveness_next (liveness, 0) == old);
            liveness_forget (liveness, old);
            liveness_closed (liveness, FD, 0); /* that of the old one              */
            assert_int_equal (liveness_next (liveness, 0), 0);
            liveness_closed (liveness, FD, 0);
            assert_true (liveness_next (liveness, 0) == later);
            liveness_destroy (&liveness);
        }
}

static void test_other_descriptors_are_ignored (void **state)
{
    liveness_heard (*state, -1, OLD, 0);
    liveness_heard (*state, 16, OLD, 0);
    liveness_closed (*state, -1, 0);
    liveness_closed (*state, 16, 0);
    liveness_closed (*state, FD, 0);
    liveness_forget (*state, OLD);
    assert_int_equal (liveness_next (*state, 0), 0);
}

static void test_thousands_vanish_at_once (void **state)
{
    (void)state;
    liveness_t *liveness = liveness_new (5000);
    for (int fd = 0; fd < 5000; fd++)
        liveness_heard (liveness, fd, (uint64_t)fd + 1, 0);
    for (int fd = 0; fd < 5000; fd++)
        liveness_closed (liveness, fd, 0);
    size_t asked = 0;
    for (uint64_t peer; (peer = liveness_next (liveness, 0)); asked++)
        liveness_forget (liveness, peer);
    assert_int_equal (asked, 5000);
    liveness_destroy (&liveness);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_close_asks_who_spoke_there), TEST (test_asks_again_until_it_is_known),
        TEST (test_a_successor_is_left_alone),    TEST (test_a_close_is_counted_once),
        TEST (test_last_words_come_late),         TEST (test_three_in_a_row),
        TEST (test_the_later_is_the_successor),   TEST (test_other_descriptors_are_ignored),
        TEST (test_thousands_vanish_at_once),     TEST (test_words_after_the_end),
        TEST (test_the_living_are_acquitted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
