/*  chat_person.c - one person alone: what is told, and by which key they are known */
#include "chat_private.h"
#include "memory.h"
#include <time.h>

/*  --- direct messages ------------------------------------------------------- */

static void mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    chat_t *chat = arg;
    bool told = event->type == ZCHAT_TYPE_TOLD;
    bool before = !chat->mail.joined && !chat->mail.spoken;
    /*  Who has no editor has seen what they typed.                            */
    if (told && event->kind == ZCHAT_EVENT_MESSAGE && !chat_shows_own (chat) && !before)
        return;
    const char *instead = direct_instead (opened);
    zchat_event_t shown = *event;
    shown.body = instead ? instead : opened->body;
    shown.body_size = instead ? strlen (instead) : opened->body_size;
    char *text = format_direct (&shown, direct_mark (opened), &chat->format);
    if (chat_past_event (chat, event)) {
        chat_past_line (chat, event, text);
        return;
    }
    if (chat_hides (chat, event)) {
        free (text);
        return;
    }
    chat_tell_day (chat, event->time_ms);
    chat_show (&chat->out, text);
}

static void sent (void *arg, uint64_t mark, uint64_t id)
{
    chat_t *chat = arg;
    chat->mail.spoken = true;
}

static void refused (void *arg, uint64_t mark, const char *user, int status, const char *why)
{
    chat_not_sent (arg, user, status, why);
}

static void notice (void *arg, const char *text)
{
    chat_notice (arg, text);
}

direct_calls_t chat_direct_calls (chat_t *chat)
{
    return (direct_calls_t){
        .sent = sent, .refused = refused, .notice = notice, .mail = mail, .arg = chat};
}

/*  Once, where it matters: who talks alone believes that it stays so.         */
static void warn_plain (chat_t *chat, const char *user)
{
    buffer_t line = {NULL, 0, 0};
    if (chat->warned_plain || direct_people (chat->direct) || chat->look == CHAT_SCRIPT)
        return;
    chat->warned_plain = true;
    buffer_format (&line,
                   "this broker is not encrypted: unless a token proves the name %s, whoever "
                   "takes it later reads what is told here; so with yours",
                   user);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

zchat_status_t chat_tell (chat_t *chat, const char *user, const char *text, size_t size)
{
    warn_plain (chat, user);
    return direct_tell (chat->direct, chat->client, user, text, size, NULL, true, 0);
}

/*  --- whose keys ------------------------------------------------------------ */

static bool same_name (const char *a, const char *b)
{
    name_keys_t one, other;
    return name_check (frame_str (a), &one, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &other, NULL) == ZCHAT_OK && name_same (&one, &other);
}

static void tell_state (chat_t *chat, const char *user)
{
    people_person_t person;
    buffer_t line = {NULL, 0, 0};
    time_t since;
    struct tm parts;
    char date[32];
    bool own = same_name (user, chat->nick);
    if (!people_find (direct_people (chat->direct), user, &person))
        return;
    since = (time_t)(person.since_ms / 1000);
    buffer_format (&line, "%s: ", user);
    if (person.alarm)
        buffer_string (&line, people_can_text (own ? PEOPLE_ALARM_SELF : PEOPLE_ALARM));
    else if (own)
        buffer_string (&line, "these are your own keys");
    else if (person.verified)
        buffer_string (&line, "verified");
    else
        buffer_string (&line, "not verified");
    if (person.since_ms > 0 && localtime_r (&since, &parts) &&
        strftime (date, sizeof date, "%Y-%m-%d", &parts) > 0)
        buffer_format (&line, "; known since %s", date);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

/*  Ask for somebody's keys, or one's own, for the sake of a command about `user`.  */
static void ask_keys (chat_t *chat, command_kind_t kind, const char *user, bool own, bool yes)
{
    uint64_t id = 0;
    if (!chat_may_request (chat))
        return;
    zchat_status_t status = zchat_client_keys (chat->client, own ? NULL : user, &id);
    chat_requested (chat, kind, status, id, user, yes);
    if (status == ZCHAT_OK)
        chat->requests[chat->n_requests - 1].own_keys = own;
}

static void say_why_not (chat_t *chat, const char *user, people_can_t can)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, "%s cannot be verified", user);
    chat->trouble = OUTCOME_REFUSED;
    chat_notice_because (chat, line.data, people_can_text (can));
    buffer_free (&line);
}

/*  "mario: nobody has this name"                                              */
static void say_nobody (chat_t *chat, const chat_request_t *request)
{
    buffer_t line = {NULL, 0, 0};
    chat->trouble = OUTCOME_REFUSED;
    buffer_format (&line, "%s: nobody has this name", request->name);
    if (request->kind == COMMAND_QUERY && same_name (request->name, chat->query))
        buffer_string (&line, "; /query goes back to the room");
    chat_notice (chat, line.data);
    buffer_free (&line);
}

/*  /verify NAME yes. An alarm of one's own name, and of somebody who has no keys any more,
    ends without a fingerprint.                                                */
static people_can_t accept (chat_t *chat, const char *user)
{
    return people_accept (direct_people (chat->direct), user, true);
}

static void show_fingerprint (chat_t *chat, const char *user, const char *text)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, "you and %s: %s", user, text);
    chat_notice (chat, line.data);
    buffer_clear (&line);
    tell_state (chat, user);
    buffer_format (&line,
                   "read it to each other, in person or on the phone; where it is the same: "
                   "/verify %s yes",
                   user);
    chat_notice (chat, line.data);
    buffer_free (&line);
}

