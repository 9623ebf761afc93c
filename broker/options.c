/*  options.c - flags, environment, config file                                */
#include "options.h"
#include "address.h"
#include "memory.h"
#include "text.h"
#include <czmq.h>
#include <getopt.h>
#include <sysexits.h>

static const char help_text[] =
    "zchatd - the zchat broker\n"
    "\n"
    "Examples:\n"
    "  zchatd                                    serve this machine, log in the state folder\n"
    "  zchatd --data /var/lib/zchat              keep the log there\n"
    "  zchatd --door ipc:///run/zchat/door --feed ipc:///run/zchat/feed\n"
    "  zchatd --curve --door 'tcp://*:5680' --feed 'tcp://*:5681'\n"
    "                                            serve other hosts, encrypted; prints the address\n"
    "                                            that clients need, zchat://HOST:PORT/KEY\n"
    "  zchatd --insecure --door 'tcp://*:5680' --feed 'tcp://*:5681'\n"
    "                                            the same, unencrypted\n"
    "  zchatd --retain 30d --retain 10G          forget what is older, or what is too much\n"
    "  zchatd check --data /var/lib/zchat        verify the log, of a running broker too\n"
    "  zchatd backup --data /var/lib/zchat DEST  copy it to the new folder DEST, likewise\n"
    "\n"
    "Commands (each with --help): check, backup; without one, zchatd serves.\n"
    "\n"
    "Options:\n"
    "  --door ENDPOINT     where requests come in (repeatable; tcp, ipc, ws)\n"
    "                      default tcp://127.0.0.1:5680\n"
    "  --feed ENDPOINT     where everything said goes out (repeatable)\n"
    "                      default tcp://127.0.0.1:5681\n"
    "  --data DIR          folder of the log\n"
    "                      default $XDG_STATE_HOME/zchatd, else ~/.local/state/zchatd\n"
    "  --retain AGE|SIZE   keep messages so long (30s, 10m, 12h, 30d) or the newest so many\n"
    "                      bytes (500M, 10G); repeatable; default: keep everything\n"
    "  --curve             encrypt door and feed; the broker's key is made at first use and kept\n"
    "                      in DIR/broker.key. Who has no key gets nothing\n"
    "  --admission WHOM    with --curve: open admits every key (default), members those in\n"
    "                      DIR/members, a line each, as zchat key prints them; the file is\n"
    "                      read again when it changes\n"
    "  --host HOST         the host named in the address; default: found out\n"
    "  --insecure          allow endpoints beyond this machine, without encryption\n"
    "  --config FILE       read settings from FILE (ZPL: lines like  door = \"tcp://*:5680\")\n"
    "  --log-format FORMAT text or json; default text\n"
    "  --log-level LEVEL   debug, info, warning or error; default info\n"
    "  --ready-fd N        write the ready line to descriptor N, not to standard output\n"
    "  --help, --version\n"
    "\n"
    "Each option NAME is also read from ZCHATD_NAME (ZCHATD_LOG_FORMAT; several endpoints\n"
    "separated by spaces) and from the file; flags win over the environment, it over the file.\n"
    "\n"
    "Once it serves, zchatd prints one line: ready door=ENDPOINT feed=ENDPOINT\n"
    "with the real ports where * was asked for, and with --curve address=zchat://... It stops on "
    "SIGTERM and SIGINT.\n"
    "\n"
    "Exit status: 0 stopped, 64 usage, 65 log damaged, 69 an endpoint cannot be bound,\n"
    "71 the system refused, 73 data folder not usable, 75 data folder in use, 78 config file\n";

enum { VARIABLE_PREFIX = 7, VARIABLE_MAX = 40 }; /* ZCHATD_..., bytes               */
enum {
    DOOR,
    FEED,
    DATA,
    RETAIN,
    INSECURE,
    CURVE,
    ADMISSION,
    HOST,
    LOG_FORMAT,
    LOG_LEVEL,
    READY_FD,
    N_SETTINGS
};

