/*  test_delivery.c - connecting, HELLO, losing a connection, going elsewhere  */
#include "script.h"

static void hello_carries_who_we_are (void **state)
{
    script_t *s = script_alice ();

    expect_quiet (s);
    assert_true (delivery_deadline_ms (s->delivery) == UINT64_MAX);
    delivery_start (s->delivery, s->now);
    expect (s, "door");
    expect_quiet (s);
    delivery_up (s->delivery, s->now);
    const char *tag =
        expect (s, "> HELLO alice {\"protocol\":\"ZCHAT/1\",\"agent\":\"t\",\"form\":\"pack\"}");
    assert_false (delivery_connected (s->delivery));
    ok (s, tag, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    assert_true (delivery_connected (s->delivery));
    expect_quiet (s);
    script_destroy (s);
}

static void session_is_remembered (void **state)
{
    script_t *s = script_live ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    expect (s, "drop");
    expect (s, "* DISCONNECTED unreachable");
    /*  Once an attempt.                                                       */
    delivery_down (s->delivery, "the connection was lost", s->now);
    expect_quiet (s);
    pass (s, 100);
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    expect (s, "> HELLO alice "
               "{\"protocol\":\"ZCHAT/1\",\"agent\":\"t\",\"form\":\"pack\",\"session\":\"" SECRET
               "\"}");
    script_destroy (s);
}

static void backoff_grows_and_ends_with_hello (void **state)
{
    script_t *s = script_alice ();
    uint64_t waits[9];

    delivery_start (s->delivery, s->now);
    for (int i = 0; i < 9; i++) {
        expect (s, "door");
        delivery_down (s->delivery, "connection refused", s->now);
        expect (s, "drop");
        expect (s, "* DISCONNECTED unreachable");
        waits[i] = delivery_deadline_ms (s->delivery) - s->now;
        pass (s, waits[i]);
    }
    assert_in_range (waits[0], ZCHAT_BACKOFF_MIN_MS / 2, ZCHAT_BACKOFF_MIN_MS);
    assert_in_range (waits[3], 4 * ZCHAT_BACKOFF_MIN_MS, 8 * ZCHAT_BACKOFF_MIN_MS);
    assert_in_range (waits[8], ZCHAT_BACKOFF_MAX_MS / 2, ZCHAT_BACKOFF_MAX_MS);

    /*  A connection alone is no success.                                      */
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    skip_to (s, "> HELLO");
    delivery_down (s->delivery, "the connection was lost", s->now);
    assert_in_range (delivery_deadline_ms (s->delivery) - s->now, ZCHAT_BACKOFF_MAX_MS / 2,
                     ZCHAT_BACKOFF_MAX_MS);
    go_live (s, HELLO_A);
    delivery_down (s->delivery, "the connection was lost", s->now);
    assert_in_range (delivery_deadline_ms (s->delivery) - s->now, ZCHAT_BACKOFF_MIN_MS / 2,
                     ZCHAT_BACKOFF_MIN_MS);
    script_destroy (s);
}

static void silence_is_noticed (void **state)
{
    script_t *s = script_alice ();

    delivery_start (s->delivery, s->now);
    expect (s, "door");
    pass (s, ZCHAT_CONNECT_TIMEOUT_MS - 1);
    expect_quiet (s);
    pass (s, 1);
    expect (s, "drop");
    expect (s, "* DISCONNECTED unreachable");
    pass (s, 100);
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    skip_to (s, "> HELLO");
    pass (s, ZCHAT_CONNECT_TIMEOUT_MS);
    expect (s, "drop");
    expect (s, "* DISCONNECTED unreachable");
    script_destroy (s);
}

static void retry_max_ends_in_refused (void **state)
{
    zchat_options_t options = {.user = "alice", .retry_max = 2};
    script_t *s = script_new (&options);

    delivery_start (s->delivery, s->now);
    delivery_down (s->delivery, "connection refused", s->now);
    pass (s, 100);
    delivery_down (s->delivery, "connection refused", s->now);
    expect (s, "door");
    expect (s, "drop");
    expect (s, "* DISCONNECTED unreachable");
    expect (s, "door");
    expect (s, "drop");
    expect (s, "* REFUSED unreachable");
    pass (s, 100000);
    expect_quiet (s);
    assert_true (delivery_deadline_ms (s->delivery) == UINT64_MAX);
    script_destroy (s);
}

static void refusals (void **state)
{
    static const struct {
        const char *json;
        const char *event;
        bool again;
    } cases[] = {
        {"{\"code\":\"name\",\"text\":\"no\"}", "* REFUSED name", false},
        {"{\"code\":\"protocol\",\"text\":\"no\"}", "* REFUSED protocol", false},
        {"{\"code\":\"taken\",\"text\":\"no\"}", "* REFUSED taken", false},
        {"{\"code\":\"novel\",\"text\":\"no\"}", "* REFUSED unknown", false},
        {"{\"code\":\"ok\",\"text\":\"no\"}", "* REFUSED unknown", false},
        {"{\"code\":\"taken\",\"text\":\"no\",\"wait_ms\":3000}", "* DISCONNECTED taken", true},
        {"{\"code\":\"closing\"}", "* DISCONNECTED closing", true},
        {"{\"code\":\"limit\",\"text\":\"full\",\"limit\":1}", "* DISCONNECTED limit", true},
        {"{\"text\":\"no code\"}", "* DISCONNECTED malformed", true},
        {"nonsense", "* DISCONNECTED malformed", true},
        {"", "* DISCONNECTED malformed", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_alice ();
        delivery_start (s->delivery, s->now);
        delivery_up (s->delivery, s->now);
        err (s, skip_to (s, "> HELLO"), cases[i].json);
        expect (s, "drop");
        expect (s, cases[i].event);
        assert_int_equal (delivery_deadline_ms (s->delivery) != UINT64_MAX, cases[i].again);
        script_destroy (s);
    }
}

static void taken_says_when_to_come_again (void **state)
{
    script_t *s = script_alice ();

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    err (s, skip_to (s, "> HELLO"), "{\"code\":\"taken\",\"text\":\"no\",\"wait_ms\":3000}");
    assert_true (delivery_deadline_ms (s->delivery) == s->now + 3000);
    script_destroy (s);
}

static void own_name_taken_is_tried_a_few_times (void **state)
{
    script_t *s = script_live ();
    int tries = 0;

    delivery_down (s->delivery, "the connection was lost", s->now);
    while (delivery_deadline_ms (s->delivery) != UINT64_MAX) {
        pass (s, delivery_deadline_ms (s->delivery) - s->now);
        delivery_up (s->delivery, s->now);
        err (s, skip_to (s, "> HELLO"), "{\"code\":\"taken\",\"text\":\"no\"}");
        tries++;
        assert_true (tries < 10);
    }
    assert_in_range (tries, 2, 9);
    skip_to (s, "* REFUSED taken");
    script_destroy (s);
}

static void bad_hellos (void **state)
{
    static const char *const cases[] = {
        "{}",
        "[]",
        "{\"protocol\":\"ZCHAT/1\"}",
        HELLO_JSON ("0011", "alice", ""),
        HELLO_JSON ("zz112233445566778899aabbccddeeff", "alice", ""),
        HELLO_JSON (LOG_A, "mallory", ""),
        HELLO_JSON (LOG_A, "", ""),
        HELLO_JSON (LOG_A, "a b", ""),
        HELLO_JSON (LOG_A, "alice", ",\"session\":\"short\""),
        HELLO_JSON (LOG_A, "alice", ",\"feeds\":[]"),
        HELLO_JSON (LOG_A, "alice", ",\"feeds\":[1,{},\"http://x:1\",\"tcp://x\"]"),
        HELLO_JSON (LOG_A, "alice", ",\"feeds\":7"),
        HELLO_JSON (LOG_A, "alice", ",\"protocol\":\"ZCHAT/2\""),
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_alice ();
        delivery_start (s->delivery, s->now);
        delivery_up (s->delivery, s->now);
        ok (s, skip_to (s, "> HELLO"), cases[i]);
        expect (s, "drop");
        expect (s, "* DISCONNECTED malformed");
        assert_false (delivery_connected (s->delivery));
        script_destroy (s);
    }
}

static void frames_that_are_no_reply (void **state)
{
    script_t *s = script_live ();
    frame_t noop[2] = {frame_str ("NOOP"), {"", 0}};
    frame_t stray[3] = {frame_str ("OK"), frame_str ("q9999"), frame_str ("not even json")};
    frame_t hollow[3] = {frame_str ("ERR"), {NULL, 0}, {NULL, 0}};
    frame_t odd[2] = {frame_str ("WHAT"), frame_str ("1")};

    delivery_door (s->delivery, noop, 2, s->now);
    delivery_door (s->delivery, stray, 3, s->now);
    delivery_door (s->delivery, hollow, 3, s->now);
    expect_quiet (s);
    delivery_door (s->delivery, odd, 2, s->now);
    expect (s, "drop");
    expect (s, "* DISCONNECTED malformed");
    delivery_door (s->delivery, odd, 2, s->now);
    delivery_door (s->delivery, NULL, 0, s->now);
    expect_quiet (s);
    script_destroy (s);
}

/*  A broker that greets and then talks nonsense is not visited ten times a second. */
static void nonsense_keeps_the_backoff (void **state)
{
    script_t *s = script_live ();
    frame_t odd[1] = {frame_str ("WHAT")};

    for (int i = 0; i < 8; i++) {
        delivery_door (s->delivery, odd, 1, s->now);
        go_live (s, HELLO_A);
    }
    delivery_door (s->delivery, odd, 1, s->now);
    assert_true (delivery_deadline_ms (s->delivery) >= s->now + ZCHAT_BACKOFF_MAX_MS / 2);
    script_destroy (s);
}

/*  Nor is one that greets and then knows nobody; who was known for a while comes back soon. */
static void strangers_keep_the_backoff (void **state)
{
    static const char *const codes[] = {"taken", "identity", "hello"};
    uint64_t id;

    for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
        script_t *s = script_live ();
        char json[64];
        snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"no\"}", codes[c]);
        assert_int_equal (
            delivery_say (s->delivery, "dev", ZCHAT_TYPE_SAY, "hi", 2, NULL, &id, s->now),
            ZCHAT_OK);
        for (int i = 0; i < 8; i++) {
            err (s, skip_to (s, "> SAY"), json);
            assert_false (delivery_connected (s->delivery));
            go_live (s, HELLO_A);
        }
        err (s, skip_to (s, "> SAY"), json);
        assert_true (delivery_deadline_ms (s->delivery) >= s->now + ZCHAT_BACKOFF_MAX_MS / 2);
        go_live (s, HELLO_A);
        s->now += ZCHAT_BACKOFF_MAX_MS;
        err (s, skip_to (s, "> SAY"), json);
        assert_true (delivery_deadline_ms (s->delivery) <= s->now + ZCHAT_BACKOFF_MIN_MS);
        script_destroy (s);
    }
}

