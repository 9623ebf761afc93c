/*  people_keys.c - what a broker says of somebody's keys, and what was known of them */
#include "i18n.h"
#include "memory.h"
#include "people_private.h"
#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <time.h>

_Static_assert(PEOPLE_KEYS_MAX >= 2 * ZCHAT_NAME_KEYS_MAX, "a name's keys, and as many former");
_Static_assert(ZCHAT_SEAL_KEYS_MAX >= 2 * ZCHAT_NAME_KEYS_MAX, "those of two people");

bool people_names (const char *user, name_keys_t *names)
{
    return user && name_check (frame_str (user), names, NULL) == ZCHAT_OK;
}

bool people_same_name (const char *a, const char *b)
{
    name_keys_t names_a, names_b;
    return people_names (a, &names_a) && people_names (b, &names_b) &&
           name_same (&names_a, &names_b);
}

bool people_is_self (const people_t *self, const name_keys_t *names)
{
    name_keys_t own;
    return people_names (self->self, &own) && name_same (&own, names);
}

void people_refresh (people_t *self)
{
    if (people_read (self) != ZCHAT_OK)
        people_say (self, _ ("%s cannot be read: %s"), self->path, strerror (errno));
}

person_key_t *person_key (person_t *person, const uint8_t key[ADDRESS_KEY_SIZE])
{
    for (size_t i = 0; i < person->n_keys; i++)
        if (memcmp (person->keys[i].key, key, ADDRESS_KEY_SIZE) == 0)
            return &person->keys[i];
    return NULL;
}

size_t person_count (const person_t *person, people_key_kind_t kind)
{
    size_t count = 0;
    for (size_t i = 0; i < person->n_keys; i++)
        count += person->keys[i].kind == kind;
    return count;
}

static uint64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void key_drop (person_t *person, size_t index)
{
    memmove (person->keys + index, person->keys + index + 1,
             (--person->n_keys - index) * sizeof *person->keys);
}

/*  Add a key. Where there is no space, the oldest former key gives way; of the others there are
    at most ZCHAT_NAME_KEYS_MAX.                                               */
static void key_add (person_t *person, const uint8_t key[ADDRESS_KEY_SIZE], people_key_kind_t kind)
{
    for (size_t i = 0; person->n_keys == PEOPLE_KEYS_MAX && i < PEOPLE_KEYS_MAX; i++)
        if (person->keys[i].kind == PEOPLE_KEY_FORMER) {
            key_drop (person, i);
            break;
        }
    assert (person->n_keys < PEOPLE_KEYS_MAX);
    person_key_t *added = &person->keys[person->n_keys++];
    memcpy (added->key, key, ADDRESS_KEY_SIZE);
    added->kind = kind;
}

static person_t *person_new (people_t *self, const char *user, const name_keys_t *names)
{
    person_t *person = persons_add (&self->persons, user, names);
    if (person)
        person->since_ms = now_ms ();
    else
        people_say (self, _ ("%s names %d people, more are not remembered: remove some lines"),
                    self->path, PEOPLE_MAX);
    return person;
}

typedef struct {
    uint8_t keys[ZCHAT_NAME_KEYS_MAX][ADDRESS_KEY_SIZE];
    char vouches[ZCHAT_NAME_KEYS_MAX][ZCHAT_VOUCH_TEXT + 1]; /* for each key; "": there is none */
    size_t count;
    char user[ZCHAT_NAME_MAX + 1]; /* as the broker spells it                  */
} answer_t;

static bool answer_has (const answer_t *answer, const uint8_t key[ADDRESS_KEY_SIZE])
{
    for (size_t i = 0; i < answer->count; i++)
        if (memcmp (answer->keys[i], key, ADDRESS_KEY_SIZE) == 0)
            return true;
    return false;
}

