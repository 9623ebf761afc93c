/*  test_talk.c - the events of a talk, without a face: what is open, unread, trusted, refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mailroom.h"
#include "talk_private.h"

static talk_t *s_talk;
static buffer_t s_log;

/*  Events as lines: "unread dev 2".                                           */
static void take_event (void *arg, const talk_event_t *event)
{
    static const char *const kinds[] = {[TALK_MESSAGE] = "message",
                                        [TALK_DIRECT] = "direct",
                                        [TALK_CONNECTION] = "connection",
                                        [TALK_ENTERED] = "entered",
                                        [TALK_LEFT] = "left",
                                        [TALK_TROUBLE] = "trouble",
                                        [TALK_ANSWER] = "answer",
                                        [TALK_NOTICE] = "notice",
                                        [TALK_REFUSAL] = "refusal",
                                        [TALK_TRUST] = "trust",
                                        [TALK_NAME_ASKED] = "name asked",
                                        [TALK_OPENED] = "opened",
                                        [TALK_CLOSED] = "closed",
                                        [TALK_FOCUS] = "focus",
                                        [TALK_UNREAD] = "unread",
                                        [TALK_SENDING] = "sending",
                                        [TALK_PAGE] = "page",
                                        [TALK_OVER] = "over"};
    buffer_string (&s_log, kinds[event->kind]);
    switch (event->kind) {
    case TALK_OPENED:
    case TALK_CLOSED:
    case TALK_FOCUS:
        buffer_format (&s_log, " %s%s", event->conversation.person ? "@" : "",
                       event->conversation.name);
        break;
    case TALK_UNREAD:
        buffer_format (&s_log, " %s%s %zu", event->conversation.person ? "@" : "",
                       event->conversation.name, event->conversation.unread);
        break;
    case TALK_MESSAGE:
    case TALK_DIRECT:
        buffer_format (&s_log, " %s%s%s", event->message.event->body,
                       event->message.echo ? " echo" : "", event->message.past ? " past" : "");
        break;
    case TALK_PAGE:
        buffer_format (&s_log, " %s %d %d%s", event->page.name, (int)event->page.lowest,
                       (int)event->page.highest, event->page.failed ? " failed" : "");
        break;
    case TALK_SENDING:
        buffer_format (&s_log, " %d", event->sending.state);
        if (event->sending.text)
            buffer_format (&s_log, " %.*s", (int)event->sending.size, event->sending.text);
        if (event->sending.seq)
            buffer_format (&s_log, " #%d", (int)event->sending.seq);
        break;
    case TALK_REFUSAL:
        buffer_format (&s_log, " %d %s", event->notice.outcome, event->notice.text);
        break;
    case TALK_NOTICE:
        if (event->notice.hint != HINT_NONE)
            buffer_format (&s_log, " %s, hint %d", event->notice.text, event->notice.hint);
        break;
    case TALK_TRUST:
        buffer_format (&s_log, " %d %s", event->trust.trust, event->trust.user);
        break;
    case TALK_OVER:
        buffer_format (&s_log, " %d", event->outcome);
        break;
    default:
        break;
    }
    buffer_string (&s_log, "\n");
}

static int open_with (void **state, const char *nick, bool scripted)
{
    static const char *const rooms[] = {"dev", "ci"};
    if (mailroom_open (state) != 0)
        return -1;
    talk_options_t options = {.endpoint = s_endpoint,
                              .credentials = s_credentials,
                              .nick = nick,
                              .rooms = rooms,
                              .n_rooms = 2,
                              .scripted = scripted,
                              .event = take_event};
    s_talk = talk_new (&options);
    return 0;
}

static int setup (void **state)
{
    return open_with (state, "bob", false);
}

static int setup_script (void **state)
{
    return open_with (state, "bob", true);
}

static int setup_script_without_name (void **state)
{
    return open_with (state, NULL, true);
}

static int teardown (void **state)
{
    talk_destroy (&s_talk);
    buffer_free (&s_log);
    return mailroom_close (state);
}

static void is (const char *text)
{
    assert_string_equal (s_log.data ? s_log.data : "", text);
    buffer_clear (&s_log);
}

static void holds (const char *text)
{
    if (!s_log.data || !strstr (s_log.data, text))
        fail_msg ("'%s' is not in '%s'", text, s_log.data ? s_log.data : "");
    buffer_clear (&s_log);
}

static void take (zchat_event_t event)
{
    talk_happened (s_talk, &event);
}

static void enter (const char *line)
{
    assert_int_equal (talk_enter (s_talk, line, strlen (line)), ZCHAT_OK);
}

static void arrive (void)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .proven = true});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "@"});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "dev"});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "ci"});
    buffer_clear (&s_log);
}

static void said (const char *room, const char *user, const char *body, uint64_t seq)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                          .type = ZCHAT_TYPE_SAY,
                          .room = room,
                          .user = user,
                          .body = body,
                          .body_size = strlen (body),
                          .own = strcmp (user, "bob") == 0,
                          .seq = seq});
}

