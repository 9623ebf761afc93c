/*  record_line.h - one event a line, as zchatd export writes it and zchatd import reads it

    {"room":text,"seq":n,"time":ms,"type":text,"user":text,"text":text,"data":{...},"private":true,
    "of":text}: the last three where there is something to say; "of" is whose mailbox the room "@"
   is.
*/
#ifndef ZCHAT_RECORD_LINE_H
#define ZCHAT_RECORD_LINE_H

#include "event_codec.h"
#include <jansson.h>

enum {
    RECORD_LINE_MAX = 1048576
}; /* bytes of a line; the longest event takes six for each of its own */

/*  An event and where it was said.                                            */
typedef struct {
    frame_t room;    /* "@": a mailbox                                          */
    frame_t of;      /* whose mailbox                                           */
    bool is_private; /* the room is                                             */
    event_t event;
} record_line_t;

/*  The line, without its end, which the caller frees.                         */
char *record_line_write (const record_line_t *record);

/*  Read a line. *json holds what *record views, and is the caller's to release; NULL on failure.
   NULL; or what is wrong with it, a static sentence. Whether the names are names and the bodies
   fit, it does not say.                                                                    */
const char *record_line_read (frame_t line, json_t **json, record_line_t *record);

#endif
