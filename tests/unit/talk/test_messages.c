/*  test_messages.c - what is kept of a conversation, and what changes it       */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "messages.h"
#include <stdio.h>

typedef struct {
    messages_t *messages;
    const message_t *message;
} stage_t;

static stage_t stage (void)
{
    return (stage_t){.messages = messages_new ()};
}

static messages_change_t apply (stage_t *s, const zchat_event_t *event)
{
    return messages_apply (s->messages, event, &s->message);
}

static zchat_event_t event_of (uint64_t seq, zchat_type_t type, const char *user, const char *body)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .user = user,
                           .body = body,
                           .body_size = strlen (body),
                           .seq = seq,
                           .time_ms = 1000 * seq,
                           .own = strcmp (user, "me") == 0};
}

static messages_change_t say (stage_t *s, uint64_t seq, const char *user, const char *body)
{
    zchat_event_t event = event_of (seq, ZCHAT_TYPE_SAY, user, body);
    return apply (s, &event);
}

static messages_change_t become (stage_t *s, uint64_t seq, zchat_type_t type, const char *user,
                                 uint64_t target, const char *body)
{
    zchat_event_t event = event_of (seq, type, user, body);
    event.target = target;
    return apply (s, &event);
}

static messages_change_t mark (stage_t *s, uint64_t target, uint64_t at, uint64_t edited,
                               const char *data)
{
    zchat_event_t event = event_of (0, ZCHAT_TYPE_MARKS, "", "");
    event.target = target;
    event.at = at;
    event.edited = edited;
    event.data = data;
    return apply (s, &event);
}

static void numbers_count_from_the_newest (void **state)
{
    stage_t s = stage ();

    assert_null (messages_number (s.messages, 1, 0));
    assert_int_equal (say (&s, 5, "bob", "five"), MESSAGES_NEW);
    assert_int_equal (say (&s, 7, "me", "seven"), MESSAGES_NEW);
    assert_int_equal (become (&s, 8, ZCHAT_TYPE_TOPIC, "bob", 0, "snacks"), MESSAGES_NOTHING);
    assert_int_equal (say (&s, 9, "bob", "nine"), MESSAGES_NEW);
    assert_int_equal (messages_number (s.messages, 1, 0)->seq, 9);
    assert_int_equal (messages_number (s.messages, 3, 0)->seq, 5);
    assert_null (messages_number (s.messages, 4, 0));
    assert_null (messages_number (s.messages, 0, 0));
    assert_int_equal (messages_number_of (s.messages, 9, 0), 1);
    assert_int_equal (messages_number_of (s.messages, 8, 0), 0);
    /*  As they were when 7 was the newest.                                    */
    assert_int_equal (messages_number (s.messages, 1, 7)->seq, 7);
    assert_int_equal (messages_number (s.messages, 1, 8)->seq, 7);
    assert_int_equal (messages_number_of (s.messages, 5, 7), 2);
    assert_int_equal (messages_number_of (s.messages, 9, 7), 0);
    assert_string_equal (messages_find (s.messages, 7)->text, "seven");
    assert_null (messages_find (s.messages, 8));
    assert_int_equal (messages_told (s.messages, 5000)->seq, 5);
    assert_null (messages_told (s.messages, 5001));
    assert_int_equal (messages_own (s.messages, 0)->seq, 7);
    assert_null (messages_own (s.messages, 6));
    messages_destroy (&s.messages);
}

static void a_history_fills_in_before (void **state)
{
    stage_t s = stage ();
    zchat_event_t past = event_of (3, ZCHAT_TYPE_SAY, "bob", "three");

    say (&s, 9, "bob", "nine");
    past.kind = ZCHAT_EVENT_HISTORY;
    assert_int_equal (apply (&s, &past), MESSAGES_NEW);
    assert_int_equal (messages_number (s.messages, 2, 0)->seq, 3);
    assert_int_equal (apply (&s, &past), MESSAGES_KNOWN);
    /*  A history shows a text as it is now, with its marks.                   */
    past.body = "3";
    past.body_size = 1;
    assert_int_equal (apply (&s, &past), MESSAGES_KNOWN);
    mark (&s, 3, 10, 10, "{\"seq\":3,\"at\":10,\"edited\":10,\"edits\":1}");
    assert_string_equal (s.message->text, "3");
    messages_destroy (&s.messages);
}

static void edits (void **state)
{
    stage_t s = stage ();

    say (&s, 1, "bob", "teh");
    assert_int_equal (become (&s, 2, ZCHAT_TYPE_EDIT, "bob", 1, "the"), MESSAGES_EDITED);
    assert_string_equal (s.message->text, "the");
    assert_int_equal (s.message->edited, 2);
    assert_int_equal (become (&s, 2, ZCHAT_TYPE_EDIT, "bob", 1, "again"), MESSAGES_NOTHING);
    /*  An edit that was edited since is empty: what follows says it.          */
    assert_int_equal (become (&s, 3, ZCHAT_TYPE_EDIT, "bob", 1, ""), MESSAGES_NOTHING);
    assert_string_equal (messages_find (s.messages, 1)->text, "the");
    /*  Of a message that is not kept.                                         */
    assert_int_equal (become (&s, 4, ZCHAT_TYPE_EDIT, "bob", 99, "x"), MESSAGES_EDITED);
    assert_null (s.message);
    messages_destroy (&s.messages);
}

