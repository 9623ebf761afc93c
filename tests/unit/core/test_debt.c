/*  test_debt.c - who does not read is given no more                           */
#include "stage.h"

enum { BOB = 1, ANN = 2, FIRST = 100, PEERS = 400, PAGE_BODIES = 8 };
#define SLOW "{\"code\":\"slow\",*"

/*  What was sent to each peer and not read; deaf ones read nothing.           */
static uint64_t waiting[FIRST + PEERS];
static bool deaf[FIRST + PEERS];
static size_t asked;

static uint64_t on_unread (void *arg, core_peer_t peer)
{
    (void)arg;
    asked++;
    return waiting[peer];
}

static void on_heard (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    (void)arg;
    for (size_t i = 0; i < count; i++)
        if (deaf[peer])
            waiting[peer] += frames[i].size;
}

static uint64_t waiting_all (void)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < FIRST + PEERS; i++)
        sum += waiting[i];
    return sum;
}

/*  A room of which a page is some 500 KB.                                     */
static int setup (void **state)
{
    stage_t *stage = stage_new ();
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX - 4096);
    memset (waiting, 0, sizeof waiting);
    memset (deaf, 0, sizeof deaf);
    asked = 0;
    stage->unread = on_unread;
    stage->heard = on_heard;
    stage_restart (stage);
    for (int i = 0; i < PAGE_BODIES; i++)
        stage_askf (stage, BOB, "SAY|t|bob|big|%s", body);
    stage_commit (stage);
    stage_skip (stage);
    free (body);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Ask for pages until one is refused; how many there were, of most.          */
static int pages (stage_t *stage, core_peer_t peer, int most)
{
    for (int i = 0; i < most; i++) {
        stage_askf (stage, peer, "HISTORY|t||big");
        bool refused = strstr (stage->lines[0], "ERR|t|{\"code\":\"slow\"") != NULL;
        if (!refused)
            stage_read (stage);
        stage_skip (stage);
        if (refused)
            return i;
    }
    return most;
}

static void test_who_reads_is_given_all (void **state)
{
    stage_t *stage = *state;
    assert_int_equal (pages (stage, ANN, 200), 200);
    assert_true (core_stats (stage->core).debt <= (uint64_t)2 * ZCHAT_HISTORY_BYTES_MAX);
}

static void test_who_does_not_read_waits (void **state)
{
    stage_t *stage = *state;
    deaf[ANN] = true;
    int got = pages (stage, ANN, 100);
    assert_in_range (got, ZCHAT_PEER_DEBT_MAX / ZCHAT_HISTORY_BYTES_MAX - 1,
                     ZCHAT_PEER_DEBT_MAX / ZCHAT_HISTORY_BYTES_MAX + 2);
    assert_true (waiting[ANN] < ZCHAT_PEER_DEBT_MAX + 2 * ZCHAT_HISTORY_BYTES_MAX);
    /*  Time pays nothing.                                                     */
    stage_wait (stage, 3600000);
    assert_int_equal (pages (stage, ANN, 100), 0);
    stage_ask (stage, ANN, "WHO|w||big");
    stage_expect (stage, "2< ERR|w|" SLOW);
    stage_ask (stage, ANN, "PING|p|");
    stage_expect (stage, "2< OK|p|*");
    assert_int_equal (pages (stage, 3, 5), 5);
    /*  Reading does; so much as was read.                                     */
    waiting[ANN] = ZCHAT_PEER_DEBT_MAX - ZCHAT_HISTORY_BYTES_MAX;
    assert_in_range (pages (stage, ANN, 100), 1, 2);
    waiting[ANN] = 0;
    deaf[ANN] = false;
    assert_int_equal (pages (stage, ANN, 50), 50);
}

static void test_pages_under_way_count (void **state)
{
    stage_t *stage = *state;
    deaf[ANN] = true;
    while (waiting[ANN] < ZCHAT_PEER_DEBT_MAX - 2 * ZCHAT_HISTORY_BYTES_MAX)
        assert_int_equal (pages (stage, ANN, 1), 1);
    for (int i = 0; i < ZCHAT_PEER_READS_MAX; i++)
        stage_ask (stage, ANN, "HISTORY|t||big");
    assert_non_null (strstr (stage->lines[stage->n_lines - 1], "\"slow\""));
    while (stage->n_reads)
        stage_read (stage);
    stage_skip (stage);
    assert_true (waiting[ANN] < ZCHAT_PEER_DEBT_MAX + ZCHAT_HISTORY_BYTES_MAX);
}

