/*  test_tell.c - direct messages go out once, and slow is waited for           */
#include "script.h"

#define STORED(seq) "{\"seq\":" seq ",\"time\":1000}"
#define SLOW(ms)    "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":" ms "}"

static zchat_status_t tell (script_t *s, const char *user, const char *body)
{
    return delivery_tell (s->delivery, user, body, strlen (body), NULL, NULL, s->now);
}

static const char *expect_tell (script_t *s, const char *user, const char *body,
                                const char *producer, int n)
{
    char line[160];

    snprintf (line, sizeof line, "> TELL alice %s %s {\"producer\":\"%s\",\"n\":%d}", user, body,
              producer, n);
    return expect (s, line);
}

static const char *expect_say (script_t *s, const char *body, const char *producer, int n)
{
    char line[160];

    snprintf (line, sizeof line,
              "> SAY alice lobby %s {\"type\":\"say\",\"producer\":\"%s\",\"n\":%d}", body,
              producer, n);
    return expect (s, line);
}

static void told_and_said_count_together (void **state)
{
    script_t *s = script_live ();
    uint64_t id = 0;

    say (s, "a");
    assert_int_equal (
        delivery_tell (s->delivery, "bob", "psst", 4, "{\"z\":1,\"a\":{}}", &id, s->now), ZCHAT_OK);
    assert_int_equal (id, 2);
    say (s, "b");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *t = expect (s, "> TELL alice bob psst {\"producer\":\"P1\",\"n\":2,"
                               "\"data\":{\"z\":1,\"a\":{}}}");
    const char *b = expect_say (s, "b", "P1", 3);
    assert_int_equal (delivery_unacknowledged (s->delivery), 3);
    ok (s, a, STORED ("7"));
    expect (s, "* SENT #1 lobby seq=7");
    ok (s, t, STORED ("3"));
    expect (s, "* SENT #2 @ seq=3 <bob>");
    ok (s, b, STORED ("8"));
    expect (s, "* SENT #3 lobby seq=8");
    expect_quiet (s);
    script_destroy (s);
}

static void told_once_over_a_lost_connection (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (tell (s, "bob", "a"), ZCHAT_OK);
    const char *old = expect_tell (s, "bob", "a", "P1", 1);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    skip_to (s, "* CONNECTED");
    const char *again = expect_tell (s, "bob", "a", "P1", 1);
    ok (s, old, STORED ("1"));
    expect_quiet (s);
    ok (s, again, "{\"duplicate\":true}");
    expect (s, "* SENT #1 @ <bob>");
    script_destroy (s);
}

static void refused_for_good (void **state)
{
    static const char *const codes[] = {"nobody", "private", "banned",   "muted", "closed",
                                        "proof",  "token",   "operator", "limit"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        script_t *s = script_live ();
        char json[64];
        char line[64];

        assert_int_equal (tell (s, "bob", "a"), ZCHAT_OK);
        say (s, "b");
        const char *a = expect_tell (s, "bob", "a", "P1", 1);
        const char *b = expect_say (s, "b", "P1", 2);
        snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"no\"}", codes[i]);
        snprintf (line, sizeof line, "* FAILED %s #1 @ <bob>", codes[i]);
        err (s, a, json);
        expect (s, line);
        /*  What was sent behind it goes on under another producer.            */
        const char *b2 = expect_say (s, "b", "P2", 1);
        err (s, b, "{\"code\":\"gap\",\"text\":\"\",\"expected\":1}");
        err (s, b2, json);
        snprintf (line, sizeof line, "* FAILED %s #2 lobby", codes[i]);
        expect (s, line);
        expect_quiet (s);
        assert_int_equal (delivery_unacknowledged (s->delivery), 0);
        script_destroy (s);
    }
}

