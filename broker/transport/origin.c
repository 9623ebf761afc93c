/*  origin.c - where a peer comes from, by what libzmq tells of its address    */
#include "origin.h"
#include <arpa/inet.h>
#include <stdio.h>

typedef enum { ELSEWHERE, IPV4, IPV6, IPC } kind_t;

/*  Read an address: IPv4, also where it is mapped into IPv6, to bytes[4]; IPv6 to bytes[16];
    of ipc the user's number, to bytes, *size. ELSEWHERE: the text as it is.   */
static kind_t address_read (frame_t address, uint8_t bytes[ORIGIN_MAX], size_t *size)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[ORIGIN_TEXT_MAX + 1] = "";
    struct in6_addr v6;
    if (address.size && address.size <= ORIGIN_TEXT_MAX)
        memcpy (text, address.data, address.size);
    char *zone = strchr (text, '%');
    if (zone)
        *zone = '\0';
    *size = 4;
    if (inet_pton (AF_INET, text, bytes) == 1)
        return IPV4;
    if (inet_pton (AF_INET6, text, &v6) == 1) {
        bool is_v4 = memcmp (&v6, mapped, sizeof mapped) == 0;
        size_t skip = is_v4 ? sizeof mapped : 0;
        *size = sizeof v6 - skip;
        memcpy (bytes, (uint8_t *)&v6 + skip, *size);
        return is_v4 ? IPV4 : IPV6;
    }
    /*  [HOST]:UID:GID:PID; no name of a host has a colon.                     */
    const char *at = strchr (text, ':');
    size_t user = at ? strspn (at + 1, "0123456789") : 0;
    bool ipc = user > 0;
    for (int i = 0; ipc && i < 3; i++) {
        size_t digits = strspn (at + 1, "0123456789");
        ipc = digits > 0 && at[1 + digits] == (i < 2 ? ':' : '\0');
        at += 1 + digits;
    }
    *size = ipc ? user + 1 : strlen (text);
    memcpy (bytes, ipc ? strchr (text, ':') : text, *size);
    return ipc ? IPC : ELSEWHERE;
}

bool origin_local (frame_t address)
{
    uint8_t bytes[ORIGIN_MAX];
    size_t size;
    switch (address_read (address, bytes, &size)) {
    case IPV4:
        return bytes[0] == 127;
    case IPV6:
        return memcmp (bytes, &in6addr_loopback, sizeof in6addr_loopback) == 0;
    case IPC:
        return true;
    default:
        return false;
    }
}

frame_t origin_counted (frame_t address, uint8_t buffer[ORIGIN_MAX])
{
    size_t size;
    kind_t kind = address_read (address, buffer, &size);
    return frame_of (buffer, kind == IPV6 ? 8 : size);
}

frame_t origin_network (frame_t address, uint8_t buffer[ORIGIN_MAX])
{
    size_t size;
    return frame_of (buffer, address_read (address, buffer, &size) == IPV6 ? 6 : 0);
}

void origin_place (frame_t address, char place[ORIGIN_PLACE_MAX + 1])
{
    uint8_t bytes[ORIGIN_MAX];
    size_t size;
    kind_t kind = address_read (address, bytes, &size);
    bool local = origin_local (address);
    if (kind == IPV4 && !local)
        snprintf (place, ORIGIN_PLACE_MAX + 1, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2],
                  bytes[3]);
    else if (kind == IPV6 && !local)
        snprintf (place, ORIGIN_PLACE_MAX + 1, "%02x%02x:%02x%02x:%02x%02x/%02x%02x", bytes[0],
                  bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
    else
        snprintf (place, ORIGIN_PLACE_MAX + 1, "%s", local ? "local" : "elsewhere");
}
