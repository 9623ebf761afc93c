/*  reflow.h - where the input line went when the window became narrower

    Some terminals lay their lines out anew then (tmux, kitty, those of GNOME and KDE), so that the
    input line takes several rows; others cut it off (xterm, the Linux console). The place of the
    cursor tells which of the two a terminal has done. Pure.
*/
#ifndef ZCHAT_EDIT_REFLOW_H
#define ZCHAT_EDIT_REFLOW_H

#include <stdbool.h>

/*  True where rows of the input line may stand above the cursor, so that it is worth asking
    where the cursor is. It stood in this column (from 0), and the window has so many columns
    now.                                                                       */
bool reflow_may (int column, int columns);

/*  Count the rows of the input line above the cursor, which is reported to be in this column now
    (from 0). 0 where both kinds of terminal would put it there: one row too many on the screen
    is better than a lost row of the talk.                                     */
int reflow_rows (int column, int columns, int reported);

#endif
