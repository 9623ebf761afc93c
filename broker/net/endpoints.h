/*  endpoints.h - where door and feed are bound                                */
#ifndef ZCHAT_ENDPOINTS_H
#define ZCHAT_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct endpoints endpoints_t;

endpoints_t *endpoints_new (size_t n_fds);

/*  Before the sockets are closed or after it.                                 */
void endpoints_destroy (endpoints_t **endpoints);

/*  Bind a socket of libzmq's, which is borrowed for as long as endpoints_guard is called. NULL, or
    why not: a static sentence. *bound gets the real endpoint; the caller frees it. */
const char *endpoints_bind (endpoints_t *endpoints, void *socket, const char *endpoint,
                            char **bound);

/*  So many descriptors of ws connections are kept whose peer is gone: bind those endpoints anew
    where that is too many (wsguard.h), and log it. Every ZCHAT_MEASURE_MS. True: all ws connections
    there are are to be deafened, see descriptor_deafen.                       */
bool endpoints_guard (endpoints_t *endpoints, size_t kept, uint64_t now_ms);

/*  True while some are to be unbound, or are, and endpoints_guard is to be called even if nothing
 * happens. */
bool endpoints_waiting (const endpoints_t *endpoints);

#endif
