/*  test_quotas.c - how much of what, and how fast: what peers see of it       */
#include "stage.h"

enum { BOB = 1, TAB = 2, ANN = 3, IVAN = 4, GUEST = 5 };

/*  --- buckets ---------------------------------------------------------------  */

static void test_a_bucket (void **state)
{
    const quota_t quota = {.burst = 3, .rate = 7};
    bucket_t bucket = {0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 1000), 0);
        bucket_take (&bucket, &quota, 1, 1000);
    }
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 1000), 143);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 3, 1000), 429);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 99, 1000), 429);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 0, 1000), 0);
    /*  what is not there may be taken, and no more is owed than a burst       */
    bucket_take (&bucket, &quota, 99, 1000);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 1142), 1);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 1, 1143), 0);
    /*  a clock that stands or goes back gives nothing                         */
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 3, 900), 286);
    bucket_take (&bucket, &quota, 1, 900);
    bucket_return (&bucket, &quota, 1);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 3, 900), 286);
    bucket_return (&bucket, &quota, 99);
    assert_int_equal (bucket.used_milli, 0);
    /*  for ever                                                               */
    bucket_take (&bucket, &quota, 3, 900);
    assert_int_equal (bucket_wait_ms (&bucket, &quota, 3, UINT64_MAX), 0);
}

static void test_waits_are_exact (void **state)
{
    uint64_t seed = 5;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint64_t dice[5];
        for (int i = 0; i < 5; i++)
            dice[i] = (seed = seed * 6364136223846793005u + 1442695040888963407u) >> 33;
        const quota_t quota = {.burst = 1 + dice[0] % 50, .rate = 1 + dice[1] % 3000};
        bucket_t bucket = {0};
        uint64_t now = dice[2] % 1000, amount = dice[4] % 60;
        for (uint64_t i = 0; i < dice[3] % 80; i++)
            bucket_take (&bucket, &quota, 1, now += dice[3] % 3);
        uint64_t wait = bucket_wait_ms (&bucket, &quota, amount, now);
        if (wait)
            assert_int_equal (bucket_wait_ms (&bucket, &quota, amount, now + wait - 1), 1);
        assert_int_equal (bucket_wait_ms (&bucket, &quota, amount, now + wait), 0);
    }
}

static void test_not_bounded (void **state)
{
    const quota_t none = {0};
    bucket_t bucket = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        bucket_take (&bucket, &none, 1000, 1);
    assert_int_equal (bucket_wait_ms (&bucket, &none, UINT64_MAX, 1), 0);
    bucket_return (&bucket, &none, 1);
    assert_int_equal (bucket.used_milli, 0);
    for (int i = 0; i < QUOTA_COUNT; i++)
        assert_true (quota_defaults ()[i].burst && quota_defaults ()[i].rate &&
                     *quota_name ((quota_kind_t)i));
}

/*  --- the broker ------------------------------------------------------------  */

static quota_t quotas[QUOTA_COUNT];

/*  BOB and TAB are bob's, ANN is ann's; IVAN has no key. Nothing is bounded yet.  */
static int setup (void **state)
{
    memset (quotas, 0, sizeof quotas);
    stage_t *stage = stage_new ();
    stage_key (stage, BOB, stage_key_text (1));
    stage_key (stage, TAB, stage_key_text (1));
    stage_key (stage, ANN, stage_key_text (2));
    stage->quotas = quotas;
    *state = stage;
    return 0;
}

