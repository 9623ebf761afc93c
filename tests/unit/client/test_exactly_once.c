/*  test_exactly_once.c - several clients and a broker on a bad network

    A model of the broker commits, publishes, answers and forgets as PROTOCOL.md says,
    while the network loses, delays and cuts: feed messages vanish, connections
    break with replies on their way, what was sent over a broken one arrives later, the
    broker restarts and loses what was not committed, commits fail. All of it follows
    from a seed. Whatever happens, every client must be given the whole log in order,
    and every message that was acknowledged must stand in it once.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "answer.h"
#include "delivery.h"
#include "event_codec.h"
#include "memory.h"
#include "request.h"
#include <inttypes.h>

enum { CLIENTS = 3, LOG_MAX = 4096, SAID_MAX = 4096, PRODUCERS_MAX = 512, TEXT_MAX = 32 };

/*  --- messages on their way -------------------------------------------------  */

typedef struct packet packet_t;
struct packet {
    packet_t *next;
    size_t count;
    frame_t frames[ZCHAT_FRAMES_MAX];
};

typedef struct {
    packet_t *first;
    packet_t **last;
} queue_t;

static packet_t *packet_new (const frame_t *frames, size_t count)
{
    size_t size = sizeof (packet_t);
    packet_t *packet;
    char *space;

    for (size_t i = 0; i < count; i++)
        size += frames[i].size;
    packet = memory_zero (size);
    space = (char *)(packet + 1);
    packet->count = count;
    for (size_t i = 0; i < count; i++) {
        packet->frames[i] = frame_of (space, frames[i].size);
        if (frames[i].size)
            memcpy (space, frames[i].data, frames[i].size);
        space += frames[i].size;
    }
    return packet;
}

static void queue_push (queue_t *queue, const frame_t *frames, size_t count)
{
    if (!queue->first)
        queue->last = &queue->first;
    *queue->last = packet_new (frames, count);
    queue->last = &(*queue->last)->next;
}

static packet_t *queue_pop (queue_t *queue)
{
    packet_t *packet = queue->first;

    if (packet)
        queue->first = packet->next;
    return packet;
}

static void queue_clear (queue_t *queue)
{
    packet_t *packet;

    while ((packet = queue_pop (queue)))
        free (packet);
}

/*  Everything in from goes behind what is in to.                              */
static void queue_move (queue_t *to, queue_t *from)
{
    packet_t *packet;

    while ((packet = queue_pop (from))) {
        queue_push (to, packet->frames, packet->count);
        free (packet);
    }
}

/*  --- the world -------------------------------------------------------------  */

typedef struct world world_t;

typedef struct {
    world_t *world;
    delivery_t *delivery;
    char name[8];
    bool connecting;      /* the door is to come up                            */
    bool connected;       /*                                                   */
    bool cut;             /* the door is to go down                            */
    unsigned connections; /* made so far                                       */
    queue_t up;           /* to the broker                                     */
    queue_t late;         /* sent over earlier connections, still on its way   */
    queue_t down;         /* from the broker                                   */
    queue_t feed;         /*                                                   */
    bool pack;            /* subscribed to the room                            */
    char nonce[ZCHAT_NONCE_MAX + 1];
    uint64_t seq; /* the last one given                                        */
    uint64_t said;
    char text[SAID_MAX][TEXT_MAX]; /* by id                                    */
    char fate[SAID_MAX];           /* by id: 0, 's'ent, 'f'ailed               */
} client_t;

/*  A reply that waits for a commit.                                           */
typedef struct {
    size_t client;
    unsigned connection; /* 0: nobody waits for it                             */
    char tag[ZCHAT_TAG_MAX + 1];
    char json[96];
    bool err;
    uint64_t seq; /* stored under this; 0: a mere reply                        */
    size_t producer;
} held_t;

typedef struct {
    char hex[33];
    uint64_t committed; /* the last n on disk                                  */
    uint64_t n;         /* the last n taken                                    */
} producer_t;

struct world {
    uint64_t state; /* of the random numbers                                   */
    uint64_t now;
    bool calm; /* no more faults                                               */
    client_t clients[CLIENTS];
    char log[LOG_MAX][TEXT_MAX];
    char by[LOG_MAX][8];
    uint64_t head;  /* committed                                               */
    uint64_t taken; /* with what is not committed                              */
    producer_t producers[PRODUCERS_MAX];
    size_t n_producers;
    held_t held[LOG_MAX];
    size_t n_held;
    unsigned faults;
};

