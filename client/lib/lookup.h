/*  lookup.h - whether the name of a host is known, found out beside everything else

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

/*  Why the name leads nowhere, a static text; NULL where it leads somewhere, or nothing is known.
 */
const char *lookup_wrong (const lookup_t *lookup);

#endif
