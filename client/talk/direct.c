/*  direct.c - direct messages on their way out and in */
#include "direct.h"
#include "credentials.h"
#include "i18n.h"
#include "memory.h"
#include "outcome.h"
#include <time.h>

enum {
    ASKS_MAX = 4,       /* answers to KEYS that did not help, until a message is given up */
    KEYS_AGE_MS = 60000 /* after so long the keys of somebody are asked for again */
};

/*  A message on its way out.                                                  */
typedef struct outgoing {
    struct outgoing *next;
    char *user;
    char *text;
    size_t size;
    char *data; /* or NULL                                                     */
    uint64_t mark;
    uint64_t re_ms; /* time of the message that it answers, or 0               */
    bool seal;
} outgoing_t;

/*  A message that came in. The strings of the event are owned.                */
typedef struct held {
    struct held *next;
    zchat_event_t event;
    char *room, *user, *body, *data;
} held_t;

typedef enum { ASK_NOTHING, ASK_FOR_SENDING, ASK_FOR_MAIL } ask_t;

struct direct {
    people_t *people; /* NULL where the connection is not encrypted            */
    direct_calls_t calls;
    outgoing_t *out, **out_end;
    size_t n_out, out_bytes;
    held_t *mail, **mail_end;
    size_t n_mail, mail_bytes;
    ask_t asks;             /* what the KEYS request under way is for          */
    uint64_t ask_id;        /* the id of that request                          */
    char *ask_user;         /* whose keys it asks for                          */
    int out_asks;           /* answers that came for the first message out     */
    const held_t *ask_mail; /* the message that ASK_FOR_MAIL is for; it is the first one in, unless
                               that could not wait */
    bool mail_asked;        /* the keys for the first message in were asked for and answered */
    char *self;             /* one's own name, as CONNECTED gave it            */
    uint64_t keys_ms;       /* since when what was said of keys counts; monotonic */
};

/*  --- life ------------------------------------------------------------------ */

zchat_status_t direct_new (const credentials_t *credentials, const direct_calls_t *calls,
                           direct_t **direct, char **why)
{
    people_t *people = NULL;
    *direct = NULL;
    *why = NULL;
    if (credentials) {
        char *path = credentials_path ("/known_people");
        zchat_status_t status =
            path ? people_new (path, credentials_server_key (credentials),
                               credentials_secret_key (credentials), &people, why)
                 : ZCHAT_SYSTEM;
        if (status != ZCHAT_OK) {
            const char *nowhere = _ ("there is no place for the keys of people: set HOME");
            *why = *why ? *why : memory_string (nowhere, strlen (nowhere));
        }
        free (path);
        if (status != ZCHAT_OK)
            return status;
    }
    direct_t *self = memory_zero (sizeof *self);
    self->people = people;
    self->calls = *calls;
    self->out_end = &self->out;
    self->mail_end = &self->mail;
    *direct = self;
    return ZCHAT_OK;
}

static void out_drop (direct_t *self)
{
    outgoing_t *first = self->out;
    self->out = first->next;
    if (!self->out)
        self->out_end = &self->out;
    self->n_out--;
    self->out_bytes -= first->size;
    self->out_asks = 0;
    free (first->user);
    free (first->text);
    free (first->data);
    free (first);
}

/*  Take the first message out of the queue; the caller frees it.              */
static held_t *mail_take (direct_t *self)
{
    held_t *first = self->mail;
    self->mail = first->next;
    if (!self->mail)
        self->mail_end = &self->mail;
    self->n_mail--;
    self->mail_bytes -= first->event.body_size;
    self->mail_asked = false;
    if (self->ask_mail == first)
        self->ask_mail = NULL;
    return first;
}

static void held_free (held_t *held)
{
    free (held->room);
    free (held->user);
    free (held->body);
    free (held->data);
    free (held);
}

void direct_destroy (direct_t **direct)
{
    direct_t *self = *direct;
    if (!self)
        return;
    while (self->out)
        out_drop (self);
    while (self->mail)
        held_free (mail_take (self));
    people_destroy (&self->people);
    free (self->ask_user);
    free (self->self);
    free (self);
    *direct = NULL;
}

