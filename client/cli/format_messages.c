/*  format_messages.c - how answers, edits and reactions read as lines         */
#include "format_private.h"
#include "i18n.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>
#include <utf8proc.h>

enum {
    QUOTE_MAX = 40,     /* characters of a message that is quoted               */
    REACTORS_MAX = 8,   /* users named of one reaction                          */
    REACTIONS_MAX = 20, /* reactions named of one message                       */
};

/*  Append the begin of a text in quotation marks, on one line. A mark in it is made another one,
    so that a quote ends where it seems to.                                    */
static void add_quote (buffer_t *text, const char *body, size_t size)
{
    size_t at = 0;
    for (int n = 0; at < size && n < QUOTE_MAX && body[at] != '\n'; n++) {
        uint32_t codepoint;
        at += text_decode (frame_of (body + at, size - at), &codepoint);
    }
    char *shown = zchat_text_display (body, at, false);
    for (char *c = shown; *c; c++)
        if (*c == '"')
            *c = '\'';
    buffer_format (text, "\"%s%s\"", shown, at < size ? "..." : "");
    free (shown);
}

void format_add_re (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    const message_t *re = format->about ? format->about->re : NULL;
    bool told = event->type == ZCHAT_TYPE_TELL || event->type == ZCHAT_TYPE_TOLD;
    if (re) {
        /*  In a talk between two, told is what one said oneself.              */
        if (!told || re->own)
            format_add_string (text, told ? "you" : re->user);
        else
            format_add_string (text, re->user);
        buffer_string (text, " ");
        if (re->removed)
            buffer_string (text, "(removed)");
        else
            add_quote (text, re->text, re->size);
    } else if (told)
        buffer_string (text, _ ("an earlier message"));
    else
        buffer_format (text, "#%" PRIu64, event->re);
}

/*  Append how a person points at the message: by its number, else by its seq. */
static void add_number (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    size_t number = format->about && !format->number ? format->about->number : 0;
    if (number > 0)
        buffer_format (text, "%zu", number);
    else
        buffer_format (text, "#%" PRIu64, event->target);
}

void format_add_edit (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    format_add_string (text, event->user);
    buffer_string (text, _ (" edited "));
    add_number (text, event, format);
    buffer_string (text, ": ");
    format_add_peer (text, event->body, event->body_size);
}

static void add_reactors (buffer_t *text, const char *reaction, uint64_t count, size_t n_users,
                          const char (*users)[ZCHAT_NAME_MAX + 1])
{
    size_t n = n_users < REACTORS_MAX ? n_users : REACTORS_MAX;
    format_add_string (text, reaction);
    for (size_t i = 0; i < n; i++) {
        buffer_string (text, i > 0 ? ", " : " ");
        format_add_string (text, users[i]);
    }
    if (count > n)
        buffer_format (text, n > 0 ? _ (" and %" PRIu64 " more") : " %" PRIu64, count - n);
}

/*  Append all reactions of a message: "+1 anna, boris; ok chen".              */
static void add_reactions (buffer_t *text, const zchat_event_t *event, const message_t *message)
{
    zchat_reaction_t given;
    for (size_t i = 0; i < REACTIONS_MAX; i++) {
        if (message ? i == message->n_reactions
                    : zchat_event_reaction (event, i, &given) != ZCHAT_OK)
            return;
        buffer_string (text, i > 0 ? "; " : "");
        if (message)
            add_reactors (text, message->reactions[i].text, message->reactions[i].count,
                          message->reactions[i].n_users, message->reactions[i].users);
        else
            add_reactors (text, given.text, given.count, given.n_users, given.users);
    }
}

void format_add_reacted (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    const message_t *message = format->about ? format->about->message : NULL;
    bool undone = event->type == ZCHAT_TYPE_UNREACT;
    if (message) {
        add_number (text, event, format);
        buffer_string (text, ", ");
        format_add_string (text, message->user);
        buffer_string (text, " ");
        add_quote (text, message->text, message->size);
        buffer_string (text, message->n_reactions > 0 ? ": " : _ (": no reactions"));
        add_reactions (text, event, message);
        return;
    }
    format_add_string (text, event->user);
    buffer_string (text, undone ? _ (" takes back ") : _ (" reacts "));
    format_add_peer (text, event->body, event->body_size);
    buffer_string (text, undone ? _ (" from ") : _ (" to "));
    add_number (text, event, format);
}

bool format_add_marks (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    const message_t *message = format->about ? format->about->message : NULL;
    bool edited = message ? message->edited > 0 : event->edited > 0;
    buffer_t reactions = {NULL, 0, 0};
    add_reactions (&reactions, event, message);
    if (!edited && reactions.size == 0)
        return false;
    /*  Its number is another one when what is behind it has come.             */
    buffer_format (text, "#%" PRIu64 "%s", event->target, edited ? _ (": edited") : ": ");
    buffer_string (text, edited && reactions.size > 0 ? "; " : "");
    buffer_string (text, reactions.data ? reactions.data : "");
    buffer_free (&reactions);
    return true;
}
