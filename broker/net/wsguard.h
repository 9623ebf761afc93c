/*  wsguard.h - when endpoints of ws:// are bound anew

    When a WebSocket sends what is not allowed (a text or unmasked frame), libzmq 4.3.4 keeps its
    descriptor, also after its peer is gone, until the endpoint is unbound. So when such descriptors
    are too many of all that there can be, the endpoints are unbound, which ends all their
    connections, and bound again. Before that nothing more is let through to them, because libzmq
    ends the process where a routing id reaches it over a connection that it is about to end
    (process_routing_id_msg in ws_engine.cpp). Some descriptors (of peers that announced the routing
    id of another one) only the end of the process gives back: where these are too many, the
    endpoints stay unbound.
    Pure: no socket, no clock.                                                 */
#ifndef ZCHAT_WSGUARD_H
#define ZCHAT_WSGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { WSGUARD_SERVES, WSGUARD_DEAF, WSGUARD_UNBOUND, WSGUARD_ENDED } wsguard_state_t;

/*  All zero at first.                                                         */
typedef struct {
    wsguard_state_t state;
    bool full;         /* too many were kept at the last look                  */
    uint64_t until_ms; /* DEAF: when to unbind; UNBOUND: when to give up       */
} wsguard_t;

typedef enum {
    WSGUARD_WAIT,   /* nothing to do                                           */
    WSGUARD_DEAFEN, /* let nothing more come in; said again, for what was accepted since */
    WSGUARD_UNBIND,
    WSGUARD_BIND, /* bind again, and call wsguard_bound where that works; else it is said again */
    WSGUARD_GIVE_UP, /* leave them unbound; said once                           */
} wsguard_act_t;

/*  kept descriptors of ws connections are there whose peer is gone, of n_fds that there can be. To
    be called every ZCHAT_MEASURE_MS.                                          */
wsguard_act_t wsguard_look (wsguard_t *guard, size_t kept, size_t n_fds, uint64_t now_ms);

void wsguard_bound (wsguard_t *guard);

#endif
