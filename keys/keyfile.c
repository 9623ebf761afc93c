/*  keyfile.c - a secret key in a file that only its owner may read           */
#include "keyfile.h"
#include "memory.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4096 };

static zchat_status_t explain (zchat_status_t status, char **why, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

static zchat_status_t explain (zchat_status_t status, char **why, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (vasprintf (why, format, args) < 0)
        *why = memory_string ("", 0);
    va_end (args);
    return status;
}

zchat_status_t keypair_make (keypair_t *pair)
{
    if (sodium_init () < 0)
        return ZCHAT_SYSTEM;
    crypto_box_keypair (pair->public_key, pair->secret_key);
    return ZCHAT_OK;
}

void keypair_wipe (keypair_t *pair)
{
    sodium_memzero (pair, sizeof *pair);
}

/*  --- reading ---------------------------------------------------------------  */

/*  The one line of text that is neither empty nor a remark; false where there is not
    exactly one.                                                               */
static bool key_line (char *text, frame_t *line)
{
    char *rest = text, *part;
    size_t count = 0;
    while ((part = strsep (&rest, "\n"))) {
        size_t size = strlen (part);
        while (size && (part[size - 1] == '\r' || part[size - 1] == ' '))
            size--;
        if (!size || *part == '#')
            continue;
        *line = frame_of (part, size);
        count++;
    }
    return count == 1;
}

static zchat_status_t key_parse (const char *path, char *text, keypair_t *pair, char **why)
{
    keypair_t read;
    frame_t line;
    zchat_status_t status = ZCHAT_OK;
    const char *wrong = "it must hold one line with the key";
    if (!key_line (text, &line) || address_key_decode (line, read.secret_key, &wrong) != ZCHAT_OK)
        status = explain (ZCHAT_CORRUPT, why,
                          "no key in %s: %s; restore it, or move it away to get another key", path,
                          wrong);
    else if (crypto_scalarmult_base (read.public_key, read.secret_key) != 0)
        status = explain (ZCHAT_CORRUPT, why,
                          "the key in %s is no key; restore it, or move it away to get another key",
                          path);
    else
        *pair = read;
    keypair_wipe (&read);
    return status;
}

/*  open_to: rights of others that make the file none to be believed.          */
static zchat_status_t file_read (const char *path, mode_t open_to, keypair_t *pair, char **why)
{
    char text[FILE_MAX + 1] = "";
    struct stat stat;
    zchat_status_t status;
    /*  Not to hang on a FIFO.                                                 */
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT)
        return ZCHAT_EMPTY;
    if (fd < 0 || fstat (fd, &stat) < 0) {
        status = explain (ZCHAT_SYSTEM, why, "%s cannot be read: %s", path, strerror (errno));
        goto out;
    }
    if (!S_ISREG (stat.st_mode)) {
        status =
            explain (ZCHAT_INVALID, why, "%s is not a file; move it away to get another key", path);
        goto out;
    }
    if (stat.st_mode & open_to) {
        status = explain (ZCHAT_INVALID, why,
                          "the secret key in %s is open to others (mode %04o); chmod 600 it, and "
                          "if others can have read it, move it away to get another key",
                          path, (unsigned)(stat.st_mode & 07777));
        goto out;
    }
    if (!trusted_stat (path, &stat, trusted_by_file (path), why)) {
        status = ZCHAT_INVALID;
        goto out;
    }
    ssize_t size = read (fd, text, FILE_MAX);
    if (size < 0)
        status = explain (ZCHAT_SYSTEM, why, "%s cannot be read: %s", path, strerror (errno));
    else
        status = key_parse (path, text, pair, why);
out:
    if (fd >= 0)
        close (fd);
    sodium_memzero (text, sizeof text);
    return status;
}

zchat_status_t keyfile_read (const char *path, keypair_t *pair, char **why)
{
    return file_read (path, S_IRWXG | S_IRWXO, pair, why);
}

