/*  test_width.c - columns as terminals give them */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "text.h"
#include "width.h"
#include <utf8proc.h>

static int columns (const char *text)
{
    return width_columns (text, strlen (text));
}

/*  As tmux counts them: see test_terminal_widths.py.                          */
static void assert_samples (void)
{
    assert_int_equal (columns ("hello"), 5);
    assert_int_equal (columns ("नमस्ते दुनिया"), 10);
    assert_int_equal (columns ("வணக்கம் உலகம்"), 10);
    assert_int_equal (columns ("বাংলা ভাষা"), 10);
    assert_int_equal (columns ("မြန်မာစကား"), 9);
    assert_int_equal (columns ("漢字かなカナ한글"), 16);
    assert_int_equal (columns ("ภาษาไทย"), 7);
    assert_int_equal (columns ("می\xe2\x80\x8cخواهم"), 7);
    assert_int_equal (columns ("e\xcc\x81"), 1);
    assert_int_equal (columns ("\x1b\x07\n"), 0);
    /*  An upper bound, where some draw a picture and others do not.           */
    assert_int_equal (columns ("\xe2\x9d\xa4\xef\xb8\x8f"), 2); /* a heart with its selector */
    assert_true (columns ("👩\xe2\x80\x8d💻") >= 2);
    assert_int_equal (columns ("😀"), 2);
    assert_int_equal (columns ("\xf0\x9f\xab\xa8"),
                      2); /* of Unicode 15: glibc 2.36 does not know it */
}

static void columns_are_those_of_terminals (void **state)
{
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    assert_samples ();
}

/*  What is shown is UTF-8 whatever LANG says.                                 */
static void an_ascii_locale_changes_nothing (void **state)
{
    setenv ("LC_ALL", "C", 1);
    width_begin ();
    assert_samples ();
    assert_int_equal (columns ("ភាសាខ្មែរ"), 8);
    /*  And where no locale of UTF-8 is to be had.                             */
    setlocale (LC_CTYPE, "C");
    assert_samples ();
}

/*  Never fewer than the terminal's library takes, and marks that have a column have it.  */
static void no_character_is_narrower_than_in_a_terminal (void **state)
{
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    for (uint32_t codepoint = 0x80; codepoint < 0x110000; codepoint++) {
        char text[4];
        size_t size = text_encode (codepoint, text);
        int wide = wcwidth ((wchar_t)codepoint);
        if (codepoint >= 0xD800 && codepoint < 0xE000)
            continue;
        if (wide >= 0 && codepoint != 0xFE0F)
            assert_int_equal (width_columns (text, size), wide);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (columns_are_those_of_terminals),
        cmocka_unit_test (an_ascii_locale_changes_nothing),
        cmocka_unit_test (no_character_is_narrower_than_in_a_terminal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
