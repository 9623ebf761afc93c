/*  delivery_calls.c - what the program wants of a delivery: the calls of client.h     */
#include "answer.h"
#include "delivery_private.h"
#include "kept.h"
#include "name.h"
#include "text.h"
#include <inttypes.h>

enum { LEAVE_MS = 1000 }; /* waited at most for the OK to BYE */

zchat_status_t delivery_room (const char *room)
{
    return room ? name_check (frame_str (room), NULL, NULL) : ZCHAT_NAME;
}

zchat_status_t delivery_place (const char *room)
{
    return room ? rooms_check (room, NULL) : ZCHAT_NAME;
}

zchat_status_t delivery_join (delivery_t *delivery, const char *room, uint64_t last, uint64_t since,
                              uint64_t now_ms)
{
    zchat_status_t status = delivery_place (room);

    delivery->exchange.now_ms = now_ms;
    if (status == ZCHAT_OK)
        status = rooms_join (delivery->rooms, room, last, since);
    delivery_pump (delivery);
    return status;
}

zchat_status_t delivery_part (delivery_t *delivery, const char *room, uint64_t now_ms)
{
    zchat_status_t status = delivery_place (room);

    delivery->exchange.now_ms = now_ms;
    if (status == ZCHAT_OK)
        status = rooms_part (delivery->rooms, room, delivery->state == STATE_LIVE);
    return status;
}

static bool data_valid (const char *data)
{
    json_t *json = answer_parse (frame_str (data));
    bool valid = json != NULL;

    json_decref (json);
    return valid;
}

/*  True for an object without the key that is the broker's.                    */
static bool data_own (const char *data)
{
    json_t *json = answer_parse (frame_str (data));
    bool own = json && !json_object_get (json, "zchat");

    json_decref (json);
    return own;
}

