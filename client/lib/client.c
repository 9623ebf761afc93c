/*  client.c - client.h: a delivery, its sockets, and the events for the program */
#include "address.h"
#include "client_private.h"
#include "endpoint.h"
#include "memory.h"
#include "sized.h"
#include "text.h"
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <time.h>

enum { QUIET_MS = 60000, BYE_MS = 500 };

static uint64_t clock_ms (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*  The delivery's time stands still while nothing is read. Otherwise it would take the program's
    own slowness for a broker that does not answer.                            */
uint64_t client_now (const zchat_client_t *client)
{
    return (client->stalled ? client->stalled_ms : clock_ms ()) - client->asleep_ms;
}

/*  --- the sink --------------------------------------------------------------  */

static void sink_door (void *arg)
{
    connection_door (((zchat_client_t *)arg)->connection);
}

static void sink_feed (void *arg, const char *endpoint)
{
    connection_feed (((zchat_client_t *)arg)->connection, endpoint);
}

static void sink_disconnect (void *arg)
{
    connection_drop (((zchat_client_t *)arg)->connection);
}

static void sink_send (void *arg, const frame_t *frames, size_t count)
{
    connection_send (((zchat_client_t *)arg)->connection, frames, count);
}

static void sink_subscribe (void *arg, frame_t topic)
{
    connection_subscribe (((zchat_client_t *)arg)->connection, topic, true);
}

static void sink_unsubscribe (void *arg, frame_t topic)
{
    connection_subscribe (((zchat_client_t *)arg)->connection, topic, false);
}

static void sink_event (void *arg, const zchat_event_t *event)
{
    zchat_client_t *client = arg;

    if (event->kind == ZCHAT_EVENT_REFUSED)
        client->refused = true;
    if (!client->closing)
        events_push (client->events, event);
}

/*  --- life ------------------------------------------------------------------  */

/*  Find out whether the connection is encrypted, and with which keys.         */
static zchat_status_t keys_take (const zchat_options_t *options, const address_t *address,
                                 bool *encrypted, connection_keys_t *keys, const char **why)
{
    const uint8_t *server = options->server_key;
    uint8_t shared[crypto_scalarmult_BYTES];

    if (address->has_key && server && memcmp (server, address->key, ZCHAT_KEY_SIZE) != 0) {
        *why = "the address names another key of the broker";
        return ZCHAT_INVALID;
    }
    if (address->has_key)
        server = address->key;
    *encrypted = server != NULL;
    if (!server)
        return ZCHAT_OK;
    memcpy (keys->server, server, ZCHAT_KEY_SIZE);
    if (options->secret_key)
        memcpy (keys->secret, options->secret_key, ZCHAT_KEY_SIZE);
    else
        randombytes_buf (keys->secret, ZCHAT_KEY_SIZE);
    /*  A point of small order is no usable key, and libzmq would abort over it as if it were a
        bug of its own.                                                        */
    bool good = crypto_scalarmult_base (keys->own, keys->secret) == 0 &&
                crypto_scalarmult (shared, keys->secret, keys->server) == 0;
    sodium_memzero (shared, sizeof shared);
    if (!good)
        *why = "the broker's key is no key";
    return good ? ZCHAT_OK : ZCHAT_INVALID;
}

/*  Make the delivery and the connection of a client, once endpoint and keys are known. */
static zchat_status_t client_make (const zchat_options_t *options, const connection_keys_t *keys,
                                   zchat_client_t *self, const char **why)
{
    delivery_sink_t sink = {.connect_door = sink_door,
                            .connect_feed = sink_feed,
                            .disconnect = sink_disconnect,
                            .send = sink_send,
                            .subscribe = sink_subscribe,
                            .unsubscribe = sink_unsubscribe,
                            .event = sink_event,
                            .arg = self};
    uint8_t seed[32];
    zchat_status_t status;

    randombytes_buf (seed, sizeof seed);
    status = delivery_new (options, seed, &sink, &self->delivery, why);
    if (status == ZCHAT_OK) {
        const char *endpoint =
            options->endpoint && *options->endpoint ? options->endpoint : "tcp://127.0.0.1:5680";
        status = connection_new (endpoint, keys, &self->connection);
        if (status != ZCHAT_OK)
            *why = "no more descriptors or sockets";
    }
    sodium_memzero (seed, sizeof seed);
    return status;
}

/*  The struct of the first release ended behind the token, so a program may hand in one that
    short.                                                                     */
enum { OPTIONS_LEAST = offsetof (zchat_options_t, token) + sizeof (const char *) };

zchat_status_t zchat_client_new_sized (const zchat_options_t *given, size_t given_size,
                                       zchat_client_t **client, const char **why)
{
    zchat_options_t all, plain, *options = &all;
    address_t address = {.has_key = false};
    connection_keys_t keys;
    bool encrypted = false;
    const char *wrong = NULL;
    zchat_status_t status = ZCHAT_OK;
    zchat_client_t *self = NULL;

    if (!sized_read (&all, sizeof all, OPTIONS_LEAST, given, given_size)) {
        wrong = "the options are of another size, or newer than this libzchat; begin with zeroes";
        status = ZCHAT_INVALID;
    } else if (sodium_init () < 0) {
        wrong = "there is no randomness to be had";
        status = ZCHAT_SYSTEM;
    } else
        plain = all;
    if (status == ZCHAT_OK && options->endpoint && address_is (options->endpoint)) {
        status = address_decode (options->endpoint, &address, &wrong);
        plain.endpoint = address.endpoint;
        if (status == ZCHAT_OK && !address.has_key && !options->server_key) {
            wrong = "the address lacks the broker's key: it looks like zchat://HOST:PORT/KEY";
            status = ZCHAT_INVALID;
        }
    }
    if (status == ZCHAT_OK)
        status = keys_take (options, &address, &encrypted, &keys, &wrong);
    if (status == ZCHAT_OK) {
        self = memory_zero (sizeof *self);
        status = client_make (&plain, encrypted ? &keys : NULL, self, &wrong);
    }
    sodium_memzero (&keys, sizeof keys);
    if (status != ZCHAT_OK) {
        if (why && wrong)
            *why = wrong;
        zchat_client_destroy (&self);
        return status;
    }
    self->events = events_new ();
    delivery_start (self->delivery, client_now (self));
    *client = self;
    return ZCHAT_OK;
}

void zchat_client_destroy (zchat_client_t **client)
{
    if (*client) {
        connection_destroy (&(*client)->connection, 0);
        delivery_destroy (&(*client)->delivery);
        events_destroy (&(*client)->events);
        free (*client);
        *client = NULL;
    }
}

/*  --- events ----------------------------------------------------------------  */

int zchat_client_fd (const zchat_client_t *client)
{
    return connection_fd (client->connection);
}

int zchat_client_timeout (const zchat_client_t *client)
{
    uint64_t deadline = delivery_deadline_ms (client->delivery);
    uint64_t now = client_now (client);

    if (client->stalled)
        return events_full (client->events) ? QUIET_MS : 0;
    if (connection_pending (client->connection) || deadline <= now)
        return 0;
    return deadline - now < QUIET_MS ? (int)(deadline - now) : QUIET_MS;
}

static bool client_full (void *arg)
{
    return events_full (((zchat_client_t *)arg)->events);
}

void zchat_client_step (zchat_client_t *client)
{
    if (events_full (client->events)) {
        if (!client->stalled)
            client->stalled_ms = clock_ms ();
        client->stalled = true;
        return;
    }
    if (client->stalled) {
        client->asleep_ms += clock_ms () - client->stalled_ms;
        client->stalled = false;
    }
    connection_step (client->connection, client->delivery, client_now (client), client_full,
                     client);
    delivery_tick (client->delivery, client_now (client));
}

zchat_status_t zchat_client_next_sized (zchat_client_t *client, zchat_event_t *event,
                                        size_t event_size)
{
    zchat_event_t ours;
    zchat_status_t status = events_pop (client->events, &ours);

    if (status == ZCHAT_OK)
        sized_write (event, event_size, &ours, sizeof ours);
    return status;
}

/*  Sleep until there is something to do, or until the clock shows until_ms. False where a signal
    interrupted it.                                                            */
static bool client_sleep (const zchat_client_t *client, uint64_t until_ms)
{
    struct pollfd item = {.fd = zchat_client_fd (client), .events = POLLIN};
    int wait_ms = zchat_client_timeout (client);
    uint64_t now = clock_ms ();

    if (until_ms < now + (uint64_t)wait_ms)
        wait_ms = until_ms > now ? (int)(until_ms - now) : 0;
    return poll (&item, 1, wait_ms) >= 0 || errno != EINTR;
}

zchat_status_t zchat_client_wait_sized (zchat_client_t *client, int timeout_ms,
                                        zchat_event_t *event, size_t event_size)
{
    uint64_t until_ms = timeout_ms < 0 ? UINT64_MAX : clock_ms () + (uint64_t)timeout_ms;

    for (;;) {
        zchat_client_step (client);
        if (zchat_client_next_sized (client, event, event_size) == ZCHAT_OK)
            return ZCHAT_OK;
        if (clock_ms () >= until_ms)
            return ZCHAT_TIMEOUT;
        if (!client_sleep (client, until_ms))
            return ZCHAT_EMPTY;
    }
}

size_t zchat_client_close (zchat_client_t *client, int timeout_ms)
{
    uint64_t until_ms = clock_ms () + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
    zchat_event_t event;

    client->closing = true;
    while (events_pop (client->events, &event) == ZCHAT_OK)
        continue;
    zchat_client_step (client);
    while (delivery_unacknowledged (client->delivery) && !client->refused &&
           clock_ms () < until_ms) {
        (void)client_sleep (client, until_ms);
        zchat_client_step (client);
    }
    /*  BYE is waited for. Its answer says that the name is free, so that who comes next under it
        need not wait; and the broker would count a connection that ends before BYE is read as
        lost.                                                                  */
    delivery_bye (client->delivery, client_now (client));
    until_ms = clock_ms () + BYE_MS;
    while (!delivery_closed (client->delivery) && clock_ms () < until_ms) {
        (void)client_sleep (client, until_ms);
        zchat_client_step (client);
    }
    connection_destroy (&client->connection, BYE_MS);
    return delivery_unacknowledged (client->delivery);
}

/*  --- what belongs to no client ---------------------------------------------- */

char *zchat_text_display (const char *text, size_t size, bool keep_newlines)
{
    return text_display (frame_of (text, size), keep_newlines ? TEXT_BLOCK : TEXT_LINE, NULL);
}

const char *zchat_version (void)
{
    return ZCHAT_VERSION;
}
