/*  sockets.h - door and feed as the broker's loop uses them

    A connection has a number that no other had or will have (core_peer_t), which binding.h finds
    for each message. The door finds out which are gone: by libzmq's monitor, by what the kernel
    tells of their descriptors, by replies that find nobody, and, where those race, by asking again
    a little later. Connections that say nothing, or are unfit, are closed (connections.h). A
    routing id never leaves this file.
*/
#ifndef ZCHAT_SOCKETS_H
#define ZCHAT_SOCKETS_H

#include "core.h"
#include "keyfile.h"
#include "transport/readable.h"
#include <zmq.h>

typedef struct sockets sockets_t;

enum { SOCKETS_FRAMES = ZCHAT_FRAMES_MAX + 1 }; /* one too many is seen, not counted */

typedef enum {
    SOCKETS_FIT,
    SOCKETS_UNFIT, /* the connection is refused, and will be closed: tell it why */
    SOCKETS_PROBE, /* it announced a routing id like those that are given, which is an attack. It
                      gets no answer, for an answer would tell it what it wants to know */
} sockets_refused_t;

/*  A message from the door. Frames are valid until the next sockets_recv.     */
typedef struct {
    core_peer_t peer; /* 0: the connection is refused                   */
    sockets_refused_t refused;
    const char *refuse;  /* why it is refused, where it is                 */
    const char *address; /* of the peer, or ""                             */
    const char *key;     /* of the peer, as text; "" where nothing is encrypted */
    frame_t frames[SOCKETS_FRAMES];
    size_t count; /* SOCKETS_FRAMES: it has so many, or more        */
} sockets_message_t;

/*  Door and feed, not yet bound. With a pair of keys (borrowed for the call) both are
    encrypted. Both ask the ZAP handler (admission.h) about every peer; it must answer
    before they are bound. NULL: the system refused, or libzmq has no CURVE.   */
sockets_t *sockets_new (const keypair_t *curve, counters_t *counters);
/*  Close them. What was sent has one more second to leave.                    */
void sockets_destroy (sockets_t **self_p);

/*  Bind the door or the feed. NULL, or why not: a static sentence. *bound gets the
    real endpoint; the caller frees it.                                        */
const char *sockets_bind_door (sockets_t *sockets, const char *endpoint, char **bound);
const char *sockets_bind_feed (sockets_t *sockets, const char *endpoint, char **bound);

/*  Door, feed and their monitors, to be asked and polled before each turn. Of the feed
    sockets_subscribers reads, the rest is read by sockets_accepted and sockets_recv.  */
enum { SOCKETS_READABLE = 4 };
readable_t *sockets_readable (sockets_t *sockets);

/*  Take a message from the door. False: none is there.                        */
bool sockets_recv (sockets_t *sockets, sockets_message_t *message);

/*  Send to a peer. Never waits. Where the peer is gone, sockets_gone will say so; where it does not
    read, the message is dropped and counted.                                  */
void sockets_reply (sockets_t *sockets, core_peer_t peer, const frame_t *frames, size_t count);
/*  Where a peer is and by which key: see bindings_whence.                     */
bool sockets_whence (sockets_t *sockets, core_peer_t peer, const char **address, const char **key);
/*  So many bytes of what was sent to the peer have not left: see outflow.h.   */
uint64_t sockets_unread (sockets_t *sockets, core_peer_t peer);
void sockets_publish (sockets_t *sockets, const frame_t *frames, size_t count);

/*  Look at what the feed's peers subscribed to, where it is readable; whoever has too much is
    closed. Else libzmq would not free what subscribers leave behind.          */
void sockets_subscribers (sockets_t *sockets, uint64_t mono_ms);

/*  Look for connections that are gone. Call it when the door has just been read to its end, so
    that a peer's last words are heard first.                                  */
void sockets_watch (sockets_t *sockets, uint64_t mono_ms);
/*  A peer whose connection was found to be gone. False: none.                 */
bool sockets_gone (sockets_t *sockets, core_peer_t *peer);
/*  A connection that libzmq may have kept something of, see connections_left. False: none. Call it
    when the door has just been read to its end, before sockets_watch.         */
bool sockets_left (sockets_t *sockets, frame_t *origin, bool *local, uint64_t *bytes);

/*  When to call sockets_watch again even if nothing happens; UINT64_MAX: never. */
uint64_t sockets_deadline_ms (const sockets_t *sockets);

/*  The descriptors of connections that encrypted sockets accepted since the last call, a bounded
    number, and how many they are; valid until the next. libzmq may have closed them since, and
    used them again. Call it at the begin of a turn: door and feed take the time from it. */
size_t sockets_accepted (sockets_t *sockets, const int **descriptors, uint64_t mono_ms);

#endif
