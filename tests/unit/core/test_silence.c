/*  test_silence.c - sessions of which nothing is heard any more               */
#include "stage.h"

enum { BOB = 1, ANN = 2, GUEST = 3, BACK = 4, SILENCE_MS = 20000 };

#define SECRET_1 "0101010101010101010101010101010101010101010101010101010101010101"

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage_wait (stage, 0);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Time passes, and the broker does what is due when it is.                   */
static void live (stage_t *stage, uint64_t ms)
{
    uint64_t end_ms = stage->now.mono_ms + ms;
    uint64_t due_ms;
    while ((due_ms = core_deadline_ms (stage->core)) <= end_ms)
        stage_wait (stage, due_ms > stage->now.mono_ms ? due_ms - stage->now.mono_ms : 0);
    stage_wait (stage, end_ms - stage->now.mono_ms);
}

static void test_who_is_silent_is_lost (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    live (stage, SILENCE_MS - 1);
    stage_expect_nothing (stage);
    live (stage, 1);
    stage_expect (stage, "feed> room/lobby/|bob||*\"reason\":\"lost\"*");
    /*  the name is kept for the grace                                         */
    stage_ask (stage, ANN, "HELLO|1|bob");
    stage_expect (stage, "2< ERR|1|{\"code\":\"taken\",*\"wait_ms\":5001}");
    live (stage, ZCHAT_NAME_GRACE_MS);
    stage_hello (stage, ANN, "bob");
}

static void test_any_request_will_do (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_enter (stage, ANN, "ann", "other");
    stage_skip (stage);
    for (int i = 0; i < 10; i++) {
        live (stage, SILENCE_MS - 1);
        stage_ask (stage, BOB, i % 2 ? "PING|1|bob" : "WHO|1||lobby");
        stage_ask (stage, ANN, i % 2 ? "SYNC|1|ann|x" : "JOIN|1|ann|a/b");
        stage_skip (stage);
    }
    assert_int_equal (core_stats (stage->core).members, 2);
}

static void test_its_connection_says_hello_again (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    live (stage, SILENCE_MS);
    stage_skip (stage);
    stage_ask (stage, BOB, "PING|1|bob");
    stage_expect (stage, "1< ERR|1|{\"code\":\"hello\",*");
    stage_ask (stage, BOB, "SAY|2|bob|lobby|hi");
    stage_expect (stage, "1< ERR|2|{\"code\":\"hello\",*");
    stage_ask (stage, BOB, "PING|3|");
    stage_expect (stage, "1< OK|3|*");
    /*  nor does it slip in under a name once the grace is over                */
    live (stage, ZCHAT_NAME_GRACE_MS);
    stage_ask (stage, BOB, "SAY|4|bob|lobby|hi");
    stage_expect (stage, "1< ERR|4|{\"code\":\"hello\",*");
    stage_ask (stage, BOB, "HELLO|5|bob");
    stage_expect (stage, "1< OK|5|*\"resumed\":false,*");
    stage_ask (stage, BOB, "PING|6|bob");
    stage_expect (stage, "1< OK|6|{\"time\":*,\"heads\":{}}");
}

static void test_it_takes_its_session_back (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    live (stage, SILENCE_MS);
    stage_skip (stage);
    stage_ask (stage, BOB, "HELLO|1|bob|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "1< OK|1|*\"resumed\":true,*");
    /*  and is heard of anew                                                   */
    live (stage, SILENCE_MS - 1);
    stage_ask (stage, BOB, "JOIN|2|bob|lobby");
    stage_skip (stage);
    /*  over another connection, too; the old one has to say HELLO still       */
    live (stage, SILENCE_MS);
    stage_skip (stage);
    stage_ask (stage, BACK, "HELLO|3|bob|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "4< OK|3|*\"resumed\":true,*");
    stage_ask (stage, BOB, "PING|4|bob");
    stage_expect (stage, "1< ERR|4|{\"code\":\"hello\",*");
    stage_gone (stage, BOB);
    stage_gone (stage, BACK);
    assert_int_equal (core_stats (stage->core).peers, 0);
}

static void test_who_promised_nothing_may_be_silent (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_ask (stage, GUEST, "HELLO|1|");
    stage_commit (stage);
    stage_skip (stage);
    live (stage, 100 * (uint64_t)SILENCE_MS);
    stage_ask (stage, ANN, "HELLO|1|bob");
    stage_skip (stage);
    stage_wait (stage, ZCHAT_DOUBT_MS);
    stage_ask (stage, ANN, "HELLO|1|bob");
    stage_expect (stage, "2< ERR|1|{\"code\":\"taken\",*held by somebody else*");
}

/*  What was said to a broker that stood still is heard before it counts.      */
static void test_a_broker_that_stood_still (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    live (stage, 1000);
    stage_wait (stage, (uint64_t)3 * SILENCE_MS);
    stage_expect_nothing (stage);
    assert_int_equal (core_stats (stage->core).members, 1);
    live (stage, SILENCE_MS - 1);
    stage_expect_nothing (stage);
    live (stage, 1);
    stage_expect (stage, "feed> room/lobby/|bob||*\"reason\":\"lost\"*");
}

static void test_work_is_bounded (void **state)
{
    stage_t *stage = *state;
    enum { MANY = 2 * ZCHAT_SILENT_MAX + 10 };
    stage->quiet = true;
    for (core_peer_t peer = 1; peer <= MANY; peer++)
        stage_askf (stage, peer, "HELLO|1|user%d", (int)peer);
    live (stage, SILENCE_MS - 1);
    stage_wait (stage, 1);
    assert_int_equal (core_deadline_ms (stage->core), stage->now.mono_ms);
    assert_int_equal (core_stats (stage->core).peers, MANY);
    stage_wait (stage, 0);
    assert_int_equal (core_deadline_ms (stage->core), stage->now.mono_ms);
    stage_wait (stage, 0);
    assert_true (core_deadline_ms (stage->core) > stage->now.mono_ms);
    live (stage, ZCHAT_NAME_GRACE_MS);
    assert_int_equal (core_stats (stage->core).sessions, 0);
    for (core_peer_t peer = 1; peer <= MANY; peer++)
        stage_gone (stage, peer);
    assert_int_equal (core_stats (stage->core).peers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_who_is_silent_is_lost),
        TEST (test_any_request_will_do),
        TEST (test_its_connection_says_hello_again),
        TEST (test_it_takes_its_session_back),
        TEST (test_who_promised_nothing_may_be_silent),
        TEST (test_a_broker_that_stood_still),
        TEST (test_work_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