static void test_all_together (void **state)
{
    stage_t *stage = *state;
    core_peer_t peer = FIRST;
    for (; core_stats (stage->core).debt < ZCHAT_DEBT_MAX; peer++) {
        assert_true (peer < FIRST + PEERS);
        deaf[peer] = true;
        pages (stage, peer, 100);
    }
    assert_in_range (peer - FIRST, 50, 70);
    /*  From now on a page, and no more until it is read.                      */
    deaf[ANN] = true;
    assert_in_range (pages (stage, ANN, 100), 1, 2);
    assert_int_equal (pages (stage, 3, 100), 100);
    uint64_t before = waiting_all ();
    for (core_peer_t each = FIRST; each < peer; each++)
        assert_int_equal (pages (stage, each, 1), 0);
    assert_true (waiting_all () - before < (uint64_t)PEERS * 256);
    /*  Those who read make room at the next look, and those who go.           */
    for (core_peer_t each = FIRST; each < peer; each += 2)
        waiting[each] = 0;
    stage_wait (stage, 1000);
    assert_in_range (pages (stage, ANN, 100), 5, 9);
    assert_in_range (core_stats (stage->core).debt, ZCHAT_DEBT_MAX / 4, ZCHAT_DEBT_MAX / 4 * 3);
    for (core_peer_t each = FIRST; each < peer; each++)
        stage_gone (stage, each);
    stage_gone (stage, ANN);
    assert_true (core_stats (stage->core).debt <= (uint64_t)2 * ZCHAT_HISTORY_BYTES_MAX);
}

static void test_looking_at_everybody_is_seldom (void **state)
{
    stage_t *stage = *state;
    core_peer_t peer = FIRST;
    for (; core_stats (stage->core).debt < ZCHAT_DEBT_MAX; peer++) {
        deaf[peer] = true;
        pages (stage, peer, 100);
    }
    stage_wait (stage, 1000);
    pages (stage, FIRST, 1);
    asked = 0;
    for (int i = 0; i < 50; i++)
        pages (stage, FIRST, 1);
    assert_in_range (asked, 50, 50 + 2 * (peer - FIRST));
}

/*  Events of a private room that a member has no room for are left out, for that member. */
static void test_what_is_pushed (void **state)
{
    stage_t *stage = *state;
    char body[4001] = "";
    memset (body, 'y', sizeof body - 1);
    stage_key (stage, 10, stage_key_text (1));
    stage_key (stage, 11, stage_key_text (2));
    stage_claim (stage, 10, "owner");
    stage_claim (stage, 11, "guest");
    stage_ask (stage, 10, "JOIN|j|owner|den|{\"private\":true}");
    stage_ask (stage, 10, "INVITE|i|owner|den|guest");
    stage_commit (stage);
    stage_ask (stage, 11, "JOIN|j|guest|den");
    stage_commit (stage);
    stage_skip (stage);
    stage->quiet = true;
    deaf[11] = true;
    for (int i = 0; i < 3000; i++) {
        stage_askf (stage, 10, "SAY|s|owner|den|%s", body);
        stage_commit (stage);
    }
    assert_in_range (waiting[11], ZCHAT_PEER_DEBT_MAX / 2, ZCHAT_PEER_DEBT_MAX + 200000);
    waiting[11] = 0;
    stage->quiet = false;
    stage_ask (stage, 10, "SAY|s|owner|den|last");
    stage_commit (stage);
    bool heard = false;
    for (size_t i = 0; i < stage->n_lines; i++)
        heard = heard || stage_match ("11< EVENT||*last*", stage->lines[i]);
    assert_true (heard);
    stage_skip (stage);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_who_reads_is_given_all),         TEST (test_who_does_not_read_waits),
        TEST (test_pages_under_way_count),          TEST (test_all_together),
        TEST (test_looking_at_everybody_is_seldom), TEST (test_what_is_pushed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
