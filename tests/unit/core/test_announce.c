/*  test_announce.c - presence on the feed, one by one and merged              */
#include "stage.h"

enum { MANY = ZCHAT_PRESENCE_MERGE_MEMBERS, NEW = 1000 };

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

static void enter_many (stage_t *stage, int from, int to, const char *room)
{
    for (int i = from; i <= to; i++) {
        stage_askf (stage, (core_peer_t)i, "HELLO|h|u%d", i);
        stage_askf (stage, (core_peer_t)i, "JOIN|j|u%d|%s", i, room);
    }
    stage_skip (stage);
}

static void test_from_64_members_on_they_merge (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY - 2, "lobby");
    stage_hello (stage, 63, "u63");
    stage_ask (stage, 63, "JOIN|j|u63|lobby");
    stage_expect (stage, "63< OK|j|*", "feed> room/lobby/|u63||{\"type\":\"join\",*");
    stage_hello (stage, 64, "u64");
    stage_ask (stage, 64, "JOIN|j|u64|lobby");
    stage_expect (stage, "64< OK|j|*\"members\":64,*}");
    stage_wait (stage, 400);
    stage_gone (stage, 1);
    stage_ask (stage, 2, "PART|p|u2|lobby");
    stage_expect (stage, "2< OK|p|{}");
    assert_int_equal (core_deadline_ms (stage->core), 100 + ZCHAT_PRESENCE_MERGE_MS);
    stage_wait (stage, 599);
    stage_expect_nothing (stage);
    stage_wait (stage, 1);
    stage_expect (stage, "feed> room/lobby/|||{\"type\":\"presence\",\"time\":2000,\"data\":"
                         "{\"join\":[\"u64\"],\"leave\":[\"u1\",\"u2\"],\"members\":62}}");
    stage_ask (stage, 3, "PART|p|u3|lobby");
    stage_expect (stage, "3< OK|p|{}", "feed> room/lobby/|u3||{\"type\":\"leave\",*");
}

static void test_who_comes_and_goes_is_not_named (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY, "lobby");
    stage_wait (stage, 1000);
    stage_skip (stage);
    stage_ask (stage, 5, "PART|p|u5|lobby");
    stage_expect (stage, "5< OK|p|{}", "feed> room/lobby/|u5||{\"type\":\"leave\",*");
    stage_ask (stage, 5, "JOIN|j|u5|lobby");
    stage_ask (stage, 5, "PART|p|u5|lobby");
    stage_expect (stage, "5< OK|j|*", "5< OK|p|*");
    stage_wait (stage, 1000);
    stage_expect_nothing (stage);
    assert_int_equal (core_stats (stage->core).members, MANY - 1);
}

/*  The longest names there are, in both lists: data keeps its bound (the stage looks). */
static void test_data_keeps_its_bound (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY, "lobby");
    stage_wait (stage, 1000);
    stage_skip (stage);
    char names[40][ZCHAT_NAME_MAX + 1];
    for (unsigned i = 0; i < 40; i++) {
        for (size_t k = 0; k < ZCHAT_NAME_MAX_CODEPOINTS; k++)
            memcpy (names[i] + 4 * k, "\xf0\x90\x90\xa8", 5);
        names[i][3] = (char)(0xa8 + i % 20);
        names[i][7] = (char)(0xa8 + i / 20);
        stage_askf (stage, (core_peer_t)NEW + i, "HELLO|h|%s", names[i]);
        if (i < 20)
            stage_askf (stage, (core_peer_t)NEW + i, "JOIN|j|%s|lobby", names[i]);
    }
    stage_wait (stage, 1000);
    assert_int_equal (core_stats (stage->core).members, MANY + 20);
    stage_skip (stage);
    for (unsigned i = 0; i < 20; i++) {
        stage_gone (stage, (core_peer_t)NEW + i);
        stage_askf (stage, (core_peer_t)NEW + 20 + i, "JOIN|j|%s|lobby", names[20 + i]);
    }
    stage_skip (stage);
    stage_wait (stage, 1000);
    assert_int_equal (stage->n_lines, 1);
    char *brace = strchr (stage->lines[0], '{');
    json_t *meta = stage_json (frame_str (brace));
    const json_t *data = json_object_get (meta, "data");
    assert_in_range (json_array_size (json_object_get (data, "join")), 10, 20);
    assert_in_range (json_array_size (json_object_get (data, "leave")), 10, 20);
    assert_int_equal (json_integer_value (json_object_get (data, "members")), MANY + 20);
    json_decref (meta);
}