static void reactions (void **state)
{
    stage_t s = stage ();

    say (&s, 1, "bob", "hello");
    assert_int_equal (become (&s, 2, ZCHAT_TYPE_REACT, "eve", 1, "+1"), MESSAGES_REACTED);
    assert_int_equal (become (&s, 3, ZCHAT_TYPE_REACT, "eve", 1, "+1"), MESSAGES_NOTHING);
    assert_int_equal (become (&s, 4, ZCHAT_TYPE_REACT, "me", 1, "+1"), MESSAGES_REACTED);
    assert_int_equal (become (&s, 5, ZCHAT_TYPE_REACT, "me", 1, "ok"), MESSAGES_REACTED);
    assert_int_equal (s.message->n_reactions, 2);
    assert_int_equal (s.message->reactions[0].count, 2);
    assert_true (s.message->reactions[0].mine);
    assert_string_equal (s.message->reactions[0].users[0], "eve");
    assert_int_equal (become (&s, 6, ZCHAT_TYPE_UNREACT, "eve", 1, "+1"), MESSAGES_REACTED);
    assert_int_equal (s.message->reactions[0].count, 1);
    assert_string_equal (s.message->reactions[0].users[0], "me");
    assert_int_equal (become (&s, 7, ZCHAT_TYPE_UNREACT, "me", 1, "+1"), MESSAGES_REACTED);
    assert_int_equal (s.message->n_reactions, 1);
    assert_string_equal (s.message->reactions[0].text, "ok");
    assert_int_equal (become (&s, 8, ZCHAT_TYPE_UNREACT, "me", 1, "no"), MESSAGES_NOTHING);
    assert_int_equal (become (&s, 9, ZCHAT_TYPE_REACT, "eve", 1, ""), MESSAGES_NOTHING);
    messages_destroy (&s.messages);
}

/*  What marks say up to a seq counts once, whichever comes first.             */
static void marks (void **state)
{
    static const char data[] =
        "{\"reactions\":{\"+1\":{\"count\":5,\"users\":[\"a\",\"b\",\"c\"]}}}";
    stage_t s = stage ();

    say (&s, 1, "bob", "hello");
    assert_int_equal (mark (&s, 1, 8, 7, data), MESSAGES_MARKED);
    assert_int_equal (s.message->edited, 7);
    assert_int_equal (s.message->reactions[0].count, 5);
    assert_int_equal (become (&s, 6, ZCHAT_TYPE_REACT, "d", 1, "+1"), MESSAGES_NOTHING);
    assert_int_equal (become (&s, 7, ZCHAT_TYPE_EDIT, "bob", 1, "old"), MESSAGES_NOTHING);
    assert_string_equal (messages_find (s.messages, 1)->text, "hello");
    assert_int_equal (become (&s, 9, ZCHAT_TYPE_REACT, "f", 1, "+1"), MESSAGES_REACTED);
    assert_int_equal (s.message->reactions[0].count, 6);
    /*  Marks of an earlier time do not take away what was applied since.      */
    assert_int_equal (mark (&s, 1, 8, 7, data), MESSAGES_NOTHING);
    assert_int_equal (s.message->reactions[0].count, 6);
    assert_int_equal (mark (&s, 1, 9, 7, "{}"), MESSAGES_MARKED);
    assert_int_equal (s.message->n_reactions, 0);
    assert_int_equal (mark (&s, 55, 9, 7, data), MESSAGES_NOTHING);
    messages_destroy (&s.messages);
}

/*  A page was read before something that is known here, or behind it; its marks tell. */
static void a_known_message_comes_once_more (void **state)
{
    stage_t s = stage ();
    zchat_event_t again = event_of (5, ZCHAT_TYPE_SAY, "bob", "newest");

    assert_int_equal (say (&s, 5, "bob", "old"), MESSAGES_NEW);
    become (&s, 6, ZCHAT_TYPE_REACT, "ann", 5, "+1");
    assert_int_equal (apply (&s, &again), MESSAGES_KNOWN);
    assert_string_equal (s.message->text, "old");
    mark (&s, 5, 8, 7, "{\"seq\":5,\"at\":8,\"edited\":7,\"edits\":1}");
    assert_string_equal (s.message->text, "newest");
    become (&s, 7, ZCHAT_TYPE_EDIT, "bob", 5, "newest");
    assert_int_equal (s.message->n_reactions, 0);
    /*  What marks do not go with is older, or the same.                       */
    become (&s, 9, ZCHAT_TYPE_EDIT, "bob", 5, "newer");
    assert_int_equal (apply (&s, &again), MESSAGES_KNOWN);
    mark (&s, 5, 8, 7, "{\"seq\":5,\"at\":8,\"edited\":7,\"edits\":1}");
    assert_string_equal (messages_find (s.messages, 5)->text, "newer");
    messages_destroy (&s.messages);
}

