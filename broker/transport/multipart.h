/*  multipart.h - messages of several frames, out

    For libzmq a message ends with the frame that says so, and with nothing else. If a frame of a
    message could not be made, and the next message were begun, libzmq would take that for the rest
    of the first: it would go to a peer that it is not for, with routing ids of others in it.
*/
#ifndef ZCHAT_MULTIPART_H
#define ZCHAT_MULTIPART_H

#include "frame.h"
#include <stdbool.h>
#include <stddef.h>

/*  Send a frame, which is copied, without waiting. more: another frame of the message follows.
    True: libzmq took the frame, or drops it with its message. False: the first frame of a message
    was refused, and nothing was begun; errno says why, as after zmq_send (EAGAIN, EHOSTUNREACH).
    Where there is no memory for the frame the process ends (memory.h).        */
bool multipart_frame (void *socket, frame_t frame, bool more);

/*  All the frames of a message, or the rest of one that was begun. False as above. */
bool multipart_send (void *socket, const frame_t *frames, size_t count);

#endif
