/*  people.c - who has a connection, and who is let go                          */
#include "memory.h"
#include "people_private.h"
#include <pthread.h>
#include <sodium.h>
#include <unistd.h>

enum { CLOSE_MS = 1000, TICK_MS = 500, EVENTS_AT_ONCE = 256, BYTES_AT_ONCE = 1048576 };

/*  How many clients are being closed, by threads of their own.                */
static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_closed = PTHREAD_COND_INITIALIZER;
static size_t s_closing;

static void *close_run (void *arg)
{
    zchat_client_t *client = arg;

    (void)zchat_client_close (client, CLOSE_MS);
    zchat_client_destroy (&client);
    pthread_mutex_lock (&s_lock);
    s_closing--;
    pthread_cond_signal (&s_closed);
    pthread_mutex_unlock (&s_lock);
    return NULL;
}

/*  Say BYE on a thread of its own: it waits for an answer, and nobody else is to.  */
static void client_close (zchat_client_t *client)
{
    pthread_t thread;

    pthread_mutex_lock (&s_lock);
    s_closing++;
    pthread_mutex_unlock (&s_lock);
    if (pthread_create (&thread, NULL, close_run, client) == 0)
        pthread_detach (thread);
    else
        close_run (client);
}

/*  --- a person ---------------------------------------------------------------- */

static void person_destroy (person_t *self, bool refused)
{
    hub_t *hub, *next_hub;
    turn_t *turn, *next_turn;

    HASH_ITER (hh, self->hubs, hub, next_hub)
    hub_destroy (hub);
    DL_FOREACH_SAFE (self->turns, turn, next_turn)
    {
        DL_DELETE (self->turns, turn);
        free (turn);
    }
    HASH_CLEAR (hh, self->waiters);
    if (refused)
        zchat_client_destroy (&self->client);
    else
        client_close (self->client);
    free (self->text);
    free (self->user);
    free (self->log);
    free (self->server);
    free (self);
}

static zchat_status_t person_new (people_t *people, const char *name, const char *token,
                                  person_t **person, const char **why)
{
    const zchat_options_t options = {.endpoint = people->options->endpoint,
                                     .feed = people->options->feed,
                                     .agent = people->options->agent,
                                     .user = name,
                                     .token = token};
    person_t *self = memory_zero (sizeof *self);
    zchat_status_t status = zchat_client_new (&options, &self->client, why);

    if (status != ZCHAT_OK) {
        free (self);
        return status;
    }
    self->people = people;
    self->guest = !name;
    self->failing = true;
    self->status = ZCHAT_UNREACHABLE;
    self->text = memory_string ("the broker has not answered yet", 31);
    self->user = memory_string ("", 0);
    self->log = memory_string ("", 0);
    self->server = memory_string ("", 0);
    self->idle_ms = people->now_ms;
    *person = self;
    return ZCHAT_OK;
}

void person_hold (person_t *self)
{
    self->holds++;
}

void person_release (person_t *self)
{
    self->holds--;
    self->idle_ms = self->people->now_ms;
}

zchat_client_t *person_client (person_t *self)
{
    return self->client;
}

void person_state (const person_t *self, person_state_t *state)
{
    *state = (person_state_t){.connected = self->connected,
                              .proven = self->proven,
                              .admin = self->admin,
                              .user = self->user,
                              .log = self->log,
                              .server = self->server,
                              .failing = self->failing,
                              .status = self->status,
                              .text = self->text,
                              .wait_ms = self->wait_ms};
}

/*  --- all ------------------------------------------------------------------------ */

zchat_status_t people_new (const people_options_t *options, uint64_t now_ms, people_t **people,
                           const char **why)
{
    people_t *self = memory_zero (sizeof *self);
    zchat_status_t status;

    self->options = options;
    self->now_ms = now_ms;
    status = person_new (self, NULL, NULL, &self->guests[0], why);
    if (status != ZCHAT_OK) {
        free (self);
        return status;
    }
    self->guests[0]->holds = 1;
    self->n_guests = 1;
    *people = self;
    return ZCHAT_OK;
}

