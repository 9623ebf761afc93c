/*  guard.c - Host and Origin                                                  */
#include "guard.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 253 };

/*  Take the port off a Host, and the brackets off an address of IPv6. False where it is none. */
static bool host_name (const char *host, char name[HOST_MAX + 1])
{
    bool bracket = *host == '[';
    size_t size = bracket ? strcspn (host + 1, "]") : strcspn (host, ":");
    const char *rest = host + size + (bracket ? 2 : 0);

    if (!size || size > HOST_MAX || (bracket && host[size + 1] != ']'))
        return false;
    if (*rest && (*rest != ':' || strspn (rest + 1, "0123456789") != strlen (rest + 1)))
        return false;
    memcpy (name, host + (bracket ? 1 : 0), size);
    name[size] = '\0';
    return true;
}

bool guard_host (const guard_t *guard, const char *host)
{
    char name[HOST_MAX + 1];
    struct in6_addr address;

    if (!host || !host_name (host, name))
        return false;
    /*  No name was looked up to come here, so none can have been made to point here. */
    if (inet_pton (AF_INET, name, &address) == 1 ||
        (*host == '[' && inet_pton (AF_INET6, name, &address) == 1) ||
        strcasecmp (name, "localhost") == 0)
        return true;
    for (size_t i = 0; i < guard->n_hosts; i++)
        if (strcasecmp (guard->hosts[i], name) == 0)
            return true;
    return false;
}

bool guard_is_origin (const char *text)
{
    char name[HOST_MAX + 1];
    const char *host = strncmp (text, "https://", 8) == 0  ? text + 8
                       : strncmp (text, "http://", 7) == 0 ? text + 7
                                                           : NULL;

    return host && host_name (host, name) && !strpbrk (host, "/?#@ ");
}

guard_origin_t guard_origin (const guard_t *guard, const char *origin, const char *host,
                             const char *site)
{
    if (!origin) {
        /*  A browser says nothing of the origin of a picture or a script that a page fetches; but
            newer ones say that it is another.                                 */
        bool other =
            site && (strcasecmp (site, "cross-site") == 0 || strcasecmp (site, "same-site") == 0);
        return other ? GUARD_FOREIGN : GUARD_OWN;
    }
    for (size_t i = 0; i < guard->n_origins; i++)
        if (strcasecmp (guard->origins[i], origin) == 0)
            return GUARD_ALLOWED;
    if (guard_is_origin (origin) && host && strcasecmp (strstr (origin, "://") + 3, host) == 0)
        return GUARD_OWN;
    return GUARD_FOREIGN;
}
