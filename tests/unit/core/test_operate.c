/*  test_operate.c - what who runs the broker sees of it, and changes while it runs */
#include "stage.h"

enum { BOB = 1, ANN = 2, RUNS = 9 };

#define TEST(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static int set_up (void **state)
{
    *state = stage_new ();
    return 0;
}

static int tear_down (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  As the shell lets in who came by the admin door.                           */
static void runs (stage_t *stage, const char *verb, const char *first, const char *second)
{
    frame_t frames[] = {frame_str (verb), frame_str ("r"), frame_str ("zchatd"), frame_str (first),
                        frame_str (second)};
    size_t count = *second ? 5 : *first ? 4 : 3;
    core_request (stage->core, RUNS, (core_origin_t){.secure = true, .operates = true}, frames,
                  count, stage->now);
}

static void test_who_runs_it_is_an_admin_of_a_reserved_name (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, ANN, "HELLO|1|zchatd");
    stage_expect (stage, "2< ERR|1|*\"name\"*");
    stage_ask (stage, BOB, "SAY|2|bob|dev|hi");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|2|*");
    runs (stage, "HELLO", "", "");
    stage_expect (stage, "9< OK|r|*\"admin\":true}");
    runs (stage, "MODE", "dev", "{\"set\":\"close\"}");
    stage_commit (stage);
    stage_expect (stage, "feed> room/dev/|zchatd||*\"close\"*", "9< OK|r|*");
    stage_ask (stage, BOB, "SAY|3|bob|dev|hi");
    stage_commit (stage);
    stage_expect (stage, "1< ERR|3|*closed*");
}

static void count_sessions (void *arg, const core_session_t *session)
{
    size_t *counts = arg;
    counts[0]++;
    counts[1] += session->first;
    counts[2] += session->peer == 0;
    counts[3] += session->greeted;
    counts[4] += session->rooms;
    counts[5] += session->silent_ms;
}

static void test_sessions_are_told (void **state)
{
    stage_t *stage = *state;
    size_t counts[6] = {0};
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "JOIN|2|bob|dev");
    stage_ask (stage, ANN, "SAY|3|ann|dev|hi");
    stage_commit (stage);
    stage->now.mono_ms += 700;
    core_sessions (stage->core, stage->now, count_sessions, counts);
    assert_int_equal (counts[0], 2);
    assert_int_equal (counts[1], 2);
    assert_int_equal (counts[2], 0);
    assert_int_equal (counts[3], 1);
    assert_int_equal (counts[4], 1);
    assert_int_equal (counts[5], 700);
    memset (counts, 0, sizeof counts);
    core_gone (stage->core, BOB, stage->now);
    core_sessions (stage->core, stage->now, count_sessions, counts);
    assert_int_equal (counts[2], 1); /* its name is kept for it                  */
    assert_int_equal (core_stats (stage->core).position, 1);
    stage_commit (stage);
}

static void settings_take (stage_t *stage, uint64_t burst, const char *admin)
{
    quota_t quotas[QUOTA_COUNT];
    memcpy (quotas, quota_defaults (), sizeof quotas);
    quotas[QUOTA_MESSAGES] = (quota_t){.burst = burst, .rate = 1};
    core_settings (stage->core, &(core_settings_t){.quotas = quotas,
                                                   .admins = &admin,
                                                   .n_admins = admin ? 1 : 0,
                                                   .edit_window_ms = 1000});
}

static void test_another_quota_counts_at_once (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage->quiet = true;
    for (int i = 0; i < 5; i++)
        stage_ask (stage, BOB, "SAY|1|bob|dev|hi");
    stage_commit (stage);
    stage->quiet = false;
    settings_take (stage, 2, NULL);
    for (int i = 0; i < 3; i++)
        stage_ask (stage, BOB, "SAY|2|bob|dev|hi");
    stage_commit (stage);
    stage_expect (stage, "1< ERR|2|*slow*", "feed> *", "1< OK|2|*", "feed> *", "1< OK|2|*");
    /*  What is as it was does not begin anew.                                 */
    settings_take (stage, 2, NULL);
    stage_ask (stage, BOB, "SAY|3|bob|dev|hi");
    stage_expect (stage, "1< ERR|3|*slow*");
}

static void test_an_admin_comes_and_goes (void **state)
{
    stage_t *stage = *state;
    const char *key = stage_key_text (1);
    stage_key (stage, BOB, key);
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, BOB, "SAY|1|bob|dev|hi");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|*");
    stage_ask (stage, BOB, "MODE|2|bob|dev|{\"set\":\"close\"}");
    stage_expect (stage, "1< ERR|2|*operator*");
    settings_take (stage, 0, key);
    stage_ask (stage, BOB, "MODE|3|bob|dev|{\"set\":\"close\"}");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|3|*");
    settings_take (stage, 0, NULL);
    stage_ask (stage, BOB, "MODE|4|bob|dev|{\"set\":\"open\"}");
    stage_expect (stage, "1< ERR|4|*operator*");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_who_runs_it_is_an_admin_of_a_reserved_name),
        TEST (test_sessions_are_told),
        TEST (test_another_quota_counts_at_once),
        TEST (test_an_admin_comes_and_goes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