/*  A broker that lets nobody claim a name for now is asked again once it may.  */
static void hello_waits_as_it_is_told (void **state)
{
    static const struct {
        const char *told;
        uint64_t least, most;
    } waits[] = {{"30000", 30000, 30000},
                 {"9223372036854775807", 60000, 60000},
                 {"0", ZCHAT_BACKOFF_MIN_MS / 2, ZCHAT_BACKOFF_MIN_MS}};

    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        script_t *s = script_alice ();
        char json[128];
        snprintf (json, sizeof json, "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":%s}",
                  waits[i].told);
        delivery_start (s->delivery, s->now);
        delivery_up (s->delivery, s->now);
        err (s, skip_to (s, "> HELLO"), json);
        expect (s, "drop");
        expect (s, "* DISCONNECTED slow");
        assert_in_range (delivery_deadline_ms (s->delivery) - s->now, waits[i].least,
                         waits[i].most);
        pass (s, delivery_deadline_ms (s->delivery) - s->now);
        expect (s, "door");
        script_destroy (s);
    }
}

static void unanswered_ping_reconnects (void **state)
{
    script_t *s = script_live ();

    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"time\":1,\"heads\":{}}");
    pass (s, 5000);
    expect (s, "> PING alice");
    pass (s, ZCHAT_REPLY_TIMEOUT_MS - 1);
    expect_quiet (s);
    pass (s, 1);
    expect (s, "drop");
    expect (s, "* DISCONNECTED timeout");
    script_destroy (s);
}

