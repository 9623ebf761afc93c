/*  test_format_messages.c - how answers, edits and reactions read, through the whole of a talk */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "face.h"
#include "mailroom.h"
#include "talk_private.h"
#include "transcript.h"
#include <time.h>

static options_t s_options;
static talk_t *s_talk;
static transcript_t s_text;

static int open_as (void **state, transcript_look_t look)
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
    transcript_init (&s_text, look, s_endpoint, false);
    s_text.format.time = false;
    s_talk = face_talk (&s_options, &s_text);
    return 0;
}

static int setup (void **state)
{
    return open_as (state, TRANSCRIPT_EDITOR);
}

static int setup_dumb (void **state)
{
    return open_as (state, TRANSCRIPT_DUMB);
}

static int teardown (void **state)
{
    talk_destroy (&s_talk);
    transcript_free (&s_text);
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

static void is (const char *text)
{
    assert_string_equal (s_text.out.data ? s_text.out.data : "", text);
    buffer_clear (&s_text.out);
}

static void holds (const char *text)
{
    if (!s_text.out.data || !strstr (s_text.out.data, text))
        fail_msg ("'%s' is not in '%s'", text, s_text.out.data ? s_text.out.data : "");
    buffer_clear (&s_text.out);
}

static void answer (zchat_status_t status, const char *json, const char *text)
{
    assert_int_equal (s_talk->n_requests, 1);
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REPLY,
                          .id = s_talk->requests[0].id,
                          .status = status,
                          .json = json,
                          .text = text});
}

static void arrive (void)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .text = "zchatd", .proven = true});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "@"});
    take ((zchat_event_t){.kind = ZCHAT_EVENT_JOINED, .room = "dev", .members = 1});
    buffer_clear (&s_text.out);
    buffer_clear (&s_text.err);
}

static zchat_event_t event_of (uint64_t seq, zchat_type_t type, const char *user, const char *body)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .room = "dev",
                           .user = user,
                           .body = body,
                           .body_size = strlen (body),
                           .seq = seq,
                           .time_ms = (uint64_t)time (NULL) * 1000,
                           .own = strcmp (user, "bob") == 0};
}

static void say (uint64_t seq, const char *user, const char *body, uint64_t re)
{
    zchat_event_t event = event_of (seq, ZCHAT_TYPE_SAY, user, body);
    event.re = re;
    take (event);
}

static void become (uint64_t seq, zchat_type_t type, const char *user, uint64_t target,
                    const char *body)
{
    zchat_event_t event = event_of (seq, type, user, body);
    event.target = target;
    take (event);
}

static void answers_quote_what_they_answer (void **state)
{
    arrive ();
    say (1, "ann", "did the build pass?", 0);
    is ("ann: did the build pass?\n");
    say (2, "bob", "yes", 1);
    is ("bob, re ann \"did the build pass?\": yes\n");
    say (3, "eve", "no", 77);
    is ("eve, re #77: no\n");
    say (4, "ann", "a \"quote\", and a text that is longer than forty characters are", 0);
    buffer_clear (&s_text.out);
    say (5, "eve", "hm", 4);
    is ("eve, re ann \"a 'quote', and a text that is longer tha...\": hm\n");
    say (6, "ann", "two\nlines \033[2J", 0);
    buffer_clear (&s_text.out);
    say (7, "eve", "ok", 6);
    is ("eve, re ann \"two...\": ok\n");
    become (8, ZCHAT_TYPE_REMOVE, "ann", 6, "");
    buffer_clear (&s_text.out);
    say (9, "eve", "gone?", 6);
    is ("eve, re ann (removed): gone?\n");
    zchat_event_t action = event_of (10, ZCHAT_TYPE_ACTION, "eve", "nods");
    action.re = 1;
    take (action);
    is ("* eve, re ann \"did the build pass?\": nods\n");
}

static void mentions_stand_out (void **state)
{
    arrive ();
    zchat_event_t event = event_of (1, ZCHAT_TYPE_SAY, "ann", "@bob look");
    event.mentions_me = true;
    take (event);
    is ("! ann: @bob look\n");
    event = event_of (2, ZCHAT_TYPE_SAY, "ann", "@room look");
    event.mentions_all = true;
    take (event);
    is ("! ann: @room look\n");
    s_text.format.colour = true;
    event.seq = 3;
    take (event);
    holds ("\033[7m!\033[0m ");
}

