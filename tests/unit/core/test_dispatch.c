/*  test_dispatch.c - who may call what, and what cannot be understood         */
#include "stage.h"

enum { BOB = 1, ANN = 2, GUEST = 3 };

static int setup (void **state)
{
    *state = stage_new ();
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void test_what_each_verb_wants (void **state)
{
    /*  request without its user, for a guest, for a name without HELLO        */
    static const char *const verbs[][4] = {
        {"HELLO|t|", "", "OK|", "OK|"},
        {"SAY|t|", "|lobby|hi", "ERR|t|{\"code\":\"guest\"", NULL},
        {"JOIN|t|", "|lobby", "ERR|t|{\"code\":\"guest\"", "ERR|t|{\"code\":\"hello\""},
        {"PART|t|", "|lobby", "ERR|t|{\"code\":\"guest\"", "ERR|t|{\"code\":\"hello\""},
        {"WHO|t|", "|lobby", "OK|", "OK|"},
        {"ROOMS|t|", "", "OK|", "OK|"},
        {"TOPIC|t|", "|lobby", "OK|", "OK|"},
        {"TOPIC|t|", "|lobby|x", "ERR|t|{\"code\":\"guest\"", "ERR|t|{\"code\":\"hello\""},
        {"HISTORY|t|", "|lobby", "OK|", "OK|"},
        {"PING|t|", "", "OK|", "OK|"},
        {"BYE|t|", "", "ERR|t|{\"code\":\"guest\"", "ERR|t|{\"code\":\"hello\""},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        char pattern[64];
        stage_askf (stage, GUEST, "%s%s", verbs[i][0], verbs[i][1]);
        snprintf (pattern, sizeof pattern, "3< %s*", verbs[i][2]);
        stage_expect (stage, pattern);
        if (!verbs[i][3])
            continue;
        stage_askf (stage, 100 + i, "%su%zu%s", verbs[i][0], i, verbs[i][1]);
        snprintf (pattern, sizeof pattern, "%zu< %s*", 100 + i, verbs[i][3]);
        stage_expect (stage, pattern);
        stage_askf (stage, 100 + i, "%sa b%s", verbs[i][0], verbs[i][1]);
        snprintf (pattern, sizeof pattern, "%zu< ERR|t|{\"code\":\"name\"*", 100 + i);
        stage_expect (stage, pattern);
    }
    assert_int_equal (core_stats (stage->core).rooms, 0);
}

static void test_what_cannot_be_understood (void **state)
{
    static const char *const requests[][2] = {
        {"", "1< |ERR||{\"code\":\"malformed\","},
        {"|", "1< |ERR||{\"code\":\"malformed\","},
        {"SAY", "1< ERR||{\"code\":\"malformed\","},
        {"SAY|t", "1< ERR|t|{\"code\":\"malformed\","},
        {"say|t|bob|lobby|hi", "1< ERR|t|{\"code\":\"verb\","},
        {"OK|t|bob", "1< ERR|t|{\"code\":\"verb\","},
        {"SAY|t|bob|lobby", "1< ERR|t|{\"code\":\"malformed\","},
        {"SAY|t|bob|lobby|hi|{}|more", "1< ERR|t|{\"code\":\"malformed\","},
        {"SAY|t|3|4|5|6|7|8|9|10", "1< ERR|t|{\"code\":\"malformed\","},
        {"PING|123456789012345678901234567890123|bob", "1< ERR||{\"code\":\"limit\","},
        {"|PING|t|bob|more", "1< |ERR|t|{\"code\":\"malformed\","},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        char pattern[80];
        stage_ask (stage, BOB, requests[i][0]);
        snprintf (pattern, sizeof pattern, "%s*", requests[i][1]);
        stage_expect (stage, pattern);
    }
    core_request (stage->core, BOB, (core_origin_t){.secure = true}, NULL, 0, stage->now);
    stage_expect (stage, "1< ERR||{\"code\":\"malformed\",*");
    core_stats_t stats = core_stats (stage->core);
    /*  It is remembered for what it owes.                                     */
    assert_int_equal (stats.peers, 1);
    assert_int_equal (counters_refused (core_counters (stage->core)),
                      sizeof requests / sizeof *requests + 1);
    stage_ask (stage, BOB, "PING|12345678901234567890123456789012|bob");
    stage_expect (stage, "1< OK|12345678901234567890123456789012|*");
}

static void test_the_shell_refuses (void **state)
{
    stage_t *stage = *state;
    const frame_t frames[] = {frame_str ("PING"), frame_str ("t"), frame_str ("bob")};
    core_refuse (stage->core, 0, frames, 3, "set no routing id");
    core_refuse (stage->core, 0, frames, 1, "set no routing id");
    stage_expect (stage, "0< ERR|t|{\"code\":\"malformed\",\"text\":\"set no routing id\"}",
                  "0< ERR||{\"code\":\"malformed\",\"text\":\"set no routing id\"}");
    assert_int_equal (core_stats (stage->core).peers, 0);
}

static void test_a_connection_is_one_name (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "WHO|1|bob|lobby");
    stage_ask (stage, BOB, "WHO|2|ann|lobby");
    stage_ask (stage, BOB, "WHO|3||lobby");
    stage_ask (stage, BOB, "SAY|4||lobby|hi");
    stage_ask (stage, BOB, "WHO|5|BOB|lobby");
    stage_ask (stage, ANN, "WHO|6|bob|lobby");
    stage_expect (stage, "1< OK|1|*", "1< ERR|2|{\"code\":\"identity\",*", "1< OK|3|*",
                  "1< ERR|4|{\"code\":\"guest\",*", "1< OK|5|*", "2< ERR|6|{\"code\":\"taken\",*");
    assert_int_equal (core_stats (stage->core).sessions, 1);
    stage_gone (stage, BOB);
    stage_ask (stage, ANN, "WHO|7|bob|lobby");
    stage_expect (stage, "2< OK|7|*");
}

static void test_connections_are_bounded (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    assert_int_equal (stage_take (stage), 1);
    /*  guests that wait for an answer are remembered                          */
    stage->quiet = true;
    for (core_peer_t i = 2; i <= ZCHAT_PEERS_MAX; i++)
        stage_ask (stage, i, "TOPIC|t||lobby|x");
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).peers, ZCHAT_PEERS_MAX);
    stage_ask (stage, 50000, "PING|2|");
    stage_expect (stage, "50000< ERR|2|*\"limit\":20000,\"what\":\"connections\"}");
    stage->quiet = true;
    stage_land (stage);
    for (core_peer_t i = 2; i <= ZCHAT_PEERS_MAX; i++)
        stage_gone (stage, i);
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).peers, 1);
    stage_ask (stage, 50000, "PING|3|");
    stage_expect (stage, "50000< OK|3|*");
}

static void test_unknown_peers_may_go (void **state)
{
    stage_t *stage = *state;
    stage_gone (stage, 77);
    stage_hello (stage, BOB, "bob");
    stage_gone (stage, BOB);
    stage_gone (stage, BOB);
    stage_expect_nothing (stage);
    assert_int_equal (core_stats (stage->core).sessions, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_what_each_verb_wants),    TEST (test_what_cannot_be_understood),
        TEST (test_the_shell_refuses),       TEST (test_a_connection_is_one_name),
        TEST (test_connections_are_bounded), TEST (test_unknown_peers_may_go),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
