/*  subcommands.h - what zchat does without a person

    Each runs to its end and returns the exit status (options.h). They block SIGINT, SIGTERM and
    SIGHUP and ignore SIGPIPE for the whole process: one run a process.
*/
#ifndef ZCHAT_CLI_SUBCOMMANDS_H
#define ZCHAT_CLI_SUBCOMMANDS_H

#include "options.h"

int command_send (const options_t *options);
int command_listen (const options_t *options);
int command_who (const options_t *options);
int command_rooms (const options_t *options);
int command_history (const options_t *options);

/*  zchat key: print one's own public key, making it where there is none.      */
int command_key (const options_t *options);

/*  zchat key add, remove, list, free: one's keys as the broker has them.             */
int command_keys (const options_t *options);

/*  An admin frees names in bulk, or sees which would be.                      */
int command_purge (const options_t *options);

#endif
