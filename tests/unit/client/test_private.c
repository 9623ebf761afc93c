/*  test_private.c - the mailbox and private rooms, whose events come over the door  */
#include "script.h"

#define JOIN_JSON(room, head, more)                                                                \
    "{\"room\":\"" room "\",\"head\":" head ",\"first\":1,\"topic\":\"\",\"members\":2" more "}"
#define PRIVATE               ",\"private\":true,\"role\":\"member\""
#define DONE_JSON(room, head) "{\"room\":\"" room "\",\"more\":false,\"first\":1,\"head\":" head "}"
#define ERR_JSON(code)        "{\"code\":\"" code "\",\"text\":\"the broker says why\"}"
#define PACK                  ",\"limit\":1000,\"form\":\"pack\",\"marks\":true}"
#define ALICE_LEFT(s, room, reason)                                                                \
    push_data (s, room, ZCHAT_TYPE_LEAVE, "alice", "{\"members\":1,\"reason\":\"" reason "\"}")

static script_t *script_joined (const char *room, const char *head_json, const char *done_json,
                                const char *joined)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, room, 0, 0, s->now), ZCHAT_OK);
    ok (s, skip_to (s, "> JOIN"), head_json);
    /*  Nothing of it has to do with the feed, or with SYNC.                   */
    ok (s, expect (s, s->lines[s->taken]), done_json);
    expect (s, joined);
    expect_quiet (s);
    return s;
}

/*  In den, a private room that ends at 10, all known.                         */
static script_t *script_den (void)
{
    return script_joined ("den", JOIN_JSON ("den", "10", PRIVATE), DONE_JSON ("den", "10"),
                          "* JOINED den seq=10 members=2");
}

/*  In the mailbox, which ends at 10.                                          */
static script_t *script_mailbox (void)
{
    return script_joined ("@", "{\"room\":\"@\",\"head\":10,\"first\":1}", DONE_JSON ("@", "10"),
                          "* JOINED @ seq=10");
}

/*  --- the mailbox -----------------------------------------------------------  */

static void arriving_in_the_mailbox (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "@", 2, 0, s->now), ZCHAT_OK);
    const char *join = expect (s, "> JOIN alice @");
    /*  What comes before the answer is in the history too.                    */
    push_text (s, "@", 10, ZCHAT_TYPE_TELL, "bob", "m10");
    expect_quiet (s);
    ok (s, join, "{\"room\":\"@\",\"head\":10,\"first\":1}");
    const char *tag = expect (s, "> HISTORY alice @ {\"after\":8" PACK);
    /*  And what comes meanwhile waits for it.                                 */
    push_text (s, "@", 11, ZCHAT_TYPE_TELL, "bob", "m11");
    expect_quiet (s);
    mail (s, tag, "@", 9, 10);
    expect (s, "* MESSAGE @ seq=9 <bob> m9");
    expect (s, "* MESSAGE @ seq=10 <bob> m10");
    expect (s, "* MESSAGE @ seq=11 <bob> [tell] m11");
    ok (s, tag, DONE_JSON ("@", "10"));
    expect (s, "* JOINED @ seq=11");
    push_text (s, "@", 12, ZCHAT_TYPE_TOLD, "bob", "you too");
    expect (s, "* MESSAGE @ seq=12 <bob> [told] you too own");
    push_text (s, "@", 12, ZCHAT_TYPE_TOLD, "bob", "you too");
    expect_quiet (s);
    event_t invite = {.seq = 13,
                      .time_ms = 1,
                      .type = ZCHAT_TYPE_INVITE,
                      .user = frame_str ("carol"),
                      .data = frame_str ("{\"room\":\"den\"}")};
    push (s, "@", &invite);
    expect (s, "* MESSAGE @ seq=13 <carol> [invite] data={\"room\":\"den\"}");
    assert_int_equal (delivery_part (s->delivery, "@", s->now), ZCHAT_OK);
    expect (s, "> PART alice @");
    expect (s, "* PARTED @");
    push_text (s, "@", 14, ZCHAT_TYPE_TELL, "bob", "late");
    expect_quiet (s);
    assert_int_equal (delivery_part (s->delivery, "@", s->now), ZCHAT_MEMBER);
    script_destroy (s);
}

