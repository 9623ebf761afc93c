/*  test_core.c - the core's life: start, notes for the log file, deadlines, stop */
#include "stage.h"

enum { BOB = 1, ANN = 2 };

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

static void test_a_core_that_starts_again_is_the_one_it_was (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, BOB, "bob", "Lobby");
    stage_ask (stage, BOB, "TOPIC|1|bob|lobby|rules");
    stage_ask (stage, BOB,
               "SAY|2|bob|dev|hi|{\"producer\":"
               "\"0123456789abcdef0123456789abcdef\",\"n\":1}");
    stage_ask (stage, BOB, "JOIN|3|bob|unsaid");
    stage_commit (stage);
    stage_ask (stage, BOB, "SAY|4|bob|dev|lost with the process");
    stage_skip (stage);
    stage_restart (stage);
    stage_ask (stage, ANN, "ROOMS|1|ann");
    stage_expect (
        stage,
        "2< OK|1|{\"rooms\":["
        "{\"room\":\"Lobby\",\"head\":1,\"first\":1,\"members\":0,"
        "\"topic\":\"rules\",\"private\":false},"
        "{\"room\":\"dev\",\"head\":1,\"first\":1,\"members\":0,\"topic\":\"\",\"private\":false}],"
        "\"more\":false}");
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.producers, 1);
    assert_int_equal (stats.sessions, 1);
    assert_int_equal (core_counters (stage->core)->events, 0);
    stage_ask (stage, BOB, "SAY|5|bob|new|hi");
    stage_ask (stage, BOB, "SAY|6|bob|dev|hi");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|5|{\"seq\":1,*", "feed> *", "1< OK|6|{\"seq\":2,*");
}

static void test_a_log_that_cannot_be_true (void **state)
{
    stage_t *stage = *state;
    store_loader_t loader = core_loader (stage->core);
    store_room_t room = {.id = 1, .name = frame_str ("a b"), .first = 1};
    store_producer_t producer = {.n = 0};
    assert_int_equal (loader.room (loader.arg, &room), ZCHAT_CORRUPT);
    assert_int_equal (loader.producer (loader.arg, &producer), ZCHAT_CORRUPT);
}

static void test_deadlines (void **state)
{
    stage_t *stage = *state;
    assert_int_equal (core_deadline_ms (stage->core), 0);
    stage_wait (stage, 0);
    uint64_t idle = core_deadline_ms (stage->core);
    assert_true (idle > stage->now.mono_ms);
    stage_hello (stage, BOB, "bob");
    stage_hello (stage, ANN, "ann");
    stage_gone (stage, BOB);
    stage_wait (stage, 10);
    stage_gone (stage, ANN);
    assert_int_equal (core_deadline_ms (stage->core),
                      stage->now.mono_ms - 10 + ZCHAT_NAME_GRACE_MS);
    stage_wait (stage, ZCHAT_NAME_GRACE_MS - 10);
    assert_int_equal (core_stats (stage->core).sessions, 1);
    assert_int_equal (core_deadline_ms (stage->core), stage->now.mono_ms + 10);
    stage_wait (stage, 10);
    assert_int_equal (core_stats (stage->core).sessions, 0);
    assert_int_equal (core_deadline_ms (stage->core), idle);
}

/*  --- notes -----------------------------------------------------------------  */

typedef struct {
    char text[512];
} notes_t;

static void on_note (void *arg, const core_note_t *note)
{
    static const char *const names[] = {
        [CORE_NOTE_HELLO] = "hello",    [CORE_NOTE_RESUME] = "resume", [CORE_NOTE_BYE] = "bye",
        [CORE_NOTE_LOST] = "lost",      [CORE_NOTE_JOIN] = "join",     [CORE_NOTE_LEAVE] = "leave",
        [CORE_NOTE_CLAIM] = "claim",    [CORE_NOTE_KEYS] = "keys",     [CORE_NOTE_MODE] = "mode",
        [CORE_NOTE_REFUSED] = "refused"};
    notes_t *notes = ((stage_t *)arg)->arg;
    size_t used = strlen (notes->text);
    snprintf (notes->text + used, sizeof notes->text - used, "%s:%.*s:%.*s:%.*s:%s ",
              names[note->kind], (int)note->user.size, (const char *)note->user.data,
              (int)note->room.size, (const char *)note->room.data,
              note->kind == CORE_NOTE_REFUSED ? 0 : (int)note->text.size,
              (const char *)note->text.data, note->verb ? note->verb : "");
}

static void test_notes (void **state)
{
    stage_t *stage = *state;
    notes_t notes = {""};
    core_destroy (&stage->core);
    core_config_t config = {
        .log_id = store_log_id (stage->store), .heartbeat_ms = 7, .grace_ms = 9};
    core_sink_t sink = {.reply = stage_on_reply,
                        .publish = stage_on_publish,
                        .read = stage_on_read,
                        .random = stage_on_random,
                        .note = on_note,
                        .arg = stage};
    stage->core = core_new (&config, &sink);
    stage->arg = &notes;
    stage_ask (stage, BOB, "HELLO|1|bob|{\"agent\":\"tester\"}");
    stage_expect (stage, "1< OK|1|*\"feeds\":[],\"heartbeat_ms\":7,*");
    stage_ask (stage, BOB, "JOIN|2|bob|lobby");
    stage_ask (stage, BOB, "PART|3|bob|lobby");
    stage_ask (stage, BOB, "JOIN|4|bob|lobby");
    stage_gone (stage, BOB);
    stage_ask (stage, ANN, "WHO|5|bob|lobby");
    stage_ask (stage, ANN, "NONSENSE|6|bob");
    stage_ask (stage, ANN,
               "HELLO|7|bob|{\"session\":\"0101010101010101010101010101010101010101"
               "010101010101010101010101\"}");
    stage_ask (stage, ANN, "BYE|8|bob");
    assert_string_equal (notes.text, "hello:bob::tester: join:bob:lobby:: leave:bob:lobby:part: "
                                     "join:bob:lobby:: lost:bob::: leave:bob:lobby:lost: "
                                     "refused:bob:::WHO refused::::? resume:bob::: bye:bob::: ");
    stage_wait (stage, 9);
    assert_int_equal (core_stats (stage->core).sessions, 0);
}

/*  --- stop ------------------------------------------------------------------  */

static void test_what_is_under_way_is_answered_before_the_end (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "SAY|2|bob|lobby|last");
    core_close (stage->core, stage->now);
    core_close (stage->core, stage->now);
    stage_ask (stage, BOB, "SAY|3|bob|lobby|too late");
    stage_expect (stage, "1< ERR|3|{\"code\":\"closing\",*");
    stage_land (stage);
    assert_false (core_idle (stage->core));
    stage_commit (stage);
    stage_expect (stage, "feed> *|hi|*", "1< OK|1|*", "feed> *|last|*", "1< OK|2|*");
    assert_true (core_idle (stage->core));
}

static void test_a_failing_disk_does_not_hold_up_the_end (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "SAY|2|bob|lobby|last");
    core_close (stage->core, stage->now);
    stage_fail (stage);
    assert_true (core_idle (stage->core));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_core_that_starts_again_is_the_one_it_was),
        TEST (test_a_log_that_cannot_be_true),
        TEST (test_deadlines),
        TEST (test_notes),
        TEST (test_what_is_under_way_is_answered_before_the_end),
        TEST (test_a_failing_disk_does_not_hold_up_the_end),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