static uint64_t world_random (world_t *w)
{
    w->state ^= w->state << 13;
    w->state ^= w->state >> 7;
    w->state ^= w->state << 17;
    return w->state;
}

static bool world_chance (world_t *w, unsigned permille)
{
    return world_random (w) % 1000 < permille;
}

/*  As world_chance, but never once it is calm.                                */
static bool world_fault (world_t *w, unsigned permille)
{
    bool happens = !w->calm && world_chance (w, permille);

    w->faults += happens;
    return happens;
}

/*  --- the clients' side -----------------------------------------------------  */

static void client_drop (client_t *c)
{
    /*  What left before the connection broke may still arrive.                */
    if (world_fault (c->world, 500))
        queue_move (&c->late, &c->up);
    queue_clear (&c->up);
    queue_clear (&c->down);
    queue_clear (&c->feed);
    c->connecting = c->connected = c->cut = c->pack = false;
    c->nonce[0] = '\0';
}

static void sink_door (void *arg)
{
    client_drop (arg);
    ((client_t *)arg)->connecting = true;
}

static void sink_feed (void *arg, const char *endpoint)
{
    client_t *c = arg;

    queue_clear (&c->feed);
    c->pack = false;
    c->nonce[0] = '\0';
}

static void sink_disconnect (void *arg)
{
    client_drop (arg);
}

static void sink_send (void *arg, const frame_t *frames, size_t count)
{
    client_t *c = arg;

    assert_true (c->connected);
    queue_push (&c->up, frames, count);
}

static void sink_topic (client_t *c, frame_t topic, bool on)
{
    frame_t nonce;

    if (event_topic_name (topic, "sync/", &nonce)) {
        memcpy (c->nonce, nonce.data, nonce.size);
        c->nonce[on ? nonce.size : 0] = '\0';
    } else
        c->pack = on;
}

static void sink_subscribe (void *arg, frame_t topic)
{
    sink_topic (arg, topic, true);
}

static void sink_unsubscribe (void *arg, frame_t topic)
{
    sink_topic (arg, topic, false);
}

static void sink_event (void *arg, const zchat_event_t *event)
{
    client_t *c = arg;

    switch (event->kind) {
    case ZCHAT_EVENT_MESSAGE:
        if (event->seq != c->seq + 1)
            fail_msg ("%s got %" PRIu64 " after %" PRIu64, c->name, event->seq, c->seq);
        assert_true (event->seq <= c->world->head);
        assert_string_equal (event->body, c->world->log[event->seq]);
        assert_string_equal (event->user, c->world->by[event->seq]);
        c->seq = event->seq;
        break;
    case ZCHAT_EVENT_SENT:
        assert_int_equal (c->fate[event->id], 0);
        c->fate[event->id] = 's';
        if (event->seq)
            assert_string_equal (c->text[event->id], c->world->log[event->seq]);
        break;
    case ZCHAT_EVENT_FAILED:
        assert_int_equal (c->fate[event->id], 0);
        assert_memory_equal (c->text[event->id], "bad", 3);
        c->fate[event->id] = 'f';
        break;
    case ZCHAT_EVENT_LOST:
    case ZCHAT_EVENT_UNKNOWN:
    case ZCHAT_EVENT_REFUSED:
    case ZCHAT_EVENT_PARTED:
    case ZCHAT_EVENT_LOG_REPLACED:
        fail_msg ("event %d: %s", (int)event->kind, event->text ? event->text : "");
        break;
    default:
        break;
    }
}

/*  --- the broker's side -----------------------------------------------------  */

static void broker_reply (client_t *c, bool err, frame_t tag, const char *json)
{
    frame_t frames[3] = {frame_str (err ? "ERR" : "OK"), tag, frame_str (json)};

    if (c->connected)
        queue_push (&c->down, frames, 3);
}

static frame_t broker_pack (const world_t *w, uint64_t from, uint64_t upto, uint8_t *buffer)
{
    size_t size = 0;

    for (uint64_t seq = from; seq <= upto; seq++) {
        event_t event = {.seq = seq,
                         .time_ms = 1,
                         .type = ZCHAT_TYPE_SAY,
                         .user = frame_str (w->by[seq]),
                         .body = frame_str (w->log[seq])};
        size += event_record_encode (&event, buffer + size);
    }
    return frame_of (buffer, size);
}

