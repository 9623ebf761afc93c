/*  forget_command.h - zchatd forget                                           */
#ifndef ZCHAT_FORGET_COMMAND_H
#define ZCHAT_FORGET_COMMAND_H

#include <stdbool.h>

bool forget_asked (int argc, char **argv);
/*  Returns the exit status, after saying what there is to say.                */
int forget_run (int argc, char **argv);

#endif