/*  What took the reaction back stands behind the end of the page.              */
static void a_history_tells_of_what_is_over (void **state)
{
    stage_t s = stage ();
    zchat_event_t past = event_of (5, ZCHAT_TYPE_SAY, "bob", "five");
    zchat_event_t reacts = event_of (6, ZCHAT_TYPE_REACT, "ann", "+1");

    past.kind = reacts.kind = ZCHAT_EVENT_HISTORY;
    reacts.target = 5;
    assert_int_equal (apply (&s, &past), MESSAGES_NEW);
    assert_int_equal (apply (&s, &reacts), MESSAGES_NOTHING);
    assert_int_equal (messages_find (s.messages, 5)->n_reactions, 0);
    messages_destroy (&s.messages);
}

/*  The log may take back what somebody never gave; see PROTOCOL.md, REACT.    */
static void who_did_not_react_takes_nothing_back (void **state)
{
    stage_t s = stage ();

    say (&s, 5, "bob", "five");
    become (&s, 6, ZCHAT_TYPE_REACT, "ann", 5, "+1");
    assert_int_equal (become (&s, 7, ZCHAT_TYPE_UNREACT, "eve", 5, "+1"), MESSAGES_NOTHING);
    assert_int_equal (messages_find (s.messages, 5)->reactions[0].count, 1);
    messages_destroy (&s.messages);
}

static void removals (void **state)
{
    stage_t s = stage ();

    say (&s, 1, "me", "hello");
    become (&s, 2, ZCHAT_TYPE_REACT, "eve", 1, "+1");
    assert_int_equal (become (&s, 3, ZCHAT_TYPE_REMOVE, "op", 1, "rude"), MESSAGES_REMOVED);
    assert_true (s.message->removed);
    assert_string_equal (s.message->text, "");
    assert_int_equal (s.message->n_reactions, 0);
    assert_int_equal (become (&s, 4, ZCHAT_TYPE_EDIT, "me", 1, "hi"), MESSAGES_NOTHING);
    assert_null (messages_own (s.messages, 0));
    assert_int_equal (messages_number (s.messages, 1, 0)->seq, 1);
    assert_int_equal (become (&s, 5, ZCHAT_TYPE_REMOVE, "op", 77, ""), MESSAGES_REMOVED);
    assert_null (s.message);
    /*  An edit is removed with the message that it changed.                   */
    say (&s, 6, "bob", "a");
    become (&s, 7, ZCHAT_TYPE_EDIT, "bob", 6, "b");
    assert_int_equal (become (&s, 8, ZCHAT_TYPE_REMOVE, "op", 7, ""), MESSAGES_REMOVED);
    assert_int_equal (s.message->seq, 6);
    messages_destroy (&s.messages);
}

static void bounds (void **state)
{
    stage_t s = stage ();
    char text[65537];
    char reaction[16];

    for (uint64_t seq = 1; seq <= MESSAGES_MAX + 10; seq++)
        say (&s, seq, "bob", "x");
    assert_null (messages_find (s.messages, 10));
    assert_non_null (messages_find (s.messages, 11));
    assert_null (messages_number (s.messages, MESSAGES_MAX + 1, 0));
    /*  What is older than all that is kept is shown, and not kept.            */
    assert_int_equal (say (&s, 2, "bob", "x"), MESSAGES_NEW);
    assert_null (s.message);
    assert_null (messages_find (s.messages, 2));
    memset (text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (uint64_t seq = 1000; seq < 1020; seq++)
        say (&s, seq, "bob", text);
    assert_null (messages_find (s.messages, 1010));
    assert_non_null (messages_find (s.messages, 1019));
    for (uint64_t i = 0; i < 100; i++) {
        snprintf (reaction, sizeof reaction, "r%d", (int)i);
        become (&s, 2000 + i, ZCHAT_TYPE_REACT, "eve", 1019, reaction);
    }
    assert_int_equal (messages_find (s.messages, 1019)->n_reactions, MESSAGES_REACTIONS_MAX);
    for (uint64_t i = 0; i < 20; i++) {
        snprintf (reaction, sizeof reaction, "u%d", (int)i);
        become (&s, 3000 + i, ZCHAT_TYPE_REACT, reaction, 1019, "r0");
    }
    assert_int_equal (messages_find (s.messages, 1019)->reactions[0].count, 21);
    assert_int_equal (messages_find (s.messages, 1019)->reactions[0].n_users, MESSAGES_NAMES_MAX);
    messages_destroy (&s.messages);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (numbers_count_from_the_newest),
        cmocka_unit_test (a_history_fills_in_before),
        cmocka_unit_test (edits),
        cmocka_unit_test (reactions),
        cmocka_unit_test (marks),
        cmocka_unit_test (a_known_message_comes_once_more),
        cmocka_unit_test (a_history_tells_of_what_is_over),
        cmocka_unit_test (who_did_not_react_takes_nothing_back),
        cmocka_unit_test (removals),
        cmocka_unit_test (bounds),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
