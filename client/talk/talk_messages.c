/*  talk_messages.c - messages that were said: pointing at them, and what becomes of them */
#include "address.h"
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/*  --- which conversation ------------------------------------------------------ */

messages_t *talk_messages_here (talk_t *talk)
{
    talk_person_t *person = *talk->query ? talk_find_person (talk, talk->query) : NULL;
    if (*talk->query)
        return person ? person->messages : NULL;
    return talk->current < talk->n_rooms ? talk->rooms[talk->current].messages : NULL;
}

/*  Return up to which seq numbers count here: those a person sees do not move while they type. */
static uint64_t upto_here (talk_t *talk, const messages_t *messages)
{
    return talk->typing && messages && messages == talk_messages_here (talk) ? talk->upto : 0;
}

void talk_typing (talk_t *talk, bool typing)
{
    const messages_t *messages = talk_messages_here (talk);
    const message_t *newest = messages ? messages_number (messages, 1, 0) : NULL;
    if (typing == talk->typing)
        return;
    talk->typing = typing;
    talk->upto = typing && newest ? newest->seq : 0;
}

void talk_typing_elsewhere (talk_t *talk)
{
    if (!talk->typing)
        return;
    talk->typing = false;
    talk_typing (talk, true);
}

/*  --- what changes them ------------------------------------------------------- */

talk_about_t talk_apply (talk_t *talk, messages_t *messages, const zchat_event_t *event)
{
    talk_about_t about = {.change = MESSAGES_NEW};
    const message_t *re = NULL;
    if (!messages)
        return about;
    about.change = messages_apply (messages, event, &about.message);
    if (about.message)
        about.number =
            messages_number_of (messages, about.message->seq, upto_here (talk, messages));
    if (event->re > 0)
        re = event->room && strcmp (event->room, TALK_MAILBOX) == 0
                 ? messages_told (messages, event->re)
                 : messages_find (messages, event->re);
    about.re = re;
    return about;
}

/*  --- pointing ---------------------------------------------------------------- */

/*  Find the message that a command means. What is known of it is copied, for the client may be
    called; text is the caller's. False after it was told that there is none.  */
typedef struct {
    uint64_t seq, time_ms;
    bool known; /* it is kept here                                              */
    bool own;
    char *text;
    size_t size;
} target_t;

static bool point (talk_t *talk, const command_t *command, target_t *target)
{
    const messages_t *messages = talk_messages_here (talk);
    uint64_t upto = upto_here (talk, messages);
    const message_t *found = NULL;
    char line[160];
    *target = (target_t){.seq = command->seq};
    if (!messages && !*talk->query && !talk_current_room (talk))
        return false;
    if (messages && command->seq)
        found = messages_find (messages, command->seq);
    else if (messages && command->number)
        found = messages_number (messages, (size_t)command->number, upto);
    else if (messages)
        found = messages_own (messages, upto);
    if (found) {
        *target = (target_t){.seq = found->seq,
                             .time_ms = found->time_ms,
                             .known = true,
                             .own = found->own,
                             .text = memory_string (found->text, found->size),
                             .size = found->size};
        return true;
    }
    /*  A room's message can be pointed at though it is not known here.        */
    if (command->seq && !*talk->query)
        return true;
    if (command->seq || command->number)
        snprintf (
            line, sizeof line,
            _ ("no message %s%" PRIu64 " is known here; /history shows more, with their numbers"),
            command->seq ? "#" : "", command->seq ? command->seq : command->number);
    else
        snprintf (line, sizeof line,
                  _ ("no message of yours is known %s; /history shows the numbers"),
                  *talk->query ? _ ("here") : _ ("in this room"));
    talk_refuse (talk, OUTCOME_USAGE, line, NULL);
    return false;
}

uint64_t talk_pointed (talk_t *talk, const command_t *command)
{
    target_t target;
    if (!point (talk, command, &target))
        return 0;
    free (target.text);
    return target.seq;
}

/*  True, after it was told, where the command is for rooms and text goes to one person. */
static bool only_rooms (talk_t *talk, const char *what)
{
    char line[96];
    if (!*talk->query)
        return talk_current_room (talk) == NULL;
    snprintf (line, sizeof line, _ ("%s is for rooms; /query goes back to the room"), what);
    talk_refuse (talk, OUTCOME_USAGE, line, NULL);
    return true;
}

/*  --- commands ------------------------------------------------------------------ */

/*  Tell why the client took no message.                                       */
static void not_taken (talk_t *talk, zchat_status_t *status)
{
    if (*status == ZCHAT_OK || *status == ZCHAT_FULL)
        return;
    talk_refuse (talk, OUTCOME_DATA, _ ("not sent"),
                 *status == ZCHAT_INVALID ? _ ("this is not text (UTF-8 without NUL)")
                                          : _ (zchat_status_text (*status)));
    *status = ZCHAT_OK;
}

