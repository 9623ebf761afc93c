/*  editor.c - somebody who edits, reacts, takes away, and reads what became of messages */
#include "editor.h"
#include "book.h"
#include "memory.h"
#include "reading.h"
#include "request.h"
#include "server.h"
#include "user.h"

enum { OUTBOX_MAX = 40, KNOWN_MAX = 64, BODY_MAX = 60 };

/*  What is to be sent, and sent again, until it is answered.                  */
typedef struct wish {
    struct wish *next;
    verb_t verb;
    size_t room;
    uint64_t seq; /* that it is about; SAY: that it answers, or 0              */
    uint64_t n;   /* SAY, EDIT: the producer's                                 */
    char body[BODY_MAX];
    char tag[24];
} wish_t;

struct editor {
    sim_t *sim;
    size_t life;
    const char *key;
    char name[16];
    uint64_t cut_until_us;
    door_t *door;
    bool up, greeted;
    uint64_t tags;
    size_t book;                     /* what follows is of                                   */
    char producer[33];               /* hex                                                  */
    uint64_t n;                      /* its last                                             */
    uint64_t connection, forgotten;  /* how many there were; what HELLO told of this one   */
    uint64_t began, began_forgotten; /* over which the producer's first went; 0: not yet   */
    wish_t *outbox;                  /* in order                                             */
    size_t n_outbox;
    struct {
        size_t room;
        uint64_t seq;
    } known[KNOWN_MAX]; /* messages of one's own                                */
    size_t n_known;
    size_t reads; /* the room + 1 of the HISTORY under way; 0: none is */
    char read_tag[24];
    bool outside; /* of the private room that is read, when it was asked for */
    uint64_t read_us;
    size_t read_era; /* how often that room had ended then                      */
    reading_t *rooms[SIM_ROOMS];
};

/*  --- private rooms ---------------------------------------------------------  */

static const owner_t *editor_owner (const editor_t *self)
{
    return people_proven (&book_now (self->sim)->people, self->name, self->key);
}

static bool editor_member (const editor_t *self, size_t room)
{
    const club_t *club = &book_now (self->sim)->rooms[room].club;
    const owner_t *owner = editor_owner (self);
    return club->is_private && owner && club_member (club, owner->number);
}

/*  It was a member at that time or later.                                     */
static bool editor_was (const editor_t *self, size_t room, uint64_t since_us)
{
    const club_t *club = &book_now (self->sim)->rooms[room].club;
    const owner_t *owner = editor_owner (self);
    for (size_t i = 0; owner && i < club->n_spells; i++)
        if (club->spells[i].owner == owner->number && club->spells[i].to_us > since_us)
            return true;
    return false;
}

/*  Where it reads or does something: now and then where it may not.           */
static size_t editor_place (const editor_t *self)
{
    sim_t *sim = self->sim;
    if (sim->plan.dens && dice_chance (&sim->dice, 0.5)) {
        size_t den = PLAN_ROOMS_MAX + dice_below (&sim->dice, sim->plan.dens);
        if (editor_member (self, den) ||
            (book_now (sim)->rooms[den].club.is_private && dice_chance (&sim->dice, 0.1)))
            return den;
    }
    return dice_below (&sim->dice, sim->plan.rooms);
}

/*  Nobody reads in it whom the broker knows to be outside, and who is not let in since.  */
static void read_judge (const editor_t *self, size_t room)
{
    bool same = book_now (self->sim)->rooms[room].n_past == self->read_era;
    /*  Behind its end there is nothing to read, or a room for everybody.      */
    if (self->outside && same && !editor_was (self, room, self->read_us))
        sim_wrong (self->sim, "%s reads in the private room %zu, which it is not a member of",
                   self->name, room);
}

/*  --- sending ---------------------------------------------------------------  */

