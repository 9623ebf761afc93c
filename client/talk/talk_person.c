/*  talk_person.c - talking with one person alone, and the keys by which they are known */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"
#include <time.h>

/*  --- direct messages ------------------------------------------------------- */

static void mail (void *arg, const zchat_event_t *event, const people_opened_t *opened)
{
    talk_t *talk = arg;
    bool told = event->type == ZCHAT_TYPE_TOLD, live = event->kind == ZCHAT_EVENT_MESSAGE;
    bool before = !talk->mail.joined && !talk->mail.spoken;
    const char *instead = direct_instead (opened), *mark = direct_mark (opened);
    instead = instead ? _ (instead) : NULL;
    zchat_event_t shown = *event;
    shown.body = instead ? instead : opened->body;
    shown.body_size = instead ? strlen (instead) : opened->body_size;
    if (talk_past_event (talk, event)) {
        talk_past_line (talk, &shown, mark);
        return;
    }
    if (talk_hides (talk, event))
        return;
    messages_t *messages = event->user ? talk_person_messages (talk, event->user) : NULL;
    talk_about_t about = talk_apply (talk, messages, &shown);
    talk_emit (talk, &(talk_event_t){.kind = TALK_DIRECT,
                                     .message = {.event = &shown,
                                                 .about = about,
                                                 .mark = mark,
                                                 .echo = told && live && !before,
                                                 .past = !live}});
    if (event->seq > talk->mail.newest)
        talk->mail.newest = event->seq;
    talk_person_seen (talk, event->user, live && !told && talk->mail.joined);
    talk_read_here (talk);
}

static void trust (void *arg, const char *user, people_news_t news, const char *text, hint_t hint)
{
    talk_trust_t kind = news == PEOPLE_CHANGED ? TALK_KEYS_CHANGED
                        : news == PEOPLE_GONE  ? TALK_KEYS_GONE
                                               : TALK_KEYS_VOUCHED;
    talk_emit (arg,
               &(talk_event_t){.kind = TALK_TRUST,
                               .trust = {.trust = kind, .user = user, .text = text, .hint = hint}});
}

static void sent (void *arg, uint64_t mark, uint64_t id)
{
    talk_t *talk = arg;
    talk->mail.spoken = true;
    talk_sending (talk, TALK_NUMBERED, id, mark, 0);
}

static void refused (void *arg, uint64_t mark, const char *user, int status, const char *why)
{
    talk_sending (arg, TALK_REFUSED, mark, 0, 0);
    talk_not_sent (arg, user, status, why);
}

static void notice (void *arg, const char *text, hint_t hint)
{
    talk_notice_hint (arg, text, hint);
}

direct_calls_t talk_direct_calls (talk_t *talk)
{
    return (direct_calls_t){.sent = sent,
                            .refused = refused,
                            .notice = notice,
                            .trust = trust,
                            .mail = mail,
                            .arg = talk};
}

/*  Warn once, where the connection is not encrypted: who talks alone with somebody believes that it
    stays between them, but the mailbox goes to whoever takes the name. */
static void warn_plain (talk_t *talk, const char *user)
{
    buffer_t line = {NULL, 0, 0};
    if (talk->warned_plain || direct_people (talk->direct) || talk->options.scripted)
        return;
    talk->warned_plain = true;
    buffer_format (&line,
                   _ ("this broker is not encrypted: whoever takes the name %s later reads what is "
                      "told here, unless a token proves the name; the same holds for your name"),
                   user);
    talk_notice (talk, line.data);
    buffer_free (&line);
}

zchat_status_t talk_tell (talk_t *talk, const char *user, const char *text, size_t size,
                          uint64_t re_ms)
{
    warn_plain (talk, user);
    /*  The client's ids begin at 1, so these are none of them. What is told may be refused or
        numbered before the call returns.                                      */
    uint64_t mark = UINT64_MAX - ++talk->told;
    talk_queued (talk, mark, user, ZCHAT_TYPE_TELL, text, size, re_ms);
    zchat_status_t status =
        direct_tell (talk->direct, talk->client, user, text, size, NULL, re_ms, true, mark);
    if (status != ZCHAT_OK)
        talk_sending (talk, TALK_REFUSED, mark, 0, 0);
    return status;
}

