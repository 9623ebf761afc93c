/*  connection.h - the sockets: a door, a feed, and what becomes of them

    It moves messages and decides nothing. What a delivery's sink asks for comes in
    here; what comes off the sockets goes to the delivery in connection_step.
*/
#ifndef ZCHAT_CONNECTION_H
#define ZCHAT_CONNECTION_H

#include "delivery.h"

typedef struct connection connection_t;

/*  The keys of an encrypted connection.                                       */
typedef struct {
    uint8_t server[ZCHAT_KEY_SIZE]; /* the broker's public one                  */
    uint8_t own[ZCHAT_KEY_SIZE];    /* one's own public one                     */
    uint8_t secret[ZCHAT_KEY_SIZE]; /* and the secret one                       */
} connection_keys_t;

/*  No sockets yet. door is the endpoint of the door; it and keys (NULL: unencrypted) are
    copied, and the copy of the keys is wiped in the end. ZCHAT_OK and *connection,
    or ZCHAT_SYSTEM.                                                           */
zchat_status_t connection_new (const char *door, const connection_keys_t *keys,
                               connection_t **connection) ZCHAT_CHECKED;

/*  Close everything; what was sent has linger_ms to leave, and so long it blocks. */
void connection_destroy (connection_t **connection, int linger_ms);

/*  Readable where a step may find something; the same for ever.               */
int connection_fd (const connection_t *connection);

/*  As in delivery_sink_t. A failure is told to the delivery by the next step. */
void connection_door (connection_t *connection);
void connection_feed (connection_t *connection, const char *endpoint);
void connection_drop (connection_t *connection);
void connection_send (connection_t *connection, const frame_t *frames, size_t count);
void connection_subscribe (connection_t *connection, frame_t topic, bool on);

/*  Hand what has come to the delivery, until nothing is left, or full (arg) says true, or
    enough was done for one call.                                              */
void connection_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms,
                      bool (*full) (void *arg), void *arg);

/*  True where the descriptor does not tell that there is something to do: a socket was
    used since the last step, or that ended early.                             */
bool connection_pending (const connection_t *connection);

#endif
