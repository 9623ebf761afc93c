/*  test_options.c - the command line, well and badly used */
#include "name.h"
#include "options.h"
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 256 };

static options_t s_options;
static char *s_argv[WORDS_MAX];

/*  Parse the words given, up to a NULL. They are not written to; main's argv is just not
    const.                                                                     */
static zchat_status_t parse_these (const char *const *words)
{
    int argc = 0;
    for (; words[argc]; argc++)
        memcpy (&s_argv[argc], &words[argc], sizeof (s_argv[argc]));
    s_argv[argc] = NULL;
    return options_parse (&s_options, argc, s_argv, NULL);
}

/*  Parse "zchat" and the words given, a space between them; "_" stands for "".  */
static zchat_status_t parse (const char *line)
{
    static char copy[16384];
    assert_true (strlen (line) < sizeof (copy));
    snprintf (copy, sizeof (copy), "%s", line);
    const char *words[WORDS_MAX] = {"zchat"};
    int argc = 1;
    for (char *word = strtok (copy, " "); word; word = strtok (NULL, " ")) {
        assert_true (argc < WORDS_MAX - 1);
        words[argc++] = strcmp (word, "_") == 0 ? "" : word;
    }
    return parse_these (words);
}

static void parse_well (const char *line)
{
    if (parse (line) != ZCHAT_OK)
        fail_msg ("zchat %s: %s", line, s_options.why);
}

/*  Refused, in one line which says the words that help.                       */
static void parse_badly (const char *line, const char *words)
{
    if (parse (line) != ZCHAT_INVALID)
        fail_msg ("zchat %s: was taken", line);
    if (!strstr (s_options.why, words))
        fail_msg ("zchat %s: '%s' is not in '%s'", line, words, s_options.why);
    assert_null (strchr (s_options.why, '\n'));
}

static int setup (void **state)
{
    (void)state;
    unsetenv ("ZCHAT_NICK");
    unsetenv ("ZCHAT_TOKEN");
    unsetenv ("ZCHAT_ENDPOINT");
    unsetenv ("NO_COLOR");
    unsetenv ("LOGNAME");
    setenv ("USER", "maria", 1);
    return 0;
}

static void test_nothing_is_the_line_mode (void **state)
{
    (void)state;
    parse_well ("");
    assert_int_equal (s_options.mode, MODE_LINE);
    assert_string_equal (s_options.endpoint, "tcp://127.0.0.1:5680");
    assert_null (s_options.nick); /* it is asked for */
    assert_int_equal (s_options.n_rooms, 1);
    assert_string_equal (s_options.rooms[0], "lobby");
    assert_int_equal (s_options.last, CLI_LAST_DEFAULT);
    assert_int_equal (s_options.timeout_ms, -1);
    assert_false (s_options.no_color);
}

static void test_line_mode_takes_its_options (void **state)
{
    (void)state;
    parse_well ("tcp://chat:1 --nick=иван --room dev -r lobby -rтест -n0 --no-color");
    assert_string_equal (s_options.endpoint, "tcp://chat:1");
    assert_string_equal (s_options.nick, "иван");
    assert_true (s_options.nick_chosen);
    assert_int_equal (s_options.n_rooms, 3);
    assert_string_equal (s_options.rooms[0], "dev");
    assert_string_equal (s_options.rooms[2], "тест");
    assert_int_equal (s_options.last, 0);
    assert_true (s_options.no_color);
}

