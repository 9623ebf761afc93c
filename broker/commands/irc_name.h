/*  irc_name.h - nicknames and texts of IRC, as they may stand in a log; pure   */
#ifndef ZCHAT_IRC_NAME_H
#define ZCHAT_IRC_NAME_H

#include "frame.h"
#include <zchat/limits.h>

/*  Write the nearest allowed name: what a name may not hold becomes _. Returns its bytes, 0: there
   is none.                                                                      */
size_t irc_name (frame_t nick, char name[ZCHAT_NAME_MAX + 1]);

/*  The text without IRC's colours, as UTF-8 (what is not UTF-8 is taken for Latin 1), which the
   caller frees; *size is its bytes.                                                 */
char *irc_text (frame_t text, size_t *size);

#endif
