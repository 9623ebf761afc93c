/*  hello.c - HELLO: who we say we are, and what the broker answers            */
#include "answer.h"
#include "delivery_private.h"
#include "memory.h"
#include "name.h"

enum { HEARTBEAT_LEAST_MS = 100, HEARTBEAT_MOST_MS = 60000, TAKEN_MAX = 3, WAIT_MOST_MS = 60000 };
enum { LOG_HEX = 2 * ZCHAT_LOG_ID_SIZE, SESSION_HEX = 2 * ZCHAT_SESSION_SIZE };

/*  True where HELLO carries the token. A token proves one name, which we know once it was
    accepted; under another name it would only be refused.                     */
static bool hello_token (const delivery_t *delivery)
{
    return *delivery->token && *delivery->user &&
           (!*delivery->token_user || delivery_same (delivery->token_user, delivery->user));
}

void hello_send (delivery_t *delivery)
{
    json_t *json = json_pack ("{s:s, s:s, s:s}", "protocol", "ZCHAT/1", "agent", delivery->agent,
                              "form", "pack");
    char *text;
    frame_t arg;

    if (*delivery->session)
        json_object_set_new (json, "session", json_string (delivery->session));
    if (hello_token (delivery))
        json_object_set_new (json, "token", json_string (delivery->token));
    if (delivery->keeps_key && *delivery->user)
        json_object_set_new (json, "claim", json_true ());
    text = memory_check (json_dumps (json, JSON_COMPACT));
    arg = frame_str (text);
    memcpy (delivery->exchange.user, delivery->user, sizeof delivery->exchange.user);
    exchange_ask (&delivery->exchange, ASK_HELLO, 0, VERB_HELLO, &arg, 1);
    delivery->state = STATE_HELLO;
    delivery->deadline_ms = delivery->exchange.now_ms + ZCHAT_CONNECT_TIMEOUT_MS;
    free (text);
    json_decref (json);
}

/*  Take the broker's spelling of our name. False where that is another name.  */
static bool hello_user (delivery_t *delivery, const json_t *json)
{
    const char *user = answer_string (json, "user", ZCHAT_NAME_MAX);

    if (!user || !delivery_same (user, delivery->user))
        return false;
    snprintf (delivery->exchange.user, sizeof delivery->exchange.user, "%s", user);
    return true;
}

/*  Take the log's id. Where it is another log than before, nothing holds that was known of the
    old one.                                                                   */
static void hello_log (delivery_t *delivery, const char *log)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_LOG_REPLACED,
                           .log = log,
                           .text = "the broker has another log than before; all numbering "
                                   "starts anew"};

    if (*delivery->log && strcmp (delivery->log, log) != 0) {
        rooms_new_log (delivery->rooms);
        outbox_new_log (delivery->outbox);
        markers_forget (delivery->markers);
        delivery->exchange.sink.event (delivery->exchange.sink.arg, &event);
    } else if (*delivery->kept_log && strcmp (delivery->kept_log, log) != 0)
        outbox_new_log (delivery->outbox);
    *delivery->kept_log = '\0';
    snprintf (delivery->log, sizeof delivery->log, "%s", log);
}

void hello_ok (delivery_t *delivery, const json_t *json)
{
    const char *protocol = answer_string (json, "protocol", 32);
    const char *log = answer_string (json, "log", LOG_HEX);
    const char *session = answer_string (json, "session", SESSION_HEX);
    const char *server = answer_string (json, "server", ZCHAT_JSON_MAX);
    zchat_event_t event = {.kind = ZCHAT_EVENT_CONNECTED,
                           .text = server ? server : "ZCHAT/1",
                           .user = delivery->exchange.user,
                           .proven = json_is_true (json_object_get (json, "proven")),
                           .admin = json_is_true (json_object_get (json, "admin")),
                           .log = delivery->log};
    char feed[ENDPOINT_MAX];

    if (!protocol || strcmp (protocol, "ZCHAT/1") != 0 || !answer_hex (log, LOG_HEX) ||
        !hello_user (delivery, json) || (session && !answer_hex (session, SESSION_HEX))) {
        delivery_lose (delivery, ZCHAT_MALFORMED, TEXT_BROKEN, 0);
        return;
    }
    if (*delivery->feed)
        memcpy (feed, delivery->feed, sizeof feed);
    else if (endpoint_feed (delivery->endpoint, json_object_get (json, "feeds"), feed) !=
             ZCHAT_OK) {
        delivery_lose (delivery, ZCHAT_MALFORMED, "the broker names no feed that can be reached",
                       0);
        return;
    }
    snprintf (delivery->exchange.server, sizeof delivery->exchange.server, "%s",
              server ? server : "");
    snprintf (delivery->session, sizeof delivery->session, "%s", session ? session : "");
    uint64_t forgotten = UINT64_MAX;
    (void)answer_number (json, "forgotten", INT64_MAX, &forgotten);
    outbox_welcome (delivery->outbox, forgotten);
    delivery->heartbeat_ms = ZCHAT_HEARTBEAT_MS;
    (void)answer_number (json, "heartbeat_ms", HEARTBEAT_MOST_MS, &delivery->heartbeat_ms);
    if (delivery->heartbeat_ms < HEARTBEAT_LEAST_MS)
        delivery->heartbeat_ms = HEARTBEAT_LEAST_MS;
    delivery->state = STATE_LIVE;
    delivery->live_ms = delivery->exchange.now_ms;
    delivery->deadline_ms = UINT64_MAX;
    delivery->ping_ms = delivery->exchange.now_ms + delivery->heartbeat_ms;
    delivery->failed = 0;
    delivery->taken = 0;
    if (event.proven && hello_token (delivery))
        memcpy (delivery->token_user, delivery->user, sizeof delivery->token_user);
    hello_log (delivery, log);
    delivery->exchange.sink.event (delivery->exchange.sink.arg, &event);
    markers_connected (delivery->markers);
    rooms_connected (delivery->rooms, feed);
}

void hello_err (delivery_t *delivery, zchat_status_t status, const char *text, uint64_t wait_ms,
                bool owned)
{
    switch (status) {
    case ZCHAT_TAKEN:
        /*  A name that was ours a moment ago may still be held by our own former connection,
            which the broker will soon miss. So it is tried again.             */
        if (!wait_ms && *delivery->session && ++delivery->taken <= TAKEN_MAX)
            wait_ms = ZCHAT_BACKOFF_MAX_MS;
        /*  A name that was given up stays reserved for days, and nobody waits for that. */
        if (wait_ms && wait_ms <= WAIT_MOST_MS)
            delivery_lose (delivery, status, text, wait_ms);
        else
            delivery_refuse (delivery, status, text, owned);
        break;
    case ZCHAT_LIMIT:
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
    case ZCHAT_IDENTITY:
        delivery_lose (delivery, status, text, wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS);
        break;
    default:
        delivery_refuse (delivery, status, text, false);
    }
}
