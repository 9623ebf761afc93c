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
    uint8_t server[ZCHAT_KEY_SIZE]; /* the broker's public key                 */
    uint8_t own[ZCHAT_KEY_SIZE];    /* one's own public key                    */
    uint8_t secret[ZCHAT_KEY_SIZE]; /* one's own secret key                    */
} connection_keys_t;

/*  Make a connection without sockets. door is the endpoint of the door; it and keys (NULL:
    unencrypted) are copied, and the copy of the keys is wiped in the end. ZCHAT_OK and
    *connection, or ZCHAT_SYSTEM.                                              */
zchat_status_t connection_new (const char *door, const connection_keys_t *keys,
                               connection_t **connection) ZCHAT_CHECKED;

/*  Close everything. It blocks for linger_ms at most, so that what was sent can leave. */
void connection_destroy (connection_t **connection, int linger_ms);

/*  A descriptor that is readable where a step may find something. It never changes. */
int connection_fd (const connection_t *connection);

/*  These do what delivery_sink_t says. The next step tells the delivery of a failure. */
void connection_door (connection_t *connection);
void connection_feed (connection_t *connection, const char *endpoint);
void connection_drop (connection_t *connection);
void connection_send (connection_t *connection, const frame_t *frames, size_t count);
void connection_subscribe (connection_t *connection, frame_t topic, bool on);

/*  Hand what has come to the delivery, until nothing is left, full (arg) returns true, or enough
    was done for one call.                                                     */
void connection_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms,
                      bool (*full) (void *arg), void *arg);

/*  True where there is something to do of which the descriptor does not tell: a socket was used
    since the last step, or the last step stopped early.                       */
bool connection_pending (const connection_t *connection);

#endif
