/*  rooms.h - the rooms a client is in: joining, the barrier, fetching gaps

    A room goes through these states on every connection:

        wanted   JOIN is to be sent (a guest: HISTORY of the last event, which tells
                 the spelling and the head)
        asked    JOIN was sent
        syncing  subscribed; SYNC goes out until its nonce comes back on the feed
        filling  HISTORY after the cursor, until there is no more
        live     JOINED was given; the feed carries on, gaps are fetched

    The events of a private room, and of the mailbox "@", come over the door from the
    answer to JOIN on: they pass over syncing, and have nothing to do with the feed.
*/
#ifndef ZCHAT_ROOMS_H
#define ZCHAT_ROOMS_H

#include "exchange.h"
#include "markers.h"
#include "name.h"
#include "outbox.h"
#include <jansson.h>

typedef struct rooms rooms_t;

#define ROOMS_MAILBOX "@"

/*  Check the name of a room, which may be the mailbox; keys may be NULL.      */
zchat_status_t rooms_check (const char *name, name_keys_t *keys) ZCHAT_CHECKED;

/*  Make the rooms; exchange and markers are borrowed for their life. The markers are told what
   JOIN, and other devices, say of them.                                            */
rooms_t *rooms_new (exchange_t *exchange, markers_t *markers);
void rooms_destroy (rooms_t **rooms);

/*  These do what delivery_join and delivery_part say. connected: PART can be sent. */
zchat_status_t rooms_join (rooms_t *rooms, const char *name, uint64_t last,
                           uint64_t since) ZCHAT_CHECKED;
zchat_status_t rooms_part (rooms_t *rooms, const char *name, bool connected) ZCHAT_CHECKED;

/*  True where the room is joined, and was a private one when it was.          */
bool rooms_indoors (const rooms_t *rooms, const char *name);

/*  Tell that HELLO was answered: every room is wanted again, and its events come from feed. */
void rooms_connected (rooms_t *rooms, const char *feed);

/*  Tell that the connection is gone. The cursors stay.                        */
void rooms_lost (rooms_t *rooms);

/*  Tell that the log is another one: everything in it is new.                 */
void rooms_new_log (rooms_t *rooms);

/*  Tell that the feed's connection has ended; the socket makes another by itself. */
void rooms_feed_lost (rooms_t *rooms);

/*  Tell that the user has another name from now on, and with it another mailbox. */
void rooms_renamed (rooms_t *rooms);

/*  Take a message off the feed.                                               */
void rooms_feed (rooms_t *rooms, const frame_t *frames, size_t count);

/*  Take an event, or a pack of them, that came over the door without being asked for. */
void rooms_push (rooms_t *rooms, const reply_t *reply);

/*  Take a pack that belongs to a HISTORY of ours. False where it is nonsense. */
bool rooms_mail (rooms_t *rooms, ask_t *ask, const reply_t *reply);

/*  Take OK or ERR to a JOIN or HISTORY of ours, whose entry is already taken out. text is the
    broker's; wait_ms is the wait it asks for, 0 where it names none.          */
finding_t rooms_ok (rooms_t *rooms, const ask_t *ask, const json_t *json);
finding_t rooms_err (rooms_t *rooms, const ask_t *ask, zchat_status_t status, const char *text,
                     uint64_t wait_ms);

/*  Take the answer to PING. heads: the last seq of each room. A head that is still ahead of the
    cursor at the next PING is a gap. A room that the broker names but that is not wanted is
    left. A wanted room that two answers in a row do not name is one that the user was put out
    of.                                                                        */
void rooms_heads (rooms_t *rooms, json_t *heads);

/*  Send what is due. It may be called only while HELLO is answered.           */
void rooms_pump (rooms_t *rooms);

/*  Return when rooms_pump must be called, while HELLO is answered.            */
uint64_t rooms_deadline_ms (const rooms_t *rooms);

#endif
