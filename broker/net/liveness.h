/*  liveness.h - which connections are to be asked whether they are there

    libzmq tells that a descriptor was closed, not which peer it was. A message tells
    both. The two come over different queues, descriptors are used again at once, and
    last words may be read after the close was told. Pure: no socket, no clock.

    Two rules of use make it sure that no dead peer stays listed, and that the living are
    hardly ever asked: what was read from the door before a close was told has been
    given to liveness_heard before liveness_closed; and of two peers that had one descriptor,
    the later has the larger number.                                           */
#ifndef ZCHAT_LIVENESS_H
#define ZCHAT_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct liveness liveness_t;

/*  Descriptors are 0 to n_fds - 1; others are ignored.                        */
liveness_t *liveness_new (int n_fds);
void liveness_destroy (liveness_t **self_p);

/*  A message of peer (not 0) came over the descriptor.                        */
void liveness_heard (liveness_t *liveness, int fd, uint64_t peer, uint64_t now_ms);

/*  The descriptor was closed.                                                 */
void liveness_closed (liveness_t *liveness, int fd, uint64_t now_ms);

/*  A peer to ask now; 0: none. Asked four times within some seconds, for the ROUTER may
    learn late; call liveness_forget once it is known to be gone.              */
uint64_t liveness_next (liveness_t *liveness, uint64_t now_ms);

/*  The peer is gone: no need to ask any more.                                 */
void liveness_forget (liveness_t *liveness, uint64_t peer);

/*  When liveness_next has somebody; UINT64_MAX: nobody.                       */
uint64_t liveness_deadline_ms (const liveness_t *liveness);

#endif
