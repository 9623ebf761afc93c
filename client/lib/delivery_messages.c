/*  delivery_messages.c - messages that were said: replies, edits, reactions, marks, search, away */
#include "delivery_private.h"
#include "memory.h"
#include "text.h"
#include <inttypes.h>
#include <jansson.h>

/*  --- through the outbox ---------------------------------------------------- */

zchat_status_t delivery_reply (delivery_t *delivery, const char *room, uint64_t re,
                               zchat_type_t type, const char *body, size_t size, const char *data,
                               uint64_t *id, uint64_t now_ms)
{
    bool can = (type == ZCHAT_TYPE_SAY || type == ZCHAT_TYPE_ACTION) && re <= ZCHAT_SEQ_MAX;
    const outbox_message_t message = {.to = room,
                                      .type = can ? type : ZCHAT_TYPE_NONE,
                                      .body = frame_of (body, size),
                                      .data = data,
                                      .re = re};

    return delivery_send (delivery, &message, id, now_ms);
}

zchat_status_t delivery_tell_reply (delivery_t *delivery, const char *user, uint64_t re_ms,
                                    const char *body, size_t size, const char *data, uint64_t *id,
                                    uint64_t now_ms)
{
    const outbox_message_t message = {.to = user,
                                      .type =
                                          re_ms <= INT64_MAX ? ZCHAT_TYPE_TELL : ZCHAT_TYPE_NONE,
                                      .body = frame_of (body, size),
                                      .data = data,
                                      .re = re_ms};

    return delivery_send (delivery, &message, id, now_ms);
}

zchat_status_t delivery_edit (delivery_t *delivery, const char *room, uint64_t seq,
                              const char *body, size_t size, uint64_t *id, uint64_t now_ms)
{
    bool can = seq && seq <= ZCHAT_SEQ_MAX;
    const outbox_message_t message = {.to = room,
                                      .type = can ? ZCHAT_TYPE_EDIT : ZCHAT_TYPE_NONE,
                                      .body = frame_of (body, size),
                                      .re = seq};

    return delivery_send (delivery, &message, id, now_ms);
}

/*  --- once, under a producer of the program's own ------------------------------ */

static bool once_can (const outbox_message_t *message)
{
    uint64_t re = message->re;

    switch (message->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
        return re <= ZCHAT_SEQ_MAX;
    case ZCHAT_TYPE_TELL:
        return re <= INT64_MAX;
    case ZCHAT_TYPE_EDIT:
        return re && re <= ZCHAT_SEQ_MAX && !message->data;
    default:
        return false;
    }
}

/*  Write the JSON that goes with a message which is the only one of its producer. */
static size_t once_json (const outbox_message_t *message, const uint8_t *producer,
                         char json[ZCHAT_JSON_MAX])
{
    bool say = message->type == ZCHAT_TYPE_SAY || message->type == ZCHAT_TYPE_ACTION;
    char head[128] = "", hex[2 * ZCHAT_PRODUCER_SIZE + 1];
    int size = 0;

    if (say)
        size = snprintf (head, sizeof head, "\"type\":\"%s\",%s", zchat_type_name (message->type),
                         message->indoors ? "\"private\":true," : "");
    if (message->re && message->type != ZCHAT_TYPE_EDIT)
        snprintf (head + size, sizeof head - (size_t)size, "\"re\":%" PRIu64 ",", message->re);
    for (size_t i = 0; i < ZCHAT_PRODUCER_SIZE; i++)
        snprintf (hex + 2 * i, 3, "%02x", producer[i]);
    return (size_t)snprintf (json, ZCHAT_JSON_MAX, "{%s\"producer\":\"%s\",\"n\":1%s%s}", head, hex,
                             message->data ? ",\"data\":" : "", message->data ? message->data : "");
}

