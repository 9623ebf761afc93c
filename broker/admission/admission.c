/*  admission.c - who may come in: the ZAP handler of door and feed            */
#include "admission.h"
#include "log/log.h"
#include "members.h"
#include "memory.h"
#include "transport/binding.h"
#include "transport/multipart.h"
#include "transport/origin.h"
#include <czmq.h>
#include <netdb.h>
#include <sodium.h>
#include <sys/socket.h>
#include <utlist.h>

enum {
    TURN_REQUESTS = 256,               /* answered before anything else gets its turn           */
    UNSHAKEN_MS = 10000,               /* failed handshakes are said so often at most           */
    SETTLE_MS = 2,                     /* libzmq has looked by then at what the peer announced  */
    ENVELOPE = 2,                      /* the route back, and an empty frame                    */
    FRAMES = ENVELOPE + ZAP_FRAMES + 1 /* one too many is seen, not counted      */
};

/*  An answer that waits: see answer.                                          */
typedef struct later {
    uint64_t due_ms;
    zap_status_t status;
    char key[ADDRESS_KEY_TEXT + 1];
    uint8_t route[ZAP_TEXT_MAX], id[ZAP_TEXT_MAX];
    size_t route_size, id_size;
    struct later *prev, *next;
} later_t;

struct admission {
    bool encrypted;
    uint64_t connections;          /* numbers given                                         */
    char *path;                    /* of the file of members; NULL: open                    */
    members_t *members;            /* NULL: open                                            */
    throttle_t *address;           /* handshakes of an address                              */
    throttle_t *key;               /* handshakes of a key                                   */
    throttle_t *failed;            /* refused handshakes of an address                      */
    throttle_t *unfinished;        /* handshakes of an address that have not ended       */
    throttle_t *claims;            /* names claimed from an address                 */
    throttle_t *networks;          /* and from an IPv6 /48, which has many          */
    throttle_t *local, *probes;    /* routing ids announced by an address or a key          */
    throttle_t *local_left, *left; /* what an address sent and nobody read             */
    struct {
        uint8_t bytes[ORIGIN_MAX];
        size_t size;
    } finished[TURN_REQUESTS]; /* origins of those that have, to be given back    */
    size_t n_finished;
    later_t *later;      /* earliest first                                        */
    void *socket;        /* ROUTER; NULL before admission_open                    */
    readable_t readable; /* of it                                                */
    uint64_t unshaken;   /* handshakes that failed before, of those told            */
    uint64_t said_ms;    /* when they may be said                                 */
};

admission_t *admission_new (bool encrypted, const char *members,
                            const uint8_t seed[THROTTLE_SEED_SIZE])
{
    admission_t *self = memory_zero (sizeof *self);
    self->encrypted = encrypted;
    self->address = encrypted ? throttle_new (ZCHAT_ADMIT_ADDRESS, ZCHAT_ADMIT_ADDRESS_MS, seed)
                              : throttle_new (ZCHAT_PLAIN_ADDRESS, ZCHAT_PLAIN_ADDRESS_MS, seed);
    self->local = throttle_new (ZCHAT_ADMIT_PROBES, ZCHAT_LOCAL_PROBES_MS, seed);
    self->probes = throttle_new (ZCHAT_ADMIT_PROBES, ZCHAT_ADMIT_PROBES_MS, seed);
    self->local_left = throttle_new (ZCHAT_ADMIT_LEFT, ZCHAT_LOCAL_LEFT_MS, seed);
    self->left = throttle_new (ZCHAT_ADMIT_LEFT, ZCHAT_ADMIT_LEFT_MS, seed);
    self->key = throttle_new (ZCHAT_ADMIT_KEY, ZCHAT_ADMIT_KEY_MS, seed);
    self->failed = throttle_new (ZCHAT_ADMIT_FAILED, ZCHAT_ADMIT_FAILED_MS, seed);
    self->unfinished = throttle_new (ZCHAT_ADMIT_UNFINISHED, ZCHAT_ADMIT_UNFINISHED_MS, seed);
    self->claims = throttle_new (ZCHAT_CLAIMS_ADDRESS, ZCHAT_CLAIMS_ADDRESS_MS, seed);
    self->networks = throttle_new (ZCHAT_CLAIMS_NETWORK, ZCHAT_CLAIMS_NETWORK_MS, seed);
    if (members) {
        self->path = memory_string (members, strlen (members));
        self->members = members_new (members);
    }
    return self;
}

