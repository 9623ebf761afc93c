/*  test_outbox.c - each message once, in order, whatever happens to replies   */
#include "script.h"

#define GAP(n)      "{\"code\":\"gap\",\"text\":\"resend\",\"expected\":" n "}"
#define STORED(seq) "{\"seq\":" seq ",\"time\":1000}"

static const char *expect_say (script_t *s, const char *body, const char *producer, int n)
{
    char line[160];

    snprintf (line, sizeof line,
              "> SAY alice lobby %s {\"type\":\"say\",\"producer\":\"%s\",\"n\":%d}", body,
              producer, n);
    return expect (s, line);
}

/*  The connection breaks and comes back.                                      */
static void reconnect (script_t *s, const char *hello)
{
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, hello);
    skip_to (s, "* CONNECTED");
}

static void acknowledged_in_order (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (say (s, "a"), 1);
    assert_int_equal (say (s, "b"), 2);
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    assert_int_equal (delivery_unacknowledged (s->delivery), 2);
    ok (s, a, STORED ("7"));
    expect (s, "* SENT #1 lobby seq=7");
    ok (s, a, STORED ("7"));
    expect_quiet (s);
    ok (s, b, "{\"duplicate\":true}");
    expect (s, "* SENT #2 lobby");
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    say (s, "c");
    expect_say (s, "c", "P1", 3);
    script_destroy (s);
}

static void data_and_type_go_out (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_say (s->delivery, "lobby", ZCHAT_TYPE_ACTION, "waves", 5,
                                    "{\"z\":1,\"a\":{}}", NULL, s->now),
                      ZCHAT_OK);
    expect (s, "> SAY alice lobby waves {\"type\":\"action\",\"producer\":\"P1\",\"n\":1,"
               "\"data\":{\"z\":1,\"a\":{}}}");
    script_destroy (s);
}

static void a_lost_ok_is_a_duplicate (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    const char *a = expect_say (s, "a", "P1", 1);
    reconnect (s, HELLO_A);
    const char *again = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    ok (s, a, STORED ("1"));
    expect_quiet (s);
    ok (s, again, "{\"duplicate\":true}");
    expect (s, "* SENT #1 lobby");
    ok (s, b, STORED ("2"));
    expect (s, "* SENT #2 lobby seq=2");
    script_destroy (s);
}

static void unsent_messages_wait_for_a_connection (void **state)
{
    script_t *s = script_alice ();

    say (s, "a");
    expect_quiet (s);
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    expect_say (s, "a", "P1", 1);
    script_destroy (s);
}

static void the_window_holds_back (void **state)
{
    script_t *s = script_live ();
    const char *first;

    for (int i = 0; i < ZCHAT_WINDOW + 2; i++)
        say (s, "x");
    assert_int_equal (s->count - s->taken, ZCHAT_WINDOW);
    first = expect_say (s, "x", "P1", 1);
    forget (s);
    ok (s, first, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    expect_say (s, "x", "P1", ZCHAT_WINDOW + 1);
    expect_quiet (s);
    script_destroy (s);
}

static void the_window_counts_bytes (void **state)
{
    script_t *s = script_live ();
    char *body = memory_new (ZCHAT_BODY_MAX);

    memset (body, 'x', ZCHAT_BODY_MAX);
    for (int i = 0; i < 20; i++)
        assert_int_equal (delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, body, ZCHAT_BODY_MAX,
                                        NULL, NULL, s->now),
                          ZCHAT_OK);
    assert_in_range (s->count - s->taken, 10, ZCHAT_WINDOW_BYTES / ZCHAT_BODY_MAX);
    free (body);
    script_destroy (s);
}

static void the_outbox_is_bounded (void **state)
{
    script_t *s = script_alice ();
    uint64_t id = 0;
    char *body = memory_new (ZCHAT_BODY_MAX);
    int taken = 0;

    for (int i = 0; i < ZCHAT_OUTBOX_MAX; i++)
        say (s, "x");
    assert_int_equal (
        delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, "x", 1, NULL, &id, s->now), ZCHAT_FULL);
    assert_int_equal (id, 0);
    script_destroy (s);

    s = script_alice ();
    memset (body, 'x', ZCHAT_BODY_MAX);
    while (delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, body, ZCHAT_BODY_MAX, NULL, NULL,
                         s->now) == ZCHAT_OK)
        taken++;
    assert_in_range (taken, 200, ZCHAT_OUTBOX_BYTES_MAX / ZCHAT_BODY_MAX);
    free (body);
    script_destroy (s);
}

