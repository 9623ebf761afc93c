/*  sockets.c - door and feed                                                  */
#include "sockets.h"
#include "admission/admission.h"
#include "endpoints.h"
#include "liveness.h"
#include "memory.h"
#include "outflow.h"
#include "subscribers.h"
#include "transport/binding.h"
#include "transport/connections.h"
#include "transport/descriptor.h"
#include "transport/held.h"
#include "transport/monitor.h"
#include "transport/multipart.h"
#include "transport/router.h"
#include <czmq.h>
#include <sys/resource.h>

enum {
    UNFIT_MS = 1000,         /* who is refused has so long to read why                */
    BACKLOG = 1024,          /* connections waiting to be accepted                    */
    HANDSHAKE_MS = 5000,     /* who has not shaken hands by then is dropped           */
    LINGER_MS = 1000,        /* for what was sent before closing                      */
    FDS_MAX = 1048576,       /* descriptors that are watched                          */
    MONITOR_TURN = 4096,     /* events of a monitor read before anything else         */
    MONITOR_ALL = 1048576,   /* likewise where what has happened must be known        */
    ZAP_ENFORCE_DOMAIN = 93, /* libzmq has it, but not its header before the next major one */
    FRAME_OVER = 2,          /* bytes that a frame takes on the wire beyond its own, at least */
    /*  Of subscribers that end libzmq's I/O thread tells so many before it waits for us, beside
        1,000 that cannot be changed: for each of them libzmq walks all subscriptions at our next
        call, however many they are, and everybody else waits.                 */
    FEED_MONITOR_HWM = 1,
    FEED_MONITOR_TURN = 256,
    FEED_RCVBUF = 4096, /* what the kernel holds of a subscriber is read even when it is closed */
    FEED_RCVHWM = 2,    /* subscriptions of a peer that libzmq takes at once; what ZAP tells of
                           its user takes one of these places for ever         */
    WS_LOOK = 16,       /* ws connections after which is looked how many are kept     */
    CURVE_OVER = 33,    /* and so many more where it is encrypted                */
};

#define CLOSED UINT64_MAX /* of a peer's socket: it was found closed              */

/*  Places in readable.                                                        */
enum { DOOR, FEED, DOOR_MONITOR, FEED_MONITOR };

struct sockets {
    zsock_t *door;
    zsock_t *feed;
    readable_t readable[SOCKETS_READABLE];
    bool encrypted;
    bindings_t *bindings;
    endpoints_t *endpoints;
    connections_t *connections;
    held_t *held; /* unencrypted: connections to the door of which nothing was read */
    liveness_t *liveness;
    outflow_t *outflow;
    subscribers_t *subscribers;
    int *closed; /* descriptors the monitor told of, until the door is read */
    size_t n_closed, closed_capacity;
    int accepted[MONITOR_TURN]; /* likewise, until they are asked for         */
    size_t n_accepted;
    core_peer_t *gone; /* found gone and not yet told                 */
    size_t n_gone, gone_capacity;
    uint64_t measure_ms;       /* when connections are measured next               */
    uint64_t measure_first_ms; /* and those of which nothing was read         */
    uint64_t now_ms;           /* of the last sockets_watch                   */
    unsigned n_ws;             /* ws connections accepted                     */
    counters_t *counters;
    zmq_msg_t frames[SOCKETS_FRAMES];
    size_t n_frames;
    uint8_t unfit[255]; /* routing id of the last unfit connection: peer 0       */
    size_t n_unfit;
};

/*  --- life ------------------------------------------------------------------  */

static void common_options (zsock_t *socket)
{
    zsock_set_linger (socket, LINGER_MS);
    zsock_set_backlog (socket, BACKLOG);
    zsock_set_maxmsgsize (socket, ZCHAT_FRAME_MAX);
    zsock_set_handshake_ivl (socket, HANDSHAKE_MS);
    /*  Hosts that vanish are found by the kernel, also where a reader that reads nothing
        has data waiting for it. Not by ZMTP heartbeats: libzmq aborts when their timer
        fires on a connection that broke while its queue here was full, so any client
        could end the broker.                                                   */
    zsock_set_tcp_keepalive (socket, 1);
    zsock_set_tcp_keepalive_idle (socket, ZCHAT_HEARTBEAT_MS / 1000);
    zsock_set_tcp_keepalive_intvl (socket, ZCHAT_HEARTBEAT_MS / 1000);
    zsock_set_tcp_keepalive_cnt (socket, 2);
    zsock_set_tcp_maxrt (socket, 3 * ZCHAT_HEARTBEAT_MS);
}

