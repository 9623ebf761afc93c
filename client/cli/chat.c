/*  chat.c - a conversation: rooms, requests, and the words for what happens */
#include "chat.h"
#include "commands.h"
#include "memory.h"
#include "name.h"
#include <time.h>

enum {
    REQUESTS_MAX = 16,     /* commands waiting for their answer                 */
    STEP_EVENTS_MAX = 500, /* events of one chat_step                          */
    NICK_TRIES_MAX = 9,    /* bob-2 to bob-9, where the login name is held      */
};

typedef struct {
    char name[ZCHAT_NAME_MAX + 1]; /* as typed; once joined as the broker spells it */
    name_keys_t keys;
    bool joined; /* it was told                                                */
} chat_room_t;

typedef struct {
    uint64_t id;
    command_kind_t kind;
} chat_request_t;

struct chat {
    const options_t *options; /* borrowed                                      */
    zchat_client_t *client;   /* NULL until there is a name                    */
    chat_look_t look;
    format_t format;
    bool asks_name;
    bool down; /* it was told that there is no connection       */
    bool ended;
    int status;                    /* of the process, once ended          */
    int trouble;                   /* a status for scripts: something was not done */
    int nick_try;                  /* which spelling of the login name    */
    char nick[ZCHAT_NAME_MAX + 1]; /* the name that was asked for last    */
    chat_room_t *rooms;            /* of ZCHAT_SESSION_ROOMS_MAX          */
    size_t n_rooms;
    size_t current; /* where text goes; n_rooms: nowhere   */
    chat_request_t requests[REQUESTS_MAX];
    size_t n_requests;
    int day; /* of the last message shown, so that a new one can be told       */
    buffer_t out;
    buffer_t err;
    buffer_t prompt;
};

/*  --- what is said ---------------------------------------------------------- */

static void show (buffer_t *buffer, char *line)
{
    if (line) {
        buffer_string (buffer, line);
        buffer_string (buffer, "\n");
    }
    free (line);
}

/*  Of people: always where the talk is. Of this program: not into a script's data. */
static buffer_t *remarks (chat_t *chat)
{
    return chat->look == CHAT_SCRIPT ? &chat->err : &chat->out;
}

void chat_notice (chat_t *chat, const char *text)
{
    show (remarks (chat), format_notice (text, 0, &chat->format));
}

/*  "text: reason"                                                             */
static void notice_because (chat_t *chat, const char *text, const char *reason)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, "%s: %s", text, reason);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

static void end (chat_t *chat, int status)
{
    chat->ended = true;
    chat->status = status;
}

/*  Messages show the time of day alone: tell where another day begins.        */
static void tell_day (chat_t *chat, uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char text[32];
    if (!chat->format.time || time_ms == 0 || !localtime_r (&seconds, &parts))
        return;
    int day = parts.tm_year * 366 + parts.tm_yday;
    if (day != chat->day && strftime (text, sizeof text, "%Y-%m-%d", &parts) > 0)
        show (&chat->out, format_notice (text, time_ms, &chat->format));
    chat->day = day;
}

static void show_event (chat_t *chat, buffer_t *buffer, const zchat_event_t *event)
{
    show (buffer, format_event (event, &chat->format));
}

/*  --- rooms ----------------------------------------------------------------- */

