/*  options.c - flags, environment, config file                                */
#include "memory.h"
#include "options_private.h"
#include "text.h"
#include "trusted.h"
#include <czmq.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
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
    "  zchatd --retain 30d --retain room:dev=365d\n"
    "                                            one room keeps its messages longer\n"
    "  zchatd check --data /var/lib/zchat        verify the log, of a running broker too\n"
    "  zchatd backup --data /var/lib/zchat DEST  copy it to the new folder DEST, likewise\n"
    "  zchatd token maria --expires 30d          make a token that proves the name maria\n"
    "  zchatd names                              whose names there are, while it is stopped\n"
    "  zchatd status                             how the running broker is\n"
    "\n"
    "Commands, each with --help: status, reload, rooms, users, sessions, kick, ban, unban, close,\n"
    "open, check, backup, restore, export, import, forget, token, names; without one, zchatd "
    "serves.\n"
    "\n"
    "Options:\n"
    "  --door ENDPOINT     where requests come in (repeatable; tcp, ipc, with --ws ws)\n"
    "                      default tcp://127.0.0.1:5680\n"
    "  --feed ENDPOINT     where everything said goes out (repeatable)\n"
    "                      default tcp://127.0.0.1:5681\n"
    "  --announce-feed ENDPOINT\n"
    "                      what clients are told instead of --feed, where they reach it by "
    "another\n"
    "                      way (a tunnel, a mapped port; repeatable); tcp://*:PORT: by the host\n"
    "                      they reach the door by\n"
    "  --announce INTERFACE\n"
    "                      tell the local network of the first tcp door that reaches beyond this\n"
    "                      machine, by a datagram a second on this interface (eth0; any: the "
    "first\n"
    "                      that broadcasts), for zchat find; IPv4\n"
    "  --data DIR          folder of the log\n"
    "                      default $XDG_STATE_HOME/zchatd, else ~/.local/state/zchatd\n"
    "  --retain AGE|SIZE|room:NAME=AGE\n"
    "                      keep messages so long (30s, 10m, 12h, 30d) or the newest so many\n"
    "                      bytes (500M, 10G); room:NAME=AGE for one room; repeatable; default: "
    "keep\n"
    "                      everything\n"
    "  --disk-low SIZE     warn while less than so much of the log's disk is free (500M, 10G);\n"
    "                      default 256M\n"
    "  --edit-window AGE   who said a message may edit it for so long (30s, 10m, 12h, 30d);\n"
    "                      default 1d\n"
    "  --curve             encrypt door and feed; the broker's key is made at first use and kept\n"
    "                      in DIR/broker.key. Who has no key gets nothing\n"
    "  --admission WHOM    with --curve: open admits every key (default), members those in\n"
    "                      DIR/members, a line each, as zchat key prints them; the file is\n"
    "                      read again when it changes\n"
    "  --host HOST         the host named in the address; default: found out\n"
    "  --admin KEY         with --curve: who holds this key may do everything; the public key as\n"
    "                      zchat key prints it (repeatable)\n"
    "  --quota NAME=BURST/RATE\n"
    "                      of messages, bytes, reads, searches, joins, failed, stored,\n"
    "                      strangers: so many at once and so many more a second, for each\n"
    "                      connection and proven name; NAME=0: without bound (repeatable;\n"
    "                      defaults in docs/LIMITS.md)\n"
    "  --index on|off      keep an index of what is said, in DIR/index.db, for SEARCH; default on\n"
    "  --insecure          allow endpoints beyond this machine, without encryption\n"
    "  --ws                allow endpoints ws://, to which every web page can speak\n"
    "  --config FILE       read settings from FILE (ZPL: lines like  door = \"tcp://*:5680\")\n"
    "  --log-format FORMAT text or json; default text\n"
    "  --log-level LEVEL   debug, info, warning or error; default info\n"
    "  --ready-fd N        write the ready line to descriptor N, not to standard output\n"
    "  --metrics ENDPOINT  serve numbers for monitoring over HTTP, such as tcp://127.0.0.1:9680:\n"
    "                      /metrics, /healthz and /readyz. Whoever reaches it reads them\n"
    "  --help, --version\n"
    "\n"
    "Each option NAME is also read from ZCHATD_NAME (ZCHATD_LOG_FORMAT; several values\n"
    "separated by spaces) and from the file; flags win over the environment, it over the file.\n"
    "\n"
    "Once it serves, zchatd prints one line: ready door=ENDPOINT feed=ENDPOINT\n"
    "with the real ports where * was asked for, and with --curve address=zchat://...\n"
    "It stops in order on SIGTERM and SIGINT, and on SIGHUP where it has a terminal, which is "
    "gone\n"
    "then. Without one SIGHUP (as zchatd reload) makes it read its settings anew: the log's\n"
    "format and level, what is retained, quotas, admins and the time to edit change at once, what "
    "else is\n"
    "another is named in the log and waits for a restart.\n"
    "Signals ignored when it is started, as nohup and a script's & do, stay ignored.\n"
    "\n"
    "Exit status: 0 stopped, 64 usage, 65 log damaged, 69 an endpoint cannot be bound,\n"
    "71 the system refused, 73 data folder not usable, 75 data folder in use, 78 config file\n";

