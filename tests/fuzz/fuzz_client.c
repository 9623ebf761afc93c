/*  fuzz_client.c - a client whose broker says anything, at any time

    The input is a program, a line a step (escapes: fuzz.h):

        u  d  D                the door's connection stands, is lost, is denied for good
        oOK|\t1|{}             these frames come over the door
        ftopic|...             these over the feed
        elobby|7|1|bob|hi      a pack with one event on the feed: room, seq, type, user, body
        m\t4|lobby|7|1|bob|hi  the same as mail of a HISTORY, behind its tag
        y                      the feed brings the nonce of the barrier
        w500                   500 ms pass
        Jlobby|last|since   Plobby   Slobby|body|data   Tlobby|topic   Wlobby   Rafter
        Hlobby|after|before|limit    Nname   B           what the program wants
        Leve|body|data   Cden   Iden|eve|why   Kden|eve|why   Mden|json   Vden|seq|why
        keve   x{json}         and TELL, a private room, INVITE, KICK, MODE, REMOVE, KEYS, KEY
        Elobby|seq|body   Alobby|body|re   Xlobby|seq|text   rlobby|seq   Qwords|before   Ytext
                               and EDIT, an answer, REACT, READ, SEARCH, AWAY
        F                      the feed's connection is lost
        g                      as the first line: a guest

    \tD is the tag of the last request of a kind: 0 any, 1 HELLO, 2 SAY or TELL, 3 JOIN,
    4 HISTORY, 5 SYNC, 6 PING, 8 BYE, 9 PART, 7 any other.

    What must hold: what is sent can be understood; every stored event of a room comes once
    and in order, or it is said that some are lost; what the program asked for is
    answered once; time never runs in circles.                                 */
#include "delivery.h"
#include "endpoint.h"
#include "event_codec.h"
#include "fuzz.h"
#include "memory.h"
#include "request.h"
#include "text.h"
#include <inttypes.h>

enum {
    TAGS = 10,
    IDS_MAX = 4096,
    ROOMS_MAX = 256,
    SENDS_MAX = 4 * ZCHAT_WINDOW, /* of one step                               */
};

/*  Where a room is.                                                           */
typedef struct {
    char name[ZCHAT_NAME_MAX + 1];
    bool placed; /* seq means something: something of it was given             */
    uint64_t seq;
} place_t;

typedef struct {
    delivery_t *delivery;
    uint64_t now;
    fuzz_escapes_t escapes;
    char tags[TAGS][ZCHAT_TAG_MAX + 1];
    char nonce[ZCHAT_NONCE_MAX + 1]; /* of the barrier                         */
    place_t rooms[ROOMS_MAX];
    size_t n_rooms;
    uint64_t open[IDS_MAX]; /* ids that wait for their end                     */
    size_t n_open;
    bool wanting;   /* the program asks right now ...                          */
    uint64_t early; /* ... and this id has its end before the call is over     */
    size_t outputs; /* of the step                                             */
} world_t;

static const char *expand (void *arg, char letter, unsigned digit)
{
    const world_t *world = arg;
    if (letter == 't')
        return world->tags[digit];
    return letter == 's' ? world->nonce : NULL;
}

/*  --- what the client does --------------------------------------------------  */

static unsigned tag_of (verb_t verb)
{
    switch (verb) {
    case VERB_HELLO:
        return 1;
    case VERB_SAY:
    case VERB_TELL:
    case VERB_EDIT:
        return 2;
    case VERB_JOIN:
        return 3;
    case VERB_HISTORY:
        return 4;
    case VERB_SYNC:
        return 5;
    case VERB_PING:
        return 6;
    case VERB_TOPIC:
    case VERB_WHO:
    case VERB_ROOMS:
    case VERB_INVITE:
    case VERB_KICK:
    case VERB_MODE:
    case VERB_REMOVE:
    case VERB_KEYS:
    case VERB_KEY:
    case VERB_PURGE:
        return 7;
    case VERB_BYE:
        return 8;
    case VERB_PART:
        return 9;
    default:
        return 0;
    }
}

