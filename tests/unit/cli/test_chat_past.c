/*  test_chat_past.c - /history: paging back, in a room and with one person    */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chat_private.h"
#include "mailroom.h"

static options_t s_options;

static chat_t *s_chat;

static int setup (void **state)
{
    if (mailroom_open (state) != 0)
        return -1;
    memset (&s_options, 0, sizeof s_options);
    s_options.endpoint = s_endpoint;
    s_options.nick = "bob";
    s_options.encrypted = s_options.has_broker_key = true;
    s_options.credentials = s_credentials;
    s_options.rooms[s_options.n_rooms++] = "dev";
    s_options.last = CLI_LAST_DEFAULT;
    s_options.no_color = true;
    s_chat = chat_new (&s_options, CHAT_EDITOR);
    s_chat->format.time = false;
    return 0;
}

static int teardown (void **state)
{
    chat_destroy (&s_chat);
    return mailroom_close (state);
}

static void take (zchat_event_t event)
{
    chat_happened (s_chat, &event);
}

static void enter (const char *line)
{
    assert_int_equal (chat_enter (s_chat, line, strlen (line)), ZCHAT_OK);
}

static const char *out (void)
{
    return chat_out (s_chat)->data ? chat_out (s_chat)->data : "";
}

static void is (const char *text)
{
    assert_string_equal (out (), text);
    buffer_clear (chat_out (s_chat));
}

static void shows (const char *text)
{
    if (!strstr (out (), text))
        fail_msg ("'%s' is not in '%s'", text, out ());
    buffer_clear (chat_out (s_chat));
}

static void said (zchat_event_kind_t kind, uint64_t seq, const char *body)
{
    take ((zchat_event_t){.kind = kind,
                          .id = kind == ZCHAT_EVENT_HISTORY ? s_chat->past.id : 0,
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
    event.id = s_chat->past.id;
    event.seq = seq;
    event.time_ms = 0;
    take (event);
}

static void reply (void)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_REPLY, .id = s_chat->past.id, .status = ZCHAT_OK, .json = "{}"});
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
    assert_int_equal (s_chat->past.before, 45);
    said (ZCHAT_EVENT_HISTORY, 43, "a");
    said (ZCHAT_EVENT_HISTORY, 44, "b");
    reply ();
    enter ("/history more");
    assert_int_equal (s_chat->past.before, 43);
    said (ZCHAT_EVENT_HISTORY, 1, "first");
    reply ();
    buffer_clear (chat_out (s_chat));
    enter ("/history more");
    is ("-- nothing was said before that\n");
}

static void one_at_a_time (void **state)
{
    arrive (46);
    enter ("/history");
    buffer_clear (chat_out (s_chat));
    enter ("/history more");
    shows ("the last /history is still on its way");
    said (ZCHAT_EVENT_HISTORY, 46, "x");
    reply ();
    enter ("/history more");
    assert_int_equal (s_chat->past.before, 45); /* entering had shown that */
}

static void a_talk_has_a_history_of_its_own (void **state)
{
    arrive (2);
    enter ("/query carol");
    buffer_clear (chat_out (s_chat));
    enter ("/history 3");
    assert_string_equal (s_chat->past.room, "@");
    told (98, "carol", "three");
    told (99, "dave", "not this");
    told (100, "CAROL", "four");
    is (""); /* more is wanted, and comes before it */
    reply ();
    assert_int_equal (s_chat->past.before, 98);
    told (95, "carol", "one");
    told (96, "carol", "two");
    reply ();
    is ("[carol -> you, not sealed] two\n[carol -> you, not sealed] three\n"
        "[CAROL -> you, not sealed] four\n");
    enter ("/history more");
    assert_int_equal (s_chat->past.before, 96);
    told (95, "carol", "one");
    reply ();
    reply (); /* the page before has nothing */
    is ("[carol -> you, not sealed] one\n");
    enter ("/history more");
    is ("-- nothing was said before that\n");
    enter ("/query dave");
    buffer_clear (chat_out (s_chat));
    enter ("/history more");
    assert_int_equal (s_chat->past.before, UINT64_MAX); /* of another talk */
}

static void who_in_a_talk_is_not_who_is_in_the_room (void **state)
{
    arrive (2);
    enter ("/query carol");
    buffer_clear (chat_out (s_chat));
    enter ("/who");
    is ("-- this talk is between you two alone; /who ROOM lists a room\n");
    assert_int_equal (s_chat->past.id, 0);
}

static void a_refusal_ends_it (void **state)
{
    arrive (46);
    enter ("/history");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY,
                          .id = s_chat->past.id,
                          .status = ZCHAT_SLOW,
                          .text = "too fast"});
    shows ("no answer: too fast");
    enter ("/history");
    assert_int_not_equal (s_chat->past.id, 0);
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
