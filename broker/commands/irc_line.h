/*  irc_line.h - what was said, in the log of an IRC client; pure

    irssi, whose lines have the time of day and whose log says of each day when it begins, and
    energymech, which has the time in brackets and a file a day. What is no message, action or topic
    (who came and went, modes) is passed over.
*/
#ifndef ZCHAT_IRC_LINE_H
#define ZCHAT_IRC_LINE_H

#include "frame.h"
#include <stdint.h>
#include <time.h>
#include <zchat/event.h>

typedef enum { IRC_IRSSI, IRC_ENERGYMECH } irc_format_t;

/*  A reader of one file.                                                      */
typedef struct {
    irc_format_t format;
    struct tm day; /* local; of the lines that follow                           */
    bool dated;    /* it is known                                                */
} irc_reader_t;

typedef enum {
    IRC_OTHER, /* nothing was said, or the day changed                          */
    IRC_SAID,
    IRC_UNDATED, /* something was said, and nobody knows on which day             */
} irc_kind_t;

typedef struct {
    zchat_type_t type;
    uint64_t time_ms; /* Unix time; the local zone is that of TZ                  */
    frame_t user;     /* views the line                                           */
    frame_t body;     /* likewise                                                 */
} irc_said_t;

/*  Read a line, which has no end.                                             */
irc_kind_t irc_line_read (irc_reader_t *reader, frame_t line, irc_said_t *said);

/*  Read YYYY-MM-DD, or YYYYMMDD, wherever it stands in the text. False: nowhere. */
bool irc_day_read (const char *text, struct tm *day);

#endif
