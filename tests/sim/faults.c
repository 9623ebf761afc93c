/*  faults.c - what goes wrong                                                 */
#include "faults.h"
#include "server.h"
#include "stranger.h"
#include "user.h"

#define SECOND 1000000ull
#define DAY_MS 86400000
#define OLD_MS ((int64_t)ZCHAT_PRODUCER_AGE_MS - DAY_MS)

static user_t *some_user (sim_t *sim)
{
    return sim->users[dice_below (&sim->dice, sim->plan.users)];
}

/*  --- network ---------------------------------------------------------------  */

static void fault_door (sim_t *sim, fault_t fault)
{
    dice_t *dice = &sim->dice;
    door_t *door = some_user (sim)->door;
    if (!door)
        return;
    if (fault == FAULT_CUT) {
        door_cut (door, sim_delay (sim, 100000), sim_delay (sim, 100000));
        /*  The broker may look for a connection before it has read all of it.  */
        bool early = door->peer && door->up.first && door->up.shut && dice_chance (dice, 0.3);
        door->soon_gone = door->soon_gone || early;
    } else if (fault == FAULT_HALF_OPEN && dice_chance (dice, 0.5))
        door_cut (door, sim_delay (sim, 100000), dice_span (dice, SECOND, 20 * SECOND));
    else if (fault == FAULT_HALF_OPEN)
        door_cut (door, dice_span (dice, SECOND, 20 * SECOND), sim_delay (sim, 100000));
    else if (door->down.shut || dice_chance (dice, 0.5))
        pipe_delay (&door->up, sim->now_us + sim_delay (sim, 15 * SECOND));
    else
        pipe_delay (&door->down, sim->now_us + sim_delay (sim, 15 * SECOND));
}

static void fault_feed (sim_t *sim, fault_t fault)
{
    feed_t *feed = some_user (sim)->feed;
    if (!feed || !feed->strand)
        return;
    if (fault == FAULT_FEED_CUT)
        feed_cut (feed, sim_delay (sim, SECOND));
    else
        feed->strand->clogged_us = sim->now_us + sim_delay (sim, 10 * SECOND);
}

/*  --- broker ----------------------------------------------------------------  */

static void fault_kill (sim_t *sim, fault_t fault)
{
    server_t *server = sim->server;
    if (!server_runs (server))
        return;
    if (fault == FAULT_KILL_INSIDE) {
        server->doom = 1 + dice_skew (&sim->dice, 200);
        return;
    }
    server_die (server, dice_chance (&sim->dice, fault == FAULT_KILL ? 0.1 : 0.5));
    if (fault == FAULT_REPLACE)
        book_new (sim);
    server_restart (server, sim_delay (sim, dice_chance (&sim->dice, 0.2) ? 30 * SECOND : SECOND));
}

static void fault_clock (sim_t *sim)
{
    static const int64_t most_ms[] = {1000, 60000, 3600000, 14 * (int64_t)DAY_MS};
    uint64_t most = (uint64_t)most_ms[dice_below (&sim->dice, 4)];
    if (sim->plan.ages && dice_chance (&sim->dice, 0.3))
        most = (sim->plan.forgets ? 200 : 80) * (uint64_t)DAY_MS;
    /*  Time that really passes, as where the broker's machine sleeps, makes old. */
    if (sim->plan.sleeps && dice_chance (&sim->dice, sim->plan.forgets ? 0.5 : 0.1)) {
        sim->slept_ms += dice_below (&sim->dice, most);
        /*  What was stamped while the clock was behind is older still.        */
        int64_t set_ms = sim->wall_off_ms - sim->wall_low_ms;
        sim->aged = sim->aged || (int64_t)sim->slept_ms + set_ms > OLD_MS;
        sim_trace (sim, "the broker's machine has slept %llu days",
                   (unsigned long long)sim->slept_ms / DAY_MS);
        server_wake (sim->server);
        return;
    }
    sim->wall_off_ms = (int64_t)dice_below (&sim->dice, 2 * most) - (int64_t)most;
    if (sim->wall_off_ms < sim->wall_low_ms)
        sim->wall_low_ms = sim->wall_off_ms;
    sim_trace (sim, "the clock is off by %lld s", (long long)sim->wall_off_ms / 1000);
}