static void a_gap_in_the_mailbox (void **state)
{
    script_t *s = script_mailbox ();

    push_text (s, "@", 12, ZCHAT_TYPE_TELL, "bob", "m12");
    expect_quiet (s);
    pass (s, ZCHAT_GAP_WAIT_MS);
    const char *tag = expect (s, "> HISTORY alice @ {\"after\":10" PACK);
    mail (s, tag, "@", 11, 12);
    expect (s, "* MESSAGE @ seq=11 <bob> m11");
    expect (s, "* MESSAGE @ seq=12 <bob> [tell] m12");
    ok (s, tag, DONE_JSON ("@", "12"));
    /*  The last one is lost: only PING tells. No barrier: the feed has no part in it.  */
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"@\":13}}");
    expect_quiet (s);
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"@\":13}}");
    pass (s, ZCHAT_GAP_WAIT_MS);
    tag = expect (s, "> HISTORY alice @ {\"after\":12" PACK);
    mail (s, tag, "@", 13, 13);
    expect (s, "* MESSAGE @ seq=13 <bob> m13");
    ok (s, tag, DONE_JSON ("@", "13"));
    expect_quiet (s);
    script_destroy (s);
}

static void the_mailbox_over_a_reconnect (void **state)
{
    script_t *s = script_mailbox ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    ok (s, expect (s, "> JOIN alice @"), "{\"room\":\"@\",\"head\":12,\"first\":1}");
    const char *tag = expect (s, "> HISTORY alice @ {\"after\":10" PACK);
    mail (s, tag, "@", 11, 12);
    expect (s, "* MESSAGE @ seq=11 <bob> m11");
    expect (s, "* MESSAGE @ seq=12 <bob> m12");
    ok (s, tag, DONE_JSON ("@", "12"));
    expect (s, "* JOINED @ seq=12");
    script_destroy (s);
}

/*  Under another name it is another mailbox, with numbers of its own.         */
static void the_mailbox_of_another_name (void **state)
{
    script_t *s = script_mailbox ();

    push_text (s, "@", 12, ZCHAT_TYPE_TELL, "bob", "m12");
    pass (s, ZCHAT_GAP_WAIT_MS);
    const char *old = expect (s, "> HISTORY alice @ {\"after\":10" PACK);
    assert_int_equal (delivery_rename (s->delivery, "carol", s->now), ZCHAT_OK);
    const char *bye = expect (s, "> BYE alice");
    mail (s, old, "@", 11, 12);
    ok (s, old, "{\"room\":\"@\",\"more\":false,\"first\":11,\"head\":12}");
    push_text (s, "@", 13, ZCHAT_TYPE_TELL, "bob", "m13");
    push_text (s, "@", 1, ZCHAT_TYPE_TELL, "bob", "m1");
    expect_quiet (s);
    ok (s, bye, "{}");
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO carol"), HELLO_JSON (LOG_A, "carol", ""));
    ok (s, skip_to (s, "> JOIN carol @"), "{\"room\":\"@\",\"head\":3,\"first\":1}");
    ok (s, expect (s, "> HISTORY carol @ {\"after\":3" PACK), DONE_JSON ("@", "3"));
    expect (s, "* JOINED @ seq=3");
    push_text (s, "@", 4, ZCHAT_TYPE_TELL, "bob", "hi");
    expect (s, "* MESSAGE @ seq=4 <bob> [tell] hi");

    /*  The same name in another spelling has the same.                        */
    assert_int_equal (delivery_rename (s->delivery, "Carol", s->now), ZCHAT_OK);
    ok (s, expect (s, "> BYE carol"), "{}");
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO Carol"), HELLO_JSON (LOG_A, "Carol", ""));
    ok (s, skip_to (s, "> JOIN Carol @"), "{\"room\":\"@\",\"head\":9,\"first\":1}");
    expect (s, "> HISTORY Carol @ {\"after\":4" PACK);
    script_destroy (s);
}

static void a_guest_has_no_mailbox (void **state)
{
    zchat_options_t options = {.agent = "t"};
    script_t *s = script_new (&options);

    go_live (s, HELLO_JSON (LOG_A, "", ""));
    forget (s);
    assert_int_equal (delivery_join (s->delivery, "@", 2, 0, s->now), ZCHAT_OK);
    err (s, expect (s, "> HISTORY  @ {\"limit\":1,\"form\":\"pack\"}"), ERR_JSON ("guest"));
    expect (s, "* PARTED guest @");
    script_destroy (s);
}

