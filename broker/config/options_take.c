/*  options_take.c - what the values of the options mean                       */
#include "address.h"
#include "bindable.h"
#include "memory.h"
#include "options_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

bool options_endpoint_local (const char *endpoint)
{
    static const char *const local[] = {
        "ipc://",    "tcp://127.",      "tcp://localhost:", "tcp://[::1]:",
        "ws://127.", "ws://localhost:", "ws://[::1]:"};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (strncmp (endpoint, local[i], strlen (local[i])) == 0)
            return true;
    return false;
}

/*  Move the endpoints of a setting to *list. -1, or the exit status.          */
static int endpoints_take (options_t *options, gathered_t *all, int setting, const char *standard,
                           char **list, size_t *count)
{
    raw_t *raw = &all->raw[setting];
    if (!raw->count)
        raw->values[raw->count++] = memory_string (standard, strlen (standard));
    for (size_t i = 0; i < raw->count; i++) {
        const char *endpoint = raw->values[i];
        const char *why = bindable_wrong (endpoint);
        if (why)
            return options_reject (all, setting, endpoint, why);
        if (strncmp (endpoint, "ws://", 5) == 0 && !options->ws)
            return options_reject (
                all, setting, endpoint,
                "is open to every web page that a browser here shows, and anyone can end the "
                "connections of all others; say --ws if that is wanted, else tcp or ipc");
        if (!options_endpoint_local (endpoint) && !options->insecure && !options->curve)
            return options_reject (
                all, setting, endpoint,
                "can be reached from other hosts, and nothing said there is encrypted; "
                "say --curve, bind 127.0.0.1 or ipc, or say --insecure");
        list[i] = bindable_take (endpoint);
        free (raw->values[i]);
        raw->values[i] = NULL;
    }
    *count = raw->count;
    raw->count = 0;
    return -1;
}

/*  Where clients reach the feed is not ours to bind. -1, or the exit status.  */
static int announced_take (options_t *options, gathered_t *all)
{
    raw_t *raw = &all->raw[ANNOUNCE_FEED];
    for (size_t i = 0; i < raw->count; i++) {
        const char *why = bindable_wrong (raw->values[i]);
        if (why)
            return options_reject (all, ANNOUNCE_FEED, raw->values[i], why);
        if (strstr (raw->values[i], ":*"))
            return options_reject (all, ANNOUNCE_FEED, raw->values[i],
                                   "names no port, and clients need one");
        options->announced[options->n_announced++] = bindable_take (raw->values[i]);
    }
    return -1;
}

