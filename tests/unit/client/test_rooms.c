/*  test_rooms.c - joining, the barrier, gaps, heads, leaving                  */
#include "script.h"

#define JOIN_JSON(room, head)                                                                      \
    "{\"room\":\"" room "\",\"head\":" head ",\"first\":1,\"topic\":\"tea\",\"topic_by\":\"bob\"," \
    "\"topic_time\":5,\"members\":3}"
#define DONE_JSON(room, head) "{\"room\":\"" room "\",\"more\":false,\"first\":1,\"head\":" head "}"

static script_t *script_joined (const char *head_json, const char *done_json, const char *joined)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"), head_json);
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY"), done_json);
    expect (s, joined);
    expect_quiet (s);
    return s;
}

/*  In lobby, which ends at 10, all known.                                     */
static script_t *script_at_ten (void)
{
    return script_joined (JOIN_JSON ("lobby", "10"), DONE_JSON ("lobby", "10"),
                          "* JOINED lobby seq=10 members=3 <bob>");
}

static void arriving (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "Lobby", 2, 0, s->now), ZCHAT_OK);
    const char *join = expect (s, "> JOIN alice Lobby");
    /*  The same room in another spelling is joined already.                   */
    assert_int_equal (delivery_join (s->delivery, "LOBBY", 0, 0, s->now), ZCHAT_OK);
    expect_quiet (s);
    ok (s, join, JOIN_JSON ("lobby", "10"));
    expect (s, "feed tcp://127.0.0.1:5681");
    expect (s, "+ pack/lobby/");
    expect (s, "+ sync/NONCE/");
    expect (s, "> SYNC alice NONCE");
    expect_quiet (s);
    pass (s, ZCHAT_SYNC_RETRY_MS);
    expect (s, "> SYNC alice NONCE");

    /*  The feed brings 12 before the backlog is known; it waits.              */
    feed_say (s, "lobby", 12);
    expect_quiet (s);
    feed_nonce (s);
    expect (s, "- sync/NONCE/");
    const char *tag = expect (
        s, "> HISTORY alice lobby {\"after\":8,\"limit\":1000,\"form\":\"pack\",\"marks\":true}");
    expect_quiet (s);
    mail (s, tag, "lobby", 9, 10);
    expect (s, "* MESSAGE lobby seq=9 <bob> m9");
    expect (s, "* MESSAGE lobby seq=10 <bob> m10");
    ok (s, tag, "{\"room\":\"lobby\",\"more\":true,\"first\":1,\"head\":12}");
    tag = expect (
        s, "> HISTORY alice lobby {\"after\":10,\"limit\":1000,\"form\":\"pack\",\"marks\":true}");
    mail (s, tag, "lobby", 11, 12);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    expect_quiet (s);
    ok (s, tag, DONE_JSON ("lobby", "12"));
    expect (s, "* JOINED lobby seq=12 members=3 <bob>");
    feed_say (s, "lobby", 12);
    feed_say (s, "lobby", 13);
    expect (s, "* MESSAGE lobby seq=13 <bob> m13");
    feed_say (s, "other", 14);
    expect_quiet (s);
    script_destroy (s);
}