/*  Nobody comes in without the ZAP handler's word: with a domain that is enforced libzmq
    refuses where there is no handler, without one it would let everybody in. And with a domain
    it refuses ZMTP 1 and 2, whose frames any bytes can be taken for.          */
static bool zap_options (void *socket, const keypair_t *curve)
{
    int on = 1;
    return (!curve || (zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
                       zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, curve->secret_key,
                                       sizeof curve->secret_key) == 0)) &&
           zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, ADMISSION_DOMAIN, strlen (ADMISSION_DOMAIN)) ==
               0 &&
           zmq_setsockopt (socket, ZAP_ENFORCE_DOMAIN, &on, sizeof on) == 0;
}

/*  False: the system refused.                                                 */
static bool monitored (sockets_t *sockets, int events)
{
    void *door = zsock_resolve (sockets->door), *feed = zsock_resolve (sockets->feed);
    void *monitors[] = {
        monitor_new (door, "inproc://zchatd-door-monitor", ZMQ_EVENT_HANDSHAKE_SUCCEEDED | events,
                     MONITOR_HWM_MAX),
        monitor_new (feed, "inproc://zchatd-feed-monitor", events, FEED_MONITOR_HWM)};
    sockets->readable[DOOR_MONITOR].socket = monitors[0];
    sockets->readable[FEED_MONITOR].socket = monitors[1];
    return monitors[0] && monitors[1] && readable_of (&sockets->readable[DOOR], door) &&
           readable_of (&sockets->readable[FEED], feed) &&
           readable_of (&sockets->readable[DOOR_MONITOR], monitors[0]) &&
           readable_of (&sockets->readable[FEED_MONITOR], monitors[1]);
}

sockets_t *sockets_new (const keypair_t *curve, counters_t *counters)
{
    int events = ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    sockets_t *sockets = memory_zero (sizeof *sockets);
    bool ok = false;
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit (RLIMIT_NOFILE, &limit);
    uint32_t number;
    int n_fds = limit.rlim_cur < FDS_MAX ? (int)limit.rlim_cur : FDS_MAX;
    sockets->counters = counters;
    sockets->liveness = liveness_new (n_fds);
    sockets->connections = connections_new (n_fds);
    sockets->held = held_new (n_fds);
    sockets->endpoints = endpoints_new ((size_t)n_fds);
    sockets->bindings = bindings_new (curve != NULL);
    sockets->outflow = outflow_new ();
    sockets->subscribers = subscribers_new (curve != NULL);
    sockets->encrypted = curve != NULL;
    sockets->door = zsock_new (ZMQ_ROUTER);
    sockets->feed = zsock_new (ZMQ_XPUB);
    if (sockets->door && sockets->feed && zap_options (zsock_resolve (sockets->door), curve) &&
        zap_options (zsock_resolve (sockets->feed), curve) &&
        router_first (zsock_resolve (sockets->door), &number)) {
        bindings_start (sockets->bindings, number);
        common_options (sockets->door);
        common_options (sockets->feed);
        zsock_set_rcvhwm (sockets->door, ZCHAT_DOOR_UNREAD_HWM);
        zsock_set_router_mandatory (sockets->door, 1);
        zsock_set_sndhwm (sockets->door, ZCHAT_DOOR_HWM);
        zsock_set_sndhwm (sockets->feed, ZCHAT_FEED_HWM);
        /*  libzmq keeps 50 bytes and more for each byte of a subscription, takes in what a peer
            sends for as long as there is more, and tells of all of it.           */
        zsock_set_maxmsgsize (sockets->feed, ZCHAT_SUBSCRIPTION_MAX);
        zsock_set_rcvhwm (sockets->feed, FEED_RCVHWM);
        zsock_set_rcvbuf (sockets->feed, FEED_RCVBUF);
        zsock_set_xpub_verboser (sockets->feed, 1);
        ok = monitored (sockets, events);
    }
    if (!ok)
        sockets_destroy (&sockets);
    return sockets;
}

static void frames_close (sockets_t *sockets)
{
    while (sockets->n_frames)
        zmq_msg_close (&sockets->frames[--sockets->n_frames]);
}

