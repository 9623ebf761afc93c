/*  test_sessions.c - HELLO, BYE, PING, SYNC: who is who, and for how long      */
#include "stage.h"

enum { BOB = 1, ANN = 2, GUEST = 3, BACK = 4 };

#define SECRET_1 "0101010101010101010101010101010101010101010101010101010101010101"
#define SECRET_2 "0202020202020202020202020202020202020202020202020202020202020202"

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

/*  --- HELLO -----------------------------------------------------------------  */

static void test_hello_says_it_all (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|1|bob|{\"protocol\":\"ZCHAT/1\",\"agent\":\"test\"}");
    stage_expect (stage,
                  "1< OK|1|{\"protocol\":\"ZCHAT/1\",\"server\":\"zchatd/*\","
                  "\"log\":\"30313233343536373839616263646566\",\"feeds\":[\"tcp://feed:1\"],"
                  "\"heartbeat_ms\":5000,\"limits\":{\"body\":65536,\"data\":4096,"
                  "\"topic\":1024,\"name\":32,\"history\":1000,\"rooms\":100,"
                  "\"pending\":*},\"forgotten\":0,\"user\":\"bob\",\"session\":\"" SECRET_1 "\","
                  "\"resumed\":false,\"proven\":false,\"admin\":false}");
    stage_ask (stage, GUEST, "HELLO|2|");
    stage_expect (stage, "3< OK|2|*\"user\":\"\"}");
    /*  a guest is remembered for what it asked for, as long as it is there    */
    assert_int_equal (core_stats (stage->core).peers, 2);
    stage_gone (stage, GUEST);
    assert_int_equal (core_stats (stage->core).peers, 1);
    assert_int_equal (core_stats (stage->core).sessions, 1);
}

static void test_hello_again_is_harmless (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "HELLO|1|BOB");
    stage_expect (stage, "1< OK|1|*\"user\":\"bob\",\"session\":\"" SECRET_1 "\","
                         "\"resumed\":false,*");
    stage_ask (stage, BOB, "PING|2|bob");
    stage_expect (stage, "1< OK|2|{\"time\":1000,\"heads\":{\"lobby\":0}}");
}

static void test_what_a_hello_must_not_be (void **state)
{
    static const char *const refused[][2] = {
        {"bob|{\"protocol\":\"ZCHAT/2\"}", "protocol"},
        {"bob|{\"protocol\":1}", "protocol"},
        {"|{\"protocol\":\"\"}", "protocol"},
        {"bob|{\"agent\":[]}", "malformed"},
        {"bob|no", "malformed"},
        {"bob|{\"a\":1}{}", "malformed"},
        {"b b", "name"},
        {"b\xff", "name"},
    };
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char pattern[64];
        stage_askf (stage, BOB, "HELLO|t|%s", refused[i][0]);
        snprintf (pattern, sizeof pattern, "1< ERR|t|{\"code\":\"%s\",*", refused[i][1]);
        stage_expect (stage, pattern);
    }
    char agent[ZCHAT_AGENT_MAX + 2] = "";
    memset (agent, 'a', ZCHAT_AGENT_MAX + 1);
    stage_askf (stage, BOB, "HELLO|t|bob|{\"agent\":\"%s\"}", agent);
    stage_expect (stage, "1< ERR|t|*\"limit\":128,\"what\":\"agent\"}");
    assert_int_equal (core_stats (stage->core).sessions, 0);
    stage_gone (stage, BOB);
    assert_int_equal (core_stats (stage->core).peers, 0);
}

/*  --- names -----------------------------------------------------------------  */

