/*  notify.c - telling the service manager that the broker serves, and that it is alive */
#include "notify.h"
#include "memory.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
    int fd;
    struct sockaddr_un address;
    socklen_t size;
    uint64_t every_ms; /* how often to say that the loop turns; 0: never          */
    uint64_t due_ms;   /* when next                                               */
};

/*  An address begins with / for a path or @ for an abstract name. False: it is neither, or too
    long.                                                                      */
static bool address_take (notify_t *self, const char *name)
{
    size_t size = strlen (name);
    if ((*name != '/' && *name != '@') || size < 2 || size >= sizeof self->address.sun_path)
        return false;
    self->address.sun_family = AF_UNIX;
    memcpy (self->address.sun_path, name, size);
    if (*name == '@')
        self->address.sun_path[0] = '\0';
    self->size =
        (socklen_t)(offsetof (struct sockaddr_un, sun_path) + size + (*name == '/' ? 1 : 0));
    return true;
}

/*  A third of what the manager waits, so that one late turn is no end. 0: it does not wait. */
static uint64_t watchdog_ms (void)
{
    const char *usec = getenv ("WATCHDOG_USEC"), *pid = getenv ("WATCHDOG_PID");
    char *end;
    if (!usec || *usec < '0' || *usec > '9' ||
        (pid && *pid && strtol (pid, NULL, 10) != (long)getpid ()))
        return 0;
    errno = 0;
    unsigned long long value = strtoull (usec, &end, 10);
    return errno || *end || !value ? 0 : value / 3000 + 1;
}

notify_t *notify_new (void)
{
    const char *name = getenv ("NOTIFY_SOCKET");
    notify_t *self = memory_zero (sizeof *self);
    self->fd =
        name && address_take (self, name) ? socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    self->every_ms = watchdog_ms ();
    unsetenv ("NOTIFY_SOCKET");
    unsetenv ("WATCHDOG_USEC");
    unsetenv ("WATCHDOG_PID");
    if (self->fd < 0)
        notify_destroy (&self);
    return self;
}

void notify_destroy (notify_t **self_p)
{
    notify_t *self = *self_p;
    if (self && self->fd >= 0)
        close (self->fd);
    free (self);
    *self_p = NULL;
}

static void say (notify_t *self, const char *text)
{
    if (self)
        (void)!sendto (self->fd, text, strlen (text), MSG_DONTWAIT | MSG_NOSIGNAL,
                       (const struct sockaddr *)&self->address, self->size);
}

void notify_ready (notify_t *self)
{
    say (self, "READY=1\nSTATUS=serving");
}

void notify_reloading (notify_t *self, uint64_t mono_ms)
{
    char text[96];
    snprintf (text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reloading",
              mono_ms * 1000);
    say (self, text);
}

void notify_stopping (notify_t *self)
{
    say (self, "STOPPING=1\nSTATUS=stopping");
}

void notify_alive (notify_t *self, uint64_t now_ms)
{
    if (now_ms < notify_deadline_ms (self))
        return;
    say (self, "WATCHDOG=1");
    self->due_ms = now_ms + self->every_ms;
}

uint64_t notify_deadline_ms (const notify_t *self)
{
    return self && self->every_ms ? self->due_ms : UINT64_MAX;
}
