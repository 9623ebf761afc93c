/*  test_markers.c - READ, UNREAD, AWAY: what is told at once, and gets to the disk later  */
#include "ledger_stage.h"
#include "stage_private.h"

/*  bob (2) has said nine words in the hall; ann (1) is there on two devices (1, 5), both in her
    mailbox.                                                                   */
static house_t *readers (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 5, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_do (house, 1, "JOIN|t|ann|@");
    house_do (house, 5, "JOIN|t|ann|@");
    for (int i = 0; i < 9; i++)
        house_do (house, 2, "SAY|t|bob|hall|x");
    return house;
}

static void land_markers (house_t *house, size_t records)
{
    stage_wait (&house->stage, ZCHAT_READINGS_MS);
    assert_int_equal (house_take (house), records);
    if (records)
        house_land (house);
}

static void test_told_at_once_and_stored_later (void **state)
{
    house_t *house = readers ();
    house_told (
        house, 1, "READ|t|ann|hall|4",
        "5< EVENT||room/@/|ann||{\"type\":\"read\",\"time\":1000,\"data\":{\"room\":\"hall\","
        "\"seq\":4}}",
        "1< OK|t|{\"room\":\"hall\",\"head\":9,\"read\":4}");
    house_told (house, 5, "READ|t|ann|hall|6", "1< EVENT||room/@/|ann||*\"seq\":6}}",
                "5< OK|t|*\"read\":6}");
    house_told (house, 5, "READ|t|ann|hall|5", "5< OK|t|*\"read\":6}");
    house_told (house, 5, "JOIN|t|ann|hall", "5< OK|t|*\"role\":\"\",\"read\":6}", "feed> *");
    house_commit (house);
    land_markers (house, 1);
    house_expect_nothing (house);
    stage_wait (&house->stage, 10 * ZCHAT_READINGS_MS);
    assert_int_equal (house_take (house), 0);
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_told (house, 1, "READ|t|ann|hall|1", "1< OK|t|*\"read\":6}");
    house_destroy (house);
}

/*  What is read while an earlier value is on its way waits, and then follows. */
static void test_read_while_on_its_way (void **state)
{
    house_t *house = readers ();
    house_do (house, 1, "READ|t|ann|hall|4");
    stage_wait (&house->stage, ZCHAT_READINGS_MS);
    assert_int_equal (house_take (house), 1);
    house_do (house, 1, "READ|t|ann|hall|7");
    assert_int_equal (house->stage.records[0].marker, 4);
    house_land (house);
    land_markers (house, 1);
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_told (house, 1, "READ|t|ann|hall|1", "1< OK|t|*\"read\":7}");
    house_destroy (house);
}

/*  A commit that fails loses nothing: it is told all the while, and tried again. */
static void test_a_log_that_fails (void **state)
{
    house_t *house = readers ();
    stage_t *stage = &house->stage;
    house_do (house, 1, "READ|t|ann|hall|4");
    for (int i = 0; i < 2; i++) {
        stage_wait (stage, ZCHAT_READINGS_MS);
        house_fail (house);
        stage_skip (stage);
        house_told (house, 1, "READ|t|ann|hall|1", "1< OK|t|*\"read\":4}");
    }
    stage_wait (stage, ZCHAT_READINGS_MS);
    assert_int_equal (house_take (house), 0); /* a probe, which goes well      */
    stage_wait (stage, ZCHAT_READINGS_MS);
    assert_int_equal (house_take (house), 1);
    house_land (house);
    assert_int_equal (core_stats (stage->core).markers, 1);
    house_destroy (house);
}

static void test_closing_writes_them (void **state)
{
    house_t *house = readers ();
    stage_t *stage = &house->stage;
    house_do (house, 2, "SAY|t|bob|yard|x");
    house_do (house, 1, "READ|t|ann|hall|4");
    house_do (house, 1, "READ|t|ann|yard|1");
    assert_true (core_idle (stage->core));
    core_close (stage->core, stage->now);
    assert_false (core_idle (stage->core));
    house_commit (house);
    assert_true (core_idle (stage->core));
    assert_int_equal (core_stats (stage->core).markers, 2);
    house_destroy (house);
}