static void test_endpoints (void **state)
{
    (void)state;
    parse_well ("localhost:7000");
    assert_string_equal (s_options.endpoint, "tcp://localhost:7000");
    parse_well ("ipc:///tmp/door");
    assert_string_equal (s_options.endpoint, "ipc:///tmp/door");
    parse_well ("rooms -e [::1]:7000");
    assert_string_equal (s_options.endpoint, "tcp://[::1]:7000");
    setenv ("ZCHAT_ENDPOINT", "tcp://env:1", 1);
    parse_well ("rooms");
    assert_string_equal (s_options.endpoint, "tcp://env:1");
    parse_well ("rooms --endpoint tcp://flag:2");
    assert_string_equal (s_options.endpoint, "tcp://flag:2");
    parse_well ("tcp://word:3");
    assert_string_equal (s_options.endpoint, "tcp://word:3");
    setenv ("ZCHAT_ENDPOINT", "non/sense", 1);
    parse_badly ("rooms", "ZCHAT_ENDPOINT");
    parse_well ("rooms -e tcp://flag:2");
    setenv ("ZCHAT_ENDPOINT", "", 1);
    parse_well ("rooms");
    assert_string_equal (s_options.endpoint, CLI_ENDPOINT_DEFAULT);
    /*  The port is left out.                                                  */
    static const char *const hosts[][2] = {
        {"chat", "tcp://chat:5680"},           {"127.0.0.1", "tcp://127.0.0.1:5680"},
        {"[::1]", "tcp://[::1]:5680"},         {"::1", "tcp://[::1]:5680"},
        {"tcp://chat", "tcp://chat:5680"},     {"tcp://[::1]", "tcp://[::1]:5680"},
        {"tcp://::1", "tcp://[::1]:5680"},     {"chat.example.org", "tcp://chat.example.org:5680"},
        {"ipc:///tmp/door", "ipc:///tmp/door"}};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char line[64];
        snprintf (line, sizeof line, "rooms -e %s", hosts[i][0]);
        parse_well (line);
        assert_string_equal (s_options.endpoint, hosts[i][1]);
    }
    parse_well ("chat.example.org");
    assert_string_equal (s_options.endpoint, "tcp://chat.example.org:5680");
    parse_well ("localhost");
    assert_string_equal (s_options.endpoint, "tcp://localhost:5680");
    parse_badly ("chatter", "neither a command");
    parse_badly ("rooms -e [::1", "no endpoint");
    parse_badly ("rooms -e chat:", "no endpoint");
    parse_badly ("rooms -e :12", "no endpoint");
    parse_badly ("rooms -e chat:12a", "no endpoint");
    parse_badly ("rooms -e _", "no endpoint");
    parse_badly ("tcp://a:1 tcp://b:2", "tcp://b:2");
    parse_badly ("tcp://a:1 -e tcp://b:2", "two endpoints");
}

static void test_endpoint_bound (void **state)
{
    (void)state;
    char line[CLI_ENDPOINT_MAX + 64];
    char host[CLI_ENDPOINT_MAX + 8];
    /* what is put in front counts: "tcp://" and ":1" leave so much for the host */
    size_t fits = CLI_ENDPOINT_MAX - strlen ("tcp://") - strlen (":1");
    memset (host, 'h', sizeof (host));
    host[fits] = 0;
    snprintf (line, sizeof (line), "rooms -e %s:1", host);
    parse_well (line);
    assert_int_equal (strlen (s_options.endpoint), CLI_ENDPOINT_MAX);
    host[fits] = 'h';
    host[fits + 1] = 0;
    snprintf (line, sizeof (line), "rooms -e %s:1", host);
    parse_badly (line, "255");
    snprintf (line, sizeof (line), "rooms -e tcp://%s:1", host);
    parse_badly (line, "255");
}

static void test_nick_comes_from_somewhere (void **state)
{
    (void)state;
    setenv ("ZCHAT_NICK", "ада", 1);
    parse_well ("send -r dev hi");
    assert_string_equal (s_options.nick, "ада");
    assert_true (s_options.nick_chosen);
    parse_well ("send -r dev --nick bob hi");
    assert_string_equal (s_options.nick, "bob");
    /* as macOS types it */
    parse_well ("send -r cafe\xcc\x81 --nick zoe\xcc\x88 hi");
    assert_string_equal (s_options.nick, "zo\xc3\xab");
    assert_string_equal (s_options.rooms[0], "caf\xc3\xa9");
    /* who only reads is a guest, unless he says otherwise */
    parse_well ("listen -r dev");
    assert_null (s_options.nick);
    parse_well ("who -r dev --nick bob");
    assert_string_equal (s_options.nick, "bob");
    setenv ("ZCHAT_NICK", "a b", 1);
    parse_badly ("send -r dev hi", "ZCHAT_NICK");
    parse_well ("listen -r dev");
    parse_badly ("--nick a/b", "--nick");
    parse_badly ("--nick _", "--nick");
}

