/*  test_orders.c - rooms of one's own, their order, keys; and slow             */
#include "script.h"

#define SLOW(ms) "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":" ms "}"

static void how_they_go_out (void **state)
{
    script_t *s = script_live ();
    delivery_t *d = s->delivery;
    uint64_t now = s->now;
    uint64_t id = 0;

    assert_int_equal (delivery_create (d, "den", &id, now), ZCHAT_OK);
    assert_int_equal (id, 1);
    const char *tag = expect (s, "> JOIN alice den {\"private\":true}");
    assert_int_equal (delivery_order (d, VERB_INVITE, "den", "bob", NULL, NULL, now), ZCHAT_OK);
    expect (s, "> INVITE alice den bob");
    assert_int_equal (delivery_order (d, VERB_INVITE, "den", "bob", "come in", NULL, now),
                      ZCHAT_OK);
    expect (s, "> INVITE alice den bob come in");
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "bob", "", NULL, now), ZCHAT_OK);
    expect (s, "> KICK alice den bob");
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "bob", "go", NULL, now), ZCHAT_OK);
    expect (s, "> KICK alice den bob go");
    assert_int_equal (delivery_mode (d, "den", NULL, NULL, now), ZCHAT_OK);
    expect (s, "> MODE alice den");
    assert_int_equal (delivery_mode (d, "den", "{\"set\":\"lock\"}", NULL, now), ZCHAT_OK);
    expect (s, "> MODE alice den {\"set\":\"lock\"}");
    assert_int_equal (delivery_remove (d, "den", ZCHAT_SEQ_MAX, NULL, NULL, now), ZCHAT_OK);
    expect (s, "> REMOVE alice den 1099511627775");
    assert_int_equal (delivery_remove (d, "den", 1, "rude", NULL, now), ZCHAT_OK);
    expect (s, "> REMOVE alice den 1 rude");
    assert_int_equal (delivery_keys (d, NULL, NULL, now), ZCHAT_OK);
    expect (s, "> KEYS alice");
    assert_int_equal (delivery_keys (d, "bob", NULL, now), ZCHAT_OK);
    expect (s, "> KEYS alice bob");
    assert_int_equal (delivery_key (d, "{\"free\":true}", &id, now), ZCHAT_OK);
    assert_int_equal (id, 12);
    const char *key = expect (s, "> KEY alice {\"free\":true}");
    err (s, key, "{\"code\":\"proof\",\"text\":\"no\"}");
    expect (s, "* REPLY proof #12 {\"code\":\"proof\",\"text\":\"no\"}");
    ok (s, tag, "{\"room\":\"den\",\"private\":true}");
    expect (s, "* REPLY #1 {\"room\":\"den\",\"private\":true}");
    expect_quiet (s);
    script_destroy (s);
}