people_t *direct_people (direct_t *direct)
{
    return direct->people;
}

size_t direct_unsent (const direct_t *direct)
{
    return direct->n_out;
}

bool direct_waiting (const direct_t *direct, size_t index, const char **user, const char **text,
                     size_t *size, uint64_t *re_ms)
{
    const outgoing_t *one = direct->out;
    while (one && index-- > 0)
        one = one->next;
    if (one) {
        *user = one->user;
        *text = one->text;
        *size = one->size;
        *re_ms = one->re_ms;
    }
    return one != NULL;
}

size_t direct_held (const direct_t *direct)
{
    return direct->n_mail;
}

/*  --- keys ------------------------------------------------------------------ */

static void trouble (direct_t *self)
{
    const char *text = people_trouble (self->people);
    if (text)
        self->calls.notice (self->calls.arg, text, HINT_NONE);
}

static bool own_device (people_t *people, const char *user, people_person_t *person)
{
    bool own = false;
    (void)people_find (people, user, person);
    for (size_t i = 0; i < person->n_keys; i++)
        own = own || person->keys[i].this_device;
    return own;
}

static void say_trust (direct_t *self, const char *user, people_news_t news, const char *text,
                       hint_t hint)
{
    if (self->calls.trust)
        self->calls.trust (self->calls.arg, user, news, text, hint);
    else
        self->calls.notice (self->calls.arg, text, hint);
}

/*  Tell that somebody has another device. It is no alarm; but who has lost a device wants to
    know what the device does.                                                 */
static void say_vouched (direct_t *self, const char *user)
{
    people_person_t person;
    buffer_t text = {NULL, 0, 0};
    const char *key = people_vouched (self->people);
    bool own = own_device (self->people, user, &person);
    if (own)
        buffer_format (&text,
                       _ ("your name has another device, %s, added by one of yours; if it is not "
                          "yours, remove its key, and the key of the device that was lost"),
                       key);
    else
        buffer_format (&text, _ ("%s has another device, %s: a key of theirs vouches for it"), user,
                       key);
    say_trust (self, user, PEOPLE_VOUCHED, text.data, own ? HINT_DEVICES : HINT_NONE);
    buffer_free (&text);
}

bool direct_keys (direct_t *self, const char *user, zchat_status_t status, const char *json)
{
    bool verified = false;
    people_news_t news = people_keys (self->people, user, status, json, &verified);
    if (news == PEOPLE_CHANGED || news == PEOPLE_GONE) {
        people_person_t person;
        buffer_t text = {NULL, 0, 0};
        bool own = own_device (self->people, user, &person);
        buffer_format (&text,
                       news == PEOPLE_GONE ? _ ("*** THE KEYS OF %s ARE GONE ***%s: %s")
                                           : _ ("*** THE KEYS OF %s HAVE CHANGED ***%s: %s"),
                       user, verified ? _ (" (they were verified)") : "",
                       people_can_text (own ? PEOPLE_ALARM_SELF : PEOPLE_ALARM));
        say_trust (self, user, news, text.data, HINT_NONE);
        buffer_free (&text);
    } else if (news == PEOPLE_VOUCHED)
        say_vouched (self, user);
    trouble (self);
    return news != PEOPLE_BAD;
}

/*  Ask for the keys of a user. False where that is not possible now, or, with *never, not at
    all.                                                                       */
static bool ask (direct_t *self, zchat_client_t *client, const char *user, ask_t what, bool *never)
{
    *never = false;
    if (self->asks != ASK_NOTHING)
        return true; /* one request at a time */
    zchat_status_t status = zchat_client_keys (client, user, &self->ask_id);
    *never = status != ZCHAT_OK && status != ZCHAT_FULL;
    if (status != ZCHAT_OK)
        return false;
    self->asks = what;
    free (self->ask_user);
    self->ask_user = memory_string (user, strlen (user));
    return true;
}