void sockets_destroy (sockets_t **self_p)
{
    sockets_t *sockets = *self_p;
    if (!sockets)
        return;
    frames_close (sockets);
    if (sockets->door)
        monitor_close (zsock_resolve (sockets->door), sockets->readable[DOOR_MONITOR].socket);
    if (sockets->feed)
        monitor_close (zsock_resolve (sockets->feed), sockets->readable[FEED_MONITOR].socket);
    zsock_destroy (&sockets->door);
    zsock_destroy (&sockets->feed);
    bindings_destroy (&sockets->bindings);
    connections_destroy (&sockets->connections);
    held_destroy (&sockets->held);
    endpoints_destroy (&sockets->endpoints);
    liveness_destroy (&sockets->liveness);
    outflow_destroy (&sockets->outflow);
    subscribers_destroy (&sockets->subscribers);
    free (sockets->closed);
    free (sockets->gone);
    free (sockets);
    *self_p = NULL;
}

const char *sockets_bind_door (sockets_t *sockets, const char *endpoint, char **bound)
{
    return endpoints_bind (sockets->endpoints, zsock_resolve (sockets->door), endpoint, bound);
}

const char *sockets_bind_feed (sockets_t *sockets, const char *endpoint, char **bound)
{
    return endpoints_bind (sockets->endpoints, zsock_resolve (sockets->feed), endpoint, bound);
}

readable_t *sockets_readable (sockets_t *sockets)
{
    return sockets->readable;
}

/*  --- connections -----------------------------------------------------------  */

/*  Of ws connections libzmq tells neither all ends nor which one a message came over.  */
static void ws_look (sockets_t *sockets, uint64_t mono_ms)
{
    uint64_t socket;
    size_t kept = 0;
    for (int fd = -1; (fd = connections_ws (sockets->connections, fd, &socket)) >= 0;)
        if (descriptor_socket (fd) != socket)
            connections_closed (sockets->connections, fd, 0);
        else if (descriptor_ended (fd))
            kept++;
    /*  It may bind and unbind them.                                           */
    sockets->readable[DOOR].unsure = sockets->readable[FEED].unsure = true;
    if (endpoints_guard (sockets->endpoints, kept, mono_ms))
        for (int fd = -1; (fd = connections_ws (sockets->connections, fd, &socket)) >= 0;)
            descriptor_deafen (fd, socket);
}

static void accepted (sockets_t *sockets, int fd, bool door, bool ws)
{
    char text[ORIGIN_TEXT_MAX + 1];
    uint8_t buffer[ORIGIN_MAX];
    descriptor_address (fd, text);
    connection_t connection = {.origin = origin_counted (frame_str (text), buffer),
                               .socket = descriptor_socket (fd),
                               .local = origin_local (frame_str (text)),
                               .speaks = door && !ws,
                               .measured = !ws};
    (void)connections_accepted (sockets->connections, fd, &connection, sockets->now_ms);
    /*  Who had the descriptor before may have been heard after its end was told. */
    if (!door)
        subscribers_gone (sockets->subscribers, fd);
    /*  Encrypted, no two have the same routing id, so that all is read.       */
    if (connection.speaks && !sockets->encrypted)
        held_take (sockets->held, fd, connection.socket);
    if (sockets->encrypted && sockets->n_accepted < MONITOR_TURN)
        sockets->accepted[sockets->n_accepted++] = fd;
    /*  Before thousands more come.                                            */
    if (ws && ++sockets->n_ws % WS_LOOK == 0)
        ws_look (sockets, sockets->now_ms);
}

static void closed (sockets_t *sockets, int fd)
{
    connections_closed (sockets->connections, fd, held_received (sockets->held, fd));
    if (sockets->n_closed == sockets->closed_capacity) {
        sockets->closed_capacity = sockets->closed_capacity ? 2 * sockets->closed_capacity : 64;
        sockets->closed =
            memory_grow (sockets->closed, sockets->closed_capacity * sizeof *sockets->closed);
    }
    sockets->closed[sockets->n_closed++] = fd;
}

static void feed_closed (sockets_t *sockets, int fd)
{
    connections_closed (sockets->connections, fd, 0);
    subscribers_gone (sockets->subscribers, fd);
}

/*  Read what a monitor tells. Out of descriptors libzmq tells of failures as fast as they are
    read.                                                                      */
