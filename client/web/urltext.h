/*  urltext.h - percent-encoding, strictly (pure)                              */
#ifndef ZCHAT_WEB_URLTEXT_H
#define ZCHAT_WEB_URLTEXT_H

#include "buffer.h"
#include <stdbool.h>

/*  Decode size bytes of a path or a parameter to text, ended by NUL. False, and text is undefined,
    where an escape is not one, where the result is longer than max bytes, or no UTF-8, or holds
    NUL. text has max + 1 bytes.                                               */
bool urltext_decode (const char *from, size_t size, char *text, size_t max);

/*  Append a text so that it can stand in a path, a parameter or a cursor: all but letters, digits
    and - . _ ~ is escaped.                                                    */
void urltext_encode (buffer_t *buffer, const char *text);

/*  Read a decimal number of 1 to 19 digits that ends at end or at the text's end. False where it is
    none. *end (may be NULL) is where it stops.                                */
bool urltext_number (const char *text, unsigned long long *number, const char **end);

#endif
