/*  test_yields.c - tables of rooms and mailboxes that nobody can fill for others, and rooms that
 * end */
#include "stage.h"

enum { BOB = 1, EVE = 2, ANN = 3, MAL = 4, MOST = 6, HOUR_MS = 3600000 };
#define DAY_MS (24 * (uint64_t)HOUR_MS)

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage->rooms_max = stage->mailboxes = MOST;
    stage_restart (stage);
    stage_place (stage, BOB, "192.0.2.1");
    stage_place (stage, EVE, "192.0.2.2");
    stage_place (stage, ANN, "192.0.2.3");
    stage_place (stage, MAL, "192.0.2.4");
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Ask, and commit what comes of it, without looking.                         */
static void done (stage_t *stage, core_peer_t peer, const char *text)
{
    stage->quiet = true;
    stage_ask (stage, peer, text);
    stage_commit (stage);
    stage->quiet = false;
}

static void said (stage_t *stage, core_peer_t peer, const char *user, const char *room)
{
    char text[96];
    stage->now.wall_ms++;
    snprintf (text, sizeof text, "SAY|t|%s|%s|x", user, room);
    done (stage, peer, text);
}

static void flood (stage_t *stage, core_peer_t peer, const char *user, int count)
{
    char room[16];
    for (int i = 0; i < count; i++) {
        snprintf (room, sizeof room, "r%d", i);
        said (stage, peer, user, room);
    }
}

static void rooms_are (stage_t *stage, const char *list)
{
    char want[256];
    snprintf (want, sizeof want, "3< OK|q|{\"rooms\":[%s],*", list);
    stage_ask (stage, ANN, "ROOMS|q|ann");
    stage_expect (stage, want);
}

/*  A newcomer takes the place of the oldest of who has most, also after a restart. */
static void test_a_flood_of_rooms (void **state)
{
    stage_t *stage = *state;
    said (stage, BOB, "bob", "mine");
    flood (stage, EVE, "eve", 20);
    assert_int_equal (core_stats (stage->core).rooms, MOST);
    stage_restart (stage);
    said (stage, ANN, "ann", "new0");
    said (stage, ANN, "ann", "new1");
    assert_int_equal (core_stats (stage->core).rooms, MOST);
    rooms_are (stage,
               "{\"room\":\"mine\",*{\"room\":\"r17\",*{\"room\":\"r18\",*{\"room\":\"r19\",*"
               "{\"room\":\"new0\",*{\"room\":\"new1\",*}");
}

/*  Names cost nothing: who makes them up has what their address has.          */
static void test_a_flood_by_throwaway_names (void **state)
{
    stage_t *stage = *state;
    said (stage, BOB, "bob", "mine");
    said (stage, BOB, "bob", "mine2");
    for (int i = 0; i < 20; i++) {
        char user[16], room[16];
        snprintf (user, sizeof user, "eve%d", i);
        snprintf (room, sizeof room, "r%d", i);
        stage_place (stage, 20 + (core_peer_t)i, "192.0.2.2");
        said (stage, 20 + (core_peer_t)i, user, room);
    }
    said (stage, ANN, "ann", "new");
    rooms_are (stage, "{\"room\":\"mine\",*{\"room\":\"mine2\",*{\"room\":\"new\",*}");
}

/*  Two who speak in each other's rooms hold them no better.                   */
static void test_a_flood_by_two (void **state)
{
    stage_t *stage = *state;
    said (stage, BOB, "bob", "mine");
    for (int i = 0; i < 10; i++) {
        char room[16];
        snprintf (room, sizeof room, "r%d", i);
        said (stage, EVE, "eve", room);
        said (stage, MAL, "mal", room);
    }
    said (stage, ANN, "ann", "new");
    said (stage, ANN, "ann", "new2");
    rooms_are (stage, "{\"room\":\"mine\",*{\"room\":\"new\",*{\"room\":\"new2\",*}");
}

