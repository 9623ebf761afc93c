/*  feed.c - events go out: on the feed, or over the door to members           */
#include "deliver.h"

/*  Events of one room on their way out, as one message.                       */
typedef struct pack {
    char *fold;         /* of the room's name                               */
    const room_t *room; /* as in feed_publish                               */
    hall_t *hall;
    frame_t name; /* as peers know it: views room or hall             */
    uint8_t *bytes;
    size_t size, capacity; /* bytes used, allocated                            */
    UT_hash_handle hh;     /* by fold, in the order in which they were begun   */
} pack_t;

/*  To every session in the hall but one, over its door, that wants this form. Who does not read
    misses some, and finds out by the seqs.                                    */
static void push (core_t *core, const hall_t *hall, const session_t *but, const frame_t *event,
                  size_t count)
{
    frame_t frames[7] = {frame_of ("", 0), frame_str ("EVENT"), frame_of ("", 0)};
    size_t bytes = 0;
    memcpy (frames + 3, event, count * sizeof *event);
    for (size_t i = 0; i < count; i++)
        bytes += event[i].size;
    for (const member_t *member = hall ? hall->members : NULL; member; member = member->next) {
        const session_t *session = member->session;
        if (!session->peer || session == but || session->packs != (count == 2) ||
            !debt_affords (core, session->peer, bytes))
            continue;
        size_t skip = session->enveloped ? 0 : 1;
        core->sink.reply (core->sink.arg, session->peer->id, frames + skip, 3 + count - skip);
    }
}

static void frames_publish (core_t *core, const room_t *room, const hall_t *hall,
                            const frame_t *event, size_t count)
{
    if (room ? room->is_private || room->mailbox : hall->mailbox)
        push (core, hall, NULL, event, count);
    else
        core->sink.publish (core->sink.arg, event, count);
}

static void pack_publish (core_t *core, pack_t *pack)
{
    if (!pack->size)
        return;
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[] = {frame_of (topic, event_topic (topic, "pack/", pack->name)),
                        frame_of (pack->bytes, pack->size)};
    frames_publish (core, pack->room, pack->hall, frames, 2);
    pack->size = 0;
}

static void single_publish (core_t *core, const pack_t *pack, const event_t *event)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    frame_t frames[] = {frame_of (topic, event_topic (topic, "room/", pack->name)), event->user,
                        event->body, frame_of (meta, event_meta_encode (event, meta))};
    frames_publish (core, pack->room, pack->hall, frames, 4);
}

/*  The pack keeps its hall: whoever was there last may have left it by now.   */
static void pack_hall (core_t *core, pack_t *pack, hall_t *hall)
{
    hall_t *old = pack->hall;
    if (old == hall)
        return;
    if (hall)
        hall->held++;
    pack->hall = hall;
    if (!old)
        return;
    old->held--;
    presence_hall_release (core->presence, old);
}

static pack_t *pack_of (core_t *core, const room_t *room, hall_t *hall)
{
    const char *fold = room ? room->fold.key : hall->fold.key;
    pack_t *pack;
    HASH_FIND_STR (core->packs, fold, pack);
    if (!pack) {
        pack = memory_zero (sizeof *pack);
        pack->fold = memory_string (fold, strlen (fold));
        HASH_ADD_KEYPTR (hh, core->packs, pack->fold, strlen (fold), pack);
    }
    pack->room = room;
    pack_hall (core, pack, hall);
    pack->name = room            ? ledger_room_shown (room)
                 : hall->mailbox ? frame_str ("@")
                                 : frame_of (hall->name, hall->name_size);
    return pack;
}

void feed_publish (core_t *core, const room_t *room, hall_t *hall, const event_t *event)
{
    pack_t *pack = pack_of (core, room, hall);
    size_t size = event_record_size (event);
    single_publish (core, pack, event);
    if (pack->size + size > ZCHAT_FEED_PACK_MAX)
        pack_publish (core, pack);
    if (pack->size + size > pack->capacity) {
        pack->capacity = 2 * (pack->size + size);
        pack->bytes = memory_grow (pack->bytes, pack->capacity);
    }
    pack->size += event_record_encode (event, pack->bytes + pack->size);
}

void feed_tell (core_t *core, const hall_t *hall, const session_t *but, const event_t *event)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    frame_t name = frame_str ("@");
    size_t size = event_record_size (event);
    uint8_t *record = memory_new (size);
    frame_t frames[] = {frame_of (topic, event_topic (topic, "room/", name)), event->user,
                        event->body, frame_of (meta, event_meta_encode (event, meta))};
    push (core, hall, but, frames, 4);
    frame_t pack[] = {frame_of (topic, event_topic (topic, "pack/", name)),
                      frame_of (record, event_record_encode (event, record))};
    push (core, hall, but, pack, 2);
    free (record);
}

static void pack_free (core_t *core, pack_t *pack)
{
    HASH_DEL (core->packs, pack);
    pack_hall (core, pack, NULL);
    free (pack->fold);
    free (pack->bytes);
    free (pack);
}

void feed_flush (core_t *core, const char *fold)
{
    pack_t *pack;
    if (fold) {
        HASH_FIND_STR (core->packs, fold, pack);
        if (pack) {
            pack_publish (core, pack);
            pack_free (core, pack);
        }
        return;
    }
    while ((pack = core->packs)) {
        pack_publish (core, pack);
        pack_free (core, pack);
    }
}
