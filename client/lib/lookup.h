/*  lookup.h - whether a host's name can be resolved, asked by a thread

    libzmq looks names up itself, and does not say when it cannot. Looking up blocks, for
    seconds where the network is bad, so a thread does it.
*/
#ifndef ZCHAT_LOOKUP_H
#define ZCHAT_LOOKUP_H

#include <stdbool.h>

typedef struct lookup lookup_t;

/*  Look up the host of an endpoint. NULL where it has none, or an address, or no thread is to be
    had.                                                                       */
lookup_t *lookup_new (const char *endpoint);

/*  Does not wait for the thread.                                              */
void lookup_destroy (lookup_t **lookup);

/*  Readable once it is done.                                                  */
int lookup_fd (const lookup_t *lookup);

bool lookup_done (const lookup_t *lookup);

/*  Why the name cannot be resolved, a static text; NULL where it can be, or the answer is not
    there yet.                                                                 */
const char *lookup_wrong (const lookup_t *lookup);

#endif
