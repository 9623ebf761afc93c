/*  test_options_link.c - permalinks on the command line, and commands about messages */
#include "address.h"
#include "options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static options_t options;
static char address[ADDRESS_TEXT_MAX + 1];

static int setup (void **state)
{
    static const uint8_t key[ADDRESS_KEY_SIZE] = {9, 8, 7};
    unsetenv ("ZCHAT_ENDPOINT");
    unsetenv ("ZCHAT_NICK");
    setenv ("USER", "ann", 1);
    return address_encode ("tcp://chat.example:77", NULL, key, address) == ZCHAT_OK ? 0 : -1;
}

/*  Parse words with blanks between them; %A stands for the address.           */
static zchat_status_t parse (const char *line)
{
    static char copies[16][512];
    static char *argv[17];
    char copy[1024];
    int argc = 1;
    snprintf (copies[0], sizeof copies[0], "zchat");
    argv[0] = copies[0];
    snprintf (copy, sizeof copy, "%s", line);
    for (char *word = strtok (copy, " "); word; word = strtok (NULL, " "), argc++) {
        bool addressed = strncmp (word, "%A", 2) == 0;
        snprintf (copies[argc], sizeof copies[argc], "%s%s", addressed ? address : "",
                  addressed ? word + 2 : word);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    return options_parse (&options, argc, argv, NULL);
}

static void well (const char *line)
{
    if (parse (line) != ZCHAT_OK)
        fail_msg ("%s: %s", line, options.why);
}

static void badly (const char *line, const char *says)
{
    if (parse (line) != ZCHAT_INVALID)
        fail_msg ("%s was taken", line);
    if (!strstr (options.why, says))
        fail_msg ("%s: '%s' does not say '%s'", line, options.why, says);
}

static void a_link_opens_its_room (void **state)
{
    well ("%A/dev/1042");
    assert_string_equal (options.endpoint, "tcp://chat.example:77");
    assert_true (options.has_broker_key);
    assert_string_equal (options.rooms[0], "dev");
    assert_int_equal (options.n_rooms, 1);
    assert_int_equal (options.link_seq, 1042);
    assert_int_equal (options.last, 0);
    well ("%A/%d0%bb%D0%BE%d0%b1%d0%b1%d0%b8/7 -r dev");
    assert_string_equal (options.rooms[0], "лобби");
    assert_string_equal (options.rooms[1], "dev");
    well ("%A");
    assert_null (options.link_room);
    assert_int_equal (options.link_seq, 0);
    well ("tcp://h:1/dev/3");
    assert_string_equal (options.endpoint, "tcp://h:1");
    assert_int_equal (options.link_seq, 3);
    well ("h:1/dev/3");
    assert_string_equal (options.endpoint, "tcp://h:1");
    assert_string_equal (options.rooms[0], "dev");
}

static void history_goes_on_from_a_link (void **state)
{
    well ("history -e %A/dev/1042");
    assert_string_equal (options.rooms[0], "dev");
    assert_true (options.after_given);
    assert_int_equal (options.after, 1041);
    assert_true (options.last == UINT64_MAX);
    well ("history -e %A/dev/1042 -r other -n 3");
    assert_string_equal (options.rooms[0], "other");
    assert_false (options.after_given);
    well ("rooms -e %A/dev/1042");
    assert_int_equal (options.n_rooms, 0);
}

static void bad_links (void **state)
{
    badly ("%A/dev/0", "number from 1");
    badly ("%A/dev/99999999999999999999", "number from 1");
    badly ("%A/d%2fev/1", "names no room");
    badly ("%A/d%zzev/1", "names no room");
    badly ("%A/dev%/1", "names no room");
    badly ("%A/dev%4/1", "names no room");
    badly ("%A/%00/1", "names no room");
    badly ("%A//1", "names no room");
    badly ("%A/dev/x", "");
    /*  The path of a socket is no link.                                       */
    well ("rooms -e ipc:///run/zchat/1");
    assert_string_equal (options.endpoint, "ipc:///run/zchat/1");
}

static void commands_about_messages (void **state)
{
    well ("edit -r dev 1042 the new text");
    assert_int_equal (options.mode, MODE_EDIT);
    assert_int_equal (options.re, 1042);
    assert_int_equal (options.n_words, 3);
    assert_string_equal (options.words[0], "the");
    assert_string_equal (options.nick, "ann");
    well ("edit -r dev 1042");
    assert_int_equal (options.n_words, 0);
    well ("edit -r dev 1042 -");
    assert_int_equal (options.n_words, 0);
    well ("react -r dev #7 +1 --undo");
    assert_int_equal (options.re, 7);
    assert_true (options.undo);
    assert_string_equal (options.words[0], "+1");
    well ("mark -r dev --nick bob");
    assert_int_equal (options.re, 0);
    well ("mark --mail --nick bob 9");
    assert_int_equal (options.re, 9);
    assert_true (options.mail);
    well ("search tea from:bob");
    assert_int_equal (options.n_words, 2);
    assert_int_equal (options.last, ZCHAT_SEARCH_DEFAULT);
    well ("search --all tea");
    assert_true (options.last == UINT64_MAX);
    well ("send -r dev --re 7 yes");
    assert_int_equal (options.re, 7);
    well ("send --to bob --re 1732089600123 yes");
    assert_true (options.re == 1732089600123);
}

static void badly_used (void **state)
{
    badly ("edit -r dev", "zchat edit -r ROOM SEQ");
    badly ("edit 1 x", "which room");
    badly ("edit -r dev x y", "SEQ");
    badly ("edit -r dev 0 y", "SEQ");
    badly ("edit -r dev 1 x --lines", "no option");
    badly ("react -r dev 1", "zchat react");
    badly ("react -r dev 1 a b", "zchat react");
    badly ("react --to bob 1 a", "no option");
    badly ("mark -r dev", "your name");
    badly ("mark -r dev 1 2 --nick bob", "zchat mark");
    badly ("search", "zchat search");
    badly ("search -r a -r b tea", "one room");
    badly ("search -r a --mail --nick bob tea", "one room");
    badly ("send -r dev --re x y", "--re");
    badly ("send -r dev --undo y", "no option");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (a_link_opens_its_room, setup),
        cmocka_unit_test_setup (history_goes_on_from_a_link, setup),
        cmocka_unit_test_setup (bad_links, setup),
        cmocka_unit_test_setup (commands_about_messages, setup),
        cmocka_unit_test_setup (badly_used, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
