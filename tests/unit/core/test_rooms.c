/*  test_rooms.c - JOIN, PART, WHO, ROOMS: who is where                        */
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

static void test_join_tells_what_is_on_disk (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "JOIN|1|bob|Lobby");
    stage_expect (stage,
                  "1< OK|1|{\"room\":\"Lobby\",\"head\":0,\"first\":1,\"topic\":\"\","
                  "\"topic_by\":\"\",\"topic_time\":0,\"members\":1,\"private\":false,"
                  "\"role\":\"\"}",
                  "feed> room/Lobby/|bob||{\"type\":\"join\",\"time\":1000,"
                  "\"data\":{\"members\":1}}");
    stage_ask (stage, BOB, "TOPIC|2|bob|lobby|rules");
    stage_hello (stage, ANN, "ann");
    stage_ask (stage, ANN, "JOIN|3|ann|LOBBY");
    stage_expect (stage, "2< OK|3|{\"room\":\"Lobby\",\"head\":0,\"first\":1,\"topic\":\"\","
                         "\"topic_by\":\"\",\"topic_time\":0,\"members\":2,*}");
    stage_commit (stage);
    stage_expect (stage, "feed> room/Lobby/|bob|rules|*", "1< OK|2|*",
                  "feed> room/Lobby/|ann||{\"type\":\"join\",*\"data\":{\"members\":2}}");
    stage_ask (stage, ANN, "JOIN|4|ann|lobby");
    stage_expect (stage, "2< OK|4|{\"room\":\"Lobby\",\"head\":1,\"first\":1,\"topic\":\"rules\","
                         "\"topic_by\":\"bob\",\"topic_time\":1000,\"members\":2,*}");
}

static void test_part (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_enter (stage, ANN, "ann", "lobby");
    stage_ask (stage, BOB, "PART|1|bob|LOBBY");
    stage_expect (stage, "1< OK|1|{}",
                  "feed> room/lobby/|bob||{\"type\":\"leave\",\"time\":1000,"
                  "\"data\":{\"members\":1,\"reason\":\"part\"}}");
    stage_ask (stage, BOB, "PART|2|bob|lobby");
    stage_expect (stage, "1< ERR|2|{\"code\":\"member\",*");
    stage_ask (stage, BOB, "PART|3|bob|nowhere");
    stage_expect (stage, "1< ERR|3|{\"code\":\"member\",*");
    stage_ask (stage, ANN, "PART|4|ann|lobby");
    stage_skip (stage);
    /*  nobody is there, nothing was said: there is no room                    */
    assert_int_equal (core_stats (stage->core).rooms, 0);
    stage_ask (stage, ANN, "JOIN|5|ann|LOBBY");
    stage_expect (stage, "2< OK|5|{\"room\":\"LOBBY\",*", "feed> *");
}

static void test_a_room_lives_as_long_as_it_is_needed (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "SAY|1|bob|other|hi");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "PART|2|bob|lobby");
    assert_int_equal (core_stats (stage->core).rooms, 2);
    stage_fail (stage);
    assert_int_equal (core_stats (stage->core).rooms, 0);
    stage_expect (stage, "1< OK|2|{}", "1< ERR|1|*", "feed> room/lobby/|bob||*");
}

static void test_bounds (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage->quiet = true;
    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++)
        stage_askf (stage, BOB, "JOIN|j|bob|r%d", i);
    stage->quiet = false;
    stage_ask (stage, BOB, "JOIN|1|bob|more");
    stage_expect (stage, "1< ERR|1|*\"limit\":100,\"what\":\"rooms\"}");
    assert_int_equal (core_stats (stage->core).rooms, ZCHAT_SESSION_ROOMS_MAX);
    stage_ask (stage, BOB, "JOIN|2|bob|r7");
    stage_expect (stage, "1< OK|2|*");
    stage_ask (stage, BOB, "PART|3|bob|r7");
    stage_ask (stage, BOB, "JOIN|4|bob|more");
    stage_expect (stage, "1< OK|3|*", "feed> *", "1< OK|4|*", "feed> *");
}

