/*  span.h - where a member of a JSON object stands in its text

    A program's data goes through as it came, byte for byte: a parser that writes it
    anew makes 1.1000000000000001 of 1.1.                                      */
#ifndef ZCHAT_SPAN_H
#define ZCHAT_SPAN_H

#include "frame.h"

/*  The text of the value that the member key has in object, which a parser has found to
    be one valid JSON object in which no key stands twice. Empty where the key is not
    there, or is written with escapes. Views object.                           */
frame_t span_member (frame_t object, const char *key);

#endif