static void on_door (void *arg)
{
    ((world_t *)arg)->outputs++;
}

static void on_feed (void *arg, const char *endpoint)
{
    const char *why;
    fuzz_check (endpoint_check (endpoint, &why) == ZCHAT_OK);
    ((world_t *)arg)->outputs++;
}

static void on_send (void *arg, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    request_t request;
    const char *why = NULL;
    zchat_status_t status = request_decode (frames, count, &request, &why);
    if (status != ZCHAT_OK)
        fuzz_say ("sent", frame_str (why));
    fuzz_check (status == ZCHAT_OK && request.tag.size > 0);
    fuzz_check (request.user.size <= ZCHAT_NAME_MAX && text_valid (request.user));
    for (size_t i = 0; i < request.n_args; i++)
        fuzz_check (request.args[i].size <= ZCHAT_BODY_MAX && text_valid (request.args[i]));
    memcpy (world->tags[0], request.tag.data, request.tag.size);
    world->tags[0][request.tag.size] = '\0';
    char *own = world->tags[tag_of (request.verb)];
    memmove (own, world->tags[0], request.tag.size + 1);
    fuzz_check (++world->outputs <= SENDS_MAX);
}

static void on_subscribe (void *arg, frame_t topic)
{
    world_t *world = arg;
    frame_t nonce;
    fuzz_check (topic.size <= EVENT_TOPIC_MAX && text_valid (topic));
    if (event_topic_name (topic, "sync/", &nonce)) {
        fuzz_check (nonce.size <= ZCHAT_NONCE_MAX);
        memcpy (world->nonce, nonce.data, nonce.size);
        world->nonce[nonce.size] = '\0';
    }
    world->outputs++;
}

static void on_unsubscribe (void *arg, frame_t topic)
{
    fuzz_check (topic.size <= EVENT_TOPIC_MAX && text_valid (topic));
    ((world_t *)arg)->outputs++;
}

/*  --- what the program is told ----------------------------------------------  */

static place_t *place_of (world_t *world, const char *room)
{
    for (size_t i = 0; i < world->n_rooms; i++)
        if (!strcmp (world->rooms[i].name, room))
            return &world->rooms[i];
    if (world->n_rooms == ROOMS_MAX)
        world->n_rooms = 0; /* begin anew: less is checked, nothing wrongly    */
    place_t *place = &world->rooms[world->n_rooms++];
    *place = (place_t){.placed = false};
    snprintf (place->name, sizeof place->name, "%s", room);
    return place;
}

static void told_message (world_t *world, const zchat_event_t *event)
{
    fuzz_check (event->room && event->user && event->body);
    fuzz_check (event->body_size <= ZCHAT_BODY_MAX && event->body[event->body_size] == '\0');
    if (event->kind == ZCHAT_EVENT_HISTORY || !event->seq)
        return;
    place_t *place = place_of (world, event->room);
    if (place->placed && event->seq != place->seq + 1)
        fprintf (stderr, "%s: %" PRIu64 " after %" PRIu64 "\n", place->name, event->seq,
                 place->seq);
    fuzz_check (!place->placed || event->seq == place->seq + 1);
    place->placed = true;
    place->seq = event->seq;
}

static void told_lost (world_t *world, const zchat_event_t *event)
{
    fuzz_check (event->room && event->count > 0 && event->seq > event->count);
    place_t *place = place_of (world, event->room);
    fuzz_check (!place->placed || event->seq == place->seq + 1 + event->count);
    place->placed = true;
    place->seq = event->seq - 1;
}

