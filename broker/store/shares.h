/*  shares.h - how much of the log each room holds, and whose oldest go where it is too much

    A log that is bounded in size must not be lost to whoever fills it. Where something has to go,
    the room that holds most loses its oldest events, but never so many that it has less than all
    rooms would have alike. So a flooded room pays for itself, and a room below its share loses
    nothing, however much others say. Rooms have three quarters of the log for themselves, and
    mailboxes one; what one of them leaves free the other may use.

    Pure. Private to this folder. Bytes are those of users, bodies and data, and SHARE_EVENT more
    for each event.
*/
#ifndef ZCHAT_STORE_SHARES_H
#define ZCHAT_STORE_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHARE_EVENT = 32,    /* bytes that an event counts beyond what it says          */
    SHARE_MAILBOXES = 4, /* mailboxes have one part in so many                      */
};

typedef struct {
    uint64_t room;      /* its number                                            */
    uint64_t bytes;     /* of its events                                         */
    uint64_t oldest_ms; /* time of the first of them                             */
    bool mailbox;
} share_t;

/*  Zeros: nothing is known.                                                   */
typedef struct {
    share_t *rooms;  /* by number, ascending                                     */
    size_t count;    /* of them                                                  */
    size_t capacity; /* of rooms                                                 */
} shares_t;

/*  The room has one more event, its last, of so many bytes with SHARE_EVENT.  */
void shares_add (shares_t *shares, uint64_t room, bool mailbox, uint64_t bytes, uint64_t time_ms);

/*  The room has lost its oldest events, of so many bytes; its first one is of this time now. */
void shares_take (shares_t *shares, uint64_t room, uint64_t bytes, uint64_t oldest_ms);

/*  The room has so many bytes less, and still the same first event.           */
void shares_shrink (shares_t *shares, uint64_t room, uint64_t bytes);

/*  The room has so many bytes more, and no further event.                     */
void shares_grow (shares_t *shares, uint64_t room, uint64_t bytes);

/*  The room is no more, and its number is not given again.                    */
void shares_drop (shares_t *shares, uint64_t room);

/*  The room that has to lose its oldest events while excess bytes are too many; 0: no room has
    any. *spare: after it has lost so many, at least 1, ask again.             */
uint64_t shares_next (const shares_t *shares, uint64_t excess, uint64_t *spare);

/*  Forget everything.                                                         */
void shares_clear (shares_t *shares);

#endif
