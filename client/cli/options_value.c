/*  options_value.c - values of options are checked and taken in               */
#include "address.h"
#include "i18n.h"
#include "name.h"
#include "options_private.h"
#include "since.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zchat/client.h>

enum { TIMEOUT_MAX_S = 2000000 }; /* in ms it still fits an int */

zchat_status_t options_fail (options_t *options, const char *format, ...)
{
    char text[sizeof (options->why)];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof (text), format, args);
    va_end (args);
    char *shown = zchat_text_display (text, strlen (text), false);
    snprintf (options->why, sizeof (options->why), "%s", shown);
    free (shown);
    return ZCHAT_INVALID;
}

/*  Take zchat://HOST:PORT/KEY. The endpoint becomes that of the broker's door. */
static zchat_status_t s_set_address (options_t *options, const char *text, const char *origin)
{
    address_t address;
    const char *why = NULL;
    if (address_decode (text, &address, &why) != ZCHAT_OK)
        return options_fail (options, "%s: '%.150s': %s", origin, text, why);
    if (strlen (address.endpoint) > CLI_ENDPOINT_MAX)
        return options_fail (options, _ ("%s: an endpoint has %d bytes at most"), origin,
                             CLI_ENDPOINT_MAX);
    memcpy (options->endpoint_buffer, address.endpoint, strlen (address.endpoint) + 1);
    memcpy (options->broker_key, address.key, sizeof (options->broker_key));
    options->endpoint = options->endpoint_buffer;
    options->has_broker_key = address.has_key;
    options->encrypted = true;
    return ZCHAT_OK;
}

/*  True for HOST or HOST:PORT without a scheme. A host begins with a letter or a digit, or is an
    IPv6 address in brackets; the library finds out what it means.             */
static bool s_is_host (const char *text)
{
    size_t size = strcspn (text, ":/ \t\r\n");
    if (*text == '[')
        size = strcspn (text, "]") + 1;
    else if (!isalnum ((unsigned char)*text) && !(*text & 0x80))
        return false;
    if (size > strlen (text))
        return false;
    const char *port = text + size;
    return !*port || (*port == ':' && port[1] && !port[1 + strspn (port + 1, "0123456789")]);
}

/*  Write the endpoint of a host. Where the port is left out, it is a broker's default. An IPv6
    address without a port needs no brackets.                                  */
static int s_write_endpoint (char endpoint[CLI_ENDPOINT_MAX + 1], const char *text)
{
    struct in6_addr address;
    const char *host = strncmp (text, "tcp://", 6) == 0 ? text + 6 : text;
    bool bare = inet_pton (AF_INET6, host, &address) == 1;
    const char *end = *host == '[' ? strchr (host, ']') : host;
    if (bare || (s_is_host (host) && !strchr (end, ':')))
        return snprintf (endpoint, CLI_ENDPOINT_MAX + 1, "tcp://%s%s%s:%d", bare ? "[" : "", host,
                         bare ? "]" : "", ADDRESS_PORT_DEFAULT);
    if (s_is_host (text))
        return snprintf (endpoint, CLI_ENDPOINT_MAX + 1, "tcp://%s", text);
    return strstr (text, "://") ? snprintf (endpoint, CLI_ENDPOINT_MAX + 1, "%s", text) : -1;
}

zchat_status_t options_set_endpoint (options_t *options, const char *text, const char *origin)
{
    char plain[OPTIONS_LINK_MAX + 1];
    zchat_status_t status;
    options->encrypted = options->has_broker_key = false;
    options->link_room = NULL;
    options->link_seq = 0;
    options->broker = NULL;
    if (*text == '@') {
        options->broker = text + 1; /* what it means stands in the config file */
        options->endpoint = NULL;
        return ZCHAT_OK;
    }
    if (options_cut_link (options, text, origin, plain, &status)) {
        if (status != ZCHAT_OK)
            return status;
        text = plain;
    }
    if (address_is (text))
        return s_set_address (options, text, origin);
    int size = s_write_endpoint (options->endpoint_buffer, text);
    if (size < 0)
        return options_fail (options,
                             _ ("%s: '%.100s' is no endpoint; give a host, or one such as %s"),
                             origin, text, CLI_ENDPOINT_DEFAULT);
    if (size > CLI_ENDPOINT_MAX)
        return options_fail (options, _ ("%s: an endpoint has %d bytes at most"), origin,
                             CLI_ENDPOINT_MAX);
    options->endpoint = options->endpoint_buffer;
    return ZCHAT_OK;
}

const char *options_name (options_t *options, const char *text)
{
    char composed[ZCHAT_NAME_MAX];
    frame_t name = name_compose (frame_str (text), composed);
    if (name.data == text || options->n_names == sizeof options->names / sizeof *options->names)
        return text;
    char *kept = options->names[options->n_names++];
    memcpy (kept, name.data, name.size);
    kept[name.size] = 0;
    return kept;
}

zchat_status_t options_set_nick (options_t *options, const char *text, const char *origin)
{
    const char *why = NULL;
    text = options_name (options, text);
    if (name_check (frame_str (text), NULL, &why) != ZCHAT_OK)
        return options_fail (options, _ ("%s: the name '%.150s' is not allowed: %s"), origin, text,
                             why);
    options->nick = text;
    options->nick_chosen = true;
    return ZCHAT_OK;
}