void admission_destroy (admission_t **admission)
{
    admission_t *self = *admission;
    if (!self)
        return;
    if (self->socket)
        zmq_close (self->socket);
    throttle_destroy (&self->address);
    throttle_destroy (&self->key);
    throttle_destroy (&self->failed);
    throttle_destroy (&self->unfinished);
    throttle_destroy (&self->claims);
    throttle_destroy (&self->networks);
    throttle_destroy (&self->local);
    throttle_destroy (&self->probes);
    throttle_destroy (&self->local_left);
    throttle_destroy (&self->left);
    later_t *later, *next;
    DL_FOREACH_SAFE (self->later, later, next)
    {
        free (later);
    }
    members_destroy (&self->members);
    free (self->path);
    free (self);
    *admission = NULL;
}

/*  --- judging ---------------------------------------------------------------  */

/*  Read the file of members where it has changed, and say so.                 */
static void members_look (admission_t *self, core_time_t now)
{
    members_news_t news;
    char count[24], bad[24], line[24];
    if (!members_reload (self->members, now.wall_ms, &news))
        return;
    snprintf (count, sizeof count, "%zu", news.count);
    log_write (
        LEVEL_INFO, "members",
        (log_field_t[]){{"count", frame_str (count)}, {"file", frame_str (self->path)}, {NULL}});
    if (news.error)
        log_write (LEVEL_WARNING, "members-not-read",
                   (log_field_t[]){{"file", frame_str (self->path)},
                                   {"text", frame_str (news.why)},
                                   {"remedy", frame_str ("put a key on each line, as zchat key "
                                                         "prints it; nobody is admitted")},
                                   {NULL}});
    else if (news.bad) {
        snprintf (bad, sizeof bad, "%zu", news.bad);
        snprintf (line, sizeof line, "%zu", news.bad_line);
        log_write (LEVEL_WARNING, "members-bad-lines",
                   (log_field_t[]){{"count", frame_str (bad)},
                                   {"file", frame_str (self->path)},
                                   {"line", frame_str (line)},
                                   {"text", frame_str (news.why)},
                                   {NULL}});
    }
}

/*  Of this machine all users share an address: there a few are enough to lock everybody out, so it
    ends soon after they do.                                                   */
static throttle_t *probes_of (const admission_t *admission, frame_t address)
{
    return origin_local (address) ? admission->local : admission->probes;
}

static throttle_t *left_of (const admission_t *admission, bool local)
{
    return local ? admission->local_left : admission->left;
}

zap_status_t admission_judge (admission_t *admission, const zap_request_t *request, core_time_t now,
                              const char **why)
{
    uint8_t buffer[ORIGIN_MAX];
    frame_t from = origin_counted (request->address, buffer);
    frame_t key = frame_of (request->key, request->key ? ADDRESS_KEY_SIZE : 0);
    if (!throttle_has (probes_of (admission, request->address), from, now.mono_ms) ||
        (request->key && !throttle_has (admission->probes, key, now.mono_ms))) {
        *why = "this address or key has announced routing ids like those the broker gives";
        return ZAP_LATER;
    }
    if (!throttle_has (left_of (admission, origin_local (request->address)), from, now.mono_ms)) {
        *why = "this address sent too much that could not be read: is a routing id announced?";
        return ZAP_LATER;
    }
    if (!throttle_take (admission->address, from, now.mono_ms)) {
        *why = "too many handshakes from this address";
        return ZAP_LATER;
    }
    if (!admission->encrypted)
        return ZAP_ADMIT;
    if (!throttle_take (admission->key, key, now.mono_ms)) {
        *why = "too many handshakes with this key";
        return ZAP_LATER;
    }
    if (!admission->members)
        return ZAP_ADMIT;
    members_look (admission, now);
    if (members_has (admission->members, request->key))
        return ZAP_ADMIT;
    if (!throttle_take (admission->failed, from, now.mono_ms)) {
        *why = "too many refused handshakes from this address";
        return ZAP_LATER;
    }
    *why = "this key is not in the file of members";
    return ZAP_REFUSE;
}

uint64_t admission_claims (admission_t *admission, frame_t address, core_time_t now)
{
    uint8_t buffer[ORIGIN_MAX], wider[ORIGIN_MAX];
    if (!admission->encrypted || admission->members || origin_local (address))
        return 0; /* without encryption there are no keys to claim with          */
    frame_t network = origin_network (address, wider);
    uint64_t wait_ms =
        network.size ? throttle_claim (admission->networks, network, now.mono_ms) : 0;
    if (wait_ms)
        return wait_ms;
    wait_ms = throttle_claim (admission->claims, origin_counted (address, buffer), now.mono_ms);
    if (wait_ms && network.size)
        throttle_give (admission->networks, network, now.mono_ms);
    return wait_ms;
}

