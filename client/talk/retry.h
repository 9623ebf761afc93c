/*  retry.h - what was entered and is under way, and what of it was refused

    Pure: it keeps copies of the newest messages, so that those that were refused can be sent again
    as they were. Where it holds too many, the oldest are forgotten.
*/
#ifndef ZCHAT_TALK_RETRY_H
#define ZCHAT_TALK_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/event.h>

typedef struct retry retry_t;

enum {
    RETRY_MAX = 256,          /* messages it keeps                             */
    RETRY_BYTES_MAX = 1048576 /* and their bytes, one message at least         */
};

/*  A message. Strings are the module's; valid until the next call.            */
typedef struct {
    const char *name; /* a room, or with type TELL a person                    */
    zchat_type_t type;
    const char *text;
    size_t size;
    uint64_t re; /* what it answers: a seq, or of TELL a time; 0: nothing      */
} retry_message_t;

retry_t *retry_new (void);
void retry_destroy (retry_t **retry);

/*  Keep a message, which is copied, under an id.                              */
void retry_add (retry_t *retry, uint64_t id, const retry_message_t *message);

/*  What had the id `former` has another one.                                  */
void retry_rename (retry_t *retry, uint64_t former, uint64_t id);

/*  The message is stored, or nobody knows: it is forgotten.                   */
void retry_done (retry_t *retry, uint64_t id);

/*  The message was refused.                                                   */
void retry_refused (retry_t *retry, uint64_t id);

/*  Count the messages that were refused.                                      */
size_t retry_refusals (const retry_t *retry);

/*  Show the oldest message that was refused; false: there is none. retry_drop forgets it. */
bool retry_first (const retry_t *retry, retry_message_t *message);
void retry_drop (retry_t *retry);

#endif