static void monitor_read (sockets_t *sockets, int which, int events)
{
    monitor_event_t event;
    readable_t *monitor = &sockets->readable[which];
    bool door = which == DOOR_MONITOR;
    unsigned ready = 0;
    if (!door && events > FEED_MONITOR_TURN)
        events = FEED_MONITOR_TURN;
    while (monitor->unsure && events-- > 0)
        if (!monitor_next (monitor->socket, &event))
            monitor->unsure = false;
        else if (event.kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            ready++;
        else if (event.kind == ZMQ_EVENT_ACCEPTED)
            accepted (sockets, event.value, door, event.ws);
        else if (event.kind == ZMQ_EVENT_DISCONNECTED && door)
            closed (sockets, event.value);
        else if (event.kind == ZMQ_EVENT_DISCONNECTED)
            feed_closed (sockets, event.value);
        else if (event.kind == ZMQ_EVENT_ACCEPT_FAILED)
            sockets->counters->unaccepted++;
        else
            sockets->counters->unshaken++;
    if (door)
        bindings_ready (sockets->bindings, ready);
}

static void gone_add (sockets_t *sockets, core_peer_t peer)
{
    if (sockets->n_gone && sockets->gone[sockets->n_gone - 1] == peer)
        return; /* one run of replies to it                                        */
    if (sockets->n_gone == sockets->gone_capacity) {
        sockets->gone_capacity = sockets->gone_capacity ? 2 * sockets->gone_capacity : 16;
        sockets->gone = memory_grow (sockets->gone, sockets->gone_capacity * sizeof *sockets->gone);
    }
    sockets->gone[sockets->n_gone++] = peer;
    bindings_forget (sockets->bindings, peer);
    liveness_forget (sockets->liveness, peer);
    outflow_forget (sockets->outflow, peer);
}

/*  --- the door, in ----------------------------------------------------------  */

/*  Receive one multipart message; frames beyond what is kept are dropped.     */
static bool frames_recv (sockets_t *sockets, zmq_msg_t *routing)
{
    void *door = zsock_resolve (sockets->door);
    frames_close (sockets);
    if (!sockets->readable[DOOR].unsure)
        return false;
    if (zmq_msg_recv (routing, door, ZMQ_DONTWAIT) < 0) {
        sockets->readable[DOOR].unsure = errno != EAGAIN;
        return false;
    }
    int more = zmq_msg_more (routing);
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, door, 0) < 0)
            break; /* parts of a message arrive together: nothing to wait for    */
        more = zmq_msg_more (&frame);
        if (sockets->n_frames < SOCKETS_FRAMES)
            sockets->frames[sockets->n_frames++] = frame;
        else
            zmq_msg_close (&frame);
    }
    return true;
}

static const char *property (zmq_msg_t *frame, const char *name)
{
    const char *value = zmq_msg_gets (frame, name);
    return value ? value : "";
}

static void peer_refuse (sockets_t *sockets, const sight_t *sight, binding_t verdict,
                         sockets_message_t *message)
{
    bool probe = verdict == BINDING_PROBE;
    message->refused = probe ? SOCKETS_PROBE : SOCKETS_UNFIT;
    message->refuse = verdict == BINDING_CROWDED
                          ? "too many connections with this key, or of no address; close some"
                          : "set no routing id on your socket: the broker gives one";
    sockets->n_unfit = sight->routing.size <= sizeof sockets->unfit ? sight->routing.size : 0;
    memcpy (sockets->unfit, sight->routing.data, sockets->n_unfit);
    connections_doom (sockets->connections, sight->fd, sockets->now_ms + (probe ? 0 : UNFIT_MS));
}

/*  Which connection spoke, and whether it is believed.                        */
static void peer_read (sockets_t *sockets, zmq_msg_t *routing, zmq_msg_t *frame,
                       sockets_message_t *message)
{
    bool fresh;
    uint64_t gone;
    sight_t sight = {.routing = frame_of (zmq_msg_data (routing), zmq_msg_size (routing)),
                     .connection = strtoull (property (frame, ADMISSION_CONNECTION), NULL, 10),
                     .announced = property (frame, "Identity"),
                     .fd = zmq_msg_get (frame, ZMQ_SRCFD),
                     .address = property (frame, "Peer-Address"),
                     /*  Without encryption there is nobody who sets it.       */
                     .key = sockets->encrypted ? property (frame, "User-Id") : ""};
    message->address = sight.address;
    message->key = sight.key;
    message->refused = SOCKETS_FIT;
    /*  What libzmq told of a connection before its first message is known before that.   */
    if (!bindings_known (sockets->bindings, &sight)) {
        sockets->readable[DOOR_MONITOR].unsure = true;
        monitor_read (sockets, DOOR_MONITOR, MONITOR_ALL);
    }
    binding_t verdict =
        bindings_see (sockets->bindings, &sight, sockets->now_ms, &message->peer, &fresh, &gone);
    if (gone)
        gone_add (sockets, gone);
    connections_read (sockets->connections, sight.fd);
    held_drop (sockets->held, sight.fd);
    if (verdict != BINDING_FIT) {
        peer_refuse (sockets, &sight, verdict, message);
        return;
    }
    if (fresh) {
        bindings_set_socket (sockets->bindings, message->peer, descriptor_socket (sight.fd));
        connections_spoke (sockets->connections, sight.fd);
    }
    liveness_heard (sockets->liveness, sight.fd, message->peer, sockets->now_ms);
    outflow_heard (sockets->outflow, message->peer, sight.fd);
}