static void log_replaced (void **state)
{
    script_t *s = script_live ();

    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    expect_quiet (s);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_B);
    expect (s, "* REPLACED");
    expect (s, "* CONNECTED <alice>");
    expect_quiet (s);
    script_destroy (s);
}

static void rename_leaves_and_comes_back (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_rename (s->delivery, "a b", s->now), ZCHAT_NAME);
    assert_int_equal (delivery_rename (s->delivery, "", s->now), ZCHAT_NAME);
    assert_int_equal (delivery_rename (s->delivery, NULL, s->now), ZCHAT_NAME);
    expect_quiet (s);
    assert_int_equal (delivery_rename (s->delivery, "carol", s->now), ZCHAT_OK);
    const char *bye = expect (s, "> BYE alice");
    say (s, "later");
    expect_quiet (s);
    assert_false (delivery_connected (s->delivery));
    ok (s, bye, "{}");
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    /*  The secret was alice's.                                                */
    const char *hello =
        expect (s, "> HELLO carol {\"protocol\":\"ZCHAT/1\",\"agent\":\"t\",\"form\":\"pack\"}");
    ok (s, hello, HELLO_JSON (LOG_A, "carol", ""));
    expect (s, "* CONNECTED <carol>");
    expect (s, "> SAY carol lobby later {\"type\":\"say\",\"producer\":\"P1\",\"n\":1}");
    expect_quiet (s);
    script_destroy (s);
}

