/*  arguments.h - the JSON arguments of requests                               */
#ifndef ZCHAT_ARGUMENTS_H
#define ZCHAT_ARGUMENTS_H

#include "call.h"

/*  The object in a JSON argument; an empty one where the frame is empty. NULL: the verdict is a
    refusal. The caller releases it.                                           */
json_t *argument_json (verdict_t *verdict, frame_t frame);

/*  A whole number of the object, in 0 .. INT64_MAX. False where it is there and not such
    a number; *value is untouched where it is not there.                       */
bool argument_number (const json_t *object, const char *key, uint64_t *value);

/*  Fill size bytes from 2 * size hex digits in lower case. False where it is not that. */
bool argument_hex (const json_t *string, uint8_t *bytes, size_t size);

/*  A string of the object as a frame that views it; empty where it is not there, or none.  */
frame_t argument_string (const json_t *object, const char *key);

/*  The text of a JSON value, which is taken; the caller frees it.             */
char *json_text (json_t *json);

#endif
