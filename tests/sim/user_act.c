/*  user_act.c - what the program does: it talks, comes, goes and asks         */
#include "memory.h"
#include "shown.h"
#include "user.h"

enum { EDIT_MAX = 60 };

static bool user_speaks (const user_t *user)
{
    return !user->guest && !user->sim->quiet;
}

void user_join (user_t *user, size_t room)
{
    sim_t *sim = user->sim;
    static const uint64_t lasts[] = {0, 0, 1, 20, 500, 5000};
    uint64_t last = lasts[dice_below (&sim->dice, sizeof lasts / sizeof *lasts)];
    /*  A cursor that was kept is of no use in another log.                     */
    bool kept = user->views[room].kept && user->views[room].of == book_now (sim)->number;
    uint64_t since = kept ? user->views[room].seq + 1 : 0;
    user_wants (user, room, last, since);
    const char *name = room == SIM_MAILBOX ? "@" : sim_room (sim, room);
    if (delivery_join (user->delivery, name, last, since, user_now (user)) != ZCHAT_OK)
        sim_wrong (sim, "user %zu cannot join", user->number);
}

void user_join_all (user_t *user)
{
    sim_t *sim = user->sim;
    for (size_t i = 0; i < sim->plan.rooms; i++)
        if (!user->views[i].wanted && dice_chance (&sim->dice, 0.8))
            user_join (user, i);
    if (!user->guest && !user->views[SIM_MAILBOX].wanted && dice_chance (&sim->dice, 0.8))
        user_join (user, SIM_MAILBOX);
}

/*  Nested deeper than the broker takes.                                        */
static const char *user_deep_data (void)
{
    static char data[128];
    size_t used = (size_t)snprintf (data, sizeof data, "{\"x\":");
    memset (data + used, '[', 40);
    memset (data + used + 40, ']', 40);
    memcpy (data + used + 80, "}", 2);
    return data;
}

/*  Where to say something: in private rooms where it is in there.             */
static size_t user_place (const user_t *user)
{
    sim_t *sim = user->sim;
    size_t at = PLAN_ROOMS_MAX + dice_below (&sim->dice, PLAN_DENS_MAX);
    return user->views[at].wanted && dice_chance (&sim->dice, 0.5)
               ? at
               : dice_below (&sim->dice, sim->plan.rooms);
}

void user_say (user_t *user, bool may_fail)
{
    user_say_in (user, user_place (user), may_fail);
}

void user_say_in (user_t *user, size_t at, bool may_fail)
{
    static const char *const datas[] = {NULL, NULL, "{\"a\":1}", "{\"x\":[1.5,\"\xd1\x8e\"]}"};
    static char text[SIM_BODY_MAX];
    sim_t *sim = user->sim;
    uint64_t id = 0;
    size_t index, size = 40 + dice_skew (&sim->dice, 200);
    if (dice_chance (&sim->dice, sim->plan.big))
        size = SIM_BODY_MAX - dice_below (&sim->dice, 40000);
    kind_t kind = at < PLAN_ROOMS_MAX ? KIND_PUBLIC : KIND_PRIVATE;
    letter_t *letter = sim_write (sim, user->life, kind, text, size, &index);
    letter->perhaps = kind == KIND_PRIVATE || sim->plan.most[0];
    const char *data = datas[dice_below (&sim->dice, 4)];
    letter->indoors = user->views[at].wanted && user->views[at].indoors;
    letter->doomed = may_fail && dice_chance (&sim->dice, 0.01);
    /*  Fine for the client, and not for the broker.                            */
    if (letter->doomed)
        data = dice_chance (&sim->dice, 0.5) ? "{\"twice\":1,\"twice\":2}" : user_deep_data ();
    zchat_type_t type = dice_chance (&sim->dice, 0.1) ? ZCHAT_TYPE_ACTION : ZCHAT_TYPE_SAY;
    const char *room = sim_room (sim, at);
    zchat_status_t status =
        delivery_say (user->delivery, room, type, text, strlen (text), data, &id, user_now (user));
    if (status == ZCHAT_OK) {
        /*  It may have been told something at once, but not of this one.       */
        letter = &sim->lives[user->life].letters[index];
        letter->id = id;
        sim->tally->said++;
        return;
    }
    sim->lives[user->life].count--;
    if (status != ZCHAT_FULL)
        sim_wrong (sim, "user %zu cannot speak", user->number);
}

