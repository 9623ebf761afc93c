/*  output.h - standard output of the non-interactive commands

    Output is gathered in memory and written in small pieces, each only when the reader takes it, so
    that a reader who stands still does not make the program deaf to signals.
*/
#ifndef ZCHAT_CLI_OUTPUT_H
#define ZCHAT_CLI_OUTPUT_H

#include "buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/status.h>

enum { OUTPUT_BATCH = 65536 }; /* bytes from which on output_full is true */

typedef struct {
    int fd;           /* borrowed                                              */
    int signals;      /* borrowed; a wait ends when this signalfd is readable  */
    buffer_t pending; /* bytes that are not written yet                        */
    uint64_t second;  /* of the time that was written last                     */
    char date[64];    /* its text                                              */
    size_t date_size; /* 0: there is none                                      */
} output_t;

/*  Begin to write to fd. signals: a descriptor that ends a wait when it becomes readable. */
void output_init (output_t *self, int fd, int signals);
void output_free (output_t *self);

/*  Append bytes as they are.                                                  */
void output_bytes (output_t *self, const void *data, size_t size);
void output_str (output_t *self, const char *text);
void output_number (output_t *self, uint64_t number);

/*  Append a Unix time in ms as 2024-11-20T08:49:12.345Z.                      */
void output_time (output_t *self, uint64_t time_ms);

/*  Append a peer's text on one line, without tabs, fit for a terminal.        */
void output_shown (output_t *self, const char *text, size_t size);

/*  Append a peer's text as a JSON string, quotes included, in ASCII alone: the value
    is exact, and harmless on a terminal.                                      */
void output_json_string (output_t *self, const char *text, size_t size);

/*  Append a peer's JSON object as it came (numbers keep their digits), but in ASCII
    and on one line. What is no JSON is appended as a JSON string.             */
void output_json_value (output_t *self, const char *json);

/*  True when it is time to flush.                                             */
bool output_full (const output_t *self);

/*  Write everything. ZCHAT_OK; ZCHAT_EMPTY: a signal is waiting, and the rest is kept;
    ZCHAT_CLOSING: nobody reads any more; ZCHAT_SYSTEM: errno says why.        */
zchat_status_t output_flush (output_t *self) ZCHAT_CHECKED;

#endif
