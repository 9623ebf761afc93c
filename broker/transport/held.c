/*  held.c - descriptors of our own for connections that libzmq may close at any moment */
#include "held.h"
#include "descriptor.h"
#include "memory.h"
#include <fcntl.h>
#include <unistd.h>

struct held {
    int *copies; /* by descriptor; -1: none                                   */
    int n_fds;
};

held_t *held_new (int n_fds)
{
    held_t *held = memory_zero (sizeof *held);
    held->n_fds = n_fds;
    held->copies = memory_new ((size_t)n_fds * sizeof *held->copies);
    for (int fd = 0; fd < n_fds; fd++)
        held->copies[fd] = -1;
    return held;
}

void held_destroy (held_t **self_p)
{
    held_t *held = *self_p;
    if (!held)
        return;
    for (int fd = 0; fd < held->n_fds; fd++)
        held_drop (held, fd);
    free (held->copies);
    free (held);
    *self_p = NULL;
}

void held_drop (held_t *held, int fd)
{
    if (fd < 0 || fd >= held->n_fds || held->copies[fd] < 0)
        return;
    close (held->copies[fd]);
    held->copies[fd] = -1;
}

void held_take (held_t *held, int fd, uint64_t socket)
{
    if (fd < 0 || fd >= held->n_fds || !socket)
        return;
    held_drop (held, fd);
    int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0 && (copy >= held->n_fds / 2 || descriptor_socket (copy) != socket))
        close (copy);
    else
        held->copies[fd] = copy;
}

uint64_t held_received (held_t *held, int fd)
{
    uint64_t received = 0;
    if (fd >= 0 && fd < held->n_fds && held->copies[fd] >= 0 &&
        (!descriptor_let_in (held->copies[fd]) ||
         !descriptor_received (held->copies[fd], &received)))
        received = 0;
    held_drop (held, fd);
    return received;
}
