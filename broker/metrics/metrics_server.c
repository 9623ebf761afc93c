/*  metrics_server.c - the HTTP server of metrics, by libmicrohttpd             */
#include "memory.h"
#include "metrics.h"
#include "metrics_process.h"
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct metrics {
    struct MHD_Daemon *daemon;
    char *log, *wal; /* paths of the log's files                                */
    double started_s;
    pthread_mutex_t lock; /* of what follows                                        */
    metrics_numbers_t numbers;
};

#define TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPEN "application/openmetrics-text; version=1.0.0; charset=utf-8"

static uint64_t file_size (const char *path)
{
    struct stat info;
    return stat (path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

static metrics_process_t process_read (const metrics_t *self)
{
    metrics_process_t process = metrics_process ();
    process.started_s = self->started_s;
    process.log_bytes = file_size (self->log);
    process.wal_bytes = file_size (self->wal);
    return process;
}

/*  The clock that the broker's times are of.                                  */
static uint64_t mono_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*  --- answers ---------------------------------------------------------------  */

/*  text is given away.                                                        */
static enum MHD_Result answer (struct MHD_Connection *connection, unsigned status, const char *type,
                               char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer (strlen (text), text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free (text);
        return MHD_NO;
    }
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response (connection, status, response);
    MHD_destroy_response (response);
    return result;
}

static enum MHD_Result sentence (struct MHD_Connection *connection, unsigned status,
                                 const char *text)
{
    return answer (connection, status, "text/plain; charset=utf-8", memory_format ("%s\n", text));
}

static enum MHD_Result request (void *arg, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **state)
{
    metrics_t *self = arg;
    (void)version;
    (void)upload;
    /*  A body is read and dropped.                                            */
    if (!*state) {
        *state = self;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp (method, MHD_HTTP_METHOD_GET) != 0 && strcmp (method, MHD_HTTP_METHOD_HEAD) != 0)
        return sentence (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET is all there is");
    pthread_mutex_lock (&self->lock);
    metrics_numbers_t numbers = self->numbers;
    pthread_mutex_unlock (&self->lock);
    bool alive = mono_ms () < numbers.mono_ms + METRICS_STALE_MS;
    if (strcmp (url, "/metrics") == 0) {
        const char *accept =
            MHD_lookup_connection_value (connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
        bool open = accept && strstr (accept, "application/openmetrics-text");
        metrics_process_t process = process_read (self);
        return answer (connection, MHD_HTTP_OK, open ? TYPE_OPEN : TYPE_TEXT,
                       metrics_text (&numbers, &process, open));
    }
    if (strcmp (url, "/healthz") == 0)
        return sentence (connection, alive ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                         alive ? "ok" : "the broker's loop does not turn");
    if (strcmp (url, "/readyz") == 0) {
        const char *why = !alive             ? "the broker's loop does not turn"
                          : !numbers.serving ? "the broker starts or stops"
                          : numbers.failing  ? "the log cannot be written"
                                             : NULL;
        return sentence (connection, why ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                         why ? why : "ok");
    }
    return sentence (connection, MHD_HTTP_NOT_FOUND, "there are /metrics, /healthz and /readyz");
}

/*  --- begin and end ---------------------------------------------------------  */

/*  tcp://ADDRESS:PORT, whose form was checked. NULL: no address of a machine; the caller frees it
   by freeaddrinfo.                                                              */
static struct addrinfo *address_read (const char *endpoint)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char *host = memory_string (endpoint + 6, strlen (endpoint + 6));
    char *port = strrchr (host, ':'), *name = host;
    *port++ = '\0';
    if (*host == '[') {
        host[strlen (host) - 1] = '\0';
        name++;
    }
    if (getaddrinfo (strcmp (name, "*") == 0 ? "0.0.0.0" : name,
                     strcmp (port, "*") == 0 ? "0" : port, &hints, &found) != 0)
        found = NULL;
    free (host);
    return found;
}

metrics_t *metrics_new (const char *endpoint, const char *data, const char **why)
{
    struct timespec now;
    struct addrinfo *address = address_read (endpoint);
    *why = "its host is no address of numbers, and no name is looked up";
    if (!address)
        return NULL;
    clock_gettime (CLOCK_REALTIME, &now);
    metrics_t *self = memory_zero (sizeof *self);
    self->log = memory_format ("%s/zchat.db", data);
    self->wal = memory_format ("%s/zchat.db-wal", data);
    self->started_s = (double)now.tv_sec + (double)now.tv_nsec / 1000000000;
    self->numbers.mono_ms = mono_ms ();
    pthread_mutex_init (&self->lock, NULL);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                     (address->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    self->daemon = MHD_start_daemon (
        flags, 0, NULL, NULL, request, self, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)ZCHAT_METRICS_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, 10u, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)ZCHAT_METRICS_REQUEST_MAX, MHD_OPTION_END);
    freeaddrinfo (address);
    *why = "it cannot be bound: the port is in use, or the address is not one of this machine";
    if (!self->daemon)
        metrics_destroy (&self);
    return self;
}

void metrics_destroy (metrics_t **self_p)
{
    metrics_t *self = *self_p;
    if (!self)
        return;
    if (self->daemon)
        MHD_stop_daemon (self->daemon);
    pthread_mutex_destroy (&self->lock);
    free (self->log);
    free (self->wal);
    free (self);
    *self_p = NULL;
}

unsigned metrics_port (const metrics_t *self)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void metrics_put (metrics_t *self, const metrics_numbers_t *numbers)
{
    pthread_mutex_lock (&self->lock);
    self->numbers = *numbers;
    pthread_mutex_unlock (&self->lock);
}
