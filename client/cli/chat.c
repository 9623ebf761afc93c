/*  chat.c - a conversation: rooms, requests, and the words for what happens */
#include "chat_private.h"
#include "credentials.h"
#include "memory.h"
#include <time.h>

enum {
    STEP_EVENTS_MAX = 500, /* events of one chat_step                          */
};

/*  --- what is said ---------------------------------------------------------- */

void chat_show (buffer_t *buffer, char *line)
{
    if (line) {
        buffer_string (buffer, line);
        buffer_string (buffer, "\n");
    }
    free (line);
}

/*  Of people: always where the talk is. Of this program: not into a script's data, and where
    a person sees it.                                                          */
buffer_t *chat_remarks (chat_t *chat)
{
    return chat->look <= CHAT_LOG ? &chat->err : &chat->out;
}

void chat_notice (chat_t *chat, const char *text)
{
    chat_show (chat_remarks (chat), format_notice (text, 0, &chat->format));
}

bool chat_shows_own (const chat_t *chat)
{
    return chat->look == CHAT_EDITOR || chat->look == CHAT_LOG;
}

/*  "text: reason"                                                             */
void chat_notice_because (chat_t *chat, const char *text, const char *reason)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, "%s: %s", text, reason);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

void chat_end (chat_t *chat, int status)
{
    chat->ended = true;
    chat->status = status;
}

/*  Messages show the time of day alone: tell where another day begins.        */
void chat_tell_day (chat_t *chat, uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char text[32];
    if (!chat->format.time || time_ms == 0 || !localtime_r (&seconds, &parts))
        return;
    int day = parts.tm_year * 366 + parts.tm_yday;
    if (day != chat->day && strftime (text, sizeof text, "%Y-%m-%d", &parts) > 0)
        chat_show (&chat->out, format_notice (text, time_ms, &chat->format));
    chat->day = day;
}

void chat_show_event (chat_t *chat, buffer_t *buffer, const zchat_event_t *event)
{
    chat_show (buffer, format_event (event, &chat->format));
}

void chat_not_sent (chat_t *chat, const char *user, int status, const char *why)
{
    buffer_t line = {NULL, 0, 0};
    chat->trouble = status;
    buffer_format (&line, "not sent to %s", user);
    chat_notice_because (chat, line.data, why);
    buffer_free (&line);
}

/*  --- what happens ---------------------------------------------------------- */

/*  HELLO was refused for good.                                                */
static void refused (chat_t *chat, const zchat_event_t *event)
{
    zchat_status_t status = event->status; /* the event is gone after the next call */
    bool name = status == ZCHAT_TAKEN || status == ZCHAT_NAME;
    if (name) {
        const char *text = event->text && *event->text ? event->text : zchat_status_text (status);
        buffer_t line = {NULL, 0, 0};
        buffer_format (&line, "you cannot be %s", chat->nick);
        chat_notice_because (chat, line.data, text);
        buffer_free (&line);
    } else
        chat_show_event (chat, chat_remarks (chat), event);
    if (status == ZCHAT_ADMISSION)
        chat_notice_because (chat, "your key", credentials_key (chat->options->credentials));
    if (name)
        chat_ask_name (chat);
    else
        chat_end (chat, status == ZCHAT_UNREACHABLE ? OUTCOME_UNREACHABLE : OUTCOME_REFUSED);
}

static void room_seen (chat_t *chat, const zchat_event_t *event)
{
    size_t index = event->seq ? chat_find_room (chat, event->room) : chat->n_rooms;
    if (index == chat->n_rooms)
        return;
    chat_room_t *room = &chat->rooms[index];
    if (!room->oldest || event->seq < room->oldest)
        room->oldest = event->seq;
}

