/*  history_file.c - the input lines of former days                            */
#include "history_file.h"
#include "buffer.h"
#include "keyfile.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_TRIES = 8 /* a file that was replaced while we waited is opened anew so often */ };

char *history_file_path (const char *state_home, const char *home)
{
    if (state_home && *state_home == '/')
        return memory_format ("%s/zchat/history", state_home);
    if (home && *home == '/')
        return memory_format ("%s/.local/state/zchat/history", home);
    return NULL;
}

/*  --- reading --------------------------------------------------------------- */

/*  Read the last bytes of the file, and drop what is the rest of a line then. */
static zchat_status_t read_end (int fd, off_t size, buffer_t *text)
{
    off_t from = size > HISTORY_FILE_BYTES ? size - HISTORY_FILE_BYTES : 0;
    size_t wanted = (size_t)(size - from);
    char *bytes = memory_new (wanted);
    ssize_t got = 1;
    size_t done = 0;
    while (done < wanted && got > 0) {
        got = pread (fd, bytes + done, wanted - done, from + (off_t)done);
        done += got > 0 ? (size_t)got : 0;
    }
    size_t begin = 0;
    if (from > 0) {
        const char *first = memchr (bytes, '\n', done);
        begin = first ? (size_t)(first - bytes) + 1 : done;
    }
    buffer_add (text, bytes + begin, done - begin);
    free (bytes);
    return got < 0 ? ZCHAT_SYSTEM : ZCHAT_OK;
}

/*  Read one line of the file. NULL: a crash, or somebody's editor, left something else there. */
static json_t *parse (const char *line, size_t size)
{
    json_t *value = json_loadb (line, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (json_is_string (value) && json_string_length (value) > 0 &&
        json_string_length (value) <= HISTORY_FILE_LINE_MAX)
        return value;
    json_decref (value);
    return NULL;
}

/*  Find where the newest `most` lines begin, of which all together have max_size bytes at most. */
static size_t newest (const buffer_t *text, size_t most, size_t max_size)
{
    size_t begin = text->size, lines = 0;
    while (begin > 0 && lines < most) {
        size_t at = begin - 1;
        while (at > 0 && text->data[at - 1] != '\n')
            at--;
        if (text->size - at > max_size)
            break;
        begin = at;
        lines++;
    }
    return begin;
}

static zchat_status_t open_trusted (const char *path, int flags, int *fd, struct stat *info)
{
    *fd = open (path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (*fd < 0)
        return ZCHAT_SYSTEM;
    if (fstat (*fd, info) == 0) {
        if (S_ISREG (info->st_mode) && info->st_uid == geteuid () && !(info->st_mode & 022))
            return ZCHAT_OK;
        errno = EPERM;
    }
    int error = errno;
    close (*fd);
    errno = error;
    return ZCHAT_SYSTEM;
}

zchat_status_t history_file_read (const char *path, history_line_fn *each, void *context)
{
    struct stat info;
    int fd;
    if (!path)
        return ZCHAT_OK;
    if (open_trusted (path, O_RDONLY, &fd, &info) != ZCHAT_OK)
        return errno == ENOENT || errno == ENOTDIR ? ZCHAT_OK : ZCHAT_SYSTEM;
    buffer_t text = {NULL, 0, 0};
    zchat_status_t status = read_end (fd, info.st_size, &text);
    int error = errno;
    close (fd);
    for (size_t at = newest (&text, HISTORY_FILE_LINES, text.size); at < text.size;) {
        const char *end = memchr (text.data + at, '\n', text.size - at);
        size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
        json_t *line = parse (text.data + at, size);
        if (line)
            each (context, json_string_value (line), json_string_length (line));
        json_decref (line);
        at += size + 1;
    }
    buffer_free (&text);
    errno = error;
    return status;
}

/*  --- writing --------------------------------------------------------------- */

/*  Open the file and lock it. Another client may have put a new one in its place while this one
    waited for the lock.                                                       */
static zchat_status_t open_locked (const char *path, int *fd, struct stat *info)
{
    struct stat there;
    for (int i = 0; i < OPEN_TRIES; i++) {
        if (open_trusted (path, O_RDWR | O_APPEND | O_CREAT, fd, info) != ZCHAT_OK)
            return ZCHAT_SYSTEM;
        if (flock (*fd, LOCK_EX) == 0 && stat (path, &there) == 0 && fstat (*fd, info) == 0 &&
            there.st_ino == info->st_ino && there.st_dev == info->st_dev &&
            ((info->st_mode & 077) == 0 || fchmod (*fd, 0600) == 0))
            return ZCHAT_OK;
        close (*fd);
    }
    errno = EBUSY;
    return ZCHAT_SYSTEM;
}

/*  Put a shorter file in the place of this one, which is locked. It is whole on the disk before. */
static zchat_status_t shorten (const char *path, int fd, off_t size)
{
    buffer_t text = {NULL, 0, 0};
    char *beside = memory_format ("%s.new", path);
    zchat_status_t status = read_end (fd, size, &text);
    if (status == ZCHAT_OK) {
        size_t from = newest (&text, HISTORY_FILE_LINES, HISTORY_FILE_BYTES / 2);
        (void)unlink (beside);
        int out = open (beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        bool good = out >= 0 &&
                    keyfile_write_all (out, text.data ? text.data + from : "", text.size - from) &&
                    fsync (out) == 0;
        if (out >= 0 && close (out) != 0)
            good = false;
        if (!good || rename (beside, path) != 0) {
            (void)unlink (beside);
            status = ZCHAT_SYSTEM;
        }
    }
    free (beside);
    buffer_free (&text);
    return status;
}

/*  Append the line to the file, which is locked. What a crash left without its end is ended before
    it. A line that does not fit on the disk is taken back.                    */
static zchat_status_t append (int fd, off_t size, const char *line)
{
    char last = '\n';
    if (size > 0 && pread (fd, &last, 1, size - 1) != 1)
        return ZCHAT_SYSTEM;
    char *whole = memory_format ("%s%s\n", last == '\n' ? "" : "\n", line);
    ssize_t wanted = (ssize_t)strlen (whole), written = write (fd, whole, (size_t)wanted);
    free (whole);
    if (written == wanted)
        return ZCHAT_OK;
    int error = written < 0 ? errno : ENOSPC;
    if (written > 0 && ftruncate (fd, size) != 0)
        error = errno;
    errno = error;
    return ZCHAT_SYSTEM;
}

static zchat_status_t make_folder (const char *path)
{
    char *folder = memory_string (path, (size_t)(strrchr (path, '/') - path));
    zchat_status_t status = *folder ? keyfile_folder (folder) : ZCHAT_OK;
    free (folder);
    return status;
}

zchat_status_t history_file_add (const char *path, const char *line, size_t size)
{
    struct stat info;
    int fd;
    if (!path || size == 0 || size > HISTORY_FILE_LINE_MAX)
        return ZCHAT_OK;
    json_t *value = json_stringn (line, size); /* NULL where it is not UTF-8   */
    char *text = value ? json_dumps (value, JSON_ENCODE_ANY) : NULL;
    json_decref (value);
    if (!text)
        return ZCHAT_OK;
    zchat_status_t status = make_folder (path);
    if (status == ZCHAT_OK)
        status = open_locked (path, &fd, &info);
    if (status == ZCHAT_OK) {
        status = append (fd, info.st_size, text);
        if (status == ZCHAT_OK && fstat (fd, &info) == 0 && info.st_size > HISTORY_FILE_BYTES)
            status = shorten (path, fd, info.st_size);
        int error = errno;
        close (fd);
        errno = error;
    }
    free (text);
    return status;
}