/*  The end of a message or request: there is one.                             */
static void told_end (world_t *world, uint64_t id)
{
    size_t i = 0;
    while (i < world->n_open && world->open[i] != id)
        i++;
    if (i == world->n_open && world->wanting && !world->early) {
        world->early = id;
        return;
    }
    fuzz_check (i < world->n_open || world->n_open == IDS_MAX);
    if (i < world->n_open)
        world->open[i] = world->open[--world->n_open];
}

static void on_event (void *arg, const zchat_event_t *event)
{
    world_t *world = arg;
    world->outputs++;
    fuzz_check ((unsigned)event->kind <= ZCHAT_EVENT_WARNING);
    fuzz_check ((unsigned)event->status <= ZCHAT_STATUS_COUNT && event->wait_ms >= 0);
    switch (event->kind) {
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_HISTORY:
        told_message (world, event);
        break;
    case ZCHAT_EVENT_LOST:
        told_lost (world, event);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        world->n_rooms = 0;
        break;
    case ZCHAT_EVENT_JOINED: {
        fuzz_check (event->room != NULL);
        place_t *place = place_of (world, event->room);
        fuzz_check (!place->placed || place->seq == event->seq);
        place->placed = true;
        place->seq = event->seq;
        break;
    }
    case ZCHAT_EVENT_PARTED:
        fuzz_check (event->room != NULL);
        place_of (world, event->room)->placed = false;
        break;
    case ZCHAT_EVENT_WARNING: /* that the room is shorter than before, among others    */
        if (event->room)
            place_of (world, event->room)->placed = false;
        break;
    case ZCHAT_EVENT_SENT:
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
    case ZCHAT_EVENT_REPLY:
        told_end (world, event->id);
        break;
    default:
        break;
    }
}

/*  --- life ------------------------------------------------------------------  */

static world_t *world_new (bool guest)
{
    static const uint8_t seed[32] = {1, 2, 3};
    world_t *world = memory_zero (sizeof *world);
    zchat_options_t options = {.user = guest ? NULL : "bob", .agent = "fuzz"};
    delivery_sink_t sink = {.connect_door = on_door,
                            .connect_feed = on_feed,
                            .disconnect = on_door,
                            .send = on_send,
                            .subscribe = on_subscribe,
                            .unsubscribe = on_unsubscribe,
                            .event = on_event,
                            .arg = world};
    world->now = 1000000;
    world->escapes = (fuzz_escapes_t){.expand = expand, .arg = world};
    world->escapes.spent = FUZZ_BUDGET_MAX - (1 << 20);
    fuzz_check (delivery_new (&options, seed, &sink, &world->delivery, NULL) == ZCHAT_OK);
    delivery_start (world->delivery, world->now);
    return world;
}

/*  Let time pass, with a tick whenever one is wanted.                         */
static void pass (world_t *world, uint64_t ms)
{
    enum { IDLE_MAX = 3, TICKS_MAX = 2000 };
    uint64_t until = world->now + ms;
    size_t idle = 0, ticks = 0;
    while (delivery_deadline_ms (world->delivery) <= until && ticks++ < TICKS_MAX) {
        uint64_t due = delivery_deadline_ms (world->delivery);
        world->now = due > world->now ? due : world->now;
        world->outputs = 0;
        delivery_tick (world->delivery, world->now);
        bool moved = delivery_deadline_ms (world->delivery) > world->now || world->outputs;
        idle = moved ? 0 : idle + 1;
        fuzz_check (idle < IDLE_MAX);
    }
    world->now = until;
    world->outputs = 0;
    delivery_tick (world->delivery, world->now);
}

/*  --- steps -----------------------------------------------------------------  */

static frame_t part (const frame_t *frames, size_t count, size_t index)
{
    return index < count ? frames[index] : frame_of ("", 0);
}

