/*  answer.h - reading the JSON of a reply, which is a peer's and not trusted  */
#ifndef ZCHAT_ANSWER_H
#define ZCHAT_ANSWER_H

#include "frame.h"
#include <jansson.h>
#include <stdint.h>

/*  The object, which the caller gives back with json_decref; NULL where the bytes
    are not a JSON object.                                                     */
json_t *answer_parse (frame_t json);

/*  The integer under the key, from 0 to max, into *number; false where there is
    none such, and *number is untouched.                                       */
bool answer_number (const json_t *object, const char *key, uint64_t max, uint64_t *number);

/*  The string under the key, owned by object; NULL where there is none of at most
    max bytes.                                                                 */
const char *answer_string (const json_t *object, const char *key, size_t max);

/*  True where the text is exactly size lowercase or uppercase hex digits.     */
bool answer_hex (const char *text, size_t size);

#endif
