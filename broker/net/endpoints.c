/*  endpoints.c - where door and feed are bound                                */
#include "endpoints.h"
#include "config/options.h"
#include "log/log.h"
#include "memory.h"
#include "transport/descriptor.h"
#include "wsguard.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

typedef struct {
    void *socket;
    char *bound;
    bool unbound; /* for now                                                   */
} ws_t;

struct endpoints {
    size_t n_fds;
    ws_t ws[2 * OPTIONS_ENDPOINTS_MAX]; /* of the door and of the feed            */
    size_t n_ws;
    wsguard_t guard;
    bool failed; /* to bind again, and it was said                             */
};

endpoints_t *endpoints_new (size_t n_fds)
{
    endpoints_t *endpoints = memory_zero (sizeof *endpoints);
    endpoints->n_fds = n_fds;
    return endpoints;
}

void endpoints_destroy (endpoints_t **self_p)
{
    endpoints_t *endpoints = *self_p;
    if (!endpoints)
        return;
    for (size_t i = 0; i < endpoints->n_ws; i++)
        free (endpoints->ws[i].bound);
    free (endpoints);
    *self_p = NULL;
}

static const char *bind_why (void)
{
    switch (errno) {
    case EADDRINUSE:
        return "the address is in use: is another zchatd running? Stop it, or choose another port";
    case EADDRNOTAVAIL:
    case ENODEV:
        return "this machine has no such address or interface, and names of hosts are not looked "
               "up: bind an address of this machine, an interface such as eth0, or *";
    case ENOENT:
    case ENOTDIR:
        return "the folder of the path is not there; make it, or choose another path";
    case EACCES:
        return "not permitted: choose a port above 1023, or a path you may write";
    case EPROTONOSUPPORT:
    case ENOCOMPATPROTO:
        return "this libzmq does not know the transport";
    case ENAMETOOLONG:
        return "the path is too long for a socket; choose one of 107 bytes at most";
    case EINVAL:
        return "the endpoint is not valid: it looks like tcp://HOST:PORT, ipc://PATH or "
               "ws://HOST:PORT";
    default:
        return zmq_strerror (errno);
    }
}

static const char *bind_here (void *socket, const char *endpoint)
{
    /*  Only where it is asked for: with it on, 127.0.0.1 is told as ::ffff:127.0.0.1. */
    int ipv6 = strchr (endpoint, '[') != NULL;
    zmq_setsockopt (socket, ZMQ_IPV6, &ipv6, sizeof ipv6);
    return zmq_bind (socket, endpoint) == 0 ? NULL : bind_why ();
}

const char *endpoints_bind (endpoints_t *endpoints, void *socket, const char *endpoint,
                            char **bound)
{
    const char *why = bind_here (socket, endpoint);
    if (why)
        return why;
    char last[1024] = "";
    size_t size = sizeof last;
    zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, last, &size);
    *bound = memory_string (last, strlen (last));
    if (strncmp (last, "ws://", 5) == 0 &&
        endpoints->n_ws < sizeof endpoints->ws / sizeof *endpoints->ws)
        endpoints->ws[endpoints->n_ws++] =
            (ws_t){.socket = socket, .bound = memory_string (last, strlen (last))};
    return NULL;
}

static void say (log_level_t level, const char *what, size_t kept, const char *text)
{
    char count[24];
    snprintf (count, sizeof count, "%zu", kept);
    log_write (
        level, what,
        (log_field_t[]){{"descriptors", frame_str (count)}, {"text", frame_str (text)}, {NULL}});
}

/*  Nobody is let in any more where ws is served.                              */
static void deafen (endpoints_t *endpoints)
{
    char at[DESCRIPTOR_LISTENS_MAX + 1];
    for (int fd = 0; fd < (int)endpoints->n_fds; fd++) {
        size_t length = descriptor_listens (fd, at);
        for (size_t i = 0; length && i < endpoints->n_ws; i++) {
            const char *bound = endpoints->ws[i].bound + strlen ("ws://");
            if (strncmp (bound, at, length) == 0 && (!bound[length] || bound[length] == '/'))
                descriptor_deafen (fd, descriptor_socket (fd));
        }
    }
}

static void unbind (endpoints_t *endpoints)
{
    for (size_t i = 0; i < endpoints->n_ws; i++)
        endpoints->ws[i].unbound =
            zmq_unbind (endpoints->ws[i].socket, endpoints->ws[i].bound) == 0 ||
            endpoints->ws[i].unbound;
}

static void bind_again (endpoints_t *endpoints)
{
    for (size_t i = 0; i < endpoints->n_ws; i++) {
        ws_t *ws = &endpoints->ws[i];
        const char *why = ws->unbound ? bind_here (ws->socket, ws->bound) : NULL;
        if (!why) {
            ws->unbound = false;
            continue;
        }
        if (!endpoints->failed)
            log_write (LEVEL_ERROR, "ws-not-bound",
                       (log_field_t[]){
                           {"endpoint", frame_str (ws->bound)}, {"text", frame_str (why)}, {NULL}});
        endpoints->failed = true;
        return; /* and again at the next look                                  */
    }
    endpoints->failed = false;
    wsguard_bound (&endpoints->guard);
}

bool endpoints_guard (endpoints_t *endpoints, size_t kept, uint64_t now_ms)
{
    wsguard_act_t act = wsguard_look (&endpoints->guard, kept, endpoints->n_fds, now_ms);
    switch (act) {
    case WSGUARD_DEAFEN:
        deafen (endpoints);
        break;
    case WSGUARD_UNBIND:
        say (LEVEL_WARNING, "ws-bound-anew", kept,
             "of ws connections that ended, kept by libzmq; all ws connections are closed, and "
             "their "
             "clients come again; let only those you trust reach ws endpoints");
        unbind (endpoints);
        break;
    case WSGUARD_BIND:
        bind_again (endpoints);
        break;
    case WSGUARD_GIVE_UP:
        say (
            LEVEL_ERROR, "ws-closed", kept,
            "of ws connections that ended, kept by libzmq until the process ends; ws is not served "
            "any more, all else is; restart the broker, and let only those you trust reach it");
        break;
    case WSGUARD_WAIT:
        break;
    }
    return act == WSGUARD_DEAFEN;
}

bool endpoints_waiting (const endpoints_t *endpoints)
{
    return endpoints->guard.state == WSGUARD_DEAF || endpoints->guard.state == WSGUARD_UNBOUND;
}
