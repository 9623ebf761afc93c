/*  connections.h - the connections that libzmq accepted, by descriptor

    libzmq tells of descriptors before anybody has spoken, and says nothing of which peer one is.
    What is decided here needs no peer: how many connections an origin may have, and which are
    closed because nothing was said over them, because they were found unfit, or because bytes come
    over them that never become a message: libzmq keeps the frames of a message until the last one
    has come, however many they are, and does not let us read at all from who announced a routing
    id that another has.

    Descriptors are used again: what is told of one comes in the order accepted, spoke, closed, and
    then accepted once more. Pure: no socket, no clock.                        */
#ifndef ZCHAT_CONNECTIONS_H
#define ZCHAT_CONNECTIONS_H

#include "frame.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct connections connections_t;

/*  Descriptors are 0 to n_fds - 1; others are ignored.                        */
connections_t *connections_new (int n_fds);
void connections_destroy (connections_t **connections);

typedef struct {
    frame_t origin;  /* as origin_counted gives it; copied                     */
    uint64_t socket; /* which socket the descriptor is, see descriptor.h       */
    bool local;      /* of this machine: as many as it likes                   */
    bool speaks;     /* one that says nothing is closed after ZCHAT_SILENT_MS  */
    bool measured;   /* bytes that become no message are bounded: not of ws    */
} connection_t;

/*  A connection was accepted. False: its origin has more than ZCHAT_ORIGIN_CONNECTIONS_MAX, and
    it will be named by connections_due at once.                               */
bool connections_accepted (connections_t *connections, int fd, const connection_t *connection,
                           uint64_t now_ms);

/*  A message came over it, of a peer that was believed.                       */
void connections_spoke (connections_t *connections, int fd);

/*  A message came over it, whoever's; it may be closed already.               */
void connections_read (connections_t *connections, int fd);

/*  A connection to be measured, and *socket as in connections_due: again and again all of them, in
    turn; -1: enough for now.                                                  */
int connections_measure (connections_t *connections, uint64_t *socket);

/*  Likewise of those over which nothing was read yet.                         */
int connections_measure_silent (connections_t *connections, uint64_t *socket);

/*  The next ws connection, by descriptor, behind this one; -1 begins, and ends.  */
int connections_ws (const connections_t *connections, int fd, uint64_t *socket);

/*  So many bytes have come over it since it stands. All messages that had come before have been
    read. More than ZCHAT_UNREAD_MAX since the last message, twice in a row, or once where nobody
    that was believed has spoken: it is doomed. Where
    nothing is ever read (the feed), the bound is for what was sent in all, and grows by
    ZCHAT_UNREAD_GROWS each time.
    Before the first message of a connection is read: more than ZCHAT_UNREAD_FIRST, twice in a row,
    or more than a first request while those of its origin have more than ZCHAT_UNREAD_ORIGIN
    together.                                                                  */
void connections_measured (connections_t *connections, int fd, uint64_t received, uint64_t now_ms);

/*  It is unfit: name it when it is that late, if nobody that was believed has spoken over it. */
void connections_doom (connections_t *connections, int fd, uint64_t at_ms);

/*  It was closed; so many bytes had come over it, 0 where that is not known or its handshake had
    not ended.                                                                 */
void connections_closed (connections_t *connections, int fd, uint64_t received);

/*  A connection was closed, its handshake had ended, and nothing that came over it was read: libzmq
    may keep that for ever. *origin as it was told, valid until the next call; *bytes that came.
    Call it when all that had come has been read. False: there is none.        */
bool connections_left (connections_t *connections, frame_t *origin, bool *local, uint64_t *bytes);

/*  True where there is a connection over which nothing was read yet.          */
bool connections_any_silent (const connections_t *connections);

/*  A connection to be closed: its descriptor, and *socket, which it was when it was accepted; -1:
    none. Each is named once. Of an origin with more than ZCHAT_ORIGIN_SILENT_MAX connections over
    which nothing was said, the oldest of those goes first.                    */
int connections_due (connections_t *connections, uint64_t now_ms, uint64_t *socket);

/*  True where there is a connection.                                          */
bool connections_any (const connections_t *connections);

/*  When there is one; UINT64_MAX: never, as things are.                       */
uint64_t connections_deadline_ms (const connections_t *connections);

#endif
