/*  people.c - the people one knows, by which keys, and what may be sealed for them */
#include "i18n.h"
#include "memory.h"
#include "people_private.h"
#include <errno.h>
#include <sodium.h>

static person_t *find (const people_t *self, const char *user)
{
    name_keys_t names;
    return people_names (user, &names) ? persons_find (&self->persons, &names) : NULL;
}

/*  --- life ------------------------------------------------------------------  */

zchat_status_t people_new (const char *path, const uint8_t broker_key[ZCHAT_KEY_SIZE],
                           const uint8_t secret_key[ZCHAT_KEY_SIZE], people_t **people, char **why)
{
    people_t *self = memory_zero (sizeof *self);
    self->path = memory_string (path, strlen (path));
    address_key_encode (broker_key, self->broker);
    memcpy (self->broker_key, broker_key, sizeof self->broker_key);
    memcpy (self->secret_key, secret_key, sizeof self->secret_key);
    crypto_scalarmult_base (self->public_key, secret_key);
    zchat_status_t status = people_read (self);
    if (status == ZCHAT_OK)
        *people = self;
    else {
        if (asprintf (why, _ ("%s cannot be read: %s"), path, strerror (errno)) < 0)
            memory_check (NULL);
        people_destroy (&self);
    }
    return status;
}

void people_destroy (people_t **people)
{
    if (*people) {
        people_t *self = *people;
        persons_clear (&self->persons);
        sodium_memzero (self->secret_key, sizeof self->secret_key);
        free (self->path);
        free (self->self);
        free (self->kept);
        free (self);
        *people = NULL;
    }
}

const char *people_trouble (people_t *people)
{
    if (!people || !*people->trouble)
        return NULL;
    memcpy (people->told, people->trouble, sizeof people->told);
    *people->trouble = '\0';
    return people->told;
}

void people_self (people_t *people, const char *user)
{
    if (!people)
        return;
    free (people->self);
    people->self = memory_string (user, strlen (user));
    people_stale (people);
    *people->shown = '\0';
}

void people_stale (people_t *people)
{
    for (size_t i = 0; people && i < people->persons.count; i++)
        people->persons.list[i]->asked = false;
}

bool people_find (people_t *people, const char *user, people_person_t *person)
{
    *person = (people_person_t){0};
    if (!people)
        return false;
    people_refresh (people);
    const person_t *found = find (people, user);
    if (!found)
        return false;
    person->user = found->user;
    person->since_ms = found->since_ms;
    person->verified = found->verified;
    person->alarm = found->alarm;
    person->asked = found->asked;
    person->n_keys = found->n_keys;
    for (size_t i = 0; i < found->n_keys; i++) {
        people_key_t *key = &person->keys[i];
        key->kind = found->keys[i].kind;
        key->this_device =
            memcmp (found->keys[i].key, people->public_key, sizeof people->public_key) == 0;
        address_key_encode (found->keys[i].key, key->text);
    }
    return true;
}

/*  --- sending ---------------------------------------------------------------  */

const char *people_can_text (people_can_t can)
{
    static const char *const texts[] = {
        [PEOPLE_OK] = N_ ("sealed"),
        [PEOPLE_ASK] = N_ ("their keys are not known yet"),
        [PEOPLE_ASK_SELF] = N_ ("your own keys are not known yet"),
        [PEOPLE_PLAIN_ONLY] = N_ ("they have no keys: the broker can read what you send them"),
        [PEOPLE_ALARM] = N_ ("their keys have changed: nothing is sent until you /verify them"),
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma)
        [PEOPLE_ALARM_SELF] =
            N_ ("your name has a key this device does not know; if it is of another "
                "device of yours, /verify your own name"),
        [PEOPLE_NOT_MINE] =
            N_ ("the key of this device does not belong to your name; add it from a "
                "device whose key does"),
        [PEOPLE_TOO_LONG] = N_ ("too long to be sealed"),
        [PEOPLE_UNFIT] = N_ ("this cannot be sealed"),
        [PEOPLE_NOT_SHOWN] =
            N_ ("the fingerprint of these keys was not shown yet: /verify without yes shows it"),
    };
    return _ ((size_t)can < sizeof texts / sizeof *texts ? texts[can] : texts[PEOPLE_UNFIT]);
}

