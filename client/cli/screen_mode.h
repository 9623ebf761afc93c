/*  screen_mode.h - zchat for people, on the whole screen */
#ifndef ZCHAT_CLI_SCREEN_MODE_H
#define ZCHAT_CLI_SCREEN_MODE_H

#include "options.h"

/*  Talk until the person leaves. Returns the exit status.                      */
int screen_mode_run (const options_t *options);

#endif
