/*  endpoints.h - where door and feed are bound                                */
#ifndef ZCHAT_ENDPOINTS_H
#define ZCHAT_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct endpoints endpoints_t;

endpoints_t *endpoints_new (size_t n_fds);

/*  May be called before the sockets are closed, or after it. Nulls; tolerates NULL. */
void endpoints_destroy (endpoints_t **endpoints);

/*  Bind a socket of libzmq's, which is borrowed for as long as endpoints_guard is called. NULL, or
    why not: a static sentence. *bound gets the real endpoint; the caller frees it. */
const char *endpoints_bind (endpoints_t *endpoints, void *socket, const char *endpoint,
                            char **bound);

/*  libzmq keeps so many descriptors of ws connections whose peer is gone. Where they are too many
    (wsguard.h), bind those endpoints anew, and log it. To be called every ZCHAT_MEASURE_MS. True:
    the caller has to do descriptor_deafen to all ws connections.              */
bool endpoints_guard (endpoints_t *endpoints, size_t kept, uint64_t now_ms);

/*  True while endpoints are unbound, or will be at once, so that endpoints_guard has to be called
    even if nothing happens.                                                   */
bool endpoints_waiting (const endpoints_t *endpoints);

#endif
