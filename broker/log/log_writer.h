/*  log_writer.h - lines to a descriptor that may not take them

    Whether a pipe, a terminal or a socket takes a line nobody knows before it is written; and a
    descriptor that is shared cannot be made non-blocking, for that holds for all who share it. So a
    thread of its own writes, and waits as long as it must. Whoever has a line to write does not
    wait.
*/
#ifndef ZCHAT_LOG_WRITER_H
#define ZCHAT_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct log_writer log_writer_t;

/*  What a writer tells, on its own thread; both may be NULL.                  */
typedef struct {
    /*  So many lines were dropped since this was called last, and now lines can be written again.
        Returns a line that says so, which the writer frees.                   */
    char *(*dropped) (uint64_t count);
    /*  A line could not be written, for this errno.                           */
    void (*failed) (int error);
} log_told_t;

/*  Write to fd: a regular file at once, by who has the line, anything else on a thread. fd stays
    the caller's and must not be closed before the process ends. NULL: no thread is to be had. */
log_writer_t *log_writer_new (int fd, log_told_t told);

/*  Write size bytes in their turn, or drop them where ZCHAT_LOG_QUEUE_BYTES are waiting. Never
    waits. For any thread.                                                     */
void log_writer_put (log_writer_t *writer, const char *text, size_t size);

/*  How many lines were dropped ever. For any thread.                          */
uint64_t log_writer_lost (log_writer_t *writer);

/*  Stop when what waits is written, after wait_ms at most; what is left then is lost. Nulls;
    tolerates NULL.                                                            */
void log_writer_destroy (log_writer_t **self_p, unsigned wait_ms);

#endif
