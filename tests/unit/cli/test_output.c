/*  test_output.c - records: exact in JSON, harmless as text, one line each */
#include "output.h"
#include "record.h"
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LOG "00112233445566778899aabbccddeeff"

/*  What a terminal, a pager or a line reader might act on, and its neighbours.   */
static const char s_wild[] = "\"quoted\" \\ / \b\f\n\r\t\x1b[2J\x1b]0;t\a\x7f "
                             "\xc2\x9b"     /* C1 CSI */
                             "\xe2\x80\xae" /* bidi override */
                             "\xe2\x80\xa8" /* line separator */
                             "привет \xf0\x9f\x98\x80";

static const record_style_t s_json_style = {.json = true};
static const record_style_t s_text_style = {.json = false};
static output_t s_out;
static int s_pipe[2];
static int s_signal[2];

static int setup (void **state)
{
    (void)state;
    signal (SIGPIPE, SIG_IGN);
    if (pipe (s_pipe) != 0 || pipe (s_signal) != 0)
        return -1;
    output_init (&s_out, s_pipe[1], s_signal[0]);
    return 0;
}

static int teardown (void **state)
{
    (void)state;
    output_free (&s_out);
    for (int i = 0; i < 2; i++) {
        close (s_pipe[i]);
        close (s_signal[i]);
    }
    return 0;
}

static const char *pending (void)
{
    return s_out.pending.data ? s_out.pending.data : "";
}

/*  One line of printable ASCII.                                               */
static void assert_tame (const char *text)
{
    for (; *text && !(*text == '\n' && text[1] == 0); text++)
        assert_true (*text >= 0x20 && *text < 0x7f);
}

static void test_json_strings_are_ascii_and_exact (void **state)
{
    (void)state;
    output_json_string (&s_out, s_wild, strlen (s_wild));
    assert_tame (pending ());
    json_t *value = json_loads (pending (), JSON_DECODE_ANY, NULL);
    assert_non_null (value);
    assert_string_equal (json_string_value (value), s_wild);
    json_decref (value);
}

static void test_every_code_point_comes_through (void **state)
{
    (void)state;
    for (unsigned codepoint = 1; codepoint < 0x110000; codepoint += codepoint < 0x3000 ? 1 : 251) {
        if (codepoint >= 0xD800 && codepoint < 0xE000)
            continue;
        char escape[32];
        if (codepoint < 0x10000)
            snprintf (escape, sizeof (escape), "\"\\u%04x\"", codepoint);
        else
            snprintf (escape, sizeof (escape), "\"\\u%04x\\u%04x\"",
                      0xD800 + ((codepoint - 0x10000) >> 10), 0xDC00 + (codepoint & 0x3FF));
        json_t *text = json_loads (escape, JSON_DECODE_ANY, NULL);
        assert_non_null (text);
        buffer_clear (&s_out.pending);
        output_json_string (&s_out, json_string_value (text), json_string_length (text));
        assert_tame (pending ());
        json_t *back = json_loads (pending (), JSON_DECODE_ANY, NULL);
        assert_true (json_equal (text, back));
        json_decref (text);
        json_decref (back);
    }
}

static void test_what_is_no_utf8_is_replaced (void **state)
{
    (void)state;
    output_json_string (&s_out, "a\xff\xc3", 3);
    assert_string_equal (pending (), "\"a\\ufffd\\ufffd\"");
}

static void test_json_values_keep_their_digits (void **state)
{
    (void)state;
    output_json_value (&s_out,
                       "{\"n\":12345678901234567890123,\n\t\"x\":1.10,\"п\":\"\xe2\x80\xae\x7f\"}");
    assert_string_equal (pending (), "{\"n\":12345678901234567890123,  \"x\":1.10,"
                                     "\"\\u043f\":\"\\u202e\\u007f\"}");
}