/*  Take the answer to KEYS. Where it got lost, the keys will be asked for again. */
static void answered (direct_t *self, const zchat_event_t *event)
{
    ask_t what = self->asks;
    self->asks = ASK_NOTHING;
    if (event->status == ZCHAT_UNREACHABLE || event->status == ZCHAT_CLOSING ||
        event->status == ZCHAT_SLOW)
        return;
    bool known = direct_keys (self, self->ask_user, event->status, event->json);
    if (what == ASK_FOR_MAIL) /* the first message in may be another one by now */
        self->mail_asked = self->ask_mail && self->ask_mail == self->mail;
    else if (known)
        self->out_asks++;
    else if (self->out) {
        buffer_t why = {NULL, 0, 0};
        buffer_format (&why, _ ("the broker does not tell the keys of %s: %s"), self->ask_user,
                       event->text && *event->text ? event->text
                                                   : _ (zchat_status_text (event->status)));
        self->calls.refused (self->calls.arg, self->out->mark, self->out->user, OUTCOME_REFUSED,
                             why.data);
        buffer_free (&why);
        out_drop (self);
    }
}

/*  --- out ------------------------------------------------------------------- */

static uint64_t clock_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void refuse (direct_t *self, int status, const char *why)
{
    self->calls.refused (self->calls.arg, self->out->mark, self->out->user, status, why);
    out_drop (self);
}

/*  Hand the first message to the client. False where its outbox is full.      */
static bool hand_over (direct_t *self, zchat_client_t *client, const char *sealed)
{
    outgoing_t *first = self->out;
    uint64_t id = 0;
    zchat_status_t status = zchat_client_tell_reply (
        client, first->user, first->re_ms, sealed ? sealed : first->text,
        sealed ? strlen (sealed) : first->size, sealed ? ZCHAT_SEAL_DATA : first->data, &id);
    if (status == ZCHAT_FULL)
        return false;
    if (status == ZCHAT_OK) {
        self->calls.sent (self->calls.arg, first->mark, id);
        out_drop (self);
    } else if (status == ZCHAT_LIMIT)
        refuse (self, OUTCOME_DATA, _ ("a message may have 65,536 bytes, this one has more"));
    else if (status == ZCHAT_INVALID)
        refuse (self, OUTCOME_DATA, _ ("this is not text (UTF-8 without NUL)"));
    else
        refuse (self, OUTCOME_DATA, _ (zchat_status_text (status)));
    return true;
}

/*  Let what was said of keys grow old. A connection may last for weeks: nothing may be sealed
    for keys that were removed since, and keys that were added must be noticed. */
static void keys_age (direct_t *self)
{
    uint64_t now = clock_ms (CLOCK_MONOTONIC);
    if (self->asks != ASK_NOTHING || now - self->keys_ms < KEYS_AGE_MS)
        return;
    self->keys_ms = now;
    people_stale (self->people);
}

/*  Send or refuse the first message. False where it has to wait.              */
static bool send_first (direct_t *self, zchat_client_t *client)
{
    outgoing_t *first = self->out;
    char *sealed = NULL;
    bool never, went;
    people_can_t can = PEOPLE_PLAIN_ONLY;
    if (first->seal) {
        keys_age (self);
        can = people_seal (self->people, first->user, first->text, first->size, first->data,
                           clock_ms (CLOCK_REALTIME), &sealed);
    }
    trouble (self);
    switch (can) {
    case PEOPLE_OK:
    case PEOPLE_PLAIN_ONLY: /* only somebody who never had keys is written to in plain */
        went = hand_over (self, client, can == PEOPLE_OK ? sealed : NULL);
        free (sealed);
        return went;
    case PEOPLE_ASK:
    case PEOPLE_ASK_SELF:
        if (can == PEOPLE_ASK_SELF && !self->self)
            return false; /* one's own name is known only after CONNECTED */
        if (self->out_asks < ASKS_MAX) {
            (void)ask (self, client, can == PEOPLE_ASK ? first->user : self->self, ASK_FOR_SENDING,
                       &never);
            if (!never)
                return false;
        }
        refuse (self, OUTCOME_REFUSED, _ ("it is not known which keys to seal this for"));
        return true;
    case PEOPLE_TOO_LONG:
    case PEOPLE_UNFIT:
        refuse (self, OUTCOME_DATA, people_can_text (can));
        return true;
    default:
        refuse (self, OUTCOME_REFUSED, people_can_text (can));
        return true;
    }
}

