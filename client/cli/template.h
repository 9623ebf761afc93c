/*  template.h - the format of --format: what is written of a message, and how

    A format is text with fields: a % and a letter. Everything else is written as it stands, after
    \n, \t, \0 and \\. There are neither widths nor conditions: for more there is --json.
      %r room  %s seq  %i room/seq, the message's stable name  %t time as 2024-11-20T08:49:12.345Z
      %T the same in ms since 1970  %y type  %u user  %m text  %e seq of what it answers (else
      nothing)  %d data, as JSON on one line  %l id of the log  %% a %
    Pure.
*/
#ifndef ZCHAT_CLI_TEMPLATE_H
#define ZCHAT_CLI_TEMPLATE_H

#include "output.h"

/*  What there is of a message. Strings may be NULL.                           */
typedef struct {
    const char *room, *type, *user, *log, *data;
    const char *text;
    size_t text_size;
    uint64_t seq, time_ms, re;
} template_fields_t;

/*  Say what is wrong with a format; NULL: nothing. Static.                    */
const char *template_wrong (const char *format);

/*  Append a message in a format for which template_wrong returned NULL. exact: text, data and
    names are written as they came; else on one line and fit for a terminal.   */
void template_write (output_t *out, const char *format, const template_fields_t *fields,
                     bool exact);

#endif
