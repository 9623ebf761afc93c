/*  command_message.c - zchat react, mark, search: asked until it is answered  */
#include "i18n.h"
#include "memory.h"
#include "subcommands.h"
#include "tool.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct asker asker_t;
struct asker {
    tool_t tool;
    uint64_t id;    /* of the request under way                               */
    bool asked;     /* a request is under way                                 */
    buffer_t query; /* search                                                 */
    char *before;   /* search: where the next page begins; NULL: with the newest */
    uint64_t rest;  /* search: hits still wanted                              */
    uint64_t found; /* search: hits so far                                    */
    zchat_status_t (*ask) (asker_t *self);
    /*  takes the reply; it calls tool_stop when all is done, else the asker asks again */
    void (*answer) (asker_t *self, const json_t *reply);
};

static uint64_t s_number (const json_t *json, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (json, key));
    return number > 0 ? (uint64_t)number : 0;
}

/*  Take a reply. What was asked may have been done though its reply was lost; asked again, it is
    done already.                                                              */
static void s_reply (asker_t *self, const zchat_event_t *event)
{
    json_t *reply = event->json ? json_loads (event->json, JSON_ALLOW_NUL, NULL) : NULL;
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
        tool_expect (&self->tool);
        self->answer (self, reply);
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

static void s_ask (asker_t *self)
{
    tool_t *tool = &self->tool;
    zchat_status_t status = self->ask (self);
    self->asked = status == ZCHAT_OK;
    if (status == ZCHAT_LIMIT && tool->options->mode == MODE_REACT)
        (void)tool_fail (tool, OUTCOME_DATA, _ ("a reaction has %d bytes at most"),
                         ZCHAT_REACTION_MAX);
    else if (status == ZCHAT_LIMIT)
        (void)tool_fail (tool, OUTCOME_DATA, _ ("a search has %d bytes at most"), ZCHAT_QUERY_MAX);
    else if (status != ZCHAT_OK)
        (void)tool_fail (tool, OUTCOME_USAGE, "%s", _ (zchat_status_text (status)));
}

static int s_run (asker_t *self, const options_t *options)
{
    tool_t *tool = &self->tool;
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        tool->watch_output = true;
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            if (event.kind == ZCHAT_EVENT_REPLY && self->asked && event.id == self->id)
                s_reply (self, &event);
            if (!tool->stopped && !self->asked && zchat_client_connected (tool->client))
                s_ask (self);
        }
    }
    buffer_free (&self->query);
    free (self->before);
    return tool_close (tool);
}

/*  --- react, mark ------------------------------------------------------------- */

static void s_done (asker_t *self, const json_t *reply)
{
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

static zchat_status_t s_ask_react (asker_t *self)
{
    const options_t *options = self->tool.options;
    return (options->undo ? zchat_client_unreact : zchat_client_react) (
        self->tool.client, options->rooms[0], options->re, options->words[0], &self->id);
}

int command_react (const options_t *options)
{
    asker_t self = {.ask = s_ask_react, .answer = s_done};
    return s_run (&self, options);
}

static zchat_status_t s_ask_mark (asker_t *self)
{
    const options_t *options = self->tool.options;
    /*  A seq beyond the head counts as the head: all is read.                 */
    return zchat_client_mark (self->tool.client, options->mail ? "@" : options->rooms[0],
                              options->re ? options->re : ZCHAT_SEQ_MAX, &self->id);
}

int command_mark (const options_t *options)
{
    asker_t self = {.ask = s_ask_mark, .answer = s_done};
    return s_run (&self, options);
}

/*  --- search --------------------------------------------------------------------- */

static zchat_status_t s_ask_search (asker_t *self)
{
    size_t limit = self->rest < ZCHAT_SEARCH_MAX ? (size_t)self->rest : ZCHAT_SEARCH_MAX;
    return zchat_client_search (self->tool.client, self->query.data ? self->query.data : "", limit,
                                self->before, &self->id);
}

static void s_json (output_t *out, json_t *hit, const char *log)
{
    json_object_set_new (hit, "log", json_string (log));
    char *text = json_dumps (hit, JSON_COMPACT);
    output_json_value (out, text ? text : "{}");
    output_str (out, "\n");
    free (text);
}

static void s_member (output_t *out, const json_t *hit, const char *key)
{
    const json_t *value = json_object_get (hit, key);
    const char *text = json_string_value (value);
    output_shown (out, text ? text : "", json_string_length (value));
}

/*  Write a hit as zchat listen writes a message.                              */
static void s_text (output_t *out, const json_t *hit)
{
    s_member (out, hit, "room");
    output_str (out, "\t");
    output_number (out, s_number (hit, "seq"));
    output_str (out, "\t");
    output_time (out, s_number (hit, "time"));
    output_str (out, "\t");
    s_member (out, hit, "type");
    output_str (out, "\t");
    s_member (out, hit, "user");
    output_str (out, "\t");
    s_member (out, hit, "text");
    output_str (out, "\n");
}

static void s_found (asker_t *self, const json_t *reply)
{
    tool_t *tool = &self->tool;
    const json_t *hits = json_object_get (reply, "hits");
    const char *next = json_string_value (json_object_get (reply, "next"));
    uint64_t behind = s_number (reply, "behind");
    for (size_t i = 0; i < json_array_size (hits) && self->rest > 0; i++) {
        json_t *hit = json_array_get (hits, i);
        if (!json_is_object (hit))
            continue;
        self->rest--;
        self->found++;
        if (tool->options->json)
            s_json (&tool->out, hit, tool->log);
        else
            s_text (&tool->out, hit);
    }
    /*  A broker that gets no further would be asked for ever, so it is not asked again. */
    if (next && self->rest > 0 && !(self->before && strcmp (next, self->before) == 0)) {
        free (self->before);
        self->before = memory_string (next, strlen (next));
        return;
    }
    if (self->found == 0)
        tool_say (_ ("nothing found"));
    if (next && self->rest == 0)
        tool_say (_ ("there may be more: -n NUMBER, or --all"));
    if (behind > 0)
        tool_say (_ ("%" PRIu64 " messages are not searched yet; try again later"), behind);
    if (tool->options->mail)
        tool_say (
            _ ("direct messages that are sealed are not searched: the broker cannot read them"));
    (void)tool_stop (tool, OUTCOME_OK);
}

int command_search (const options_t *options)
{
    asker_t self = {.ask = s_ask_search, .answer = s_found, .rest = options->last};
    if (options->last == 0)
        return OUTCOME_OK;
    for (size_t i = 0; i < options->n_words; i++)
        buffer_format (&self.query, "%s%s", i > 0 ? " " : "", options->words[i]);
    if (options->mail || options->n_rooms > 0)
        buffer_format (&self.query, " in:%s", options->mail ? "@" : options->rooms[0]);
    return s_run (&self, options);
}
