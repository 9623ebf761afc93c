/*  multipart.c - messages of several frames, out                              */
#include "multipart.h"
#include "memory.h"
#include <errno.h>
#include <zmq.h>

bool multipart_frame (void *socket, frame_t frame, bool more)
{
    int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
    while (zmq_send (socket, frame.size ? frame.data : "", frame.size, flags) < 0) {
        if (errno == ENOMEM)
            memory_check (NULL);
        if (errno != EINTR)
            return false;
    }
    return true;
}

bool multipart_send (void *socket, const frame_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!multipart_frame (socket, frames[i], i + 1 < count))
            return false;
    return true;
}
