/*  record_line.c - one event a line                                           */
#include "record_line.h"
#include "memory.h"
#include <zchat/event.h>

char *record_line_write (const record_line_t *record)
{
    const event_t *event = &record->event;
    json_t *json = json_object ();
    json_object_set_new (json, "room", json_stringn (record->room.data, record->room.size));
    json_object_set_new (json, "seq", json_integer ((json_int_t)event->seq));
    json_object_set_new (json, "time", json_integer ((json_int_t)event->time_ms));
    json_object_set_new (json, "type", json_string (zchat_type_name (event->type)));
    json_object_set_new (json, "user",
                         json_stringn (event->user.size ? event->user.data : "", event->user.size));
    json_object_set_new (json, "text",
                         json_stringn (event->body.size ? event->body.data : "", event->body.size));
    if (event->data.size)
        json_object_set_new (json, "data",
                             json_loadb (event->data.data, event->data.size, 0, NULL));
    if (record->is_private)
        json_object_set_new (json, "private", json_true ());
    if (record->of.size)
        json_object_set_new (json, "of", json_stringn (record->of.data, record->of.size));
    char *line = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    return line;
}

static bool text_of (const json_t *json, const char *key, frame_t *text)
{
    const json_t *found = json_object_get (json, key);
    if (!json_is_string (found))
        return false;
    *text = frame_of (json_string_value (found), json_string_length (found));
    return true;
}

static bool number_of (const json_t *json, const char *key, uint64_t *number)
{
    const json_t *found = json_object_get (json, key);
    if (!json_is_integer (found) || json_integer_value (found) < 1)
        return false;
    *number = (uint64_t)json_integer_value (found);
    return true;
}

/*  data as a text, kept in the JSON that it came in.                          */
static void data_of (json_t *json, event_t *event)
{
    json_t *data = json_object_get (json, "data");
    if (!json_is_object (data))
        return;
    char *text = memory_check (json_dumps (data, JSON_COMPACT));
    json_object_set_new (json, "", json_string (text));
    free (text);
    (void)text_of (json, "", &event->data);
}

const char *record_line_read (frame_t line, json_t **json, record_line_t *record)
{
    frame_t type;
    *record = (record_line_t){.is_private = false};
    json_t *made = json_loadb (line.data, line.size, JSON_REJECT_DUPLICATES, NULL);
    *json = NULL;
    const char *why = NULL;
    if (!json_is_object (made))
        why = "it is no JSON object on one line";
    else if (!text_of (made, "room", &record->room) ||
             !text_of (made, "user", &record->event.user) ||
             !text_of (made, "text", &record->event.body) || !text_of (made, "type", &type))
        why = "room, user, text and type are texts, and are all needed";
    else if (!number_of (made, "seq", &record->event.seq) ||
             !number_of (made, "time", &record->event.time_ms))
        why = "seq and time are whole numbers from 1, and are both needed";
    if (why) {
        json_decref (made);
        return why;
    }
    record->event.type = zchat_type_from_name (type.data, type.size);
    record->is_private = json_is_true (json_object_get (made, "private"));
    (void)text_of (made, "of", &record->of);
    data_of (made, &record->event);
    *json = made;
    return NULL;
}