static void test_what_is_no_json_object_becomes_a_string (void **state)
{
    (void)state;
    static const char *const texts[] = {"", "[1]", "{\"a\":1}\n{\"b\":2}", "\x1b[2J", "{"};
    for (size_t i = 0; i < sizeof (texts) / sizeof (texts[0]); i++) {
        buffer_clear (&s_out.pending);
        output_json_value (&s_out, texts[i]);
        assert_tame (pending ());
        json_t *value = json_loads (pending (), JSON_DECODE_ANY, NULL);
        assert_string_equal (json_string_value (value), texts[i]);
        json_decref (value);
    }
}

static void test_times (void **state)
{
    (void)state;
    output_time (&s_out, 1732089600123u);
    output_str (&s_out, " ");
    output_time (&s_out, 0);
    output_str (&s_out, " ");
    output_time (&s_out, UINT64_MAX);
    assert_string_equal (pending (), "2024-11-20T08:00:00.123Z 1970-01-01T00:00:00.000Z "
                                     "9999-12-31T23:59:59.615Z");
}

static void test_text_records_are_one_line_of_six_columns (void **state)
{
    (void)state;
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE,
                           .room = "dev",
                           .user = "ev\til",
                           .type = ZCHAT_TYPE_SAY,
                           .body = s_wild,
                           .body_size = strlen (s_wild),
                           .seq = 7,
                           .time_ms = 1732089600123u};
    record_message (&s_out, &event, LOG, &s_text_style);
    size_t tabs = 0;
    for (const char *p = pending (); *p; p++) {
        tabs += *p == '\t';
        assert_true (*p != '\x1b' && *p != '\a' && *p != '\x7f');
    }
    assert_int_equal (tabs, 5);
    assert_ptr_equal (strchr (pending (), '\n'), pending () + strlen (pending ()) - 1);
    assert_null (strstr (pending (), "\xe2\x80\xae"));
    assert_non_null (strstr (pending (), "привет"));
    const char *head = "dev\t7\t2024-11-20T08:00:00.123Z\tsay\t";
    assert_memory_equal (pending (), head, strlen (head));
}

static void test_json_records (void **state)
{
    (void)state;
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE,
                           .room = "тест",
                           .user = "иван",
                           .type = ZCHAT_TYPE_ACTION,
                           .body = s_wild,
                           .body_size = strlen (s_wild),
                           .data = "{\"z\":1,\"a\":2}",
                           .seq = 7,
                           .time_ms = 1732089600123u};
    record_message (&s_out, &event, LOG, &s_json_style);
    assert_tame (pending ());
    json_t *record = json_loads (pending (), 0, NULL);
    assert_non_null (record);
    assert_string_equal (json_string_value (json_object_get (record, "room")), "тест");
    assert_string_equal (json_string_value (json_object_get (record, "user")), "иван");
    assert_string_equal (json_string_value (json_object_get (record, "type")), "action");
    assert_string_equal (json_string_value (json_object_get (record, "text")), s_wild);
    assert_string_equal (json_string_value (json_object_get (record, "log")), LOG);
    assert_int_equal (json_integer_value (json_object_get (record, "seq")), 7);
    assert_int_equal (json_integer_value (json_object_get (record, "time")), 1732089600123);
    assert_int_equal (json_object_size (json_object_get (record, "data")), 2);
    json_decref (record);
}

static void test_json_record_of_presence (void **state)
{
    (void)state;
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE,
                           .room = "dev",
                           .type = ZCHAT_TYPE_PRESENCE,
                           .data = "{\"members\":99}"};
    record_message (&s_out, &event, LOG, &s_json_style);
    assert_string_equal (pending (),
                         "{\"room\":\"dev\",\"seq\":null,\"time\":0,\"type\":\"presence\","
                         "\"user\":\"\",\"text\":\"\",\"data\":{\"members\":99}}\n");
    buffer_clear (&s_out.pending);
    record_message (&s_out, &event, LOG, &s_text_style);
    assert_string_equal (pending (),
                         "dev\t0\t1970-01-01T00:00:00.000Z\tpresence\t\t{\"members\":99}\n");
}