static void what_is_asked_for_is_open_from_the_start (void **state)
{
    is ("opened dev\nfocus dev\nopened ci\nfocus ci\nfocus dev\n");
    const char *name;
    bool person;
    size_t unread;
    assert_true (talk_conversation (s_talk, 1, &name, &person, &unread));
    assert_string_equal (name, "ci");
    assert_false (person || unread);
    assert_false (talk_conversation (s_talk, 2, &name, &person, &unread));
}

static void what_is_said_elsewhere_is_unread (void **state)
{
    said ("ci", "carol", "before we came", 1);
    arrive ();
    said ("dev", "carol", "here", 1);
    is ("message here\n");
    said ("ci", "carol", "there", 2);
    said ("ci", "carol", "too", 3);
    is ("message there\nunread ci 1\nmessage too\nunread ci 2\n");
    said ("ci", "bob", "mine", 4);
    is ("message mine echo\n");
    enter ("/join ci");
    is ("focus ci\nunread ci 0\n");
    enter ("/part ci");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_PARTED, .room = "ci"});
    is ("closed ci\nfocus dev\nleft\n");
}

static void direct_talks_are_conversations (void **state)
{
    arrive ();
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "psst", false));
    is ("opened @carol\ndirect psst\nunread @carol 1\n");
    take (mail_event (ZCHAT_TYPE_TOLD, "carol", "yes?", false));
    is ("direct yes? echo\n");
    enter ("/query CAROL");
    holds ("focus @CAROL\nunread @CAROL 0\n");
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "well", false));
    is ("direct well\n");
    said ("dev", "dave", "meanwhile", 9);
    is ("message meanwhile\nunread dev 1\n");
    enter ("/query");
    holds ("focus dev\nunread dev 0\n");
    talk_state_t stands;
    talk_state (s_talk, &stands);
    assert_int_equal (stands.n_conversations, 3);
}

static void people_beyond_the_bound_give_way (void **state)
{
    char name[32];
    arrive ();
    for (size_t i = 0; i <= TALK_PERSONS_MAX; i++) {
        snprintf (name, sizeof name, "user%zu", i);
        take (mail_event (ZCHAT_TYPE_TELL, name, "hi", false));
    }
    holds ("closed @user0\nopened @user256\ndirect hi\nunread @user256 1\n");
    assert_int_equal (s_talk->n_persons, TALK_PERSONS_MAX);
}

static void changed_keys_are_a_question_of_trust (void **state)
{
    arrive ();
    enter ("/keys alice");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY,
                          .id = s_talk->requests[0].id,
                          .json = keys_json ("alice", &s_alice)});
    is ("answer\nnotice\n");
    enter ("/keys alice");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY,
                          .id = s_talk->requests[0].id,
                          .json = keys_json ("alice", &s_eve)});
    is ("trust 0 alice\nanswer\nnotice\n");
}

static void commands_need_no_line (void **state)
{
    arrive ();
    command_t command = {.kind = COMMAND_JOIN, .text = "ci", .size = 2};
    assert_int_equal (talk_do (s_talk, &command), ZCHAT_OK);
    is ("focus ci\n");
    command = (command_t){.kind = COMMAND_SAY, .text = "hi", .size = 2};
    assert_int_equal (talk_do (s_talk, &command), ZCHAT_OK);
    is ("");
    talk_state_t stands;
    talk_state (s_talk, &stands);
    assert_int_equal (stands.unsent, 1);
    command = (command_t){.kind = COMMAND_QUIT};
    assert_int_equal (talk_do (s_talk, &command), ZCHAT_OK);
    is ("over 0\n");
}

static void peers_text_stays_as_it_came (void **state)
{
    arrive ();
    said ("dev", "carol", "\033[2J", 1);
    is ("message \033[2J\n");
}

static void refusals_have_an_outcome (void **state)
{
    arrive ();
    enter ("/nosuch");
    holds ("refusal 64 ");
    enter ("/kick eve");
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_REPLY, .id = s_talk->requests[0].id, .status = ZCHAT_OPERATOR});
    is ("refusal 77 not done\n");
    assert_int_equal (talk_close (s_talk, OUTCOME_OK), OUTCOME_REFUSED);
}

static void a_refused_name_is_asked_for (void **state)
{
    arrive ();
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REFUSED, .status = ZCHAT_TAKEN});
    is ("refusal 77 you cannot be bob\nname asked\n");
}

/*  How a name is given, or older mail read, is the face's to say: the talk knows no flags. */
static void a_script_without_a_name_is_over (void **state)
{
    int status;
    is ("notice a name is needed, hint 1\nover 64\n");
    assert_true (talk_ended (s_talk, &status));
    assert_int_equal (status, OUTCOME_USAGE);
}

