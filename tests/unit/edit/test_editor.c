/*  test_editor.c - keys in, text, cursor and the line shown out */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "editor.h"
#include "width.h"

#define E_ACUTE "e\xcc\x81"                                    /* e and U+0301      */
#define FLAG    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"             /* D and E           */
#define FAMILY  "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7" /* woman ZWJ girl    */
#define HAN     "\xe4\xb8\xad"                                 /* two columns       */

static editor_result_t feed (editor_t *editor, const char *bytes)
{
    keyboard_t *keys = keyboard_new ();
    keyboard_stroke_t key;
    editor_result_t result = EDITOR_NOTHING;
    keyboard_feed (keys, bytes, strlen (bytes));
    while (keyboard_next (keys, &key))
        result = editor_key (editor, &key);
    keyboard_destroy (&keys);
    return result;
}

/*  The text with "|" where the cursor is.                                     */
static void check (editor_t *editor, const char *expected)
{
    static char shown[4 * EDITOR_TEXT_MAX];
    size_t size;
    const char *text = editor_text (editor, &size);
    size_t cursor = editor_cursor (editor);
    assert_true (cursor <= size);
    assert_int_equal (strlen (text), size);
    memcpy (shown, text, cursor);
    shown[cursor] = '|';
    memcpy (shown + cursor + 1, text + cursor, size - cursor + 1);
    assert_string_equal (shown, expected);
}

static void check_keys (const char *bytes, const char *expected)
{
    editor_t *editor = editor_new ();
    (void)feed (editor, bytes);
    check (editor, expected);
    editor_destroy (&editor);
    assert_null (editor);
}

static void moves (void **state)
{
    check_keys ("", "|");
    check_keys ("hello", "hello|");
    check_keys ("hello\x01", "|hello");
    check_keys ("hello\x01\x05", "hello|");
    check_keys ("hello\x02\x02", "hel|lo");
    check_keys ("hello\x01\x06", "h|ello");
    check_keys ("hello\033[H\033[C\033[C", "he|llo");
    check_keys ("hello\033[D\033[D\033[D\033[D\033[D\033[D\033[D", "|hello");
    check_keys ("ab\033[DX", "aX|b");
}

static void moves_by_words (void **state)
{
    check_keys ("one two, three\033b", "one two, |three");
    check_keys ("one two, three\033b\033b", "one |two, three");
    check_keys ("one two, three\033b\033b\033b\033b", "|one two, three");
    check_keys ("one two\x01\033f", "one| two");
    check_keys ("one two\x01\033f\033f\033f", "one two|");
    check_keys ("one two\033[1;5D", "one |two");
    check_keys ("\xd0\xb4\xd0\xb0 \xd0\xbd\xd0\xb5\xd1\x82\033b",
                "\xd0\xb4\xd0\xb0 |\xd0\xbd\xd0\xb5\xd1\x82");
}

static void deletes (void **state)
{
    check_keys ("abc\x08", "ab|");
    check_keys ("abc\x7f\x7f\x7f\x7f", "|");
    check_keys ("abc\x01\x04", "|bc");
    check_keys ("abc\x01\033[3~", "|bc");
    check_keys ("abc\x04", "abc|"); /* nothing is right of it */
}

static void deletes_and_brings_back (void **state)
{
    check_keys ("one two\x17", "one |");
    check_keys ("one two\x17\x17", "|");
    check_keys ("one two\x17\x17\x19", "one two|");
    check_keys ("one two\x15", "|");
    check_keys ("one two\033b\x15", "|two");
    check_keys ("one two\033b\x0b", "one |");
    check_keys ("one two\033b\x0b\x01\x19", "two|one ");
    check_keys ("one two three\x01\033d\033d\x19", "one two| three");
    check_keys ("one two\033\x7f", "one |");
    check_keys ("a/b c\x17", "a/b |");
    check_keys ("x/yy\x17\x19\x19", "x/yyx/yy|");
    /*  Moving between two kills parts them.                                   */
    check_keys ("one two\x17\x02\x05\x17\x19", "one |");
    check_keys ("\x19", "|");
}

static void swaps (void **state)
{
    check_keys ("ab\x14", "ba|");
    check_keys ("abc\x02\x14", "acb|");
    check_keys ("abc\x01\x06\x14", "ba|c");
    check_keys ("abc\x01\x14", "|abc");
    check_keys ("a\x14", "a|");
    check_keys ("a" E_ACUTE "\x14", E_ACUTE "a|");
}

static void edits_what_a_person_sees (void **state)
{
    check_keys ("x" E_ACUTE "\x08", "x|");
    check_keys ("x" FLAG "\x08", "x|");
    check_keys (FLAG FLAG "\x08", FLAG "|");
    check_keys (FLAG FLAG FLAG "\x02\x02", FLAG "|" FLAG FLAG);
    check_keys ("x" FAMILY "\x08", "x|");
    check_keys (FAMILY "y\x02\x02", "|" FAMILY "y");
    check_keys (HAN HAN "\x02X", HAN "X|" HAN);
    check_keys ("a" E_ACUTE "b\x01\x06\x04", "a|b");
}

