/*  members.c - the keys a broker admits, from a file that may change          */
#include "members.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zchat/limits.h>

enum {
    SETTLE_MS = 3000, /* so long after a change a file may change again without a sign */
};

struct members {
    char *path;
    uint8_t (*keys)[ADDRESS_KEY_SIZE]; /* sorted                                 */
    size_t count;
    struct stat seen; /* of the file when it was read last                       */
    int error;        /* and what came of it                                     */
    bool read;        /* at all                                                  */
    bool settled;     /* a change since would show in its times                  */
};

members_t *members_new (const char *path)
{
    members_t *members = memory_zero (sizeof *members);
    members->path = memory_string (path, strlen (path));
    return members;
}

void members_destroy (members_t **members)
{
    if (*members) {
        free ((*members)->keys);
        free ((*members)->path);
        free (*members);
        *members = NULL;
    }
}

/*  --- reading the text ------------------------------------------------------  */

static int key_order (const void *a, const void *b)
{
    return memcmp (a, b, ADDRESS_KEY_SIZE);
}

static bool blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  The first word of a line; empty where there is none, or a remark.          */
static frame_t first_word (const char *line, size_t size)
{
    size_t begin = 0, end;
    while (begin < size && blank (line[begin]))
        begin++;
    for (end = begin; end < size && !blank (line[end]) && line[end] != '#'; end++)
        continue;
    return frame_of (line + begin, end - begin);
}

static void line_take (members_t *members, frame_t word, size_t line, members_news_t *news)
{
    const char *why = "more keys than this broker keeps";
    if (members->count < ZCHAT_MEMBERS_MAX &&
        address_key_decode (word, members->keys[members->count], &why) == ZCHAT_OK)
        members->count++;
    else if (!news->bad++) {
        news->bad_line = line;
        news->why = why;
    }
}

void members_parse (members_t *members, frame_t text, members_news_t *news)
{
    const char *at = text.data, *end = at ? at + text.size : at;
    size_t line = 0;
    *news = (members_news_t){0};
    /*  A key takes a line of its own.                                         */
    size_t room = text.size / ADDRESS_KEY_TEXT + 1;
    members->keys =
        memory_grow (members->keys,
                     (room < ZCHAT_MEMBERS_MAX ? room : ZCHAT_MEMBERS_MAX) * sizeof *members->keys);
    members->count = 0;
    while (at < end) {
        const char *stop = memchr (at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        frame_t word = first_word (at, (size_t)(stop - at));
        line++;
        if (word.size)
            line_take (members, word, line, news);
        at = stop + 1;
    }
    if (members->count)
        qsort (members->keys, members->count, sizeof *members->keys, key_order);
    news->count = members->count;
}

bool members_has (const members_t *members, const uint8_t key[ADDRESS_KEY_SIZE])
{
    return members->count &&
           bsearch (key, members->keys, members->count, sizeof *members->keys, key_order);
}

/*  --- reading the file ------------------------------------------------------  */

static bool same_file (const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/*  The text of an open file; NULL with errno. The caller frees it.            */
static char *text_read (int fd, size_t *size)
{
    char *text = memory_new (ZCHAT_MEMBERS_FILE_MAX + 1);
    *size = 0;
    while (*size <= ZCHAT_MEMBERS_FILE_MAX) {
        ssize_t done = read (fd, text + *size, ZCHAT_MEMBERS_FILE_MAX + 1 - *size);
        if (done == 0)
            return text;
        if (done > 0)
            *size += (size_t)done;
        else if (errno != EINTR)
            break;
    }
    if (*size > ZCHAT_MEMBERS_FILE_MAX)
        errno = EFBIG;
    free (text);
    return NULL;
}

/*  Everything is compared and remembered by the descriptor that is read, so that a file
    moved into its place meanwhile is seen as another one.                     */
bool members_reload (members_t *members, uint64_t wall_ms, members_news_t *news)
{
    struct stat now = {0};
    char *text = NULL;
    size_t size = 0;
    int error = 0;
    bool changed = true;
    int fd = open (members->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat (fd, &now) < 0)
        error = errno;
    else if (!S_ISREG (now.st_mode))
        error = EINVAL;
    if (members->read && error == members->error &&
        (error || (members->settled && same_file (&now, &members->seen)))) {
        changed = false;
        goto out;
    }
    if (!error && !(text = text_read (fd, &size)))
        error = errno;
    /*  Told only where something is other than before; an unsettled file is read again
        and again for a while.                                                 */
    changed = !members->read || error != members->error || !same_file (&now, &members->seen);
    members_parse (members, frame_of (text, size), news);
    news->error = error;
    members->read = true;
    members->error = error;
    members->seen = now;
    members->settled = wall_ms > (uint64_t)now.st_ctim.tv_sec * 1000 + SETTLE_MS;
out:
    if (fd >= 0)
        close (fd);
    free (text);
    return changed;
}
