/*  transcript.c - the talk as text, line by line */
#include "transcript.h"
#include "hint_text.h"
#include "i18n.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*  Append a line, which is freed; NULL: nothing.                              */
static void show (buffer_t *buffer, char *line)
{
    if (line) {
        buffer_string (buffer, line);
        buffer_string (buffer, "\n");
    }
    free (line);
}

/*  Choose where this program's own remarks go. A person sees them in the talk, but they are no
    part of a script's data.                                                   */
static buffer_t *remarks (transcript_t *self)
{
    return self->look <= TRANSCRIPT_LOG ? &self->err : &self->out;
}

static int day_of (time_t seconds, struct tm *parts)
{
    return localtime_r (&seconds, parts) ? parts->tm_year * 366 + parts->tm_yday : -1;
}

/*  Tell where another day begins, because messages show the time of day alone. */
static void tell_day (transcript_t *self, uint64_t time_ms)
{
    struct tm parts;
    char text[32];
    int day = self->format.time && time_ms ? day_of ((time_t)(time_ms / 1000), &parts) : -1;
    if (day < 0)
        return;
    if (day != self->day && strftime (text, sizeof text, "%Y-%m-%d", &parts) > 0)
        show (&self->out, format_notice (text, time_ms, &self->format));
    self->day = day;
}

/*  True where one's own messages are shown. At the editor they are shown as they come back, and
    a log holds all that was said. At a dumb terminal one has seen what one typed, and a script
    knows it.                                                                  */
static bool shows_echo (const transcript_t *self)
{
    return self->look == TRANSCRIPT_EDITOR || self->look == TRANSCRIPT_LOG;
}

static bool is_reaction (const zchat_event_t *event)
{
    return event->kind == ZCHAT_EVENT_MESSAGE && event->room &&
           (event->type == ZCHAT_TYPE_REACT || event->type == ZCHAT_TYPE_UNREACT);
}

/*  Take the last line back where it shows the same message's reactions, and nobody has seen it. */
static void fold_reactions (transcript_t *self, const zchat_event_t *event)
{
    if (is_reaction (event) && self->reacted.seq == event->target &&
        self->reacted.end == self->out.size && self->reacted.end > 0 &&
        strcmp (self->reacted.room, event->room) == 0)
        buffer_cut (&self->out, self->reacted.at);
    self->reacted.seq = 0;
}

static void show_message (transcript_t *self, const talk_event_t *event)
{
    const zchat_event_t *message = event->message.event;
    format_t format = self->format;
    const talk_about_t *about = &event->message.about;
    format.about = about;
    if (event->message.echo && !shows_echo (self))
        return;
    tell_day (self, message->time_ms);
    if (event->kind == TALK_DIRECT) {
        show (&self->out, format_direct (message, event->message.mark, &format));
        return;
    }
    /*  /remove takes the number of a message, so /history shows it.           */
    format.number = event->message.past && self->look != TRANSCRIPT_SCRIPT ? message->seq : 0;
    const message_t *removed = message->type == ZCHAT_TYPE_REMOVE ? about->message : NULL;
    if (removed && message->user && strcmp (removed->user, message->user) != 0)
        format.whose = removed->user;
    fold_reactions (self, message);
    size_t at = self->out.size;
    show (&self->out, format_event (message, &format));
    if (is_reaction (message)) {
        self->reacted.seq = about->message ? message->target : 0;
        self->reacted.at = at;
        self->reacted.end = self->out.size;
        snprintf (self->reacted.room, sizeof self->reacted.room, "%s", message->room);
    }
}

static void show_answer (transcript_t *self, const talk_event_t *event)
{
    static char *(*const formats[]) (const char *, const format_t *) = {
        [TALK_WHO] = format_who,
        [TALK_ROOMS] = format_rooms,
        [TALK_TOPIC] = format_topic,
        [TALK_MODES] = format_modes,
        [TALK_KEYS] = format_keys,
        [TALK_SEARCH] = format_search,
        [TALK_UNREAD_ROOMS] = format_unread,
    };
    show (&self->out, formats[event->answer.question](event->answer.json, &self->format));
}

static void show_notice (transcript_t *self, const char *text, const char *why, hint_t hint)
{
    buffer_t line = {NULL, 0, 0};
    const char *how = hint_text (hint);
    buffer_string (&line, text);
    if (why)
        buffer_format (&line, ": %s", why);
    if (how)
        buffer_format (&line, ": %s", how);
    show (remarks (self), format_notice (line.data, 0, &self->format));
    buffer_free (&line);
}