/*  Where nobody has more than one, the table is full.                         */
static void test_a_fair_table_is_full (void **state)
{
    stage_t *stage = *state;
    char text[32];
    for (int i = 0; i < MOST; i++) {
        snprintf (text, sizeof text, "192.0.3.%d", i);
        stage_place (stage, 20 + (core_peer_t)i, text);
        snprintf (text, sizeof text, "r%d", i);
        said (stage, 20 + (core_peer_t)i, text, text);
    }
    stage_ask (stage, BOB, "SAY|2|bob|more|hi");
    stage_expect (stage, "1< ERR|2|*\"limit\":10000,\"what\":\"rooms\"}");
    done (stage, BOB, "HELLO|h|bob");
    /*  Who is only there stores nothing.                                      */
    stage_ask (stage, BOB, "JOIN|3|bob|more");
    stage_expect (stage, "1< OK|3|*", "feed> *join*");
}

/*  What others have used goes after all that they have not; others' never goes. */
static void test_what_others_used_stays (void **state)
{
    stage_t *stage = *state;
    said (stage, EVE, "eve", "shared");
    done (stage, BOB, "HELLO|h|bob");
    done (stage, BOB, "JOIN|t|bob|shared");
    said (stage, EVE, "eve", "shared"); /* it is on the disk from now on that he was there */
    done (stage, BOB, "BYE|b|bob");
    stage_restart (stage);
    flood (stage, EVE, "eve", 20);
    said (stage, ANN, "ann", "new");
    rooms_are (stage, "{\"room\":\"shared\",*{\"room\":\"new\",*}");
}

/*  Rooms that somebody holds by being in them, where nothing was said, give way too. */
static void test_a_flood_of_joins (void **state)
{
    stage_t *stage = *state;
    char text[32];
    done (stage, BOB, "HELLO|h|bob");
    done (stage, EVE, "HELLO|h|eve");
    for (int i = 0; i < MOST; i++) {
        snprintf (text, sizeof text, "JOIN|t|eve|r%d", i);
        done (stage, EVE, text);
    }
    stage_ask (stage, BOB, "JOIN|t|bob|mine");
    stage_expect (stage, "1< OK|t|{\"room\":\"mine\",*",
                  "feed> room/r0/|eve||{\"type\":\"leave\",*\"reason\":\"close\"*",
                  "feed> room/mine/|bob||{\"type\":\"join\"*");
    assert_int_equal (core_stats (stage->core).rooms, MOST);
}

/*  A later room of the name begins behind all that the first had: its seqs are not taken for those,
    and who knew the last is told that something is gone.                      */
static void test_a_name_that_comes_back (void **state)
{
    stage_t *stage = *state;
    flood (stage, EVE, "eve", MOST);
    said (stage, EVE, "eve", "r0");
    flood (stage, EVE, "eve", 1);
    said (stage, EVE, "eve", "r1"); /* r2 is the oldest now */
    for (int i = 0; i < 3; i++)
        said (stage, ANN, "ann", i == 0 ? "a" : i == 1 ? "b" : "c");
    for (int restarts = 0; restarts < 2; restarts++) {
        stage_ask (stage, BOB, "HISTORY|q|bob|r2|{\"after\":1}");
        stage_expect (stage, "1< OK|q|{\"room\":\"r2\",\"more\":false,\"first\":3,\"head\":2}");
        stage_restart (stage);
    }
    done (stage, BOB, "HELLO|h|bob");
    stage_ask (stage, BOB, "JOIN|j|bob|r2");
    stage_commit (stage); /* of what gives way to it */
    stage_expect (stage, "1< OK|j|{\"room\":\"r2\",\"head\":2,\"first\":3,*", "feed> *join*");
    stage_ask (stage, BOB, "SAY|s|bob|r2|again");
    stage_commit (stage);
    stage_expect (stage, "feed> *\"seq\":3,*", "1< OK|s|{\"seq\":3,*");
    stage_restart (stage);
    stage_ask (stage, BOB, "HISTORY|q|bob|r2|{\"after\":1}");
    stage_read (stage);
    stage_expect (stage, "read> 1", "1< EVENT|q|*|again|*\"seq\":3,*",
                  "1< OK|q|{\"room\":\"r2\",\"more\":false,\"first\":3,\"head\":3}");
}

/*  Who waits in a room that nobody has spoken in is not told each time that others end.  */
static void test_who_waits_where_nothing_was_said (void **state)
{
    stage_t *stage = *state;
    done (stage, BOB, "HELLO|h|bob");
    flood (stage, EVE, "eve", MOST);
    stage_ask (stage, BOB, "JOIN|j|bob|quiet");
    stage_expect (stage, "1< OK|j|{\"room\":\"quiet\",\"head\":0,\"first\":1,*", "feed> *join*");
    flood (stage, EVE, "eve", 20);
    stage_ask (stage, BOB, "PING|p|bob");
    stage_expect (stage, "1< OK|p|*\"heads\":{\"quiet\":0}}");
    said (stage, BOB, "bob", "quiet");
    stage_ask (stage, BOB, "PING|p|bob");
    stage_expect (stage, "1< OK|p|*\"heads\":{\"quiet\":8}}");
}

