/*  test_token.c - what proves a name, and what the broker says of it           */
#include "script.h"

#define TOKEN       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HELLO_BEGIN "{\"protocol\":\"ZCHAT/1\",\"agent\":\"t\",\"form\":\"pack\""

static script_t *script_token (const char *user)
{
    zchat_options_t options = {.user = user, .agent = "t", .token = TOKEN};

    return script_new (&options);
}

static void the_token_is_checked (void **state)
{
    static const char *const wrong[] = {
        "",
        "a",
        "00123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    static const uint8_t seed[32] = {1};
    delivery_sink_t sink = {0};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        zchat_options_t options = {.user = "alice", .token = wrong[i]};
        delivery_t *delivery = NULL;
        const char *why = NULL;
        assert_int_equal (delivery_new (&options, seed, &sink, &delivery, &why), ZCHAT_INVALID);
        assert_non_null (why);
        assert_null (delivery);
    }
}

static void it_goes_out_and_is_answered (void **state)
{
    script_t *s = script_token ("alice");

    delivery_start (s->delivery, s->now);
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    const char *tag = expect (s, "> HELLO alice " HELLO_BEGIN ",\"token\":\"" TOKEN "\"}");
    ok (s, tag,
        HELLO_JSON (LOG_A, "Alice", ",\"session\":\"" SECRET "\",\"proven\":true,\"admin\":true"));
    expect (s, "* CONNECTED <Alice> proven admin");
    /*  Taking the session over wants the proof besides.                       */
    delivery_down (s->delivery, "the connection was lost", s->now);
    skip_to (s, "* DISCONNECTED");
    pass (s, ZCHAT_BACKOFF_MAX_MS);
    expect (s, "door");
    delivery_up (s->delivery, s->now);
    tag = expect (s, "> HELLO alice " HELLO_BEGIN ",\"session\":\"" SECRET "\",\"token\":\"" TOKEN
                     "\"}");
    ok (s, tag, HELLO_JSON (LOG_A, "Alice", ",\"proven\":false,\"admin\":1"));
    expect (s, "* CONNECTED <Alice>");
    script_destroy (s);
}

static void guests_prove_nothing (void **state)
{
    script_t *s = script_token ("");

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    skip_to (s, "> HELLO  " HELLO_BEGIN "}");
    script_destroy (s);
}

static void refused_for_good (void **state)
{
    static const char *const codes[] = {"token", "proof", "taken", "private"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        script_t *s = script_token ("alice");
        char json[64];
        char line[64];

        delivery_start (s->delivery, s->now);
        delivery_up (s->delivery, s->now);
        snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"no\"}", codes[i]);
        snprintf (line, sizeof line, "* REFUSED %s", codes[i]);
        err (s, skip_to (s, "> HELLO"), json);
        expect (s, "drop");
        expect (s, line);
        assert_true (delivery_deadline_ms (s->delivery) == UINT64_MAX);
        script_destroy (s);
    }
}

/*  A name that was given up is nobody's for 30 days.                          */
static void nobody_waits_for_days (void **state)
{
    script_t *s = script_token ("alice");

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    err (s, skip_to (s, "> HELLO"), "{\"code\":\"taken\",\"text\":\"no\",\"wait_ms\":2592000000}");
    expect (s, "drop");
    expect (s, "* REFUSED taken");
    script_destroy (s);

    s = script_token ("alice");
    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    err (s, skip_to (s, "> HELLO"), "{\"code\":\"slow\",\"text\":\"no\",\"wait_ms\":2592000000}");
    expect (s, "drop");
    expect (s, "* DISCONNECTED slow");
    pass (s, 60000);
    expect (s, "door");
    script_destroy (s);
}

/*  A token is made for one name: once it has proven that, it stays with it.   */
static void the_token_stays_with_its_name (void **state)
{
    script_t *s = script_token ("alicia");

    /*  Mistyped: refused, and right under the next name.                      */
    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    err (s, skip_to (s, "> HELLO"), "{\"code\":\"token\",\"text\":\"no\"}");
    assert_int_equal (delivery_rename (s->delivery, "alice", s->now), ZCHAT_OK);
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO alice " HELLO_BEGIN ",\"token\":\"" TOKEN "\"}"),
        HELLO_JSON (LOG_A, "alice", ",\"session\":\"" SECRET "\",\"proven\":true"));
    expect (s, "* CONNECTED <alice> proven");

    assert_int_equal (delivery_rename (s->delivery, "bob", s->now), ZCHAT_OK);
    ok (s, expect (s, "> BYE alice"), "{}");
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO bob " HELLO_BEGIN "}"), HELLO_JSON (LOG_A, "bob", ""));
    expect (s, "* CONNECTED <bob>");

    assert_int_equal (delivery_rename (s->delivery, "Alice", s->now), ZCHAT_OK);
    ok (s, expect (s, "> BYE bob"), "{}");
    delivery_up (s->delivery, s->now);
    skip_to (s, "> HELLO Alice " HELLO_BEGIN ",\"token\":\"" TOKEN "\"}");
    script_destroy (s);
}

/*  A broker that takes no notice of it says nothing about whose it is.        */
static void an_idle_token_is_nobodys_yet (void **state)
{
    script_t *s = script_token ("alice");

    delivery_start (s->delivery, s->now);
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO alice " HELLO_BEGIN ",\"token\":\"" TOKEN "\"}"), HELLO_A);
    expect (s, "* CONNECTED <alice>");
    assert_int_equal (delivery_rename (s->delivery, "bob", s->now), ZCHAT_OK);
    ok (s, expect (s, "> BYE alice"), "{}");
    delivery_up (s->delivery, s->now);
    skip_to (s, "> HELLO bob " HELLO_BEGIN ",\"token\":\"" TOKEN "\"}");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_token_is_checked),
        cmocka_unit_test (it_goes_out_and_is_answered),
        cmocka_unit_test (guests_prove_nothing),
        cmocka_unit_test (refused_for_good),
        cmocka_unit_test (nobody_waits_for_days),
        cmocka_unit_test (the_token_stays_with_its_name),
        cmocka_unit_test (an_idle_token_is_nobodys_yet),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
