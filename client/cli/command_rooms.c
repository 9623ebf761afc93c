/*  command_rooms.c - zchat rooms: which rooms there are, and what is unread in them */
#include "format.h"
#include "i18n.h"
#include "memory.h"
#include "subcommands.h"
#include "tool.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    tool_t tool;
    uint64_t id;    /* of the request under way                                */
    bool asked;     /* a request is under way                                  */
    json_t *unread; /* the reply to UNREAD; NULL: not asked, or not known there */
    bool counted;   /* UNREAD was answered, or need not be asked               */
    char *behind;   /* the last name that came, or NULL                        */
} rooms_t;

/*  Read a member of a JSON reply; a missing one reads as empty.               */
static const char *s_string (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));
    return text ? text : "";
}

static uint64_t s_integer (const json_t *object, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (object, key));
    return number > 0 ? (uint64_t)number : 0;
}

static void s_ask (rooms_t *self)
{
    zchat_status_t status = self->counted
                                ? zchat_client_rooms (self->tool.client, self->behind, &self->id)
                                : zchat_client_unread (self->tool.client, &self->id);
    self->asked = status == ZCHAT_OK;
    if (status != ZCHAT_OK)
        (void)tool_fail (&self->tool, OUTCOME_USAGE, "%s", _ (zchat_status_text (status)));
}

/*  Find what UNREAD says of a room; NULL: nothing.                            */
static const json_t *s_unread (const rooms_t *self, const char *room)
{
    const json_t *rooms = json_object_get (self->unread, "rooms");
    for (size_t i = 0; i < json_array_size (rooms); i++)
        if (strcmp (s_string (json_array_get (rooms, i), "room"), room) == 0)
            return json_array_get (rooms, i);
    return NULL;
}

static void s_json (rooms_t *self, json_t *room, const json_t *unread)
{
    json_object_set_new (room, "log", json_string (self->tool.log));
    if (unread) {
        json_int_t count = (json_int_t)format_unread_count (unread);
        json_object_set_new (room, "unread", json_integer (count));
        json_object_set_new (room, "mentions",
                             json_integer ((json_int_t)s_integer (unread, "mentions")));
    }
    char *text = json_dumps (room, JSON_COMPACT);
    output_json_value (&self->tool.out, text ? text : "{}");
    output_str (&self->tool.out, "\n");
    free (text);
}

static void s_text (rooms_t *self, const json_t *room, const json_t *unread)
{
    output_t *out = &self->tool.out;
    const char *name = s_string (room, "room");
    const char *topic = s_string (room, "topic");
    output_shown (out, name, strlen (name));
    output_str (out, "\t");
    output_number (out, s_integer (room, "members"));
    output_str (out, "\t");
    output_number (out, s_integer (room, "head"));
    output_str (out, "\t");
    output_shown (out, topic, strlen (topic));
    if (json_is_true (json_object_get (room, "private")))
        output_str (out, "\tprivate");
    if (unread && (format_unread_count (unread) > 0 || s_integer (unread, "mentions") > 0)) {
        output_str (out, "\tunread ");
        output_number (out, format_unread_count (unread));
        output_str (out, ", mentions ");
        output_number (out, s_integer (unread, "mentions"));
    }
    output_str (out, "\n");
}

static void s_answer (rooms_t *self, const json_t *reply)
{
    const json_t *rooms = json_object_get (reply, "rooms");
    size_t n = json_array_size (rooms);
    for (size_t i = 0; i < n; i++) {
        json_t *room = json_array_get (rooms, i);
        const json_t *unread = s_unread (self, s_string (room, "room"));
        if (self->tool.options->json)
            s_json (self, room, unread);
        else
            s_text (self, room, unread);
    }
    const char *last = n > 0 ? s_string (json_array_get (rooms, n - 1), "room") : "";
    bool more = json_is_true (json_object_get (reply, "more")) && *last &&
                (!self->behind || strcmp (last, self->behind) != 0);
    if (!more) {
        (void)tool_stop (&self->tool, OUTCOME_OK);
        return;
    }
    char *behind = memory_string (last, strlen (last));
    free (self->behind);
    self->behind = behind;
}

static void s_reply (rooms_t *self, const zchat_event_t *event)
{
    json_t *reply = event->json ? json_loads (event->json, JSON_ALLOW_NUL, NULL) : NULL;
    bool counts = !self->counted;
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
        tool_expect (&self->tool);
        self->counted = true;
        if (!json_is_object (reply))
            (void)tool_fail (&self->tool, OUTCOME_UNREACHABLE,
                             _ ("the broker at %s sent a reply that is no JSON object"),
                             self->tool.options->endpoint);
        else if (counts)
            self->unread = json_incref (reply);
        else
            s_answer (self, reply);
        break;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_CLOSING:
        break;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
        tool_pause ();
        break;
    default:
        /*  An older broker has rooms too; it only cannot count.               */
        self->counted = true;
        if (counts)
            tool_say (_ ("what is unread is not known: %s"),
                      event->text ? event->text : _ (zchat_status_text (event->status)));
        else
            tool_refused (&self->tool, event);
        break;
    }
    json_decref (reply);
}

int command_rooms (const options_t *options)
{
    rooms_t self = {.asked = false};
    tool_t *tool = &self.tool;
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        tool->watch_output = true;
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            if (event.kind == ZCHAT_EVENT_CONNECTED)
                self.counted = self.counted || !event.proven;
            else if (event.kind == ZCHAT_EVENT_REPLY && self.asked && event.id == self.id)
                s_reply (&self, &event);
            if (!tool->stopped && !self.asked && zchat_client_connected (tool->client))
                s_ask (&self);
        }
    }
    json_decref (self.unread);
    free (self.behind);
    return tool_close (tool);
}