enum { VARIABLE_PREFIX = 7, VARIABLE_MAX = 40 }; /* ZCHATD_..., bytes               */

static const struct {
    const char *name;
    bool repeat;
} settings[N_SETTINGS] = {
    [DOOR] = {"door", true},
    [FEED] = {"feed", true},
    [ANNOUNCE_FEED] = {"announce-feed", true},
    [ANNOUNCE] = {"announce", false},
    [DATA] = {"data", false},
    [RETAIN] = {"retain", true},
    [DISK_LOW] = {"disk-low", false},
    [EDIT_WINDOW] = {"edit-window", false},
    [INSECURE] = {"insecure", false},
    [WS] = {"ws", false},
    [CURVE] = {"curve", false},
    [ADMISSION] = {"admission", false},
    [HOST] = {"host", false},
    [ADMIN] = {"admin", true},
    [QUOTA] = {"quota", true},
    [INDEX] = {"index", false},
    [LOG_FORMAT] = {"log-format", false},
    [LOG_LEVEL] = {"log-level", false},
    [READY_FD] = {"ready-fd", false},
    [METRICS] = {"metrics", false},
};

/*  Where what is said goes while a running broker reads its settings; NULL: to standard error. */
static char **heard;

void options_say (const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start (args, format);
    vsnprintf (line, sizeof line, format, args);
    va_end (args);
    if (heard) {
        free (*heard);
        *heard = memory_string (line, strlen (line));
        return;
    }
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

/*  czmq takes a folder for an empty file, and does not tell why it cannot read one. */
static bool file_readable (const char *path)
{
    struct stat stat;
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    bool readable = fd >= 0 && fstat (fd, &stat) == 0;
    if (readable && S_ISDIR (stat.st_mode)) {
        errno = EISDIR;
        readable = false;
    }
    if (!readable)
        options_say ("config file \"%s\" cannot be read: %s; mend it, or give another --config",
                     path, strerror (errno));
    char *why = NULL;
    if (readable && !trusted_stat (path, &stat, trusted_by_file (path), &why)) {
        options_say ("config file %s", why);
        free (why);
        readable = false;
    }
    if (fd >= 0)
        close (fd);
    return readable;
}

static int read_file (raw_t *raw, const char *path)
{
    if (!file_readable (path))
        return EX_CONFIG;
    zconfig_t *root = zconfig_load (path);
    if (!root) {
        options_say ("config file %s is not ZPL: it has lines like  door = \"tcp://*:5680\"", path);
        return EX_CONFIG;
    }
    int status = -1;
    for (zconfig_t *item = zconfig_child (root); item && status < 0; item = zconfig_next (item)) {
        int setting = setting_find (zconfig_name (item));
        const char *value = zconfig_value (item);
        if (setting < 0 || !value || !*value || zconfig_child (item)) {
            options_say (
                "config file %s: %s is not a setting with a value; zchatd --help lists them", path,
                zconfig_name (item));
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
        flags[i] = (struct option){
            settings[i].name,
            i == INSECURE || i == WS || i == CURVE ? no_argument : required_argument, NULL, i + 1};
    flags[CONFIG] = (struct option){"config", required_argument, NULL, CONFIG + 1};
    flags[HELP] = (struct option){"help", no_argument, NULL, HELP + 1};
    flags[VERSION] = (struct option){"version", no_argument, NULL, VERSION + 1};
    int flag;
    opterr = 0;
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1) {
        if (flag == '?' || flag == ':') {
            options_say ("%s %s; zchatd --help lists them", argv[optind - 1],
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

int options_reject (const gathered_t *all, int setting, const char *value, const char *why)
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

/*  Keep the values as they were given, so that two readings can be compared.  */
static char **given_keep (const gathered_t *all)
{
    char **given = memory_zero (N_SETTINGS * sizeof *given);
    for (int i = 0; i < N_SETTINGS; i++) {
        const raw_t *raw = &all->raw[i];
        size_t size = 0;
        for (size_t at = 0; at < raw->count; at++) {
            size_t more = strlen (raw->values[at]);
            given[i] = memory_grow (given[i], size + more + 2);
            memcpy (given[i] + size, raw->values[at], more);
            size += more;
            memcpy (given[i] + size++, "\n", 2);
        }
    }
    return given;
}

int options_again (options_t *options, const options_t *old, char **why)
{
    *why = NULL;
    heard = why;
    optind = 0;
    int status = options_read (options, old->argc, old->argv);
    heard = NULL;
    return status;
}

/*  What a broker that serves can take.                                        */
static bool applies_at_once (int setting)
{
    return setting == LOG_FORMAT || setting == LOG_LEVEL || setting == RETAIN ||
           setting == DISK_LOW || setting == QUOTA || setting == ADMIN || setting == EDIT_WINDOW;
}

char *options_differ (const options_t *options, const options_t *old, bool at_once)
{
    char *names = memory_string ("", 0);
    size_t size = 0;
    for (int i = 0; i < N_SETTINGS; i++) {
        const char *is = options->given[i], *was = old->given[i];
        if (applies_at_once (i) != at_once || (!is && !was) || (is && was && strcmp (is, was) == 0))
            continue;
        size_t more = strlen (settings[i].name) + 1;
        names = memory_grow (names, size + more + 1);
        size +=
            (size_t)snprintf (names + size, more + 1, "%s%s", size ? " " : "", settings[i].name);
    }
    return names;
}

int options_read (options_t *options, int argc, char **argv)
{
    gathered_t all = {.config = getenv ("ZCHATD_CONFIG")};
    *options = (options_t){.ready_fd = STDOUT_FILENO,
                           .log_level = LEVEL_INFO,
                           .index = true,
                           .argc = argc,
                           .argv = argv};
    memcpy (options->quotas, quota_defaults (), sizeof options->quotas);
    int status = read_flags (all.raw, &all.config, argc, argv);
    if (status < 0)
        status = read_environment (all.raw);
    if (status < 0 && all.config)
        status = read_file (all.raw, all.config);
    options->given = given_keep (&all);
    if (status < 0)
        status = options_take (options, &all);
    for (int i = 0; i < N_SETTINGS; i++)
        for (size_t at = 0; at < all.raw[i].count; at++)
            free (all.raw[i].values[at]);
    return status;
}

/*  The folder a broker with these settings would serve: so environment and config file
    are read by the same code.                                                 */
int options_command (options_t *options, char *data_value, char *config_value)
{
    static char name[] = "zchatd", data[] = "--data", config[] = "--config";
    char *argv[6] = {name};
    int argc = 1;
    if (data_value) {
        argv[argc++] = data;
        argv[argc++] = data_value;
    }
    if (config_value) {
        argv[argc++] = config;
        argv[argc++] = config_value;
    }
    optind = 0;
    return options_read (options, argc, argv);
}

void options_free (options_t *options)
{
    for (size_t i = 0; i < OPTIONS_ENDPOINTS_MAX; i++) {
        free (options->doors[i]);
        free (options->feeds[i]);
        free (options->announced[i]);
        free (options->admins[i]);
    }
    for (int i = 0; options->given && i < N_SETTINGS; i++)
        free (options->given[i]);
    free (options->given);
    free (options->data);
    free (options->host);
    free (options->metrics);
    free (options->announce);
}
