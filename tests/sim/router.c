/*  router.c - a ROUTER, and what the broker's shell believes of its connections */
#include "router.h"
#include "memory.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { FDS = 4096, SILENT_US = ZCHAT_SILENT_MS * 1000 };

struct router {
    sim_t *sim;
    bindings_t *bindings;
    bool encrypted;
    uint32_t number; /* given last                                             */
    door_t *fds[FDS];
    door_t **held; /* connections whose id leads to them                       */
    size_t n_held, capacity;
};

router_t *router_new (sim_t *sim, bool encrypted)
{
    router_t *router = memory_zero (sizeof *router);
    router->sim = sim;
    router->encrypted = encrypted;
    router->bindings = bindings_new (encrypted);
    router->number = (uint32_t)dice_roll (&sim->dice);
    bindings_start (router->bindings, router->number);
    return router;
}

void router_free (router_t **router)
{
    if (!*router)
        return;
    bindings_destroy (&(*router)->bindings);
    free ((*router)->held);
    free (*router);
    *router = NULL;
}

static door_t *holder (const router_t *router, const uint8_t *id, size_t size)
{
    for (size_t i = 0; i < router->n_held; i++) {
        const route_t *route = &router->held[i]->route;
        if (route->id_size == size && memcmp (route->id, id, size) == 0)
            return router->held[i];
    }
    return NULL;
}

static size_t number_write (uint32_t number, uint8_t id[ROUTE_MAX])
{
    uint32_t network = htonl (number);
    id[0] = 0;
    memcpy (id + 1, &network, sizeof network);
    return BINDING_NUMBER_SIZE;
}

static void given_make (router_t *router, route_t *route)
{
    for (size_t i = 0; i < BINDING_GIVEN_SIZE; i++)
        route->given[i] = (char)('a' + dice_below (&router->sim->dice, 26));
    route->given[BINDING_GIVEN_SIZE] = 0;
}

void router_accept (router_t *router, door_t *door)
{
    route_t *route = &door->route;
    bool announces = route->announced_size > 0;
    if (router->encrypted)
        given_make (router, route);
    /*  The ZAP handler's answer may come when libzmq has looked at the id already. */
    bool late = router->encrypted && dice_chance (&router->sim->dice, announces ? 0.5 : 0.05);
    if (announces && (!router->encrypted || late)) {
        memcpy (route->id, route->announced, route->announced_size);
        route->id_size = route->announced_size;
    } else if (router->encrypted && !late) {
        memcpy (route->id, route->given, BINDING_GIVEN_SIZE);
        route->id_size = BINDING_GIVEN_SIZE;
    } else
        do /* a libzmq that looks for a free one; others abort                  */
            route->id_size = number_write (++router->number, route->id);
        while (holder (router, route->id, route->id_size));
    bindings_ready (router->bindings, 1);
    route->accepted_us = router->sim->now_us;
    route->fd = 0;
    while (route->fd < FDS && router->fds[route->fd])
        route->fd++;
    if (route->fd == FDS)
        sim_wrong (router->sim, "too many connections at once for this simulation");
    else
        router->fds[route->fd] = door;
    route->unread = holder (router, route->id, route->id_size) != NULL;
    if (route->unread)
        return;
    if (router->n_held == router->capacity) {
        router->capacity = router->capacity ? 2 * router->capacity : 64;
        router->held = memory_grow (router->held, router->capacity * sizeof (door_t *));
    }
    router->held[router->n_held++] = door;
}

static sight_t sight_of (const router_t *router, const door_t *door)
{
    const route_t *route = &door->route;
    return (sight_t){.connection = door->peer,
                     .routing = frame_of (route->id, route->id_size),
                     /*  As text: what the ROUTER's own ids begin with ends it. */
                     .announced = router->encrypted       ? route->given
                                  : route->announced_size ? (const char *)route->announced
                                                          : "",
                     .fd = route->fd,
                     .address = "10.0.0.1",
                     .key = router->encrypted && door->key ? door->key : ""};
}

/*  Who knows which number comes next can have it, go, and leave it to be told of: the connection
    that the number was meant for is refused then, and comes again. Nobody knows it. */
static bool announced (const router_t *router, core_peer_t peer)
{
    const door_t *door = router->sim->doors;
    while (door && door->peer != peer)
        door = door->next;
    return peer && door && door->route.announced_size;
}

bool router_see (router_t *router, door_t *door, uint64_t now_ms, core_peer_t *gone)
{
    sight_t sight = sight_of (router, door);
    uint64_t peer;
    bool fresh;
    binding_t verdict = bindings_see (router->bindings, &sight, now_ms, &peer, &fresh, gone);
    if (verdict == BINDING_FIT && fresh)
        bindings_set_socket (router->bindings, peer, door->peer);
    if (verdict == BINDING_FIT && peer != door->peer)
        sim_wrong (router->sim, "a message of connection %llu is believed to be one of %llu",
                   (unsigned long long)door->peer, (unsigned long long)peer);
    /*  Who says nothing for so long is dropped: words that were under way do not count. */
    bool dropped = router->sim->now_us - door->route.accepted_us > SILENT_US;
    if (verdict != BINDING_FIT && !door->route.announced_size && !door->up.shut &&
        (door->route.spoke || !dropped) && !announced (router, *gone))
        sim_wrong (
            router->sim,
            "connection %llu, which announced nothing, is refused (%d), and %llu called gone",
            (unsigned long long)door->peer, verdict, (unsigned long long)*gone);
    door->route.spoke = door->route.spoke || verdict == BINDING_FIT;
    door->route.refused = verdict != BINDING_FIT;
    return verdict == BINDING_FIT;
}

door_t *router_reached (router_t *router, door_t *door)
{
    frame_t routing;
    int fd;
    uint64_t socket;
    if (!bindings_route (router->bindings, door->peer, &routing, &fd, &socket))
        return NULL;
    /*  The shell asks the kernel whether the descriptor is still that socket.  */
    if (fd >= 0 && (!router->fds[fd] || router->fds[fd]->peer != socket))
        return NULL;
    return holder (router, routing.data, routing.size);
}

void router_end (router_t *router, door_t *door)
{
    if (door->route.fd >= 0)
        router->fds[door->route.fd] = NULL;
    door->route.fd = -1;
    for (size_t i = 0; i < router->n_held; i++)
        if (router->held[i] == door)
            router->held[i] = router->held[--router->n_held];
}

void router_forget (router_t *router, const door_t *door)
{
    bindings_forget (router->bindings, door->peer);
}

bool router_silent (const router_t *router, const door_t *door)
{
    return !door->route.spoke && !door->up.shut &&
           router->sim->now_us - door->route.accepted_us > SILENT_US;
}

size_t router_guess (router_t *router, const door_t *victim, uint8_t id[ROUTE_MAX])
{
    if (!victim || !victim->route.id_size || dice_chance (&router->sim->dice, 0.1))
        return number_write (router->number + 1 + (uint32_t)dice_below (&router->sim->dice, 5), id);
    memcpy (id, victim->route.id, victim->route.id_size);
    return victim->route.id_size;
}
