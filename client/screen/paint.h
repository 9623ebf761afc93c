/*  paint.h - a grid as what a terminal is sent

    Pure. Only what changed is written, row by row; every row begins with its place, so that a
    terminal which takes another width for a character is wrong in that row alone. A row whose last
    word goes on in the next one is written without a break, so that the terminal wraps it itself:
    then the word can be clicked and copied as one.

    ncurses cannot do these two things: it has no attribute for a hyperlink (OSC 8), and it moves
   the cursor behind every row. Of the terminal nothing is asked but what VT100 and xterm had, and
   the line mode has needed before.

    The bytes are: CSI ... H, G, J, K and m, the private modes 7 and 25, OSC 8, and characters that
    are no controls.
*/
#ifndef ZCHAT_SCREEN_PAINT_H
#define ZCHAT_SCREEN_PAINT_H

#include "buffer.h"
#include "grid.h"
#include "theme.h"

typedef struct {
    theme_t theme;
    bool links; /* the terminal has OSC 8                                      */
} paint_t;

/*  Append what makes of the screen `before` the screen `now`; before: what the terminal shows, or
    NULL: that is not known, and all is written.                                */
void paint (const paint_t *paint, const grid_t *before, const grid_t *now, buffer_t *out);

#endif