/*  Room, seq, type, user, body, from the part begin on, as a pack. The caller frees it.   */
static frame_t pack_of (const frame_t *frames, size_t count, size_t begin)
{
    event_t event = {.seq = fuzz_number (part (frames, count, begin + 1), UINT64_MAX),
                     .time_ms = 1000,
                     .type = (zchat_type_t)fuzz_number (part (frames, count, begin + 2), 255),
                     .user = part (frames, count, begin + 3),
                     .body = part (frames, count, begin + 4),
                     .data = part (frames, count, begin + 5)};
    if (event.user.size > ZCHAT_NAME_MAX)
        event.user.size = ZCHAT_NAME_MAX;
    if (event.data.size > ZCHAT_DATA_MAX)
        event.data.size = ZCHAT_DATA_MAX;
    if (event.body.size > ZCHAT_BODY_MAX)
        event.body.size = ZCHAT_BODY_MAX;
    uint8_t *bytes = memory_new (event_record_size (&event));
    return frame_of (bytes, event_record_encode (&event, bytes));
}

static void bring_pack (world_t *world, char what, const frame_t *frames, size_t count)
{
    size_t begin = what == 'm' ? 1 : 0;
    frame_t room = part (frames, count, begin), pack = pack_of (frames, count, begin);
    char topic[EVENT_TOPIC_MAX];
    if (room.size > ZCHAT_NAME_MAX)
        room.size = ZCHAT_NAME_MAX;
    frame_t sent[] = {frame_str ("EVENT"), frames[0],
                      frame_of (topic, event_topic (topic, "pack/", room)), pack};
    if (what == 'm')
        delivery_door (world->delivery, sent, 4, world->now);
    else
        delivery_feed (world->delivery, sent + 2, 2, world->now);
    free ((void *)pack.data);
}

static void bring_nonce (world_t *world)
{
    char topic[EVENT_TOPIC_MAX];
    frame_t nonce = frame_str (world->nonce);
    const frame_t frames[] = {frame_of (topic, event_topic (topic, "sync/", nonce)),
                              frame_of ("", 0), frame_of ("", 0), frame_str ("{}")};
    delivery_feed (world->delivery, frames, 4, world->now);
}

/*  What has to do with people and order in rooms; a and b are its arguments.  */
static zchat_status_t want_more (world_t *world, char what, const char *room, frame_t body,
                                 const char *more, uint64_t *id)
{
    delivery_t *delivery = world->delivery;
    uint64_t now = world->now;
    zchat_status_t status = ZCHAT_INVALID;
    char *text = fuzz_string (body);
    const char *reason = *more ? more : NULL;
    if (what == 'L')
        status = delivery_tell (delivery, room, body.data, body.size, reason, id, now);
    else if (what == 'C')
        status = delivery_create (delivery, room, id, now);
    else if (what == 'I' || what == 'K')
        status = delivery_order (delivery, what == 'I' ? VERB_INVITE : VERB_KICK, room, text,
                                 reason, id, now);
    else if (what == 'M')
        status = delivery_mode (delivery, room, *text ? text : NULL, id, now);
    else if (what == 'V')
        status = delivery_remove (delivery, room, fuzz_number (body, UINT64_MAX), reason, id, now);
    else if (what == 'k')
        status = delivery_keys (delivery, *room ? room : NULL, id, now);
    else if (what == 'x')
        status = delivery_key (delivery, room, id, now);
    else if (what == 'E')
        status = delivery_edit (delivery, room, fuzz_number (body, UINT64_MAX), more, strlen (more),
                                id, now);
    else if (what == 'A')
        status = delivery_reply (delivery, room, strlen (more), ZCHAT_TYPE_SAY, body.data,
                                 body.size, NULL, id, now);
    else if (what == 'X')
        status = delivery_react (delivery, body.size % 2 ? VERB_REACT : VERB_UNREACT, room,
                                 fuzz_number (body, UINT64_MAX), more, id, now);
    else if (what == 'r')
        status = delivery_read (delivery, room, fuzz_number (body, UINT64_MAX), now);
    else if (what == 'Q')
        status = delivery_search (delivery, room, 10, body.size ? more : NULL, id, now);
    else if (what == 'Y')
        status = delivery_away (delivery, room, id, now);
    free (text);
    return status;
}

