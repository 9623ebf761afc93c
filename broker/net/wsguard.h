/*  wsguard.h - when endpoints of ws:// are bound anew

    libzmq 4.3.4 keeps the descriptor of a WebSocket that sent what is not allowed (a text or
   unmasked frame) when its peer is gone, and closes it when the endpoint is unbound. So when such
   descriptors are too many of all there can be, the endpoints are unbound, which ends the
   connections that stand too, and bound again. Before that nothing more is let through to them:
   libzmq ends the process where a routing id reaches it over a connection that it is about to end
   (process_routing_id_msg in ws_engine.cpp). What they hold even then (of those that announced
   the routing id of another one) only the end of the process gives back: then they stay unbound.
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
    bool full;         /* it was at the last look                              */
    uint64_t until_ms; /* deaf: when to unbind; unbound: when to give up       */
} wsguard_t;

typedef enum {
    WSGUARD_WAIT,    /* nothing to do                                           */
    WSGUARD_DEAFEN,  /* let nothing more come in; told again for what was just accepted */
    WSGUARD_UNBIND,  /*                                                         */
    WSGUARD_BIND,    /* call wsguard_bound where that works; told again otherwise */
    WSGUARD_GIVE_UP, /* they stay unbound; told once                            */
} wsguard_act_t;

/*  So many descriptors of ws connections are kept whose peer is gone, of so many that there can
    be. To be looked at every ZCHAT_MEASURE_MS.                                */
wsguard_act_t wsguard_look (wsguard_t *guard, size_t kept, size_t n_fds, uint64_t now_ms);

void wsguard_bound (wsguard_t *guard);

#endif
