/*  subscribers.h - who subscribes to the feed, and whose connection is closed for it */
#ifndef ZCHAT_SUBSCRIBERS_H
#define ZCHAT_SUBSCRIBERS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct subscribers subscribers_t;

/*  encrypted: what libzmq says of a peer's key can be believed.                */
subscribers_t *subscribers_new (bool encrypted);
void subscribers_destroy (subscribers_t **self_p);

/*  Read what came over the feed, an XPUB, a bounded number at once; true: all of it. Connections
   with topics that cannot be, or with more than is good for all, are closed, and that is logged.
   Before each message is looked at, ended (arg) is called, which is to tell subscribers_gone of
   whatever connection ended until then: its descriptor may be another one's.           */
bool subscribers_turn (subscribers_t *self, void *feed, void (*ended) (void *arg), void *arg,
                       uint64_t mono_ms);

/*  A connection of the feed ended, or was accepted, with this descriptor.      */
void subscribers_gone (subscribers_t *self, int fd);

/*  True where somebody asked for events of rooms at any time; it is known of all whose messages
    subscribers_turn has read.                                                 */
bool subscribers_of_rooms (const subscribers_t *self);

#endif
