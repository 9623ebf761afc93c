/*  subscriptions.h - what the connections of the feed have subscribed to, within bounds

    Pure. libzmq keeps all subscriptions in one tree, and walks the whole of it for every
    connection that ends, so the tree must stay small. libzmq does not let us refuse a subscription:
    by the time ZMQ_XPUB_MANUAL shows one it stands in a second tree, and 4.3.4 uses pipes that end
    meanwhile after they are freed. But it shows us each, and the connection behind it can be
    closed.
*/
#ifndef ZCHAT_SUBSCRIPTIONS_H
#define ZCHAT_SUBSCRIPTIONS_H

#include "frame.h"
#include <stdint.h>

typedef struct subscriptions subscriptions_t;

subscriptions_t *subscriptions_new (void);
void subscriptions_destroy (subscriptions_t **self_p);

/*  True where something that is published could begin with the topic: "" and "room/" too, and
    rooms that nobody has spoken in yet.                                        */
bool subscriptions_possible (frame_t topic);

/*  True where events of rooms ("room/") can begin with the topic.             */
bool subscriptions_of_rooms (frame_t topic);

/*  The feed got a message of the connection with this descriptor: 1 and a topic, or 0 and a topic
    that it no longer wants. owner (of which 64 bytes count; may be empty) is who has the
    connection: see subscriptions_excess. NULL; or a static sentence that says why the connection
    must be closed: this is said once, and what it had counts no longer.       */
const char *subscriptions_heard (subscriptions_t *self, int fd, frame_t owner, frame_t message,
                                 uint64_t mono_ms);

/*  The connection with the descriptor ended, or a new one has it.              */
void subscriptions_gone (subscriptions_t *self, int fd);

/*  Where all together have too much: the connection to close, which is the largest of the owner
    that has most; what it had counts no longer. -1: they have not too much.   */
int subscriptions_excess (subscriptions_t *self);

/*  Bytes of the topics that somebody has, each counted once.                   */
size_t subscriptions_bytes (const subscriptions_t *self);

#endif
