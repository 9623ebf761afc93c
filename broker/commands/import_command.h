/*  import_command.h - zchatd import                                           */
#ifndef ZCHAT_IMPORT_COMMAND_H
#define ZCHAT_IMPORT_COMMAND_H

#include <stdbool.h>

bool import_asked (int argc, char **argv);
/*  Returns the exit status, after saying what there is to say.                */
int import_run (int argc, char **argv);

#endif
