/*  kept.h - an outbox as text, so that the next run of the program can go on with it

    The text holds the broker's log, the producer, the number of the oldest message and the
    messages. A message keeps the number it had, so the broker stores it once even where the
    earlier run sent it after the text was written. New messages are numbered by another
    producer.                                                                  */
#ifndef ZCHAT_KEPT_H
#define ZCHAT_KEPT_H

#include "outbox.h"

/*  Write the text, which the caller frees, with as many of the oldest messages as fit into max
    bytes; *count: their number. NULL where none fits. log: "" where no broker has answered yet. */
char *kept_write (const outbox_t *outbox, const char *log, size_t max, size_t *count);

/*  Fill an empty outbox. The messages get the ids *id + 1 and so on, and *id becomes the last of
    them. log: takes ZCHAT_LOG_ID_SIZE bytes in hex, with a NUL. ZCHAT_OK, or ZCHAT_CORRUPT, and
    nothing was taken.                                                         */
zchat_status_t kept_read (frame_t text, outbox_t *outbox, uint64_t *id,
                          char log[2 * ZCHAT_LOG_ID_SIZE + 1]) ZCHAT_CHECKED;

#endif