static void show_event (transcript_t *self, buffer_t *buffer, const zchat_event_t *event)
{
    show (buffer, format_event (event, &self->format));
}

/*  Tell a change of the connection or of a room. A script is told only that something failed,
    and that it works again.                                                   */
static void show_state (transcript_t *self, const talk_event_t *event)
{
    bool script = self->look == TRANSCRIPT_SCRIPT;
    const zchat_event_t *told =
        event->kind == TALK_CONNECTION ? event->connection.event : event->room.event;
    if (event->kind == TALK_ENTERED) {
        if (!event->room.again && !script)
            show_event (self, &self->out, told);
        return;
    }
    bool good = told->kind == ZCHAT_EVENT_CONNECTED
                    ? !event->connection.again
                    : told->kind == ZCHAT_EVENT_PARTED && told->status == ZCHAT_OK;
    if (!script || !good)
        show_event (self, remarks (self), told);
}

/*  Hand the text to the line; where there is none, say it, so that it can be typed. */
static void show_editing (transcript_t *self, const talk_event_t *event)
{
    buffer_t text = {NULL, 0, 0};
    if (self->look == TRANSCRIPT_EDITOR) {
        self->wanted_seq = event->editing.seq;
        buffer_clear (&self->wanted);
        buffer_add (&self->wanted, event->editing.text, event->editing.size);
        return;
    }
    buffer_format (&text, _ ("/edit #%" PRIu64 " TEXT changes it; it reads: "), event->editing.seq);
    buffer_add (&text, event->editing.text, event->editing.size);
    show (remarks (self), format_notice (text.data, 0, &self->format));
    buffer_free (&text);
}

void transcript_take (void *arg, const talk_event_t *event)
{
    transcript_t *self = arg;
    if (event->kind != TALK_MESSAGE)
        self->reacted.seq = 0; /* another line comes behind it                  */
    switch (event->kind) {
    case TALK_MESSAGE:
    case TALK_DIRECT:
        show_message (self, event);
        break;
    case TALK_CONNECTION:
    case TALK_ENTERED:
    case TALK_LEFT:
        show_state (self, event);
        break;
    case TALK_TROUBLE:
        show_event (self, remarks (self), event->trouble);
        break;
    case TALK_ANSWER:
        show_answer (self, event);
        break;
    case TALK_NOTICE:
    case TALK_REFUSAL:
    case TALK_NAME_ASKED:
        show_notice (self, event->notice.text, event->notice.why, event->notice.hint);
        break;
    case TALK_TRUST:
        show_notice (self, event->trust.text, NULL, event->trust.hint);
        break;
    case TALK_OPENED:
        self->n_rooms += !event->conversation.person;
        break;
    case TALK_CLOSED:
        self->n_rooms -= !event->conversation.person;
        break;
    case TALK_EDITING:
        show_editing (self, event);
        break;
    case TALK_FOCUS:
    case TALK_UNREAD:
    case TALK_SENDING:
    case TALK_PAGE:
    case TALK_SETTING:
    case TALK_OVER:
        break;
    }
    self->format.room = self->n_rooms > 1;
}

const char *transcript_prompt (transcript_t *self, const talk_state_t *state)
{
    buffer_t *prompt = &self->prompt;
    buffer_clear (prompt);
    if (state->asks_name) {
        buffer_string (prompt, _ ("name: "));
        return prompt->data;
    }
    char *shown = zchat_text_display (state->name, strlen (state->name), false);
    buffer_string (prompt, state->person ? "@" : "");
    buffer_string (prompt, *shown ? shown : _ ("no room"));
    free (shown);
    if (self->editing)
        buffer_format (prompt, _ (", edit #%" PRIu64), self->editing);
    if (state->offline && state->unsent > 0)
        buffer_format (prompt, _ (" (offline, %zu unsent)"), state->unsent);
    else if (state->offline)
        buffer_string (prompt, _ (" (offline)"));
    else if (state->unsent > 0)
        buffer_format (prompt, " (%zu)", state->unsent);
    buffer_string (prompt, "> ");
    return prompt->data;
}

void transcript_init (transcript_t *self, transcript_look_t look, const char *endpoint, bool colour)
{
    struct tm parts;
    *self = (transcript_t){
        .look = look,
        .format = {.time = look != TRANSCRIPT_SCRIPT, .colour = colour, .endpoint = endpoint},
        .day = day_of (time (NULL), &parts)};
}

void transcript_free (transcript_t *self)
{
    buffer_free (&self->wanted);
    buffer_free (&self->out);
    buffer_free (&self->err);
    buffer_free (&self->prompt);
}