static void older_mail_is_hinted_at (void **state)
{
    arrive ();
    s_talk->mail.joined = false;
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "@", .seq = 1});
    is ("notice there are earlier direct messages, hint 2\n");
}

static int setup_looks (void **state)
{
    static const char *const rooms[] = {"dev", "ci"};
    if (mailroom_open (state) != 0)
        return -1;
    talk_options_t options = {.endpoint = s_endpoint,
                              .credentials = s_credentials,
                              .nick = "bob",
                              .rooms = rooms,
                              .n_rooms = 2,
                              .looks = true,
                              .event = take_event};
    s_talk = talk_new (&options);
    return 0;
}

static void only_what_was_looked_at_is_read (void **state)
{
    arrive ();
    said ("dev", "carol", "one", 1);
    said ("dev", "carol", "two", 2);
    is ("message one\nunread dev 1\nmessage two\nunread dev 2\n");
    talk_looked (s_talk, "dev", false, 1);
    is ("unread dev 1\n");
    talk_looked (s_talk, "dev", false, UINT64_MAX);
    is ("unread dev 0\n");
    talk_looked (s_talk, "dev", false, UINT64_MAX);
    is ("");
    said ("ci", "carol", "three", 1);
    buffer_clear (&s_log);
    talk_focus (s_talk, "ci", false);
    is ("focus ci\n");
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "psst", false));
    is ("opened @carol\ndirect psst\nunread @carol 1\n");
    talk_focus (s_talk, "carol", true);
    is ("focus @carol\n");
    talk_looked (s_talk, "carol", true, UINT64_MAX);
    is ("unread @carol 0\n");
}

static void the_broker_says_what_was_read_before (void **state)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .proven = true});
    said ("dev", "carol", "one", 1);
    said ("dev", "carol", "two", 2);
    said ("dev", "bob", "three", 3);
    buffer_clear (&s_log);
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "dev", .seq = 3, .read = 1});
    is ("entered\nunread dev 1\n");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "ci", .seq = 90, .read = 10});
    is ("entered\nunread ci 80\n");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                          .type = ZCHAT_TYPE_READ,
                          .room = "@",
                          .about = "ci",
                          .target = 90});
    is ("unread ci 0\n");
}

static void a_page_comes_as_the_past_and_is_not_unread (void **state)
{
    arrive ();
    assert_false (talk_page (s_talk, "nowhere", false, 0, UINT64_MAX, 10));
    assert_true (talk_page (s_talk, "dev", false, 0, 50, 10));
    assert_false (talk_page (s_talk, "dev", false, 0, 50, 10)); /* one at a time   */
    uint64_t id = s_talk->past.id;
    for (uint64_t seq = 48; seq < 50; seq++)
        take ((zchat_event_t){.kind = ZCHAT_EVENT_HISTORY,
                              .type = ZCHAT_TYPE_SAY,
                              .room = "dev",
                              .user = "carol",
                              .body = "old",
                              .body_size = 3,
                              .id = id,
                              .seq = seq});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY, .id = id});
    is ("message old past\nmessage old past\npage dev 48 49\n");
    assert_true (talk_page (s_talk, "dev", false, 7, 0, 10));
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_REPLY, .id = s_talk->past.id, .status = ZCHAT_UNREACHABLE});
    holds ("page dev 0 0 failed");
}

static void it_is_told_what_becomes_of_a_message (void **state)
{
    arrive ();
    enter ("hello");
    is ("sending 0 hello\n");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_SENT, .room = "dev", .id = 1, .seq = 7});
    is ("sending 2 #7\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (what_is_asked_for_is_open_from_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown (what_is_said_elsewhere_is_unread, setup, teardown),
        cmocka_unit_test_setup_teardown (direct_talks_are_conversations, setup, teardown),
        cmocka_unit_test_setup_teardown (people_beyond_the_bound_give_way, setup, teardown),
        cmocka_unit_test_setup_teardown (changed_keys_are_a_question_of_trust, setup, teardown),
        cmocka_unit_test_setup_teardown (commands_need_no_line, setup, teardown),
        cmocka_unit_test_setup_teardown (peers_text_stays_as_it_came, setup, teardown),
        cmocka_unit_test_setup_teardown (refusals_have_an_outcome, setup_script, teardown),
        cmocka_unit_test_setup_teardown (a_refused_name_is_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown (a_script_without_a_name_is_over, setup_script_without_name,
                                         teardown),
        cmocka_unit_test_setup_teardown (older_mail_is_hinted_at, setup, teardown),
        cmocka_unit_test_setup_teardown (only_what_was_looked_at_is_read, setup_looks, teardown),
        cmocka_unit_test_setup_teardown (the_broker_says_what_was_read_before, setup_looks,
                                         teardown),
        cmocka_unit_test_setup_teardown (a_page_comes_as_the_past_and_is_not_unread, setup_looks,
                                         teardown),
        cmocka_unit_test_setup_teardown (it_is_told_what_becomes_of_a_message, setup_looks,
                                         teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