/*  The room of that name, however it is spelled; n_rooms where there is none. */
static size_t find_room (const chat_t *chat, const char *name)
{
    name_keys_t keys;
    if (!name || name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return chat->n_rooms;
    size_t i = 0;
    while (i < chat->n_rooms && !name_same (&chat->rooms[i].keys, &keys))
        i++;
    return i;
}

static const char *current_room (chat_t *chat)
{
    if (chat->current < chat->n_rooms)
        return chat->rooms[chat->current].name;
    chat_notice (chat, "you are in no room; enter one: /join ROOM");
    return NULL;
}

static void rooms_changed (chat_t *chat)
{
    chat->format.room = chat->n_rooms > 1;
}

static void remove_room (chat_t *chat, size_t index)
{
    chat->n_rooms--;
    memmove (chat->rooms + index, chat->rooms + index + 1,
             (chat->n_rooms - index) * sizeof *chat->rooms);
    if (chat->current > index || chat->current >= chat->n_rooms)
        chat->current = chat->current > 0 ? chat->current - 1 : 0;
    rooms_changed (chat);
}

static void join (chat_t *chat, const char *name)
{
    size_t known = find_room (chat, name);
    if (known < chat->n_rooms) {
        chat->current = known;
        return;
    }
    chat_room_t room = {.joined = false};
    const char *why = zchat_status_text (ZCHAT_NAME);
    size_t size = strlen (name);
    if (name_check (frame_str (name), &room.keys, &why) != ZCHAT_OK) {
        notice_because (chat, "this cannot be a room", why);
        return;
    }
    /*  What was said before is for people; a script wants what comes.         */
    bool asked = chat->look != CHAT_SCRIPT || chat->options->last != CLI_LAST_DEFAULT;
    zchat_status_t status = ZCHAT_FULL;
    if (chat->n_rooms < ZCHAT_SESSION_ROOMS_MAX)
        status = zchat_client_join (chat->client, name, asked ? chat->options->last : 0,
                                    chat->options->since);
    if (status != ZCHAT_OK) {
        notice_because (chat, "the room cannot be joined",
                        status == ZCHAT_FULL ? "you are in as many as there may be; /part one"
                                             : zchat_status_text (status));
        return;
    }
    memcpy (room.name, name, size + 1);
    chat->current = chat->n_rooms;
    chat->rooms[chat->n_rooms++] = room;
    rooms_changed (chat);
}

static void part (chat_t *chat, const char *name)
{
    size_t index = find_room (chat, name);
    if (index == chat->n_rooms) {
        chat_notice (chat, "you are not in that room");
        return;
    }
    if (zchat_client_part (chat->client, chat->rooms[index].name) != ZCHAT_OK)
        remove_room (chat, index); /* it was never joined: nothing will be told */
}

/*  --- the name -------------------------------------------------------------- */

/*  Connect under a name, the first or another one. False where it cannot be.  */
static bool use_name (chat_t *chat, const char *name)
{
    const char *why = zchat_status_text (ZCHAT_NAME);
    zchat_status_t status = name_check (frame_str (name), NULL, &why);
    if (status == ZCHAT_OK && chat->client)
        status = zchat_client_rename (chat->client, name);
    else if (status == ZCHAT_OK) {
        zchat_options_t options = {
            .endpoint = chat->options->endpoint, .user = name, .agent = "zchat/" ZCHAT_VERSION};
        status = zchat_client_new (&options, &chat->client, &why);
        for (size_t i = 0; status == ZCHAT_OK && i < chat->options->n_rooms; i++)
            join (chat, chat->options->rooms[i]);
        if (chat->options->n_rooms > 0)
            chat->current = 0;
    }
    if (status == ZCHAT_OK) {
        snprintf (chat->nick, sizeof chat->nick, "%s", name);
        return true;
    }
    if (status == ZCHAT_NAME) {
        notice_because (chat, "this name is not allowed", why);
        return false;
    }
    notice_because (chat, "there can be no connection",
                    status == ZCHAT_INVALID ? why : zchat_status_text (status));
    end (chat, status == ZCHAT_INVALID ? CLI_USAGE : CLI_SYSTEM);
    return false;
}

static void ask_name (chat_t *chat)
{
    if (chat->look == CHAT_SCRIPT) {
        end (chat, CLI_REFUSED);
        return;
    }
    chat->asks_name = true;
    chat_notice (chat, "what name do you want to have?");
}

static void enter_name (chat_t *chat, const char *line, size_t size)
{
    while (size > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        size--;
    }
    while (size > 0 && strchr (" \t\r\n", line[size - 1]))
        size--;
    if (size == 0)
        return;
    if (size == 5 && memcmp (line, "/quit", 5) == 0) {
        end (chat, CLI_OK);
        return;
    }
    if (size > 6 && memcmp (line, "/nick ", 6) == 0) { /* who has learnt it so */
        enter_name (chat, line + 6, size - 6);
        return;
    }
    char *name = memory_string (line, size);
    chat->asks_name = false;
    if (!use_name (chat, name) && !chat->ended)
        ask_name (chat);
    free (name);
}

/*  HELLO was refused for good.                                                */
static void refused (chat_t *chat, const zchat_event_t *event)
{
    zchat_status_t status = event->status; /* the event is gone after the next call */
    bool next = status == ZCHAT_TAKEN && !chat->options->nick_chosen && chat->options->nick &&
                chat->look == CHAT_SCRIPT && chat->nick_try < NICK_TRIES_MAX;
    show_event (chat, remarks (chat), event);
    if (next) {
        char name[ZCHAT_NAME_MAX + 16];
        chat->nick_try = chat->nick_try == 0 ? 2 : chat->nick_try + 1;
        snprintf (name, sizeof name, "%s-%d", chat->options->nick, chat->nick_try);
        notice_because (chat, "going on as", name);
        if (use_name (chat, name))
            return;
    }
    if (status == ZCHAT_TAKEN || status == ZCHAT_NAME)
        ask_name (chat);
    else
        end (chat, status == ZCHAT_UNREACHABLE ? CLI_UNREACHABLE : CLI_REFUSED);
}

/*  --- commands -------------------------------------------------------------- */

static void say_to_room (chat_t *chat, const command_t *command, zchat_status_t *status)
{
    const char *room = current_room (chat);
    if (!room)
        return;
    zchat_type_t type = command->kind == COMMAND_ME ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    *status = zchat_client_say (chat->client, room, type, command->text, command->size, NULL, NULL);
    if (*status == ZCHAT_OK || *status == ZCHAT_FULL)
        return;
    chat->trouble = CLI_DATA;
    if (*status == ZCHAT_LIMIT)
        chat_notice (chat, "not sent: a message may have 65,536 bytes, this one has more");
    else if (*status == ZCHAT_INVALID)
        chat_notice (chat, "not sent: this is not text (UTF-8 without NUL)");
    else
        notice_because (chat, "not sent", zchat_status_text (*status));
    *status = ZCHAT_OK;
}

/*  Remember which answer the request waits for, or say why it was not made.   */
static void requested (chat_t *chat, command_kind_t kind, zchat_status_t status, uint64_t id)
{
    if (status == ZCHAT_OK)
        chat->requests[chat->n_requests++] = (chat_request_t){id, kind};
    else if (status == ZCHAT_LIMIT)
        chat_notice (chat, "a topic may have 1,024 bytes, this one has more");
    else
        notice_because (chat, "this cannot be asked", zchat_status_text (status));
}

static void ask_broker (chat_t *chat, const command_t *command)
{
    bool elsewhere = command->kind == COMMAND_WHO && command->size > 0;
    char *text = memory_string (command->text, command->size);
    const char *room = command->kind == COMMAND_ROOMS ? "" : elsewhere ? text : current_room (chat);
    zchat_status_t status = ZCHAT_OK;
    uint64_t id = 0;
    if (!room)
        goto out;
    if (chat->n_requests == REQUESTS_MAX) {
        chat_notice (chat, "too many questions wait for their answer");
        goto out;
    }
    switch (command->kind) {
    case COMMAND_TOPIC:
        status = zchat_client_topic (chat->client, room, *text ? text : NULL, &id);
        break;
    case COMMAND_WHO:
        status = zchat_client_who (chat->client, room, &id);
        break;
    case COMMAND_HISTORY:
        status = zchat_client_history (chat->client, room, 0, UINT64_MAX, command->number, &id);
        break;
    default:
        status = zchat_client_rooms (chat->client, NULL, &id);
        break;
    }
    /*  That a topic was set is told by the event everyone sees.               */
    requested (chat, command->kind == COMMAND_TOPIC && *text ? COMMAND_NOTHING : command->kind,
               status, id);
out:
    free (text);
}

static void help (chat_t *chat)
{
    for (size_t i = 0; command_help (i); i++)
        chat_notice (chat, command_help (i));
}

/*  /join, /part and /nick: what they name.                                    */
static void with_name (chat_t *chat, const command_t *command)
{
    char *name = memory_string (command->text, command->size);
    if (command->kind == COMMAND_JOIN)
        join (chat, name);
    else if (command->kind == COMMAND_NICK)
        (void)use_name (chat, name);
    else {
        const char *room = command->size > 0 ? name : current_room (chat);
        if (room)
            part (chat, room);
    }
    free (name);
}

zchat_status_t chat_enter (chat_t *chat, const char *line, size_t size)
{
    zchat_status_t status = ZCHAT_OK;
    command_t command;
    if (chat->asks_name) {
        enter_name (chat, line, size);
        return ZCHAT_OK;
    }
    if (!chat->client)
        return ZCHAT_OK;
    command_parse (line, size, &command);
    switch (command.kind) {
    case COMMAND_NOTHING:
        break;
    case COMMAND_SAY:
    case COMMAND_ME:
        say_to_room (chat, &command, &status);
        break;
    case COMMAND_JOIN:
    case COMMAND_PART:
    case COMMAND_NICK:
        with_name (chat, &command);
        break;
    case COMMAND_TOPIC:
    case COMMAND_WHO:
    case COMMAND_ROOMS:
    case COMMAND_HISTORY:
        ask_broker (chat, &command);
        break;
    case COMMAND_QUIT:
        end (chat, CLI_OK);
        break;
    case COMMAND_HELP:
        help (chat);
        break;
    case COMMAND_WRONG:
        chat->trouble = CLI_USAGE;
        chat_notice (chat, command.why);
        break;
    }
    return status;
}

/*  --- what happens ---------------------------------------------------------- */

static void happened_message (chat_t *chat, const zchat_event_t *event)
{
    bool presence = event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE;
    /*  Of oneself JOINED and PARTED tell; and who has no editor has seen what they
        typed, or sent it from a script that knows it.                         */
    bool seen = event->kind == ZCHAT_EVENT_MESSAGE && event->own &&
                (presence || (chat->look != CHAT_EDITOR && event->type != ZCHAT_TYPE_TOPIC));
    if (seen)
        return;
    tell_day (chat, event->time_ms);
    show_event (chat, &chat->out, event);
}

static void happened_joined (chat_t *chat, const zchat_event_t *event)
{
    size_t index = find_room (chat, event->room);
    if (index == chat->n_rooms)
        return;
    chat_room_t *room = &chat->rooms[index];
    snprintf (room->name, sizeof room->name, "%s", event->room);
    if (!room->joined && chat->look != CHAT_SCRIPT)
        show_event (chat, &chat->out, event);
    room->joined = true;
}

static void happened_reply (chat_t *chat, const zchat_event_t *event)
{
    size_t i = 0;
    while (i < chat->n_requests && chat->requests[i].id != event->id)
        i++;
    if (i == chat->n_requests)
        return;
    command_kind_t kind = chat->requests[i].kind;
    chat->requests[i] = chat->requests[--chat->n_requests];
    if (event->status != ZCHAT_OK) {
        chat->trouble = CLI_REFUSED;
        notice_because (chat, "no answer",
                        event->text ? event->text : zchat_status_text (event->status));
    } else if (kind == COMMAND_WHO)
        show (&chat->out, format_who (event->json, &chat->format));
    else if (kind == COMMAND_ROOMS)
        show (&chat->out, format_rooms (event->json, &chat->format));
    else if (kind == COMMAND_TOPIC)
        show (&chat->out, format_topic (event->json, &chat->format));
}

static void happened_connection (chat_t *chat, const zchat_event_t *event)
{
    if (event->kind == ZCHAT_EVENT_CONNECTED) {
        if (chat->look != CHAT_SCRIPT || chat->down)
            show_event (chat, remarks (chat), event);
        chat->down = false;
        return;
    }
    if (!chat->down) /* not every attempt */
        show_event (chat, remarks (chat), event);
    chat->down = true;
}

static void happened (chat_t *chat, const zchat_event_t *event)
{
    size_t index;
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
        index = find_room (chat, event->room);
        if (index < chat->n_rooms)
            remove_room (chat, index);
        if (event->status != ZCHAT_OK)
            chat->trouble = CLI_REFUSED;
        if (chat->look != CHAT_SCRIPT || event->status != ZCHAT_OK)
            show_event (chat, remarks (chat), event);
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
        chat->trouble = CLI_REFUSED;
        show_event (chat, remarks (chat), event);
        break;
    case ZCHAT_EVENT_SENT:
        break;
    case ZCHAT_EVENT_LOST:
    case ZCHAT_EVENT_LOG_REPLACED:
    case ZCHAT_EVENT_WARNING:
        show_event (chat, remarks (chat), event);
        break;
    }
}