/*  30d, 500M: a number and a unit.                                            */
static bool retain_read (store_retain_t *retain, const char *value)
{
    static const struct {
        char unit;
        bool age;
        uint64_t factor;
    } units[] = {{'s', true, 1000},        {'m', true, 60000},         {'h', true, 3600000},
                 {'d', true, 86400000},    {'K', false, 1024},         {'M', false, 1048576},
                 {'G', false, 1073741824}, {'T', false, 1099511627776}};
    char *end;
    errno = 0;
    unsigned long long number = strtoull (value, &end, 10);
    if (errno || end == value || *value < '0' || *value > '9' || number == 0 ||
        number > 1000000000 || !*end || end[1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (*end == units[i].unit) {
            *(units[i].age ? &retain->age_ms : &retain->bytes) = number * units[i].factor;
            return true;
        }
    return false;
}

bool options_age (const char *value, uint64_t *age_ms)
{
    store_retain_t retain = {0};
    if (!retain_read (&retain, value) || !retain.age_ms)
        return false;
    *age_ms = retain.age_ms;
    return true;
}

/*  room:NAME=AGE. NULL, or what is wrong with it.                             */
static const char *retained_read (options_t *options, const char *value)
{
    char name[ZCHAT_NAME_MAX + 1];
    const char *age = strrchr (value, '=');
    options_retained_t *room = &options->retained[options->n_retained];
    if (!age)
        return "is not room:NAME=AGE, such as room:dev=30d";
    frame_t given = name_compose (frame_of (value + 5, (size_t)(age - value) - 5), name);
    if (name_check (given, &room->room, NULL) != ZCHAT_OK)
        return "names no room: 1 to 32 letters, digits, . _ and -";
    if (!options_age (age + 1, &room->age_ms))
        return "is not room:NAME=AGE with an age of 30s, 10m, 12h or 30d";
    options->n_retained++;
    return NULL;
}

/*  -1, or the exit status.                                                    */
static int retain_take (options_t *options, const gathered_t *all)
{
    const raw_t *raw = &all->raw[RETAIN], *low = &all->raw[DISK_LOW];
    store_retain_t size = {.bytes = 0};
    for (size_t i = 0; i < raw->count; i++) {
        const char *value = raw->values[i], *why = NULL;
        if (strncmp (value, "room:", 5) == 0)
            why = retained_read (options, value);
        else if (!retain_read (&options->retain, value))
            why = "is not an age (30s, 10m, 12h, 30d), a size (500M, 10G) or room:NAME=AGE";
        if (why)
            return options_reject (all, RETAIN, value, why);
    }
    options->disk_low = ZCHAT_DISK_LOW;
    if (low->count && (!retain_read (&size, low->values[0]) || !size.bytes))
        return options_reject (all, DISK_LOW, low->values[0], "is not a size (500M, 10G)");
    if (low->count)
        options->disk_low = size.bytes;
    return -1;
}

/*  --- admins and quotas -----------------------------------------------------  */

/*  -1, or the exit status.                                                    */
static int admins_take (options_t *options, const gathered_t *all)
{
    const raw_t *raw = &all->raw[ADMIN];
    for (size_t i = 0; i < raw->count; i++) {
        uint8_t key[ADDRESS_KEY_SIZE];
        char text[ADDRESS_KEY_TEXT + 1];
        const char *why = NULL;
        if (!options->curve)
            return options_reject (all, ADMIN, raw->values[i],
                                   "means something with --curve only: nobody proves a key else");
        if (address_key_decode (frame_str (raw->values[i]), key, &why) != ZCHAT_OK) {
            char said[256];
            snprintf (said, sizeof said, "is no key as zchat key prints it: %s", why);
            return options_reject (all, ADMIN, raw->values[i], said);
        }
        /*  As the keys of connections are written.                            */
        address_key_encode (key, text);
        options->admins[options->n_admins++] = memory_string (text, ADDRESS_KEY_TEXT);
    }
    return -1;
}

/*  A number of digits alone, of 1 to QUOTA_MAX; *end is what follows it.      */
static bool amount_read (const char *text, uint64_t *amount, const char **end)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= QUOTA_MAX; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    *amount = value;
    *end = at;
    return at > text && value >= 1 && value <= QUOTA_MAX;
}

/*  NAME=BURST/RATE, NAME=0. NULL, or what is wrong with it.                   */
static const char *quota_read (quota_t quotas[QUOTA_COUNT], const char *value)
{
    size_t size = strcspn (value, "=");
    const char *at = value + size + 1;
    quota_t quota = {.burst = 0, .rate = 1};
    int kind = 0;
    while (kind < QUOTA_COUNT &&
           !frame_is (frame_of (value, size), quota_name ((quota_kind_t)kind)))
        kind++;
    if (kind == QUOTA_COUNT)
        return "names none of the quotas: messages, bytes, reads, searches, joins, failed, "
               "stored, strangers";
    if (!value[size] ||
        (strcmp (at, "0") != 0 && (!amount_read (at, &quota.burst, &at) || *at != '/' ||
                                   !amount_read (at + 1, &quota.rate, &at) || *at)))
        return "is not NAME=BURST/RATE, whole numbers from 1 to 1000000000000, or NAME=0";
    quotas[kind] = quota;
    return NULL;
}

/*  -1, or the exit status.                                                    */
static int quotas_take (options_t *options, const gathered_t *all)
{
    const raw_t *raw = &all->raw[QUOTA];
    for (size_t i = 0; i < raw->count; i++) {
        const char *why = quota_read (options->quotas, raw->values[i]);
        if (why)
            return options_reject (all, QUOTA, raw->values[i], why);
    }
    return -1;
}

/*  --- the others ------------------------------------------------------------  */

static char *data_default (void)
{
    char path[1024] = "";
    const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");
    if (state && *state == '/')
        snprintf (path, sizeof path, "%s/zchatd", state);
    else if (home && *home == '/')
        snprintf (path, sizeof path, "%s/.local/state/zchatd", home);
    return *path ? memory_string (path, strlen (path)) : NULL;
}

static bool truth_read (const char *value, bool *truth)
{
    *truth = strcmp (value, "true") == 0 || strcmp (value, "1") == 0 || strcmp (value, "yes") == 0;
    return *truth || strcmp (value, "false") == 0 || strcmp (value, "0") == 0 ||
           strcmp (value, "no") == 0;
}

static bool level_read (const char *value, log_level_t *level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (unsigned i = 0; i < 4; i++)
        if (strcmp (value, names[i]) == 0) {
            *level = (log_level_t)i;
            return true;
        }
    return false;
}

static bool descriptor_read (const char *value, int *descriptor)
{
    char *end;
    long number = strtol (value, &end, 10);
    if (end == value || *end || number < 0 || number > 65535 || fcntl ((int)number, F_GETFD) < 0)
        return false;
    *descriptor = (int)number;
    return true;
}

/*  --curve, and what makes sense only with it. -1, or the exit status.        */
static int curve_take (options_t *options, const gathered_t *all)
{
    const char *curve = all->raw[CURVE].values[0], *host = all->raw[HOST].values[0];
    const char *admission = all->raw[ADMISSION].values[0];
    const uint8_t key[ADDRESS_KEY_SIZE] = {0};
    char text[ADDRESS_TEXT_MAX + 1];
    if (curve && !truth_read (curve, &options->curve))
        return options_reject (all, CURVE, curve, "is not true or false");
    if (admission && strcmp (admission, "open") != 0 && strcmp (admission, "members") != 0)
        return options_reject (all, ADMISSION, admission, "is not open or members");
    if (admission && !options->curve)
        return options_reject (all, ADMISSION, admission, "means something with --curve only");
    if (host && !options->curve)
        return options_reject (all, HOST, host, "means something with --curve only");
    if (host && address_encode ("tcp://*:5680", host, key, text) != ZCHAT_OK)
        return options_reject (
            all, HOST, host,
            "is not the name or address of a host alone; say chat.example.org, 10.0.0.7 or ::1, "
            "the port is that of the door");
    options->members = admission && strcmp (admission, "members") == 0;
    options->host = host ? memory_string (host, strlen (host)) : NULL;
    return -1;
}

/*  The address of an encrypted broker names a door of tcp.                    */
static int curve_check (const options_t *options)
{
    if (!options->curve)
        return -1;
    for (size_t i = 0; i < options->n_doors; i++)
        if (strncmp (options->doors[i], "tcp://", 6) == 0)
            return -1;
    options_say (
        "with --curve one --door at least is a tcp:// endpoint, for the address names it; add one "
        "such as tcp://127.0.0.1:5680");
    return EX_USAGE;
}

/*  -1, or the exit status.                                                    */
static int scalars_take (options_t *options, const gathered_t *all)
{
    const char *insecure = all->raw[INSECURE].values[0], *format = all->raw[LOG_FORMAT].values[0];
    const char *level = all->raw[LOG_LEVEL].values[0], *descriptor = all->raw[READY_FD].values[0];
    const char *ws = all->raw[WS].values[0];
    if (ws && !truth_read (ws, &options->ws))
        return options_reject (all, WS, ws, "is not true or false");
    if (insecure && !truth_read (insecure, &options->insecure))
        return options_reject (all, INSECURE, insecure, "is not true or false");
    if (format && strcmp (format, "text") != 0 && strcmp (format, "json") != 0)
        return options_reject (all, LOG_FORMAT, format, "is not text or json");
    if (level && !level_read (level, &options->log_level))
        return options_reject (all, LOG_LEVEL, level, "is not debug, info, warning or error");
    if (descriptor && !descriptor_read (descriptor, &options->ready_fd))
        return options_reject (all, READY_FD, descriptor,
                               "is not an open descriptor; open it for zchatd, or leave this out");
    const char *index = all->raw[INDEX].values[0];
    if (index && strcmp (index, "on") != 0 && strcmp (index, "off") != 0)
        return options_reject (all, INDEX, index, "is not on or off");
    options->index = !index || strcmp (index, "on") == 0;
    options->log_json = format && strcmp (format, "json") == 0;
    return -1;
}

static int data_take (options_t *options, gathered_t *all)
{
    raw_t *raw = &all->raw[DATA];
    if (raw->count && !*raw->values[0])
        return options_reject (all, DATA, "", "is not a folder; give its path");
    options->data = raw->count ? raw->values[0] : data_default ();
    raw->values[0] = NULL;
    if (options->data)
        return -1;
    options_say ("no folder for the log: say --data DIR, or set HOME");
    return EX_USAGE;
}

/*  -1, or the exit status.                                                    */
static int metrics_take (options_t *options, const gathered_t *all)
{
    const char *endpoint = all->raw[METRICS].values[0];
    if (!endpoint)
        return -1;
    const char *why = bindable_wrong (endpoint);
    if (!why && strncmp (endpoint, "tcp://", 6) != 0)
        why = "is not of tcp: metrics are served over HTTP alone";
    if (why)
        return options_reject (all, METRICS, endpoint, why);
    options->metrics = bindable_take (endpoint);
    return -1;
}

/*  The first door for other hosts; NULL: there is none.                       */
const char *options_door_beyond (const options_t *options)
{
    for (size_t i = 0; i < options->n_doors; i++)
        if (strncmp (options->doors[i], "tcp://", 6) == 0 &&
            !options_endpoint_local (options->doors[i]))
            return options->doors[i];
    return NULL;
}

/*  -1, or the exit status.                                                    */
static int announce_take (options_t *options, gathered_t *all)
{
    raw_t *raw = &all->raw[ANNOUNCE];
    if (!raw->count)
        return -1;
    if (!*raw->values[0] || strlen (raw->values[0]) > 15)
        return options_reject (all, ANNOUNCE, raw->values[0],
                               "is no interface such as eth0, nor any");
    options->announce = raw->values[0];
    raw->values[0] = NULL;
    return -1;
}

int options_take (options_t *options, gathered_t *all)
{
    int status = scalars_take (options, all);
    if (status < 0)
        status = curve_take (options, all);
    if (status < 0)
        status = endpoints_take (options, all, DOOR, "tcp://127.0.0.1:5680", options->doors,
                                 &options->n_doors);
    if (status < 0)
        status = endpoints_take (options, all, FEED, "tcp://127.0.0.1:5681", options->feeds,
                                 &options->n_feeds);
    if (status < 0)
        status = announced_take (options, all);
    if (status < 0)
        status = curve_check (options);
    if (status < 0)
        status = admins_take (options, all);
    if (status < 0)
        status = quotas_take (options, all);
    if (status < 0)
        status = metrics_take (options, all);
    if (status < 0)
        status = announce_take (options, all);
    if (status < 0)
        status = retain_take (options, all);
    const raw_t *window = &all->raw[EDIT_WINDOW];
    options->edit_window_ms = ZCHAT_EDIT_WINDOW_MS;
    if (status < 0 && window->count && !options_age (window->values[0], &options->edit_window_ms))
        status = options_reject (all, EDIT_WINDOW, window->values[0],
                                 "is not an age (30s, 10m, 12h, 30d)");
    return status < 0 ? data_take (options, all) : status;
}
