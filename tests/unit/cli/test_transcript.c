/*  test_transcript.c - what a person is told: of direct messages, of orders, of those who lie */
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

static int setup_script (void **state)
{
    return open_as (state, TRANSCRIPT_SCRIPT);
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

/*  Answer the question that was entered, or else those about keys.            */
static void answer (zchat_status_t status, const char *json, const char *text)
{
    uint64_t only = s_talk->n_requests > 0 ? s_talk->requests[0].id : 0;
    for (uint64_t id = only ? only : 1; id < (only ? only + 1 : 100); id++)
        take ((zchat_event_t){
            .kind = ZCHAT_EVENT_REPLY, .id = id, .status = status, .json = json, .text = text});
}

static talk_state_t now (void)
{
    talk_state_t stands;
    talk_state (s_talk, &stands);
    return stands;
}

static const char *prompt (void)
{
    talk_state_t stands = now ();
    return transcript_prompt (&s_text, &stands);
}

static const char *out (void)
{
    return s_text.out.data ? s_text.out.data : "";
}

/*  What was put out so far holds the text; then it is forgotten.              */
static void shows (const char *text)
{
    if (!strstr (out (), text))
        fail_msg ("'%s' is not in '%s'", text, out ());
    buffer_clear (&s_text.out);
}

static void is (const char *text)
{
    assert_string_equal (out (), text);
    buffer_clear (&s_text.out);
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

/*  As the library reads it.                                                   */
static uint64_t target_of (const char *data)
{
    unsigned long long seq = 0;
    if (data && sscanf (data, "{\"seq\":%llu", &seq) != 1)
        seq = 0;
    return seq;
}

static zchat_event_t room_event (zchat_type_t type, const char *user, const char *body,
                                 uint64_t seq, const char *data, bool own)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .room = "dev",
                           .user = user,
                           .body = body,
                           .body_size = strlen (body),
                           .data = data,
                           .seq = seq,
                           .time_ms = 0,
                           .target = target_of (data),
                           .own = own};
}

static void the_name_is_told_with_what_proves_it (void **state)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "Bob", .proven = true});
    shows ("your name here: Bob (proven)\n");
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "Bob", .proven = true});
    is ("-- connected to tcp://127.0.0.1:1\n"); /* the name once */
}

static void names_not_proven_are_told_where_that_matters (void **state)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED, .user = "bob"});
    shows ("your name here: bob (not proven");
}

static void admins_are_told (void **state)
{
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_CONNECTED, .user = "bob", .proven = true, .admin = true});
    shows ("your name here: bob (proven, admin)\n");
}

static void direct_messages_are_shown (void **state)
{
    arrive ();
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "hi", false));
    shows ("[carol -> you, not sealed] hi\n");
    char *body = sealed_by (&s_alice, "alice", "bob", "psst\n12:00 carol: x", 1732092545000);
    take (mail_event (ZCHAT_TYPE_TELL, "alice", body, true));
    is ("");
    answer (ZCHAT_OK, keys_json ("alice", &s_alice), NULL);
    shows ("[alice -> you, sealed] psst");
    free (body);
    take (mail_event (ZCHAT_TYPE_TOLD, "carol", "hi back", false));
    shows ("[you -> carol, not sealed] hi back\n");
}

static void nobody_speaks_for_another (void **state)
{
    arrive ();
    char *body = sealed_by (&s_eve, "alice", "bob", "send money", 1732092545000);
    take (mail_event (ZCHAT_TYPE_TELL, "alice", body, true));
    answer (ZCHAT_OK, keys_json ("alice", &s_alice), NULL);
    assert_null (strstr (out (), "money"));
    shows ("[alice -> you, sealed by SOMEBODY ELSE] (not shown");
    free (body);
}

