/*  test_messages.c - SAY, TOPIC: what is put in order, and what is answered when */
#include "stage.h"

enum { BOB = 1, ANN = 2, GUEST = 3, ZED = 4 };

#define P1 "00000000000000000000000000000001"
#define P2 "00000000000000000000000000000002"

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

/*  SAY n of a producer; the tag is n.                                         */
static void say_n (stage_t *stage, core_peer_t peer, const char *user, const char *room,
                   const char *producer, unsigned long long n)
{
    stage_askf (stage, peer, "SAY|%llu|%s|%s|m%llu|{\"producer\":\"%s\",\"n\":%llu}", n, user, room,
                n, producer, n);
}

/*  --- SAY -------------------------------------------------------------------  */

static void test_nothing_leaves_before_the_commit (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_expect_nothing (stage);
    assert_int_equal (stage_take (stage), 1);
    assert_int_equal (stage_take (stage), 0);
    stage_wait (stage, 10);
    stage_ask (stage, ANN, "ROOMS|r|");
    stage_expect (stage, "2< OK|r|{\"rooms\":[{\"room\":\"lobby\",\"head\":0,\"first\":1,"
                         "\"members\":0,\"topic\":\"\",\"private\":false}],\"more\":false}");
    assert_false (core_idle (stage->core));
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|hi|{\"type\":\"say\",\"seq\":1,\"time\":1000}",
                  "1< OK|1|{\"seq\":1,\"time\":1000}");
    assert_true (core_idle (stage->core));
    assert_int_equal (core_counters (stage->core)->events, 1);
}

static void test_the_next_batch_gathers_meanwhile (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|one");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "SAY|2|bob|lobby|two");
    stage_ask (stage, ANN, "SAY|3|ann|dev|three");
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|one|*", "1< OK|1|{\"seq\":1,*");
    assert_int_equal (stage_take (stage), 2);
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|two|*", "1< OK|2|{\"seq\":2,*",
                  "feed> room/dev/|ann|three|*", "2< OK|3|{\"seq\":1,*");
}

static void test_an_envelope_comes_back (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "|SAY|1|bob|lobby|hi");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< |OK|1|{\"seq\":1,*");
    stage_ask (stage, BOB, "|NONSENSE|1|bob");
    stage_expect (stage, "1< |ERR|1|{\"code\":\"verb\",*");
}

static void test_types_and_data (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB,
               "SAY|1|bob|lobby|waves|{\"type\":\"action\",\"data\":"
               "{\"z\":1,\"a\":[true,null,-9223372036854775808,1.50], \"\\u00e9\":\"/\"}}");
    stage_commit (stage);
    stage_expect (
        stage,
        "feed> room/lobby/|bob|waves|{\"type\":\"action\",\"seq\":1,\"time\":1000,\"data\":"
        "{\"z\":1,\"a\":[true,null,-9223372036854775808,1.50], \"\\u00e9\":\"/\"}}",
        "1< OK|1|*");
}

static void test_what_a_say_must_not_be (void **state)
{
    static const char *const refused[][2] = {
        {"|room|", "malformed"},
        {"|no room|hi", "name"},
        {"||hi", "name"},
        {"|room|hi\xff", "malformed"},
        {"|room|hi|[]", "malformed"},
        {"|room|hi|{", "malformed"},
        {"|room|hi|{} x", "malformed"},
        {"|room|hi|{\"a\":1,\"a\":2}", "malformed"},
        {"|room|hi|{\"type\":\"topic\"}", "malformed"},
        {"|room|hi|{\"type\":\"join\"}", "malformed"},
        {"|room|hi|{\"type\":7}", "malformed"},
        {"|room|hi|{\"data\":[]}", "malformed"},
        {"|room|hi|{\"data\":{\"n\":9223372036854775808}}", "malformed"},
        {"|room|hi|{\"data\":{\"n\":1e999}}", "malformed"},
        {"|room|hi|{\"data\":{\"n\":\"\\u0000\"}}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\"}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\",\"n\":0}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\",\"n\":-1}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\",\"n\":1.0}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\",\"n\":\"1\"}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "\",\"n\":9223372036854775808}", "malformed"},
        {"|room|hi|{\"producer\":\"" P1 "0\",\"n\":1}", "malformed"},
        {"|room|hi|{\"producer\":\"0000000000000000000000000000000g\",\"n\":1}", "malformed"},
        {"|room|hi|{\"producer\":\"0000000000000000000000000000000A\",\"n\":1}", "malformed"},
        {"|room|hi|{\"producer\":1,\"n\":1}", "malformed"},
        {"|room|hi|{\"n\":-1}", "malformed"},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char pattern[64];
        stage_askf (stage, BOB, "SAY|t|bob%s", refused[i][0]);
        snprintf (pattern, sizeof pattern, "1< ERR|t|{\"code\":\"%s\",*", refused[i][1]);
        stage_expect (stage, pattern);
    }
    assert_int_equal (stage_take (stage), 0);
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.rooms, 0);
    assert_int_equal (stats.producers, 0);
    assert_int_equal (counters_refused (core_counters (stage->core)),
                      sizeof refused / sizeof *refused);
}

