/*  calls.c - what a request wants, as a call of libzchat                        */
#include "files.h"
#include "memory.h"
#include "request.h"
#include <zchat/client.h>

static bool is_guest (const request_t *self)
{
    return !*self->credential.name;
}

/*  True for what a guest may not do, so that the broker need not be asked.     */
static bool wants_name (route_kind_t kind)
{
    switch (kind) {
    case ROUTE_SAY:
    case ROUTE_EDIT:
    case ROUTE_REMOVE:
    case ROUTE_REACT:
    case ROUTE_UNREACT:
    case ROUTE_TELL:
    case ROUTE_MARK:
    case ROUTE_MARKED:
    case ROUTE_UNREAD:
    case ROUTE_TOPIC_SET:
    case ROUTE_MODE:
    case ROUTE_AWAY:
    case ROUTE_BACK:
        return true;
    default:
        return false;
    }
}

/*  Say, tell or edit: under a number of its own where there is a key, else through the outbox. */
static zchat_status_t call_say (request_t *self, uint64_t *id)
{
    const request_message_t *said = &self->message;
    zchat_client_t *client = person_client (self->person);
    bool tell = self->route.kind == ROUTE_TELL, edit = self->route.kind == ROUTE_EDIT;
    const char *to = tell ? self->route.word : self->route.room;

    if (self->once)
        return zchat_client_once (client, self->key.bytes, to,
                                  tell   ? ZCHAT_TYPE_TELL
                                  : edit ? ZCHAT_TYPE_EDIT
                                         : said->type,
                                  edit ? self->route.seq : said->re, said->text, said->size,
                                  edit ? NULL : said->data, id);
    if (edit)
        return zchat_client_edit (client, to, self->route.seq, said->text, said->size, id);
    if (tell)
        return zchat_client_tell_reply (client, to, said->re, said->text, said->size, said->data,
                                        id);
    return zchat_client_reply (client, to, said->re, said->type, said->text, said->size, said->data,
                               id);
}

static zchat_status_t malformed (request_t *self, const char *text)
{
    request_refuse (self, 400, "malformed", text);
    return ZCHAT_MALFORMED;
}

static zchat_status_t call_history (request_t *self, uint64_t *id)
{
    uint64_t before = 0, after = 0, limit = ZCHAT_HISTORY_DEFAULT;
    bool has_after =
        MHD_lookup_connection_value (self->connection, MHD_GET_ARGUMENT_KIND, "after") != NULL;

    if (!request_number (self, "before", ZCHAT_SEQ_MAX, &before) ||
        !request_number (self, "after", ZCHAT_SEQ_MAX, &after) ||
        !request_number (self, "limit", ZCHAT_HISTORY_MAX, &limit) || !limit ||
        (before && has_after))
        return malformed (self, "before or after is to be a seq, limit 1 to 1000");
    return zchat_client_history (person_client (self->person), self->route.room, after,
                                 has_after ? 0 : (before ? before : UINT64_MAX), limit, id);
}

static zchat_status_t call_search (request_t *self, uint64_t *id)
{
    bool good, fits;
    uint64_t limit = ZCHAT_SEARCH_DEFAULT;
    char *query = request_parameter (self, "q", ZCHAT_QUERY_MAX, &good);
    char *before = request_parameter (self, "before", ZCHAT_QUERY_MAX, &fits);
    zchat_status_t status;

    if (!query || !good || !fits || !request_number (self, "limit", ZCHAT_SEARCH_MAX, &limit) ||
        !limit)
        status = malformed (self, "q is to be what is searched, limit 1 to 100");
    else
        status = zchat_client_search (person_client (self->person), query, limit, before, id);
    free (query);
    free (before);
    return status;
}

/*  For a call that takes a text of a parameter: who and rooms.                 */
static zchat_status_t call_named (request_t *self, const char *name, uint64_t *id)
{
    bool good;
    char *text = request_parameter (self, name, ZCHAT_NAME_FORM_MAX, &good);
    zchat_client_t *client = person_client (self->person);
    zchat_status_t status;

    if (!good)
        status = malformed (self, "a parameter is not percent-encoded UTF-8");
    else if (self->route.kind == ROUTE_WHO)
        status = zchat_client_who (client, text ? text : "", id);
    else
        status = zchat_client_rooms (client, text, id);
    free (text);
    return status;
}

static zchat_status_t call_remove (request_t *self, uint64_t *id)
{
    bool good;
    char *reason = request_parameter (self, "reason", ZCHAT_REASON_MAX, &good);
    zchat_status_t status =
        good ? zchat_client_remove (person_client (self->person), self->route.room, self->route.seq,
                                    reason, id)
             : malformed (self, "the reason is no text, or too long");

    free (reason);
    return status;
}

