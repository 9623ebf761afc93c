/*  http.c - connections and requests, as libmicrohttpd gives them              */
#include "files.h"
#include "memory.h"
#include "refusal.h"
#include "request.h"
#include "text.h"
#include "urltext.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <sys/socket.h>

enum { TICK_MS = 200 }; /* so exact is what times out */

static const char s_csp[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/*  --- what requests are made of -------------------------------------------------- */

const char *request_header (const request_t *self, const char *name)
{
    return MHD_lookup_connection_value (self->connection, MHD_HEADER_KIND, name);
}

char *request_parameter (const request_t *self, const char *name, size_t max, bool *good)
{
    const char *value = MHD_lookup_connection_value (self->connection, MHD_GET_ARGUMENT_KIND, name);
    *good = true;
    if (!value || !*value)
        return NULL;
    char *text = memory_new (max + 1);
    if (urltext_decode (value, strlen (value), text, max))
        return text;
    *good = false;
    free (text);
    return NULL;
}

bool request_number (const request_t *self, const char *name, uint64_t max, uint64_t *number)
{
    const char *value = MHD_lookup_connection_value (self->connection, MHD_GET_ARGUMENT_KIND, name);
    unsigned long long read;

    if (!value || !*value)
        return true;
    if (!urltext_number (value, &read, NULL) || read > max)
        return false;
    *number = read;
    return true;
}

void request_done (request_t *self, unsigned status, char *json)
{
    if (self->status) {
        free (json);
        return;
    }
    self->status = status;
    self->answer = json;
    self->stage = REQUEST_DONE;
    self->deadline_ms = UINT64_MAX;
    if (self->suspended) {
        self->suspended = false;
        self->door->turn = true;
        MHD_resume_connection (self->connection);
    }
}

void request_refuse (request_t *self, unsigned status, const char *code, const char *text)
{
    request_done (self, status, refusal_json (code, text, NULL));
}

void request_refuse_status (request_t *self, zchat_status_t status, const char *text,
                            const char *json)
{
    request_done (
        self, refusal_http (status),
        refusal_json (zchat_status_code (status), text ? text : zchat_status_text (status), json));
}

/*  --- answers --------------------------------------------------------------------- */

static void headers_add (const request_t *self, struct MHD_Response *response, bool page)
{
    MHD_add_response_header (response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header (response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header (response, "Cross-Origin-Resource-Policy",
                             self->origin ? "cross-origin" : "same-origin");
    MHD_add_response_header (response, "Content-Security-Policy",
                             page ? s_csp : "default-src 'none'; frame-ancestors 'none'");
    MHD_add_response_header (response, "Cache-Control", page ? "no-cache" : "no-store");
    if (self->door->guard.n_origins)
        MHD_add_response_header (response, "Vary", "Origin");
    if (self->origin)
        MHD_add_response_header (response, "Access-Control-Allow-Origin", self->origin);
}

static enum MHD_Result queue (request_t *self, unsigned status, struct MHD_Response *response)
{
    enum MHD_Result result =
        response ? MHD_queue_response (self->connection, status, response) : MHD_NO;

    if (response)
        MHD_destroy_response (response);
    self->stage = REQUEST_ANSWERED;
    self->deadline_ms = UINT64_MAX;
    return result;
}

static enum MHD_Result answer_file (request_t *self)
{
    const page_file_t *file = files_find (self->route.word);
    const char *known = request_header (self, "If-None-Match");
    const char *takes = request_header (self, "Accept-Encoding");
    bool same = known && strstr (known, file->etag), gzip = takes && strstr (takes, "gzip");
    const unsigned char *data = gzip ? file->gzip : file->plain;
    struct MHD_Response *response =
        MHD_create_response_from_buffer (same   ? 0
                                         : gzip ? file->gzip_size
                                                : file->plain_size,
                                         (void *)(uintptr_t)data, MHD_RESPMEM_PERSISTENT);
    if (response) {
        headers_add (self, response, true);
        MHD_add_response_header (response, "Content-Type", file->type);
        MHD_add_response_header (response, "ETag", file->etag);
        MHD_add_response_header (response, "Vary", "Accept-Encoding");
        if (gzip && !same)
            MHD_add_response_header (response, "Content-Encoding", "gzip");
    }
    return queue (self, same ? 304 : 200, response);
}

static enum MHD_Result answer_stream (request_t *self)
{
    struct MHD_Response *response = stream_response (self->stream);

    if (response) {
        headers_add (self, response, false);
        MHD_add_response_header (response, "Content-Type", "text/event-stream");
        /*  nginx hands it on at once.                                         */
        MHD_add_response_header (response, "X-Accel-Buffering", "no");
    }
    return queue (self, 200, response);
}

static enum MHD_Result answer (request_t *self)
{
    char again[16];

    if (self->status == 200 && self->route.kind == ROUTE_FILE)
        return answer_file (self);
    if (self->status == 200 && self->stream)
        return answer_stream (self);
    char *text = self->answer ? self->answer : memory_string ("", 0);
    self->answer = NULL;
    struct MHD_Response *response =
        MHD_create_response_from_buffer (strlen (text), text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free (text);
        return MHD_NO;
    }
    headers_add (self, response, false);
    if (*text)
        MHD_add_response_header (response, "Content-Type", "application/json");
    if (self->status == 401)
        MHD_add_response_header (response, "WWW-Authenticate", "Bearer");
    if (self->status == 405)
        MHD_add_response_header (response, "Allow", self->allow);
    if (self->status == 204 && self->origin) {
        MHD_add_response_header (response, "Access-Control-Allow-Methods",
                                 "GET, POST, PUT, DELETE");
        MHD_add_response_header (response, "Access-Control-Allow-Headers",
                                 "Authorization, Content-Type, Idempotency-Key, Last-Event-ID");
        MHD_add_response_header (response, "Access-Control-Max-Age", "600");
    }
    if (refusal_again_s (self->status)) {
        snprintf (again, sizeof again, "%u", refusal_again_s (self->status));
        MHD_add_response_header (response, "Retry-After", again);
    }
    if (self->broken)
        MHD_add_response_header (response, "Connection", "close");
    return queue (self, self->status, response);
}

/*  --- a request's way -------------------------------------------------------------- */

/*  Look at what can be judged by the headers alone.                            */
static void request_judge (request_t *self, const char *method, const char *url)
{
    const char *host = request_header (self, "Host"), *origin = request_header (self, "Origin");
    const char *length = request_header (self, "Content-Length");
    unsigned long long bytes = 0;

    if (!guard_host (&self->door->guard, host)) {
        request_refuse (self, 421, "host",
                        "this door is not reached by that name; zchat-web --host allows it");
        return;
    }
    guard_origin_t from =
        guard_origin (&self->door->guard, origin, host, request_header (self, "Sec-Fetch-Site"));
    if (from == GUARD_ALLOWED)
        self->origin = memory_format ("%s", origin);
    route_result_t result = route_read (method, url, &self->route, self->allow);
    if (from == GUARD_FOREIGN &&
        (result != ROUTE_FOUND || self->route.kind != ROUTE_FILE || origin))
        request_refuse (self, 403, "origin", "pages of other origins may do nothing here");
    else if (result == ROUTE_MALFORMED)
        request_refuse (self, 400, "malformed", "the path is not percent-encoded UTF-8");
    else if (result == ROUTE_METHOD)
        request_refuse (self, 405, "method", "the path is there, but not with this method");
    else if (result == ROUTE_NOWHERE ||
             (self->route.kind == ROUTE_FILE && !files_find (self->route.word)))
        request_refuse (self, 404, "path", "there is no such path");
    else if (self->route.kind == ROUTE_PREFLIGHT)
        request_done (self, self->origin ? 204 : 403, NULL);
    else if (!credential_read (request_header (self, "Authorization"), &self->credential))
        request_refuse (self, 401, "token", "Authorization is to be: Bearer NAME:TOKEN");
    else if (!*self->credential.name && *self->credential.secret &&
             !(self->door->token_names &&
               token_names_find (self->door->token_names, &self->credential)))
        request_refuse (self, 401, "token",
                        self->door->token_names
                            ? "no name has this token"
                            : "a token alone is taken where the door has --tokens; else: Bearer "
                              "NAME:TOKEN");
    else if (length && urltext_number (length, &bytes, NULL) && bytes > ZCHAT_WEB_BODY_MAX)
        request_refuse (self, 413, "size", "the body is larger than any message");
    else if (self->door->stopping)
        request_refuse (self, 503, "closing", "this door is being closed");
}

static request_t *request_new (door_t *door, struct MHD_Connection *connection, const char *url)
{
    request_t *self = memory_zero (sizeof *self);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    peer_t *peer = info ? info->socket_context : NULL;

    self->door = door;
    self->connection = connection;
    self->path = memory_format ("%s", url);
    self->waiter = (waiter_t){.event = answers_event, .arg = self};
    self->began_ms = door->now_ms;
    self->deadline_ms = door->now_ms + ZCHAT_WEB_UPLOAD_MS;
    if (peer)
        peer->request = self;
    DL_APPEND (door->requests, self);
    return self;
}

static void request_completed (void *arg, struct MHD_Connection *connection, void **state,
                               enum MHD_RequestTerminationCode code)
{
    request_t *self = *state;
    door_t *door = arg;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    peer_t *peer = info ? info->socket_context : NULL;

    if (peer) {
        peer->request = NULL;
        peer->idle_ms = door->now_ms;
    }
    if (!self)
        return;
    DL_DELETE (door->requests, self);
    if (self->stream) {
        stream_destroy (&self->stream);
        door->n_streams--;
    }
    if (self->person) {
        person_forget (self->person, &self->waiter);
        person_release (self->person);
    }
    door->body_bytes -= self->body.size;
    message_clear (&self->message);
    buffer_free (&self->body);
    buffer_free (&self->events);
    sodium_memzero (&self->credential, sizeof self->credential);
    free (self->answer);
    free (self->origin);
    free (self->path);
    free (self);
    *state = NULL;
}

/*  Take a part of the body. False where it is too much.                        */
static bool body_take (request_t *self, const char *bytes, size_t size)
{
    door_t *door = self->door;

    if (self->status)
        return true;
    if (self->body.size + size > ZCHAT_WEB_BODY_MAX)
        return false;
    if (door->body_bytes + size > ZCHAT_WEB_BODIES_MAX) {
        request_refuse (self, 503, "busy", "too much is being sent here; try again in a moment");
        return true;
    }
    door->body_bytes += size;
    buffer_add (&self->body, bytes, size);
    return true;
}

static enum MHD_Result http_request (void *arg, struct MHD_Connection *connection, const char *url,
                                     const char *method, const char *version, const char *upload,
                                     size_t *upload_size, void **state)
{
    door_t *door = arg;
    request_t *self = *state;

    if (!self) {
        *state = self = request_new (door, connection, url);
        request_judge (self, method, url);
        /*  A body that nobody reads ends the connection.                      */
        self->broken = self->status && (request_header (self, "Content-Length") ||
                                        request_header (self, "Transfer-Encoding"));
        return self->status ? answer (self) : MHD_YES;
    }
    if (*upload_size) {
        bool fits = body_take (self, upload, *upload_size);
        *upload_size = 0;
        return fits ? MHD_YES : MHD_NO;
    }
    if (self->stage == REQUEST_READING) {
        self->stage = REQUEST_WAITING;
        self->deadline_ms = door->now_ms + ZCHAT_WEB_ANSWER_MS;
        if (!self->status)
            calls_start (self);
    }
    if (self->status)
        return answer (self);
    self->suspended = true;
    MHD_suspend_connection (connection);
    return MHD_YES;
}

/*  --- connections --------------------------------------------------------------------- */

static void address_of (const struct sockaddr *from, uint8_t address[16], bool *local)
{
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

    if (from->sa_family == AF_INET) {
        memcpy (mapped.s6_addr + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr,
                4);
        six = &mapped;
    }
    memcpy (address, six->s6_addr, 16);
    *local = IN6_IS_ADDR_LOOPBACK (six) || (IN6_IS_ADDR_V4MAPPED (six) && six->s6_addr[12] == 127);
}

static enum MHD_Result http_accept (void *arg, const struct sockaddr *from, socklen_t size)
{
    const door_t *door = arg;
    uint8_t address[16];
    size_t count = 0;
    bool local;

    address_of (from, address, &local);
    for (const peer_t *peer = door->peers; peer && !local; peer = peer->next)
        count += memcmp (peer->address, address, sizeof address) == 0;
    return count < ZCHAT_WEB_ADDRESS_MAX && !door->stopping ? MHD_YES : MHD_NO;
}

static void http_connection (void *arg, struct MHD_Connection *connection, void **context,
                             enum MHD_ConnectionNotificationCode code)
{
    door_t *door = arg;
    peer_t *peer = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        peer = memory_zero (sizeof *peer);
        if (info && info->client_addr)
            address_of (info->client_addr, peer->address, &peer->local);
        info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        peer->fd = info ? info->connect_fd : -1;
        peer->idle_ms = door->now_ms;
        DL_APPEND (door->peers, peer);
        door->n_peers++;
        *context = peer;
    } else if (peer) {
        DL_DELETE (door->peers, peer);
        door->n_peers--;
        free (peer);
        *context = NULL;
    }
}

/*  --- time ------------------------------------------------------------------------------ */

static void request_overdue (request_t *self)
{
    person_state_t state;

    if (self->stage != REQUEST_WAITING)
        return;
    if (self->stream) {
        request_done (self, 200, NULL);
        return;
    }
    person_state (self->person, &state);
    if (state.connected)
        request_refuse_status (self, ZCHAT_TIMEOUT,
                               "the broker has not answered; whether it is stored is not known",
                               NULL);
    else
        request_refuse_status (self, state.status == ZCHAT_OK ? ZCHAT_UNREACHABLE : state.status,
                               state.text, NULL);
}

void http_tick (door_t *door)
{
    peer_t *peer;
    request_t *request, *next;

    if (door->now_ms - door->ticked_ms < TICK_MS)
        return;
    door->ticked_ms = door->now_ms;
    DL_FOREACH_SAFE (door->requests, request, next)
    {
        if (request->stream)
            stream_tick (request->stream, door->now_ms);
        if (door->now_ms >= request->deadline_ms)
            request_overdue (request);
    }
    DL_FOREACH (door->peers, peer)
    {
        /*  A whole request, its body too, has its time, however many bytes come within. */
        bool late = peer->request ? peer->request->stage == REQUEST_READING &&
                                        door->now_ms >= peer->request->deadline_ms
                                  : door->now_ms - peer->idle_ms > ZCHAT_WEB_HEADER_MS;
        if (late && peer->fd >= 0) {
            shutdown (peer->fd, SHUT_RDWR);
            peer->fd = -1;
        }
    }
}

/*  --- begin and end ---------------------------------------------------------------------- */

/*  Paths and parameters stay as they came: they are decoded part by part.      */
static size_t as_it_is (void *arg, struct MHD_Connection *connection, char *text)
{
    return strlen (text);
}

bool http_listen (door_t *door, const char **why)
{
    const struct sockaddr *address = (const struct sockaddr *)&door->options->address;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
                     (address->sa_family == AF_INET6 ? MHD_USE_IPv6 : 0u) |
                     (door->pem_cert ? MHD_USE_TLS : 0u);
    struct MHD_OptionItem items[3] = {{MHD_OPTION_END, 0, NULL}};

    if (door->pem_cert) {
        items[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, door->pem_cert};
        items[1] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, door->pem_key};
        items[2] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    }
    door->daemon = MHD_start_daemon (
        flags, 0, http_accept, door, http_request, door, MHD_OPTION_SOCK_ADDR, address,
        MHD_OPTION_NOTIFY_CONNECTION, http_connection, door, MHD_OPTION_NOTIFY_COMPLETED,
        request_completed, door, MHD_OPTION_UNESCAPE_CALLBACK, as_it_is, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)ZCHAT_WEB_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(ZCHAT_WEB_STUCK_MS / 1000),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)ZCHAT_WEB_HEADERS_MAX,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    *why = door->pem_cert ? "the address cannot be bound, or certificate and key do not fit"
                          : "the address cannot be bound: it is in use, or not one of this machine";
    return door->daemon != NULL;
}

void http_stop (door_t *door)
{
    request_t *request, *next;

    if (!door->daemon)
        return;
    /*  None may sleep when the server ends.                                   */
    DL_FOREACH_SAFE (door->requests, request, next)
    if (request->stream && request->status)
        stream_stop (request->stream);
    else if (request->suspended)
        request_refuse (request, 503, "closing", "this door is being closed");
    for (int i = 0; i < 3; i++)
        MHD_run (door->daemon);
    MHD_stop_daemon (door->daemon);
    door->daemon = NULL;
}
