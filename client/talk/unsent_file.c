/*  unsent_file.c - the file in which unsent messages wait, one for each zchat that runs */
#include "unsent_file.h"
#include "i18n.h"
#include "keyfile.h"
#include "memory.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { FILE_MAX = 67108864 }; /* bytes; JSON writes one byte as six at most, of twice four MiB */

struct unsent_file {
    char *folder;
    char *path;
    char *lock_path;
    int lock;
};

static char *folder_path (void)
{
    const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");
    if (state && *state == '/')
        return memory_format ("%s/zchat", state);
    if (home && *home == '/')
        return memory_format ("%s/.local/state/zchat", home);
    return NULL;
}

/*  --- locks ----------------------------------------------------------------- */

void unsent_file_leave (unsent_file_t **file)
{
    unsent_file_t *self = *file;
    if (!self)
        return;
    if (self->lock >= 0)
        close (self->lock);
    free (self->folder);
    free (self->path);
    free (self->lock_path);
    free (self);
    *file = NULL;
}

/*  Take the lock of a slot. ZCHAT_IN_USE: another zchat has it; ZCHAT_SYSTEM with errno. Who is
    done with a slot removes the lock's file, so a file that was locked here may be the removed
    one; that counts as in use too.                                            */
static zchat_status_t lock_slot (const char *folder, const char *stem, int slot,
                                 unsent_file_t **file)
{
    unsent_file_t *self = memory_zero (sizeof *self);
    struct stat ours, there;
    zchat_status_t status = ZCHAT_SYSTEM;
    self->folder = memory_format ("%s", folder);
    self->path = memory_format ("%s/%s-%d", folder, stem, slot);
    self->lock_path = memory_format ("%s.lock", self->path);
    self->lock = open (self->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->lock >= 0 && flock (self->lock, LOCK_EX | LOCK_NB) == 0) {
        bool same = fstat (self->lock, &ours) == 0 && stat (self->lock_path, &there) == 0 &&
                    ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
        status = same ? ZCHAT_OK : ZCHAT_IN_USE;
    } else if (self->lock >= 0 && errno == EWOULDBLOCK)
        status = ZCHAT_IN_USE;
    int error = errno;
    if (status == ZCHAT_OK)
        *file = self;
    else
        unsent_file_leave (&self);
    errno = error;
    return status;
}

static bool holds_something (const char *folder, const char *stem, int slot)
{
    struct stat info;
    char *path = memory_format ("%s/%s-%d", folder, stem, slot);
    bool holds = lstat (path, &info) == 0;
    free (path);
    return holds;
}

/*  --- reading --------------------------------------------------------------- */

static char *read_whole (const char *path, size_t *size, char **why)
{
    struct stat info;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *text = NULL;
    *size = 0;
    if (fd < 0 || fstat (fd, &info) != 0)
        *why = memory_format (_ ("%s cannot be read: %s"), path, strerror (errno));
    else if (!S_ISREG (info.st_mode) || info.st_size > FILE_MAX)
        *why = memory_format (_ ("%s is no file that zchat wrote; remove it"), path);
    else if (trusted_stat (path, &info, trusted_by_file (path), why)) {
        text = memory_new ((size_t)info.st_size + 1);
        ssize_t got = 1;
        while (got > 0 && *size < (size_t)info.st_size) {
            got = read (fd, text + *size, (size_t)info.st_size - *size);
            *size += got > 0 ? (size_t)got : 0;
        }
        text[*size] = 0;
    }
    if (fd >= 0)
        close (fd);
    return text;
}

zchat_status_t unsent_file_find (const char *stem, unsent_file_t **file, char **text, size_t *size,
                                 char **why)
{
    char *folder = folder_path ();
    zchat_status_t status = ZCHAT_EMPTY;
    for (int slot = 0; folder && status == ZCHAT_EMPTY && slot < UNSENT_SLOTS; slot++) {
        if (!holds_something (folder, stem, slot) ||
            lock_slot (folder, stem, slot, file) != ZCHAT_OK)
            continue;
        if (!holds_something (folder, stem, slot)) { /* another zchat has just taken it over */
            unsent_file_leave (file);
            continue;
        }
        *text = read_whole ((*file)->path, size, why);
        status = *text ? ZCHAT_OK : ZCHAT_SYSTEM;
        if (!*text)
            unsent_file_leave (file);
    }
    free (folder);
    return status;
}

/*  --- writing --------------------------------------------------------------- */

zchat_status_t unsent_file_take (const char *stem, unsent_file_t **file, char **why)
{
    char *folder = folder_path ();
    zchat_status_t status = ZCHAT_IN_USE;
    *why = NULL;
    if (!folder) {
        *why = memory_format (_ ("there is no place for it: set HOME or XDG_STATE_HOME"));
        return ZCHAT_SYSTEM;
    }
    if (keyfile_folder (folder) != ZCHAT_OK)
        status = ZCHAT_SYSTEM;
    for (int slot = 0; status == ZCHAT_IN_USE && slot < UNSENT_SLOTS; slot++) {
        if (holds_something (folder, stem, slot))
            continue;
        status = lock_slot (folder, stem, slot, file);
        if (status == ZCHAT_OK && holds_something (folder, stem, slot)) {
            unsent_file_leave (file);
            status = ZCHAT_IN_USE;
        }
    }
    if (status == ZCHAT_SYSTEM)
        *why = memory_format ("%s: %s", folder, strerror (errno));
    else if (status != ZCHAT_OK)
        *why = memory_format (_ ("%d files of this name are in %s already"), UNSENT_SLOTS, folder);
    free (folder);
    return status == ZCHAT_OK ? ZCHAT_OK : ZCHAT_SYSTEM;
}

/*  Write the folder to the disk: only then is a name that came or went there for good. */
static void sync_folder (const unsent_file_t *file)
{
    int fd = open (file->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync (fd);
        close (fd);
    }
}

zchat_status_t unsent_file_write (unsent_file_t *file, const char *text, char **why)
{
    char *beside = memory_format ("%s.new", file->path);
    int fd = open (beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && fchmod (fd, 0600) == 0 && keyfile_write_all (fd, text, strlen (text)) &&
                fsync (fd) == 0;
    if (fd >= 0 && close (fd) != 0)
        good = false;
    good = good && rename (beside, file->path) == 0;
    if (good)
        sync_folder (file);
    else {
        *why = memory_format ("%s: %s", beside, strerror (errno));
        (void)unlink (beside);
    }
    free (beside);
    return good ? ZCHAT_OK : ZCHAT_SYSTEM;
}

bool unsent_file_aside (unsent_file_t *file, char **path)
{
    char *aside = memory_format ("%s.%lld", file->path, (long long)getpid ());
    if (rename (file->path, aside) != 0) {
        free (aside);
        return false;
    }
    *path = aside;
    return true;
}

void unsent_file_remove (unsent_file_t **file)
{
    unsent_file_t *self = *file;
    if (!self)
        return;
    if (unlink (self->path) == 0)
        sync_folder (self);
    (void)unlink (self->lock_path);
    unsent_file_leave (file);
}