/*  --- private rooms ---------------------------------------------------------  */

static void a_private_room_needs_no_feed (void **state)
{
    script_t *s = script_den ();

    push_data (s, "den", ZCHAT_TYPE_JOIN, "bob", "{\"members\":3}");
    expect (s, "* MESSAGE den <bob> [join] data={\"members\":3}");
    push_text (s, "den", 11, ZCHAT_TYPE_SAY, "bob", "hi");
    expect (s, "* MESSAGE den seq=11 <bob> hi");
    /*  What the feed says of it is not of the broker's making.                */
    feed_say (s, "den", 12);
    /*  Nor is a room served that is not joined, or that has another form.     */
    push_text (s, "lobby", 1, ZCHAT_TYPE_SAY, "bob", "x");
    push_text (s, "Den", 12, ZCHAT_TYPE_SAY, "bob", "x");
    pass (s, 1000);
    expect_quiet (s);
    push_text (s, "den", 12, ZCHAT_TYPE_GONE, "bob", "");
    push_data (s, "den", ZCHAT_TYPE_LEAVE, "bob", "{\"members\":2,\"reason\":\"kick\"}");
    expect (s, "* MESSAGE den seq=12 <bob> [gone]");
    expect (s, "* MESSAGE den <bob> [leave] data={\"members\":2,\"reason\":\"kick\"}");
    assert_int_equal (delivery_part (s->delivery, "den", s->now), ZCHAT_OK);
    expect (s, "> PART alice den");
    expect (s, "* PARTED den");
    expect_quiet (s);
    script_destroy (s);
}

static void four_frames (void **state)
{
    static const char *const metas[] = {"",
                                        "7",
                                        "{}",
                                        "{\"type\":7,\"seq\":12}",
                                        "{\"seq\":12,\"time\":1}",
                                        "{\"type\":\"say\",\"seq\":11,\"time\":1}"};
    script_t *s = script_den ();
    frame_t frames[6] = {frame_str ("EVENT"), frame_str (""),   frame_str ("room/den/"),
                         frame_str ("bob"),   frame_str ("hi"), frame_str ("")};

    frames[5] =
        frame_str ("{\"type\":\"action\",\"seq\":11,\"time\":5,\"data\":{\"b\":1,\"a\":[]}}");
    delivery_door (s->delivery, frames, 6, s->now);
    expect (s, "* MESSAGE den seq=11 <bob> [action] hi data={\"b\":1,\"a\":[]}");
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        frames[5] = frame_str (metas[i]);
        delivery_door (s->delivery, frames, 6, s->now);
        expect_quiet (s);
    }
    frames[5] = frame_str ("{\"type\":\"leave\",\"time\":5,\"data\":{\"reason\":\"bye\"}}");
    delivery_door (s->delivery, frames, 6, s->now);
    expect (s, "* MESSAGE den <bob> [leave] hi data={\"reason\":\"bye\"}");
    /*  A type of a later version counts.                                      */
    frames[5] = frame_str ("{\"type\":\"poll\",\"seq\":12,\"time\":5}");
    delivery_door (s->delivery, frames, 6, s->now);
    expect (s, "* MESSAGE den seq=12 <bob> hi");
    frames[2] = frame_str ("pack/den/");
    delivery_door (s->delivery, frames, 6, s->now);
    frames[2] = frame_str ("room//");
    delivery_door (s->delivery, frames, 6, s->now);
    expect_quiet (s);
    assert_true (delivery_connected (s->delivery));
    script_destroy (s);
}

/*  What cannot be read of a pack leaves a gap, which is fetched.              */
static void a_damaged_pack (void **state)
{
    script_t *s = script_den ();
    uint8_t buffer[4096];
    size_t size = pack_one (buffer, 11, 0, "m11").size;
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[4] = {frame_str ("EVENT"), frame_str (""), pack_topic (topic, "den"),
                         frame_of (buffer, size + 3)};

    memset (buffer + size, 0xff, 3);
    delivery_door (s->delivery, frames, 4, s->now);
    expect (s, "* MESSAGE den seq=11 <bob> m11");
    expect_quiet (s);
    push_text (s, "den", 13, ZCHAT_TYPE_SAY, "bob", "m13");
    pass (s, ZCHAT_GAP_WAIT_MS);
    expect (s, "> HISTORY alice den {\"after\":11" PACK);
    assert_true (delivery_connected (s->delivery));
    script_destroy (s);
}