static void editor_send (editor_t *self, const frame_t *frames, size_t count)
{
    payload_t *payload = payload_new (frames, count);
    pipe_put (&self->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

/*  Whoever sends a producer's first message again says so, see PROTOCOL.md.   */
static const char *wish_again (editor_t *self, const wish_t *wish)
{
    static char json[40];
    *json = '\0';
    if (wish->n == 1 && !self->began) {
        self->began = self->connection;
        self->began_forgotten = self->forgotten;
    } else if (wish->n == 1 && self->began != self->connection)
        snprintf (json, sizeof json, ",\"again\":%llu", (unsigned long long)self->began_forgotten);
    return json;
}

static void wish_send (editor_t *self, const wish_t *wish)
{
    char seq[24], json[160];
    int size = 0;
    frame_t frames[8] = {frame_str (verb_name (wish->verb)), frame_str (wish->tag),
                         frame_str (self->name), frame_str (sim_room (self->sim, wish->room))};
    size_t count = 4;
    snprintf (seq, sizeof seq, "%llu", (unsigned long long)wish->seq);
    if (wish->verb != VERB_SAY)
        frames[count++] = frame_str (seq);
    if (wish->verb != VERB_REMOVE)
        frames[count++] = frame_str (wish->body);
    if (wish->n) {
        size = snprintf (json, sizeof json, "{\"producer\":\"%s\",\"n\":%llu%s", self->producer,
                         (unsigned long long)wish->n, wish_again (self, wish));
        if (wish->verb == VERB_SAY && wish->seq)
            size += snprintf (json + size, sizeof json - (size_t)size, ",\"re\":%s", seq);
        /*  It is for this room, or for none.                                  */
        if (wish->verb == VERB_SAY && wish->room >= PLAN_ROOMS_MAX)
            size += snprintf (json + size, sizeof json - (size_t)size, ",\"private\":true");
        snprintf (json + size, sizeof json - (size_t)size, "}");
        frames[count++] = frame_str (json);
    }
    editor_send (self, frames, count);
}

static void producer_new (editor_t *self)
{
    snprintf (self->producer, sizeof self->producer, "%016llx%016llx",
              (unsigned long long)dice_roll (&self->sim->dice),
              (unsigned long long)dice_roll (&self->sim->dice));
    self->n = 0;
    self->began = 0;
}

/*  Nobody knows what of it is stored.                                         */
static void outbox_drop (editor_t *self)
{
    while (self->outbox) {
        wish_t *wish = self->outbox;
        self->outbox = wish->next;
        free (wish);
    }
    self->n_outbox = 0;
    producer_new (self);
}

static void wish_add (editor_t *self, verb_t verb, size_t room, uint64_t seq, const char *word)
{
    size_t index;
    wish_t *wish = memory_zero (sizeof *wish), **last = &self->outbox;
    wish->verb = verb;
    wish->room = room;
    wish->seq = seq;
    snprintf (wish->tag, sizeof wish->tag, "e%llu", (unsigned long long)++self->tags);
    snprintf (wish->body, sizeof wish->body, "%s", word);
    if (verb == VERB_SAY || verb == VERB_EDIT) {
        bool indoors = room >= PLAN_ROOMS_MAX;
        sim_write (self->sim, self->life, indoors ? KIND_PRIVATE : KIND_PUBLIC, wish->body,
                   sizeof wish->body, &index)
            ->indoors = indoors;
        wish->n = ++self->n;
    }
    while (*last)
        last = &(*last)->next;
    *last = wish;
    self->n_outbox++;
    if (self->greeted)
        wish_send (self, wish);
}

/*  --- what comes ------------------------------------------------------------  */

static void editor_connect (void *arg, uint64_t n);
static void editor_read_on (editor_t *self);

static void editor_again (editor_t *self)
{
    door_leave (self->door);
    self->door = NULL;
    self->up = self->greeted = false;
    self->reads = 0;
    sim_after (self->sim, sim_delay (self->sim, 1000000), editor_connect, self, 0);
}

static void editor_hello (editor_t *self)
{
    frame_t frames[] = {frame_str ("HELLO"), frame_str ("hello"), frame_str (self->name),
                        frame_str ("{\"claim\":true}")};
    editor_send (self, frames, 4);
}

static void editor_greeted (editor_t *self, const json_t *json)
{
    self->greeted = true;
    self->connection++;
    self->forgotten = (uint64_t)json_integer_value (json_object_get (json, "forgotten"));
    if (self->book != self->door->book) {
        self->book = self->door->book;
        self->n_known = 0;
        outbox_drop (self);
        for (size_t i = 0; i < SIM_ROOMS; i++)
            reading_clear (self->rooms[i]);
    }
    for (const wish_t *wish = self->outbox; wish; wish = wish->next)
        wish_send (self, wish);
}

/*  False: what comes is of a log that was replaced.                           */
static bool editor_present (const editor_t *self)
{
    return self->book == book_now (self->sim)->number;
}

static void wish_done (editor_t *self, const wish_t *wish, const json_t *json)
{
    uint64_t seq = (uint64_t)json_integer_value (json_object_get (json, "seq"));
    if (wish->verb != VERB_SAY || !seq)
        return;
    size_t at = self->n_known < KNOWN_MAX ? self->n_known++
                                          : (size_t)dice_below (&self->sim->dice, KNOWN_MAX);
    self->known[at].room = wish->room;
    self->known[at].seq = seq;
}

static bool code_is (const char *code, const char *const *of)
{
    for (; *of; of++)
        if (strcmp (code, *of) == 0)
            return true;
    return false;
}

/*  The wish is refused for good, and nothing stands behind it that would be refused for that. */
static bool wish_over (const editor_t *self, const wish_t *wish, const char *code)
{
    static const char *const final[] = {"nobody", "limit", NULL};
    /*  By a clock that was set back it was said before the name was the editor's.  */
    bool early = (self->sim->wall_low_ms || self->sim->wall_off_ms) && wish->verb == VERB_REMOVE &&
                 strcmp (code, "operator") == 0;
    bool outside = wish->room >= PLAN_ROOMS_MAX && strcmp (code, "private") == 0;
    return !wish->n && (code_is (code, final) || early || outside);
}

static void editor_refused (editor_t *self, const wish_t *wish, const char *code)
{
    static const char *const passing[] = {"slow",  "storage",  "hello", "closing",
                                          "taken", "identity", NULL};
    if (code_is (code, passing))
        editor_again (self);
    else if (wish->n)
        outbox_drop (self);
    else
        sim_wrong (self->sim, "%s was refused a %s with %s", self->name, verb_name (wish->verb),
                   code);
}

static void editor_reply (editor_t *self, const reply_t *reply)
{
    json_t *json = json_loadb (reply->json.data, reply->json.size, 0, NULL);
    const char *code = json_string_value (json_object_get (json, "code"));
    wish_t *wish = self->outbox;
    if (frame_is (reply->tag, "hello")) {
        if (code)
            editor_again (self);
        else
            editor_greeted (self, json);
    } else if (frame_is (reply->tag, "ping")) {
        if (code)
            editor_again (self);
    } else if (self->reads && frame_is (reply->tag, self->read_tag)) {
        if (!code && editor_present (self)) {
            read_judge (self, self->reads - 1);
            reading_page (self->rooms[self->reads - 1], json);
        }
        self->reads = 0;
        /*  A long log is to be read in time.                                  */
        if (!code && self->sim->quiet && self->greeted && !self->outbox)
            editor_read_on (self);
    } else if (wish && frame_is (reply->tag, wish->tag)) {
        /*  Replies come in the order of the requests.                         */
        if (!code || wish_over (self, wish, code)) {
            self->outbox = wish->next;
            self->n_outbox--;
            if (!code)
                wish_done (self, wish, json);
            free (wish);
        } else
            editor_refused (self, wish, code);
    } else if (wish && code && strcmp (code, "slow") == 0)
        editor_again (self);
    json_decref (json);
}

static void editor_ready (void *owner)
{
    editor_t *self = owner;
    packet_t *packet;
    reply_t reply;
    while (self->door && !self->sim->failed && (packet = pipe_take (&self->door->down))) {
        if (packet->kind == PACKET_UP) {
            self->up = true;
            editor_hello (self);
        } else if (packet->kind == PACKET_END)
            editor_again (self);
        else if (reply_decode (packet->payload->frames, packet->payload->count, &reply) != ZCHAT_OK)
            sim_wrong (self->sim, "a reply makes no sense");
        else if (reply.kind == REPLY_OK || reply.kind == REPLY_ERR)
            editor_reply (self, &reply);
        else if (self->reads && frame_is (reply.tag, self->read_tag) && editor_present (self))
            reading_mail (self->rooms[self->reads - 1], &reply);
        packet_free (packet);
    }
}

static void editor_connect (void *arg, uint64_t n)
{
    editor_t *self = arg;
    (void)n;
    self->door = door_open (self->sim, self->key, &self->cut_until_us, editor_ready, self);
}

/*  --- what it does ----------------------------------------------------------  */

/*  It may read the room, and has not read it to its end.                      */
static bool editor_behind (const editor_t *self, size_t room)
{
    return (room < self->sim->plan.rooms || editor_member (self, room)) &&
           reading_seq (self->rooms[room]) < book_now (self->sim)->rooms[room].head;
}

/*  What to read next: in the end what is not read yet, for there is little time. */
static size_t editor_wants (const editor_t *self)
{
    size_t first = dice_below (&self->sim->dice, SIM_ROOMS);
    for (size_t i = 0; self->sim->quiet && i < SIM_ROOMS; i++)
        if (editor_behind (self, (first + i) % SIM_ROOMS))
            return (first + i) % SIM_ROOMS;
    return editor_place (self);
}

static void editor_read (editor_t *self)
{
    sim_t *sim = self->sim;
    char json[120];
    size_t room = editor_wants (self);
    self->read_us = sim->now_us;
    self->read_era = book_now (sim)->rooms[room].n_past;
    /*  It is that, too, as long as the broker was not told.                   */
    self->outside = book_now (sim)->rooms[room].club.is_private && editor_present (self) &&
                    !editor_was (self, room, sim->server->landed_us);
    snprintf (self->read_tag, sizeof self->read_tag, "r%llu", (unsigned long long)++self->tags);
    snprintf (json, sizeof json, "{\"after\":%llu,\"limit\":%llu,\"form\":\"%s\",\"marks\":true}",
              (unsigned long long)reading_seq (self->rooms[room]),
              (unsigned long long)dice_span (&sim->dice, 1, 200),
              dice_chance (&sim->dice, 0.5) ? "pack" : "events");
    frame_t frames[] = {frame_str ("HISTORY"), frame_str (self->read_tag), frame_str (self->name),
                        frame_str (sim_room (sim, room)), frame_str (json)};
    reading_begin (self->rooms[room]);
    self->reads = room + 1;
    editor_send (self, frames, 5);
}

/*  Nothing is left to read: a page under way is something that the core holds.  */
static void editor_ping (editor_t *self)
{
    frame_t frames[] = {frame_str ("PING"), frame_str ("ping"), frame_str (self->name)};
    editor_send (self, frames, 3);
}

static void editor_read_on (editor_t *self)
{
    for (size_t i = 0; i < SIM_ROOMS; i++)
        if (editor_behind (self, i)) {
            editor_read (self);
            return;
        }
}

/*  In a private room one that shows where it was said, see guard.c.           */
static const char *editor_word (const editor_t *self, size_t room)
{
    static const char *const words[][3] = {
        {"ok", "+1", "\xf0\x9f\x91\x8d"}, {"q0.ok", "q0.+1", "q0.no"}, {"q1.ok", "q1.+1", "q1.no"}};
    return words[room < PLAN_ROOMS_MAX ? 0 : 1 + room - PLAN_ROOMS_MAX]
                [dice_below (&self->sim->dice, 3)];
}

static void editor_do (editor_t *self)
{
    sim_t *sim = self->sim;
    uint64_t what = dice_below (&sim->dice, 100);
    size_t room = editor_place (self);
    uint64_t head = book_now (sim)->rooms[room].told[0];
    uint64_t back = head ? dice_skew (&sim->dice, head) : 0;
    if (what < 35 || !self->n_known || !head) {
        wish_add (self, VERB_SAY, room, dice_chance (&sim->dice, 0.3) ? head : 0, "");
        return;
    }
    size_t own = dice_below (&sim->dice, self->n_known);
    if (what < 60)
        wish_add (self, VERB_EDIT, self->known[own].room, self->known[own].seq, "");
    else if (what < 80)
        wish_add (self, VERB_REACT, room, head - back, editor_word (self, room));
    else if (what < 92)
        wish_add (self, VERB_UNREACT, room, head - back, editor_word (self, room));
    else
        wish_add (self, VERB_REMOVE, self->known[own].room, self->known[own].seq, "");
}

/*  Some user lets it in, or puts it out.                                      */
static void editor_moves (const editor_t *self)
{
    sim_t *sim = self->sim;
    if (!sim->plan.dens || !editor_owner (self) || !dice_chance (&sim->dice, 0.2))
        return;
    size_t den = PLAN_ROOMS_MAX + dice_below (&sim->dice, sim->plan.dens);
    bool out = editor_member (self, den);
    if (out && dice_chance (&sim->dice, 0.6))
        return;
    size_t first = dice_below (&sim->dice, sim->plan.users);
    for (size_t i = 0; i < 4 && i < sim->plan.users && !sim->failed; i++)
        user_order_about (sim->users[(first + i) % sim->plan.users], den, self->name, out);
}

static void editor_act (void *arg, uint64_t n)
{
    editor_t *self = arg;
    sim_t *sim = self->sim;
    /*  So often as to be heard.                                               */
    uint64_t heartbeat_ms = sim->plan.heartbeat_ms ? sim->plan.heartbeat_ms : ZCHAT_HEARTBEAT_MS;
    if (self->greeted && sim->quiet)
        editor_ping (self);
    if (self->greeted && sim->quiet && !self->reads)
        editor_read_on (self);
    else if (self->greeted && !self->reads)
        editor_read (self);
    if (!sim->quiet && self->n_outbox < OUTBOX_MAX && dice_chance (&sim->dice, 0.7))
        for (uint64_t i = dice_skew (&sim->dice, 6) + 1; i && self->n_outbox < OUTBOX_MAX; i--)
            editor_do (self);
    if (!sim->quiet)
        editor_moves (self);
    if (self->up && !sim->quiet && dice_chance (&sim->dice, 0.01))
        door_cut (self->door, sim_delay (sim, 100000), sim_delay (sim, 100000));
    uint64_t most_us =
        500 * sim->plan.act_ms < 1000 * heartbeat_ms ? 500 * sim->plan.act_ms : 1000 * heartbeat_ms;
    sim_after (sim, 1 + dice_below (&sim->dice, most_us), editor_act, self, n);
}

/*  ---------------------------------------------------------------------------  */

editor_t *editor_new (sim_t *sim, size_t number)
{
    editor_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    self->life = sim_live (sim);
    self->key = sim_key (SIM_KEY_EDITORS + number);
    snprintf (self->name, sizeof self->name, "Editor%zu", number);
    for (size_t i = 0; i < SIM_ROOMS; i++)
        self->rooms[i] = reading_new (sim, i, self->name);
    producer_new (self);
    editor_connect (self, 0);
    editor_act (self, 0);
    return self;
}

void editor_free (editor_t **editor)
{
    editor_t *self = *editor;
    if (!self)
        return;
    outbox_drop (self);
    for (size_t i = 0; i < SIM_ROOMS; i++)
        reading_free (&self->rooms[i]);
    free (self);
    *editor = NULL;
}

const char *editor_lacks (const editor_t *self)
{
    if (!self->greeted || self->book != book_now (self->sim)->number)
        return "an editor is not greeted";
    if (self->outbox)
        return "an editor has something to send";
    for (size_t i = 0; i < SIM_ROOMS; i++)
        if (editor_behind (self, i))
            return "an editor has not read all";
    return NULL;
}

void editor_judge (editor_t *self)
{
    for (size_t i = 0; i < SIM_ROOMS; i++)
        if (i < self->sim->plan.rooms || editor_member (self, i))
            reading_judge (self->rooms[i]);
}
