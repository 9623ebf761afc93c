/*  subscriptions.h - what the connections of the feed have subscribed to, within bounds

    Pure. libzmq keeps all subscriptions in one tree, and walks the whole of it for every
    connection that ends, whosever it is: so the tree must stay small. It does not let us refuse
    a subscription (what ZMQ_XPUB_MANUAL sees stands in a second tree by then, and pipes that end
    meanwhile are used after they are freed, in 4.3.4), but it shows us each, and the connection
    behind it can be closed.
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

/*  The feed got a message of the connection with this descriptor: 1 and a topic, or 0 and a topic
    it no longer wants. Connections of an owner (64 bytes at most count; may be empty) share what
    all may have. NULL, or why the connection is to be closed, a static sentence: it is told once,
    and what it had no longer counts.                                           */
const char *subscriptions_heard (subscriptions_t *self, int fd, frame_t owner, frame_t message,
                                 uint64_t mono_ms);

/*  The connection with the descriptor ended, or a new one has it.              */
void subscriptions_gone (subscriptions_t *self, int fd);

/*  Where all together have too much: the connection to close, the one that has most of whom has
    most; what it had no longer counts. -1: they have not.                      */
int subscriptions_excess (subscriptions_t *self);

/*  Bytes of the topics that somebody has, each counted once.                   */
size_t subscriptions_bytes (const subscriptions_t *self);

#endif