/*  A few senders are enough to fill what the broker holds.                    */
static void fault_storm (sim_t *sim)
{
    bool tells = dice_chance (&sim->dice, 0.5);
    for (size_t i = 0; i < sim->plan.users && i < 4 && !sim->failed; i++) {
        user_t *user = sim->users[i];
        uint64_t count =
            user->delivery && !user->guest && !user->leaving && user->frozen_us <= sim->now_us
                ? dice_span (&sim->dice, 500, 1100)
                : 0;
        while (count-- && !sim->failed)
            if (tells)
                user_tell (user, false);
            else
                user_say (user, false);
        user_turn (user);
    }
}

/*  ---------------------------------------------------------------------------  */

static void fault_happen (sim_t *sim, fault_t fault)
{
    server_t *server = sim->server;
    sim_trace (sim, "fault: %s", fault_name (fault));
    sim->tally->faults[fault]++;
    switch (fault) {
    case FAULT_CUT:
    case FAULT_HALF_OPEN:
    case FAULT_STALL:
        fault_door (sim, fault);
        break;
    case FAULT_FEED_CUT:
    case FAULT_FEED_DROP:
        fault_feed (sim, fault);
        break;
    case FAULT_KILL:
    case FAULT_KILL_INSIDE:
    case FAULT_REPLACE:
        fault_kill (sim, fault);
        break;
    case FAULT_PARTITION:
        user_partition (some_user (sim), 1 + sim_delay (sim, 30 * SECOND));
        break;
    case FAULT_STOP:
        server_stop (server);
        break;
    case FAULT_FREEZE:
        if (server_runs (server))
            server_freeze (server, sim_delay (sim, 15 * SECOND));
        break;
    case FAULT_DISK:
        server->disk_us = sim->now_us + sim_delay (sim, 10 * SECOND);
        break;
    case FAULT_READS:
        server->reads_us = sim->now_us + sim_delay (sim, 10 * SECOND);
        break;
    case FAULT_PAUSE:
        user_freeze (some_user (sim), sim_delay (sim, 40 * SECOND));
        break;
    case FAULT_DEATH:
        user_kill (some_user (sim));
        break;
    case FAULT_LEAVE:
        user_leave (some_user (sim));
        break;
    case FAULT_TRIM:
        server->trim_ms = 0;
        server_wake (server);
        break;
    case FAULT_CLOCK:
        fault_clock (sim);
        break;
    case FAULT_STORM:
        fault_storm (sim);
        break;
    case FAULT_FLOOD:
        for (size_t i = 0; i < sim->plan.strangers; i++)
            stranger_flood (sim->strangers[i]);
        break;
    case FAULT_COUNT:
        break;
    }
}

static void fault_next (void *arg, uint64_t n)
{
    sim_t *sim = arg;
    double all = 0;
    (void)n;
    if (sim->healing)
        return;
    for (int i = 0; i < FAULT_COUNT; i++)
        all += sim->plan.faults[i];
    double at = all * (double)dice_below (&sim->dice, 1000000) / 1e6;
    for (int i = 0; i < FAULT_COUNT; i++) {
        at -= sim->plan.faults[i];
        if (sim->plan.faults[i] > 0 && at < 0) {
            fault_happen (sim, (fault_t)i);
            break;
        }
    }
    sim_after (sim, 1 + dice_below (&sim->dice, 2000 * sim->plan.fault_ms), fault_next, sim, 0);
}

void faults_begin (sim_t *sim)
{
    sim_after (sim, sim_delay (sim, 2 * SECOND), fault_next, sim, 0);
}

void faults_heal (sim_t *sim)
{
    server_t *server = sim->server;
    sim_trace (sim, "the network is whole from now on");
    sim->healing = true;
    server->disk_us = server->reads_us = server->doom = 0;
    if (server_runs (server))
        server_freeze (server, 0);
    else
        server_restart (server, 0);
    for (size_t i = 0; i < sim->plan.users; i++) {
        user_t *user = sim->users[i];
        user->cut_until_us = 0;
        if (user->frozen_us > sim->now_us)
            user_freeze (user, 0);
    }
    for (door_t *door = sim->doors; door; door = door->next) {
        pipe_hurry (&door->up, SECOND / 10, false);
        pipe_hurry (&door->down, SECOND / 10, false);
    }
    for (feed_t *feed = sim->feeds; feed; feed = feed->next)
        for (strand_t *strand = feed->strands; strand; strand = strand->next) {
            strand->clogged_us = 0;
            pipe_hurry (&strand->up, SECOND / 10, false);
            pipe_hurry (&strand->down, SECOND / 10, false);
        }
}
