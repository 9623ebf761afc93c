/*  options.c - the command line of zchat-web                                    */
#include "options.h"
#include "guard.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include "urltext.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <sodium.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static const char s_help[] =
    "Examples:\n"
    "  zchat-web                                    for this machine: http://127.0.0.1:8080\n"
    "  zchat-web --host chat.example.org            behind a reverse proxy of that name\n"
    "  zchat-web --listen 0.0.0.0:443 --cert chat.pem --key chat.key --host chat.example.org\n"
    "  zchat-web --hook dev=https://ci.example.org/zchat --state /var/lib/zchat-web\n"
    "\n"
    "Usage: zchat-web [--listen ADDRESS:PORT] [-e ENDPOINT] ...\n"
    "\n"
    "A door to a broker for browsers, curl and webhooks. It is a client of the broker: people "
    "come\n"
    "with a name and a token (zchatd token), guests read what is public. What it speaks stands in\n"
    "docs/HTTP.md. It ends with SIGINT or SIGTERM.\n"
    "\n"
    "  --listen ADDRESS:PORT    where it listens (127.0.0.1:8080)\n"
    "  -e, --endpoint ENDPOINT  the broker's door, tcp://HOST:PORT or ipc://PATH; or its address,\n"
    "                           zchat://HOST:PORT/KEY (ZCHAT_ENDPOINT, else tcp://127.0.0.1:5680)\n"
    "  --feed ENDPOINT          the broker's feed, where it names one that cannot be reached\n"
    "  --host NAME              a name by which browsers reach it, may be repeated; numbers and\n"
    "                           localhost are always allowed\n"
    "  --allow-origin ORIGIN    pages of this origin (https://HOST) may use it too, may be "
    "repeated\n"
    "  --free-names             let people without a token have a name that is free\n"
    "  --tokens FILE            the broker's file of tokens (DIR/tokens), which says whose a "
    "token\n"
    "                           is that comes without a name\n"
    "  --cert FILE              speak TLS with this certificate, and those that vouch for it\n"
    "  --key FILE               the certificate's key, which only its owner may read\n"
    "  --insecure               let tokens cross a network unencrypted: listen beyond this "
    "machine\n"
    "                           without --cert, or reach a broker there by tcp://\n"
    "  --hook ROOM=URL          POST each event of a room there, may be repeated (needs --state)\n"
    "  --state FOLDER           where it is kept how far each hook has come\n"
    "  --hook-secret FILE       signs what is sent to hooks: a file only its owner may read\n"
    "  --nick NAME              the hooks read under this name (default: as a guest)\n"
    "  --token-file FILE        the token of this name, from a file only its owner may read\n"
    "  --ready-fd FD            write a line there once it listens\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n"
    "Exit status: 0 ended by a signal, 64 usage, 65 bad input, 71 system error, 77 refused.\n";

void options_say (const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start (args, format);
    if (vasprintf (&text, format, args) < 0)
        memory_check (NULL);
    va_end (args);
    char *shown = text_display (frame_str (text), TEXT_LINE, NULL);
    fprintf (stderr, "zchat-web: %s\n", shown);
    free (shown);
    free (text);
}

static int usage (const char *text, const char *value)
{
    options_say ("%s: %s; see zchat-web --help", value, text);
    return OUTCOME_USAGE;
}

char *options_file (const char *path, size_t max, bool private_only)
{
    struct stat info;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    size_t size = 0;
    ssize_t got = 1;

    if (fd < 0 || fstat (fd, &info) != 0)
        options_say ("%s cannot be read: %s", path, strerror (errno));
    else if (!S_ISREG (info.st_mode))
        options_say ("%s is not a file", path);
    else if (private_only && (info.st_mode & (S_IRWXG | S_IRWXO)))
        options_say ("%s is open to others (mode %04o); chmod 600 it", path,
                     (unsigned)(info.st_mode & 07777));
    else if ((size_t)info.st_size > max)
        options_say ("%s has more than %zu bytes", path, max);
    else {
        text = memory_zero (max + 1);
        while (size < max && (got = read (fd, text + size, max - size)) > 0)
            size += (size_t)got;
    }
    if (text && got < 0) {
        options_say ("%s cannot be read: %s", path, strerror (errno));
        free (text);
        text = NULL;
    }
    if (fd >= 0)
        close (fd);
    return text;
}

/*  ADDRESS:PORT, both numbers.                                                  */
static bool listen_read (options_t *options)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char *text = memory_string (options->listen, strlen (options->listen));
    char *port = strrchr (text, ':'), *host = text;
    bool good = false;

    if (port && port != text) {
        *port++ = '\0';
        if (*host == '[' && host[strlen (host) - 1] == ']') {
            host[strlen (host) - 1] = '\0';
            host++;
        }
        good = getaddrinfo (host, port, &hints, &found) == 0;
    }
    if (good) {
        memcpy (&options->address, found->ai_addr, found->ai_addrlen);
        freeaddrinfo (found);
    }
    free (text);
    return good;
}