static void test_json_records_of_losses (void **state)
{
    (void)state;
    record_lost (&s_out, "d\"ev", 3, 10, &s_json_style);
    record_log_replaced (&s_out, LOG, &s_json_style);
    record_ahead (&s_out, "d\"ev", 12, 9, &s_json_style);
    assert_string_equal (pending (),
                         "{\"type\":\"lost\",\"room\":\"d\\\"ev\",\"count\":3,\"before\":10}\n"
                         "{\"type\":\"log_replaced\",\"log\":\"" LOG "\"}\n"
                         "{\"type\":\"ahead\",\"room\":\"d\\\"ev\",\"after\":12,\"head\":9}\n");
}

static void test_flush_writes_all_and_in_order (void **state)
{
    (void)state;
    char text[12000];
    for (size_t i = 0; i < sizeof (text); i++)
        text[i] = (char)('a' + i % 23);
    output_bytes (&s_out, text, sizeof (text));
    assert_false (output_full (&s_out));
    assert_int_equal (output_flush (&s_out), ZCHAT_OK);
    assert_int_equal (s_out.pending.size, 0);
    char got[sizeof (text)];
    size_t size = 0;
    while (size < sizeof (got)) {
        ssize_t n = read (s_pipe[0], got + size, sizeof (got) - size);
        assert_true (n > 0);
        size += (size_t)n;
    }
    assert_memory_equal (got, text, sizeof (text));
    assert_int_equal (output_flush (&s_out), ZCHAT_OK);
}

static void test_a_signal_ends_the_wait_for_a_reader (void **state)
{
    (void)state;
    static char text[1 << 20];
    memset (text, 'x', sizeof (text));
    output_bytes (&s_out, text, sizeof (text));
    assert_true (output_full (&s_out));
    assert_int_equal (write (s_signal[1], "!", 1), 1);
    assert_int_equal (output_flush (&s_out), ZCHAT_EMPTY);
    assert_int_equal (s_out.pending.size, sizeof (text));
}

static void test_a_reader_who_left_is_no_error (void **state)
{
    (void)state;
    close (s_pipe[0]);
    s_pipe[0] = open ("/dev/null", O_RDONLY);
    output_str (&s_out, "text\n");
    assert_int_equal (output_flush (&s_out), ZCHAT_CLOSING);
}

static void test_a_full_disk_is_an_error (void **state)
{
    (void)state;
    int full = open ("/dev/full", O_WRONLY);
    if (full < 0)
        skip ();
    s_out.fd = full;
    output_str (&s_out, "text\n");
    assert_int_equal (output_flush (&s_out), ZCHAT_SYSTEM);
    close (full);
}

static zchat_event_t direct_event_of (zchat_type_t type)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .room = "@",
                           .user = "alice",
                           .body = "base64",
                           .body_size = 6,
                           .data = "{\"sealed\":1}",
                           .seq = 3,
                           .time_ms = 5};
}

static void check_direct (const people_opened_t *opened, bool json, const char *expected)
{
    zchat_event_t event = direct_event_of (ZCHAT_TYPE_TELL);
    buffer_clear (&s_out.pending);
    record_direct (&s_out, &event, opened, LOG, json ? &s_json_style : &s_text_style);
    assert_string_equal (pending (), expected);
}

