/*  command_purge.c - zchat purge: an admin frees names, or removes rooms, in bulk */
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
    uint64_t after; /* how far the broker has got, as it says                  */
    uint64_t count; /* names or rooms that the broker named                    */
} purge_t;

static void s_ask (purge_t *self)
{
    const options_t *options = self->tool.options;
    json_t *json = json_object ();
    memory_check (json);
    json_object_set_new (json, "what", json_string (options->purge_what));
    if (options->purge_match)
        json_object_set_new (json, "match", json_string (options->purge_match));
    if (options->place)
        json_object_set_new (json, "place", json_string (options->place));
    if (options->before_ms)
        json_object_set_new (json, "before", json_integer ((json_int_t)options->before_ms));
    if (options->unused)
        json_object_set_new (json, "unused", json_true ());
    if (options->now)
        json_object_set_new (json, "now", json_true ());
    if (!options->yes)
        json_object_set_new (json, "dry", json_true ());
    json_object_set_new (json, "after", json_integer ((json_int_t)self->after));
    char *text = json_dumps (json, JSON_COMPACT);
    memory_check (text);
    zchat_status_t status = zchat_client_purge (self->tool.client, text, &self->id);
    free (text);
    json_decref (json);
    self->asked = status == ZCHAT_OK;
    if (status != ZCHAT_OK)
        (void)tool_fail (&self->tool, OUTCOME_USAGE, "%s", _ (zchat_status_text (status)));
}

static uint64_t s_number (const json_t *json, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (json, key));
    return number > 0 ? (uint64_t)number : 0;
}

static void s_text (output_t *out, const json_t *json, const char *key)
{
    const char *text = json_string_value (json_object_get (json, key));
    output_shown (out, text ? text : "-", text ? strlen (text) : 1);
}

static void s_room (output_t *out, const json_t *row)
{
    s_text (out, row, "room");
    output_str (out, "\t");
    output_time (out, s_number (row, "time"));
    output_str (out, "\t");
    output_number (out, s_number (row, "head"));
    output_str (out, "\t");
    s_text (out, row, "place");
    output_str (out, "\n");
}

static void s_name (output_t *out, const json_t *row)
{
    s_text (out, row, "user");
    output_str (out, "\t");
    output_time (out, s_number (row, "since"));
    output_str (out, json_is_true (json_object_get (row, "used")) ? "\tused\t" : "\tunused\t");
    s_text (out, row, "place");
    output_str (out, "\n");
}

/*  Tell what became of so many names or rooms, or what would.                 */
static void s_told (uint64_t n, bool rooms, bool done)
{
    if (rooms && done)
        tool_say (ngettext ("%" PRIu64 " room is removed", "%" PRIu64 " rooms are removed", n), n);
    else if (rooms)
        tool_say (ngettext ("%" PRIu64 " room would be removed; --yes does it",
                            "%" PRIu64 " rooms would be removed; --yes does it", n),
                  n);
    else if (done)
        tool_say (ngettext ("%" PRIu64 " name is freed", "%" PRIu64 " names are freed", n), n);
    else
        tool_say (ngettext ("%" PRIu64 " name would be freed; --yes does it",
                            "%" PRIu64 " names would be freed; --yes does it", n),
                  n);
}

static void s_answer (purge_t *self, const json_t *reply)
{
    const char *what = self->tool.options->purge_what;
    bool rooms = strcmp (what, "rooms") == 0;
    const json_t *rows = json_object_get (reply, what);
    uint64_t after = s_number (reply, "after");
    for (size_t i = 0; i < json_array_size (rows); i++)
        (rooms ? s_room : s_name) (&self->tool.out, json_array_get (rows, i));
    self->count += json_array_size (rows);
    /*  A broker that gets no further would be asked for ever, so it is not asked again. */
    bool more = json_is_true (json_object_get (reply, "more")) && after > self->after;
    self->after = after;
    if (more) {
        tool_expect (&self->tool);
        return;
    }
    s_told (self->count, rooms, self->tool.options->yes);
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

/*  Take a reply. A request whose reply was lost is sent again; what was freed already is not
    there the second time.                                                     */
static void s_reply (purge_t *self, const zchat_event_t *event)
{
    json_t *reply = event->json ? json_loads (event->json, JSON_ALLOW_NUL, NULL) : NULL;
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
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
        tool_refused (&self->tool, event);
        break;
    }
    json_decref (reply);
}

int command_purge (const options_t *options)
{
    purge_t self = {.asked = false};
    tool_t *tool = &self.tool;
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            if (event.kind == ZCHAT_EVENT_REPLY && self.asked && event.id == self.id)
                s_reply (&self, &event);
            if (!tool->stopped && !self.asked && zchat_client_connected (tool->client))
                s_ask (&self);
        }
    }
    return tool_close (tool);
}
