/*  test_talk_past.c - /history: paging back, in a room and with one person    */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mailroom.h"
#include "talk_private.h"

static buffer_t s_out;

/*  What is told, as a line each.                                              */
static void take_event (void *arg, const talk_event_t *event)
{
    const zchat_event_t *said = event->message.event;
    switch (event->kind) {
    case TALK_NOTICE:
    case TALK_REFUSAL:
        buffer_format (&s_out, "%s%s%s\n", event->notice.text, event->notice.why ? ": " : "",
                       event->notice.why ? event->notice.why : "");
        break;
    case TALK_MESSAGE:
    case TALK_DIRECT:
        buffer_format (&s_out, "%s: %s\n", said->user, said->body);
        break;
    default:
        break;
    }
}

static talk_t *s_talk;

static int setup (void **state)
{
    if (mailroom_open (state) != 0)
        return -1;
    static const char *const rooms[] = {"dev"};
    talk_options_t options = {.endpoint = s_endpoint,
                              .credentials = s_credentials,
                              .nick = "bob",
                              .rooms = rooms,
                              .n_rooms = 1,
                              .last = 20,
                              .event = take_event};
    s_talk = talk_new (&options);
    buffer_clear (&s_out);
    return 0;
}

static int teardown (void **state)
{
    talk_destroy (&s_talk);
    buffer_free (&s_out);
    return mailroom_close (state);
}

static void take (zchat_event_t event)
{
    talk_happened (s_talk, &event);
}

static void enter (const char *line)
{
    assert_int_equal (talk_enter (s_talk, line, strlen (line)), ZCHAT_OK);
}

static const char *out (void)
{
    return s_out.data ? s_out.data : "";
}

static void is (const char *text)
{
    assert_string_equal (out (), text);
    buffer_clear (&s_out);
}

static void shows (const char *text)
{
    if (!strstr (out (), text))
        fail_msg ("'%s' is not in '%s'", text, out ());
    buffer_clear (&s_out);
}

static void said (zchat_event_kind_t kind, uint64_t seq, const char *body)
{
    take ((zchat_event_t){.kind = kind,
                          .id = kind == ZCHAT_EVENT_HISTORY ? s_talk->past.id : 0,
                          .type = ZCHAT_TYPE_SAY,
                          .room = "dev",
                          .user = "carol",
                          .body = body,
                          .body_size = strlen (body),
                          .seq = seq});
}

static void told (uint64_t seq, const char *user, const char *body)
{
    zchat_event_t event = mail_event (ZCHAT_TYPE_TELL, user, body, false);
    event.kind = ZCHAT_EVENT_HISTORY;
    event.id = s_talk->past.id;
    event.seq = seq;
    event.time_ms = 0;
    take (event);
}

static void reply (void)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_REPLY, .id = s_talk->past.id, .status = ZCHAT_OK, .json = "{}"});
}

static void arrive (uint64_t head)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .text = "zchatd", .proven = true});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "@"});
    for (uint64_t seq = head > 2 ? head - 1 : 1; seq <= head; seq++)
        said (ZCHAT_EVENT_MESSAGE, seq, "before");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "dev", .seq = head, .members = 1});
}

static void what_is_not_shown_on_entering_is_told (void **state)
{
    arrive (46);
    shows ("messages up to 44 are not shown: /history more");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "dev", .seq = 46, .members = 1});
    is (""); /* again, after a reconnect */
}

static void nothing_is_told_where_all_is_shown (void **state)
{
    arrive (2);
    assert_null (strstr (out (), "not shown"));
}

static void more_goes_on_before_what_was_shown (void **state)
{
    arrive (46);
    enter ("/history more 2");
    assert_int_equal (s_talk->past.before, 45);
    said (ZCHAT_EVENT_HISTORY, 43, "a");
    said (ZCHAT_EVENT_HISTORY, 44, "b");
    reply ();
    enter ("/history more");
    assert_int_equal (s_talk->past.before, 43);
    said (ZCHAT_EVENT_HISTORY, 1, "first");
    reply ();
    buffer_clear (&s_out);
    enter ("/history more");
    is ("nothing was said before that\n");
}

static void one_at_a_time (void **state)
{
    arrive (46);
    enter ("/history");
    buffer_clear (&s_out);
    enter ("/history more");
    shows ("the last /history is still on its way");
    said (ZCHAT_EVENT_HISTORY, 46, "x");
    reply ();
    enter ("/history more");
    assert_int_equal (s_talk->past.before, 45); /* entering had shown that */
}

static void a_talk_has_a_history_of_its_own (void **state)
{
    arrive (2);
    enter ("/query carol");
    buffer_clear (&s_out);
    enter ("/history 3");
    assert_string_equal (s_talk->past.room, "@");
    told (98, "carol", "three");
    told (99, "dave", "not this");
    told (100, "CAROL", "four");
    is (""); /* more is wanted, and comes before it */
    reply ();
    assert_int_equal (s_talk->past.before, 98);
    told (95, "carol", "one");
    told (96, "carol", "two");
    reply ();
    is ("carol: two\ncarol: three\n"
        "CAROL: four\n");
    enter ("/history more");
    assert_int_equal (s_talk->past.before, 96);
    told (95, "carol", "one");
    reply ();
    reply (); /* the page before has nothing */
    is ("carol: one\n");
    enter ("/history more");
    is ("nothing was said before that\n");
    enter ("/query dave");
    buffer_clear (&s_out);
    enter ("/history more");
    assert_int_equal (s_talk->past.before, UINT64_MAX); /* of another talk */
}

static void who_in_a_talk_is_not_who_is_in_the_room (void **state)
{
    arrive (2);
    enter ("/query carol");
    buffer_clear (&s_out);
    enter ("/who");
    is ("this talk is between you two alone; /who ROOM lists a room\n");
    assert_int_equal (s_talk->past.id, 0);
}

static void a_refusal_ends_it (void **state)
{
    arrive (46);
    enter ("/history");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY,
                          .id = s_talk->past.id,
                          .status = ZCHAT_SLOW,
                          .text = "too fast"});
    shows ("no answer: too fast");
    enter ("/history");
    assert_int_not_equal (s_talk->past.id, 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (what_is_not_shown_on_entering_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown (nothing_is_told_where_all_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown (more_goes_on_before_what_was_shown, setup, teardown),
        cmocka_unit_test_setup_teardown (one_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown (a_talk_has_a_history_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown (who_in_a_talk_is_not_who_is_in_the_room, setup, teardown),
        cmocka_unit_test_setup_teardown (a_refusal_ends_it, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
