/*  user.c - a client's process                                                */
#include "user.h"
#include "memory.h"
#include "server.h"
#include "shown.h"

enum { ORIGIN_MS = 7000000, SPINS_MAX = 200 };

uint64_t user_now (const user_t *user)
{
    return user->sim->now_us / 1000 + ORIGIN_MS * (user->number + 1);
}

static void user_tick (void *arg, uint64_t incarnation);

/*  --- the delivery's sink ---------------------------------------------------  */

static void user_ready (void *owner);

static void sink_disconnect (void *arg)
{
    user_t *user = arg;
    if (user->door)
        door_leave (user->door);
    if (user->feed)
        feed_leave (user->feed);
    user->door = NULL;
    user->feed = NULL;
    for (size_t i = 0; i < SIM_VIEWS; i++)
        user->views[i].joined = false;
}

static void sink_connect_door (void *arg)
{
    user_t *user = arg;
    sink_disconnect (user);
    user->door = door_open (user->sim, user->key, &user->cut_until_us, user_ready, user);
    user->door->place = sim_place (user->sim, user->number);
}

static void sink_connect_feed (void *arg, const char *endpoint)
{
    user_t *user = arg;
    if (strcmp (endpoint, "tcp://127.0.0.1:5681") != 0)
        sim_wrong (user->sim, "the feed is thought to be at %s", endpoint);
    if (user->feed)
        feed_leave (user->feed);
    user->feed = feed_open (user->sim, &user->cut_until_us, user_ready, user);
}

