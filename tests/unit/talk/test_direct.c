/*  test_direct.c - what is told waits for keys, what comes in for whose it is */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mailroom.h"
#include <sys/syscall.h>
#include <time.h>

static direct_t *s_direct;
static zchat_client_t *s_client;
static char s_log[65536]; /* what the calls were                               */
static time_t s_later;    /* seconds that every clock is ahead                 */

/*  In place of that of libc.                                                  */
int clock_gettime (clockid_t clock, struct timespec *now)
{
    long result = syscall (SYS_clock_gettime, clock, now);
    now->tv_sec += s_later;
    return (int)result;
}

static void note (const char *text)
{
    size_t size = strlen (s_log);
    snprintf (s_log + size, sizeof s_log - size, "%s\n", text);
}

static void on_sent (void *arg, uint64_t mark, uint64_t id)
{
    char text[64];
    snprintf (text, sizeof text, "sent %llu", (unsigned long long)mark);
    note (text);
}

static void on_refused (void *arg, uint64_t mark, const char *user, int status, const char *why)
{
    char text[64];
    snprintf (text, sizeof text, "refused %llu %s %d", (unsigned long long)mark, user, status);
    note (text);
}

static void on_notice (void *arg, const char *text, hint_t hint)
{
    note (text);
}

static void on_mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    char text[512];
    const char *instead = direct_instead (opened);
    snprintf (text, sizeof text, "%s %s (%s): %.*s", zchat_type_name (event->type), event->user,
              direct_seal (opened), instead ? 6 : (int)opened->body_size,
              instead ? "hidden" : opened->body);
    note (text);
}

static int setup (void **state)
{
    if (mailroom_open (state) != 0)
        return -1;
    direct_calls_t calls = {on_sent, on_refused, on_notice, NULL, on_mail, NULL};
    *s_log = 0;
    zchat_options_t options = {.endpoint = s_endpoint, .user = "bob"};
    char *why = NULL;
    return direct_new (s_credentials, &calls, &s_direct, &why) == ZCHAT_OK &&
                   zchat_client_new (&options, &s_client, NULL) == ZCHAT_OK
               ? 0
               : -1;
}

static int teardown (void **state)
{
    direct_destroy (&s_direct);
    zchat_client_destroy (&s_client);
    return mailroom_close (state);
}

static void connected (void)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_CONNECTED, .user = "bob"};
    assert_false (direct_event (s_direct, s_client, &event));
}

/*  Answer the KEYS request that is under way; false: there is none.           */
static bool answer (zchat_status_t status, const char *json)
{
    for (uint64_t id = 1; id < 1000; id++) {
        zchat_event_t event = {
            .kind = ZCHAT_EVENT_REPLY, .id = id, .status = status, .json = json, .text = "no"};
        if (direct_event (s_direct, s_client, &event))
            return true;
    }
    return false;
}

static void tell (const char *user, const char *text, bool seal, uint64_t mark)
{
    assert_int_equal (
        direct_tell (s_direct, s_client, user, text, strlen (text), NULL, 0, seal, mark), ZCHAT_OK);
}

static void take (zchat_type_t type, const char *user, const char *body, bool sealed)
{
    zchat_event_t event = mail_event (type, user, body, sealed);
    assert_true (direct_event (s_direct, s_client, &event));
}

static void check_log (const char *expected)
{
    assert_string_equal (s_log, expected);
    *s_log = 0;
}

static void nothing_is_sent_before_the_keys_are_known (void **state)
{
    tell ("alice", "one", true, 1);
    tell ("alice", "two", true, 2);
    check_log ("");
    assert_int_equal (direct_unsent (s_direct), 2);
    connected ();
    direct_step (s_direct, s_client);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    check_log ("");
    assert_true (answer (ZCHAT_OK, keys_json ("bob", NULL))); /* one's own       */
    check_log ("sent 1\nsent 2\n");
    assert_int_equal (zchat_client_unacknowledged (s_client), 2);
    tell ("alice", "three", true, 3);
    check_log ("sent 3\n");
    assert_false (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
}

static void lost_questions_are_asked_again (void **state)
{
    connected ();
    tell ("alice", "one", true, 1);
    for (int i = 0; i < 10; i++)
        assert_true (answer (ZCHAT_UNREACHABLE, NULL));
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    assert_true (answer (ZCHAT_OK, keys_json ("bob", NULL)));
    check_log ("sent 1\n");
}

static void who_has_no_keys_is_told_plainly (void **state)
{
    connected ();
    tell ("carol", "one", true, 1);
    assert_true (answer (ZCHAT_NOBODY, NULL));
    check_log ("sent 1\n");
    tell ("dave", "two", true, 2);
    assert_true (answer (ZCHAT_OK, "{\"user\":\"dave\",\"proven\":true,\"keys\":[]}"));
    check_log ("sent 2\n");
}

static void no_answer_is_no_leave_to_send_plainly (void **state)
{
    static const zchat_status_t statuses[] = {ZCHAT_VERB, ZCHAT_MALFORMED, ZCHAT_LIMIT,
                                              ZCHAT_HELLO};
    connected ();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        tell ("alice", "one", true, i);
        assert_true (answer (statuses[i], NULL));
        assert_non_null (strstr (s_log, "refused"));
        assert_null (strstr (s_log, "sent"));
        *s_log = 0;
    }
    static const char *const broken[] = {NULL,
                                         "",
                                         "{",
                                         "[]",
                                         "{}",
                                         "{\"keys\":7}",
                                         "{\"user\":\"alice\",\"keys\":[7]}",
                                         "{\"user\":\"alice\",\"keys\":[\"x\"]}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        tell ("alice", "one", true, i);
        assert_true (answer (ZCHAT_OK, broken[i]));
        assert_null (strstr (s_log, "sent"));
        *s_log = 0;
    }
    assert_int_equal (direct_unsent (s_direct), 0);
    assert_int_equal (zchat_client_unacknowledged (s_client), 0);
}

