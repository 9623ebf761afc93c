/*  admin_door.c - the socket at which who runs the broker asks it             */
#include "admin_door.h"
#include "config/admin_path.h"
#include "memory.h"
#include "transport/multipart.h"
#include <czmq.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
    BACKLOG = 16,
    ROUTE_MAX = 255,  /* bytes of a routing id                                    */
    NUMBER_MAX = 20,  /* digits of a tag of ours                                  */
    UNREAD_MAX = 256, /* messages that a peer there may leave unread              */
};

/*  A request that was not answered yet.                                       */
typedef struct {
    uint64_t number; /* our tag; 0: this place is free                            */
    uint8_t route[ROUTE_MAX];
    size_t n_route;
    char tag[ZCHAT_TAG_MAX]; /* as the peer said it                               */
    size_t n_tag;
} ask_t;

struct admin_door {
    int folder;    /* the data folder                                             */
    int listening; /* -1: libzmq has it                                           */
    zsock_t *socket;
    ask_t asks[ZCHAT_ADMIN_ASKS_MAX];
    size_t n_asks;
    uint64_t number; /* the last tag given                                        */
    char tag[NUMBER_MAX + 1];
    zmq_msg_t frames[ADMIN_DOOR_FRAMES]; /* of the last request                   */
    size_t n_frames;
};

/*  --- life ------------------------------------------------------------------  */

