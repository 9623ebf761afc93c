/*  router.h - what can be found out about the numbers a ROUTER gives          */
#ifndef ZCHAT_ROUTER_H
#define ZCHAT_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

/*  The number that a ROUTER, which is not bound yet, gives to its first peer; that is one of our
    own. The next connection gets the next number. False: the system refused.  */
bool router_first (void *router, uint32_t *number);

/*  Try out whether this libzmq lets peers announce routing ids like those the ROUTER gives. libzmq
    4.3.4 does, and ends the process when it comes to give one of them itself;
    packaging/libzmq-routing-ids.patch cures it. *guarded: it does not. False: the system
    refused.                                                                   */
bool router_guarded (bool *guarded);

#endif
