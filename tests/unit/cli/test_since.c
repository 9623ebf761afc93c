/*  test_since.c - times on the command line, and the search for the message of a time */
#include "since.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { MESSAGES = 40 };
static const uint64_t NOW = 1800000000000;

static uint64_t reads (const char *text)
{
    uint64_t time_ms = 0;
    assert_true (since_read (text, NOW, &time_ms));
    return time_ms;
}

static void ages (void **state)
{
    assert_int_equal (reads ("90s"), NOW - 90000);
    assert_int_equal (reads ("30m"), NOW - 1800000);
    assert_int_equal (reads ("2h"), NOW - 7200000);
    assert_int_equal (reads ("7d"), NOW - 7 * 86400000ull);
    assert_int_equal (reads ("4w"), NOW - 28 * 86400000ull);
    assert_int_equal (reads ("999999999w"), 0);
    assert_int_equal (reads ("0s"), NOW);
}

static void dates (void **state)
{
    setenv ("TZ", "UTC-2", 1); /* two hours east */
    tzset ();
    assert_int_equal (reads ("2026-11-20"), 1795125600000);
    assert_int_equal (reads ("2026-11-20T14:30"), 1795125600000 + (14 * 60 + 30) * 60000);
    assert_int_equal (reads ("2026-11-20 14:30:05"), 1795125600000 + (14 * 60 + 30) * 60000 + 5000);
    assert_int_equal (reads ("2026-11-20T14:30Z"), 1795132800000 + (14 * 60 + 30) * 60000);
    assert_int_equal (reads ("2026-11-20T14:30:00+01:00"), 1795132800000 + (13 * 60 + 30) * 60000);
    assert_int_equal (reads ("2026-11-20T14:30-05:00"), 1795132800000 + (19 * 60 + 30) * 60000);
    assert_int_equal (reads ("2024-02-29Z"), 1709164800000);
    /* as zchat itself writes it */
    assert_int_equal (reads ("2026-11-20T00:00:01.635Z"), 1795132801635);
    assert_int_equal (reads ("2026-11-20T00:00:01.5+00:00"), 1795132801500);
    assert_int_equal (reads ("2026-11-20T00:00:01.0079999"), 1795125601007);
}

static void what_is_none (void **state)
{
    static const char *const none[] = {"",
                                       "2",
                                       "h",
                                       "2x",
                                       "2hh",
                                       "-2h",
                                       "2.5h",
                                       "1999999999s",
                                       "yesterday",
                                       "2026-13-01",
                                       "2026-02-30",
                                       "2026-11",
                                       "2026-11-20T",
                                       "2026-11-20T25:00",
                                       "2026-11-20T14",
                                       "2026-11-20x",
                                       "2026-11-20T14:30+2",
                                       "2026-11-20T14:30.5",
                                       "2026-11-20T14:30:05.",
                                       "2026-11-20.5",
                                       "1969-12-31Z"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        uint64_t time_ms = 7;
        if (since_read (none[i], NOW, &time_ms))
            fail_msg ("%s is taken for %llu", none[i], (unsigned long long)time_ms);
        assert_int_equal (time_ms, 7);
    }
}

/*  Messages first to head at the times given, some taken out: what is found is what looking at
    each of them finds, with few questions.                                    */
static void search (const uint64_t times[MESSAGES + 1], const bool gone[MESSAGES + 1],
                    uint64_t first, uint64_t head, uint64_t time_ms)
{
    since_t since;
    uint64_t probe, wanted = head + 1;
    unsigned asked = 0;
    since_begin (&since, time_ms, first, head);
    while ((probe = since_probe (&since))) {
        uint64_t seq = probe;
        assert_in_range (probe, first, head);
        assert_true (++asked <= 7);
        while (seq <= MESSAGES && gone[seq])
            seq++;
        since_answer (&since, seq <= MESSAGES ? seq : 0, seq <= MESSAGES ? times[seq] : 0);
    }
    for (uint64_t seq = head; seq >= first && seq > 0; seq--)
        if (!gone[seq] && times[seq] >= time_ms)
            wanted = seq;
    /*  What lies before it and is gone does no harm.                          */
    assert_true (since.low <= wanted);
    for (uint64_t seq = since.low; seq < wanted; seq++)
        assert_true (gone[seq]);
}

static void searches (void **state)
{
    uint64_t times[MESSAGES + 1] = {0};
    bool gone[MESSAGES + 1] = {false};
    unsigned seed = 5;
    for (int round = 0; round < 300; round++) {
        for (size_t i = 1; i <= MESSAGES; i++) {
            times[i] = times[i - 1] + (uint64_t)(rand_r (&seed) % 3) * 10;
            gone[i] = round % 3 == 0 && rand_r (&seed) % 3 == 0;
        }
        uint64_t first = 1 + (uint64_t)(rand_r (&seed) % MESSAGES);
        uint64_t head = first - 1 + (uint64_t)(rand_r (&seed)) % (MESSAGES + 2 - first);
        for (uint64_t time_ms = 0; time_ms <= times[MESSAGES] + 5; time_ms += 5)
            search (times, gone, first, head, time_ms);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (ages),
        cmocka_unit_test (dates),
        cmocka_unit_test (what_is_none),
        cmocka_unit_test (searches),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