static void reply (talk_t *talk, const command_t *command, zchat_status_t *status)
{
    target_t target;
    uint64_t id = 0;
    if (command->size > ZCHAT_BODY_MAX) {
        *status = ZCHAT_LIMIT;
        talk_too_long (talk, command->size);
        return;
    }
    if (!point (talk, command, &target))
        return;
    if (*talk->query)
        *status = talk_tell (talk, talk->query, command->text, command->size, target.time_ms);
    else {
        talk_room_t *room = &talk->rooms[talk->current];
        *status = zchat_client_reply (talk->client, room->name, target.seq, ZCHAT_TYPE_SAY,
                                      command->text, command->size, NULL, &id);
        room->spoken |= *status == ZCHAT_OK;
        if (*status == ZCHAT_OK)
            talk_queued (talk, id, room->name, ZCHAT_TYPE_SAY, command->text, command->size,
                         target.seq);
        not_taken (talk, status);
    }
    if (*status == ZCHAT_OK)
        talk->away = false;
    free (target.text);
}

static void edit (talk_t *talk, const command_t *command, zchat_status_t *status)
{
    target_t target;
    if (only_rooms (talk, "/edit"))
        return;
    if (command->size > ZCHAT_BODY_MAX) {
        *status = ZCHAT_LIMIT;
        talk_too_long (talk, command->size);
        return;
    }
    if (!point (talk, command, &target))
        return;
    if (target.known && !target.own)
        talk_refuse (talk, OUTCOME_USAGE, _ ("not done"), _ ("this message is not yours"));
    else if (command->size > 0) {
        *status = zchat_client_edit (talk->client, talk->rooms[talk->current].name, target.seq,
                                     command->text, command->size, NULL);
        not_taken (talk, status);
    } else if (target.known)
        talk_emit (talk,
                   &(talk_event_t){
                       .kind = TALK_EDITING,
                       .editing = {.seq = target.seq, .text = target.text, .size = target.size}});
    else
        talk_refuse (talk, OUTCOME_USAGE, _ ("its text is not known here"),
                     _ ("/edit N TEXT, or /history"));
    free (target.text);
}

bool talk_may_edit (talk_t *talk)
{
    const messages_t *messages = *talk->query ? NULL : talk_messages_here (talk);
    const message_t *own = messages && talk->proven ? messages_own (messages, 0) : NULL;
    uint64_t now_ms = (uint64_t)time (NULL) * 1000;
    return own && !talk->asks_name && own->time_ms + ZCHAT_EDIT_WINDOW_MS > now_ms;
}

static void react (talk_t *talk, const command_t *command)
{
    target_t target;
    uint64_t id = 0;
    if (only_rooms (talk, command->yes ? "/unreact" : "/react") || !talk_may_request (talk) ||
        !point (talk, command, &target))
        return;
    char *text = memory_string (command->text, command->size);
    const char *room = talk->rooms[talk->current].name;
    zchat_status_t status = strlen (text) != command->size
                                ? ZCHAT_INVALID
                                : (command->yes ? zchat_client_unreact : zchat_client_react) (
                                      talk->client, room, target.seq, text, &id);
    if (status == ZCHAT_LIMIT)
        talk_refuse (talk, OUTCOME_USAGE,
                     _ ("a reaction is an emoji or a word, of 32 bytes at most"), NULL);
    else
        talk_requested (talk, COMMAND_REACT, status, id, NULL, command->yes);
    free (text);
    free (target.text);
}

/*  Append a name as a link has it: RFC 3986, percent-encoded.                 */
static void add_encoded (buffer_t *link, const char *name)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (const char *c = name; *c; c++)
        if (strchr (plain, *c))
            buffer_add (link, c, 1);
        else
            buffer_format (link, "%%%02X", (unsigned char)*c);
}

static void permalink (talk_t *talk, const command_t *command)
{
    char address[ADDRESS_TEXT_MAX + 1];
    const uint8_t *key = credentials_server_key (talk->options.credentials);
    buffer_t link = {NULL, 0, 0};
    target_t target;
    if (only_rooms (talk, "/link") || !point (talk, command, &target))
        return;
    /*  A broker without a key has no address; then its endpoint stands there. */
    if (key && address_encode (talk->options.endpoint, NULL, key, address) == ZCHAT_OK)
        buffer_string (&link, address);
    else
        buffer_string (&link, talk->options.endpoint);
    buffer_string (&link, "/");
    add_encoded (&link, talk->rooms[talk->current].name);
    buffer_format (&link, "/%" PRIu64, target.seq);
    talk_notice (talk, link.data);
    buffer_free (&link);
    free (target.text);
}

static void search (talk_t *talk, const command_t *command)
{
    uint64_t id = 0;
    char *query = memory_string (command->text, command->size);
    if (talk_may_request (talk)) {
        zchat_status_t status =
            strlen (query) != command->size
                ? ZCHAT_INVALID
                : zchat_client_search (talk->client, query, ZCHAT_SEARCH_DEFAULT, NULL, &id);
        if (status == ZCHAT_LIMIT)
            talk_refuse (talk, OUTCOME_USAGE, _ ("a search may have 512 bytes, this one has more"),
                         NULL);
        else
            talk_requested (talk, COMMAND_SEARCH, status, id, NULL, false);
    }
    free (query);
}