static void storage_waits_and_goes_back (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    say (s, "c");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    const char *c = expect_say (s, "c", "P1", 3);
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    err (s, b, "{\"code\":\"storage\",\"text\":\"no\"}");
    err (s, c, GAP ("2"));
    say (s, "d");
    expect_quiet (s);
    pass (s, ZCHAT_BACKOFF_MIN_MS);
    b = expect_say (s, "b", "P1", 2);
    expect_say (s, "c", "P1", 3);
    expect_say (s, "d", "P1", 4);
    s->pong = "{\"heads\":{}}";
    /*  It lasts: the waits grow, but not for ever.                            */
    for (int i = 0; i < 10; i++) {
        err (s, b, "{\"code\":\"storage\",\"text\":\"no\"}");
        expect_quiet (s);
        assert_true (delivery_deadline_ms (s->delivery) <= s->now + ZCHAT_BACKOFF_MAX_MS);
        pass (s, ZCHAT_BACKOFF_MAX_MS);
        while (s->lines[s->taken] && strncmp (s->lines[s->taken], "> SAY", 5) != 0)
            s->taken++;
        b = expect_say (s, "b", "P1", 2);
        forget (s);
    }
    ok (s, b, STORED ("2"));
    expect (s, "* SENT #2 lobby seq=2");
    script_destroy (s);
}

static void slow_waits_as_told (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    /*  slow comes at once, before the OK of what is on its way to the disk.   */
    err (s, b, "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":700}");
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    pass (s, 699);
    expect_quiet (s);
    pass (s, 1);
    b = expect_say (s, "b", "P1", 2);
    ok (s, b, STORED ("2"));
    expect (s, "* SENT #2 lobby seq=2");
    script_destroy (s);
}

static void a_refusal_in_the_middle (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    say (s, "c");
    say (s, "d");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    const char *c = expect_say (s, "c", "P1", 3);
    const char *d = expect_say (s, "d", "P1", 4);
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    err (s, b, "{\"code\":\"limit\",\"text\":\"too long\",\"limit\":1}");
    expect (s, "* FAILED limit #2 lobby");
    const char *c2 = expect_say (s, "c", "P2", 1);
    const char *d2 = expect_say (s, "d", "P2", 2);
    err (s, c, GAP ("2"));
    err (s, d, GAP ("2"));
    expect_quiet (s);
    ok (s, c2, STORED ("2"));
    expect (s, "* SENT #3 lobby seq=2");
    ok (s, d2, STORED ("3"));
    expect (s, "* SENT #4 lobby seq=3");
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    script_destroy (s);
}

/*  Nothing was sent behind it, so its number is free.                         */
static void a_refusal_of_the_last_one (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    err (s, expect_say (s, "a", "P1", 1), "{\"code\":\"limit\",\"text\":\"too long\"}");
    expect (s, "* FAILED limit #1 lobby");
    say (s, "b");
    expect_say (s, "b", "P1", 1);
    script_destroy (s);
}

static void a_refusal_that_overtakes (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    err (s, b, "{\"code\":\"limit\",\"text\":\"too long\"}");
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    pass (s, 1000);
    b = expect_say (s, "b", "P1", 2);
    err (s, b, "{\"code\":\"limit\",\"text\":\"too long\"}");
    expect (s, "* FAILED limit #2 lobby");
    expect_quiet (s);
    script_destroy (s);
}

static void refusals_with_a_full_window (void **state)
{
    script_t *s = script_live ();
    size_t at = s->taken; /* where the line of the oldest message stands       */
    char line[128];

    for (int i = 0; i < ZCHAT_WINDOW + 50; i++)
        say (s, i % 2 ? "good" : "bad");
    /*  Every other one is refused; each time the rest is sent again.          */
    for (int i = 0; i < 10; i++) {
        size_t before = s->count;
        snprintf (line, sizeof line,
                  "> SAY alice lobby %s {\"type\":\"say\",\"producer\":\"P%d\",\"n\":%d}",
                  i % 2 ? "good" : "bad", 1 + (i + 1) / 2, i && i % 2 == 0 ? 2 : 1);
        assert_string_equal (s->lines[at], line);
        if (i % 2) {
            ok (s, s->tags[at], STORED ("1"));
            snprintf (line, sizeof line, "* SENT #%d lobby seq=1", i + 1);
            at++;
        } else {
            err (s, s->tags[at], "{\"code\":\"name\",\"text\":\"no\"}");
            snprintf (line, sizeof line, "* FAILED name #%d lobby", i + 1);
            assert_int_equal (s->count, before + 1 + ZCHAT_WINDOW);
            at = before + 1;
        }
        assert_string_equal (s->lines[before], line);
    }
    assert_int_equal (delivery_unacknowledged (s->delivery), ZCHAT_WINDOW + 40);
    script_destroy (s);
}