static void test_sizes (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 2);
    memset (body, 'x', ZCHAT_BODY_MAX);
    stage_askf (stage, BOB, "SAY|1|bob|lobby|%s", body);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|*");
    body[ZCHAT_BODY_MAX] = 'x';
    stage_askf (stage, BOB, "SAY|2|bob|lobby|%s", body);
    stage_expect (stage, "1< ERR|2|*\"limit\":65536,\"what\":\"body\"}");
    /*  {"x":"..."} of 4096 bytes, and of one more                             */
    body[ZCHAT_DATA_MAX - 8] = '\0';
    stage_askf (stage, BOB, "SAY|3|bob|lobby|hi|{\"data\":{\"x\":\"%s\"}}", body);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|3|*");
    body[ZCHAT_DATA_MAX - 8] = 'x';
    body[ZCHAT_DATA_MAX - 7] = '\0';
    stage_askf (stage, BOB, "SAY|4|bob|lobby|hi|{\"data\":{\"x\":\"%s\"}}", body);
    stage_expect (stage, "1< ERR|4|*\"limit\":4096,\"what\":\"data\"}");
    memset (body, 'x', ZCHAT_JSON_MAX);
    body[ZCHAT_JSON_MAX - 7] = '\0';
    stage_askf (stage, BOB, "SAY|5|bob|lobby|hi|{\"x\":\"%s\"}", body);
    stage_expect (stage, "1< ERR|5|*\"limit\":8192,\"what\":\"json\"}");
    free (body);
}

static void test_deep_json_is_refused (void **state)
{
    stage_t *stage = *state;
    char *deep = memory_zero (ZCHAT_JSON_MAX);
    memset (deep, '[', ZCHAT_JSON_MAX / 2);
    stage_askf (stage, BOB, "SAY|1|bob|lobby|hi|{\"data\":{\"x\":%s", deep);
    stage_expect (stage, "1< ERR|1|{\"code\":\"malformed\",*");
    free (deep);
}

/*  The data itself counts; what is empty counts too.                          */
static void test_data_has_a_depth (void **state)
{
    stage_t *stage = *state;
    char lists[2 * ZCHAT_DATA_DEPTH_MAX + 1] = "";
    memset (lists, '[', ZCHAT_DATA_DEPTH_MAX);
    memset (lists + ZCHAT_DATA_DEPTH_MAX, ']', ZCHAT_DATA_DEPTH_MAX);
    stage_askf (stage, BOB, "SAY|1|bob|lobby|hi|{\"data\":{\"x\":%s}}", lists);
    stage_expect (stage, "1< ERR|1|*\"limit\":32,\"what\":\"depth\"}");
    lists[sizeof lists - 2] = '\0';
    stage_askf (stage, BOB, "SAY|2|bob|lobby|hi|{\"data\":{\"x\":%s}}", lists + 1);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|2|*");
}

static void test_time_never_goes_back_in_a_room (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|one");
    stage->now.wall_ms = 10;
    stage_ask (stage, BOB, "SAY|2|bob|lobby|two");
    stage_ask (stage, BOB, "SAY|3|bob|dev|three");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|{\"seq\":1,\"time\":1000}", "feed> *",
                  "1< OK|2|{\"seq\":2,\"time\":1000}", "feed> *",
                  "1< OK|3|{\"seq\":1,\"time\":10}");
}

/*  A clock that was ahead for a moment must not leave its mark by a message that was
    not stored.                                                                */
