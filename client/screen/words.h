/*  words.h - a command of the user's as the words of a program's arguments

    Pure. No shell ever sees them.
*/
#ifndef ZCHAT_SCREEN_WORDS_H
#define ZCHAT_SCREEN_WORDS_H

#include <stddef.h>

enum {
    WORDS_MAX = 32,        /* words of a command                                 */
    WORDS_BYTES_MAX = 4096 /* bytes of it                                        */
};

/*  Split a command at blanks as a shell would, but nothing is expanded: " and ' quote, and \ takes
    the next character as it is (not within '). Room is left for `more` words at the end, which are
    NULL. Returns the words, ended by NULL, for words_free; NULL where *why, a static text, says
    what is wrong.                                                             */
char **words_split (const char *command, size_t more, const char **why);

/*  Count the words.                                                           */
size_t words_count (char *const *words);

/*  Free words; NULL is fine.                                                  */
void words_free (char **words);

#endif