static void happened_message (chat_t *chat, const zchat_event_t *event)
{
    if (chat_past_event (chat, event) || chat_hides (chat, event))
        return;
    bool presence = event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE;
    bool spoken = event->type == ZCHAT_TYPE_SAY || event->type == ZCHAT_TYPE_ACTION;
    char whose[ZCHAT_NAME_MAX + 1];
    chat_said (chat, event, whose);
    room_seen (chat, event);
    if (event->own && event->kind == ZCHAT_EVENT_MESSAGE) {
        if (presence) /* JOINED and PARTED tell it */
            return;
        /*  Who has no editor has seen what they typed, or sent it from a script that
            knows it; but not what comes from before they were here.           */
        size_t index = chat_find_room (chat, event->room);
        const chat_room_t *room = index < chat->n_rooms ? &chat->rooms[index] : NULL;
        bool before = room && !room->joined && !room->spoken;
        if (!chat_shows_own (chat) && spoken && !before)
            return;
    }
    chat_tell_day (chat, event->time_ms);
    /*  By its number a message is named in /remove.                           */
    bool numbered = event->kind == ZCHAT_EVENT_HISTORY && chat->look != CHAT_SCRIPT;
    format_t format = chat->format;
    format.number = numbered ? event->seq : 0;
    format.whose = whose;
    chat_show (&chat->out, format_event (event, &format));
}

static bool is_mailbox (const zchat_event_t *event)
{
    return event->room && strcmp (event->room, CHAT_MAILBOX) == 0;
}

/*  Who was away must not take what is shown on entering for all there is.     */
static void tell_older (chat_t *chat, const chat_room_t *room, uint64_t head)
{
    uint64_t older = room->oldest ? room->oldest - 1 : head;
    char text[96];
    if (older == 0 || chat->options->since)
        return;
    snprintf (text, sizeof text, "messages up to %llu are not shown: /history more",
              (unsigned long long)older);
    chat_notice (chat, text);
}

static void happened_joined (chat_t *chat, const zchat_event_t *event)
{
    if (is_mailbox (event)) { /* everybody has one: nothing to tell but what is not shown */
        bool more = event->seq > chat->options->last && chat->options->since == 0;
        if (more && !chat->mail.joined && chat->look != CHAT_SCRIPT)
            chat_notice (chat, "there are earlier direct messages: zchat history --mail");
        chat->mail.joined = true;
        return;
    }
    size_t index = chat_find_room (chat, event->room);
    if (index == chat->n_rooms)
        return;
    chat_room_t *room = &chat->rooms[index];
    snprintf (room->name, sizeof room->name, "%s", event->room);
    if (!room->joined && chat->look != CHAT_SCRIPT) {
        chat_show_event (chat, &chat->out, event);
        tell_older (chat, room, event->seq);
    }
    room->joined = true;
}

static void happened_parted (chat_t *chat, const zchat_event_t *event)
{
    if (is_mailbox (event)) {
        chat->mail.joined = false;
        if (event->status != ZCHAT_OK)
            chat_notice_because (chat, "direct messages cannot be had here",
                                 event->text && *event->text ? event->text
                                                             : zchat_status_text (event->status));
        return;
    }
    size_t index = chat_find_room (chat, event->room);
    if (index < chat->n_rooms)
        chat_remove_room (chat, index);
    if (event->status != ZCHAT_OK)
        chat->trouble = OUTCOME_REFUSED;
    if (chat->look != CHAT_SCRIPT || event->status != ZCHAT_OK)
        chat_show_event (chat, chat_remarks (chat), event);
}

static void happened_reply (chat_t *chat, const zchat_event_t *event)
{
    size_t i = 0;
    while (i < chat->n_requests && chat->requests[i].id != event->id)
        i++;
    if (i == chat->n_requests)
        return;
    chat_request_t request = chat->requests[i];
    command_kind_t kind = request.kind;
    chat->requests[i] = chat->requests[--chat->n_requests];
    if (kind == COMMAND_HISTORY)
        chat_past_replied (chat, event->id, event->status != ZCHAT_OK);
    if (kind == COMMAND_KEYS || kind == COMMAND_VERIFY || kind == COMMAND_QUERY)
        chat_keys_answered (chat, &request, event);
    else if (kind == COMMAND_MAILBOX && chat_mailbox_answered (chat, &request, event->status))
        return;
    else if (event->status != ZCHAT_OK) {
        chat->trouble = OUTCOME_REFUSED;
        chat_notice_because (
            chat,
            kind == COMMAND_SET || kind == COMMAND_MAILBOX || kind == COMMAND_CREATE ? "not done"
                                                                                     : "no answer",
            event->text && *event->text ? event->text : zchat_status_text (event->status));
    } else if (kind == COMMAND_WHO)
        chat_show (&chat->out, format_who (event->json, &chat->format));
    else if (kind == COMMAND_ROOMS)
        chat_show (&chat->out, format_rooms (event->json, &chat->format));
    else if (kind == COMMAND_TOPIC)
        chat_show (&chat->out, format_topic (event->json, &chat->format));
    else if (kind == COMMAND_MODES)
        chat_show (&chat->out, format_modes (event->json, &chat->format));
    else if (kind == COMMAND_CREATE)
        chat_join (chat, request.name);
}

