/*  test_presence.c - connections, sessions, users with several of them        */
#include "stage.h"

#include "presence/presence.h"

enum { DESK = 1, PHONE = 2, TAB = 3, ANN = 4 };

static name_keys_t keys_of (const char *name)
{
    name_keys_t keys;
    assert_int_equal (name_check (frame_str (name), &keys, NULL), ZCHAT_OK);
    return keys;
}

/*  --- by itself -------------------------------------------------------------  */

typedef struct {
    presence_t *presence;
    hall_t *hall;
    core_peer_t last;
    int visits;
} here_t;

static int setup_here (void **state)
{
    here_t *here = memory_zero (sizeof *here);
    name_keys_t keys = keys_of ("lobby");
    here->presence = presence_new ();
    here->hall = presence_hall_new (here->presence, 0, frame_str ("lobby"), keys.fold, keys.look);
    here->hall->held = 1; /* so that it stays                                  */
    *state = here;
    return 0;
}

static int teardown_here (void **state)
{
    here_t *here = *state;
    presence_destroy (&here->presence);
    assert_null (here->presence);
    presence_destroy (&here->presence);
    free (here);
    return 0;
}

/*  A session of the name, with a connection of its own.                       */
static session_t *come (here_t *here, const char *name)
{
    name_keys_t keys = keys_of (name);
    peer_t *peer = presence_peer_make (here->presence, ++here->last);
    session_t *session = presence_session_new (here->presence, peer, frame_str (name), &keys, 0);
    assert_non_null (session);
    return session;
}

static void go (here_t *here, session_t *session)
{
    peer_t *peer = session->peer;
    while (session->halls)
        presence_leave (here->presence, session->halls);
    presence_session_end (here->presence, session);
    if (peer)
        presence_peer_release (here->presence, peer);
}

static void test_a_user_is_all_its_sessions (void **state)
{
    here_t *here = *state;
    name_keys_t cop = keys_of ("cop"), cyrillic = keys_of ("сор"), other = keys_of ("ann");
    session_t *first = come (here, "сор"), *second = come (here, "cop"), *ann = come (here, "ann");
    const user_t *user = first->user;
    assert_ptr_equal (second->user, user);
    assert_ptr_not_equal (ann->user, user);
    assert_int_equal (user->n_sessions, 2);
    assert_string_equal (second->name, "сор");
    assert_ptr_equal (presence_user (here->presence, &cop), user);
    assert_ptr_equal (presence_user (here->presence, &cyrillic), user);
    assert_true (presence_user_is (user, &cop) && presence_user_is (user, &cyrillic));
    assert_false (presence_user_is (user, &other));
    /*  the name is there as long as one of them, in any order                 */
    go (here, first);
    assert_ptr_equal (presence_user (here->presence, &cop), second->user);
    assert_string_equal (second->name, "сор");
    go (here, second);
    assert_null (presence_user (here->presence, &cop));
    assert_null (presence_user (here->presence, &cyrillic));
    assert_int_equal (presence_n_sessions (here->presence), 1);
    go (here, ann);
    assert_int_equal (presence_n_peers (here->presence), 0);
}

static void test_first_in_and_last_out (void **state)
{
    here_t *here = *state;
    session_t *sessions[3];
    for (int i = 0; i < 3; i++)
        sessions[i] = come (here, "bob");
    session_t *ann = come (here, "ann");
    assert_true (presence_join (here->presence, sessions[1], here->hall, 0));
    assert_true (presence_join (here->presence, ann, here->hall, 0));
    assert_false (presence_join (here->presence, sessions[0], here->hall, 0));
    assert_false (presence_join (here->presence, sessions[2], here->hall, 0));
    assert_int_equal (here->hall->n_members, 2);
    assert_int_equal (presence_n_members (here->presence), 4);
    /*  each user is led by one                                                */
    int leads = 0;
    for (const member_t *member = here->hall->members; member; member = member->next)
        leads += presence_leads (member);
    assert_int_equal (leads, 2);
    assert_true (presence_leads (presence_member (sessions[0], here->hall)));
    assert_false (presence_leave (here->presence, presence_member (sessions[0], here->hall)));
    assert_null (presence_member (sessions[0], here->hall));
    assert_true (presence_leads (presence_member (sessions[1], here->hall)));
    assert_false (presence_leads (presence_member (sessions[2], here->hall)));
    assert_false (presence_leave (here->presence, presence_member (sessions[1], here->hall)));
    assert_int_equal (here->hall->n_members, 2);
    assert_true (presence_leave (here->presence, presence_member (sessions[2], here->hall)));
    assert_int_equal (here->hall->n_members, 1);
    assert_true (presence_leave (here->presence, presence_member (ann, here->hall)));
    assert_null (here->hall->members);
}

