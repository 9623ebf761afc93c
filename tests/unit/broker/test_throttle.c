/*  test_throttle.c - buckets empty, fill, and are forgotten with the least loss */
#include "admission/throttle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { BURST = 5, REFILL = 100 };

static const uint8_t seed[THROTTLE_SEED_SIZE] = {42};

static int setup (void **state)
{
    *state = throttle_new (BURST, REFILL, seed);
    return 0;
}

static int teardown (void **state)
{
    throttle_t *throttle = *state;
    throttle_destroy (&throttle);
    assert_null (throttle);
    throttle_destroy (&throttle);
    return 0;
}

static size_t drain (throttle_t *throttle, frame_t key, uint64_t now_ms)
{
    size_t taken = 0;
    while (throttle_has (throttle, key, now_ms)) {
        assert_true (throttle_take (throttle, key, now_ms));
        taken++;
    }
    assert_false (throttle_take (throttle, key, now_ms));
    return taken;
}

static void test_a_burst_and_no_more (void **state)
{
    frame_t a = frame_str ("a"), b = frame_str ("b");
    assert_int_equal (drain (*state, a, 1000), BURST);
    assert_int_equal (drain (*state, a, 1000), 0);
    assert_int_equal (drain (*state, b, 1000), BURST);
    assert_int_equal (drain (*state, frame_of (NULL, 0), 1000), BURST);
}

static void test_the_wait_is_enough (void **state)
{
    frame_t a = frame_str ("a");
    for (int i = 0; i < BURST; i++)
        assert_int_equal (throttle_claim (*state, a, 1000 + (uint64_t)i), 0);
    uint64_t wait = throttle_claim (*state, a, 1010);
    assert_in_range (wait, 1, REFILL);
    assert_int_equal (throttle_claim (*state, a, 1010), wait);
    assert_int_equal (throttle_claim (*state, a, 1010 + wait - 1), 1);
    assert_int_equal (throttle_claim (*state, a, 1010 + wait), 0);
    assert_int_equal (throttle_claim (*state, a, 1010 + wait), REFILL);
}

static void test_given_back (void **state)
{
    frame_t a = frame_str ("a"), b = frame_str ("b");
    /*  To who has none taken there is nothing to give.                        */
    throttle_give (*state, a, 1000);
    assert_int_equal (drain (*state, a, 1000), BURST);
    throttle_give (*state, a, 1000);
    throttle_give (*state, b, 1000);
    assert_int_equal (drain (*state, a, 1000), 1);
    assert_int_equal (drain (*state, b, 1000), BURST);
    for (int i = 0; i < 3 * BURST; i++)
        throttle_give (*state, a, 1000);
    assert_int_equal (drain (*state, a, 1000), BURST);
    /*  As much as is taken can go on for ever.                                */
    for (int i = 0; i < 100 * BURST; i++) {
        throttle_give (*state, a, 1000);
        assert_true (throttle_take (*state, a, 1000));
    }
    throttle_give (*state, a, 1000 + BURST * REFILL - 1);
    assert_int_equal (drain (*state, a, 1000 + BURST * REFILL - 1), BURST);
}

/*  What was taken without asking is owed, for a while.                        */
static void test_a_debt (void **state)
{
    frame_t a = frame_str ("a"), b = frame_str ("b");
    throttle_charge (*state, a, BURST + 3, 1000 * REFILL, 1000);
    assert_false (throttle_has (*state, a, 1000 + 4 * REFILL - 1));
    assert_true (throttle_has (*state, a, 1000 + 4 * REFILL));
    throttle_charge (*state, b, UINT64_MAX, 10 * REFILL, 1000);
    throttle_charge (*state, b, 1, 10 * REFILL, 1000);
    assert_false (throttle_has (*state, b, 1000 + 11 * REFILL - 1));
    assert_true (throttle_has (*state, b, 1000 + 11 * REFILL));
    assert_int_equal (drain (*state, b, 1000 + 15 * REFILL), BURST);
    throttle_charge (*state, b, BURST - 1, 0, 10000);
    assert_int_equal (drain (*state, b, 10000), 1);
}

static void test_it_fills (void **state)
{
    frame_t a = frame_str ("a");
    assert_int_equal (drain (*state, a, 0), BURST);
    assert_int_equal (drain (*state, a, REFILL - 1), 0);
    assert_int_equal (drain (*state, a, REFILL), 1);
    assert_int_equal (drain (*state, a, (uint64_t)3 * REFILL + REFILL / 2), 2);
    assert_int_equal (drain (*state, a, (uint64_t)4 * REFILL), 1);
    assert_int_equal (drain (*state, a, (uint64_t)1000 * REFILL), BURST);
}

/*  Refused attempts cost nothing: who waits is let in, however often they tried.  */
static void test_refusals_are_free (void **state)
{
    frame_t a = frame_str ("a");
    assert_int_equal (drain (*state, a, 0), BURST);
    for (uint64_t now = 0; now < REFILL; now++)
        assert_false (throttle_take (*state, a, now));
    assert_true (throttle_take (*state, a, REFILL));
}

/*  A steady rate: in a long time no more than the burst and what was refilled.  */
static void test_the_rate (void **state)
{
    frame_t a = frame_str ("a");
    size_t taken = 0;
    for (uint64_t now = 0; now <= (uint64_t)1000 * REFILL; now += 7)
        taken += throttle_take (*state, a, now);
    assert_true (taken <= BURST + 1000 && taken >= BURST + 990);
}

static void test_time_that_goes_back (void **state)
{
    frame_t a = frame_str ("a");
    assert_int_equal (drain (*state, a, 100000), BURST);
    assert_int_equal (drain (*state, a, 0), 0);
    assert_int_equal (drain (*state, a, 100000 + REFILL), 1);
}

/*  More strangers than there are buckets: who has just emptied theirs is not forgotten for
    those who have taken one token.                                            */
static void test_the_empty_are_remembered (void **state)
{
    frame_t a = frame_str ("the one");
    assert_int_equal (drain (*state, a, 0), BURST);
    size_t forgotten = 0;
    for (unsigned i = 0; i < 4 * ZCHAT_THROTTLE_MAX; i++) {
        frame_t key = frame_of (&i, sizeof i);
        assert_true (throttle_take (*state, key, 0));
        forgotten += throttle_has (*state, a, 0);
    }
    assert_int_equal (forgotten, 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_a_burst_and_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_wait_is_enough, setup, teardown),
        cmocka_unit_test_setup_teardown (test_given_back, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_debt, setup, teardown),
        cmocka_unit_test_setup_teardown (test_it_fills, setup, teardown),
        cmocka_unit_test_setup_teardown (test_refusals_are_free, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_rate, setup, teardown),
        cmocka_unit_test_setup_teardown (test_time_that_goes_back, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_empty_are_remembered, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