static void test_a_failed_commit_takes_its_time_back (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|one");
    stage_commit (stage);
    stage->now.wall_ms = 5000000;
    stage_ask (stage, BOB, "SAY|2|bob|lobby|two");
    assert_int_equal (stage_take (stage), 1);
    stage_fail (stage);
    stage->now.wall_ms = 2000;
    stage_ask (stage, BOB, "SAY|3|bob|lobby|three");
    stage_skip (stage);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|3|{\"seq\":2,\"time\":2000}");
}

/*  --- exactly once ----------------------------------------------------------  */

static void test_the_producer_rule (void **state)
{
    stage_t *stage = *state;
    say_n (stage, BOB, "bob", "lobby", P1, 2);
    stage_expect (stage, "1< ERR|2|{\"code\":\"gap\",*\"expected\":1}");
    assert_int_equal (core_stats (stage->core).rooms, 0);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    say_n (stage, BOB, "bob", "dev", P1, 2);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    say_n (stage, BOB, "bob", "lobby", P1, 4);
    stage_expect_nothing (stage);
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob|m1|*", "1< OK|1|{\"seq\":1,*",
                  "feed> room/dev/|bob|m2|*", "1< OK|2|{\"seq\":1,*",
                  "1< OK|1|{\"duplicate\":true}", "1< ERR|4|*\"expected\":3}");
    say_n (stage, ANN, "ann", "lobby", P1, 2);
    stage_expect (stage, "2< OK|2|{\"duplicate\":true}");
    stage_restart (stage);
    say_n (stage, BOB, "bob", "lobby", P1, 2);
    stage_expect (stage, "1< OK|2|{\"duplicate\":true}");
    say_n (stage, BOB, "bob", "lobby", P1, 9223372036854775807u);
    stage_expect (stage, "1< ERR|9223372036854775807|*\"expected\":3}");
}

static void test_a_refused_message_does_not_count (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby||{\"producer\":\"" P1 "\",\"n\":1}");
    stage_expect (stage, "1< ERR|1|{\"code\":\"malformed\",*");
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|{\"seq\":1,*");
}

static void test_a_duplicate_waits_for_its_original (void **state)
{
    stage_t *stage = *state;
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    assert_int_equal (stage_take (stage), 1);
    stage_gone (stage, BOB);
    say_n (stage, ZED, "bob", "lobby", P1, 1);
    stage_expect_nothing (stage);
    stage_land (stage);
    stage_expect (stage, "feed> *", "4< OK|1|{\"duplicate\":true}");
}

/*  --- commits that fail -----------------------------------------------------  */

static void test_a_failed_commit_is_undone (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, ANN, "ann", "old");
    say_n (stage, BOB, "bob", "old", P1, 1);
    stage_commit (stage);
    stage_skip (stage);
    /*  in flight: an old and a new room; behind it: another new room, a second
        producer, duplicates and gaps of what is in flight, a message beyond reproach */
    say_n (stage, BOB, "bob", "old", P1, 2);
    say_n (stage, BOB, "bob", "new", P1, 3);
    stage_ask (stage, ANN, "TOPIC|t|ann|old|lost");
    assert_int_equal (stage_take (stage), 3);
    say_n (stage, BOB, "bob", "newer", P1, 4);
    say_n (stage, BOB, "bob", "new", P2, 1);
    say_n (stage, BOB, "bob", "new", P1, 3);
    say_n (stage, BOB, "bob", "new", P1, 9);
    stage_ask (stage, BOB, "SAY|e|bob|new|");
    stage_ask (stage, ANN, "PART|p|ann|old");
    stage_expect (stage, "2< OK|p|{}");
    stage_fail (stage);
    stage_expect (stage, "1< ERR|2|{\"code\":\"storage\",*", "1< ERR|3|{\"code\":\"storage\",*",
                  "2< ERR|t|{\"code\":\"storage\",*", "1< ERR|4|{\"code\":\"storage\",*",
                  "1< ERR|1|{\"code\":\"storage\",*", "1< ERR|3|{\"code\":\"storage\",*",
                  "1< ERR|9|{\"code\":\"storage\",*", "1< ERR|e|{\"code\":\"malformed\",*",
                  "feed> room/old/|ann||{\"type\":\"leave\",*");
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.rooms, 1);
    assert_int_equal (stats.producers, 1);
    assert_int_equal (stats.held, 0);
    assert_int_equal (stats.held_bytes, 0);
    assert_int_equal (core_counters (stage->core)->events, 1);
    assert_int_equal (counters_refused (core_counters (stage->core)), 8);
    assert_int_equal (stage_take (stage), 0);
    /*  and again, in another order                                            */
    say_n (stage, BOB, "bob", "newer", P1, 2);
    say_n (stage, BOB, "bob", "new", P1, 3);
    say_n (stage, BOB, "bob", "old", P1, 4);
    stage_commit (stage);
    stage_expect (stage, "feed> room/newer/*", "1< OK|2|{\"seq\":1,*", "feed> room/new/*",
                  "1< OK|3|{\"seq\":1,*", "feed> room/old/*", "1< OK|4|{\"seq\":2,*");
    stage_ask (stage, ANN, "TOPIC|t|ann|old");
    stage_expect (stage, "2< OK|t|{\"room\":\"old\",\"topic\":\"\",\"by\":\"\",\"time\":0}");
}

