/*  hint_text.h - the flags and commands of zchat that do what a talk hints at */
#ifndef ZCHAT_CLI_HINT_TEXT_H
#define ZCHAT_CLI_HINT_TEXT_H

#include "hint.h"

/*  Return what is to be shown behind a sentence and ": "; NULL for HINT_NONE. Static. */
const char *hint_text (hint_t hint);

#endif