static void a_forgotten_sender_tells (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (tell (s, "bob", "a"), ZCHAT_OK);
    ok (s, expect_tell (s, "bob", "a", "P1", 1), STORED ("1"));
    expect (s, "* SENT #1 @ seq=1 <bob>");
    assert_int_equal (tell (s, "bob", "b"), ZCHAT_OK);
    expect_tell (s, "bob", "b", "P1", 2);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    skip_to (s, "* CONNECTED");
    err (s, expect_tell (s, "bob", "b", "P1", 2),
         "{\"code\":\"gap\",\"text\":\"\",\"expected\":1}");
    expect (s, "* UNKNOWN forgotten #2 @ <bob>");
    script_destroy (s);
}

static void arguments (void **state)
{
    script_t *s = script_live ();
    zchat_options_t guest = {.agent = "t"};
    char *body = memory_zero (ZCHAT_BODY_MAX + 2);

    memset (body, 'x', ZCHAT_BODY_MAX + 1);
    assert_int_equal (tell (s, "a b", "x"), ZCHAT_NAME);
    assert_int_equal (tell (s, "", "x"), ZCHAT_NAME);
    assert_int_equal (tell (s, "@", "x"), ZCHAT_NAME);
    assert_int_equal (delivery_tell (s->delivery, NULL, "x", 1, NULL, NULL, s->now), ZCHAT_NAME);
    assert_int_equal (tell (s, "bob", ""), ZCHAT_INVALID);
    assert_int_equal (tell (s, "bob", "\xff"), ZCHAT_INVALID);
    assert_int_equal (tell (s, "bob", body), ZCHAT_LIMIT);
    assert_int_equal (delivery_tell (s->delivery, "bob", "x", 1, "[]", NULL, s->now),
                      ZCHAT_INVALID);
    /*  The type is not one that can be said.                                  */
    assert_int_equal (
        delivery_say (s->delivery, "bob", ZCHAT_TYPE_TELL, "x", 1, NULL, NULL, s->now),
        ZCHAT_INVALID);
    expect_quiet (s);
    body[ZCHAT_BODY_MAX] = '\0';
    assert_int_equal (tell (s, "bob", body), ZCHAT_OK);
    free (body);
    script_destroy (s);

    s = script_new (&guest);
    assert_int_equal (tell (s, "bob", "x"), ZCHAT_GUEST);
    script_destroy (s);
}

/*  --- slow ------------------------------------------------------------------  */

static void slow_waits_however_long (void **state)
{
    script_t *s = script_live ();

    s->pong = "{\"heads\":{}}";
    assert_int_equal (tell (s, "bob", "a"), ZCHAT_OK);
    err (s, expect_tell (s, "bob", "a", "P1", 1), SLOW ("600000"));
    pass (s, 599999);
    while (s->taken < s->count)
        expect (s, "> PING alice");
    pass (s, 1);
    while (strncmp (s->lines[s->taken], "> PING", 6) == 0)
        s->taken++;
    const char *again = expect_tell (s, "bob", "a", "P1", 1);
    /*  It is not taken for something else where it would be longer than a life.  */
    err (s, again, SLOW ("9223372036854775807"));
    pass (s, 100000);
    while (s->taken < s->count)
        expect (s, "> PING alice");
    assert_int_equal (delivery_unacknowledged (s->delivery), 1);
    script_destroy (s);
}

/*  Not even a little too early: it would only be refused again.               */
static void slow_is_never_too_early (void **state)
{
    for (int i = 0; i < 20; i++) {
        script_t *s = script_live ();
        uint64_t before;

        for (int k = 0; k < i; k++)
            s->now += 1, delivery_tick (s->delivery, s->now);
        say (s, "a");
        err (s, expect_say (s, "a", "P1", 1), SLOW ("90"));
        before = s->now;
        while (s->taken == s->count)
            pass (s, 1);
        assert_true (s->now >= before + 90);
        assert_true (s->now <= before + 100);
        script_destroy (s);
    }
}