/*  In another room one is told; in one's own the line stands out.             */
static void mentions_elsewhere_are_told (void **state)
{
    arrive ();
    zchat_event_t event = event_of (1, ZCHAT_TYPE_MENTION, "ann", "");
    event.room = "@";
    event.about = "ci";
    event.target = 42;
    take (event);
    is ("-- ann mentions you in ci, message #42; /join ci\n");
    event.about = "dev";
    take (event);
    is ("");
}

static void edits_and_reactions (void **state)
{
    arrive ();
    say (1, "ann", "teh", 0);
    say (2, "eve", "x", 0);
    buffer_clear (&s_text.out);
    become (3, ZCHAT_TYPE_EDIT, "ann", 1, "the");
    is ("* ann edited 2: the\n");
    become (3, ZCHAT_TYPE_EDIT, "ann", 1, "the");
    is ("");
    become (4, ZCHAT_TYPE_EDIT, "ann", 99, "x\033[2J");
    is ("* ann edited #99: x^[[2J\n");
    become (5, ZCHAT_TYPE_REACT, "eve", 1, "+1");
    is ("* 2, ann \"the\": +1 eve\n");
    become (6, ZCHAT_TYPE_UNREACT, "eve", 1, "+1");
    is ("* 2, ann \"the\": no reactions\n");
    become (7, ZCHAT_TYPE_REACT, "eve", 99, "+1");
    is ("* eve reacts +1 to #99\n");
    become (8, ZCHAT_TYPE_UNREACT, "eve", 99, "+1");
    is ("* eve takes back +1 from #99\n");
}

/*  Reactions of one message that nobody has seen yet are one line; others are not taken away. */
static void reactions_are_folded (void **state)
{
    arrive ();
    say (1, "ann", "hi", 0);
    become (2, ZCHAT_TYPE_REACT, "eve", 1, "+1");
    become (3, ZCHAT_TYPE_REACT, "zoe", 1, "+1");
    become (4, ZCHAT_TYPE_REACT, "eve", 1, "ok");
    is ("ann: hi\n* 1, ann \"hi\": +1 eve, zoe; ok eve\n");
    become (5, ZCHAT_TYPE_REACT, "ann", 1, "ok");
    enter ("/nosuch");
    become (6, ZCHAT_TYPE_REACT, "zoe", 1, "ok");
    holds ("ok eve, ann\n-- /nosuch is not a command");
    become (7, ZCHAT_TYPE_REACT, "eve", 98, "a");
    become (8, ZCHAT_TYPE_REACT, "zoe", 98, "b");
    is ("* eve reacts a to #98\n* zoe reacts b to #98\n");
}

static void what_became_of_them_before (void **state)
{
    arrive ();
    say (1, "ann", "hi", 0);
    buffer_clear (&s_text.out);
    zchat_event_t marks = event_of (0, ZCHAT_TYPE_MARKS, "", "");
    marks.target = 1;
    marks.at = 9;
    marks.edited = 5;
    marks.data = "{\"reactions\":{\"+1\":{\"count\":9,\"users\":[\"eve\",\"zoe\"]}}}";
    take (marks);
    is ("* #1: edited; +1 eve, zoe and 7 more\n");
    marks.at = 10;
    marks.edited = 0;
    marks.data = "{}";
    take (marks);
    is ("");
    /*  Of a history they are shown as often as it is asked for.               */
    marks.at = 9;
    marks.edited = 5;
    marks.kind = ZCHAT_EVENT_HISTORY;
    marks.target = 77;
    take (marks);
    is ("* #77: edited\n");
}

static void numbers_are_those_one_saw (void **state)
{
    arrive ();
    say (1, "bob", "one", 0);
    say (2, "bob", "two", 0);
    buffer_clear (&s_text.out);
    talk_typing (s_talk, true);
    say (3, "ann", "three", 0);
    become (4, ZCHAT_TYPE_EDIT, "bob", 2, "2");
    holds ("* bob edited 1: 2\n");
    enter ("/edit 1");
    assert_int_equal (s_text.wanted_seq, 2);
    talk_typing (s_talk, false);
    enter ("/edit 1");
    holds ("this message is not yours");
    enter ("/edit 2");
    assert_int_equal (s_text.wanted_seq, 2);
    enter ("/reply 9 x");
    holds ("no message 9 is known here");
    enter ("/link 3");
    holds ("-- zchat://127.0.0.1:1/");
    enter ("/link #1042");
    holds ("/dev/1042\n");
    enter ("/query ann");
    buffer_clear (&s_text.out);
    enter ("/edit 1 x");
    is ("-- /edit is for rooms; /query goes back to the room\n");
    enter ("/reply 1 x");
    holds ("no message 1 is known here");
}

