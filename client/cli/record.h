/*  record.h - an event as one line for programs

    Text: ROOM, SEQ, TIME, TYPE, USER, TEXT with a tab between them; what a terminal
    might act on is made visible, so there is no tab or newline inside. JSON: one object
    with the keys room, seq (null in presence), time, type, user, text, and data where
    there is some; the values are exact.
*/
#ifndef ZCHAT_CLI_RECORD_H
#define ZCHAT_CLI_RECORD_H

#include "direct.h"
#include "output.h"
#include <zchat/client.h>

/*  A MESSAGE or HISTORY event.                                                */
void record_message (output_t *out, const zchat_event_t *event, bool json);

/*  A tell or told, and what is in it.                                         */
void record_direct (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                    bool json);

/*  JSON only: {"type":"lost","room":...,"count":...,"before":SEQ}.            */
void record_lost (output_t *out, const char *room, uint64_t count, uint64_t before);

/*  JSON only: {"type":"log_replaced"}.                                        */
void record_log_replaced (output_t *out);

#endif
