/*  lookup.h - finds out whether a host's name can be resolved

    libzmq looks names up itself, but does not say when it cannot. Looking up blocks, for seconds
    where the network is bad, so a thread does it.
*/
#ifndef ZCHAT_LOOKUP_H
#define ZCHAT_LOOKUP_H

#include <stdbool.h>

typedef struct lookup lookup_t;

/*  Begin to look up the host of an endpoint. NULL where it has no host, or the host is an
    address, or no thread is to be had.                                        */
lookup_t *lookup_new (const char *endpoint);

/*  Free it without waiting for the thread.                                    */
void lookup_destroy (lookup_t **lookup);

/*  A descriptor that is readable once the lookup is done.                     */
int lookup_fd (const lookup_t *lookup);

bool lookup_done (const lookup_t *lookup);

/*  Say why the name cannot be resolved, as a static text; NULL where it can be, or the answer is
    not there yet.                                                             */
const char *lookup_wrong (const lookup_t *lookup);

#endif
