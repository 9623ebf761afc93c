/*  subcommands.h - what zchat does without a person

    Each function runs to its end and returns the exit status (outcome.h). It blocks SIGINT, SIGTERM
    and SIGHUP and ignores SIGPIPE for the whole process, so a process runs only one of them.
*/
#ifndef ZCHAT_CLI_SUBCOMMANDS_H
#define ZCHAT_CLI_SUBCOMMANDS_H

#include "options.h"

/*  zchat send and zchat edit.                                                 */
int command_send (const options_t *options);
int command_listen (const options_t *options);
int command_who (const options_t *options);
int command_rooms (const options_t *options);
int command_history (const options_t *options);
int command_react (const options_t *options);
int command_mark (const options_t *options);
int command_search (const options_t *options);

/*  zchat key: print one's own public key; it is made where there is none.     */
int command_key (const options_t *options);

/*  zchat key add, remove, list, free: change or list the keys of a name at the broker. */
int command_keys (const options_t *options);

/*  zchat config: show what the config file says, or a sample of it.           */
int command_config (const options_t *options);

/*  zchat find: list the brokers that announce themselves on the local network. */
int command_find (const options_t *options);

/*  zchat purge: an admin frees names or removes rooms in bulk, or sees which ones would go. */
int command_purge (const options_t *options);

#endif
