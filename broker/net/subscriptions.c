/*  subscriptions.c - what the connections of the feed have subscribed to, within bounds */
#include "subscriptions.h"
#include "memory.h"
#include "quota/quota.h"
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { OWNER_MAX = 64 };

/*  A topic that somebody has.                                                  */
typedef struct {
    size_t users;
    UT_hash_handle hh;
    size_t size;
    uint8_t bytes[];
} topic_t;

/*  A topic of one connection.                                                  */
typedef struct {
    topic_t *topic;
    UT_hash_handle hh; /* by the pointer                                        */
} holding_t;

typedef struct {
    uint8_t name[OWNER_MAX];
    size_t bytes, connections;
    UT_hash_handle hh;
} owner_t;

typedef struct {
    int fd;
    bool closed; /* it is to be: nothing of it counts any more                  */
    size_t bytes, topics;
    bucket_t bucket;
    owner_t *owner;
    holding_t *holdings;
    UT_hash_handle hh;
} subscriber_t;

struct subscriptions {
    topic_t *topics;
    subscriber_t *subscribers;
    owner_t *owners;
    size_t bytes;
};

subscriptions_t *subscriptions_new (void)
{
    return memory_zero (sizeof (subscriptions_t));
}

void subscriptions_destroy (subscriptions_t **self_p)
{
    subscriptions_t *self = *self_p;
    if (!self)
        return;
    while (self->subscribers)
        subscriptions_gone (self, self->subscribers->fd);
    free (self);
    *self_p = NULL;
}

size_t subscriptions_bytes (const subscriptions_t *self)
{
    return self->bytes;
}

/*  --- what can be -----------------------------------------------------------  */

/*  The beginning of a name, or of a name and a slash. More is not asked of it: names of older logs
    may be such as are not given any more, and what matters is that it is short. */
static bool name_possible (frame_t name, size_t most)
{
    const uint8_t *bytes = name.data;
    if (name.size && bytes[name.size - 1] == '/')
        name.size--;
    if (name.size > most)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (bytes[i] <= ' ' || bytes[i] == 0x7f || bytes[i] == '/')
            return false;
    return true;
}

bool subscriptions_of_rooms (frame_t topic)
{
    static const char rooms[] = "room/";
    size_t size = topic.size < sizeof rooms - 1 ? topic.size : sizeof rooms - 1;
    return frame_eq (frame_of (topic.data, size), frame_of (rooms, size));
}

bool subscriptions_possible (frame_t topic)
{
    static const struct {
        const char *begin;
        size_t most;
    } kinds[] = {{"room/", ZCHAT_NAME_MAX}, {"pack/", ZCHAT_NAME_MAX}, {"sync/", ZCHAT_NONCE_MAX}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t size = strlen (kinds[i].begin), common = topic.size < size ? topic.size : size;
        if (common && memcmp (topic.data, kinds[i].begin, common) != 0)
            continue;
        return topic.size <= size ||
               name_possible (frame_of ((const uint8_t *)topic.data + size, topic.size - size),
                              kinds[i].most);
    }
    return false;
}

/*  --- who has what ----------------------------------------------------------  */

static subscriber_t *subscriber_make (subscriptions_t *self, int fd, frame_t owner)
{
    subscriber_t *subscriber;
    uint8_t name[OWNER_MAX] = {0};
    HASH_FIND_INT (self->subscribers, &fd, subscriber);
    if (subscriber)
        return subscriber;
    subscriber = memory_zero (sizeof *subscriber);
    subscriber->fd = fd;
    if (owner.size)
        memcpy (name, owner.data, owner.size < OWNER_MAX ? owner.size : OWNER_MAX);
    HASH_FIND (hh, self->owners, name, OWNER_MAX, subscriber->owner);
    if (!subscriber->owner) {
        subscriber->owner = memory_zero (sizeof *subscriber->owner);
        memcpy (subscriber->owner->name, name, OWNER_MAX);
        HASH_ADD (hh, self->owners, name, OWNER_MAX, subscriber->owner);
    }
    subscriber->owner->connections++;
    HASH_ADD_INT (self->subscribers, fd, subscriber);
    return subscriber;
}

static topic_t *topic_find (const subscriptions_t *self, frame_t name)
{
    topic_t *topic;
    HASH_FIND (hh, self->topics, name.size ? name.data : "", name.size, topic);
    return topic;
}

static topic_t *topic_make (subscriptions_t *self, frame_t name)
{
    topic_t *topic = topic_find (self, name);
    if (topic)
        return topic;
    topic = memory_zero (sizeof *topic + name.size);
    topic->size = name.size;
    if (name.size)
        memcpy (topic->bytes, name.data, name.size);
    HASH_ADD_KEYPTR (hh, self->topics, topic->bytes, topic->size, topic);
    self->bytes += topic->size;
    return topic;
}