static void unknown_codes_are_refusals (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    err (s, expect_say (s, "a", "P1", 1), "{\"code\":\"moderated\",\"text\":\"not today\"}");
    expect (s, "* FAILED unknown #1 lobby");
    script_destroy (s);
}

static void gap_goes_back (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    say (s, "c");
    expect_say (s, "a", "P1", 1);
    expect_say (s, "b", "P1", 2);
    const char *c = expect_say (s, "c", "P1", 3);
    /*  b is expected, so a is stored.                                         */
    err (s, c, GAP ("2"));
    expect (s, "* SENT #1 lobby");
    pass (s, 1000);
    expect_say (s, "b", "P1", 2);
    c = expect_say (s, "c", "P1", 3);
    err (s, c, GAP ("2"));
    pass (s, 1000);
    expect_say (s, "b", "P1", 2);
    c = expect_say (s, "c", "P1", 3);
    err (s, c, GAP ("4"));
    expect (s, "* SENT #2 lobby");
    expect (s, "* SENT #3 lobby");
    expect_quiet (s);
    script_destroy (s);
}

static void a_forgotten_sender (void **state)
{
    script_t *s = script_live ();

    for (int i = 0; i < 3; i++) {
        say (s, "old");
        ok (s, skip_to (s, "> SAY"), STORED ("1"));
    }
    forget (s);
    say (s, "a");
    say (s, "b");
    expect_say (s, "a", "P1", 4);
    expect_say (s, "b", "P1", 5);
    reconnect (s, HELLO_A);
    const char *a = expect_say (s, "a", "P1", 4);
    const char *b = expect_say (s, "b", "P1", 5);
    say (s, "c");
    const char *c = expect_say (s, "c", "P1", 6);
    err (s, a, GAP ("1"));
    /*  a and b went out over a connection whose end nobody knows; c did not.  */
    expect (s, "* UNKNOWN forgotten #4 lobby");
    expect (s, "* UNKNOWN forgotten #5 lobby");
    err (s, b, GAP ("1"));
    err (s, c, GAP ("1"));
    expect_quiet (s);
    pass (s, 1000);
    ok (s, expect_say (s, "c", "P2", 1), STORED ("9"));
    expect (s, "* SENT #6 lobby seq=9");
    script_destroy (s);
}

static void a_forgotten_sender_that_was_idle (void **state)
{
    script_t *s = script_live ();

    say (s, "old");
    ok (s, skip_to (s, "> SAY"), STORED ("1"));
    forget (s);
    say (s, "a");
    err (s, expect_say (s, "a", "P1", 2), GAP ("1"));
    expect_quiet (s);
    pass (s, 1000);
    ok (s, expect_say (s, "a", "P2", 1), STORED ("2"));
    expect (s, "* SENT #2 lobby seq=2");
    script_destroy (s);
}

/*  More is expected than was ever sent: this producer is not ours any more.   */
static void a_gap_beyond_what_was_sent (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    err (s, expect_say (s, "a", "P1", 1), GAP ("77"));
    expect_quiet (s);
    pass (s, 1000);
    expect_say (s, "a", "P2", 1);
    script_destroy (s);
}

static void a_new_log_gets_it_all_again (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    say (s, "c");
    const char *a = expect_say (s, "a", "P1", 1);
    expect_say (s, "b", "P1", 2);
    expect_say (s, "c", "P1", 3);
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    reconnect (s, HELLO_B);
    const char *b = expect_say (s, "b", "P2", 1);
    expect_say (s, "c", "P2", 2);
    ok (s, b, STORED ("1"));
    expect (s, "* SENT #2 lobby seq=1");
    /*  What was tried in the old log is not in doubt in the new one.          */
    reconnect (s, HELLO_B);
    expect_say (s, "c", "P2", 2);
    script_destroy (s);
}