static void arguments (void **state)
{
    script_t *s = script_live ();
    delivery_t *d = s->delivery;
    uint64_t now = s->now;
    char reason[ZCHAT_REASON_MAX + 2];
    char json[ZCHAT_JSON_MAX + 2];

    memset (reason, 'x', sizeof reason);
    reason[ZCHAT_REASON_MAX + 1] = '\0';
    memset (json, ' ', sizeof json);
    json[0] = '{';
    json[ZCHAT_JSON_MAX] = '}';
    json[ZCHAT_JSON_MAX + 1] = '\0';
    assert_int_equal (delivery_create (d, "@", NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_create (d, NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_order (d, VERB_KICK, "@", "bob", NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_order (d, VERB_KICK, "den", NULL, NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "b b", NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "bob", reason, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "bob", "\xff", NULL, now),
                      ZCHAT_INVALID);
    assert_int_equal (delivery_mode (d, "@2", NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_mode (d, "den", "", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_mode (d, "den", "[]", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_mode (d, "den", "{", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_mode (d, "den", json, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_remove (d, "@", 1, NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_remove (d, "den", 0, NULL, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_remove (d, "den", ZCHAT_SEQ_MAX + 1, NULL, NULL, now),
                      ZCHAT_INVALID);
    assert_int_equal (delivery_remove (d, "den", 1, reason, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_keys (d, "", NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_key (d, NULL, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_key (d, "7", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_key (d, json, NULL, now), ZCHAT_LIMIT);
    /*  Nothing else than reading is to be had of the mailbox.                 */
    assert_int_equal (delivery_say (d, "@", ZCHAT_TYPE_SAY, "x", 1, NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_topic (d, "@", NULL, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_who (d, "@", NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_rooms (d, "@", NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_join (d, "@@", 0, 0, now), ZCHAT_NAME);
    assert_int_equal (delivery_rename (d, "@", now), ZCHAT_NAME);
    expect_quiet (s);
    reason[ZCHAT_REASON_MAX] = '\0';
    memcpy (json + ZCHAT_JSON_MAX - 1, "}", 2);
    assert_int_equal (delivery_order (d, VERB_KICK, "den", "bob", reason, NULL, now), ZCHAT_OK);
    assert_int_equal (delivery_mode (d, "den", json, NULL, now), ZCHAT_OK);
    script_destroy (s);
}

static void slow_is_asked_again (void **state)
{
    script_t *s = script_live ();

    s->pong = "{\"heads\":{}}";
    assert_int_equal (delivery_mode (s->delivery, "den", "{\"set\":\"lock\"}", NULL, s->now),
                      ZCHAT_OK);
    err (s, expect (s, "> MODE alice den {\"set\":\"lock\"}"), SLOW ("700"));
    /*  The order of orders is kept; others need not wait.                     */
    assert_int_equal (delivery_mode (s->delivery, "den", "{\"set\":\"unlock\"}", NULL, s->now),
                      ZCHAT_OK);
    expect_quiet (s);
    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    const char *who = expect (s, "> WHO alice lobby");
    assert_int_equal (delivery_deadline_ms (s->delivery), s->now + 700);
    pass (s, 699);
    expect_quiet (s);
    pass (s, 1);
    const char *lock = expect (s, "> MODE alice den {\"set\":\"lock\"}");
    const char *unlock = expect (s, "> MODE alice den {\"set\":\"unlock\"}");
    ok (s, lock, "{\"seq\":1,\"time\":2}");
    expect (s, "* REPLY #1 {\"seq\":1,\"time\":2}");
    ok (s, unlock, "{\"seq\":2,\"time\":2}");
    expect (s, "* REPLY #2 {\"seq\":2,\"time\":2}");
    /*  However long it takes, and without a number.                           */
    err (s, who, SLOW ("300000"));
    pass (s, 299999);
    while (s->taken < s->count)
        expect (s, "> PING alice");
    pass (s, 1);
    who = skip_to (s, "> WHO alice lobby");
    err (s, who, "{\"code\":\"slow\",\"text\":\"no\"}");
    expect_quiet (s);
    pass (s, ZCHAT_SLOW_WAIT_MS);
    ok (s, expect (s, "> WHO alice lobby"), "{}");
    expect (s, "* REPLY #3 {}");
    script_destroy (s);
}

/*  One that waits is not lost with the connection: it has not been done.      */
static void slow_waits_over_a_reconnect (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_who (s->delivery, "lobby", NULL, s->now), ZCHAT_OK);
    err (s, expect (s, "> WHO alice lobby"), SLOW ("500"));
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    pass (s, 500);
    ok (s, skip_to (s, "> WHO alice lobby"), "{}");
    expect (s, "* REPLY #1 {}");
    script_destroy (s);
}

static void slow_histories_go_on (void **state)
{
    script_t *s = script_live ();
    const char *tags[2];

    for (int i = 0; i < 3; i++)
        assert_int_equal (delivery_history (s->delivery, "@", 0, UINT64_MAX, 5, NULL, s->now),
                          ZCHAT_OK);
    for (int i = 0; i < 2; i++)
        tags[i] = expect (s, "> HISTORY alice @ {\"limit\":5,\"form\":\"pack\",\"marks\":true}");
    err (s, tags[0], SLOW ("200"));
    expect_quiet (s);
    mail (s, tags[1], "@", 4, 4);
    expect (s, "* HISTORY #2 @ seq=4 <bob> m4");
    ok (s, tags[1], "{}");
    expect (s, "* REPLY #2 {}");
    expect_quiet (s);
    pass (s, 200);
    for (int i = 0; i < 2; i++)
        tags[i] = expect (s, "> HISTORY alice @ {\"limit\":5,\"form\":\"pack\",\"marks\":true}");
    ok (s, tags[0], "{}");
    expect (s, "* REPLY #1 {}");
    ok (s, tags[1], "{}");
    expect (s, "* REPLY #3 {}");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (how_they_go_out),      cmocka_unit_test (arguments),
        cmocka_unit_test (slow_is_asked_again),  cmocka_unit_test (slow_waits_over_a_reconnect),
        cmocka_unit_test (slow_histories_go_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
