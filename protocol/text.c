/*  text.c - the one place where a peer's text becomes fit to be shown         */
#include "text.h"
#include "unicode.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD, FLAG = 0x1F3F4, TAG_END = 0xE007F, MARKS_MAX = 4 };

/*  --- UTF-8 -----------------------------------------------------------------  */

/*  How a sequence that begins with lead goes on: the number of bytes behind it, 0
    where lead begins nothing, and the bounds of the first of them (Unicode 3.9,
    table 3-7: they leave out overlong forms, surrogates and what is too large). */
static size_t sequence (uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 2;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 3;
    return 0;
}

/*  Decode one code point; *valid tells a U+FFFD that was sent from one that stands
    for a maximal subpart.                                                     */
static size_t decode (frame_t text, uint32_t *codepoint, bool *valid)
{
    assert (text.size > 0);
    const uint8_t *bytes = text.data;
    *valid = true;
    *codepoint = bytes[0];
    if (bytes[0] < 0x80)
        return 1;

    uint8_t low;
    uint8_t high;
    size_t more = sequence (bytes[0], &low, &high);
    uint32_t value = bytes[0] & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (i == text.size || bytes[i] < low || bytes[i] > high) {
            *codepoint = REPLACEMENT;
            *valid = false;
            return i;
        }
        value = value << 6 | (bytes[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *valid = more > 0;
    *codepoint = *valid ? value : REPLACEMENT;
    return 1 + more;
}

size_t text_decode (frame_t text, uint32_t *codepoint)
{
    bool valid;
    return decode (text, codepoint, &valid);
}

size_t text_encode (uint32_t codepoint, char *buffer)
{
    if (codepoint > 0x10FFFF || (codepoint >= 0xD800 && codepoint <= 0xDFFF))
        codepoint = REPLACEMENT;
    if (codepoint < 0x80) {
        buffer[0] = (char)codepoint;
        return 1;
    }
    size_t more = codepoint < 0x800 ? 1 : codepoint < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    buffer[0] = (char)(leads[more] | codepoint >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        buffer[i] = (char)(0x80 | (codepoint >> (6 * (more - i)) & 0x3F));
    return 1 + more;
}

static frame_t skip (frame_t text, size_t size)
{
    return frame_of ((const char *)text.data + size, text.size - size);
}

bool text_plain (frame_t text)
{
    const char *bytes = text.data;
    for (size_t i = 0; i < text.size; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return false;
    return true;
}

bool text_valid (frame_t text)
{
    if (text.size > 0 && memchr (text.data, 0, text.size) != NULL)
        return false;
    while (text.size > 0) {
        uint64_t eight;
        if (text.size >= sizeof eight) {
            memcpy (&eight, text.data, sizeof eight);
            if ((eight & UINT64_C (0x8080808080808080)) == 0) {
                text = skip (text, sizeof eight);
                continue;
            }
        }
        uint32_t codepoint;
        bool valid;
        text = skip (text, decode (text, &codepoint, &valid));
        if (!valid)
            return false;
    }
    return true;
}

/*  --- what may be seen ------------------------------------------------------  */

/*  Code points that show nothing and change how others are shown, or that hide: bidi embeddings,
    overrides and isolates, line and paragraph separators, blanks that count as letters, the
    deprecated and unassigned ones. The Cf that have a glyph (Arabic number signs and the like) are
    not here. Ascending.                                                       */
static const unicode_range_t hidden[] = {
    {0x115F, 0x1160},   {0x2028, 0x202E},   {0x2065, 0x206F},   {0x3164, 0x3164},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF}, {0xE01F0, 0xE0FFF},
};

/*  Code points that show nothing and change nothing that a terminal shows: where they may break a
    line, join letters that stand apart, or vary what has no variants. Ascending.  */
static const unicode_range_t idle[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C}, {0x17B4, 0x17B5}, {0x180B, 0x180F},
    {0x200B, 0x200F}, {0x2060, 0x2064}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

enum { MONGOLIAN_VOWEL_SEPARATOR = 0x180E };

static bool is_within (const unicode_range_t *ranges, size_t count, uint32_t codepoint)
{
    return codepoint >= ranges->first && unicode_within (ranges, count, codepoint);
}

static bool is_idle (uint32_t codepoint)
{
    return is_within (idle, sizeof idle / sizeof *idle, codepoint);
}

/*  True where it shows something without a letter that it stands at. Two are signs by their
    category, and blank: the empty pattern of Braille and the notehead of music that is not drawn.
 */
static bool shows_alone (uint32_t codepoint)
{
    switch (utf8proc_category ((utf8proc_int32_t)codepoint)) {
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
        return false;
    default:
        return codepoint != 0x2800 && codepoint != 0x1D159 && !is_idle (codepoint) &&
               !is_within (hidden, sizeof hidden / sizeof *hidden, codepoint);
    }
}

bool text_word (frame_t text)
{
    bool shows = false;
    for (uint32_t codepoint; text.size;) {
        bool valid;
        text = skip (text, decode (text, &codepoint, &valid));
        if (!valid)
            return false;
        switch (utf8proc_category ((utf8proc_int32_t)codepoint)) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            return false;
        default:
            shows = shows || shows_alone (codepoint);
        }
    }
    return shows;
}

static bool is_private_or_none (uint32_t codepoint)
{
    return (codepoint >= 0xE000 && codepoint <= 0xF8FF) || codepoint >= 0xF0000 ||
           (codepoint >= 0xFDD0 && codepoint <= 0xFDEF) || (codepoint & 0xFFFE) == 0xFFFE;
}

/*  True for what is written out as <U+...>.                                   */
static bool is_written_out (uint32_t codepoint)
{
    return (codepoint >= 0x80 && codepoint <= 0x9F) ||
           is_within (hidden, sizeof hidden / sizeof *hidden, codepoint) ||
           is_private_or_none (codepoint);
}

/*  Marks without a column of their own pile up. The spacing ones (Mc) do not, and
    a Burmese syllable may well have more than 4 of both.                      */
static bool is_piling (uint32_t codepoint)
{
    return codepoint >= 0x300 && unicode_is_nonspacing (codepoint);
}

/*  The direction marks, which are letters that one does not see.              */
static bool is_direction (uint32_t codepoint)
{
    return codepoint == 0x200E || codepoint == 0x200F || codepoint == 0x061C;
}

static bool is_right_to_left (uint32_t codepoint)
{
    utf8proc_bidi_class_t class =
        (utf8proc_bidi_class_t)utf8proc_get_property ((utf8proc_int32_t)codepoint)->bidi_class;
    return class == UTF8PROC_BIDI_CLASS_R || class == UTF8PROC_BIDI_CLASS_AL;
}

/*  --- showing ---------------------------------------------------------------  */

typedef struct {
    char *text;  /* what is written; owned                                */
    size_t size; /* bytes of it                                           */
    text_mode_t mode;
    size_t marks;    /* that pile on the last base                            */
    uint32_t last;   /* the last code point, where it passed; else 0          */
    uint32_t joiner; /* waits for what it joins; 0: none does                 */
    bool rightward;  /* a letter of a script from right to left stands in the line */
    size_t tags;     /* of a flag: so many tag characters pass                */
} display_t;

static char *text_alloc (size_t size)
{
    char *text = malloc (size);
    if (text == NULL) {
        fputs ("zchat: out of memory\n", stderr);
        abort ();
    }
    return text;
}

static void put (display_t *display, const char *bytes, size_t size)
{
    memcpy (display->text + display->size, bytes, size);
    display->size += size;
}

static void put_literal (display_t *display, uint32_t codepoint)
{
    char shown[4];
    put (display, shown, text_encode (codepoint, shown));
    display->last = codepoint;
}

/*  True where the joiner says something behind the last code point even if nothing follows: a
    letter takes the shape of one that is joined, a consonant is without its vowel.  */
static bool joins_last (const display_t *display)
{
    return unicode_is_virama (display->last) ||
           (display->joiner == UNICODE_ZWJ && unicode_is (joins_next, display->last) &&
            display->last != UNICODE_ZWJ);
}

/*  True where the joiner stands between two that it can join or keep apart: letters and marks of
    scripts that know joining; the zero-width joiner also pictures. Never beside ASCII.  */
static bool joins_both (const display_t *display, uint32_t next)
{
    uint32_t last = display->last;
    bool one = unicode_is (joined, last), other = unicode_is (joined, next);
    if (last < 0x80 || next < 0x80)
        return false;
    if ((one || unicode_is_mark (last)) && (other || unicode_is_mark (next)))
        return one || other;
    return display->joiner == UNICODE_ZWJ && !unicode_is_letter (last) &&
           !unicode_is_letter (next) && !unicode_is_mark (next);
}

static void write_out (display_t *display, uint32_t codepoint)
{
    char shown[16];
    int size = snprintf (shown, sizeof shown, "<U+%04X>", (unsigned)codepoint);
    put (display, shown, (size_t)size);
    display->marks = 0;
    display->last = 0;
}

/*  A code point that shows nothing and has nothing to do where it stands: people can do without it,
    a log tells everything.                                                    */
static void leave_out (display_t *display, uint32_t codepoint)
{
    if (display->mode == TEXT_QUOTED)
        write_out (display, codepoint);
}

/*  What comes next is known: the joiner before it passes where it joins; so no two of them pass in
   a row. next 0: nothing that is shown as it stands.                           */
static void settle_joiner (display_t *display, uint32_t next)
{
    uint32_t joiner = display->joiner;
    bool joins = joiner && (joins_last (display) || (next && joins_both (display, next)));
    display->joiner = 0;
    if (joins)
        put_literal (display, joiner);
    else if (joiner)
        leave_out (display, joiner);
}

static void put_ascii (display_t *display, uint32_t codepoint)
{
    settle_joiner (display, 0);
    display->marks = 0;
    display->last = codepoint;
    char shown = (char)codepoint;
    if (codepoint < 0x20 || codepoint == 0x7F) {
        if (display->mode != TEXT_BLOCK || (codepoint != '\n' && codepoint != '\t')) {
            put (display, "^", 1);
            shown = (char)(codepoint ^ 0x40); /* DEL becomes ^? likewise */
        }
        if (codepoint == '\n')
            display->rightward = false;
    }
    /* asked of what is shown: FS becomes ^\ */
    if (display->mode == TEXT_QUOTED && (shown == '"' || shown == '\\'))
        put (display, "\\", 1);
    put (display, &shown, 1);
}

static void put_written_out (display_t *display, uint32_t codepoint)
{
    settle_joiner (display, 0);
    write_out (display, codepoint);
}

/*  What shows nothing by itself passes where Unicode gives it something to do there, at most one in
    a row.                                                                     */
static void put_idle (display_t *display, uint32_t codepoint)
{
    bool passes = false;
    if (codepoint == UNICODE_ZWJ || codepoint == UNICODE_ZWNJ) {
        if (!display->joiner && display->last)
            display->joiner = codepoint;
        else
            leave_out (display, codepoint);
        return;
    }
    if (unicode_is_selector (codepoint))
        passes = unicode_varies (display->last, codepoint);
    else if (is_direction (codepoint))
        passes = display->rightward && !is_direction (display->last);
    else if (codepoint == MONGOLIAN_VOWEL_SEPARATOR)
        passes = display->last >= 0x1820 && display->last <= 0x18AA;
    if (passes && !display->joiner)
        put_literal (display, codepoint);
    else
        leave_out (display, codepoint);
}

/*  The tag characters behind a black flag that make another one of it: those of a subdivision (a
    region, 1 to 4 more) and the end; 0 where it is not such a sequence.       */
static size_t flag_tags (frame_t rest)
{
    enum { LEAST = 3, MOST = 7 };
    for (size_t count = 0; rest.size > 0 && count <= MOST; count++) {
        uint32_t codepoint;
        rest = skip (rest, text_decode (rest, &codepoint));
        if (codepoint == TAG_END)
            return count >= LEAST ? count + 1 : 0;
        if (!(codepoint >= 0xE0030 && codepoint <= 0xE0039) &&
            !(codepoint >= 0xE0061 && codepoint <= 0xE007A))
            return 0;
    }
    return 0;
}

static void put_mark (display_t *display, uint32_t codepoint)
{
    if (display->marks >= MARKS_MAX)
        return;
    settle_joiner (display, codepoint);
    put_literal (display, codepoint);
    display->marks++;
}

static void put_codepoint (display_t *display, uint32_t codepoint, bool valid, frame_t rest)
{
    if (display->tags > 0) {
        put_literal (display, codepoint);
        display->tags--;
    } else if (!valid) {
        settle_joiner (display, 0);
        put_literal (display, REPLACEMENT);
        display->marks = 0;
        display->last = 0;
    } else if (codepoint < 0x80)
        put_ascii (display, codepoint);
    else if (is_idle (codepoint))
        put_idle (display, codepoint);
    else if (is_written_out (codepoint))
        put_written_out (display, codepoint);
    else if (is_piling (codepoint))
        put_mark (display, codepoint);
    else {
        settle_joiner (display, codepoint);
        put_literal (display, codepoint);
        display->rightward = display->rightward || is_right_to_left (codepoint);
        if (utf8proc_category ((utf8proc_int32_t)codepoint) != UTF8PROC_CATEGORY_MC)
            display->marks = 0;
        if (codepoint == FLAG)
            display->tags = flag_tags (rest);
    }
}

/*  True for most of what is ever said: ASCII that is shown as it stands.      */
static bool is_plain (frame_t text, text_mode_t mode)
{
    const uint8_t *bytes = text.data;
    for (size_t i = 0; i < text.size; i++) {
        if (bytes[i] < 0x20 || bytes[i] > 0x7E) {
            if (mode != TEXT_BLOCK || (bytes[i] != '\n' && bytes[i] != '\t'))
                return false;
        } else if (mode == TEXT_QUOTED && (bytes[i] == '"' || bytes[i] == '\\'))
            return false;
    }
    return true;
}

char *text_display (frame_t text, text_mode_t mode, size_t *size)
{
    display_t display = {.mode = mode};
    if (is_plain (text, mode)) {
        display.text = text_alloc (text.size + 1);
        if (text.size > 0)
            put (&display, text.data, text.size);
    } else {
        /* C1 grows most: 2 bytes become the 8 of <U+009B> */
        assert (text.size < SIZE_MAX / 4);
        display.text = text_alloc (4 * text.size + 1);
        while (text.size > 0) {
            uint32_t codepoint;
            bool valid;
            text = skip (text, decode (text, &codepoint, &valid));
            put_codepoint (&display, codepoint, valid, text);
        }
        settle_joiner (&display, 0);
        char *shrunk = realloc (display.text, display.size + 1);
        if (shrunk != NULL)
            display.text = shrunk;
    }
    display.text[display.size] = '\0';
    if (size != NULL)
        *size = display.size;
    return display.text;
}
