/*  client_private.h - what the sources of client share                       */
#ifndef ZCHAT_CLIENT_PRIVATE_H
#define ZCHAT_CLIENT_PRIVATE_H

#include "connection.h"
#include "delivery.h"
#include "events.h"

struct zchat_client {
    delivery_t *delivery;
    connection_t *connection; /* NULL after close                              */
    events_t *events;
    bool stalled;        /* nothing is read, because too many events wait for the program */
    uint64_t stalled_ms; /* when that began                                    */
    uint64_t asleep_ms;  /* how long nothing was read in all stalls that are over */
    bool refused;        /* the broker has refused us, so nothing is tried any more */
    bool closing;        /* the program has called close and takes no events any more */
};

/*  Return the delivery's time.                                                */
uint64_t client_now (const zchat_client_t *client);

#endif
