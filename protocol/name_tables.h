/*  name_tables.h - alphabets that are mistaken for each other, and their letters

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

/*  The letter that stands for all that look like this one; itself where none
    does. Never changes ASCII. Case is kept: a capital may look like another
    letter than its small one does.                                            */
uint32_t name_lookalike (uint32_t codepoint);

#endif