static void text_goes_to_one_person_in_a_query (void **state)
{
    arrive ();
    enter ("/query carol");
    shows ("goes to carol alone");
    assert_string_equal (prompt (), "@carol (offline)> ");
    answer (ZCHAT_UNREACHABLE, NULL, NULL); /* whether she is there: that is not known */
    is ("");
    enter ("hello");
    assert_int_equal (now ().unanswered, 1);
    assert_int_equal (direct_unsent (s_talk->direct), 1);
    answer (ZCHAT_NOBODY, NULL, NULL);
    assert_int_equal (direct_unsent (s_talk->direct), 0);
    assert_int_equal (zchat_client_unacknowledged (s_talk->client), 1);
    enter ("/me waves");
    shows ("/me is for rooms");
    enter ("/query");
    shows ("goes to dev");
    enter ("hello all");
    assert_int_equal (zchat_client_unacknowledged (s_talk->client), 2);
    enter ("/query car/ol");
    shows ("not allowed");
    enter ("/query carol");
    shows ("goes to carol alone");
    answer (ZCHAT_NOBODY, NULL, NULL);
    is ("-- carol: nobody has this name; /query goes back to the room\n");
    assert_memory_equal (prompt (), "@carol", 6); /* never aloud unasked */
    enter ("/query alice");
    shows ("goes to alice alone");
    answer (ZCHAT_OK, keys_json ("alice", &s_alice), NULL);
    is ("");
    enter ("/join dev"); /* who goes to a room speaks there                     */
    assert_string_equal (prompt (), "dev (offline, 2 unsent)> ");
}

static void one_can_go_back_to_the_name_one_had (void **state)
{
    arrive ();
    enter ("/nick alice");
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_REFUSED, .status = ZCHAT_TAKEN, .text = "the name is in use"});
    shows ("/nick bob goes back to the one you had");
    assert_true (now ().asks_name);
    enter ("/who");
    shows ("this wants a name first");
    enter ("//bob");
    shows ("this wants a name first");
    enter ("/nosuch");
    shows ("/nosuch is not a command");
    enter ("/help");
    shows ("/help people");
    enter (" /nick a/b ");
    shows ("this name is not allowed");
    assert_true (now ().asks_name);
    enter ("/nick");
    shows ("/nick");
    assert_true (now ().asks_name);
    enter ("/nick bob");
    assert_false (now ().asks_name);
    assert_string_equal (s_talk->nick, "bob");
}

static void who_comes_under_a_taken_name_has_none_to_go_back_to (void **state)
{
    take ((zchat_event_t){.kind = ZCHAT_EVENT_REFUSED, .status = ZCHAT_TAKEN});
    shows ("under which name do you want to be here?\n");
    enter ("/quit");
    int status = -1;
    assert_true (talk_ended (s_talk, &status));
    assert_int_equal (status, OUTCOME_OK);
}

static void people_are_verified (void **state)
{
    char line[256], *fingerprint;
    arrive ();
    enter ("/verify alice");
    answer (ZCHAT_OK, keys_json ("alice", &s_alice), NULL);
    answer (ZCHAT_OK, keys_json ("bob", NULL), NULL);
    fingerprint = strstr (out (), "you and alice: ");
    assert_non_null (fingerprint);
    snprintf (line, sizeof line, "%.71s", fingerprint + 15);
    assert_int_equal (strspn (line, "0123456789 "), 71);
    shows ("alice: not verified");
    enter ("/verify alice yes");
    shows ("alice: verified");
    char *body = sealed_by (&s_alice, "alice", "bob", "hi", 1732092545000);
    take (mail_event (ZCHAT_TYPE_TELL, "alice", body, true));
    shows ("[alice -> you, sealed, verified] hi");
    free (body);
    arrive ();
    enter ("/keys alice");
    answer (ZCHAT_OK, keys_json ("alice", &s_eve), NULL);
    shows ("*** THE KEYS OF alice HAVE CHANGED *** (they were verified)");
    enter ("/verify dave");
    answer (ZCHAT_NOBODY, NULL, "nobody has this name");
    is ("-- dave: nobody has this name\n");
}

