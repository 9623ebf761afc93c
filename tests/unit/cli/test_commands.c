/*  test_commands.c - what a line asks for */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"

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
    check (" /quit", COMMAND_SAY, " /quit");
    check ("a\nb", COMMAND_SAY, "a\nb");
    check ("a\nb\n\n", COMMAND_SAY, "a\nb");
    check ("\nb", COMMAND_SAY, "\nb");
    check ("exit now", COMMAND_SAY, "exit now");
    check ("quit", COMMAND_SAY, "quit");
}

static void blanks_are_nothing (void **state)
{
    assert_int_equal (parse ("").kind, COMMAND_NOTHING);
    assert_int_equal (parse ("  \t\n ").kind, COMMAND_NOTHING);
}

static void exit_leaves (void **state)
{
    assert_int_equal (parse ("exit").kind, COMMAND_QUIT);
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

static void history_takes_a_number (void **state)
{
    assert_int_equal (parse ("/history").number, COMMAND_HISTORY_DEFAULT);
    assert_int_equal (parse ("/history 5").number, 5);
    assert_int_equal (parse ("/history 1000").number, 1000);
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
    check_wrong ("/usr/bin/env", "//usr/bin/env");
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

static void help_names_every_command (void **state)
{
    static const char *const names[] = {"/join",    "/part", "/me",   "/topic", "/who", "/rooms",
                                        "/history", "/nick", "/quit", "/help",  "//"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_non_null (command_help (i));
        assert_memory_equal (command_help (i), names[i], strlen (names[i]));
    }
    assert_null (command_help (sizeof names / sizeof *names));
    assert_null (command_help (SIZE_MAX));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_is_said),
        cmocka_unit_test (blanks_are_nothing),
        cmocka_unit_test (exit_leaves),
        cmocka_unit_test (commands_take_their_argument),
        cmocka_unit_test (history_takes_a_number),
        cmocka_unit_test (wrong_use_says_the_right_one),
        cmocka_unit_test (unknown_commands_get_a_hint),
        cmocka_unit_test (long_words_are_cut_between_characters),
        cmocka_unit_test (help_names_every_command),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