/*  --- whose keys ------------------------------------------------------------ */

static bool same_name (const char *a, const char *b)
{
    name_keys_t one, other;
    return name_check (frame_str (a), &one, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &other, NULL) == ZCHAT_OK && name_same (&one, &other);
}

static void tell_state (talk_t *talk, const char *user)
{
    people_person_t person;
    buffer_t line = {NULL, 0, 0};
    time_t since;
    struct tm parts;
    char date[32];
    bool own = same_name (user, talk->nick);
    if (!people_find (direct_people (talk->direct), user, &person))
        return;
    since = (time_t)(person.since_ms / 1000);
    buffer_format (&line, "%s: ", user);
    if (person.alarm)
        buffer_string (&line, people_can_text (own ? PEOPLE_ALARM_SELF : PEOPLE_ALARM));
    else if (own)
        buffer_string (&line, _ ("these are your own keys"));
    else if (person.verified)
        buffer_string (&line, "verified");
    else
        buffer_string (&line, _ ("not verified"));
    if (person.since_ms > 0 && localtime_r (&since, &parts) &&
        strftime (date, sizeof date, "%Y-%m-%d", &parts) > 0)
        buffer_format (&line, _ ("; known since %s"), date);
    talk_notice (talk, line.data);
    buffer_free (&line);
}

/*  Ask for somebody's keys, or for one's own, for a command that is about `user`. */
static void ask_keys (talk_t *talk, command_kind_t kind, const char *user, bool own, bool yes)
{
    uint64_t id = 0;
    if (!talk_may_request (talk))
        return;
    zchat_status_t status = zchat_client_keys (talk->client, own ? NULL : user, &id);
    talk_requested (talk, kind, status, id, user, yes);
    if (status == ZCHAT_OK)
        talk->requests[talk->n_requests - 1].own_keys = own;
}

static void say_why_not (talk_t *talk, const char *user, people_can_t can)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, _ ("%s cannot be verified"), user);
    talk_refuse (talk, OUTCOME_REFUSED, line.data, people_can_text (can));
    buffer_free (&line);
}

/*  Refuse with "mario: nobody has this name".                                 */
static void say_nobody (talk_t *talk, const talk_request_t *request)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, _ ("%s: nobody has this name"), request->name);
    if (request->kind == COMMAND_QUERY && same_name (request->name, talk->query))
        buffer_string (&line, _ ("; /query goes back to the room"));
    talk_refuse (talk, OUTCOME_REFUSED, line.data, NULL);
    buffer_free (&line);
}

/*  Do /verify NAME yes. For one's own name, and for somebody who has no keys any more, it ends
    the alarm without a fingerprint.                                           */
static people_can_t accept (talk_t *talk, const char *user)
{
    return people_accept (direct_people (talk->direct), user, true);
}

static void show_fingerprint (talk_t *talk, const char *user, const char *text)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, _ ("you and %s: %s"), user, text);
    talk_emit (talk, &(talk_event_t){.kind = TALK_TRUST,
                                     .trust = {.trust = TALK_KEYS_COMPARE,
                                               .user = user,
                                               .text = line.data,
                                               .fingerprint = text}});
    buffer_clear (&line);
    tell_state (talk, user);
    buffer_format (&line,
                   _ ("read it to each other, in person or on the phone; if it is the same: "
                      "/verify %s yes"),
                   user);
    talk_notice (talk, line.data);
    buffer_free (&line);
}

/*  Show one's own keys. There is nobody to compare them with but one's other devices. */
static void show_own (talk_t *talk, const char *user)
{
    people_person_t person;
    buffer_t line = {NULL, 0, 0};
    if (!people_find (direct_people (talk->direct), user, &person) || !person.asked) {
        ask_keys (talk, COMMAND_VERIFY, user, true, false);
        return;
    }
    for (size_t i = 0; i < person.n_keys; i++) {
        const people_key_t *key = &person.keys[i];
        if (key->kind == PEOPLE_KEY_FORMER)
            continue;
        buffer_clear (&line);
        buffer_format (&line, "%s%s", key->text,
                       key->this_device                ? _ (" (this device)")
                       : key->kind == PEOPLE_KEY_FRESH ? _ (" (new)")
                                                       : "");
        talk_notice (talk, line.data);
    }
    if (person.alarm) {
        buffer_clear (&line);
        buffer_format (&line, _ ("if the new keys are yours: /verify %s yes; if not, remove them"),
                       user);
        talk_notice_hint (talk, line.data, HINT_DEVICES);
    } else
        tell_state (talk, user);
    buffer_free (&line);
}

