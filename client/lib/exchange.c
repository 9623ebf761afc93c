/*  exchange.c - what the parts of a delivery share: sending, and requests that wait for a reply */
#include "exchange.h"
#include "about.h"
#include "answer.h"
#include "memory.h"
#include "text.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void exchange_send (exchange_t *exchange, verb_t verb, const char *tag, const frame_t *args,
                    size_t n_args)
{
    frame_t frames[3 + REQUEST_ARGS_MAX];

    assert (n_args <= REQUEST_ARGS_MAX);
    frames[0] = frame_str (verb_name (verb));
    frames[1] = frame_str (tag);
    frames[2] = frame_str (exchange->user);
    for (size_t i = 0; i < n_args; i++)
        frames[3 + i] = args[i];
    exchange->sink.send (exchange->sink.arg, frames, 3 + n_args);
}

ask_t *exchange_ask (exchange_t *exchange, ask_kind_t kind, uint64_t owner, verb_t verb,
                     const frame_t *args, size_t n_args)
{
    char tag[ZCHAT_TAG_MAX + 1];
    ask_t *ask = exchange->asks;

    while (ask < exchange->asks + EXCHANGE_ASKS_MAX && ask->serial)
        ask++;
    assert (ask < exchange->asks + EXCHANGE_ASKS_MAX);
    *ask = (ask_t){.serial = ++exchange->serial,
                   .owner = owner,
                   .kind = kind,
                   .since_ms = exchange->now_ms,
                   .history = verb == VERB_HISTORY};
    snprintf (tag, sizeof tag, "q%" PRIx64, ask->serial);
    exchange_send (exchange, verb, tag, args, n_args);
    return ask;
}

ask_t *exchange_find (exchange_t *exchange, frame_t tag)
{
    char text[ZCHAT_TAG_MAX + 1] = "";
    uint64_t serial;

    if (tag.size > ZCHAT_TAG_MAX)
        return NULL;
    if (tag.size)
        memcpy (text, tag.data, tag.size);
    if (sscanf (text, "q%" SCNx64, &serial) != 1 || !serial) // NOLINT(cert-err34-c)
        return NULL;
    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        if (exchange->asks[i].serial == serial)
            return &exchange->asks[i];
    return NULL;
}

void exchange_answered (ask_t *ask)
{
    ask->serial = 0;
}

void exchange_forget (exchange_t *exchange, ask_kind_t kind, uint64_t owner)
{
    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        if (exchange->asks[i].kind == kind && exchange->asks[i].owner == owner)
            exchange->asks[i].serial = 0;
}

void exchange_forget_all (exchange_t *exchange)
{
    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        exchange->asks[i].serial = 0;
}

bool exchange_waits (const exchange_t *exchange, ask_kind_t kind)
{
    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        if (exchange->asks[i].serial && exchange->asks[i].kind == kind)
            return true;
    return false;
}

size_t exchange_histories (const exchange_t *exchange, bool program)
{
    size_t count = 0;

    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        if (exchange->asks[i].serial && exchange->asks[i].history &&
            (exchange->asks[i].kind == ASK_QUERY) == program)
            count++;
    return count;
}

uint64_t exchange_deadline_ms (const exchange_t *exchange)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < EXCHANGE_ASKS_MAX; i++)
        if (exchange->asks[i].serial &&
            exchange->asks[i].since_ms + ZCHAT_REPLY_TIMEOUT_MS < deadline)
            deadline = exchange->asks[i].since_ms + ZCHAT_REPLY_TIMEOUT_MS;
    return deadline;
}

/*  Copy the text, made UTF-8 and ended by NUL; the caller frees it.           */
static char *text_own (frame_t text, text_mode_t mode, size_t *size)
{
    char *own;

    if (!text_valid (text))
        return text_display (text, mode, size);
    own = memory_zero (text.size + 1);
    if (text.size)
        memcpy (own, text.data, text.size);
    *size = text.size;
    return own;
}

void exchange_give (exchange_t *exchange, zchat_event_kind_t kind, uint64_t id, const char *room,
                    const event_t *event)
{
    size_t size;
    size_t data_size = 0;
    size_t body_size = 0;
    json_t *json = event->data.size ? answer_parse (event->data) : NULL;
    char *user = text_own (event->user, TEXT_LINE, &size);
    char *body = text_own (event->body, TEXT_BLOCK, &body_size);
    char *data = json ? text_own (event->data, TEXT_LINE, &data_size) : NULL;
    zchat_event_t given = {.kind = kind,
                           .id = id,
                           .room = room,
                           .user = user,
                           .type = event->type,
                           .body = body,
                           .body_size = body_size,
                           .data = data,
                           .seq = event->seq,
                           /*  Programs read it as a number of JSON, which has a sign. */
                           .time_ms = event->time_ms > INT64_MAX ? 0 : event->time_ms,
                           .own = event->type == ZCHAT_TYPE_TOLD ||
                                  (size && strcmp (user, exchange->user) == 0)};

    about_fill (&given, json, exchange->user);
    exchange->sink.event (exchange->sink.arg, &given);
    json_decref (json);
    free (data);
    free (body);
    free (user);
}

const char *exchange_unknown (const exchange_t *exchange, verb_t verb,
                              char text[EXCHANGE_UNKNOWN_MAX])
{
    snprintf (text, EXCHANGE_UNKNOWN_MAX,
              "%s is not known to this broker (%s), which is older than this client (" ZCHAT_VERSION
              "); ask who runs it for a newer one",
              verb_name (verb), *exchange->server ? exchange->server : "of an unknown version");
    return text;
}

void exchange_warn (exchange_t *exchange, const char *room, zchat_status_t status, const char *text)
{
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_WARNING, .room = room, .status = status, .text = text};

    exchange->sink.event (exchange->sink.arg, &event);
}
