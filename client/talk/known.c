/*  known.c - the text of known_brokers: which brokers were met, and by which keys */
#include "known.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  Take the next word of a line, from *at on; it is empty at the end or at a remark. */
static frame_t word_next (const char *line, size_t size, size_t *at)
{
    while (*at < size && blank (line[*at]))
        ++*at;
    size_t begin = *at;
    while (*at < size && !blank (line[*at]) && line[*at] != '#')
        ++*at;
    return frame_of (line + begin, *at - begin);
}

/*  Letters become small, a dot behind the host goes, zeroes before the port go, and IPv6 is
    written as inet_ntop writes it.                                            */
bool known_spell (frame_t text, char spelt[KNOWN_BROKER_MAX])
{
    char host[KNOWN_BROKER_MAX], shown[INET6_ADDRSTRLEN];
    struct in6_addr address;
    const char *from = text.data;
    const char *colon = text.size ? memrchr (from, ':', text.size) : NULL;
    if (!colon || colon == from || text.size >= sizeof host)
        return false;
    size_t size = (size_t)(colon - from), digits = text.size - size - 1;
    const char *port = colon + 1;
    for (; digits > 1 && *port == '0'; port++)
        digits--;
    for (size_t i = 0; i < size; i++)
        host[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] + 32 : from[i]);
    while (size > 1 && host[size - 1] == '.')
        size--;
    host[size] = '\0';
    if (*host == '[' && host[size - 1] == ']') {
        host[size - 1] = '\0';
        if (inet_pton (AF_INET6, host + 1, &address) == 1 &&
            inet_ntop (AF_INET6, &address, shown, sizeof shown))
            snprintf (host, sizeof host, "[%s]", shown);
        else
            host[size - 1] = ']';
    }
    int length = snprintf (spelt, KNOWN_BROKER_MAX, "%s:%.*s", host, (int)digits, port);
    return length > 0 && length < KNOWN_BROKER_MAX;
}

static bool same_broker (frame_t a, const char *spelt)
{
    char name[KNOWN_BROKER_MAX];
    return known_spell (a, name) && strcmp (name, spelt) == 0;
}

known_t known_find (frame_t text, const char *broker, uint8_t key[ADDRESS_KEY_SIZE], size_t *line)
{
    const char *from = text.data, *end = text.size ? from + text.size : from;
    size_t number = 0;
    char spelt[KNOWN_BROKER_MAX];
    if (!known_spell (frame_str (broker), spelt))
        return KNOWN_NOT;
    while (from < end) {
        const char *stop = memchr (from, '\n', (size_t)(end - from));
        size_t size = (size_t)((stop ? stop : end) - from), at = 0;
        frame_t name = word_next (from, size, &at);
        number++;
        if (same_broker (name, spelt)) {
            *line = number;
            return address_key_decode (word_next (from, size, &at), key, NULL) == ZCHAT_OK
                       ? KNOWN_KEY
                       : KNOWN_BAD;
        }
        from += size + 1;
    }
    return KNOWN_NOT;
}
