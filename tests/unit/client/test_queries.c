/*  test_queries.c - what the program asks for is answered once                */
#include "script.h"

static void questions_and_answers (void **state)
{
    script_t *s = script_live ();
    uint64_t id = 0;

    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_OK);
    assert_int_equal (id, 1);
    const char *who = expect (s, "> WHO alice lobby");
    assert_int_equal (delivery_rooms (s->delivery, NULL, NULL, s->now), ZCHAT_OK);
    const char *rooms = expect (s, "> ROOMS alice");
    assert_int_equal (delivery_rooms (s->delivery, "dev", &id, s->now), ZCHAT_OK);
    expect (s, "> ROOMS alice {\"after\":\"dev\"}");
    assert_int_equal (delivery_topic (s->delivery, "lobby", NULL, &id, s->now), ZCHAT_OK);
    expect (s, "> TOPIC alice lobby");
    assert_int_equal (delivery_topic (s->delivery, "lobby", "tea", &id, s->now), ZCHAT_OK);
    const char *topic = expect (s, "> TOPIC alice lobby tea");
    /*  An empty topic clears it, which is not reading it.                     */
    assert_int_equal (delivery_topic (s->delivery, "lobby", "", &id, s->now), ZCHAT_OK);
    expect (s, "> TOPIC alice lobby ");

    ok (s, rooms, "{\"rooms\":[],\"more\":false}");
    expect (s, "* REPLY #2 {\"rooms\":[],\"more\":false}");
    ok (s, who, "{\"room\":\"lobby\",\"members\":0,\"users\":[]}");
    expect (s, "* REPLY #1 {\"room\":\"lobby\",\"members\":0,\"users\":[]}");
    err (s, topic, "{\"code\":\"member\",\"text\":\"JOIN\"}");
    expect (s, "* REPLY member #5 {\"code\":\"member\",\"text\":\"JOIN\"}");
    ok (s, topic, "{}");
    expect_quiet (s);
    script_destroy (s);
}

static void arguments (void **state)
{
    script_t *s = script_live ();
    char topic[ZCHAT_TOPIC_MAX + 2];

    memset (topic, 'x', sizeof topic);
    topic[ZCHAT_TOPIC_MAX + 1] = '\0';
    assert_int_equal (delivery_who (s->delivery, "a b", NULL, s->now), ZCHAT_NAME);
    assert_int_equal (delivery_who (s->delivery, NULL, NULL, s->now), ZCHAT_NAME);
    assert_int_equal (delivery_rooms (s->delivery, "\"", NULL, s->now), ZCHAT_NAME);
    assert_int_equal (delivery_topic (s->delivery, "x", topic, NULL, s->now), ZCHAT_LIMIT);
    assert_int_equal (delivery_topic (s->delivery, "x", "\xff", NULL, s->now), ZCHAT_INVALID);
    assert_int_equal (delivery_history (s->delivery, "x", 0, 0, 0, NULL, s->now), ZCHAT_LIMIT);
    assert_int_equal (delivery_history (s->delivery, "x", 0, 0, 1001, NULL, s->now), ZCHAT_LIMIT);
    assert_int_equal (delivery_history (s->delivery, "", 0, 0, 1, NULL, s->now), ZCHAT_NAME);
    expect_quiet (s);
    topic[ZCHAT_TOPIC_MAX] = '\0';
    assert_int_equal (delivery_topic (s->delivery, "x", topic, NULL, s->now), ZCHAT_OK);
    script_destroy (s);
}

