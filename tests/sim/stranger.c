/*  stranger.c - a program that speaks the protocol by hand

    It has no library, forgets what it was told, asks for what is not there, and makes
    mistakes. It listens to room/, and checks that each connection of the feed goes
    forward only.
*/
#include "stranger.h"
#include "memory.h"
#include "request.h"
#include "server.h"
#include "user.h"

struct stranger {
    sim_t *sim;
    size_t number;
    size_t life;
    bool up;
    uint64_t cut_until_us;
    uint64_t tags;
    door_t *door;
    feed_t *feed;
    const strand_t *strand;    /* the seqs are of                          */
    uint64_t heard[SIM_ROOMS]; /* last seq off the feed                        */
};

typedef struct {
    frame_t frames[WIRE_FRAMES_MAX];
    size_t count;
    char tag[ZCHAT_TAG_MAX + 8];
    char name[32];
    char body[256];
    char json[256];
} request_draft_t;

static void add (request_draft_t *draft, const char *text)
{
    draft->frames[draft->count++] = frame_str (text);
}

#define ANY(sim, of) ((of)[dice_below (&(sim)->dice, sizeof (of) / sizeof *(of))])

/*  --- requests --------------------------------------------------------------  */

/*  A room, a private one too, or the mailbox.                                 */
static const char *some_room (stranger_t *self)
{
    sim_t *sim = self->sim;
    return dice_chance (&sim->dice, 0.2) ? "@" : sim_room (sim, dice_below (&sim->dice, SIM_ROOMS));
}

/*  One of a user's names that belong to it, which cannot be had.              */
static const char *some_user (stranger_t *self)
{
    sim_t *sim = self->sim;
    const user_t *user = sim->users[dice_below (&sim->dice, sim->plan.users)];
    if (user->key && people_proven (&book_now (sim)->people, user->name, user->key))
        return user->name;
    /*  A new log knows of no owners yet: a user would not get the name back.  */
    return sim->n_books > 1 ? "Odd0" : "User0";
}

static void draft_tell (stranger_t *self, request_draft_t *draft)
{
    sim_t *sim = self->sim;
    size_t index;
    add (draft, dice_chance (&sim->dice, 0.8) ? some_user (self) : "Odd0");
    sim_write (sim, self->life, KIND_DIRECT, draft->body, 30 + dice_below (&sim->dice, 200), &index)
        ->topic = true;
    add (draft, draft->body);
    if (dice_chance (&sim->dice, 0.3))
        add (draft, "{\"data\":{}}");
}

static void draft_key (stranger_t *self, request_draft_t *draft)
{
    static const char *const jsons[] = {"{\"free\":true}", "{}", "{\"add\":\"0\"}",
                                        "{\"free\":true,\"user\":\"User1\"}"};
    sim_t *sim = self->sim;
    snprintf (draft->json, sizeof draft->json, "{\"%s\":\"%s\"}",
              dice_chance (&sim->dice, 0.5) ? "add" : "remove",
              sim_key (PLAN_USERS_MAX + 2 * self->number + dice_below (&sim->dice, 2)));
    add (draft, dice_chance (&sim->dice, 0.6) ? draft->json : ANY (sim, jsons));
}

static void draft_mode (stranger_t *self, request_draft_t *draft)
{
    static const char *const sets[] = {"op", "ban", "unban", "mute", "close", "lock", "none"};
    sim_t *sim = self->sim;
    add (draft, sim_room (sim, PLAN_ROOMS_MAX + dice_below (&sim->dice, PLAN_DENS_MAX)));
    snprintf (draft->json, sizeof draft->json, "{\"set\":\"%s\",\"user\":\"%s\"}", ANY (sim, sets),
              some_user (self));
    if (dice_chance (&sim->dice, 0.7))
        add (draft, draft->json);
}

static void draft_say (stranger_t *self, request_draft_t *draft)
{
    static const char *const jsons[] = {"{\"type\":\"action\"}",
                                        "{\"type\":\"shout\"}",
                                        "{\"data\":{\"b\":[1,2.5e3,null]}}",
                                        "{\"data\":7}",
                                        "{",
                                        "[]",
                                        "{\"producer\":\"00\",\"n\":1}",
                                        "",
                                        "{}",
                                        "{\"n\":-1}"};
    sim_t *sim = self->sim;
    size_t index;
    add (draft, dice_chance (&sim->dice, 0.95)
                    ? sim_room (sim, dice_below (&sim->dice, sim->plan.rooms))
                    : "no/name");
    sim_write (sim, self->life, KIND_PUBLIC, draft->body, 30 + dice_below (&sim->dice, 200), &index)
        ->topic = true;
    add (draft, dice_chance (&sim->dice, 0.95)  ? draft->body
                : dice_chance (&sim->dice, 0.5) ? ""
                                                : "\xff\xfe");
    if (dice_chance (&sim->dice, 0.4))
        add (draft, ANY (sim, jsons));
    else if (dice_chance (&sim->dice, 0.4)) {
        snprintf (draft->json, sizeof draft->json, "{\"producer\":\"%016llx%016llx\",\"n\":%d}",
                  (unsigned long long)dice_roll (&sim->dice),
                  (unsigned long long)dice_roll (&sim->dice),
                  dice_chance (&sim->dice, 0.7) ? 1 : 7);
        add (draft, draft->json);
    }
}

