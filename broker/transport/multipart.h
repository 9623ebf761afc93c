/*  multipart.h - messages of several frames, out

    libzmq ends a message with the frame that says so and with nothing else. Where one of its frames
    could not be made, and the next message were begun, that would go on with the first: to whom it
    is not for, and with the routing ids of others in it.
*/
#ifndef ZCHAT_MULTIPART_H
#define ZCHAT_MULTIPART_H

#include "frame.h"
#include <stdbool.h>
#include <stddef.h>

/*  Send a frame, which is copied, without waiting. more: another one of this message follows.
    True where libzmq took it, or drops it with its message. False, errno as zmq_send says: the
    first one of a message was refused (EAGAIN, EHOSTUNREACH), nothing was begun. Where there is no
    memory for it the process ends (memory.h).                                 */
bool multipart_frame (void *socket, frame_t frame, bool more);

/*  All the frames of a message, or the rest of one that was begun. False as above. */
bool multipart_send (void *socket, const frame_t *frames, size_t count);

#endif