/*  Say whether one's own name allows sealing.                                 */
static people_can_t self_can (const people_t *self, person_t **own)
{
    *own = find (self, self->self);
    if (!*own || !(*own)->asked)
        return PEOPLE_ASK_SELF;
    if ((*own)->alarm)
        return PEOPLE_ALARM_SELF;
    const person_key_t *key = person_key (*own, self->public_key);
    return key && key->kind == PEOPLE_KEY_OURS ? PEOPLE_OK : PEOPLE_NOT_MINE;
}

/*  Append the person's keys of a kind to the list, and return its new count.  */
static size_t keys_list (const person_t *person, people_key_kind_t kind,
                         uint8_t (*keys)[ZCHAT_KEY_SIZE], size_t count)
{
    for (size_t i = 0; i < person->n_keys && count < ZCHAT_SEAL_KEYS_MAX; i++)
        if (person->keys[i].kind == kind)
            memcpy (keys[count++], person->keys[i].key, ZCHAT_KEY_SIZE);
    return count;
}

people_can_t people_seal (people_t *people, const char *user, const char *text, size_t size,
                          const char *data, uint64_t now, char **body)
{
    uint8_t keys[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
    person_t *own;
    *body = NULL;
    if (!people)
        return PEOPLE_PLAIN_ONLY;
    people_refresh (people);
    const person_t *person = find (people, user);
    if (!person || !person->asked)
        return PEOPLE_ASK;
    if (person->alarm)
        return PEOPLE_ALARM;
    if (person_count (person, PEOPLE_KEY_OURS) == 0)
        return PEOPLE_PLAIN_ONLY;
    people_can_t can = self_can (people, &own);
    if (can != PEOPLE_OK)
        return can;
    size_t n_keys = keys_list (person, PEOPLE_KEY_OURS, keys, 0);
    n_keys = keys_list (own, PEOPLE_KEY_OURS, keys, n_keys);
    zchat_sealed_t plain = {.from = people->self,
                            .to = person->user,
                            .time_ms = now,
                            .body = text,
                            .body_size = size,
                            .data = data};
    zchat_status_t status = zchat_seal (&plain, people->secret_key,
                                        (const uint8_t (*)[ZCHAT_KEY_SIZE])keys, n_keys, body);
    if (status == ZCHAT_OK)
        return PEOPLE_OK;
    return status == ZCHAT_LIMIT ? PEOPLE_TOO_LONG : PEOPLE_UNFIT;
}

/*  --- receiving -------------------------------------------------------------  */

static people_seen_t seen_by_key (people_t *self, person_t *writer, const uint8_t *key, bool own)
{
    const person_key_t *known = writer ? person_key (writer, key) : NULL;
    if (own && memcmp (key, self->public_key, ADDRESS_KEY_SIZE) == 0)
        return PEOPLE_SEALED;
    if (!known)
        return PEOPLE_STRANGE;
    return known->kind == PEOPLE_KEY_OURS    ? PEOPLE_SEALED
           : known->kind == PEOPLE_KEY_FRESH ? PEOPLE_SEALED_FRESH
                                             : PEOPLE_SEALED_FORMER;
}

/*  Judge a message that could be opened.                                      */
static void seen_judge (people_t *self, const zchat_event_t *event, const zchat_sealed_t *plain,
                        people_opened_t *opened)
{
    bool told = event->type == ZCHAT_TYPE_TOLD;
    const char *from = told ? self->self : event->user, *to = told ? event->user : self->self;
    const person_t *user = find (self, event->user);
    uint64_t apart = plain->time_ms > event->time_ms ? plain->time_ms - event->time_ms
                                                     : event->time_ms - plain->time_ms;
    opened->writer = from;
    opened->time_ms = plain->time_ms;
    opened->time_far = apart >= PEOPLE_TIME_FAR_MS;
    opened->seen = people_same_name (plain->from, from) && people_same_name (plain->to, to)
                       ? seen_by_key (self, find (self, from), plain->sender, told)
                       : PEOPLE_MISLED;
    if (opened->seen == PEOPLE_STRANGE || opened->seen == PEOPLE_MISLED)
        return;
    opened->verified = opened->seen == PEOPLE_SEALED && user && user->verified;
    opened->body = plain->body;
    opened->body_size = plain->body_size;
    opened->data = plain->data;
}

/*  True where the user has keys, as far as is known. Somebody whose keys are gone counts as one
    who has, until that is accepted.                                           */
static bool has_keys (const person_t *person)
{
    return person && (person->alarm || person_count (person, PEOPLE_KEY_FORMER) < person->n_keys);
}

void people_open (people_t *people, const zchat_event_t *event, people_opened_t *opened)
{
    *opened = (people_opened_t){.seen = PEOPLE_PLAIN,
                                .time_ms = event->time_ms,
                                .body = event->body,
                                .body_size = event->body_size,
                                .data = event->data};
    if (event->type != ZCHAT_TYPE_TELL && event->type != ZCHAT_TYPE_TOLD)
        return;
    if (people)
        people_refresh (people);
    if (!zchat_is_sealed (event->data)) {
        if (people && has_keys (find (people, event->user)))
            opened->seen = PEOPLE_UNSEALED;
        return;
    }
    *opened = (people_opened_t){.seen = PEOPLE_SHUT, .time_ms = event->time_ms};
    if (people && event->body &&
        zchat_unseal (event->body, event->body_size, people->secret_key, &opened->own) == ZCHAT_OK)
        seen_judge (people, event, opened->own, opened);
}

void people_opened_clear (people_opened_t *opened)
{
    zchat_sealed_destroy (&opened->own);
    *opened = (people_opened_t){.seen = PEOPLE_SHUT};
}

/*  --- verifying -------------------------------------------------------------  */

static people_can_t fingerprint (const people_t *self, const person_t *person,
                                 char text[ZCHAT_FINGERPRINT_SIZE])
{
    uint8_t theirs[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE], ours[ZCHAT_SEAL_KEYS_MAX][ZCHAT_KEY_SIZE];
    person_t *own;
    if (!person || !person->asked)
        return PEOPLE_ASK;
    size_t n_theirs = keys_list (person, PEOPLE_KEY_OURS, theirs, 0);
    n_theirs = keys_list (person, PEOPLE_KEY_FRESH, theirs, n_theirs);
    if (n_theirs == 0)
        return PEOPLE_PLAIN_ONLY;
    people_can_t can = self_can (self, &own);
    if (can != PEOPLE_OK)
        return can;
    size_t n_ours = keys_list (own, PEOPLE_KEY_OURS, ours, 0);
    return zchat_fingerprint (self->self, (const uint8_t (*)[ZCHAT_KEY_SIZE])ours, n_ours,
                              person->user, (const uint8_t (*)[ZCHAT_KEY_SIZE])theirs, n_theirs,
                              text) == ZCHAT_OK
               ? PEOPLE_OK
               : PEOPLE_UNFIT;
}

people_can_t people_fingerprint (people_t *people, const char *user,
                                 char text[ZCHAT_FINGERPRINT_SIZE])
{
    if (!people)
        return PEOPLE_PLAIN_ONLY;
    people_refresh (people);
    people_can_t can = fingerprint (people, find (people, user), text);
    snprintf (people->shown, sizeof people->shown, "%s", can == PEOPLE_OK ? text : "");
    return can;
}

static people_can_t accept (people_t *self, person_t *person, bool verified)
{
    char text[ZCHAT_FINGERPRINT_SIZE];
    if (!person || !person->asked)
        return PEOPLE_ASK;
    bool any = person_count (person, PEOPLE_KEY_FORMER) < person->n_keys;
    if (people_is_self (self, &person->names))
        verified = false;
    if (verified && any) {
        people_can_t can = fingerprint (self, person, text);
        if (can != PEOPLE_OK)
            return can;
        if (strcmp (text, self->shown) != 0)
            return PEOPLE_NOT_SHOWN;
        person->verified = true;
    }
    for (size_t i = 0; i < person->n_keys; i++)
        if (person->keys[i].kind == PEOPLE_KEY_FRESH)
            person->keys[i].kind = PEOPLE_KEY_OURS;
    person->alarm = false;
    *self->shown = '\0';
    if (person->n_keys > 0) {
        person->unsaved = true;
        people_write (self);
    }
    return any ? PEOPLE_OK : PEOPLE_PLAIN_ONLY;
}

people_can_t people_accept (people_t *people, const char *user, bool verified)
{
    if (!people)
        return PEOPLE_PLAIN_ONLY;
    int lock = people_lock (people);
    people_refresh (people);
    people_can_t can = accept (people, find (people, user), verified);
    people_unlock (lock);
    return can;
}