/*  ERR means not stored: the duplicate of what is on disk is no ERR, whatever becomes of
    the commit it happened to wait behind.                                     */
static void test_a_stored_duplicate_outlives_a_failed_commit (void **state)
{
    stage_t *stage = *state;
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_commit (stage);
    stage_skip (stage);
    say_n (stage, BOB, "bob", "lobby", P1, 2);
    assert_int_equal (stage_take (stage), 1);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    say_n (stage, BOB, "bob", "lobby", P1, 2);
    stage_fail (stage);
    stage_expect (stage, "1< ERR|2|{\"code\":\"storage\",*", "1< OK|1|{\"duplicate\":true}",
                  "1< ERR|2|{\"code\":\"storage\",*");
}

/*  A clock that is set makes nobody old.                                      */
static void test_a_clock_that_is_set (void **state)
{
    stage_t *stage = *state;
    stage_wait (stage, 0);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_commit (stage);
    stage_skip (stage);
    stage->now.wall_ms += 2 * (uint64_t)ZCHAT_PRODUCER_AGE_MS;
    stage_wait (stage, 60001);
    stage_wait (stage, 60001);
    assert_int_equal (core_stats (stage->core).producers, 1);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_expect (stage, "1< OK|1|{\"duplicate\":true}");
    /*  The core of a broker that is started now takes the clock as it is.      */
    stage_restart (stage);
    stage_wait (stage, 0);
    assert_int_equal (core_stats (stage->core).producers, 0);
}

/*  A producer is old enough to be forgotten while its message is in flight: it is not before that
   has landed, and is no more where it was not stored.                            */
static void test_a_producer_that_is_old_in_flight (void **state)
{
    stage_t *stage = *state;
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    say_n (stage, BOB, "bob", "lobby", P1, 2);
    assert_int_equal (stage_take (stage), 2);
    stage_wait (stage, 2 * (uint64_t)ZCHAT_PRODUCER_AGE_MS);
    assert_int_equal (core_stats (stage->core).producers, 1);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_fail (stage);
    stage_skip (stage);
    assert_int_equal (core_stats (stage->core).producers, 0);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|{\"seq\":1,*");
}

/*  --- order and flood -------------------------------------------------------  */

static void test_replies_to_say_keep_their_order (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "SAY|1|bob|lobby|one");
    stage_ask (stage, BOB, "SAY|2|bob|lobby|");
    stage_ask (stage, BOB, "SAY|3|bob|no room|three");
    stage_ask (stage, BOB, "TOPIC|4|bob|no room|four");
    stage_ask (stage, BOB, "TOPIC|5|bob|dev|five");
    stage_ask (stage, BOB, "TOPIC|6||lobby|six");
    stage_ask (stage, BOB, "TOPIC|7|bob|lobby|seven");
    stage_ask (stage, BOB, "PING|8|bob");
    stage_expect (stage, "1< OK|8|*");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|*", "1< ERR|2|*\"malformed\"*", "1< ERR|3|*\"name\"*",
                  "1< ERR|4|*\"name\"*", "1< ERR|5|*\"member\"*", "1< ERR|6|*\"guest\"*",
                  "feed> room/lobby/|bob|seven|{\"type\":\"topic\",\"seq\":2,\"time\":1000}",
                  "1< OK|7|*");
}

