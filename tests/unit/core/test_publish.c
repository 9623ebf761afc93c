/*  test_publish.c - what leaves after a commit, and in which packs            */
#include "stage.h"

enum { BOB = 1, ANN = 2 };

/*  What went out on the feed, packs alone.                                    */
typedef struct {
    char rooms[16][16];
    size_t sizes[16];
    size_t records[16];
    size_t count;
} packs_t;

static packs_t packs;

static void on_publish (void *arg, const frame_t *frames, size_t count)
{
    frame_t name, pack;
    event_t event;
    stage_on_publish (arg, frames, count);
    if (count != 2)
        return;
    assert_true (packs.count < 16);
    assert_true (event_topic_name (frames[0], "pack/", &name));
    snprintf (packs.rooms[packs.count], 16, "%.*s", (int)name.size, (const char *)name.data);
    pack = frames[1];
    packs.sizes[packs.count] = pack.size;
    packs.records[packs.count] = 0;
    while (event_record_next (&pack, &event) == ZCHAT_OK)
        packs.records[packs.count]++;
    packs.count++;
}

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    core_destroy (&stage->core);
    core_config_t config = {.log_id = store_log_id (stage->store)};
    core_sink_t sink = {.reply = stage_on_reply,
                        .publish = on_publish,
                        .read = stage_on_read,
                        .random = stage_on_random,
                        .arg = stage};
    stage->core = core_new (&config, &sink);
    packs.count = 0;
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void pack_is (size_t i, const char *room, size_t records)
{
    assert_true (i < packs.count);
    assert_string_equal (packs.rooms[i], room);
    assert_int_equal (packs.records[i], records);
}

static void test_a_pack_holds_what_one_commit_held (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < 300; i++)
        stage_askf (stage, BOB, "SAY|t|bob|%s|hi", i % 3 ? "lobby" : "dev");
    assert_int_equal (stage_take (stage), 300);
    stage_ask (stage, BOB, "SAY|t|bob|dev|later");
    stage_land (stage);
    assert_int_equal (packs.count, 2);
    /*  in the order in which they began                                       */
    pack_is (0, "dev", 100);
    pack_is (1, "lobby", 200);
    stage_commit (stage);
    assert_int_equal (packs.count, 3);
    pack_is (2, "dev", 1);
}

static void test_a_pack_has_a_bound (void **state)
{
    stage_t *stage = *state;
    /*  records of exactly a quarter of a pack, then one byte more             */
    size_t size = ZCHAT_FEED_PACK_MAX / 4 - EVENT_RECORD_FIXED - strlen ("bob");
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', size);
    for (int i = 0; i < 5; i++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    stage_commit (stage);
    assert_int_equal (packs.count, 2);
    pack_is (0, "lobby", 4);
    assert_int_equal (packs.sizes[0], ZCHAT_FEED_PACK_MAX);
    pack_is (1, "lobby", 1);
    packs.count = 0;
    stage_askf (stage, BOB, "SAY|t|bob|lobby|%sx", body);
    for (int i = 0; i < 3; i++)
        stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    stage_commit (stage);
    assert_int_equal (packs.count, 2);
    pack_is (0, "lobby", 3);
    pack_is (1, "lobby", 1);
    packs.count = 0;
    /*  one that is larger than that stands by itself                          */
    memset (body, 'x', ZCHAT_BODY_MAX);
    stage_ask (stage, BOB, "SAY|t|bob|lobby|hi");
    stage_askf (stage, BOB, "SAY|t|bob|lobby|%s", body);
    stage_ask (stage, BOB, "SAY|t|bob|lobby|hi");
    stage_commit (stage);
    assert_int_equal (packs.count, 3);
    pack_is (1, "lobby", 1);
    assert_true (packs.sizes[1] > ZCHAT_FEED_PACK_MAX);
    free (body);
}

static void test_presence_stands_in_packs_too (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, ANN, "SAY|t|ann|lobby|hi");
    stage_enter (stage, BOB, "bob", "lobby");
    stage_ask (stage, BOB, "SAY|t|bob|lobby|hi");
    stage_gone (stage, BOB);
    assert_int_equal (packs.count, 0);
    stage_commit (stage);
    assert_int_equal (packs.count, 1);
    pack_is (0, "lobby", 4);
    stage_expect (stage, "feed> *|ann|hi|*", "2< OK|t|*", "feed> *|bob||*\"join\"*",
                  "feed> *|bob|hi|*", "feed> *|bob||*\"leave\"*");
    assert_int_equal (core_counters (stage->core)->events, 2);
}

/*  A commit is bounded in bytes as well, and what is left goes with the next one. */
static void test_a_commit_has_a_bound (void **state)
{
    stage_t *stage = *state;
    char *body = memory_zero (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    for (int i = 0; i < 200; i++)
        stage_askf (stage, 1 + (core_peer_t)i, "SAY|t|u%d|r%d|%s", i, i, body);
    stage_expect_nothing (stage);
    size_t first = stage_take (stage);
    assert_in_range (first, 100, 128);
    packs.count = 0;
    memset (&packs, 0, sizeof packs);
    free (body);
    assert_int_equal (stage_take (stage), 0);
    stage_fail (stage);
    /*  a failed commit takes with it what was numbered behind it              */
    assert_int_equal (core_stats (stage->core).held, 0);
    assert_int_equal (core_stats (stage->core).rooms, 0);
    assert_int_equal (counters_refused (core_counters (stage->core)), 200);
    assert_int_equal (packs.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_pack_holds_what_one_commit_held),
        TEST (test_a_pack_has_a_bound),
        TEST (test_presence_stands_in_packs_too),
        TEST (test_a_commit_has_a_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