static void histories (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_history (s->delivery, "lobby", 5, 0, 10, NULL, s->now), ZCHAT_OK);
    assert_int_equal (delivery_history (s->delivery, "lobby", 5, 9, 10, NULL, s->now), ZCHAT_OK);
    assert_int_equal (delivery_history (s->delivery, "lobby", 0, UINT64_MAX, 10, NULL, s->now),
                      ZCHAT_OK);
    assert_int_equal (delivery_history (s->delivery, "lobby", UINT64_MAX, 0, 10, NULL, s->now),
                      ZCHAT_OK);
    const char *after = expect (
        s, "> HISTORY alice lobby {\"after\":5,\"limit\":10,\"form\":\"pack\",\"marks\":true}");
    const char *before = expect (
        s, "> HISTORY alice lobby {\"before\":9,\"limit\":10,\"form\":\"pack\",\"marks\":true}");
    /*  A few at a time; others need not wait behind them.                     */
    expect_quiet (s);
    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    expect (s, "> WHO alice lobby");

    mail (s, before, "lobby", 7, 8);
    expect (s, "* HISTORY #2 lobby seq=7 <bob> m7");
    expect (s, "* HISTORY #2 lobby seq=8 <bob> m8");
    ok (s, before, "{\"more\":false}");
    expect (s, "* REPLY #2 {\"more\":false}");
    const char *last =
        expect (s, "> HISTORY alice lobby {\"limit\":10,\"form\":\"pack\",\"marks\":true}");
    mail (s, last, "lobby", 9, 9);
    mail (s, after, "lobby", 6, 6);
    expect (s, "* HISTORY #3 lobby seq=9 <bob> m9");
    expect (s, "* HISTORY #1 lobby seq=6 <bob> m6");
    ok (s, after, "{}");
    expect (s, "* REPLY #1 {}");
    expect (s, "> HISTORY alice lobby "
               "{\"after\":1099511627775,\"limit\":10,\"form\":\"pack\",\"marks\":true}");
    expect_quiet (s);
    script_destroy (s);
}

static void nonsense (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    ok (s, expect (s, "> WHO alice lobby"), "{\"room\":");
    expect (s, "drop");
    expect (s, "* REPLY unreachable #1");
    expect (s, "* DISCONNECTED malformed");
    script_destroy (s);

    /*  A pack for a question that brings none.                                */
    s = script_live ();
    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    mail (s, expect (s, "> WHO alice lobby"), "lobby", 1, 1);
    expect (s, "drop");
    script_destroy (s);
}

static void lost_and_waiting (void **state)
{
    script_t *s = script_alice ();
    uint64_t id = 0;

    /*  Asked before there is a connection: it waits for one.                  */
    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_OK);
    delivery_start (s->delivery, s->now);
    delivery_down (s->delivery, "connection refused", s->now);
    skip_to (s, "* DISCONNECTED");
    expect_quiet (s);
    go_live (s, HELLO_A);
    skip_to (s, "> WHO alice lobby");
    /*  Sent, and lost.                                                        */
    delivery_down (s->delivery, "the connection was lost", s->now);
    expect (s, "drop");
    expect (s, "* REPLY unreachable #1");
    expect (s, "* DISCONNECTED unreachable");
    go_live (s, HELLO_A);
    expect (s, "* CONNECTED <alice>");
    expect_quiet (s);
    script_destroy (s);
}

static void no_answer (void **state)
{
    script_t *s = script_live ();

    s->pong = "{\"heads\":{}}";
    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    pass (s, ZCHAT_REPLY_TIMEOUT_MS);
    skip_to (s, "* REPLY unreachable #1");
    expect (s, "* DISCONNECTED timeout");
    script_destroy (s);
}

static void bounded (void **state)
{
    script_t *s = script_live ();
    uint64_t id = 0;

    for (int i = 0; i < ZCHAT_QUERIES_MAX; i++)
        assert_int_equal (delivery_history (s->delivery, "lobby", 0, 0, 1, &id, s->now), ZCHAT_OK);
    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_FULL);
    assert_int_equal (id, ZCHAT_QUERIES_MAX);
    ok (s, skip_to (s, "> HISTORY"), "{}");
    assert_int_equal (delivery_who (s->delivery, "lobby", &id, s->now), ZCHAT_OK);
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (questions_and_answers),
        cmocka_unit_test (arguments),
        cmocka_unit_test (histories),
        cmocka_unit_test (nonsense),
        cmocka_unit_test (lost_and_waiting),
        cmocka_unit_test (no_answer),
        cmocka_unit_test (bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
