/*  connection.c - the sockets: a door, a feed, and what becomes of them       */
#include "connection.h"
#include "endpoint.h"
#include "lookup.h"
#include "memory.h"
#include <errno.h>
#include <sodium.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

enum {
    FRAMES_MAX = 16,     /* frames of a message; a message with more is nonsense and is dropped */
    SHARE_MAX = 64,      /* messages that one socket may hand on before the next one has its turn */
    STEP_MAX = 32,       /* rounds over the sockets in one step                */
    DOOR_HWM = 4096,     /* messages; a delivery never has so many under way   */
    FEED_HWM = 256,      /* packs                                              */
    HANDSHAKE_MS = 3000, /* the delivery waits longer for it, so libzmq gives up first */
    KEEPALIVE_S = 5,     /* between the kernel's probes; a host that is silent to three is gone */
    RECONNECT_MS = 100,  /* before libzmq connects the feed again; not for the door */
    RECONNECT_NEVER = 86400000,
    DENIED = 400 /* ZAP answers so where a key is not admitted                 */
};

struct connection {
    void *context;
    void *door;         /* DEALER, or NULL                                     */
    void *monitor;      /* PAIR; it tells what becomes of the door's connection */
    void *feed;         /* SUB, or NULL                                        */
    void *feed_monitor; /* PAIR; it tells what becomes of the feed's connection */
    int epoll;          /* watches the descriptors of these four               */
    unsigned attempt;   /* number of doors made so far                         */
    unsigned feeds;     /* number of feeds made so far                         */
    bool ipv6;          /* whether this attempt connects by IPv6               */
    bool up;            /* the door's handshake is done                        */
    bool pending;       /* see connection_pending                              */
    const char *failed; /* why a socket could not be made, to be told to the delivery; or NULL */
    lookup_t *lookup;   /* looks up the endpoint's host; NULL where the host has no name */
    bool looked;        /* the end of lookup was seen, and its descriptor read */
    bool nowhere;       /* nobody answers; it is told when lookup is done and the reason is known */
    bool encrypted;     /* the connection uses the keys that follow            */
    connection_keys_t keys;
    char endpoint[ENDPOINT_MAX]; /* the door's                                 */
};

static void connection_free (connection_t *connection)
{
    sodium_memzero (&connection->keys, sizeof connection->keys);
    free (connection);
}

zchat_status_t connection_new (const char *door, const connection_keys_t *keys,
                               connection_t **connection)
{
    connection_t *self = memory_zero (sizeof *self);

    self->encrypted = keys != NULL;
    if (keys)
        self->keys = *keys;
    snprintf (self->endpoint, sizeof self->endpoint, "%s", door);
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->context = self->epoll < 0 ? NULL : zmq_ctx_new ();
    if (!self->context) {
        if (self->epoll >= 0)
            close (self->epoll);
        connection_free (self);
        return ZCHAT_SYSTEM;
    }
    zmq_ctx_set (self->context, ZMQ_BLOCKY, 0);
    *connection = self;
    return ZCHAT_OK;
}

int connection_fd (const connection_t *connection)
{
    return connection->epoll;
}

bool connection_pending (const connection_t *connection)
{
    return connection->pending || connection->failed;
}

/*  --- sockets ---------------------------------------------------------------  */

static void option (void *socket, int name, int value)
{
    zmq_setsockopt (socket, name, &value, sizeof value);
}

static int socket_fd (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;

    zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
    return fd;
}

static void socket_close (connection_t *connection, void **socket, int linger_ms)
{
    if (*socket) {
        epoll_ctl (connection->epoll, EPOLL_CTL_DEL, socket_fd (*socket), NULL);
        option (*socket, ZMQ_LINGER, linger_ms);
        zmq_close (*socket);
        *socket = NULL;
    }
}

/*  Make a socket and watch it; NULL where libzmq has none left.               */
static void *socket_make (connection_t *connection, int type)
{
    void *socket = zmq_socket (connection->context, type);
    struct epoll_event event = {.events = EPOLLIN};

    if (!socket)
        return NULL;
    option (socket, ZMQ_LINGER, 0);
    if (epoll_ctl (connection->epoll, EPOLL_CTL_ADD, socket_fd (socket), &event) < 0)
        socket_close (connection, &socket, 0);
    connection->pending = true;
    return socket;
}