static void visit_end (void *arg, session_t *session)
{
    here_t *here = arg;
    here->visits++;
    go (here, session);
}

static void visit_end_odd (void *arg, session_t *session)
{
    here_t *here = arg;
    if (here->visits++ % 2)
        go (here, session);
}

static void test_each_may_end_what_it_visits (void **state)
{
    here_t *here = *state;
    for (int i = 0; i < 4; i++) {
        presence_join (here->presence, come (here, "bob"), here->hall, 0);
        presence_join (here->presence, come (here, "ann"), here->hall, 0);
        presence_session_lose (here->presence, come (here, "eve"), 100);
    }
    presence_each (here->presence, visit_end_odd, here);
    assert_int_equal (here->visits, 12);
    assert_int_equal (presence_n_sessions (here->presence), 6);
    here->visits = 0;
    presence_each (here->presence, visit_end, here);
    assert_int_equal (here->visits, 6);
    assert_int_equal (presence_n_sessions (here->presence), 0);
    assert_int_equal (presence_n_members (here->presence), 0);
    assert_null (presence_lost (here->presence));
    assert_int_equal (here->hall->n_members, 0);
}

static void test_lost_and_taken_over (void **state)
{
    here_t *here = *state;
    session_t *one = come (here, "bob"), *two = come (here, "bob");
    peer_t *old = one->peer, *new = presence_peer_make (here->presence, 50);
    presence_session_lose (here->presence, one, 100);
    presence_session_lose (here->presence, two, 200);
    assert_null (old->session);
    assert_ptr_equal (presence_lost (here->presence), one);
    presence_session_take (here->presence, one, new);
    assert_ptr_equal (new->session, one);
    assert_ptr_equal (presence_lost (here->presence), two);
    /*  from a connection that stands                                          */
    presence_session_take (here->presence, one, old);
    assert_null (new->session);
    assert_ptr_equal (old->session, one);
    assert_int_equal (one->user->n_sessions, 2);
}

static void test_ids_of_connections_come_back (void **state)
{
    here_t *here = *state;
    peer_t *peer = presence_peer_make (here->presence, 7);
    uint64_t serial = peer->serial;
    assert_ptr_equal (presence_peer_make (here->presence, 7), peer);
    assert_ptr_equal (presence_peer_still (here->presence, 7, serial), peer);
    /*  nothing is forgotten of who owes, reads, or waits                      */
    peer->buckets[QUOTA_READS].used_milli = 1;
    presence_peer_release (here->presence, peer);
    assert_non_null (presence_peer (here->presence, 7));
    peer->buckets[QUOTA_READS].used_milli = 0;
    peer->reads = 1;
    presence_peer_release (here->presence, peer);
    assert_non_null (presence_peer (here->presence, 7));
    peer->reads = 0;
    presence_peer_release (here->presence, peer);
    assert_null (presence_peer (here->presence, 7));
    presence_peer_make (here->presence, 7);
    assert_null (presence_peer_still (here->presence, 7, serial));
}

/*  --- seen from outside -----------------------------------------------------  */

/*  DESK, PHONE and TAB are bob's, ANN is ann's, and the names are claimed.    */
static int setup_stage (void **state)
{
    stage_t *stage = stage_new ();
    for (core_peer_t peer = DESK; peer <= TAB; peer++)
        stage_key (stage, peer, stage_key_text (1));
    stage_key (stage, ANN, stage_key_text (2));
    for (core_peer_t peer = DESK; peer <= ANN; peer++)
        stage_claim (stage, peer, peer == ANN ? "ann" : "bob");
    *state = stage;
    return 0;
}

static int teardown_stage (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void test_devices_are_one_member (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, ANN, "JOIN|1|ann|lobby");
    stage_ask (stage, PHONE, "JOIN|2|bob|lobby");
    stage_ask (stage, DESK, "JOIN|3|bob|lobby");
    stage_ask (stage, TAB, "JOIN|4|bob|lobby");
    stage_ask (stage, TAB, "JOIN|5|bob|lobby");
    stage_expect (stage, "4< OK|1|*\"members\":1,*", "feed> *|ann||*", "2< OK|2|*\"members\":2,*",
                  "feed> room/lobby/|bob||*\"members\":2*", "1< OK|3|*\"members\":2,*",
                  "3< OK|4|*\"members\":2,*", "3< OK|5|*\"members\":2,*");
    stage_ask (stage, 99, "WHO|6||lobby");
    stage_ask (stage, 99, "ROOMS|7|");
    stage_expect (stage, "99< OK|6|{\"room\":\"lobby\",\"members\":2,\"users\":[\"ann\",\"bob\"]}",
                  "99< OK|7|*\"members\":2,*");
    /*  by each way out there is: only the last one is a leave                 */
    stage_ask (stage, DESK, "PART|8|bob|lobby");
    stage_gone (stage, PHONE);
    stage_ask (stage, 99, "WHO|9||lobby");
    stage_expect (stage, "1< OK|8|{}", "99< OK|9|*\"users\":[\"ann\",\"bob\"]}");
    stage_ask (stage, DESK, "PART|10|bob|lobby");
    stage_ask (stage, TAB, "BYE|11|bob");
    stage_expect (stage, "1< ERR|10|{\"code\":\"member\",*", "3< OK|11|{}",
                  "feed> room/lobby/|bob||*\"members\":1,\"reason\":\"bye\"*");
    assert_int_equal (core_stats (stage->core).sessions, 3);
}

