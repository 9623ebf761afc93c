/*  test_quota.c - token buckets: what can be taken, when the rest can        */
#include "quota/quota.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void test_defaults_and_names (void **state)
{
    const quota_t *quotas = quota_defaults ();
    for (int i = 0; i < QUOTA_COUNT; i++) {
        const char *name = quota_name ((quota_kind_t)i);
        assert_true (*name && strspn (name, "abcdefghijklmnopqrstuvwxyz") == strlen (name));
        for (int j = 0; j < i; j++)
            assert_string_not_equal (name, quota_name ((quota_kind_t)j));
        assert_in_range (quotas[i].burst, 1, QUOTA_MAX);
        assert_in_range (quotas[i].rate, 1, QUOTA_MAX);
    }
    assert_string_equal (quota_name (QUOTA_MESSAGES), "messages");
    assert_string_equal (quota_name (QUOTA_FAILED), "failed");
    assert_int_equal (quotas[QUOTA_FAILED].burst, 500);
    assert_int_equal (quotas[QUOTA_FAILED].rate, 50);
}

static void test_a_burst_then_the_rate (void **state)
{
    const quota_t quota = {.burst = 3, .rate = 2};
    bucket_t bucket = {0};
    for (int i = 0; i < 3; i++) {
        assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 10000), 0);
        bucket_take (&bucket, &quota, 1, 10000);
    }
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 10000), 500);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 2, 10000), 1000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 10499), 1);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 10500), 0);
    bucket_take (&bucket, &quota, 1, 10500);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 10500), 500);
    /*  However long nothing is taken, there is never more than the burst.     */
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 3, 1000000), 0);
    bucket_take (&bucket, &quota, 3, 1000000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 1000000), 500);
}

static void test_asking_takes_nothing (void **state)
{
    const quota_t quota = {.burst = 5, .rate = 1};
    bucket_t asked = {0}, left = {0};
    bucket_take (&asked, &quota, 5, 1000);
    bucket_take (&left, &quota, 5, 1000);
    for (uint64_t ms = 1000; ms < 1999; ms++)
        assert_int_equal (bucket_wait_ms (&asked, &quota, 1, ms), 2000 - ms);
    assert_int_equal (bucket_wait_ms (&asked, &quota, 1, 2000), 0);
    assert_int_equal (bucket_wait_ms (&left, &quota, 1, 2000), 0);
    assert_int_equal (bucket_wait_ms (&asked, &quota, 2, 2000), 1000);
    assert_int_equal (bucket_wait_ms (&left, &quota, 2, 2000), 1000);
    assert_int_equal (bucket_wait_ms (&left, &quota, 0, 2000), 0);
}

/*  More than fits can be had, for all there is.                               */
static void test_more_than_the_burst (void **state)
{
    const quota_t quota = {.burst = 10, .rate = 10};
    bucket_t bucket = {0};
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1000, 5000), 0);
    bucket_take (&bucket, &quota, 1000, 5000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 5000), 100);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, UINT64_MAX, 5000), 1000);
    /*  Taken although it was not there: no more than the burst is owed.       */
    bucket_take (&bucket, &quota, UINT64_MAX, 5000);
    bucket_take (&bucket, &quota, 7, 5000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 10, 5000), 1000);
}

static void test_no_bound (void **state)
{
    const quota_t quota = {.burst = 0, .rate = 1};
    bucket_t bucket = {0};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal (bucket_wait_ms (&bucket, &quota, UINT64_MAX, 1), 0);
        bucket_take (&bucket, &quota, UINT64_MAX, 1);
    }
    assert_int_equal (bucket.used_milli, 0);
}

static void test_the_largest (void **state)
{
    const quota_t quota = {.burst = QUOTA_MAX, .rate = QUOTA_MAX};
    const quota_t slow = {.burst = QUOTA_MAX, .rate = 1};
    bucket_t bucket = {0};
    bucket_take (&bucket, &quota, QUOTA_MAX, 1);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, QUOTA_MAX, 1), 1000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, QUOTA_MAX, UINT64_MAX), 0);
    bucket = (bucket_t){0};
    bucket_take (&bucket, &slow, QUOTA_MAX, 1);
    assert_int_equal (bucket_wait_ms (&bucket, &slow, 1, 1), 1000);
    assert_int_equal (bucket_wait_ms (&bucket, &slow, QUOTA_MAX, 1), QUOTA_MAX * 1000);
}

/*  A clock that goes back gives nothing twice.                                */
static void test_time_that_goes_back (void **state)
{
    const quota_t quota = {.burst = 4, .rate = 1};
    bucket_t bucket = {0};
    bucket_take (&bucket, &quota, 4, 10000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 9000), 1000);
    for (int i = 0; i < 10; i++)
        assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, i % 2 ? 9000 : 10000), 1000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 11000), 0);
}

/*  The same numbers in every run.                                             */
static unsigned dice (void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33);
}

/*  Whatever is taken, whenever: what is said to be the wait is the shortest that suffices, and
    over any time no more is had than burst and rate allow.                    */
static void test_at_random (void **state)
{
    for (int run = 0; run < 200; run++) {
        const quota_t quota = {.burst = 1 + dice () % 2000, .rate = 1 + dice () % 5000};
        bucket_t bucket = {0};
        uint64_t begin = 1 + dice () % 100000, now = begin, had = 0;
        for (int i = 0; i < 200; i++) {
            now += dice () % 50;
            uint64_t amount = dice () % (quota.burst + 1);
            uint64_t wait = bucket_wait_ms (&bucket, &quota, amount, now);
            if (wait) {
                bucket_t before = bucket, after = bucket;
                assert_true (bucket_wait_ms (&before, &quota, amount, now + wait - 1) > 0);
                assert_int_equal (bucket_wait_ms (&after, &quota, amount, now + wait), 0);
                if (dice () % 2)
                    continue;
                now += wait;
            }
            bucket_take (&bucket, &quota, amount, now);
            had += amount;
            assert_true (had * 1000 <= quota.burst * 1000 + (now - begin) * quota.rate);
        }
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_defaults_and_names),
        cmocka_unit_test (test_a_burst_then_the_rate),
        cmocka_unit_test (test_asking_takes_nothing),
        cmocka_unit_test (test_more_than_the_burst),
        cmocka_unit_test (test_no_bound),
        cmocka_unit_test (test_the_largest),
        cmocka_unit_test (test_time_that_goes_back),
        cmocka_unit_test (test_at_random),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
