/*  test_text.c - nothing a peer sends reaches a terminal as it came           */
#include "text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define BYTES(literal) frame_of (literal, sizeof (literal) - 1)

static void assert_shown_as (frame_t text, text_mode_t mode, const char *expected)
{
    /* a copy of the exact size on the heap: reading behind it is seen by a sanitizer */
    char *copy = malloc (text.size + 1);
    if (text.size > 0)
        memcpy (copy + 1, text.data, text.size);
    size_t size = 0;
    char *shown = text_display (frame_of (copy + 1, text.size), mode, &size);
    assert_string_equal (shown, expected);
    assert_int_equal (size, strlen (shown));
    assert_true (text_valid (frame_str (shown)));
    free (shown);
    free (copy);
}

#define LINE(literal, expected)   assert_shown_as (BYTES (literal), TEXT_LINE, expected)
#define BLOCK(literal, expected)  assert_shown_as (BYTES (literal), TEXT_BLOCK, expected)
#define QUOTED(literal, expected) assert_shown_as (BYTES (literal), TEXT_QUOTED, expected)

/*  --- UTF-8 -----------------------------------------------------------------  */

/*  Every code point there is comes back, and no other does.                   */
static void utf8_goes_there_and_back (void **state)
{
    for (uint32_t codepoint = 0; codepoint < 0x110010; codepoint++) {
        char bytes[4];
        size_t size = text_encode (codepoint, bytes);
        uint32_t back;
        assert_int_equal (text_decode (frame_of (bytes, size), &back), size);
        bool exists = codepoint < 0x110000 && (codepoint < 0xD800 || codepoint > 0xDFFF);
        assert_int_equal (back, exists ? codepoint : 0xFFFD);
        assert_true (text_valid (frame_of (bytes, size)) == (codepoint != 0));
    }
}

/*  Every sequence of three bytes: what is called valid encodes to itself.     */
static void only_shortest_forms_are_valid (void **state)
{
    for (unsigned first = 0x80; first < 0x100; first++)
        for (unsigned second = 0; second < 0x100; second++)
            for (unsigned third = 0; third < 0x100; third += 5) {
                uint8_t bytes[3] = {(uint8_t)first, (uint8_t)second, (uint8_t)third};
                uint32_t codepoint;
                size_t size = text_decode (frame_of (bytes, 3), &codepoint);
                assert_in_range (size, 1, 3);
                char again[4];
                size_t encoded = text_encode (codepoint, again);
                if (encoded == size && memcmp (again, bytes, size) == 0)
                    assert_true (text_valid (frame_of (bytes, size)));
                else {
                    assert_int_equal (codepoint, 0xFFFD);
                    assert_false (text_valid (frame_of (bytes, size)));
                }
            }
}