static void where_a_room_begins (void **state)
{
    static const struct {
        uint64_t last, since;
        const char *json;
        const char *history;
    } cases[] = {
        {0, 0, "{\"room\":\"lobby\",\"head\":10,\"first\":1}", "{\"after\":10,"},
        {3, 0, "{\"room\":\"lobby\",\"head\":10,\"first\":1}", "{\"after\":7,"},
        {100, 0, "{\"room\":\"lobby\",\"head\":10,\"first\":1}", "{\"after\":0,"},
        {100, 0, "{\"room\":\"lobby\",\"head\":10,\"first\":5}", "{\"after\":4,"},
        {100, 0, "{\"room\":\"lobby\",\"head\":10,\"first\":11}", "{\"after\":10,"},
        {100, 0, "{\"room\":\"lobby\",\"head\":10}", "{\"after\":0,"},
        {UINT64_MAX, 0, "{\"room\":\"lobby\",\"head\":0,\"first\":1}", "{\"after\":0,"},
        {0, 1, "{\"room\":\"lobby\",\"head\":10,\"first\":5}", "{\"after\":0,"},
        {0, 11, "{\"room\":\"lobby\",\"head\":10,\"first\":5}", "{\"after\":10,"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_live ();
        char line[128];
        assert_int_equal (
            delivery_join (s->delivery, "lobby", cases[i].last, cases[i].since, s->now), ZCHAT_OK);
        ok (s, skip_to (s, "> JOIN"), cases[i].json);
        expect (s, "feed tcp://127.0.0.1:5681");
        feed_nonce (s);
        skip_to (s, "- sync");
        snprintf (line, sizeof line,
                  "> HISTORY alice lobby %s\"limit\":1000,\"form\":\"pack\",\"marks\":true}",
                  cases[i].history);
        expect (s, line);
        script_destroy (s);
    }
}

static void beginning_beyond_the_end (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 500, s->now), ZCHAT_OK);
    ok (s, skip_to (s, "> JOIN"), JOIN_JSON ("lobby", "10"));
    expect (s, "* WARNING corrupt lobby seq=10 count=499");
    feed_nonce (s);
    skip_to (s, "> HISTORY alice lobby {\"after\":10,");
    script_destroy (s);
}

static void bad_joins_break_the_connection (void **state)
{
    static const char *const cases[] = {
        "{}",
        "{\"room\":\"lobby\"}",
        "{\"room\":\"lobby\",\"head\":-1}",
        "{\"room\":\"lobby\",\"head\":1.5}",
        "{\"room\":\"lobby\",\"head\":\"1\"}",
        "{\"room\":\"lobby\",\"head\":1099511627776}",
        "{\"room\":\"other\",\"head\":1}",
        "{\"room\":\"../x\",\"head\":1}",
        "{\"room\":5,\"head\":1}",
        "{\"head\":1}",
        "null",
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_live ();
        assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
        ok (s, expect (s, "> JOIN alice lobby"), cases[i]);
        expect (s, "drop");
        expect (s, "* DISCONNECTED malformed");
        script_destroy (s);
    }
}

static void a_gap_closes_by_itself (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 12);
    feed_say (s, "lobby", 12);
    expect_quiet (s);
    feed_say (s, "lobby", 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    pass (s, 1000);
    expect_quiet (s);
    script_destroy (s);
}

static void a_gap_is_fetched (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 13);
    feed_say (s, "lobby", 14);
    expect_quiet (s);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = expect (
        s, "> HISTORY alice lobby {\"after\":10,\"limit\":1000,\"form\":\"pack\",\"marks\":true}");
    feed_say (s, "lobby", 15);
    mail (s, tag, "lobby", 11, 14);
    for (int seq = 11; seq <= 15; seq++) {
        char line[64];
        snprintf (line, sizeof line, "* MESSAGE lobby seq=%d <bob> m%d", seq, seq);
        expect (s, line);
    }
    ok (s, tag, DONE_JSON ("lobby", "15"));
    pass (s, 1000);
    expect_quiet (s);
    script_destroy (s);
}

static void presence_keeps_its_place (void **state)
{
    script_t *s = script_at_ten ();

    feed_event (s, "lobby", 0, ZCHAT_TYPE_JOIN, "");
    expect (s, "* MESSAGE lobby <bob> [join]");
    feed_say (s, "lobby", 12);
    feed_event (s, "lobby", 0, ZCHAT_TYPE_LEAVE, "");
    feed_say (s, "lobby", 13);
    feed_event (s, "lobby", 0, ZCHAT_TYPE_JOIN, "");
    expect_quiet (s);
    /*  The gap closes by the door, which also brings 12.                      */
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = skip_to (s, "> HISTORY");
    mail (s, tag, "lobby", 11, 12);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    expect (s, "* MESSAGE lobby <bob> [leave]");
    expect (s, "* MESSAGE lobby seq=13 <bob> m13");
    expect (s, "* MESSAGE lobby <bob> [join]");
    expect_quiet (s);
    script_destroy (s);
}