/*  Set the keys. False where libzmq was built without CURVE; then nothing may be sent. */
static bool socket_encrypt (const connection_t *connection, void *socket)
{
    const connection_keys_t *keys = &connection->keys;

    return !connection->encrypted ||
           (zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, keys->server, sizeof keys->server) == 0 &&
            zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, keys->own, sizeof keys->own) == 0 &&
            zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, keys->secret, sizeof keys->secret) == 0);
}

static void socket_options (void *socket, int hwm, bool ipv6)
{
    int64_t frame_max = ZCHAT_FRAME_MAX;

    zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max);
    option (socket, ZMQ_RCVHWM, hwm);
    option (socket, ZMQ_SNDHWM, hwm);
    option (socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    /*  Here the kernel finds out that the feed's host has vanished, as the delivery's PING does
        for the door. ZMTP heartbeats would not do: where the program does not read for a while,
        libzmq takes its own full queue for a dead peer, and aborts when it is read at last. */
    option (socket, ZMQ_TCP_KEEPALIVE, 1);
    option (socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_S);
    option (socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_S);
    option (socket, ZMQ_TCP_KEEPALIVE_CNT, 2);
    option (socket, ZMQ_TCP_MAXRT, 3 * KEEPALIVE_S * 1000);
    option (socket, ZMQ_IPV6, ipv6);
}

static void door_close (connection_t *connection, int linger_ms)
{
    if (connection->door)
        zmq_socket_monitor (connection->door, NULL, 0);
    socket_close (connection, &connection->monitor, 0);
    socket_close (connection, &connection->door, linger_ms);
    connection->up = false;
    connection->failed = NULL;
    connection->nowhere = false;
}

static void feed_close (connection_t *connection)
{
    if (connection->feed)
        zmq_socket_monitor (connection->feed, NULL, 0);
    socket_close (connection, &connection->feed_monitor, 0);
    socket_close (connection, &connection->feed, 0);
}

void connection_drop (connection_t *connection)
{
    door_close (connection, 0);
    feed_close (connection);
}

void connection_destroy (connection_t **connection, int linger_ms)
{
    connection_t *self = *connection;

    if (self) {
        door_close (self, linger_ms);
        connection_drop (self);
        lookup_destroy (&self->lookup);
        while (zmq_ctx_term (self->context) < 0 && errno == EINTR)
            continue;
        close (self->epoll);
        connection_free (self);
        *connection = NULL;
    }
}

/*  libzmq tries only one address of a name, the IPv6 one where IPV6 is set; localhost would then
    not find a broker at 127.0.0.1. So attempts take turns, with IPv6 and without. */
static bool door_ipv6 (const connection_t *connection)
{
    const char *host = strstr (connection->endpoint, "://") + 3;

    if (strncmp (connection->endpoint, "ipc", 3) == 0)
        return false;
    return *host == '[' ||
           (host[strspn (host, "0123456789.")] != ':' && connection->attempt % 2 == 0);
}

/*  Look the host up again at each attempt, unless a lookup is still under way. */
static void lookup_begin (connection_t *connection)
{
    struct epoll_event event = {.events = EPOLLIN};

    if (connection->lookup && !lookup_done (connection->lookup))
        return;
    if (connection->lookup)
        epoll_ctl (connection->epoll, EPOLL_CTL_DEL, lookup_fd (connection->lookup), NULL);
    lookup_destroy (&connection->lookup);
    connection->lookup = lookup_new (connection->endpoint);
    connection->looked = false;
    if (connection->lookup)
        epoll_ctl (connection->epoll, EPOLL_CTL_ADD, lookup_fd (connection->lookup), &event);
}