/*  Nothing of a room is kept whose first word is still on its way: it may never be. */
static void test_a_room_that_is_not_yet (void **state)
{
    house_t *house = readers ();
    house_hello (house, 3, 0, "guy", NULL);
    house_ask (house, 3, "SAY|t|guy|yard|x");
    assert_int_equal (house_take (house), 1);
    house_told (house, 1, "READ|t|ann|yard|1", "1< OK|t|{\"room\":\"yard\",\"head\":0}");
    house_ask (house, 2, "SAY|t|bob|hall|x");
    house_told (house, 1, "READ|t|ann|hall|99", "5< EVENT||*\"seq\":9}}",
                "1< OK|t|*\"head\":9,\"read\":9}");
    house_fail (house);
    stage_skip (&house->stage);
    stage_wait (&house->stage, ZCHAT_READINGS_MS);
    house_commit (house);
    assert_int_equal (core_stats (house->stage.core).markers, 1);
    house_destroy (house);
}

/*  --- ends ------------------------------------------------------------------  */

static stage_t *admins (void)
{
    stage_t *stage = stage_new ();
    stage_admin (stage, stage_key_text (9));
    stage_restart (stage);
    stage_key (stage, 1, stage_key_text (1));
    stage_key (stage, 9, stage_key_text (9));
    stage_claim (stage, 1, "ann");
    stage_claim (stage, 9, "chief");
    stage_ask (stage, 9, "SAY|t|chief|hall|x");
    stage_ask (stage, 9, "SAY|t|chief|yard|x");
    stage_commit (stage);
    stage_skip (stage);
    return stage;
}

static void test_they_end_with_the_room (void **state)
{
    stage_t *stage = admins ();
    (void)state;
    stage_ask (stage, 1, "READ|t|ann|hall|1");
    stage_ask (stage, 1, "READ|t|ann|yard|1");
    stage_wait (stage, ZCHAT_READINGS_MS);
    stage_commit (stage);
    assert_int_equal (core_stats (stage->core).markers, 2);
    stage_ask (stage, 9, "PURGE|t|chief|{\"what\":\"rooms\",\"match\":\"hall\"}");
    stage_commit (stage);
    assert_int_equal (core_stats (stage->core).markers, 1);
    /*  One that still waits has nowhere to go.                                */
    stage_ask (stage, 9, "SAY|t|chief|yard|y");
    stage_commit (stage);
    stage_ask (stage, 1, "READ|t|ann|yard|2");
    stage_ask (stage, 9, "PURGE|t|chief|{\"what\":\"rooms\",\"match\":\"yard\"}");
    stage_commit (stage);
    stage_skip (stage);
    stage_wait (stage, ZCHAT_READINGS_MS);
    assert_int_equal (stage_take (stage), 0);
    assert_int_equal (core_stats (stage->core).markers, 0);
    stage_ask (stage, 1, "UNREAD|t|ann");
    stage_expect (stage, "read> *");
    stage_read (stage);
    stage_expect (stage, "1< OK|t|{\"rooms\":[]}");
    stage_destroy (stage);
}

static void test_they_end_with_the_owner (void **state)
{
    stage_t *stage = admins ();
    (void)state;
    stage_ask (stage, 1, "READ|t|ann|hall|1");
    stage_wait (stage, ZCHAT_READINGS_MS);
    stage_commit (stage);
    stage_ask (stage, 9, "SAY|t|chief|hall|@ann");
    stage_commit (stage);
    stage_ask (stage, 1, "READ|t|ann|yard|1");
    stage_skip (stage);
    stage_ask (stage, 1, "KEY|t|ann|{\"free\":true}");
    stage_commit (stage);
    assert_int_equal (core_stats (stage->core).markers, 0);
    stage_wait (stage, ZCHAT_READINGS_MS);
    assert_int_equal (stage_take (stage), 0);
    stage_restart (stage);
    assert_int_equal (core_stats (stage->core).markers, 0);
    stage_destroy (stage);
}

/*  --- bounds ----------------------------------------------------------------  */