/*  In one commit a room ends and begins again, spelled otherwise: what was said in each is told
    under its own name, in order.                                              */
static void test_two_of_a_name_in_a_commit (void **state)
{
    stage_t *stage = *state;
    stage->rooms_max = 1;
    stage_restart (stage);
    stage_ask (stage, EVE, "SAY|1|eve|hall|a");
    stage_ask (stage, EVE, "SAY|2|eve|tea|b");
    stage_ask (stage, EVE, "SAY|3|eve|HALL|c");
    stage_commit (stage);
    stage_expect (stage, "feed> room/hall/|eve|a|*\"seq\":1,*", "2< OK|1|*",
                  "feed> room/tea/|eve|b|*\"seq\":3,*", "2< OK|2|*",
                  "feed> room/HALL/|eve|c|*\"seq\":5,*", "2< OK|3|*");
}

/*  A number is of one room for good: that of the last room, too, where it ends before a restart or
    before the ledger is loaded again.                                         */
static void test_a_number_is_given_once (void **state)
{
    stage_t *stage = *state;
    flood (stage, EVE, "eve", 3);
    stage->now.wall_ms += 91 * DAY_MS;
    for (uint64_t restarts = 0; restarts < 2; restarts++) {
        stage_restart (stage);
        stage->quiet = true;
        stage_wait (stage, 60000);
        stage_commit (stage);
        stage->quiet = false;
        assert_int_equal (core_stats (stage->core).rooms, 0);
        stage_restart (stage);
        assert_int_equal (stage->number, 3 + restarts);
        said (stage, BOB, "bob", "later");
        assert_int_equal (stage->number, 4 + restarts);
        stage->now.wall_ms += 91 * DAY_MS;
    }
    /*  The flight whose end the ledger knows, and then not.                   */
    stage_ask (stage, EVE, "SAY|t|eve|last|x");
    assert_true (stage_take (stage) > 0);
    stage_fail (stage);
    stage_expect (stage, "2< ERR|t|{\"code\":\"storage\"*");
    said (stage, EVE, "eve", "last");
    assert_int_equal (stage->number, 6);
}

/*  Where numbers are spent, what makes a room is refused, and nothing else suffers for it: neither
    who speaks in a room that is there, nor who is invited, though that makes no mailbox. */
static void test_numbers_that_are_spent (void **state)
{
    stage_t *stage = *state;
    store_record_t late = {.room = ZCHAT_ROOM_NUMBERS_MAX - 1,
                           .room_name = frame_str ("late"),
                           .makes = true,
                           .event = {.seq = 1,
                                     .time_ms = 1,
                                     .type = ZCHAT_TYPE_SAY,
                                     .user = frame_str ("eve"),
                                     .body = frame_str ("x")}};
    stage_key (stage, BOB, stage_key_text (1));
    stage_key (stage, ANN, stage_key_text (2));
    done (stage, ANN, "HELLO|h|ann");
    done (stage, BOB, "JOIN|j|bob|den|{\"private\":true}");
    done (stage, BOB, "HELLO|h|bob");
    done (stage, BOB, "JOIN|j|bob|den|{\"private\":true}");
    assert_int_equal (store_append (stage->store, &late, 1), ZCHAT_OK);
    stage_room_t *room = stage_room (stage, late.room_name);
    room->committed = room->published = 1;
    stage_restart (stage);
    stage_ask (stage, EVE, "SAY|1|eve|new|x");
    stage_expect (stage, "2< ERR|1|{\"code\":\"limit\",*\"what\":\"rooms\"}");
    done (stage, BOB, "HELLO|h|bob");
    done (stage, ANN, "HELLO|h|ann");
    stage_ask (stage, BOB, "TELL|2|bob|ann|x");
    stage_expect (stage, "1< ERR|2|{\"code\":\"limit\",*\"what\":\"rooms\"}");
    stage_ask (stage, BOB, "INVITE|3|bob|den|ann");
    stage_ask (stage, EVE, "SAY|4|eve|late|x");
    stage_commit (stage);
    stage_expect (stage, "1< OK|3|*", "feed> *", "2< OK|4|*");
}

