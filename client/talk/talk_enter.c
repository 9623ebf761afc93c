/*  talk_enter.c - what lines that were entered do */
#include "credentials.h"
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

char *talk_name (const char *text, size_t size)
{
    char composed[ZCHAT_NAME_MAX];
    frame_t name = name_compose (frame_of (text, size), composed);
    return memory_string (name.data, name.size);
}

/*  --- the name -------------------------------------------------------------- */

/*  Join one's own mailbox: direct messages come as those of a room do.        */
static void join_mailbox (talk_t *talk)
{
    zchat_status_t status =
        zchat_client_join (talk->client, TALK_MAILBOX, talk->options.last, talk->options.since);
    if (status != ZCHAT_OK)
        talk_notice_because (talk, _ ("direct messages are not available"),
                             _ (zchat_status_text (status)));
}

bool talk_use_name (talk_t *talk, const char *name)
{
    const char *why = _ (zchat_status_text (ZCHAT_NAME));
    zchat_status_t status = name_check (frame_str (name), NULL, &why);
    bool renamed = talk->client != NULL;
    if (status == ZCHAT_OK && renamed)
        status = zchat_client_rename (talk->client, name);
    else if (status == ZCHAT_OK) {
        zchat_options_t options = {.endpoint = talk->options.endpoint,
                                   .user = name,
                                   .agent = "zchat/" ZCHAT_VERSION,
                                   .server_key = credentials_server_key (talk->options.credentials),
                                   .secret_key = credentials_secret_key (talk->options.credentials),
                                   .token = talk->options.token};
        status = zchat_client_new (&options, &talk->client, &why);
        if (status == ZCHAT_OK)
            join_mailbox (talk);
        for (size_t i = 0; status == ZCHAT_OK && i < talk->options.n_rooms; i++)
            talk_join (talk, talk->options.rooms[i]);
        if (status == ZCHAT_OK && talk->n_rooms > 1)
            talk_join (talk, talk->rooms[0].name); /* text goes to the first room */
    }
    if (status == ZCHAT_OK) {
        snprintf (talk->nick, sizeof talk->nick, "%s", name);
        talk->nick_told = false;
        if (renamed)
            talk_forget_messages (talk, TALK_MAILBOX); /* it is another one        */
        if (renamed)
            talk_unsent_renamed (talk);
        else
            talk_unsent_start (talk);
        return true;
    }
    if (status == ZCHAT_NAME) {
        talk_notice_because (talk, _ ("this name is not allowed"), why);
        return false;
    }
    talk_notice_because (talk, _ ("there can be no connection"),
                         status == ZCHAT_INVALID ? why : _ (zchat_status_text (status)));
    talk_end (talk, status == ZCHAT_INVALID ? OUTCOME_USAGE : OUTCOME_SYSTEM);
    return false;
}

static void help (talk_t *talk, const command_t *command)
{
    const char *line;
    for (size_t i = 0; (line = command_help (command->text, command->size, i)); i++)
        talk_notice (talk, line);
}

/*  Take another name, or ask for one where that is not possible.              */
static void use_new_name (talk_t *talk, const char *name)
{
    talk->asks_name = false;
    if (!talk_use_name (talk, name) && !talk->ended)
        talk_ask_name (talk);
}

void talk_ask_name (talk_t *talk)
{
    if (talk->options.scripted) {
        talk_end (talk, OUTCOME_REFUSED);
        return;
    }
    talk->asks_name = true;
    buffer_t line = {NULL, 0, 0};
    buffer_string (&line, _ ("under which name do you want to be here?"));
    if (*talk->former)
        buffer_format (&line, _ (" /nick %s goes back to the one you had"), talk->former);
    talk_emit (talk, &(talk_event_t){.kind = TALK_NAME_ASKED, .notice = {.text = line.data}});
    buffer_free (&line);
}

/*  Do a command that was entered in place of a name; no name begins with a slash. Commands that
    need the broker have to wait for a name.                                   */
