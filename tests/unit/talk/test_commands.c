/*  test_commands.c - what a line asks for */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include <zchat/limits.h>

static command_t parse (const char *line)
{
    /*  An exact copy, so that a sanitizer sees every byte read beyond it.     */
    static char *copy;
    free (copy);
    size_t size = strlen (line);
    copy = malloc (size ? size : 1);
    memcpy (copy, line, size);
    command_t command;
    command_parse (copy, size, &command);
    return command;
}

static void check (const char *line, command_kind_t kind, const char *text)
{
    command_t command = parse (line);
    assert_int_equal (command.kind, kind);
    assert_int_equal (command.size, strlen (text));
    assert_memory_equal (command.text, text, command.size);
}

static void check_wrong (const char *line, const char *why)
{
    command_t command = parse (line);
    assert_int_equal (command.kind, COMMAND_WRONG);
    if (!strstr (command.why, why))
        fail_msg ("\"%s\" does not say \"%s\"", command.why, why);
}

static void text_is_said (void **state)
{
    check ("hello", COMMAND_SAY, "hello");
    check ("  hello  ", COMMAND_SAY, "  hello  ");
    check ("//quit", COMMAND_SAY, "/quit");
    check ("//", COMMAND_SAY, "/");
    check ("///x", COMMAND_SAY, "//x");
    check ("/usr/bin/env python3", COMMAND_SAY, "/usr/bin/env python3");
    check ("/etc/passwd", COMMAND_SAY, "/etc/passwd");
    check ("//usr/bin", COMMAND_SAY, "/usr/bin");
    check ("/*/", COMMAND_SAY, "/*/");
    check ("a\nb", COMMAND_SAY, "a\nb");
    check ("a\nb\n\n", COMMAND_SAY, "a\nb");
    check ("\nb", COMMAND_SAY, "\nb");
    check ("exit now", COMMAND_SAY, "exit now");
    check ("quit", COMMAND_SAY, "quit");
}

static void what_is_text_is_no_command (void **state)
{
    static const char *const lines[] = {"/quit", "/* a comment */", "//x", "exit", "/join dev"};
    command_t command;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        command_text (lines[i], strlen (lines[i]), &command);
        assert_int_equal (command.kind, COMMAND_SAY);
        assert_int_equal (command.size, strlen (lines[i]));
        assert_memory_equal (command.text, lines[i], command.size);
    }
    command_text ("/a\n\n", 4, &command);
    assert_int_equal (command.size, 2);
    command_text (" \n", 2, &command);
    assert_int_equal (command.kind, COMMAND_NOTHING);
}

static void blanks_are_nothing (void **state)
{
    assert_int_equal (parse ("").kind, COMMAND_NOTHING);
    assert_int_equal (parse ("  \t\n ").kind, COMMAND_NOTHING);
}

static void exit_leaves (void **state)
{
    assert_int_equal (parse ("exit").kind, COMMAND_QUIT);
    command_t command;
    command_script (" exit", 5, &command);
    assert_int_equal (command.kind, COMMAND_SAY);
    assert_int_equal (command.size, 5);
    command_script ("/quit", 5, &command);
    assert_int_equal (command.kind, COMMAND_QUIT);
    command_script ("/join dev", 9, &command);
    assert_int_equal (command.kind, COMMAND_JOIN);
    assert_int_equal (parse ("  exit ").kind, COMMAND_QUIT);
    assert_int_equal (parse ("/quit").kind, COMMAND_QUIT);
}

