/*  event_json.c - events as JSON                                              */
#include "event_json.h"
#include "buffer.h"
#include "memory.h"
#include <jansson.h>
#include <string.h>

bool event_json_presence (zchat_type_t type)
{
    return type == ZCHAT_TYPE_JOIN || type == ZCHAT_TYPE_LEAVE || type == ZCHAT_TYPE_PRESENCE;
}

static void number_put (json_t *object, const char *key, uint64_t number)
{
    if (number)
        json_object_set_new (object, key, json_integer ((json_int_t)number));
}

static void text_put (json_t *object, const char *key, const char *text, size_t size)
{
    json_t *value = text ? json_stringn (text, size) : NULL;

    json_object_set_new (object, key, value ? value : json_string (""));
}

static void truth_put (json_t *object, const char *key, bool truth)
{
    if (truth)
        json_object_set_new (object, key, json_true ());
}

char *event_json (const zchat_event_t *event, const char *log)
{
    json_t *object = memory_check (json_object ());
    buffer_t made = {0};

    text_put (object, "room", event->room, event->room ? strlen (event->room) : 0);
    number_put (object, "seq", event->seq);
    number_put (object, "time", event->time_ms);
    json_object_set_new (object, "type", json_string (zchat_type_name (event->type)));
    text_put (object, "user", event->user, event->user ? strlen (event->user) : 0);
    text_put (object, "text", event->body, event->body_size);
    number_put (object, "re", event->re);
    number_put (object, "target", event->target);
    if (event->about)
        text_put (object, "about", event->about, strlen (event->about));
    truth_put (object, "own", event->own);
    truth_put (object, "mentions_me", event->mentions_me);
    truth_put (object, "mentions_all", event->mentions_all);
    if (log)
        json_object_set_new (object, "log", json_string (log));
    char *text = memory_check (json_dumps (object, JSON_COMPACT));
    json_decref (object);
    if (!event->data)
        return text;
    /*  As it came: another program's numbers are not to be rounded here.      */
    buffer_add (&made, text, strlen (text) - 1);
    buffer_string (&made, ",\"data\":");
    buffer_string (&made, event->data);
    buffer_string (&made, "}");
    free (text);
    return buffer_take (&made);
}
