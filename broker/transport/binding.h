/*  binding.h - which connection a message comes from, and whether to believe it

    A peer is what the core knows of a connection. What it believes of a peer is bound, at every
    message, to what libzmq says of that very message: the number that the ZAP handler gave the
    connection, its routing id, descriptor, address and key. No number is ever given twice.

    A routing id proves nothing: a peer may announce one in its handshake, also one that the
    ROUTER gave to somebody else, and gets it where nobody holds it any more.
    - Encrypted, the ZAP handler gives each connection a random routing id, which takes the place
      of what the peer announced, unless the handler's answer came before libzmq looked at that.
    - Otherwise the ROUTER numbers its connections from a random start, which is known here, and so
      which numbers it can have given. A connection with another number, or with any
      id that is no number, announced it, and is refused.

    Pure: no socket, no clock.                                                 */
#ifndef ZCHAT_BINDING_H
#define ZCHAT_BINDING_H

#include "address.h"
#include <stdbool.h>

typedef struct bindings bindings_t;

enum {
    BINDING_NUMBER_SIZE = 5, /* a routing id the ROUTER gave: a zero, a number in network order */
    BINDING_GIVEN_SIZE = 32, /* one the ZAP handler gave: printable            */
};

/*  What libzmq says of one message.                                           */
typedef struct {
    uint64_t connection;   /* number the ZAP handler gave it; 0: it was not asked, as for a
                              WebSocket that names no mechanism                */
    frame_t routing;       /* routing id                                       */
    const char *announced; /* the property Identity: what the ZAP handler gave where it is
                              encrypted, else what the peer announced, up to its first zero byte  */
    int fd;                /* descriptor; -1: not known                        */
    const char *address;   /* "": not known                                    */
    const char *key;       /* proven; "": none                                 */
} sight_t;

typedef enum {
    BINDING_FIT,       /* the message is of *peer                                  */
    BINDING_ANNOUNCED, /* refused: it announced an id; peer is 0                   */
    BINDING_PROBE,     /* likewise, and the id is like those that the ROUTER gives: an attack */
    BINDING_CROWDED,   /* refused: its key has too many connections                */
} binding_t;

/*  encrypted: routing ids are given by the ZAP handler.                       */
bindings_t *bindings_new (bool encrypted);
void bindings_destroy (bindings_t **bindings);

/*  The ROUTER gave this number before it was bound, and will give the next ones. */
void bindings_start (bindings_t *bindings, uint32_t number);

/*  So many handshakes ended since the last call: the ROUTER gave a number to each of them at
    most. Before a message of any of them is given to bindings_see.            */
void bindings_ready (bindings_t *bindings, unsigned count);

/*  True where the connection of a message has spoken before.                  */
bool bindings_known (const bindings_t *bindings, const sight_t *sight);

/*  Say what comes of a message. BINDING_FIT: *peer, never 0, is the connection, and *fresh says
    whether it speaks for the first time. *gone: 0, or a peer that is gone, for its routing id leads
    to this connection now. The core has to hear that before it looks at the message. */
binding_t bindings_see (bindings_t *bindings, const sight_t *sight, uint64_t now_ms, uint64_t *peer,
                        bool *fresh, uint64_t *gone);

/*  The peer's descriptor is this socket, see descriptor.h; 0, at first: not known. */
void bindings_set_socket (bindings_t *bindings, uint64_t peer, uint64_t socket);

/*  How to reach a peer: its routing id, valid until it is forgotten, and its descriptor, -1: not
    known. False: the peer is not known.                                       */
bool bindings_route (bindings_t *bindings, uint64_t peer, frame_t *routing, int *fd,
                     uint64_t *socket);

/*  Where a peer is and by which key: *address and *key, "" where that is not known, valid until it
    is forgotten. False: the peer is not known.                                */
bool bindings_whence (bindings_t *bindings, uint64_t peer, const char **address, const char **key);

/*  The peer is gone.                                                          */
void bindings_forget (bindings_t *bindings, uint64_t peer);

/*  A peer whose descriptor is not known, so that its close is never told, and that said nothing for
    ZCHAT_SILENCE_HEARTBEATS: it is gone. 0: none. Call bindings_forget for it. */
uint64_t bindings_silent (const bindings_t *bindings, uint64_t now_ms);

/*  When there is one; UINT64_MAX: never.                                      */
uint64_t bindings_deadline_ms (const bindings_t *bindings);

#endif