/*  What is compared are the keys of now, not those of when one came.          */
static void keys_are_asked_for_before_they_are_compared (void **state)
{
    arrive ();
    enter ("/verify alice");
    answer (ZCHAT_OK, keys_json ("alice", &s_alice), NULL);
    answer (ZCHAT_OK, keys_json ("bob", NULL), NULL);
    shows ("you and alice: ");
    enter ("/verify alice");
    is ("");
    answer (ZCHAT_OK, keys_json ("alice", &s_eve), NULL);
    answer (ZCHAT_OK, keys_json ("bob", NULL), NULL);
    shows ("*** THE KEYS OF alice HAVE CHANGED ***");
}

static void a_device_of_ones_own_is_let_in (void **state)
{
    char json[512], text[ADDRESS_KEY_TEXT + 1];
    const char *own = credentials_key (s_options.credentials);
    address_key_encode (s_alice.public_key, text);
    snprintf (json, sizeof json, "{\"user\":\"bob\",\"proven\":true,\"keys\":[\"%s\",\"%s\"]}", own,
              text);
    arrive ();
    enter ("/verify bob");
    answer (ZCHAT_OK, json, NULL);
    assert_non_null (strstr (out (), " (this device)\n"));
    assert_non_null (strstr (out (), " (new)\n"));
    assert_non_null (strstr (out (), "zchat key remove KEY"));
    shows ("if the new keys are yours: /verify bob yes");
    enter ("/verify bob yes");
    shows ("these are your own keys");
    enter ("/verify bob");
    answer (ZCHAT_OK, json, NULL);
    assert_null (strstr (out (), "(new)"));
    shows ("these are your own keys");
}

static void orders_are_shown_to_all (void **state)
{
    arrive ();
    take (room_event (ZCHAT_TYPE_SAY, "eve", "buy", 16, NULL, false));
    take (room_event (ZCHAT_TYPE_SAY, "bob", "mine", 17, NULL, true));
    buffer_clear (&s_text.out);
    take (room_event (ZCHAT_TYPE_MODE, "alice", "spam", 18, "{\"set\":\"ban\",\"user\":\"eve\"}",
                      false));
    is ("* alice banned eve (spam)\n");
    take (room_event (ZCHAT_TYPE_REMOVE, "alice", "ads", 19, "{\"seq\":16}", false));
    is ("* alice removed message #16 of eve (ads)\n");
    take (room_event (ZCHAT_TYPE_REMOVE, "bob", "", 20, "{\"seq\":17}", true));
    is ("* bob removed message #17\n");
    take (room_event (ZCHAT_TYPE_REMOVE, "bob", "", 21, "{\"seq\":3}", false));
    is ("* bob removed message #3\n");
    take (room_event (ZCHAT_TYPE_GONE, "eve", "", 16, NULL, false));
    is ("* eve: (removed)\n");
}

static void the_last_message_is_known (void **state)
{
    arrive ();
    enter ("/remove last");
    shows ("no message of yours is known");
    take (room_event (ZCHAT_TYPE_SAY, "bob", "one", 5, NULL, true));
    take (room_event (ZCHAT_TYPE_SAY, "bob", "two", 7, NULL, true));
    take (room_event (ZCHAT_TYPE_SAY, "eve", "x", 8, NULL, false));
    enter ("/remove last oops");
    assert_int_equal (s_talk->n_requests, 1);
    take (room_event (ZCHAT_TYPE_REMOVE, "bob", "oops", 9, "{\"seq\":7}", true));
    take (room_event (ZCHAT_TYPE_REMOVE, "alice", "", 10, "{\"seq\":5}", false));
    enter ("/remove last");
    shows ("no message of yours is known");
    for (uint64_t seq = 100; seq < 100 + 2 * MESSAGES_MAX; seq++)
        take (room_event (ZCHAT_TYPE_SAY, "bob", "x", seq, NULL, true));
    enter ("/remove last");
    assert_int_equal (s_talk->n_requests, 2);
}