static void commands_take_their_argument (void **state)
{
    check ("/join dev", COMMAND_JOIN, "dev");
    check ("/join   dev  ", COMMAND_JOIN, "dev");
    check ("/JOIN Dev", COMMAND_JOIN, "Dev");
    check ("/part", COMMAND_PART, "");
    check ("/part dev", COMMAND_PART, "dev");
    check ("/me waves  twice", COMMAND_ME, "waves  twice");
    check ("/me a\nb", COMMAND_ME, "a\nb");
    check ("/topic", COMMAND_TOPIC, "");
    check ("/topic all  about it", COMMAND_TOPIC, "all  about it");
    check ("/who", COMMAND_WHO, "");
    check ("/who dev", COMMAND_WHO, "dev");
    check ("/rooms", COMMAND_ROOMS, "");
    check ("/nick bob", COMMAND_NICK, "bob");
    check ("/help", COMMAND_HELP, "");
}

static void a_command_behind_a_blank_is_not_said (void **state)
{
    static const char *const lines[] = {
        " /msg bob secret",
        "\t/msg bob secret",
        "\u00a0/msg bob secret",
        "\u3000/msg bob secret",
        "\u200b/MSG bob x",
        "\ufeff/msg bob secret",
        "\uff0fmsg bob secret",
        " \uff0fmsg bob x",
        "  /mgs bob secret",
        " /query",
        " /quit",
        "\u2060 /tell bob secret",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check_wrong (lines[i], "not sent: a command begins with /");
    check (" /usr/bin/env", COMMAND_SAY, " /usr/bin/env");
    check (" /* a comment", COMMAND_SAY, " /* a comment");
    check (" / msg", COMMAND_SAY, " / msg");
    check (" msg bob", COMMAND_SAY, " msg bob");
    check (" \xff/msg", COMMAND_SAY, " \xff/msg");
    check ("//msg bob", COMMAND_SAY, "/msg bob");
}

static void history_takes_a_number (void **state)
{
    assert_int_equal (parse ("/history").number, COMMAND_HISTORY_DEFAULT);
    assert_int_equal (parse ("/history 5").number, 5);
    assert_int_equal (parse ("/history 1000").number, 1000);
    assert_false (parse ("/history 7").yes);
    assert_true (parse ("/history more").yes);
    assert_int_equal (parse ("/history more").number, COMMAND_HISTORY_DEFAULT);
    assert_true (parse ("/history more 7").yes);
    assert_int_equal (parse ("/history more 7").number, 7);
    check_wrong ("/history moreover", "1 to 1000");
    check_wrong ("/history 0", "1 to 1000");
    check_wrong ("/history 1001", "1 to 1000");
    check_wrong ("/history -1", "1 to 1000");
    check_wrong ("/history 99999999999999999999999999999", "1 to 1000");
    check_wrong ("/history all", "1 to 1000");
}

static void wrong_use_says_the_right_one (void **state)
{
    check_wrong ("/join", "/join ROOM");
    check_wrong ("/join a b", "/join ROOM");
    check_wrong ("/me", "/me TEXT");
    check_wrong ("/me   ", "/me TEXT");
    check_wrong ("/nick", "/nick NAME");
    check_wrong ("/rooms all", "/rooms");
    check_wrong ("/quit now", "/quit");
}

static void unknown_commands_get_a_hint (void **state)
{
    check_wrong ("/jion dev", "/join");
    check_wrong ("/j dev", "/join");
    check_wrong ("/histroy", "/history");
    check_wrong ("/hist", "/history");
    check_wrong ("/names", "/who");
    check_wrong ("/leave", "/part");
    check_wrong ("/list", "/rooms");
    check_wrong ("/exit", "/quit");
    check_wrong ("/usr or/so", "//usr");
    check_wrong ("/zzzzzz", "/help");
    check_wrong ("/", "missing");
    check_wrong ("/ join", "missing");
    check_wrong ("/quit\xc3\xa9\xc3\xa9\xc3\xa9", "/help");
}

static void long_words_are_cut_between_characters (void **state)
{
    char line[4096];
    for (size_t offset = 0; offset < 4; offset++) {
        line[0] = '/';
        memset (line + 1, 'x', offset);
        for (size_t i = 0; i < 500; i++)
            memcpy (line + 1 + offset + i * 3, "\xe4\xb8\xad", 3);
        line[1 + offset + 1500] = '\0';
        command_t command = parse (line);
        assert_int_equal (command.kind, COMMAND_WRONG);
        assert_null (strstr (command.why, "\xe4 "));
        assert_null (strstr (command.why, "\xb8 "));
        assert_non_null (strstr (command.why, "/help"));
    }
}

static void check_person (const char *line, command_kind_t kind, const char *set, const char *name,
                          const char *text)
{
    check (line, kind, text);
    command_t command = parse (line);
    assert_int_equal (command.name_size, strlen (name));
    assert_memory_equal (command.name, name, command.name_size);
    if (set)
        assert_string_equal (command.set, set);
    else
        assert_null (command.set);
}

static void people_are_named (void **state)
{
    check_person ("/msg bob hello  there", COMMAND_MSG, NULL, "bob", "hello  there");
    check_person ("/msg  bob\thi\nthere", COMMAND_MSG, NULL, "bob", "hi\nthere");
    check_person ("/query bob", COMMAND_QUERY, NULL, "bob", "");
    check_person ("/query", COMMAND_QUERY, NULL, "", "");
    check_person ("/keys", COMMAND_KEYS, NULL, "", "");
    check_person ("/keys bob", COMMAND_KEYS, NULL, "bob", "");
    check_person ("/invite bob", COMMAND_INVITE, NULL, "bob", "");
    check_person ("/invite bob come in", COMMAND_INVITE, NULL, "bob", "come in");
    check_person ("/kick bob too loud", COMMAND_KICK, NULL, "bob", "too loud");
    check_person ("/unban eve", COMMAND_SET, "unban", "eve", "");
    check_person ("/OP bob", COMMAND_SET, "op", "bob", "");
    check_person ("/ignore eve", COMMAND_MAILBOX, "ignore", "eve", "");
    check_person ("/unignore eve", COMMAND_MAILBOX, "unignore", "eve", "");
    check_person ("/ALLOW bob", COMMAND_MAILBOX, "allow", "bob", "");
    check ("/ignore", COMMAND_MAILBOX, "");
    check ("/strangers no", COMMAND_MAILBOX, "no");
    check_wrong ("/unignore", "/unignore NAME");
    check_wrong ("/ignore eve bob", "/ignore [NAME]");
    check_wrong ("/strangers no eve", "/strangers no|yes");
    check_person ("/deop bob well", COMMAND_SET, "deop", "bob", "well");
    check ("/create den", COMMAND_CREATE, "den");
    check ("/modes", COMMAND_MODES, "");
    check ("/lock", COMMAND_SET, "");
    check ("/close for tonight", COMMAND_SET, "for tonight");
    assert_string_equal (parse ("/open").set, "open");
    assert_int_equal (parse ("/lock x").name_size, 0);
    assert_true (parse ("/verify bob yes").yes);
    assert_false (parse ("/verify bob").yes);
    check_wrong ("/msg bob", "/msg NAME TEXT");
    check_wrong ("/msg", "/msg NAME TEXT");
    check_wrong ("/query bob hello", "/query [NAME]");
    check_wrong ("/verify", "/verify NAME");
    check_wrong ("/verify bob no", "/verify NAME");
    check_wrong ("/verify bob yes please", "/verify NAME");
    check_wrong ("/kick", "/kick NAME");
    check_wrong ("/tell bob x", "/msg");
    check_wrong ("/create", "/create ROOM");
}

static void bans_take_a_time (void **state)
{
    static const struct {
        const char *time;
        uint64_t ms;
    } times[] = {{"1s", 1000},       {"10m", 600000},         {"2h", 7200000},    {"7d", 604800000},
                 {"2w", 1209600000}, {"3650d", 315360000000}, {"007d", 604800000}};
    char line[64];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf (line, sizeof line, "/ban eve %s spam and eggs", times[i].time);
        check_person (line, COMMAND_SET, "ban", "eve", "spam and eggs");
        assert_int_equal (parse (line).for_ms, times[i].ms);
    }
    check_person ("/mute eve", COMMAND_SET, "mute", "eve", "");
    assert_int_equal (parse ("/mute eve").for_ms, 0);
    assert_int_equal (parse ("/mute eve spam").for_ms, 0);
    check_person ("/mute eve 5m", COMMAND_SET, "mute", "eve", "");
    /*  Never for good by mistake.                                             */
    static const char *const wrong[] = {"10",   "0m",    "10x",  "10 m",
                                        "1h30", "3651d", "1.5h", "99999999999999999999999999s",
                                        "10mm", "00s",   "1",    "1000000000w"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf (line, sizeof line, "/ban eve %s", wrong[i]);
        check_wrong (line, "10m, 2h");
    }
}