static void test_a_hundred_names_at_most (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY - 1, "lobby");
    enter_many (stage, MANY, MANY + 149, "lobby");
    stage_wait (stage, 1000);
    assert_int_equal (stage->n_lines, 1);
    json_t *meta = stage_json (frame_str (strchr (stage->lines[0], '{')));
    const json_t *data = json_object_get (meta, "data");
    assert_int_equal (json_array_size (json_object_get (data, "join")), ZCHAT_PRESENCE_MERGE_NAMES);
    assert_int_equal (json_integer_value (json_object_get (data, "members")), MANY + 149);
    json_decref (meta);
}

static void test_merged_presence_waits_its_turn (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY, "lobby");
    stage_ask (stage, 1, "SAY|1|u1|dev|hi");
    stage_wait (stage, 1000);
    stage_expect_nothing (stage);
    stage_commit (stage);
    stage_expect (stage, "feed> room/dev/|u1|hi|*", "1< OK|1|*",
                  "feed> room/lobby/|||{\"type\":\"presence\",*");
}

static void test_a_room_that_everybody_left (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY, "lobby");
    for (int i = 1; i <= MANY; i++)
        stage_gone (stage, (core_peer_t)i);
    assert_int_equal (core_stats (stage->core).rooms, 1);
    stage_expect_nothing (stage);
    stage_wait (stage, 1000);
    stage_expect (stage, "feed> room/lobby/|||*\"members\":0}}");
    assert_int_equal (core_stats (stage->core).rooms, 0);
}

static void test_close_tells_everything_at_once (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY, "lobby");
    stage_ask (stage, 1, "JOIN|j|u1|dev");
    stage_ask (stage, 1, "SAY|1|u1|dev|hi");
    stage_skip (stage);
    core_close (stage->core, stage->now);
    stage_expect_nothing (stage);
    assert_false (core_idle (stage->core));
    stage_ask (stage, 2, "PING|2|u2");
    stage_ask (stage, 9999, "HELLO|3|new");
    stage_ask (stage, 9999, "NONSENSE|4|");
    stage_expect (stage, "2< ERR|2|{\"code\":\"closing\",*", "9999< ERR|3|{\"code\":\"closing\",*",
                  "9999< ERR|4|{\"code\":\"verb\",*");
    stage_gone (stage, 1);
    stage_commit (stage);
    stage_expect (stage, "feed> room/dev/|u1|hi|*",
                  "feed> room/dev/|u1||{\"type\":\"leave\",*\"reason\":\"closing\"}}",
                  "feed> room/lobby/|||{\"type\":\"presence\",*\"members\":0}}");
    assert_true (core_idle (stage->core));
    assert_int_equal (core_stats (stage->core).members, 0);
}

static void test_the_core_ends_with_merges_under_way (void **state)
{
    stage_t *stage = *state;
    enter_many (stage, 1, MANY + 2, "lobby");
    enter_many (stage, 1, MANY + 2, "dev");
    stage_ask (stage, 1, "SAY|1|u1|dev|hi");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, 1, "SAY|2|u1|dev|hi");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_from_64_members_on_they_merge),  TEST (test_who_comes_and_goes_is_not_named),
        TEST (test_data_keeps_its_bound),           TEST (test_a_hundred_names_at_most),
        TEST (test_merged_presence_waits_its_turn), TEST (test_a_room_that_everybody_left),
        TEST (test_close_tells_everything_at_once), TEST (test_the_core_ends_with_merges_under_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
