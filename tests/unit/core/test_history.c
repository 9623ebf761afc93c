/*  test_history.c - HISTORY: what is asked of the store, what comes of its page */
#include "stage.h"

enum { BOB = 1, GUEST = 3 };

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    for (int i = 1; i <= 5; i++)
        stage_askf (stage, BOB, "SAY|t|bob|Lobby|m%d", i);
    stage_commit (stage);
    stage_skip (stage);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void test_pages (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "HISTORY|1||lobby|{\"after\":1,\"limit\":2}");
    stage_expect (stage, "read> 1");
    assert_int_equal (core_stats (stage->core).reads, 1);
    stage_read (stage);
    stage_expect (stage, "3< EVENT|1|room/Lobby/|bob|m2|{\"type\":\"say\",\"seq\":2,\"time\":1000}",
                  "3< EVENT|1|room/Lobby/|bob|m3|*",
                  "3< OK|1|{\"room\":\"Lobby\",\"more\":true,\"first\":1,\"head\":5}");
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.reads, 0);
    assert_int_equal (stats.peers, 2);
    stage_ask (stage, GUEST, "|HISTORY|2||lobby|{\"before\":5,\"limit\":1}");
    stage_read (stage);
    stage_expect (stage, "read> 2", "3< |EVENT|2|room/Lobby/|bob|m4|*",
                  "3< |OK|2|*\"more\":true,*");
    stage_ask (stage, GUEST, "HISTORY|3||lobby");
    stage_read (stage);
    stage_expect (stage, "read> 3", "*|m1|*", "*|m2|*", "*|m3|*", "*|m4|*", "*|m5|*",
                  "3< OK|3|*\"more\":false,*");
    stage_ask (stage, GUEST, "HISTORY|4||lobby|{\"before\":0}");
    stage_read (stage);
    stage_expect (stage, "read> 4", "3< OK|4|{\"room\":\"Lobby\",\"more\":false,*");
    stage_ask (stage, GUEST, "HISTORY|5||lobby|{\"after\":9223372036854775807}");
    stage_read (stage);
    stage_expect (stage, "read> 5", "3< OK|5|{\"room\":\"Lobby\",\"more\":false,*");
    stage_ask (stage, GUEST, "HISTORY|6||lobby|{\"after\":0,\"limit\":1000}");
    stage_read (stage);
    stage_expect (stage, "read> 6", "*|m1|*", "*|m2|*", "*|m3|*", "*|m4|*", "*|m5|*", "3< OK|6|*");
}

static void test_packs (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "HISTORY|1||lobby|{\"form\":\"pack\",\"after\":3}");
    stage_read (stage);
    stage_expect (stage, "read> 1",
                  "3< EVENT|1|pack/Lobby/ room/Lobby/|bob|m4|* room/Lobby/|bob|m5|*", "3< OK|1|*");
    stage_ask (stage, GUEST, "HISTORY|2||lobby|{\"form\":\"pack\",\"after\":5}");
    stage_read (stage);
    stage_expect (stage, "read> 2", "3< OK|2|*");
}

static void test_packs_are_cut (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    for (int i = 0; i < 6; i++)
        stage_askf (stage, BOB, "SAY|t|bob|big|%s", body);
    stage_commit (stage);
    stage_skip (stage);
    stage_ask (stage, GUEST, "HISTORY|1||big|{\"form\":\"pack\"}");
    stage_read (stage);
    stage_expect (stage, "read> 1", "3< EVENT|1|pack/big/*\"seq\":3,*", "3< EVENT|1|pack/big/*",
                  "3< OK|1|*\"more\":false,*");
    free (body);
}

static void test_what_must_not_be_asked (void **state)
{
    static const char *const refused[][2] = {
        {"lobby|{\"after\":-1}", "malformed"},
        {"lobby|{\"after\":1.5}", "malformed"},
        {"lobby|{\"after\":\"1\"}", "malformed"},
        {"lobby|{\"after\":18446744073709551615}", "malformed"},
        {"lobby|{\"after\":1,\"before\":2}", "malformed"},
        {"lobby|{\"limit\":0}", "malformed"},
        {"lobby|{\"limit\":null}", "malformed"},
        {"lobby|{\"limit\":1001}", "limit"},
        {"lobby|{\"limit\":9223372036854775807}", "limit"},
        {"lobby|{\"form\":\"packs\"}", "malformed"},
        {"lobby|{\"form\":1}", "malformed"},
        {"lobby|[1]", "malformed"},
        {"no lobby", "name"},
        {"", "name"},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char pattern[64];
        stage_askf (stage, GUEST, "HISTORY|t||%s", refused[i][0]);
        snprintf (pattern, sizeof pattern, "3< ERR|t|{\"code\":\"%s\",*", refused[i][1]);
        stage_expect (stage, pattern);
    }
    assert_int_equal (stage->n_reads, 0);
}

