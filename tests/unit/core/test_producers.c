/*  test_producers.c - senders that end, that give way, and that come back      */
#include "stage.h"

enum { BOB = 1, EVE = 2, ANN = 3, MOST = 6 };

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage->producers = MOST;
    stage_restart (stage);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void say (stage_t *stage, core_peer_t peer, const char *user, int producer, int n,
                 const char *more)
{
    stage_askf (stage, peer, "SAY|t|%s|dev|x|{\"producer\":\"%032x\",\"n\":%d%s}", user, producer,
                n, more);
}

static void stored (stage_t *stage, core_peer_t peer, const char *user, int producer, int n)
{
    stage->quiet = true;
    say (stage, peer, user, producer, n, "");
    stage_commit (stage);
    stage->quiet = false;
}

static void refused (stage_t *stage, core_peer_t peer, const char *user, int producer, int n,
                     const char *more, const char *line)
{
    say (stage, peer, user, producer, n, more);
    stage_expect (stage, line);
}

/*  One that has none displaces the oldest of who has most, and of nobody else: also after a
    restart.                                                                   */
static void test_the_greediest_gives_way (void **state)
{
    stage_t *stage = *state;
    stored (stage, BOB, "bob", 1, 1);
    for (int i = 0; i < 20; i++)
        stored (stage, EVE, "eve", 100 + i, 1);
    assert_int_equal (core_stats (stage->core).producers, MOST);
    stage_restart (stage);
    assert_int_equal (core_stats (stage->core).producers, MOST);
    for (int i = 0; i < 3; i++)
        stored (stage, ANN, "ann", 200 + i, 1);
    refused (stage, BOB, "bob", 1, 1, "", "1< OK|t|{\"duplicate\":true}");
    refused (stage, EVE, "eve", 119, 1, "", "2< OK|t|{\"duplicate\":true}");
    refused (stage, EVE, "eve", 117, 2, "", "2< ERR|t|{\"code\":\"gap\",*\"expected\":1}");
    assert_int_equal (core_stats (stage->core).producers, MOST);
}

/*  Of a first message that is sent again nobody knows whether it was stored.  */
static void test_a_forgotten_one_is_told (void **state)
{
    stage_t *stage = *state;
    stored (stage, EVE, "eve", 1, 1);
    refused (stage, EVE, "eve", 1, 1, ",\"again\":0", "2< OK|t|{\"duplicate\":true}");
    stage->quiet = true;
    say (stage, EVE, "eve", 50, 1, ",\"again\":0");
    stage_commit (stage);
    stage->quiet = false;
    refused (stage, EVE, "eve", 50, 1, ",\"again\":0", "2< OK|t|{\"duplicate\":true}");
    for (int i = 0; i < MOST; i++)
        stored (stage, EVE, "eve", 100 + i, 1);
    stage_restart (stage);
    refused (stage, EVE, "eve", 1, 1, ",\"again\":0",
             "2< ERR|t|{\"code\":\"gap\",*\"expected\":1,\"forgotten\":true}");
    refused (stage, EVE, "eve", 1, 1, ",\"again\":-1", "2< ERR|t|{\"code\":\"malformed\"*");
    stage_ask (stage, BOB, "HELLO|h|bob");
    stage_expect (stage, "1< OK|h|*\"forgotten\":2,*");
    stage_ask (stage, EVE,
               "TELL|t|eve|bob|x|{\"producer\":\"00000000000000000000000000000001\","
               "\"n\":1,\"again\":1}");
    stage_expect (stage, "2< ERR|t|{\"code\":\"hello\"*");
    /*  Sent first after it was forgotten, it is new.                          */
    stage->quiet = true;
    say (stage, EVE, "eve", 1, 1, ",\"again\":2");
    assert_int_equal (stage_take (stage), 2);
    stage_land (stage);
    stage->quiet = false;
}

/*  What HELLO says of it is on disk.                                          */
static void test_hello_waits_for_the_count (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < MOST; i++)
        stored (stage, EVE, "eve", 100 + i, 1);
    stage->quiet = true;
    say (stage, EVE, "eve", 1, 1, "");
    stage->quiet = false;
    stage_ask (stage, BOB, "HELLO|h|bob");
    stage_expect_nothing (stage);
    assert_int_equal (stage_take (stage), 2);
    stage_fail (stage);
    stage_expect (stage, "2< ERR|t|{\"code\":\"storage\"*", "1< OK|h|*\"forgotten\":0,*");
    /*  What gave way is there again.                                          */
    refused (stage, EVE, "eve", 100, 1, "", "2< OK|t|{\"duplicate\":true}");
    assert_int_equal (core_stats (stage->core).producers, MOST);
}