static void read_all (stage_t *stage, const char *user, core_peer_t peer, unsigned from,
                      unsigned to)
{
    for (unsigned room = from; room < to; room++)
        stage_askf (stage, peer, "READ|t|%s|r%u|1", user, room);
    for (int i = 0; i < 3; i++) {
        stage_wait (stage, ZCHAT_READINGS_MS);
        stage_commit (stage);
    }
    stage_skip (stage);
}

static bool knows (stage_t *stage, core_peer_t peer, const char *user, unsigned room)
{
    char *line = NULL;
    stage_askf (stage, peer, "READ|t|%s|r%u|0", user, room);
    assert_int_equal (stage->n_lines, 1);
    line = stage->lines[0];
    bool known = strstr (line, "\"read\"") != NULL;
    stage_skip (stage);
    return known;
}

/*  The room that was not touched for longest yields.                          */
static void test_a_thousand_rooms (void **state)
{
    stage_t *stage = admins ();
    (void)state;
    stage->quiet = true;
    for (unsigned room = 0; room < ZCHAT_MARKERS_MAX + 3; room++)
        stage_askf (stage, 9, "SAY|t|chief|r%u|x", room);
    for (unsigned room = 0; room < 2; room++)
        stage_askf (stage, 9, "SAY|t|chief|r%u|y", room);
    stage_commit (stage);
    read_all (stage, "ann", 1, 0, ZCHAT_MARKERS_MAX);
    assert_int_equal (core_stats (stage->core).markers, ZCHAT_MARKERS_MAX);
    stage_ask (stage, 1, "READ|t|ann|r0|2");
    read_all (stage, "ann", 1, ZCHAT_MARKERS_MAX, ZCHAT_MARKERS_MAX + 2);
    assert_int_equal (core_stats (stage->core).markers, ZCHAT_MARKERS_MAX);
    stage->quiet = false;
    assert_true (knows (stage, 1, "ann", 0));
    assert_false (knows (stage, 1, "ann", 1));
    assert_false (knows (stage, 1, "ann", 2));
    assert_true (knows (stage, 1, "ann", 3));
    assert_true (knows (stage, 1, "ann", ZCHAT_MARKERS_MAX + 1));
    stage_wait (stage, 10 * ZCHAT_READINGS_MS);
    assert_int_equal (stage_take (stage), 0);
    stage_restart (stage);
    assert_int_equal (core_stats (stage->core).markers, ZCHAT_MARKERS_MAX);
    stage_destroy (stage);
}

/*  Where all have too many, who has most loses their oldest.                  */
static void test_too_many_of_all (void **state)
{
    stage_t *stage = admins ();
    (void)state;
    for (unsigned room = 0; room < 10; room++)
        stage_askf (stage, 9, "SAY|t|chief|r%u|x", room);
    stage_commit (stage);
    stage->markers = 6;
    stage_restart (stage);
    stage_skip (stage);
    stage_claim (stage, 1, "ann");
    stage_claim (stage, 9, "chief");
    read_all (stage, "ann", 1, 0, 6);
    read_all (stage, "chief", 9, 0, 2);
    assert_int_equal (core_stats (stage->core).markers, 6);
    assert_false (knows (stage, 1, "ann", 0));
    assert_false (knows (stage, 1, "ann", 1));
    assert_true (knows (stage, 1, "ann", 2));
    assert_true (knows (stage, 9, "chief", 0) && knows (stage, 9, "chief", 1));
    stage_destroy (stage);
}

/*  --- UNREAD ----------------------------------------------------------------  */

static void test_unread (void **state)
{
    house_t *house = readers ();
    stage_t *stage = &house->stage;
    house_do (house, 2, "SAY|t|bob|hall|@ann");
    house_do (house, 2, "SAY|t|bob|yard|@ann");
    house_do (house, 1, "READ|t|ann|hall|4");
    house_ask (house, 1, "UNREAD|t|ann");
    house_expect (house, "read> *");
    assert_int_equal (stage->queries[0].mentions_of, 1);
    /*  What is read meanwhile counts.                                         */
    house_do (house, 1, "READ|t|ann|hall|10");
    stage_read (stage);
    house_expect (house,
                  "1< OK|t|{\"rooms\":[{\"room\":\"hall\",\"read\":10,\"head\":10,\"first\":1,"
                  "\"mentions\":0},{\"room\":\"yard\",\"head\":1,\"first\":1,\"mentions\":1}]}");
    house_ask (house, 1, "READ|t|ann|yard");
    house_expect (house, "read> *");
    stage_read (stage);
    house_expect (house, "1< OK|t|{\"room\":\"yard\",\"head\":1,\"mentions\":1}");
    house_ask (house, 1, "READ|t|ann|yard");
    stage_skip (stage);
    stage_read_done (stage, ZCHAT_STORAGE);
    house_expect (house, "1< ERR|t|{\"code\":\"storage\"*");
    house_destroy (house);
}

