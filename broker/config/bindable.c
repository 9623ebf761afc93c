/*  bindable.c - endpoints that a broker may be told to bind: their form       */
#include "bindable.h"
#include "memory.h"
#include <stdbool.h>
#include <stdio.h>

#define LOCALHOST "localhost"

/*  PORT or PORT/PATH; libzmq would take 99999 for 34463.                      */
static const char *port_wrong (const char *port)
{
    size_t digits = strspn (port, "0123456789");
    if (*port == '*')
        digits = 1;
    else if (digits == 0 || digits > 5 || strtoul (port, NULL, 10) > 65535)
        return "has no port from 1 to 65535 behind its host; * takes a free one";
    if (port[digits] == ':')
        return "holds more than one colon; an IPv6 address stands in brackets, as in "
               "tcp://[::1]:5680";
    return !port[digits] || port[digits] == '/'
               ? NULL
               : "has no port from 1 to 65535 behind its host; * takes a free one";
}

/*  Behind tcp:// or ws://; NULL: another transport.                           */
static const char *host_of (const char *endpoint)
{
    return strncmp (endpoint, "tcp://", 6) == 0  ? endpoint + 6
           : strncmp (endpoint, "ws://", 5) == 0 ? endpoint + 5
                                                 : NULL;
}

const char *bindable_wrong (const char *endpoint)
{
    for (const char *c = endpoint; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "holds a blank or a control character; take it out";
    if (strncmp (endpoint, "ipc://", 6) == 0)
        return endpoint[6] ? NULL : "wants a path behind ipc://";
    const char *host = host_of (endpoint);
    if (!host)
        return "is not an endpoint; it looks like tcp://HOST:PORT, ipc://PATH or ws://HOST:PORT";
    /*  The port follows the last colon that is not part of an IPv6 address.   */
    const char *bracket = *host == '[' ? strchr (host, ']') : host;
    if (!bracket)
        return "lacks the ] behind its IPv6 address, as in tcp://[::1]:5680";
    if (!*host || *host == ':')
        return *host && strchr (host + 1, ':')
                   ? "wants its IPv6 address in brackets, as in "
                     "tcp://[::1]:5680"
                   : "names no host; for every address of this machine say *";
    const char *colon = strchr (bracket, ':');
    return colon ? port_wrong (colon + 1)
                 : "names no port; it looks like tcp://HOST:PORT, and * takes a free one";
}

char *bindable_take (const char *endpoint)
{
    const char *host = host_of (endpoint);
    char *taken = NULL;
    bool local = host && strncmp (host, LOCALHOST ":", sizeof LOCALHOST) == 0;
    if (asprintf (&taken, "%.*s%s%s", (int)(local ? host - endpoint : 0), endpoint,
                  local ? "127.0.0.1" : "", local ? host + sizeof LOCALHOST - 1 : endpoint) < 0)
        memory_check (NULL);
    return taken;
}