/*  Only JOIN tells what kind of room it is: what is public comes off the feed alone.  */
static void a_public_room_is_deaf_to_the_door (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "10", ",\"private\":false"));
    expect (s, "feed tcp://127.0.0.1:5681");
    expect (s, "+ pack/lobby/");
    expect (s, "+ sync/NONCE/");
    expect (s, "> SYNC alice NONCE");
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    expect (s, "* JOINED lobby seq=10 members=2");
    push_text (s, "lobby", 11, ZCHAT_TYPE_SAY, "bob", "x");
    expect_quiet (s);
    feed_say (s, "lobby", 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    script_destroy (s);
}

/*  A silent feed is the trouble of public rooms only.                         */
static void a_private_room_beside_a_silent_feed (void **state)
{
    script_t *s = script_den ();

    s->pong = "{\"heads\":{\"den\":10,\"lobby\":3}}";
    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "3", ""));
    pass (s, ZCHAT_FEED_TIMEOUT_MS);
    skip_to (s, "* WARNING unreachable");
    expect (s, "feed tcp://127.0.0.1:5681");
    expect (s, "+ pack/lobby/");
    expect (s, "+ sync/NONCE/");
    forget (s);
    push_text (s, "den", 11, ZCHAT_TYPE_SAY, "bob", "hi");
    expect (s, "* MESSAGE den seq=11 <bob> hi");
    script_destroy (s);
}

/*  --- put out ---------------------------------------------------------------  */

static void kicked (void **state)
{
    script_t *s = script_den ();

    /*  Those of other devices of ours, and of a connection before this one.   */
    ALICE_LEFT (s, "den", "part");
    expect (s, "* MESSAGE den <alice> [leave] data={\"members\":1,\"reason\":\"part\"} own");
    ALICE_LEFT (s, "den", "lost");
    ALICE_LEFT (s, "den", "bye");
    ALICE_LEFT (s, "den", "closing");
    push_data (s, "den", ZCHAT_TYPE_LEAVE, "alice", "{\"members\":1}");
    push_data (s, "den", ZCHAT_TYPE_LEAVE, "alice", "{\"members\":1,\"reason\":7}");
    push_data (s, "den", ZCHAT_TYPE_LEAVE, "alice", "");
    push_data (s, "den", ZCHAT_TYPE_JOIN, "alice", "{\"reason\":\"kick\"}");
    push_data (s, "den", ZCHAT_TYPE_LEAVE, "bob", "{\"reason\":\"kick\"}");
    push_text (s, "den", 11, ZCHAT_TYPE_SAY, "bob", "hi");
    skip_to (s, "* MESSAGE den seq=11 <bob> hi");
    expect_quiet (s);

    /*  Behind a gap it keeps its place.                                       */
    push_text (s, "den", 13, ZCHAT_TYPE_MODE, "bob", "enough");
    ALICE_LEFT (s, "den", "kick");
    expect_quiet (s);
    pass (s, ZCHAT_GAP_WAIT_MS);
    const char *tag = expect (s, "> HISTORY alice den {\"after\":11" PACK);
    mail (s, tag, "den", 12, 12);
    expect (s, "* MESSAGE den seq=12 <bob> m12");
    expect (s, "* MESSAGE den seq=13 <bob> [mode] enough");
    expect (s, "* MESSAGE den <alice> [leave] data={\"members\":1,\"reason\":\"kick\"} own");
    expect (s, "* PARTED private den");
    ok (s, tag, DONE_JSON ("den", "13"));
    push_text (s, "den", 14, ZCHAT_TYPE_SAY, "bob", "x");
    expect_quiet (s);

    /*  It is not tried again by itself, also not on the next connection.      */
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    expect_quiet (s);
    assert_int_equal (delivery_join (s->delivery, "den", 0, 0, s->now), ZCHAT_OK);
    expect (s, "> JOIN alice den");
    script_destroy (s);
}

static script_t *script_lobby (void)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "10", ""));
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    expect (s, "* JOINED lobby seq=10 members=2");
    return s;
}

