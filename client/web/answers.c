/*  answers.c - what came of a request                                           */
#include "event_json.h"
#include "memory.h"
#include "request.h"
#include <inttypes.h>

static json_t *object_read (const char *json)
{
    json_t *object = json ? json_loads (json, 0, NULL) : NULL;

    if (json_is_object (object))
        return object;
    json_decref (object);
    return memory_check (json_object ());
}

/*  Answer with an object, which is given away.                                 */
static void done (request_t *self, json_t *object)
{
    char *text = memory_check (json_dumps (object, JSON_COMPACT));

    json_decref (object);
    request_done (self, 200, text);
}

/*  A message is stored: under which seq is not known where an earlier try had stored it. */
static void stored (request_t *self, uint64_t seq, uint64_t time_ms, bool duplicate)
{
    bool tell = self->route.kind == ROUTE_TELL;
    json_t *object = memory_check (json_object ());

    if (self->once && seq)
        once_stored (self->door->once, &self->key, seq, time_ms);
    else if (self->once)
        (void)once_known (self->door->once, &self->key, &seq, &time_ms);
    json_object_set_new (object, tell ? "user" : "room",
                         json_string (tell ? self->route.word : self->route.room));
    if (seq) {
        json_object_set_new (object, "seq", json_integer ((json_int_t)seq));
        json_object_set_new (object, "time", json_integer ((json_int_t)time_ms));
    }
    if (duplicate)
        json_object_set_new (object, "duplicate", json_true ());
    done (self, object);
}

static void history_done (request_t *self, const char *json)
{
    person_state_t state;
    json_t *object = object_read (json);
    char *head, *events = buffer_take (&self->events);

    person_state (self->person, &state);
    json_object_set_new (object, "log", json_string (state.log));
    head = memory_check (json_dumps (object, JSON_COMPACT));
    json_decref (object);
    head[strlen (head) - 1] = '\0';
    request_done (self, 200, memory_format ("%s,\"events\":[%s]}", head, events));
    free (head);
    free (events);
}

static void status_done (request_t *self)
{
    person_state_t state;
    const person_t *guest = people_guest (self->door->people);

    person_state (self->person, &state);
    done (self, memory_check (json_pack (
                    "{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:i}", "version", zchat_version (), "server",
                    state.server, "log", state.log, "user", self->person == guest ? "" : state.user,
                    "proven", state.proven, "admin", state.admin, "free_names",
                    self->door->options->free_names, "body_max", ZCHAT_BODY_MAX)));
}

static void replied (request_t *self, const zchat_event_t *event)
{
    bool says = self->route.kind == ROUTE_SAY || self->route.kind == ROUTE_TELL ||
                self->route.kind == ROUTE_EDIT;

    if (event->status != ZCHAT_OK) {
        /*  What was under way when the connection was lost may be asked again, but what cannot be
            done twice.                                                        */
        if (event->status == ZCHAT_UNREACHABLE && self->route.kind != ROUTE_REMOVE &&
            self->route.kind != ROUTE_TOPIC_SET && self->route.kind != ROUTE_STATUS) {
            buffer_clear (&self->events);
            calls_again (self);
            return;
        }
        if (self->once && event->status != ZCHAT_UNREACHABLE)
            once_refused (self->door->once, &self->key);
        request_refuse_status (self, event->status, event->text, event->json);
    } else if (says) {
        json_t *object = object_read (event->json);
        stored (self, (uint64_t)json_integer_value (json_object_get (object, "seq")),
                (uint64_t)json_integer_value (json_object_get (object, "time")),
                json_is_true (json_object_get (object, "duplicate")));
        json_decref (object);
    } else if (self->route.kind == ROUTE_HISTORY)
        history_done (self, event->json);
    else
        request_done (self, 200, memory_format ("%s", event->json ? event->json : "{}"));
}

void answers_event (void *arg, const zchat_event_t *event)
{
    request_t *self = arg;
    char *json;

    switch (event->kind) {
    case ZCHAT_EVENT_HISTORY:
        json = event_json (event, NULL);
        buffer_format (&self->events, "%s%s", self->events.size ? "," : "", json);
        free (json);
        break;
    case ZCHAT_EVENT_CONNECTED:
        status_done (self);
        break;
    case ZCHAT_EVENT_SENT:
        stored (self, event->seq, event->time_ms, !event->seq);
        break;
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
        request_refuse_status (self, event->status, event->text, NULL);
        break;
    default:
        replied (self, event);
        break;
    }
}