static void lost_identity_is_the_connections_trouble (void **state)
{
    static const char *const codes[] = {"taken", "identity", "hello"};

    for (size_t i = 0; i < 3; i++) {
        script_t *s = script_live ();
        char json[64];
        say (s, "a");
        snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"no\"}", codes[i]);
        err (s, expect_say (s, "a", "P1", 1), json);
        expect (s, "drop");
        expect (s, "* DISCONNECTED identity");
        go_live (s, HELLO_A);
        skip_to (s, "* CONNECTED");
        ok (s, expect_say (s, "a", "P1", 1), STORED ("1"));
        expect (s, "* SENT #1 lobby seq=1");
        script_destroy (s);
    }
}

static void no_answer_reconnects (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    const char *a = expect_say (s, "a", "P1", 1);
    expect_say (s, "b", "P1", 2);
    pass (s, 4000);
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    /*  b waits since a was answered.                                          */
    pass (s, 1000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    pass (s, 5000);
    ok (s, expect (s, "> PING alice"), "{\"heads\":{}}");
    pass (s, 3999);
    expect_quiet (s);
    pass (s, 1);
    expect (s, "drop");
    expect (s, "* DISCONNECTED timeout");
    script_destroy (s);
}

static void nonsense_breaks_the_connection (void **state)
{
    static const char *const cases[] = {
        "{}",
        "{\"seq\":0,\"time\":1}",
        "{\"seq\":-1,\"time\":1}",
        "{\"seq\":1}",
        "{\"seq\":1099511627776,\"time\":1}",
        "{\"duplicate\":false}",
        "7",
        "{\"seq\":1,\"time\":1",
    };
    static const char *const errors[] = {
        "{}",
        "{\"code\":\"gap\",\"text\":\"no number\"}",
        "{\"code\":\"gap\",\"text\":\"\",\"expected\":0}",
        "{\"code\":\"gap\",\"text\":\"\",\"expected\":-4}",
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        script_t *s = script_live ();
        say (s, "a");
        ok (s, expect_say (s, "a", "P1", 1), cases[i]);
        expect (s, "drop");
        expect (s, "* DISCONNECTED malformed");
        assert_int_equal (delivery_unacknowledged (s->delivery), 1);
        script_destroy (s);
    }
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        script_t *s = script_live ();
        say (s, "a");
        err (s, expect_say (s, "a", "P1", 1), errors[i]);
        expect (s, "drop");
        expect (s, "* DISCONNECTED malformed");
        script_destroy (s);
    }
}

static void foreign_tags_are_ignored (void **state)
{
    static const char *const tags[] = {
        "s", "s.", "s1", "s1.", "s1.0", "s1.9", "sx.y", "s2.1", "sffffffffffffffff.1"};
    script_t *s = script_live ();

    say (s, "a");
    expect_say (s, "a", "P1", 1);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strcmp (tags[i], "s2.1") != 0)
            ok (s, tags[i], STORED ("1"));
    expect_quiet (s);
    assert_int_equal (delivery_unacknowledged (s->delivery), 1);
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (acknowledged_in_order),
        cmocka_unit_test (data_and_type_go_out),
        cmocka_unit_test (a_lost_ok_is_a_duplicate),
        cmocka_unit_test (unsent_messages_wait_for_a_connection),
        cmocka_unit_test (the_window_holds_back),
        cmocka_unit_test (the_window_counts_bytes),
        cmocka_unit_test (the_outbox_is_bounded),
        cmocka_unit_test (storage_waits_and_goes_back),
        cmocka_unit_test (slow_waits_as_told),
        cmocka_unit_test (a_refusal_in_the_middle),
        cmocka_unit_test (a_refusal_of_the_last_one),
        cmocka_unit_test (a_refusal_that_overtakes),
        cmocka_unit_test (refusals_with_a_full_window),
        cmocka_unit_test (unknown_codes_are_refusals),
        cmocka_unit_test (gap_goes_back),
        cmocka_unit_test (a_forgotten_sender),
        cmocka_unit_test (a_forgotten_sender_that_was_idle),
        cmocka_unit_test (a_gap_beyond_what_was_sent),
        cmocka_unit_test (a_new_log_gets_it_all_again),
        cmocka_unit_test (lost_identity_is_the_connections_trouble),
        cmocka_unit_test (no_answer_reconnects),
        cmocka_unit_test (nonsense_breaks_the_connection),
        cmocka_unit_test (foreign_tags_are_ignored),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