/*  One's own keys: there is nobody to compare them with but one's other devices. */
static void show_own (chat_t *chat, const char *user)
{
    people_person_t person;
    buffer_t line = {NULL, 0, 0};
    if (!people_find (direct_people (chat->direct), user, &person) || !person.asked) {
        ask_keys (chat, COMMAND_VERIFY, user, true, false);
        return;
    }
    for (size_t i = 0; i < person.n_keys; i++) {
        const people_key_t *key = &person.keys[i];
        if (key->kind == PEOPLE_KEY_FORMER)
            continue;
        buffer_clear (&line);
        buffer_format (&line, "%s%s", key->text,
                       key->this_device                ? " (this device)"
                       : key->kind == PEOPLE_KEY_FRESH ? " (new)"
                                                       : "");
        chat_notice (chat, line.data);
    }
    if (person.alarm) {
        buffer_clear (&line);
        buffer_format (&line,
                       "`zchat key` shows the key of a device; where the new ones are of yours: "
                       "/verify %s yes; else: zchat key remove KEY",
                       user);
        chat_notice (chat, line.data);
    } else
        tell_state (chat, user);
    buffer_free (&line);
}

static void verify (chat_t *chat, const char *user, bool yes)
{
    char text[ZCHAT_FINGERPRINT_SIZE];
    people_t *people = direct_people (chat->direct);
    bool own = same_name (user, chat->nick);
    people_can_t can = yes   ? accept (chat, user)
                       : own ? PEOPLE_OK
                             : people_fingerprint (people, user, text);
    if (can == PEOPLE_ASK || can == PEOPLE_ASK_SELF)
        ask_keys (chat, COMMAND_VERIFY, user, can == PEOPLE_ASK_SELF, yes);
    else if (can != PEOPLE_OK)
        say_why_not (chat, user, can);
    else if (yes)
        tell_state (chat, user);
    else if (own)
        show_own (chat, user);
    else
        show_fingerprint (chat, user, text);
    const char *trouble = people_trouble (people);
    if (trouble)
        chat_notice (chat, trouble);
}

void chat_keys_answered (chat_t *chat, const chat_request_t *request, const zchat_event_t *event)
{
    const char *user = request->own_keys ? chat->nick : request->name;
    bool known = direct_keys (chat->direct, user, event->status, event->json);
    people_person_t person;
    /*  Who had keys once is told of with the alarm; that can be ended.        */
    bool met = people_find (direct_people (chat->direct), user, &person) && person.n_keys > 0;
    if (event->status == ZCHAT_NOBODY)
        say_nobody (chat, request);
    if (request->kind == COMMAND_QUERY || (event->status == ZCHAT_NOBODY && !met))
        return;
    if (request->kind == COMMAND_VERIFY && known) {
        verify (chat, request->name, request->yes);
        return;
    }
    if (event->status == ZCHAT_NOBODY)
        return;
    if (event->status != ZCHAT_OK) {
        chat->trouble = OUTCOME_REFUSED;
        chat_notice_because (chat, "no answer",
                             event->text && *event->text ? event->text
                                                         : zchat_status_text (event->status));
        return;
    }
    chat_show (&chat->out, format_keys (event->json, &chat->format));
    tell_state (chat, user);
}

/*  --- commands -------------------------------------------------------------- */

static void query (chat_t *chat, const char *user)
{
    buffer_t line = {NULL, 0, 0};
    snprintf (chat->query, sizeof chat->query, "%s", user);
    if (*user)
        buffer_format (&line, "what you type goes to %s alone, until /query", user);
    else if (chat->current < chat->n_rooms)
        buffer_format (&line, "what you type goes to %s", chat->rooms[chat->current].name);
    else
        buffer_string (&line, "what you type goes nowhere; enter a room: /join ROOM");
    chat_notice (chat, line.data);
    buffer_free (&line);
    if (*user)
        warn_plain (chat, user);
    /*  Is there anybody? No answer is as good as that there is.               */
    if (*user && chat->n_requests < REQUESTS_MAX)
        ask_keys (chat, COMMAND_QUERY, user, false, false);
}

void chat_person_command (chat_t *chat, const command_t *command, zchat_status_t *status)
{
    char *user = chat_name (command->name, command->name_size);
    const char *why = NULL;
    if (*user && name_check (frame_str (user), NULL, &why) != ZCHAT_OK) {
        chat->trouble = OUTCOME_USAGE;
        chat_notice_because (chat, "this name is not allowed", why);
        free (user);
        return;
    }
    switch (command->kind) {
    case COMMAND_MSG:
        if (command->size > ZCHAT_BODY_MAX) {
            *status = ZCHAT_LIMIT;
            chat_too_long (chat, command->size);
        } else
            *status = chat_tell (chat, user, command->text, command->size);
        break;
    case COMMAND_QUERY:
        query (chat, user);
        break;
    case COMMAND_KEYS:
        ask_keys (chat, COMMAND_KEYS, user, *user == 0, false);
        break;
    default:
        if (!command->yes) /* what is compared are the keys of now              */
            people_stale (direct_people (chat->direct));
        verify (chat, user, command->yes);
        break;
    }
    free (user);
}
