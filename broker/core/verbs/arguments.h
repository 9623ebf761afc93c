/*  arguments.h - the JSON arguments of requests                               */
#ifndef ZCHAT_ARGUMENTS_H
#define ZCHAT_ARGUMENTS_H

#include "call.h"

/*  The object in a JSON argument, which the caller releases; an empty one where the frame is empty.
    NULL: it is no such argument, and the verdict is a refusal.                */
json_t *argument_json (verdict_t *verdict, frame_t frame);

/*  Read a whole number of the object, 0 to INT64_MAX. Where the key is not there *value stays as it
    is. False: the key is there, and holds no such number.                     */
bool argument_number (const json_t *object, const char *key, uint64_t *value);

/*  Read a string of 2 * size hex digits in lower case into bytes. False: it is no such string. */
bool argument_hex (const json_t *string, uint8_t *bytes, size_t size);

/*  The same of text.                                                          */
bool hex_read (frame_t text, uint8_t *bytes, size_t size);

/*  A string of the object, as a frame that views it; empty where the key is not there, or holds no
    string.                                                                    */
frame_t argument_string (const json_t *object, const char *key);

/*  The text of a JSON value, which is taken. The caller frees the text.       */
char *json_text (json_t *json);

#endif