bool chat_step (chat_t *chat)
{
    if (!chat->client)
        return false;
    zchat_client_step (chat->client);
    zchat_event_t event;
    for (int i = 0; i < STEP_EVENTS_MAX; i++) {
        bool refused_for_good = chat->ended && chat->status != CLI_OK;
        if (refused_for_good || zchat_client_next (chat->client, &event) != ZCHAT_OK)
            return false;
        happened (chat, &event);
    }
    return true;
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

const char *chat_prompt (chat_t *chat)
{
    buffer_t *prompt = &chat->prompt;
    buffer_clear (prompt);
    if (chat->asks_name) {
        buffer_string (prompt, "name: ");
        return prompt->data;
    }
    if (chat->current < chat->n_rooms) {
        const char *name = chat->rooms[chat->current].name;
        char *shown = zchat_text_display (name, strlen (name), false);
        buffer_string (prompt, shown);
        free (shown);
    } else
        buffer_string (prompt, "no room");
    size_t unsent = chat->client ? zchat_client_unacknowledged (chat->client) : 0;
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
    return chat->client ? zchat_client_unacknowledged (chat->client) + chat->n_requests : 0;
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
    time_t now = time (NULL);
    struct tm parts;
    if (localtime_r (&now, &parts))
        self->day = parts.tm_year * 366 + parts.tm_yday;
    if (!options->nick) {
        self->asks_name = true;
        if (look != CHAT_SCRIPT)
            ask_name (self);
    } else if (!use_name (self, options->nick) && !self->ended)
        ask_name (self);
    return self;
}

void chat_destroy (chat_t **chat)
{
    chat_t *self = *chat;
    if (!self)
        return;
    zchat_client_destroy (&self->client);
    free (self->rooms);
    buffer_free (&self->out);
    buffer_free (&self->err);
    buffer_free (&self->prompt);
    free (self);
    *chat = NULL;
}

int chat_close (chat_t *chat, int status)
{
    size_t unsent = chat->client ? zchat_client_close (chat->client, 0) : 0;
    zchat_client_destroy (&chat->client);
    if (unsent > 0) {
        char text[128];
        snprintf (text, sizeof text,
                  "%zu message%s not acknowledged by the broker: perhaps stored, perhaps not",
                  unsent, unsent == 1 ? " was" : "s were");
        chat_notice (chat, text);
    }
    if (status != CLI_OK || chat->look != CHAT_SCRIPT)
        return status;
    if (unsent > 0)
        return CLI_UNREACHABLE;
    return chat->trouble;
}
