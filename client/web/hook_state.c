/*  hook_state.c - the file of a hook's cursor                                   */
#include "hook_state.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <unistd.h>

enum { HASH_SIZE = 16, FILE_MAX = 256 };

#define FIRST_LINE "zchat-web hook 1\n"

char *hook_state_path (const char *folder, const char *room, const char *url)
{
    unsigned char hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    char *both = memory_format ("%s\n%s", room, url);

    crypto_generichash (hash, sizeof hash, (const unsigned char *)both, strlen (both), NULL, 0);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    free (both);
    return memory_format ("%s/hook-%s", folder, hex);
}

bool hook_state_read (const char *path, hook_cursor_t *cursor, const char **why)
{
    char text[FILE_MAX + 1] = "";
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), end = 0;

    *cursor = (hook_cursor_t){.known = false};
    *why = "it cannot be read";
    if (fd < 0)
        return errno == ENOENT;
    ssize_t size = read (fd, text, FILE_MAX);
    close (fd);
    if (size < 0)
        return false;
    *why = "it is not what zchat-web writes; remove it, and the hook begins with what is new";
    cursor->known = sscanf (text, FIRST_LINE "log %32[0-9a-f]\nseq %" SCNu64 "\n%n", cursor->log,
                            &cursor->seq, &end) == 2 &&
                    end == size && cursor->seq <= ZCHAT_SEQ_MAX;
    return cursor->known;
}

static bool write_all (const char *path, const char *text, size_t size)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write (fd, text, size) == (ssize_t)size && fsync (fd) == 0;

    if (fd >= 0 && close (fd) != 0)
        good = false;
    return good;
}

bool hook_state_write (const char *folder, const char *path, const hook_cursor_t *cursor)
{
    char text[FILE_MAX];
    char *fresh = memory_format ("%s.new", path);
    int size = snprintf (text, sizeof text, FIRST_LINE "log %s\nseq %" PRIu64 "\n", cursor->log,
                         cursor->seq);
    bool good = write_all (fresh, text, (size_t)size) && rename (fresh, path) == 0;
    int fd = good ? open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    good = good && fd >= 0 && fsync (fd) == 0;
    if (fd >= 0)
        close (fd);
    free (fresh);
    return good;
}
