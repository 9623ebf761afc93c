/*  readable.c - whether a socket has something to be read                     */
#include "readable.h"
#include <zmq.h>

bool readable_of (readable_t *self, void *socket)
{
    size_t size = sizeof self->fd;
    self->socket = socket;
    self->unsure = true;
    return zmq_getsockopt (socket, ZMQ_FD, &self->fd, &size) == 0;
}

bool readable_now (readable_t *self)
{
    int events = ZMQ_POLLIN;
    size_t size = sizeof events;
    /*  Where it cannot be asked, whoever reads finds out why.                 */
    if (self->unsure && zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size) == 0)
        self->unsure = events & ZMQ_POLLIN;
    return self->unsure;
}