static void sink_send (void *arg, const frame_t *frames, size_t count)
{
    user_t *user = arg;
    if (!user->door)
        return;
    payload_t *payload = payload_new (frames, count);
    pipe_put (&user->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

static void sink_subscribe (void *arg, frame_t topic)
{
    user_t *user = arg;
    if (user->feed)
        feed_subscribe (user->feed, topic, true);
}

static void sink_unsubscribe (void *arg, frame_t topic)
{
    user_t *user = arg;
    if (user->feed)
        feed_subscribe (user->feed, topic, false);
}

static void sink_event (void *arg, const zchat_event_t *event)
{
    user_event (arg, event);
}

/*  --- turns -----------------------------------------------------------------  */

static bool user_asleep (const user_t *user)
{
    return !user->delivery || user->frozen_us > user->sim->now_us || user->sim->failed;
}

/*  Be there when the delivery has something to do; a program that it would wake for
    ever and ever is one that burns a processor.                               */
static void user_settle (user_t *user)
{
    uint64_t due_ms = UINT64_MAX;
    while (!user_asleep (user) &&
           (due_ms = delivery_deadline_ms (user->delivery)) <= user_now (user)) {
        if (user->spin_ms != user_now (user))
            user->spins = 0;
        user->spin_ms = user_now (user);
        if (++user->spins > SPINS_MAX) {
            sim_wrong (user->sim, "user %zu: the delivery wants to be called again and again",
                       user->number);
            return;
        }
        delivery_tick (user->delivery, user_now (user));
    }
    if (user_asleep (user) || due_ms == UINT64_MAX)
        return;
    if (user->tick_ms > user_now (user) && user->tick_ms <= due_ms)
        return;
    user->tick_ms = due_ms;
    queue_put (user->sim->queue, (due_ms - ORIGIN_MS * (user->number + 1)) * 1000, user_tick, user,
               user->incarnation);
}

static void door_packet (user_t *user, const packet_t *packet)
{
    uint64_t now_ms = user_now (user);
    if (packet->kind == PACKET_UP)
        delivery_up (user->delivery, now_ms);
    else if (packet->kind == PACKET_END)
        delivery_down (user->delivery, "the connection was lost", now_ms);
    else
        delivery_door (user->delivery, packet->payload->frames, packet->payload->count, now_ms);
}

/*  Take whatever has arrived, of door and feed in any order.                  */
static void user_ready (void *owner)
{
    user_t *user = owner;
    bool more = true;
    while (more && !user_asleep (user)) {
        packet_t *packet;
        bool feed_first = dice_chance (&user->sim->dice, 0.5);
        more = false;
        for (int i = 0; i < 2 && !user_asleep (user); i++)
            if ((i == 0) == feed_first) {
                packet = user->feed ? feed_take (user->feed) : NULL;
                if (user->feed && feed_ended (user->feed))
                    delivery_feed_down (user->delivery, user_now (user));
                if (packet) {
                    delivery_feed (user->delivery, packet->payload->frames, packet->payload->count,
                                   user_now (user));
                    packet_free (packet);
                    more = true;
                }
            } else {
                packet = user->door ? pipe_take (&user->door->down) : NULL;
                if (packet) {
                    door_packet (user, packet);
                    packet_free (packet);
                    more = true;
                }
            }
    }
    user_settle (user);
}

void user_turn (user_t *user)
{
    user_ready (user);
}

static void user_tick (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (user->incarnation != incarnation || user_asleep (user))
        return;
    user_settle (user);
}

/*  --- life and death --------------------------------------------------------  */

/*  Two devices of one person have one name.                                   */
static void user_spell (user_t *user, const char *mark)
{
    char begin[24];
    size_t number =
        user->mate && user->mate->number < user->number ? user->mate->number : user->number;
    snprintf (begin, sizeof begin, number % 4 == 3 ? USER_LOOKING : USER_PLAIN, number);
    snprintf (user->name, sizeof user->name, "%s%s", begin, mark);
}

user_t *user_new (sim_t *sim, size_t number, bool guest)
{
    user_t *user = memory_zero (sizeof *user);
    user->sim = sim;
    user->number = number;
    user->guest = guest;
    if (!guest && dice_chance (&sim->dice, sim->plan.keyed))
        user->key = sim_key (number);
    if (user->key && number && sim->users[number - 1]->key && !sim->users[number - 1]->mate &&
        dice_chance (&sim->dice, sim->plan.paired)) {
        user->mate = sim->users[number - 1];
        user->mate->mate = user;
    }
    if (!guest)
        user_spell (user, "");
    return user;
}

void user_free (user_t **user)
{
    if (*user) {
        delivery_destroy (&(*user)->delivery);
        shown_clear_all (*user);
        free (*user);
        *user = NULL;
    }
}

void user_name (user_t *user, const char *mark)
{
    char text[16];
    /*  A key has a few names only.                                            */
    snprintf (text, sizeof text, "%s%llu", mark,
              (unsigned long long)dice_below (&user->sim->dice, user->key ? 3 : 5));
    user_spell (user, text);
}

void user_start (user_t *user)
{
    sim_t *sim = user->sim;
    static const uint8_t kept[ZCHAT_KEY_SIZE];
    /*  Which key it is the network says, see sim_key; that it is kept, the delivery.  */
    zchat_options_t options = {.user = user->name, .secret_key = user->key ? kept : NULL};
    delivery_sink_t sink = {.connect_door = sink_connect_door,
                            .connect_feed = sink_connect_feed,
                            .disconnect = sink_disconnect,
                            .send = sink_send,
                            .subscribe = sink_subscribe,
                            .unsubscribe = sink_unsubscribe,
                            .event = sink_event,
                            .arg = user};
    uint8_t seed[32];
    const char *why = NULL;
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)dice_roll (&sim->dice);
    user->incarnation++;
    user->life = sim_live (sim);
    user->tick_ms = user->spin_ms = user->frozen_us = user->early = 0;
    user->met = user->refused = user->replaced = user->leaving = false;
    if (delivery_new (&options, seed, &sink, &user->delivery, &why) != ZCHAT_OK) {
        sim_wrong (sim, "no delivery to be had: %s", why);
        return;
    }
    sim_trace (sim, "user %zu starts as %s, life %zu", user->number, user->name, user->life);
    delivery_start (user->delivery, user_now (user));
    user_join_all (user);
    user_settle (user);
    sim_after (sim, sim_delay (sim, 100000), user_act, user, user->incarnation);
}

static void user_again (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (!user->delivery && user->incarnation == incarnation)
        user_start (user);
}

/*  What was under way may have arrived or not; the program remembers how far it had
    come, or it does not.                                                      */
void user_kill (user_t *user)
{
    sim_t *sim = user->sim;
    if (!user->delivery)
        return;
    sim_trace (sim, "user %zu dies", user->number);
    bool keeps = dice_chance (&sim->dice, 0.5);
    life_t *life = &sim->lives[user->life];
    for (size_t i = 0; i < life->count; i++)
        if (life->letters[i].fate == FATE_OPEN)
            life->letters[i].fate = FATE_UNKNOWN;
    sink_disconnect (user);
    delivery_destroy (&user->delivery);
    shown_clear_all (user);
    memset (user->queries, 0, sizeof user->queries);
    for (size_t i = 0; i < SIM_VIEWS; i++) {
        user->views[i].wanted = false;
        user->views[i].kept = keeps && user->views[i].based;
    }
    if (!keeps)
        user->book = NULL;
    if (!user->guest && dice_chance (&sim->dice, 0.3)) {
        user_name (user, "-");
        user->views[SIM_MAILBOX].based = user->views[SIM_MAILBOX].kept = false;
    }
    *user->box = '\0';
    sim_after (sim, sim_delay (sim, 10000000), user_again, user, user->incarnation);
}

static void user_left (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (user->incarnation != incarnation || !user->delivery)
        return;
    if (delivery_closed (user->delivery) || user->sim->healing)
        user_kill (user);
    else
        sim_after (user->sim, 100000, user_left, user, incarnation);
}

void user_leave (user_t *user)
{
    if (user_asleep (user) || user->leaving)
        return;
    user->leaving = true;
    delivery_bye (user->delivery, user_now (user));
    user_ready (user);
    user_left (user, user->incarnation);
}

static void user_thaw (void *arg, uint64_t incarnation)
{
    user_t *user = arg;
    if (user->incarnation == incarnation)
        user_ready (user);
}

void user_freeze (user_t *user, uint64_t us)
{
    user->frozen_us = user->sim->now_us + us;
    sim_after (user->sim, us, user_thaw, user, user->incarnation);
}

/*  What was sent waits to be sent again; whoever notices nothing for too long breaks
    the connection.                                                            */
void user_partition (user_t *user, uint64_t us)
{
    sim_t *sim = user->sim;
    user->cut_until_us = sim->now_us + us;
    if (user->door && us > 12000000)
        door_cut (user->door, dice_span (&sim->dice, 10000000, 15000000),
                  dice_span (&sim->dice, 15000000, 20000000));
    else if (user->door) {
        pipe_delay (&user->door->up, user->cut_until_us);
        pipe_delay (&user->door->down, user->cut_until_us);
    }
    if (user->feed && user->feed->strand && us > 12000000)
        feed_cut (user->feed, dice_span (&sim->dice, 10000000, 15000000));
    else if (user->feed && user->feed->strand) {
        pipe_delay (&user->feed->strand->up, user->cut_until_us);
        pipe_delay (&user->feed->strand->down, user->cut_until_us);
    }
}

const book_room_t *user_room (const user_t *user, size_t view)
{
    const book_t *book = user->book ? user->book : book_now (user->sim);
    size_t at = view == SIM_MAILBOX ? book_find (book, frame_str (user->box)) : view;
    return view == SIM_MAILBOX && (!*user->box || at == SIM_NOWHERE) ? &book->none
                                                                     : &book->rooms[at];
}

/*  It was in a room that ended, and was not told, nor has it come into the next one by making that
    a private one.                                                             */
static bool user_left_behind (const user_t *user, size_t at)
{
    const view_t *view = &user->views[at];
    const book_room_t *room = user_room (user, at);
    const owner_t *owner = people_proven (&book_now (user->sim)->people, user->name, user->key);
    return view->wanted && view->joined && !user->guest && view->ended != room->n_past &&
           !(owner && club_member (&room->club, owner->number));
}

const char *user_lacks (user_t *user)
{
    static char text[128];
    if (!user->delivery)
        return "does not run";
    if (!delivery_connected (user->delivery))
        return "is not connected";
    if (user->book != book_now (user->sim))
        return "knows an old log";
    size_t open = delivery_unacknowledged (user->delivery);
    if (open) {
        snprintf (text, sizeof text, "has %zu messages unacknowledged", open);
        return text;
    }
    for (size_t i = 0; i < SIM_VIEWS; i++) {
        const view_t *view = &user->views[i];
        const book_room_t *room = user_room (user, i);
        uint64_t head = room->head;
        /*  Where nothing was said, it does not matter how far other rooms had come.  */
        if (!room->id && view->joined && view->seq < head)
            head = view->seq;
        if (user_left_behind (user, i))
            return i == SIM_MAILBOX ? "is in a mailbox that ended" : "is in a room that ended";
        if (!view->wanted || (view->joined && view->seq == head))
            continue;
        snprintf (text, sizeof text, "%s room %zu at %llu of %llu",
                  view->joined ? "stands in" : "has not joined", i, (unsigned long long)view->seq,
                  (unsigned long long)head);
        return text;
    }
    for (size_t i = 0; i < USER_QUERIES_MAX; i++)
        if (user->queries[i].id)
            return "waits for a reply";
    return NULL;
}