static zchat_status_t call (request_t *self, uint64_t *id)
{
    zchat_client_t *client = person_client (self->person);
    const route_t *route = &self->route;
    const char *text = self->message.text ? self->message.text : "";

    switch (route->kind) {
    case ROUTE_SAY:
    case ROUTE_TELL:
    case ROUTE_EDIT:
        return call_say (self, id);
    case ROUTE_REMOVE:
        return call_remove (self, id);
    case ROUTE_REACT:
        return zchat_client_react (client, route->room, route->seq, route->word, id);
    case ROUTE_UNREACT:
        return zchat_client_unreact (client, route->room, route->seq, route->word, id);
    case ROUTE_MARK:
        return zchat_client_mark (client, route->room, self->message.seq, id);
    case ROUTE_MARKED:
        return zchat_client_mark (client, route->room, 0, id);
    case ROUTE_UNREAD:
        return zchat_client_unread (client, id);
    case ROUTE_TOPIC_SET:
        return zchat_client_topic (client, route->room, text, id);
    case ROUTE_TOPIC:
        return zchat_client_topic (client, route->room, NULL, id);
    case ROUTE_MODE:
        return zchat_client_mode (client, route->room, NULL, id);
    case ROUTE_AWAY:
        return zchat_client_away (client, text, id);
    case ROUTE_BACK:
        return zchat_client_away (client, NULL, id);
    case ROUTE_ROOMS:
        return call_named (self, "after", id);
    case ROUTE_WHO:
        return call_named (self, "room", id);
    case ROUTE_HISTORY:
        return call_history (self, id);
    case ROUTE_SEARCH:
        return call_search (self, id);
    default:
        return ZCHAT_INVALID;
    }
}

void calls_again (request_t *self)
{
    uint64_t id = 0;
    zchat_status_t status = call (self, &id);

    if (status == ZCHAT_OK)
        person_wait (self->person, &self->waiter, id);
    else
        request_refuse_status (self, status, NULL, NULL);
}

/*  Look whether this is a repetition, which needs the broker all the same. False: refused. */
static bool once_look (request_t *self)
{
    const char *header = request_header (self, "Idempotency-Key");
    bool says = self->route.kind == ROUTE_SAY || self->route.kind == ROUTE_TELL ||
                self->route.kind == ROUTE_EDIT;

    if (!header || !says)
        return true;
    if (!once_header_valid (header)) {
        request_refuse (self, 400, "malformed",
                        "an Idempotency-Key has 1 to 255 printable ASCII characters");
        return false;
    }
    self->once = true;
    once_key (&self->credential, self->route.kind == ROUTE_EDIT ? "PUT" : "POST", self->path,
              header, &self->key);
    if (once_begin (self->door->once, &self->key, self->body.data, self->body.size,
                    self->door->now_ms))
        return true;
    request_refuse (self, 422, "reused", "this Idempotency-Key stood with another body before");
    return false;
}

static void health (request_t *self)
{
    person_state_t state;

    person_state (people_guest (self->door->people), &state);
    request_done (self, 200,
                  memory_format ("{\"connected\":%s}", state.connected ? "true" : "false"));
}

void calls_start (request_t *self)
{
    route_kind_t kind = self->route.kind;
    person_state_t state;
    const char *text;
    zchat_status_t status;

    if (kind == ROUTE_FILE) {
        request_done (self, 200, NULL);
        return;
    }
    if (kind == ROUTE_HEALTH) {
        health (self);
        return;
    }
    if (is_guest (self) && wants_name (kind)) {
        request_refuse_status (
            self, ZCHAT_GUEST,
            "guests only read; say who you are: Authorization: Bearer NAME:TOKEN", NULL);
        return;
    }
    if ((route_takes_body (kind) && !message_read (self)) || !once_look (self))
        return;
    status = people_find (self->door->people, &self->credential, &self->person, &text);
    if (status != ZCHAT_OK) {
        self->person = NULL;
        request_refuse_status (self, status, text, NULL);
        return;
    }
    person_hold (self->person);
    if (kind == ROUTE_EVENTS || kind == ROUTE_ROOM_EVENTS) {
        streams_start (self);
        return;
    }
    person_state (self->person, &state);
    if (kind != ROUTE_STATUS)
        calls_again (self);
    else if (state.connected)
        answers_event (self, &(zchat_event_t){.kind = ZCHAT_EVENT_CONNECTED});
    else
        person_greet (self->person, &self->waiter);
}