static void a_history_that_does_not_help_is_asked_again (void **state)
{
    script_t *s = script_at_ten ();
    uint64_t before;

    feed_say (s, "lobby", 12);
    for (int i = 0; i < 5; i++) {
        before = s->now;
        pass (s, delivery_deadline_ms (s->delivery) - s->now);
        ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
        assert_true (delivery_deadline_ms (s->delivery) > s->now);
    }
    assert_true (s->now - before >= ZCHAT_BACKOFF_MIN_MS);
    pass (s, delivery_deadline_ms (s->delivery) - s->now);
    mail (s, skip_to (s, "> HISTORY"), "lobby", 11, 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    script_destroy (s);
}

static void what_retention_took_is_said (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 30);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = skip_to (s, "> HISTORY");
    mail (s, tag, "lobby", 25, 29);
    expect (s, "* LOST lobby seq=25 count=14");
    expect (s, "* MESSAGE lobby seq=25 <bob> m25");
    skip_to (s, "* MESSAGE lobby seq=30");
    ok (s, tag, "{\"room\":\"lobby\",\"more\":false,\"first\":25,\"head\":30}");
    expect_quiet (s);

    /*  All of it is gone, so there is no mail.                                */
    feed_say (s, "lobby", 40);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    ok (s, skip_to (s, "> HISTORY"),
        "{\"room\":\"lobby\",\"more\":false,\"first\":41,\"head\":40}");
    expect (s, "* LOST lobby seq=40 count=9");
    expect (s, "* MESSAGE lobby seq=40 <bob> m40");
    pass (s, 1000);
    expect_quiet (s);
    script_destroy (s);
}

static void too_much_ahead_is_fetched_later (void **state)
{
    script_t *s = script_at_ten ();
    uint64_t last = 12 + ZCHAT_AHEAD_MAX + 10;
    const char *tag;

    for (uint64_t seq = 12; seq <= last; seq++)
        feed_say (s, "lobby", seq);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    for (uint64_t seq = 11; seq <= last; seq += 1000) {
        tag = skip_to (s, "> HISTORY");
        mail (s, tag, "lobby", seq, seq + 999 < last ? seq + 999 : last);
        ok (s, tag,
            seq + 999 < last ? "{\"room\":\"lobby\",\"more\":true,\"first\":1,\"head\":4118}"
                             : DONE_JSON ("lobby", "4118"));
    }
    uint64_t expected = 11;
    for (size_t i = 0; i < s->count; i++)
        if (strncmp (s->lines[i], "* MESSAGE lobby seq=", 20) == 0)
            assert_int_equal (strtoull (s->lines[i] + 20, NULL, 10), expected++);
    assert_int_equal (expected, last + 1);
    script_destroy (s);
}

static void nonsense_on_the_feed_leaves_a_gap (void **state)
{
    script_t *s = script_at_ten ();
    char topic[EVENT_TOPIC_MAX];
    uint8_t buffer[256];
    frame_t frames[5] = {pack_topic (topic, "lobby"), pack_one (buffer, 11, 0, "m11")};

    frames[1].size -= 2;
    delivery_feed (s->delivery, frames, 2, s->now);
    delivery_feed (s->delivery, frames, 1, s->now);
    delivery_feed (s->delivery, frames, 0, s->now);
    delivery_feed (s->delivery, frames, 5, s->now);
    frames[1] = pack_one (buffer, UINT64_MAX, 0, "far");
    delivery_feed (s->delivery, frames, 2, s->now);
    frames[0] = frame_str ("pack//");
    delivery_feed (s->delivery, frames, 2, s->now);
    pass (s, 1000);
    expect_quiet (s);
    feed_say (s, "lobby", 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    script_destroy (s);
}

static void nonsense_in_a_history_breaks_the_connection (void **state)
{
    static const char *const cases[] = {
        "{\"room\":\"lobby\",\"first\":1,\"head\":10}",
        "{\"room\":\"lobby\",\"more\":false}",
        "{\"room\":\"other\",\"more\":false,\"head\":10}",
        "{\"more\":false,\"head\":10}",
        "[]",
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_at_ten ();
        feed_say (s, "lobby", 12);
        pass (s, ZCHAT_GAP_WAIT_MS + 1);
        ok (s, skip_to (s, "> HISTORY"), cases[i]);
        expect (s, "drop");
        expect (s, "* DISCONNECTED malformed");
        script_destroy (s);
    }

    /*  Descending.                                                            */
    script_t *s = script_at_ten ();
    feed_say (s, "lobby", 15);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = skip_to (s, "> HISTORY");
    mail (s, tag, "lobby", 11, 12);
    mail (s, tag, "lobby", 11, 11);
    skip_to (s, "* DISCONNECTED malformed");
    script_destroy (s);
}

static void heads_show_the_last_message (void **state)
{
    script_t *s = script_at_ten ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"time\":1,\"heads\":{\"lobby\":11}}");
    expect_quiet (s);
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"time\":1,\"heads\":{\"lobby\":11}}");
    /*  Something is wrong with the feed: it is asked to prove itself.         */
    expect (s, "+ sync/NONCE/");
    expect (s, "> SYNC alice NONCE");
    feed_nonce (s);
    expect (s, "- sync/NONCE/");
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = skip_to (s, "> HISTORY alice lobby {\"after\":10,");
    mail (s, tag, "lobby", 11, 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    ok (s, tag, DONE_JSON ("lobby", "11"));
    pass (s, 4000);
    forget (s);
    script_destroy (s);
}