static void test_login_names_are_made_valid (void **state)
{
    (void)state;
    setenv ("USER", "DOMAIN\\max müller", 1);
    parse_well ("send -r dev hi");
    assert_string_equal (s_options.nick, "DOMAINmaxmller");
    assert_false (s_options.nick_chosen);
    setenv ("USER", "//", 1);
    parse_well ("send -r dev hi");
    assert_string_equal (s_options.nick, "someone");
    setenv ("USER", "\xff\x1b[31m", 1);
    parse_well ("send -r dev hi");
    assert_string_equal (s_options.nick, "31m");
    setenv ("USER", "a/123456789012345678901234567890123456789012345678901234567890", 1);
    parse_well ("send -r dev hi");
    assert_int_equal (strlen (s_options.nick), ZCHAT_NAME_MAX_CODEPOINTS);
    setenv ("USER", "", 1);
    setenv ("LOGNAME", "eva", 1);
    parse_well ("send -r dev hi");
    assert_string_equal (s_options.nick, "eva");
    unsetenv ("USER");
    unsetenv ("LOGNAME");
    parse_well ("send -r dev hi"); /* env -i: by the uid */
    const struct passwd *entry = getpwuid (getuid ());
    if (entry && name_check (frame_str (entry->pw_name), NULL, NULL) == ZCHAT_OK)
        assert_string_equal (s_options.nick, entry->pw_name);
    assert_false (s_options.nick_chosen);
}

static void test_send (void **state)
{
    (void)state;
    parse_well ("send hello -r dev the world --action --data {\"a\":1}");
    assert_int_equal (s_options.mode, MODE_SEND);
    assert_int_equal (s_options.n_words, 3);
    assert_string_equal (s_options.words[0], "hello");
    assert_string_equal (s_options.words[1], "the");
    assert_string_equal (s_options.words[2], "world");
    assert_true (s_options.action);
    assert_string_equal (s_options.data, "{\"a\":1}");
    parse_well ("send -r dev");
    assert_int_equal (s_options.n_words, 0);
    parse_well ("send -r dev -");
    assert_int_equal (s_options.n_words, 0);
    parse_well ("send -r dev --lines -");
    assert_true (s_options.lines);
    assert_int_equal (s_options.n_words, 0);
    parse_badly ("send -r dev --lines text", "--lines");
    parse_badly ("send hello", "which room");
    parse_badly ("send -r a -r b hello", "give one room");
}

static void test_two_dashes_end_the_options (void **state)
{
    (void)state;
    parse_well ("send -r dev -- -Werror --nick x -- -");
    assert_int_equal (s_options.n_words, 5);
    assert_string_equal (s_options.words[0], "-Werror");
    assert_string_equal (s_options.words[3], "--");
    assert_string_equal (s_options.nick, "maria");
    parse_well ("send -r dev -- -");
    assert_int_equal (s_options.n_words, 1);
    assert_string_equal (s_options.words[0], "-");
    parse_badly ("send -r dev -Werror", "put --");
    parse_badly ("-- send", "'send' is neither");
}

static void test_words_named_as_commands_are_text (void **state)
{
    (void)state;
    parse_well ("send -r who help send who");
    assert_int_equal (s_options.mode, MODE_SEND);
    assert_int_equal (s_options.n_words, 3);
    assert_string_equal (s_options.rooms[0], "who");
    parse_well ("--nick send");
    assert_int_equal (s_options.mode, MODE_LINE);
    assert_string_equal (s_options.nick, "send");
    /* an option may stand before its command */
    parse_well ("-r dev --nick bob send hi");
    assert_int_equal (s_options.mode, MODE_SEND);
    assert_int_equal (s_options.n_words, 1);
}

static void test_listen (void **state)
{
    (void)state;
    parse_well ("listen -r a -r b --json --count 3 --since 7 --timeout 1.5 --presence");
    assert_int_equal (s_options.mode, MODE_LISTEN);
    assert_int_equal (s_options.n_rooms, 2);
    assert_true (s_options.json && s_options.presence);
    assert_int_equal (s_options.count, 3);
    assert_true (s_options.after_given);
    assert_int_equal (s_options.after, 7);
    assert_int_equal (s_options.last, 0);
    assert_int_equal (s_options.timeout_ms, 1500);
    parse_badly ("listen", "which room");
    parse_badly ("listen -r a b", "takes no 'b'");
    parse_badly ("listen -r a --since 1 -n 1", "exclude");
    parse_badly ("listen -r a --after 1 -n 1", "exclude");
    parse_well ("listen -r a --since 0");
    assert_true (s_options.after_given && s_options.after == 0);
    parse_badly ("listen -r a --count 0", "--count");
}

