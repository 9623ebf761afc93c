/*  record.c - an event as one line for programs */
#include "record.h"
#include <string.h>

static void s_json_key (output_t *out, const char *key, const char *value, size_t size)
{
    output_str (out, ",\"");
    output_str (out, key);
    output_str (out, "\":");
    output_json_string (out, value ? value : "", value ? size : 0);
}

static void s_json (output_t *out, const zchat_event_t *event)
{
    const char *type = zchat_type_name (event->type);
    output_str (out, "{\"room\":");
    output_json_string (out, event->room, strlen (event->room));
    output_str (out, ",\"seq\":");
    if (event->seq > 0)
        output_number (out, event->seq);
    else
        output_str (out, "null");
    output_str (out, ",\"time\":");
    output_number (out, event->time_ms);
    s_json_key (out, "type", type, strlen (type));
    s_json_key (out, "user", event->user, event->user ? strlen (event->user) : 0);
    s_json_key (out, "text", event->body, event->body_size);
    if (event->data) {
        output_str (out, ",\"data\":");
        output_json_value (out, event->data);
    }
    output_str (out, "}\n");
}

static void s_text (output_t *out, const zchat_event_t *event)
{
    output_shown (out, event->room, strlen (event->room));
    output_str (out, "\t");
    output_number (out, event->seq);
    output_str (out, "\t");
    output_time (out, event->time_ms);
    output_str (out, "\t");
    output_str (out, zchat_type_name (event->type));
    output_str (out, "\t");
    output_shown (out, event->user, event->user ? strlen (event->user) : 0);
    output_str (out, "\t");
    /* presence says in its data what others say in their text */
    if (event->body_size == 0 && event->seq == 0 && event->data)
        output_shown (out, event->data, strlen (event->data));
    else
        output_shown (out, event->body, event->body_size);
    output_str (out, "\n");
}

void record_message (output_t *out, const zchat_event_t *event, bool json)
{
    if (json)
        s_json (out, event);
    else
        s_text (out, event);
}

void record_lost (output_t *out, const char *room, uint64_t count, uint64_t before)
{
    output_str (out, "{\"type\":\"lost\"");
    s_json_key (out, "room", room, strlen (room));
    output_str (out, ",\"count\":");
    output_number (out, count);
    output_str (out, ",\"before\":");
    output_number (out, before);
    output_str (out, "}\n");
}

void record_log_replaced (output_t *out)
{
    output_str (out, "{\"type\":\"log_replaced\"}\n");
}
