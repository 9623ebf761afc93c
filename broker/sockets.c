/*  sockets.c - door and feed                                                  */
#include "sockets.h"
#include "admission.h"
#include "liveness.h"
#include "memory.h"
#include "outflow.h"
#include <arpa/inet.h>
#include <czmq.h>
#include <sys/resource.h>

enum {
    ROUTING_SIZE = 5,        /* a routing id the ROUTER gave: a zero and a number     */
    BACKLOG = 1024,          /* connections waiting to be accepted                    */
    HANDSHAKE_MS = 5000,     /* who has not shaken hands by then is dropped           */
    LINGER_MS = 1000,        /* for what was sent before closing                      */
    FDS_MAX = 1048576,       /* descriptors that are watched                          */
    MONITOR_TURN = 4096,     /* events of a monitor read before anything else         */
    ZAP_ENFORCE_DOMAIN = 93, /* libzmq has it, but not its header before the next major one */
    MONITOR_HWM = 65536,     /* events waiting; beyond it libzmq's I/O thread waits   */
    FRAME_OVER = 2,          /* bytes that a frame takes on the wire beyond its own, at least */
    CURVE_OVER = 33,         /* and so many more where it is encrypted                */
};

struct sockets {
    zsock_t *door;
    zsock_t *feed;
    void *monitor;      /* of the door                                */
    void *feed_monitor; /* of the feed                                */
    bool encrypted;
    liveness_t *liveness;
    outflow_t *outflow;
    int closed[MONITOR_TURN]; /* descriptors the monitor told of, until the door is read */
    size_t n_closed;
    int accepted[MONITOR_TURN]; /* likewise, until they are asked for         */
    size_t n_accepted;
    core_peer_t *gone; /* found gone and not yet told                 */
    size_t n_gone, gone_room;
    uint64_t now_ms; /* of the last sockets_watch                   */
    uint64_t dropped, unaccepted, unshaken;
    zmq_msg_t frames[SOCKETS_FRAMES];
    size_t n_frames;
    uint8_t unfit[255]; /* routing id of the last unfit connection: peer 0       */
    size_t n_unfit;
};

/*  --- life ------------------------------------------------------------------  */

