/*  admin.h - what is asked at the admin door

    STATUS, SESSIONS and RELOAD are answered here. Everything else is a verb of the protocol, and
   goes into the core as from an admin who is called zchatd: there is no second way to kick or to
   ban.

    All that is asked there is of one connection of the core's. It says HELLO before the first
    request and BYE behind the last answer, so that nobody of that name stands around in between.
*/
#ifndef ZCHAT_RUN_ADMIN_H
#define ZCHAT_RUN_ADMIN_H

#include "core.h"
#include "net/admin_door.h"

typedef struct broker broker_t;

/*  The connection at the admin door, as the core knows it: no other has this number. */
#define ADMIN_PEER UINT64_MAX

/*  Open the door. Where that cannot be, the log file says so, and the broker serves without. */
void admin_start (broker_t *broker);

/*  To be called in each turn. readable: the door's descriptor is.             */
void admin_turn (broker_t *broker, bool readable);

/*  The core answers what was asked there.                                     */
void admin_reply (broker_t *broker, const frame_t *frames, size_t count);

#endif
