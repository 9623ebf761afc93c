/*  test_tell.c - direct messages: two mailboxes, whose they are, and once each  */
#include "stage_private.h"

#define PRODUCER "\"producer\":\"00000000000000000000000000000007\""

/*  ann (1) and bob (2), both proven, in their mailboxes.                      */
static house_t *two (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_do (house, 1, "JOIN|t|ann|@");
    house_do (house, 2, "JOIN|t|bob|@");
    return house;
}

static void history (house_t *house, core_peer_t peer, const char *user)
{
    house_askf (house, peer, "HISTORY|t|%s|@", user);
    stage_skip (&house->stage);
    stage_read (&house->stage);
}

static void test_it_stands_in_two_mailboxes (void **state)
{
    house_t *house = two ();
    house_ask (house, 1, "TELL|t|ann|BOB|hi|{\"data\":{\"a\":[1]}}");
    house_expect_nothing (house);
    assert_int_equal (house_take (house), 2);
    house_land (house);
    house_expect (
        house,
        "1< EVENT||room/@/|bob|hi|{\"type\":\"told\",\"seq\":1,\"time\":1000,\"data\":{\"a\":[1]}}",
        "1< OK|t|{\"seq\":1,\"time\":1000}",
        "2< "
        "EVENT||room/@/|ann|hi|{\"type\":\"tell\",\"seq\":1,\"time\":1000,\"data\":{\"a\":[1]}}");
    house_done (house, 2, "TELL|t|bob|ann|so so", "2< EVENT||room/@/|ann|so so|*\"told\"*",
                "2< OK|t|{\"seq\":2,*", "1< EVENT||room/@/|bob|so so|*\"tell\",\"seq\":2*");
    house_told (house, 1, "PING|t|ann", "1< OK|t|*\"heads\":{\"@\":2}}");
    history (house, 2, "bob");
    house_expect (house, "2< EVENT|t|room/@/|ann|hi|*\"tell\"*", "2< EVENT|t|room/@/|ann|so so|*",
                  "2< OK|t|{\"room\":\"@\",\"more\":false,\"first\":1,\"head\":2}");
    /*  Nothing of it is a room to anybody.                                    */
    house_told (house, 1, "ROOMS|t|ann", "1< OK|t|{\"rooms\":[],\"more\":*");
    house_destroy (house);
}

/*  A reply names what it answers by its time, which is one in both mailboxes, also where one of
   them is ahead of a clock that went back.                                        */
static void test_both_have_one_time (void **state)
{
    house_t *house = two ();
    house->stage.now.wall_ms = 5000;
    house_done (house, 2, "TELL|t|bob|bob|a note", "2< EVENT||room/@/|bob|*", "2< OK|t|*5000}");
    house->stage.now.wall_ms = 2000;
    house_done (house, 1, "TELL|t|ann|bob|hi|{\"re\":5000}",
                "1< EVENT||room/@/|bob|hi|*\"time\":5000,\"data\":{\"zchat\":{\"re\":5000}}}",
                "1< OK|t|*5000}",
                "2< EVENT||room/@/|ann|hi|*\"time\":5000,\"data\":{\"zchat\":{\"re\":5000}}}");
    house_destroy (house);
}

/*  Whom a person refuses neither writes to them nor invites them; others do.   */
static void test_somebody_is_refused (void **state)
{
    house_t *house = two ();
    house_done (house, 2, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"ann\"}",
                "2< EVENT||room/@/|bob||{\"type\":\"mode\",\"seq\":1*", "2< OK|t|{\"seq\":1,*");
    house_done (house, 1, "TELL|t|ann|bob|hi", "1< ERR|t|{\"code\":\"banned\"*");
    house_done (house, 1, "TELL|t|ann|ann|a note", "1< EVENT||room/@/|ann|*", "1< OK|t|*");
    house_told (house, 2, "MODE|t|bob|@", "2< OK|t|{\"room\":\"@\",*\"user\":\"ann\"*");
    house_done (house, 2, "MODE|t|bob|@|{\"set\":\"unban\",\"user\":\"ann\"}",
                "2< EVENT||room/@/|bob||*", "2< OK|t|{\"seq\":2,*");
    house_done (house, 1, "TELL|t|ann|bob|hi", "1< EVENT||room/@/|bob|hi|*", "1< OK|t|*",
                "2< EVENT||room/@/|ann|hi|*");
    house_destroy (house);
}