static void broker_hold (world_t *w, const client_t *c, bool late, frame_t tag, held_t held)
{
    assert_true (w->n_held < LOG_MAX);
    held.client = (size_t)(c - w->clients);
    held.connection = late ? 0 : c->connections;
    memcpy (held.tag, tag.data, tag.size);
    w->held[w->n_held++] = held;
}

static size_t broker_producer (world_t *w, const char *hex)
{
    size_t i = 0;

    while (i < w->n_producers && strcmp (w->producers[i].hex, hex) != 0)
        i++;
    if (i == w->n_producers) {
        assert_true (i < PRODUCERS_MAX);
        memcpy (w->producers[w->n_producers++].hex, hex, 33);
    }
    return i;
}

static void broker_say (world_t *w, const client_t *c, bool late, const request_t *request)
{
    json_t *json = answer_parse (request->args[2]);
    size_t index = broker_producer (w, answer_string (json, "producer", 32));
    producer_t *producer = &w->producers[index];
    held_t held = {.err = true};
    uint64_t n = 0;

    assert_true (answer_number (json, "n", INT64_MAX, &n));
    if (n <= producer->n) {
        held.err = false;
        snprintf (held.json, sizeof held.json, "{\"duplicate\":true}");
    } else if (n > producer->n + 1)
        snprintf (held.json, sizeof held.json,
                  "{\"code\":\"gap\",\"text\":\"\",\"expected\":%" PRIu64 "}", producer->n + 1);
    else if (((const char *)request->args[1].data)[0] == 'b')
        snprintf (held.json, sizeof held.json, "{\"code\":\"limit\",\"text\":\"\"}");
    else if (world_fault (w, 20)) {
        /*  This one comes at once.                                            */
        if (!late)
            broker_reply (&w->clients[c - w->clients], true, request->tag,
                          "{\"code\":\"slow\",\"text\":\"\",\"wait_ms\":20}");
        json_decref (json);
        return;
    } else {
        assert_true (w->taken + 1 < LOG_MAX);
        held = (held_t){.seq = ++w->taken, .producer = index};
        memset (w->log[held.seq], 0, TEXT_MAX);
        memcpy (w->log[held.seq], request->args[1].data, request->args[1].size);
        snprintf (w->by[held.seq], sizeof w->by[0], "%s", c->name);
        snprintf (held.json, sizeof held.json, "{\"seq\":%" PRIu64 ",\"time\":1}", held.seq);
        producer->n = n;
    }
    broker_hold (w, c, late, request->tag, held);
    json_decref (json);
}

static void broker_publish (world_t *w, uint64_t from)
{
    static uint8_t buffer[65536 * 4];
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[2];

    if (from > w->head)
        return;
    frames[0] = frame_of (topic, event_topic (topic, "pack/", frame_str ("lobby")));
    frames[1] = broker_pack (w, from, w->head, buffer);
    for (size_t i = 0; i < CLIENTS; i++)
        if (w->clients[i].pack && !world_fault (w, 100))
            queue_push (&w->clients[i].feed, frames, 2);
}

static void broker_rollback (world_t *w)
{
    w->taken = w->head;
    for (size_t i = 0; i < w->n_producers; i++)
        w->producers[i].n = w->producers[i].committed;
}

static void broker_commit (world_t *w)
{
    bool failed = world_fault (w, 50);
    uint64_t from = w->head + 1;

    if (failed)
        broker_rollback (w);
    else {
        w->head = w->taken;
        for (size_t i = 0; i < w->n_producers; i++)
            w->producers[i].committed = w->producers[i].n;
    }
    for (size_t i = 0; i < w->n_held; i++) {
        held_t *held = &w->held[i];
        client_t *c = &w->clients[held->client];
        /*  A duplicate of what failed did not stand either.                   */
        bool storage = failed && (held->seq || !held->err);
        if (held->connection == c->connections && !world_fault (w, 10))
            broker_reply (c, held->err || storage, frame_str (held->tag),
                          storage ? "{\"code\":\"storage\",\"text\":\"\"}" : held->json);
    }
    w->n_held = 0;
    broker_publish (w, from);
}