/*  A session taken over brings along what was left while nothing could be said.  */
static void a_room_nobody_joined_is_left (void **state)
{
    script_t *s = script_at_ten ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"lobby\":10,\"x\":1,\"a/b\":1}}");
    expect (s, "> PART alice x");
    expect_quiet (s);
    script_destroy (s);
}

static void heads_that_the_feed_brings_are_no_gap (void **state)
{
    script_t *s = script_at_ten ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"lobby\":11}}");
    feed_say (s, "lobby", 11);
    skip_to (s, "* MESSAGE");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{\"lobby\":12}}");
    ok (s, "q1", "{}");
    expect_quiet (s);
    script_destroy (s);
}

/*  Only the door can be reached: what PING tells of comes by HISTORY, and the feed is tried again
    and again; once it answers, a history closes the gap to what it brings.     */
static void a_silent_feed_is_said_and_made_anew (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, skip_to (s, "> JOIN"), JOIN_JSON ("lobby", "10"));
    pass (s, ZCHAT_FEED_TIMEOUT_MS - 1);
    forget (s);
    s->pong = "{\"heads\":{\"lobby\":10}}";
    pass (s, 1);
    skip_to (s, "* WARNING unreachable");
    expect (s, "feed tcp://127.0.0.1:5681");
    expect (s, "+ pack/lobby/");
    expect (s, "+ sync/NONCE/");
    ok (s, skip_to (s, "> HISTORY"), DONE_JSON ("lobby", "10"));
    skip_to (s, "* JOINED lobby seq=10 members=3 <bob>");
    forget (s);

    s->pong = "{\"heads\":{\"lobby\":11}}";
    for (int i = 0; i < 6; i++)
        pass (s, 1000);
    const char *tag = skip_to (s, "> HISTORY alice lobby {\"after\":10");
    mail (s, tag, "lobby", 11, 11);
    ok (s, tag, DONE_JSON ("lobby", "11"));
    skip_to (s, "* MESSAGE lobby seq=11");

    /*  The next attempts are not told of.                                     */
    forget (s);
    for (int i = 0; i < 11; i++) {
        pass (s, 1000);
        for (; s->taken < s->count; s->taken++)
            assert_int_not_equal (strncmp (s->lines[s->taken], "* WARNING", 9), 0);
    }
    feed_nonce (s);
    skip_to (s, "* WARNING");
    ok (s, skip_to (s, "> HISTORY alice lobby {\"after\":11"), DONE_JSON ("lobby", "11"));
    forget (s);
    feed_say (s, "lobby", 12);
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    script_destroy (s);
}

/*  The next connection may lead to another broker, with another log, while the door is half
    open to the one that was.                                                   */