static bool listens_here (const options_t *options)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)&options->address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&options->address;

    if (options->address.ss_family == AF_INET)
        return ntohl (four->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK (&six->sin6_addr);
}

/*  True where nothing on the way to the broker can be read by others.          */
static bool stays_here (const char *endpoint)
{
    const char *host = endpoint + 6;

    if (strncmp (endpoint, "tcp://", 6) != 0)
        return strncmp (endpoint, "ipc://", 6) == 0 || strncmp (endpoint, "zchat://", 8) == 0;
    if (strncmp (host, "localhost:", 10) == 0 || strncmp (host, "[::1]:", 6) == 0)
        return true;
    return strncmp (host, "127.", 4) == 0 && host[strspn (host, "0123456789.")] == ':';
}

static int hook_read (options_t *options, char *value)
{
    char *url = strchr (value, '=');

    if (options->n_hooks == OPTIONS_LIST_MAX)
        return usage ("64 at most", "--hook");
    if (!url || (strncmp (url + 1, "http://", 7) != 0 && strncmp (url + 1, "https://", 8) != 0))
        return usage ("a hook is ROOM=URL, by http or https", value);
    *url++ = '\0';
    if (strcmp (value, "@") != 0 && name_check (frame_str (value), NULL, NULL) != ZCHAT_OK)
        return usage ("this is no name of a room", value);
    options->hooks[options->n_hooks++] = (options_hook_t){value, url};
    return -1;
}

static int list_add (const char *const name, const char **list, size_t *count, const char *value)
{
    if (*count == OPTIONS_LIST_MAX)
        return usage ("64 at most", name);
    list[(*count)++] = value;
    return -1;
}

enum {
    OPT_LISTEN = 256,
    OPT_FEED,
    OPT_HOST,
    OPT_ORIGIN,
    OPT_FREE,
    OPT_CERT,
    OPT_KEY,
    OPT_INSECURE,
    OPT_HOOK,
    OPT_STATE,
    OPT_TOKENS,
    OPT_SECRET,
    OPT_NICK,
    OPT_TOKEN,
    OPT_READY
};

static const struct option s_options[] = {{"listen", required_argument, NULL, OPT_LISTEN},
                                          {"endpoint", required_argument, NULL, 'e'},
                                          {"feed", required_argument, NULL, OPT_FEED},
                                          {"host", required_argument, NULL, OPT_HOST},
                                          {"allow-origin", required_argument, NULL, OPT_ORIGIN},
                                          {"free-names", no_argument, NULL, OPT_FREE},
                                          {"tokens", required_argument, NULL, OPT_TOKENS},
                                          {"cert", required_argument, NULL, OPT_CERT},
                                          {"key", required_argument, NULL, OPT_KEY},
                                          {"insecure", no_argument, NULL, OPT_INSECURE},
                                          {"hook", required_argument, NULL, OPT_HOOK},
                                          {"state", required_argument, NULL, OPT_STATE},
                                          {"hook-secret", required_argument, NULL, OPT_SECRET},
                                          {"nick", required_argument, NULL, OPT_NICK},
                                          {"token-file", required_argument, NULL, OPT_TOKEN},
                                          {"ready-fd", required_argument, NULL, OPT_READY},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {0}};

/*  What is read in the end, when all is known.                                 */
typedef struct {
    const char *secret, *nick, *token;
} files_t;

static int option_take (options_t *options, files_t *files, int option)
{
    unsigned long long number;

    switch (option) {
    case OPT_LISTEN:
        options->listen = optarg;
        break;
    case 'e':
        options->endpoint = optarg;
        break;
    case OPT_FEED:
        options->feed = optarg;
        break;
    case OPT_HOST:
        return list_add ("--host", options->hosts, &options->n_hosts, optarg);
    case OPT_ORIGIN:
        if (!guard_is_origin (optarg))
            return usage ("an origin is https://HOST or http://HOST, without anything behind",
                          optarg);
        return list_add ("--allow-origin", options->origins, &options->n_origins, optarg);
    case OPT_FREE:
        options->free_names = true;
        break;
    case OPT_TOKENS:
        options->tokens = optarg;
        break;
    case OPT_CERT:
        options->cert = optarg;
        break;
    case OPT_KEY:
        options->key = optarg;
        break;
    case OPT_INSECURE:
        options->insecure = true;
        break;
    case OPT_HOOK:
        return hook_read (options, optarg);
    case OPT_STATE:
        options->state = optarg;
        break;
    case OPT_SECRET:
        files->secret = optarg;
        break;
    case OPT_NICK:
        files->nick = optarg;
        break;
    case OPT_TOKEN:
        files->token = optarg;
        break;
    case OPT_READY:
        if (!urltext_number (optarg, &number, NULL) || number > 1023)
            return usage ("no descriptor", optarg);
        options->ready_fd = (int)number;
        break;
    case 'h':
        fputs (s_help, stdout);
        return fflush (stdout) == 0 ? OUTCOME_OK : OUTCOME_SYSTEM;
    case 'V':
        printf ("zchat-web %s\n", ZCHAT_VERSION);
        return fflush (stdout) == 0 ? OUTCOME_OK : OUTCOME_SYSTEM;
    default:
        fputs ("zchat-web: see zchat-web --help\n", stderr);
        return OUTCOME_USAGE;
    }
    return -1;
}

