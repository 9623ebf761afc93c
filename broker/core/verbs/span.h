/*  span.h - where a member of a JSON object stands in its text

    A program's data must go through as it came, byte for byte. A parser that writes it
    anew would make 1.1000000000000001 of 1.1.                                 */
#ifndef ZCHAT_SPAN_H
#define ZCHAT_SPAN_H

#include "frame.h"

/*  The text of the value of key in object, as a view of object. A parser must have found before
    that object is one valid JSON object in which no key stands twice. Empty: the key is not there,
    or is written with escapes.                                                */
frame_t span_member (frame_t object, const char *key);

#endif
