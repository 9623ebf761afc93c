/*  thief.c - somebody who announces routing ids of others, and asks for what is theirs

    It knows every id that is given, as an attacker with a perfect oracle would. It comes while
    its victim is there, and most of all in the moment after that has gone, when the broker has
    not been told yet: then replies and probes for the victim would reach the thief, and what
    it asks for would be believed to be the victim's. What reaches it, and what is stored
    for it, is judged like everybody's.                                        */
#include "thief.h"
#include "memory.h"
#include "request.h"
#include "server.h"
#include "user.h"
#include <stdio.h>

enum { THIEF_KEY = SIM_KEYS - 2, HASTE_US = 20000 };

struct thief {
    sim_t *sim;
    uint64_t cut_until_us;
    const door_t *victim;
    door_t *door;
    uint64_t tags;
};

static void thief_request (thief_t *self, const char *verb, const char *user, const char *first,
                           const char *second)
{
    char tag[24];
    snprintf (tag, sizeof tag, "x%llu", (unsigned long long)++self->tags);
    frame_t frames[] = {frame_str (verb), frame_str (tag), frame_str (user),
                        frame_str (first ? first : ""), frame_str (second ? second : "")};
    payload_t *payload = payload_new (frames, second ? 5 : first ? 4 : 3);
    pipe_put (&self->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

/*  All that would be worth having, under the victim's name.                   */
static void thief_ask (thief_t *self)
{
    sim_t *sim = self->sim;
    char json[128];
    const door_t *victim = self->victim;
    const char *user = victim && victim->n_names ? victim->names[0] : "User1";
    const char *den = sim_room (sim, PLAN_ROOMS_MAX + dice_below (&sim->dice, PLAN_DENS_MAX));
    snprintf (json, sizeof json, "{\"add\":\"%s\"}", sim_key (THIEF_KEY));
    thief_request (self, "HISTORY", user, "@", NULL);
    thief_request (self, "HISTORY", user, den, NULL);
    thief_request (self, "KEY", user, json, NULL);
    thief_request (self, "JOIN", user, dice_chance (&sim->dice, 0.5) ? "@" : den, NULL);
    thief_request (self, "PING", user, NULL, NULL);
    if (dice_chance (&sim->dice, 0.3))
        thief_request (self, "BYE", user, NULL, NULL);
}

static void thief_leave (thief_t *self)
{
    if (self->door)
        door_leave (self->door);
    self->door = NULL;
}

static void thief_ready (void *owner)
{
    thief_t *self = owner;
    packet_t *packet;
    bool ended = false;
    while (self->door && (packet = pipe_take (&self->door->down))) {
        ended = ended || packet->kind == PACKET_END;
        packet_free (packet);
    }
    if (ended)
        thief_leave (self);
}

static void thief_come (thief_t *self, const door_t *victim)
{
    sim_t *sim = self->sim;
    thief_leave (self);
    if (!server_runs (sim->server))
        return;
    self->victim = victim;
    const char *key = dice_chance (&sim->dice, sim->plan.keyed) ? sim_key (THIEF_KEY) : NULL;
    self->door = door_open (sim, key, &self->cut_until_us, thief_ready, self);
    route_t *route = &self->door->route;
    route->announced_size = router_guess (sim->server->router, victim, route->announced);
    sim->tally->thefts++;
    /*  What is said before the connection stands goes out when it does.       */
    thief_ask (self);
}

static void thief_hurry (void *arg, uint64_t n)
{
    thief_t *self = arg;
    (void)n;
    if (!self->sim->quiet)
        thief_come (self, self->victim);
}

void thief_tempt (thief_t *self, door_t *ended)
{
    sim_t *sim = self->sim;
    if (ended == self->door || sim->quiet || dice_chance (&sim->dice, 0.3))
        return;
    self->victim = ended;
    sim_after (sim, sim_delay (sim, HASTE_US), thief_hurry, self, 0);
}

/*  Now and then while the victim is there.                                    */
static void thief_act (void *arg, uint64_t n)
{
    thief_t *self = arg;
    sim_t *sim = self->sim;
    const user_t *user = sim->users[dice_below (&sim->dice, sim->plan.users)];
    if (!sim->quiet)
        thief_come (self, user->door);
    else
        thief_leave (self);
    sim_after (sim, 1 + dice_below (&sim->dice, 4000 * sim->plan.act_ms), thief_act, self, n);
}

thief_t *thief_new (sim_t *sim)
{
    thief_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    thief_act (self, 0);
    return self;
}

void thief_free (thief_t **thief)
{
    free (*thief);
    *thief = NULL;
}