static void test_queries (void **state)
{
    (void)state;
    parse_well ("who -r dev --json");
    assert_int_equal (s_options.mode, MODE_WHO);
    assert_true (s_options.json);
    parse_well ("rooms");
    assert_int_equal (s_options.mode, MODE_ROOMS);
    assert_int_equal (s_options.n_rooms, 0);
    parse_well ("history -r dev");
    assert_int_equal (s_options.mode, MODE_HISTORY);
    assert_int_equal (s_options.last, CLI_HISTORY_DEFAULT);
    parse_well ("history -r dev --before 12 -n 5");
    assert_int_equal (s_options.before, 12);
    assert_int_equal (s_options.last, 5);
    parse_well ("history -r dev --after 0");
    assert_true (s_options.after_given);
    assert_int_equal (s_options.after, 0);
    assert_true (s_options.last == UINT64_MAX);
    parse_well ("history -r dev --all");
    assert_false (s_options.after_given);
    assert_true (s_options.last == UINT64_MAX);
    parse_well ("history -r dev --after 3 -n 0");
    assert_int_equal (s_options.last, 0);
    parse_well ("history -r dev --after 1 --before 2");
    assert_true (s_options.after == 1 && s_options.before == 2);
    parse_badly ("history -r dev --before 0", "--before");
    parse_badly ("history -r dev --all -n 1", "exclude");
    parse_badly ("who", "which room");
    parse_badly ("who -r a -r b", "give one room");
    parse_badly ("who dev", "-r ROOM");
    parse_badly ("rooms dev", "takes no 'dev'");
}

/*  Two names, one meaning, the same in both commands.                         */
static void test_where_to_begin (void **state)
{
    static const char *const commands[] = {"listen -r dev", "history -r dev"};
    static const char *const names[] = {"since", "after"};
    (void)state;
    for (int i = 0; i < 4; i++) {
        const char *command = commands[i / 2], *name = names[i % 2];
        char line[100];
        snprintf (line, sizeof line, "%s --%s 1041", command, name);
        parse_well (line);
        assert_true (s_options.after_given && s_options.after == 1041 && !s_options.after_ms);
        snprintf (line, sizeof line, "%s --%s 2h", command, name);
        parse_well (line);
        uint64_t age_ms = (uint64_t)time (NULL) * 1000 - s_options.after_ms;
        assert_true (s_options.after_given && age_ms >= 7200000 && age_ms < 7260000);
        snprintf (line, sizeof line, "%s --%s 2026-11-20T14:30Z", command, name);
        parse_well (line);
        assert_true (s_options.after_ms == 1795185000000);
        snprintf (line, sizeof line, "%s --%s yesterday", command, name);
        parse_badly (line, "2026-11-20");
        snprintf (line, sizeof line, "%s --%s 7 --log 00112233445566778899aabbccddeeff", command,
                  name);
        parse_well (line);
        assert_string_equal (s_options.log, "00112233445566778899aabbccddeeff");
    }
    parse_well ("history -r dev --since 2026-11-20Z --before 1d");
    assert_true (s_options.after_ms && s_options.before_ms);
    parse_badly ("listen -r dev --since 1 --after 1", "exclude");
    parse_badly ("listen -r dev --since 1 --log 00", "--log");
    parse_badly ("listen -r dev --log 00112233445566778899aabbccddeeff", "--since");
    parse_badly ("listen -r dev --since 2h --log 00112233445566778899aabbccddeeff", "--since");
}

static void test_each_mode_takes_only_its_own (void **state)
{
    (void)state;
    parse_badly ("rooms -r dev", "--room is no option of zchat rooms");
    parse_badly ("send -r dev --json hi", "--json is no option of zchat send");
    parse_badly ("--json", "--json is no option of the interactive mode");
    parse_badly ("--timeout 3", "--timeout");
    parse_badly ("listen -r dev --lines", "--lines");
    parse_badly ("who -r dev --count 3", "--count");
    parse_badly ("--lines send -r dev --all", "--all");
}

static void test_unknown_things_are_refused (void **state)
{
    (void)state;
    parse_badly ("snd -r dev hi", "'snd' is neither a command");
    parse_badly ("lisen --json -r dev", "'lisen' is neither a command");
    parse_badly ("--bogus", "'--bogus'");
    parse_badly ("-x", "'-x'");
    parse_badly ("send -r dev -hi", "'-hi'");
    parse_badly ("--nic maria", "'--nic'");
    parse_badly ("--nick", "--nick wants a value");
    parse_badly ("send -r", "--room wants a value");
    parse_badly ("rooms --json=yes", "takes no value");
    parse_badly ("_", "neither");
}

