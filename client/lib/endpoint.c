/*  endpoint.c - zmq endpoints: which are allowed, and which feed to take      */
#include "endpoint.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*  The parts of an endpoint; they view its text.                              */
typedef struct {
    size_t transport; /* bytes of "tcp://" or its like                         */
    const char *host; /* what follows the transport; a path where that is ipc  */
    size_t host_size;
    const char *rest; /* ":5681" or ":5681/path"; "" for ipc                   */
    bool wildcard;    /* the host means every address of a machine             */
} parts_t;

static const char *const transports[] = {"tcp://", "ipc://", "ws://"};

static bool port_valid (const char *rest, bool path_allowed)
{
    char *end;
    long port;

    if (rest[0] != ':' || rest[1] < '0' || rest[1] > '9')
        return false;
    port = strtol (rest + 1, &end, 10);
    return port > 0 && port < 65536 && (!*end || (path_allowed && *end == '/'));
}

static const char *parts_read (const char *text, parts_t *parts)
{
    bool ws = strncmp (text, "ws://", 5) == 0;

    *parts = (parts_t){0};
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
        if (strncmp (text, transports[i], strlen (transports[i])) == 0)
            parts->transport = strlen (transports[i]);
    if (!parts->transport)
        return "an endpoint begins with tcp://, ipc:// or ws://";
    if (strlen (text) >= ENDPOINT_MAX)
        return "the endpoint is too long";
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "an endpoint holds no spaces and no control characters";

    parts->host = text + parts->transport;
    if (strncmp (text, "ipc://", 6) == 0) {
        parts->host_size = strlen (parts->host);
        parts->rest = parts->host + parts->host_size;
        return parts->host_size ? NULL : "ipc:// wants a path behind it";
    }
    if (*parts->host == '[') {
        const char *close = strchr (parts->host, ']');
        if (!close)
            return "a ] is missing behind the address";
        parts->host_size = (size_t)(close + 1 - parts->host);
    } else
        parts->host_size = strcspn (parts->host, ":/");
    parts->rest = parts->host + parts->host_size;
    if (!parts->host_size || !port_valid (parts->rest, ws))
        return "an endpoint is tcp://host:port, with a port from 1 to 65535; an IPv6 address "
               "stands in "
               "brackets";
    parts->wildcard = (parts->host_size == 1 && *parts->host == '*') ||
                      (parts->host_size == 7 && memcmp (parts->host, "0.0.0.0", 7) == 0) ||
                      (parts->host_size == 4 && memcmp (parts->host, "[::]", 4) == 0);
    return NULL;
}

zchat_status_t endpoint_check (const char *text, const char **why)
{
    parts_t parts;
    const char *wrong = parts_read (text, &parts);

    if (!wrong && parts.wildcard)
        wrong = "one connects to a host, not to a wildcard: say 127.0.0.1 for this machine";
    if (wrong && why)
        *why = wrong;
    return wrong ? ZCHAT_INVALID : ZCHAT_OK;
}

/*  Count the bytes of a path up to its last slash: the folder in which an ipc door lies. */
static size_t folder_size (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash ? (size_t)(slash + 1 - path) : 0;
}

/*  True where the broker may send us to this feed. Over the network it may send us to the door's
    host alone, under whatever name; the caller sees to that. A broker behind an ipc door may
    also name a socket in the same folder as its door.                         */
static bool feed_allowed (const char *door, const parts_t *at, const parts_t *feed,
                          const char *text)
{
    bool door_ipc = strncmp (door, "ipc://", 6) == 0, feed_ipc = strncmp (text, "ipc://", 6) == 0;
    size_t folder = folder_size (at->host);
    if (!feed_ipc)
        return true;
    return door_ipc && folder_size (feed->host) == folder &&
           strncmp (feed->host, at->host, folder) == 0;
}

zchat_status_t endpoint_feed (const char *door, const json_t *feeds, char *feed)
{
    parts_t at, parts;
    const char *chosen = NULL;
    const char *host = "127.0.0.1";
    size_t host_size = strlen (host);
    size_t index;
    const json_t *value;
    int size;

    if (parts_read (door, &at))
        return ZCHAT_INVALID;
    json_array_foreach (feeds, index, value)
    {
        const char *text = json_string_value (value);
        if (!text || parts_read (text, &parts) || !feed_allowed (door, &at, &parts, text))
            continue;
        if (!chosen)
            chosen = text;
        if (parts.transport == at.transport && strncmp (text, door, at.transport) == 0) {
            chosen = text;
            break;
        }
    }
    if (!chosen || parts_read (chosen, &parts))
        return ZCHAT_INVALID;

    /*  The broker may not choose the host: one that lies could make every client connect to a
        host of its choice. Behind an ipc door the host is this machine.       */
    if (strncmp (chosen, "ipc://", 6) == 0) {
        host = parts.host;
        host_size = parts.host_size;
    } else if (strncmp (door, "ipc://", 6) != 0) {
        host = at.host;
        host_size = at.host_size;
    }
    size = snprintf (feed, ENDPOINT_MAX, "%.*s%.*s%s", (int)parts.transport, chosen, (int)host_size,
                     host, parts.rest);
    return size > 0 && size < ENDPOINT_MAX ? ZCHAT_OK : ZCHAT_INVALID;
}
