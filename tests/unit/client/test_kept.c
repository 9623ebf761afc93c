/*  test_kept.c - each message once over a restart of the program               */
#include "script.h"

#define GAP(n)      "{\"code\":\"gap\",\"text\":\"resend\",\"expected\":" n "}"
#define STORED(seq) "{\"seq\":" seq ",\"time\":1000}"
#define P           "00112233445566778899aabbccddeeff"

static char *keep (script_t *s, size_t max, size_t *count)
{
    return delivery_keep (s->delivery, max, count);
}

static size_t restore (script_t *s, const char *text)
{
    size_t count = 0;

    assert_int_equal (delivery_restore (s->delivery, frame_str (text), &count, s->now), ZCHAT_OK);
    return count;
}

static const char *expect_say (script_t *s, const char *body, const char *producer, int n)
{
    char line[160];

    snprintf (line, sizeof line,
              "> SAY alice lobby %s {\"type\":\"say\",\"producer\":\"%s\",\"n\":%d}", body,
              producer, n);
    return expect (s, line);
}

/*  A program that has sent a (stored and answered), b (stored, not answered) and c (lost). */
static char *left_behind (void)
{
    script_t *s = script_live ();
    size_t count;

    say (s, "a");
    ok (s, expect_say (s, "a", "P1", 1), STORED ("1"));
    say (s, "b");
    say (s, "c");
    char *text = keep (s, SIZE_MAX, &count);
    assert_int_equal (count, 2);
    forget (s);
    script_destroy (s);
    return text;
}

/*  That it is for a private room alone is kept with it.                       */
static void what_is_for_a_private_room_stays_so (void **state)
{
    script_t *s = script_alice ();

    assert_int_equal (restore (s, "{\"format\":1,\"log\":\"\",\"producer\":\"" P
                                  "\",\"n\":1,\"numbered\":0,"
                                  "\"messages\":[{\"to\":\"den\",\"type\":\"say\",\"body\":\"x\","
                                  "\"private\":true}]}"),
                      1);
    size_t count = 0;
    char *text = keep (s, SIZE_MAX, &count);
    assert_non_null (strstr (text, "\"private\":true"));
    free (text);
    go_live (s, HELLO_A);
    skip_to (s, "> SAY alice den x {\"type\":\"say\",\"private\":true,\"producer\":");
    script_destroy (s);
}

static void goes_on_under_its_numbers (void **state)
{
    char *text = left_behind ();
    script_t *s = script_alice ();

    assert_int_equal (restore (s, text), 2);
    say (s, "new");
    go_live (s, HELLO_A);
    skip_to (s, "* CONNECTED");
    const char *b = expect_say (s, "b", "P1", 2), *c = expect_say (s, "c", "P1", 3);
    expect_quiet (s); /* how far the other one had counted, nobody knows */
    ok (s, b, "{\"duplicate\":true}");
    expect (s, "* SENT #1 lobby");
    ok (s, c, STORED ("3"));
    expect (s, "* SENT #2 lobby seq=3");
    ok (s, expect_say (s, "new", "P2", 1), STORED ("4"));
    expect (s, "* SENT #3 lobby seq=4");
    script_destroy (s);
    free (text);
}

static void another_log_gets_nothing (void **state)
{
    char *text = left_behind ();
    script_t *s = script_alice ();

    restore (s, text);
    say (s, "new");
    go_live (s, HELLO_B);
    skip_to (s, "* UNKNOWN forgotten #1 lobby");
    expect (s, "* UNKNOWN forgotten #2 lobby");
    skip_to (s, "* CONNECTED");
    expect_say (s, "new", "P1", 1);
    script_destroy (s);
    free (text);
}

static void a_forgotten_producer_is_told (void **state)
{
    char *text = left_behind ();
    script_t *s = script_alice ();

    restore (s, text);
    go_live (s, HELLO_A);
    skip_to (s, "* CONNECTED");
    err (s, expect_say (s, "b", "P1", 2), GAP ("1"));
    expect_say (s, "c", "P1", 3);
    expect (s, "* UNKNOWN forgotten #1 lobby");
    expect (s, "* UNKNOWN forgotten #2 lobby");
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    script_destroy (s);
    free (text);
}

static void what_no_broker_met_goes_to_the_first (void **state)
{
    script_t *s = script_alice ();
    size_t count;

    say (s, "early");
    char *text = keep (s, SIZE_MAX, &count);
    assert_int_equal (count, 1);
    script_destroy (s);
    s = script_alice ();
    assert_int_equal (restore (s, text), 1);
    /*  Kept again, unsent, it is the same; and what came behind it is new.    */
    say (s, "later");
    char *again = keep (s, SIZE_MAX, &count);
    assert_int_equal (count, 2);
    script_destroy (s);
    s = script_alice ();
    assert_int_equal (restore (s, again), 2);
    go_live (s, HELLO_B);
    skip_to (s, "* CONNECTED");
    ok (s, expect_say (s, "early", "P1", 1), STORED ("1"));
    expect (s, "* SENT #1 lobby seq=1");
    ok (s, expect_say (s, "later", "P2", 1), STORED ("2"));
    script_destroy (s);
    free (text);
    free (again);
}

static void it_is_bounded_and_checked (void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"format\":2,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":1,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":0,\"numbered\":1,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":2,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"short\",\"n\":1,\"numbered\":1,\"messages\":[{"
        "\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":1,\"messages\":[{\"to\":"
        "\"a b\",\"type\":\"say\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":1,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"topic\",\"body\":\"x\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":1,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"\"}]}",
        "{\"format\":1,\"log\":\"\",\"producer\":\"" P
        "\",\"n\":1,\"numbered\":1,\"messages\":[{\"to\":"
        "\"dev\",\"type\":\"say\",\"body\":\"x\",\"data\":\"[1]\"}]}",
    };
    script_t *s = script_alice ();
    size_t count = 7;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (delivery_restore (s->delivery, frame_str (bad[i]), &count, s->now),
                          ZCHAT_CORRUPT);
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    assert_null (keep (s, SIZE_MAX, &count));
    say (s, "0123456789");
    say (s, "0123456789");
    char *text = keep (s, 20, &count);
    assert_int_equal (count, 1);
    assert_int_equal (delivery_restore (s->delivery, frame_str (text), &count, s->now), ZCHAT_FULL);
    script_destroy (s);
    free (text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (goes_on_under_its_numbers),
        cmocka_unit_test (what_is_for_a_private_room_stays_so),
        cmocka_unit_test (another_log_gets_nothing),
        cmocka_unit_test (a_forgotten_producer_is_told),
        cmocka_unit_test (what_no_broker_met_goes_to_the_first),
        cmocka_unit_test (it_is_bounded_and_checked),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
