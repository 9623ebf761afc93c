/*  reader.c - two people who read and mention each other, by hand, on two devices each  */
#include "reader.h"
#include "book.h"
#include "memory.h"
#include "people.h"
#include "request.h"
#include "server.h"
#include <jansson.h>

enum { DEVICES = 2 };

#define ull(number) ((unsigned long long)(number))

typedef struct {
    reader_t *reader;
    size_t number;
    bool up;
    uint64_t cut_until_us;
    uint64_t tags;
    door_t *door;
    uint64_t told[SIM_ROOMS];  /* over this connection                          */
    uint64_t floor[SIM_ROOMS]; /* was on disk when it was made                  */
    uint64_t unread_tag;       /* of the last UNREAD                            */
    uint64_t unread_changes;   /* see reader, when it was asked                 */
} device_t;

struct reader {
    sim_t *sim;
    size_t number;
    size_t life;
    char name[16];
    size_t book; /* what follows is of                                          */
    uint64_t asked[SIM_ROOMS];
    uint64_t stored[SIM_ROOMS];
    struct {
        size_t room;
        uint64_t seq;
    } * mentions;
    size_t n_mentions, mentions_room;
    uint64_t changes; /* of the mentions                                        */
    device_t devices[DEVICES];
};

/*  Another log knows nothing of what was read.                                */
static void reader_turn (reader_t *self)
{
    if (self->book == self->sim->n_books)
        return;
    self->book = self->sim->n_books;
    self->n_mentions = 0;
    memset (self->asked, 0, sizeof self->asked);
    memset (self->stored, 0, sizeof self->stored);
}

/*  --- what they ask ---------------------------------------------------------  */

static void device_send (device_t *self, const char *verb, const char *first, const char *second)
{
    char tag[24];
    snprintf (tag, sizeof tag, "r%llu", ull (++self->tags));
    frame_t frames[] = {frame_str (verb), frame_str (tag), frame_str (self->reader->name),
                        frame_str (first ? first : ""), frame_str (second ? second : "")};
    payload_t *payload = payload_new (frames, second ? 5 : first ? 4 : 3);
    pipe_put (&self->door->up, PACKET_MESSAGE, payload);
    payload_free (payload);
}

static void device_hello (device_t *self)
{
    device_send (self, "HELLO", "{\"claim\":true}", NULL);
    device_send (self, "JOIN", "@", NULL);
}

static void device_read (device_t *self)
{
    reader_t *reader = self->reader;
    sim_t *sim = reader->sim;
    size_t at = dice_below (&sim->dice, sim->plan.rooms);
    char number[24];
    uint64_t head = book_now (sim)->rooms[at].head;
    uint64_t seq = dice_chance (&sim->dice, 0.1) ? 1000000 : dice_below (&sim->dice, head + 2);
    /*  One beyond the head counts as the head, whatever that is by then.      */
    uint64_t most = seq > head ? UINT64_MAX : seq;
    if (most > reader->asked[at])
        reader->asked[at] = most;
    snprintf (number, sizeof number, "%llu", ull (seq));
    device_send (self, "READ", sim_room (sim, at), number);
}

static void device_say (device_t *self)
{
    static const char *const ends[] = {" @Reader0", " @reader1!", " (@User0) @user1", " a@Reader0"};
    reader_t *reader = self->reader;
    sim_t *sim = reader->sim;
    char body[128];
    size_t index, end = dice_below (&sim->dice, sizeof ends / sizeof *ends);
    sim_write (sim, reader->life, KIND_PUBLIC, body, 60, &index)->topic = true;
    snprintf (body + strlen (body), sizeof body - 64, "%s", ends[end]);
    device_send (self, "SAY", sim_room (sim, dice_below (&sim->dice, sim->plan.rooms)), body);
}

static void device_act (void *arg, uint64_t n)
{
    device_t *self = arg;
    sim_t *sim = self->reader->sim;
    if (self->up) {
        reader_turn (self->reader);
        uint64_t what = dice_below (&sim->dice, 10);
        if (what == 0)
            device_hello (self);
        else if (what == 1) {
            device_send (self, "UNREAD", NULL, NULL);
            self->unread_tag = self->tags;
            self->unread_changes = self->reader->changes;
        } else if (what == 2)
            device_send (self, "READ", sim_room (sim, dice_below (&sim->dice, sim->plan.rooms)),
                         NULL);
        else if (what == 3)
            device_send (self, "AWAY", dice_chance (&sim->dice, 0.5) ? "tea" : "", NULL);
        else if (what < 6 && !sim->quiet)
            device_say (self);
        else
            device_read (self);
    }
    sim_after (sim, 1 + dice_below (&sim->dice, 1000 * sim->plan.act_ms), device_act, self, n);
}

/*  --- what they are told ----------------------------------------------------  */