static void rename_without_answer_goes_on (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_rename (s->delivery, "carol", s->now), ZCHAT_OK);
    expect (s, "> BYE alice");
    pass (s, 1000);
    expect (s, "door");
    script_destroy (s);
}

static void rename_after_refused (void **state)
{
    script_t *s = script_alice ();
    uint64_t id;

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    say (s, "kept");
    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_OK);
    err (s, skip_to (s, "> HELLO"), "{\"code\":\"taken\",\"text\":\"no\"}");
    expect (s, "drop");
    expect (s, "* REPLY unreachable #2");
    expect (s, "* REFUSED taken");
    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_OK);
    expect (s, "* REPLY unreachable #3");
    assert_int_equal (delivery_rename (s->delivery, "carol", s->now), ZCHAT_OK);
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO carol"), HELLO_JSON (LOG_A, "carol", ""));
    expect (s, "* CONNECTED <carol>");
    expect (s, "> SAY carol lobby kept {\"type\":\"say\",\"producer\":\"P1\",\"n\":1}");
    script_destroy (s);
}

static void bye_is_the_end (void **state)
{
    script_t *s = script_live ();

    delivery_bye (s->delivery, s->now);
    expect (s, "> BYE alice");
    say (s, "too late");
    delivery_down (s->delivery, "the connection was lost", s->now);
    delivery_up (s->delivery, s->now);
    pass (s, 100000);
    expect_quiet (s);
    assert_int_equal (delivery_unacknowledged (s->delivery), 1);
    script_destroy (s);
}

static void spelling_of_the_user (void **state)
{
    script_t *s = script_alice ();

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO"), HELLO_JSON (LOG_A, "Alice", ""));
    expect (s, "* CONNECTED <Alice>");
    pass (s, 5000);
    expect (s, "> PING Alice");
    script_destroy (s);
}

static void arguments_are_checked (void **state)
{
    script_t *s = script_live ();
    char data[ZCHAT_DATA_MAX + 8];
    char *body = memory_zero (ZCHAT_BODY_MAX + 2);
    uint64_t id = 77;

    memset (body, 'x', ZCHAT_BODY_MAX + 1);
    memset (data, ' ', sizeof data);
    data[0] = '{';
    data[ZCHAT_DATA_MAX] = '}';
    data[ZCHAT_DATA_MAX + 1] = '\0';
#define SAY(room, type, text, size, json)                                                          \
    delivery_say (s->delivery, room, type, text, size, json, &id, s->now)
    assert_int_equal (SAY ("a b", ZCHAT_TYPE_SAY, "x", 1, NULL), ZCHAT_NAME);
    assert_int_equal (SAY (NULL, ZCHAT_TYPE_SAY, "x", 1, NULL), ZCHAT_NAME);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_TOPIC, "x", 1, NULL), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "", 0, NULL), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "\xff", 1, NULL), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "a\0b", 3, NULL), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, body, ZCHAT_BODY_MAX + 1, NULL), ZCHAT_LIMIT);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "x", 1, "[]"), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "x", 1, "{"), ZCHAT_INVALID);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "x", 1, data), ZCHAT_LIMIT);
    assert_int_equal (id, 77);
    expect_quiet (s);
    data[ZCHAT_DATA_MAX - 1] = '}';
    data[ZCHAT_DATA_MAX] = '\0';
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, "x", 1, data), ZCHAT_OK);
    assert_int_equal (SAY ("lobby", ZCHAT_TYPE_SAY, body, ZCHAT_BODY_MAX, NULL), ZCHAT_OK);
    assert_int_equal (id, 2);