static void verify (talk_t *talk, const char *user, bool yes)
{
    char text[ZCHAT_FINGERPRINT_SIZE];
    people_t *people = direct_people (talk->direct);
    bool own = same_name (user, talk->nick);
    people_can_t can = yes   ? accept (talk, user)
                       : own ? PEOPLE_OK
                             : people_fingerprint (people, user, text);
    if (can == PEOPLE_ASK || can == PEOPLE_ASK_SELF)
        ask_keys (talk, COMMAND_VERIFY, user, can == PEOPLE_ASK_SELF, yes);
    else if (can != PEOPLE_OK)
        say_why_not (talk, user, can);
    else if (yes)
        tell_state (talk, user);
    else if (own)
        show_own (talk, user);
    else
        show_fingerprint (talk, user, text);
    const char *trouble = people_trouble (people);
    if (trouble)
        talk_notice (talk, trouble);
}

void talk_keys_answered (talk_t *talk, const talk_request_t *request, const zchat_event_t *event)
{
    const char *user = request->own_keys ? talk->nick : request->name;
    bool known = direct_keys (talk->direct, user, event->status, event->json);
    people_person_t person;
    /*  Somebody who had keys once is told of with the alarm, which /verify can end. */
    bool met = people_find (direct_people (talk->direct), user, &person) && person.n_keys > 0;
    if (event->status == ZCHAT_NOBODY)
        say_nobody (talk, request);
    if (request->kind == COMMAND_QUERY || (event->status == ZCHAT_NOBODY && !met))
        return;
    if (request->kind == COMMAND_VERIFY && known) {
        verify (talk, request->name, request->yes);
        return;
    }
    if (event->status == ZCHAT_NOBODY)
        return;
    if (event->status != ZCHAT_OK) {
        talk_refuse (talk, OUTCOME_REFUSED, _ ("no answer"), talk_reason (event));
        return;
    }
    talk_answer (talk, TALK_KEYS, event->json);
    tell_state (talk, user);
}

/*  --- commands -------------------------------------------------------------- */

static void query (talk_t *talk, const char *user)
{
    buffer_t line = {NULL, 0, 0};
    talk_focus_person (talk, user);
    if (*user)
        buffer_format (&line, _ ("what you type goes to %s alone, until /query"), user);
    else if (talk->current < talk->n_rooms)
        buffer_format (&line, _ ("what you type goes to %s"), talk->rooms[talk->current].name);
    else
        buffer_string (&line, _ ("what you type goes nowhere; enter a room: /join ROOM"));
    talk_notice (talk, line.data);
    buffer_free (&line);
    if (*user)
        warn_plain (talk, user);
    /*  The broker is asked whether there is such a person. Where no answer comes, nothing is
        told.                                                                  */
    if (*user && talk->n_requests < REQUESTS_MAX)
        ask_keys (talk, COMMAND_QUERY, user, false, false);
}

void talk_person_command (talk_t *talk, const command_t *command, zchat_status_t *status)
{
    char *user = talk_name (command->name, command->name_size);
    if (*user && !talk_good_name (talk, user)) {
        free (user);
        return;
    }
    switch (command->kind) {
    case COMMAND_MSG:
        if (command->size > ZCHAT_BODY_MAX) {
            *status = ZCHAT_LIMIT;
            talk_too_long (talk, command->size);
        } else
            *status = talk_tell (talk, user, command->text, command->size, 0);
        break;
    case COMMAND_QUERY:
        query (talk, user);
        break;
    case COMMAND_KEYS:
        ask_keys (talk, COMMAND_KEYS, user, *user == 0, false);
        break;
    default:
        if (!command->yes) /* the keys that are compared must be the present ones */
            people_stale (direct_people (talk->direct));
        verify (talk, user, command->yes);
        break;
    }
    free (user);
}
