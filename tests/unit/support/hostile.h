/*  hostile.h - texts that harm a terminal, or the eye of who reads; and what may reach a terminal

    The same ways to harm as in integration/test_attack_terminal.py (POISONS), and what is no UTF-8.
*/
#ifndef ZCHAT_TEST_HOSTILE_H
#define ZCHAT_TEST_HOSTILE_H

#include "frame.h"
#include "text.h"
#include <utf8proc.h>
/* cmocka is included before this */

#define HOSTILE(literal)                                                                           \
    {                                                                                              \
        literal, sizeof (literal) - 1                                                              \
    }

static const frame_t hostile[] = {
    HOSTILE (""),
    HOSTILE ("a\x1b[2J\x1b[31mred\x1b]0;title\x07\x62\x1bP1$r\x1b\\"),
    HOSTILE ("\x1b]52;c;aGFoYQ==\x07\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\"),
    HOSTILE ("a\xc2\x9b\x32J\xc2\x9d\x30;title\xc2\x9c\x62\xc2\x90q\xc2\x85\x63"),
    HOSTILE ("a\x9b\x32J\x9d\x30;title\x9c\x62\x90q\x85\x63"),
    HOSTILE ("a\xe2\x80\xae\x62\xe2\x81\xa6\x63\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c\x64"),
    HOSTILE ("a\xe2\x80\x8b\x62\xe2\x81\xa0\x63\xef\xbb\xbf\x64\xc2\xad\x65\xe1\xa0\x8e\x66"),
    HOSTILE ("a\n12:00 alice: forged\r\rback\x0b\x0c\xe2\x80\xa8\x65\xe2\x80\xa9\x66"),
    HOSTILE ("a\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
             "\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"),
    HOSTILE (
        "a\xf3\xa0\x80\x81\xf3\xa0\x81\x81\xf3\xa0\x81\xbf\x62\xef\xbf\xb9\x63\xef\xbf\xbb\x64"),
    HOSTILE ("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\x62"),
    HOSTILE ("\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"),
    HOSTILE ("\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xf0\x9f\x98"),
    HOSTILE ("https://a.example/\x1b]8;;http://evil.example\x1b\\x http://a\x07.b/\x9c"),
    HOSTILE ("https://\xe2\x80\xae.example/ https://\xd0\xb0.example/\xcc\x81\"><script>"),
    HOSTILE ("http://a.b/;id=1;\\\x1b\x5c%1b%5d8%07 http://[::1]/\x7f"),
    HOSTILE (":smile\x1b[ @\x1b\x07 #\xe2\x80\xae /join\x1b ivan\x9b"),
    HOSTILE ("\xf0\x9f\x91\xa9\xe2\x80\x8d\xe2\x80\x8d\xe2\x80\x8d\xf0\x9f\x92\xbb\xef\xb8\x8f\xef"
             "\xb8\x8f"),
    HOSTILE ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "\x1b]0;t\x07"),
};

enum { HOSTILE_COUNT = sizeof hostile / sizeof *hostile };

/*  True where a code point may be written to a terminal as a part of a text.  */
static inline bool hostile_may_pass (uint32_t codepoint)
{
    static const struct {
        uint32_t first, last;
    } never[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200c}, {0x200e, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (codepoint >= never[i].first && codepoint <= never[i].last)
            return false;
    return codepoint < 0x110000;
}

/*  Check that a text may be written to a terminal: UTF-8, no control or hiding character, and no
    pile of marks.                                                             */
static inline void assert_harmless (const char *text, size_t size)
{
    int marks = 0;
    assert_true (size == 0 || text_valid (frame_of (text, size)));
    for (size_t at = 0; at < size;) {
        uint32_t codepoint;
        at += text_decode (frame_of (text + at, size - at), &codepoint);
        assert_true (hostile_may_pass (codepoint));
        marks =
            utf8proc_category ((utf8proc_int32_t)codepoint) == UTF8PROC_CATEGORY_MN ? marks + 1 : 0;
        assert_true (marks <= 4);
    }
}

#endif