zchat_status_t delivery_once (delivery_t *delivery, const uint8_t *producer,
                              const outbox_message_t *message, uint64_t *id, uint64_t now_ms)
{
    outbox_message_t own = *message;
    zchat_status_t status = delivery_say_check (delivery, &own);
    verb_t verb = VERB_SAY;
    char json[ZCHAT_JSON_MAX], number[24];
    frame_t args[4];
    size_t n_args = 0;

    if (status != ZCHAT_OK)
        return status;
    if (!producer || !once_can (&own))
        return ZCHAT_INVALID;
    args[n_args++] = frame_str (own.to);
    if (own.type == ZCHAT_TYPE_TELL)
        verb = VERB_TELL;
    else
        own.indoors = rooms_indoors (delivery->rooms, own.to);
    if (own.type == ZCHAT_TYPE_EDIT) {
        verb = VERB_EDIT;
        snprintf (number, sizeof number, "%" PRIu64, own.re);
        args[n_args++] = frame_str (number);
    }
    args[n_args++] = own.body;
    args[n_args++] = frame_of (json, once_json (&own, producer, json));
    return delivery_query (delivery, verb, args, n_args, id, now_ms);
}

/*  --- markers ---------------------------------------------------------------- */

zchat_status_t delivery_read (delivery_t *delivery, const char *room, uint64_t seq, uint64_t now_ms)
{
    if (!*delivery->user)
        return ZCHAT_GUEST;
    if (delivery_place (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (!seq || seq > ZCHAT_SEQ_MAX)
        return ZCHAT_INVALID;
    delivery->exchange.now_ms = now_ms;
    markers_read (delivery->markers, room, seq);
    delivery_pump (delivery);
    return ZCHAT_OK;
}

/*  --- questions --------------------------------------------------------------- */

zchat_status_t delivery_react (delivery_t *delivery, verb_t verb, const char *room, uint64_t seq,
                               const char *text, uint64_t *id, uint64_t now_ms)
{
    char number[24];
    frame_t args[3];

    if (delivery_room (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (!seq || seq > ZCHAT_SEQ_MAX || !text || !*text || !text_valid (frame_str (text)))
        return ZCHAT_INVALID;
    if (strlen (text) > ZCHAT_REACTION_MAX)
        return ZCHAT_LIMIT;
    snprintf (number, sizeof number, "%" PRIu64, seq);
    args[0] = frame_str (room);
    args[1] = frame_str (number);
    args[2] = frame_str (text);
    return delivery_query (delivery, verb, args, 3, id, now_ms);
}

zchat_status_t delivery_mark (delivery_t *delivery, const char *room, uint64_t seq, uint64_t *id,
                              uint64_t now_ms)
{
    char number[24];
    frame_t args[2];

    if (delivery_place (room) != ZCHAT_OK)
        return ZCHAT_NAME;
    if (seq > ZCHAT_SEQ_MAX)
        return ZCHAT_INVALID;
    snprintf (number, sizeof number, "%" PRIu64, seq);
    args[0] = frame_str (room);
    args[1] = frame_str (number);
    return delivery_query (delivery, VERB_READ, args, seq ? 2 : 1, id, now_ms);
}

zchat_status_t delivery_unread (delivery_t *delivery, uint64_t *id, uint64_t now_ms)
{
    return delivery_query (delivery, VERB_UNREAD, NULL, 0, id, now_ms);
}

zchat_status_t delivery_search (delivery_t *delivery, const char *words, size_t limit,
                                const char *before, uint64_t *id, uint64_t now_ms)
{
    frame_t args[2];

    if (!words || !*words || !text_valid (frame_str (words)))
        return ZCHAT_INVALID;
    if (strlen (words) > ZCHAT_QUERY_MAX || limit < 1 || limit > ZCHAT_SEARCH_MAX)
        return ZCHAT_LIMIT;
    if (before &&
        (!*before || strlen (before) > ZCHAT_QUERY_MAX || !text_valid (frame_str (before))))
        return ZCHAT_INVALID;
    json_t *json = memory_check (json_pack ("{s:I}", "limit", (json_int_t)limit));
    if (before)
        json_object_set_new (json, "before", json_string (before));
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    args[0] = frame_str (words);
    args[1] = frame_str (text);
    zchat_status_t status = delivery_query (delivery, VERB_SEARCH, args, 2, id, now_ms);
    free (text);
    json_decref (json);
    return status;
}

zchat_status_t delivery_away (delivery_t *delivery, const char *text, uint64_t *id, uint64_t now_ms)
{
    frame_t arg = frame_str (text ? text : "");

    if (arg.size > ZCHAT_AWAY_MAX)
        return ZCHAT_LIMIT;
    if (!text_valid (arg))
        return ZCHAT_INVALID;
    return delivery_query (delivery, VERB_AWAY, &arg, arg.size ? 1 : 0, id, now_ms);
}
