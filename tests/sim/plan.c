/*  plan.c - drawing a world                                                   */
#include "plan.h"
#include <string.h>

#define FAULT_TEXT(name, text) text,
static const char *const names[] = {FAULT_MAP (FAULT_TEXT)};
#undef FAULT_TEXT

const char *fault_name (fault_t fault)
{
    return names[fault];
}

static uint64_t pick (dice_t *dice, const uint64_t *of, size_t count)
{
    return of[dice_below (dice, count)];
}

#define PICK(dice, ...)                                                                            \
    pick (dice, (uint64_t[]){__VA_ARGS__}, sizeof ((uint64_t[]){__VA_ARGS__}) / sizeof (uint64_t))

static void plan_faults (plan_t *plan, dice_t *dice)
{
    plan->fault_ms = PICK (dice, 200, 1000, 3000, 10000);
    for (int i = 0; i < FAULT_COUNT; i++)
        if (dice_chance (dice, 0.6))
            plan->faults[i] = (double)dice_span (dice, 1, 10);
    /*  A new log forgives all that was lost in the old one: seldom.           */
    plan->faults[FAULT_REPLACE] = dice_chance (dice, 0.15) ? 1 : 0;
    plan->faults[FAULT_STORM] = dice_chance (dice, 0.15) ? 0.3 : 0;
    plan->faults[FAULT_FLOOD] = dice_chance (dice, 0.15) ? 0.3 : 0;
    /*  Who is started anew has to believe the clock.                          */
    if (plan->ages && !plan->sleeps && dice_chance (dice, 0.6)) {
        plan->faults[FAULT_KILL] = plan->faults[FAULT_KILL_INSIDE] = 0;
        plan->faults[FAULT_STOP] = plan->faults[FAULT_REPLACE] = 0;
        plan->faults[FAULT_CLOCK] = 5;
    }
    plan->drop = dice_chance (dice, 0.5) ? 0 : 0.0001 * (double)PICK (dice, 1, 10, 100);
}

/*  So many in one room that presence is merged; they do little else.          */
static void plan_crowd (plan_t *plan, dice_t *dice)
{
    plan->users = plan->guests + dice_span (dice, 70, PLAN_USERS_MAX - 2);
    plan->faulty_ms = 20000;
    plan->act_ms = 10000;
    plan->burst = plan->big = 0;
    plan->faults[FAULT_STORM] = plan->faults[FAULT_REPLACE] = 0;
}

/*  Time passes for all, and retention leaves nothing of what is a day old.    */
static void plan_forgets (plan_t *plan, dice_t *dice)
{
    plan->forgets = true;
    plan->sleeps = dice_chance (dice, 0.8);
    if (!plan->fair)
        plan->faults[FAULT_CLOCK] = 10;
    if (dice_chance (dice, 0.7)) {
        plan->retain_ms = PICK (dice, 2000, 20000);
        plan->trim_ms = 500;
    }
}

/*  Rooms end: few are allowed, an admin removes some, or time passes.         */
static void plan_ends (plan_t *plan, dice_t *dice)
{
    plan->places = dice_span (dice, 1, 4);
    plan->rooms = dice_span (dice, 1, PLAN_ROOMS_MAX - 1);
    plan->sheds = PLAN_ROOMS_MAX - plan->rooms;
    if (dice_chance (dice, 0.6))
        plan->most[0] = dice_span (dice, 1, PLAN_ROOMS_MAX);
    if (dice_chance (dice, 0.3))
        plan->most[1] = dice_span (dice, 2, plan->users + 1);
    if (dice_chance (dice, 0.5))
        plan->purge_ms = PICK (dice, 1000, 5000, 20000);
    if (dice_chance (dice, 0.4))
        plan_forgets (plan, dice);
}

void plan_draw (plan_t *plan, dice_t *dice)
{
    memset (plan, 0, sizeof *plan);
    plan->guests = dice_below (dice, 3);
    plan->strangers = dice_below (dice, 3);
    plan->thief = dice_chance (dice, 0.4);
    plan->users = plan->guests + 2 + dice_skew (dice, 20);
    plan->rooms = dice_span (dice, 1, PLAN_ROOMS_MAX);
    if (dice_chance (dice, 0.7)) {
        plan->keyed = dice_chance (dice, 0.5) ? 1 : 0.6;
        plan->paired = dice_chance (dice, 0.5) ? 0.5 : 0;
        plan->dens = dice_chance (dice, 0.2) ? 0 : dice_span (dice, 1, PLAN_DENS_MAX);
        plan->orders = dice_chance (dice, 0.5) ? 0.3 : 0.1;
    }
    plan->tells = dice_chance (dice, 0.3) ? 0 : dice_chance (dice, 0.5) ? 0.2 : 0.6;
    plan->faulty_ms = PICK (dice, 20000, 60000, 60000, 180000, 600000);
    plan->latency_us[0] = PICK (dice, 10, 100, 1000);
    plan->latency_us[1] = plan->latency_us[0] + PICK (dice, 50, 1000, 20000, 200000);
    plan->wire_us = PICK (dice, 0, 100, 3000);
    plan->turn_us = PICK (dice, 1, 100, 5000);
    plan->commit_us = PICK (dice, 100, 1000, 20000, 300000);
    plan->read_us = PICK (dice, 100, 1000, 20000, 300000);
    plan->act_ms = PICK (dice, 100, 500, 2000, 5000);
    plan->burst_most = PICK (dice, 20, 100, 1500);
    plan->burst = dice_chance (dice, 0.5) ? 1.0 / (double)plan->burst_most : 0;
    /*  A run is to be over in a second: 20 actions a second, 5 in a long one.   */
    uint64_t least_ms = (plan->faulty_ms > 200000 ? 200 : 50) * plan->users;
    if (plan->act_ms < least_ms)
        plan->act_ms = least_ms;
    plan->big = dice_chance (dice, 0.2) ? 0.02 : 0;
    plan->feed_hwm = (size_t)PICK (dice, 3, 20, 100, 4096);
    if (dice_chance (dice, 0.3))
        plan->retain_ms = PICK (dice, 2000, 20000, 86400000);
    if (dice_chance (dice, 0.4))
        plan->retain_bytes = PICK (dice, 500, 5000, 50000);
    plan->trim_ms = PICK (dice, 500, 3000, 10000);
    plan->grace_ms = (uint32_t)PICK (dice, 0, 0, 500, 5000);
    plan->heartbeat_ms = (uint32_t)PICK (dice, 0, 0, 1000, 5000);
    plan->flaky = dice_chance (dice, 0.2) ? 0.2 : 0;
    plan->ages = dice_chance (dice, 0.15);
    plan->sleeps = plan->ages && dice_chance (dice, 0.3);
    plan->quiet_end = dice_chance (dice, 0.5);
    plan_faults (plan, dice);
    plan->fair = dice_chance (dice, 0.1);
    if (plan->fair) {
        memset (plan->faults, 0, sizeof plan->faults);
        plan->feed_hwm = 1000000;
        plan->drop = plan->flaky = 0;
    }
    if (dice_chance (dice, 0.03))
        plan_crowd (plan, dice);
    if (dice_chance (dice, 0.5))
        plan->editors = dice_span (dice, 1, 2);
    /*  More than speak at once, fewer than ever spoke.                        */
    if (dice_chance (dice, 0.2))
        plan->producers = plan->users + plan->strangers + plan->editors + PICK (dice, 4, 16, 64);
    if (dice_chance (dice, 0.3))
        plan_ends (plan, dice);
}