static void test_a_name_is_held_by_one (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "WHO|1|\xd1\x81\xd0\xbe\xd1\x80|lobby"); /* сор */
    stage_expect (stage, "1< OK|1|*");
    stage_ask (stage, ANN, "HELLO|2|cop");
    stage_expect (stage, "2< ERR|2|{\"code\":\"taken\",*");
    stage_ask (stage, ANN, "SAY|3|COP|lobby|hi");
    stage_expect (stage, "2< ERR|3|{\"code\":\"taken\",*");
    assert_int_equal (core_stats (stage->core).sessions, 1);
    /*  its owner may spell it as it looks                                     */
    stage_ask (stage, BOB, "HELLO|4|cop");
    stage_expect (stage, "1< OK|4|*\"user\":\"\xd1\x81\xd0\xbe\xd1\x80\",*");
    stage_ask (stage, BOB, "SAY|5|other|lobby|hi");
    stage_expect (stage, "1< ERR|5|{\"code\":\"identity\",*");
    /*  without HELLO no grace: see the next test                              */
}

static void test_a_name_without_hello_ends_with_its_connection (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_gone (stage, BOB);
    assert_int_equal (core_stats (stage->core).sessions, 0);
    stage_hello (stage, ANN, "bob");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob|hi|*");
}

static void test_a_lost_session_keeps_its_name_a_moment (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_gone (stage, BOB);
    stage_expect (stage, "feed> room/lobby/|bob||{\"type\":\"leave\",\"time\":1000,"
                         "\"data\":{\"members\":0,\"reason\":\"lost\"}}");
    assert_int_equal (core_stats (stage->core).rooms, 0);
    assert_int_equal (core_stats (stage->core).peers, 0);
    stage_wait (stage, 4000);
    stage_ask (stage, ANN, "HELLO|1|Bob");
    stage_expect (stage, "2< ERR|1|{\"code\":\"taken\",*\"wait_ms\":1001}");
    assert_int_equal (core_deadline_ms (stage->core), 100 + ZCHAT_NAME_GRACE_MS);
    stage_wait (stage, 999);
    stage_ask (stage, ANN, "HELLO|2|Bob");
    stage_expect (stage, "2< ERR|2|{\"code\":\"taken\",*\"wait_ms\":2}");
    stage_wait (stage, 1);
    stage_hello (stage, ANN, "Bob");
    assert_int_equal (core_stats (stage->core).sessions, 1);
}

/*  Who asks for a name that is held is put off first, until it is known that its holder is there.
 */
static void test_a_holder_may_be_gone (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, ANN, "HELLO|1|bob");
    stage_expect (stage, "2< ERR|1|{\"code\":\"taken\",*kept a moment*\"wait_ms\":250}");
    stage_wait (stage, 100);
    stage_ask (stage, BACK, "SAY|2|bob|lobby|hi");
    stage_expect (stage, "4< ERR|2|{\"code\":\"taken\",*\"wait_ms\":150}");
    stage_wait (stage, 150);
    stage_ask (stage, ANN, "HELLO|3|bob");
    stage_expect (stage, "2< ERR|3|{\"code\":\"taken\",\"text\":\"*held by somebody else*\"}");
    stage_wait (stage, ZCHAT_DOUBT_AGAIN_MS);
    stage_ask (stage, ANN, "HELLO|4|bob");
    stage_expect (stage, "2< ERR|4|{\"code\":\"taken\",*\"wait_ms\":250}");
    stage_gone (stage, BOB);
    stage_ask (stage, ANN, "HELLO|5|bob");
    stage_expect (stage, "2< ERR|5|{\"code\":\"taken\",*kept a moment for its owner*\"wait_ms\":*");
}