static holding_t *holding_find (const subscriber_t *subscriber, const topic_t *topic)
{
    holding_t *holding = NULL;
    if (topic)
        HASH_FIND_PTR (subscriber->holdings, &topic, holding);
    return holding;
}

static void holding_drop (subscriptions_t *self, subscriber_t *subscriber, holding_t *holding)
{
    topic_t *topic = holding->topic;
    HASH_DEL (subscriber->holdings, holding);
    free (holding);
    subscriber->topics--;
    subscriber->bytes -= topic->size;
    subscriber->owner->bytes -= topic->size;
    if (--topic->users)
        return;
    self->bytes -= topic->size;
    HASH_DEL (self->topics, topic);
    free (topic);
}

static void holding_add (subscriptions_t *self, subscriber_t *subscriber, frame_t name)
{
    topic_t *topic = topic_make (self, name);
    if (holding_find (subscriber, topic))
        return;
    holding_t *holding = memory_zero (sizeof *holding);
    holding->topic = topic;
    HASH_ADD_PTR (subscriber->holdings, topic, holding);
    topic->users++;
    subscriber->topics++;
    subscriber->bytes += topic->size;
    subscriber->owner->bytes += topic->size;
}

static void subscriber_close (subscriptions_t *self, subscriber_t *subscriber)
{
    subscriber->closed = true;
    while (subscriber->holdings)
        holding_drop (self, subscriber, subscriber->holdings);
}

void subscriptions_gone (subscriptions_t *self, int fd)
{
    subscriber_t *subscriber;
    HASH_FIND_INT (self->subscribers, &fd, subscriber);
    if (!subscriber)
        return;
    subscriber_close (self, subscriber);
    if (--subscriber->owner->connections == 0) {
        HASH_DEL (self->owners, subscriber->owner);
        free (subscriber->owner);
    }
    HASH_DEL (self->subscribers, subscriber);
    free (subscriber);
}

/*  --- within bounds ---------------------------------------------------------  */

/*  NULL, or why no more is taken from the connection.                          */
static const char *subscriber_take (subscriptions_t *self, subscriber_t *subscriber,
                                    frame_t message, uint64_t mono_ms)
{
    static const quota_t changes = {ZCHAT_SUBSCRIBE, ZCHAT_SUBSCRIBE_S};
    const uint8_t *bytes = message.data;
    if (!message.size || bytes[0] > 1)
        return "what it sends is no subscription";
    frame_t name = frame_of (bytes + 1, message.size - 1);
    if (bucket_wait_ms (&subscriber->bucket, &changes, 1, mono_ms))
        return "it subscribes and unsubscribes too fast";
    bucket_take (&subscriber->bucket, &changes, 1, mono_ms);
    if (!subscriptions_possible (name))
        return "nothing is ever published under its topic; topics are room/NAME/, pack/NAME/, "
               "sync/NONCE/ and what they begin with";
    if (bytes[0] == 1)
        holding_add (self, subscriber, name);
    else {
        holding_t *holding = holding_find (subscriber, topic_find (self, name));
        if (holding)
            holding_drop (self, subscriber, holding);
    }
    return subscriber->topics > ZCHAT_FEED_TOPICS_MAX ||
                   subscriber->bytes > ZCHAT_FEED_TOPICS_BYTES_MAX
               ? "it has subscribed to too many topics; room/ and pack/ bring all rooms"
               : NULL;
}

const char *subscriptions_heard (subscriptions_t *self, int fd, frame_t owner, frame_t message,
                                 uint64_t mono_ms)
{
    subscriber_t *subscriber = subscriber_make (self, fd, owner);
    if (subscriber->closed)
        return NULL;
    const char *why = subscriber_take (self, subscriber, message, mono_ms);
    if (why)
        subscriber_close (self, subscriber);
    return why;
}

int subscriptions_excess (subscriptions_t *self)
{
    if (self->bytes <= ZCHAT_FEED_BYTES_MAX)
        return -1;
    const owner_t *most = self->owners;
    for (const owner_t *owner = self->owners; owner; owner = owner->hh.next)
        if (owner->bytes > most->bytes)
            most = owner;
    subscriber_t *greediest = NULL;
    for (subscriber_t *at = self->subscribers; at; at = at->hh.next)
        if (at->owner == most && (!greediest || at->bytes > greediest->bytes))
            greediest = at;
    if (!greediest)
        return -1;
    subscriber_close (self, greediest);
    return greediest->fd;
}