/*  Read the answer. False where it is no reply to KEYS of the user.           */
static bool answer_read (const char *user, const char *json, answer_t *answer)
{
    json_t *object = json ? json_loads (json, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *spelt = json_string_value (json_object_get (object, "user"));
    const json_t *keys = json_object_get (object, "keys");
    const json_t *vouches = json_object_get (object, "vouches");
    bool good = json_is_array (keys) && json_array_size (keys) <= ZCHAT_NAME_KEYS_MAX &&
                people_same_name (spelt, user);
    for (size_t i = 0; good && i < json_array_size (keys); i++) {
        const char *text = json_string_value (json_array_get (keys, i));
        uint8_t key[ADDRESS_KEY_SIZE];
        good = text && address_key_decode (frame_str (text), key, NULL) == ZCHAT_OK;
        if (good && !answer_has (answer, key)) {
            const char *vouch = json_string_value (json_object_get (vouches, text));
            snprintf (answer->vouches[answer->count], sizeof *answer->vouches, "%s",
                      vouch && strlen (vouch) == ZCHAT_VOUCH_TEXT ? vouch : "");
            memcpy (answer->keys[answer->count++], key, sizeof key);
        }
    }
    if (good)
        snprintf (answer->user, sizeof answer->user, "%s", spelt);
    json_decref (object);
    return good;
}

/*  True where a key of theirs vouches for a key that was never seen. The vouching key must be
    one they have now: somebody who lost a device and removed its key must not be bound by what a
    thief says with it. And a key that they removed does not come back by a vouch that was once
    given for it, which the broker still has. The name is the one under which the person was
    first met, whatever looks the same to the broker.                          */
static bool vouched (const people_t *self, person_t *person, const answer_t *answer, size_t index)
{
    uint8_t by[ADDRESS_KEY_SIZE];
    if (!*answer->vouches[index] || person_key (person, answer->keys[index]) ||
        zchat_vouch_check (answer->vouches[index], self->broker_key, person->user,
                           answer->keys[index], now_ms (), by) != ZCHAT_OK)
        return false;
    const person_key_t *signer = person_key (person, by);
    return signer && signer->kind == PEOPLE_KEY_OURS;
}

/*  Take in the keys that are vouched for, also by a key that was just taken in so. True where
    there were any.                                                            */
static bool keys_vouched (people_t *self, person_t *person, const answer_t *answer)
{
    bool any = false, more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < answer->count; i++)
            if (vouched (self, person, answer, i)) {
                key_add (person, answer->keys[i], PEOPLE_KEY_OURS);
                address_key_encode (answer->keys[i], self->vouched);
                any = more = true;
            }
    }
    return any;
}

/*  Compare the answer with the keys that are known. *changed: the file is out of date. */
static people_news_t keys_compare (people_t *self, person_t *person, const answer_t *answer,
                                   bool own, bool *changed)
{
    size_t had = person->n_keys - person_count (person, PEOPLE_KEY_FORMER);
    bool alarm = false;
    for (size_t i = person->n_keys; i-- > 0;) {
        person_key_t *key = &person->keys[i];
        bool is = answer_has (answer, key->key);
        if (is == (key->kind != PEOPLE_KEY_FORMER))
            continue;
        *changed = true;
        alarm = alarm || is;
        if (!is && key->kind == PEOPLE_KEY_FRESH)
            key_drop (person, i);
        else
            key->kind = is ? PEOPLE_KEY_FRESH : PEOPLE_KEY_FORMER;
    }
    bool joined = keys_vouched (self, person, answer);
    *changed = *changed || joined;
    for (size_t i = 0; i < answer->count; i++)
        if (!person_key (person, answer->keys[i])) {
            key_add (person, answer->keys[i], PEOPLE_KEY_FRESH);
            *changed = alarm = true;
        }
    bool gone = answer->count == 0 && had > 0 && !own;
    if (alarm || gone) {
        person->alarm = true;
        person->verified = false;
    }
    if (answer->count == 0)
        return gone ? PEOPLE_GONE : person->alarm ? PEOPLE_SAME : PEOPLE_NONE;
    if (alarm)
        return PEOPLE_CHANGED;
    return joined ? PEOPLE_VOUCHED : PEOPLE_SAME;
}

/*  Put this device's key among those of one's own name; it is known, whatever the broker says.
    Where it was not among them, the name was not one's own, and nor were the keys that had been
    accepted for it. True where that raises an alarm.                          */
