/*  names_command.h - zchatd names: whose names there are, and giving them up, without a broker */
#ifndef ZCHAT_NAMES_COMMAND_H
#define ZCHAT_NAMES_COMMAND_H

#include <stdbool.h>

/*  True where the arguments name this command, rather than ask for a broker.  */
bool names_asked (int argc, char **argv);
/*  Do it. Returns the exit status; what there was to say has been said.       */
int names_run (int argc, char **argv);

#endif
