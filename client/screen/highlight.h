/*  highlight.h - words that somebody wants to be shown where they are said

    Pure. A word is matched whole and in any case of letters: "ivan" is found in "Ivan, look" and
    not in "ivanovo".
*/
#ifndef ZCHAT_SCREEN_HIGHLIGHT_H
#define ZCHAT_SCREEN_HIGHLIGHT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HIGHLIGHT_WORDS_MAX = 64, /* words that are looked for; further ones are not  */
    HIGHLIGHT_WORD_MAX = 512  /* bytes of a word; a longer one is not found       */
};

/*  Find the first of the words at or behind `from`, which is at the begin of a character. False:
    there is none. Otherwise *at and *matched are its place and its bytes.      */
bool highlight_find (const char *text, size_t size, size_t from, const char *const *words, size_t n,
                     size_t *at, size_t *matched);

#endif
