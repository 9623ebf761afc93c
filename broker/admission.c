/*  admission.c - who may come in: the ZAP handler of door and feed            */
#include "admission.h"
#include "log.h"
#include "members.h"
#include "memory.h"
#include "origin.h"
#include <czmq.h>
#include <netdb.h>
#include <sys/socket.h>

enum {
    TURN_REQUESTS = 256,               /* answered before anything else gets its turn           */
    UNSHAKEN_MS = 10000,               /* failed handshakes are said so often at most           */
    ENVELOPE = 2,                      /* the route back, and an empty frame                    */
    FRAMES = ENVELOPE + ZAP_FRAMES + 1 /* one too many is seen, not counted      */
};

struct admission {
    char *path;             /* of the file of members; NULL: open                    */
    members_t *members;     /* NULL: open                                            */
    throttle_t *address;    /* handshakes of an address                              */
    throttle_t *key;        /* handshakes of a key                                   */
    throttle_t *failed;     /* refused handshakes of an address                      */
    throttle_t *unfinished; /* handshakes of an address that have not ended       */
    throttle_t *claims;     /* names claimed from an address                 */
    struct {
        uint8_t bytes[ORIGIN_MAX];
        size_t size;
    } finished[TURN_REQUESTS]; /* origins of those that have, to be given back    */
    size_t n_finished;
    void *socket;      /* ROUTER; NULL before admission_open                    */
    uint64_t unshaken; /* handshakes that failed before, and not yet said       */
    uint64_t said_ms;  /* when they may be said                                 */
};

admission_t *admission_new (const char *members, const uint8_t seed[THROTTLE_SEED_SIZE])
{
    admission_t *self = memory_zero (sizeof *self);
    self->address = throttle_new (ZCHAT_ADMIT_ADDRESS, ZCHAT_ADMIT_ADDRESS_MS, seed);
    self->key = throttle_new (ZCHAT_ADMIT_KEY, ZCHAT_ADMIT_KEY_MS, seed);
    self->failed = throttle_new (ZCHAT_ADMIT_FAILED, ZCHAT_ADMIT_FAILED_MS, seed);
    self->unfinished = throttle_new (ZCHAT_ADMIT_UNFINISHED, ZCHAT_ADMIT_UNFINISHED_MS, seed);
    self->claims = throttle_new (ZCHAT_CLAIMS_ADDRESS, ZCHAT_CLAIMS_ADDRESS_MS, seed);
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

zap_status_t admission_judge (admission_t *admission, const zap_request_t *request, core_time_t now,
                              const char **why)
{
    uint8_t buffer[ORIGIN_MAX];
    frame_t from = origin_counted (request->address, buffer);
    frame_t key = frame_of (request->key, ADDRESS_KEY_SIZE);
    if (!throttle_take (admission->address, from, now.mono_ms)) {
        *why = "too many handshakes from this address";
        return ZAP_LATER;
    }
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
    uint8_t buffer[ORIGIN_MAX];
    if (admission->members || origin_local (address))
        return 0;
    return throttle_claim (admission->claims, origin_counted (address, buffer), now.mono_ms);
}

/*  --- the socket ------------------------------------------------------------  */

bool admission_open (admission_t *admission, core_time_t now)
{
    int linger = 0;
    /*  czmq's context is shared by all its sockets.                           */
    admission->socket = zmq_socket (zsys_init (), ZMQ_ROUTER);
    if (!admission->socket ||
        zmq_setsockopt (admission->socket, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_bind (admission->socket, "inproc://zeromq.zap.01") != 0)
        return false;
    if (admission->members)
        members_look (admission, now);
    return true;
}

void *admission_socket (admission_t *admission)
{
    return admission->socket;
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

static void answer (admission_t *self, frame_t route, const frame_t *frames, size_t count,
                    core_time_t now)
{
    char key[ADDRESS_KEY_TEXT + 1] = "";
    frame_t reply[ENVELOPE + ZAP_REPLY_FRAMES] = {route, frame_of ("", 0)};
    zap_request_t request;
    const char *why = "";
    zap_status_t status = zap_read (frames, count, ADMISSION_DOMAIN, &request, &why);
    if (status == ZAP_ADMIT) {
        address_key_encode (request.key, key);
        status = admission_judge (self, &request, now, &why);
    }
    say (&request, status, key, why, now);
    if (self->n_finished < TURN_REQUESTS) {
        uint8_t *buffer = self->finished[self->n_finished].bytes;
        self->finished[self->n_finished++].size = origin_counted (request.address, buffer).size;
    }
    if (!request.id.size)
        return; /* libzmq always names one                                     */
    zap_reply (&request, status, key, reply + ENVELOPE);
    for (size_t i = 0; i < ENVELOPE + ZAP_REPLY_FRAMES; i++)
        zmq_send (self->socket, reply[i].size ? reply[i].data : "", reply[i].size,
                  ZMQ_DONTWAIT | (i + 1 < ENVELOPE + ZAP_REPLY_FRAMES ? ZMQ_SNDMORE : 0));
}

void admission_turn (admission_t *admission, core_time_t now)
{
    zmq_msg_t messages[FRAMES];
    frame_t frames[FRAMES];
    for (int turn = 0; turn < TURN_REQUESTS; turn++) {
        size_t count = request_recv (admission->socket, messages);
        for (size_t i = 0; i < count; i++)
            frames[i] = frame_of (zmq_msg_data (&messages[i]), zmq_msg_size (&messages[i]));
        if (count > ENVELOPE && frames[1].size == 0)
            answer (admission, frames[0], frames + ENVELOPE, count - ENVELOPE, now);
        for (size_t i = 0; i < count; i++)
            zmq_msg_close (&messages[i]);
        if (!count)
            return;
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
    admission->unshaken += count;
    if (!admission->unshaken || admission->said_ms > now.mono_ms)
        return;
    snprintf (text, sizeof text, "%llu", (unsigned long long)admission->unshaken);
    log_write (LEVEL_WARNING, "handshake-failed",
               (log_field_t[]){{"count", frame_str (text)},
                               {"text", frame_str ("no encryption, another broker's key, or no "
                                                   "end within the time for it")},
                               {NULL}});
    admission->unshaken = 0;
    admission->said_ms = now.mono_ms + UNSHAKEN_MS;
}