static void broker_history (world_t *w, client_t *c, const request_t *request)
{
    static uint8_t buffer[65536];
    json_t *json = answer_parse (request->args[1]);
    uint64_t after = 0;
    char topic[EVENT_TOPIC_MAX];
    char text[96];
    /*  Cut short, so that more is asked for.                                  */
    uint64_t upto;

    assert_true (answer_number (json, "after", INT64_MAX, &after));
    upto = after + 1 + world_random (w) % 20;
    if (upto > w->head)
        upto = w->head;
    if (after < upto) {
        frame_t frames[4] = {frame_str ("EVENT"), request->tag,
                             frame_of (topic, event_topic (topic, "pack/", frame_str ("lobby"))),
                             broker_pack (w, after + 1, upto, buffer)};
        queue_push (&c->down, frames, 4);
    }
    snprintf (text, sizeof text,
              "{\"room\":\"lobby\",\"more\":%s,\"first\":1,\"head\":%" PRIu64 "}",
              upto < w->head && after < upto ? "true" : "false", w->head);
    broker_reply (c, false, request->tag, text);
    json_decref (json);
}

static void broker_sync (client_t *c, const request_t *request)
{
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[4] = {
        {topic, event_topic (topic, "sync/", request->args[0])}, {"", 0}, {"", 0}, {"{}", 2}};

    if (frame_is (request->args[0], c->nonce) && !world_fault (c->world, 200))
        queue_push (&c->feed, frames, 4);
}

static void broker_request (world_t *w, client_t *c, const packet_t *packet, bool late)
{
    request_t request;
    const char *why = NULL;
    char json[256];

    if (request_decode (packet->frames, packet->count, &request, &why) != ZCHAT_OK)
        fail_msg ("%s", why);
    if (request.verb == VERB_SAY)
        broker_say (w, c, late, &request);
    if (late)
        return;
    switch (request.verb) {
    case VERB_HELLO:
        snprintf (json, sizeof json,
                  "{\"protocol\":\"ZCHAT/1\",\"log\":\"00112233445566778899aabbccddeeff\","
                  "\"user\":\"%s\",\"feeds\":[\"tcp://*:1\"],\"heartbeat_ms\":500}",
                  c->name);
        broker_reply (c, false, request.tag, json);
        break;
    case VERB_JOIN:
        snprintf (json, sizeof json, "{\"room\":\"lobby\",\"head\":%" PRIu64 ",\"first\":1}",
                  w->head);
        broker_reply (c, false, request.tag, json);
        break;
    case VERB_PING:
        snprintf (json, sizeof json, "{\"heads\":{\"lobby\":%" PRIu64 "}}", w->head);
        broker_reply (c, false, request.tag, json);
        break;
    case VERB_HISTORY:
        broker_history (w, c, &request);
        break;
    case VERB_SYNC:
        broker_sync (c, &request);
        break;
    default:
        break;
    }
}

/*  --- what happens ----------------------------------------------------------  */

static void step_door (client_t *c)
{
    if (c->connecting && !world_fault (c->world, 100)) {
        c->connecting = false;
        c->connected = true;
        c->connections++;
        delivery_up (c->delivery, c->world->now);
    } else if (c->connecting || c->cut)
        delivery_down (c->delivery, "the connection was lost", c->world->now);
}

static void step_packets (world_t *w, client_t *c)
{
    queue_t *queues[] = {&c->up, &c->down, &c->feed, &c->late};
    size_t which = world_random (w) % 4;
    packet_t *packet;

    /*  What is late is so late that the sender has come back long ago.        */
    if (which == 3 && !world_chance (w, 50))
        return;
    packet = queue_pop (queues[which]);
    if (!packet)
        return;
    if (which == 1)
        delivery_door (c->delivery, packet->frames, packet->count, w->now);
    else if (which == 2)
        delivery_feed (c->delivery, packet->frames, packet->count, w->now);
    else
        broker_request (w, c, packet, which == 3);
    free (packet);
}

static void step_faults (world_t *w, client_t *c)
{
    if (c->connected && world_fault (w, 15))
        c->cut = true;
    if (world_fault (w, 2))
        queue_clear (&c->feed);
    if (world_fault (w, 1)) {
        /*  The broker restarts.                                               */
        broker_rollback (w);
        w->n_held = 0;
        for (size_t i = 0; i < CLIENTS; i++) {
            queue_clear (&w->clients[i].up);
            queue_clear (&w->clients[i].late);
            w->clients[i].cut = w->clients[i].connected;
        }
    }
}

static void step_say (client_t *c)
{
    uint64_t id = 0;
    char text[TEXT_MAX];
    bool bad = world_chance (c->world, 150);

    if (c->said + 1 >= SAID_MAX)
        return;
    snprintf (text, sizeof text, "%s%s.%" PRIu64, bad ? "bad" : "", c->name, c->said + 1);
    assert_int_equal (delivery_say (c->delivery, "lobby", ZCHAT_TYPE_SAY, text, strlen (text), NULL,
                                    &id, c->world->now),
                      ZCHAT_OK);
    assert_int_equal (id, c->said + 1);
    c->said = id;
    memcpy (c->text[id], text, sizeof text);
}