void people_destroy (people_t **people)
{
    people_t *self = *people;
    person_t *person, *next;
    struct timespec until;

    if (!self)
        return;
    HASH_ITER (hh, self->all, person, next)
    {
        HASH_DEL (self->all, person);
        person_destroy (person, person->ended);
    }
    for (size_t i = 0; i < self->n_guests; i++)
        person_destroy (self->guests[i], self->guests[i]->ended);
    free (self);
    *people = NULL;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    pthread_mutex_lock (&s_lock);
    while (s_closing && pthread_cond_timedwait (&s_closed, &s_lock, &until) == 0)
        continue;
    pthread_mutex_unlock (&s_lock);
}

person_t *people_guest (people_t *self)
{
    return self->guests[0];
}

person_t *people_guest_of (people_t *self, const char *const rooms[], size_t count)
{
    person_t *fresh;

    for (size_t i = 0; i < self->n_guests; i++) {
        person_t *guest = self->guests[i];
        size_t wanted = HASH_COUNT (guest->hubs);
        for (size_t k = 0; k < count; k++)
            wanted += !person_reads (guest, rooms[k]);
        if (wanted <= ZCHAT_SESSION_ROOMS_MAX)
            return guest;
    }
    if (self->n_guests == ZCHAT_WEB_GUESTS ||
        person_new (self, NULL, NULL, &fresh, NULL) != ZCHAT_OK)
        return self->guests[0];
    self->guests[self->n_guests++] = fresh;
    return fresh;
}

/*  Take one out of a bucket of new connections. False where it is empty.      */
static bool people_may (people_t *self)
{
    uint64_t full = self->full_ms > self->now_ms ? self->full_ms : self->now_ms;

    if (full - self->now_ms > (uint64_t)(ZCHAT_WEB_PEOPLE - 1) * ZCHAT_WEB_PEOPLE_MS)
        return false;
    self->full_ms = full + ZCHAT_WEB_PEOPLE_MS;
    return true;
}

/*  Make place where there is none: who is idle for longest is let go. False where nobody is. */
static bool people_room (people_t *self)
{
    person_t *person, *next, *oldest = NULL;

    if (HASH_COUNT (self->all) < ZCHAT_WEB_PEOPLE_MAX)
        return true;
    HASH_ITER (hh, self->all, person, next)
    if (!person->holds && (!oldest || person->idle_ms < oldest->idle_ms))
        oldest = person;
    if (!oldest)
        return false;
    HASH_DEL (self->all, oldest);
    person_destroy (oldest, oldest->ended);
    return true;
}

zchat_status_t people_find (people_t *self, const credential_t *credential, person_t **person,
                            const char **text)
{
    uint8_t key[PEOPLE_KEY_SIZE];
    crypto_generichash_state state;
    zchat_status_t status;
    char composed[ZCHAT_NAME_MAX], name[ZCHAT_NAME_MAX + 1];
    person_t *found = NULL;

    if (!*credential->name) {
        *person = self->guests[0];
        *text = self->guests[0]->text;
        return self->guests[0]->ended ? self->guests[0]->status : ZCHAT_OK;
    }
    frame_t made = name_compose (frame_str (credential->name), composed);
    if (name_check (made, NULL, text) != ZCHAT_OK)
        return ZCHAT_NAME;
    memcpy (name, made.data, made.size);
    name[made.size] = '\0';
    *text = "this door wants a token of 64 hex digits for every name";
    if (!credential->proves && !self->options->free_names)
        return ZCHAT_TOKEN;
    crypto_generichash_init (&state, NULL, 0, sizeof key);
    crypto_generichash_update (&state, (const uint8_t *)name, made.size + 1);
    crypto_generichash_update (&state, (const uint8_t *)credential->secret,
                               strlen (credential->secret));
    crypto_generichash_final (&state, key, sizeof key);
    HASH_FIND (hh, self->all, key, sizeof key, found);
    if (found) {
        *person = found;
        *text = found->text;
        return found->ended ? found->status : ZCHAT_OK;
    }
    *text = "too many names at once here; try again in a moment";
    if (!people_may (self) || !people_room (self))
        return ZCHAT_FULL;
    status = person_new (self, name, credential->proves ? credential->secret : NULL, &found, text);
    if (status != ZCHAT_OK)
        return status;
    memcpy (found->key, key, sizeof key);
    HASH_ADD (hh, self->all, key, sizeof found->key, found);
    *person = found;
    return ZCHAT_OK;
}

