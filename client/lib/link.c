/*  link.c - what the parts of a delivery share: the way out, and what was asked */
#include "link.h"
#include "answer.h"
#include "memory.h"
#include "text.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void link_send (link_t *link, verb_t verb, const char *tag, const frame_t *args, size_t n_args)
{
    frame_t frames[3 + REQUEST_ARGS_MAX];

    assert (n_args <= REQUEST_ARGS_MAX);
    frames[0] = frame_str (verb_name (verb));
    frames[1] = frame_str (tag);
    frames[2] = frame_str (link->user);
    for (size_t i = 0; i < n_args; i++)
        frames[3 + i] = args[i];
    link->sink.send (link->sink.arg, frames, 3 + n_args);
}

ask_t *link_ask (link_t *link, ask_kind_t kind, uint64_t owner, verb_t verb, const frame_t *args,
                 size_t n_args)
{
    char tag[ZCHAT_TAG_MAX + 1];
    ask_t *ask = link->asks;

    while (ask < link->asks + LINK_ASKS_MAX && ask->serial)
        ask++;
    assert (ask < link->asks + LINK_ASKS_MAX);
    *ask = (ask_t){.serial = ++link->serial,
                   .owner = owner,
                   .kind = kind,
                   .since_ms = link->now_ms,
                   .history = verb == VERB_HISTORY};
    snprintf (tag, sizeof tag, "q%" PRIx64, ask->serial);
    link_send (link, verb, tag, args, n_args);
    return ask;
}

ask_t *link_find (link_t *link, frame_t tag)
{
    char text[ZCHAT_TAG_MAX + 1] = "";
    uint64_t serial;

    if (tag.size > ZCHAT_TAG_MAX)
        return NULL;
    if (tag.size)
        memcpy (text, tag.data, tag.size);
    if (sscanf (text, "q%" SCNx64, &serial) != 1 || !serial) // NOLINT(cert-err34-c)
        return NULL;
    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        if (link->asks[i].serial == serial)
            return &link->asks[i];
    return NULL;
}

void link_answered (ask_t *ask)
{
    ask->serial = 0;
}

void link_forget (link_t *link, ask_kind_t kind, uint64_t owner)
{
    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        if (link->asks[i].kind == kind && link->asks[i].owner == owner)
            link->asks[i].serial = 0;
}

void link_forget_all (link_t *link)
{
    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        link->asks[i].serial = 0;
}

bool link_waits (const link_t *link, ask_kind_t kind)
{
    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        if (link->asks[i].serial && link->asks[i].kind == kind)
            return true;
    return false;
}

size_t link_histories (const link_t *link, bool program)
{
    size_t count = 0;

    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        if (link->asks[i].serial && link->asks[i].history &&
            (link->asks[i].kind == ASK_QUERY) == program)
            count++;
    return count;
}

uint64_t link_deadline_ms (const link_t *link)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < LINK_ASKS_MAX; i++)
        if (link->asks[i].serial && link->asks[i].since_ms + ZCHAT_REPLY_TIMEOUT_MS < deadline)
            deadline = link->asks[i].since_ms + ZCHAT_REPLY_TIMEOUT_MS;
    return deadline;
}

/*  The text ended by NUL, as UTF-8; the caller frees it.                      */
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

void link_give (link_t *link, zchat_event_kind_t kind, uint64_t id, const char *room,
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
                           /*  programs read it as JSON, whose numbers have a sign  */
                           .time_ms = event->time_ms > INT64_MAX ? 0 : event->time_ms,
                           .own = event->type == ZCHAT_TYPE_TOLD ||
                                  (size && strcmp (user, link->user) == 0)};

    link->sink.event (link->sink.arg, &given);
    json_decref (json);
    free (data);
    free (body);
    free (user);
}

void link_warn (link_t *link, const char *room, zchat_status_t status, const char *text)
{
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_WARNING, .room = room, .status = status, .text = text};

    link->sink.event (link->sink.arg, &event);
}
