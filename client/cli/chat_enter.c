/*  chat_enter.c - what lines that were entered do */
#include "chat_private.h"
#include "credentials.h"
#include "memory.h"

/*  --- rooms ----------------------------------------------------------------- */

char *chat_name (const char *text, size_t size)
{
    char composed[ZCHAT_NAME_MAX];
    frame_t name = name_compose (frame_of (text, size), composed);
    return memory_string (name.data, name.size);
}

/*  The room of that name, however it is spelled; n_rooms where there is none. */
size_t chat_find_room (const chat_t *chat, const char *name)
{
    name_keys_t keys;
    if (!name || name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return chat->n_rooms;
    size_t found = chat->n_rooms;
    for (size_t i = 0; i < chat->n_rooms; i++) {
        if (strcmp (chat->rooms[i].keys.fold, keys.fold) == 0)
            return i;
        if (name_same (&chat->rooms[i].keys, &keys))
            found = i;
    }
    return found;
}

const char *chat_current_room (chat_t *chat)
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

void chat_remove_room (chat_t *chat, size_t index)
{
    chat->n_rooms--;
    memmove (chat->rooms + index, chat->rooms + index + 1,
             (chat->n_rooms - index) * sizeof *chat->rooms);
    if (chat->current > index || chat->current >= chat->n_rooms)
        chat->current = chat->current > 0 ? chat->current - 1 : 0;
    rooms_changed (chat);
}

/*  How much of what was said before: that is for people; a script wants what comes.  */
static uint64_t past_wanted (const chat_t *chat)
{
    bool asked = chat->look != CHAT_SCRIPT || chat->options->last != CLI_LAST_DEFAULT;
    return asked ? chat->options->last : 0;
}

void chat_join (chat_t *chat, const char *name)
{
    *chat->query = 0;
    size_t known = chat_find_room (chat, name);
    if (known < chat->n_rooms) {
        chat->current = known;
        return;
    }
    chat_room_t room = {.joined = false};
    const char *why = zchat_status_text (ZCHAT_NAME);
    size_t size = strlen (name);
    if (name_check (frame_str (name), &room.keys, &why) != ZCHAT_OK) {
        chat_notice_because (chat, "this cannot be a room", why);
        return;
    }
    zchat_status_t status = ZCHAT_FULL;
    if (chat->n_rooms < ZCHAT_SESSION_ROOMS_MAX)
        status = zchat_client_join (chat->client, name, past_wanted (chat), chat->options->since);
    if (status != ZCHAT_OK) {
        chat_notice_because (chat, "the room cannot be joined",
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
    size_t index = chat_find_room (chat, name);
    if (index == chat->n_rooms) {
        chat_notice (chat, "you are not in that room");
        return;
    }
    if (zchat_client_part (chat->client, chat->rooms[index].name) != ZCHAT_OK)
        chat_remove_room (chat, index); /* it was never joined: nothing will be told */
}

/*  --- the name -------------------------------------------------------------- */

/*  Direct messages come like those of a room.                                 */
static void join_mailbox (chat_t *chat)
{
    zchat_status_t status =
        zchat_client_join (chat->client, CHAT_MAILBOX, past_wanted (chat), chat->options->since);
    if (status != ZCHAT_OK)
        chat_notice_because (chat, "direct messages cannot be had", zchat_status_text (status));
}

/*  Connect under a name, the first or another one. False where it cannot be.  */
bool chat_use_name (chat_t *chat, const char *name)
{
    const char *why = zchat_status_text (ZCHAT_NAME);
    zchat_status_t status = name_check (frame_str (name), NULL, &why);
    bool renamed = chat->client != NULL;
    if (status == ZCHAT_OK && renamed)
        status = zchat_client_rename (chat->client, name);
    else if (status == ZCHAT_OK) {
        zchat_options_t options = {
            .endpoint = chat->options->endpoint,
            .user = name,
            .agent = "zchat/" ZCHAT_VERSION,
            .server_key = credentials_server_key (chat->options->credentials),
            .secret_key = credentials_secret_key (chat->options->credentials),
            .token = chat->options->token};
        status = zchat_client_new (&options, &chat->client, &why);
        if (status == ZCHAT_OK)
            join_mailbox (chat);
        for (size_t i = 0; status == ZCHAT_OK && i < chat->options->n_rooms; i++)
            chat_join (chat, chat->options->rooms[i]);
        if (chat->options->n_rooms > 0)
            chat->current = 0;
    }
    if (status == ZCHAT_OK) {
        snprintf (chat->nick, sizeof chat->nick, "%s", name);
        chat->nick_told = false;
        if (renamed)
            chat_unsent_renamed (chat);
        else
            chat_unsent_start (chat);
        return true;
    }
    if (status == ZCHAT_NAME) {
        chat_notice_because (chat, "this name is not allowed", why);
        return false;
    }
    chat_notice_because (chat, "there can be no connection",
                         status == ZCHAT_INVALID ? why : zchat_status_text (status));
    chat_end (chat, status == ZCHAT_INVALID ? OUTCOME_USAGE : OUTCOME_SYSTEM);
    return false;
}

static void help (chat_t *chat)
{
    for (size_t i = 0; command_help (i); i++)
        chat_notice (chat, command_help (i));
}

/*  Where it cannot be, another one is asked for.                              */
static void use_new_name (chat_t *chat, const char *name)
{
    chat->asks_name = false;
    if (!chat_use_name (chat, name) && !chat->ended)
        chat_ask_name (chat);
}

void chat_ask_name (chat_t *chat)
{
    if (chat->look == CHAT_SCRIPT) {
        chat_end (chat, OUTCOME_REFUSED);
        return;
    }
    chat->asks_name = true;
    buffer_t line = {NULL, 0, 0};
    buffer_string (&line, "under which name do you want to be here?");
    if (*chat->former)
        buffer_format (&line, " /nick %s goes back to the one you had", chat->former);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

/*  A command in place of a name: no name begins with a slash. What wants the broker has to wait
    for a name.                                                                */
static void enter_command (chat_t *chat, const char *line, size_t size)
{
    command_t command;
    command_parse (line, size, &command);
    switch (command.kind) {
    case COMMAND_NICK: {
        char *name = chat_name (command.text, command.size);
        use_new_name (chat, name);
        free (name);
        break;
    }
    case COMMAND_QUIT:
        chat_end (chat, OUTCOME_OK);
        break;
    case COMMAND_HELP:
        help (chat);
        break;
    case COMMAND_WRONG:
        chat_notice (chat, command.why);
        break;
    default:
        chat_notice (chat, "this wants a name first: type one, or /nick NAME, /help, /quit");
        break;
    }
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
    if (*line == '/') {
        enter_command (chat, line, size);
        return;
    }
    char *name = chat_name (line, size);
    use_new_name (chat, name);
    free (name);
}

/*  --- commands -------------------------------------------------------------- */

void chat_too_long (chat_t *chat, size_t size)
{
    chat->trouble = OUTCOME_DATA;
    if (chat->look != CHAT_EDITOR) { /* its end may not have been read         */
        chat_notice (chat, "not sent: a message may have 65,536 bytes, this one has more");
        return;
    }
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line,
                   "not sent: a message may have 65,536 bytes, this one has %zu; it is still in "
                   "the line: shorten it, or send it in parts",
                   size);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

static void say (chat_t *chat, const command_t *command, zchat_status_t *status)
{
    bool action = command->kind == COMMAND_ME;
    if (command->size > ZCHAT_BODY_MAX) {
        *status = ZCHAT_LIMIT;
        chat_too_long (chat, command->size);
        return;
    }
    if (*chat->query && !action) {
        *status = chat_tell (chat, chat->query, command->text, command->size);
        return;
    }
    if (*chat->query) {
        chat_notice (chat, "/me is for rooms; /query goes back to the room");
        return;
    }
    const char *room = chat_current_room (chat);
    if (!room)
        return;
    zchat_type_t type = action ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    *status = zchat_client_say (chat->client, room, type, command->text, command->size, NULL, NULL);
    if (*status == ZCHAT_OK)
        chat->rooms[chat->current].spoken = true;
    if (*status == ZCHAT_OK || *status == ZCHAT_FULL)
        return;
    chat->trouble = OUTCOME_DATA;
    if (*status == ZCHAT_INVALID)
        chat_notice (chat, "not sent: this is not text (UTF-8 without NUL)");
    else
        chat_notice_because (chat, "not sent", zchat_status_text (*status));
    *status = ZCHAT_OK;
}

bool chat_may_request (chat_t *chat)
{
    if (chat->n_requests == REQUESTS_MAX)
        chat_notice (chat, "too many questions wait for their answer");
    return chat->n_requests < REQUESTS_MAX;
}

void chat_requested (chat_t *chat, command_kind_t kind, zchat_status_t status, uint64_t id,
                     const char *name, bool yes)
{
    if (status == ZCHAT_OK) {
        chat_request_t *request = &chat->requests[chat->n_requests++];
        *request = (chat_request_t){.id = id, .kind = kind, .yes = yes};
        snprintf (request->name, sizeof request->name, "%s", name ? name : "");
    } else if (status == ZCHAT_LIMIT && kind <= COMMAND_TOPIC)
        chat_notice (chat, "a topic may have 1,024 bytes, this one has more");
    else
        chat_notice_because (chat, "this cannot be asked", zchat_status_text (status));
}

static void ask_broker (chat_t *chat, const command_t *command)
{
    bool elsewhere = command->kind == COMMAND_WHO && command->size > 0;
    if (command->kind == COMMAND_WHO && !elsewhere && *chat->query) {
        chat_notice (chat, "this talk is between you two alone; /who ROOM lists a room");
        return;
    }
    char *text = elsewhere ? chat_name (command->text, command->size)
                           : memory_string (command->text, command->size);
    const char *room = command->kind == COMMAND_ROOMS ? ""
                       : elsewhere                    ? text
                                                      : chat_current_room (chat);
    zchat_status_t status = ZCHAT_OK;
    uint64_t id = 0;
    if (!room)
        goto out;
    if (!chat_may_request (chat))
        goto out;
    switch (command->kind) {
    case COMMAND_TOPIC:
        status = zchat_client_topic (chat->client, room, *text ? text : NULL, &id);
        break;
    case COMMAND_WHO:
        status = zchat_client_who (chat->client, room, &id);
        break;
    default:
        status = zchat_client_rooms (chat->client, NULL, &id);
        break;
    }
    /*  That a topic was set is told by the event everyone sees.               */
    chat_requested (chat, command->kind == COMMAND_TOPIC && *text ? COMMAND_NOTHING : command->kind,
                    status, id, NULL, false);
out:
    free (text);
}

/*  /join, /part and /nick: what they name.                                    */
static void with_name (chat_t *chat, const command_t *command)
{
    char *name = chat_name (command->text, command->size);
    if (command->kind == COMMAND_JOIN)
        chat_join (chat, name);
    else if (command->kind == COMMAND_NICK)
        (void)chat_use_name (chat, name);
    else {
        const char *room = command->size > 0 ? name : chat_current_room (chat);
        if (room)
            part (chat, room);
    }
    free (name);
}

static zchat_status_t enter (chat_t *chat, const char *line, size_t size,
                             void (*parse) (const char *, size_t, command_t *))
{
    zchat_status_t status = ZCHAT_OK;
    command_t command;
    if (chat->asks_name) {
        enter_name (chat, line, size);
        return ZCHAT_OK;
    }
    if (!chat->client)
        return ZCHAT_OK;
    chat_unsent_changed (chat);
    parse (line, size, &command);
    switch (command.kind) {
    case COMMAND_NOTHING:
        break;
    case COMMAND_SAY:
    case COMMAND_ME:
        say (chat, &command, &status);
        break;
    case COMMAND_JOIN:
    case COMMAND_PART:
    case COMMAND_NICK:
        with_name (chat, &command);
        break;
    case COMMAND_TOPIC:
    case COMMAND_WHO:
    case COMMAND_ROOMS:
        ask_broker (chat, &command);
        break;
    case COMMAND_HISTORY:
        chat_past_ask (chat, command.number, command.yes);
        break;
    case COMMAND_MSG:
    case COMMAND_QUERY:
    case COMMAND_KEYS:
    case COMMAND_VERIFY:
        chat_person_command (chat, &command, &status);
        break;
    case COMMAND_CREATE:
    case COMMAND_INVITE:
    case COMMAND_KICK:
    case COMMAND_SET:
    case COMMAND_REMOVE:
    case COMMAND_MODES:
        chat_order_command (chat, &command);
        break;
    case COMMAND_MAILBOX:
        chat_mailbox_command (chat, &command);
        break;
    case COMMAND_QUIT:
        chat_end (chat, OUTCOME_OK);
        break;
    case COMMAND_HELP:
        help (chat);
        break;
    case COMMAND_WRONG:
        chat->trouble = OUTCOME_USAGE;
        chat_notice (chat, command.why);
        break;
    }
    return status;
}

zchat_status_t chat_enter (chat_t *chat, const char *line, size_t size)
{
    return enter (chat, line, size, chat->look == CHAT_SCRIPT ? command_script : command_parse);
}

zchat_status_t chat_enter_text (chat_t *chat, const char *line, size_t size)
{
    return enter (chat, line, size, command_text);
}