/*  Whose the name is matters where one can own it: behind a key or a token.   */
static void tell_name (chat_t *chat, const zchat_event_t *event)
{
    buffer_t line = {NULL, 0, 0};
    bool wanted = chat->options->credentials || chat->options->token;
    buffer_format (&line, "your name here: %s",
                   event->user && *event->user ? event->user : chat->nick);
    if (event->proven)
        buffer_string (&line, event->admin ? " (proven, admin)" : " (proven)");
    else if (event->admin)
        buffer_string (&line, " (admin)");
    else if (wanted)
        buffer_string (&line, " (not proven: somebody else may have it when you are gone)");
    chat_notice (chat, line.data);
    buffer_free (&line);
}

static void happened_connection (chat_t *chat, const zchat_event_t *event)
{
    if (event->kind == ZCHAT_EVENT_CONNECTED) {
        const char *why = credentials_met (chat->options->credentials);
        if (why)
            chat_notice (chat, why);
        if (chat->look != CHAT_SCRIPT || chat->down)
            chat_show_event (chat, chat_remarks (chat), event);
        chat->down = false;
        snprintf (chat->former, sizeof chat->former, "%s",
                  event->user && *event->user ? event->user : chat->nick);
        if (!chat->nick_told && chat->look != CHAT_SCRIPT)
            tell_name (chat, event);
        chat->nick_told = true;
        return;
    }
    if (!chat->down) /* not every attempt */
        chat_show_event (chat, chat_remarks (chat), event);
    chat->down = true;
}

void chat_happened (chat_t *chat, const zchat_event_t *event)
{
    if (direct_event (chat->direct, chat->client, event))
        return;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
    case ZCHAT_EVENT_DISCONNECTED:
        happened_connection (chat, event);
        break;
    case ZCHAT_EVENT_REFUSED:
        refused (chat, event);
        break;
    case ZCHAT_EVENT_JOINED:
        happened_joined (chat, event);
        break;
    case ZCHAT_EVENT_PARTED:
        happened_parted (chat, event);
        break;
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_HISTORY:
        happened_message (chat, event);
        break;
    case ZCHAT_EVENT_REPLY:
        happened_reply (chat, event);
        break;
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
        chat_unsent_event (chat, event);
        chat->trouble = OUTCOME_REFUSED;
        chat_show_event (chat, chat_remarks (chat), event);
        break;
    case ZCHAT_EVENT_SENT:
        chat_unsent_changed (chat);
        break;
    case ZCHAT_EVENT_LOST:
    case ZCHAT_EVENT_LOG_REPLACED:
    case ZCHAT_EVENT_WARNING:
        chat_show_event (chat, chat_remarks (chat), event);
        break;
    }
}

static bool take_events (chat_t *chat)
{
    zchat_client_step (chat->client);
    zchat_event_t event;
    direct_step (chat->direct, chat->client); /* the outbox may have room again  */
    chat_past_step (chat);
    for (int i = 0; i < STEP_EVENTS_MAX; i++) {
        bool refused_for_good = chat->ended && chat->status != OUTCOME_OK;
        if (refused_for_good || zchat_client_next (chat->client, &event) != ZCHAT_OK)
            return false;
        chat_happened (chat, &event);
    }
    return true;
}

bool chat_step (chat_t *chat)
{
    if (!chat->client)
        return false;
    bool more = take_events (chat);
    chat_unsent_step (chat);
    return more;
}

/*  --- what others see of it ------------------------------------------------- */

zchat_client_t *chat_client (chat_t *chat)
{
    return chat->client;
}

void chat_set_columns (chat_t *chat, int columns)
{
    chat->format.columns = columns;
}

buffer_t *chat_out (chat_t *chat)
{
    return &chat->out;
}

buffer_t *chat_err (chat_t *chat)
{
    return &chat->err;
}

static size_t chat_unsent (const chat_t *chat)
{
    size_t waiting = chat->direct ? direct_unsent (chat->direct) : 0;
    return chat->client ? zchat_client_unacknowledged (chat->client) + waiting : 0;
}

