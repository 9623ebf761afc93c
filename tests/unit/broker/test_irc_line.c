/*  test_irc_line.c - logs of IRC clients, line by line                        */
#include "commands/irc_line.h"
#include "commands/irc_name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

/*  What the line says, as "user|type|body".                                   */
static void reads (irc_reader_t *reader, const char *line, const char *wanted)
{
    irc_said_t said;
    char text[256] = "";
    irc_kind_t kind = irc_line_read (reader, frame_str (line), &said);
    if (kind == IRC_UNDATED)
        strcpy (text, "undated");
    if (kind == IRC_SAID)
        snprintf (text, sizeof text, "%.*s|%s|%.*s|%llu", (int)said.user.size,
                  (const char *)said.user.data, zchat_type_name (said.type), (int)said.body.size,
                  (const char *)said.body.data, (unsigned long long)said.time_ms / 1000);
    assert_string_equal (text, wanted);
}

static void test_irssi (void **state)
{
    irc_reader_t reader = {.format = IRC_IRSSI};
    reads (&reader, "10:01 < bob> hello", "undated");
    reads (&reader, "--- Log opened Sat Nov 28 09:59:00 2026", "");
    reads (&reader, "10:01 < bob> hello <you>", "bob|say|hello <you>|1795860060");
    reads (&reader, "10:01 <@ann> op", "ann|say|op|1795860060");
    reads (&reader, "10:02  * bob waves a bit", "bob|action|waves a bit|1795860120");
    reads (&reader, "10:02:30 < bob> precise", "bob|say|precise|1795860150");
    reads (&reader, "10:03 -!- eve [e@host] has joined #dev", "");
    reads (&reader, "10:03 -!- bob changed the topic of #dev to: new: topic",
           "bob|topic|new: topic|1795860180");
    reads (&reader, "--- Day changed Sun Nov 29 2026", "");
    reads (&reader, "00:01 < bob> tomorrow", "bob|say|tomorrow|1795910460");
    reads (&reader, "--- Log closed Sun Nov 29 00:02:00 2026", "");
    reads (&reader, "25:01 < bob> no hour", "");
    reads (&reader, "10:01 < bob>", "");
    reads (&reader, "10:01 <> nobody", "");
    reads (&reader, "10:0", "");
    reads (&reader, "", "");
}

static void test_energymech (void **state)
{
    irc_reader_t reader = {.format = IRC_ENERGYMECH};
    reads (&reader, "[10:01:02] <bob> hello", "undated");
    assert_true (irc_day_read ("#dev_20261128.log", &reader.day));
    reader.dated = true;
    reads (&reader, "[10:01:02] <bob> hello", "bob|say|hello|1795860062");
    reads (&reader, "[10:01] <bob> [x] y", "bob|say|[x] y|1795860060");
    reads (&reader, "[10:01:03] * bob waves", "bob|action|waves|1795860063");
    reads (&reader, "[10:01:04] *** Joins: eve (e@host)", "");
    reads (&reader, "[10:01:05] *** bob changes topic to 'it's new'",
           "bob|topic|it's new|1795860065");
    reads (&reader, "10:01 < bob> another form", "");
    reads (&reader, "[10:01:02", "");
    reads (&reader, "[", "");
}

static void test_days (void **state)
{
    struct tm day;
    assert_true (irc_day_read ("2026-11-28", &day));
    assert_int_equal (day.tm_year + 1900, 2026);
    assert_int_equal (day.tm_mon, 10);
    assert_int_equal (day.tm_mday, 28);
    assert_true (irc_day_read ("x12.20240229.log", &day));
    assert_int_equal (day.tm_mday, 29);
    const char *none[] = {"",         "dev.log",   "2026-1-2",  "2026-13-01",
                          "20261301", "202611281", "1969-01-01"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false (irc_day_read (none[i], &day));
}

static void named (const char *nick, const char *wanted)
{
    char name[ZCHAT_NAME_MAX + 1];
    assert_int_equal (irc_name (frame_str (nick), name), strlen (wanted));
    assert_string_equal (name, wanted);
}

static void test_names (void **state)
{
    named ("bob", "bob");
    named ("[bob]^|`", "_bob____");
    named ("иван", "иван");
    named ("b\xd0\xbe"
           "b",
           "b__b"); /* a Cyrillic letter among Latin ones          */
    named ("___", "irc-___");
    named ("\xff\xfe", "irc-__");
    named ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnop", "abcdefghijklmnopqrstuvwxyzabcdef");
}

static void text_is (const char *text, const char *wanted)
{
    size_t size;
    char *made = irc_text (frame_str (text), &size);
    assert_string_equal (made, wanted);
    assert_int_equal (size, strlen (wanted));
    free (made);
}

static void test_texts (void **state)
{
    text_is ("plain", "plain");
    text_is ("\x02"
             "bold\x0f and \x03"
             "04,12red\x03 and \x03"
             "7x\x1d",
             "bold and red and x");
    text_is ("caf\xe9", "café");
    text_is ("привет", "привет");
    text_is ("\x03", "");
    text_is ("\x02\x03"
             "1,",
             ",");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_irssi), cmocka_unit_test (test_energymech),
        cmocka_unit_test (test_days),  cmocka_unit_test (test_names),
        cmocka_unit_test (test_texts),
    };
    setenv ("TZ", "UTC", 1);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