static void never_stands_inside_a_character (void **state)
{
    /*  A base typed before an accent that stood alone.                        */
    check_keys ("\xcc\x81\x01"
                "e",
                E_ACUTE "|");
    /*  The newline goes, and the accent joins what stands before it.          */
    check_keys ("e\033\r\xcc\x81\x02\x08", E_ACUTE "|");
}

static void history_goes_up_and_down (void **state)
{
    editor_t *editor = editor_new ();
    assert_int_equal (feed (editor, "\x10"), EDITOR_BELL);
    editor_remember (editor, "one", 3);
    editor_remember (editor, "two", 3);
    editor_remember (editor, "two", 3);
    editor_remember (editor, "", 0);
    feed (editor, "draft\x10");
    check (editor, "two|");
    feed (editor, "\033[A");
    check (editor, "one|");
    assert_int_equal (feed (editor, "\x10"), EDITOR_BELL);
    check (editor, "one|");
    feed (editor, "\x0e\033[B");
    check (editor, "draft|");
    assert_int_equal (feed (editor, "\x0e"), EDITOR_BELL);
    feed (editor, "\x10!");
    check (editor, "two!|");
    editor_clear (editor);
    check (editor, "|");
    feed (editor, "\x10");
    check (editor, "two|");
    editor_destroy (&editor);
}

static void history_is_bounded (void **state)
{
    editor_t *editor = editor_new ();
    char line[16];
    for (int i = 0; i < EDITOR_HISTORY_MAX + 50; i++) {
        int size = snprintf (line, sizeof line, "line %d", i);
        editor_remember (editor, line, (size_t)size);
    }
    int found = 0;
    while (feed (editor, "\x10") == EDITOR_CHANGED)
        found++;
    assert_int_equal (found, EDITOR_HISTORY_MAX);
    check (editor, "line 50|");
    char *big = malloc (EDITOR_TEXT_MAX);
    for (int i = 0; i < 40; i++) {
        memset (big, 'a' + i % 2, EDITOR_TEXT_MAX);
        editor_remember (editor, big, EDITOR_TEXT_MAX);
    }
    for (found = 0; feed (editor, "\x10") == EDITOR_CHANGED;)
        found++;
    assert_int_equal (found, EDITOR_HISTORY_BYTES_MAX / EDITOR_TEXT_MAX);
    free (big);
    editor_destroy (&editor);
}

static void tells_what_is_wanted (void **state)
{
    editor_t *editor = editor_new ();
    assert_int_equal (feed (editor, "\x03"), EDITOR_INTERRUPT);
    assert_int_equal (feed (editor, "\x04"), EDITOR_END);
    assert_int_equal (feed (editor, "\x1a"), EDITOR_SUSPEND);
    assert_int_equal (feed (editor, "\x0c"), EDITOR_CLEAR);
    assert_int_equal (feed (editor, "\r"), EDITOR_ENTER);
    assert_int_equal (feed (editor, "abc"), EDITOR_CHANGED);
    assert_int_equal (feed (editor, "\x03"), EDITOR_CHANGED);
    check (editor, "|");
    assert_int_equal (feed (editor, "\x08"), EDITOR_BELL);
    assert_int_equal (feed (editor, "abc\r"), EDITOR_ENTER);
    check (editor, "abc|");
    editor_destroy (&editor);
    editor_destroy (&editor);
}

static void a_paste_stays_one_input (void **state)
{
    editor_t *editor = editor_new ();
    assert_int_equal (feed (editor, "a\033[200~b\r\nc\033[201~d"), EDITOR_CHANGED);
    check (editor, "ab\ncd|");
    editor_view_t view;
    editor_render (editor, 40, &view);
    assert_string_equal (view.text, "ab\xe2\x86\xb5"
                                    "cd");
    assert_int_equal (view.width, 5);
    editor_destroy (&editor);
}

/*  A part of it would be sent as if it were all.                              */
static void a_paste_that_does_not_fit_is_left_out_whole (void **state)
{
    editor_t *editor = editor_new ();
    char *big = calloc (1, EDITOR_TEXT_MAX + 64);
    size_t size;
    strcpy (big, "\033[200~");
    memset (big + 6, 'x', EDITOR_TEXT_MAX - 3);
    strcat (big, "\033[201~");
    feed (editor, "one two\033b"); /* before two: three bytes are too many */
    assert_int_equal (feed (editor, big), EDITOR_TOO_LONG);
    check (editor, "one |two");
    assert_int_equal (feed (editor, "\033[200~and \033[201~"), EDITOR_CHANGED);
    check (editor, "one and |two");
    assert_int_equal (feed (editor, "\x15\x0b"), EDITOR_CHANGED);
    assert_int_equal (feed (editor, big), EDITOR_CHANGED);
    (void)editor_text (editor, &size);
    assert_int_equal (size, EDITOR_TEXT_MAX - 3);
    free (big);
    editor_destroy (&editor);
}

