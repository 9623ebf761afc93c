/*  help.h - the texts of --help */
#ifndef ZCHAT_CLI_HELP_H
#define ZCHAT_CLI_HELP_H

#include "options.h"

/*  Return the help of a mode: a static text that ends in a newline.           */
const char *help_text (cli_mode_t mode);

#endif
