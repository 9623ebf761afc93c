/*  test_markers.c - READ: the newest wins, one at a time, never back           */
#include "script.h"

#define DONE(seq)   "{\"room\":\"lobby\",\"read\":" seq ",\"head\":99}"
#define ERROR(code) "{\"code\":\"" code "\",\"text\":\"no\"}"

static void seen (script_t *s, const char *room, uint64_t seq)
{
    assert_int_equal (delivery_read (s->delivery, room, seq, s->now), ZCHAT_OK);
}

static script_t *live (void)
{
    script_t *s = script_live ();

    s->pong = "{\"heads\":{}}";
    return s;
}

/*  The next line that is no PING.                                             */
static const char *expect_read (script_t *s, const char *line)
{
    while (s->taken < s->count && strncmp (s->lines[s->taken], "> PING", 6) == 0)
        s->taken++;
    return expect (s, line);
}

static void no_read (script_t *s)
{
    while (s->taken < s->count)
        assert_null (strstr (s->lines[s->taken++], "> READ"));
}

static void one_at_a_time_and_the_newest_wins (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    const char *tag = expect (s, "> READ alice lobby 5");
    for (uint64_t seq = 6; seq < 200; seq++)
        seen (s, "lobby", seq);
    seen (s, "lobby", 7);
    seen (s, "@", 3);
    expect (s, "> READ alice @ 3");
    expect_quiet (s);
    ok (s, tag, DONE ("5"));
    expect_quiet (s);
    pass (s, ZCHAT_READ_WAIT_MS);
    ok (s, expect_read (s, "> READ alice lobby 199"), DONE ("199"));
    seen (s, "lobby", 198);
    pass (s, 5 * ZCHAT_READ_WAIT_MS);
    no_read (s);
    script_destroy (s);
}

static void said_again_over_the_next_connection (void **state)
{
    script_t *s = script_alice ();

    seen (s, "lobby", 5);
    expect_quiet (s);
    go_live (s, HELLO_A);
    skip_to (s, "> READ alice lobby 5");
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    ok (s, skip_to (s, "> READ alice lobby 5"), DONE ("5"));
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    no_read (s);
    script_destroy (s);
}

/*  A broker that crashed may have forgotten the last seconds: JOIN shows it.  */
static void what_the_broker_forgot_is_said_again (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    ok (s, expect (s, "> READ alice lobby 5"), DONE ("5"));
    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice lobby"),
        "{\"room\":\"lobby\",\"head\":9,\"first\":1,\"topic\":\"\",\"members\":1,\"read\":2}");
    pass (s, ZCHAT_READ_WAIT_MS);
    skip_to (s, "> READ alice lobby 5");
    script_destroy (s);
}

/*  What another device has read need not be said.                             */
static void read_on_another_device (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    const char *tag = expect (s, "> READ alice lobby 5");
    assert_int_equal (delivery_join (s->delivery, "@", 0, 0, s->now), ZCHAT_OK);
    ok (s, expect (s, "> JOIN alice @"),
        "{\"room\":\"@\",\"head\":0,\"first\":1,\"topic\":\"\",\"members\":1}");
    ok (s, tag, DONE ("5"));
    seen (s, "lobby", 8);
    push_data (s, "@", ZCHAT_TYPE_READ, "alice", "{\"room\":\"lobby\",\"seq\":9}");
    pass (s, 3 * ZCHAT_READ_WAIT_MS);
    no_read (s);
    script_destroy (s);
}

static void an_old_broker_is_told_once (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    err (s, expect (s, "> READ alice lobby 5"), ERROR ("verb"));
    expect (s, "* WARNING verb");
    seen (s, "lobby", 6);
    seen (s, "dev", 6);
    pass (s, 5 * ZCHAT_READ_WAIT_MS);
    no_read (s);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    no_read (s);
    script_destroy (s);
}

static void refusals (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    err (s, expect (s, "> READ alice lobby 5"), ERROR ("slow"));
    pass (s, ZCHAT_READ_WAIT_MS);
    err (s, expect_read (s, "> READ alice lobby 5"), ERROR ("private"));
    expect (s, "* WARNING private lobby");
    pass (s, 3 * ZCHAT_READ_WAIT_MS);
    no_read (s);
    seen (s, "lobby", 6);
    err (s, expect_read (s, "> READ alice lobby 6"), ERROR ("proof"));
    expect (s, "* WARNING proof");
    seen (s, "lobby", 7);
    pass (s, 3 * ZCHAT_READ_WAIT_MS);
    no_read (s);
    script_destroy (s);
}

/*  Who leaves says what is not said yet.                                      */
static void said_before_bye (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    expect (s, "> READ alice lobby 5");
    seen (s, "lobby", 6);
    expect_quiet (s);
    delivery_bye (s->delivery, s->now);
    expect (s, "> READ alice lobby 6");
    expect (s, "> BYE alice");
    script_destroy (s);
}

/*  Numbers of another log, or of another name, mean nothing.                  */
static void forgotten_with_the_log (void **state)
{
    script_t *s = live ();

    seen (s, "lobby", 5);
    forget (s);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_B);
    no_read (s);
    seen (s, "lobby", 2);
    skip_to (s, "> READ alice lobby 2");
    script_destroy (s);
}

static void many_rooms (void **state)
{
    script_t *s = live ();
    char room[24];

    for (int i = 0; i < 1000; i++) {
        snprintf (room, sizeof room, "room%d", i);
        seen (s, room, 1);
    }
    forget (s);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    skip_to (s, "> READ");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (one_at_a_time_and_the_newest_wins),
        cmocka_unit_test (said_again_over_the_next_connection),
        cmocka_unit_test (what_the_broker_forgot_is_said_again),
        cmocka_unit_test (read_on_another_device),
        cmocka_unit_test (an_old_broker_is_told_once),
        cmocka_unit_test (refusals),
        cmocka_unit_test (said_before_bye),
        cmocka_unit_test (forgotten_with_the_log),
        cmocka_unit_test (many_rooms),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
