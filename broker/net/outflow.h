/*  outflow.h - how much of what was sent to a connection has not left

    libzmq does not tell what it has queued for a peer. The kernel tells how many bytes the other
    side of a TCP connection has acknowledged, ever: what was sent less that is what waits, in
    libzmq or in the kernel. Where there is no such count (ipc), all is taken to wait until the
    kernel holds nothing and libzmq has had time to hand it more.

    What counts as sent may be less than what goes over the wire, but never more. What was
    acknowledged beyond it is no credit for what is sent later.                */
#ifndef ZCHAT_OUTFLOW_H
#define ZCHAT_OUTFLOW_H

#include <stddef.h>
#include <stdint.h>

typedef struct outflow outflow_t;

outflow_t *outflow_new (void);
void outflow_destroy (outflow_t **self_p);

/*  A message of peer came over the descriptor. Call it before the first reply to it. */
void outflow_heard (outflow_t *outflow, uint64_t peer, int fd);

/*  So many bytes were given to libzmq for the peer; ignored where it was never heard.
    now_ms: of a clock that goes on during a turn of the broker.               */
void outflow_sent (outflow_t *outflow, uint64_t peer, size_t bytes, uint64_t now_ms);

/*  How many bytes of what was sent have not left; also 0 where the peer was never heard. */
uint64_t outflow_unread (outflow_t *outflow, uint64_t peer, uint64_t now_ms);

/*  The peer is gone.                                                          */
void outflow_forget (outflow_t *outflow, uint64_t peer);

#endif