static void test_numbers (void **state)
{
    (void)state;
    parse_well ("listen -r a --since 1099511627775");
    assert_true (s_options.after == ZCHAT_SEQ_MAX);
    parse_badly ("listen -r a --since 1099511627776", "--since");
    parse_badly ("listen -r a --since 18446744073709551617", "--since");
    parse_badly ("listen -r a --since 99999999999999999999999999999999", "--since");
    parse_badly ("listen -r a -n -1", "--last");
    parse_badly ("listen -r a -n +1", "--last");
    parse_badly ("listen -r a -n 1x", "--last");
    parse_badly ("listen -r a -n _", "--last");
    parse_badly ("listen -r a -n 0x10", "--last");
}

static void test_timeouts (void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int ms;
    } good[] = {{"0", 0},
                {"10", 10000},
                {"0.25", 250},
                {"1.", -2},
                {"2.0009", 2000},
                {".5", -2},
                {"-1", -2},
                {"1e3", -2},
                {"nan", -2},
                {"1.5.2", -2},
                {"1 ", 1000},
                {"_", -2},
                {"2000000", 2000000000},
                {"2000001", -2},
                {"99999999999999999999", -2}};
    for (size_t i = 0; i < sizeof (good) / sizeof (good[0]); i++) {
        char line[64];
        snprintf (line, sizeof (line), "rooms --timeout %s", good[i].text);
        if (good[i].ms == -2)
            parse_badly (line, "--timeout");
        else {
            parse_well (line);
            assert_int_equal (s_options.timeout_ms, good[i].ms);
        }
    }
}

static void test_rooms_are_counted_once (void **state)
{
    (void)state;
    parse_well ("listen -r Lobby -r lobby -r LOBBY -r dev");
    assert_int_equal (s_options.n_rooms, 2);
    assert_string_equal (s_options.rooms[0], "Lobby");
    parse_well ("who -r dev -r Dev");
    assert_int_equal (s_options.n_rooms, 1);
    /* the same letters to the eye, in Cyrillic and in Latin */
    parse_well ("listen -r сор -r cop");
    assert_int_equal (s_options.n_rooms, 1);
    parse_badly ("listen -r a/b", "'a/b' is not allowed");
}

static void test_rooms_are_bounded (void **state)
{
    (void)state;
    char line[4096] = "listen";
    size_t size = strlen (line);
    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++)
        size += (size_t)snprintf (line + size, sizeof (line) - size, " -rroom%d", i);
    parse_well (line);
    assert_int_equal (s_options.n_rooms, ZCHAT_SESSION_ROOMS_MAX);
    snprintf (line + size, sizeof (line) - size, " -rROOM7");
    parse_well (line);
    snprintf (line + size, sizeof (line) - size, " -rmore");
    parse_badly (line, "100 rooms at most");
}

static void test_help_comes_before_mistakes (void **state)
{
    (void)state;
    parse_well ("--help");
    assert_int_equal (s_options.mode, MODE_HELP);
    assert_int_equal (s_options.subject, MODE_LINE);
    parse_well ("send -h");
    assert_int_equal (s_options.mode, MODE_HELP);
    assert_int_equal (s_options.subject, MODE_SEND);
    parse_well ("help listen");
    assert_int_equal (s_options.mode, MODE_HELP);
    assert_int_equal (s_options.subject, MODE_LISTEN);
    parse_well ("help");
    assert_int_equal (s_options.mode, MODE_HELP);
    parse_well ("rooms --lines --help");
    assert_int_equal (s_options.mode, MODE_HELP);
    parse_well ("-V");
    assert_int_equal (s_options.mode, MODE_VERSION);
    parse_well ("who --version");
    assert_int_equal (s_options.mode, MODE_VERSION);
    /* a mistake names whose help to read */
    parse_badly ("history --bogus", "--bogus");
    assert_int_equal (s_options.subject, MODE_HISTORY);
}

