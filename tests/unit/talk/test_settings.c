/*  test_settings.c - what the config file says, and how it is changed         */
#include "settings.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static settings_t *read_all (const char *text)
{
    settings_t *settings = NULL;
    size_t line = 0;
    char *why = NULL;
    if (settings_read (text, strlen (text), &settings, &line, &why) != ZCHAT_OK)
        fail_msg ("line %zu: %s", line, why);
    assert_null (why);
    return settings;
}

static void wrong_in (const char *text, size_t want, const char *part)
{
    settings_t *settings = NULL;
    size_t line = 0;
    char *why = NULL;
    assert_int_equal (settings_read (text, strlen (text), &settings, &line, &why), ZCHAT_INVALID);
    assert_null (settings);
    assert_int_equal (line, want);
    if (!strstr (why, part))
        fail_msg ("'%s' lacks '%s'", why, part);
    free (why);
}

static void nothing_is_needed (void **state)
{
    settings_t *settings = read_all ("");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        assert_null (settings_get (settings, NULL, (setting_t)i, NULL));
        assert_null (settings_get (NULL, "lab", (setting_t)i, NULL));
        assert_string_equal (settings_value (NULL, NULL, (setting_t)i),
                             settings_default ((setting_t)i));
        assert_true (*settings_about ((setting_t)i));
    }
    assert_true (settings_yes (settings, NULL, SETTING_BELL));
    assert_null (settings_broker (settings, "lab", NULL));
    assert_null (settings_broker_at (settings, 0));
    settings_destroy (&settings);
    assert_null (settings);
    settings_destroy (&settings);
}

static void values_and_remarks (void **state)
{
    size_t line = 0;
    settings_t *settings = read_all ("\xEF\xBB\xBF# a remark\r\n"
                                     "\r\n"
                                     "nick = maria   # me\r\n"
                                     "  NOTIFY=\"say '#1' loud\" # not a remark\r\n"
                                     "\tbell='no'\r\n"
                                     "mute = a, b  c#d\r\n"
                                     "theme =");
    assert_string_equal (settings_get (settings, NULL, SETTING_NICK, &line), "maria");
    assert_int_equal (line, 3);
    assert_string_equal (settings_value (settings, NULL, SETTING_NOTIFY), "say '#1' loud");
    assert_false (settings_yes (settings, NULL, SETTING_BELL));
    assert_string_equal (settings_value (settings, NULL, SETTING_MUTE), "a, b  c");
    assert_string_equal (settings_value (settings, NULL, SETTING_THEME), "dark");
    settings_destroy (&settings);
}

static void brokers_have_their_own (void **state)
{
    size_t line = 0;
    settings_t *settings = read_all ("nick = maria\n"
                                     "@lab = \"zchat://lab:5680/KEY\"\n"
                                     "    nick = masha\n"
                                     "    notify =\n"
                                     "@home = home\n"
                                     "notify = bell\n");
    assert_string_equal (settings_broker (settings, "LAB", &line), "zchat://lab:5680/KEY");
    assert_int_equal (line, 2);
    assert_string_equal (settings_broker_at (settings, 1), "home");
    assert_null (settings_broker_at (settings, 2));
    assert_string_equal (settings_value (settings, "lab", SETTING_NICK), "masha");
    assert_string_equal (settings_value (settings, "home", SETTING_NICK), "maria");
    assert_string_equal (settings_value (settings, NULL, SETTING_NICK), "maria");
    assert_string_equal (settings_value (settings, "elsewhere", SETTING_NICK), "maria");
    assert_string_equal (settings_value (settings, "home", SETTING_NOTIFY), "bell");
    assert_string_equal (settings_value (settings, "lab", SETTING_NOTIFY), ""); /* taken back */
    settings_destroy (&settings);
}

static void mistakes_name_their_line (void **state)
{
    wrong_in ("\n\nnik = maria\n", 3, "'nik'");
    wrong_in ("nick maria\n", 1, "NAME = VALUE");
    wrong_in ("nick = a b\n", 1, "1 at most");
    wrong_in ("nick = \"ma\nria\"\n", 1, "closing");
    wrong_in ("nick = \"maria\" x\n", 1, "behind");
    wrong_in ("nick = mar\x1bia\n", 1, "control");
    wrong_in ("nick = m\xff\n", 1, "UTF-8");
    wrong_in ("nick = maria\nnick = boris\n", 2, "line 1");
    wrong_in ("bell = on\n", 1, "yes or no");
    wrong_in ("theme = pink\n", 1, "dark or light");
    wrong_in ("autojoin = lobby de///v\n", 1, "not allowed");
    wrong_in ("@ = x\n", 1, "@NAME");
    wrong_in ("@a@b = x\n", 1, "@NAME");
    wrong_in ("@lab =\n", 1, "missing");
    wrong_in ("@lab = x\n@LAB = y\n", 2, "twice");
    wrong_in ("@lab = x\n  @home = y\n", 2, "indented");
    wrong_in ("@lab = x\n  theme = dark\n", 2, "for all brokers");
    wrong_in ("= x\n", 1, "NAME = VALUE");
    wrong_in ("\xc3\xa9 = x\n", 1, "NAME = VALUE");
}

