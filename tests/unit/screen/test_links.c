/*  test_links.c - what is a link, and what the terminal is told of it         */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "links.h"
#include "memory.h"
#include "words.h"

/*  Every link of the text, each in <>.                                        */
static char *found (const char *text)
{
    link_span_t links[8];
    buffer_t all = {NULL, 0, 0};
    size_t n = links_find (text, strlen (text), links, 8);
    for (size_t i = 0; i < n; i++)
        buffer_format (&all, "<%.*s>", (int)links[i].size, text + links[i].at);
    return buffer_take (&all);
}

static void assert_found (const char *text, const char *wanted)
{
    char *all = found (text);
    assert_string_equal (all, wanted);
    free (all);
}

static void links_end_where_the_sentence_goes_on (void **state)
{
    assert_found ("see https://example.org/a?b=c&d#e.", "<https://example.org/a?b=c&d#e>");
    assert_found ("(https://example.org/a)", "<https://example.org/a>");
    assert_found ("https://en.wikipedia.org/wiki/A_(b), yes",
                  "<https://en.wikipedia.org/wiki/A_(b)>");
    assert_found ("[1] http://[::1]:8080/x] and HTTPS://EXAMPLE.org!",
                  "<http://[::1]:8080/x><HTTPS://EXAMPLE.org>");
    assert_found ("«https://example.org/привет»…", "<https://example.org/привет>");
    assert_found ("http://a\nhttp://b\thttp://c", "<http://a><http://b><http://c>");
    assert_found ("<http://a.b/c> \"http://d\" 'http://e'", "<http://a.b/c><http://d><http://e>");
    assert_found ("看https://example.org。", "<https://example.org>");
}

static void what_is_no_link (void **state)
{
    assert_found ("http:// https://. http:///etc xhttp://a 1https://b file:///etc/passwd", "");
    assert_found ("javascript:alert(1) http:/a http//b h", "");
    /*  What the sanitiser made visible ends one, so what is opened is what is seen. */
    assert_found ("http://a<U+202E>b", "<http://a>");
    assert_found ("http://a\xef\xbf\xbd\x62", "<http://a>");
}

static void they_are_bounded (void **state)
{
    char *many = memory_new (20 * 100 + 1);
    for (size_t i = 0; i < 100; i++)
        memcpy (many + 20 * i, "http://example.org/ ", 21);
    link_span_t links[64];
    assert_int_equal (links_find (many, 2000, links, 64), 64);
    free (many);
    char *longest = memory_new (5000);
    memset (longest, 'a', 5000);
    memcpy (longest, "http://", 7);
    char target[LINKS_TARGET_MAX + 1];
    assert_true (links_target (longest, LINKS_TARGET_MAX, target));
    assert_false (links_target (longest, LINKS_TARGET_MAX + 1, target));
    free (longest);
}

static void targets_are_printable_ascii (void **state)
{
    char target[LINKS_TARGET_MAX + 1];
    const char *text = "https://пример.рф/a b'\"\\%20{}";
    assert_true (links_target (text, strlen (text), target));
    assert_string_equal (target, "https://%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80.%D1%80%D1%84/"
                                 "a%20b%27%22%5C%20%7B%7D");
    static const char *const bad[] = {"http://a\033]8;;\033\\",
                                      "http://a\007",
                                      "http://a\x7f",
                                      "http://a\n",
                                      "http://\xff",
                                      "ftp://a",
                                      "",
                                      "-http://a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false (links_target (bad[i], strlen (bad[i]), target));
}

static void sequences_are_as_terminals_take_them (void **state)
{
    buffer_t out = {NULL, 0, 0};
    links_begin (&out, "http://a/", 7);
    buffer_string (&out, "x");
    links_end (&out);
    assert_string_equal (out.data, "\033]8;id=z7;http://a/\033\\x\033]8;;\033\\");
    buffer_clear (&out);
    assert_true (links_copy (&out, "hello\n\033", 7, false));
    assert_string_equal (out.data, "\033]52;c;aGVsbG8KGw==\033\\");
    buffer_clear (&out);
    assert_true (links_copy (&out, "a", 1, true));
    assert_string_equal (out.data,
                         "\033]52;c;YQ==\033\\\033Ptmux;\033\033]52;c;YQ==\033\033\\\033\\");
    char *large = memory_zero (LINKS_COPY_MAX + 1);
    buffer_clear (&out);
    assert_false (links_copy (&out, large, LINKS_COPY_MAX + 1, false));
    assert_int_equal (out.size, 0);
    assert_true (links_copy (&out, large, LINKS_COPY_MAX, false));
    assert_true (out.size < 100000);
    free (large);
    buffer_free (&out);
}

static void only_known_terminals_get_links (void **state)
{
    static const links_terminal_t yes[] = {
        {.term = "xterm-256color", .vte_version = "6800"},
        {.term = "xterm-256color", .konsole_version = "220403"},
        {.term = "xterm-kitty"},
        {.term = "foot-extra"},
        {.term = "xterm-256color", .program = "iTerm.app"},
        {.term = "xterm-256color", .windows = "guid"},
        {.term = "tmux-256color", .tmux = "x", .program = "tmux", .program_version = "3.4"},
    };
    static const links_terminal_t no[] = {
        {NULL},
        {.term = "xterm-256color"},
        {.term = "dumb", .vte_version = "6800"},
        {.term = "linux"},
        {.term = "xterm-256color", .vte_version = "4800"},
        {.term = "screen-256color", .vte_version = "6800"},
        {.term = "xterm", .screen = "1.a", .vte_version = "6800"},
        {.term = "tmux-256color",
         .tmux = "x",
         .program = "tmux",
         .program_version = "3.3a",
         .vte_version = "6800"},
        {.term = "xterm", .vte_version = "nonsense"},
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true (links_known (&yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false (links_known (&no[i]));
}

static void assert_opener (const char *browser, const char *wanted)
{
    buffer_t line = {NULL, 0, 0};
    char **words = links_opener (browser, "http://a/$(b);c");
    for (size_t i = 0; words[i]; i++)
        buffer_format (&line, "[%s]", words[i]);
    assert_string_equal (line.data, wanted);
    words_free (words);
    buffer_free (&line);
}

static void the_opener_has_words_and_no_shell (void **state)
{
    assert_opener (NULL, "[xdg-open][http://a/$(b);c]");
    assert_opener ("", "[xdg-open][http://a/$(b);c]");
    assert_opener ("firefox", "[firefox][http://a/$(b);c]");
    assert_opener ("w3m -o 'x y' %s:lynx", "[w3m][-o][x y][http://a/$(b);c]");
    assert_opener ("surf --url=%s -x", "[surf][--url=http://a/$(b);c][-x]");
    assert_opener ("'unfinished", "[xdg-open][http://a/$(b);c]");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (links_end_where_the_sentence_goes_on),
        cmocka_unit_test (what_is_no_link),
        cmocka_unit_test (they_are_bounded),
        cmocka_unit_test (targets_are_printable_ascii),
        cmocka_unit_test (sequences_are_as_terminals_take_them),
        cmocka_unit_test (only_known_terminals_get_links),
        cmocka_unit_test (the_opener_has_words_and_no_shell),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
