/*  record.h - an event as one line for programs

    Text: ROOM, SEQ, TIME, TYPE, USER, TEXT with a tab between them. What a terminal might act on is
    made visible, so there is no tab or newline inside. JSON: one object with the keys room, seq
    (null in presence and marks), time, type, user, log (the id of the log that seq belongs to),
    text, re where it answers a message, and data where there is some; the values are exact. An
   edit, a reaction and a removal are records of their own; what became of a message before is one
   of type marks behind it.
*/
#ifndef ZCHAT_CLI_RECORD_H
#define ZCHAT_CLI_RECORD_H

#include "direct.h"
#include "output.h"
#include <zchat/client.h>

/*  How records are written.                                                   */
typedef struct {
    bool json;
    const char *format; /* template.h, instead of either; or NULL              */
    bool nul;           /* they end with NUL, not with a newline               */
    bool exact;         /* with format: what peers wrote stays as it is        */
} record_style_t;

/*  Write a MESSAGE or HISTORY event.                                          */
void record_message (output_t *out, const zchat_event_t *event, const char *log,
                     const record_style_t *style);

/*  Write a tell or told, and what is in it.                                   */
void record_direct (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                    const char *log, const record_style_t *style);

/*  In JSON only, write {"type":"lost","room":...,"count":...,"before":SEQ}.   */
void record_lost (output_t *out, const char *room, uint64_t count, uint64_t before,
                  const record_style_t *style);

/*  In JSON only, write {"type":"log_replaced","log":ID}; ID is the new log's. */
void record_log_replaced (output_t *out, const char *log, const record_style_t *style);

/*  In JSON only, write {"type":"ahead","room":...,"after":SEQ,"head":SEQ}: the room ends at
    head, though something behind `after` was asked for.                       */
void record_ahead (output_t *out, const char *room, uint64_t after, uint64_t head,
                   const record_style_t *style);

#endif