static void only_what_can_be_edited_is_offered (void **state)
{
    arrive ();
    assert_false (talk_may_edit (s_talk));
    zchat_event_t own = event_of (1, ZCHAT_TYPE_SAY, "bob", "mine");
    own.time_ms -= ZCHAT_EDIT_WINDOW_MS + 5000;
    take (own);
    assert_false (talk_may_edit (s_talk));
    say (2, "bob", "new", 0);
    assert_true (talk_may_edit (s_talk));
    become (3, ZCHAT_TYPE_REMOVE, "ann", 2, "");
    assert_false (talk_may_edit (s_talk));
    say (4, "bob", "new", 0);
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .proven = false});
    assert_false (talk_may_edit (s_talk));
}

static void without_a_line_the_text_is_told (void **state)
{
    arrive ();
    say (1, "bob", "mine", 0);
    buffer_clear (&s_text.out);
    enter ("/edit");
    is ("-- /edit #1 TEXT changes it; it reads: mine\n");
}

static void direct_answers (void **state)
{
    arrive ();
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "lunch?", false));
    zchat_event_t told = mail_event (ZCHAT_TYPE_TOLD, "carol", "at noon", false);
    told.seq = 2;
    told.time_ms += 1000;
    told.re = told.time_ms - 1000;
    told.own = true;
    take (told);
    holds ("[you -> carol, not sealed] (re carol \"lunch?\") at noon\n");
    zchat_event_t tell = mail_event (ZCHAT_TYPE_TELL, "carol", "fine", false);
    tell.seq = 3;
    tell.time_ms += 2000;
    tell.re = told.time_ms;
    take (tell);
    holds ("[carol -> you, not sealed] (re you \"at noon\") fine\n");
    tell.seq = 4;
    tell.re = 1;
    take (tell);
    holds ("(re an earlier message) fine\n");
}

static void what_is_found (void **state)
{
    arrive ();
    enter ("/search tea");
    answer (ZCHAT_OK,
            "{\"hits\":[{\"room\":\"dev\",\"seq\":9,\"time\":1732092545000,\"type\":\"say\","
            "\"user\":\"ann\",\"text\":\"more tea\\u001b[2J\",\"found\":[[5,3],[-1,9],[6,99]]},"
            "{\"room\":\"@\",\"seq\":2,\"time\":0,\"type\":\"told\",\"user\":\"eve\",\"text\":"
            "\"tea\",\"found\":7}],\"next\":3,\"behind\":12}",
            NULL);
    is ("-- (direct) #2 1970-01-01 00:00 you -> eve: tea\n"
        "-- dev #9 2024-11-20 08:49 ann: more tea^[[2J\n"
        "-- 2 found, and there may be more: say more words, before:DATE, or from the shell zchat "
        "search --all; 12 messages are not searched yet\n"
        "-- direct messages that are sealed are not searched: the broker cannot read them\n");
    s_text.format.colour = true;
    enter ("/search tea");
    answer (ZCHAT_OK,
            "{\"hits\":[{\"room\":\"dev\",\"seq\":9,\"time\":0,\"type\":\"say\",\"user\":\"ann\","
            "\"text\":\"\xd1\x87\xd0\xb0\xd0\xb9 tea\",\"found\":[[1,2],[7,3]]}]}",
            NULL);
    holds ("\xd1\x87\xd0\xb0\xd0\xb9 \033[1mtea\033[22m");
    s_text.format.colour = false;
    enter ("/search tea");
    answer (ZCHAT_OK, "{\"hits\":[]}", NULL);
    holds ("-- nothing found\n");
    enter ("/search tea");
    answer (ZCHAT_OK, "{}", NULL);
    holds ("-- the broker's answer cannot be understood\n");
}

