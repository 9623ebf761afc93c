/*  width.c - text as a person sees it: grapheme clusters and their columns */
#include "width.h"
#include "text.h"
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

enum { VARIATION_EMOJI = 0xFE0F, REPLACEMENT = 0xFFFD };

void width_begin (void)
{
    setlocale (LC_CTYPE, "");
    /*  What is shown is UTF-8 whatever the locale says (LANG=C says ASCII), and wcwidth knows
        only the characters of the locale.                                     */
    if (strcmp (nl_langinfo (CODESET), "UTF-8") != 0)
        (void)setlocale (LC_CTYPE, "C.UTF-8");
}

/*  Count the columns of one character, as the C library of the terminal most often does too.
    What wcwidth does not know (newer emoji, another locale) utf8proc does; but for 166 spacing
    marks it says 0, while terminals give them one column.                     */
static int columns_of (int codepoint)
{
    if (codepoint >= ' ' && codepoint < 0x7f)
        return 1;
#ifdef __STDC_ISO_10646__
    int columns = codepoint < 0x80 ? -1 : wcwidth ((wchar_t)codepoint);
    if (columns >= 0)
        return columns;
#endif
    if (utf8proc_category (codepoint) == UTF8PROC_CATEGORY_MC)
        return 1;
    return utf8proc_charwidth (codepoint);
}

size_t width_decode (const char *text, size_t size, int *codepoint)
{
    uint32_t decoded;
    size_t used = text_decode (frame_of (text, size), &decoded);
    *codepoint = (int)decoded;
    /*  A byte that is not UTF-8 is edited by itself.                          */
    bool bad = decoded == REPLACEMENT && (used != 3 || memcmp (text, "\xef\xbf\xbd", 3) != 0);
    return bad ? 1 : used;
}

size_t width_cluster (const char *text, size_t size)
{
    if (size == 0)
        return 0;
    int before;
    /*  Most text is ASCII, in which clusters meet everywhere.                 */
    if (*text >= ' ' && *text < 0x7f && (size == 1 || (text[1] >= ' ' && text[1] < 0x7f)))
        return 1;
    size_t end = width_decode (text, size, &before);
    utf8proc_int32_t state = 0;
    while (end < size) {
        int after;
        size_t used = width_decode (text + end, size - end, &after);
        if (utf8proc_grapheme_break_stateful (before, after, &state))
            break;
        before = after;
        end += used;
    }
    return end;
}

size_t width_break_before (const char *text, size_t size, size_t at)
{
    /*  After ASCII, whether clusters meet depends on the next character alone. Everywhere else
        it may depend on characters any distance before.                       */
    for (; at > 0; at--) {
        unsigned char left = (unsigned char)text[at - 1];
        if (left >= 0x80)
            continue;
        if (at == size)
            return at;
        int right;
        (void)width_decode (text + at, size - at, &right);
        if (utf8proc_grapheme_break (left, right))
            return at;
    }
    return 0;
}

size_t width_cluster_before (const char *text, size_t size, size_t at)
{
    if (at == 0)
        return 0;
    size_t begin = width_break_before (text, size, at - 1);
    for (size_t next = begin; next < at; next += width_cluster (text + next, size - next))
        begin = next;
    return begin;
}

int width_columns (const char *text, size_t size)
{
    int columns = 0, last = 0;
    for (size_t at = 0; at < size;) {
        int codepoint;
        at += width_decode (text + at, size - at, &codepoint);
        /*  The selector asks for a picture where the character alone would be narrow. Terminals
            that follow it take one column more.                               */
        last = codepoint == VARIATION_EMOJI ? last == 1 : columns_of (codepoint);
        columns += last;
    }
    return columns;
}