/*  What is still on its way does not hold up what waits, nor the other way round.  */
static void slow_beside_what_is_on_its_way (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    say (s, "b");
    say (s, "c");
    const char *a = expect_say (s, "a", "P1", 1);
    const char *b = expect_say (s, "b", "P1", 2);
    const char *c = expect_say (s, "c", "P1", 3);
    err (s, b, SLOW ("700"));
    err (s, c, SLOW ("9000"));
    assert_int_equal (delivery_deadline_ms (s->delivery), s->now + 700);
    pass (s, 700);
    const char *b2 = expect_say (s, "b", "P1", 2);
    expect_say (s, "c", "P1", 3);
    /*  A late reply to the first try is none to the second.                   */
    ok (s, b, STORED ("9"));
    expect_quiet (s);
    ok (s, a, STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    ok (s, b2, STORED ("2"));
    expect (s, "* SENT #2 lobby seq=2");
    script_destroy (s);
}

static void the_window_comes_back (void **state)
{
    script_t *s = script_live ();
    size_t at = s->count;
    size_t under_way = 0;

    for (int i = 0; i < 4 * ZCHAT_WINDOW; i++)
        say (s, "x");
    assert_int_equal (s->count - at, ZCHAT_WINDOW);
    err (s, s->tags[at], SLOW ("200"));
    at = s->count;
    pass (s, 200);
    assert_int_equal (s->count - at, ZCHAT_WINDOW / 2);
    for (int sent = 0; sent < ZCHAT_WINDOW; at++)
        if (strncmp (s->lines[at], "> SAY", 5) == 0) {
            ok (s, s->tags[at], STORED ("1"));
            sent++;
        }
    /*  As many are on their way now as at first.                              */
    for (; at < s->count; at++)
        under_way += strncmp (s->lines[at], "> SAY", 5) == 0;
    assert_int_equal (under_way, ZCHAT_WINDOW);
    script_destroy (s);
}

/*  A broker that stores one message a second and refuses all else: everything is stored all
    the same, and it is not asked a thousand times a second.                   */
static void a_trickle_comes_through (void **state)
{
    enum { MESSAGES = 300, EVERY_MS = 1000 };
    script_t *s = script_live ();
    size_t at = s->count;
    size_t asked = 0;
    uint64_t free_ms = s->now;
    uint64_t end_ms = s->now + 2 * (uint64_t)MESSAGES * EVERY_MS;
    int expected = 1;

    s->pong = "{\"heads\":{}}";
    for (int i = 0; i < MESSAGES; i++)
        say (s, "x");
    while (delivery_unacknowledged (s->delivery) && s->now < end_ms) {
        /*  Refusals come at once, OKs from the disk later.                    */
        char stored[16][ZCHAT_TAG_MAX + 1];
        size_t n_stored = 0;
        for (; at < s->count; at++) {
            const char *n = strstr (s->lines[at], "\"n\":");
            char json[64];
            int number = n ? (int)strtol (n + 4, NULL, 10) : 0;
            if (strncmp (s->lines[at], "> SAY", 5) != 0)
                continue;
            asked++;
            if (s->now < free_ms) {
                snprintf (json, sizeof json, SLOW ("%d"), (int)(free_ms - s->now));
                err (s, s->tags[at], json);
            } else {
                /*  A message that was stored before costs as much.            */
                free_ms = s->now + EVERY_MS;
                assert_true (number <= expected);
                expected += number == expected;
                snprintf (stored[n_stored++], sizeof *stored, "%s", s->tags[at]);
            }
        }
        for (size_t i = 0; i < n_stored; i++)
            ok (s, stored[i], "{\"duplicate\":true}");
        if (at == s->count)
            pass (s, 10);
    }
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    assert_int_equal (expected, MESSAGES + 1);
    assert_in_range (asked, MESSAGES, 8 * MESSAGES);
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (told_and_said_count_together),
        cmocka_unit_test (told_once_over_a_lost_connection),
        cmocka_unit_test (refused_for_good),
        cmocka_unit_test (a_forgotten_sender_tells),
        cmocka_unit_test (arguments),
        cmocka_unit_test (slow_waits_however_long),
        cmocka_unit_test (slow_is_never_too_early),
        cmocka_unit_test (slow_beside_what_is_on_its_way),
        cmocka_unit_test (the_window_comes_back),
        cmocka_unit_test (a_trickle_comes_through),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
