/*  test_counters.c - what happened is counted once, where it can be read       */
#include "stage.h"

enum { BOB = 1 };

static void test_answers (void **state)
{
    stage_t *stage = stage_new ();
    const counters_t *counters = core_counters (stage->core);
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "SAY|1|bob|dev|hi");
    assert_int_equal (counters->answers[VERB_SAY][ZCHAT_OK], 0);
    stage_commit (stage);
    stage_ask (stage, BOB, "SAY|2|bob");
    stage_ask (stage, BOB, "SAY|3|eve|dev|hi");
    stage_ask (stage, BOB, "NONSENSE|4|bob");
    stage_skip (stage);
    assert_int_equal (counters->answers[VERB_HELLO][ZCHAT_OK], 1);
    assert_int_equal (counters->answers[VERB_SAY][ZCHAT_OK], 1);
    assert_int_equal (counters->answers[VERB_SAY][ZCHAT_IDENTITY], 1);
    assert_int_equal (counters->answers[VERB_COUNT][ZCHAT_MALFORMED], 1);
    assert_int_equal (counters->answers[VERB_COUNT][ZCHAT_VERB], 1);
    assert_int_equal (counters_refused (counters), 3);
    assert_int_equal (counters->events, 1);
    stage_destroy (stage);
}

static void test_commits (void **state)
{
    stage_t *stage = stage_new ();
    const counters_t *counters = core_counters (stage->core);
    stage_ask (stage, BOB, "SAY|1|bob|dev|hi");
    stage_commit (stage);
    stage_ask (stage, BOB, "SAY|2|bob|dev|hi");
    stage_take (stage);
    stage_fail (stage);
    stage_skip (stage);
    assert_int_equal (counters->commits, 1);
    assert_int_equal (counters->commits_failed, 1);
    assert_int_equal (counters->loads, 1);
    assert_int_equal (counters->events, 1);
    stage_destroy (stage);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (test_answers),
                                       cmocka_unit_test (test_commits)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