static void refusals_are_told_with_their_text (void **state)
{
    static const char *const lines[] = {"/kick eve spam", "/ban eve 7d spam",   "/op alice",
                                        "/close",         "/invite carol come", "/remove #5",
                                        "/create den",    "/unmute eve"};
    arrive ();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        enter (lines[i]);
        assert_int_equal (s_talk->n_requests, 1);
        answer (ZCHAT_OPERATOR, NULL, "only operators of dev may do this");
        is ("-- not done: only operators of dev may do this\n");
    }
    enter ("/modes");
    answer (ZCHAT_OK, "{\"room\":\"dev\",\"operators\":[\"alice\"]}", NULL);
    is ("-- dev: public\n-- operators: alice\n");
    enter ("/kick e/ve");
    shows ("not allowed");
    assert_int_equal (s_talk->n_requests, 0);
}

static void rooms_of_ones_own_are_entered (void **state)
{
    arrive ();
    enter ("/create den");
    assert_int_equal (s_talk->n_rooms, 1);
    answer (ZCHAT_OK, "{\"room\":\"den\",\"private\":true}", NULL);
    assert_int_equal (s_talk->n_rooms, 2);
    assert_string_equal (s_talk->rooms[s_talk->current].name, "den");
}

static void who_is_put_out_is_told (void **state)
{
    arrive ();
    take ((zchat_event_t){.kind = ZCHAT_EVENT_PARTED,
                          .room = "dev",
                          .status = ZCHAT_BANNED,
                          .text = "alice has banned you"});
    shows ("you are not in dev: alice has banned you");
    assert_int_equal (s_talk->n_rooms, 0);
    enter ("/modes");
    shows ("you are in no room");
}

static void the_mailbox_is_no_room (void **state)
{
    arrive ();
    assert_int_equal (s_talk->n_rooms, 1);
    take ((zchat_event_t){
        .kind = ZCHAT_EVENT_PARTED, .room = "@", .status = ZCHAT_NAME, .text = "an old broker"});
    is ("-- direct messages are not available here: an old broker\n");
    assert_int_equal (s_talk->n_rooms, 1);
}

static void mail_that_is_not_shown_is_told_of (void **state)
{
    zchat_event_t joined = {.kind = ZCHAT_EVENT_JOINED, .room = "@", .seq = CLI_LAST_DEFAULT};
    take (joined);
    is ("");
    s_talk->mail.joined = false;
    joined.seq++;
    take (joined);
    shows ("there are earlier direct messages: zchat history --mail");
    take (joined); /* again, after a reconnect                                  */
    is ("");
}

static void scripts_get_what_came_and_not_what_they_told (void **state)
{
    arrive ();
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "hi\nthere", false));
    is ("[carol -> you, not sealed] hi^Jthere\n");
    take (mail_event (ZCHAT_TYPE_TOLD, "carol", "mine", false));
    is ("");
    take (room_event (ZCHAT_TYPE_MODE, "bob", "", 1, "{\"set\":\"lock\"}", true));
    is ("* bob locked the topic: only operators set it\n");
    enter ("/kick eve");
    answer (ZCHAT_OPERATOR, NULL, "no");
    is ("");
    assert_string_equal (s_text.err.data, "-- not done: no\n");
    assert_int_equal (talk_close (s_talk, OUTCOME_OK), OUTCOME_REFUSED);
}

static void a_script_without_a_name_is_told_how_to_give_one (void **state)
{
    s_options.nick = NULL;
    talk_destroy (&s_talk);
    s_talk = face_talk (&s_options, &s_text);
    assert_string_equal (s_text.err.data,
                         "-- a name is needed: --nick NAME, or ZCHAT_NICK; what a program writes "
                         "is sent by: zchat send -r ROOM --lines\n");
}

/*  --- those who lie --------------------------------------------------------- */

#define WILD      "\033]0;x\a\033[2J\r\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xe2\x81\xa6\xe2\x80\xa8"
#define JSON_WILD "\\u001b[2J\\n\\r\\u0007\\u009b\\u202e\\u200b\\u2066\\u2028"