/*  What another broker left there is taken away. False and *why: something else is there. */
static bool path_clear (int folder, const char *data, char **why)
{
    struct stat info;
    if (fstatat (folder, ADMIN_SOCKET, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (!S_ISSOCK (info.st_mode)) {
        *why = memory_format ("%s/" ADMIN_SOCKET " is there and is no socket; move it away", data);
        return false;
    }
    return unlinkat (folder, ADMIN_SOCKET, 0) == 0 || errno == ENOENT;
}

/*  A listening socket that nobody else may open, or -1.                       */
static int listen_there (int folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[ADMIN_PATH_MAX];
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    admin_path (folder, path);
    memcpy (address.sun_path, path, strlen (path));
    /*  The file gets the mode that the socket has: there is no moment at which it is open to
     * others. */
    if (fd >= 0 &&
        (fchmod (fd, S_IRUSR | S_IWUSR) != 0 ||
         bind (fd, (struct sockaddr *)&address, sizeof address) != 0 ||
         fchmodat (folder, ADMIN_SOCKET, S_IRUSR | S_IWUSR, 0) != 0 || listen (fd, BACKLOG) != 0)) {
        int error = errno;
        close (fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

/*  libzmq gets the descriptor, and so never touches the file.                 */
static bool serve (admin_door_t *self)
{
    char path[ADMIN_PATH_MAX];
    admin_path (self->folder, path);
    self->socket = zsock_new (ZMQ_ROUTER);
    if (!self->socket)
        return false;
    void *socket = zsock_resolve (self->socket);
    int linger = 0, mandatory = 1, unread = UNREAD_MAX;
    int64_t most = ZCHAT_FRAME_MAX;
    bool set = zmq_setsockopt (socket, ZMQ_USE_FD, &self->listening, sizeof self->listening) == 0 &&
               zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
               zmq_setsockopt (socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory) == 0 &&
               zmq_setsockopt (socket, ZMQ_SNDHWM, &unread, sizeof unread) == 0 &&
               zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0 &&
               zsock_bind (self->socket, "ipc://%s", path) == 0;
    if (set)
        self->listening = -1;
    return set;
}

admin_door_t *admin_door_new (const char *data, char **why)
{
    admin_door_t *self = memory_zero (sizeof *self);
    *why = NULL;
    self->listening = -1;
    self->folder = admin_folder (data);
    bool clear = self->folder >= 0 && path_clear (self->folder, data, why);
    if (clear)
        self->listening = listen_there (self->folder);
    if (self->listening >= 0 && serve (self))
        return self;
    if (!*why)
        *why = memory_format ("%s/" ADMIN_SOCKET ": %s", data, strerror (errno));
    admin_door_destroy (&self);
    return NULL;
}

static void frames_close (admin_door_t *self)
{
    while (self->n_frames)
        zmq_msg_close (&self->frames[--self->n_frames]);
}

void admin_door_destroy (admin_door_t **self_p)
{
    admin_door_t *self = *self_p;
    if (!self)
        return;
    frames_close (self);
    if (self->socket)
        unlinkat (self->folder, ADMIN_SOCKET, 0);
    zsock_destroy (&self->socket);
    if (self->listening >= 0)
        close (self->listening);
    if (self->folder >= 0)
        close (self->folder);
    free (self);
    *self_p = NULL;
}

int admin_door_descriptor (const admin_door_t *self)
{
    return self ? zsock_fd (self->socket) : -1;
}

/*  --- requests --------------------------------------------------------------  */

static void refuse (admin_door_t *self, frame_t route, frame_t tag, const char *json)
{
    frame_t frames[] = {route, frame_str ("ERR"), tag, frame_str (json)};
    (void)multipart_send (zsock_resolve (self->socket), frames, 4);
}

/*  The frames of a message, without the routing id, which is written to *route. False: none. */
static bool message_recv (admin_door_t *self, zmq_msg_t *route, size_t *count)
{
    void *socket = zsock_resolve (self->socket);
    zmq_msg_init (route);
    if (zmq_msg_recv (route, socket, ZMQ_DONTWAIT) < 0)
        return false;
    frames_close (self);
    *count = 0;
    for (bool more = zmq_msg_more (route); more;) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) < 0)
            break;
        more = zmq_msg_more (&frame);
        if (*count < ADMIN_DOOR_FRAMES) {
            self->frames[(*count)++] = frame;
            self->n_frames = *count;
        } else
            zmq_msg_close (&frame);
    }
    return true;
}

/*  False: it was answered.                                                    */
static bool ask_begin (admin_door_t *self, frame_t route, frame_t *frames, size_t count)
{
    if (count < 2 || frames[1].size > ZCHAT_TAG_MAX || route.size > ROUTE_MAX) {
        refuse (self, route, frame_str (""),
                "{\"code\":\"malformed\",\"text\":\"a request is a verb, a tag, a user and its "
                "arguments\"}");
        return false;
    }
    if (self->n_asks == ZCHAT_ADMIN_ASKS_MAX) {
        refuse (self, route, frames[1],
                "{\"code\":\"slow\",\"text\":\"too many requests are under way at the admin "
                "door\",\"wait_ms\":1000}");
        return false;
    }
    ask_t *ask = self->asks;
    while (ask->number)
        ask++;
    ask->number = ++self->number;
    memcpy (ask->route, route.data, route.size);
    ask->n_route = route.size;
    memcpy (ask->tag, frames[1].size ? frames[1].data : "", frames[1].size);
    ask->n_tag = frames[1].size;
    self->n_asks++;
    snprintf (self->tag, sizeof self->tag, "%llu", (unsigned long long)ask->number);
    frames[1] = frame_str (self->tag);
    return true;
}

bool admin_door_recv (admin_door_t *self, frame_t frames[ADMIN_DOOR_FRAMES], size_t *count)
{
    zmq_msg_t route;
    bool begun = false;
    while (!begun && message_recv (self, &route, count)) {
        for (size_t i = 0; i < *count; i++)
            frames[i] = frame_of (zmq_msg_data (&self->frames[i]), zmq_msg_size (&self->frames[i]));
        begun = ask_begin (self, frame_of (zmq_msg_data (&route), zmq_msg_size (&route)), frames,
                           *count);
        zmq_msg_close (&route);
    }
    return begun;
}

void admin_door_reply (admin_door_t *self, const frame_t *frames, size_t count, bool last)
{
    frame_t sent[ADMIN_DOOR_FRAMES + 1];
    ask_t *ask = NULL;
    if (count < 2 || count > ADMIN_DOOR_FRAMES)
        return;
    for (size_t i = 0; i < ZCHAT_ADMIN_ASKS_MAX && !ask; i++) {
        char number[NUMBER_MAX + 1];
        snprintf (number, sizeof number, "%llu", (unsigned long long)self->asks[i].number);
        if (self->asks[i].number && frame_is (frames[1], number))
            ask = &self->asks[i];
    }
    if (!ask)
        return;
    sent[0] = frame_of (ask->route, ask->n_route);
    memcpy (&sent[1], frames, count * sizeof *frames);
    sent[2] = frame_of (ask->tag, ask->n_tag);
    /*  Who is gone, or reads nothing, gets nothing.                           */
    (void)multipart_send (zsock_resolve (self->socket), sent, count + 1);
    if (last) {
        *ask = (ask_t){0};
        self->n_asks--;
    }
}

size_t admin_door_asks (const admin_door_t *self)
{
    return self->n_asks;
}
