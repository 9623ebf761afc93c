/*  format_private.h - the pieces that the lines of format.h are made of */
#ifndef ZCHAT_CLI_FORMAT_PRIVATE_H
#define ZCHAT_CLI_FORMAT_PRIVATE_H

#include "buffer.h"
#include "format.h"
#include <jansson.h>

/*  Append text that came from somebody else, made fit to be shown on one line.
    text may be NULL.                                                          */
void format_add_peer (buffer_t *buffer, const char *text, size_t size);
void format_add_string (buffer_t *buffer, const char *text);

/*  Append a string of a JSON object in the same way; nothing where there is none. */
void format_add_member (buffer_t *buffer, const json_t *object, const char *key);

/*  Append names of an array with commas between them, `limit` at most. Returns how many were
    named.                                                                     */
size_t format_add_names (buffer_t *text, const json_t *names, size_t limit);

/*  Append a name in its colour; one's own stands out.                         */
void format_add_name (buffer_t *buffer, const char *name, bool own, const format_t *format);

/*  Append what stands before a line: time, room and number, each where it is asked for. */
void format_add_head (buffer_t *buffer, const char *room, uint64_t time_ms, const format_t *format);

/*  Append the rest of a line that has begun in the buffer. Where there is a width, it is
    wrapped.                                                                   */
void format_add_rest (buffer_t *buffer, const char *rest, size_t size, const format_t *format);

/*  Append " until 12:30", with the day where that is not today; nothing where it is for good. */
void format_add_until (buffer_t *text, const json_t *until);

/*  Append " (reason)" where there is one.                                     */
void format_add_reason (buffer_t *text, const char *reason, size_t size);

/*  Make a dimmed line of head, mark and text. The text is fit to be shown already; it is freed. */
char *format_remark (const char *mark, const char *room, uint64_t time_ms, buffer_t *text,
                     const format_t *format);

/*  Parse the data of an event; NULL where there is none. The caller owns it.  */
json_t *format_data (const zchat_event_t *event);

/*  Write that the broker's answer is no answer; the caller frees it.          */
char *format_not_understood (const format_t *format);

/*  Append what is answered: chen "did the build pass?", or #1042 (format_messages.c). */
void format_add_re (buffer_t *text, const zchat_event_t *event, const format_t *format);

/*  Append what became of a message, as a sentence without a mark. False: nothing did. */
void format_add_edit (buffer_t *text, const zchat_event_t *event, const format_t *format);
void format_add_reacted (buffer_t *text, const zchat_event_t *event, const format_t *format);
bool format_add_marks (buffer_t *text, const zchat_event_t *event, const format_t *format);

/*  Append what operators did, as a sentence without a mark (format_mode.c).   */
void format_add_mode (buffer_t *text, const zchat_event_t *event);
void format_add_remove (buffer_t *text, const zchat_event_t *event, const format_t *format);
void format_add_invite (buffer_t *text, const zchat_event_t *event);

#endif
