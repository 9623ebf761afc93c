/*  guard.h - from which names and origins a browser may come (pure)

    A page of another origin can make a browser send requests here. It must not read or do anything:
    so the Origin has to be this door's own (the one in Host), or one that was allowed. And a name
    of somebody else's that was made to point here (DNS rebinding) would be an origin of its own: so
    Host has to be a number, localhost, or a name that was told.
*/
#ifndef ZCHAT_WEB_GUARD_H
#define ZCHAT_WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *const *hosts; /* names, without port                           */
    size_t n_hosts;
    const char *const *origins; /* as in Origin: scheme://host[:port]           */
    size_t n_origins;
} guard_t;

typedef enum {
    GUARD_OWN,     /* of this door, or of no page at all                        */
    GUARD_ALLOWED, /* another, which was allowed: it may read the answer        */
    GUARD_FOREIGN
} guard_origin_t;

/*  True where this door may be called by what stands in Host (NULL: there is none). */
bool guard_host (const guard_t *guard, const char *host);

/*  Judge the headers Origin, Host and Sec-Fetch-Site, each NULL where there is none. */
guard_origin_t guard_origin (const guard_t *guard, const char *origin, const char *host,
                             const char *site);

/*  True where a text has the form of an origin that can be allowed.           */
bool guard_is_origin (const char *text);

#endif
