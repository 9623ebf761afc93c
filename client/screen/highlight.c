/*  highlight.c - words that somebody wants to be shown where they are said    */
#include "highlight.h"
#include "width.h"
#include <string.h>
#include <utf8proc.h>

/*  True where the character is a part of a word.                              */
static bool wordly (int codepoint)
{
    utf8proc_category_t category = utf8proc_category (codepoint);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ||
           codepoint == '_';
}

/*  Count the bytes of text that are the word, in any case; 0: they are not.   */
static size_t matches (const char *text, size_t size, const char *word, size_t word_size)
{
    size_t at = 0, done = 0;
    int left, right, last = 0;
    while (done < word_size) {
        if (at == size)
            return 0;
        at += width_decode (text + at, size - at, &left);
        done += width_decode (word + done, word_size - done, &right);
        if (left != right && utf8proc_tolower (left) != utf8proc_tolower (right))
            return 0;
        last = right;
    }
    /*  A word such as "c++" ends with a sign, behind which anything may stand. */
    if (at < size && wordly (last)) {
        (void)width_decode (text + at, size - at, &left);
        if (wordly (left))
            return 0;
    }
    return at;
}

bool highlight_find (const char *text, size_t size, size_t from, const char *const *words, size_t n,
                     size_t *at, size_t *matched)
{
    size_t sizes[HIGHLIGHT_WORDS_MAX];
    int firsts[HIGHLIGHT_WORDS_MAX];
    int before = ' ';
    if (n > HIGHLIGHT_WORDS_MAX)
        n = HIGHLIGHT_WORDS_MAX;
    for (size_t i = 0; i < n; i++) {
        sizes[i] = strlen (words[i]);
        firsts[i] = 0;
        if (sizes[i] > 0 && sizes[i] <= HIGHLIGHT_WORD_MAX)
            (void)width_decode (words[i], sizes[i], &firsts[i]);
        firsts[i] = utf8proc_tolower (firsts[i]);
    }
    if (from > 0) {
        size_t last = from - 1;
        while (last > 0 && ((unsigned char)text[last] & 0xc0) == 0x80)
            last--;
        (void)width_decode (text + last, size - last, &before);
    }
    for (size_t place = from; place < size && n > 0;) {
        int codepoint;
        size_t used = width_decode (text + place, size - place, &codepoint);
        int lower = utf8proc_tolower (codepoint);
        for (size_t i = 0; i < n; i++) {
            if (firsts[i] != lower || lower == 0 || (wordly (lower) && wordly (before)))
                continue;
            size_t found = matches (text + place, size - place, words[i], sizes[i]);
            if (found > 0) {
                *at = place;
                *matched = found;
                return true;
            }
        }
        before = codepoint;
        place += used;
    }
    return false;
}