zchat_status_t talk_say_away (talk_t *talk, uint64_t *id)
{
    return zchat_client_away (talk->client, talk->away ? talk->away_text : NULL, id);
}

static void away (talk_t *talk, const command_t *command)
{
    uint64_t id = 0;
    bool back = command->kind == COMMAND_BACK;
    const char *text = command->size > 0 ? command->text : "away";
    size_t size = command->size > 0 ? command->size : 4;
    if (size > ZCHAT_AWAY_MAX) {
        talk_refuse (talk, OUTCOME_USAGE, _ ("why you are away may have 200 bytes, this has more"),
                     NULL);
        return;
    }
    if (!talk_may_request (talk))
        return;
    talk->away = !back;
    snprintf (talk->away_text, sizeof talk->away_text, "%.*s", back ? 0 : (int)size, text);
    zchat_status_t status = talk_say_away (talk, &id);
    talk_requested (talk, command->kind, status, id, NULL, false);
    if (status != ZCHAT_OK)
        talk->away = false;
}

static void unread (talk_t *talk)
{
    uint64_t id = 0;
    if (!talk_may_request (talk))
        return;
    zchat_status_t status = zchat_client_unread (talk->client, &id);
    talk_requested (talk, COMMAND_UNREAD, status, id, NULL, false);
}

void talk_message_command (talk_t *talk, const command_t *command, zchat_status_t *status)
{
    switch (command->kind) {
    case COMMAND_REPLY:
        reply (talk, command, status);
        break;
    case COMMAND_EDIT:
        edit (talk, command, status);
        break;
    case COMMAND_REACT:
        react (talk, command);
        break;
    case COMMAND_LINK:
        permalink (talk, command);
        break;
    case COMMAND_SEARCH:
        search (talk, command);
        break;
    case COMMAND_UNREAD:
        unread (talk);
        break;
    default:
        away (talk, command);
        break;
    }
}

bool talk_message_answered (talk_t *talk, const talk_request_t *request, const zchat_event_t *event)
{
    bool away = request->kind == COMMAND_AWAY || request->kind == COMMAND_BACK;
    if (event->status != ZCHAT_OK) {
        bool order = request->kind == COMMAND_REACT || away;
        if (away)
            talk->away = false;
        talk_refuse (talk, OUTCOME_REFUSED, order ? _ ("not done") : _ ("no answer"),
                     talk_reason (event));
    } else if (request->kind == COMMAND_SEARCH) {
        talk_answer (talk, TALK_SEARCH, event->json);
        if (direct_people (talk->direct))
            talk_notice (talk, _ ("direct messages that are sealed are not searched: the broker "
                                  "cannot read them"));
    } else if (request->kind == COMMAND_UNREAD)
        talk_answer (talk, TALK_UNREAD_ROOMS, event->json);
    else if (away)
        talk_notice (talk, request->kind == COMMAND_AWAY
                               ? _ ("you are away, until you say something, or /back")
                               : _ ("you are back"));
    return true;
}

/*  --- read ------------------------------------------------------------------------ */

/*  Everything in the mailbox counts as read where nothing in it is unread.    */
static bool mail_read (const talk_t *talk)
{
    for (size_t i = 0; i < talk->n_persons; i++)
        if (talk->persons[i].unread > 0)
            return false;
    return true;
}

/*  True where the broker is told what was read.                                 */
static bool tells_read (const talk_t *talk)
{
    return talk->client && !talk->options.scripted && talk->proven && !talk->away;
}

void talk_read_there (talk_t *talk, const char *room, uint64_t seq)
{
    bool mail = strcmp (room, TALK_MAILBOX) == 0;
    if (tells_read (talk) && (!mail || mail_read (talk)))
        (void)!zchat_client_read (talk->client, room, seq);
}

void talk_read_here (talk_t *talk)
{
    if (!tells_read (talk) || talk->options.looks)
        return;
    bool in_room = !*talk->query && talk->current < talk->n_rooms;
    const talk_room_t *room = in_room ? &talk->rooms[talk->current] : NULL;
    if (room && room->joined && room->newest > 0)
        (void)!zchat_client_read (talk->client, room->name, room->newest);
    else if (*talk->query && talk->mail.newest > 0 && mail_read (talk))
        (void)!zchat_client_read (talk->client, TALK_MAILBOX, talk->mail.newest);
}

void talk_mentioned (talk_t *talk, const zchat_event_t *event)
{
    buffer_t line = {NULL, 0, 0};
    bool here = talk_find_room (talk, event->about) < talk->n_rooms;
    /*  Who is in the room sees the message itself.                            */
    if (here || !event->about || !event->user || event->kind != ZCHAT_EVENT_MESSAGE ||
        ignored_has (talk->ignored, event->user))
        return;
    buffer_format (&line, _ ("%s mentions you in %s, message #%" PRIu64 "; /join %s"), event->user,
                   event->about, event->target, event->about);
    talk_notice (talk, line.data);
    buffer_free (&line);
}