static void draft_history (stranger_t *self, request_draft_t *draft)
{
    static const char *const jsons[] = {"{\"after\":0}",
                                        "{\"after\":3,\"limit\":5}",
                                        "{\"before\":9,\"limit\":4}",
                                        "{\"before\":0}",
                                        "{\"limit\":1001}",
                                        "{\"limit\":0}",
                                        "{\"after\":1,\"before\":2}",
                                        "{\"form\":\"pack\"}",
                                        "{\"form\":\"cake\"}",
                                        "{\"after\":1000000}"};
    sim_t *sim = self->sim;
    add (draft, dice_chance (&sim->dice, 0.9) ? some_room (self) : "nobody-here");
    if (dice_chance (&sim->dice, 0.8))
        add (draft, ANY (sim, jsons));
}

static void draft_hello (stranger_t *self, request_draft_t *draft)
{
    static const char *const jsons[] = {"{\"protocol\":\"ZCHAT/1\",\"agent\":\"by hand\"}",
                                        "{\"protocol\":\"ZCHAT/9\"}",
                                        "{\"agent\":5}",
                                        "{\"session\":\"0123\"}",
                                        "{\"claim\":true}",
                                        "{\"claim\":true}",
                                        "{}"};
    if (dice_chance (&self->sim->dice, 0.7))
        add (draft, ANY (self->sim, jsons));
}

/*  True where something was said in the room that the draft names last.       */
static bool spoken_in (const sim_t *sim, const request_draft_t *draft)
{
    const book_t *book = book_now (sim);
    size_t at = book_find (book, draft->frames[draft->count - 1]);
    return at != SIM_NOWHERE && book->rooms[at].id > 0;
}

static void draft_arguments (stranger_t *self, verb_t verb, request_draft_t *draft)
{
    static const char *const nonces[] = {"abc", "bad nonce", ""};
    static const char *const afters[] = {"{}", "{\"after\":\"lobby\"}", "{\"after\":3}",
                                         "{\"after\":\"none-such\"}", "{\"after\":\"a/b\"}"};
    sim_t *sim = self->sim;
    const char *room = sim_room (sim, dice_below (&sim->dice, sim->plan.rooms));
    size_t index;
    if (verb == VERB_SAY)
        draft_say (self, draft);
    else if (verb == VERB_HISTORY)
        draft_history (self, draft);
    else if (verb == VERB_HELLO)
        draft_hello (self, draft);
    else if (verb == VERB_TELL)
        draft_tell (self, draft);
    else if (verb == VERB_KEY)
        draft_key (self, draft);
    else if (verb == VERB_MODE)
        draft_mode (self, draft);
    else if (verb == VERB_KEYS)
        add (draft, some_user (self));
    else if (verb == VERB_INVITE || verb == VERB_KICK) {
        add (draft, sim_room (sim, PLAN_ROOMS_MAX + dice_below (&sim->dice, PLAN_DENS_MAX)));
        add (draft, dice_chance (&sim->dice, 0.5) ? draft->name : some_user (self));
    } else if (verb == VERB_SYNC)
        add (draft, ANY (sim, nonces));
    else if (verb == VERB_ROOMS && dice_chance (&sim->dice, 0.8))
        add (draft, ANY (sim, afters));
    else if (verb == VERB_TOPIC) {
        add (draft, room);
        if (dice_chance (&sim->dice, 0.5)) {
            sim_write (sim, self->life, KIND_PUBLIC, draft->body, 40, &index)->topic = true;
            add (draft, draft->body);
        }
    } else if (verb == VERB_JOIN || verb == VERB_PART || verb == VERB_WHO)
        add (draft, dice_chance (&sim->dice, 0.1)   ? "an impossible name"
                    : dice_chance (&sim->dice, 0.3) ? some_room (self)
                                                    : room);
    /*  A name that nothing was said under would be the stranger's, and nobody else's.  */
    if (verb == VERB_JOIN && dice_chance (&sim->dice, 0.1) && spoken_in (sim, draft))
        add (draft, "{\"private\":true}");
}

