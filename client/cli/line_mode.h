/*  line_mode.h - zchat for people: one line at the bottom, the talk above it

    Where standard input or output is no terminal, or TERM is dumb, lines are read and written as
    they are.
*/
#ifndef ZCHAT_CLI_LINE_MODE_H
#define ZCHAT_CLI_LINE_MODE_H

#include "options.h"

/*  Run to the end, once in a process. Returns the exit status (outcome.h).    */
int line_mode_run (const options_t *options);

#endif
