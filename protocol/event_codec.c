/*  event_codec.c - what happened in a room, and its forms on the wire               */
#include "event_codec.h"
#include "decimal.h"
#include <assert.h>

/*  --- writing ---------------------------------------------------------------  */

static uint8_t *put_frame (uint8_t *to, frame_t frame)
{
    if (frame.size > 0) /* memcpy of NULL is not allowed, not even of 0 bytes */
        memcpy (to, frame.data, frame.size);
    return to + frame.size;
}

static uint8_t *put_str (uint8_t *to, const char *string)
{
    return put_frame (to, frame_str (string));
}

/*  An integer of size bytes, in network order.                                */
static uint8_t *put_int (uint8_t *to, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        to[i - 1] = (uint8_t)(value & 0xFF);
        value >>= 8;
    }
    return to + size;
}

static uint8_t *put_decimal (uint8_t *to, uint64_t value)
{
    return to + decimal_write ((char *)to, value);
}

/*  --- topics ----------------------------------------------------------------  */

size_t event_topic (char *topic, const char *prefix, frame_t name)
{
    assert (strlen (prefix) == 5);
    assert (name.size <= ZCHAT_NAME_MAX);
    uint8_t *begin = (uint8_t *)topic;
    uint8_t *at = put_str (begin, prefix);
    at = put_frame (at, name);
    *at++ = '/';
    return (size_t)(at - begin);
}

bool event_topic_name (frame_t topic, const char *prefix, frame_t *name)
{
    size_t before = strlen (prefix);
    if (topic.size < before + 2 || topic.size > before + ZCHAT_NAME_MAX + 1)
        return false;
    const char *bytes = topic.data;
    size_t size = topic.size - before - 1;
    /* the first slash behind the prefix is the last byte: a name holds none */
    if (memcmp (bytes, prefix, before) != 0 || bytes[topic.size - 1] != '/' ||
        memchr (bytes + before, '/', size) != NULL)
        return false;
    *name = frame_of (bytes + before, size);
    return true;
}

/*  --- meta ------------------------------------------------------------------  */

size_t event_meta_encode (const event_t *event, char *meta)
{
    assert (event->data.size <= ZCHAT_DATA_MAX);
    uint8_t *begin = (uint8_t *)meta;
    uint8_t *at = put_str (begin, "{\"type\":\"");
    at = put_str (at, zchat_type_name (event->type));
    at = put_str (at, "\",");
    if (event->seq > 0) {
        at = put_str (at, "\"seq\":");
        at = put_decimal (at, event->seq);
        at = put_str (at, ",");
    }
    at = put_str (at, "\"time\":");
    at = put_decimal (at, event->time_ms);
    if (event->data.size > 0) {
        at = put_str (at, ",\"data\":");
        at = put_frame (at, event->data);
    }
    *at++ = '}';
    return (size_t)(at - begin);
}

size_t event_number_encode (const event_t *event, char *json)
{
    uint8_t *begin = (uint8_t *)json;
    uint8_t *at = put_str (begin, "{\"seq\":");
    at = put_decimal (at, event->seq);
    at = put_str (at, ",\"time\":");
    at = put_decimal (at, event->time_ms);
    *at++ = '}';
    return (size_t)(at - begin);
}

/*  --- records ---------------------------------------------------------------  */

enum { LENGTH_SIZE = 4 };

size_t event_record_size (const event_t *event)
{
    return EVENT_RECORD_FIXED + event->user.size + event->data.size + event->body.size;
}

size_t event_record_encode (const event_t *event, uint8_t *buffer)
{
    assert (event->user.size <= ZCHAT_NAME_MAX);
    assert (event->data.size <= ZCHAT_DATA_MAX);
    assert (event->body.size <= ZCHAT_BODY_MAX);
    size_t size = event_record_size (event);
    uint8_t *at = put_int (buffer, size - LENGTH_SIZE, LENGTH_SIZE);
    at = put_int (at, event->seq, 8);
    at = put_int (at, event->time_ms, 8);
    *at++ = (uint8_t)event->type;
    *at++ = (uint8_t)event->user.size;
    at = put_frame (at, event->user);
    at = put_int (at, event->data.size, 2);
    at = put_frame (at, event->data);
    at = put_frame (at, event->body);
    assert (at == buffer + size);
    return size;
}

/*  Cut size bytes off the front of rest, which holds them.                    */
static frame_t take (frame_t *rest, size_t size)
{
    assert (size <= rest->size);
    frame_t taken = frame_of (rest->data, size);
    *rest = frame_of ((const uint8_t *)rest->data + size, rest->size - size);
    return taken;
}

static uint64_t take_int (frame_t *rest, size_t size)
{
    const uint8_t *bytes = take (rest, size).data;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

zchat_status_t event_record_next (frame_t *pack, event_t *event)
{
    if (pack->size == 0)
        return ZCHAT_EMPTY;
    if (pack->size < EVENT_RECORD_FIXED)
        return ZCHAT_MALFORMED;

    frame_t behind = *pack;
    size_t length = (size_t)take_int (&behind, LENGTH_SIZE);
    if (length < EVENT_RECORD_FIXED - LENGTH_SIZE || length > behind.size)
        return ZCHAT_MALFORMED;
    frame_t record = take (&behind, length);

    event_t read = {0};
    read.seq = take_int (&record, 8);
    read.time_ms = take_int (&record, 8);
    read.type = (zchat_type_t)take_int (&record, 1);
    size_t user_size = (size_t)take_int (&record, 1);
    if (user_size > ZCHAT_NAME_MAX || user_size + 2 > record.size)
        return ZCHAT_MALFORMED;
    read.user = take (&record, user_size);
    size_t data_size = (size_t)take_int (&record, 2);
    if (data_size > ZCHAT_DATA_MAX || data_size > record.size)
        return ZCHAT_MALFORMED;
    read.data = take (&record, data_size);
    if (record.size > ZCHAT_BODY_MAX)
        return ZCHAT_MALFORMED;
    read.body = record;

    *event = read;
    *pack = behind;
    return ZCHAT_OK;
}