static void test_its_owner_comes_back (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_gone (stage, BOB);
    stage_ask (stage, BACK, "HELLO|1|bob|{\"session\":\"" SECRET_2 "\"}");
    stage_expect (stage, "4< ERR|1|{\"code\":\"taken\",*");
    stage_ask (stage, BACK, "HELLO|2|bob|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "4< OK|2|*\"session\":\"" SECRET_1 "\",\"resumed\":true,*");
    stage_wait (stage, 10000);
    stage_ask (stage, ANN, "HELLO|3|bob");
    stage_wait (stage, ZCHAT_DOUBT_MS);
    stage_ask (stage, ANN, "HELLO|3|bob");
    stage_expect (stage, "2< ERR|3|{\"code\":\"taken\",*\"wait_ms\":250}",
                  "2< ERR|3|{\"code\":\"taken\",\"text\":*held by somebody else*");
    /*  lost a second time, it waits anew                                      */
    stage_gone (stage, BACK);
    stage_wait (stage, 4999);
    assert_int_equal (core_stats (stage->core).sessions, 1);
    stage_wait (stage, 1);
    assert_int_equal (core_stats (stage->core).sessions, 0);
}

static void test_take_over_with_rooms_and_messages_under_way (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_ask (stage, BACK, "HELLO|2|bob|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "4< OK|2|*\"resumed\":true,*");
    stage_ask (stage, BACK, "PING|3|bob");
    stage_expect (stage, "4< OK|3|{\"time\":1000,\"heads\":{\"lobby\":0}}");
    stage_ask (stage, BOB, "PING|4|bob");
    stage_expect (stage, "1< ERR|4|{\"code\":\"hello\",*");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob|hi|*", "1< OK|1|*");
    assert_int_equal (core_stats (stage->core).peers, 2);
    /*  the end of the old connection is nothing to anybody                    */
    stage_gone (stage, BOB);
    stage_expect_nothing (stage);
    stage_ask (stage, BACK, "PING|5|bob");
    stage_expect (stage, "4< OK|5|{\"time\":1000,\"heads\":{\"lobby\":1}}");
    stage_gone (stage, BACK);
    stage_expect (stage, "feed> room/lobby/|bob||{\"type\":\"leave\",*");
}

static void test_a_secret_is_for_its_name_only (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_hello (stage, ANN, "ann");
    stage_ask (stage, BACK, "HELLO|1|ann|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "4< ERR|1|{\"code\":\"taken\",*");
    /*  a connection has one name: it cannot take another's session besides    */
    stage_ask (stage, ANN, "HELLO|2|bob|{\"session\":\"" SECRET_1 "\"}");
    stage_expect (stage, "2< ERR|2|{\"code\":\"identity\",*");
    /*  nor is there a secret before HELLO: not even zeroes                    */
    stage_ask (stage, GUEST, "SAY|3|zed|lobby|hi");
    stage_ask (stage, BACK,
               "HELLO|4|zed|{\"session\":"
               "\"0000000000000000000000000000000000000000000000000000000000000000\"}");
    stage_expect (stage, "4< ERR|4|{\"code\":\"taken\",*");
    stage_ask (stage, BACK, "HELLO|5|bob|{\"session\":1}");
    stage_expect (stage, "4< ERR|5|{\"code\":\"taken\",*");
    /*  of a session that is no more it is no harm                             */
    stage_ask (stage, BACK, "HELLO|6|new|{\"session\":\"" SECRET_2 "\"}");
    stage_expect (stage, "4< OK|6|*\"resumed\":false,*");
}

static void test_names_in_use_are_bounded (void **state)
{
    stage_t *stage = *state;
    stage->quiet = true;
    for (core_peer_t i = 1; i <= ZCHAT_SESSIONS_MAX; i++)
        stage_askf (stage, i, "PING|p|u%llu", (unsigned long long)i);
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).sessions, ZCHAT_SESSIONS_MAX);
    stage_ask (stage, 20001, "HELLO|1|more");
    stage_expect (stage, "20001< ERR|1|*\"limit\":10000,\"what\":\"sessions\"}");
    stage_gone (stage, 1);
    stage_ask (stage, 20001, "HELLO|2|more");
    stage_expect (stage, "20001< OK|2|*");
}

/*  --- BYE -------------------------------------------------------------------  */