#undef SAY
    free (body);
    script_destroy (s);
}

static void guests_do_not_speak (void **state)
{
    zchat_options_t options = {.agent = "t"};
    script_t *s = script_new (&options);

    assert_int_equal (
        delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, "x", 1, NULL, NULL, s->now),
        ZCHAT_GUEST);
    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    skip_to (s, "door");
    ok (s, expect (s, "> HELLO  {\"protocol\":\"ZCHAT/1\",\"agent\":\"t\",\"form\":\"pack\"}"),
        HELLO_JSON (LOG_A, "", ""));
    expect (s, "* CONNECTED");
    delivery_bye (s->delivery, s->now);
    expect_quiet (s);
    script_destroy (s);
}

static void options_are_checked (void **state)
{
    static const struct {
        zchat_options_t options;
        zchat_status_t status;
    } cases[] = {
        {{.endpoint = "localhost"}, ZCHAT_INVALID},
        {{.endpoint = "inproc://x"}, ZCHAT_INVALID},
        {{.endpoint = "tcp://*:1"}, ZCHAT_INVALID},
        {{.feed = "tcp://x"}, ZCHAT_INVALID},
        {{.user = "a/b"}, ZCHAT_NAME},
        {{.agent = "\xff"}, ZCHAT_INVALID},
    };
    delivery_sink_t sink = {0};
    uint8_t seed[32] = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        delivery_t *delivery = NULL;
        const char *why = NULL;
        assert_int_equal (delivery_new (&cases[i].options, seed, &sink, &delivery, &why),
                          cases[i].status);
        assert_null (delivery);
        assert_non_null (why);
        assert_int_equal (delivery_new (&cases[i].options, seed, &sink, &delivery, NULL),
                          cases[i].status);
    }
}

/*  --- anything at all -------------------------------------------------------  */

static uint64_t noise_state = 42;

static size_t noise (size_t below)
{
    noise_state ^= noise_state << 13;
    noise_state ^= noise_state >> 7;
    noise_state ^= noise_state << 17;
    return (size_t)(noise_state % below);
}

/*  A frame that may well be the right one: of a reply, of the feed, of a lost mind.  */
static frame_t noise_frame (const script_t *s, uint8_t *buffer)
{
    static const char *const words[] = {
        "OK",
        "ERR",
        "EVENT",
        "NOOP",
        "",
        "pack/lobby/",
        "pack/",
        "sync//",
        "room/lobby/",
        "{}",
        "[]",
        "{\"duplicate\":true}",
        "{\"seq\":1,\"time\":1}",
        "{\"heads\":{\"lobby\":99}}",
        "{\"heads\":{\"lobby\":-1}}",
        "{\"code\":\"gap\",\"expected\":1}",
        "{\"code\":\"gap\",\"expected\":9223372036854775807}",
        "{\"code\":\"limit\"}",
        "{\"code\":\"slow\",\"wait_ms\":9223372036854775807}",
        "{\"code\":\"storage\"}",
        "{\"room\":\"lobby\",\"head\":5,\"first\":1}",
        "{\"room\":\"lobby\",\"head\":1099511627775,\"first\":1099511627776}",
        "{\"room\":\"lobby\",\"head\":9,\"first\":9,\"more\":true}",
        "{\"room\":\"LOBBY\",\"head\":9,\"first\":1,\"more\":false}",
        HELLO_A,
        HELLO_B};
    uint64_t seqs[] = {0, 1, 2, 3, 9, 50, ZCHAT_SEQ_MAX, ZCHAT_SEQ_MAX + 1, UINT64_MAX};

    switch (noise (4)) {
    case 0:
        return frame_str (words[noise (sizeof words / sizeof *words)]);
    case 1:
        return s->count ? frame_str (s->tags[noise (s->count)]) : frame_str ("q1");
    case 2: {
        frame_t pack = pack_one (buffer, seqs[noise (9)], (zchat_type_t)noise (256), "noise");
        if (noise (3) == 0)
            buffer[noise (pack.size)] ^= (uint8_t)noise (256);
        pack.size -= noise (4) ? 0 : noise (pack.size + 1);
        return pack;
    }
    default:
        for (size_t i = 0; i < 16; i++)
            buffer[i] = (uint8_t)noise (256);
        return frame_of (buffer, noise (17));
    }
}