static void validity_is_strict (void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool valid;
    } cases[] = {
        {NULL, 0, true},
        {"hello, world, how are you", 25, true},
        {"\xd0\xbf\xd1\x80\xd0\xb8", 6, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xef\xbf\xbd", 3, true},          /* U+FFFD that was sent  */
        {"a\0b", 3, false},                 /* NUL                   */
        {"12345678\0", 9, false},           /* behind a fast stretch */
        {"12345678\x80", 9, false},         /*                       */
        {"\xc0\x80", 2, false},             /* overlong NUL          */
        {"\xc1\xbf", 2, false},             /* overlong DEL          */
        {"\xe0\x9f\xbf", 3, false},         /* overlong              */
        {"\xf0\x8f\xbf\xbf", 4, false},     /* overlong              */
        {"\xed\xa0\x80", 3, false},         /* surrogate             */
        {"\xed\xbf\xbf", 3, false},         /* surrogate             */
        {"\xf4\x90\x80\x80", 4, false},     /* beyond U+10FFFF       */
        {"\xf5\x80\x80\x80", 4, false},     /*                       */
        {"\xff", 1, false},                 /*                       */
        {"\xd0", 1, false},                 /* cut short             */
        {"ab\xe2\x82", 4, false},           /* cut short             */
        {"\xf0\x9f\x98", 3, false},         /* cut short             */
        {"\x80", 1, false},                 /* goes on from nothing  */
        {"\xf8\x88\x80\x80\x80", 5, false}, /* five bytes            */
        {"1234567\xd0\xbf"
         "1234567",
         16, true} /* across eight bytes    */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true (text_valid (frame_of (cases[i].bytes, cases[i].size)) == cases[i].valid);
}

/*  Unicode 3.9, tables 3-8 to 3-11.                                            */
static void what_is_not_utf8_is_replaced_by_maximal_subparts (void **state)
{
#define R "\xef\xbf\xbd"
    LINE ("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
          "A",
          R R R R R R R R "A");
    LINE ("\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
          "A",
          R R R R R R R R "A");
    LINE ("\xf4\x91\x92\x93\xff"
          "A\x80\xbf"
          "B",
          R R R R R "A" R R "B");
    LINE ("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
          "A",
          R R R R "A");
    LINE ("\xf0\x9f\x98", R);
    LINE ("\xe2\x82\x1b", R "^[");
    LINE (R, R);
}

/*  --- controls --------------------------------------------------------------  */

static void ascii_passes (void **state)
{
    LINE ("", "");
    assert_shown_as (frame_of (NULL, 0), TEXT_BLOCK, "");
    LINE ("Hello, world! ~", "Hello, world! ~");
    LINE ("say \"x\\y\"", "say \"x\\y\"");
    size_t *no_size = NULL;
    char *shown = text_display (frame_str ("x"), TEXT_LINE, no_size);
    assert_string_equal (shown, "x");
    free (shown);
}

static void controls_become_visible (void **state)
{
    for (int byte = 0; byte < 0x20; byte++) {
        char text[2] = {'a', (char)byte};
        char expected[4] = {'a', '^', (char)(byte + 0x40), '\0'};
        assert_shown_as (frame_of (text, 2), TEXT_LINE, expected);
        assert_shown_as (frame_of (text, 2), TEXT_QUOTED, byte == 0x1C ? "a^\\\\" : expected);
        char as_is[3] = {'a', (char)byte, '\0'};
        assert_shown_as (frame_of (text, 2), TEXT_BLOCK,
                         byte == '\n' || byte == '\t' ? as_is : expected);
    }
    LINE ("\x7f", "^?");
    LINE ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m");
    LINE ("\x1b]0;title\x07", "^[]0;title^G");
    LINE ("\x1b]52;c;aGk=\x1b\\", "^[]52;c;aGk=^[\\");
    LINE ("\x1bP$q\"p\x1b\\", "^[P$q\"p^[\\");
    LINE ("a\0b", "a^@b");
    BLOCK ("a\r\nb\tc\x0b", "a^M\nb\tc^K");
}

static void c1_is_seen_in_good_utf8_and_in_bad (void **state)
{
    LINE ("\xc2\x9b"
          "31m",
          "<U+009B>31m"); /* CSI        */
    LINE ("\xc2\x9d"
          "0;x\xc2\x9c",
          "<U+009D>0;x<U+009C>");
    LINE ("\x9b"
          "31m",
          R "31m"); /* a raw byte */
    LINE ("x\x9cy", "x" R "y");
    LINE ("\xc2\x80\xc2\x9f\xc2\xa1", "<U+0080><U+009F>\xc2\xa1");
    LINE ("\xc2\x85", "<U+0085>");
    /* 0x9C within a letter is no string terminator */
    LINE ("\xd0\x9c\xd0\xbe\xd1\x80\xd0\xb5", "\xd0\x9c\xd0\xbe\xd1\x80\xd0\xb5");
    LINE ("\xe2\x9c\x93", "\xe2\x9c\x93");
}

static void quotes_are_escaped_where_asked (void **state)
{
    QUOTED ("say \"hi\"", "say \\\"hi\\\"");
    QUOTED ("\\", "\\\\");
    QUOTED ("\\\n\"", "\\\\^J\\\"");
    QUOTED ("\x1c", "^\\\\"); /* ^\ would hide the quote that ends the text */
    QUOTED ("plain", "plain");
    /* a quote that only looks like one ends nothing */
    QUOTED ("\xe2\x80\x9d", "\xe2\x80\x9d");
}

/*  --- what cannot be seen ---------------------------------------------------  */

static void assert_written_out (uint32_t codepoint)
{
    char text[6] = {'a'};
    size_t size = 1 + text_encode (codepoint, text + 1);
    text[size++] = 'b';
    char expected[20];
    snprintf (expected, sizeof expected, "a<U+%04X>b", (unsigned)codepoint);
    assert_shown_as (frame_of (text, size), TEXT_LINE, expected);
    assert_shown_as (frame_of (text, size), TEXT_BLOCK, expected);
}

#define ZWJ   "\xe2\x80\x8d"
#define MAN   "\xf0\x9f\x91\xa8"
#define WOMAN "\xf0\x9f\x91\xa9"
#define HEART "\xe2\x9d\xa4"
#define VS16  "\xef\xb8\x8f"

static void what_reorders_or_hides_becomes_visible (void **state)
{
    static const uint32_t hidden[] = {
        0x202A,  0x202B,  0x202C,   0x202D,  0x202E,  0x2066,  0x2067,   0x2068, 0x2069, 0x2028,
        0x2029,  0x2065,  0x206A,   0x206F,  0x115F,  0x1160,  0x3164,   0xFFA0, 0xFFF9, 0xFFFB,
        0xE0001, 0xE0020, 0xE0041,  0xE007F, 0xE01F0, 0x1D173, 0x1BCA0,  0xFFFE, 0xFFFF, 0xFDD0,
        0xFDEF,  0x1FFFE, 0x10FFFF, 0xE000,  0xF8FF,  0xF0000, 0x10FFFD,
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        assert_written_out (hidden[i]);
    LINE ("user\xe2\x80\xae"
          "gnp.exe",
          "user<U+202E>gnp.exe");
}

/*  What shows nothing and does nothing where it stands.                       */
static void harmless_invisible_characters_are_dropped (void **state)
{
    static const uint32_t idle[] = {
        0x00AD, 0x034F, 0x061C, 0x17B4, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D,  0x200E,
        0x200F, 0x2060, 0x2064, 0xFEFF, 0xFE00, 0xFE0E, 0xFE0F, 0xFE0D, 0xE0100, 0xE01EF,
    };
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        char text[12] = {'a'};
        size_t size = 1 + text_encode (idle[i], text + 1);
        size += text_encode (idle[i], text + size);
        text[size++] = 'b';
        assert_shown_as (frame_of (text, size), TEXT_LINE, "ab");
        assert_shown_as (frame_of (text, size), TEXT_BLOCK, "ab");
        assert_shown_as (frame_of (text + 1, size - 2), TEXT_LINE, "");
    }
    /* a log tells everything */
    QUOTED ("bob\xe2\x80\x8b", "bob<U+200B>");
    QUOTED (MAN ZWJ ZWJ "x\xc2\xad", MAN "<U+200D><U+200D>x<U+00AD>");
    QUOTED (HEART VS16 VS16, HEART VS16 "<U+FE0F>");
    LINE ("\xef\xbb\xbfhello", "hello"); /* the mark at the begin of a file */
    LINE ("Donau\xc2\xad"
          "dampf",
          "Donaudampf");
}

static void neighbours_of_the_invisible_pass (void **state)
{
    static const uint32_t seen[] = {0x00A0, 0x00AC, 0x00AE, 0x061B,  0x0600,  0x2010, 0x2027,
                                    0x202F, 0x2070, 0x3163, 0x3165,  0xFEFE,  0xFFFC, 0xFDCF,
                                    0xFDF0, 0xD7FF, 0xF900, 0x1F600, 0x1FFFD, 0xFE10};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        char text[5] = {0};
        size_t size = text_encode (seen[i], text);
        assert_shown_as (frame_of (text, size), TEXT_LINE, text);
    }
}

