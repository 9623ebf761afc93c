/*  token_command.h - zchatd token: making, listing and revoking the tokens of names */
#ifndef ZCHAT_BROKER_TOKEN_COMMAND_H
#define ZCHAT_BROKER_TOKEN_COMMAND_H

#include <stdbool.h>

/*  True where the arguments name this command, rather than ask for a broker.  */
bool token_asked (int argc, char **argv);

/*  Do it. Returns the exit status; what there was to say has been said. Of all this only a new
    token is a secret: it goes to standard output, alone.                      */
int token_run (int argc, char **argv);

#endif
