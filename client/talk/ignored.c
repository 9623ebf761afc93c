/*  ignored.c - whose direct messages are not shown here, where the broker cannot refuse them */
#include "ignored.h"
#include "buffer.h"
#include "i18n.h"
#include "keyfile.h"
#include "known.h"
#include "memory.h"
#include "name.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct {
    char *user;
    name_keys_t keys;
} entry_t;

struct ignored {
    char *path;
    char *broker;
    entry_t *entries; /* names ignored at this broker                          */
    size_t count;
    buffer_t others; /* lines that are of other brokers, or not understood     */
    size_t n_others;
    struct stat stamp; /* of the file as it was read; zeroes: there was none   */
    char *trouble;     /* what is wrong and was not told yet, or NULL          */
};

/*  Spell each broker in one way. A path may hold blanks, but no end of line.  */
static char *broker_spell (const char *endpoint)
{
    char spelt[KNOWN_BROKER_MAX];
    const char *host = strstr (endpoint, "://");
    if (host && known_spell (frame_str (host + 3), spelt))
        endpoint = spelt;
    char *broker = memory_string (endpoint, strlen (endpoint));
    for (char *at = broker; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = '?';
    return broker;
}

ignored_t *ignored_new (char *path, const char *endpoint)
{
    ignored_t *self = memory_zero (sizeof *self);
    self->path = path;
    self->broker = broker_spell (endpoint);
    return self;
}

static void clear (ignored_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->entries[i].user);
    free (self->entries);
    self->entries = NULL;
    self->count = self->n_others = 0;
    buffer_clear (&self->others);
}

void ignored_destroy (ignored_t **self_p)
{
    ignored_t *self = *self_p;
    if (!self)
        return;
    clear (self);
    buffer_free (&self->others);
    free (self->path);
    free (self->broker);
    free (self->trouble);
    free (self);
    *self_p = NULL;
}

char *ignored_trouble (ignored_t *self)
{
    char *trouble = self->trouble;
    self->trouble = NULL;
    return trouble;
}

/*  --- reading ---------------------------------------------------------------  */

static void entry_add (ignored_t *self, const char *user, const name_keys_t *keys)
{
    self->entries =
        memory_grow (self->entries, (self->count + 1) * sizeof *self->entries); // NOLINT
    self->entries[self->count++] =
        (entry_t){.user = memory_string (user, strlen (user)), .keys = *keys};
}

/*  Read one line; the name stands behind its last blank. A line that is not understood stays as
    it is.                                                                     */
static void line_read (ignored_t *self, char *line)
{
    name_keys_t keys;
    char *blank = strrchr (line, ' ');
    if (blank && *line != '#' && (size_t)(blank - line) == strlen (self->broker) &&
        strncmp (line, self->broker, strlen (self->broker)) == 0 &&
        name_check (frame_str (blank + 1), &keys, NULL) == ZCHAT_OK) {
        if (self->count < IGNORED_MAX)
            entry_add (self, blank + 1, &keys);
        return;
    }
    if (!*line)
        return;
    buffer_string (&self->others, line);
    buffer_string (&self->others, "\n");
    self->n_others++;
}

static char *file_read (const char *path, struct stat *info, char **why)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    if (fd < 0 || fstat (fd, info) != 0)
        *why = memory_format (_ ("%s cannot be read: %s"), path, strerror (errno));
    else if (!S_ISREG (info->st_mode) || info->st_size > IGNORED_FILE_MAX)
        *why = memory_format (_ ("%s is no list of names, or too long; remove it"), path);
    else if (trusted_stat (path, info, trusted_by_file (path), why)) {
        size_t size = 0;
        ssize_t got = 1;
        text = memory_new ((size_t)info->st_size + 1);
        while (size < (size_t)info->st_size && got > 0) {
            got = read (fd, text + size, (size_t)info->st_size - size);
            size += got > 0 ? (size_t)got : 0;
        }
        text[size] = '\0';
    }
    if (fd >= 0)
        close (fd);
    return text;
}

