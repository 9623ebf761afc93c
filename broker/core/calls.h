/*  calls.h - requests become calls: admitted, identified, and decided at once or queued

    What stores nothing is decided and answered at once. What may store waits in the queue for the
    flight (flight.h). What cannot be looked at before the flight has landed is parked. A call that
   is about a message which is in the log alone has it read first; what its connection asks
   meanwhile is held, so that all of it comes in its order.
*/
#ifndef ZCHAT_CORE_CALLS_H
#define ZCHAT_CORE_CALLS_H

#include "state/state.h"

/*  A message came over the door: see core_request. False: it was none that can be understood, or
    there are too many connections, and ERR was sent.                          */
bool calls_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                    size_t count);
/*  See core_refuse.                                                           */
void calls_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                   const char *why);
/*  The flight has landed: requests that waited for that are looked at, in their order. */
void calls_parked (core_t *core);
/*  The page came by which a call looks at a message; NULL: the log could not be read. read, which
   is in no table any more, stays the caller's, but not its items.               */
void calls_looked (core_t *core, read_t *read, const store_page_t *page);

#endif
