/*  test_editor_rows.c - the text in several rows, as they are shown            */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "editor.h"
#include "width.h"

static editor_t *editor;

static editor_result_t feed (const char *bytes)
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

/*  Rows in sight, "[row]" each, with "|" in the column of the cursor; "^2" and "v3" count those out
    of sight above and below.                                                  */
static void assert_rows (int columns, size_t most, const char *wanted)
{
    editor_rows_t rows;
    buffer_t all = {NULL, 0, 0};
    editor_render_rows (editor, columns, most, &rows);
    assert_true (rows.n >= 1 && rows.n <= most && rows.row < rows.n);
    if (rows.above)
        buffer_format (&all, "^%zu", rows.above);
    for (size_t i = 0; i < rows.n; i++) {
        const char *text = rows.rows[i].text;
        size_t size = strlen (text), at = 0;
        assert_int_equal (rows.rows[i].width, width_columns (text, size));
        assert_true (rows.rows[i].width <= columns);
        while (i == rows.row && width_columns (text, at) < rows.column)
            at += width_cluster (text + at, size - at);
        buffer_format (&all, "[%.*s%s%s]", (int)at, text, i == rows.row ? "|" : "", text + at);
    }
    assert_true (rows.column < columns);
    if (rows.below)
        buffer_format (&all, "v%zu", rows.below);
    assert_string_equal (all.data, wanted);
    buffer_free (&all);
}

static void newlines_and_width_make_rows (void **state)
{
    assert_rows (10, 4, "[|]");
    (void)feed ("hello");
    assert_rows (10, 4, "[hello|]");
    assert_rows (5, 4, "[hello][|]");
    (void)feed ("\033\rworld\033\r");
    assert_rows (10, 4, "[hello][world][|]");
    assert_rows (5, 4, "[hello][world][|]");
    (void)feed ("\033[A");
    assert_rows (5, 4, "[hello][|world][]");
    (void)feed ("\005");
    assert_rows (10, 4, "[hello][world][|]"); /* C-e goes to the end of all     */
    (void)feed ("\002");
    assert_rows (5, 4, "[hello][world][|][]");
    (void)feed ("\003漢字漢");
    assert_rows (5, 4, "[漢字][漢|]");
    assert_rows (2, 4, "[漢][字][漢][|]");
}

static void the_cursor_stays_in_sight (void **state)
{
    (void)feed ("1\033\r2\033\r3\033\r4\033\r5");
    assert_rows (10, 3, "^2[3][4][5|]");
    (void)feed ("\033[A");
    assert_rows (10, 3, "^2[3][4|][5]");
    (void)feed ("\033[A\033[A");
    assert_rows (10, 3, "^1[2|][3][4]v1");
    (void)feed ("\033[A");
    assert_rows (10, 3, "[1|][2][3]v2");
    (void)feed ("\033[B\033[B\033[B");
    assert_rows (10, 3, "^1[2][3][4|]v1");
    assert_rows (10, 1, "^3[4|]v1");
    (void)feed ("\003");
    assert_rows (10, 3, "[|]");
}

static void up_and_down_keep_the_column (void **state)
{
    editor_remember (editor, "older", 5);
    (void)feed ("ab漢字\033\rx\033\rabcdef");
    (void)feed ("\033[A");
    assert_rows (10, 4, "[ab漢字][x|][abcdef]");
    (void)feed ("\033[A");
    assert_rows (10, 4, "[a|b漢字][x][abcdef]");
    (void)feed ("\033[B\033[B\006\006\006\033[A\033[A\005\033[A\033[A");
    assert_int_equal (feed ("\033[A"), EDITOR_CHANGED); /* the history           */
    assert_rows (10, 4, "[older|]");
    (void)feed ("\033[B");
    assert_rows (10, 4, "[ab漢字][x][abcdef|]");
}

static void own_text_is_shown_harmless (void **state)
{
    editor_set (editor, "a\xc2\x9b\xff\033\r\nb\t", 9);
    assert_rows (4, 8, "[a?�][^[][^M^J][b^I|]");
}

/*  Any keys at any width: what is shown fits, and the cursor is in it.        */
static void random_keys_keep_rows_whole (void **state)
{
    static const char *const keys[] = {"a",
                                       "漢",
                                       "e\xcc\x81",
                                       " ",
                                       "\033\r",
                                       "\033[A",
                                       "\033[B",
                                       "\033[D",
                                       "\033[C",
                                       "\x7f",
                                       "\027",
                                       "\022",
                                       "\007",
                                       "\001",
                                       "\005",
                                       "\031",
                                       "\024",
                                       "\033[3~",
                                       "\020",
                                       "\016",
                                       "\033[200~p\nq\t\033[201~",
                                       "👩\xe2\x80\x8d💻",
                                       "\003"};
    uint64_t seed = 7;
    editor_remember (editor, "one\ntwo\nthree", 13);
    editor_remember (editor, "漢字 a", strlen ("漢字 a"));
    for (int i = 0; i < 40000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        if (feed (keys[(seed >> 33) % (sizeof keys / sizeof *keys)]) == EDITOR_ENTER)
            editor_clear (editor);
        editor_rows_t rows;
        int columns = 2 + (int)(seed >> 40 & 15);
        size_t most = 1 + (seed >> 50 & 7), size;
        editor_render_rows (editor, columns, most, &rows);
        assert_true (rows.n >= 1 && rows.n <= most && rows.row < rows.n);
        assert_true (rows.column >= 0 && rows.column < columns);
        for (size_t j = 0; j < rows.n; j++) {
            assert_true (rows.rows[j].width <= columns);
            assert_int_equal (rows.rows[j].width,
                              width_columns (rows.rows[j].text, strlen (rows.rows[j].text)));
        }
        assert_true (rows.column <= rows.rows[rows.row].width);
        (void)editor_text (editor, &size);
        assert_true (editor_cursor (editor) <= size);
        if (size > 400)
            editor_clear (editor);
    }
}

static int begin (void **state)
{
    editor = editor_new ();
    return 0;
}

static int end (void **state)
{
    editor_destroy (&editor);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (newlines_and_width_make_rows, begin, end),
        cmocka_unit_test_setup_teardown (the_cursor_stays_in_sight, begin, end),
        cmocka_unit_test_setup_teardown (up_and_down_keep_the_column, begin, end),
        cmocka_unit_test_setup_teardown (random_keys_keep_rows_whole, begin, end),
        cmocka_unit_test_setup_teardown (own_text_is_shown_harmless, begin, end),
    };
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