static void device_told (device_t *self, size_t at, uint64_t read)
{
    const reader_t *reader = self->reader;
    if (read < self->told[at] || read < self->floor[at] || read > reader->asked[at])
        sim_wrong (reader->sim,
                   "%s is told that room %zu is read up to %llu: before it was %llu, on disk is "
                   "%llu, said was %llu",
                   reader->name, at, ull (read), ull (self->told[at]), ull (self->floor[at]),
                   ull (reader->asked[at]));
    self->told[at] = read;
}

static uint64_t number_of (const json_t *json, const char *key)
{
    return (uint64_t)json_integer_value (json_object_get (json, key));
}

/*  One room of an answer. all: the answer knows of all mentions that are committed. */
static void device_row (device_t *self, const json_t *row, bool all)
{
    const reader_t *reader = self->reader;
    sim_t *sim = reader->sim;
    const char *name = json_string_value (json_object_get (row, "room"));
    size_t at = name ? sim_room_find (frame_str (name)) : SIM_NOWHERE;
    uint64_t read = number_of (row, "read"), head = number_of (row, "head"), count = 0;
    if (at >= PLAN_ROOMS_MAX)
        return;
    device_told (self, at, read);
    if (read > head)
        sim_wrong (sim, "read is %llu, and head %llu", ull (read), ull (head));
    for (size_t i = 0; i < reader->n_mentions; i++)
        count += reader->mentions[i].room == at && reader->mentions[i].seq > read &&
                 reader->mentions[i].seq <= head;
    uint64_t told = number_of (row, "mentions");
    if (told > count || (all && told < count && count <= ZCHAT_MENTIONS_KEPT))
        sim_wrong (sim, "%s is told of %llu mentions in room %zu behind %llu, of %llu",
                   reader->name, ull (told), at, ull (read), ull (count));
}

static void device_answer (device_t *self, const reply_t *reply)
{
    const reader_t *reader = self->reader;
    const plan_t *plan = &reader->sim->plan;
    json_t *json = json_loadb (reply->json.data, reply->json.size, 0, NULL), *row;
    const json_t *rooms = json_object_get (json, "rooms");
    char tag[24];
    size_t i;
    snprintf (tag, sizeof tag, "r%llu", ull (self->unread_tag));
    bool all = frame_is (reply->tag, tag) && self->unread_changes == reader->changes &&
               !plan->retain_ms && !plan->retain_bytes;
    json_array_foreach (rooms, i, row) device_row (self, row, all);
    if (!rooms && json_object_get (json, "head") && !json_object_get (json, "topic"))
        device_row (self, json, false);
    json_decref (json);
}

/*  The other device has read something.                                       */
static void device_event (device_t *self, const reply_t *reply)
{
    json_t *meta = json_loadb (reply->meta.data, reply->meta.size, 0, NULL);
    const char *type = json_string_value (json_object_get (meta, "type"));
    const json_t *data = json_object_get (meta, "data");
    const char *name = json_string_value (json_object_get (data, "room"));
    size_t at = name ? sim_room_find (frame_str (name)) : SIM_NOWHERE;
    if (type && strcmp (type, "read") == 0) {
        if (at >= PLAN_ROOMS_MAX || !frame_is (reply->user, self->reader->name))
            sim_wrong (self->reader->sim, "a read makes no sense");
        else
            device_told (self, at, number_of (data, "seq"));
    }
    json_decref (meta);
}

static void device_connect (void *arg, uint64_t n);

static void device_up (device_t *self)
{
    self->up = true;
    reader_turn (self->reader);
    memset (self->told, 0, sizeof self->told);
    memcpy (self->floor, self->reader->stored, sizeof self->floor);
    device_hello (self);
}

static void device_ready (void *owner)
{
    device_t *self = owner;
    sim_t *sim = self->reader->sim;
    packet_t *packet;
    reply_t reply;
    while (self->door && !sim->failed && (packet = pipe_take (&self->door->down))) {
        if (packet->kind == PACKET_UP)
            device_up (self);
        else if (packet->kind == PACKET_END) {
            door_leave (self->door);
            self->door = NULL;
            self->up = false;
            sim_after (sim, sim_delay (sim, 2000000), device_connect, self, 0);
        } else if (reply_decode (packet->payload->frames, packet->payload->count, &reply) !=
                   ZCHAT_OK)
            sim_wrong (sim, "a reply makes no sense");
        /*  What comes behind the end of a log is of no book any more; the other device may know
            the next one.                                                      */
        else if (self->door->book == sim->n_books && reply.kind == REPLY_OK)
            device_answer (self, &reply);
        else if (self->door->book == sim->n_books && reply.kind == REPLY_EVENT)
            device_event (self, &reply);
        packet_free (packet);
    }
}

static void device_connect (void *arg, uint64_t n)
{
    device_t *self = arg;
    (void)n;
    self->door = door_open (self->reader->sim, sim_key (SIM_KEY_ADMIN - 1 - self->reader->number),
                            &self->cut_until_us, device_ready, self);
}