static void tame (void)
{
    static const char *const wild[] = {"\033",         "\r",           "\a",
                                       "\xc2\x9b",     "\xe2\x80\xae", "\xe2\x80\x8b",
                                       "\xe2\x81\xa6", "\xe2\x80\xa8"};
    const char *texts[] = {out (), s_text.err.data, prompt ()};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t j = 0; texts[i] && j < sizeof wild / sizeof *wild; j++)
            if (strstr (texts[i], wild[j]))
                fail_msg ("%zu is shown in '%s'", j, texts[i]);
    buffer_clear (&s_text.out);
    buffer_clear (&s_text.err);
}

/*  Lines of what was put out: none was added by a newline of a peer's.        */
static size_t lines (void)
{
    size_t n = 0;
    for (const char *p = out (); *p; p++)
        n += *p == '\n';
    return n;
}

static void nobody_writes_on_the_screen (void **state)
{
    static const char data[] =
        "{\"set\":\"x" JSON_WILD "\",\"user\":\"u" JSON_WILD "\",\"room\":\"r" JSON_WILD
        "\",\"seq\":1,\"reason\":\"k" JSON_WILD "\",\"join\":[\"j" JSON_WILD "\"],\"members\":1}";
    arrive ();
    for (int type = ZCHAT_TYPE_SAY; type <= ZCHAT_TYPE_PRESENCE; type++) {
        zchat_event_t event = room_event ((zchat_type_t)type, "u\n" WILD, "b" WILD, 1, data, false);
        event.room = type == ZCHAT_TYPE_TELL || type == ZCHAT_TYPE_TOLD ? "@" : "d\n" WILD;
        take (event);
        assert_in_range (lines (), 0, 1);
        tame ();
    }
    for (int kind = ZCHAT_EVENT_CONNECTED; kind <= ZCHAT_EVENT_WARNING; kind++) {
        if (kind == ZCHAT_EVENT_MESSAGE || kind == ZCHAT_EVENT_HISTORY)
            continue;
        s_talk->nick_told = false;
        take ((zchat_event_t){.kind = (zchat_event_kind_t)kind,
                              .status = ZCHAT_MALFORMED,
                              .room = "@",
                              .user = "u\n" WILD,
                              .text = "t\n" WILD});
        assert_in_range (lines (), 0, 3);
        tame ();
    }
}

static void no_answer_writes_on_the_screen (void **state)
{
    static const char *const questions[] = {"/modes", "/keys",  "/keys alice",  "/who",
                                            "/rooms", "/topic", "/verify alice"};
    static const char json[] =
        "{\"room\":\"r" JSON_WILD "\",\"topic\":\"t" JSON_WILD "\",\"by\":\"b" JSON_WILD
        "\",\"members\":[\"m" JSON_WILD "\"],\"operators\":[\"o" JSON_WILD
        "\"],\"bans\":[{\"user\":\"u" JSON_WILD "\",\"reason\":\"w" JSON_WILD
        "\",\"by\":\"y" JSON_WILD "\",\"until\":1e300}],\"user\":\"u" JSON_WILD
        "\",\"proven\":true,\"keys\":[\"k" JSON_WILD "\"],\"users\":[\"v" JSON_WILD
        "\"],\"rooms\":[{\"room\":\"z" JSON_WILD "\",\"topic\":\"t" JSON_WILD "\"}]}";
    arrive ();
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        enter (questions[i]);
        answer (ZCHAT_OK, json, "t\n" WILD);
        tame ();
        enter (questions[i]);
        answer (ZCHAT_MALFORMED, NULL, "t\n" WILD);
        assert_in_range (lines (), 0, 2);
        tame ();
    }
    enter ("/msg alice hello");
    answer (ZCHAT_MALFORMED, NULL, "t\n" WILD);
    assert_int_equal (lines (), 1);
    tame ();
    enter ("/kick al\xe2\x80\xae"
           "ice");
    tame ();
    enter ("/query al\033[2Jice");
    tame ();
}