void admission_probed (admission_t *admission, frame_t address, const char *key, core_time_t now)
{
    uint8_t buffer[ORIGIN_MAX], bytes[ADDRESS_KEY_SIZE];
    const char *why;
    (void)throttle_take (probes_of (admission, address), origin_counted (address, buffer),
                         now.mono_ms);
    if (*key && address_key_decode (frame_str (key), bytes, &why) == ZCHAT_OK)
        (void)throttle_take (admission->probes, frame_of (bytes, sizeof bytes), now.mono_ms);
    if (log_admit (now.mono_ms))
        log_write (
            LEVEL_WARNING, "routing-id-announced",
            (log_field_t[]){{"address", address},
                            {"key", frame_str (key)},
                            {"text", frame_str ("like those the broker gives: somebody looks "
                                                "for other connections' ids, and is kept "
                                                "out for a while if it goes on")},
                            {NULL}});
}

void admission_left (admission_t *admission, frame_t origin, bool local, uint64_t bytes,
                     core_time_t now)
{
    throttle_charge (left_of (admission, local), origin, 1 + bytes / ZCHAT_LEFT_UNIT,
                     local ? ZCHAT_LOCAL_LEFT_DEBT_MS : ZCHAT_LEFT_DEBT_MS, now.mono_ms);
}

/*  --- the socket ------------------------------------------------------------  */

bool admission_open (admission_t *admission, core_time_t now)
{
    int linger = 0;
    /*  czmq's context is shared by all its sockets.                           */
    admission->socket = zmq_socket (zsys_init (), ZMQ_ROUTER);
    if (!admission->socket ||
        zmq_setsockopt (admission->socket, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_bind (admission->socket, "inproc://zeromq.zap.01") != 0 ||
        !readable_of (&admission->readable, admission->socket))
        return false;
    if (admission->members)
        members_look (admission, now);
    return true;
}

readable_t *admission_readable (admission_t *admission)
{
    return &admission->readable;
}

/*  Receive one request; frames beyond what is kept are dropped. Returns how many came,
    FRAMES for that or more; 0: none.                                          */
static size_t request_recv (void *socket, zmq_msg_t messages[FRAMES])
{
    size_t count = 0;
    bool more = true;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close (&frame);
            break;
        }
        more = zmq_msg_more (&frame);
        if (count < FRAMES)
            messages[count++] = frame;
        else
            zmq_msg_close (&frame);
    }
    return count;
}

static void say (const zap_request_t *request, zap_status_t status, const char *key,
                 const char *why, core_time_t now)
{
    if (status != ZAP_ADMIT && !log_admit (now.mono_ms))
        return;
    log_write (status == ZAP_ADMIT ? LEVEL_DEBUG : LEVEL_WARNING,
               status == ZAP_ADMIT ? "admitted" : "not-admitted",
               (log_field_t[]){{"key", frame_str (key)},
                               {"text", frame_str (why)},
                               {"retry", frame_str (status == ZAP_LATER ? "later" : "")},
                               {"address", request->address},
                               {NULL}});
}

/*  What each message of the connection will carry.                            */
static frame_t metadata (admission_t *self, uint8_t buffer[ZAP_METADATA_MAX])
{
    char number[24], routing[BINDING_GIVEN_SIZE + 1];
    uint8_t bytes[BINDING_GIVEN_SIZE / 2];
    snprintf (number, sizeof number, "%llu", (unsigned long long)++self->connections);
    size_t size = zap_property (buffer, 0, ADMISSION_CONNECTION, number);
    if (self->encrypted) {
        randombytes_buf (bytes, sizeof bytes);
        sodium_bin2hex (routing, sizeof routing, bytes, sizeof bytes);
        size = zap_property (buffer, size, "Identity", routing);
    }
    return frame_of (buffer, size);
}

static void reply (admission_t *self, const later_t *later)
{
    uint8_t properties[ZAP_METADATA_MAX];
    zap_request_t request = {.id = frame_of (later->id, later->id_size)};
    frame_t frames[ENVELOPE + ZAP_REPLY_FRAMES] = {frame_of (later->route, later->route_size),
                                                   frame_of ("", 0)};
    zap_reply (&request, later->status, later->key, metadata (self, properties), frames + ENVELOPE);
    multipart_send (self->socket, frames, ENVELOPE + ZAP_REPLY_FRAMES);
}

