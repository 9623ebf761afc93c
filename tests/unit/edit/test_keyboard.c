/*  test_keyboard.c - bytes of a terminal become keys, in whatever pieces they come */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keyboard.h"

/*  Write what came out as text: "x" as itself, keys in angle brackets.        */
static void describe (const keyboard_stroke_t *key, char *out, size_t room)
{
    static const char *const names[] = {"text",   "control",  "enter",    "tab",       "backspace",
                                        "delete", "left",     "right",    "up",        "down",
                                        "home",   "end",      "pgup",     "pgdn",      "paste",
                                        "pasted", "position", "focus in", "focus out", "escape"};
    const char *meta = key->meta ? "M-" : "";
    const char *pasted = key->pasted ? "P-" : "";
    if (key->kind == KEYBOARD_TEXT && !key->meta && !key->pasted)
        snprintf (out, room, "%s", key->text);
    else if (key->kind == KEYBOARD_TEXT)
        snprintf (out, room, "<%s%s%s>", meta, pasted, key->text);
    else if (key->kind == KEYBOARD_CONTROL)
        snprintf (out, room, "<%sC-%s>", meta, key->text);
    else
        snprintf (out, room, "<%s%s%s>", meta, key->control ? "C-" : "", names[key->kind]);
}

static char result[65536];

static void drain (keyboard_t *keys)
{
    keyboard_stroke_t key;
    while (keyboard_next (keys, &key)) {
        size_t used = strlen (result);
        if (key.kind == KEYBOARD_TEXT)
            assert_int_equal (key.size, strlen (key.text));
        describe (&key, result + used, sizeof result - used);
    }
}

static const char *all (const char *bytes, size_t size, size_t piece, bool flush)
{
    keyboard_t *keys = keyboard_new ();
    result[0] = '\0';
    for (size_t at = 0; at < size; at += piece) {
        keyboard_feed (keys, bytes + at, size - at < piece ? size - at : piece);
        drain (keys);
    }
    if (flush) {
        keyboard_flush (keys);
        drain (keys);
        assert_int_equal (keyboard_timeout (keys), -1);
    }
    keyboard_destroy (&keys);
    assert_null (keys);
    return result;
}

/*  The same whether it comes whole or byte by byte.                           */
static void check_size (const char *bytes, size_t size, const char *expected)
{
    assert_string_equal (all (bytes, size, size, false), expected);
    for (size_t piece = 1; piece <= 4; piece++)
        assert_string_equal (all (bytes, size, piece, false), expected);
}

#define CHECK(bytes, expected) check_size (bytes, sizeof (bytes) - 1, expected)

static void text_passes (void **state)
{
    CHECK ("hello", "hello");
    CHECK ("h\xc3\xa9 \xd0\x9f\xe4\xb8\xad\xf0\x9f\x98\x80",
           "h\xc3\xa9 \xd0\x9f\xe4\xb8\xad\xf0\x9f\x98\x80");
}

static void broken_utf8_is_replaced (void **state)
{
    CHECK ("\xff"
           "a",
           "\xef\xbf\xbd"
           "a");
    CHECK ("\xe2\x82"
           "a",
           "\xef\xbf\xbd"
           "a");
    CHECK ("\xc3\r", "\xef\xbf\xbd<enter>");
    CHECK ("\xed\xa0\x80x", "\xef\xbf\xbdx");
    assert_string_equal (all ("\xe2\x82", 2, 1, true), "\xef\xbf\xbd");
}

static void controls_are_keys (void **state)
{
    CHECK ("\x01\x05\x1a", "<C-a><C-e><C-z>");
    CHECK ("\r", "<enter>");
    CHECK ("\n", "<enter>");
    CHECK ("\t\x7f\x08", "<tab><backspace><backspace>");
    CHECK ("\0\x1c\x1f", "<C- ><C-\\><C-_>");
}

static void sequences_are_keys (void **state)
{
    CHECK ("\033[A\033[B\033[C\033[D", "<up><down><right><left>");
    CHECK ("\033OA\033OB\033OC\033OD", "<up><down><right><left>");
    CHECK ("\033[H\033[F\033OH\033OF\033[1~\033[4~\033[7~\033[8~",
           "<home><end><home><end><home><end><home><end>");
    CHECK ("\033[3~\033[5~\033[6~", "<delete><pgup><pgdn>");
    CHECK ("\033[1;5C\033[1;3D\033[3;5~", "<C-right><M-left><C-delete>");
    CHECK ("\033\033[D\033\033OC", "<M-left><M-right>");
    CHECK ("\033OM", "<enter>");
}

static void meta_is_escape_before_a_key (void **state)
{
    CHECK ("\033b\033f\033d", "<M-b><M-f><M-d>");
    CHECK ("\033\x7f\033\r", "<M-backspace><M-enter>");
    CHECK ("\033\xc3\xa9z", "<M-\xc3\xa9>z");
}

