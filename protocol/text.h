/*  text.h - the one place where a peer's text becomes fit to be shown

    Storage and wire keep text as it came. Whatever is shown - on a terminal, in a log, in a
    title, in an error - goes through text_display first. It decodes before it filters (0x9C
    alone is C1, but also a byte of good UTF-8): - invalid UTF-8 becomes U+FFFD, a maximal
    subpart each (Unicode 3.9); - C0 becomes caret notation (^[ for ESC), DEL ^?, C1 <U+009B>; -
    what reorders or hides becomes <U+202E>: bidi embeddings, overrides and isolates, U+2028,
    U+2029, letters that are blank, deprecated and stray format characters, tags, noncharacters
    and private use; - what shows nothing passes where Unicode gives it something to do, at most
    one in a row, and is dropped elsewhere (in quotes: written out): joiners that join letters
    or pictures, variation selectors behind what they vary, direction marks in a line with
    letters of a script from right to left; soft hyphens, zero-width spaces, byte order marks
    are always dropped. The tags of a flag of a subdivision pass behind U+1F3F4; - at most 4
    combining marks a base pass, the rest is dropped. Spacing marks (Mc) pass uncounted: they do
    not pile up, and Burmese needs more.                                       */
#ifndef ZCHAT_PROTOCOL_TEXT_H
#define ZCHAT_PROTOCOL_TEXT_H

#include "frame.h"
#include <stdint.h>

typedef enum {
    TEXT_LINE,   /* one line: newline and tab are made visible (^J, ^I)       */
    TEXT_BLOCK,  /* newline and tab pass                                      */
    TEXT_QUOTED, /* one line, and " and \ get a \ before them                 */
} text_mode_t;

/*  The text fit to be shown, valid UTF-8 ended by NUL; *size, where not NULL,
    gets its bytes. The caller frees it. Never NULL.                           */
char *text_display (frame_t text, text_mode_t mode, size_t *size);

/*  True where text_display changes nothing in a line, TEXT_QUOTED apart: it is of printable ASCII
    alone. False says nothing.                                                 */
bool text_plain (frame_t text);

/*  True where the text is valid UTF-8 (no surrogates, no overlong forms) with
    no NUL in it.                                                              */
bool text_valid (frame_t text);

/*  True where the text is valid UTF-8 without spaces and control characters, and has a character
    that shows something by itself: it may be a reaction.                      */
bool text_word (frame_t text);

/*  Decode the first code point of text, which is not empty. Returns the bytes it
    took, 1 at least; *codepoint is U+FFFD where they are not UTF-8.           */
size_t text_decode (frame_t text, uint32_t *codepoint);

/*  Write the code point as UTF-8 to buffer of 4 bytes; returns 1 to 4. U+FFFD is
    written for a surrogate, and for what lies beyond U+10FFFF.                */
size_t text_encode (uint32_t codepoint, char *buffer);

#endif
