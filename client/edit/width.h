/*  width.h - text as a person sees it: grapheme clusters and their columns

    A cluster is what moves under the cursor as one: a letter with its accents, a flag, a family of
    emoji. Text is UTF-8; a byte that is not UTF-8 is a cluster of its own. Columns are those of
    wcwidth, which terminals use too. They are an upper bound: terminals that draw a sequence of
    emoji as one picture take fewer. Pure, except that width_begin sets the locale of the process.
*/
#ifndef ZCHAT_EDIT_WIDTH_H
#define ZCHAT_EDIT_WIDTH_H

#include <stddef.h>

/*  Choose the locale for characters: that of the environment, or, where that is not UTF-8, one
    that is. Call it once, before the others.                                  */
void width_begin (void);

/*  Count the bytes of the cluster that begins at text; 0 where size is 0.     */
size_t width_cluster (const char *text, size_t size);

/*  Find where the cluster begins that holds the byte before `at`; 0 for 0.    */
size_t width_cluster_before (const char *text, size_t size, size_t at);

/*  Find a place before or at `at` where clusters certainly meet, near where the text allows.
    Clusters can be read from there instead of from the begin.                 */
size_t width_break_before (const char *text, size_t size, size_t at);

/*  Count the columns that the text takes. Control characters count as 0.      */
int width_columns (const char *text, size_t size);

/*  Return the bytes of the character at text and its code point; 1 and U+FFFD where it is not
    UTF-8. size is not 0.                                                      */
size_t width_decode (const char *text, size_t size, int *codepoint);

#endif