/*  A mention whose message is not told yet does not count.                    */
static void test_a_mention_that_is_not_told (void **state)
{
    house_t *house = readers ();
    stage_t *stage = &house->stage;
    house_ask (house, 2, "SAY|t|bob|hall|@ann");
    assert_int_equal (house_take (house), 2);
    for (size_t i = 0; i < stage->n_records; i++)
        house_record (house, &stage->records[i]);
    assert_int_equal (store_append (stage->store, stage->records, stage->n_records), ZCHAT_OK);
    stage->n_records = 0;
    house_ask (house, 1, "READ|t|ann|hall");
    stage_skip (stage);
    stage_read (stage);
    house_expect (house, "1< OK|t|{\"room\":\"hall\",\"head\":9,\"mentions\":0}");
    core_committed (stage->core, ZCHAT_OK, stage->now);
    stage_skip (stage);
    house_destroy (house);
}

static void test_who_is_gone_gets_no_answer (void **state)
{
    house_t *house = readers ();
    stage_t *stage = &house->stage;
    house_ask (house, 1, "UNREAD|t|ann");
    house_gone (house, 1);
    stage_skip (stage);
    stage_read (stage);
    house_expect_nothing (house);
    /*  The session may end while the page is on its way.                      */
    house_ask (house, 5, "UNREAD|u|ann");
    house_ask (house, 5, "KEY|k|ann|{\"free\":true}");
    house_commit (house);
    stage_skip (stage);
    stage_read (stage);
    house_expect (house, "5< ERR|u|{\"code\":\"hello\"*");
    house_destroy (house);
}

/*  --- AWAY ------------------------------------------------------------------  */

/*  What was said before one went away does not bring one back.                */
static void test_away_and_words_on_their_way (void **state)
{
    house_t *house = readers ();
    house_do (house, 1, "JOIN|t|ann|hall");
    house_ask (house, 1, "SAY|t|ann|hall|x");
    assert_int_equal (house_take (house), 1);
    house_ask (house, 1, "SAY|t|ann|hall|y");
    house_told (house, 1, "AWAY|t|ann|tea", "1< OK|t|{}");
    house_land (house);
    house_commit (house);
    stage_skip (&house->stage);
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"away\":{\"ann\":\"tea\"}}");
    /*  Nor does one that is not stored.                                       */
    house_ask (house, 1, "SAY|t|ann|hall|z");
    house_fail (house);
    stage_skip (&house->stage);
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"away\":{\"ann\":\"tea\"}}");
    house_ask (house, 1, "SAY|t|ann|hall|z");
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"away\":{\"ann\":\"tea\"}}");
    house_commit (house);
    stage_skip (&house->stage);
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"users\":[\"ann\"]}");
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_told_at_once_and_stored_later),
        cmocka_unit_test (test_read_while_on_its_way),
        cmocka_unit_test (test_a_log_that_fails),
        cmocka_unit_test (test_closing_writes_them),
        cmocka_unit_test (test_a_room_that_is_not_yet),
        cmocka_unit_test (test_they_end_with_the_room),
        cmocka_unit_test (test_they_end_with_the_owner),
        cmocka_unit_test (test_a_thousand_rooms),
        cmocka_unit_test (test_too_many_of_all),
        cmocka_unit_test (test_unread),
        cmocka_unit_test (test_a_mention_that_is_not_told),
        cmocka_unit_test (test_who_is_gone_gets_no_answer),
        cmocka_unit_test (test_away_and_words_on_their_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
