/*  lookup.c - finds out whether a host's name can be resolved, while everything else goes on */
#include "lookup.h"
#include "memory.h"
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_MAX = 255, PENDING = 0x7fffffff };

/*  The thread and its owner share it; the one who leaves last frees it.       */
struct lookup {
    atomic_int users;
    atomic_int result; /* what getaddrinfo returned; or PENDING                */
    int done;          /* an eventfd that is written when the result is there  */
    char host[HOST_MAX + 1];
};

static void leave (lookup_t *lookup)
{
    if (atomic_fetch_sub (&lookup->users, 1) == 1) {
        close (lookup->done);
        free (lookup);
    }
}

static void *look_up (void *arg)
{
    lookup_t *lookup = arg;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int result = getaddrinfo (lookup->host, NULL, &hints, &found);
    if (result == 0)
        freeaddrinfo (found);
    /*  The result is stored before the wake-up is written. Whoever sees the result may take the
        wake-up off, and is then not woken again.                              */
    (void)!eventfd_write (lookup->done, 1);
    atomic_store (&lookup->result, result);
    leave (lookup);
    return NULL;
}

/*  The thread blocks all signals, because the program's own threads are to get them. */
static bool begin (lookup_t *lookup)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init (&attributes) != 0)
        return false;
    pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    bool begun = pthread_create (&thread, &attributes, look_up, lookup) == 0;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    pthread_attr_destroy (&attributes);
    return begun;
}

lookup_t *lookup_new (const char *endpoint)
{
    const char *host = strstr (endpoint, "://");
    size_t size = host ? strcspn (host + 3, ":/") : 0;
    bool address = !size || host[3] == '[' || strspn (host + 3, "0123456789.") == size;
    if (address || size > HOST_MAX || strncmp (endpoint, "ipc", 3) == 0)
        return NULL;
    lookup_t *self = memory_zero (sizeof *self);
    memcpy (self->host, host + 3, size);
    atomic_init (&self->users, 2);
    atomic_init (&self->result, PENDING);
    self->done = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->done < 0) {
        free (self);
        return NULL;
    }
    if (!begin (self)) {
        leave (self);
        lookup_destroy (&self);
    }
    return self;
}

void lookup_destroy (lookup_t **lookup)
{
    if (*lookup) {
        leave (*lookup);
        *lookup = NULL;
    }
}

int lookup_fd (const lookup_t *lookup)
{
    return lookup->done;
}

bool lookup_done (const lookup_t *lookup)
{
    return atomic_load (&((lookup_t *)lookup)->result) != PENDING;
}

const char *lookup_wrong (const lookup_t *lookup)
{
    switch (atomic_load (&((lookup_t *)lookup)->result)) {
    case 0:
    case PENDING:
        return NULL;
    case EAI_NONAME:
    case EAI_NODATA:
        return "no host of this name is known; check its spelling, and the network";
    default:
        return "the name of the host cannot be looked up; check the network, or give an address";
    }
}