zchat_status_t delivery_say_check (const delivery_t *delivery, const outbox_message_t *message)
{
    const char *data = message->data;

    if (!*delivery->user)
        return ZCHAT_GUEST;
    if (delivery_room (message->to) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (message->body.size > ZCHAT_BODY_MAX || (data && strlen (data) > ZCHAT_DATA_MAX))
        return ZCHAT_LIMIT;
    if (!message->body.data || !message->body.size || !text_valid (message->body) ||
        (data && !data_own (data)))
        return ZCHAT_INVALID;
    return ZCHAT_OK;
}

zchat_status_t delivery_send (delivery_t *delivery, const outbox_message_t *message, uint64_t *id,
                              uint64_t now_ms)
{
    outbox_message_t own = *message;
    zchat_status_t status = delivery_say_check (delivery, &own);

    delivery->exchange.now_ms = now_ms;
    own.indoors = own.type != ZCHAT_TYPE_TELL && status == ZCHAT_OK &&
                  rooms_indoors (delivery->rooms, own.to);
    if (status == ZCHAT_OK && own.type == ZCHAT_TYPE_NONE)
        status = ZCHAT_INVALID;
    if (status == ZCHAT_OK)
        status = outbox_add (delivery->outbox, delivery->exchange.id + 1, &own);
    if (status != ZCHAT_OK)
        return status;
    delivery->exchange.id++;
    if (id)
        *id = delivery->exchange.id;
    delivery_pump (delivery);
    return ZCHAT_OK;
}

zchat_status_t delivery_say (delivery_t *delivery, const char *room, zchat_type_t type,
                             const char *body, size_t size, const char *data, uint64_t *id,
                             uint64_t now_ms)
{
    return delivery_reply (delivery, room, 0, type, body, size, data, id, now_ms);
}

zchat_status_t delivery_tell (delivery_t *delivery, const char *user, const char *body, size_t size,
                              const char *data, uint64_t *id, uint64_t now_ms)
{
    return delivery_tell_reply (delivery, user, 0, body, size, data, id, now_ms);
}

zchat_status_t delivery_query (delivery_t *delivery, verb_t verb, const frame_t *args,
                               size_t n_args, uint64_t *id, uint64_t now_ms)
{
    zchat_status_t status = queries_add (delivery->queries, verb, args, n_args, id);

    delivery->exchange.now_ms = now_ms;
    /*  The delivery has given up, so no answer will ever come.                */
    if (status == ZCHAT_OK && delivery->state >= STATE_REFUSED)
        queries_lost (delivery->queries, true);
    delivery_pump (delivery);
    return status;
}

zchat_status_t delivery_topic (delivery_t *delivery, const char *room, const char *topic,
                               uint64_t *id, uint64_t now_ms)
{
    frame_t args[2];

    if (delivery_room (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (topic && strlen (topic) > ZCHAT_TOPIC_MAX)
        return ZCHAT_LIMIT;
    if (topic && !text_valid (frame_str (topic)))
        return ZCHAT_INVALID;
    args[0] = frame_str (room);
    args[1] = frame_str (topic ? topic : "");
    return delivery_query (delivery, VERB_TOPIC, args, topic ? 2 : 1, id, now_ms);
}

zchat_status_t delivery_who (delivery_t *delivery, const char *room, uint64_t *id, uint64_t now_ms)
{
    frame_t arg;

    if (delivery_room (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    arg = frame_str (room);
    return delivery_query (delivery, VERB_WHO, &arg, 1, id, now_ms);
}

zchat_status_t delivery_rooms (delivery_t *delivery, const char *after, uint64_t *id,
                               uint64_t now_ms)
{
    char json[ZCHAT_NAME_MAX + 16];
    frame_t arg;

    if (!after)
        return delivery_query (delivery, VERB_ROOMS, NULL, 0, id, now_ms);
    if (delivery_room (after) != ZCHAT_OK)
        return ZCHAT_NAME;
    /*  A name holds no character that JSON would have to escape.              */
    snprintf (json, sizeof json, "{\"after\":\"%s\"}", after);
    arg = frame_str (json);
    return delivery_query (delivery, VERB_ROOMS, &arg, 1, id, now_ms);
}

zchat_status_t delivery_history (delivery_t *delivery, const char *room, uint64_t after,
                                 uint64_t before, size_t limit, uint64_t *id, uint64_t now_ms)
{
    char json[128];
    char from[40] = "";
    frame_t args[2];

    if (delivery_place (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (limit < 1 || limit > ZCHAT_HISTORY_MAX)
        return ZCHAT_LIMIT;
    if (!before)
        snprintf (from, sizeof from, "\"after\":%" PRIu64 ",",
                  after < ZCHAT_SEQ_MAX ? after : ZCHAT_SEQ_MAX);
    else if (before <= ZCHAT_SEQ_MAX)
        snprintf (from, sizeof from, "\"before\":%" PRIu64 ",", before);
    snprintf (json, sizeof json, "{%s\"limit\":%zu,\"form\":\"pack\",\"marks\":true}", from, limit);
    args[0] = frame_str (room);
    args[1] = frame_str (json);
    return delivery_query (delivery, VERB_HISTORY, args, 2, id, now_ms);
}

/*  --- rooms of one's own, and their order -----------------------------------  */

zchat_status_t delivery_create (delivery_t *delivery, const char *room, uint64_t *id,
                                uint64_t now_ms)
{
    frame_t args[2] = {{NULL, 0}, frame_str ("{\"private\":true}")};

    if (delivery_room (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    args[0] = frame_str (room);
    return delivery_query (delivery, VERB_JOIN, args, 2, id, now_ms);
}

/*  Append the reason to the arguments and count it, where there is one.       */
static zchat_status_t reason_take (const char *reason, frame_t *args, size_t *n_args)
{
    if (!reason || !*reason)
        return ZCHAT_OK;
    if (strlen (reason) > ZCHAT_REASON_MAX)
        return ZCHAT_LIMIT;
    if (!text_valid (frame_str (reason)))
        return ZCHAT_INVALID;
    args[(*n_args)++] = frame_str (reason);
    return ZCHAT_OK;
}

zchat_status_t delivery_order (delivery_t *delivery, verb_t verb, const char *room,
                               const char *user, const char *reason, uint64_t *id, uint64_t now_ms)
{
    frame_t args[3];
    size_t n_args = 2;
    zchat_status_t status;

    if (delivery_room (room) != ZCHAT_OK || delivery_room (user) != ZCHAT_OK)
        return ZCHAT_NAME;
    args[0] = frame_str (room);
    args[1] = frame_str (user);
    status = reason_take (reason, args, &n_args);
    return status == ZCHAT_OK ? delivery_query (delivery, verb, args, n_args, id, now_ms) : status;
}

static zchat_status_t json_check (const char *json)
{
    if (json && strlen (json) > ZCHAT_JSON_MAX)
        return ZCHAT_LIMIT;
    return json && data_valid (json) ? ZCHAT_OK : ZCHAT_INVALID;
}

zchat_status_t delivery_mode (delivery_t *delivery, const char *room, const char *json,
                              uint64_t *id, uint64_t now_ms)
{
    zchat_status_t status = json ? json_check (json) : ZCHAT_OK;
    frame_t args[2];

    if (delivery_room (room) != ZCHAT_OK && (!room || strcmp (room, "@") != 0))
        return ZCHAT_NAME;
    if (status != ZCHAT_OK)
        return status;
    args[0] = frame_str (room);
    args[1] = frame_str (json ? json : "");
    return delivery_query (delivery, VERB_MODE, args, json ? 2 : 1, id, now_ms);
}

zchat_status_t delivery_remove (delivery_t *delivery, const char *room, uint64_t seq,
                                const char *reason, uint64_t *id, uint64_t now_ms)
{
    char number[24];
    frame_t args[3];
    size_t n_args = 2;
    zchat_status_t status;

    if (delivery_room (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (!seq || seq > ZCHAT_SEQ_MAX)
        return ZCHAT_INVALID;
    snprintf (number, sizeof number, "%" PRIu64, seq);
    args[0] = frame_str (room);
    args[1] = frame_str (number);
    status = reason_take (reason, args, &n_args);
    return status == ZCHAT_OK ? delivery_query (delivery, VERB_REMOVE, args, n_args, id, now_ms)
                              : status;
}

zchat_status_t delivery_keys (delivery_t *delivery, const char *user, uint64_t *id, uint64_t now_ms)
{
    frame_t arg;

    if (!user)
        return delivery_query (delivery, VERB_KEYS, NULL, 0, id, now_ms);
    if (delivery_room (user) != ZCHAT_OK)
        return ZCHAT_NAME;
    arg = frame_str (user);
    return delivery_query (delivery, VERB_KEYS, &arg, 1, id, now_ms);
}

/*  Ask with a verb whose only argument is an object.                          */
static zchat_status_t query_json (delivery_t *delivery, verb_t verb, const char *json, uint64_t *id,
                                  uint64_t now_ms)
{
    zchat_status_t status = json_check (json);
    frame_t arg;

    if (status != ZCHAT_OK)
        return status;
    arg = frame_str (json);
    return delivery_query (delivery, verb, &arg, 1, id, now_ms);
}

zchat_status_t delivery_key (delivery_t *delivery, const char *json, uint64_t *id, uint64_t now_ms)
{
    return query_json (delivery, VERB_KEY, json, id, now_ms);
}

zchat_status_t delivery_purge (delivery_t *delivery, const char *json, uint64_t *id,
                               uint64_t now_ms)
{
    return query_json (delivery, VERB_PURGE, json, id, now_ms);
}

/*  --- over a restart of the program ------------------------------------------ */

char *delivery_keep (const delivery_t *delivery, size_t max, size_t *count)
{
    return kept_write (delivery->outbox, *delivery->log ? delivery->log : delivery->kept_log, max,
                       count);
}

zchat_status_t delivery_restore (delivery_t *delivery, frame_t kept, size_t *count, uint64_t now_ms)
{
    char log[sizeof delivery->log];
    zchat_status_t status;

    delivery->exchange.now_ms = now_ms;
    if (outbox_count (delivery->outbox))
        return ZCHAT_FULL;
    status = kept_read (kept, delivery->outbox, &delivery->exchange.id, log);
    if (status != ZCHAT_OK)
        return status;
    *count = outbox_count (delivery->outbox);
    if (!*delivery->log)
        memcpy (delivery->kept_log, log, sizeof log);
    else if (*log && strcmp (delivery->log, log) != 0)
        outbox_new_log (delivery->outbox);
    delivery_pump (delivery);
    return ZCHAT_OK;
}

/*  --- who we are ------------------------------------------------------------  */

zchat_status_t delivery_rename (delivery_t *delivery, const char *user, uint64_t now_ms)
{
    bool live = delivery->state == STATE_LIVE;
    bool guest = !*delivery->user;

    if (!user || name_check (frame_str (user), NULL, NULL) != ZCHAT_OK)
        return ZCHAT_NAME;
    delivery->exchange.now_ms = now_ms;
    if (!delivery_same (user, delivery->user)) {
        rooms_renamed (delivery->rooms);
        markers_forget (delivery->markers);
    }
    snprintf (delivery->user, sizeof delivery->user, "%s", user);
    *delivery->session = '\0';
    delivery->failed = 0;
    delivery->backoff = 0;
    delivery->taken = 0;
    if (live && !guest) {
        exchange_ask (&delivery->exchange, ASK_BYE, 0, VERB_BYE, NULL, 0);
        delivery->state = STATE_LEAVING;
        delivery->deadline_ms = now_ms + LEAVE_MS;
    } else if (delivery->state != STATE_IDLE && delivery->state != STATE_LEAVING &&
               delivery->state != STATE_CLOSED) {
        delivery_drop (delivery, false);
        delivery_connect (delivery);
    }
    return ZCHAT_OK;
}

void delivery_bye (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    delivery->ending = true;
    if (delivery->state == STATE_LIVE && *delivery->exchange.user) {
        char json[OUTBOX_FAREWELL_MAX];
        bool ends = outbox_farewell (delivery->outbox, json);
        frame_t argument = frame_str (ends ? json : "");
        markers_pump (delivery->markers, true);
        exchange_ask (&delivery->exchange, ASK_BYE, 0, VERB_BYE, &argument, ends ? 1 : 0);
        delivery->state = STATE_LEAVING;
        delivery->deadline_ms = now_ms + LEAVE_MS;
    } else if (delivery->state != STATE_LEAVING) {
        delivery->state = STATE_CLOSED;
        delivery->deadline_ms = UINT64_MAX;
    }
}

bool delivery_closed (const delivery_t *delivery)
{
    return delivery->state == STATE_CLOSED;
}