static void test_a_flood_is_slowed (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX; i++)
        stage_ask (stage, BOB, "SAY|t|bob|lobby|x");
    stage_expect_nothing (stage);
    stage_ask (stage, BOB, "SAY|s|bob|lobby|x");
    stage_expect (stage, "1< ERR|s|{\"code\":\"slow\",*\"wait_ms\":100}");
    /*  what is only answered waits as well                                    */
    stage_ask (stage, BOB, "SAY|s|bob|lobby|");
    stage_expect (stage, "1< ERR|s|{\"code\":\"slow\",*");
    stage_ask (stage, ANN, "SAY|a|ann|lobby|y");
    assert_int_equal (stage_take (stage), ZCHAT_BATCH_MAX);
    stage_land (stage);
    stage_skip (stage);
    stage_ask (stage, BOB, "SAY|b|bob|lobby|x");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "2< OK|a|*", "feed> *", "1< OK|b|*");
    assert_int_equal (core_stats (stage->core).held_bytes, 0);
}

static void test_bytes_are_bounded_too (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    int said = 0;
    for (; stage->n_lines == 0; said++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    assert_in_range (said, ZCHAT_PEER_PENDING_BYTES_MAX / ZCHAT_BODY_MAX - 2,
                     ZCHAT_PEER_PENDING_BYTES_MAX / ZCHAT_BODY_MAX + 1);
    stage_expect (stage, "1< ERR|t|{\"code\":\"slow\",*");
    stage_commit (stage);
    free (body);
}

/*  Where much waits for the disk already, who has a lot of it waits, and who has none does not. */
static void test_a_long_queue_is_shared (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    for (int i = 0; i < ZCHAT_BUSY_BYTES / ZCHAT_BODY_MAX / 32; i++)
        for (int j = 0; j < 32; j++)
            stage_askf (stage, 100 + (core_peer_t)j, "SAY|t|user%d|lobby|%s", j, body);
    stage_skip (stage);
    stage_askf (stage, 100, "SAY|t|user0|lobby|%s", body);
    stage_expect (stage, "100< ERR|t|{\"code\":\"slow\",*");
    int said = 0;
    for (; stage->n_lines == 0; said++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    assert_in_range (said, 2, ZCHAT_OWNER_BUSY_BYTES / ZCHAT_BODY_MAX + 1);
    stage_expect (stage, "1< ERR|t|{\"code\":\"slow\",*");
    stage_commit (stage);
    stage_skip (stage);
    stage_ask (stage, BOB, "SAY|t|bob|lobby|y");
    stage_commit (stage);
    free (body);
}

/*  So many messages of 64 KiB each are taken of 60 connections, of one after the other.  */
static int taken_of_all (stage_t *stage, const char *body)
{
    int taken = 0;
    for (int i = 0; i < 60;) {
        stage_skip (stage);
        stage_askf (stage, 100 + (core_peer_t)i, "SAY|t|user%d|lobby|%s", i, body);
        taken += stage->n_lines == 0;
        i += stage->n_lines != 0;
    }
    return taken;
}

/*  Sixty connections of one address have one share of a long queue, not sixty; who comes from
    elsewhere has one too, and who says a word from there is heard.            */
static void test_connections_of_an_address_share (void **state)
{
    enum { NEIGHBOUR = 200, MANY = ZCHAT_BUSY_BYTES / ZCHAT_BODY_MAX };
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    for (int i = 0; i < 60; i++)
        stage_place (stage, 100 + (core_peer_t)i, "192.0.2.1");
    stage_place (stage, NEIGHBOUR, "192.0.2.1");
    stage_place (stage, BOB, "192.0.2.2");
    assert_in_range (taken_of_all (stage, body), MANY / 2, MANY);
    stage_skip (stage);
    stage_ask (stage, NEIGHBOUR, "SAY|t|neighbour|lobby|a word");
    stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    stage_expect_nothing (stage);
    /*  once it is stored, all of it is free again                             */
    stage_commit (stage);
    assert_in_range (taken_of_all (stage, body), MANY / 2, MANY);
    free (body);
}

/*  Duplicates that land must not pay for messages that are still held.        */
static void test_each_effect_pays_for_itself (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    say_n (stage, BOB, "bob", "lobby", P1, 1);
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX / 2; i++)
        say_n (stage, BOB, "bob", "lobby", P1, 1);
    assert_int_equal (stage_take (stage), 1);
    int said = 0;
    for (; stage->n_lines == 0; said++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    stage_skip (stage);
    stage_land (stage);
    stage_skip (stage);
    for (; stage->n_lines == 0; said++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    assert_in_range (said, 1, ZCHAT_PEER_PENDING_BYTES_MAX / ZCHAT_BODY_MAX + 2);
    stage_commit (stage);
    free (body);
}

/*  A routing id that comes back is another peer: it neither hears nor pays for what
    the one before it left behind.                                             */
static void test_a_peer_id_that_comes_back (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|old|bob|lobby|one");
    stage_ask (stage, BOB, "SAY|old|bob|lobby|");
    assert_int_equal (stage_take (stage), 1);
    stage_gone (stage, BOB);
    assert_int_equal (core_stats (stage->core).peers, 0);
    stage_ask (stage, BOB, "SAY|new|ann|lobby|two");
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|one|*");
    assert_int_equal (core_stats (stage->core).peers, 1);
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|ann|two|*", "1< OK|new|*");
}

/*  --- TOPIC -----------------------------------------------------------------  */

static void test_a_topic_is_stored_and_told (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "TOPIC|1|bob|Lobby|rules");
    stage_ask (stage, GUEST, "TOPIC|2||LOBBY");
    stage_expect (stage, "3< OK|2|{\"room\":\"lobby\",\"topic\":\"\",\"by\":\"\",\"time\":0}");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob|rules|{\"type\":\"topic\",\"seq\":1,\"time\":1000}",
                  "1< OK|1|{\"seq\":1,\"time\":1000}");
    stage_restart (stage);
    stage_ask (stage, GUEST, "TOPIC|3||lobby");
    stage_expect (stage,
                  "3< OK|3|{\"room\":\"lobby\",\"topic\":\"rules\",\"by\":\"bob\",\"time\":1000}");
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "TOPIC|4|bob|lobby|");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob||{\"type\":\"topic\",\"seq\":2,*", "1< OK|4|*");
    stage_ask (stage, GUEST, "TOPIC|5||lobby");
    stage_expect (stage, "3< OK|5|*\"topic\":\"\",\"by\":\"bob\",*");
}

static void test_who_may_set_a_topic (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "TOPIC|1||lobby|x");
    stage_expect (stage, "3< ERR|1|{\"code\":\"guest\",*");
    stage_ask (stage, BOB, "TOPIC|2|bob|lobby|x");
    stage_expect (stage, "1< ERR|2|{\"code\":\"hello\",*");
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "TOPIC|3|bob|lobby|x");
    stage_expect (stage, "1< ERR|3|{\"code\":\"member\",*");
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "TOPIC|4|bob|lobby|\xc3");
    stage_expect (stage, "1< ERR|4|{\"code\":\"malformed\",*");
    char topic[ZCHAT_TOPIC_MAX + 2] = "";
    memset (topic, 't', ZCHAT_TOPIC_MAX + 1);
    stage_askf (stage, BOB, "TOPIC|5|bob|lobby|%s", topic);
    stage_expect (stage, "1< ERR|5|*\"limit\":1024,\"what\":\"topic\"}");
    topic[ZCHAT_TOPIC_MAX] = '\0';
    stage_askf (stage, BOB, "TOPIC|6|bob|lobby|%s", topic);
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|6|*");
    stage_ask (stage, GUEST, "TOPIC|7||nowhere");
    stage_expect (stage, "3< OK|7|{\"room\":\"nowhere\",\"topic\":\"\",\"by\":\"\",\"time\":0}");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_nothing_leaves_before_the_commit),
        TEST (test_the_next_batch_gathers_meanwhile),
        TEST (test_an_envelope_comes_back),
        TEST (test_types_and_data),
        TEST (test_what_a_say_must_not_be),
        TEST (test_sizes),
        TEST (test_deep_json_is_refused),
        TEST (test_data_has_a_depth),
        TEST (test_time_never_goes_back_in_a_room),
        TEST (test_a_failed_commit_takes_its_time_back),
        TEST (test_the_producer_rule),
        TEST (test_a_refused_message_does_not_count),
        TEST (test_a_duplicate_waits_for_its_original),
        TEST (test_a_failed_commit_is_undone),
        TEST (test_a_stored_duplicate_outlives_a_failed_commit),
        TEST (test_a_clock_that_is_set),
        TEST (test_a_producer_that_is_old_in_flight),
        TEST (test_replies_to_say_keep_their_order),
        TEST (test_a_flood_is_slowed),
        TEST (test_bytes_are_bounded_too),
        TEST (test_a_long_queue_is_shared),
        TEST (test_connections_of_an_address_share),
        TEST (test_each_effect_pays_for_itself),
        TEST (test_a_peer_id_that_comes_back),
        TEST (test_a_topic_is_stored_and_told),
        TEST (test_who_may_set_a_topic),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