static void test_a_kicked_user_leaves_with_all_devices (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, ANN, "SAY|1|ann|dev|mine");
    stage_commit (stage);
    for (core_peer_t peer = DESK; peer <= TAB; peer++)
        stage_askf (stage, peer, "JOIN|2|bob|dev");
    stage_skip (stage);
    stage_ask (stage, ANN, "KICK|3|ann|dev|bob|enough");
    stage_commit (stage);
    stage_expect (stage, "feed> room/dev/|ann|enough|*mode*",
                  "feed> room/dev/|bob||*\"members\":0,\"reason\":\"kick\"*", "4< OK|3|*");
    assert_int_equal (core_stats (stage->core).members, 0);
    stage_ask (stage, 99, "WHO|4||dev");
    stage_expect (stage, "99< OK|4|*\"members\":0,\"users\":[]}");
}

static void test_closing_with_devices (void **state)
{
    stage_t *stage = *state;
    for (core_peer_t peer = DESK; peer <= TAB; peer++)
        stage_askf (stage, peer, "JOIN|1|bob|lobby");
    stage_gone (stage, PHONE);
    stage_skip (stage);
    stage_ask (stage, DESK, "SAY|2|bob|lobby|last words");
    stage_take (stage);
    core_close (stage->core, stage->now);
    stage_ask (stage, TAB, "SAY|3|bob|lobby|too late");
    stage_expect (stage, "3< ERR|3|{\"code\":\"closing\",*");
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|last words|*", "1< OK|2|*",
                  "feed> room/lobby/|bob||*\"members\":0,\"reason\":\"closing\"*");
    assert_true (core_idle (stage->core));
}

/*  A claim that fails while the broker closes ends sessions that have left already.  */
static void test_closing_while_a_claim_fails (void **state)
{
    stage_t *stage = *state;
    stage_key (stage, 9, stage_key_text (9));
    stage_ask (stage, 9, "HELLO|1|eve");
    stage_ask (stage, 9, "JOIN|2|eve|lobby");
    stage_take (stage);
    core_close (stage->core, stage->now);
    stage_fail (stage);
    stage_expect (stage, "9< ERR|1|*storage*", "9< ERR|2|*storage*");
    assert_true (core_idle (stage->core));
    assert_int_equal (core_stats (stage->core).sessions, 4);
}

/*  What is held for a device goes its way when the device is gone.            */
static void test_a_device_goes_while_its_message_is_on_its_way (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, DESK, "JOIN|1|bob|lobby");
    stage_ask (stage, PHONE, "JOIN|1|bob|lobby");
    stage_skip (stage);
    stage_ask (stage, DESK, "SAY|2|bob|lobby|hi");
    stage_take (stage);
    stage_gone (stage, DESK);
    /*  another connection with the same id                                    */
    stage_ask (stage, DESK, "PING|3|bob");
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob|hi|*", "1< OK|3|*\"heads\":{}}");
    stage_wait (stage, 6000);
    assert_int_equal (core_stats (stage->core).sessions, 4);
    stage_gone (stage, DESK);
    stage_gone (stage, PHONE);
    stage_expect (stage, "feed> room/lobby/|bob||*\"reason\":\"lost\"*");
}

#define HERE(name)  cmocka_unit_test_setup_teardown (name, setup_here, teardown_here)
#define STAGE(name) cmocka_unit_test_setup_teardown (name, setup_stage, teardown_stage)

int main (void)
{
    const struct CMUnitTest tests[] = {
        HERE (test_a_user_is_all_its_sessions),
        HERE (test_first_in_and_last_out),
        HERE (test_each_may_end_what_it_visits),
        HERE (test_lost_and_taken_over),
        HERE (test_ids_of_connections_come_back),
        STAGE (test_devices_are_one_member),
        STAGE (test_a_kicked_user_leaves_with_all_devices),
        STAGE (test_closing_with_devices),
        STAGE (test_closing_while_a_claim_fails),
        STAGE (test_a_device_goes_while_its_message_is_on_its_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