static void what_is_unread (void **state)
{
    arrive ();
    enter ("/unread");
    answer (ZCHAT_OK,
            "{\"rooms\":[{\"room\":\"dev\",\"read\":3,\"head\":9,\"first\":1,\"mentions\":1},"
            "{\"room\":\"old\",\"read\":3,\"head\":99,\"first\":90,\"mentions\":0},"
            "{\"room\":\"all\",\"read\":9,\"head\":9,\"first\":1,\"mentions\":0},"
            "{\"room\":\"new\",\"head\":9,\"mentions\":2},"
            "{\"room\":\"@\",\"read\":1,\"head\":2,\"first\":1,\"mentions\":0}]}",
            NULL);
    is ("-- dev: 6 unread, 1 of them mentions you\n-- old: 10 unread\n"
        "-- new: 2 unread, 2 of them mention you\n-- direct messages: 1 unread\n");
    enter ("/unread");
    answer (ZCHAT_VERB, NULL, "UNREAD is not known to this broker (zchatd/0.1.0)");
    is ("-- no answer: UNREAD is not known to this broker (zchatd/0.1.0)\n");
}

/*  Where numbers are given anew, what was known by them is forgotten.         */
static void numbers_are_given_anew (void **state)
{
    arrive ();
    say (1, "ann", "old", 0);
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "lunch?", false));
    take ((zchat_event_t){.kind = ZCHAT_EVENT_WARNING,
                          .status = ZCHAT_CORRUPT,
                          .room = "dev",
                          .text = "the log ends before",
                          .seq = 0,
                          .count = 1});
    say (1, "ann", "new", 0);
    buffer_clear (&s_text.out);
    say (2, "eve", "yes", 1);
    is ("eve, re ann \"new\": yes\n");
    assert_non_null (messages_find (talk_person_messages (s_talk, "carol"), 1));
    take ((zchat_event_t){.kind = ZCHAT_EVENT_LOG_REPLACED, .text = "another"});
    assert_null (messages_find (talk_person_messages (s_talk, "carol"), 1));
    buffer_clear (&s_text.out);
    say (3, "eve", "yes", 1);
    is ("eve, re #1: yes\n");
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "lunch?", false));
    enter ("/nick bobby");
    assert_null (messages_find (talk_person_messages (s_talk, "carol"), 1));
}

/*  On entering, what came since: from then on it counts as read.             */
static void what_is_new (void **state)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .text = "zchatd", .proven = true});
    say (9, "ann", "hello", 0);
    buffer_clear (&s_text.out);
    zchat_event_t joined = {.kind = ZCHAT_EVENT_JOINED, .room = "dev", .seq = 9, .read = 6};
    take (joined);
    is ("-- you are in dev, 0 here\n-- messages up to 8 are not shown: /history more\n"
        "-- 3 new since you read here last, from #7 on\n");
    take (joined); /* again, after a reconnect                                  */
    is ("");
}

static void being_away (void **state)
{
    arrive ();
    enter ("/away lunch");
    assert_true (s_talk->away);
    answer (ZCHAT_OK, "{}", NULL);
    is ("-- you are away, until you say something, or /back\n");
    enter ("hello");
    assert_false (s_talk->away);
    enter ("/away");
    answer (ZCHAT_VERB, NULL, "AWAY is not known");
    is ("-- not done: AWAY is not known\n");
    assert_false (s_talk->away);
    enter ("/who");
    answer (ZCHAT_OK,
            "{\"room\":\"dev\",\"members\":2,\"users\":[\"ann\",\"bob\"],\"away\":{\"ann\":"
            "\"lunch\\u001b[2J\",\"bob\":\"\"}}",
            NULL);
    is ("-- 2 in dev: ann, bob; away: ann (lunch^[[2J), bob\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (answers_quote_what_they_answer, setup, teardown),
        cmocka_unit_test_setup_teardown (mentions_stand_out, setup, teardown),
        cmocka_unit_test_setup_teardown (mentions_elsewhere_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown (edits_and_reactions, setup, teardown),
        cmocka_unit_test_setup_teardown (reactions_are_folded, setup, teardown),
        cmocka_unit_test_setup_teardown (what_became_of_them_before, setup, teardown),
        cmocka_unit_test_setup_teardown (numbers_are_those_one_saw, setup, teardown),
        cmocka_unit_test_setup_teardown (only_what_can_be_edited_is_offered, setup, teardown),
        cmocka_unit_test_setup_teardown (without_a_line_the_text_is_told, setup_dumb, teardown),
        cmocka_unit_test_setup_teardown (direct_answers, setup, teardown),
        cmocka_unit_test_setup_teardown (what_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown (what_is_unread, setup, teardown),
        cmocka_unit_test_setup_teardown (numbers_are_given_anew, setup, teardown),
        cmocka_unit_test_setup_teardown (what_is_new, setup, teardown),
        cmocka_unit_test_setup_teardown (being_away, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
