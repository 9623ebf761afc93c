/*  watched.c - a file that is read again when it changed                      */
#include "watched.h"
#include "memory.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SETTLE_MS = 3000, /* so long after a change a file may change again without a sign */
};

struct watched {
    char *path;
    size_t max;
    unsigned again_ms;
    struct stat seen; /* of the file when it was read last                       */
    uint64_t read_ms; /* when that was                                           */
    int unopened;     /* the errno of opening it, or 0                           */
    int error;        /* and what came of it in the end                          */
    char *untrusted;  /* the sentence where others could have written it; or NULL */
    bool read;        /* at all                                                  */
    bool settled;     /* a change since would show in its times                  */
};

watched_t *watched_new (const char *path, size_t max, unsigned again_ms)
{
    watched_t *self = memory_zero (sizeof *self);
    self->path = memory_string (path, strlen (path));
    self->max = max;
    self->again_ms = again_ms;
    return self;
}

void watched_destroy (watched_t **self_p)
{
    if (*self_p) {
        free ((*self_p)->path);
        free ((*self_p)->untrusted);
        free (*self_p);
        *self_p = NULL;
    }
}

static bool same_file (const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/*  The text of an open file; NULL with errno. The caller frees it.            */
static char *text_read (int fd, size_t max, size_t *size)
{
    char *text = memory_new (max + 1);
    *size = 0;
    while (*size <= max) {
        ssize_t done = read (fd, text + *size, max + 1 - *size);
        if (done == 0)
            return text;
        if (done > 0)
            *size += (size_t)done;
        else if (errno != EINTR)
            break;
    }
    if (*size > max)
        errno = EFBIG;
    free (text);
    return NULL;
}

/*  True where what was read last is what is there, as far as can be seen, and it is too early
    to look closer. The clock may have been set back.                          */
static bool unchanged (const watched_t *self, const struct stat *now, int unopened,
                       uint64_t wall_ms)
{
    if (!self->read || unopened != self->unopened)
        return false;
    if (unopened)
        return true;
    return same_file (now, &self->seen) &&
           (self->settled ||
            (wall_ms >= self->read_ms && wall_ms - self->read_ms < self->again_ms));
}

watched_sight_t watched_look (watched_t *self, uint64_t wall_ms, char **text, size_t *size,
                              int *error)
{
    struct stat now = {0};
    watched_sight_t sight = WATCHED_SAME;
    int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    *text = NULL;
    *size = 0;
    *error = 0;
    free (self->untrusted);
    self->untrusted = NULL;
    if (fd < 0 || fstat (fd, &now) < 0)
        *error = errno;
    else if (!S_ISREG (now.st_mode))
        *error = S_ISDIR (now.st_mode) ? EISDIR : EINVAL;
    else if (!trusted_stat (self->path, &now, trusted_by_file (self->path), &self->untrusted))
        *error = EPERM;
    if (unchanged (self, &now, *error, wall_ms))
        goto out;
    self->unopened = *error;
    if (!*error && !(*text = text_read (fd, self->max, size)))
        *error = errno;
    sight = !self->read || *error != self->error || !same_file (&now, &self->seen) ? WATCHED_CHANGED
                                                                                   : WATCHED_AGAIN;
    self->read = true;
    self->error = *error;
    self->seen = now;
    self->read_ms = wall_ms;
    /*  A disk that could not be read a moment ago may be readable now.        */
    self->settled =
        (!*error || *error == EFBIG) && wall_ms > (uint64_t)now.st_ctim.tv_sec * 1000 + SETTLE_MS;
out:
    if (fd >= 0)
        close (fd);
    return sight;
}

const char *watched_why (const watched_t *self)
{
    return self->untrusted ? self->untrusted : strerror (self->error);
}