static void anything_may_come (void **state)
{
    static const char *const likely[][2] = {{"OK", "{}"}, {"ERR", "{\"code\":\"slow\"}"}};
    script_t *s = script_live ();
    uint8_t buffers[8][256];
    size_t lives = 0;

    assert_int_equal (delivery_join (s->delivery, "lobby", 3, 0, s->now), ZCHAT_OK);
    for (int i = 0; i < 60000; i++) {
        frame_t frames[8];
        size_t count = noise (9);
        for (size_t k = 0; k < count; k++)
            frames[k] = noise_frame (s, buffers[k]);
        /*  Mostly of a form that gets past the first look.                    */
        if (noise (4) && count >= 3 && s->count) {
            size_t which = noise (2);
            frames[0] = frame_str (likely[which][0]);
            frames[1] = frame_str (s->tags[noise (s->count)]);
            count = 3;
        } else if (noise (2) && count >= 2)
            count = 2;
        (count == 3 || noise (2) ? delivery_door : delivery_feed) (s->delivery, frames, count,
                                                                   s->now);
        if (noise (3) == 0) {
            s->now += noise (300);
            delivery_tick (s->delivery, s->now);
        }
        if (noise (20) == 0)
            (void)!delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, "x", 1, NULL, NULL, s->now);
        if (noise (20) == 0)
            (void)!delivery_history (s->delivery, "lobby", 0, 0, 5, NULL, s->now);
        if (noise (40) == 0 && delivery_part (s->delivery, "lobby", s->now) == ZCHAT_OK)
            assert_int_equal (delivery_join (s->delivery, "lobby", 3, 0, s->now), ZCHAT_OK);
        if (noise (30) == 0 && *s->nonce)
            feed_nonce (s);
        if (!delivery_connected (s->delivery) && s->count &&
            strcmp (s->lines[s->count - 1], "door") == 0) {
            delivery_up (s->delivery, s->now);
            ok (s, s->tags[s->count - 1], noise (2) ? HELLO_A : HELLO_B);
            lives += delivery_connected (s->delivery);
        }
        if (delivery_deadline_ms (s->delivery) == UINT64_MAX)
            assert_int_equal (delivery_rename (s->delivery, "alice", s->now), ZCHAT_OK);
        if (s->count > 2000)
            script_clear (s);
    }
    assert_true (lives > 50);
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (hello_carries_who_we_are),
        cmocka_unit_test (session_is_remembered),
        cmocka_unit_test (backoff_grows_and_ends_with_hello),
        cmocka_unit_test (silence_is_noticed),
        cmocka_unit_test (retry_max_ends_in_refused),
        cmocka_unit_test (refusals),
        cmocka_unit_test (taken_says_when_to_come_again),
        cmocka_unit_test (own_name_taken_is_tried_a_few_times),
        cmocka_unit_test (bad_hellos),
        cmocka_unit_test (frames_that_are_no_reply),
        cmocka_unit_test (nonsense_keeps_the_backoff),
        cmocka_unit_test (strangers_keep_the_backoff),
        cmocka_unit_test (hello_waits_as_it_is_told),
        cmocka_unit_test (unanswered_ping_reconnects),
        cmocka_unit_test (log_replaced),
        cmocka_unit_test (rename_leaves_and_comes_back),
        cmocka_unit_test (rename_without_answer_goes_on),
        cmocka_unit_test (rename_after_refused),
        cmocka_unit_test (bye_is_the_end),
        cmocka_unit_test (spelling_of_the_user),
        cmocka_unit_test (arguments_are_checked),
        cmocka_unit_test (guests_do_not_speak),
        cmocka_unit_test (options_are_checked),
        cmocka_unit_test (anything_may_come),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