void connection_door (connection_t *connection)
{
    char monitor[48];
    int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                 ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED;

    connection_drop (connection);
    connection->attempt++;
    lookup_begin (connection);
    connection->ipv6 = door_ipv6 (connection);
    connection->door = socket_make (connection, ZMQ_DEALER);
    connection->monitor = socket_make (connection, ZMQ_PAIR);
    if (!connection->door || !connection->monitor) {
        connection->failed = "no more descriptors or sockets";
        return;
    }
    socket_options (connection->door, DOOR_HWM, connection->ipv6);
    option (connection->door, ZMQ_RECONNECT_IVL, RECONNECT_NEVER);
    if (!socket_encrypt (connection, connection->door)) {
        connection->failed = "this libzmq cannot encrypt";
        return;
    }
    snprintf (monitor, sizeof monitor, "inproc://zchat-monitor-%u", connection->attempt);
    if (zmq_socket_monitor (connection->door, monitor, events) < 0 ||
        zmq_connect (connection->monitor, monitor) < 0 ||
        zmq_connect (connection->door, connection->endpoint) < 0)
        connection->failed = "the endpoint is refused by libzmq";
}

void connection_feed (connection_t *connection, const char *endpoint)
{
    char monitor[48];

    feed_close (connection);
    connection->feed = socket_make (connection, ZMQ_SUB);
    connection->feed_monitor = socket_make (connection, ZMQ_PAIR);
    if (!connection->feed || !connection->feed_monitor) {
        feed_close (connection);
        return;
    }
    socket_options (connection->feed, FEED_HWM, strchr (endpoint, '[') || connection->ipv6);
    option (connection->feed, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    option (connection->feed, ZMQ_RECONNECT_IVL_MAX, ZCHAT_BACKOFF_MAX_MS);
    /*  Where the endpoint cannot be used, the feed stays silent, and the delivery notices. */
    snprintf (monitor, sizeof monitor, "inproc://zchat-feed-monitor-%u", ++connection->feeds);
    if (!socket_encrypt (connection, connection->feed) ||
        zmq_socket_monitor (connection->feed, monitor, ZMQ_EVENT_DISCONNECTED) < 0 ||
        zmq_connect (connection->feed_monitor, monitor) < 0 ||
        zmq_connect (connection->feed, endpoint) < 0)
        feed_close (connection);
}

void connection_subscribe (connection_t *connection, frame_t topic, bool on)
{
    if (connection->feed)
        zmq_setsockopt (connection->feed, on ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, topic.data,
                        topic.size);
    connection->pending = true;
}

void connection_send (connection_t *connection, const frame_t *frames, size_t count)
{
    connection->pending = true;
    if (!connection->door || connection->failed)
        return;
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        if (zmq_send (connection->door, frames[i].data, frames[i].size, flags) < 0) {
            connection->failed = "the connection is stuck";
            return;
        }
    }
}

/*  --- reading ---------------------------------------------------------------  */

typedef struct {
    zmq_msg_t messages[FRAMES_MAX];
    frame_t frames[FRAMES_MAX];
    size_t count;
} received_t;

static void received_close (received_t *received)
{
    while (received->count)
        zmq_msg_close (&received->messages[--received->count]);
}

/*  Take a whole message off a socket; false where there is none.              */
static bool received_read (received_t *received, void *socket)
{
    zmq_msg_t surplus;
    bool more = true;

    received->count = 0;
    while (more) {
        bool keep = received->count < FRAMES_MAX;
        zmq_msg_t *message = keep ? &received->messages[received->count] : &surplus;

        zmq_msg_init (message);
        while (zmq_msg_recv (message, socket, ZMQ_DONTWAIT) < 0)
            if (errno != EINTR) {
                zmq_msg_close (message);
                received_close (received);
                return false;
            }
        more = zmq_msg_more (message);
        if (keep)
            received->frames[received->count++] =
                frame_of (zmq_msg_data (message), zmq_msg_size (message));
        else
            zmq_msg_close (message);
    }
    return true;
}

static const char NOBODY[] = "nobody answers there";

/*  Say why a handshake failed. libzmq tells where only one side encrypts; where the broker has
    another key than ours, it hangs up without a word, and this is the only reason left. */
static const char *handshake_reason (const connection_t *connection, unsigned event, uint32_t value)
{
    bool mechanism = event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL &&
                     value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;

    if (mechanism && connection->encrypted)
        return "the broker there does not encrypt; its address begins with tcp://";
    if (mechanism)
        return "the broker there encrypts; use its address, which begins with zchat://";
    if (connection->encrypted)
        return "the handshake was broken off: the broker there has another key than its address "
               "says, or has had too many attempts from here";
    return "something answers there but does not speak ZCHAT/1, or only by its zchat:// address";
}