/*  Give something it said another text, an edit perhaps, or what is no more.  */
static void user_edit (user_t *user)
{
    char text[EDIT_MAX];
    sim_t *sim = user->sim;
    life_t *life = &sim->lives[user->life];
    size_t back = life->count ? 1 + dice_skew (&sim->dice, life->count - 1) : 0, index;
    letter_t old = back ? life->letters[life->count - back] : (letter_t){.seq = 0};
    uint64_t id = 0;
    if (!old.seq || old.topic || old.kind == KIND_DIRECT || old.book != book_now (sim)->number)
        return;
    letter_t *letter = sim_write (sim, user->life, old.kind, text, sizeof text, &index);
    letter->perhaps = true;
    letter->indoors = user->views[old.room].wanted && user->views[old.room].indoors;
    zchat_status_t status = delivery_edit (user->delivery, sim_room (sim, old.room), old.seq, text,
                                           strlen (text), &id, user_now (user));
    if (status == ZCHAT_OK) {
        sim->lives[user->life].letters[index].id = id;
        sim->tally->said++;
        return;
    }
    sim->lives[user->life].count--;
    if (status != ZCHAT_FULL)
        sim_wrong (sim, "user %zu cannot edit", user->number);
}

static void user_set_topic (user_t *user, size_t room)
{
    char text[64];
    sim_t *sim = user->sim;
    uint64_t id = 0;
    size_t index;
    kind_t kind = room < PLAN_ROOMS_MAX ? KIND_PUBLIC : KIND_PRIVATE;
    letter_t *letter = sim_write (sim, user->life, kind, text, sizeof text, &index);
    letter->topic = true;
    user->asking = user->refused;
    zchat_status_t status =
        delivery_topic (user->delivery, sim_room (sim, room), text, &id, user_now (user));
    user->asking = false;
    if (status != ZCHAT_OK) {
        sim->lives[user->life].count--;
        return;
    }
    sim->lives[user->life].letters[index].id = id;
    user_asks (user, id, false, true, room);
}

static void user_ask (user_t *user, size_t room)
{
    sim_t *sim = user->sim;
    const char *name = room == SIM_MAILBOX ? "@" : sim_room (sim, room);
    uint64_t id = 0, now_ms = user_now (user);
    uint64_t head = user_room (user, room)->head;
    /*  Only a history can be had of a mailbox.                                */
    uint64_t kind = room == SIM_MAILBOX ? 3 : dice_below (&sim->dice, 5);
    zchat_status_t status;
    user->asking = user->refused;
    if (kind == 0)
        status = delivery_who (user->delivery, name, &id, now_ms);
    else if (kind == 1)
        status = delivery_rooms (user->delivery, dice_chance (&sim->dice, 0.5) ? name : NULL, &id,
                                 now_ms);
    else if (kind == 2)
        status = delivery_topic (user->delivery, name, NULL, &id, now_ms);
    else {
        bool after = dice_chance (&sim->dice, 0.5);
        uint64_t before = dice_chance (&sim->dice, 0.3) ? UINT64_MAX : 1 + head / 2;
        status =
            delivery_history (user->delivery, name, dice_below (&sim->dice, head + 1),
                              after ? 0 : before, dice_span (&sim->dice, 1, 1000), &id, now_ms);
    }
    user->asking = false;
    if (status == ZCHAT_OK)
        user_asks (user, id, kind > 2, false, room);
    else if (status != ZCHAT_FULL)
        sim_wrong (sim, "user %zu cannot ask", user->number);
}

/*  What it looks for does not matter, see server_search.c; where it does.     */
static void user_search (user_t *user)
{
    sim_t *sim = user->sim;
    char words[ZCHAT_NAME_MAX + 16] = "m";
    uint64_t id = 0, where = dice_below (&sim->dice, 4);
    if (where == 0 && !user->guest)
        snprintf (words, sizeof words, "in:@ m");
    else if (where == 1)
        snprintf (words, sizeof words, "in:%s m",
                  sim_room (sim, dice_below (&sim->dice, SIM_ROOMS)));
    user->asking = user->refused;
    user_asked (user,
                delivery_search (user->delivery, words, dice_span (&sim->dice, 1, 100), NULL, &id,
                                 user_now (user)),
                &id);
}

static void user_part (user_t *user, size_t room)
{
    if (!user->views[room].wanted)
        return;
    const char *name = room == SIM_MAILBOX ? "@" : sim_room (user->sim, room);
    if (delivery_part (user->delivery, name, user_now (user)) != ZCHAT_OK)
        sim_wrong (user->sim, "user %zu cannot part", user->number);
}