static void changed_keys_stop_what_is_told (void **state)
{
    connected ();
    tell ("alice", "one", true, 1);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    assert_true (answer (ZCHAT_OK, keys_json ("bob", NULL)));
    check_log ("sent 1\n");
    connected (); /* again                                                     */
    tell ("alice", "two", true, 2);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_eve)));
    while (answer (ZCHAT_OK, keys_json ("bob", NULL)))
        continue;
    assert_non_null (strstr (s_log, "*** THE KEYS OF alice HAVE CHANGED ***"));
    assert_non_null (strstr (s_log, "refused 2 alice 77"));
    assert_null (strstr (s_log, "sent 2"));
    *s_log = 0;
    connected ();
    tell ("alice", "three", true, 3);
    assert_true (answer (ZCHAT_NOBODY, NULL)); /* nor by taking them away       */
    while (answer (ZCHAT_OK, keys_json ("bob", NULL)))
        continue;
    assert_null (strstr (s_log, "sent 3"));
    *s_log = 0;
    tell ("alice", "four", false, 4); /* who asks for it, gets it               */
    check_log ("sent 4\n");
}

/*  On a connection that lasts: a key that was added, and one that was taken away. */
static void keys_are_asked_for_again_in_time (void **state)
{
    connected ();
    tell ("alice", "one", true, 1);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    assert_true (answer (ZCHAT_OK, keys_json ("bob", NULL)));
    check_log ("sent 1\n");
    s_later += 50;
    tell ("alice", "two", true, 2);
    check_log ("sent 2\n");
    s_later += 11;
    tell ("alice", "three", true, 3);
    check_log ("");
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    assert_true (answer (ZCHAT_OK, keys_json ("bob", NULL)));
    check_log ("sent 3\n");
    s_later += 61;
    tell ("alice", "four", true, 4);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_eve)));
    while (answer (ZCHAT_OK, keys_json ("bob", NULL)))
        continue;
    assert_non_null (strstr (s_log, "*** THE KEYS OF alice HAVE CHANGED ***"));
    assert_null (strstr (s_log, "sent 4"));
    assert_int_equal (zchat_client_unacknowledged (s_client), 3);
}

static void what_cannot_be_sealed_is_refused (void **state)
{
    static char text[ZCHAT_SEAL_BODY_MAX + 2];
    memset (text, 'x', ZCHAT_SEAL_BODY_MAX + 1);
    connected ();
    tell ("alice", text, true, 1);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    (void)answer (ZCHAT_OK, keys_json ("bob", NULL)); /* where it matters        */
    check_log ("refused 1 alice 65\n");
    tell ("alice", "\xff", true, 2);
    (void)answer (ZCHAT_OK, keys_json ("bob", NULL));
    check_log ("refused 2 alice 65\n");
    tell ("alice", "\xff", false, 3);
    check_log ("refused 3 alice 65\n");
}

static void the_queue_is_bounded (void **state)
{
    zchat_status_t status = ZCHAT_OK;
    size_t n = 0;
    for (; status == ZCHAT_OK && n < (size_t)10 * DIRECT_QUEUE_MAX; n++)
        status = direct_tell (s_direct, s_client, "alice", "x", 1, NULL, 0, true, n);
    assert_int_equal (status, ZCHAT_FULL);
    assert_int_equal (direct_unsent (s_direct), DIRECT_QUEUE_MAX);
}

static void mail_is_opened (void **state)
{
    char *body = sealed_by (&s_alice, "alice", "bob", "hello", 1732092545000);
    connected ();
    take (ZCHAT_TYPE_TELL, "carol", "plain", false);
    check_log ("tell carol (plain): plain\n");
    take (ZCHAT_TYPE_TELL, "alice", body, true);
    take (ZCHAT_TYPE_TELL, "carol", "after it", false);
    check_log (""); /* order is kept                                           */
    assert_int_equal (direct_held (s_direct), 2);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    check_log ("tell alice (sealed): hello\ntell carol (plain): after it\n");
    take (ZCHAT_TYPE_TELL, "alice", body, true); /* now it is known            */
    take (ZCHAT_TYPE_TELL, "alice", "in plain?", false);
    check_log ("tell alice (sealed): hello\ntell alice (unsealed): in plain?\n");
    free (body);
}