/*  --- what is committed -----------------------------------------------------  */

static reader_t *reader_owned (const sim_t *sim, const book_t *book, uint64_t number)
{
    for (size_t i = 0; i < SIM_READERS; i++) {
        const owner_t *owner =
            sim->readers[i] ? people_owner (&book->people, sim->readers[i]->name) : NULL;
        if (owner && owner->number == number)
            return sim->readers[i];
    }
    return NULL;
}

static size_t room_numbered (const book_t *book, uint64_t id)
{
    size_t at = 0;
    while (at < SIM_ROOMS && book->rooms[at].id != id)
        at++;
    return at;
}

static void marker_commit (sim_t *sim, const book_t *book, const store_record_t *record)
{
    reader_t *reader = reader_owned (sim, book, record->marker_of);
    size_t at = room_numbered (book, record->room);
    if (!reader || at == SIM_ROOMS || record->marker_yields) {
        sim_wrong (sim, "a marker of nobody, or of no room");
        return;
    }
    reader_turn (reader);
    if (record->marker < reader->stored[at] || record->marker > reader->asked[at] ||
        record->marker > book->rooms[at].head)
        sim_wrong (sim, "%s has read room %zu up to %llu on disk, behind %llu", reader->name, at,
                   ull (record->marker), ull (reader->stored[at]));
    reader->stored[at] = record->marker;
    sim->tally->marked++;
}

static void mention_commit (sim_t *sim, const book_t *book, const store_record_t *records,
                            size_t index)
{
    const store_record_t *record = &records[index], *said = NULL;
    char box[PEOPLE_BOX_MAX], text[ZCHAT_NAME_MAX + 3];
    const owner_t *owner = NULL;
    for (size_t i = 0; i < index; i++)
        if (records[i].room == record->mentioned_in && records[i].event.seq == record->mentions)
            said = &records[i];
    for (size_t i = 0; i < book->people.n_owners; i++)
        if (book->people.owners[i].number == record->marker_of)
            owner = &book->people.owners[i];
    snprintf (box, sizeof box, "@%llu", ull (record->marker_of));
    if (!said || !owner || !frame_is (record->room_name, box)) {
        sim_wrong (sim, "a mention without its message, of nobody, or in another mailbox");
        return;
    }
    snprintf (text, sizeof text, "\"%s\"", owner->spelling);
    if (!memmem (said->event.data.data, said->event.data.size, text, strlen (text)))
        sim_wrong (sim, "%s is told of a message that does not mention them", owner->spelling);
    reader_t *reader = reader_owned (sim, book, record->marker_of);
    sim->tally->mentioned++;
    if (!reader)
        return;
    reader_turn (reader);
    if (reader->n_mentions == reader->mentions_room) {
        reader->mentions_room = reader->mentions_room ? 2 * reader->mentions_room : 64;
        reader->mentions =
            memory_grow (reader->mentions, reader->mentions_room * sizeof *reader->mentions);
    }
    reader->mentions[reader->n_mentions].room = room_numbered (book, record->mentioned_in);
    reader->mentions[reader->n_mentions++].seq = record->mentions;
    reader->changes++;
}

/*  The message is removed: it mentions nobody any more.                       */
static void mention_remove (reader_t *reader, size_t room, uint64_t seq)
{
    reader_turn (reader);
    for (size_t i = 0; i < reader->n_mentions; i++)
        if (reader->mentions[i].room == room && reader->mentions[i].seq == seq) {
            reader->mentions[i] = reader->mentions[--reader->n_mentions];
            reader->changes++;
        }
}

void readers_commit (sim_t *sim, const book_t *book, const store_record_t *records, size_t index)
{
    const store_record_t *record = &records[index];
    if (record->mentions)
        mention_commit (sim, book, records, index);
    if (record->marker || record->marker_yields)
        marker_commit (sim, book, record);
    for (size_t i = 0; i < SIM_READERS && record->removes; i++)
        if (sim->readers[i])
            mention_remove (sim->readers[i], room_numbered (book, record->room), record->removes);
}

/*  --- life ------------------------------------------------------------------  */

reader_t *reader_new (sim_t *sim, size_t number)
{
    reader_t *self = memory_zero (sizeof *self);
    self->sim = sim;
    self->number = number;
    self->life = sim_live (sim);
    self->book = sim->n_books;
    snprintf (self->name, sizeof self->name, "Reader%zu", number);
    for (size_t i = 0; i < DEVICES; i++) {
        self->devices[i].reader = self;
        self->devices[i].number = i;
        device_connect (&self->devices[i], 0);
        device_act (&self->devices[i], 0);
    }
    return self;
}

void reader_free (reader_t **reader)
{
    if (*reader)
        free ((*reader)->mentions);
    free (*reader);
    *reader = NULL;
}