static void feed_leave (script_t *s, const char *reason)
{
    char topic[EVENT_TOPIC_MAX];
    char data[64];
    uint8_t buffer[256];
    event_t event = {.type = ZCHAT_TYPE_LEAVE, .user = frame_str ("alice")};
    frame_t frames[2] = {pack_topic (topic, "lobby"), {buffer, 0}};

    snprintf (data, sizeof data, "{\"members\":1,\"reason\":\"%s\"}", reason);
    event.data = frame_str (data);
    frames[1].size = event_record_encode (&event, buffer);
    delivery_feed (s->delivery, frames, 2, s->now);
}

static void put_out_of_a_public_room (void **state)
{
    static const char *const ends[][2] = {{"kick", "* PARTED member lobby"},
                                          {"close", "* PARTED closed lobby"}};

    for (size_t i = 0; i < 2; i++) {
        script_t *s = script_lobby ();
        feed_leave (s, "lost");
        expect (s, "* MESSAGE lobby <alice> [leave] "
                   "data={\"members\":1,\"reason\":\"lost\"} own");
        expect_quiet (s);
        feed_leave (s, ends[i][0]);
        skip_to (s, "* MESSAGE lobby <alice> [leave]");
        expect (s, "- pack/lobby/");
        expect (s, ends[i][1]);
        feed_say (s, "lobby", 11);
        expect_quiet (s);
        script_destroy (s);
    }
}

static void refused_when_coming_back (void **state)
{
    static const char *const codes[] = {"private", "banned", "closed"};

    for (size_t i = 0; i < 3; i++) {
        script_t *s = script_den ();
        char json[64];
        char line[64];

        snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"no\"}", codes[i]);
        snprintf (line, sizeof line, "* PARTED %s den", codes[i]);
        delivery_down (s->delivery, "the connection was lost", s->now);
        go_live (s, HELLO_A);
        expect (s, "* CONNECTED <alice>");
        err (s, expect (s, "> JOIN alice den"), json);
        expect (s, line);
        script_destroy (s);

        s = script_den ();
        push_text (s, "den", 12, ZCHAT_TYPE_SAY, "bob", "x");
        pass (s, ZCHAT_GAP_WAIT_MS);
        err (s, expect (s, "> HISTORY alice den {\"after\":10" PACK), json);
        expect (s, line);
        pass (s, 4000);
        expect_quiet (s);
        script_destroy (s);
    }
}

/*  The leave was lost, or merged into a presence: PING does not name the room.  */
static void missed_by_ping (void **state)
{
    script_t *s = script_den ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    err (s, expect (s, "> HISTORY alice den {\"after\":10" PACK), ERR_JSON ("private"));
    expect (s, "* PARTED private den");
    script_destroy (s);

    /*  It may be read all the same; then the next one counts.                 */
    s = script_den ();
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    ok (s, expect (s, "> HISTORY alice den {\"after\":10" PACK), DONE_JSON ("den", "10"));
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    expect (s, "* PARTED private den");
    script_destroy (s);

    s = script_lobby ();
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"lobby\":10}}");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    pass (s, 5000);
    /*  An answer without heads says nothing about rooms.                      */
    ok (s, expect (s, "> PING alice"), "{}");
    expect_quiet (s);
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    expect (s, "- pack/lobby/");
    expect (s, "* PARTED member lobby");
    expect_quiet (s);
    script_destroy (s);
}

/*  Once on this connection and once on the one before is not twice.           */
static void missed_before_and_after (void **state)
{
    script_t *s = script_lobby ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    ok (s, skip_to (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "10", ""));
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    expect (s, "* JOINED lobby seq=10 members=2");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    expect_quiet (s);
    script_destroy (s);
}

/*  A guest is in no room, and PING names none.                                */
static void a_guest_is_not_missed (void **state)
{
    zchat_options_t options = {.agent = "t"};
    script_t *s = script_new (&options);

    go_live (s, HELLO_JSON (LOG_A, "", ""));
    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    expect (s, "* JOINED lobby seq=10");
    for (int i = 0; i < 4; i++) {
        pass (s, 5000);
        ok (s, skip_to (s, "> PING"), "{\"heads\":{}}");
        ok (s, expect (s, "> HISTORY  lobby {\"after\":10" PACK), DONE_JSON ("lobby", "10"));
        expect_quiet (s);
    }
    script_destroy (s);
}