zchat_status_t direct_tell (direct_t *self, zchat_client_t *client, const char *user,
                            const char *text, size_t size, const char *data, uint64_t re_ms,
                            bool seal, uint64_t mark)
{
    if (self->n_out >= DIRECT_QUEUE_MAX ||
        (self->n_out > 0 && self->out_bytes + size > DIRECT_QUEUE_BYTES_MAX))
        return ZCHAT_FULL;
    outgoing_t *one = memory_zero (sizeof *one);
    one->user = memory_string (user, strlen (user));
    one->text = memory_string (text, size);
    one->size = size;
    one->data = data ? memory_string (data, strlen (data)) : NULL;
    one->seal = seal;
    one->mark = mark;
    one->re_ms = re_ms;
    *self->out_end = one;
    self->out_end = &one->next;
    self->n_out++;
    self->out_bytes += size;
    direct_step (self, client);
    return ZCHAT_OK;
}

/*  --- in -------------------------------------------------------------------- */

static char *copy (const char *text)
{
    return text ? memory_string (text, strlen (text)) : NULL;
}

static void hold (direct_t *self, const zchat_event_t *event)
{
    held_t *one = memory_zero (sizeof *one);
    one->event = *event;
    one->event.room = one->room = copy (event->room);
    one->event.user = one->user = copy (event->user);
    one->event.data = one->data = copy (event->data);
    one->body = memory_string (event->body, event->body_size);
    one->event.body = one->body;
    one->event.text = one->event.json = NULL;
    *self->mail_end = one;
    self->mail_end = &one->next;
    self->n_mail++;
    self->mail_bytes += event->body_size;
}

/*  Give out the first message in, unless keys have to be asked for first. `full`: it cannot wait
    any longer.                                                                */
static bool give_first (direct_t *self, zchat_client_t *client, bool full)
{
    people_opened_t opened;
    bool never = false;
    people_open (self->people, &self->mail->event, &opened);
    if (opened.seen == PEOPLE_STRANGE && !self->mail_asked && !full && opened.writer) {
        bool first_ask = self->asks == ASK_NOTHING;
        if (ask (self, client, opened.writer, ASK_FOR_MAIL, &never) && first_ask)
            self->ask_mail = self->mail;
        if (!never) {
            people_opened_clear (&opened);
            return false;
        }
    }
    held_t *first = mail_take (self);
    self->calls.mail (self->calls.arg, &first->event, &opened);
    people_opened_clear (&opened);
    held_free (first);
    return true;
}

void direct_step (direct_t *self, zchat_client_t *client)
{
    while (self->n_mail > DIRECT_QUEUE_MAX ||
           (self->n_mail > 1 && self->mail_bytes > DIRECT_QUEUE_BYTES_MAX))
        (void)give_first (self, client, true);
    while (self->mail && give_first (self, client, false))
        continue;
    while (self->out && send_first (self, client))
        continue;
}

bool direct_event (direct_t *self, zchat_client_t *client, const zchat_event_t *event)
{
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        if (event->user) {
            free (self->self);
            self->self = copy (event->user);
            people_self (self->people, event->user);
            self->keys_ms = clock_ms (CLOCK_MONOTONIC);
            trouble (self);
        }
        return false;
    case ZCHAT_EVENT_REPLY:
        if (self->asks == ASK_NOTHING || event->id != self->ask_id)
            return false;
        answered (self, event);
        break;
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_HISTORY:
        if (event->type != ZCHAT_TYPE_TELL && event->type != ZCHAT_TYPE_TOLD)
            return false;
        hold (self, event);
        break;
    default:
        return false;
    }
    direct_step (self, client);
    return true;
}
