/*  answer.c - reading the JSON of a reply                                     */
#include "answer.h"
#include <string.h>

json_t *answer_parse (frame_t json)
{
    json_t *object = json_loadb (json.size ? json.data : "", json.size, 0, NULL);

    if (object && !json_is_object (object)) {
        json_decref (object);
        object = NULL;
    }
    return object;
}

bool answer_number (const json_t *object, const char *key, uint64_t max, uint64_t *number)
{
    const json_t *value = json_object_get (object, key);
    json_int_t integer = json_integer_value (value);

    if (!json_is_integer (value) || integer < 0 || (uint64_t)integer > max)
        return false;
    *number = (uint64_t)integer;
    return true;
}

const char *answer_string (const json_t *object, const char *key, size_t max)
{
    const json_t *value = json_object_get (object, key);

    return json_is_string (value) && json_string_length (value) <= max ? json_string_value (value)
                                                                       : NULL;
}

bool answer_hex (const char *text, size_t size)
{
    return text && strlen (text) == size && strspn (text, "0123456789abcdefABCDEF") == size;
}
