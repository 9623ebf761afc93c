/*  command_find.c - zchat find: which brokers say that they are on the local network */
#include "beacon.h"
#include "i18n.h"
#include "subcommands.h"
#include "tool.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LISTEN_MS = 3000 }; /* a broker says so once a second                     */

/*  Several programs of one machine may listen. -1: errno says why not.        */
static int listen_there (void)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons (ZCHAT_BEACON_PORT),
                                        .sin_addr.s_addr = htonl (INADDR_ANY)};
    int on = 1, fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool bound = fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                 setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
                 setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
                 bind (fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (!bound && fd >= 0) {
        int error = errno;
        close (fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

static void beacon_print (const beacon_t *beacon)
{
    char *name = zchat_text_display (beacon->name, strlen (beacon->name), false);
    printf ("%s%s%s%s\n", beacon->address, *name ? "  " : "", name,
            beacon->encrypted ? "" : "  NOT ENCRYPTED"); /* for programs, too       */
    fflush (stdout);
    free (name);
}

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*  Print who is new. Returns how many are known then.                         */
static size_t datagram_take (int fd, char (*known)[sizeof ((beacon_t *)0)->address], size_t count)
{
    char text[ZCHAT_BEACON_MAX + 1], host[INET_ADDRSTRLEN];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    beacon_t beacon;
    ssize_t got = recvfrom (fd, text, sizeof text, 0, (struct sockaddr *)&from, &size);
    if (got <= 0 || from.sin_family != AF_INET ||
        !inet_ntop (AF_INET, &from.sin_addr, host, sizeof host) ||
        !beacon_read (frame_of (text, (size_t)got), host, &beacon))
        return count;
    for (size_t i = 0; i < count; i++)
        if (strcmp (known[i], beacon.address) == 0)
            return count;
    if (count == ZCHAT_BEACONS_KNOWN)
        return count;
    memcpy (known[count], beacon.address, sizeof beacon.address);
    beacon_print (&beacon);
    return count + 1;
}

int command_find (const options_t *options)
{
    static char known[ZCHAT_BEACONS_KNOWN][sizeof ((beacon_t *)0)->address];
    size_t count = 0;
    (void)options;
    int fd = listen_there ();
    if (fd < 0) {
        tool_say (_ ("UDP port %d cannot be listened at: %s"), ZCHAT_BEACON_PORT, strerror (errno));
        return OUTCOME_SYSTEM;
    }
    int64_t end = now_ms () + LISTEN_MS, left;
    while ((left = end - now_ms ()) > 0) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        if (poll (&item, 1, (int)left) > 0)
            count = datagram_take (fd, known, count);
    }
    close (fd);
    if (count)
        return OUTCOME_OK;
    tool_say ("%s", _ ("no broker of this network says that it is there (zchatd --announce)"));
    return OUTCOME_UNREACHABLE;
}
