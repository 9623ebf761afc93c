/*  token.h - what is a word

    Words are those of SQLite's unicode61, in small letters, without accents: of what it leaves (the
    accents of Cyrillic, ligatures, capitals of younger scripts) NFKD is taken, casefolded, without
    marks; what is no letter in the Unicode of utf8proc (pictures) parts words. Of a word of more
   than TOKEN_WORD_MAX bytes the first ones count.

    A text of the index begins with a line of its own: the scope, then tags, separated by spaces. Of
    each tag the table gets SCOPE//TAG, of each word of the other lines SCOPE/WORD. No word holds a
    stroke, so a scope's words are its own.
*/
#ifndef ZCHAT_INDEX_TOKEN_H
#define ZCHAT_INDEX_TOKEN_H

#include "frame.h"
#include <sqlite3.h>
#include <stdbool.h>

typedef struct token_maker token_maker_t;

enum { TOKEN_WORD_MAX = 64, TOKEN_SCOPE_MAX = 24, TOKEN_TAG_MAX = 32 };

/*  Let db have the tokenizer "zchat" for its tables. The maker must outlive db, and is destroyed
   after it. NULL: SQLite has no FTS5.                                              */
token_maker_t *token_maker_new (sqlite3 *db);
void token_maker_destroy (token_maker_t **maker);

/*  Call word for each word of a text that has no line of its own: the word, and where it stands.
    False: word returned false, or there was no memory.                        */
typedef bool token_word_t (void *arg, frame_t word, size_t begin, size_t end);
bool token_each (token_maker_t *maker, frame_t text, token_word_t *word, void *arg);

#endif
