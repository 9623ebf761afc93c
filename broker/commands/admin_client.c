/*  admin_client.c - asking a running broker at its admin door                 */
#include "admin_client.h"
#include "config/admin_path.h"
#include "memory.h"
#include <czmq.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { REPLY_MS = 10000 }; /* a broker that says nothing for so long is not waited for */

struct admin_client {
    int folder; /* the data folder                                                */
    zsock_t *socket;
};

/*  Nobody but the folder's owner or root could have put it there.             */
static bool socket_trusted (int folder, const char *data, char **why)
{
    struct stat there, info;
    if (fstat (folder, &there) != 0 ||
        fstatat (folder, ADMIN_SOCKET, &info, AT_SYMLINK_NOFOLLOW) != 0)
        *why = memory_format ("no broker serves %s: there is no " ADMIN_SOCKET, data);
    else if (!S_ISSOCK (info.st_mode))
        *why = memory_format ("%s/" ADMIN_SOCKET " is no socket", data);
    else if (info.st_uid != there.st_uid && info.st_uid != 0)
        *why = memory_format ("%s/" ADMIN_SOCKET " belongs to another user than the folder", data);
    return !*why;
}

/*  libzmq would go on trying in silence.                                      */
static bool socket_served (int folder, const char *data, char **why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[ADMIN_PATH_MAX];
    admin_path (folder, path);
    memcpy (address.sun_path, path, strlen (path));
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool served = fd >= 0 && connect (fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (!served && errno == ECONNREFUSED)
        *why = memory_format ("no broker serves %s: its " ADMIN_SOCKET " was left by one that is "
                              "gone",
                              data);
    else if (!served)
        *why = memory_format ("%s/" ADMIN_SOCKET ": %s", data, strerror (errno));
    if (fd >= 0)
        close (fd);
    return served;
}

admin_client_t *admin_client_new (const char *data, char **why)
{
    char path[ADMIN_PATH_MAX];
    admin_client_t *self = memory_zero (sizeof *self);
    *why = NULL;
    self->folder = admin_folder (data);
    if (self->folder < 0)
        *why = memory_format ("%s: %s", data, strerror (errno));
    if (!*why && socket_trusted (self->folder, data, why) &&
        socket_served (self->folder, data, why)) {
        zsys_handler_set (NULL);
        admin_path (self->folder, path);
        self->socket = zsock_new (ZMQ_DEALER);
        if (self->socket) {
            zsock_set_linger (self->socket, 0);
            zsock_set_rcvtimeo (self->socket, REPLY_MS);
            zsock_set_sndtimeo (self->socket, REPLY_MS);
        }
        if (!self->socket || zsock_connect (self->socket, "ipc://%s", path) != 0)
            *why = memory_string ("the system gives no sockets", 27);
    }
    if (*why)
        admin_client_destroy (&self);
    return self;
}

void admin_client_destroy (admin_client_t **self_p)
{
    admin_client_t *self = *self_p;
    if (!self)
        return;
    if (self->socket) {
        zsock_destroy (&self->socket);
        zsys_shutdown ();
    }
    if (self->folder >= 0)
        close (self->folder);
    free (self);
    *self_p = NULL;
}

json_t *admin_client_next (admin_client_t *self, bool *refused)
{
    zmsg_t *message = zmsg_recv (self->socket);
    json_t *json = NULL;
    if (message && zmsg_size (message) == 3) {
        char *status = zmsg_popstr (message), *tag = zmsg_popstr (message);
        zframe_t *text = zmsg_pop (message);
        *refused = strcmp (status, "OK") != 0;
        json = json_loadb ((const char *)zframe_data (text), zframe_size (text), 0, NULL);
        zframe_destroy (&text);
        free (status);
        free (tag);
    }
    zmsg_destroy (&message);
    return json;
}

json_t *admin_client_ask (admin_client_t *self, const char **words, size_t count, bool *refused)
{
    zmsg_t *message = zmsg_new ();
    zmsg_addstr (message, words[0]);
    zmsg_addstr (message, "1");
    zmsg_addstr (message, "");
    for (size_t i = 1; i < count; i++)
        zmsg_addstr (message, words[i]);
    if (zmsg_send (&message, self->socket) != 0) {
        zmsg_destroy (&message);
        return NULL;
    }
    return admin_client_next (self, refused);
}