static void test_direct_messages_say_how_they_were_sealed (void **state)
{
    (void)state;
    people_opened_t opened = {.seen = PEOPLE_SEALED,
                              .verified = true,
                              .body = "hi\n",
                              .body_size = 3,
                              .data = "{\"a\":1}"};
    check_direct (
        &opened, true,
        "{\"room\":\"@\",\"seq\":3,\"time\":5,\"type\":\"tell\",\"user\":\"alice\","
        "\"log\":\"" LOG
        "\",\"sealed\":true,\"seal\":\"verified\",\"text\":\"hi\\n\",\"data\":{\"a\":1}}\n");
    check_direct (&opened, false, "@\t3\t1970-01-01T00:00:00.005Z\ttell/verified\talice\thi^J\n");
    opened = (people_opened_t){.seen = PEOPLE_PLAIN, .body = "hi", .body_size = 2};
    check_direct (&opened, true,
                  "{\"room\":\"@\",\"seq\":3,\"time\":5,\"type\":\"tell\",\"user\":\"alice\","
                  "\"log\":\"" LOG "\",\"sealed\":false,\"seal\":\"plain\",\"text\":\"hi\"}\n");
    /*  What somebody else wrote is put out nowhere.                           */
    opened = (people_opened_t){.seen = PEOPLE_STRANGE,
                               .body = "evil",
                               .body_size = 4,
                               .data = "{\"evil\":1}",
                               .time_far = true,
                               .time_ms = 7};
    check_direct (&opened, true,
                  "{\"room\":\"@\",\"seq\":3,\"time\":5,\"type\":\"tell\",\"user\":\"alice\","
                  "\"log\":\"" LOG
                  "\",\"sealed\":true,\"seal\":\"strange\",\"written\":7,\"text\":null}\n");
    buffer_clear (&s_out.pending);
    zchat_event_t event = direct_event_of (ZCHAT_TYPE_TOLD);
    record_direct (&s_out, &event, &opened, LOG, &s_text_style);
    assert_null (strstr (pending (), "evil"));
    opened = (people_opened_t){.seen = PEOPLE_SHUT};
    buffer_clear (&s_out.pending);
    record_direct (&s_out, &event, &opened, LOG, &s_text_style);
    assert_non_null (strstr (pending (), "\ttold/shut\talice\t(cannot be opened"));
}

static void test_direct_messages_are_tame (void **state)
{
    (void)state;
    people_opened_t opened = {.seen = PEOPLE_SEALED, .body = s_wild, .body_size = strlen (s_wild)};
    zchat_event_t event = direct_event_of (ZCHAT_TYPE_TELL);
    event.user = s_wild;
    record_direct (&s_out, &event, &opened, LOG, &s_json_style);
    assert_tame (pending ());
    json_t *value = json_loads (pending (), 0, NULL);
    assert_string_equal (json_string_value (json_object_get (value, "text")), s_wild);
    json_decref (value);
    buffer_clear (&s_out.pending);
    record_direct (&s_out, &event, &opened, LOG, &s_text_style);
    assert_null (strpbrk (pending (), "\x1b\r\a\x7f"));
    assert_ptr_equal (strchr (pending (), '\n'), pending () + strlen (pending ()) - 1);
}

static void test_orders_are_one_line (void **state)
{
    (void)state;
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE,
                           .type = ZCHAT_TYPE_MODE,
                           .room = "dev",
                           .user = "alice",
                           .body = "x\n\x1b",
                           .body_size = 3,
                           .data = "{\"set\":\"ban\",\n\"user\":\"eve\"}",
                           .seq = 3,
                           .time_ms = 5};
    record_message (&s_out, &event, LOG, &s_text_style);
    assert_string_equal (pending (), "dev\t3\t1970-01-01T00:00:00.005Z\tmode\talice\t"
                                     "{\"set\":\"ban\",^J\"user\":\"eve\"} x^J^[\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_json_strings_are_ascii_and_exact, setup, teardown),
        cmocka_unit_test_setup_teardown (test_every_code_point_comes_through, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_no_utf8_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown (test_json_values_keep_their_digits, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_no_json_object_becomes_a_string, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (test_times, setup, teardown),
        cmocka_unit_test_setup_teardown (test_text_records_are_one_line_of_six_columns, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (test_json_records, setup, teardown),
        cmocka_unit_test_setup_teardown (test_json_record_of_presence, setup, teardown),
        cmocka_unit_test_setup_teardown (test_json_records_of_losses, setup, teardown),
        cmocka_unit_test_setup_teardown (test_flush_writes_all_and_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_signal_ends_the_wait_for_a_reader, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_reader_who_left_is_no_error, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_full_disk_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown (test_direct_messages_say_how_they_were_sealed, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (test_direct_messages_are_tame, setup, teardown),
        cmocka_unit_test_setup_teardown (test_orders_are_one_line, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