#define ZWNJ "\xe2\x80\x8c"

static void assert_passes (const char *text)
{
    assert_shown_as (frame_str (text), TEXT_LINE, text);
    assert_shown_as (frame_str (text), TEXT_QUOTED, text);
}

static void emoji_stay_whole (void **state)
{
    assert_passes (WOMAN ZWJ HEART VS16 ZWJ MAN);
    assert_passes ("1" VS16 "\xe2\x83\xa3"); /* a keycap */
    assert_passes ("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd");
    assert_passes ("\xf0\x9f\x87\xba\xf0\x9f\x87\xa6");
    assert_passes ("🏴‍☠️");
    assert_passes ("🏳️‍🌈");
    assert_passes ("🧑🏽‍🤝‍🧑🏿");
}

/*  The flags of England, Scotland and Texas; nothing else is said in tags.    */
static void flags_of_tags_stay_whole (void **state)
{
#define BLACK_FLAG "\xf0\x9f\x8f\xb4"
#define TAG(byte)  "\xf3\xa0\x81" byte
#define ENGLAND    TAG ("\xa7") TAG ("\xa2") TAG ("\xa5") TAG ("\xae") TAG ("\xa7")
#define CANCEL     TAG ("\xbf")
    assert_passes (BLACK_FLAG ENGLAND CANCEL);
    assert_passes ("🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁵󠁳󠁴󠁸󠁿");
    LINE (BLACK_FLAG ENGLAND, BLACK_FLAG "<U+E0067><U+E0062><U+E0065><U+E006E><U+E0067>");
    LINE (BLACK_FLAG CANCEL, BLACK_FLAG "<U+E007F>");
    LINE (BLACK_FLAG TAG ("\xa7") TAG ("\xa2") CANCEL, BLACK_FLAG "<U+E0067><U+E0062><U+E007F>");
    LINE (MAN ENGLAND CANCEL, MAN "<U+E0067><U+E0062><U+E0065><U+E006E><U+E0067><U+E007F>");
    LINE (BLACK_FLAG ENGLAND CANCEL CANCEL, BLACK_FLAG ENGLAND CANCEL "<U+E007F>");
    /* eight of them are no subdivision */
    LINE (BLACK_FLAG ENGLAND TAG ("\xa7") TAG ("\xa7") TAG ("\xa7") CANCEL,
          BLACK_FLAG "<U+E0067><U+E0062><U+E0065><U+E006E><U+E0067><U+E0067><U+E0067><U+E0067>"
                     "<U+E007F>");
    LINE (BLACK_FLAG TAG ("\x81") TAG ("\xa2") TAG ("\xa5") CANCEL,
          BLACK_FLAG "<U+E0041><U+E0062><U+E0065><U+E007F>");
}