/*  A script says that it is done: a million of them a day cost nobody anything. */
static void test_scripts_that_end (void **state)
{
    stage_t *stage = *state;
    stored (stage, BOB, "bob", 1, 1);
    for (int i = 0; i < 50; i++) {
        stage->quiet = true;
        stage_ask (stage, EVE, "HELLO|h|eve");
        say (stage, EVE, "eve", 100 + i, 1, "");
        stage_commit (stage);
        stage_askf (stage, EVE, "BYE|b|eve|{\"producer\":\"%032x\"}", 100 + i);
        stage_commit (stage);
        if (i == 25)
            stage_restart (stage);
        stage->quiet = false;
    }
    assert_int_equal (core_stats (stage->core).producers, MOST);
    refused (stage, BOB, "bob", 1, 1, "", "1< OK|t|{\"duplicate\":true}");
    refused (stage, EVE, "eve", 149, 1, "", "2< OK|t|{\"duplicate\":true}");
    stage_ask (stage, ANN, "HELLO|h|ann");
    stage_expect (stage, "3< OK|h|*\"forgotten\":0,*");
    /*  And they go soon.                                                      */
    stage->now.mono_ms += ZCHAT_PRODUCER_ENDED_MS + 1;
    stage->now.wall_ms += ZCHAT_PRODUCER_ENDED_MS + 1;
    stage->quiet = true;
    core_tick (stage->core, stage->now);
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).producers, 1);
}

static void test_what_a_bye_must_not_be (void **state)
{
    stage_t *stage = *state;
    stage->quiet = true;
    stage_ask (stage, EVE, "HELLO|h|eve");
    stage->quiet = false;
    stage_ask (stage, EVE, "BYE|b|eve|{\"producer\":7}");
    stage_expect (stage, "2< ERR|b|{\"code\":\"malformed\"*");
    stage_ask (stage, EVE, "BYE|b|eve|x");
    stage_expect (stage, "2< ERR|b|{\"code\":\"malformed\"*");
    stage_ask (stage, EVE, "BYE|b|eve|{\"producer\":\"000000000000000000000000000000ff\"}");
    stage_expect (stage, "2< OK|b|{}");
}

/*  Who makes up names shares what their address has.                          */
static void test_places (void **state)
{
    stage_t *stage = *state;
    stage_place (stage, BOB, "192.0.2.1");
    stage_place (stage, ANN, "2001:0db8:0001/0001");
    stored (stage, BOB, "bob", 1, 1);
    for (int i = 0; i < 20; i++) {
        char user[16], place[32];
        snprintf (user, sizeof user, "eve%d", i);
        snprintf (place, sizeof place, "2001:0db8:0002/%04x", i);
        stage_place (stage, 10 + (core_peer_t)i, place);
        stored (stage, 10 + (core_peer_t)i, user, 100 + i, 1);
    }
    stored (stage, ANN, "ann", 2, 1);
    stored (stage, ANN, "ann", 3, 1);
    refused (stage, BOB, "bob", 1, 1, "", "1< OK|t|{\"duplicate\":true}");
    refused (stage, ANN, "ann", 2, 1, "", "3< OK|t|{\"duplicate\":true}");
}

/*  Whoever is forgotten for their silence is told like one that gave way: else the first message,
    sent again, would stand twice.                                             */
static void test_a_silent_one_is_told (void **state)
{
    stage_t *stage = *state;
    stored (stage, EVE, "eve", 1, 1);
    stage->quiet = true;
    stage_wait (stage, 2 * (uint64_t)ZCHAT_PRODUCER_AGE_MS);
    stage_commit (stage); /* the count */
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).producers, 0);
    refused (stage, EVE, "eve", 1, 1, ",\"again\":0",
             "2< ERR|t|{\"code\":\"gap\",*\"expected\":1,\"forgotten\":true}");
}

/*  What is sent again may be stored: that is told, whatever else speaks against it by now. */
static void test_a_hole_goes_before_a_refusal (void **state)
{
    stage_t *stage = *state;
    static const char tell[] =
        "TELL|t|eve|bob|x|{\"producer\":\"00000000000000000000000000000001\","
        "\"n\":2}";
    stored (stage, EVE, "eve", 1, 1);
    stage->quiet = true;
    stage_ask (stage, EVE, "HELLO|h|eve");
    stage_ask (stage, BOB, "HELLO|h|bob");
    stage_ask (stage, EVE, tell);
    stage_commit (stage);
    for (int i = 0; i < MOST; i++)
        stored (stage, EVE, "eve", 100 + i, 1);
    stage->quiet = true;
    stage_ask (stage, BOB, "BYE|b|bob");
    stage->quiet = false;
    stage_ask (stage, EVE, tell);
    stage_expect (stage, "2< ERR|t|{\"code\":\"gap\",*\"expected\":1}");
    /*  Of what is new, the reason is.                                         */
    stage_ask (stage, EVE,
               "TELL|t|eve|bob|x|{\"producer\":\"00000000000000000000000000000001\","
               "\"n\":1}");
    stage_expect (stage, "2< ERR|t|{\"code\":\"nobody\"*");
}

int main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (test_##name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST (the_greediest_gives_way),   TEST (a_forgotten_one_is_told),
        TEST (hello_waits_for_the_count), TEST (scripts_that_end),
        TEST (what_a_bye_must_not_be),    TEST (places),
        TEST (a_silent_one_is_told),      TEST (a_hole_goes_before_a_refusal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
