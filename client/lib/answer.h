/*  answer.h - reading the JSON of a reply, which is a peer's and not trusted  */
#ifndef ZCHAT_ANSWER_H
#define ZCHAT_ANSWER_H

#include "frame.h"
#include <jansson.h>
#include <stdint.h>

/*  Parse the object, which the caller gives back with json_decref; NULL where the bytes are not
    a JSON object.                                                             */
json_t *answer_parse (frame_t json);

/*  Read the integer under the key into *number. False where there is no integer from 0 to max;
 *number is untouched then.                                                 */
bool answer_number (const json_t *object, const char *key, uint64_t max, uint64_t *number);

/*  Find the string under the key, which the object owns; NULL where there is none of at most max
    bytes.                                                                     */
const char *answer_string (const json_t *object, const char *key, size_t max);

/*  True where the text is exactly size lowercase or uppercase hex digits.     */
bool answer_hex (const char *text, size_t size);

#endif