static const struct {
    const char *name;
    bool repeat;
} settings[N_SETTINGS] = {
    [DOOR] = {"door", true},
    [FEED] = {"feed", true},
    [DATA] = {"data", false},
    [RETAIN] = {"retain", true},
    [INSECURE] = {"insecure", false},
    [CURVE] = {"curve", false},
    [ADMISSION] = {"admission", false},
    [HOST] = {"host", false},
    [LOG_FORMAT] = {"log-format", false},
    [LOG_LEVEL] = {"log-level", false},
    [READY_FD] = {"ready-fd", false},
};

/*  Where a value came from; a higher source replaces all of a lower one.      */
typedef enum { FROM_NOWHERE, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAGS } source_t;

typedef struct {
    char *values[OPTIONS_ENDPOINTS_MAX];
    size_t count;
    source_t source;
} raw_t;

typedef struct {
    raw_t raw[N_SETTINGS];
    const char *config; /* the file, or NULL                                     */
} gathered_t;

void options_say (const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start (args, format);
    vsnprintf (line, sizeof line, format, args);
    va_end (args);
    char *shown = text_display (frame_str (line), TEXT_LINE, NULL);
    fprintf (stderr, "zchatd: %s\n", shown);
    free (shown);
}

/*  --- gathering -------------------------------------------------------------  */

static bool raw_add (raw_t *raw, int setting, const char *value, size_t size, source_t source)
{
    raw_t *to = &raw[setting];
    if (source < to->source)
        return true;
    if (source > to->source || !settings[setting].repeat) {
        while (to->count)
            free (to->values[--to->count]);
        to->source = source;
    }
    if (to->count == OPTIONS_ENDPOINTS_MAX) {
        options_say ("more than %d times %s; leave some out", OPTIONS_ENDPOINTS_MAX,
                     settings[setting].name);
        return false;
    }
    to->values[to->count++] = memory_string (value, size);
    return true;
}

static int setting_find (const char *name)
{
    for (int i = 0; i < N_SETTINGS; i++)
        if (strcmp (settings[i].name, name) == 0)
            return i;
    return -1;
}

static int read_file (raw_t *raw, const char *path)
{
    zconfig_t *root = zconfig_load (path);
    if (!root) {
        options_say (
            "config file %s cannot be read, or is not ZPL (lines like: door = \"tcp://*:5680\")",
            path);
        return EX_CONFIG;
    }
    int status = -1;
    for (zconfig_t *item = zconfig_child (root); item && status < 0; item = zconfig_next (item)) {
        int setting = setting_find (zconfig_name (item));
        const char *value = zconfig_value (item);
        if (setting < 0 || !value || !*value || zconfig_child (item)) {
            options_say ("config file %s: %s is not a setting with a value; see zchatd --help",
                         path, zconfig_name (item));
            status = EX_CONFIG;
        } else if (!raw_add (raw, setting, value, strlen (value), FROM_FILE))
            status = EX_CONFIG;
    }
    zconfig_destroy (&root);
    return status;
}

/*  The words of a value, separated by spaces.                                 */
static bool raw_add_words (raw_t *raw, int setting, const char *value, source_t source)
{
    if (!settings[setting].repeat)
        return raw_add (raw, setting, value, strlen (value), source);
    for (value += strspn (value, " "); *value; value += strspn (value, " ")) {
        size_t size = strcspn (value, " ");
        if (!raw_add (raw, setting, value, size, source))
            return false;
        value += size;
    }
    return true;
}

/*  The environment's name of a setting, written to buffer of VARIABLE_MAX.    */
static const char *variable_name (char *buffer, int setting)
{
    size_t at = 0;
    memset (buffer, 0, VARIABLE_MAX);
    memcpy (buffer, "ZCHATD_", VARIABLE_PREFIX);
    for (const char *name = settings[setting].name; name[at]; at++)
        buffer[VARIABLE_PREFIX + at] = (char)(name[at] == '-' ? '_' : name[at] - 'a' + 'A');
    return buffer;
}

