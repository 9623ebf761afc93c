/*  test_paste_guard.c - a long paste asks, and nothing but an answer sends it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "paste_guard.h"

static const keyboard_stroke_t enter = {.kind = KEYBOARD_ENTER}, escape = {.kind = KEYBOARD_ESCAPE},
                               up = {.kind = KEYBOARD_UP},
                               c = {.kind = KEYBOARD_CONTROL, .size = 1, .text = "c"};

static bool pasted (paste_guard_t *guard, const char *line)
{
    return paste_guard_paste (guard, line, strlen (line), 65536);
}

static void more_than_five_lines_ask (void **state)
{
    paste_guard_t guard;
    char question[PASTE_QUESTION_MAX];
    assert_false (pasted (&guard, "1\n2\n3\n4\n5"));
    assert_false (pasted (&guard, "1\n2\n3\n4\n5\n"));
    assert_false (pasted (&guard, ""));
    assert_false (guard.asks);
    assert_true (pasted (&guard, "1\n2\n3\n4\n5\n6"));
    assert_true (guard.asks && !guard.too_long && guard.lines == 6);
    paste_guard_question (&guard, question);
    assert_string_equal (
        question, "send as one message: 6 lines, 11 bytes? (Enter sends, e edits, C-c drops it)");
    guard.lines = 40;
    guard.bytes = 1190;
    paste_guard_question (&guard, question);
    assert_string_equal (
        question, "send as one message: 40 lines, 1.1 kB? (Enter sends, e edits, C-c drops it)");
}

static void only_an_answer_sends_it (void **state)
{
    static const struct {
        keyboard_stroke_t key;
        paste_answer_t answer;
    } keys[] = {
        {{.kind = KEYBOARD_ENTER, .meta = true}, PASTE_WAIT},
        {{.kind = KEYBOARD_ENTER, .pasted = true}, PASTE_WAIT},
        {{.kind = KEYBOARD_TEXT, .size = 1, .text = "y", .pasted = true}, PASTE_WAIT},
        {{.kind = KEYBOARD_TEXT, .size = 1, .text = "\n", .pasted = true}, PASTE_WAIT},
        {{.kind = KEYBOARD_TEXT, .size = 1, .text = "x"}, PASTE_WAIT},
        {{.kind = KEYBOARD_TEXT, .size = 2, .text = "ё"}, PASTE_WAIT},
        {{.kind = KEYBOARD_PASTE_BEGIN}, PASTE_WAIT},
        {{.kind = KEYBOARD_TEXT, .size = 1, .text = "e"}, PASTE_EDIT},
        {{.kind = KEYBOARD_TEXT, .size = 1, .text = "y"}, PASTE_SEND},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        paste_guard_t guard = {.asks = true, .lines = 6};
        assert_int_equal (paste_guard_key (&guard, &keys[i].key), keys[i].answer);
        assert_true (guard.asks == (keys[i].answer == PASTE_WAIT));
    }
    paste_guard_t guard = {.asks = true};
    assert_int_equal (paste_guard_key (&guard, &up), PASTE_WAIT);
    assert_int_equal (paste_guard_key (&guard, &enter), PASTE_SEND);
    guard.asks = true;
    assert_int_equal (paste_guard_key (&guard, &escape), PASTE_EDIT);
    guard.asks = true;
    assert_int_equal (paste_guard_key (&guard, &c), PASTE_DROP);
    assert_false (guard.asks);
}

static void over_the_limit_nothing_sends_it (void **state)
{
    paste_guard_t guard;
    char question[PASTE_QUESTION_MAX];
    assert_true (paste_guard_paste (&guard, "12345", 5, 4));
    assert_true (guard.too_long);
    paste_guard_question (&guard, question);
    assert_string_equal (question,
                         "too long for one message: 1 line, 5 bytes (e edits it, C-c drops it)");
    assert_int_equal (paste_guard_key (&guard, &enter), PASTE_WAIT);
    assert_int_equal (paste_guard_key (&guard, &escape), PASTE_EDIT);
    assert_true (paste_guard_refuses ("12345", 5, 4));
    assert_false (paste_guard_refuses ("1234", 4, 4));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (more_than_five_lines_ask),
        cmocka_unit_test (only_an_answer_sends_it),
        cmocka_unit_test (over_the_limit_nothing_sends_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
