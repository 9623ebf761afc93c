/*  user_private.c - what the program does in private: rooms of its own, direct messages, keys */
#include "memory.h"
#include "user.h"

void user_asked (user_t *user, zchat_status_t status, const uint64_t *id)
{
    user->asking = false;
    if (status == ZCHAT_OK)
        user_asks (user, *id, false, false, 0);
    else if (status != ZCHAT_FULL)
        sim_wrong (user->sim, "user %zu cannot order anything", user->number);
}

/*  --- direct messages -------------------------------------------------------  */

/*  Some user, oneself too, and now and then somebody who may not be.          */
static const char *somebody (const user_t *user)
{
    sim_t *sim = user->sim;
    size_t people = sim->plan.users - sim->plan.guests;
    if (dice_chance (&sim->dice, 0.03))
        return dice_chance (&sim->dice, 0.5) ? "Odd0" : "Nobody";
    return sim->users[dice_below (&sim->dice, people)]->name;
}

/*  Somebody who is there, or will be: of very many messages that are refused each costs a
    round of its own.                                                          */
static const char *somebody_there (const user_t *user)
{
    const sim_t *sim = user->sim;
    const char *name = somebody (user);
    return people_owner (&book_now (sim)->people, name) ? name : user->name;
}

void user_tell (user_t *user, bool may_fail)
{
    static char text[SIM_BODY_MAX];
    sim_t *sim = user->sim;
    uint64_t id = 0;
    size_t index, size = 40 + dice_skew (&sim->dice, 200);
    if (dice_chance (&sim->dice, sim->plan.big))
        size = SIM_BODY_MAX - dice_below (&sim->dice, 40000);
    letter_t *letter = sim_write (sim, user->life, KIND_DIRECT, text, size, &index);
    /*  Who is not here, and proves nothing, is nobody.                        */
    letter->perhaps = true;
    letter->doomed = may_fail && dice_chance (&sim->dice, 0.01);
    const char *data = letter->doomed                  ? "{\"twice\":1,\"twice\":2}"
                       : dice_chance (&sim->dice, 0.3) ? "{\"a\":1}"
                                                       : NULL;
    zchat_status_t status =
        delivery_tell (user->delivery, may_fail ? somebody (user) : somebody_there (user), text,
                       strlen (text), data, &id, user_now (user));
    if (status == ZCHAT_OK) {
        sim->lives[user->life].letters[index].id = id;
        sim->tally->said++;
        sim->tally->told++;
        return;
    }
    sim->lives[user->life].count--;
    if (status != ZCHAT_FULL)
        sim_wrong (sim, "user %zu cannot tell anything", user->number);
}

/*  --- private rooms ---------------------------------------------------------  */

/*  Whom an order is about: editors, too, who are no users.                    */
static const char *anybody (const user_t *user)
{
    static const char *const editors[] = {"Editor0", "Editor1"};
    sim_t *sim = user->sim;
    if (sim->plan.editors && dice_chance (&sim->dice, 0.3))
        return editors[dice_below (&sim->dice, sim->plan.editors)];
    return somebody (user);
}

static void user_mode (user_t *user, size_t room)
{
    static const char *const sets[] = {"ban", "unban", "unban", "op",    "op",
                                       "op",  "deop",  "mute",  "unmute"};
    char json[160];
    uint64_t id = 0;
    sim_t *sim = user->sim;
    snprintf (json, sizeof json, "{\"set\":\"%s\",\"user\":\"%s\"%s}",
              sets[dice_below (&sim->dice, sizeof sets / sizeof *sets)], somebody (user),
              dice_chance (&sim->dice, 0.7) ? "" : ",\"for_ms\":2000");
    user_asked (user,
                delivery_mode (user->delivery, sim_room (sim, room), json, &id, user_now (user)),
                &id);
}

static bool user_member (const user_t *user, size_t room)
{
    const book_t *book = book_now (user->sim);
    const owner_t *owner = people_proven (&book->people, user->name, user->key);
    return owner && club_member (&book->rooms[room].club, owner->number);
}