static bool is_pasted (const char *bytes)
{
    editor_t *editor = editor_new ();
    (void)feed (editor, bytes);
    bool pasted = editor_pasted (editor);
    editor_destroy (&editor);
    return pasted;
}

#define PASTE(text) "\033[200~" text "\033[201~"

static void a_line_knows_that_it_began_with_a_paste (void **state)
{
    assert_true (is_pasted (PASTE ("/* a comment */")));
    assert_true (is_pasted (PASTE ("/usr") " is a folder"));
    assert_true (is_pasted (PASTE ("/usr") "\x7f\x7f\x7f"));
    assert_true (is_pasted (PASTE ("/usr") "\x02x\x7f"));
    assert_true (is_pasted (PASTE ("/a") PASTE ("/b")));
    assert_false (is_pasted ("/quit"));
    assert_false (is_pasted ("/msg bob " PASTE ("/usr")));
    assert_false (is_pasted (PASTE ("/usr") "\x7f\x7f\x7f\x7f"));
    assert_false (is_pasted (PASTE ("/usr") "\x15/quit"));
    assert_false (is_pasted (PASTE ("quit") "\x01/"));
    assert_false (is_pasted (PASTE ("")));
    assert_true (is_pasted ("quit\x01" PASTE ("/")));
    /*  A paste that was refused leaves it as it was.                          */
    editor_t *editor = editor_new ();
    (void)feed (editor, PASTE ("/a"));
    editor_clear (editor);
    assert_false (editor_pasted (editor));
    editor_destroy (&editor);
}

static void the_line_is_bounded (void **state)
{
    editor_t *editor = editor_new ();
    char *big = malloc (EDITOR_TEXT_MAX + 10);
    memset (big, 'x', EDITOR_TEXT_MAX + 10);
    editor_set (editor, big, EDITOR_TEXT_MAX);
    assert_int_equal (feed (editor, "y"), EDITOR_BELL);
    size_t size;
    (void)editor_text (editor, &size);
    assert_int_equal (size, EDITOR_TEXT_MAX);
    assert_int_equal (feed (editor, "\x08\xc3\xa9"), EDITOR_BELL); /* two bytes do not fit */
    assert_int_equal (feed (editor, "y"), EDITOR_CHANGED);
    assert_int_equal (feed (editor, "\x15\x19\x19"), EDITOR_BELL);
    /*  Cut between characters.                                                */
    big[EDITOR_TEXT_MAX - 1] = '\xc3';
    big[EDITOR_TEXT_MAX] = '\xa9';
    editor_set (editor, big, EDITOR_TEXT_MAX + 10);
    (void)editor_text (editor, &size);
    assert_int_equal (size, EDITOR_TEXT_MAX - 1);
    free (big);
    editor_destroy (&editor);
}

/*  Render, and check what holds for every render.                             */
static editor_view_t render (editor_t *editor, int columns)
{
    editor_view_t view;
    editor_render (editor, columns, &view);
    assert_true (view.width <= columns);
    assert_true (view.column < columns || columns < 6);
    assert_true (view.cursor <= strlen (view.text));
    assert_int_equal (width_columns (view.text, view.cursor), view.column);
    assert_int_equal (width_columns (view.text, strlen (view.text)), view.width);
    return view;
}

/*  In a wider window there is room for what was scrolled out, in a narrower one less.  */
static void another_width_is_another_view (void **state)
{
    editor_t *editor = editor_new ();
    feed (editor, "0123456789abcdefghij");
    editor_view_t view = render (editor, 10);
    assert_string_equal (view.text, "<efghij"); /* scrolled for ten columns */
    feed (editor, "\x02\x02\x02");
    view = render (editor, 18);
    assert_int_equal (view.text[0], '<');
    assert_true (view.column > 8 && view.width > 14);
    view = render (editor, 40);
    assert_string_equal (view.text, "0123456789abcdefghij");
    assert_int_equal (view.column, 17);
    view = render (editor, 8);
    assert_true (view.column < 8 && view.text[0] == '<');
    editor_destroy (&editor);
}

