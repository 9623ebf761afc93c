/*  unicode.c - looking into the tables of Unicode                            */
#include "unicode.h"
#include <stdlib.h>
#include <utf8proc.h>

enum { VIRAMA = 9 };

static int compare_range (const void *key, const void *entry)
{
    uint32_t codepoint = *(const uint32_t *)key;
    const unicode_range_t *range = entry;
    return (codepoint > range->last) - (codepoint < range->first);
}

bool unicode_within (const unicode_range_t *ranges, size_t count, uint32_t codepoint)
{
    return bsearch (&codepoint, ranges, count, sizeof *ranges, compare_range) != NULL;
}

static int compare_like (const void *key, const void *entry)
{
    uint32_t codepoint = *(const uint32_t *)key;
    uint32_t at = ((const unicode_like_t *)entry)->codepoint;
    return (codepoint > at) - (codepoint < at);
}

const char *unicode_like (uint32_t codepoint)
{
    const unicode_like_t *found = bsearch (&codepoint, unicode_likes, unicode_likes_count,
                                           sizeof *unicode_likes, compare_like);
    return found ? found->like : NULL;
}

/*  --- properties ------------------------------------------------------------  */

int unicode_class (uint32_t codepoint)
{
    return utf8proc_get_property ((utf8proc_int32_t)codepoint)->combining_class;
}

bool unicode_is_virama (uint32_t codepoint)
{
    return unicode_class (codepoint) == VIRAMA;
}

bool unicode_is_letter (uint32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool unicode_is_mark (uint32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool unicode_is_nonspacing (uint32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

/*  --- variation selectors ---------------------------------------------------  */

bool unicode_is_selector (uint32_t codepoint)
{
    return (codepoint >= 0xFE00 && codepoint <= 0xFE0F) ||
           (codepoint >= 0xE0100 && codepoint <= 0xE01EF) ||
           (codepoint >= 0x180B && codepoint <= 0x180F && codepoint != 0x180E);
}

bool unicode_varies (uint32_t base, uint32_t selector)
{
    if (selector >= 0xE0100)
        return unicode_is (ideographs, base);
    if (selector == 0xFE0E || selector == 0xFE0F)
        return unicode_is (emoji_varied, base);
    return unicode_is (varied, base);
}

/*  --- joiners ---------------------------------------------------------------  */

/*  Joining_Type T: marks, mostly.                                             */
static bool is_transparent (uint32_t codepoint)
{
    return unicode_is_nonspacing (codepoint);
}

/*  A mark of class other than 0: what may stand between a virama and a joiner.  */
static bool is_reordering (uint32_t codepoint)
{
    return unicode_is_nonspacing (codepoint) && unicode_class (codepoint) != 0;
}

/*  A1: the joiner breaks a cursive connection.                                */
static bool breaks_cursive (const uint32_t *codepoints, size_t count, size_t at)
{
    size_t before = at, behind = at + 1;
    while (before > 0 && is_transparent (codepoints[before - 1]))
        before--;
    while (behind < count && is_transparent (codepoints[behind]))
        behind++;
    return before > 0 && behind < count && unicode_is (joins_next, codepoints[before - 1]) &&
           unicode_is (joins_last, codepoints[behind]);
}

/*  A2 and B, what stands before the joiner: a letter, marks, a virama.        */
static bool follows_virama (const uint32_t *codepoints, size_t at)
{
    while (at > 0 && is_reordering (codepoints[at - 1]) && !unicode_is_virama (codepoints[at - 1]))
        at--;
    if (at == 0 || !unicode_is_virama (codepoints[at - 1]))
        return false;
    while (at > 0 && unicode_is_mark (codepoints[at - 1]))
        at--;
    return at > 0 && unicode_is_letter (codepoints[at - 1]);
}

bool unicode_joiner_fits (const uint32_t *codepoints, size_t count, size_t at)
{
    bool breaks = codepoints[at] == UNICODE_ZWNJ;
    if (breaks && breaks_cursive (codepoints, count, at))
        return true;
    if (!follows_virama (codepoints, at))
        return false;
    size_t behind = at + 1;
    while (behind < count && is_reordering (codepoints[behind]))
        behind++;
    if (breaks)
        return behind < count && unicode_is_letter (codepoints[behind]);
    return behind == count || !unicode_is (vowel_signs, codepoints[behind]);
}