const char *chat_prompt (chat_t *chat)
{
    buffer_t *prompt = &chat->prompt;
    buffer_clear (prompt);
    if (chat->asks_name) {
        buffer_string (prompt, "name: ");
        return prompt->data;
    }
    const char *name = chat->current < chat->n_rooms ? chat->rooms[chat->current].name : NULL;
    if (*chat->query) {
        buffer_string (prompt, "@");
        name = chat->query;
    }
    if (name) {
        char *shown = zchat_text_display (name, strlen (name), false);
        buffer_string (prompt, shown);
        free (shown);
    } else
        buffer_string (prompt, "no room");
    size_t unsent = chat_unsent (chat);
    bool offline = !chat->client || !zchat_client_connected (chat->client);
    if (offline && unsent > 0)
        buffer_format (prompt, " (offline, %zu unsent)", unsent);
    else if (offline)
        buffer_string (prompt, " (offline)");
    else if (unsent > 0)
        buffer_format (prompt, " (%zu)", unsent);
    buffer_string (prompt, "> ");
    return prompt->data;
}

bool chat_ended (const chat_t *chat, int *status)
{
    if (chat->ended)
        *status = chat->status;
    return chat->ended;
}

bool chat_asks_name (const chat_t *chat)
{
    return chat->asks_name;
}

size_t chat_unanswered (const chat_t *chat)
{
    return chat->client ? chat_unsent (chat) + chat->n_requests : 0;
}

/*  --- life ------------------------------------------------------------------ */

chat_t *chat_new (const options_t *options, chat_look_t look)
{
    chat_t *self = memory_zero (sizeof *self);
    self->options = options;
    self->look = look;
    self->format.time = look != CHAT_SCRIPT;
    self->format.colour = look == CHAT_EDITOR && !options->no_color;
    self->format.endpoint = options->endpoint;
    self->rooms = memory_zero (ZCHAT_SESSION_ROOMS_MAX * sizeof *self->rooms);
    self->said = memory_zero (SAID_MAX * sizeof *self->said);
    time_t now = time (NULL);
    struct tm parts;
    if (localtime_r (&now, &parts))
        self->day = parts.tm_year * 366 + parts.tm_yday;
    direct_calls_t calls = chat_direct_calls (self);
    self->ignored = ignored_new (credentials_path ("/ignored"), options->endpoint);
    char *why = NULL;
    zchat_status_t status = direct_new (options->credentials, &calls, &self->direct, &why);
    if (status != ZCHAT_OK) {
        chat_notice (self, why);
        free (why);
        chat_end (self, OUTCOME_SYSTEM);
        return self;
    }
    if (!options->nick && look == CHAT_SCRIPT) {
        /*  What a program writes is no answer to a question it was not asked.  */
        chat_notice (self, "which name? give one: --nick NAME, or ZCHAT_NICK; what a program "
                           "writes is sent by: zchat send -r ROOM --lines");
        chat_end (self, OUTCOME_USAGE);
    } else if (!options->nick)
        chat_ask_name (self);
    else if (!chat_use_name (self, options->nick) && !self->ended)
        chat_ask_name (self);
    return self;
}

void chat_destroy (chat_t **chat)
{
    chat_t *self = *chat;
    if (!self)
        return;
    zchat_client_destroy (&self->client);
    direct_destroy (&self->direct);
    ignored_destroy (&self->ignored);
    free (self->rooms);
    free (self->said);
    chat_past_destroy (&self->past);
    unsent_file_leave (&self->unsent.file);
    buffer_free (&self->out);
    buffer_free (&self->err);
    buffer_free (&self->prompt);
    free (self);
    *chat = NULL;
}

int chat_close (chat_t *chat, int status)
{
    size_t unsent = chat->client && chat->direct ? direct_unsent (chat->direct) : 0;
    unsent += chat->client ? zchat_client_close (chat->client, 0) : 0;
    char *why = NULL;
    size_t kept = chat_unsent_close (chat, &why);
    zchat_client_destroy (&chat->client);
    chat_unsent_tell (chat, unsent, kept, why);
    size_t undone = chat_undone_tell (chat);
    free (why);
    if (status != OUTCOME_OK || chat->look != CHAT_SCRIPT)
        return status;
    if (unsent > 0 || undone > 0)
        return OUTCOME_UNREACHABLE;
    return chat->trouble;
}