/*  While its end is on its way, who wants it waits; where that fails, all is as before. */
static void test_a_commit_that_fails (void **state)
{
    stage_t *stage = *state;
    flood (stage, EVE, "eve", MOST);
    done (stage, BOB, "HELLO|h|bob");
    stage_ask (stage, ANN, "SAY|t|ann|new|x");
    stage_ask (stage, BOB, "JOIN|j|bob|r0");
    stage_ask (stage, BOB, "SAY|s|bob|r0|x");
    stage_expect_nothing (stage);
    assert_true (stage_take (stage) > 0);
    stage_fail (stage);
    stage_expect (stage, "3< ERR|t|{\"code\":\"storage\"*", "1< OK|j|{\"room\":\"r0\",\"head\":1,*",
                  "feed> *join*");
    assert_int_equal (core_stats (stage->core).rooms, MOST);
    stage_commit (stage);
    stage_expect (stage, "feed> *\"seq\":2*", "1< OK|s|{\"seq\":2*");
    stage_restart (stage);
    assert_int_equal (core_stats (stage->core).rooms, MOST);
}

static void test_a_flood_of_mailboxes (void **state)
{
    stage_t *stage = *state;
    char text[64];
    for (int i = 0; i < 12; i++) {
        core_peer_t peer = 20 + (core_peer_t)i;
        stage_place (stage, peer, "192.0.2.2");
        snprintf (text, sizeof text, "HELLO|h|eve%d", i);
        done (stage, peer, text);
        snprintf (text, sizeof text, "TELL|t|eve%d|eve%d|x", i, i);
        done (stage, peer, text);
    }
    done (stage, BOB, "HELLO|h|bob");
    done (stage, ANN, "HELLO|h|ann");
    stage_ask (stage, BOB, "TELL|t|bob|ann|hi");
    stage_commit (stage);
    stage_expect (stage, "1< OK|t|*");
    /*  From the same address too, where nobody has more than one: the two that are made do not
        give way to each other.                                                */
    stage_place (stage, 40, "192.0.2.2");
    stage_place (stage, 41, "192.0.2.2");
    done (stage, 40, "HELLO|h|dan");
    done (stage, 41, "HELLO|h|fay");
    stage_ask (stage, 40, "TELL|t|dan|fay|hi");
    stage_commit (stage);
    stage_expect (stage, "40< OK|t|*");
    stage_restart (stage);
    done (stage, 40, "HELLO|h|dan");
    done (stage, 41, "HELLO|h|gus");
    stage_ask (stage, 40, "TELL|t|dan|gus|hi");
    stage_commit (stage);
    stage_expect (stage, "40< OK|t|*");
}

typedef struct {
    const char *name;
    bool found;
} seek_t;

static zchat_status_t seek_room (void *arg, const store_room_t *room)
{
    seek_t *seek = arg;
    seek->found = seek->found || frame_is (room->name, seek->name);
    return ZCHAT_OK;
}

static zchat_status_t seek_producer (void *arg, const store_producer_t *producer)
{
    return ZCHAT_OK;
}

static bool mailbox_stored (stage_t *stage, const char *name)
{
    seek_t seek = {.name = name};
    const store_loader_t loader = {.room = seek_room, .producer = seek_producer, .arg = &seek};
    assert_int_equal (store_load (stage->store, &loader), ZCHAT_OK);
    return seek.found;
}

/*  What somebody's mailbox refuses is not forgotten, neither in a flood nor after a time; once the
    name is nobody's any more, it is nobody's mailbox.                          */
