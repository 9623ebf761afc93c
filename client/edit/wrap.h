/*  wrap.h - long texts in lines of so many columns                            */
#ifndef ZCHAT_EDIT_WRAP_H
#define ZCHAT_EDIT_WRAP_H

#include "buffer.h"

/*  Append text to a line that has begun in the buffer (which holds nothing else), in lines of
    `columns`. Every line but the first is indented to where the text began, or by a third of the
    columns, so that no text can look like the begin of another line. A word that is longer than
    a line is left to the terminal to break. Both texts are already fit for a terminal and may
    hold our own colours.                                                      */
void wrap_add (buffer_t *buffer, const char *text, size_t size, int columns);

/*  Count the bytes of a blank at text, 0 where there is none; *columns: how many it takes. Every
    character that shows nothing is a blank. A word that the terminal wraps must not hold one, or
    somebody could make a text that looks like the begin of another line. size is not 0. */
size_t wrap_blank (const char *text, size_t size, int *columns);

#endif