zchat_status_t keyfile_credential (const char *path, keypair_t *pair, char **why)
{
    return file_read (path, S_IWGRP | S_IXGRP | S_IRWXO, pair, why);
}

zchat_status_t keyfile_load (const char *path, keypair_t *pair, char **why)
{
    *why = NULL;
    if (sodium_init () < 0)
        return explain (ZCHAT_SYSTEM, why, "there is no randomness to be had");
    zchat_status_t status = keyfile_read (path, pair, why);
    if (status == ZCHAT_EMPTY)
        return explain (status, why, "there is no key at %s", path);
    return status;
}

/*  --- making ----------------------------------------------------------------  */

static bool folder_sync (const char *path)
{
    char *folder = memory_string (path, strlen (path));
    char *slash = strrchr (folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open (slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync (fd) == 0;
    if (fd >= 0)
        close (fd);
    free (folder);
    return ok;
}

bool keyfile_write_all (int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t done = write (fd, text, size);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            text += done;
            size -= (size_t)done;
        }
    }
    return true;
}

/*  Written beside it and linked to its name, which fails where another was faster; a
    crash leaves the whole file or none.                                       */
static zchat_status_t keyfile_write (const char *path, const char *remark, const keypair_t *pair)
{
    char key[ADDRESS_KEY_TEXT + 1], text[512];
    char *beside = NULL;
    zchat_status_t status = ZCHAT_SYSTEM;
    int fd = -1;

    address_key_encode (pair->secret_key, key);
    int size = snprintf (text, sizeof text, "# %.300s\n%s\n", remark, key);
    if (asprintf (&beside, "%s.XXXXXX", path) < 0)
        memory_check (NULL);
    fd = mkostemp (beside, O_CLOEXEC); /* with mode 0600 */
    if (fd < 0)
        goto out;
    if (fchmod (fd, 0600) == 0 && keyfile_write_all (fd, text, (size_t)size) && fsync (fd) == 0) {
        if (link (beside, path) == 0 && folder_sync (path))
            status = ZCHAT_OK;
        else if (errno == EEXIST)
            status = ZCHAT_TAKEN;
    }
    int error = errno;
    unlink (beside);
    errno = error;
out:
    if (fd >= 0)
        close (fd);
    sodium_memzero (key, sizeof key);
    sodium_memzero (text, sizeof text);
    free (beside);
    return status;
}

zchat_status_t keyfile_take (const char *path, const char *remark, keypair_t *pair, bool *made,
                             char **why)
{
    keypair_t fresh;
    *why = NULL;
    zchat_status_t status = keypair_make (&fresh);
    if (status != ZCHAT_OK)
        return explain (status, why, "there is no randomness to be had");
    *made = false;
    status = keyfile_read (path, pair, why);
    if (status == ZCHAT_EMPTY) {
        status = keyfile_write (path, remark, &fresh);
        if (status == ZCHAT_OK) {
            *pair = fresh;
            *made = true;
        } else if (status == ZCHAT_TAKEN)
            status = keyfile_read (path, pair, why);
        else
            status = explain (
                status, why,
                "the key cannot be written to %s: %s; make its folder writable, and space on "
                "its disk",
                path, strerror (errno));
        if (status == ZCHAT_EMPTY)
            status = explain (ZCHAT_SYSTEM, why, "%s comes and goes", path);
    }
    keypair_wipe (&fresh);
    return status;
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

zchat_status_t keyfile_folder (const char *path)
{
    char *copy = memory_string (path, strlen (path));
    bool ok = true;
    for (char *end = copy + 1; ok && *path; end++) {
        end += strcspn (end, "/");
        char rest = *end;
        *end = '\0';
        ok = mkdir (copy, 0700) == 0 || folder_there (copy, errno);
        *end = rest;
        if (!rest)
            break;
    }
    int error = errno;
    free (copy);
    errno = error;
    return ok ? ZCHAT_OK : ZCHAT_SYSTEM;
}
