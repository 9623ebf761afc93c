/*  host_address.c - under which address other hosts find this machine                */
#include "host_address.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool host_address_everywhere (const char *endpoint)
{
    return strncmp (endpoint, "tcp://0.0.0.0:", 14) == 0 ||
           strncmp (endpoint, "tcp://[::]:", 11) == 0 || strncmp (endpoint, "tcp://*:", 8) == 0;
}

/*  The address that the kernel would send from to an address of the Internet: connecting
    a datagram socket asks for it without sending. Those addresses belong to examples. */
static bool way_out (int family, char host[HOST_ADDRESS_MAX])
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons (9)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons (9)};
    bool is_v4 = family == AF_INET;
    inet_pton (AF_INET, "192.0.2.1", &v4.sin_addr);
    inet_pton (AF_INET6, "2001:db8::1", &v6.sin6_addr);
    struct sockaddr *to = is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
    int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 && connect (fd, to, size) == 0 && getsockname (fd, to, &size) == 0 &&
                 inet_ntop (family, is_v4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr, host,
                            HOST_ADDRESS_MAX);
    if (fd >= 0)
        close (fd);
    return found;
}

static bool first_interface (int family, char host[HOST_ADDRESS_MAX])
{
    struct ifaddrs *list = NULL;
    bool found = false;
    if (getifaddrs (&list) != 0)
        return false;
    for (struct ifaddrs *at = list; at && !found; at = at->ifa_next) {
        if (!at->ifa_addr || at->ifa_addr->sa_family != family ||
            (at->ifa_flags & (IFF_UP | IFF_LOOPBACK)) != IFF_UP)
            continue;
        if (family == AF_INET)
            found = inet_ntop (family, &((struct sockaddr_in *)at->ifa_addr)->sin_addr, host,
                               HOST_ADDRESS_MAX);
        else if (!IN6_IS_ADDR_LINKLOCAL (&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr))
            found = inet_ntop (family, &((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr, host,
                               HOST_ADDRESS_MAX);
    }
    freeifaddrs (list);
    return found;
}

void host_address_own (bool ipv6, char host[HOST_ADDRESS_MAX])
{
    if (!way_out (AF_INET, host) && !first_interface (AF_INET, host) &&
        !(ipv6 && (way_out (AF_INET6, host) || first_interface (AF_INET6, host))))
        snprintf (host, HOST_ADDRESS_MAX, "127.0.0.1");
}