/*  The only bound, and everybody here.                                        */
static void bound (stage_t *stage, quota_kind_t kind, uint64_t burst, uint64_t rate)
{
    quotas[kind] = (quota_t){burst, rate};
    stage_restart (stage);
    stage_claim (stage, BOB, "bob");
    stage_claim (stage, TAB, "bob");
    stage_claim (stage, ANN, "ann");
    stage_hello (stage, IVAN, "ivan");
    stage_wait (stage, 60000);
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Ask; the wait_ms of ERR slow, or 0: it was taken, whatever came of it.     */
static uint64_t ask (stage_t *stage, core_peer_t peer, const char *text)
{
    uint64_t wait = 0;
    stage_ask (stage, peer, text);
    stage_commit (stage);
    for (size_t i = 0; i < stage->n_lines; i++) {
        const char *slow = strstr (stage->lines[i], "\"code\":\"slow\""),
                   *at = slow ? strstr (slow, "\"wait_ms\":") : NULL;
        assert_true (!slow || at);
        if (at)
            wait = strtoull (at + strlen ("\"wait_ms\":"), NULL, 10);
        assert_true (!at || wait > 0);
    }
    stage_skip (stage);
    return wait;
}

static void test_each_kind (void **state)
{
    static const struct {
        quota_kind_t kind;
        const char *text;
    } requests[] = {
        {QUOTA_MESSAGES, "SAY|t|bob|lobby|hi"},
        {QUOTA_MESSAGES, "TELL|t|bob|ann|hi"},
        {QUOTA_MESSAGES, "TOPIC|t|bob|lobby|new"},
        {QUOTA_MESSAGES, "TOPIC|t|bob|lobby|"},
        {QUOTA_MESSAGES, "INVITE|t|bob|lobby|ann"},
        {QUOTA_MESSAGES, "KICK|t|bob|lobby|ann"},
        {QUOTA_MESSAGES, "MODE|t|bob|lobby|{\"set\":\"lock\"}"},
        {QUOTA_MESSAGES, "REMOVE|t|bob|lobby|x"},
        {QUOTA_MESSAGES, "KEY|t|bob|{}"},
        {QUOTA_READS, "WHO|t|bob|lobby"},
        {QUOTA_READS, "ROOMS|t|bob"},
        {QUOTA_READS, "TOPIC|t|bob|lobby"},
        {QUOTA_READS, "HISTORY|t|bob|lobby"},
        {QUOTA_READS, "MODE|t|bob|lobby"},
        {QUOTA_READS, "KEYS|t|bob"},
        {QUOTA_READS, "PING|t|bob"},
        {QUOTA_JOINS, "HELLO|t|bob"},
        {QUOTA_JOINS, "JOIN|t|bob|lobby"},
        {QUOTA_JOINS, "PART|t|bob|lobby"},
        {QUOTA_JOINS, "SYNC|t|bob|nonce"},
        {QUOTA_JOINS, "BYE|t|bob"},
        {QUOTA_FAILED, "SAY|t|bob|a b|hi"},
        {QUOTA_FAILED, "JOIN|t|bob|a b"},
        {QUOTA_FAILED, "WHO|t|ann|lobby"},
        {QUOTA_FAILED, "WHO|t|a b|lobby"},
        {QUOTA_FAILED, "SAY|t||lobby|hi"},
        {QUOTA_FAILED, "HELLO|t|ann"},
        {QUOTA_FAILED, "SHOUT|t|bob|hi"},
        {QUOTA_FAILED, "say|t|bob|lobby|hi"},
        {QUOTA_FAILED, "SAY|t|bob"},
        {QUOTA_FAILED, "WHO"},
        {QUOTA_FAILED, "WHO|a-tag-that-is-longer-than-any-tag-may-be|bob|lobby"},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        memset (quotas, 0, sizeof quotas);
        bound (stage, requests[i].kind, 3, 7);
        for (int j = 0; j < 3; j++)
            if (ask (stage, BOB, requests[i].text))
                fail_msg ("refused: %s", requests[i].text);
        if (ask (stage, BOB, requests[i].text) != 143)
            fail_msg ("not bounded: %s", requests[i].text);
        /*  to be refused costs nothing                                        */
        for (int j = 0; j < 20; j++)
            assert_int_equal (ask (stage, BOB, requests[i].text), 143);
        stage_wait (stage, 142);
        assert_int_equal (ask (stage, BOB, requests[i].text), 1);
        stage_wait (stage, 1);
        assert_int_equal (ask (stage, BOB, requests[i].text), 0);
        assert_true (ask (stage, BOB, requests[i].text) > 0);
    }
}

static void test_kinds_are_apart (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_READS, 1, 1);
    assert_int_equal (ask (stage, BOB, "WHO|1|bob|lobby"), 0);
    assert_int_equal (ask (stage, BOB, "WHO|2|bob|lobby"), 1000);
    assert_int_equal (ask (stage, BOB, "SAY|3|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, BOB, "JOIN|4|bob|lobby"), 0);
    assert_int_equal (ask (stage, BOB, "TOPIC|5|bob|lobby|x"), 0);
    assert_int_equal (ask (stage, BOB, "TOPIC|6|bob|lobby"), 1000);
}

/*  A list costs by its rows: 60 rooms are four requests.                      */
static void test_rows (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_READS, 10, 1);
    for (int i = 0; i < 60; i++) {
        stage_askf (stage, ANN, "SAY|t|ann|room%d|x", i);
        stage_commit (stage);
    }
    stage_skip (stage);
    assert_int_equal (ask (stage, BOB, "ROOMS|1|bob"), 0);
    assert_int_equal (ask (stage, BOB, "ROOMS|2|bob"), 0);
    assert_int_equal (ask (stage, BOB, "ROOMS|3|bob"), 0);
    assert_int_equal (ask (stage, BOB, "ROOMS|4|bob"), 1000);
}

/*  A page of HISTORY costs by its bytes: 256 KiB and a little are five requests.  */
static void test_a_page (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    bound (stage, QUOTA_READS, 10, 1);
    for (int i = 0; i < 4; i++)
        stage_askf (stage, ANN, "SAY|t|ann|lobby|%s", body);
    stage_commit (stage);
    for (int i = 0; i < 2; i++) {
        stage_skip (stage);
        stage_ask (stage, BOB, "HISTORY|t|bob|lobby|{\"form\":\"pack\"}");
        stage_read_done (stage, ZCHAT_OK);
    }
    assert_int_equal (ask (stage, BOB, "WHO|t|bob|lobby"), 1000);
    free (body);
}

/*  MODE costs by what is kept of the room: 40 bans are two requests more.     */
static void test_mode_costs_what_is_kept (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_READS, 10, 1);
    stage_ask (stage, ANN, "SAY|t|ann|lobby|x");
    stage_commit (stage);
    for (int i = 0; i < 40; i++) {
        stage_askf (stage, ANN, "MODE|t|ann|lobby|{\"set\":\"ban\",\"user\":\"user%d\"}", i);
        stage_commit (stage);
    }
    stage_skip (stage);
    for (int i = 0; i < 3; i++)
        assert_int_equal (ask (stage, BOB, "MODE|t|bob|lobby"), 0);
    assert_int_equal (ask (stage, BOB, "WHO|t|bob|lobby"), 0);
    assert_int_equal (ask (stage, BOB, "WHO|t|bob|lobby"), 1000);
}