static void stranger_send (stranger_t *self, verb_t verb)
{
    sim_t *sim = self->sim;
    request_draft_t draft = {.count = 0};
    if (dice_chance (&sim->dice, 0.5))
        add (&draft, "");
    snprintf (draft.tag, sizeof draft.tag, "t%llu%s", (unsigned long long)++self->tags,
              dice_chance (&sim->dice, 0.01) ? "-much-too-long-for-a-tag-it-is" : "");
    snprintf (draft.name, sizeof draft.name, "Odd%zu", self->number);
    add (&draft, dice_chance (&sim->dice, 0.98) ? verb_name (verb) : "DANCE");
    add (&draft, draft.tag);
    add (&draft, dice_chance (&sim->dice, 0.85)  ? draft.name
                 : dice_chance (&sim->dice, 0.5) ? ""
                 : dice_chance (&sim->dice, 0.8) ? some_user (self)
                                                 : "not a name");
    draft_arguments (self, verb, &draft);
    while (draft.count < WIRE_FRAMES_MAX && dice_chance (&sim->dice, 0.02))
        add (&draft, "more");
    payload_t *payload = payload_new (draft.frames, draft.count);
    pipe_put (&self->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

static void stranger_ask (stranger_t *self)
{
    verb_t verb = (verb_t)dice_below (&self->sim->dice, VERB_COUNT);
    if (verb == VERB_BYE && dice_chance (&self->sim->dice, 0.7))
        verb = VERB_SAY;
    stranger_send (self, verb);
}

/*  --- what comes ------------------------------------------------------------  */

static void stranger_connect (void *arg, uint64_t n);

static void stranger_hear (stranger_t *self, const packet_t *packet)
{
    frame_t name;
    const payload_t *payload = packet->payload;
    if (self->strand != self->feed->strand)
        memset (self->heard, 0, sizeof self->heard);
    self->strand = self->feed->strand;
    if (payload->count != 4 || !event_topic_name (payload->frames[0], "room/", &name))
        return;
    size_t room = sim_room_find (name);
    json_t *json = json_loadb (payload->frames[3].data, payload->frames[3].size, 0, NULL);
    uint64_t seq = (uint64_t)json_integer_value (json_object_get (json, "seq"));
    if (!json || room == SIM_NOWHERE || (seq && seq <= self->heard[room]))
        sim_wrong (self->sim, "the feed repeats itself, or goes back");
    else if (seq)
        self->heard[room] = seq;
    json_decref (json);
}

static void stranger_ready (void *owner)
{
    stranger_t *self = owner;
    packet_t *packet;
    reply_t reply;
    while (self->feed && !self->sim->failed && (packet = feed_take (self->feed))) {
        stranger_hear (self, packet);
        packet_free (packet);
    }
    while (self->door && (packet = pipe_take (&self->door->down))) {
        if (packet->kind == PACKET_UP)
            self->up = true;
        else if (packet->kind == PACKET_END) {
            door_leave (self->door);
            self->door = NULL;
            self->up = false;
            sim_after (self->sim, sim_delay (self->sim, 2000000), stranger_connect, self, 0);
        } else if (reply_decode (packet->payload->frames, packet->payload->count, &reply) !=
                   ZCHAT_OK)
            sim_wrong (self->sim, "a reply makes no sense");
        packet_free (packet);
    }
}

static void stranger_connect (void *arg, uint64_t n)
{
    stranger_t *self = arg;
    (void)n;
    sim_t *sim = self->sim;
    const char *key = dice_chance (&sim->dice, sim->plan.keyed)
                          ? sim_key (PLAN_USERS_MAX + 2 * self->number + dice_below (&sim->dice, 2))
                          : NULL;
    self->door = door_open (self->sim, key, &self->cut_until_us, stranger_ready, self);
    self->door->place = sim_place (sim, self->number);
}

static void stranger_act (void *arg, uint64_t n)
{
    stranger_t *self = arg;
    sim_t *sim = self->sim;
    if (self->up && !sim->quiet)
        stranger_ask (self);
    if (self->up && dice_chance (&sim->dice, 0.01))
        door_cut (self->door, sim_delay (sim, 100000), sim_delay (sim, 100000));
    sim_after (sim, 1 + dice_below (&sim->dice, 1000 * sim->plan.act_ms), stranger_act, self, n);
}

void stranger_flood (stranger_t *self)
{
    uint64_t count = dice_below (&self->sim->dice, 4000);
    bool histories = dice_chance (&self->sim->dice, 0.5);
    if (self->door)
        self->door->floods = true;
    while (self->up && count--)
        stranger_send (self, histories ? VERB_HISTORY : VERB_SAY);
}

stranger_t *stranger_new (sim_t *sim, size_t number)
{
    stranger_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    self->number = number;
    self->life = sim_live (sim);
    self->feed = feed_open (sim, &self->cut_until_us, stranger_ready, self);
    feed_subscribe (self->feed, frame_str ("room/"), true);
    stranger_connect (self, 0);
    stranger_act (self, 0);
    return self;
}

void stranger_free (stranger_t **stranger)
{
    free (*stranger);
    *stranger = NULL;
}
