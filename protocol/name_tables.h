/*  name_tables.h - alphabets that are mistaken for each other, and what logs call names

    Only for name.c.
*/
#ifndef ZCHAT_PROTOCOL_NAME_TABLES_H
#define ZCHAT_PROTOCOL_NAME_TABLES_H

#include <stdint.h>

enum { NAME_ALPHABET_NONE = 0 };

/*  Which of the alphabets with look-alikes in each other (Latin, Greek, Cyrillic,
    Armenian, Cherokee, Coptic and the like) the letter belongs to: a number above
    0; NAME_ALPHABET_NONE for every other code point (Han, Kana, Hangul, Arabic,
    digits, ...).                                                              */
int name_alphabet (uint32_t codepoint);

/*  The letter that name_who writes for this one; the letter itself where no other is written.
    ASCII is never changed. Logs depend on this table, so it never changes. Whether two names
    are the same is decided by unicode_like instead.                           */
uint32_t name_lookalike (uint32_t codepoint);

#endif
