#include "arrive.h"

#include "server.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ARRIVE_DEADLINE_NS 120000000000u
#define SYNC_AGAIN_NS      200000000u

enum {
    KNOCKING_MAX = 64
}; /* connections that are not in yet: a server's queue for them is short */

typedef struct {
    link_t feed, door;
    uint64_t synced; /* when it asked last; 0: never         */
} client_t;

typedef struct {
    const crowd_plan_t *plan;
    client_t *clients;
    int count, epoll;
    int opened, in; /* connections                          */
    int knocking;   /* of them, those that the server has not let in */
} arrival_t;

static bool has_door (const arrival_t *self)
{
    return self->plan->dialect->arrive_door != NULL;
}

/*  The transport's handshake is over; what follows may wait for others.  */
static bool knocks (const link_t *link)
{
    return !link->in && link->step < 2;
}

static void turn (arrival_t *self, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait (self->epoll, events, 256, timeout_ms);
    for (int i = 0; i < count; i++) {
        link_t *link = events[i].data.ptr;
        char *data;
        if (!link->in) {
            self->knocking -= knocks (link);
            link_advance (link);
            self->knocking += knocks (link);
            self->in += link->in;
        } else {
            link_read (link, &data); /* presence, answers: read and forgotten */
        }
        link_flush (link);
    }
}

/*  Whose door is open and whose feed is silent asks for a sign, again and again.  */
static void sync_all (arrival_t *self)
{
    const uint64_t now = bench_now ();
    if (!self->plan->dialect->sync)
        return;
    for (int i = 0; i < self->count; i++) {
        client_t *client = &self->clients[i];
        if (!client->door.in || client->feed.in || now - client->synced < SYNC_AGAIN_NS)
            continue;
        client->synced = now;
        self->plan->dialect->sync (&client->door.out, i);
        link_flush (&client->door);
    }
}

static void open_one (arrival_t *self, link_t *link, int number, bool door)
{
    const crowd_plan_t *plan = self->plan;
    const dialect_t *dialect = plan->dialect;
    script_t script = {.count = 0};
    /* level-triggered both, hence listeners */
    *link = (link_t){.kind = LINK_LISTENER, .number = number, .room = number % plan->rooms};
    if (door)
        dialect->arrive_door (&script, number, link->room);
    else if (dialect->arrive_feed)
        dialect->arrive_feed (&script, number, link->room);
    else
        dialect->listen (&script, number, link->room);
    link_open (link, self->epoll, door ? plan->door : plan->feed, &script, &plan->guard);
    self->opened++;
    self->in += link->in;
    self->knocking += knocks (link);
}

static void open_all (arrival_t *self, uint64_t begin)
{
    for (int i = 0; i < self->count; i++) {
        client_t *client = &self->clients[i];
        open_one (self, &client->feed, i, false);
        if (has_door (self))
            open_one (self, &client->door, i, true);
        while (self->knocking > KNOCKING_MAX) {
            sync_all (self);
            turn (self, 1);
            if (bench_now () - begin > ARRIVE_DEADLINE_NS)
                bench_fail ("%d of %d connections are in", self->in, self->opened);
        }
    }
    while (self->in < self->opened) {
        sync_all (self);
        turn (self, 1);
        if (bench_now () - begin > ARRIVE_DEADLINE_NS)
            bench_fail ("%d of %d connections are in", self->in, self->opened);
    }
}

/*  Pings are spread evenly over their interval.  */
static void be_idle (arrival_t *self)
{
    const dialect_t *dialect = self->plan->dialect;
    const uint64_t begin = bench_now (), ns = (uint64_t)(self->plan->seconds * 1e9);
    uint64_t now, pinged = 0;
    while ((now = bench_now () - begin) < ns) {
        uint64_t due =
            dialect->ping ? (uint64_t)self->count * now / (dialect->ping_ms * 1000000u) : 0;
        for (; pinged < due; pinged++) {
            int number = (int)(pinged % (uint64_t)self->count);
            client_t *client = &self->clients[number];
            dialect->ping (&client->door.out, number);
            link_flush (&client->door);
        }
        turn (self, 2);
    }
}

void arrive_run (const crowd_plan_t *plan, int clients, crowd_result_t *result)
{
    arrival_t self = {.plan = plan, .count = clients, .epoll = epoll_create1 (EPOLL_CLOEXEC)};
    self.clients = calloc ((size_t)clients, sizeof *self.clients);
    if (!self.clients)
        bench_fail ("out of memory");
    const uint64_t before = server_memory_kib (plan->server), begin = bench_now ();
    open_all (&self, begin);
    result->join_ns = bench_now () - begin;
    result->connection_kib = (double)(server_memory_kib (plan->server) - before) / clients;
    /* what the arrival left behind is not what idling costs */
    for (uint64_t since = bench_now (); bench_now () - since < 1000000000u;)
        turn (&self, 10);
    const uint64_t cpu = server_cpu_ns (plan->server), idle = bench_now ();
    be_idle (&self);
    result->ns = bench_now () - idle;
    result->cpu_ns = server_cpu_ns (plan->server) - cpu;
    result->messages = result->deliveries = (uint64_t)clients;
    for (int i = 0; i < clients; i++) {
        link_close (&self.clients[i].feed);
        if (has_door (&self))
            link_close (&self.clients[i].door);
    }
    close (self.epoll);
    free (self.clients);
}
