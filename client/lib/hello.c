/*  hello.c - who we are, and what the broker says to it                       */
#include "answer.h"
#include "delivery_private.h"
#include "memory.h"
#include "name.h"

enum { HEARTBEAT_LEAST_MS = 100, HEARTBEAT_MOST_MS = 60000, TAKEN_MAX = 3 };

void hello_send (delivery_t *self)
{
    json_t *json = json_pack ("{s:s, s:s}", "protocol", "ZCHAT/1", "agent", self->agent);
    char *text;
    frame_t arg;

    if (*self->session)
        json_object_set_new (json, "session", json_string (self->session));
    text = memory_check (json_dumps (json, JSON_COMPACT));
    arg = frame_str (text);
    memcpy (self->link.user, self->user, sizeof self->link.user);
    link_ask (&self->link, ASK_HELLO, 0, VERB_HELLO, &arg, 1);
    self->state = STATE_HELLO;
    self->deadline_ms = self->link.now_ms + ZCHAT_CONNECT_TIMEOUT_MS;
    free (text);
    json_decref (json);
}

/*  The name the broker gave us must be ours, in whatever spelling.             */
static bool hello_user (delivery_t *self, const json_t *json)
{
    const char *user = answer_string (json, "user", ZCHAT_NAME_MAX);
    name_keys_t ours, theirs;

    if (!user)
        return false;
    if (!*self->user)
        return !*user;
    if (name_check (frame_str (user), &theirs, NULL) != ZCHAT_OK ||
        name_check (frame_str (self->user), &ours, NULL) != ZCHAT_OK || !name_same (&ours, &theirs))
        return false;
    snprintf (self->link.user, sizeof self->link.user, "%s", user);
    return true;
}

/*  Another log than before: nothing that was known of the old one holds.       */
static void hello_log (delivery_t *self, const char *log)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_LOG_REPLACED,
                           .text = "the broker has another log than before; all numbering "
                                   "starts anew"};

    if (*self->log && strcmp (self->log, log) != 0) {
        rooms_new_log (self->rooms);
        outbox_new_log (self->outbox);
        self->link.sink.event (self->link.sink.arg, &event);
    }
    snprintf (self->log, sizeof self->log, "%s", log);
}

void hello_ok (delivery_t *self, const json_t *json)
{
    const char *protocol = answer_string (json, "protocol", 32);
    const char *log = answer_string (json, "log", 2 * ZCHAT_LOG_ID_SIZE);
    const char *session = answer_string (json, "session", 2 * ZCHAT_SESSION_SIZE);
    const char *server = answer_string (json, "server", ZCHAT_JSON_MAX);
    zchat_event_t event = {.kind = ZCHAT_EVENT_CONNECTED, .text = server ? server : "ZCHAT/1"};
    char feed[ENDPOINT_MAX];

    if (!protocol || strcmp (protocol, "ZCHAT/1") != 0 ||
        !answer_hex (log, 2 * (size_t)ZCHAT_LOG_ID_SIZE) || !hello_user (self, json) ||
        (session && !answer_hex (session, 2 * (size_t)ZCHAT_SESSION_SIZE))) {
        delivery_lose (self, ZCHAT_MALFORMED, TEXT_BROKEN, 0);
        return;
    }
    if (*self->feed)
        memcpy (feed, self->feed, sizeof feed);
    else if (endpoint_feed (self->endpoint, json_object_get (json, "feeds"), feed) != ZCHAT_OK) {
        delivery_lose (self, ZCHAT_MALFORMED, "the broker names no feed that can be reached", 0);
        return;
    }
    snprintf (self->session, sizeof self->session, "%s", session ? session : "");
    self->heartbeat_ms = ZCHAT_HEARTBEAT_MS;
    (void)answer_number (json, "heartbeat_ms", HEARTBEAT_MOST_MS, &self->heartbeat_ms);
    if (self->heartbeat_ms < HEARTBEAT_LEAST_MS)
        self->heartbeat_ms = HEARTBEAT_LEAST_MS;
    self->state = STATE_LIVE;
    self->deadline_ms = UINT64_MAX;
    self->ping_ms = self->link.now_ms + self->heartbeat_ms;
    self->failed = 0;
    self->taken = 0;
    hello_log (self, log);
    self->link.sink.event (self->link.sink.arg, &event);
    rooms_connected (self->rooms, feed);
}

void hello_err (delivery_t *self, zchat_status_t status, const char *text, uint64_t wait_ms)
{
    switch (status) {
    case ZCHAT_TAKEN:
        /*  A name that was ours a moment ago may still be held by a remainder of our own
            connection, which the broker will soon miss.                        */
        if (!wait_ms && *self->session && ++self->taken <= TAKEN_MAX)
            wait_ms = ZCHAT_BACKOFF_MAX_MS;
        if (wait_ms)
            delivery_lose (self, status, text, wait_ms);
        else
            delivery_refuse (self, status, text);
        break;
    case ZCHAT_LIMIT:
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
    case ZCHAT_IDENTITY:
        delivery_lose (self, status, text, wait_ms);
        break;
    default:
        delivery_refuse (self, status, text);
    }
}