static void test_bytes (void **state)
{
    static char line[4096];
    stage_t *stage = *state;
    bound (stage, QUOTA_BYTES, 100, 50);
    snprintf (line, sizeof line, "SAY|1|bob|lobby|%090d", 7);
    assert_int_equal (ask (stage, BOB, line), 0);
    assert_int_equal (ask (stage, BOB, "SAY|2|bob|lobby|ten bytes.|{        }"), 200);
    assert_int_equal (ask (stage, BOB, "SAY|3|bob|lobby|ten bytes."), 0);
    assert_int_equal (ask (stage, BOB, "WHO|4|bob|lobby"), 0);
    /*  more than a burst can be had, once nothing is owed                     */
    snprintf (line, sizeof line, "SAY|5|bob|lobby|%02000d", 7);
    assert_int_equal (ask (stage, BOB, line), 2000);
    stage_wait (stage, 1999);
    assert_int_equal (ask (stage, BOB, line), 1);
    stage_wait (stage, 1);
    assert_int_equal (ask (stage, BOB, line), 0);
    assert_int_equal (ask (stage, BOB, "SAY|6|bob|lobby|1"), 20);
}

/*  What is stored in a day: of a name, of a connection, and of all that comes from a place. */
static void test_stored (void **state)
{
    stage_t *stage = *state;
    stage_place (stage, IVAN, "10.0.0.1");
    stage_place (stage, GUEST, "10.0.0.1");
    stage_place (stage, GUEST + 1, "10.0.0.2");
    stage_place (stage, ANN, "10.0.0.2");
    stage_place (stage, BOB, "local");
    stage_place (stage, TAB, "local");
    bound (stage, QUOTA_STORED, 1000 + 5 * ZCHAT_STORED_EVENT, 10);
    char line[2000];
    snprintf (line, sizeof line, "SAY|1|ivan|lobby|%0900d|{\"data\":\"%084d\"}", 7, 7);
    assert_int_equal (ask (stage, IVAN, line), 0);
    assert_true (ask (stage, IVAN, line) > 60000);
    /*  neither another connection nor another name changes anything           */
    snprintf (line, sizeof line, "SAY|2|eve|lobby|%0900d", 7);
    assert_true (ask (stage, GUEST, line) > 60000);
    stage_gone (stage, GUEST);
    assert_true (ask (stage, GUEST, line) > 60000);
    assert_int_equal (ask (stage, GUEST, "WHO|3||lobby"), 0);
    /*  other places do not wait, nor does this machine                        */
    snprintf (line, sizeof line, "SAY|4|zoe|lobby|%0900d", 7);
    assert_int_equal (ask (stage, GUEST + 1, line), 0);
    snprintf (line, sizeof line, "SAY|5|bob|lobby|%0900d", 7);
    assert_int_equal (ask (stage, BOB, line), 0);
    assert_true (ask (stage, TAB, line) > 0); /* but a name has its own          */
    stage_hello (stage, IVAN + 20, "joe");
    snprintf (line, sizeof line, "SAY|6|joe|lobby|%0900d", 7);
    assert_int_equal (ask (stage, IVAN + 20, line), 0);
    /*  a day later all is as it was                                           */
    stage_wait (stage, 140000);
    snprintf (line, sizeof line, "SAY|7|eve|lobby|%0900d", 7);
    assert_int_equal (ask (stage, GUEST, line), 0);
    /*  what an edit says is stored twice                                      */
    stage_wait (stage, 140000);
    stage_hello (stage, GUEST, "eve");
    snprintf (line, sizeof line, "EDIT|8|eve|lobby|1|%0500d", 7);
    assert_int_equal (ask (stage, GUEST, line), 0);
    snprintf (line, sizeof line, "SAY|9|eve|lobby|%0600d", 7);
    assert_true (ask (stage, GUEST, line) > 0);
}