static void test_what_is_quoted_is_harmless (void **state)
{
    (void)state;
    const char *const argv[] = {"zchat", "who", "-r", "a\x1b]0;owned\a\n\xe2\x80\xae", NULL};
    assert_int_equal (parse_these (argv), ZCHAT_INVALID);
    for (const char *p = s_options.why; *p; p++)
        assert_true ((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7f);
    assert_null (strstr (s_options.why, "\xe2\x80\xae"));
}

static void test_long_arguments_are_cut_in_messages (void **state)
{
    (void)state;
    static char word[100000];
    memset (word, 'x', sizeof (word) - 1);
    const char *const argv[] = {"zchat", word, NULL};
    assert_int_equal (parse_these (argv), ZCHAT_INVALID);
    assert_true (strlen (s_options.why) < sizeof (s_options.why));
    assert_non_null (strstr (s_options.why, "neither a command"));
    const char *const nick[] = {"zchat", "--nick", word, NULL};
    assert_int_equal (parse_these (nick), ZCHAT_INVALID);
}

static void test_no_color (void **state)
{
    (void)state;
    setenv ("NO_COLOR", "", 1);
    parse_well ("");
    assert_false (s_options.no_color);
    setenv ("NO_COLOR", "1", 1);
    parse_well ("");
    assert_true (s_options.no_color);
}

static void test_direct_messages (void **state)
{
    parse_well ("send --to bob hello");
    assert_string_equal (s_options.to, "bob");
    assert_false (s_options.no_seal);
    parse_well ("send --to bob --no-seal --lines");
    assert_true (s_options.no_seal);
    parse_badly ("send --to bob -r dev hello", "exclude");
    parse_badly ("send --to bob --action waves", "rooms");
    parse_badly ("send -r dev --no-seal hello", "--to");
    parse_badly ("send --to b/b hello", "--to");
    parse_badly ("send --to @ hello", "--to");
    parse_badly ("listen --to bob", "--to");
    parse_well ("listen --mail --nick bob");
    assert_true (s_options.mail);
    parse_well ("listen --mail -r dev --nick bob");
    parse_badly ("listen --mail", "--nick");
    parse_badly ("who --mail", "--mail");
    parse_well ("history --mail --nick bob");
    parse_well ("history --to alice --nick bob");
    assert_true (s_options.mail);
    assert_string_equal (s_options.to, "alice");
    parse_badly ("history --to alice", "--nick");
    parse_badly ("history --to alice --mail --nick bob", "exclude");
    parse_badly ("history --mail -r dev --nick bob", "exclude");
    setenv ("ZCHAT_NICK", "maria", 1);
    parse_well ("history --mail");
    assert_string_equal (s_options.nick, "maria");
    parse_well ("history -r dev");
    assert_null (s_options.nick);
    unsetenv ("ZCHAT_NICK");
}

#define KEY "bb9dgfvk139zedhfm3h72za3pe43hr5t51g742vr00wa6e39qdj4bnq8"

static void test_purge (void **state)
{
    parse_well ("purge names eve* --nick bob");
    assert_string_equal (s_options.purge_match, "eve*");
    assert_false (s_options.yes);
    parse_well ("purge names --unused --before 30d --place 0a/1b --now --yes --nick bob");
    assert_null (s_options.purge_match);
    assert_true (s_options.unused && s_options.now && s_options.yes && s_options.before_ms);
    assert_string_equal (s_options.place, "0a/1b");
    parse_well ("purge rooms hall* --nick bob");
    assert_string_equal (s_options.purge_what, "rooms");
    parse_badly ("purge rooms x --now --nick bob", "--now");
    parse_badly ("purge --nick bob", "names");
    parse_badly ("purge people x --nick bob", "names");
    parse_badly ("purge names --nick bob", "which ones");
    parse_badly ("purge names a b --nick bob", "names");
    parse_badly ("purge names --before 7 --nick bob", "time");
    parse_badly ("purge names a", "--nick");
    parse_badly ("send -r dev --unused hello", "--unused");
}

static void test_keys (void **state)
{
    parse_well ("key");
    assert_int_equal (s_options.key_action, KEY_SHOW);
    parse_well ("key list --nick bob");
    assert_int_equal (s_options.key_action, KEY_LIST);
    assert_null (s_options.subject_word);
    parse_well ("key list alice --nick bob -e h:1");
    assert_string_equal (s_options.subject_word, "alice");
    parse_well ("key add " KEY " --nick bob");
    assert_int_equal (s_options.key_action, KEY_ADD);
    assert_string_equal (s_options.subject_word, KEY);
    parse_well ("key --nick bob remove " KEY);
    assert_int_equal (s_options.key_action, KEY_REMOVE);
    parse_well ("key list alice");
    assert_null (s_options.nick);
    parse_badly ("key list", "--nick");
    parse_badly ("key add --nick bob", "KEY");
    parse_badly ("key add bad --nick bob", "no key");
    parse_badly ("key add " KEY " more --nick bob", "KEY");
    parse_badly ("key list a b --nick bob", "NAME");
    parse_badly ("key list a/b --nick bob", "not allowed");
    parse_badly ("key frob --nick bob", "add KEY");
}

static void test_a_name_is_given_up_knowingly (void **state)
{
    parse_well ("key free --yes --nick bob");
    assert_int_equal (s_options.key_action, KEY_FREE);
    assert_null (s_options.subject_word);
    parse_well ("key --yes free eve --nick bob");
    assert_string_equal (s_options.subject_word, "eve");
    parse_badly ("key free --nick bob", "the name bob for good");
    parse_badly ("key free --nick bob", "--yes");
    parse_badly ("key free eve --nick bob", "the name eve for good");
    parse_badly ("key free eve --nick bob", "zchat key free --yes eve");
    parse_badly ("key free --yes", "--nick");
    parse_badly ("key free", "--nick");
    parse_badly ("key free a/b --yes --nick bob", "not allowed");
    parse_badly ("key free a b --yes --nick bob", "NAME");
    parse_badly ("key list --yes --nick bob", "--yes");
    parse_badly ("key --yes", "--yes");
    parse_badly ("send -r dev --yes hello", "--yes");
}

static void test_tokens_are_no_arguments (void **state)
{
    parse_well ("send -r dev --token-file /x/y hello");
    assert_string_equal (s_options.token_file, "/x/y");
    assert_null (s_options.token);
    parse_badly ("send -r dev --token abc hello", "unknown option");
    setenv ("ZCHAT_TOKEN", "abc", 1);
    parse_well ("send -r dev hello");
    assert_string_equal (s_options.token, "abc");
    parse_well ("send -r dev --token-file f hello");
    assert_null (s_options.token);
    unsetenv ("ZCHAT_TOKEN");
}

static void test_no_argv_at_all (void **state)
{
    (void)state;
    const char *const argv[] = {NULL};
    assert_int_equal (parse_these (argv), ZCHAT_OK);
    assert_int_equal (s_options.mode, MODE_LINE);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_nothing_is_the_line_mode, setup),
        cmocka_unit_test_setup (test_line_mode_takes_its_options, setup),
        cmocka_unit_test_setup (test_endpoints, setup),
        cmocka_unit_test_setup (test_endpoint_bound, setup),
        cmocka_unit_test_setup (test_nick_comes_from_somewhere, setup),
        cmocka_unit_test_setup (test_login_names_are_made_valid, setup),
        cmocka_unit_test_setup (test_send, setup),
        cmocka_unit_test_setup (test_two_dashes_end_the_options, setup),
        cmocka_unit_test_setup (test_words_named_as_commands_are_text, setup),
        cmocka_unit_test_setup (test_listen, setup),
        cmocka_unit_test_setup (test_queries, setup),
        cmocka_unit_test_setup (test_where_to_begin, setup),
        cmocka_unit_test_setup (test_each_mode_takes_only_its_own, setup),
        cmocka_unit_test_setup (test_unknown_things_are_refused, setup),
        cmocka_unit_test_setup (test_numbers, setup),
        cmocka_unit_test_setup (test_timeouts, setup),
        cmocka_unit_test_setup (test_rooms_are_counted_once, setup),
        cmocka_unit_test_setup (test_rooms_are_bounded, setup),
        cmocka_unit_test_setup (test_help_comes_before_mistakes, setup),
        cmocka_unit_test_setup (test_what_is_quoted_is_harmless, setup),
        cmocka_unit_test_setup (test_long_arguments_are_cut_in_messages, setup),
        cmocka_unit_test_setup (test_no_color, setup),
        cmocka_unit_test_setup (test_direct_messages, setup),
        cmocka_unit_test_setup (test_purge, setup),
        cmocka_unit_test_setup (test_keys, setup),
        cmocka_unit_test_setup (test_a_name_is_given_up_knowingly, setup),
        cmocka_unit_test_setup (test_tokens_are_no_arguments, setup),
        cmocka_unit_test_setup (test_no_argv_at_all, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