static void sizes_are_bounded (void **state)
{
    char text[ZCHAT_SETTINGS_LINE_MAX + 64];
    memset (text, '#', sizeof text);
    text[ZCHAT_SETTINGS_LINE_MAX] = 0;
    settings_t *settings = read_all (text);
    settings_destroy (&settings);
    text[ZCHAT_SETTINGS_LINE_MAX] = '#';
    text[ZCHAT_SETTINGS_LINE_MAX + 1] = 0;
    wrong_in (text, 1, "longer");
    char *many = calloc (1, 64 * (ZCHAT_SETTINGS_BROKERS_MAX + 2)), *end = many;
    for (int i = 0; i <= ZCHAT_SETTINGS_BROKERS_MAX; i++)
        end += sprintf (end, "@b%d = host\n", i);
    wrong_in (many, ZCHAT_SETTINGS_BROKERS_MAX + 1, "more than");
    free (many);
}

static void a_NUL_is_no_text (void **state)
{
    static const char text[] = "nick = ma\0ria\n";
    settings_t *settings = NULL;
    size_t line = 0;
    char *why = NULL;
    assert_int_equal (settings_read (text, sizeof text - 1, &settings, &line, &why), ZCHAT_INVALID);
    free (why);
}

static void lists (void **state)
{
    assert_true (settings_has ("Dev, lobby", "dev"));
    assert_true (settings_has ("dev lobby", "lobby"));
    assert_false (settings_has ("dev lobby", "lob"));
    assert_false (settings_has ("", ""));
    assert_false (settings_has ("a", ""));
}

static void edits (const char *before, setting_t setting, const char *value, const char *after)
{
    char *edited = settings_edit (before, strlen (before), setting, value);
    assert_non_null (edited);
    assert_string_equal (edited, after);
    free (edited);
}

static void an_edit_keeps_everything_else (void **state)
{
    edits ("# top\n\nnick = maria  # me\r\ntheme=dark\n", SETTING_NICK, "boris",
           "# top\n\nnick = boris  # me\r\ntheme=dark\n");
    edits ("theme=dark\nnick='x'\n", SETTING_THEME, "light", "theme=light\nnick='x'\n");
    edits ("", SETTING_NICK, "x", "nick = x\n");
    edits ("theme = dark", SETTING_NICK, "x", "theme = dark\nnick = x\n");
    edits ("nick = x\ntheme = dark\n", SETTING_NICK, NULL, "theme = dark\n");
    edits ("theme = dark\n", SETTING_NICK, NULL, "theme = dark\n");
    edits ("@lab = h\n  nick = x\n", SETTING_NICK, "y", "@lab = h\n  nick = x\nnick = y\n");
    edits ("  nick = x # first\n@lab = h\n", SETTING_NICK, "y", "  nick = y # first\n@lab = h\n");
    edits ("# nick = x\n", SETTING_NICK, "y", "# nick = x\nnick = y\n");
    edits ("notify = \"a\" # b\n", SETTING_NOTIFY, "a 'b' # c", "notify = \"a 'b' # c\" # b\n");
    edits ("", SETTING_NOTIFY, "say \"x\"", "notify = 'say \"x\"'\n");
    edits ("nick =\n", SETTING_NICK, "y", "nick =y\n");
    assert_null (settings_edit ("", 0, SETTING_NOTIFY, "\"'"));
}

static void what_is_edited_reads_back (void **state)
{
    static const char *const values[] = {"a", " a ", "#", "a # b", "say \"x\" # y", "'", "a\tb"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_null (settings_wrong (SETTING_NOTIFY, values[i]));
        char *edited = settings_edit ("# x\n", 4, SETTING_NOTIFY, values[i]);
        settings_t *settings = read_all (edited);
        assert_string_equal (settings_get (settings, NULL, SETTING_NOTIFY, NULL), values[i]);
        settings_destroy (&settings);
        free (edited);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_needed),
        cmocka_unit_test (values_and_remarks),
        cmocka_unit_test (brokers_have_their_own),
        cmocka_unit_test (mistakes_name_their_line),
        cmocka_unit_test (sizes_are_bounded),
        cmocka_unit_test (a_NUL_is_no_text),
        cmocka_unit_test (lists),
        cmocka_unit_test (an_edit_keeps_everything_else),
        cmocka_unit_test (what_is_edited_reads_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
