/*  export_command.h - zchatd export                                           */
#ifndef ZCHAT_EXPORT_COMMAND_H
#define ZCHAT_EXPORT_COMMAND_H

#include <stdbool.h>

bool export_asked (int argc, char **argv);
/*  Returns the exit status, after saying what there is to say.                */
int export_run (int argc, char **argv);

#endif
