/*  door.c - the loop                                                             */
#include "door.h"
#include "hooks.h"
#include "memory.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 250, PEM_MAX = 262144, ITEMS_OWN = 3 };

static uint64_t clock_ms (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool pem_load (door_t *self, int *outcome)
{
    const options_t *options = self->options;

    if (!options->cert)
        return true;
    *outcome = OUTCOME_DATA;
    self->pem_cert = options_file (options->cert, PEM_MAX, false);
    self->pem_key = options_file (options->key, PEM_MAX, true);
    return self->pem_cert && self->pem_key;
}

door_t *door_new (const options_t *options, int *outcome)
{
    door_t *self = memory_zero (sizeof *self);
    const char *why = "";

    self->options = options;
    self->guard = (guard_t){.hosts = options->hosts,
                            .n_hosts = options->n_hosts,
                            .origins = options->origins,
                            .n_origins = options->n_origins};
    self->people_options = (people_options_t){.endpoint = options->endpoint,
                                              .feed = options->feed,
                                              .agent = "zchat-web " ZCHAT_VERSION,
                                              .free_names = options->free_names};
    self->now_ms = clock_ms ();
    self->once = once_new ();
    if (options->tokens)
        self->token_names = token_names_new (options->tokens);
    if (!pem_load (self, outcome))
        goto failed;
    *outcome = OUTCOME_DATA;
    if (people_new (&self->people_options, self->now_ms, &self->people, &why) != ZCHAT_OK) {
        options_say ("%s: %s", options->endpoint, why);
        goto failed;
    }
    *outcome = OUTCOME_SYSTEM;
    self->hooks = hooks_new (options, self->people, &why);
    if (!self->hooks) {
        options_say ("%s", why);
        goto failed;
    }
    if (!http_listen (self, &why)) {
        options_say ("%s: %s", options->listen, why);
        goto failed;
    }
    return self;
failed:
    door_destroy (&self);
    return NULL;
}

void door_destroy (door_t **door)
{
    door_t *self = *door;

    if (!self)
        return;
    http_stop (self);
    hooks_destroy (&self->hooks);
    people_destroy (&self->people);
    once_destroy (&self->once);
    token_names_destroy (&self->token_names);
    free (self->pem_cert);
    free (self->pem_key);
    free (self);
    *door = NULL;
}

void door_address (const door_t *self, char *text, size_t size)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_BIND_PORT);
    const struct sockaddr_storage *address = &self->options->address;
    char host[INET6_ADDRSTRLEN] = "";

    if (address->ss_family == AF_INET)
        inet_ntop (AF_INET, &((const struct sockaddr_in *)address)->sin_addr, host, sizeof host);
    else
        inet_ntop (AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, host, sizeof host);
    snprintf (text, size, address->ss_family == AF_INET ? "%s:%u" : "[%s]:%u", host,
              info ? info->port : 0);
}

/*  Return how long nothing has to be done.                                       */
static int door_timeout (const door_t *self)
{
    MHD_UNSIGNED_LONG_LONG server = TICK_MS;
    int least = people_timeout (self->people), hooks = hooks_timeout (self->hooks);

    if (self->turn)
        return 0;
    if (MHD_get_timeout (self->daemon, &server) == MHD_YES && server < (unsigned)least)
        least = (int)server;
    least = hooks < least ? hooks : least;
    return least < TICK_MS ? least : TICK_MS;
}

/*  Poll once and do what is due. False where a signal ends it.                   */
static bool door_turn (door_t *self, int signals, struct pollfd **items)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    size_t count = ITEMS_OWN;

    *items = memory_grow (*items, (ITEMS_OWN + people_count (self->people)) * sizeof **items);
    (*items)[0] = (struct pollfd){.fd = signals, .events = POLLIN};
    (*items)[1] = (struct pollfd){.fd = info ? info->epoll_fd : -1, .events = POLLIN};
    (*items)[2] = (struct pollfd){.fd = hooks_fd (self->hooks), .events = POLLIN};
    count += people_items (self->people, *items + ITEMS_OWN);
    int timeout_ms = door_timeout (self);
    if (poll (*items, (nfds_t)count, timeout_ms) < 0 && errno != EINTR)
        return false;
    if ((*items)[0].revents)
        return false;
    self->turn = false;
    self->now_ms = clock_ms ();
    people_step (self->people, self->now_ms);
    hooks_step (self->hooks, self->now_ms);
    http_tick (self);
    MHD_run (self->daemon);
    return true;
}

void door_run (door_t *self)
{
    struct pollfd *items = NULL;
    sigset_t set;
    char address[64];

    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGHUP);
    sigprocmask (SIG_BLOCK, &set, NULL);
    int signals = signalfd (-1, &set, SFD_CLOEXEC);
    door_address (self, address, sizeof address);
    options_say ("listening at %s://%s", self->pem_cert ? "https" : "http", address);
    if (self->options->ready_fd >= 0) {
        dprintf (self->options->ready_fd, "ready %s\n", address);
        close (self->options->ready_fd);
    }
    while (door_turn (self, signals, &items))
        continue;
    self->stopping = true;
    free (items);
    close (signals);
}