/*  The program's answer to REFUSED, or a whim.                                */
static void user_rename (user_t *user)
{
    sim_t *sim = user->sim;
    if (user->guest)
        return;
    if (dice_chance (&sim->dice, 0.5)) {
        char old[sizeof user->name];
        memcpy (old, user->name, sizeof old);
        /*  The other device lets it in where both have one name, which may be somebody else's.  */
        const delivery_t *mate = user->mate ? user->mate->delivery : NULL;
        bool there = mate && delivery_connected (mate);
        if (user->mate && user->refused && (there || dice_chance (&sim->dice, 0.7)))
            memcpy (user->name, user->mate->name, sizeof user->name);
        else
            user_name (user, ".");
        /*  Another name has another mailbox.                                  */
        if (strcmp (old, user->name) != 0) {
            user->views[SIM_MAILBOX].based = user->views[SIM_MAILBOX].kept = false;
            shown_clear (user, SIM_MAILBOX);
        }
    }
    user->refused = false;
    for (size_t i = 0; i < SIM_VIEWS; i++)
        user->views[i].joined = false;
    if (delivery_rename (user->delivery, user->name, user_now (user)) != ZCHAT_OK)
        sim_wrong (sim, "user %zu cannot be renamed", user->number);
}

void user_retry (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (user->incarnation != incarnation || !user->delivery || !user->refused || user->leaving)
        return;
    user_rename (user);
    user_turn (user);
}

/*  Of the rooms that nobody else uses.                                        */
static void user_shed (user_t *user)
{
    sim_t *sim = user->sim;
    size_t at = sim->plan.rooms + user->number;
    uint64_t what = dice_below (&sim->dice, 10);
    if (user->number >= sim->plan.sheds || user->guest)
        return;
    if (what < 7)
        user_say_in (user, at, true);
    else if (user->views[at].wanted && what < 9)
        user_part (user, at);
    else if (!user->views[at].wanted)
        user_join (user, at);
    else
        user_set_topic (user, at);
}

/*  Some room, or private room, or the mailbox.                                */
static size_t user_some (const user_t *user)
{
    dice_t *dice = &user->sim->dice;
    if (!user->guest && dice_chance (dice, 0.2))
        return SIM_MAILBOX;
    return user->sim->plan.dens && dice_chance (dice, 0.2)
               ? PLAN_ROOMS_MAX + dice_below (dice, user->sim->plan.dens)
               : dice_below (dice, user->sim->plan.rooms);
}

void user_despair (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (user->incarnation == incarnation && user->delivery && !user->leaving &&
        user->frozen_us <= user->sim->now_us)
        user_part (user, user_some (user));
}

static void user_do (user_t *user)
{
    sim_t *sim = user->sim;
    dice_t *dice = &sim->dice;
    size_t room = user_some (user);
    uint64_t what = dice_below (dice, 100);
    /*  Where nothing goes wrong, coming and going is what there is to try.     */
    bool restless = sim->plan.fair && !sim->healing;
    user_admit (user);
    if (sim->quiet)
        return;
    user_dens (user);
    if (sim->plan.sheds && dice_chance (dice, 0.15)) {
        user_shed (user);
        return;
    }
    if (dice_chance (dice, sim->plan.orders)) {
        user_order (user, PLAN_ROOMS_MAX + dice_below (dice, PLAN_DENS_MAX));
        return;
    }
    if (what < (restless ? 20 : 3))
        user_part (user, room);
    else if (what < (restless ? 50 : 8))
        user_join_all (user);
    else if (what < 12)
        user_ask (user, room);
    else if (what < 14 && user_speaks (user) && room != SIM_MAILBOX)
        user_set_topic (user, room);
    else if (what < 15 && !sim->healing)
        user_rename (user);
    else if (what < 20 && user_speaks (user) && user->key)
        user_edit (user);
    else if (what < 22)
        user_search (user);
    else if (user_speaks (user)) {
        uint64_t count = 1;
        if (dice_chance (dice, sim->plan.burst))
            count = dice_span (dice, 1, sim->plan.burst_most);
        for (; count && !sim->failed; count--)
            if (dice_chance (dice, sim->plan.tells))
                user_tell (user, count < 10);
            else
                user_say (user, count < 10);
    }
}

void user_act (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    sim_t *sim = user->sim;
    if (user->incarnation != incarnation || !user->delivery)
        return;
    if (user->frozen_us <= sim->now_us && !user->leaving)
        user_do (user);
    user_turn (user);
    uint64_t mean_us = sim->plan.act_ms * 1000;
    sim_after (sim, 1 + dice_below (&sim->dice, 2 * mean_us), user_act, user, incarnation);
}