/*  The broker refuses for one; and where it cannot, this computer does, and says so. */
static void somebody_is_ignored (void **state)
{
    arrive ();
    enter ("/ignore carol");
    assert_int_equal (s_talk->requests[0].kind, COMMAND_MAILBOX);
    answer (ZCHAT_OK, "{}", NULL);
    is (""); /* the event tells it                                             */
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "hi", false));
    shows ("[carol -> you, not sealed] hi\n");
    enter ("/ignore carol");
    answer (ZCHAT_PROOF, NULL, "a mailbox is kept for a name that is proven");
    shows ("-- ignored on this computer alone: carol; ");
    take (mail_event (ZCHAT_TYPE_TELL, "Carol", "hi", false));
    take ((zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                          .type = ZCHAT_TYPE_INVITE,
                          .room = "@",
                          .user = "carol",
                          .data = "{\"room\":\"den\"}",
                          .seq = 2});
    is ("");
    enter ("/ignore");
    shows ("-- ignored on this computer alone: carol\n");
    answer (ZCHAT_OK,
            "{\"room\":\"@\",\"locked\":true,\"allowed\":[\"dave\"],\"bans\":[{\"user\":\"eve\"}]}",
            NULL);
    shows (
        "-- direct messages: only from people you have written to or allowed, except the ignored\n"
        "-- allowed: dave\n-- ignored: eve\n");
    enter ("/unignore carol");
    answer (ZCHAT_PROOF, NULL, "no");
    is ("-- shown on this computer again: carol\n");
    enter ("/unignore carol");
    answer (ZCHAT_PROOF, NULL, "no");
    is ("-- not done: no\n");
    take (mail_event (ZCHAT_TYPE_TELL, "carol", "hi", false));
    shows ("[carol -> you, not sealed] hi\n");
    enter ("/strangers maybe");
    shows ("-- /strangers is used so: ");
    enter ("/strangers no");
    answer (ZCHAT_PROOF, NULL, "your name is not proven");
    is ("-- not done: your name is not proven\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (the_name_is_told_with_what_proves_it, setup, teardown),
        cmocka_unit_test_setup_teardown (names_not_proven_are_told_where_that_matters, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (admins_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown (direct_messages_are_shown, setup, teardown),
        cmocka_unit_test_setup_teardown (nobody_speaks_for_another, setup, teardown),
        cmocka_unit_test_setup_teardown (text_goes_to_one_person_in_a_query, setup, teardown),
        cmocka_unit_test_setup_teardown (one_can_go_back_to_the_name_one_had, setup, teardown),
        cmocka_unit_test_setup_teardown (who_comes_under_a_taken_name_has_none_to_go_back_to, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (people_are_verified, setup, teardown),
        cmocka_unit_test_setup_teardown (keys_are_asked_for_before_they_are_compared, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (a_device_of_ones_own_is_let_in, setup, teardown),
        cmocka_unit_test_setup_teardown (orders_are_shown_to_all, setup, teardown),
        cmocka_unit_test_setup_teardown (the_last_message_is_known, setup, teardown),
        cmocka_unit_test_setup_teardown (refusals_are_told_with_their_text, setup, teardown),
        cmocka_unit_test_setup_teardown (rooms_of_ones_own_are_entered, setup, teardown),
        cmocka_unit_test_setup_teardown (who_is_put_out_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown (the_mailbox_is_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown (mail_that_is_not_shown_is_told_of, setup, teardown),
        cmocka_unit_test_setup_teardown (scripts_get_what_came_and_not_what_they_told, setup_script,
                                         teardown),
        cmocka_unit_test_setup_teardown (a_script_without_a_name_is_told_how_to_give_one,
                                         setup_script, teardown),
        cmocka_unit_test_setup_teardown (somebody_is_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown (nobody_writes_on_the_screen, setup, teardown),
        cmocka_unit_test_setup_teardown (no_answer_writes_on_the_screen, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
