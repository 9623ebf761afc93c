/*  width.h - text as a person sees it: grapheme clusters and their columns

    A cluster is what moves under the cursor as one: a letter with its accents, a
    flag, a family of emoji. Text is UTF-8; a byte that is not is a cluster of
    its own. Columns are those of wcwidth, by which terminals reckon, and an upper
    bound: terminals that draw a sequence of emoji as one picture take fewer.
*/
#ifndef ZCHAT_EDIT_WIDTH_H
#define ZCHAT_EDIT_WIDTH_H

#include <stddef.h>

/*  Choose the locale for characters: that of the environment, or, where that is not of UTF-8, one
    that is. To be called once, before the others.                             */
void width_begin (void);

/*  Bytes of the cluster that begins at text; 0 where size is 0.               */
size_t width_cluster (const char *text, size_t size);

/*  Where the cluster that holds the byte before `at` begins; 0 for 0.         */
size_t width_cluster_before (const char *text, size_t size, size_t at);

/*  A place before or at `at` where clusters certainly meet, near where the text
    allows: to read clusters from there instead of from the begin.             */
size_t width_break_before (const char *text, size_t size, size_t at);

/*  Columns the text takes. Control characters count as 0.                     */
int width_columns (const char *text, size_t size);

/*  Bytes of the character at text (1 where it is not UTF-8) and its code point
    (U+FFFD then). size is not 0.                                              */
size_t width_decode (const char *text, size_t size, int *codepoint);

#endif
