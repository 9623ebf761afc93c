/*  test_editor_search.c - C-r                                                 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
    keyboard_flush (keys);
    while (keyboard_next (keys, &key))
        result = editor_key (editor, &key);
    keyboard_destroy (&keys);
    return result;
}

static void assert_state (const char *text, const char *wanted, bool lost)
{
    const char *pattern;
    bool is_lost;
    assert_true (editor_searching (editor, &pattern, &is_lost) == (wanted != NULL));
    assert_string_equal (editor_text (editor, NULL), text);
    if (wanted) {
        assert_string_equal (pattern, wanted);
        assert_true (lost == is_lost);
    }
}

static void finds_older_and_older_lines (void **state)
{
    assert_state ("", NULL, false);
    assert_int_equal (feed ("draft\022"), EDITOR_CHANGED);
    assert_state ("draft", "", false);
    (void)feed ("B");
    assert_state ("about", "B", false);
    (void)feed ("e");
    assert_state ("BEta two", "Be", false);
    (void)feed ("\022");
    assert_state ("alphabet beta", "Be", false);
    assert_int_equal (feed ("\022"), EDITOR_BELL);
    assert_state ("alphabet beta", "Be", true);
    (void)feed ("\x7f");
    assert_state ("about", "B", false);
    assert_int_equal (feed ("zz"), EDITOR_BELL);
    assert_state ("about", "Bzz", true);
}

static void the_prompt_is_fit_for_a_terminal (void **state)
{
    assert_null (editor_search_prompt (editor));
    (void)feed ("\022b");
    assert_string_equal (editor_search_prompt (editor), "search: b> ");
    (void)feed ("\xe2\x80\xae");
    assert_string_equal (editor_search_prompt (editor), "no older line: b<U+202E>> ");
}

/*  The same line twice is found once.                                         */
static void repeated_lines_count_once (void **state)
{
    editor_remember (editor, "x1", 2);
    editor_remember (editor, "y", 1);
    editor_remember (editor, "x1", 2);
    (void)feed ("\022x");
    assert_state ("x1", "x", false);
    assert_int_equal (feed ("\022"), EDITOR_BELL);
    assert_state ("x1", "x", true);
}

static void enter_takes_the_line_and_sends_nothing (void **state)
{
    (void)feed ("draft\022alp");
    assert_int_equal (feed ("\r"), EDITOR_CHANGED);
    assert_state ("alphabet beta", NULL, false);
    assert_int_equal (editor_cursor (editor), 3);
    assert_int_equal (feed ("\r"), EDITOR_ENTER);
    /*  From there the history goes on, and down leads back to the draft.      */
    (void)feed ("\033[B");
    assert_state ("BEta two", NULL, false);
    (void)feed ("\033[B\033[B\033[B");
    assert_state ("draft", NULL, false);
}

static void other_keys_end_it_and_do_what_they_do (void **state)
{
    (void)feed ("\022alp\001X");
    assert_state ("Xalphabet beta", NULL, false);
    (void)feed ("\003\022ab\033[200~p\nq\033[201~");
    assert_state ("abp\nqout", NULL, false);
}

static void it_is_aborted_without_a_trace (void **state)
{
    static const char *const keys[] = {"\007", "\003", "\033"};
    for (size_t i = 0; i < 3; i++) {
        (void)feed ("\003draft\002\002\022bet");
        assert_state ("BEta two", "bet", false);
        assert_int_equal (feed (keys[i]), EDITOR_CHANGED);
        assert_state ("draft", NULL, false);
        assert_int_equal (editor_cursor (editor), 3);
        assert_false (editor_recalls (editor));
    }
}

static void what_is_searched_is_bounded (void **state)
{
    (void)feed ("\022");
    for (int i = 0; i < EDITOR_WANTED_MAX + 10; i++)
        (void)feed ("a");
    const char *wanted;
    assert_true (editor_searching (editor, &wanted, NULL));
    assert_int_equal (strlen (wanted), EDITOR_WANTED_MAX);
    assert_true (editor_searching (editor, NULL, NULL));
    (void)feed ("\007\007\022Ё");
    assert_state ("ёлка", "Ё", false);
}

static int begin (void **state)
{
    editor = editor_new ();
    editor_remember (editor, "ёлка", strlen ("ёлка"));
    editor_remember (editor, "alphabet beta", 13);
    editor_remember (editor, "BEta two", 8);
    editor_remember (editor, "about", 5);
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
        cmocka_unit_test_setup_teardown (finds_older_and_older_lines, begin, end),
        cmocka_unit_test_setup_teardown (the_prompt_is_fit_for_a_terminal, begin, end),
        cmocka_unit_test_setup_teardown (repeated_lines_count_once, begin, end),
        cmocka_unit_test_setup_teardown (enter_takes_the_line_and_sends_nothing, begin, end),
        cmocka_unit_test_setup_teardown (other_keys_end_it_and_do_what_they_do, begin, end),
        cmocka_unit_test_setup_teardown (it_is_aborted_without_a_trace, begin, end),
        cmocka_unit_test_setup_teardown (what_is_searched_is_bounded, begin, end),
    };
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