static void enter_command (talk_t *talk, const char *line, size_t size)
{
    command_t command;
    command_parse (line, size, &command);
    switch (command.kind) {
    case COMMAND_NICK: {
        char *name = talk_name (command.text, command.size);
        use_new_name (talk, name);
        free (name);
        break;
    }
    case COMMAND_QUIT:
        talk_end (talk, OUTCOME_OK);
        break;
    case COMMAND_HELP:
        help (talk, &command);
        break;
    case COMMAND_WRONG:
        talk_notice (talk, command.why);
        break;
    default:
        talk_notice (talk, _ ("this wants a name first: type one, or /nick NAME, /help, /quit"));
        break;
    }
}

static void enter_name (talk_t *talk, const char *line, size_t size)
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
        enter_command (talk, line, size);
        return;
    }
    char *name = talk_name (line, size);
    use_new_name (talk, name);
    free (name);
}

/*  --- commands -------------------------------------------------------------- */

void talk_too_long (talk_t *talk, size_t size)
{
    if (!talk->options.keeps_line) { /* the rest of the line may not have been read */
        talk_refuse (talk, OUTCOME_DATA,
                     _ ("not sent: a message may have 65,536 bytes, this one has more"), NULL);
        return;
    }
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line,
                   _ ("not sent: a message may have 65,536 bytes, this one has %zu; it is still in "
                      "the line: shorten it, or send it in parts"),
                   size);
    talk_refuse (talk, OUTCOME_DATA, line.data, NULL);
    buffer_free (&line);
}

static void say (talk_t *talk, const command_t *command, zchat_status_t *status)
{
    bool action = command->kind == COMMAND_ME;
    if (command->size > ZCHAT_BODY_MAX) {
        *status = ZCHAT_LIMIT;
        talk_too_long (talk, command->size);
        return;
    }
    if (*talk->query && !action) {
        *status = talk_tell (talk, talk->query, command->text, command->size, 0);
        talk->away &= *status != ZCHAT_OK;
        return;
    }
    if (*talk->query) {
        talk_notice (talk, _ ("/me is for rooms; /query goes back to the room"));
        return;
    }
    const char *room = talk_current_room (talk);
    if (!room)
        return;
    zchat_type_t type = action ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    uint64_t id = 0;
    *status = zchat_client_say (talk->client, room, type, command->text, command->size, NULL, &id);
    if (*status == ZCHAT_OK) {
        talk->rooms[talk->current].spoken = true;
        talk_queued (talk, id, room, type, command->text, command->size, 0);
    }
    talk->away &= *status != ZCHAT_OK;
    if (*status == ZCHAT_OK || *status == ZCHAT_FULL)
        return;
    talk_refuse (talk, OUTCOME_DATA, _ ("not sent"),
                 *status == ZCHAT_INVALID ? _ ("this is not text (UTF-8 without NUL)")
                                          : _ (zchat_status_text (*status)));
    *status = ZCHAT_OK;
}

bool talk_may_request (talk_t *talk)
{
    if (talk->n_requests == REQUESTS_MAX)
        talk_notice (talk, _ ("too many questions wait for their answer"));
    return talk->n_requests < REQUESTS_MAX;
}

void talk_requested (talk_t *talk, command_kind_t kind, zchat_status_t status, uint64_t id,
                     const char *name, bool yes)
{
    if (status == ZCHAT_OK) {
        talk_request_t *request = &talk->requests[talk->n_requests++];
        *request = (talk_request_t){.id = id, .kind = kind, .yes = yes};
        snprintf (request->name, sizeof request->name, "%s", name ? name : "");
    } else if (status == ZCHAT_LIMIT && kind <= COMMAND_TOPIC)
        talk_notice (talk, _ ("a topic may have 1,024 bytes, this one has more"));
    else
        talk_notice_because (talk, _ ("this cannot be asked"), _ (zchat_status_text (status)));
}

