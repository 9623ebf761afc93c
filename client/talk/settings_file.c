/*  settings_file.c - the config file                                          */
#include "settings_file.h"
#include "credentials.h"
#include "i18n.h"
#include "keyfile.h"
#include "memory.h"
#include "trusted.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zchat/limits.h>

struct settings_file {
    char *path; /* NULL: there is no place for it                              */
    settings_t *settings;
};

/*  Read the open file into *text, which the caller frees. False with *why.    */
static bool content (const char *path, int fd, char **text, size_t *size, char **why)
{
    struct stat info;
    char *read_text = NULL;
    *size = 0;
    if (fstat (fd, &info) != 0)
        *why = memory_format ("%s: %s", path, strerror (errno));
    else if (S_ISDIR (info.st_mode))
        *why = memory_format (_ ("%s is a folder, not a file"), path);
    else if (!S_ISREG (info.st_mode) && !S_ISCHR (info.st_mode))
        *why = memory_format (_ ("%s is no file"), path);
    else if (trusted_stat (path, &info, trusted_by_file (path), why)) {
        ssize_t got = 1;
        read_text = memory_new (ZCHAT_SETTINGS_FILE_MAX + 1);
        while (got > 0 && *size <= ZCHAT_SETTINGS_FILE_MAX) {
            got = read (fd, read_text + *size, ZCHAT_SETTINGS_FILE_MAX + 1 - *size);
            if (got < 0 && errno != EINTR)
                *why = memory_format ("%s: %s", path, strerror (errno));
            *size += got > 0 ? (size_t)got : 0;
            got = got < 0 && errno == EINTR ? 1 : got;
        }
        if (!*why && *size > ZCHAT_SETTINGS_FILE_MAX)
            *why = memory_format (_ ("%s is larger than %d bytes"), path, ZCHAT_SETTINGS_FILE_MAX);
    }
    if (*why)
        free (read_text);
    else
        *text = read_text;
    return !*why;
}

/*  Read the file. Where there is none and none is needed, it is empty.        */
static zchat_status_t load (const char *path, bool needed, char **text, size_t *size, char **why)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool good = false;
    *why = NULL;
    if (fd >= 0)
        good = content (path, fd, text, size, why);
    else if (!needed && (errno == ENOENT || errno == ENOTDIR)) {
        *text = memory_string ("", 0);
        *size = 0;
        good = true;
    } else
        *why = memory_format ("%s: %s", path, strerror (errno));
    if (fd >= 0)
        close (fd);
    return good ? ZCHAT_OK : ZCHAT_SYSTEM;
}

static zchat_status_t parse (const char *path, const char *text, size_t size, settings_t **settings,
                             char **why)
{
    size_t line = 0;
    zchat_status_t status = settings_read (text, size, settings, &line, why);
    if (status != ZCHAT_OK) {
        char *whole = memory_format ("%s:%zu: %s", path, line, *why);
        free (*why);
        *why = whole;
    }
    return status;
}

zchat_status_t settings_file_open (const char *path, settings_file_t **file, char **why)
{
    settings_file_t *self = memory_zero (sizeof *self);
    char *text = NULL;
    size_t size = 0;
    zchat_status_t status = ZCHAT_OK;
    *why = NULL;
    self->path = path ? memory_string (path, strlen (path)) : credentials_path ("/config");
    if (self->path)
        status = load (self->path, path != NULL, &text, &size, why);
    if (status == ZCHAT_OK && self->path)
        status = parse (self->path, text, size, &self->settings, why);
    free (text);
    if (status == ZCHAT_OK)
        *file = self;
    else
        settings_file_destroy (&self);
    return status;
}

void settings_file_destroy (settings_file_t **file)
{
    settings_file_t *self = *file;
    if (!self)
        return;
    settings_destroy (&self->settings);
    free (self->path);
    free (self);
    *file = NULL;
}

const settings_t *settings_file_settings (const settings_file_t *file)
{
    return file ? file->settings : NULL;
}

const char *settings_file_path (const settings_file_t *file)
{
    return file && file->path ? file->path : "";
}

/*  --- writing ------------------------------------------------------------------ */

/*  Write the folder to the disk: only then is the new file there for good.    */
static void folder_sync (const char *path)
{
    int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync (fd);
        close (fd);
    }
}

static char *folder_of (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash == path ? memory_string ("/", 1)
           : slash       ? memory_string (path, (size_t)(slash - path))
                         : memory_string (".", 1);
}

/*  Replace the file. False with errno.                                        */
static bool replace (const char *path, const char *text)
{
    char *target = realpath (path, NULL); /* where it is a link                */
    if (!target)
        target = memory_string (path, strlen (path));
    char *folder = folder_of (target), *beside = memory_format ("%s.XXXXXX", target);
    bool good = keyfile_folder (folder) == ZCHAT_OK;
    int fd = good ? mkostemp (beside, O_CLOEXEC) : -1;
    good = fd >= 0 && fchmod (fd, 0600) == 0 && keyfile_write_all (fd, text, strlen (text)) &&
           fsync (fd) == 0;
    if (fd >= 0 && close (fd) != 0)
        good = false;
    good = good && rename (beside, target) == 0;
    int error = errno;
    if (good)
        folder_sync (folder);
    else if (fd >= 0)
        (void)unlink (beside);
    errno = error;
    free (folder);
    free (beside);
    free (target);
    return good;
}

zchat_status_t settings_file_change (settings_file_t *file, setting_t setting, const char *value,
                                     char **why)
{
    char *text = NULL, *edited = NULL;
    size_t size = 0;
    settings_t *settings = NULL;
    *why = NULL;
    if (!file->path) {
        *why = memory_format (
            _ ("there is no place for the config file: set HOME or XDG_CONFIG_HOME"));
        return ZCHAT_SYSTEM;
    }
    zchat_status_t status = ZCHAT_INVALID;
    if (value)
        *why = settings_wrong (setting, value);
    if (!*why)
        status = load (file->path, false, &text, &size, why);
    /*  It may have been changed since, and not for the better.                */
    if (status == ZCHAT_OK)
        status = parse (file->path, text, size, &settings, why);
    settings_destroy (&settings);
    if (status == ZCHAT_OK) {
        edited = settings_edit (text, size, setting, value);
        status =
            edited ? parse (file->path, edited, strlen (edited), &settings, why) : ZCHAT_INVALID;
        if (!edited)
            *why = memory_format (_ ("it holds both kinds of quotation marks"));
    }
    if (status == ZCHAT_OK && strlen (edited) > ZCHAT_SETTINGS_FILE_MAX) {
        *why = memory_format (_ ("%s would be larger than %d bytes"), file->path,
                              ZCHAT_SETTINGS_FILE_MAX);
        status = ZCHAT_LIMIT;
    }
    if (status == ZCHAT_OK && !replace (file->path, edited)) {
        *why = memory_format ("%s: %s", file->path, strerror (errno));
        status = ZCHAT_SYSTEM;
    }
    if (status == ZCHAT_OK) {
        settings_t *former = file->settings;
        file->settings = settings;
        settings = former;
    }
    settings_destroy (&settings);
    free (edited);
    free (text);
    return status;
}
