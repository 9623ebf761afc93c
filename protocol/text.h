/*  text.h - the one place where a peer's text becomes fit to be shown

    Storage and wire keep text as it came. Whatever is shown - on a terminal, in
    a log, in a title, in an error - goes through text_display first. It decodes
    before it filters (0x9C alone is C1, but also a byte of good UTF-8):
    - invalid UTF-8 becomes U+FFFD, a maximal subpart each (Unicode 3.9);
    - C0 becomes caret notation (^[ for ESC), DEL ^?, C1 <U+009B>;
    - bidi controls, U+2028, U+2029, zero-width and other invisible format
      characters, tag characters, variation selectors other than FE0E and FE0F,
      noncharacters and private use become <U+202E>. The zero-width joiner passes
      only between characters that are not ASCII, so that emoji and Indic
      scripts stay whole;
    - at most 4 combining marks a base pass, the rest is dropped. Spacing marks (Mc)
      pass uncounted: they do not pile up, and Burmese needs more.
*/
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

/*  True where the text is valid UTF-8 (no surrogates, no overlong forms) with
    no NUL in it.                                                              */
bool text_valid (frame_t text);

/*  Decode the first code point of text, which is not empty. Returns the bytes it
    took, 1 at least; *codepoint is U+FFFD where they are not UTF-8.           */
size_t text_decode (frame_t text, uint32_t *codepoint);

/*  Write the code point as UTF-8 to buffer of 4 bytes; returns 1 to 4. U+FFFD is
    written for a surrogate, and for what lies beyond U+10FFFF.                */
size_t text_encode (uint32_t codepoint, char *buffer);

#endif
