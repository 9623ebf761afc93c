/*  names_command.h - zchatd names: whose names there are, and giving them up, without a broker */
#ifndef ZCHAT_NAMES_COMMAND_H
#define ZCHAT_NAMES_COMMAND_H

#include <stdbool.h>

bool names_asked (int argc, char **argv);
/*  Returns the exit status.                                                   */
int names_run (int argc, char **argv);

#endif