/*  Somebody has said that it is invited, or put out: it looks, maybe before the disk knows. */
static void user_hears (void *arg, uint64_t n)
{
    user_t *user = arg;
    size_t room = n % SIM_VIEWS;
    if (user->incarnation != n / SIM_VIEWS || !user->delivery || user->leaving ||
        user->frozen_us > user->sim->now_us || user->sim->quiet)
        return;
    if (!user->views[room].wanted)
        user_join (user, room);
    user_turn (user);
}

static void user_say_so (user_t *user, const char *name, size_t room)
{
    sim_t *sim = user->sim;
    for (size_t i = 0; i < sim->plan.users - sim->plan.guests; i++)
        if (strcmp (sim->users[i]->name, name) == 0 && dice_chance (&sim->dice, 0.5))
            sim_after (sim, sim_delay (sim, 4 * sim->plan.commit_us + 4 * sim->plan.latency_us[1]),
                       user_hears, sim->users[i], sim->users[i]->incarnation * SIM_VIEWS + room);
}

void user_order (user_t *user, size_t room)
{
    sim_t *sim = user->sim;
    uint64_t id = 0, what = dice_below (&sim->dice, 20);
    const char *name = sim_room (sim, room);
    const char *reason = dice_chance (&sim->dice, 0.5) ? "for a reason" : NULL;
    const char *whom = what == 12 ? user->name : anybody (user);
    if (user->guest || room >= PLAN_ROOMS_MAX + sim->plan.dens)
        return;
    if (book_now (sim)->rooms[room].id && !user_member (user, room) &&
        dice_chance (&sim->dice, 0.9))
        return;
    user->asking = user->refused;
    if (!book_now (sim)->rooms[room].id)
        user_asked (user, delivery_create (user->delivery, name, &id, user_now (user)), &id);
    else if (what < 13)
        user_asked (user,
                    delivery_order (user->delivery, what < 9 ? VERB_INVITE : VERB_KICK, name, whom,
                                    reason, &id, user_now (user)),
                    &id);
    else
        user_mode (user, room);
    user->asking = false;
    if (what < 13 && !sim->failed)
        user_say_so (user, whom, room);
}

void user_order_about (user_t *user, size_t room, const char *name, bool out)
{
    sim_t *sim = user->sim;
    uint64_t id = 0, now_ms = user_now (user);
    bool there = book_now (sim)->rooms[room].id > 0;
    if (user->guest || !user->key || !user->delivery || user->leaving ||
        user->frozen_us > sim->now_us || (there && !user_member (user, room)))
        return;
    const char *spelt = sim_room (sim, room);
    user->asking = user->refused;
    user_asked (user,
                there ? delivery_order (user->delivery, out ? VERB_KICK : VERB_INVITE, spelt, name,
                                        NULL, &id, now_ms)
                      : delivery_create (user->delivery, spelt, &id, now_ms),
                &id);
    user->asking = false;
    user_turn (user);
}

void user_dens (user_t *user)
{
    for (size_t i = PLAN_ROOMS_MAX; i < SIM_ROOMS; i++)
        if (!user->views[i].wanted && book_now (user->sim)->rooms[i].id &&
            dice_chance (&user->sim->dice, user_member (user, i) ? 0.6 : 0.01))
            user_join (user, i);
}

/*  --- keys ------------------------------------------------------------------  */

void user_admit (user_t *user)
{
    sim_t *sim = user->sim;
    const user_t *mate = user->mate;
    char json[128];
    uint64_t id = 0;
    if (!mate || user->refused || strcmp (mate->name, user->name) != 0)
        return;
    bool out = !sim->healing && dice_chance (&sim->dice, 0.02);
    if (!mate->refused && !out)
        return;
    snprintf (json, sizeof json, "{\"%s\":\"%s\"}", out ? "remove" : "add", mate->key);
    user_asked (user, delivery_key (user->delivery, json, &id, user_now (user)), &id);
}