/*  Turn what the monitor tells into a reason; NULL where the connection stands. */
static const char *monitor_reason (connection_t *connection, unsigned event, uint32_t value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        return NULL;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return handshake_reason (connection, event, value);
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return "the broker cannot say now whether it admits this key";
    default:
        return connection->up ? "the connection was lost" : NOBODY;
    }
}

/*  Tell the delivery why nobody answers, once it is known whether there is such a host. */
static void nowhere_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms)
{
    eventfd_t done;

    if (!connection->lookup || !lookup_done (connection->lookup))
        return;
    if (!connection->looked)
        (void)eventfd_read (lookup_fd (connection->lookup), &done);
    connection->looked = true;
    if (connection->nowhere) {
        const char *why = lookup_wrong (connection->lookup);
        connection->nowhere = false;
        delivery_down (delivery, why ? why : NOBODY, now_ms);
    }
}

static bool monitor_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms)
{
    received_t received;
    uint16_t event = 0;
    uint32_t value = 0;
    const char *why;

    if (!connection->monitor || !received_read (&received, connection->monitor))
        return false;
    if (received.frames[0].size >= sizeof event + sizeof value) {
        memcpy (&event, received.frames[0].data, sizeof event);
        memcpy (&value, (const uint8_t *)received.frames[0].data + sizeof event, sizeof value);
    }
    received_close (&received);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == DENIED) {
        delivery_denied (delivery, now_ms);
        return true;
    }
    why = monitor_reason (connection, event, value);
    if (why == NOBODY && connection->lookup)
        connection->nowhere = true;
    else if (why)
        delivery_down (delivery, why, now_ms);
    else {
        connection->up = true;
        delivery_up (delivery, now_ms);
    }
    return true;
}

/*  Hand on what the door holds, SHARE_MAX messages at most. True where something came. After
    every message the socket may have been replaced, or be gone.               */
static bool door_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms,
                       bool (*full) (void *arg), void *arg)
{
    received_t received;
    size_t done = 0;

    while (connection->door && done < SHARE_MAX && !full (arg) &&
           received_read (&received, connection->door)) {
        delivery_door (delivery, received.frames, received.count, now_ms);
        received_close (&received);
        done++;
    }
    return done > 0;
}

/*  Return whether the feed's connection has ended. Nothing else is asked of its monitor. */
static bool feed_monitor_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms)
{
    received_t received;
    bool ended = false;

    while (connection->feed_monitor && received_read (&received, connection->feed_monitor)) {
        received_close (&received);
        ended = true;
    }
    if (ended)
        delivery_feed_down (delivery, now_ms);
    return ended;
}

/*  Do the same for the feed. The socket connects again by itself, and what comes over the next
    connection must not be taken for the last one's. So an end is told before the message in
    hand: that message came before everything the monitor does not tell yet.   */
static bool feed_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms,
                       bool (*full) (void *arg), void *arg)
{
    received_t received;
    size_t done = 0;

    while (connection->feed && done < SHARE_MAX && !full (arg) &&
           received_read (&received, connection->feed)) {
        (void)feed_monitor_step (connection, delivery, now_ms);
        delivery_feed (delivery, received.frames, received.count, now_ms);
        received_close (&received);
        done++;
    }
    return feed_monitor_step (connection, delivery, now_ms) || done > 0;
}

void connection_step (connection_t *connection, delivery_t *delivery, uint64_t now_ms,
                      bool (*full) (void *arg), void *arg)
{
    size_t done = 0;
    bool more = true;

    connection->pending = false;
    if (connection->failed) {
        const char *why = connection->failed;
        connection->failed = NULL;
        delivery_down (delivery, why, now_ms);
    }
    /*  Sockets are read until they are empty, because that also makes libzmq signal ZMQ_FD
        again. The monitor comes last, so that replies which came before the connection broke are
        heard. The delivery may replace the sockets at any time.               */
    while (more && done++ < STEP_MAX && !full (arg)) {
        more = door_step (connection, delivery, now_ms, full, arg);
        more = feed_step (connection, delivery, now_ms, full, arg) || more;
        more = monitor_step (connection, delivery, now_ms) || more;
        nowhere_step (connection, delivery, now_ms);
    }
    if (more)
        connection->pending = true;
}
