/*  readable.h - whether a socket has something to be read, asked no more often than it may

    Every question to a socket of libzmq costs two system calls, and its descriptor costs none more
    where others are polled anyway. But that one tells of a change only, and whatever is done with
    the socket may take the change away. So it is unsure after each use but a read that found
    nothing, and only who is unsure is asked.
*/
#ifndef ZCHAT_READABLE_H
#define ZCHAT_READABLE_H

#include <stdbool.h>

typedef struct {
    void *socket; /* borrowed                                                  */
    int fd;       /* to poll for POLLIN: then unsure is true                   */
    bool unsure;  /* there may be something to read. Who sends by the socket, binds or does anything
                     else with it sets this; who read until there was nothing clears it */
} readable_t;

/*  Of a socket that nobody read from. False: the system refused.              */
bool readable_of (readable_t *self, void *socket);

/*  Before waiting. True: do not wait, there is something to read.             */
bool readable_now (readable_t *self);

#endif
