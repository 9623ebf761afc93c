/*  kept.h - an outbox as text, so that the next run of the program can go on with it

    The text holds the broker's log, the producer, the number of the oldest message and the
    messages. A message keeps the number it had, so the broker stores it once even where the
    earlier run sent it after the text was written. New messages are numbered by another
    producer.                                                                  */
#ifndef ZCHAT_KEPT_H
#define ZCHAT_KEPT_H

#include "outbox.h"

/*  The text, which the caller frees, with the oldest messages, as many as fit into max bytes;
 *count: their number. NULL where none fit. log: "" where no broker has answered yet. */
char *kept_write (const outbox_t *outbox, const char *log, size_t max, size_t *count);

/*  Fill an empty outbox. The messages are named *id + 1 and so on, and *id becomes the last of
    them. log: of ZCHAT_LOG_ID_SIZE in hex, with its NUL. ZCHAT_OK, or ZCHAT_CORRUPT, and nothing
    was taken.                                                                 */
zchat_status_t kept_read (frame_t text, outbox_t *outbox, uint64_t *id,
                          char log[2 * ZCHAT_LOG_ID_SIZE + 1]) ZCHAT_CHECKED;

#endif