static void test_what_is_refused (void **state)
{
    house_t *house = two ();
    house_hello (house, 3, 0, "guy", NULL);
    house_done (house, 1, "TELL|t|ann|none|x", "1< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 1, "TELL|t|ann|no name|x", "1< ERR|t|{\"code\":\"name\"*");
    house_done (house, 1, "TELL|t|ann|@|x", "1< ERR|t|{\"code\":\"name\"*");
    house_done (house, 1, "TELL|t|ann|bob|", "1< ERR|t|{\"code\":\"malformed\"*");
    house_done (house, 1, "TELL|t|ann|bob|\xff", "1< ERR|t|{\"code\":\"malformed\"*");
    house_done (house, 1, "TELL|t|ann|bob|x|{\"type\":\"action\"}",
                "1< ERR|t|{\"code\":\"malformed\"*");
    house_done (house, 1, "TELL|t|ann|bob|x|{\"n\":1,\"producer\":\"x\"}",
                "1< ERR|t|{\"code\":\"malformed\"*");
    house_told (house, 4, "TELL|t||bob|x", "4< ERR|t|{\"code\":\"guest\"*");
    house_told (house, 4, "TELL|t|new|bob|x", "4< ERR|t|{\"code\":\"hello\"*");
    house_told (house, 4, "JOIN|t||@", "4< ERR|t|{\"code\":\"guest\"*");
    house_told (house, 4, "HISTORY|t||@", "4< ERR|t|{\"code\":\"guest\"*");
    /*  The mailbox is a room to JOIN, PART, HISTORY, PING and MODE, no more.  */
    static const char *const verbs[] = {
        "SAY|t|ann|@|x",      "WHO|t|ann|@",      "TOPIC|t|ann|@",
        "TOPIC|t|ann|@|x",    "KICK|t|ann|@|bob", "REMOVE|t|ann|@|1",
        "INVITE|t|ann|@|bob", "JOIN|t|ann|@2",    "HISTORY|t|ann|@2"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        house_done (house, 1, verbs[i], "1< ERR|t|{\"code\":\"name\"*");
    assert_int_equal (core_counters (house->stage.core)->events, 0);
    house_destroy (house);
}

static void test_to_oneself (void **state)
{
    house_t *house = two ();
    house_ask (house, 1, "TELL|t|ann|Ann|note");
    assert_int_equal (house_take (house), 1);
    house_land (house);
    house_expect (house, "1< EVENT||room/@/|ann|note|{\"type\":\"tell\",\"seq\":1*",
                  "1< OK|t|{\"seq\":1,*");
    house_destroy (house);
}

static void test_to_who_is_away (void **state)
{
    house_t *house = two ();
    house_gone (house, 2);
    stage_wait (&house->stage, ZCHAT_NAME_GRACE_MS);
    stage_skip (&house->stage);
    house_done (house, 1, "TELL|t|ann|bob|later", "1< EVENT||*", "1< OK|t|*");
    house_restart (house);
    house_hello (house, 2, 2, "bob", NULL);
    house_told (house, 2, "JOIN|t|bob|@",
                "2< OK|t|{\"room\":\"@\",\"head\":1,\"first\":1,*\"private\":true,\"role\":\"\"}");
    history (house, 2, "bob");
    house_expect (house, "2< EVENT|t|room/@/|ann|later|*\"tell\"*", "2< OK|t|*\"head\":1}");
    house_hello (house, 1, 1, "ann", NULL);
    history (house, 1, "ann");
    house_expect (house, "1< EVENT|t|room/@/|bob|later|*\"told\"*", "1< OK|t|*\"head\":1}");
    house_destroy (house);
}

/*  --- exactly once ----------------------------------------------------------  */

static void test_one_count_for_both_verbs (void **state)
{
    house_t *house = two ();
    house_ask (house, 1, "SAY|a|ann|hall|1|{" PRODUCER ",\"n\":1}");
    house_ask (house, 1, "TELL|b|ann|bob|2|{" PRODUCER ",\"n\":2}");
    house_ask (house, 1, "TELL|c|ann|bob|2|{" PRODUCER ",\"n\":2}");
    house_ask (house, 1, "TELL|d|ann|bob|4|{" PRODUCER ",\"n\":4}");
    house_ask (house, 1, "SAY|e|ann|hall|3|{" PRODUCER ",\"n\":3}");
    house_commit (house);
    house_expect (house, "feed> room/hall/|ann|1|*", "1< OK|a|*", "1< EVENT||room/@/|bob|2|*",
                  "1< OK|b|*", "2< EVENT||room/@/|ann|2|*", "1< OK|c|{\"duplicate\":true}",
                  "1< ERR|d|{\"code\":\"gap\",*\"expected\":3}", "feed> room/hall/|ann|3|*",
                  "1< OK|e|*");
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_done (house, 1, "TELL|t|ann|bob|2|{" PRODUCER ",\"n\":2}",
                "1< OK|t|{\"duplicate\":true}");
    house_done (house, 1, "TELL|t|ann|bob|5|{" PRODUCER ",\"n\":5}",
                "1< ERR|t|{\"code\":\"gap\",*\"expected\":4}");
    house_destroy (house);
}

static void test_a_failed_commit_stores_neither (void **state)
{
    house_t *house = two ();
    house_ask (house, 1, "TELL|a|ann|bob|x|{" PRODUCER ",\"n\":1}");
    house_ask (house, 1, "TELL|b|ann|bob|x|{" PRODUCER ",\"n\":1}");
    house_fail (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*", "1< ERR|b|{\"code\":\"storage\"*");
    house_done (house, 1, "TELL|a|ann|bob|x|{" PRODUCER ",\"n\":1}",
                "1< EVENT||room/@/|bob|x|*\"seq\":1*", "1< OK|a|{\"seq\":1,*",
                "2< EVENT||room/@/|ann|x|*\"seq\":1*");
    house_destroy (house);
}

/*  What was stored is never refused, whatever became possible or impossible since. */
static void test_a_duplicate_is_one_whatever_has_changed (void **state)
{
    house_t *house = two ();
    house_hello (house, 3, 0, "guy", NULL);
    house_do (house, 1, "TELL|t|ann|guy|x|{" PRODUCER ",\"n\":1}");
    house_ask (house, 3, "BYE|t|guy");
    stage_skip (&house->stage);
    house_done (house, 1, "TELL|t|ann|guy|y|{" PRODUCER ",\"n\":2}",
                "1< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 1, "TELL|t|ann|guy|x|{" PRODUCER ",\"n\":1}",
                "1< OK|t|{\"duplicate\":true}");
    house_do (house, 2, "SAY|t|bob|hall|x");
    house_do (house, 1, "SAY|t|ann|hall|x|{" PRODUCER ",\"n\":2}");
    house_do (house, 2, "MODE|t|bob|hall|{\"set\":\"ban\",\"user\":\"ann\"}");
    house_done (house, 1, "SAY|t|ann|hall|x|{" PRODUCER ",\"n\":2}",
                "1< OK|t|{\"duplicate\":true}");
    house_done (house, 1, "SAY|t|ann|hall|x|{" PRODUCER ",\"n\":3}",
                "1< ERR|t|{\"code\":\"banned\"*");
    house_done (house, 1, "SAY|t|ann|lobby|x|{" PRODUCER ",\"n\":3}", "feed> *", "1< OK|t|*");
    house_destroy (house);
}

/*  Both records in one commit, wherever the batch would end.                  */
static void test_both_are_one_commit (void **state)
{
    for (int before = ZCHAT_BATCH_MAX - 2; before <= ZCHAT_BATCH_MAX; before++) {
        house_t *house = two ();
        for (int i = 0; i < before; i++)
            house_ask (house, 2, "SAY|s|bob|hall|x");
        house_ask (house, 1, "TELL|t|ann|bob|x");
        assert_int_equal (house_take (house), before == ZCHAT_BATCH_MAX ? before : before + 2);
        house->stage.quiet = true;
        house_land (house);
        house_commit (house);
        house->stage.quiet = false;
        house_told (house, 2, "PING|t|bob", "2< OK|t|*\"@\":1}}");
        house_destroy (house);
    }
}

/*  --- whose it is -----------------------------------------------------------  */

static void test_names_without_proof (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 0, "guy", NULL);
    house_hello (house, 2, 0, "gal", NULL);
    house_told (house, 2, "JOIN|t|gal|@", "2< OK|t|*\"head\":0*");
    house_done (house, 1, "TELL|t|guy|gal|hi", "1< OK|t|{\"seq\":1,*",
                "2< EVENT||room/@/|guy|hi|*\"tell\",\"seq\":1*");
    house_told (house, 1, "JOIN|t|guy|@", "1< OK|t|*\"head\":1*");
    /*  Kept a moment for its owner: still somebody's.                         */
    house_gone (house, 2);
    house_done (house, 1, "TELL|t|guy|gal|there?", "1< EVENT||*", "1< OK|t|*");
    stage_wait (&house->stage, ZCHAT_NAME_GRACE_MS);
    house_done (house, 1, "TELL|t|guy|gal|hello?", "1< ERR|t|{\"code\":\"nobody\"*");
    /*  It belongs to whoever holds the name.                                  */
    house_hello (house, 3, 0, "gal", NULL);
    history (house, 3, "gal");
    house_expect (house, "3< EVENT|t|room/@/|guy|hi|*", "3< EVENT|t|room/@/|guy|there?|*",
                  "3< OK|t|*\"head\":2}");
    house_destroy (house);
}

/*  Who proves a name has a mailbox of their own, and who held it loses theirs. */
static void test_a_proven_name_starts_anew (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 0, "guy", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_told (house, 1, "JOIN|t|guy|@", "1< OK|t|*");
    house_do (house, 2, "TELL|t|bob|guy|for the first");
    stage_skip (&house->stage);
    stage_gone (&house->stage, 1);
    stage_wait (&house->stage, ZCHAT_NAME_GRACE_MS);
    house_blind (house, 1);
    house_hello (house, 3, 3, "guy", NULL);
    house_told (house, 3, "JOIN|t|guy|@", "3< OK|t|*\"head\":0*");
    house_told (house, 3, "HISTORY|t|guy|@", "3< OK|t|{\"room\":\"@\",\"more\":false,*\"head\":0}");
    house_done (house, 2, "TELL|t|bob|guy|for the second", "2< OK|t|*",
                "3< EVENT||room/@/|bob|for the second|*\"seq\":1*");
    house_ask (house, 1, "HISTORY|t|guy|@");
    house_expect (house, "1< ERR|t|{\"code\":\"taken\"*");
    house_destroy (house);
}

/*  --- who is sent it --------------------------------------------------------  */

static void test_every_session_in_its_form (void **state)
{
    house_t *house = two ();
    house_hello (house, 4, 2, "bob", "pack");
    house_told (house, 4, "JOIN|t|bob|@", "4< OK|t|*");
    house_hello (house, 5, 2, "bob", NULL); /* did not join */
    house_hello (house, 6, 2, "bob", NULL);
    house_ask (house, 6, "|HELLO|h|bob|{\"form\":\"pack\"}");
    house->packs[6] = true;
    house_ask (house, 6, "|JOIN|t|bob|@");
    stage_skip (&house->stage);
    house_ask (house, 1, "TELL|a|ann|bob|x");
    house_ask (house, 1, "TELL|b|ann|bob|y");
    house_commit (house);
    house_expect (house, "1< EVENT||room/@/|bob|x|*", "1< OK|a|*", "2< EVENT||room/@/|ann|x|*",
                  "1< EVENT||room/@/|bob|y|*", "1< OK|b|*", "2< EVENT||room/@/|ann|y|*",
                  "4< EVENT||pack/@/ room/@/|ann|x|* room/@/|ann|y|*",
                  "6< |EVENT||pack/@/ room/@/|ann|x|* room/@/|ann|y|*");
    house_told (house, 2, "PART|t|bob|@", "2< OK|t|{}");
    house_told (house, 2, "PART|t|bob|@", "2< ERR|t|{\"code\":\"member\"*");
    house_blind (house, 2);
    house_done (house, 1, "TELL|t|ann|bob|z", "1< EVENT||*", "1< OK|t|*", "4< EVENT||pack/@/*",
                "6< |EVENT||pack/@/*");
    house_destroy (house);
}

static void test_who_owes_too_much_is_skipped (void **state)
{
    house_t *house = two ();
    house->lossy = true;
    char *body = memory_new (ZCHAT_BODY_MAX);
    memset (body, 'x', ZCHAT_BODY_MAX);
    frame_t frames[] = {frame_str ("TELL"), frame_str ("t"), frame_str ("ann"), frame_str ("bob"),
                        frame_of (body, ZCHAT_BODY_MAX)};
    house->stage.quiet = true;
    house_ask (house, 2, "TELL|t|bob|ann|hi");
    house_commit (house);
    for (int i = 0; i < 2 * ZCHAT_PEER_DEBT_MAX / ZCHAT_BODY_MAX; i++) {
        house_request (house, 1, frames, 5);
        house_commit (house);
    }
    house->stage.quiet = false;
    const house_view_t *view = house_view (house, 2, frame_str ("@"));
    char pattern[64];
    snprintf (pattern, sizeof pattern, "2< OK|t|*\"@\":%d}}",
              2 * ZCHAT_PEER_DEBT_MAX / ZCHAT_BODY_MAX + 1);
    house_told (house, 2, "PING|t|bob", pattern);
    assert_true (view->seen < 2 * ZCHAT_PEER_DEBT_MAX / ZCHAT_BODY_MAX);
    free (body);
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_it_stands_in_two_mailboxes),
        cmocka_unit_test (test_both_have_one_time),
        cmocka_unit_test (test_somebody_is_refused),
        cmocka_unit_test (test_what_is_refused),
        cmocka_unit_test (test_to_oneself),
        cmocka_unit_test (test_to_who_is_away),
        cmocka_unit_test (test_one_count_for_both_verbs),
        cmocka_unit_test (test_a_failed_commit_stores_neither),
        cmocka_unit_test (test_a_duplicate_is_one_whatever_has_changed),
        cmocka_unit_test (test_both_are_one_commit),
        cmocka_unit_test (test_names_without_proof),
        cmocka_unit_test (test_a_proven_name_starts_anew),
        cmocka_unit_test (test_every_session_in_its_form),
        cmocka_unit_test (test_who_owes_too_much_is_skipped),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