static void test_the_connections_of_a_name_share (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_MESSAGES, 3, 1);
    assert_int_equal (ask (stage, BOB, "SAY|1|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, TAB, "SAY|2|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, BOB, "SAY|3|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, BOB, "SAY|4|bob|lobby|hi"), 1000);
    assert_int_equal (ask (stage, TAB, "SAY|5|bob|lobby|hi"), 1000);
    /*  a new connection changes nothing                                       */
    stage_gone (stage, TAB);
    stage_hello (stage, TAB, "bob");
    assert_int_equal (ask (stage, TAB, "SAY|6|bob|lobby|hi"), 1000);
    /*  others have their own, and so have connections that prove nothing      */
    assert_int_equal (ask (stage, ANN, "SAY|7|ann|lobby|hi"), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal (ask (stage, IVAN, "SAY|8|ivan|lobby|hi"), 0);
    assert_int_equal (ask (stage, IVAN, "SAY|9|ivan|lobby|hi"), 1000);
    stage_wait (stage, 1000);
    assert_int_equal (ask (stage, TAB, "SAY|10|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, BOB, "SAY|11|bob|lobby|hi"), 1000);
}

static void test_failures_are_shared (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_FAILED, 4, 2);
    assert_int_equal (ask (stage, BOB, "SAY|1|bob|a b|hi"), 0);
    assert_int_equal (ask (stage, TAB, "HELLO|2|ann"), 0);
    assert_int_equal (ask (stage, TAB, "WHO|3|a b|lobby"), 0);
    assert_int_equal (ask (stage, BOB, "SAY|4||lobby|hi"), 0);
    /*  who fails too often waits with everything                              */
    assert_int_equal (ask (stage, BOB, "SAY|5|bob|lobby|hi"), 500);
    assert_int_equal (ask (stage, TAB, "PING|6|bob"), 500);
    assert_int_equal (ask (stage, BOB, "PING|7|"), 500);
    assert_int_equal (ask (stage, ANN, "PING|8|ann"), 0);
    stage_wait (stage, 500);
    assert_int_equal (ask (stage, TAB, "PING|9|bob"), 0);
    assert_int_equal (ask (stage, BOB, "PING|10|bob"), 0);
}

static void test_guests (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_READS, 2, 1);
    assert_int_equal (ask (stage, GUEST, "WHO|1||lobby"), 0);
    assert_int_equal (ask (stage, GUEST, "ROOMS|2|"), 0);
    assert_int_equal (ask (stage, GUEST, "WHO|3||lobby"), 1000);
    assert_int_equal (ask (stage, GUEST + 1, "WHO|4||lobby"), 0);
    /*  as a guest over one's own connection                                   */
    assert_int_equal (ask (stage, BOB, "WHO|5||lobby"), 0);
    assert_int_equal (ask (stage, TAB, "WHO|6||lobby"), 0);
    assert_int_equal (ask (stage, BOB, "WHO|7|bob|lobby"), 1000);
    /*  nothing is kept of who is gone                                         */
    size_t peers = core_stats (stage->core).peers;
    stage_gone (stage, GUEST);
    assert_int_equal (core_stats (stage->core).peers, peers - 1);
}

static void test_slow_for_another_reason (void **state)
{
    stage_t *stage = *state;
    bound (stage, QUOTA_MESSAGES, ZCHAT_PEER_PENDING_MAX + 10, 1);
    stage_take (stage);
    stage->quiet = true;
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX; i++)
        stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage->quiet = false;
    /*  the disk is slow: who is told so comes again, and has lost nothing     */
    for (int i = 0; i < 100; i++) {
        stage_ask (stage, BOB, "SAY|2|bob|lobby|hi");
        stage_expect (stage, "1< ERR|2|*\"code\":\"slow\"*\"wait_ms\":100}");
    }
    stage->quiet = true;
    stage_commit (stage);
    stage->quiet = false;
    for (int i = 0; i < 10; i++)
        assert_int_equal (ask (stage, BOB, "SAY|3|bob|lobby|hi"), 0);
    assert_int_equal (ask (stage, BOB, "SAY|4|bob|lobby|hi"), 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_bucket),
        cmocka_unit_test (test_waits_are_exact),
        cmocka_unit_test (test_not_bounded),
        TEST (test_each_kind),
        TEST (test_kinds_are_apart),
        TEST (test_rows),
        TEST (test_a_page),
        TEST (test_mode_costs_what_is_kept),
        TEST (test_bytes),
        TEST (test_stored),
        TEST (test_the_connections_of_a_name_share),
        TEST (test_failures_are_shared),
        TEST (test_guests),
        TEST (test_slow_for_another_reason),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