static void a_feed_that_connected_again_is_proven_first (void **state)
{
    script_t *s = script_at_ten ();

    delivery_feed_down (s->delivery, s->now);
    expect (s, "+ sync/NONCE/");
    expect (s, "> SYNC alice NONCE");
    const char *ping = expect (s, "> PING alice");
    expect_quiet (s);
    feed_say (s, "lobby", 11);
    feed_say (s, "lobby", 14);
    expect_quiet (s);

    /*  Cut off once more: what proves the connection between does not count.  */
    char old[sizeof s->nonce];
    memcpy (old, s->nonce, sizeof old);
    delivery_feed_down (s->delivery, s->now);
    expect (s, "- sync/NONCE/");
    expect (s, "+ sync/NONCE/");
    expect (s, "> SYNC alice NONCE");
    char now[sizeof s->nonce];
    memcpy (now, s->nonce, sizeof now);
    memcpy (s->nonce, old, sizeof old);
    feed_nonce (s);
    feed_say (s, "lobby", 11);
    expect_quiet (s);
    memcpy (s->nonce, now, sizeof now);

    /*  The same log after all: a history brings what the feed did, and it goes on.  */
    ok (s, ping, "{\"time\":1,\"heads\":{\"lobby\":11}}");
    feed_nonce (s);
    expect (s, "- sync/NONCE/");
    const char *tag = expect (
        s, "> HISTORY alice lobby {\"after\":10,\"limit\":1000,\"form\":\"pack\",\"marks\":true}");
    feed_say (s, "lobby", 12);
    mail (s, tag, "lobby", 11, 11);
    expect (s, "* MESSAGE lobby seq=11 <bob> m11");
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    (void)state;
    script_destroy (s);
}

/*  Where the door is half open, nobody answers the PING that asks.            */
static void a_door_beside_another_feed_is_found_dead (void **state)
{
    script_t *s = script_at_ten ();

    delivery_feed_down (s->delivery, s->now);
    skip_to (s, "> PING alice");
    for (int i = 0; i < 100; i++) {
        feed_say (s, "lobby", 11 + (uint64_t)i);
        pass (s, ZCHAT_REPLY_TIMEOUT_MS / 100);
    }
    skip_to (s, "* DISCONNECTED");
    (void)state;
    script_destroy (s);
}

static void a_later_room_wants_a_later_barrier (void **state)
{
    script_t *s = script_live ();
    char first[ZCHAT_NONCE_MAX + 1];

    assert_int_equal (delivery_join (s->delivery, "one", 0, 0, s->now), ZCHAT_OK);
    assert_int_equal (delivery_join (s->delivery, "two", 0, 0, s->now), ZCHAT_OK);
    const char *one = expect (s, "> JOIN alice one");
    const char *two = expect (s, "> JOIN alice two");
    ok (s, one, JOIN_JSON ("one", "0"));
    memcpy (first, s->nonce, sizeof first);
    ok (s, two, JOIN_JSON ("two", "0"));
    assert_string_not_equal (first, s->nonce);
    forget (s);
    char next[sizeof first];
    memcpy (next, s->nonce, sizeof next);
    memcpy (s->nonce, first, sizeof first);
    feed_nonce (s);
    expect_quiet (s);
    memcpy (s->nonce, next, sizeof next);
    feed_nonce (s);
    expect (s, "- sync/NONCE/");
    skip_to (s, "> HISTORY alice one");
    expect (s, "> HISTORY alice two {\"after\":0,\"limit\":1000,\"form\":\"pack\",\"marks\":true}");
    script_destroy (s);
}

static void cursors_survive_a_reconnect (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 11);
    feed_say (s, "lobby", 14);
    delivery_down (s->delivery, "the connection was lost", s->now);
    feed_say (s, "lobby", 12);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "15"));
    expect (s, "feed tcp://127.0.0.1:5681");
    expect (s, "+ pack/lobby/");
    feed_nonce (s);
    const char *tag = skip_to (s, "> HISTORY alice lobby {\"after\":11,");
    mail (s, tag, "lobby", 12, 15);
    expect (s, "* MESSAGE lobby seq=12 <bob> m12");
    expect (s, "* MESSAGE lobby seq=13 <bob> m13");
    expect (s, "* MESSAGE lobby seq=14 <bob> m14");
    expect (s, "* MESSAGE lobby seq=15 <bob> m15");
    ok (s, tag, DONE_JSON ("lobby", "15"));
    expect (s, "* JOINED lobby seq=15 members=3 <bob>");
    expect_quiet (s);
    script_destroy (s);
}

