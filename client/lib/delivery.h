/*  delivery.h - what a client decides: outbox, cursors, gaps, reconnects

    Pure: no socket, no clock, no randomness of its own. Inputs are calls, each with
    the time; outputs are calls to the sink, which must not call back into the
    delivery. The same inputs and the same random seed give the same outputs,
    so that a simulator can run many of these on a network that does not exist.

    The shell (connection.c) owns a door and a feed socket:
    - on sink->connect it makes a new DEALER and connects it (feed: NULL), or a new SUB
      (the feed's endpoint), dropping the old one with all that is queued in it;
    - it tells delivery_up / delivery_down what becomes of the door's connection;
    - it tells delivery_feed_down that the feed's connection ended, before it hands in
      anything that came over the next one, which the socket makes by itself;
    - it hands in every message of door and feed, and calls delivery_tick when
      delivery_deadline_ms has come.
*/
#ifndef ZCHAT_DELIVERY_H
#define ZCHAT_DELIVERY_H

#include "delivery_sink.h"
#include "frame.h"
#include "outbox.h"
#include "request.h"
#include <zchat/client.h>

typedef struct delivery delivery_t;

/*  Make a delivery that has not begun to connect. For options see zchat_options_t; their strings
    are copied. seed: 32 random bytes, from which producer ids, nonces and jitter come. *why is
    set as by zchat_client_new.                                                */
zchat_status_t delivery_new (const zchat_options_t *options, const uint8_t seed[32],
                             const delivery_sink_t *sink, delivery_t **delivery,
                             const char **why) ZCHAT_CHECKED;
void delivery_destroy (delivery_t **delivery);

/*  --- what happens ----------------------------------------------------------  */

/*  In every call, now_ms is monotonic and in milliseconds; its origin does not matter. */
void delivery_start (delivery_t *delivery, uint64_t now_ms);

/*  Tell that the door's connection stands, its handshake included.            */
void delivery_up (delivery_t *delivery, uint64_t now_ms);

/*  Tell that the door's connection failed or was lost. why: a short static sentence that names
    the cause, e.g. "connection refused".                                      */
void delivery_down (delivery_t *delivery, const char *why, uint64_t now_ms);

/*  Tell that the feed's connection was lost.                                  */
void delivery_feed_down (delivery_t *delivery, uint64_t now_ms);

/*  Tell that the broker has refused the key for good.                         */
void delivery_denied (delivery_t *delivery, uint64_t now_ms);

/*  Hand in a message that came over the door, or over the feed. Frames are borrowed. */
void delivery_door (delivery_t *delivery, const frame_t *frames, size_t count, uint64_t now_ms);
void delivery_feed (delivery_t *delivery, const frame_t *frames, size_t count, uint64_t now_ms);

/*  Do what is due at now_ms.                                                  */
void delivery_tick (delivery_t *delivery, uint64_t now_ms);

/*  Return when delivery_tick must be called next; UINT64_MAX: never.          */
uint64_t delivery_deadline_ms (const delivery_t *delivery);

/*  --- what the program wants: as the functions of client.h ------------------  */

zchat_status_t delivery_join (delivery_t *delivery, const char *room, uint64_t last, uint64_t since,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_part (delivery_t *delivery, const char *room,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_say (delivery_t *delivery, const char *room, zchat_type_t type,
                             const char *body, size_t size, const char *data, uint64_t *id,
                             uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_tell (delivery_t *delivery, const char *user, const char *body, size_t size,
                              const char *data, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_reply (delivery_t *delivery, const char *room, uint64_t re,
                               zchat_type_t type, const char *body, size_t size, const char *data,
                               uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_tell_reply (delivery_t *delivery, const char *user, uint64_t re_ms,
                                    const char *body, size_t size, const char *data, uint64_t *id,
                                    uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_edit (delivery_t *delivery, const char *room, uint64_t seq,
                              const char *body, size_t size, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;
/*  producer: ZCHAT_PRODUCER_SIZE bytes. indoors of the message is filled in.  */
zchat_status_t delivery_once (delivery_t *delivery, const uint8_t *producer,
                              const outbox_message_t *message, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_read (delivery_t *delivery, const char *room, uint64_t seq,
                              uint64_t now_ms) ZCHAT_CHECKED;
/*  verb is VERB_REACT or VERB_UNREACT.                                        */
zchat_status_t delivery_react (delivery_t *delivery, verb_t verb, const char *room, uint64_t seq,
                               const char *text, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_mark (delivery_t *delivery, const char *room, uint64_t seq, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_unread (delivery_t *delivery, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_search (delivery_t *delivery, const char *words, size_t limit,
                                const char *before, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_away (delivery_t *delivery, const char *text, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_topic (delivery_t *delivery, const char *room, const char *topic,
                               uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_who (delivery_t *delivery, const char *room, uint64_t *id,
                             uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_rooms (delivery_t *delivery, const char *after, uint64_t *id,
                               uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_history (delivery_t *delivery, const char *room, uint64_t after,
                                 uint64_t before, size_t limit, uint64_t *id,
                                 uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_create (delivery_t *delivery, const char *room, uint64_t *id,
                                uint64_t now_ms) ZCHAT_CHECKED;
/*  verb is VERB_INVITE or VERB_KICK.                                          */
zchat_status_t delivery_order (delivery_t *delivery, verb_t verb, const char *room,
                               const char *user, const char *reason, uint64_t *id,
                               uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_mode (delivery_t *delivery, const char *room, const char *json,
                              uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_remove (delivery_t *delivery, const char *room, uint64_t seq,
                                const char *reason, uint64_t *id, uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_keys (delivery_t *delivery, const char *user, uint64_t *id,
                              uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_key (delivery_t *delivery, const char *json, uint64_t *id,
                             uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_purge (delivery_t *delivery, const char *json, uint64_t *id,
                               uint64_t now_ms) ZCHAT_CHECKED;
zchat_status_t delivery_rename (delivery_t *delivery, const char *user,
                                uint64_t now_ms) ZCHAT_CHECKED;
/*  Say BYE where there is a connection under a name; nothing is sent or tried after it.
    delivery_closed tells when it is over: when the broker has answered and the name is free,
    when the connection is lost, or when it took too long.                     */
void delivery_bye (delivery_t *delivery, uint64_t now_ms);
bool delivery_closed (const delivery_t *delivery);

/*  These keep what waits in the outbox as text, and take in what an earlier run left; see
    client.h.                                                                  */
char *delivery_keep (const delivery_t *delivery, size_t max, size_t *count);
zchat_status_t delivery_restore (delivery_t *delivery, frame_t kept, size_t *count,
                                 uint64_t now_ms) ZCHAT_CHECKED;

size_t delivery_unacknowledged (const delivery_t *delivery);
bool delivery_connected (const delivery_t *delivery);

#endif