/*  NAME and its token become what a request of this name would say.             */
static int credential_take (options_t *options, const files_t *files)
{
    char *text = options_file (files->token, 4096, true), *header;
    bool good;

    if (!text)
        return OUTCOME_SYSTEM;
    char *line = strtok (text, "\n");
    while (line && *line == '#')
        line = strtok (NULL, "\n");
    buffer_t made = {0};
    buffer_string (&made, "Bearer ");
    urltext_encode (&made, files->nick);
    buffer_format (&made, ":%s", line ? line : "");
    header = buffer_take (&made);
    good = credential_read (header, &options->credential) && options->credential.proves &&
           *options->credential.name;
    sodium_memzero (header, strlen (header));
    free (header);
    sodium_memzero (text, 4096);
    free (text);
    if (!good) {
        options_say ("%s holds no token: one line of 64 hex digits is wanted", files->token);
        return OUTCOME_DATA;
    }
    return -1;
}

static int options_check (options_t *options, const files_t *files)
{
    if (!listen_read (options))
        return usage ("--listen wants ADDRESS:PORT, both numbers", options->listen);
    if (strncmp (options->endpoint, "tcp://", 6) != 0 &&
        strncmp (options->endpoint, "ipc://", 6) != 0 &&
        strncmp (options->endpoint, "zchat://", 8) != 0)
        return usage ("the endpoint begins with tcp://, ipc:// or zchat://", options->endpoint);
    if (!options->cert != !options->key)
        return usage ("both are wanted", "--cert, --key");
    if (options->n_hooks && !options->state)
        return usage ("a hook wants a folder where it is kept how far it has come", "--state");
    if (!files->nick != !files->token)
        return usage ("both are wanted", "--nick, --token-file");
    if (!options->insecure && !options->cert && !listens_here (options)) {
        options_say ("%s is not of this machine alone, and tokens would cross the network as they "
                     "are: give --cert and --key, let a proxy do it, or say --insecure",
                     options->listen);
        return OUTCOME_REFUSED;
    }
    if (!options->insecure && !stays_here (options->endpoint)) {
        options_say ("%s is not encrypted, and tokens would cross the network as they are: give "
                     "the broker's address, zchat://HOST:PORT/KEY, or say --insecure",
                     options->endpoint);
        return OUTCOME_REFUSED;
    }
    if (files->secret) {
        options->hook_secret = options_file (files->secret, 4096, true);
        if (!options->hook_secret)
            return OUTCOME_SYSTEM;
        options->hook_secret[strcspn (options->hook_secret, "\r\n")] = '\0';
        if (strlen (options->hook_secret) < 16) {
            options_say ("%s: a secret has 16 characters at least, in one line", files->secret);
            return OUTCOME_DATA;
        }
    }
    return files->nick ? credential_take (options, files) : -1;
}

int options_read (options_t *options, int argc, char **argv)
{
    files_t files = {0};
    const char *endpoint = getenv ("ZCHAT_ENDPOINT");
    int option, status;

    *options = (options_t){.listen = "127.0.0.1:8080",
                           .endpoint = endpoint && *endpoint ? endpoint : "tcp://127.0.0.1:5680",
                           .ready_fd = -1};
    while ((option = getopt_long (argc, argv, "e:hV", s_options, NULL)) != -1) {
        status = option_take (options, &files, option);
        if (status >= 0)
            return status;
    }
    if (optind < argc)
        return usage ("not understood", argv[optind]);
    return options_check (options, &files);
}

void options_free (options_t *options)
{
    if (options->hook_secret)
        sodium_memzero (options->hook_secret, strlen (options->hook_secret));
    free (options->hook_secret);
    sodium_memzero (&options->credential, sizeof options->credential);
}
