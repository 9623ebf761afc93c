/*  text.c - the one place where a peer's text becomes fit to be shown         */
#include "text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD, ZWJ = 0x200D, MARKS_MAX = 4 };

typedef struct {
    uint32_t first;
    uint32_t last;
} range_t;

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

/*  Code points that show nothing, or change how others are shown: the bidi
    controls, Default_Ignorable_Code_Point, and the Cf without a glyph. The Cf that
    have one (Arabic number signs and the like) are not here. FE0E, FE0F and the
    zero-width joiner are looked at apart. Ascending.                          */
static const range_t hidden[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0D},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

static bool is_hidden (uint32_t codepoint)
{
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden && hidden[i].first <= codepoint; i++)
        if (codepoint <= hidden[i].last)
            return true;
    return false;
}

static bool is_private_or_none (uint32_t codepoint)
{
    return (codepoint >= 0xE000 && codepoint <= 0xF8FF) || codepoint >= 0xF0000 ||
           (codepoint >= 0xFDD0 && codepoint <= 0xFDEF) || (codepoint & 0xFFFE) == 0xFFFE;
}

/*  True for what is written out as <U+...>, the zero-width joiner included.   */
static bool is_written_out (uint32_t codepoint)
{
    return (codepoint >= 0x80 && codepoint <= 0x9F) || is_hidden (codepoint) ||
           is_private_or_none (codepoint);
}

/*  Marks without a column of their own pile up. The spacing ones (Mc) do not, and
    a Burmese syllable may well have more than 4 of both.                      */
static bool is_piling (uint32_t codepoint)
{
    if (codepoint < 0x300)
        return false;
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

/*  --- showing ---------------------------------------------------------------  */

typedef struct {
    char *text;       /* what is written; owned                                */
    size_t size;      /* bytes of it                                           */
    text_mode_t mode; /*                                                       */
    size_t marks;     /* that pile on the last base                            */
    uint32_t last;    /* the last code point, where it passed; else 0          */
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

static void put_ascii (display_t *display, uint32_t codepoint)
{
    display->marks = 0;
    display->last = codepoint;
    char shown = (char)codepoint;
    if (codepoint < 0x20 || codepoint == 0x7F) {
        if (display->mode != TEXT_BLOCK || (codepoint != '\n' && codepoint != '\t')) {
            put (display, "^", 1);
            shown = (char)(codepoint ^ 0x40); /* DEL becomes ^? likewise */
        }
    }
    /* asked of what is shown: FS becomes ^\ */
    if (display->mode == TEXT_QUOTED && (shown == '"' || shown == '\\'))
        put (display, "\\", 1);
    put (display, &shown, 1);
}

static void put_written_out (display_t *display, uint32_t codepoint)
{
    char shown[16];
    int size = snprintf (shown, sizeof shown, "<U+%04X>", (unsigned)codepoint);
    put (display, shown, (size_t)size);
    display->marks = 0;
    display->last = 0;
}

static void put_literal (display_t *display, uint32_t codepoint)
{
    char shown[4];
    put (display, shown, text_encode (codepoint, shown));
    display->last = codepoint;
}

/*  A joiner passes where it joins what was shown to what will be shown, so that no
    two of them pass in a row. It is no base: marks go on piling on the one before
    it.                                                                        */
static bool joins (const display_t *display, frame_t rest)
{
    if (display->last < 0x80 || rest.size == 0)
        return false;
    uint32_t next;
    bool valid;
    decode (rest, &next, &valid);
    return valid && next >= 0x80 && !is_written_out (next) &&
           !(is_piling (next) && display->marks >= MARKS_MAX);
}

static void put_codepoint (display_t *display, uint32_t codepoint, bool valid, frame_t rest)
{
    if (!valid) {
        put_literal (display, REPLACEMENT);
        display->marks = 0;
        display->last = 0;
    } else if (codepoint < 0x80)
        put_ascii (display, codepoint);
    else if (codepoint == ZWJ && joins (display, rest))
        put_literal (display, codepoint);
    else if (is_written_out (codepoint))
        put_written_out (display, codepoint);
    else if (!is_piling (codepoint)) {
        put_literal (display, codepoint);
        if (utf8proc_category ((utf8proc_int32_t)codepoint) != UTF8PROC_CATEGORY_MC)
            display->marks = 0;
    } else if (display->marks < MARKS_MAX) {
        put_literal (display, codepoint);
        display->marks++;
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
        char *shrunk = realloc (display.text, display.size + 1);
        if (shrunk != NULL)
            display.text = shrunk;
    }
    display.text[display.size] = '\0';
    if (size != NULL)
        *size = display.size;
    return display.text;
}
