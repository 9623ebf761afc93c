/*  arguments.c - the JSON arguments of requests                               */
#include "arguments.h"

json_t *argument_json (verdict_t *verdict, frame_t frame)
{
    if (frame.size == 0)
        return json_object ();
    if (frame.size > ZCHAT_JSON_MAX) {
        verdict_limit (verdict, "the JSON argument is too long", ZCHAT_JSON_MAX, "json");
        return NULL;
    }
    json_t *json = json_loadb (frame.data, frame.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object (json))
        return json;
    json_decref (json);
    verdict_refuse (verdict, ZCHAT_MALFORMED,
                    "the JSON argument is not an object in UTF-8 as RFC 8259 wants it", NULL);
    return NULL;
}

bool argument_number (const json_t *object, const char *key, uint64_t *value)
{
    const json_t *number = json_object_get (object, key);
    if (!number)
        return true;
    if (!json_is_integer (number) || json_integer_value (number) < 0)
        return false;
    *value = (uint64_t)json_integer_value (number);
    return true;
}

static int digit (char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_read (frame_t text, uint8_t *bytes, size_t size)
{
    const char *digits = text.data;
    if (text.size != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = digit (digits[2 * i]), low = digit (digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool argument_hex (const json_t *string, uint8_t *bytes, size_t size)
{
    const char *text = json_string_value (string);
    return text && hex_read (frame_of (text, json_string_length (string)), bytes, size);
}

frame_t argument_string (const json_t *object, const char *key)
{
    const json_t *string = json_object_get (object, key);
    return frame_of (json_string_value (string), json_string_length (string));
}

char *json_text (json_t *json)
{
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    return text;
}
