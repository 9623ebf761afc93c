/*  admin_command.h - zchatd status, reload, rooms, users, sessions, kick, close, open, ban, unban
 */
#ifndef ZCHAT_ADMIN_COMMAND_H
#define ZCHAT_ADMIN_COMMAND_H

#include <stdbool.h>

/*  True where the arguments of zchatd ask for one of these.                   */
bool admin_asked (int argc, char **argv);

/*  Run it. Returns the exit status, after saying what there is to say.        */
int admin_run (int argc, char **argv);

#endif