static void test_bye_is_heard_after_what_was_said (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "JOIN|j|bob|dev");
    stage_skip (stage);
    stage_ask (stage, BOB, "SAY|1|bob|lobby|last words");
    stage_ask (stage, BOB, "BYE|2|bob");
    stage_expect (stage, "1< OK|2|{}");
    stage_hello (stage, ANN, "bob");
    stage_ask (stage, BOB, "PART|3|bob|lobby");
    stage_expect (stage, "1< ERR|3|{\"code\":\"hello\",*");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|bob|last words|*", "1< OK|1|*",
                  "feed> room/lobby/|bob||{\"type\":\"leave\",*\"reason\":\"bye\"}}",
                  "feed> room/dev/|bob||{\"type\":\"leave\",*\"reason\":\"bye\"}}");
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.peers, 2);
    assert_int_equal (stats.rooms, 1);
    assert_int_equal (stats.members, 0);
}

static void test_after_bye_another_name (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "BYE|1|bob");
    stage_expect (stage, "1< OK|1|{}");
    assert_int_equal (core_stats (stage->core).sessions, 0);
    stage_ask (stage, BOB, "BYE|2|bob");
    stage_expect (stage, "1< ERR|2|{\"code\":\"hello\",*");
    stage_hello (stage, BOB, "robert");
}

/*  --- PING, SYNC ------------------------------------------------------------  */

static void test_ping_tells_heads_on_disk (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_ask (stage, BOB, "PING|2|bob");
    stage_expect (stage, "1< OK|2|{\"time\":1000,\"heads\":{\"lobby\":0}}");
    stage_commit (stage);
    stage_skip (stage);
    stage_ask (stage, BOB, "PING|3|bob");
    stage_expect (stage, "1< OK|3|{\"time\":1000,\"heads\":{\"lobby\":1}}");
    stage_ask (stage, GUEST, "PING|4|");
    stage_expect (stage, "3< OK|4|{\"time\":1000,\"heads\":{}}");
}

static void test_sync (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, GUEST, "SYNC|1||aZ0._-");
    stage_expect (stage, "feed> sync/aZ0._-/|||{}", "3< OK|1|{}");
    static const char *const refused[] = {"", "a b", "a/b", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        stage_askf (stage, GUEST, "SYNC|2||%s", refused[i]);
        stage_expect (stage, "3< ERR|2|{\"code\":\"malformed\",*");
    }
    char nonce[ZCHAT_NONCE_MAX + 2] = "";
    memset (nonce, 'n', ZCHAT_NONCE_MAX);
    stage_askf (stage, GUEST, "SYNC|3||%s", nonce);
    stage_expect (stage, "feed> sync/nnn*", "3< OK|3|{}");
    nonce[ZCHAT_NONCE_MAX] = 'n';
    stage_askf (stage, GUEST, "SYNC|4||%s", nonce);
    stage_expect (stage, "3< ERR|4|{\"code\":\"malformed\",*");
    /*  a NUL in it is not an end of it                                        */
    frame_t frames[] = {frame_str ("SYNC"), frame_str ("5"), frame_str (""), frame_of ("a\0b", 3)};
    stage_request (stage, GUEST, frames, 4);
    stage_expect (stage, "3< ERR|5|{\"code\":\"malformed\",*");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_hello_says_it_all),
        TEST (test_hello_again_is_harmless),
        TEST (test_what_a_hello_must_not_be),
        TEST (test_a_name_is_held_by_one),
        TEST (test_a_name_without_hello_ends_with_its_connection),
        TEST (test_a_lost_session_keeps_its_name_a_moment),
        TEST (test_a_holder_may_be_gone),
        TEST (test_its_owner_comes_back),
        TEST (test_take_over_with_rooms_and_messages_under_way),
        TEST (test_a_secret_is_for_its_name_only),
        TEST (test_names_in_use_are_bounded),
        TEST (test_bye_is_heard_after_what_was_said),
        TEST (test_after_bye_another_name),
        TEST (test_ping_tells_heads_on_disk),
        TEST (test_sync),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
