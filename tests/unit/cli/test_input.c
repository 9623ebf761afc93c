/*  test_input.c - what programs write, as messages */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input.h"
#include "text.h"

enum { LIMIT = 10, ALL_MAX = 4096 };

static input_t s_input;
static char s_all[ALL_MAX];
static char s_notes[ALL_MAX];

/*  Everything that comes of the bytes, given in pieces of `step`: "line:text|", "line!|" for what
    is wrong; and the notes.                                                   */
static const char *read_all (bool lines, bool strict, const char *bytes, size_t size, size_t step)
{
    input_message_t message;
    size_t at = 0;
    input_init (&s_input, lines, strict, LIMIT);
    *s_all = *s_notes = 0;
    for (;;) {
        char *end = s_all + strlen (s_all);
        switch (input_next (&s_input, &message)) {
        case INPUT_MESSAGE:
            assert_true (message.size > 0 && message.size <= LIMIT);
            assert_true (text_valid (frame_of (message.text, message.size)));
            if (at % 3 == 0) { /* not taken: it comes again */
                input_message_t again;
                assert_int_equal (input_next (&s_input, &again), INPUT_MESSAGE);
                assert_int_equal (again.size, message.size);
                message = again;
            }
            sprintf (end, "%d:%.*s|", (int)message.line, (int)message.size, message.text);
            input_taken (&s_input);
            break;
        case INPUT_WRONG:
            sprintf (end, "%d!|", (int)message.line);
            break;
        case INPUT_MORE:
            if (at < size) {
                char *piece = malloc (step); /* an exact copy for the sanitizer */
                size_t length = size - at < step ? size - at : step;
                memcpy (piece, bytes + at, length);
                input_add (&s_input, piece, length);
                free (piece);
                at += length;
            } else
                input_end (&s_input);
            break;
        case INPUT_OVER:
            input_free (&s_input);
            return s_all;
        }
        const char *note = input_note (&s_input);
        if (note)
            sprintf (s_notes + strlen (s_notes), "%s|", note);
    }
}

static void check_bytes (bool lines, bool strict, const char *bytes, size_t size, const char *want)
{
    for (size_t step = 1; step < 12; step++)
        assert_string_equal (read_all (lines, strict, bytes, size, step), want);
}

static void check (bool lines, bool strict, const char *text, const char *want)
{
    check_bytes (lines, strict, text, strlen (text), want);
}

static void a_message_a_line (void **state)
{
    check (true, false, "", "");
    check (true, false, "\n\r\n\n", "");
    check (true, false, "a\nb\r\n\nc", "1:a|2:b|4:c|");
    check (true, false, "exit\n", "1:exit|");
    check (true, false, "a\rb\n", "1:a\rb|");
    check (true, false, "привет\n", "1:приве|1:т|");
    assert_string_equal (s_notes, "line 1; too long, 2 messages|");
}

static void all_is_one_message (void **state)
{
    check (false, false, "", "");
    check (false, false, "\n", "");
    check (false, false, "a\nb\n", "1:a\nb|");
    check (false, false, "a\r\nb\r\n", "1:a\nb|");
    check (false, false, "a\n\n", "1:a\n|");
    check (false, false, "0123456789", "1:0123456789|");
    check (false, false, "0123456789\n", "1:0123456789|");
    check (false, false, "0123456789a", "1!|");
}

static void what_is_no_text_is_mended (void **state)
{
    check (true, false, "caf\xe9 ok\nb", "1:caf\xEF\xBF\xBD ok|2:b|");
    assert_string_equal (s_notes, "line 1; 1 bytes not UTF-8 became U+FFFD|");
    check (true, false, "\xd0\n\xd0", "1:\xEF\xBF\xBD|2:\xEF\xBF\xBD|");
    check (true, false, "\xEF\xBF\xBD\n", "1:\xEF\xBF\xBD|");
    assert_string_equal (s_notes, ""); /* it was one before */
    check_bytes (true, false, "a\0b\nc\0", 6,
                 "1:a\xE2\x90\x80"
                 "b|2:c\xE2\x90\x80|");
    check_bytes (false, false, "a\0\xff", 3, "1:a\xE2\x90\x80\xEF\xBF\xBD|");
    assert_string_equal (s_notes,
                         "the message; 1 bytes not UTF-8 became U+FFFD; 1 NUL became U+2400|");
    check (true, false, "\xed\xa0\x80\n", "1:\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|");
}

static void strict_mends_nothing (void **state)
{
    check (true, true, "a\ncaf\xe9\nb\n", "1:a|2!|3:b|");
    check (true, true, "0123456789a\nb\n", "1!|2:b|");
    check_bytes (true, true, "a\0\n", 3, "1!|");
    check (false, true, "\xff", "1!|");
    check (true, true, "0123456789\r\n", "1:0123456789|");
}

static void long_lines_are_cut_between_characters (void **state)
{
    check (true, false, "0123456789\n", "1:0123456789|");
    check (true, false, "0123456789abc\nd\n", "1:0123456789|1:abc|2:d|");
    check (true, false, "01234567890123456789\n", "1:0123456789|1:0123456789|");
    /*  An accent stays with its letter.                                       */
    check (true, false, "012345678e\xcc\x81xyz\n", "1:012345678|1:e\xcc\x81xyz|");
    /*  A heap of accents without end has no better place.                     */
    char heap[64] = "e";
    for (int i = 0; i < 10; i++)
        strcat (heap, "\xcc\x81");
    for (size_t step = 1; step < 12; step++)
        (void)read_all (true, false, heap, strlen (heap), step);
}

static void much_is_told_once (void **state)
{
    char text[256] = "";
    for (int i = 0; i < 20; i++)
        strcat (text, "\xff\n");
    read_all (true, false, text, strlen (text), 7);
    int notes = 0;
    for (const char *c = s_notes; *c; c++)
        notes += *c == '|';
    assert_int_equal (notes, 3);
    assert_string_equal (input_summary (&s_input),
                         "in all: lines with bytes not UTF-8 20, with NUL 0, too long 0");
    read_all (true, false, "\xff\n", 2, 7);
    assert_null (input_summary (&s_input));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_message_a_line),
        cmocka_unit_test (all_is_one_message),
        cmocka_unit_test (what_is_no_text_is_mended),
        cmocka_unit_test (strict_mends_nothing),
        cmocka_unit_test (long_lines_are_cut_between_characters),
        cmocka_unit_test (much_is_told_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
