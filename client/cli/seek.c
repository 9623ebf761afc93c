/*  seek.c - asks the broker for the first message that is not older than a time */
#include "seek.h"
#include "tool.h"
#include <jansson.h>
#include <string.h>

void seek_begin (seek_t *self, uint64_t time_ms)
{
    memset (self, 0, sizeof *self);
    self->time_ms = time_ms;
}

static void s_found (seek_t *self, uint64_t seq)
{
    self->done = true;
    self->seq = seq;
}

void seek_ask (seek_t *self, zchat_client_t *client, const char *room)
{
    if (self->done || self->asked)
        return;
    uint64_t probe = self->begun ? since_probe (&self->since) : 0;
    self->got_seq = 0;
    zchat_status_t status = self->begun
                                ? zchat_client_history (client, room, probe - 1, 0, 1, &self->id)
                                : zchat_client_history (client, room, 0, UINT64_MAX, 1, &self->id);
    self->asked = status == ZCHAT_OK;
    if (status != ZCHAT_OK)
        s_found (self, 1);
}

static uint64_t s_integer (const json_t *object, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (object, key));
    return number > 0 ? (uint64_t)number : 0;
}

static void s_answer (seek_t *self, const char *json)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    uint64_t head = s_integer (reply, "head");
    if (self->begun)
        since_answer (&self->since, self->got_seq, self->got_ms);
    else if (head <= ZCHAT_SEQ_MAX)
        since_begin (&self->since, self->time_ms, s_integer (reply, "first"), head);
    self->begun = true;
    if (!since_probe (&self->since))
        s_found (self, self->since.low);
    json_decref (reply);
}

static void s_reply (seek_t *self, const zchat_event_t *event)
{
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
        s_answer (self, event->json);
        break;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_CLOSING:
        break;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
        tool_pause ();
        break;
    default:
        /*  The next request will be refused in the same way, and that refusal is told. */
        s_found (self, 1);
    }
}

bool seek_event (seek_t *self, const zchat_event_t *event)
{
    if (!self->asked || event->id != self->id)
        return false;
    if (event->kind == ZCHAT_EVENT_HISTORY) {
        if (event->seq) { /* marks have none                                    */
            self->got_seq = event->seq;
            self->got_ms = event->time_ms;
        }
        return true;
    }
    if (event->kind != ZCHAT_EVENT_REPLY)
        return false;
    s_reply (self, event);
    return true;
}