static void a_new_log_is_new_from_its_beginning (void **state)
{
    script_t *s = script_at_ten ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_B);
    expect (s, "* REPLACED");
    ok (s, skip_to (s, "> JOIN"), JOIN_JSON ("lobby", "2"));
    feed_nonce (s);
    const char *tag = skip_to (s, "> HISTORY alice lobby {\"after\":0,");
    mail (s, tag, "lobby", 1, 2);
    expect (s, "* MESSAGE lobby seq=1 <bob> m1");
    expect (s, "* MESSAGE lobby seq=2 <bob> m2");
    script_destroy (s);
}

static void a_new_log_has_no_place_of_the_old_one (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 6, s->now), ZCHAT_OK);
    skip_to (s, "> JOIN");
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_B);
    expect (s, "* REPLACED");
    ok (s, skip_to (s, "> JOIN"), JOIN_JSON ("lobby", "7"));
    feed_nonce (s);
    skip_to (s, "> HISTORY alice lobby {\"after\":0,");
    script_destroy (s);
}

static void an_older_copy_of_the_log_is_noticed (void **state)
{
    script_t *s = script_at_ten ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    ok (s, skip_to (s, "> JOIN"), JOIN_JSON ("lobby", "7"));
    skip_to (s, "* WARNING corrupt lobby");
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY alice lobby {\"after\":7,"), DONE_JSON ("lobby", "7"));
    skip_to (s, "* JOINED lobby seq=7");
    feed_say (s, "lobby", 8);
    expect (s, "* MESSAGE lobby seq=8 <bob> m8");
    script_destroy (s);
}

static void join_refused (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    err (s, expect (s, "> JOIN alice lobby"), "{\"code\":\"limit\",\"text\":\"full\"}");
    expect (s, "* PARTED limit lobby");
    expect_quiet (s);
    assert_int_equal (delivery_part (s->delivery, "lobby", s->now), ZCHAT_MEMBER);
    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    err (s, expect (s, "> JOIN alice lobby"), "{\"code\":\"storage\",\"text\":\"no\"}");
    expect_quiet (s);
    pass (s, 2000);
    err (s, expect (s, "> JOIN alice lobby"),
         "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":500}");
    pass (s, 400);
    expect_quiet (s);
    pass (s, 700);
    err (s, expect (s, "> JOIN alice lobby"), "{\"code\":\"hello\",\"text\":\"who?\"}");
    expect (s, "drop");
    expect (s, "* DISCONNECTED identity");
    script_destroy (s);
}

static void history_refused (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 12);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    err (s, skip_to (s, "> HISTORY"), "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":100}");
    expect_quiet (s);
    pass (s, 99);
    expect_quiet (s);
    pass (s, 200);
    err (s, skip_to (s, "> HISTORY"), "{\"code\":\"malformed\",\"text\":\"no\"}");
    expect (s, "* WARNING malformed lobby");
    pass (s, 4000);
    expect_quiet (s);
    script_destroy (s);
}

static void leaving (void **state)
{
    script_t *s = script_at_ten ();

    assert_int_equal (delivery_part (s->delivery, "other", s->now), ZCHAT_MEMBER);
    assert_int_equal (delivery_part (s->delivery, "a b", s->now), ZCHAT_NAME);
    feed_say (s, "lobby", 12);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *tag = skip_to (s, "> HISTORY");
    assert_int_equal (delivery_part (s->delivery, "LOBBY", s->now), ZCHAT_OK);
    const char *part = expect (s, "> PART alice lobby");
    expect (s, "- pack/lobby/");
    expect (s, "* PARTED lobby");
    mail (s, tag, "lobby", 11, 12);
    ok (s, tag, DONE_JSON ("lobby", "12"));
    feed_say (s, "lobby", 13);
    ok (s, part, "{}");
    pass (s, 1000);
    expect_quiet (s);

    /*  And back: from now on, not from then on.                               */
    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"), JOIN_JSON ("lobby", "20"));
    feed_nonce (s);
    skip_to (s, "> HISTORY alice lobby {\"after\":20,");
    script_destroy (s);
}