static void long_lines_scroll (void **state)
{
    editor_t *editor = editor_new ();
    feed (editor, "0123456789");
    editor_view_t view = render (editor, 11);
    assert_string_equal (view.text, "0123456789");
    assert_int_equal (view.column, 10);
    view = render (editor, 10);
    assert_int_equal (view.text[0], '<');
    assert_int_equal (view.text[view.cursor - 1], '9');
    feed (editor, "\x01");
    view = render (editor, 10);
    assert_string_equal (view.text, "012345678>");
    assert_int_equal (view.column, 0);
    /*  What is in sight stays where it is while the cursor moves.             */
    feed (editor, "\x06\x06\x06");
    view = render (editor, 10);
    assert_string_equal (view.text, "012345678>");
    assert_int_equal (view.column, 3);
    editor_destroy (&editor);
}

static void wide_characters_never_overflow (void **state)
{
    editor_t *editor = editor_new ();
    feed (editor, HAN HAN HAN "ab" FLAG E_ACUTE HAN FAMILY "\033\rz" HAN HAN);
    for (int columns = 2; columns < 40; columns++) {
        feed (editor, "\x01");
        do
            render (editor, columns);
        while (feed (editor, "\x06") == EDITOR_CHANGED);
        do
            render (editor, columns);
        while (feed (editor, "\x02") == EDITOR_CHANGED);
    }
    editor_view_t view = render (editor, 80);
    assert_int_equal (view.column, 0);
    feed (editor, "\x06");
    view = render (editor, 80);
    assert_int_equal (view.column, 2);
    editor_destroy (&editor);
}

static void scrolling_survives_edits_at_the_begin (void **state)
{
    editor_t *editor = editor_new ();
    for (int i = 0; i < 30; i++)
        feed (editor, HAN);
    render (editor, 20);
    /*  Shift everything by one byte under the scrolled-out part.              */
    feed (editor, "\x01x\x05");
    editor_view_t view = render (editor, 20);
    assert_int_equal (view.text[0], '<');
    assert_memory_equal (view.text + 1, HAN, 3);
    feed (editor, "\x15");
    view = render (editor, 20);
    assert_string_equal (view.text, "");
    editor_destroy (&editor);
}

static void own_text_is_shown_harmless (void **state)
{
    editor_t *editor = editor_new ();
    editor_set (editor, "a\033[2Jb\xe2\x80\xae\xc2\x9b", 12);
    editor_view_t view = render (editor, 80);
    assert_null (strchr (view.text, '\033'));
    assert_null (strstr (view.text, "\xe2\x80\xae"));
    assert_null (strstr (view.text, "\xc2\x9b"));
    editor_destroy (&editor);
}

static void random_keys_keep_it_whole (void **state)
{
    static const char *const keys[] = {
        "a",
        " ",
        HAN,
        E_ACUTE,
        "\xcc\x81",
        FLAG,
        "\xf0\x9f\x87\xa9",
        FAMILY,
        "\xe2\x80\x8d",
        "\x01",
        "\x02",
        "\x04",
        "\x05",
        "\x06",
        "\x08",
        "\x0b",
        "\x14",
        "\x17",
        "\x19",
        "\x10",
        "\x0e",
        "\033b",
        "\033f",
        "\033d",
        "\033\r",
        "\xe0\xb8\xb3",
        "\xea\xb0\x80",
    };
    editor_t *editor = editor_new ();
    editor_remember (editor, "some " HAN " line", 13);
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525u + 1013904223u;
        feed (editor, keys[(seed >> 16) % (sizeof keys / sizeof *keys)]);
        size_t size;
        const char *text = editor_text (editor, &size);
        size_t cursor = editor_cursor (editor);
        size_t at = 0;
        while (at < cursor)
            at += width_cluster (text + at, size - at);
        assert_int_equal (at, cursor);
        if (round % 16 == 0)
            render (editor, 8 + (int)(seed >> 24) % 40);
        if (size > 300)
            editor_clear (editor);
    }
    editor_destroy (&editor);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (moves),
        cmocka_unit_test (moves_by_words),
        cmocka_unit_test (deletes),
        cmocka_unit_test (deletes_and_brings_back),
        cmocka_unit_test (swaps),
        cmocka_unit_test (edits_what_a_person_sees),
        cmocka_unit_test (never_stands_inside_a_character),
        cmocka_unit_test (history_goes_up_and_down),
        cmocka_unit_test (history_is_bounded),
        cmocka_unit_test (tells_what_is_wanted),
        cmocka_unit_test (a_paste_stays_one_input),
        cmocka_unit_test (a_paste_that_does_not_fit_is_left_out_whole),
        cmocka_unit_test (a_line_knows_that_it_began_with_a_paste),
        cmocka_unit_test (another_width_is_another_view),
        cmocka_unit_test (the_line_is_bounded),
        cmocka_unit_test (long_lines_scroll),
        cmocka_unit_test (wide_characters_never_overflow),
        cmocka_unit_test (scrolling_survives_edits_at_the_begin),
        cmocka_unit_test (own_text_is_shown_harmless),
        cmocka_unit_test (random_keys_keep_it_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
