#include "relay.h"

#include "bytes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, LISTENERS_MAX = 16384 };

typedef struct {
    int epoll, door;
    int listeners[LISTENERS_MAX];
    int count;
} relay_t;

static void watch (const relay_t *self, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        bench_fail ("epoll: %s", strerror (errno));
}

static int door_open (int port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons ((uint16_t)port),
                                        .sin_addr = {htonl (INADDR_LOOPBACK)}};
    const int on = 1;
    int door = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (door < 0 || bind (door, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen (door, 4096) != 0)
        bench_fail ("port %d: %s", port, strerror (errno));
    return door;
}

/*  What the first byte says: L listens, S speaks. Of a listener nothing more is read.  */
static void let_in (relay_t *self)
{
    const int on = 1;
    char kind;
    int fd = accept4 (self->door, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || recv (fd, &kind, 1, 0) != 1)
        return;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (kind == 'S')
        watch (self, fd);
    else if (self->count < LISTENERS_MAX)
        self->listeners[self->count++] = fd;
}

static void pass_on (relay_t *self, int speaker)
{
    static char block[BLOCK];
    ssize_t size = recv (speaker, block, sizeof block, 0);
    if (size <= 0) {
        close (speaker);
        return;
    }
    for (int i = 0; i < self->count; i++)
        for (ssize_t sent = 0, done; sent < size; sent += done) {
            done = send (self->listeners[i], block + sent, (size_t)(size - sent), MSG_NOSIGNAL);
            if (done < 0)
                return; /* the driver is going */
        }
}

void relay_serve (int port)
{
    static relay_t self;
    self.epoll = epoll_create1 (EPOLL_CLOEXEC);
    self.door = door_open (port);
    watch (&self, self.door);
    puts ("ready");
    fflush (stdout);
    for (;;) {
        struct epoll_event event;
        if (epoll_wait (self.epoll, &event, 1, -1) != 1)
            continue;
        if (event.data.fd == self.door)
            let_in (&self);
        else
            pass_on (&self, event.data.fd);
    }
}