/*  Persian, Urdu, Devanagari, Bengali, Kannada, Malayalam, Sinhala, Khmer, Burmese.  */
static void joiners_pass_where_they_join (void **state)
{
    assert_passes ("می" ZWNJ "خواهم");
    assert_passes ("خانه" ZWNJ "ای");
    assert_passes ("مرد" ZWNJ "ها"); /* typed by habit: they do not join anyway */
    assert_passes ("ه" ZWJ);         /* a letter in its joined shape, alone     */
    assert_passes ("ه" ZWJ " 1400");
    assert_passes ("क्" ZWNJ "ष");
    assert_passes ("क्" ZWJ "ष");
    assert_passes ("क्" ZWJ);
    assert_passes ("র" ZWJ "্য");
    assert_passes ("ರ" ZWJ "್ಕ");
    assert_passes ("ಕ್" ZWNJ " ರ");
    assert_passes ("അവന്" ZWJ ".");
    assert_passes ("ක්" ZWJ "ර");
    /* a Burmese syllable with five marks, of which two pile up */
    assert_passes ("\xe1\x80\x9c\xe1\x80\xbb\xe1\x80\xbe\xe1\x80\xb1\xe1\x80\xac\xe1\x80\xb7");
}

static void a_joiner_that_joins_nothing_is_dropped (void **state)
{
    LINE (ZWJ, "");
    LINE (ZWJ MAN, MAN);
    LINE (MAN ZWJ, MAN);
    LINE ("a" ZWJ MAN, "a" MAN);
    LINE (MAN ZWJ "a", MAN "a");
    LINE (MAN ZWNJ MAN, MAN MAN);
    LINE ("a" ZWNJ "b", "ab");
    LINE ("и" ZWNJ "в" ZWJ "ж", "ивж");
    LINE ("می" ZWNJ "a", "میa");
    LINE ("می" ZWNJ, "می");
    LINE ("می" ZWNJ ZWNJ ZWJ "خ", "می" ZWNJ "خ");
    LINE (MAN ZWJ "\n", MAN "^J");
    LINE (MAN ZWJ ZWJ MAN, MAN ZWJ MAN);
    LINE (MAN ZWJ "\xc2\xad" MAN, MAN ZWJ MAN);
    LINE (MAN ZWJ "\xe2\x80\xae", MAN "<U+202E>");
    LINE ("\xe2\x80\xae" ZWJ MAN, "<U+202E>" MAN);
    LINE ("\xff" ZWJ MAN, R MAN);
    LINE (MAN ZWJ "\xff", MAN R);
}

