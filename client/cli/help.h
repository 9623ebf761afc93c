/*  help.h - the texts of --help */
#ifndef ZCHAT_CLI_HELP_H
#define ZCHAT_CLI_HELP_H

#include "options.h"
#include <stdbool.h>

/*  Return the help of a mode: a static text that ends in a newline.           */
const char *help_text (cli_mode_t mode);

/*  Print a text of help in the language of the person, part by part: a part is a line of a list
   with what stands indented under it, or a paragraph. po/ has each part as a message of its own,
   which scripts/messages finds in the same way. False with errno.                  */
bool help_print (const char *text);

#endif
