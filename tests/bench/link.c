#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void step_begin (link_t *self);

/*  The size of what ends so many frames, or 0: they are not all there.  */
static size_t frames_size (const bytes_t *bytes, size_t count)
{
    size_t at = 0;
    for (; count; count--) {
        uint64_t size = 0;
        size_t head = 2;
        if (bytes->size < at + 2)
            return 0;
        const unsigned char *byte = (const unsigned char *)bytes->data + at;
        if (byte[0] & 2) {
            head = 9;
            if (bytes->size < at + 9)
                return 0;
            for (int i = 1; i < 9; i++)
                size = size << 8 | byte[i];
        } else {
            size = byte[1];
        }
        at += head + size;
        if (bytes->size < at)
            return 0;
    }
    return at;
}

/*  How much of what was received the step took; 0: it waits.  */
static size_t step_takes (const link_t *self, const step_t *step)
{
    const bytes_t *received = &self->received;
    const char *found;
    switch (step->await) {
    case AWAIT_BYTES:
        return received->size >= step->count ? step->count : 0;
    case AWAIT_FRAMES:
        return frames_size (received, step->count);
    case AWAIT_TEXT:
        found = received->size
                    ? memmem (received->data, received->size, step->text, strlen (step->text))
                    : NULL;
        return found ? (size_t)(found - received->data) + strlen (step->text) : 0;
    case AWAIT_NOTHING:
    default:
        return 0;
    }
}

static void step_end (link_t *self, size_t took)
{
    bytes_t *received = &self->received;
    if (took)
        memmove (received->data, received->data + took, received->size - took);
    received->size -= took;
    self->step++;
    step_begin (self);
}

static void step_begin (link_t *self)
{
    if (self->step == self->script.count) {
        self->in = true;
        script_free (&self->script);
        bytes_free (&self->received);
        return;
    }
    step_t *step = &self->script.steps[self->step];
    bytes_put (&self->out, step->send.data, step->send.size);
    link_flush (self);
    if (step->await == AWAIT_NOTHING)
        step_end (self, 0);
}

void link_flush (link_t *self)
{
    if (self->guard) {
        guard_send (self->guard, &self->out, &self->wire);
        bytes_flush (&self->wire, self->fd);
    } else if (self->out.size) {
        bytes_flush (&self->out, self->fd);
    }
}

void link_open (link_t *self, int epoll, int port, script_t *script, const guard_plan_t *guard)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons ((uint16_t)port),
                                        .sin_addr = {htonl (INADDR_LOOPBACK)}};
    const int on = 1;
    self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (self->fd < 0 || connect (self->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        bench_fail ("cannot connect to port %d: %s", port, strerror (errno));
    setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl (self->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = self}};
    if (self->kind == LINK_SPEAKER)
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    if (epoll_ctl (epoll, EPOLL_CTL_ADD, self->fd, &event) != 0)
        bench_fail ("epoll: %s", strerror (errno));
    self->script = *script;
    *script = (script_t){.count = 0};
    self->step = 0;
    if (guard->kind != GUARD_NONE) {
        self->guard = guard_new (guard, self->script.socket_type);
        guard_receive (self->guard, NULL, 0, NULL, &self->wire);
        self->step = self->script.handshake; /* which the guard does */
    }
    step_begin (self);
}

void link_advance (link_t *self)
{
    char *data;
    for (size_t size; (size = link_read (self, &data)) > 0;) {
        bytes_put (&self->received, data, size);
        while (!self->in) {
            size_t took = step_takes (self, &self->script.steps[self->step]);
            if (!took)
                break;
            step_end (self, took);
        }
        if (self->in)
            return;
    }
}

/*  As link_read, of what is encrypted: until there is something that it says.  */
static size_t read_guarded (link_t *self, char **data)
{
    static char block[SCAN_READ_MAX];
    static bytes_t plain;
    static const char front[SCAN_KEPT_MAX];
    bytes_clear (&plain);
    bytes_put (&plain, front, sizeof front);
    while (plain.size == sizeof front) {
        ssize_t size = recv (self->fd, block, sizeof block, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            break;
        if (size <= 0)
            bench_fail ("the server has closed an encrypted connection");
        guard_receive (self->guard, block, (size_t)size, &plain, &self->wire);
        link_flush (self);
    }
    *data = plain.data + sizeof front;
    return plain.size - sizeof front;
}

size_t link_read (link_t *self, char **data)
{
    static char buffer[SCAN_KEPT_MAX + SCAN_READ_MAX];
    if (self->guard)
        return read_guarded (self, data);
    *data = buffer + SCAN_KEPT_MAX;
    ssize_t size = recv (self->fd, *data, SCAN_READ_MAX, MSG_DONTWAIT);
    if (size > 0)
        return (size_t)size;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    bench_fail ("the server has closed a connection (%s %d)",
                self->kind == LINK_SPEAKER ? "speaker" : "listener", self->number);
}

void link_close (link_t *self)
{
    close (self->fd);
    script_free (&self->script);
    bytes_free (&self->received);
    bytes_free (&self->out);
    bytes_free (&self->wire);
    guard_destroy (&self->guard);
}