static void selectors_pass_where_they_vary (void **state)
{
    assert_passes ("\xe8\x91\x9b\xf3\xa0\x84\x80"); /* an ideograph in its own shape */
    assert_passes ("\xe2\x88\xa9\xef\xb8\x80");     /* intersection with serifs      */
    assert_passes ("\xe1\xa0\xa0\xe1\xa0\x8b");     /* a Mongolian letter            */
    assert_passes ("\xe1\xa0\xa8\xe1\xa0\x8e\xe1\xa0\xa0");
    assert_passes (HEART VS16);
    LINE ("a\xf3\xa0\x84\x80", "a");
    LINE (HEART VS16 VS16 VS16, HEART VS16);
    LINE ("x" VS16, "x");
    LINE ("\xe8\x91\x9b" VS16, "\xe8\x91\x9b");
    LINE ("\xe8\x91\x9b\xf3\xa0\x84\x80\xf3\xa0\x84\x81", "\xe8\x91\x9b\xf3\xa0\x84\x80");
}

/*  Letters that one does not see: where there are others of their direction they add nothing that
    these could not do.                                                        */
static void direction_marks_pass_among_their_letters (void **state)
{
#define RLM "\xe2\x80\x8f"
#define LRM "\xe2\x80\x8e"
#define ALM "\xd8\x9c"
    assert_passes ("שלום!" RLM);
    assert_passes ("שלום (C++" LRM ") שלום");
    assert_passes ("سلام" ALM " 1-2");
    LINE (RLM "abc", "abc");
    LINE ("abc" RLM LRM ALM "!", "abc!");
    LINE ("שלום" RLM RLM RLM "!", "שלום" RLM "!");
    BLOCK ("שלום" RLM "\nabc" RLM, "שלום" RLM "\nabc");
}

#define ACUTE   "\xcc\x81"
#define SPACING "\xe0\xa4\x83" /* visarga, Mc */

static void marks_pile_up_to_four (void **state)
{
    LINE ("e" ACUTE ACUTE ACUTE ACUTE, "e" ACUTE ACUTE ACUTE ACUTE);
    LINE ("e" ACUTE ACUTE ACUTE ACUTE ACUTE "x" ACUTE, "e" ACUTE ACUTE ACUTE ACUTE "x" ACUTE);
    LINE (ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE, ACUTE ACUTE ACUTE ACUTE);
    /* neither a spacing mark nor a joiner is a new base */
    LINE ("e" ACUTE ACUTE ACUTE ACUTE SPACING ACUTE "!", "e" ACUTE ACUTE ACUTE ACUTE SPACING "!");
    LINE (MAN ACUTE ACUTE ACUTE ACUTE ZWJ ACUTE MAN, MAN ACUTE ACUTE ACUTE ACUTE ZWJ MAN);
    LINE ("ب" ACUTE ACUTE ACUTE ZWJ ACUTE ACUTE, "ب" ACUTE ACUTE ACUTE ACUTE);
    LINE ("ب" ACUTE ACUTE RLM ACUTE ACUTE ACUTE, "ب" ACUTE ACUTE RLM ACUTE ACUTE);
    LINE ("e" ACUTE ACUTE ACUTE ACUTE "\xff" ACUTE, "e" ACUTE ACUTE ACUTE ACUTE R ACUTE);
}

/*  --- large, and any --------------------------------------------------------  */

/*  Fill size bytes with a unit of bytes, as often as it fits.                 */
static void fill (char *bytes, size_t size, frame_t unit)
{
    for (size_t at = 0; at + unit.size <= size; at += unit.size)
        memcpy (bytes + at, unit.data, unit.size);
}

static void large_texts_fit (void **state)
{
    enum { SIZE = 65536 };
    char *text = malloc (SIZE);
    static const char *const units[] = {"\x1b", "\xc2\x9b", "\xff", "\"", "a", "\xf3\xa0\x81\x81"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        fill (text, SIZE, frame_str (units[i]));
        size_t size;
        char *shown = text_display (frame_of (text, SIZE), TEXT_QUOTED, &size);
        assert_in_range (size, SIZE, 4 * SIZE);
        assert_true (text_valid (frame_of (shown, size)));
        free (shown);
    }
    /* zalgo: nothing but marks on one letter */
    fill (text, SIZE, frame_str (ACUTE));
    text[0] = text[1] = 'e';
    size_t size;
    char *shown = text_display (frame_of (text, SIZE), TEXT_LINE, &size);
    assert_int_equal (size, 2 + 4 * 2);
    free (shown);
    free (text);
}

