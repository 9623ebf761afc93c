/*  record.c - an event as one line for programs */
#include "record.h"
#include "template.h"
#include <string.h>

static void s_json_key (output_t *out, const char *key, const char *value, size_t size)
{
    output_str (out, ",\"");
    output_str (out, key);
    output_str (out, "\":");
    output_json_string (out, value ? value : "", value ? size : 0);
}

static void s_json (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                    const char *log)
{
    const char *type = zchat_type_name (event->type);
    const char *data = opened ? opened->data : event->data;
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
    if (event->seq > 0)
        s_json_key (out, "log", log, strlen (log));
    if (opened) {
        const char *seal = direct_seal (opened);
        output_str (out, direct_sealed (opened) ? ",\"sealed\":true" : ",\"sealed\":false");
        s_json_key (out, "seal", seal, strlen (seal));
        if (opened->time_far) {
            output_str (out, ",\"written\":");
            output_number (out, opened->time_ms);
        }
    }
    if (event->re > 0) {
        output_str (out, ",\"re\":");
        output_number (out, event->re);
    }
    if (opened && direct_instead (opened)) {
        output_str (out, ",\"text\":null}");
        return;
    }
    s_json_key (out, "text", opened ? opened->body : event->body,
                opened ? opened->body_size : event->body_size);
    if (data) {
        output_str (out, ",\"data\":");
        output_json_value (out, data);
    }
    output_str (out, "}");
}

static void s_text (output_t *out, const zchat_event_t *event, const people_opened_t *opened)
{
    output_shown (out, event->room, strlen (event->room));
    output_str (out, "\t");
    output_number (out, event->seq);
    output_str (out, "\t");
    output_time (out, event->time_ms);
    output_str (out, "\t");
    output_str (out, zchat_type_name (event->type));
    if (opened) {
        output_str (out, "/");
        output_str (out, direct_seal (opened));
    }
    output_str (out, "\t");
    output_shown (out, event->user, event->user ? strlen (event->user) : 0);
    output_str (out, "\t");
    bool in_data = event->seq == 0 || event->type == ZCHAT_TYPE_MODE ||
                   event->type == ZCHAT_TYPE_REMOVE || event->type == ZCHAT_TYPE_INVITE ||
                   event->type == ZCHAT_TYPE_EDIT || event->type == ZCHAT_TYPE_REACT ||
                   event->type == ZCHAT_TYPE_UNREACT || event->type == ZCHAT_TYPE_MENTION;
    if (opened) {
        const char *instead = direct_instead (opened);
        output_shown (out, instead ? instead : opened->body,
                      instead ? strlen (instead) : opened->body_size);
    } else if (in_data && event->data) {
        /*  These types say in their data what others say in their text; a reason may follow. */
        output_shown (out, event->data, strlen (event->data));
        output_str (out, event->body_size > 0 ? " " : "");
        output_shown (out, event->body, event->body_size);
    } else
        output_shown (out, event->body, event->body_size);
}

static void s_format (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                      const char *log, const record_style_t *style)
{
    const char *instead = opened ? direct_instead (opened) : NULL;
    template_fields_t fields = {.room = event->room,
                                .seq = event->seq,
                                .time_ms = event->time_ms,
                                .re = event->re,
                                .type = zchat_type_name (event->type),
                                .user = event->user,
                                .text = opened ? opened->body : event->body,
                                .text_size = opened ? opened->body_size : event->body_size,
                                .data = opened ? opened->data : event->data,
                                .log = log};
    if (instead) {
        fields.text = instead;
        fields.text_size = strlen (instead);
        fields.data = NULL;
    }
    template_write (out, style->format, &fields, style->exact);
}

static void s_end (output_t *out, const record_style_t *style)
{
    output_bytes (out, style->nul ? "" : "\n", 1);
}

static void s_record (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                      const char *log, const record_style_t *style)
{
    if (style->format)
        s_format (out, event, opened, log, style);
    else if (style->json)
        s_json (out, event, opened, log);
    else
        s_text (out, event, opened);
    s_end (out, style);
}

void record_message (output_t *out, const zchat_event_t *event, const char *log,
                     const record_style_t *style)
{
    s_record (out, event, NULL, log, style);
}

void record_direct (output_t *out, const zchat_event_t *event, const people_opened_t *opened,
                    const char *log, const record_style_t *style)
{
    s_record (out, event, opened, log, style);
}

void record_lost (output_t *out, const char *room, uint64_t count, uint64_t before,
                  const record_style_t *style)
{
    if (!style->json)
        return;
    output_str (out, "{\"type\":\"lost\"");
    s_json_key (out, "room", room, strlen (room));
    output_str (out, ",\"count\":");
    output_number (out, count);
    output_str (out, ",\"before\":");
    output_number (out, before);
    output_str (out, "}");
    s_end (out, style);
}

void record_log_replaced (output_t *out, const char *log, const record_style_t *style)
{
    if (!style->json)
        return;
    output_str (out, "{\"type\":\"log_replaced\"");
    s_json_key (out, "log", log, strlen (log));
    output_str (out, "}");
    s_end (out, style);
}

void record_ahead (output_t *out, const char *room, uint64_t after, uint64_t head,
                   const record_style_t *style)
{
    if (!style->json)
        return;
    output_str (out, "{\"type\":\"ahead\"");
    s_json_key (out, "room", room, strlen (room));
    output_str (out, ",\"after\":");
    output_number (out, after);
    output_str (out, ",\"head\":");
    output_number (out, head);
    output_str (out, "}");
    s_end (out, style);
}