static int read_environment (raw_t *raw)
{
    for (int i = 0; i < N_SETTINGS; i++) {
        char name[VARIABLE_MAX];
        variable_name (name, i);
        const char *value = getenv (name);
        if (value && !raw_add_words (raw, i, value, FROM_ENVIRONMENT))
            return EX_USAGE;
    }
    return -1;
}

static int read_flags (raw_t *raw, const char **config, int argc, char **argv)
{
    enum { CONFIG = N_SETTINGS, HELP, VERSION };
    struct option flags[N_SETTINGS + 4] = {{0}};
    for (int i = 0; i < N_SETTINGS; i++)
        flags[i] = (struct option){settings[i].name,
                                   i == INSECURE || i == CURVE ? no_argument : required_argument,
                                   NULL, i + 1};
    flags[CONFIG] = (struct option){"config", required_argument, NULL, CONFIG + 1};
    flags[HELP] = (struct option){"help", no_argument, NULL, HELP + 1};
    flags[VERSION] = (struct option){"version", no_argument, NULL, VERSION + 1};
    int flag;
    opterr = 0;
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1) {
        if (flag == '?' || flag == ':') {
            options_say ("%s %s; see zchatd --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
        if (flag == HELP + 1) {
            fputs (help_text, stdout);
            return EX_OK;
        }
        if (flag == VERSION + 1) {
            puts ("zchatd " ZCHAT_VERSION);
            return EX_OK;
        }
        const char *value = optarg ? optarg : "true";
        if (flag == CONFIG + 1)
            *config = value;
        else if (!raw_add (raw, flag - 1, value, strlen (value), FROM_FLAGS))
            return EX_USAGE;
    }
    if (optind < argc) {
        options_say ("%s is not an option; see zchatd --help", argv[optind]);
        return EX_USAGE;
    }
    return -1;
}

/*  --- meaning ---------------------------------------------------------------  */

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

/*  PORT or PORT/PATH; libzmq would take 99999 for 34463.                      */
static bool port_known (const char *port)
{
    size_t digits = strspn (port, "0123456789");
    if (*port == '*')
        digits = 1;
    else if (digits == 0 || digits > 5 || strtoul (port, NULL, 10) > 65535)
        return false;
    return port[digits] == '\0' || port[digits] == '/';
}

static bool endpoint_known (const char *endpoint)
{
    if (strncmp (endpoint, "ipc://", 6) == 0)
        return endpoint[6] != '\0';
    const char *host = strncmp (endpoint, "tcp://", 6) == 0  ? endpoint + 6
                       : strncmp (endpoint, "ws://", 5) == 0 ? endpoint + 5
                                                             : NULL;
    /*  The port follows the last colon that is not part of an IPv6 address.   */
    const char *bracket = host ? strchr (host, ']') : NULL;
    const char *colon = host ? strchr (bracket ? bracket : host, ':') : NULL;
    return colon && colon > host && port_known (colon + 1);
}

/*  Say what is wrong with a value, and where it came from. Returns the exit status. */
static int reject (const gathered_t *all, int setting, const char *value, const char *why)
{
    const raw_t *raw = &all->raw[setting];
    char variable[VARIABLE_MAX];
    if (raw->source == FROM_FILE)
        options_say ("config file %s: %s \"%s\" %s", all->config, settings[setting].name, value,
                     why);
    else if (raw->source == FROM_ENVIRONMENT)
        options_say ("%s \"%s\" %s", variable_name (variable, setting), value, why);
    else
        options_say ("--%s \"%s\" %s", settings[setting].name, value, why);
    return raw->source == FROM_FILE ? EX_CONFIG : EX_USAGE;
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
        if (!endpoint_known (endpoint))
            return reject (all, setting, endpoint,
                           "is not an endpoint; it looks like tcp://HOST:PORT, ipc://PATH or "
                           "ws://HOST:PORT");
        if (!options_endpoint_local (endpoint) && !options->insecure && !options->curve)
            return reject (all, setting, endpoint,
                           "can be reached from other hosts, and nothing said there is encrypted; "
                           "say --curve, bind 127.0.0.1 or ipc, or say --insecure");
        list[i] = raw->values[i];
        raw->values[i] = NULL;
    }
    *count = raw->count;
    raw->count = 0;
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
    if (errno || end == value || *value == '-' || number == 0 || number > 1000000000 || !*end ||
        end[1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (*end == units[i].unit) {
            *(units[i].age ? &retain->age_ms : &retain->bytes) = number * units[i].factor;
            return true;
        }
    return false;
}

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
        return reject (all, CURVE, curve, "is not true or false");
    if (admission && strcmp (admission, "open") != 0 && strcmp (admission, "members") != 0)
        return reject (all, ADMISSION, admission, "is not open or members");
    if (admission && !options->curve)
        return reject (all, ADMISSION, admission, "means something with --curve only");
    if (host && !options->curve)
        return reject (all, HOST, host, "means something with --curve only");
    if (host && address_encode ("tcp://*:5680", host, key, text) != ZCHAT_OK)
        return reject (all, HOST, host, "is not a name or an address");
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
    options_say ("with --curve one door at least is a tcp:// endpoint");
    return EX_USAGE;
}

/*  -1, or the exit status.                                                    */
static int scalars_take (options_t *options, const gathered_t *all)
{
    const char *insecure = all->raw[INSECURE].values[0], *format = all->raw[LOG_FORMAT].values[0];
    const char *level = all->raw[LOG_LEVEL].values[0], *descriptor = all->raw[READY_FD].values[0];
    if (insecure && !truth_read (insecure, &options->insecure))
        return reject (all, INSECURE, insecure, "is not true or false");
    if (format && strcmp (format, "text") != 0 && strcmp (format, "json") != 0)
        return reject (all, LOG_FORMAT, format, "is not text or json");
    if (level && !level_read (level, &options->log_level))
        return reject (all, LOG_LEVEL, level, "is not debug, info, warning or error");
    if (descriptor && !descriptor_read (descriptor, &options->ready_fd))
        return reject (all, READY_FD, descriptor, "is not an open descriptor");
    options->log_json = format && strcmp (format, "json") == 0;
    return -1;
}

static int data_take (options_t *options, gathered_t *all)
{
    raw_t *raw = &all->raw[DATA];
    if (raw->count && !*raw->values[0])
        return reject (all, DATA, "", "is not a folder");
    options->data = raw->count ? raw->values[0] : data_default ();
    raw->values[0] = NULL;
    if (options->data)
        return -1;
    options_say ("no folder for the log: say --data DIR, or set HOME");
    return EX_USAGE;
}

static int take (options_t *options, gathered_t *all)
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
        status = curve_check (options);
    const raw_t *retain = &all->raw[RETAIN];
    for (size_t i = 0; status < 0 && i < retain->count; i++)
        if (!retain_read (&options->retain, retain->values[i]))
            status = reject (all, RETAIN, retain->values[i],
                             "is not an age (30s, 10m, 12h, 30d) or a size (500M, 10G)");
    return status < 0 ? data_take (options, all) : status;
}

int options_read (options_t *options, int argc, char **argv)
{
    gathered_t all = {.config = getenv ("ZCHATD_CONFIG")};
    *options = (options_t){.ready_fd = STDOUT_FILENO, .log_level = LEVEL_INFO};
    int status = read_flags (all.raw, &all.config, argc, argv);
    if (status < 0)
        status = read_environment (all.raw);
    if (status < 0 && all.config)
        status = read_file (all.raw, all.config);
    if (status < 0)
        status = take (options, &all);
    for (int i = 0; i < N_SETTINGS; i++)
        for (size_t at = 0; at < all.raw[i].count; at++)
            free (all.raw[i].values[at]);
    return status;
}

void options_free (options_t *options)
{
    for (size_t i = 0; i < OPTIONS_ENDPOINTS_MAX; i++) {
        free (options->doors[i]);
        free (options->feeds[i]);
    }
    free (options->data);
    free (options->host);
}