static void test_rooms_are_bounded (void **state)
{
    stage_t *stage = *state;
    stage->quiet = true;
    for (int i = 0; i < ZCHAT_ROOMS_MAX; i++) {
        stage_askf (stage, BOB, "SAY|1|bob|r%d|hi", i);
        if (i % 1000 == 999)
            stage_commit (stage);
    }
    stage->quiet = false;
    /*  His oldest gives way: see test_yields.c.                               */
    stage_ask (stage, BOB, "SAY|2|bob|more|hi");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|2|*");
    assert_int_equal (core_stats (stage->core).rooms, ZCHAT_ROOMS_MAX);
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, BOB, "JOIN|4|bob|r9999");
    stage_expect (stage, "1< OK|4|*", "feed> *");
    stage_restart (stage);
    assert_int_equal (core_stats (stage->core).rooms, ZCHAT_ROOMS_MAX);
    stage_ask (stage, GUEST, "ROOMS|5|");
    stage_expect (stage,
                  "3< OK|5|{\"rooms\":[{\"room\":\"r1\",*{\"room\":\"r1000\",*\"more\":true}");
    stage_ask (stage, GUEST, "ROOMS|6||{\"after\":\"R9999\"}");
    stage_expect (stage, "3< OK|6|{\"rooms\":[{\"room\":\"more\",\"head\":3,\"first\":3,"
                         "\"members\":0,\"topic\":\"\",\"private\":false}],\"more\":false}");
    stage_ask (stage, GUEST, "ROOMS|7||{\"after\":\"more\"}");
    stage_expect (stage, "3< OK|7|{\"rooms\":[],\"more\":false}");
}

/*  Joins and leaves wait among the messages: while a disk is slow, nobody may pile
    them up.                                                                   */
static void test_a_flood_of_joins_is_slowed (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, BOB, "bob");
    stage_ask (stage, ANN, "SAY|1|ann|lobby|hi");
    assert_int_equal (stage_take (stage), 1);
    stage->quiet = true;
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX; i++) {
        stage->now.mono_ms += 20; /* slower than the quota */
        stage_ask (stage, BOB, "JOIN|j|bob|lobby");
        stage_ask (stage, BOB, "PART|p|bob|lobby");
    }
    stage->quiet = false;
    assert_in_range (core_stats (stage->core).held, ZCHAT_PEER_PENDING_MAX,
                     ZCHAT_PEER_PENDING_MAX + 2);
    stage_ask (stage, BOB, "JOIN|2|bob|lobby");
    stage_expect (stage, "1< ERR|2|{\"code\":\"slow\",*\"wait_ms\":100}");
    stage->quiet = true;
    stage_land (stage);
    stage_commit (stage);
    stage->quiet = false;
    stage_ask (stage, BOB, "JOIN|3|bob|lobby");
    stage_expect (stage, "1< OK|3|*", "feed> *");
}

/*  --- WHO -------------------------------------------------------------------  */

static void test_who (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "lobby");
    stage_enter (stage, ANN, "ann", "lobby");
    stage_ask (stage, GUEST, "WHO|1||Lobby");
    stage_expect (stage, "3< OK|1|{\"room\":\"lobby\",\"members\":2,\"users\":[\"bob\",\"ann\"]}");
    stage_ask (stage, GUEST, "WHO|2||Nowhere");
    stage_expect (stage, "3< OK|2|{\"room\":\"Nowhere\",\"members\":0,\"users\":[]}");
    stage_ask (stage, GUEST, "WHO|3||no where");
    stage_expect (stage, "3< ERR|3|{\"code\":\"name\",*");
}

static void test_who_names_a_thousand (void **state)
{
    stage_t *stage = *state;
    stage->quiet = true;
    for (core_peer_t i = 1; i <= ZCHAT_LIST_MAX + 1; i++) {
        stage_askf (stage, i, "HELLO|h|u%llu", (unsigned long long)i);
        stage_askf (stage, i, "JOIN|j|u%llu|lobby", (unsigned long long)i);
    }
    stage->quiet = false;
    stage_ask (stage, 5000, "WHO|1||lobby");
    stage_expect (stage, "5000< OK|1|*\"members\":1001,\"users\":[\"u1\",*\"u1000\"]}");
}