static void a_slow_join_comes_again (void **state)
{
    script_t *s = script_live ();

    s->pong = "{\"heads\":{}}";
    assert_int_equal (delivery_join (s->delivery, "@", 0, 0, s->now), ZCHAT_OK);
    err (s, expect (s, "> JOIN alice @"), "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":120000}");
    pass (s, 119999);
    while (s->taken < s->count)
        expect (s, "> PING alice");
    pass (s, ZCHAT_BACKOFF_MAX_MS + 1);
    skip_to (s, "> JOIN alice @");
    script_destroy (s);
}

/*  Under the name of one that ended there may be a public one by then: nobody stays in it as if it
    were the other.                                                            */
static void the_private_room_is_no_more (void **state)
{
    script_t *s = script_den ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    ok (s, expect (s, "> JOIN alice den"), JOIN_JSON ("den", "12", ",\"private\":false"));
    expect (s, "> PART alice den");
    expect (s, "* PARTED closed den");
    expect_quiet (s);
    /*  Who wants that one may have it.                                        */
    assert_int_equal (delivery_join (s->delivery, "den", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice den"), JOIN_JSON ("den", "12", ",\"private\":false"));
    expect (s, "feed tcp://127.0.0.1:5681");
    script_destroy (s);
}

/*  A room that ended, unheard, and was made anew by this program is asked for once more: it is
    spelled otherwise, and comes another way.                                  */
static void a_room_that_is_another_by_now (void **state)
{
    script_t *s = script_lobby ();
    static const char heads[] = "{\"heads\":{\"Lobby\":13}}";

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), heads);
    expect (s, "- pack/lobby/");
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("Lobby", "13", PRIVATE));
    const char *tag = expect (s, "> HISTORY alice Lobby {\"after\":10" PACK);
    mail (s, tag, "Lobby", 12, 13);
    expect (s, "* LOST Lobby seq=12 count=1");
    ok (s, tag, "{\"room\":\"Lobby\",\"more\":false,\"first\":12,\"head\":13}");
    skip_to (s, "* MESSAGE Lobby seq=13 <bob> m13");
    push_text (s, "Lobby", 14, ZCHAT_TYPE_SAY, "bob", "hi");
    expect (s, "* MESSAGE Lobby seq=14 <bob> hi");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), heads);
    expect_quiet (s);
    script_destroy (s);
}

/*  What is said in a private room goes to no other, over a reconnect and a new log too. */
static void for_a_private_room_alone (void **state)
{
    script_t *s = script_den ();
    uint64_t id = 0;

    assert_int_equal (delivery_say (s->delivery, "Den", ZCHAT_TYPE_SAY, "x", 1, NULL, &id, s->now),
                      ZCHAT_OK);
    expect (s, "> SAY alice Den x {\"type\":\"say\",\"private\":true,\"producer\":\"P1\",\"n\":1}");
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_JSON (LOG_B, "alice", ""));
    const char *tag = skip_to (
        s, "> SAY alice Den x {\"type\":\"say\",\"private\":true,\"producer\":\"P2\",\"n\":1}");
    err (s, tag, ERR_JSON ("private"));
    skip_to (s, "* FAILED private");
    assert_int_equal (delivery_say (s->delivery, "hall", ZCHAT_TYPE_SAY, "y", 1, NULL, &id, s->now),
                      ZCHAT_OK);
    skip_to (s, "> SAY alice hall y {\"type\":\"say\",\"producer\":");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (arriving_in_the_mailbox),
        cmocka_unit_test (a_gap_in_the_mailbox),
        cmocka_unit_test (the_mailbox_over_a_reconnect),
        cmocka_unit_test (the_private_room_is_no_more),
        cmocka_unit_test (for_a_private_room_alone),
        cmocka_unit_test (a_room_that_is_another_by_now),
        cmocka_unit_test (the_mailbox_of_another_name),
        cmocka_unit_test (a_guest_has_no_mailbox),
        cmocka_unit_test (a_private_room_needs_no_feed),
        cmocka_unit_test (four_frames),
        cmocka_unit_test (a_damaged_pack),
        cmocka_unit_test (a_public_room_is_deaf_to_the_door),
        cmocka_unit_test (a_private_room_beside_a_silent_feed),
        cmocka_unit_test (kicked),
        cmocka_unit_test (put_out_of_a_public_room),
        cmocka_unit_test (refused_when_coming_back),
        cmocka_unit_test (missed_by_ping),
        cmocka_unit_test (missed_before_and_after),
        cmocka_unit_test (a_guest_is_not_missed),
        cmocka_unit_test (a_slow_join_comes_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
