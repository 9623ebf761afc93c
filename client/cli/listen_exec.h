/*  listen_exec.h - a command for each message (zchat listen --exec)

    Messages wait in order; for each the command is run once it is its turn, and again, after a
    wait that grows, until it ends with 0. It gets the record on standard input, which is a file in
    memory, and what the message is in its environment: ZCHAT_ROOM, ZCHAT_SEQ and ZCHAT_ID
    (room/seq; these two not where the message has no seq), ZCHAT_LOG, ZCHAT_TYPE, ZCHAT_USER,
    ZCHAT_TIME (ms since 1970), ZCHAT_SEAL of a direct message, ZCHAT_ATTEMPT (1 at first). Names
    are made fit to be shown. There is no shell in between.
*/
#ifndef ZCHAT_CLI_LISTEN_EXEC_H
#define ZCHAT_CLI_LISTEN_EXEC_H

#include "tool.h"

typedef struct listen_exec listen_exec_t;

/*  What is known of the message whose command has ended with 0.               */
typedef struct {
    char room[ZCHAT_NAME_MAX + 1];
    uint64_t seq; /* 0: it has none                                            */
    bool marks;   /* it is no message, but about the one before                */
} listen_done_t;

/*  Make it, of the tool's options. The tool is borrowed.                      */
listen_exec_t *listen_exec_new (tool_t *tool);
void listen_exec_destroy (listen_exec_t **exec);

/*  Let a message wait for its turn. opened: of a direct message, else NULL.   */
void listen_exec_add (listen_exec_t *exec, const zchat_event_t *event,
                      const people_opened_t *opened);

/*  Run the command for the next message, until it has ended with 0. True: *done is set. False: no
    message waits, or the run is over.                                         */
bool listen_exec_next (listen_exec_t *exec, listen_done_t *done);

#endif