/*  --- ROOMS -----------------------------------------------------------------  */

static void test_rooms_after (void **state)
{
    static const char *const refused[][2] = {{"{\"after\":7}", "malformed"},
                                             {"{\"after\":\"a b\"}", "name"},
                                             {"{\"after\":\"gone\"}", "name"},
                                             {"[]", "malformed"}};
    stage_t *stage = *state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char pattern[64];
        stage_askf (stage, GUEST, "ROOMS|t||%s", refused[i][0]);
        snprintf (pattern, sizeof pattern, "3< ERR|t|{\"code\":\"%s\",*", refused[i][1]);
        stage_expect (stage, pattern);
    }
    stage_ask (stage, GUEST, "ROOMS|1|");
    stage_expect (stage, "3< OK|1|{\"rooms\":[],\"more\":false}");
}

/*  A reply fits a frame, whatever the topics hold: control characters take six bytes
    in JSON.                                                                   */
static void test_a_list_of_long_topics_fits_a_frame (void **state)
{
    stage_t *stage = *state;
    char topic[ZCHAT_TOPIC_MAX + 1] = "";
    memset (topic, 1, ZCHAT_TOPIC_MAX);
    stage->quiet = true;
    for (core_peer_t peer = 1; peer <= 3; peer++) {
        stage_askf (stage, peer, "HELLO|h|u%llu", (unsigned long long)peer);
        for (int i = 0; i < 80; i++) {
            unsigned long long who = peer;
            stage_askf (stage, peer, "JOIN|j|u%llu|r%llu-%d", who, who, i);
            stage_askf (stage, peer, "TOPIC|t|u%llu|r%llu-%d|%s", who, who, i, topic);
        }
    }
    stage_commit (stage);
    stage->quiet = false;
    char after[64] = "";
    size_t listed = 0, asked = 0;
    for (bool more = true; more; asked++) {
        stage_askf (stage, GUEST, "ROOMS|t||%s", after);
        assert_int_equal (stage->n_lines, 1);
        json_t *json = stage_json (frame_str (stage->lines[0] + strlen ("3< OK|t|")));
        const json_t *rooms = json_object_get (json, "rooms");
        assert_true (json_array_size (rooms) > 0);
        listed += json_array_size (rooms);
        const json_t *last = json_array_get (rooms, json_array_size (rooms) - 1);
        snprintf (after, sizeof after, "{\"after\":\"%s\"}",
                  json_string_value (json_object_get (last, "room")));
        more = json_is_true (json_object_get (json, "more"));
        json_decref (json);
        stage_skip (stage);
    }
    assert_int_equal (listed, 240);
    assert_int_equal (asked, 3);
    /*  A short question with a long answer is not answered without end.       */
    size_t bytes = 0;
    while (true) {
        stage_ask (stage, GUEST, "ROOMS|t|");
        if (strncmp (stage->lines[0], "3< OK", 5) != 0)
            break;
        bytes += strlen (stage->lines[0]);
        assert_true (bytes < ZCHAT_PEER_DEBT_MAX + ZCHAT_FRAME_MAX);
        stage_skip (stage);
    }
    stage_expect (stage, "3< ERR|t|{\"code\":\"slow\",*\"wait_ms\":*");
    stage_ask (stage, GUEST, "PING|t|");
    stage_expect (stage, "3< OK|t|*");
    stage_wait (stage, 1000);
    stage_ask (stage, GUEST, "ROOMS|t|");
    stage_expect (stage, "3< OK|t|*");
    stage_ask (stage, 4, "ROOMS|t|");
    stage_expect (stage, "4< OK|t|*");
    stage_gone (stage, GUEST);
    stage_gone (stage, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_join_tells_what_is_on_disk),
        TEST (test_part),
        TEST (test_a_room_lives_as_long_as_it_is_needed),
        TEST (test_bounds),
        TEST (test_rooms_are_bounded),
        TEST (test_a_flood_of_joins_is_slowed),
        TEST (test_who),
        TEST (test_who_names_a_thousand),
        TEST (test_rooms_after),
        TEST (test_a_list_of_long_topics_fits_a_frame),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
