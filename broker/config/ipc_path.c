/*  ipc_path.c - whether the path of an ipc endpoint may become a socket       */
#include "ipc_path.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    LOCK_TRIES = 500, /* another broker needs a moment between the look and the bind */
    LOCK_WAIT_NS = 10000000
};

static bool refuse (char **why, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static bool refuse (char **why, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (vasprintf (why, format, args) < 0)
        *why = memory_string ("", 0);
    va_end (args);
    return false;
}

/*  The folder that the path is in; the caller frees it.                       */
static char *folder_of (const char *path)
{
    const char *slash = strrchr (path, '/');
    if (!slash)
        return memory_string (".", 1);
    return memory_string (path, slash == path ? 1 : (size_t)(slash - path));
}

/*  A file of the broker's, there already or not.                              */
static bool belongs_to_data (const char *path, const char *folder, const char *data)
{
    static const char *const names[] = {"zchat.db", "zchat.db-", "zchatd.lock", "broker.key",
                                        "tokens",   "members",   "admin.sock"};
    const char *slash = strrchr (path, '/'), *name = slash ? slash + 1 : path;
    struct stat here, there;
    if (stat (folder, &here) != 0 || stat (data, &there) != 0 || here.st_ino != there.st_ino ||
        here.st_dev != there.st_dev)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp (name, names[i], strlen (names[i])) == 0)
            return true;
    return false;
}

/*  The folder itself is the lock, so that no file is left to anyone. Where it cannot be opened
   there is none: then it is as good as it gets.                                       */
static bool folder_lock (const char *folder, int *lock, char **why)
{
    int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return true;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock (fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR)) {
            *lock = fd;
            return true;
        }
        nanosleep (&(struct timespec){.tv_nsec = LOCK_WAIT_NS}, NULL);
    }
    close (fd);
    return refuse (why,
                   "another program holds a lock on %s; end it, or choose a path in another folder",
                   folder);
}

/*  0: nobody serves the socket; else why it cannot be said, or 1: somebody does. */
static int served (const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen (path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    memcpy (address.sun_path, path, strlen (path));
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int error = connect (fd, (struct sockaddr *)&address, sizeof address) == 0 ? 1 : errno;
    close (fd);
    return error == ECONNREFUSED || error == ENOENT ? 0 : error == EAGAIN ? 1 : error;
}

static bool path_free (const char *path, char **why)
{
    struct stat info;
    if (lstat (path, &info) != 0)
        return true; /* what else is wrong with it, binding says                   */
    if (!S_ISSOCK (info.st_mode))
        return refuse (why,
                       "%s is there, and is %s, not a socket: nothing of it is touched; choose "
                       "another path, or move it away",
                       path,
                       S_ISREG (info.st_mode)    ? "a file"
                       : S_ISDIR (info.st_mode)  ? "a folder"
                       : S_ISLNK (info.st_mode)  ? "a symbolic link"
                       : S_ISFIFO (info.st_mode) ? "a named pipe"
                                                 : "a device");
    int error = served (path);
    if (error == 1)
        return refuse (why,
                       "somebody serves %s already: is another zchatd running, or is it both door "
                       "and feed? Stop it, or choose another path",
                       path);
    if (error)
        return refuse (why,
                       "%s is a socket, and whether somebody serves it cannot be found out (%s); "
                       "choose another path, or remove it",
                       path, strerror (error));
    return true;
}

bool ipc_path_take (const char *endpoint, const char *data, int *lock, char **why)
{
    *lock = -1;
    /*  An abstract name has no file, and libzmq makes up one of its own for a star. */
    if (strncmp (endpoint, "ipc://", 6) != 0 || endpoint[6] == '@' ||
        strcmp (endpoint + 6, "*") == 0)
        return true;
    const char *path = endpoint + 6;
    char *folder = folder_of (path);
    bool may = true;
    if (belongs_to_data (path, folder, data))
        may = refuse (why, "%s is the name of a file that the broker keeps there; choose another",
                      path);
    may = may && folder_lock (folder, lock, why) && path_free (path, why);
    free (folder);
    if (!may) {
        ipc_path_release (*lock);
        *lock = -1;
    }
    return may;
}

void ipc_path_release (int lock)
{
    if (lock >= 0)
        close (lock);
}
