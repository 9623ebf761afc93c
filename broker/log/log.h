/*  log.h - lines that a person reads and a machine parses

    One line an event, on standard error. Text: time level event key="value" ...;
    JSON: one object. Values may hold a peer's bytes: they are escaped here. Bodies
    of messages are never logged. log_write is for any thread, the rest for the broker's own.
*/
#ifndef ZCHAT_LOG_H
#define ZCHAT_LOG_H

#include "frame.h"
#include <stdint.h>

typedef enum { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR } log_level_t;

typedef struct {
    const char *key; /* NULL ends the list                                       */
    frame_t value;
} log_field_t;

/*  Lines below level are left out; json: the format. At any time, also again. */
void log_setup (log_level_t level, bool json);

/*  From here to log_end nobody waits for a line to be written. Up to ZCHAT_LOG_QUEUE_BYTES that
    standard error does not take wait; further lines are dropped, which is said in a line as soon as
    it takes lines again. Where standard error is systemd's journal (JOURNAL_STREAM), each line
   begins with its priority.                                                         */
void log_begin (void);
void log_end (void);

/*  Write a line: fields ends with a NULL key, and may be NULL. Fields whose value is
    empty are left out.                                                        */
void log_write (log_level_t level, const char *event, const log_field_t *fields);

/*  How many lines were dropped since log_begin. For any thread.               */
uint64_t log_dropped (void);

/*  Refusals come as fast as a peer sends: at most some a second are written, the rest
    is counted and said once the second is over. True: write it.               */
bool log_admit (uint64_t mono_ms);

#endif
