/*  unicode.h - what utf8proc does not tell of a code point

    Tables made from the Unicode data by scripts/unicode-tables (unicode_data.c), and how to
    look into them. Only for this folder.
*/
#ifndef ZCHAT_PROTOCOL_UNICODE_H
#define ZCHAT_PROTOCOL_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UNICODE_ZWNJ = 0x200C,
    UNICODE_ZWJ = 0x200D,
    UNICODE_DOT_ABOVE = 0x0307,
    UNICODE_LIKE_MAX = 15, /* bytes of what a code point looks like                */
};

typedef struct {
    uint32_t first;
    uint32_t last;
} unicode_range_t;

typedef struct {
    uint32_t codepoint;
    char like[UNICODE_LIKE_MAX + 1]; /* UTF-8, ended by NUL                       */
} unicode_like_t;

/*  Ascending. What each holds stands in unicode_data.c.                       */
extern const unicode_range_t unicode_joins_next[], unicode_joins_last[], unicode_joined[],
    unicode_vowel_signs[], unicode_soft_dotted[], unicode_ideographs[], unicode_emoji_varied[],
    unicode_varied[];
extern const size_t unicode_joins_next_count, unicode_joins_last_count, unicode_joined_count,
    unicode_vowel_signs_count, unicode_soft_dotted_count, unicode_ideographs_count,
    unicode_emoji_varied_count, unicode_varied_count;
extern const unicode_like_t unicode_likes[];
extern const size_t unicode_likes_count;

/*  True where the code point is in the table of that name.                    */
#define unicode_is(table, codepoint)                                                               \
    unicode_within (unicode_##table, unicode_##table##_count, codepoint)
bool unicode_within (const unicode_range_t *ranges, size_t count, uint32_t codepoint);

/*  What a letter, mark or digit looks like (confusables.txt of TR 39, for code points that are
    their own NFD); NULL: like nothing but itself.                             */
const char *unicode_like (uint32_t codepoint);

/*  A virama: canonical combining class 9.                                     */
bool unicode_is_virama (uint32_t codepoint);

/*  General category L, and M; marks that take no column of their own (Mn, Me).  */
bool unicode_is_letter (uint32_t codepoint);
bool unicode_is_mark (uint32_t codepoint);
bool unicode_is_nonspacing (uint32_t codepoint);

/*  Canonical combining class.                                                 */
int unicode_class (uint32_t codepoint);

/*  True where the variation selector varies the base (StandardizedVariants.txt,
    emoji-variation-sequences.txt; U+E0100 and up: Unified_Ideograph).          */
bool unicode_varies (uint32_t base, uint32_t selector);
bool unicode_is_selector (uint32_t codepoint);

/*  True where the joiner (ZWNJ, ZWJ) at codepoints[at] stands where UAX 31 lets identifiers have
    it: contexts A1, A2 and B of its section 2.3.1.                            */
bool unicode_joiner_fits (const uint32_t *codepoints, size_t count, size_t at);

#endif
