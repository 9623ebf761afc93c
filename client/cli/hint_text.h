/*  hint_text.h - how this program does what a talk hints at */
#ifndef ZCHAT_CLI_HINT_TEXT_H
#define ZCHAT_CLI_HINT_TEXT_H

#include "hint.h"

/*  Flags and commands of zchat, to be shown behind the sentence and ": "; NULL for HINT_NONE.
    Static.                                                                    */
const char *hint_text (hint_t hint);

#endif
