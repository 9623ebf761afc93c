/*  talk.c - the conversation: its life, what it tells, how it stands */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

enum {
    STEP_EVENTS_MAX = 500, /* events taken in one talk_step                    */
};

/*  --- what is told ---------------------------------------------------------- */

void talk_emit (talk_t *talk, const talk_event_t *event)
{
    if (talk->options.event)
        talk->options.event (talk->options.arg, event);
}

void talk_notice (talk_t *talk, const char *text)
{
    talk_notice_because (talk, text, NULL);
}

void talk_notice_because (talk_t *talk, const char *text, const char *reason)
{
    talk_emit (talk, &(talk_event_t){.kind = TALK_NOTICE, .notice = {.text = text, .why = reason}});
}

void talk_notice_hint (talk_t *talk, const char *text, hint_t hint)
{
    talk_emit (talk, &(talk_event_t){.kind = TALK_NOTICE, .notice = {.text = text, .hint = hint}});
}

void talk_refuse (talk_t *talk, int outcome, const char *text, const char *reason)
{
    talk->trouble = outcome;
    talk_emit (talk, &(talk_event_t){.kind = TALK_REFUSAL,
                                     .notice = {.text = text, .why = reason, .outcome = outcome}});
}

const char *talk_reason (const zchat_event_t *event)
{
    return event->text && *event->text ? event->text : _ (zchat_status_text (event->status));
}

void talk_end (talk_t *talk, int status)
{
    bool told = talk->ended;
    talk->ended = true;
    talk->status = status;
    if (!told)
        talk_emit (talk, &(talk_event_t){.kind = TALK_OVER, .outcome = status});
}

void talk_not_sent (talk_t *talk, const char *user, int status, const char *why)
{
    buffer_t line = {NULL, 0, 0};
    buffer_format (&line, _ ("not sent to %s"), user);
    talk_refuse (talk, status, line.data, why);
    buffer_free (&line);
}

void talk_answer (talk_t *talk, talk_question_t question, const char *json)
{
    talk_emit (
        talk, &(talk_event_t){.kind = TALK_ANSWER, .answer = {.question = question, .json = json}});
}

/*  --- what the talk tells of itself ----------------------------------------- */

static bool take_events (talk_t *talk)
{
    zchat_client_step (talk->client);
    zchat_event_t event;
    direct_step (talk->direct, talk->client); /* the outbox may have room again  */
    talk_past_step (talk);
    for (int i = 0; i < STEP_EVENTS_MAX; i++) {
        bool refused_for_good = talk->ended && talk->status != OUTCOME_OK;
        if (refused_for_good || zchat_client_next (talk->client, &event) != ZCHAT_OK)
            return false;
        talk_happened (talk, &event);
    }
    return true;
}

bool talk_step (talk_t *talk)
{
    if (!talk->client)
        return false;
    bool more = take_events (talk);
    talk_unsent_step (talk);
    return more;
}

zchat_client_t *talk_client (talk_t *talk)
{
    return talk->client;
}

static size_t unsent_count (const talk_t *talk)
{
    size_t waiting = talk->direct ? direct_unsent (talk->direct) : 0;
    return talk->client ? zchat_client_unacknowledged (talk->client) + waiting : 0;
}

/*  Say how what is typed to this person goes.                                 */
static const char *seal_of (const talk_t *talk)
{
    people_t *people = direct_people (talk->direct);
    people_person_t person;
    size_t ours = 0;
    if (!people)
        return "PLAIN";
    if (!people_find (people, talk->query, &person))
        return "";
    for (size_t i = 0; i < person.n_keys; i++)
        ours += person.keys[i].kind == PEOPLE_KEY_OURS;
    if (person.alarm)
        return "ALARM";
    return ours == 0 ? "PLAIN" : person.verified ? "verified" : "sealed";
}

void talk_state (const talk_t *talk, talk_state_t *state)
{
    *state = (talk_state_t){
        .asks_name = talk->asks_name,
        .offline = !talk->client || !zchat_client_connected (talk->client),
        .person = *talk->query != 0,
        .name = "",
        .unsent = unsent_count (talk),
        .n_conversations = talk->n_rooms + talk->n_persons,
    };
    state->own = *talk->former ? talk->former : talk->nick;
    if (*talk->query) {
        state->name = talk->query;
        state->seal = seal_of (talk);
    } else if (talk->current < talk->n_rooms)
        state->name = talk->rooms[talk->current].name;
    state->unanswered = talk->client ? state->unsent + talk->n_requests : 0;
}

bool talk_ended (const talk_t *talk, int *status)
{
    if (talk->ended)
        *status = talk->status;
    return talk->ended;
}

/*  --- life ------------------------------------------------------------------ */

talk_t *talk_new (const talk_options_t *options)
{
    talk_t *self = memory_zero (sizeof *self);
    self->options = *options;
    self->rooms = memory_zero (ZCHAT_SESSION_ROOMS_MAX * sizeof *self->rooms);
    self->persons = memory_zero (TALK_PERSONS_MAX * sizeof *self->persons);
    direct_calls_t calls = talk_direct_calls (self);
    self->ignored = ignored_new (credentials_path ("/ignored"), options->endpoint);
    char *why = NULL;
    zchat_status_t status = direct_new (options->credentials, &calls, &self->direct, &why);
    if (status != ZCHAT_OK) {
        talk_notice (self, why);
        free (why);
        talk_end (self, OUTCOME_SYSTEM);
        return self;
    }
    if (!options->nick && options->scripted) {
        /*  A program cannot be asked: what it writes would be taken for the answer. */
        talk_notice_hint (self, _ ("a name is needed"), HINT_NAME);
        talk_end (self, OUTCOME_USAGE);
    } else if (!options->nick)
        talk_ask_name (self);
    else if (!talk_use_name (self, options->nick) && !self->ended)
        talk_ask_name (self);
    return self;
}

void talk_destroy (talk_t **talk)
{
    talk_t *self = *talk;
    if (!self)
        return;
    zchat_client_destroy (&self->client);
    direct_destroy (&self->direct);
    ignored_destroy (&self->ignored);
    for (size_t i = 0; i < self->n_rooms; i++)
        messages_destroy (&self->rooms[i].messages);
    for (size_t i = 0; i < self->n_persons; i++)
        messages_destroy (&self->persons[i].messages);
    free (self->rooms);
    free (self->persons);
    talk_past_destroy (&self->past);
    retry_destroy (&self->retry);
    unsent_file_leave (&self->unsent.file);
    free (self);
    *talk = NULL;
}

int talk_close (talk_t *talk, int status)
{
    size_t unsent = talk->client && talk->direct ? direct_unsent (talk->direct) : 0;
    unsent += talk->client ? zchat_client_close (talk->client, 0) : 0;
    char *why = NULL;
    size_t kept = talk_unsent_close (talk, &why);
    zchat_client_destroy (&talk->client);
    talk_unsent_tell (talk, unsent, kept, why);
    size_t undone = talk_undone_tell (talk);
    free (why);
    if (status != OUTCOME_OK || !talk->options.scripted)
        return status;
    if (unsent > 0 || undone > 0)
        return OUTCOME_UNREACHABLE;
    return talk->trouble;
}
