/*  listen_state.h - how far zchat listen has come, in a file (--state)

    The file is text: a line that names the format, the id of the broker's log, and for each room
    the seq of the last message that is done, a blank, and the room. It is replaced whole or not
    at all, and is on the disk (fsync of the file and of its folder) when listen_state_written
    returns. FILE.lock beside it keeps two programs from one file; the kernel releases it when the
    process ends.

    A message is first seen, and then done: when listen_state_written is called behind it. Of a
    message seen last that may still have marks behind it, `all` says whether it counts already.
*/
#ifndef ZCHAT_CLI_LISTEN_STATE_H
#define ZCHAT_CLI_LISTEN_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/status.h>

typedef struct listen_state listen_state_t;

/*  Take the file at path, which need not be there yet. ZCHAT_OK and *state; or, with *why, which
    the caller frees: ZCHAT_IN_USE (another program has it), ZCHAT_CORRUPT (it holds something
    else), ZCHAT_SYSTEM.                                                       */
zchat_status_t listen_state_open (const char *path, listen_state_t **state,
                                  char **why) ZCHAT_CHECKED;

/*  Give the file back, as it was last written.                                */
void listen_state_destroy (listen_state_t **state);

/*  Return the id of the log that the file is about; "" where the file is new. */
const char *listen_state_log (const listen_state_t *state);

/*  Find the last message of a room that is done; false: the file does not know the room. Two
    spellings of one name are one room.                                        */
bool listen_state_find (const listen_state_t *state, const char *room, uint64_t *seq);

/*  Tell that the file is about this log. Where it was about another one, all places are
    forgotten.                                                                 */
void listen_state_of (listen_state_t *state, const char *log);

/*  Tell that all messages of the room up to seq are seen. It only goes forward. */
void listen_state_seen (listen_state_t *state, const char *room, uint64_t seq);

/*  Tell that what was seen is done, and write the file where that changes it. all: the last one
    too. ZCHAT_OK; ZCHAT_SYSTEM with *why, which the caller frees.             */
zchat_status_t listen_state_written (listen_state_t *state, bool all, char **why) ZCHAT_CHECKED;

#endif
