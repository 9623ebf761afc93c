/*  token.c - the token that proves one's name instead of a key */
#include "token.h"
#include "i18n.h"
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4096, TOKEN_TEXT = 2 * ZCHAT_TOKEN_SIZE };

_Static_assert(sizeof (((options_t *)0)->token_buffer) == TOKEN_TEXT + 1, "a token fits");

static void wipe (void *memory, size_t size)
{
    explicit_bzero (memory, size);
}

/*  True where size bytes have the form of a token. What they are is never shown. */
static bool is_token (const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr ("0123456789abcdefABCDEF", text[i]) || text[i] == 0)
            return false;
    return size == TOKEN_TEXT;
}

/*  Find the only line of the file that is no remark. False where there is none, or more than
    one.                                                                       */
static bool find_line (const char *text, const char **line, size_t *size)
{
    *line = NULL;
    while (*text) {
        size_t length = strcspn (text, "\n"), blanks = strspn (text, " \t\r");
        const char *begin = text + (blanks < length ? blanks : length);
        size_t rest = (size_t)(text + length - begin);
        while (rest > 0 && strchr (" \t\r", begin[rest - 1]))
            rest--;
        if (rest > 0 && *begin != '#') {
            if (*line)
                return false;
            *line = begin;
            *size = rest;
        }
        text += length + (text[length] == '\n');
    }
    return *line != NULL;
}

static int read_file (options_t *options)
{
    const char *path = options->token_file, *line;
    char text[FILE_MAX + 1] = "";
    struct stat stat;
    size_t size = 0;
    int status = OUTCOME_SYSTEM;
    /*  O_NONBLOCK, because opening a FIFO would hang.                         */
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = 0;
    if (fd < 0 || fstat (fd, &stat) != 0) {
        tool_say (_ ("the token in %s cannot be read: %s; give another --token-file"), path,
                  strerror (errno));
        goto out;
    }
    if (!S_ISREG (stat.st_mode)) {
        tool_say (_ ("--token-file %s is not a file; give one with the token in it"), path);
        goto out;
    }
    if (stat.st_mode & (S_IRWXG | S_IRWXO)) {
        tool_say (
            _ ("the token in %s is open to others (mode %04o); chmod 600 it, and if others can "
               "have read it, ask who runs the broker for another one"),
            path, (unsigned)(stat.st_mode & 07777));
        goto out;
    }
    got = read (fd, text, FILE_MAX);
    status = OUTCOME_DATA;
    if (got < 0) {
        status = OUTCOME_SYSTEM;
        tool_say (_ ("%s cannot be read: %s"), path, strerror (errno));
    } else if (!find_line (text, &line, &size) || !is_token (line, size))
        tool_say (_ ("%s holds no token: one line with %d hex digits is wanted"), path, TOKEN_TEXT);
    else {
        memcpy (options->token_buffer, line, size);
        options->token_buffer[size] = 0;
        options->token = options->token_buffer;
        status = OUTCOME_OK;
    }
out:
    if (fd >= 0)
        close (fd);
    wipe (text, sizeof text);
    return status;
}

/*  True where the connection crosses no network. A host name that only begins like an address of
    this machine does not count.                                               */
static bool stays_here (const char *endpoint)
{
    if (strncmp (endpoint, "ipc://", 6) == 0 || strncmp (endpoint, "inproc://", 9) == 0)
        return true;
    const char *host = strstr (endpoint, "://");
    host = host ? host + 3 : endpoint;
    if (strncmp (host, "localhost:", 10) == 0 || strncmp (host, "[::1]:", 6) == 0)
        return true;
    size_t size = strspn (host, "0123456789.");
    return strncmp (host, "127.", 4) == 0 && host[size] == ':';
}

int token_take (options_t *options)
{
    if (options->token_file) {
        int status = read_file (options);
        if (status != OUTCOME_OK)
            return status;
    } else if (!options->token)
        return OUTCOME_OK;
    else if (!is_token (options->token, strlen (options->token))) {
        tool_say (_ ("ZCHAT_TOKEN holds no token: %d hex digits are wanted"), TOKEN_TEXT);
        return OUTCOME_DATA;
    }
    if (!options->credentials && !stays_here (options->endpoint)) {
        tool_say (_ ("%s is not encrypted: everybody on the way would learn your token. Give the "
                     "broker's address, zchat://HOST:PORT/KEY, or leave the token out"),
                  options->endpoint);
        return OUTCOME_REFUSED;
    }
    return OUTCOME_OK;
}

void token_wipe (options_t *options)
{
    options->token = NULL;
    wipe (options->token_buffer, sizeof options->token_buffer);
}