static void messages_are_numbered (void **state)
{
    assert_int_equal (parse ("/remove 17").number, 17);
    assert_int_equal (parse ("/remove 17").seq, 0);
    assert_int_equal (parse ("/remove #17").seq, 17);
    assert_int_equal (parse ("/remove #17").number, 0);
    check ("/remove 17 not nice", COMMAND_REMOVE, "not nice");
    check ("/remove last", COMMAND_REMOVE, "");
    assert_int_equal (parse ("/remove last oops").seq, 0);
    assert_int_equal (parse ("/remove last oops").number, 0);
    assert_int_equal (parse ("/remove #1099511627775").seq, 1099511627775);
    static const char *const wrong[] = {"/remove 0",
                                        "/remove -1",
                                        "/remove 17x",
                                        "/remove LAST",
                                        "/remove #3x",
                                        "/remove #",
                                        "/remove ##3",
                                        "/remove #last",
                                        "/remove 1099511627776",
                                        "/remove 99999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_wrong (wrong[i], "number");
    check_wrong ("/remove", "/remove N");
}

static void reasons_are_bounded (void **state)
{
    char line[1024];
    memcpy (line, "/kick eve ", 10);
    memset (line + 10, 'x', ZCHAT_REASON_MAX);
    line[10 + ZCHAT_REASON_MAX] = 0;
    assert_int_equal (parse (line).kind, COMMAND_KICK);
    memcpy (line + 10 + ZCHAT_REASON_MAX, "x", 2);
    check_wrong (line, "512 bytes");
}

static void a_nul_ends_no_name (void **state)
{
    command_t command;
    command_parse ("/kick bob\0eve", 13, &command);
    assert_int_equal (command.kind, COMMAND_WRONG);
    command_parse ("/ban bob 1d x\0y", 15, &command);
    assert_int_equal (command.kind, COMMAND_WRONG);
}

static const char *help_of (const char *topic, size_t number)
{
    return command_help (topic, strlen (topic), number);
}

/*  Count the lines of a topic, each of which fits 80 columns with the time and "--" before it. */
static size_t help_lines (const char *topic)
{
    size_t n = 0;
    for (; help_of (topic, n); n++)
        assert_in_range (strlen (help_of (topic, n)), 1, 71);
    return n;
}

static const char *const topics[] = {"rooms", "messages", "people", "private", "order", "settings"};

static void help_fits_a_screen (void **state)
{
    assert_in_range (help_lines (""), 10, 23);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        assert_in_range (help_lines (topics[i]), 2, 23);
    assert_null (help_of ("", SIZE_MAX));
    assert_null (help_of ("rooms", SIZE_MAX));
}

/*  Tell whether a line of some topic begins with the command's usage.         */
static bool in_a_topic (const char *name)
{
    char begin[40];
    size_t size = (size_t)snprintf (begin, sizeof begin, "/%s ", name);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        for (size_t k = 0; help_of (topics[i], k); k++)
            if (strncmp (help_of (topics[i], k), begin, size) == 0)
                return true;
    return false;
}

static void help_names_every_command (void **state)
{
    const char *name;
    size_t n = 0;
    for (; (name = command_name (n)); n++) {
        assert_true (help_lines (name) >= 1);
        if (strcmp (name, "help") != 0 && !in_a_topic (name))
            fail_msg ("no topic has /%s", name);
    }
    assert_true (n > 40);
}

static void help_knows_commands_and_the_nearest (void **state)
{
    assert_non_null (strstr (help_of ("join", 0), "/join ROOM"));
    assert_non_null (strstr (help_of ("/join", 0), "/join ROOM"));
    assert_non_null (strstr (help_of ("joni", 0), "/help join?"));
    assert_non_null (strstr (help_of ("xyzzy", 0), "no help"));
    assert_null (help_of ("xyzzy", 1));
    assert_non_null (strstr (help_of ("a\033[2J", 0), "no help"));
}

static void messages_are_pointed_at (void **state)
{
    check ("/reply 3 yes, it did", COMMAND_REPLY, "yes, it did");
    assert_int_equal (parse ("/reply 3 yes").number, 3);
    check ("/reply #1042 yes", COMMAND_REPLY, "yes");
    assert_int_equal (parse ("/reply #1042 yes").seq, 1042);
    check ("/edit 2 text", COMMAND_EDIT, "text");
    check ("/edit 2", COMMAND_EDIT, "");
    check ("/edit", COMMAND_EDIT, "");
    assert_int_equal (parse ("/edit").number, 0);
    check ("/edit last better", COMMAND_EDIT, "better");
    check ("/react 3 +1", COMMAND_REACT, "+1");
    assert_false (parse ("/react 3 +1").yes);
    assert_true (parse ("/unreact 3 +1").yes);
    check ("/link 3", COMMAND_LINK, "");
    check_wrong ("/reply", "/reply N TEXT");
    check_wrong ("/reply 3", "/reply N TEXT");
    check_wrong ("/reply yes", "1 is the newest");
    check_wrong ("/edit better", "1 is the newest");
    check_wrong ("/react 3", "/react N TEXT");
    check_wrong ("/link", "/link N");
    check_wrong ("/link 3 x", "/link N");
    check_wrong ("/re 3 yes", "did you mean /reply?");
}

static void search_and_away (void **state)
{
    check ("/search tea from:bob", COMMAND_SEARCH, "tea from:bob");
    check_wrong ("/search", "/search WORDS");
    check ("/unread", COMMAND_UNREAD, "");
    check ("/away", COMMAND_AWAY, "");
    check ("/away  at lunch ", COMMAND_AWAY, "at lunch");
    check ("/back", COMMAND_BACK, "");
    check_wrong ("/back now", "/back");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (messages_are_pointed_at),
        cmocka_unit_test (search_and_away),
        cmocka_unit_test (text_is_said),
        cmocka_unit_test (what_is_text_is_no_command),
        cmocka_unit_test (blanks_are_nothing),
        cmocka_unit_test (exit_leaves),
        cmocka_unit_test (commands_take_their_argument),
        cmocka_unit_test (a_command_behind_a_blank_is_not_said),
        cmocka_unit_test (history_takes_a_number),
        cmocka_unit_test (wrong_use_says_the_right_one),
        cmocka_unit_test (unknown_commands_get_a_hint),
        cmocka_unit_test (long_words_are_cut_between_characters),
        cmocka_unit_test (people_are_named),
        cmocka_unit_test (bans_take_a_time),
        cmocka_unit_test (messages_are_numbered),
        cmocka_unit_test (reasons_are_bounded),
        cmocka_unit_test (a_nul_ends_no_name),
        cmocka_unit_test (help_fits_a_screen),
        cmocka_unit_test (help_names_every_command),
        cmocka_unit_test (help_knows_commands_and_the_nearest),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