static void ask_broker (talk_t *talk, const command_t *command)
{
    bool elsewhere = command->kind == COMMAND_WHO && command->size > 0;
    if (command->kind == COMMAND_WHO && !elsewhere && *talk->query) {
        talk_notice (talk, _ ("this talk is between you two alone; /who ROOM lists a room"));
        return;
    }
    char *text = elsewhere ? talk_name (command->text, command->size)
                           : memory_string (command->text, command->size);
    const char *room = command->kind == COMMAND_ROOMS ? ""
                       : elsewhere                    ? text
                                                      : talk_current_room (talk);
    zchat_status_t status = ZCHAT_OK;
    uint64_t id = 0;
    if (!room)
        goto out;
    if (!talk_may_request (talk))
        goto out;
    switch (command->kind) {
    case COMMAND_TOPIC:
        status = zchat_client_topic (talk->client, room, *text ? text : NULL, &id);
        break;
    case COMMAND_WHO:
        status = zchat_client_who (talk->client, room, &id);
        break;
    default:
        status = zchat_client_rooms (talk->client, NULL, &id);
        break;
    }
    /*  Everybody sees the event that a topic was set, so its answer tells nothing. */
    talk_requested (talk, command->kind == COMMAND_TOPIC && *text ? COMMAND_NOTHING : command->kind,
                    status, id, NULL, false);
out:
    free (text);
}

/*  Do /join, /part or /nick, which name something.                            */
static void with_name (talk_t *talk, const command_t *command)
{
    char *name = talk_name (command->text, command->size);
    if (command->kind == COMMAND_JOIN)
        talk_join (talk, name);
    else if (command->kind == COMMAND_NICK)
        (void)talk_use_name (talk, name);
    else {
        const char *room = command->size > 0 ? name : talk_current_room (talk);
        if (room)
            talk_part (talk, room);
    }
    free (name);
}

/*  Those that say nothing and ask the broker nothing of a room.                */
static void do_here (talk_t *talk, const command_t *command)
{
    switch (command->kind) {
    case COMMAND_MAILBOX:
        talk_mailbox_command (talk, command);
        break;
    case COMMAND_RETRY:
        talk_retry (talk);
        break;
    case COMMAND_SETTING:
        talk_settings_command (talk, command);
        break;
    case COMMAND_QUIT:
        talk_end (talk, OUTCOME_OK);
        break;
    case COMMAND_HELP:
        help (talk, command);
        break;
    case COMMAND_WRONG:
        talk_refuse (talk, OUTCOME_USAGE, command->why, NULL);
        break;
    default:
        break;
    }
}

zchat_status_t talk_do (talk_t *talk, const command_t *command)
{
    zchat_status_t status = ZCHAT_OK;
    if (!talk->client || talk->asks_name)
        return ZCHAT_OK;
    talk_unsent_changed (talk);
    switch (command->kind) {
    case COMMAND_SAY:
    case COMMAND_ME:
        say (talk, command, &status);
        break;
    case COMMAND_JOIN:
    case COMMAND_PART:
    case COMMAND_NICK:
        with_name (talk, command);
        break;
    case COMMAND_TOPIC:
    case COMMAND_WHO:
    case COMMAND_ROOMS:
        ask_broker (talk, command);
        break;
    case COMMAND_HISTORY:
        talk_past_ask (talk, command->number, command->yes);
        break;
    case COMMAND_MSG:
    case COMMAND_QUERY:
    case COMMAND_KEYS:
    case COMMAND_VERIFY:
        talk_person_command (talk, command, &status);
        break;
    case COMMAND_CREATE:
    case COMMAND_INVITE:
    case COMMAND_KICK:
    case COMMAND_SET:
    case COMMAND_REMOVE:
    case COMMAND_MODES:
        talk_order_command (talk, command);
        break;
    case COMMAND_REPLY:
    case COMMAND_EDIT:
    case COMMAND_REACT:
    case COMMAND_LINK:
    case COMMAND_SEARCH:
    case COMMAND_UNREAD:
    case COMMAND_AWAY:
    case COMMAND_BACK:
        talk_message_command (talk, command, &status);
        break;
    default:
        do_here (talk, command);
        break;
    }
    return status;
}

static zchat_status_t enter (talk_t *talk, const char *line, size_t size,
                             void (*parse) (const char *, size_t, command_t *))
{
    command_t command;
    if (talk->asks_name) {
        enter_name (talk, line, size);
        return ZCHAT_OK;
    }
    parse (line, size, &command);
    return talk_do (talk, &command);
}

zchat_status_t talk_enter (talk_t *talk, const char *line, size_t size)
{
    return enter (talk, line, size, talk->options.scripted ? command_script : command_parse);
}

zchat_status_t talk_enter_text (talk_t *talk, const char *line, size_t size)
{
    return enter (talk, line, size, command_text);
}
