/*  token_file.c - the file of tokens as a command changes it: whole or not at all, one at a time */
#include "token_file.h"
#include "config/broker_key.h"
#include "config/options.h"
#include "keyfile.h"
#include "memory.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <zchat/limits.h>

struct token_file {
    int folder; /* and the lock on it                                          */
    char *path;
    char *text;
    size_t size;
};

/*  The whole file. -1, or the exit status; no file is an empty one.           */
static int text_read (token_file_t *self)
{
    struct stat stat;
    int status = -1;
    int fd = openat (self->folder, "tokens", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        self->text = memory_string ("", 0);
        return -1;
    }
    self->text = memory_new (ZCHAT_TOKENS_FILE_MAX + 1);
    if (fd < 0 || fstat (fd, &stat) < 0 || !S_ISREG (stat.st_mode)) {
        options_say ("%s cannot be read: %s", self->path,
                     fd < 0 && errno != ELOOP ? strerror (errno) : "it is not a file");
        status = EX_OSERR;
    }
    char *why = NULL;
    if (status < 0 && !trusted_stat (self->path, &stat, trusted_by_file (self->path), &why)) {
        options_say ("%s", why);
        free (why);
        status = EX_OSERR;
    }
    while (status < 0 && self->size <= ZCHAT_TOKENS_FILE_MAX) {
        ssize_t done = read (fd, self->text + self->size, ZCHAT_TOKENS_FILE_MAX + 1 - self->size);
        if (done == 0)
            break;
        if (done > 0)
            self->size += (size_t)done;
        else if (errno != EINTR) {
            options_say ("%s cannot be read: %s", self->path, strerror (errno));
            status = EX_OSERR;
        }
    }
    if (self->size > ZCHAT_TOKENS_FILE_MAX) {
        options_say ("%s is larger than %d bytes, and the broker does not read it", self->path,
                     ZCHAT_TOKENS_FILE_MAX);
        status = EX_DATAERR;
    }
    if (fd >= 0)
        close (fd);
    return status;
}

int token_file_open (const char *data, bool exclusive, token_file_t **file)
{
    token_file_t *self = memory_zero (sizeof *self);
    int status = -1;
    self->path = data_path (data, "tokens");
    self->folder = open (data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->folder < 0) {
        options_say ("%s: %s; name the broker's data folder with --data DIR", data,
                     strerror (errno));
        status = EX_NOINPUT;
    }
    char *why = NULL;
    if (status < 0 && !trusted_folder (data, &why)) {
        options_say ("%s", why);
        free (why);
        status = EX_OSERR;
    }
    /*  The folder itself is the lock, so that no file of it is left to anyone. */
    while (status < 0 && exclusive && flock (self->folder, LOCK_EX) != 0)
        if (errno != EINTR) {
            options_say ("%s cannot be locked: %s", data, strerror (errno));
            status = EX_OSERR;
        }
    if (status < 0)
        status = text_read (self);
    if (status < 0)
        *file = self;
    else
        token_file_close (&self);
    return status;
}

void token_file_close (token_file_t **self_p)
{
    token_file_t *self = *self_p;
    if (!self)
        return;
    if (self->folder >= 0)
        close (self->folder);
    free (self->path);
    free (self->text);
    free (self);
    *self_p = NULL;
}

const char *token_file_path (const token_file_t *file)
{
    return file->path;
}

const char *token_file_text (const token_file_t *file, size_t *size)
{
    *size = file->size;
    return file->text;
}

/*  Who runs the command may be root, and the broker somebody else, who has to read it. */
static bool hand_over (int folder, int fd)
{
    struct stat owner, own;
    if (fstat (folder, &owner) != 0 || fstat (fd, &own) != 0)
        return false;
    return own.st_uid == owner.st_uid || fchown (fd, owner.st_uid, owner.st_gid) == 0;
}

int token_file_put (token_file_t *file, const char *text, size_t size)
{
    static const char beside[] = "tokens.new";
    /*  The lock is ours: what has this name was left by who was killed.       */
    unlinkat (file->folder, beside, 0);
    int fd =
        openat (file->folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && hand_over (file->folder, fd) && fchmod (fd, 0600) == 0 &&
              keyfile_write_all (fd, text, size) && fsync (fd) == 0 &&
              renameat (file->folder, beside, file->folder, "tokens") == 0;
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (ok && fsync (file->folder) == 0)
        return -1;
    if (ok)
        options_say ("%s was written, but may be lost in a crash: %s", file->path,
                     strerror (errno));
    else {
        if (fd >= 0)
            unlinkat (file->folder, beside, 0);
        options_say ("%s cannot be written: %s; run this as the owner of the folder, with space "
                     "left",
                     file->path, strerror (error));
    }
    return ok || error == ENOSPC || error == EFBIG || error == EDQUOT || error == EIO
               ? EX_IOERR
               : EX_CANTCREAT;
}