static void unknown_sequences_leave_no_text (void **state)
{
    CHECK ("\033[15~a\033[[Ab\033[<0;10;20Mc\033[?1;2cd\033[200a", "abcd");
    CHECK ("\033[Rx\033[?1;2Rx\033[80Rx", "xxx");
    CHECK ("\033]0;title\007a\033]11;rgb:0000\033\\b\033P+r\033\\c", "abc");
    CHECK ("\033[999999999999999999;99999999999~a", "a");
}

static void a_position_is_told (void **state)
{
    keyboard_t *keys = keyboard_new ();
    keyboard_stroke_t key;
    keyboard_feed (keys, "\033[24;80R", 8);
    assert_true (keyboard_next (keys, &key));
    assert_int_equal (key.kind, KEYBOARD_POSITION);
    assert_int_equal (key.column, 79);
    assert_false (keyboard_next (keys, &key));
    keyboard_destroy (&keys);
    CHECK ("\033[1;1Rx", "<position>x");
    CHECK ("\033[Ia\033[Ob", "<focus in>a<focus out>b");
}

static void endless_sequences_end (void **state)
{
    char bytes[8192];
    memset (bytes, '1', sizeof bytes);
    memcpy (bytes, "\033[", 2);
    assert_true (strlen (all (bytes, sizeof bytes, 100, false)) > 8000);
    memset (bytes, 'x', sizeof bytes);
    memcpy (bytes, "\033]", 2);
    assert_true (strlen (all (bytes, sizeof bytes, 100, false)) > 0);
}

static void escape_alone_needs_the_clock (void **state)
{
    keyboard_t *keys = keyboard_new ();
    result[0] = '\0';
    assert_int_equal (keyboard_timeout (keys), -1);
    keyboard_feed (keys, "\033", 1);
    drain (keys);
    assert_string_equal (result, "");
    assert_true (keyboard_timeout (keys) > 0);
    keyboard_flush (keys);
    drain (keys);
    assert_string_equal (result, "<escape>");
    assert_int_equal (keyboard_timeout (keys), -1);
    keyboard_feed (keys, "b", 1); /* not M-b any more */
    drain (keys);
    assert_string_equal (result, "<escape>b");
    keyboard_destroy (&keys);
    keyboard_destroy (&keys);
    assert_string_equal (all ("\033[1;", 4, 4, true), "");
}

static void a_paste_is_text (void **state)
{
    CHECK ("\033[200~a\rb\nc\r\nd\te\033[201~\r",
           "<paste><P-a><P-\n><P-b><P-\n><P-c><P-\n><P-d><P-\t><P-e><pasted><enter>");
    CHECK ("\033[200~\n\n\r\r\033[201~x", "<paste><P-\n><P-\n><P-\n><P-\n><pasted>x");
    CHECK ("\033[200~\033[201~x", "<paste><pasted>x");
}

static void a_paste_cannot_act (void **state)
{
    CHECK ("\033[200~\x03\x04\x15\x7f"
           "a\033[Ab\033[20c\033[201~",
           "<paste><P-a><P-[><P-A><P-b><P-[><P-2><P-0><P-c><pasted>");
}

static void a_paste_without_end_ends_with_the_clock (void **state)
{
    keyboard_t *keys = keyboard_new ();
    result[0] = '\0';
    keyboard_feed (keys, "\033[200~a\033[20", 11);
    drain (keys);
    assert_string_equal (result, "<paste><P-a>");
    assert_true (keyboard_timeout (keys) > 0);
    keyboard_flush (keys);
    drain (keys);
    assert_string_equal (result, "<paste><P-a><pasted>");
    assert_int_equal (keyboard_timeout (keys), -1);
    keyboard_feed (keys, "\033[200~b", 7);
    drain (keys);
    keyboard_flush (keys);
    drain (keys);
    assert_string_equal (result, "<paste><P-a><pasted><paste><P-b><pasted>");
    keyboard_feed (keys, "\r", 1);
    drain (keys);
    assert_non_null (strstr (result, "<enter>"));
    keyboard_destroy (&keys);
}

static void any_bytes_are_survived (void **state)
{
    keyboard_t *keys = keyboard_new ();
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[32];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (seed >> 24) % 4 == 0 ? "\033[~;20O"[(seed >> 16) % 7] : (char)(seed >> 16);
        }
        keyboard_feed (keys, bytes, sizeof bytes);
        keyboard_stroke_t key;
        while (keyboard_next (keys, &key))
            assert_true (key.kind <= KEYBOARD_ESCAPE && key.size < sizeof key.text);
    }
    keyboard_destroy (&keys);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_passes),
        cmocka_unit_test (broken_utf8_is_replaced),
        cmocka_unit_test (controls_are_keys),
        cmocka_unit_test (sequences_are_keys),
        cmocka_unit_test (meta_is_escape_before_a_key),
        cmocka_unit_test (unknown_sequences_leave_no_text),
        cmocka_unit_test (a_position_is_told),
        cmocka_unit_test (endless_sequences_end),
        cmocka_unit_test (escape_alone_needs_the_clock),
        cmocka_unit_test (a_paste_is_text),
        cmocka_unit_test (a_paste_cannot_act),
        cmocka_unit_test (a_paste_without_end_ends_with_the_clock),
        cmocka_unit_test (any_bytes_are_survived),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
