/*  connections.h - the connections that libzmq accepted, by descriptor

    libzmq tells of descriptors before anybody has spoken, and does not say which peer one is.
    What is decided here needs no peer: how many connections an origin may have, and which are
    closed. That is done where nothing was said over them, where they were found unfit, and where
    bytes come over them that never become a message: libzmq keeps the frames of a message until
    the last one has come, however many they are, and does not let us read at all from a peer that
    announced a routing id which another has.

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
    bool local;      /* it is of this machine, which may have any number       */
    bool speaks;     /* it should say something: else it is closed after ZCHAT_SILENT_MS */
    bool measured;   /* bytes that become no message are bounded; not where it is of ws */
} connection_t;

/*  A connection was accepted. False: its origin has more than ZCHAT_ORIGIN_CONNECTIONS_MAX, and
    it will be named by connections_due at once.                               */
bool connections_accepted (connections_t *connections, int fd, const connection_t *connection,
                           uint64_t now_ms);

/*  A message of a peer that was believed came over the connection.            */
void connections_spoke (connections_t *connections, int fd);

/*  A message came over the connection, from anybody. The connection may be closed already. */
void connections_read (connections_t *connections, int fd);

/*  A connection to be measured, and *socket as in connections_due: again and again all of them, in
    turn; -1: enough for now.                                                  */
int connections_measure (connections_t *connections, uint64_t *socket);

/*  Likewise of those over which nothing was read yet.                         */
int connections_measure_silent (connections_t *connections, uint64_t *socket);

/*  The next ws connection, by descriptor, behind this one; -1 begins, and ends.  */
int connections_ws (const connections_t *connections, int fd, uint64_t *socket);

/*  So many bytes have come over the connection since it stands, and all messages that had come
    before have been read. The connection is doomed where more than ZCHAT_UNREAD_MAX have come
    since the last message: found twice in a row, or once where nobody that was believed has
    spoken. Where nothing is ever read (the feed), the bound is for all that was sent, and grows by
    ZCHAT_UNREAD_GROWS each time. Before the first message of a connection was read, it is doomed
    by more than ZCHAT_UNREAD_FIRST, found twice in a row, or by more than a first request while
    all such connections of its origin have more than ZCHAT_UNREAD_ORIGIN together. */
void connections_measured (connections_t *connections, int fd, uint64_t received, uint64_t now_ms);

/*  The connection is unfit: connections_due names it at this time, unless somebody who was believed
    speaks over it before.                                                     */
void connections_doom (connections_t *connections, int fd, uint64_t at_ms);

/*  The connection was closed. So many bytes had come over it; 0: that is not known, or its
    handshake had not ended.                                                   */
void connections_closed (connections_t *connections, int fd, uint64_t received);

/*  Take a connection that was closed after its handshake, and over which nothing was read, so that
    libzmq may keep for ever what came: *bytes of it. *origin is as it was told, valid until the
    next call. Call it when all that had come has been read. False: there is none. */
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