static void as_many_rooms_as_allowed (void **state)
{
    script_t *s = script_live ();
    char name[16];
    size_t asked = 0;

    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++) {
        snprintf (name, sizeof name, "room%d", i);
        assert_int_equal (delivery_join (s->delivery, name, 0, 0, s->now), ZCHAT_OK);
    }
    assert_int_equal (delivery_join (s->delivery, "more", 0, 0, s->now), ZCHAT_FULL);
    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++) {
        char json[64];
        char line[32];
        snprintf (json, sizeof json, "{\"room\":\"room%d\",\"head\":5,\"first\":1}", i);
        snprintf (line, sizeof line, "> JOIN alice room%d", i);
        ok (s, skip_to (s, line), json);
        s->taken = 0;
    }
    feed_nonce (s);
    /*  HISTORY is asked a few at a time.                                      */
    s->taken = 0;
    for (size_t i = 0; i < s->count; i++)
        if (strncmp (s->lines[i], "> HISTORY", 9) == 0)
            asked++;
    assert_int_equal (asked, ZCHAT_FETCHES_MAX);
    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++) {
        char json[96];
        char room[32];
        const char *tag = skip_to (s, "> HISTORY");
        assert_int_equal (sscanf (s->lines[s->taken - 1], "> HISTORY alice %31s", room), 1);
        snprintf (json, sizeof json, "{\"room\":\"%s\",\"more\":false,\"first\":1,\"head\":5}",
                  room);
        size_t taken = s->taken;
        ok (s, tag, json);
        s->taken = taken;
    }
    pass (s, 1000);
    skip_to (s, "* JOINED");
    script_destroy (s);
}

static void guests_listen (void **state)
{
    zchat_options_t options = {.agent = "t", .feed = "tcp://10.0.0.1:9"};
    script_t *s = script_new (&options);

    go_live (s, HELLO_JSON (LOG_A, "", ""));
    forget (s);
    assert_int_equal (delivery_join (s->delivery, "Lobby", 0, 0, s->now), ZCHAT_OK);
    const char *look = expect (s, "> HISTORY  Lobby {\"limit\":1,\"form\":\"pack\"}");
    mail (s, look, "lobby", 10, 10);
    expect_quiet (s);
    ok (s, look, "{\"room\":\"Lobby\",\"more\":false,\"first\":1,\"head\":0}");
    expect (s, "feed tcp://10.0.0.1:9");
    expect (s, "+ pack/Lobby/");
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY  Lobby {\"after\":0,"),
        "{\"room\":\"Lobby\",\"more\":false,\"first\":1,\"head\":0}");
    expect (s, "* JOINED Lobby");
    expect_quiet (s);

    /*  Somebody has named it since; a guest learns from what it asks each heartbeat. */
    pass (s, 5000);
    ok (s, expect (s, "> PING "), "{\"heads\":{}}");
    const char *tag = skip_to (s, "> HISTORY  Lobby {\"after\":0,");
    mail (s, tag, "lobby", 1, 1);
    expect (s, "* MESSAGE Lobby seq=1 <bob> m1");
    ok (s, tag, "{\"room\":\"lobby\",\"more\":false,\"first\":1,\"head\":1}");
    expect (s, "- pack/Lobby/");
    expect (s, "+ pack/lobby/");
    feed_nonce (s);
    ok (s, skip_to (s, "> HISTORY  lobby {\"after\":1,"), DONE_JSON ("lobby", "1"));
    feed_say (s, "lobby", 2);
    expect (s, "* MESSAGE lobby seq=2 <bob> m2");
    assert_int_equal (delivery_part (s->delivery, "lobby", s->now), ZCHAT_OK);
    expect (s, "- pack/lobby/");
    expect (s, "* PARTED lobby");
    expect_quiet (s);
    script_destroy (s);
}

