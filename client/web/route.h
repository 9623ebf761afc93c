/*  route.h - what a request asks for: its method and path, read (pure)

    docs/HTTP.md is the list; the table in route.c is the same. The method and the path are those of
    the request line: the path without what stands behind ?, and still encoded.
*/
#ifndef ZCHAT_WEB_ROUTE_H
#define ZCHAT_WEB_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/limits.h>

typedef enum {
    ROUTE_FILE, /* of the page: its name is in word; "" for /                  */
    ROUTE_SAY,
    ROUTE_EDIT,
    ROUTE_REMOVE,
    ROUTE_REACT,
    ROUTE_UNREACT,
    ROUTE_TELL,
    ROUTE_MARK,
    ROUTE_MARKED,
    ROUTE_UNREAD,
    ROUTE_TOPIC_SET,
    ROUTE_TOPIC,
    ROUTE_MODE,
    ROUTE_AWAY,
    ROUTE_BACK,
    ROUTE_ROOMS,
    ROUTE_HISTORY,
    ROUTE_WHO,
    ROUTE_SEARCH,
    ROUTE_STATUS,
    ROUTE_HEALTH,
    ROUTE_ROOM_EVENTS,
    ROUTE_EVENTS,
    ROUTE_PREFLIGHT /* OPTIONS of a path that is there                         */
} route_kind_t;

typedef struct {
    route_kind_t kind;
    char room[ZCHAT_NAME_FORM_MAX + 1]; /* decoded; not checked as a name       */
    char word[ZCHAT_NAME_FORM_MAX + 1]; /* a user, a reaction or a file         */
    uint64_t seq;
    bool head; /* HEAD: as GET, and the body is not sent                        */
} route_t;

typedef enum {
    ROUTE_FOUND,
    ROUTE_NOWHERE,  /* there is no such path                                   */
    ROUTE_METHOD,   /* the path is there, but not with this method             */
    ROUTE_MALFORMED /* it is encoded wrongly, or too long                      */
} route_result_t;

enum { ROUTE_ALLOW_MAX = 64 };

/*  Read method and path. ROUTE_FOUND and *route; with ROUTE_METHOD what stands in Allow. */
route_result_t route_read (const char *method, const char *path, route_t *route,
                           char allow[ROUTE_ALLOW_MAX]);

/*  True where the request has a body that counts.                             */
bool route_takes_body (route_kind_t kind);

#endif
