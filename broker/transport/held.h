/*  held.h - descriptors of our own for connections that libzmq may close at any moment

    The kernel tells how many bytes came over a connection only while somebody has it open. So a
    peer that sends, and closes before we look, is measured by a copy of its descriptor. No copy may
    be in the upper half of the table of descriptors, which is left to newcomers. */
#ifndef ZCHAT_HELD_H
#define ZCHAT_HELD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct held held_t;

/*  Descriptors are 0 to n_fds - 1; others are ignored.                        */
held_t *held_new (int n_fds);
void held_destroy (held_t **held);

/*  Hold a connection, which is this socket (see descriptor.h); one that was held under the same
    descriptor before is let go.                                               */
void held_take (held_t *held, int fd, uint64_t socket);

/*  Let go.                                                                    */
void held_drop (held_t *held, int fd);

/*  Let go, and tell how many bytes came over it; 0 where that is not known, or where its handshake
    did not end.                                                               */
uint64_t held_received (held_t *held, int fd);

#endif