/*  What a history brought that was asked before the barrier proves nothing.   */
static void a_history_before_the_barrier_does_not_count (void **state)
{
    script_t *s = script_at_ten ();

    feed_say (s, "lobby", 12);
    pass (s, ZCHAT_GAP_WAIT_MS + 1);
    const char *old = skip_to (s, "> HISTORY");
    /*  The feed is not heard for so long that it is made anew, and all the while the
        history does not end.                                                  */
    s->pong = "{\"heads\":{\"lobby\":20}}";
    for (uint64_t seq = 11; seq <= 18; seq++) {
        mail (s, old, "lobby", seq, seq);
        pass (s, 3000);
    }
    skip_to (s, "* WARNING");
    expect (s, "feed tcp://127.0.0.1:5681");
    feed_nonce (s);
    skip_to (s, "> HISTORY alice lobby {\"after\":18,");
    ok (s, old, DONE_JSON ("lobby", "12"));
    expect_quiet (s);
    script_destroy (s);
}

/*  Text that is not UTF-8, and data that is no JSON object, stop here.         */
static void events_are_fit_to_be_used (void **state)
{
    script_t *s = script_at_ten ();
    char topic[EVENT_TOPIC_MAX];
    uint8_t buffer[256];
    event_t event = {.seq = 11,
                     .type = ZCHAT_TYPE_ACTION,
                     .user = frame_str ("alice"),
                     .body = frame_str ("a\xff"),
                     .data = frame_str ("[1]")};
    frame_t frames[2] = {pack_topic (topic, "lobby"),
                         frame_of (buffer, event_record_encode (&event, buffer))};

    delivery_feed (s->delivery, frames, 2, s->now);
    expect (s, "* MESSAGE lobby seq=11 <alice> [action] a\xef\xbf\xbd own");
    event.seq = 12;
    event.type = (zchat_type_t)99;
    event.body = frame_str ("b");
    event.data = frame_str ("{\"b\":1,\"a\":2}");
    frames[1] = frame_of (buffer, event_record_encode (&event, buffer));
    delivery_feed (s->delivery, frames, 2, s->now);
    expect (s, "* MESSAGE lobby seq=12 <alice> [unknown] b data={\"b\":1,\"a\":2} own");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (arriving),
        cmocka_unit_test (where_a_room_begins),
        cmocka_unit_test (beginning_beyond_the_end),
        cmocka_unit_test (bad_joins_break_the_connection),
        cmocka_unit_test (a_gap_closes_by_itself),
        cmocka_unit_test (a_gap_is_fetched),
        cmocka_unit_test (presence_keeps_its_place),
        cmocka_unit_test (a_history_that_does_not_help_is_asked_again),
        cmocka_unit_test (what_retention_took_is_said),
        cmocka_unit_test (too_much_ahead_is_fetched_later),
        cmocka_unit_test (nonsense_on_the_feed_leaves_a_gap),
        cmocka_unit_test (nonsense_in_a_history_breaks_the_connection),
        cmocka_unit_test (heads_show_the_last_message),
        cmocka_unit_test (heads_that_the_feed_brings_are_no_gap),
        cmocka_unit_test (a_silent_feed_is_said_and_made_anew),
        cmocka_unit_test (a_feed_that_connected_again_is_proven_first),
        cmocka_unit_test (a_door_beside_another_feed_is_found_dead),
        cmocka_unit_test (a_later_room_wants_a_later_barrier),
        cmocka_unit_test (cursors_survive_a_reconnect),
        cmocka_unit_test (a_new_log_is_new_from_its_beginning),
        cmocka_unit_test (a_new_log_has_no_place_of_the_old_one),
        cmocka_unit_test (a_room_nobody_joined_is_left),
        cmocka_unit_test (an_older_copy_of_the_log_is_noticed),
        cmocka_unit_test (join_refused),
        cmocka_unit_test (history_refused),
        cmocka_unit_test (leaving),
        cmocka_unit_test (as_many_rooms_as_allowed),
        cmocka_unit_test (guests_listen),
        cmocka_unit_test (a_history_before_the_barrier_does_not_count),
        cmocka_unit_test (events_are_fit_to_be_used),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