static bool same_file (const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*  Read the file again where it has changed. False and *why where it cannot be read; who was
    ignored stays ignored.                                                     */
static bool refresh (ignored_t *self, char **why)
{
    struct stat now;
    if (!self->path)
        return true;
    if (stat (self->path, &now) != 0 && errno == ENOENT) {
        clear (self);
        self->stamp = (struct stat){0};
        return true;
    }
    if (same_file (&now, &self->stamp))
        return true;
    char *text = file_read (self->path, &now, why), *rest = text, *line;
    if (!text)
        return false;
    clear (self);
    while ((line = strsep (&rest, "\n")))
        line_read (self, line);
    self->stamp = now;
    free (text);
    return true;
}

static void look (ignored_t *self)
{
    char *why = NULL;
    if (refresh (self, &why))
        return;
    /*  It is told once, and not again until the file is another one.          */
    free (self->trouble);
    self->trouble = why;
    if (stat (self->path, &self->stamp) != 0)
        self->stamp = (struct stat){0};
}

static size_t find (const ignored_t *self, const char *user)
{
    name_keys_t keys;
    if (!user || name_check (frame_str (user), &keys, NULL) != ZCHAT_OK)
        return self->count;
    size_t i = 0;
    while (i < self->count && !name_same (&self->entries[i].keys, &keys))
        i++;
    return i;
}

bool ignored_has (ignored_t *self, const char *user)
{
    look (self);
    return find (self, user) < self->count;
}

bool ignored_hides (ignored_t *self, const zchat_event_t *event)
{
    return (event->type == ZCHAT_TYPE_TELL || event->type == ZCHAT_TYPE_INVITE) && !event->own &&
           ignored_has (self, event->user);
}

const char *ignored_name (ignored_t *self, size_t index)
{
    look (self);
    return index < self->count ? self->entries[index].user : NULL;
}

/*  --- writing ---------------------------------------------------------------  */

static char *folder_of (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash ? memory_string (path, (size_t)(slash - path)) : memory_string (".", 1);
}

static bool file_write (ignored_t *self, int folder, char **why)
{
    buffer_t text = {NULL, 0, 0};
    char *beside = memory_format ("%s.XXXXXX", self->path);
    for (size_t i = 0; i < self->count; i++)
        buffer_format (&text, "%s %s\n", self->broker, self->entries[i].user);
    if (self->others.size)
        buffer_add (&text, self->others.data, self->others.size);
    int fd = mkostemp (beside, O_CLOEXEC); /* mkostemp gives it mode 0600 */
    bool good = fd >= 0 && keyfile_write_all (fd, text.data ? text.data : "", text.size) &&
                fsync (fd) == 0 && rename (beside, self->path) == 0 && fsync (folder) == 0 &&
                fstat (fd, &self->stamp) == 0;
    if (!good) {
        *why = memory_format (_ ("%s cannot be written: %s"), self->path, strerror (errno));
        if (fd >= 0)
            (void)unlink (beside);
    }
    if (fd >= 0)
        close (fd);
    buffer_free (&text);
    free (beside);
    return good;
}

/*  Change the file. The caller has locked the folder.                         */
static bool change (ignored_t *self, int folder, const char *user, bool on, bool *was, char **why)
{
    name_keys_t keys;
    /*  The file is read first in any case: what is in it and not in memory would be lost. */
    self->stamp = (struct stat){0};
    if (!refresh (self, why))
        return false;
    size_t i = find (self, user);
    *was = i < self->count;
    if (*was == on)
        return true;
    if (on && self->count + self->n_others >= IGNORED_MAX) {
        *why =
            memory_format (_ ("%s has %d names, as many as there may be"), self->path, IGNORED_MAX);
        return false;
    }
    if (on && name_check (frame_str (user), &keys, NULL) == ZCHAT_OK)
        entry_add (self, user, &keys);
    else if (!on) {
        free (self->entries[i].user);
        self->entries[i] = self->entries[--self->count];
    }
    bool good = file_write (self, folder, why);
    if (!good) /* only what is on the disk counts */
        self->stamp = (struct stat){0};
    return good;
}

zchat_status_t ignored_set (ignored_t *self, const char *user, bool on, bool *was, char **why)
{
    *was = false;
    *why = NULL;
    if (!self->path) {
        if (on)
            *why = memory_format (_ ("there is no place for it: set HOME or XDG_CONFIG_HOME"));
        return on ? ZCHAT_SYSTEM : ZCHAT_OK;
    }
    if (!on && find (self, user) == self->count && access (self->path, F_OK) != 0)
        return ZCHAT_OK; /* no file is made for that */
    char *path = folder_of (self->path);
    bool good = keyfile_folder (path) == ZCHAT_OK;
    int folder = good ? open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    good = folder >= 0 && flock (folder, LOCK_EX) == 0;
    if (!good)
        *why = memory_format ("%s: %s", path, strerror (errno));
    else
        good = change (self, folder, user, on, was, why);
    if (folder >= 0)
        close (folder);
    free (path);
    return good ? ZCHAT_OK : ZCHAT_SYSTEM;
}
