/*  markers.h - how far the user has read each room: READ, coalesced

    The program says as often as it likes how far a room was read. Of each room one READ is under
    way at a time, and none within ZCHAT_READ_WAIT_MS of the one before; meanwhile the newest seq
    wins. It never goes backward. What was not answered is said again over the next connection, and
    so is what the broker turns out to have forgotten.
*/
#ifndef ZCHAT_MARKERS_H
#define ZCHAT_MARKERS_H

#include "exchange.h"
#include "outbox.h"

typedef struct markers markers_t;

enum { MARKERS_MAX = ZCHAT_SESSION_ROOMS_MAX + 1 }; /* the mailbox is one too   */

/*  Make the markers; exchange is borrowed for their life.                     */
markers_t *markers_new (exchange_t *exchange);
void markers_destroy (markers_t **markers);

/*  Say that the room, in a spelling that was checked, was read up to seq. Where there are too
    many rooms, the one that was said longest ago gives way.                   */
void markers_read (markers_t *markers, const char *room, uint64_t seq);

/*  Tell how far the broker says that the room was read: by JOIN, or by another device. */
void markers_known (markers_t *markers, const char *room, uint64_t seq);

/*  Tell that HELLO was answered, that the connection is gone, that all seqs and whose they are
    mean nothing any more (another log, another name).                         */
void markers_connected (markers_t *markers);
void markers_lost (markers_t *markers);
void markers_forget (markers_t *markers);

/*  Take the answer to a READ: ZCHAT_OK, or the status of an ERR with its text and the wait it
    asks for. A refusal is told in a WARNING; that the broker does not know READ, or does not keep
    it for this name, once.                                                    */
finding_t markers_reply (markers_t *markers, const ask_t *ask, zchat_status_t status,
                         const char *text, uint64_t wait_ms);

/*  Send what is due, or, where all is true, all that is not said yet. It may be called only while
    HELLO is answered.                                                         */
void markers_pump (markers_t *markers, bool all);

/*  Return when markers_pump must be called, while HELLO is answered.          */
uint64_t markers_deadline_ms (const markers_t *markers);

#endif