static void test_what_a_mailbox_refuses_stays (void **state)
{
    stage_t *stage = *state;
    char text[64];
    stage_key (stage, BOB, stage_key_text (1));
    stage_key (stage, ANN, stage_key_text (2));
    done (stage, ANN, "HELLO|h|ann");
    done (stage, BOB, "HELLO|h|bob");
    done (stage, BOB, "MODE|m|bob|@|{\"set\":\"ban\",\"user\":\"ann\"}");
    done (stage, BOB, "BYE|y|bob");
    const store_retain_t retain = {.age_ms = 1};
    store_trimmed_t trimmed;
    stage->now.wall_ms += HOUR_MS;
    do {
        assert_int_equal (store_trim (stage->store, &retain, stage->now.wall_ms, &trimmed),
                          ZCHAT_OK);
        if (trimmed.room)
            core_trimmed (stage->core, trimmed.room, trimmed.first);
    } while (trimmed.more);
    for (int i = 0; i < 4 * MOST; i++) {
        core_peer_t peer = 20 + (core_peer_t)i;
        stage_place (stage, peer, "192.0.2.1");
        snprintf (text, sizeof text, "HELLO|h|eve%d", i);
        done (stage, peer, text);
        snprintf (text, sizeof text, "TELL|t|eve%d|eve%d|x", i, i);
        done (stage, peer, text);
    }
    stage->quiet = true;
    stage_wait (stage, 100 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    stage_restart (stage);
    done (stage, ANN, "HELLO|h|ann");
    stage_ask (stage, ANN, "TELL|t|ann|bob|x");
    stage_commit (stage);
    stage_expect (stage, "3< ERR|t|{\"code\":\"banned\"*");
    done (stage, BOB, "HELLO|h|bob");
    stage_ask (stage, BOB, "MODE|m|bob|@");
    stage_expect (stage, "1< OK|m|*\"bans\":[{\"user\":\"ann\",*");
    assert_true (mailbox_stored (stage, "@2"));
    done (stage, BOB, "KEY|k|bob|{\"free\":true}");
    stage->quiet = true;
    stage_wait (stage, 2 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    assert_false (mailbox_stored (stage, "@2"));
}

/*  One that nobody else was ever in goes after a time, and after a short one where retention took
    all that was said. One that others were in, or somebody proven made, stays. */
static void test_forgotten_rooms_go (void **state)
{
    stage_t *stage = *state;
    said (stage, EVE, "eve", "alone");
    said (stage, EVE, "eve", "both");
    said (stage, BOB, "bob", "both");
    stage->quiet = true;
    stage_wait (stage, 89 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    assert_int_equal (core_stats (stage->core).rooms, 2);
    stage->quiet = true;
    stage_wait (stage, 2 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    rooms_are (stage, "{\"room\":\"both\",*}");
    stage_restart (stage);
    rooms_are (stage, "{\"room\":\"both\",*}");
    said (stage, EVE, "eve", "trimmed");
    store_trimmed_t trimmed;
    store_retain_t retain = {.age_ms = 1};
    stage->now.wall_ms += HOUR_MS;
    do {
        assert_int_equal (store_trim (stage->store, &retain, stage->now.wall_ms, &trimmed),
                          ZCHAT_OK);
        if (trimmed.room)
            core_trimmed (stage->core, trimmed.room, trimmed.first);
    } while (trimmed.more);
    stage->quiet = true;
    stage_wait (stage, 2 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    rooms_are (stage, "{\"room\":\"both\",*}");
}

/*  Who only came in used the room, before a restart and after it.            */
static void test_who_only_came_in_used_it (void **state)
{
    stage_t *stage = *state;
    said (stage, EVE, "eve", "alone");
    said (stage, EVE, "eve", "visited");
    done (stage, BOB, "HELLO|h|bob");
    done (stage, BOB, "JOIN|t|bob|visited");
    done (stage, BOB, "BYE|b|bob");
    stage->quiet = true;
    stage_wait (stage, 91 * DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    rooms_are (stage, "{\"room\":\"visited\",*}");
    stage_restart (stage);
    stage->quiet = true;
    stage_wait (stage, DAY_MS);
    stage_commit (stage);
    stage->quiet = false;
    rooms_are (stage, "{\"room\":\"visited\",*}");
}

int main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (test_##name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST (a_flood_of_rooms),
        TEST (a_flood_by_throwaway_names),
        TEST (a_flood_by_two),
        TEST (a_fair_table_is_full),
        TEST (what_others_used_stays),
        TEST (a_flood_of_joins),
        TEST (a_name_that_comes_back),
        TEST (two_of_a_name_in_a_commit),
        TEST (who_waits_where_nothing_was_said),
        TEST (a_number_is_given_once),
        TEST (numbers_that_are_spent),
        TEST (a_commit_that_fails),
        TEST (what_a_mailbox_refuses_stays),
        TEST (a_flood_of_mailboxes),
        TEST (forgotten_rooms_go),
        TEST (who_only_came_in_used_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