bool sockets_recv (sockets_t *sockets, sockets_message_t *message)
{
    zmq_msg_t routing;
    zmq_msg_init (&routing);
    bool received = frames_recv (sockets, &routing);
    if (received) {
        /*  A message has a frame behind the routing id.                       */
        peer_read (sockets, &routing, &sockets->frames[0], message);
        message->count = sockets->n_frames;
        for (size_t i = 0; i < sockets->n_frames; i++)
            message->frames[i] =
                frame_of (zmq_msg_data (&sockets->frames[i]), zmq_msg_size (&sockets->frames[i]));
    }
    zmq_msg_close (&routing);
    return received;
}

/*  --- out -------------------------------------------------------------------  */

/*  Not the broker's: a turn of its may be long, and this is asked about moments within it. */
static uint64_t clock_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*  True where the peer's connection still stands, as far as the kernel tells. A routing id that can
    be announced could lead elsewhere as soon as it does not.                  */
static bool stands (frame_t routing, int fd, uint64_t socket)
{
    return routing.size != BINDING_NUMBER_SIZE || !socket || descriptor_socket (fd) == socket;
}

void sockets_reply (sockets_t *sockets, core_peer_t peer, const frame_t *frames, size_t count)
{
    void *door = zsock_resolve (sockets->door);
    frame_t routing = frame_of (sockets->unfit, sockets->n_unfit);
    int fd = -1;
    uint64_t socket = 0;
    if (peer && !bindings_route (sockets->bindings, peer, &routing, &fd, &socket))
        return; /* it was gone before, and that is told                        */
    if (peer && !stands (routing, fd, socket))
        return; /* it will be told as gone once its last words have been read  */
    sockets->readable[DOOR].unsure = true;
    if (multipart_frame (door, routing, true)) {
        size_t over = sockets->encrypted ? FRAME_OVER + CURVE_OVER : FRAME_OVER;
        size_t bytes = count * over;
        for (size_t i = 0; i < count; i++)
            bytes += frames[i].size;
        multipart_send (door, frames, count);
        if (peer)
            outflow_sent (sockets->outflow, peer, bytes, clock_ms ());
    } else if (errno == EAGAIN)
        sockets->counters->replies_dropped++;
    else if (peer)
        gone_add (sockets, peer);
}

bool sockets_whence (sockets_t *sockets, core_peer_t peer, const char **address, const char **key)
{
    return bindings_whence (sockets->bindings, peer, address, key);
}

uint64_t sockets_unread (sockets_t *sockets, core_peer_t peer)
{
    return outflow_unread (sockets->outflow, peer, clock_ms ());
}

/*  Nobody has ever asked for single events: all have packs. libzmq takes in what peers ask for when
    it is called, and tells of it; so where there is something to be told, it is not known. */
static bool unwanted (sockets_t *sockets, frame_t topic)
{
    return !subscribers_of_rooms (sockets->subscribers) && topic.size > 5 &&
           memcmp (topic.data, "room/", 5) == 0 && !readable_now (&sockets->readable[FEED]);
}

void sockets_publish (sockets_t *sockets, const frame_t *frames, size_t count)
{
    if (unwanted (sockets, frames[0]))
        return;
    sockets->readable[FEED].unsure = true;
    multipart_send (zsock_resolve (sockets->feed), frames, count);
}

/*  --- who is gone -----------------------------------------------------------  */

/*  Whoever is to be asked whether they are there. There is no other way to ask the ROUTER whether
    it still knows a peer than a message, which clients ignore.                */