static void forged_mail_is_not_shown (void **state)
{
    char *eves = sealed_by (&s_eve, "alice", "bob", "send money", 1732092545000);
    char *moved = sealed_by (&s_alice, "alice", "carol", "i love you", 1732092545000);
    connected ();
    take (ZCHAT_TYPE_TELL, "alice", eves, true);
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    check_log ("tell alice (strange): hidden\n");
    take (ZCHAT_TYPE_TELL, "alice", moved, true);
    check_log ("tell alice (misled): hidden\n");
    take (ZCHAT_TYPE_TELL, "alice", "no base64", true);
    take (ZCHAT_TYPE_TELL, "alice", "", true);
    check_log ("tell alice (shut): hidden\ntell alice (shut): hidden\n");
    free (eves);
    free (moved);
}

static void unanswered_mail_is_given_out_closed (void **state)
{
    char *body = sealed_by (&s_alice, "alice", "bob", "hello", 1732092545000);
    connected ();
    for (int i = 0; i < DIRECT_QUEUE_MAX + 10; i++)
        take (ZCHAT_TYPE_TELL, "alice", body, true);
    assert_int_equal (direct_held (s_direct), DIRECT_QUEUE_MAX);
    assert_non_null (strstr (s_log, "tell alice (strange): hidden\n"));
    assert_null (strstr (s_log, "hello"));
    *s_log = 0;
    assert_true (answer (ZCHAT_VERB, NULL)); /* that of the first one, long gone  */
    assert_int_equal (direct_held (s_direct), DIRECT_QUEUE_MAX);
    assert_true (answer (ZCHAT_VERB, NULL));
    assert_int_equal (direct_held (s_direct), DIRECT_QUEUE_MAX - 1);
    check_log ("tell alice (strange): hidden\n");
    assert_true (answer (ZCHAT_OK, keys_json ("alice", &s_alice)));
    assert_int_equal (direct_held (s_direct), 0);
    assert_null (strstr (s_log, "strange"));
    free (body);
}

static void other_events_are_left_alone (void **state)
{
    zchat_event_t event = mail_event (ZCHAT_TYPE_INVITE, "alice", "", false);
    assert_false (direct_event (s_direct, s_client, &event));
    event = mail_event (ZCHAT_TYPE_SAY, "alice", "x", true);
    assert_false (direct_event (s_direct, s_client, &event));
    event = (zchat_event_t){.kind = ZCHAT_EVENT_REPLY, .id = 0};
    assert_false (direct_event (s_direct, s_client, &event));
    check_log ("");
}

static void marks_say_what_is_the_matter (void **state)
{
    people_opened_t opened = {.seen = PEOPLE_SEALED};
    assert_string_equal (direct_mark (&opened), "sealed");
    opened.verified = true;
    assert_string_equal (direct_mark (&opened), "sealed, verified");
    assert_string_equal (direct_seal (&opened), "verified");
    opened.time_far = true;
    opened.time_ms = 1732092545000;
    assert_string_equal (direct_mark (&opened), "sealed, verified, WRITTEN 2024-11-20 08:49");
    opened.time_ms = UINT64_MAX;
    assert_non_null (strstr (direct_mark (&opened), "WRITTEN "));
    opened = (people_opened_t){.seen = PEOPLE_PLAIN, .verified = true};
    assert_string_equal (direct_mark (&opened), "not sealed");
    assert_false (direct_sealed (&opened));
    for (int seen = PEOPLE_PLAIN; seen <= PEOPLE_SHUT; seen++) {
        opened = (people_opened_t){.seen = (people_seen_t)seen};
        assert_non_null (direct_mark (&opened));
        assert_non_null (direct_seal (&opened));
        assert_int_equal (direct_sealed (&opened), seen > PEOPLE_UNSEALED);
        assert_int_equal (direct_instead (&opened) != NULL, seen >= PEOPLE_STRANGE);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (nothing_is_sent_before_the_keys_are_known, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (lost_questions_are_asked_again, setup, teardown),
        cmocka_unit_test_setup_teardown (who_has_no_keys_is_told_plainly, setup, teardown),
        cmocka_unit_test_setup_teardown (no_answer_is_no_leave_to_send_plainly, setup, teardown),
        cmocka_unit_test_setup_teardown (changed_keys_stop_what_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown (keys_are_asked_for_again_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown (what_cannot_be_sealed_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (the_queue_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (mail_is_opened, setup, teardown),
        cmocka_unit_test_setup_teardown (forged_mail_is_not_shown, setup, teardown),
        cmocka_unit_test_setup_teardown (unanswered_mail_is_given_out_closed, setup, teardown),
        cmocka_unit_test_setup_teardown (other_events_are_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown (marks_say_what_is_the_matter, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
