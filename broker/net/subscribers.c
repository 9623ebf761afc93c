/*  subscribers.c - who subscribes to the feed, and whose connection is closed for it */
#include "subscribers.h"
#include "log/log.h"
#include "memory.h"
#include "subscriptions.h"
#include "transport/descriptor.h"
#include "transport/origin.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/limits.h>
#include <zmq.h>

/*  A word that is on its way passes several turns.                             */
enum { TURN = 64 };

struct subscribers {
    bool encrypted;
    bool rooms; /* somebody asked for events of rooms since the start          */
    subscriptions_t *subscriptions;
};

subscribers_t *subscribers_new (bool encrypted)
{
    subscribers_t *self = memory_zero (sizeof *self);
    self->encrypted = encrypted;
    self->subscriptions = subscriptions_new ();
    return self;
}

void subscribers_destroy (subscribers_t **self_p)
{
    subscribers_t *self = *self_p;
    if (!self)
        return;
    subscriptions_destroy (&self->subscriptions);
    free (self);
    *self_p = NULL;
}

void subscribers_gone (subscribers_t *self, int fd)
{
    subscriptions_gone (self->subscriptions, fd);
}

/*  False: the descriptor is another connection's by now, or nobody's. Of the same address it may
    be another one's too: whoever has that address answers for it.             */
static bool stands (int fd, const char *address)
{
    char text[ORIGIN_TEXT_MAX + 1];
    descriptor_address (fd, text);
    /*  libzmq writes "localhost" before the colon of some peers behind ipc.    */
    const char *known = address && *text == ':' ? strchr (address, ':') : address;
    return !address || (known && strcmp (text, known) == 0);
}

static void refuse (int fd, const char *address, frame_t topic, const char *why, uint64_t mono_ms)
{
    descriptor_shut (fd, descriptor_socket (fd));
    if (topic.size > ZCHAT_NAME_MAX)
        topic.size = ZCHAT_NAME_MAX;
    if (log_admit (mono_ms))
        log_write (LEVEL_WARNING, "subscriber-closed",
                   (log_field_t[]){{"text", frame_str (why)},
                                   {"topic", topic},
                                   {"address", frame_str (address ? address : "")},
                                   {NULL}});
}

/*  Who shares what all may have: the address, and of this machine, where all have the same, the
    key. Addresses cannot be had as easily as keys.                             */
static frame_t owner_of (const subscribers_t *self, zmq_msg_t *message, uint8_t buffer[ORIGIN_MAX])
{
    const char *address = zmq_msg_gets (message, "Peer-Address");
    const char *key = self->encrypted ? zmq_msg_gets (message, "User-Id") : NULL;
    frame_t from = frame_str (address ? address : "");
    return key && origin_local (from) ? frame_str (key) : origin_counted (from, buffer);
}

static void hear (subscribers_t *self, zmq_msg_t *message, void (*ended) (void *arg), void *arg,
                  uint64_t mono_ms)
{
    uint8_t buffer[ORIGIN_MAX];
    int fd = zmq_msg_get (message, ZMQ_SRCFD);
    const char *said = zmq_msg_data (message);
    size_t size = zmq_msg_size (message);
    /*  Whoever it is, and whatever becomes of it below.                       */
    self->rooms = self->rooms || (size && subscriptions_of_rooms (frame_of (said + 1, size - 1)));
    /*  Of a connection that ended, which its monitor tells; or of one that libzmq tells nothing
        about (ws), and that could not be closed.                               */
    if (fd < 0)
        return;
    ended (arg);
    /*  Were it heard, another connection would be closed for it, or taken for closed and never
        looked at.                                                              */
    if (!stands (fd, zmq_msg_gets (message, "Peer-Address")))
        return;
    frame_t frame = frame_of (zmq_msg_data (message), zmq_msg_size (message));
    frame_t topic = frame.size ? frame_of ((const uint8_t *)frame.data + 1, frame.size - 1) : frame;
    const char *why = subscriptions_heard (self->subscriptions, fd,
                                           owner_of (self, message, buffer), frame, mono_ms);
    if (why)
        refuse (fd, zmq_msg_gets (message, "Peer-Address"), topic, why, mono_ms);
    while ((fd = subscriptions_excess (self->subscriptions)) >= 0)
        refuse (fd, NULL, frame_of (NULL, 0),
                "all subscribers together have too many topics, and it has most of them", mono_ms);
}

bool subscribers_of_rooms (const subscribers_t *self)
{
    return self->rooms;
}

bool subscribers_turn (subscribers_t *self, void *feed, void (*ended) (void *arg), void *arg,
                       uint64_t mono_ms)
{
    zmq_msg_t message;
    for (int i = 0; i < TURN; i++) {
        zmq_msg_init (&message);
        if (zmq_msg_recv (&message, feed, ZMQ_DONTWAIT) < 0) {
            bool none = errno == EAGAIN;
            zmq_msg_close (&message);
            return none;
        }
        hear (self, &message, ended, arg, mono_ms);
        zmq_msg_close (&message);
    }
    return false;
}
