/*  test_about.c - what stands in the data of an event                          */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "about.h"
#include "answer.h"
#include <string.h>

static zchat_event_t fill (zchat_type_t type, const char *data, const char *user)
{
    static json_t *json;
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE, .type = type, .data = data};

    json_decref (json);
    json = data ? answer_parse (frame_str (data)) : NULL;
    about_fill (&event, json, user);
    return event;
}

static void said (void **state)
{
    zchat_event_t e =
        fill (ZCHAT_TYPE_SAY,
              "{\"zchat\":{\"re\":7,\"mentions\":[\"bob\",\"Alice\"],\"all\":true}}", "alice");

    assert_int_equal (e.re, 7);
    assert_true (e.mentions_me && e.mentions_all);
    e = fill (ZCHAT_TYPE_SAY, "{\"zchat\":{\"mentions\":[\"bob\",\"a1ice\",7]}}", "alice");
    assert_false (e.mentions_me || e.mentions_all || e.re);
    e = fill (ZCHAT_TYPE_SAY, "{\"zchat\":{\"mentions\":[\"alice\"]}}", "");
    assert_false (e.mentions_me);
    e = fill (ZCHAT_TYPE_SAY, "{\"zchat\":\"re\"}", "alice");
    assert_int_equal (e.re, 0);
    e = fill (ZCHAT_TYPE_SAY, "{\"zchat\":{\"re\":-7}}", "alice");
    assert_int_equal (e.re, 0);
    e = fill (ZCHAT_TYPE_SAY, NULL, "alice");
    assert_int_equal (e.re, 0);
    e = fill (ZCHAT_TYPE_TELL, "{\"zchat\":{\"re\":1732089600123},\"sealed\":1}", "alice");
    assert_true (e.re == 1732089600123);
    e = fill (ZCHAT_TYPE_SAY, "{\"zchat\":{\"re\":1732089600123}}", "alice");
    assert_int_equal (e.re, 0);
}

static void about_others (void **state)
{
    zchat_event_t e = fill (ZCHAT_TYPE_EDIT, "{\"seq\":12}", "alice");

    assert_int_equal (e.target, 12);
    e = fill (ZCHAT_TYPE_REMOVE, "{\"seq\":12}", "alice");
    assert_int_equal (e.target, 12);
    e = fill (ZCHAT_TYPE_UNREACT, "{\"seq\":\"12\"}", "alice");
    assert_int_equal (e.target, 0);
    e = fill (ZCHAT_TYPE_MENTION, "{\"room\":\"dev\",\"seq\":3}", "alice");
    assert_int_equal (e.target, 3);
    assert_string_equal (e.about, "dev");
    e = fill (ZCHAT_TYPE_READ, "{\"room\":7,\"seq\":3}", "alice");
    assert_null (e.about);
    e = fill (ZCHAT_TYPE_TOPIC, "{\"seq\":12}", "alice");
    assert_int_equal (e.target, 0);
}

static void marks (void **state)
{
    static const char data[] =
        "{\"seq\":5,\"at\":40,\"edited\":31,\"edits\":2,\"reactions\":{"
        "\"+1\":{\"count\":9,\"users\":[\"bob\",\"иван\",7,\"eve\",\"zoe\"],\"mine\":true},"
        "\"a text that is longer than thirty-two bytes\":{\"count\":1},\"no\":7,"
        "\"ok\":{\"count\":0,\"users\":[\"bob\"]}}}";
    zchat_event_t e = fill (ZCHAT_TYPE_MARKS, data, "alice");
    zchat_reaction_t reaction;

    assert_int_equal (e.target, 5);
    assert_int_equal (e.at, 40);
    assert_int_equal (e.edited, 31);
    assert_int_equal (e.edits, 2);
    assert_int_equal (zchat_event_reaction (&e, 0, &reaction), ZCHAT_OK);
    assert_string_equal (reaction.text, "+1");
    assert_int_equal (reaction.count, 9);
    assert_int_equal (reaction.n_users, 3);
    assert_string_equal (reaction.users[2], "eve");
    assert_true (reaction.mine);
    assert_int_equal (zchat_event_reaction (&e, 1, &reaction), ZCHAT_OK);
    assert_string_equal (reaction.text, "ok");
    assert_int_equal (reaction.count, 1);
    assert_false (reaction.mine);
    assert_int_equal (zchat_event_reaction (&e, 2, &reaction), ZCHAT_EMPTY);
    e = fill (ZCHAT_TYPE_SAY, data, "alice");
    assert_int_equal (zchat_event_reaction (&e, 0, &reaction), ZCHAT_EMPTY);
}

/*  A program of another header gets what it has room for.                     */
static void sized (void **state)
{
    zchat_event_t e = fill (ZCHAT_TYPE_MARKS, "{\"reactions\":{\"+1\":{\"count\":2}}}", "alice");
    struct {
        char text[ZCHAT_REACTION_MAX + 1];
        char guard;
    } shorter = {.guard = 'g'};

    assert_int_equal (zchat_event_reaction_sized (&e, sizeof e, 0, (zchat_reaction_t *)&shorter,
                                                  sizeof shorter.text),
                      ZCHAT_OK);
    assert_string_equal (shorter.text, "+1");
    assert_int_equal (shorter.guard, 'g');
    assert_int_equal (zchat_event_reaction_sized (&e, offsetof (zchat_event_t, data), 0,
                                                  (zchat_reaction_t *)&shorter,
                                                  sizeof shorter.text),
                      ZCHAT_EMPTY);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (said),
        cmocka_unit_test (about_others),
        cmocka_unit_test (marks),
        cmocka_unit_test (sized),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