static void world_step (world_t *w)
{
    client_t *c = &w->clients[world_random (w) % CLIENTS];

    w->now += world_random (w) % 4;
    if (c->connecting || c->cut)
        step_door (c);
    for (int i = 0; i < 8; i++)
        step_packets (w, c);
    step_faults (w, c);
    if (!w->calm && world_chance (w, 100))
        step_say (c);
    if (world_chance (w, 150))
        broker_commit (w);
    if (delivery_deadline_ms (c->delivery) <= w->now)
        delivery_tick (c->delivery, w->now);
}

/*  --- the checks ------------------------------------------------------------  */

static bool world_settled (const world_t *w)
{
    for (size_t i = 0; i < CLIENTS; i++)
        if (delivery_unacknowledged (w->clients[i].delivery) || w->clients[i].seq != w->head ||
            w->clients[i].late.first || w->n_held)
            return false;
    return true;
}

/*  The log holds what was acknowledged, once, and each sender's in its order.  */
static void world_check (const world_t *w)
{
    uint64_t last[CLIENTS] = {0};
    uint64_t sent = 0;

    for (uint64_t seq = 1; seq <= w->head; seq++) {
        size_t who = (size_t)(w->by[seq][1] - '0');
        uint64_t id = strtoull (strchr (w->log[seq], '.') + 1, NULL, 10);
        assert_string_equal (w->log[seq], w->clients[who].text[id]);
        if (id <= last[who])
            fail_msg ("%s stands after %" PRIu64, w->log[seq], last[who]);
        last[who] = id;
        assert_int_equal (w->clients[who].fate[id], 's');
    }
    for (size_t i = 0; i < CLIENTS; i++)
        for (uint64_t id = 1; id <= w->clients[i].said; id++) {
            assert_int_equal (w->clients[i].fate[id], w->clients[i].text[id][0] == 'b' ? 'f' : 's');
            sent += w->clients[i].fate[id] == 's';
        }
    assert_int_equal (sent, w->head);
}

static void world_run (uint64_t seed)
{
    world_t *w = memory_zero (sizeof *w);
    delivery_sink_t sink = {.connect_door = sink_door,
                            .connect_feed = sink_feed,
                            .disconnect = sink_disconnect,
                            .send = sink_send,
                            .subscribe = sink_subscribe,
                            .unsubscribe = sink_unsubscribe,
                            .event = sink_event};

    w->state = seed * 2654435761u + 88172645463325252u;
    w->now = 1;
    for (size_t i = 0; i < CLIENTS; i++) {
        client_t *c = &w->clients[i];
        zchat_options_t options = {.user = c->name};
        uint8_t bytes[32] = {(uint8_t)seed, (uint8_t)(seed >> 8), (uint8_t)i};
        c->world = w;
        snprintf (c->name, sizeof c->name, "c%zu", i);
        sink.arg = c;
        assert_int_equal (delivery_new (&options, bytes, &sink, &c->delivery, NULL), ZCHAT_OK);
        assert_int_equal (delivery_join (c->delivery, "lobby", 0, 1, w->now), ZCHAT_OK);
        delivery_start (c->delivery, w->now);
    }
    for (int i = 0; i < 6000; i++)
        world_step (w);
    assert_true (w->faults > 100);
    w->calm = true;
    for (int i = 0; i < 200000 && !world_settled (w); i++)
        world_step (w);
    if (!world_settled (w))
        fail_msg ("seed %" PRIu64 " does not come to rest", seed);
    world_check (w);
    assert_true (w->head > 100);
    for (size_t i = 0; i < CLIENTS; i++) {
        delivery_destroy (&w->clients[i].delivery);
        client_drop (&w->clients[i]);
        queue_clear (&w->clients[i].late);
    }
    free (w);
}

static void nothing_lost_nothing_twice (void **state)
{
    const char *only = getenv ("ZCHAT_TEST_SEED");

    for (uint64_t seed = only ? strtoull (only, NULL, 10) : 1; seed <= 40; seed++) {
        print_message ("seed %" PRIu64 "\n", seed);
        world_run (seed);
        if (only)
            break;
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_lost_nothing_twice),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