static void test_rooms_nobody_has_spoken_in (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "HISTORY|1||Nowhere");
    stage_expect (stage, "3< OK|1|{\"room\":\"Nowhere\",\"more\":false,\"first\":1,\"head\":0}");
    stage_ask (stage, BOB, "SAY|2|bob|dev|hi");
    stage_ask (stage, GUEST, "HISTORY|3||Dev");
    stage_expect (stage, "3< OK|3|{\"room\":\"dev\",\"more\":false,\"first\":1,\"head\":0}");
    assert_int_equal (stage_take (stage), 1);
    stage_fail (stage);
}

static void test_reads_are_bounded (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < ZCHAT_PEER_READS_MAX; i++)
        stage_ask (stage, GUEST, "HISTORY|t||lobby");
    stage_skip (stage);
    stage_ask (stage, GUEST, "HISTORY|1||lobby");
    stage_expect (stage, "3< ERR|1|{\"code\":\"slow\",*\"wait_ms\":100}");
    stage_read (stage);
    stage_skip (stage);
    stage_ask (stage, GUEST, "HISTORY|2||lobby");
    stage_expect (stage, "read> 5");
    for (core_peer_t peer = 100; core_stats (stage->core).reads < ZCHAT_READS_MAX; peer++)
        stage_ask (stage, peer, "HISTORY|t||lobby");
    stage_skip (stage);
    stage_ask (stage, BOB, "HISTORY|3|bob|lobby");
    stage_expect (stage, "1< ERR|3|{\"code\":\"slow\",*");
}

static void test_a_page_that_cannot_be_read (void **state)
{
    stage_t *stage = *state;
    uint64_t refused = counters_refused (core_counters (stage->core));
    stage_ask (stage, GUEST, "|HISTORY|1||lobby");
    stage_read_done (stage, ZCHAT_STORAGE);
    stage_expect (stage, "read> 1", "3< |ERR|1|{\"code\":\"storage\",*");
    assert_int_equal (counters_refused (core_counters (stage->core)), refused + 1);
    core_read_done (stage->core, 1, ZCHAT_STORAGE, NULL);
    core_read_done (stage->core, 99, ZCHAT_STORAGE, NULL);
    stage_expect_nothing (stage);
}

static void test_a_reader_that_went_away (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "HISTORY|old||lobby");
    stage_gone (stage, GUEST);
    assert_int_equal (core_stats (stage->core).peers, 1);
    /*  somebody else with its id                                              */
    stage_ask (stage, GUEST, "HISTORY|new||lobby|{\"after\":4}");
    stage_expect (stage, "read> 1", "read> 2");
    stage_read (stage);
    stage_expect_nothing (stage);
    stage_read (stage);
    stage_expect (stage, "3< EVENT|new|room/Lobby/|bob|m5|*", "3< OK|new|*");
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.reads, 0);
    assert_int_equal (stats.peers, 2);
}

static void test_retention_moves_first (void **state)
{
    stage_t *stage = *state;
    core_trimmed (stage->core, 1, 4);
    core_trimmed (stage->core, 1, 3);
    core_trimmed (stage->core, 99, 3);
    stage_ask (stage, GUEST, "ROOMS|1|");
    stage_expect (stage, "3< OK|1|{\"rooms\":[{\"room\":\"Lobby\",\"head\":5,\"first\":4,*");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_pages),
        TEST (test_packs),
        TEST (test_packs_are_cut),
        TEST (test_what_must_not_be_asked),
        TEST (test_rooms_nobody_has_spoken_in),
        TEST (test_reads_are_bounded),
        TEST (test_a_page_that_cannot_be_read),
        TEST (test_a_reader_that_went_away),
        TEST (test_retention_moves_first),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