static bool own_begin (const people_t *self, person_t *person, bool *changed)
{
    person_key_t *key = person_key (person, self->public_key);
    bool raised = false;
    *changed = !key || key->kind != PEOPLE_KEY_OURS;
    if (key)
        key->kind = PEOPLE_KEY_OURS;
    else {
        for (size_t i = 0; i < person->n_keys; i++)
            if (person->keys[i].kind == PEOPLE_KEY_OURS) {
                person->keys[i].kind = PEOPLE_KEY_FRESH;
                raised = person->alarm = true;
            }
        key_add (person, self->public_key, PEOPLE_KEY_OURS);
    }
    person->verified = false;
    return raised;
}

static people_news_t own_compare (people_t *self, person_t *person, const answer_t *answer,
                                  bool *changed)
{
    bool raised = own_begin (self, person, changed);
    people_news_t news = keys_compare (self, person, answer, true, changed);
    return raised && (news == PEOPLE_SAME || news == PEOPLE_VOUCHED) ? PEOPLE_CHANGED : news;
}

static people_news_t keys_take (people_t *self, const answer_t *answer, bool *was_verified)
{
    name_keys_t names;
    bool changed = false;
    people_news_t news = PEOPLE_NEW;
    if (!people_names (answer->user, &names))
        return PEOPLE_BAD;
    bool own = people_is_self (self, &names);
    person_t *person = persons_find (&self->persons, &names);
    if (!person && !(person = person_new (self, answer->user, &names)))
        return PEOPLE_BAD;
    *was_verified = person->verified;
    person->asked = true;
    if (own)
        news = own_compare (self, person, answer, &changed);
    else if (person->n_keys > 0)
        news = keys_compare (self, person, answer, own, &changed);
    else if (answer->count > 0) {
        for (size_t i = 0; i < answer->count; i++)
            key_add (person, answer->keys[i], PEOPLE_KEY_OURS);
        changed = true;
    } else
        news = PEOPLE_NONE;
    if (changed) {
        person->unsaved = true;
        people_write (self);
    }
    return news;
}

static void own_take (people_t *self, const uint8_t key[ADDRESS_KEY_SIZE])
{
    name_keys_t names;
    bool changed;
    if (!people_names (self->self, &names))
        return;
    person_t *person = persons_find (&self->persons, &names);
    if (!person && !(person = person_new (self, self->self, &names)))
        return;
    /*  Where a broker says OK to any number of keys, those that no reply to KEYS has put away
        yet fill the list. A key that is not remembered here will be an alarm. */
    if (person->n_keys - person_count (person, PEOPLE_KEY_FORMER) >= PEOPLE_KEYS_MAX - 2)
        return;
    (void)own_begin (self, person, &changed);
    person_key_t *known = person_key (person, key);
    bool raised = known && known->kind == PEOPLE_KEY_FRESH;
    if (known)
        known->kind = PEOPLE_KEY_OURS;
    else
        key_add (person, key, PEOPLE_KEY_OURS);
    if (raised && person_count (person, PEOPLE_KEY_FRESH) == 0)
        person->alarm = false;
    person->unsaved = true;
    people_write (self);
}

const char *people_vouched (const people_t *people)
{
    return people ? people->vouched : "";
}

void people_own_key (people_t *people, const uint8_t key[ADDRESS_KEY_SIZE])
{
    if (!people)
        return;
    int lock = people_lock (people);
    people_refresh (people);
    own_take (people, key);
    people_unlock (lock);
}

people_news_t people_keys (people_t *people, const char *user, zchat_status_t status,
                           const char *json, bool *was_verified)
{
    answer_t answer = {.count = 0};
    name_keys_t names;
    bool was = false;
    people_news_t news = PEOPLE_BAD;
    if (!people)
        return PEOPLE_NONE;
    if (!people_names (user, &names) || (status != ZCHAT_OK && status != ZCHAT_NOBODY))
        return PEOPLE_BAD;
    if (status == ZCHAT_NOBODY)
        snprintf (answer.user, sizeof answer.user, "%s", user);
    if (status == ZCHAT_NOBODY || answer_read (user, json, &answer)) {
        int lock = people_lock (people);
        people_refresh (people);
        news = keys_take (people, &answer, &was);
        people_unlock (lock);
    }
    if (was_verified)
        *was_verified = was;
    return news;
}
