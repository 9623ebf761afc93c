/*  router.h - a ROUTER, and what the broker's shell believes of its connections

    libzmq's part is made up: which connection a routing id leads to, who gets which id, which
    descriptors are used again. What is believed of a message is decided by the real
    broker/transport/binding.c, as in broker/net/sockets.c.

    A connection may announce an id. The ROUTER takes it where nobody holds it; of two with one
    id it reads the first alone. Encrypted, the broker gives ids that nobody can guess, and what
    is announced counts only now and then, where the answer came too late.     */
#ifndef ZCHAT_SIM_ROUTER_H
#define ZCHAT_SIM_ROUTER_H

#include "wire.h"

typedef struct router router_t;

router_t *router_new (sim_t *sim, bool encrypted);
void router_free (router_t **router);

/*  A connection (door->peer is its number) was accepted.                      */
void router_accept (router_t *router, door_t *door);

/*  A message of the connection. True: it may be looked at. *gone: 0, or a peer that is gone and
    has to be told first.                                                      */
bool router_see (router_t *router, door_t *door, uint64_t now_ms, core_peer_t *gone);

/*  Whom a reply to this connection reaches; NULL: nobody.                     */
door_t *router_reached (router_t *router, door_t *door);

/*  The connection has ended: its id and its descriptor are free.              */
void router_end (router_t *router, door_t *door);
/*  The broker was told so.                                                    */
void router_forget (router_t *router, const door_t *door);

/*  It has said nothing for as long as the shell lets a connection be silent.  */
bool router_silent (const router_t *router, const door_t *door);

/*  An id that somebody has or had, or may get next, as an attacker with a perfect oracle would
    choose it.                                                                 */
size_t router_guess (router_t *router, const door_t *victim, uint8_t id[ROUTE_MAX]);

#endif
