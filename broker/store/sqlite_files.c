/*  sqlite_files.c - the log's folder, its files and the lock on it            */
#include "memory.h"
#include "sqlite.h"
#include "trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void sqlite_explain (char **why, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (vasprintf (why, format, args) < 0)
        *why = memory_string ("", 0);
    va_end (args);
}

char *sqlite_path_join (const char *folder, const char *name)
{
    size_t size = strlen (folder) + 1 + strlen (name) + 1;
    char *path = memory_new (size);
    snprintf (path, size, "%s/%s", folder, name);
    return path;
}

bool sqlite_folder_sync (const char *folder)
{
    int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync (fd) == 0;
    int error = errno;
    close (fd);
    errno = error;
    return ok;
}

/*  After mkdir failed with error: on a read-only or foreign file system it says so of what is
    there, too. Otherwise errno tells why the folder is not to be had.         */
static bool folder_there (const char *path, int error)
{
    struct stat found;
    bool there = stat (path, &found) == 0;
    if (there && S_ISDIR (found.st_mode))
        return access (path, X_OK) == 0;
    errno = there ? ENOTDIR : error;
    return false;
}

bool sqlite_folder_make (const char *dir)
{
    char *path = memory_string (dir, strlen (dir));
    bool ok = true;
    for (char *end = path; ok && *end; end++) {
        while (*end == '/')
            end++;
        end += strcspn (end, "/");
        char rest = *end;
        *end = '\0';
        if (mkdir (path, 0700) == 0) {
            char *slash = strrchr (path, '/');
            if (slash && slash > path) {
                *slash = '\0';
                (void)sqlite_folder_sync (path);
                *slash = '/';
            } else
                (void)sqlite_folder_sync (slash ? "/" : ".");
        } else
            ok = folder_there (path, errno);
        *end = rest;
        if (!rest)
            break;
    }
    free (path);
    return ok;
}

bool sqlite_folder_trusted (const char *folder, char **why)
{
    static const char *const names[] = {LOG_NAME, LOG_NAME "-wal", LOG_NAME "-shm", LOCK_NAME,
                                        "tokens"};
    trusted_by_t by = trusted_by (folder);
    bool trusted = trusted_folder (folder, why);
    for (size_t i = 0; trusted && i < sizeof names / sizeof *names; i++) {
        struct stat info;
        char *path = sqlite_path_join (folder, names[i]);
        trusted = stat (path, &info) != 0 || trusted_stat (path, &info, by, why);
        free (path);
    }
    return trusted;
}

/*  The process in the lock file; 0 where it cannot be told.                   */
static long lock_owner (int fd)
{
    char text[32] = "";
    ssize_t size = pread (fd, text, sizeof text - 1, 0);
    long pid = size > 0 ? strtol (text, NULL, 10) : 0;
    return pid > 0 ? pid : 0;
}

static zchat_status_t lock_refused (const char *folder, int fd, char **why)
{
    long owner = lock_owner (fd);
    if (owner)
        sqlite_explain (why,
                        "the log in %s is in use by process %ld; stop that one, or give this "
                        "broker another folder",
                        folder, owner);
    else
        sqlite_explain (why,
                        "the log in %s is in use by another process; stop that one, or give "
                        "this broker another folder",
                        folder);
    return ZCHAT_IN_USE;
}

/*  A lock of the open file, not of the process: it goes with the last descriptor,
    a crash included, and a left-over file means nothing.                      */
static zchat_status_t lock_take (const char *folder, int *lock, char **why)
{
    char *path = sqlite_path_join (folder, LOCK_NAME);
    zchat_status_t status = ZCHAT_SYSTEM;
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        sqlite_explain (why,
                        "%s cannot be opened: %s; make the folder writable for this user, "
                        "or give another one",
                        path, strerror (errno));
    else if (flock (fd, LOCK_EX | LOCK_NB) == 0) {
        /*  The pid is there for people only: a full disk may refuse it.       */
        bool told = ftruncate (fd, 0) == 0 && dprintf (fd, "%ld\n", (long)getpid ()) > 0;
        (void)told;
        *lock = fd;
        fd = -1;
        status = ZCHAT_OK;
    } else if (errno == EWOULDBLOCK)
        status = lock_refused (folder, fd, why);
    else
        sqlite_explain (why, "%s cannot be locked: %s; put the log on a local file system", path,
                        strerror (errno));
    if (fd >= 0)
        close (fd);
    free (path);
    return status;
}

/*  SQLite would make the file readable for everybody; what it makes beside it
    later takes the mode of the log.                                           */
static zchat_status_t log_make (const char *path, char **why)
{
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        sqlite_explain (why, "%s cannot be opened: %s; make it a file that this user may write",
                        path, strerror (errno));
        return ZCHAT_SYSTEM;
    }
    close (fd);
    return ZCHAT_OK;
}

zchat_status_t sqlite_folder_take (const char *dir, char **path, int *lock, char **why)
{
    zchat_status_t status = ZCHAT_SYSTEM;
    char *folder = NULL;
    char *log = NULL;
    int fd = -1;

    if (!sqlite_folder_make (dir) || !(folder = realpath (dir, NULL))) {
        sqlite_explain (why,
                        "the folder %s cannot be made or entered: %s; make it, or give "
                        "another one (--data)",
                        dir, strerror (errno));
        goto out;
    }
    if (!sqlite_folder_trusted (folder, why))
        goto out;
    if ((status = lock_take (folder, &fd, why)) != ZCHAT_OK)
        goto out;
    log = sqlite_path_join (folder, LOG_NAME);
    if ((status = log_make (log, why)) != ZCHAT_OK)
        goto out;
    *path = log;
    *lock = fd;
    log = NULL;
    fd = -1;
out:
    if (fd >= 0)
        close (fd);
    free (log);
    free (folder);
    return status;
}