/*  The program asks for something: an id it gets has one end.                 */
static void want (world_t *world, char what, const frame_t *frames, size_t count)
{
    delivery_t *delivery = world->delivery;
    zchat_status_t status = ZCHAT_INVALID;
    uint64_t id = 0, now = world->now;
    char *room = fuzz_string (frames[0]);
    frame_t body = part (frames, count, 1);
    char *text = fuzz_string (body), *data = fuzz_string (part (frames, count, 2));
    uint64_t a = fuzz_number (body, UINT64_MAX);
    uint64_t b = fuzz_number (part (frames, count, 2), UINT64_MAX);
    world->wanting = true;
    world->early = 0;
    if (what == 'J')
        status = delivery_join (delivery, room, a, b, now);
    else if (what == 'P')
        status = delivery_part (delivery, room, now);
    else if (what == 'S')
        status = delivery_say (delivery, room, ZCHAT_TYPE_SAY, body.data, body.size,
                               *data ? data : NULL, &id, now);
    else if (what == 'T')
        status = delivery_topic (delivery, room, count > 1 ? text : NULL, &id, now);
    else if (what == 'W')
        status = delivery_who (delivery, room, &id, now);
    else if (what == 'R')
        status = delivery_rooms (delivery, *room ? room : NULL, &id, now);
    else if (what == 'H')
        status = delivery_history (delivery, room, a, b,
                                   (size_t)fuzz_number (part (frames, count, 3), 2000), &id, now);
    else if (what == 'N')
        status = delivery_rename (delivery, room, now);
    else
        status = want_more (world, what, room, body, data, &id);
    world->wanting = false;
    fuzz_check (!world->early || (status == ZCHAT_OK && id == world->early));
    if (status == ZCHAT_OK && id && id != world->early && world->n_open < IDS_MAX)
        world->open[world->n_open++] = id;
    fuzz_check ((unsigned)status < ZCHAT_STATUS_COUNT);
    free (room);
    free (text);
    free (data);
}

static void step (world_t *world, frame_t line)
{
    frame_t frames[FUZZ_FRAMES_MAX];
    const char *bytes = line.data;
    delivery_t *delivery = world->delivery;
    size_t count = fuzz_frames (&world->escapes, frame_of (bytes + 1, line.size - 1), frames);
    world->outputs = 0;
    if (*bytes == 'u')
        delivery_up (delivery, world->now);
    else if (*bytes == 'd')
        delivery_down (delivery, "connection refused", world->now);
    else if (*bytes == 'D')
        delivery_denied (delivery, world->now);
    else if (*bytes == 'o')
        delivery_door (delivery, frames, count, world->now);
    else if (*bytes == 'f')
        delivery_feed (delivery, frames, count, world->now);
    else if (*bytes == 'F')
        delivery_feed_down (delivery, world->now);
    else if (*bytes == 'e' || *bytes == 'm')
        bring_pack (world, *bytes, frames, count);
    else if (*bytes == 'y')
        bring_nonce (world);
    else if (*bytes == 'w')
        pass (world, fuzz_number (frames[0], 100000));
    else if (*bytes == 'B')
        delivery_bye (delivery, world->now);
    else if (strchr ("JPSTWRHNLCIKMVkxEAXrQY", *bytes))
        want (world, *bytes, frames, count);
    fuzz_frames_free (frames, count);
    fuzz_check (delivery_unacknowledged (delivery) <= ZCHAT_OUTBOX_MAX);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    frame_t text = frame_of (data, size), line;
    world_t *world = world_new (size && *data == 'g');
    while (fuzz_line (&text, &line))
        if (line.size && *(const char *)line.data)
            step (world, line);
    delivery_destroy (&world->delivery);
    fuzz_check (!world->delivery);
    free (world);
    return 0;
}
