/*  keeper.c - an admin who removes rooms, now and then                        */
#include "keeper.h"
#include "memory.h"
#include "server.h"
#include <stdio.h>

struct keeper {
    sim_t *sim;
    uint64_t cut_until_us;
    uint64_t tags;
    bool up;
    door_t *door;
};

static void keeper_send (keeper_t *self, const char *verb, const char *json)
{
    char tag[24];
    snprintf (tag, sizeof tag, "k%llu", (unsigned long long)++self->tags);
    frame_t frames[] = {frame_str (verb), frame_str (tag), frame_str ("Keeper"),
                        frame_str (json ? json : "")};
    payload_t *payload = payload_new (frames, json ? 4 : 3);
    pipe_put (&self->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

static void keeper_purge (keeper_t *self)
{
    sim_t *sim = self->sim;
    char json[160], which[96];
    uint64_t what = dice_below (&sim->dice, 20);
    /*  Of private rooms there are few, and nothing else ends them.            */
    size_t room = dice_chance (&sim->dice, 0.4)
                      ? PLAN_ROOMS_MAX + dice_below (&sim->dice, PLAN_DENS_MAX)
                      : dice_below (&sim->dice, SIM_ROOMS);
    snprintf (which, sizeof which, "\"match\":\"%s\"", what ? sim_room (sim, room) : "*");
    if (what == 1)
        snprintf (which, sizeof which, "\"unused\":true");
    else if (what == 2)
        snprintf (which, sizeof which, "\"before\":%llu",
                  (unsigned long long)(sim_wall_ms (sim) - dice_skew (&sim->dice, 100000)));
    snprintf (json, sizeof json, "{\"what\":\"rooms\",%s%s}", which,
              what == 3 ? ",\"dry\":true" : "");
    keeper_send (self, "PURGE", json);
}

static void keeper_connect (void *arg, uint64_t n);

static void keeper_ready (void *owner)
{
    keeper_t *self = owner;
    packet_t *packet;
    while (self->door && (packet = pipe_take (&self->door->down))) {
        if (packet->kind == PACKET_UP) {
            self->up = true;
            keeper_send (self, "HELLO", NULL);
        } else if (packet->kind == PACKET_END) {
            door_leave (self->door);
            self->door = NULL;
            self->up = false;
            sim_after (self->sim, sim_delay (self->sim, 2000000), keeper_connect, self, 0);
        }
        packet_free (packet);
    }
}

static void keeper_connect (void *arg, uint64_t n)
{
    keeper_t *self = arg;
    (void)n;
    self->door =
        door_open (self->sim, sim_key (SIM_KEY_ADMIN), &self->cut_until_us, keeper_ready, self);
    self->door->place = sim_place (self->sim, 0);
}

static void keeper_act (void *arg, uint64_t n)
{
    keeper_t *self = arg;
    sim_t *sim = self->sim;
    if (self->up && !sim->quiet) {
        /*  Its session may have been lost for its silence.                    */
        if (dice_chance (&sim->dice, 0.5))
            keeper_send (self, "HELLO", NULL);
        keeper_purge (self);
    }
    sim_after (sim, 1 + dice_below (&sim->dice, 2000 * sim->plan.purge_ms), keeper_act, self, n);
}

keeper_t *keeper_new (sim_t *sim)
{
    keeper_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    keeper_connect (self, 0);
    keeper_act (self, 0);
    return self;
}

void keeper_free (keeper_t **keeper)
{
    free (*keeper);
    *keeper = NULL;
}