static void suspects_ask (sockets_t *sockets, uint64_t mono_ms)
{
    frame_t probe[] = {frame_str ("NOOP"), frame_of ("", 0)}, routing;
    core_peer_t peer;
    int fd;
    uint64_t socket;
    while ((peer = liveness_next (sockets->liveness, mono_ms)))
        if (!bindings_route (sockets->bindings, peer, &routing, &fd, &socket) || !socket ||
            descriptor_socket (fd) == socket)
            sockets_reply (sockets, peer, probe, 2);
        else if (socket == CLOSED)
            gone_add (sockets, peer);
        else /* its last words may have come since the door was read             */
            bindings_set_socket (sockets->bindings, peer, CLOSED);
    while ((peer = bindings_silent (sockets->bindings, mono_ms)))
        gone_add (sockets, peer);
}

typedef int measure_f (connections_t *connections, uint64_t *socket);

static void measure_by (sockets_t *sockets, measure_f *next, uint64_t mono_ms)
{
    int fd;
    uint64_t socket, received;
    while ((fd = next (sockets->connections, &socket)) >= 0)
        if (descriptor_received (fd, &received))
            connections_measured (sockets->connections, fd, received, mono_ms);
}

static void measure (sockets_t *sockets, uint64_t mono_ms)
{
    if (sockets->measure_ms <= mono_ms) {
        sockets->measure_ms = mono_ms + ZCHAT_MEASURE_MS;
        measure_by (sockets, connections_measure, mono_ms);
        ws_look (sockets, mono_ms);
    }
    if (sockets->measure_first_ms <= mono_ms) {
        sockets->measure_first_ms = mono_ms + ZCHAT_MEASURE_FIRST_MS;
        measure_by (sockets, connections_measure_silent, mono_ms);
    }
}

bool sockets_left (sockets_t *sockets, frame_t *origin, bool *local, uint64_t *bytes)
{
    return connections_left (sockets->connections, origin, local, bytes);
}

void sockets_watch (sockets_t *sockets, uint64_t mono_ms)
{
    int fd;
    uint64_t socket;
    sockets->now_ms = mono_ms;
    measure (sockets, mono_ms);
    for (size_t i = 0; i < sockets->n_closed; i++)
        liveness_closed (sockets->liveness, sockets->closed[i], mono_ms);
    sockets->n_closed = 0;
    suspects_ask (sockets, mono_ms);
    while ((fd = connections_due (sockets->connections, mono_ms, &socket)) >= 0)
        descriptor_shut (fd, socket);
    /*  Last: what is told now is looked into once the door was read again.    */
    monitor_read (sockets, DOOR_MONITOR, MONITOR_TURN);
    monitor_read (sockets, FEED_MONITOR, MONITOR_TURN);
}

static void feed_monitor_read (void *arg)
{
    sockets_t *sockets = arg;
    sockets->readable[FEED_MONITOR].unsure = true;
    monitor_read (sockets, FEED_MONITOR, FEED_MONITOR_TURN);
}

void sockets_subscribers (sockets_t *sockets, uint64_t mono_ms)
{
    readable_t *feed = &sockets->readable[FEED];
    if (feed->unsure)
        feed->unsure = !subscribers_turn (sockets->subscribers, feed->socket, feed_monitor_read,
                                          sockets, mono_ms);
}

bool sockets_gone (sockets_t *sockets, core_peer_t *peer)
{
    if (!sockets->n_gone)
        return false;
    *peer = sockets->gone[--sockets->n_gone];
    return true;
}

uint64_t sockets_deadline_ms (const sockets_t *sockets)
{
    uint64_t deadlines[] = {
        liveness_deadline_ms (sockets->liveness), bindings_deadline_ms (sockets->bindings),
        connections_deadline_ms (sockets->connections),
        connections_any (sockets->connections) || endpoints_waiting (sockets->endpoints)
            ? sockets->measure_ms
            : UINT64_MAX,
        connections_any_silent (sockets->connections) ? sockets->measure_first_ms : UINT64_MAX};
    uint64_t deadline = sockets->n_closed ? 0 : UINT64_MAX;
    for (size_t i = 0; i < sizeof deadlines / sizeof *deadlines; i++)
        deadline = deadlines[i] < deadline ? deadlines[i] : deadline;
    return deadline;
}

size_t sockets_accepted (sockets_t *sockets, const int **descriptors, uint64_t mono_ms)
{
    sockets->now_ms = mono_ms;
    monitor_read (sockets, DOOR_MONITOR, MONITOR_TURN);
    monitor_read (sockets, FEED_MONITOR, MONITOR_TURN);
    size_t count = sockets->n_accepted;
    *descriptors = sockets->accepted;
    sockets->n_accepted = 0;
    return count;
}