/*  What is shown is valid, holds no control and, shown again, stays as it is. */
static void random_bytes_are_made_fit (void **state)
{
    static const uint8_t often[] = {0x1B, 0xC2, 0x9B, 0x9C, 0xE2, 0x80, 0x8D, 0xAE,
                                    0xCC, 0x81, 0xF0, 0x9F, 0x91, 0xA8, 'a',  0xEF};
    uint32_t seed = 4711;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = seed & 0x8000 ? often[seed >> 28] : (uint8_t)(seed >> 24);
        }
        size_t size;
        char *once = text_display (frame_of (bytes, sizeof bytes), TEXT_LINE, &size);
        assert_true (text_valid (frame_of (once, size)));
        for (frame_t rest = frame_of (once, size); rest.size > 0;) {
            uint32_t codepoint;
            size_t taken = text_decode (rest, &codepoint);
            rest = frame_of ((const char *)rest.data + taken, rest.size - taken);
            assert_true (codepoint >= 0x20 && (codepoint < 0x7F || codepoint > 0x9F));
            assert_true (codepoint < 0x202A || codepoint > 0x202E);
        }
        char *twice = text_display (frame_of (once, size), TEXT_LINE, NULL);
        assert_string_equal (once, twice);
        free (once);
        free (twice);
    }
}

static void a_word_shows_something (void **state)
{
    (void)state;
    /*  An emoji of several, a flag of tags, a letter with its mark.           */
    static const char *const words[] = {
        "+1",           "\U0001F44D\U0001F3FD",
        "\u2764\uFE0F", "\U0001F3F4\U000E0067\U000E0062\U000E007F",
        "e\u0301",      "\u0915\u0940",
        "x\u3164",
    };
    static const char *const none[] = {
        "",       "\u200B",     "\u0301", "\u115F\u1160", "\u3164", "\uFFA0",
        "\u2800", "\U0001D159", "\u2065", "\U000E0041",   "\u17B4", "two words",
        "a\n",    "\u00A0x",    "\xFFx",  "x\x7F",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true (text_word (frame_str (words[i])));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false (text_word (frame_str (none[i])));
}

/*  Where text_plain says so, nothing is changed: every byte, alone and among letters. */
static void test_plain (void **state)
{
    assert_true (text_plain (frame_of (NULL, 0)));
    assert_true (text_plain (frame_str ("It's \"plain\" \\ text, ~100 %.")));
    for (int byte = 0; byte < 256; byte++) {
        char text[] = {'a', (char)byte, 'b', '\0'};
        frame_t frame = frame_of (text, 3);
        size_t size;
        char *shown = text_display (frame, TEXT_LINE, &size);
        bool same = frame_eq (frame_of (shown, size), frame);
        free (shown);
        assert_int_equal (text_plain (frame), byte >= ' ' && byte <= '~');
        assert_true (same || !text_plain (frame));
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_plain),
        cmocka_unit_test (utf8_goes_there_and_back),
        cmocka_unit_test (only_shortest_forms_are_valid),
        cmocka_unit_test (validity_is_strict),
        cmocka_unit_test (what_is_not_utf8_is_replaced_by_maximal_subparts),
        cmocka_unit_test (ascii_passes),
        cmocka_unit_test (controls_become_visible),
        cmocka_unit_test (c1_is_seen_in_good_utf8_and_in_bad),
        cmocka_unit_test (quotes_are_escaped_where_asked),
        cmocka_unit_test (what_reorders_or_hides_becomes_visible),
        cmocka_unit_test (harmless_invisible_characters_are_dropped),
        cmocka_unit_test (neighbours_of_the_invisible_pass),
        cmocka_unit_test (emoji_stay_whole),
        cmocka_unit_test (flags_of_tags_stay_whole),
        cmocka_unit_test (joiners_pass_where_they_join),
        cmocka_unit_test (a_joiner_that_joins_nothing_is_dropped),
        cmocka_unit_test (selectors_pass_where_they_vary),
        cmocka_unit_test (direction_marks_pass_among_their_letters),
        cmocka_unit_test (marks_pile_up_to_four),
        cmocka_unit_test (large_texts_fit),
        cmocka_unit_test (random_bytes_are_made_fit),
        cmocka_unit_test (a_word_shows_something),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