/*  --- the loop ------------------------------------------------------------------- */

size_t people_count (const people_t *self)
{
    return self->n_guests + HASH_COUNT (self->all);
}

size_t people_items (const people_t *self, struct pollfd *items)
{
    size_t count = 0;

    for (; count < self->n_guests; count++)
        items[count] =
            (struct pollfd){.fd = zchat_client_fd (self->guests[count]->client), .events = POLLIN};
    for (const person_t *person = self->all; person; person = person->hh.next)
        items[count++] = (struct pollfd){.fd = zchat_client_fd (person->client), .events = POLLIN};
    return count;
}

static int person_timeout (const person_t *self)
{
    return self->behind ? 0 : zchat_client_timeout (self->client);
}

int people_timeout (const people_t *self)
{
    int least = TICK_MS, own;

    for (size_t i = 0; i < self->n_guests; i++) {
        own = person_timeout (self->guests[i]);
        least = own < least ? own : least;
    }
    for (const person_t *person = self->all; person; person = person->hh.next) {
        own = person_timeout (person);
        least = own < least ? own : least;
    }
    return least;
}

static void person_step (person_t *self)
{
    zchat_event_t event;
    size_t bytes = 0;
    int count = 0;

    /*  Little at once: the readers of a room have to keep up with its ring.   */
    zchat_client_step (self->client);
    self->behind = true;
    while (count++ < EVENTS_AT_ONCE && bytes < BYTES_AT_ONCE && self->behind) {
        self->behind = zchat_client_next (self->client, &event) == ZCHAT_OK;
        if (self->behind) {
            bytes += event.body_size;
            person_take (self, &event);
        }
    }
    person_pages (self);
    person_hubs_idle (self);
}

/*  True where nobody uses a person, and has not for so long that they are let go. */
static bool person_over (const person_t *self, uint64_t now_ms)
{
    return !self->holds && (self->ended ? now_ms - self->ended_ms > ZCHAT_WEB_REFUSED_MS
                                        : now_ms - self->idle_ms > ZCHAT_WEB_IDLE_MS);
}

/*  Step the guests. The first are always there: where they were refused they are tried again, once
    nobody waits for what became of that. The others go as they came.          */
static void guests_step (people_t *self)
{
    person_t *first = self->guests[0], *fresh;

    for (size_t i = 0; i < self->n_guests; i++)
        person_step (self->guests[i]);
    for (size_t i = self->n_guests - 1; i > 0; i--)
        if (person_over (self->guests[i], self->now_ms)) {
            person_destroy (self->guests[i], self->guests[i]->ended);
            self->guests[i] = self->guests[--self->n_guests];
        }
    if (first->ended && first->holds == 1 &&
        self->now_ms - first->ended_ms > ZCHAT_WEB_REFUSED_MS &&
        person_new (self, NULL, NULL, &fresh, NULL) == ZCHAT_OK) {
        person_destroy (first, true);
        self->guests[0] = fresh;
        fresh->holds = 1;
    }
}

void people_step (people_t *self, uint64_t now_ms)
{
    person_t *person, *next;

    self->now_ms = now_ms;
    guests_step (self);
    HASH_ITER (hh, self->all, person, next)
    {
        person_step (person);
        if (!person_over (person, now_ms))
            continue;
        HASH_DEL (self->all, person);
        person_destroy (person, person->ended);
    }
}