/*  The answer waits until the next turn: the monitor told of the connection before libzmq asked
    here, and is read meanwhile, while the connection still stands. Encrypted, it waits a moment
    more: where it overtakes libzmq's look at what the peer announced, that takes the place of the
    routing id in the answer, and not the other way about.                     */
static void answer (admission_t *self, frame_t route, const frame_t *frames, size_t count,
                    core_time_t now)
{
    later_t later = {.due_ms = now.mono_ms + (self->encrypted ? SETTLE_MS : 0)};
    zap_request_t request;
    const char *why = "";
    later.status = zap_read (frames, count, ADMISSION_DOMAIN, self->encrypted, &request, &why);
    if (later.status == ZAP_ADMIT) {
        if (request.key)
            address_key_encode (request.key, later.key);
        later.status = admission_judge (self, &request, now, &why);
    }
    say (&request, later.status, later.key, why, now);
    if (self->n_finished < TURN_REQUESTS) {
        uint8_t *buffer = self->finished[self->n_finished].bytes;
        self->finished[self->n_finished++].size = origin_counted (request.address, buffer).size;
    }
    if (!request.id.size || route.size > sizeof later.route)
        return; /* libzmq always names one, and its own route is short         */
    memcpy (later.id, request.id.data, later.id_size = request.id.size);
    memcpy (later.route, route.data, later.route_size = route.size);
    later_t *waits = memory_new (sizeof *waits);
    *waits = later;
    DL_APPEND (self->later, waits);
}

uint64_t admission_deadline_ms (const admission_t *admission)
{
    return admission->later ? admission->later->due_ms : UINT64_MAX;
}

void admission_turn (admission_t *admission, core_time_t now)
{
    zmq_msg_t messages[FRAMES];
    frame_t frames[FRAMES];
    while (admission_deadline_ms (admission) <= now.mono_ms) {
        later_t *due = admission->later;
        DL_DELETE (admission->later, due);
        reply (admission, due);
        free (due);
        admission->readable.unsure = true;
    }
    for (int turn = 0; admission->readable.unsure && turn < TURN_REQUESTS; turn++) {
        size_t count = request_recv (admission->socket, messages);
        for (size_t i = 0; i < count; i++)
            frames[i] = frame_of (zmq_msg_data (&messages[i]), zmq_msg_size (&messages[i]));
        if (count > ENVELOPE && frames[1].size == 0)
            answer (admission, frames[0], frames + ENVELOPE, count - ENVELOPE, now);
        for (size_t i = 0; i < count; i++)
            zmq_msg_close (&messages[i]);
        admission->readable.unsure = count > 0;
    }
}

/*  A descriptor may be another connection's by now: so it is its present peer that is judged, and
    closed only where that one's address has too many.                         */
static void accepted_judge (admission_t *self, int descriptor, core_time_t now)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    char text[ORIGIN_TEXT_MAX + 1];
    uint8_t buffer[ORIGIN_MAX];
    if (getpeername (descriptor, (struct sockaddr *)&peer, &size) != 0 ||
        (peer.ss_family != AF_INET && peer.ss_family != AF_INET6) ||
        getnameinfo ((struct sockaddr *)&peer, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) !=
            0)
        return;
    frame_t address = frame_str (text);
    if (origin_local (address) ||
        throttle_take (self->unfinished, origin_counted (address, buffer), now.mono_ms))
        return;
    shutdown (descriptor, SHUT_RDWR);
    say (&(zap_request_t){.address = address}, ZAP_LATER, "",
         "too many handshakes from this address that do not end", now);
}

void admission_accepted (admission_t *admission, const int *descriptors, size_t count,
                         core_time_t now)
{
    for (size_t i = 0; i < count; i++)
        accepted_judge (admission, descriptors[i], now);
    /*  Not before: what was never taken cannot be given back.                 */
    while (admission->n_finished) {
        size_t at = --admission->n_finished;
        throttle_give (admission->unfinished,
                       frame_of (admission->finished[at].bytes, admission->finished[at].size),
                       now.mono_ms);
    }
}

void admission_unshaken (admission_t *admission, uint64_t count, core_time_t now)
{
    char text[24];
    if (count == admission->unshaken || admission->said_ms > now.mono_ms)
        return;
    snprintf (text, sizeof text, "%llu", (unsigned long long)(count - admission->unshaken));
    log_write (LEVEL_WARNING, "handshake-failed",
               (log_field_t[]){{"count", frame_str (text)},
                               {"text", frame_str ("no encryption, another broker's key, or no "
                                                   "end within the time for it")},
                               {NULL}});
    admission->unshaken = count;
    admission->said_ms = now.mono_ms + UNSHAKEN_MS;
}