zchat_status_t options_set_to (options_t *options, const char *text)
{
    const char *why = NULL;
    text = options_name (options, text);
    if (name_check (frame_str (text), NULL, &why) != ZCHAT_OK)
        return options_fail (options, _ ("--to: the name '%.150s' is not allowed: %s"), text, why);
    options->to = text;
    return ZCHAT_OK;
}

/*  Add a room, once. Two spellings of one room are one room, or listen would wait for ever until
    the second is joined.                                                      */
zchat_status_t options_add_room (options_t *options, const char *text, const char *origin)
{
    const char *why = NULL;
    name_keys_t keys;
    text = options_name (options, text);
    if (name_check (frame_str (text), &keys, &why) != ZCHAT_OK)
        return options_fail (options, _ ("%s: the name '%.150s' is not allowed: %s"), origin, text,
                             why);
    for (size_t i = 0; i < options->n_rooms; i++) {
        name_keys_t other;
        if (name_check (frame_str (options->rooms[i]), &other, NULL) == ZCHAT_OK &&
            name_same (&keys, &other))
            return ZCHAT_OK;
    }
    if (options->n_rooms == ZCHAT_SESSION_ROOMS_MAX)
        return options_fail (options, _ ("%s: %d rooms at most"), origin, ZCHAT_SESSION_ROOMS_MAX);
    options->rooms[options->n_rooms++] = text;
    return ZCHAT_OK;
}

zchat_status_t options_set_log (options_t *options, const char *text)
{
    if (strlen (text) != (size_t)2 * ZCHAT_LOG_ID_SIZE ||
        strspn (text, "0123456789abcdef") != (size_t)2 * ZCHAT_LOG_ID_SIZE)
        return options_fail (
            options,
            _ ("--log: '%.100s' is no id of a log: it has %d hex digits, as \"log\" "
               "of --json"),
            text, 2 * ZCHAT_LOG_ID_SIZE);
    options->log = text;
    return ZCHAT_OK;
}

zchat_status_t options_set_place (options_t *options, const char *name, const char *text,
                                  uint64_t min, uint64_t *seq, uint64_t *time_ms)
{
    *seq = *time_ms = 0;
    if (*text && !text[strspn (text, "0123456789")])
        return options_set_number (options, name, text, min, seq);
    if (since_read (text, (uint64_t)time (NULL) * 1000, time_ms)) {
        *time_ms = *time_ms ? *time_ms : 1;
        return ZCHAT_OK;
    }
    return options_fail (
        options,
        _ ("--%s: '%.100s' is neither the seq of a message nor a time: say 1041, 2h, "
           "7d, 2026-11-20 or 2026-11-20T14:30"),
        name, text);
}

zchat_status_t options_set_number (options_t *options, const char *name, const char *text,
                                   uint64_t min, uint64_t *number)
{
    uint64_t value = 0;
    size_t digits = strspn (text, "0123456789");
    bool good = digits > 0 && text[digits] == 0;
    for (size_t i = 0; good && i < digits; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
        good = value <= ZCHAT_SEQ_MAX;
    }
    if (!good || value < min)
        return options_fail (options, _ ("--%s: '%.100s' is not a number from %llu to %llu"), name,
                             text, (unsigned long long)min, (unsigned long long)ZCHAT_SEQ_MAX);
    *number = value;
    return ZCHAT_OK;
}

/*  Read the seconds without strtod, which would follow the locale and take "nan" and "0x1p3" for
    numbers.                                                                   */
zchat_status_t options_set_timeout (options_t *options, const char *text)
{
    int64_t ms = 0;
    const char *p = text;
    if (strcmp (text, "none") == 0) {
        options->timeout_ms = CLI_TIMEOUT_NONE;
        return ZCHAT_OK;
    }
    for (; *p >= '0' && *p <= '9' && ms <= TIMEOUT_MAX_S; p++)
        ms = ms * 10 + (*p - '0');
    bool good = p != text && ms <= TIMEOUT_MAX_S;
    ms *= 1000;
    if (good && *p == '.') {
        int64_t unit = 100;
        for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
            ms += unit * (*p - '0');
        good = p[-1] != '.';
    }
    if (!good || *p != 0)
        return options_fail (
            options, _ ("--timeout: '%.100s' is not a number of seconds from 0 to %d, or none"),
            text, TIMEOUT_MAX_S);
    options->timeout_ms = (int)ms;
    return ZCHAT_OK;
}

zchat_status_t options_set_purge (options_t *options, char **words, int n)
{
    if (n < 1 || n > 2 || (strcmp (words[0], "names") != 0 && strcmp (words[0], "rooms") != 0))
        return options_fail (options, _ ("zchat purge takes names [PATTERN] or rooms [PATTERN]"));
    if (options->now && *words[0] == 'r')
        return options_fail (options, _ ("--now is for names: the name of a room is free at once"));
    options->purge_what = words[0];
    options->purge_match = n == 2 && *words[1] ? words[1] : NULL;
    if (options->before)
        return options_fail (options, _ ("--before is a time here, such as 30d or 2026-11-20"));
    if (!options->purge_match && !options->place && !options->unused && !options->before_ms)
        return options_fail (options, _ ("which ones? zchat purge names PATTERN, or --unused, "
                                         "--before TIME, --place PLACE"));
    return ZCHAT_OK;
}