static void *monitor_new (zsock_t *socket, const char *endpoint, int events)
{
    if (zmq_socket_monitor (zsock_resolve (socket), endpoint, events) != 0)
        return NULL;
    /*  czmq's context is shared by all its sockets.                           */
    void *monitor = zmq_socket (zsys_init (), ZMQ_PAIR);
    int linger = 0, hwm = MONITOR_HWM;
    if (monitor && zmq_setsockopt (monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_setsockopt (monitor, ZMQ_RCVHWM, &hwm, sizeof hwm) == 0 &&
        zmq_connect (monitor, endpoint) == 0)
        return monitor;
    if (monitor)
        zmq_close (monitor);
    return NULL;
}

static void monitor_close (zsock_t *socket, void *monitor)
{
    char frame[1024];
    if (!monitor)
        return;
    /*  The I/O thread may be waiting for us to read, and holds meanwhile the lock that
        zmq_socket_monitor takes: make room first, more than fills up in a moment. */
    for (int i = 0; i < 4 * MONITOR_HWM; i++)
        if (zmq_recv (monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
            break;
    zmq_socket_monitor (zsock_resolve (socket), NULL, 0);
    zmq_close (monitor);
}

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
    refuses where there is no handler, without one it would let everybody in.  */
static bool curve_options (void *socket, const keypair_t *curve)
{
    int on = 1;
    return zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
           zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, curve->secret_key,
                           sizeof curve->secret_key) == 0 &&
           zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, ADMISSION_DOMAIN, strlen (ADMISSION_DOMAIN)) ==
               0 &&
           zmq_setsockopt (socket, ZAP_ENFORCE_DOMAIN, &on, sizeof on) == 0;
}

sockets_t *sockets_new (const keypair_t *curve)
{
    int events = ZMQ_EVENT_ACCEPT_FAILED;
    if (curve)
        events |= ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    sockets_t *sockets = memory_zero (sizeof *sockets);
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit (RLIMIT_NOFILE, &limit);
    sockets->liveness = liveness_new (limit.rlim_cur < FDS_MAX ? (int)limit.rlim_cur : FDS_MAX);
    sockets->outflow = outflow_new ();
    sockets->encrypted = curve != NULL;
    sockets->door = zsock_new (ZMQ_ROUTER);
    sockets->feed = zsock_new (ZMQ_PUB);
    if (sockets->door && sockets->feed &&
        (!curve || (curve_options (zsock_resolve (sockets->door), curve) &&
                    curve_options (zsock_resolve (sockets->feed), curve)))) {
        common_options (sockets->door);
        common_options (sockets->feed);
        zsock_set_router_mandatory (sockets->door, 1);
        zsock_set_sndhwm (sockets->door, ZCHAT_DOOR_HWM);
        zsock_set_sndhwm (sockets->feed, ZCHAT_FEED_HWM);
        /*  libzmq keeps 50 bytes and more for each byte of a subscription.       */
        zsock_set_maxmsgsize (sockets->feed, ZCHAT_SUBSCRIPTION_MAX);
        sockets->monitor = monitor_new (sockets->door, "inproc://zchatd-door-monitor",
                                        ZMQ_EVENT_DISCONNECTED | events);
        sockets->feed_monitor = monitor_new (sockets->feed, "inproc://zchatd-feed-monitor", events);
    }
    if (!sockets->monitor || !sockets->feed_monitor)
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
    monitor_close (sockets->door, sockets->monitor);
    monitor_close (sockets->feed, sockets->feed_monitor);
    zsock_destroy (&sockets->door);
    zsock_destroy (&sockets->feed);
    liveness_destroy (&sockets->liveness);
    outflow_destroy (&sockets->outflow);
    free (sockets->gone);
    free (sockets);
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

static const char *bind_endpoint (zsock_t *socket, const char *endpoint, char **bound)
{
    /*  Only where it is asked for: with it on, 127.0.0.1 is told as ::ffff:127.0.0.1. */
    zsock_set_ipv6 (socket, strchr (endpoint, '[') != NULL);
    if (zmq_bind (zsock_resolve (socket), endpoint) != 0)
        return bind_why ();
    char last[1024] = "";
    size_t size = sizeof last;
    zmq_getsockopt (zsock_resolve (socket), ZMQ_LAST_ENDPOINT, last, &size);
    *bound = memory_string (last, strlen (last));
    return NULL;
}

const char *sockets_bind_door (sockets_t *sockets, const char *endpoint, char **bound)
{
    return bind_endpoint (sockets->door, endpoint, bound);
}

const char *sockets_bind_feed (sockets_t *sockets, const char *endpoint, char **bound)
{
    return bind_endpoint (sockets->feed, endpoint, bound);
}

void *sockets_door (sockets_t *sockets)
{
    return zsock_resolve (sockets->door);
}

void *sockets_feed (sockets_t *sockets)
{
    return zsock_resolve (sockets->feed);
}

void *sockets_monitor (sockets_t *sockets)
{
    return sockets->monitor;
}

void *sockets_feed_monitor (sockets_t *sockets)
{
    return sockets->feed_monitor;
}

/*  --- the door, in ----------------------------------------------------------  */

/*  Receive one multipart message; frames beyond what is kept are dropped.     */
static bool frames_recv (sockets_t *sockets, zmq_msg_t *routing)
{
    void *door = zsock_resolve (sockets->door);
    frames_close (sockets);
    if (zmq_msg_recv (routing, door, ZMQ_DONTWAIT) < 0)
        return false;
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

/*  Which connection spoke; which descriptor it has, and from where.           */
static void peer_read (sockets_t *sockets, zmq_msg_t *routing, sockets_message_t *message)
{
    const uint8_t *id = zmq_msg_data (routing);
    message->peer = 0;
    message->refuse = NULL;
    message->address = "";
    message->key = "";
    if (zmq_msg_size (routing) != ROUTING_SIZE || id[0] != 0) {
        message->refuse = "set no routing id on your socket: the broker gives one";
        sockets->n_unfit =
            zmq_msg_size (routing) <= sizeof sockets->unfit ? zmq_msg_size (routing) : 0;
        memcpy (sockets->unfit, id, sockets->n_unfit);
        return;
    }
    uint32_t number;
    memcpy (&number, id + 1, sizeof number);
    message->peer = (core_peer_t)number + 1;
    if (!sockets->n_frames)
        return;
    zmq_msg_t *frame = &sockets->frames[0];
    int fd = zmq_msg_get (frame, ZMQ_SRCFD);
    liveness_heard (sockets->liveness, fd, message->peer, sockets->now_ms);
    outflow_heard (sockets->outflow, message->peer, fd);
    const char *address = zmq_msg_gets (frame, "Peer-Address");
    message->address = address ? address : "";
    /*  Without encryption there is nobody who sets it, and libzmq hands over one that the peer
        itself put among the properties of its handshake.                      */
    const char *key = sockets->encrypted ? zmq_msg_gets (frame, "User-Id") : NULL;
    message->key = key ? key : "";
}

bool sockets_recv (sockets_t *sockets, sockets_message_t *message)
{
    zmq_msg_t routing;
    zmq_msg_init (&routing);
    bool received = frames_recv (sockets, &routing);
    if (received) {
        peer_read (sockets, &routing, message);
        message->count = sockets->n_frames;
        for (size_t i = 0; i < sockets->n_frames; i++)
            message->frames[i] =
                frame_of (zmq_msg_data (&sockets->frames[i]), zmq_msg_size (&sockets->frames[i]));
    }
    zmq_msg_close (&routing);
    return received;
}

/*  --- out -------------------------------------------------------------------  */

static void gone_add (sockets_t *sockets, core_peer_t peer)
{
    if (sockets->n_gone && sockets->gone[sockets->n_gone - 1] == peer)
        return; /* one run of replies to it                                        */
    if (sockets->n_gone == sockets->gone_room) {
        sockets->gone_room = sockets->gone_room ? 2 * sockets->gone_room : 16;
        sockets->gone = memory_grow (sockets->gone, sockets->gone_room * sizeof *sockets->gone);
    }
    sockets->gone[sockets->n_gone++] = peer;
    liveness_forget (sockets->liveness, peer);
    outflow_forget (sockets->outflow, peer);
}

/*  Not the broker's: a turn of its may be long, and this is asked about moments within it. */
static uint64_t clock_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void frames_send (void *socket, const frame_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        zmq_send (socket, frames[i].size ? frames[i].data : "", frames[i].size,
                  i + 1 < count ? ZMQ_SNDMORE | ZMQ_DONTWAIT : ZMQ_DONTWAIT);
}

void sockets_reply (sockets_t *sockets, core_peer_t peer, const frame_t *frames, size_t count)
{
    void *door = zsock_resolve (sockets->door);
    uint8_t id[ROUTING_SIZE] = {0};
    uint32_t number = (uint32_t)(peer - 1);
    memcpy (id + 1, &number, sizeof number);
    int sent = peer ? zmq_send (door, id, sizeof id, ZMQ_SNDMORE | ZMQ_DONTWAIT)
                    : zmq_send (door, sockets->unfit, sockets->n_unfit, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    if (sent >= 0) {
        size_t over = sockets->encrypted ? FRAME_OVER + CURVE_OVER : FRAME_OVER;
        size_t bytes = count * over;
        for (size_t i = 0; i < count; i++)
            bytes += frames[i].size;
        frames_send (door, frames, count);
        if (peer)
            outflow_sent (sockets->outflow, peer, bytes, clock_ms ());
    } else if (errno == EAGAIN)
        sockets->dropped++;
    else if (peer)
        gone_add (sockets, peer);
}

uint64_t sockets_unread (sockets_t *sockets, core_peer_t peer)
{
    return outflow_unread (sockets->outflow, peer, clock_ms ());
}

void sockets_publish (sockets_t *sockets, const frame_t *frames, size_t count)
{
    frames_send (zsock_resolve (sockets->feed), frames, count);
}

/*  --- who is gone -----------------------------------------------------------  */

/*  Read what the monitor tells: a frame with event and descriptor, a frame with the
    endpoint.                                                                  */
static void monitor_read (sockets_t *sockets, void *monitor)
{
    uint8_t event[6];
    /*  Out of descriptors libzmq tells of failures as fast as they are read.  */
    for (int i = 0;
         i < MONITOR_TURN && sockets->n_closed < MONITOR_TURN && sockets->n_accepted < MONITOR_TURN;
         i++) {
        if (zmq_recv (monitor, event, sizeof event, ZMQ_DONTWAIT) != sizeof event)
            break;
        uint16_t kind;
        int32_t value;
        char endpoint[8];
        memcpy (&kind, event, sizeof kind);
        memcpy (&value, event + sizeof kind, sizeof value);
        zmq_recv (monitor, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
        if (kind == ZMQ_EVENT_DISCONNECTED)
            sockets->closed[sockets->n_closed++] = value;
        else if (kind == ZMQ_EVENT_ACCEPTED)
            sockets->accepted[sockets->n_accepted++] = value;
        else if (kind == ZMQ_EVENT_ACCEPT_FAILED)
            sockets->unaccepted++;
        else
            sockets->unshaken++;
    }
}

void sockets_watch (sockets_t *sockets, uint64_t mono_ms)
{
    /*  There is no other way to ask the ROUTER whether it still knows a peer than a
        message, which clients ignore.                                         */
    frame_t probe[] = {frame_str ("NOOP"), frame_of ("", 0)};
    core_peer_t peer;
    sockets->now_ms = mono_ms;
    for (size_t i = 0; i < sockets->n_closed; i++)
        liveness_closed (sockets->liveness, sockets->closed[i], mono_ms);
    sockets->n_closed = 0;
    while ((peer = liveness_next (sockets->liveness, mono_ms)))
        sockets_reply (sockets, peer, probe, 2);
    /*  Last: what is told now is looked into once the door was read again.    */
    monitor_read (sockets, sockets->monitor);
    monitor_read (sockets, sockets->feed_monitor);
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
    return sockets->n_closed ? 0 : liveness_deadline_ms (sockets->liveness);
}

size_t sockets_accepted (sockets_t *sockets, const int **descriptors)
{
    monitor_read (sockets, sockets->monitor);
    monitor_read (sockets, sockets->feed_monitor);
    size_t count = sockets->n_accepted;
    *descriptors = sockets->accepted;
    sockets->n_accepted = 0;
    return count;
}

static uint64_t counter_take (uint64_t *counter)
{
    uint64_t value = *counter;
    *counter = 0;
    return value;
}

uint64_t sockets_dropped (sockets_t *sockets)
{
    return counter_take (&sockets->dropped);
}

uint64_t sockets_unaccepted (sockets_t *sockets)
{
    return counter_take (&sockets->unaccepted);
}

uint64_t sockets_unshaken (sockets_t *sockets)
{
    return counter_take (&sockets->unshaken);
}
