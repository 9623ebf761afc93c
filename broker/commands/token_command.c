/*  token_command.c - zchatd token: making, listing and revoking the tokens of names */
#include "token_command.h"
#include "admission/tokens.h"
#include "config/options.h"
#include "keys_drop.h"
#include "memory.h"
#include "token_file.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <sysexits.h>
#include <time.h>

static const char help_text[] =
    "zchatd token - tokens that prove a name to the broker\n"
    "\n"
    "Examples:\n"
    "  zchatd token maria                        make one for the name maria, and print it\n"
    "  zchatd token build-bot --expires 30d      one that is right for 30 days\n"
    "  zchatd token maria >maria.token           into a file; what else is said is not in it\n"
    "  zchatd token --list                       which there are: name, id, made, expires\n"
    "  zchatd token --revoke 3f9a01bc            that one is wrong from now on\n"
    "  zchatd token --revoke maria --and-keys    all tokens of the name, and all keys that open "
    "it\n"
    "\n"
    "Options:\n"
    "  --expires AGE  from then on it is wrong (30s, 10m, 12h, 30d); default: never\n"
    "  --list         no hash and no token is shown\n"
    "  --revoke ID    the id that --list shows\n"
    "  --and-keys     with --revoke ID or --revoke NAME: no key opens the name any more either;\n"
    "                 the broker must be stopped for it\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "A token is 64 hex digits, shown once: the file DIR/tokens holds only its hash. The broker\n"
    "may be running, and takes note at once. A name that has a token is kept for those who have\n"
    "one, also when all of them have expired; several may be made for one name. Connections that\n"
    "a token opened stay until they end. A key that came with a token opens the name from then "
    "on,\n"
    "also when the token is revoked: to lock out a machine that used it, revoke with --and-keys.\n"
    "The name then stays with its other tokens; make one for who is to have it.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 a line of the file is no token's, or there are too many,\n"
    "66 no such folder or id, 71 the file cannot be read, 73 it cannot be made, 74 it or the\n"
    "result cannot be written, 75 --and-keys while the broker runs, 78 config file\n";

#define MADE "made=" /* in a remark, with the time behind it                            */

enum {
    ID_SIZE = 4, /* bytes of a new id, before they are hex                      */
    TIME_MAX = 32,
};

typedef struct {
    bool list;
    bool and_keys;
    char *revoke;     /* --revoke, or NULL; of argv                                */
    char *data;       /* --data, or NULL; of argv                                  */
    char *config;     /* --config, or NULL; of argv                                */
    const char *name; /* of the token to make; of argv, or composed                */
    char composed[ZCHAT_NAME_MAX + 1];
    bool expires;    /* --expires was given                                       */
    uint64_t age_ms; /* and what it said                                          */
} command_t;

bool token_asked (int argc, char **argv)
{
    return argc > 1 && strcmp (argv[1], "token") == 0;
}

/*  --- arguments -------------------------------------------------------------  */

static int usage (const char *why)
{
    options_say ("%s; see zchatd token --help", why);
    return EX_USAGE;
}

/*  -1, or the exit status: whether the arguments make sense together.         */
static int command_check (const command_t *command, int words)
{
    const char *why = NULL;
    if (command->list && command->revoke)
        return usage ("--list and --revoke are two commands");
    if (command->and_keys && !command->revoke)
        return usage ("--and-keys goes with --revoke ID or --revoke NAME");
    if ((command->list || command->revoke) && (words || command->expires))
        return usage ("--list and --revoke take no name and no --expires");
    if (command->list || command->revoke)
        return -1;
    if (!words)
        return usage ("token wants the name it is to prove: zchatd token NAME");
    if (strcmp (command->name, "list") == 0 || strcmp (command->name, "revoke") == 0)
        return usage ("list and revoke are options, --list and --revoke ID, and no names");
    if (words > 1)
        return usage ("one name at a time");
    if (name_check (frame_str (command->name), NULL, &why) != ZCHAT_OK) {
        options_say ("\"%s\" is not a name: %s", command->name, why);
        return EX_USAGE;
    }
    return -1;
}

/*  Returns -1, or the exit status. argv[0] is the command.                    */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {
        {"data", required_argument, NULL, 'd'},    {"config", required_argument, NULL, 'c'},
        {"expires", required_argument, NULL, 'e'}, {"list", no_argument, NULL, 'l'},
        {"revoke", required_argument, NULL, 'r'},  {"and-keys", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1)
        switch (flag) {
        case 'd':
            command->data = optarg;
            break;
        case 'c':
            command->config = optarg;
            break;
        case 'e':
            command->expires = true;
            if (!options_age (optarg, &command->age_ms)) {
                options_say ("--expires \"%s\" is not an age (30s, 10m, 12h, 30d)", optarg);
                return EX_USAGE;
            }
            break;
        case 'l':
            command->list = true;
            break;
        case 'r':
            command->revoke = optarg;
            break;
        case 'k':
            command->and_keys = true;
            break;
        case 'h':
            fputs (help_text, stdout);
            return EX_OK;
        default:
            options_say ("%s %s; see zchatd token --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
    command->name = argv[optind];
    frame_t name = name_compose (frame_str (command->name ? command->name : ""), command->composed);
    if (name.data == command->composed) {
        command->composed[name.size] = '\0';
        command->name = command->composed;
    }
    return command_check (command, argc - optind);
}

/*  --- time ------------------------------------------------------------------  */

static uint64_t wall_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*  As 2026-11-20T11:42:08Z; - for TOKEN_NEVER.                                */
static const char *time_write (uint64_t time_ms, char text[TIME_MAX])
{
    struct tm parts;
    time_t seconds = (time_t)(time_ms / 1000);
    snprintf (text, TIME_MAX, "-");
    if (time_ms != TOKEN_NEVER && gmtime_r (&seconds, &parts))
        strftime (text, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/*  When a token was made, by its remark; - where that does not say so.        */
static const char *made_read (frame_t remark, char text[TIME_MAX])
{
    const char *at = memmem (remark.data, remark.size, MADE, strlen (MADE));
    size_t left = at ? remark.size - (size_t)(at - (const char *)remark.data) - strlen (MADE) : 0;
    size_t size = 0;
    /*  A person may have written anything there.                              */
    while (size < left && size < TIME_MAX - 1 &&
           strchr ("0123456789-T:Z", at[strlen (MADE) + size]) && at[strlen (MADE) + size])
        size++;
    snprintf (text, TIME_MAX, "%.*s", size ? (int)size : 1, size ? at + strlen (MADE) : "-");
    return text;
}

/*  --- the file --------------------------------------------------------------  */

typedef struct {
    token_file_t *file;
    frame_t rest; /* of the text, behind the line                               */
    frame_t text; /* of the line                                                */
    size_t number;
    size_t bad; /* lines with a mistake until now                              */
} walk_t;

static walk_t walk_begin (token_file_t *file)
{
    walk_t walk = {.file = file};
    walk.rest.data = token_file_text (file, &walk.rest.size);
    return walk;
}

/*  The next line. False: there is none. Says what is wrong with it, where something is. */
static bool walk_next (walk_t *walk, token_line_t *line, token_line_kind_t *kind)
{
    const char *why = "";
    if (!walk->rest.size)
        return false;
    walk->text = token_line_next (&walk->rest);
    walk->number++;
    *kind = token_line_read (walk->text, line, &why);
    if (*kind == TOKEN_LINE_BAD || *kind == TOKEN_LINE_RESERVES) {
        walk->bad++;
        options_say ("line %zu of %s opens no name: %s", walk->number, token_file_path (walk->file),
                     why);
    }
    return true;
}

/*  --- making ----------------------------------------------------------------  */

/*  A new id: 8 hex digits that stand nowhere in the file.                     */
static void id_choose (const token_file_t *file, char id[2 * ID_SIZE + 1])
{
    uint8_t bytes[ID_SIZE];
    size_t size;
    const char *text = token_file_text (file, &size);
    do {
        randombytes_buf (bytes, sizeof bytes);
        sodium_bin2hex (id, 2 * ID_SIZE + 1, bytes, sizeof bytes);
    } while (memmem (text, size, id, 2 * (size_t)ID_SIZE));
}

/*  Add a line for a token to the file. -1, or the exit status.                */
static int line_add (token_file_t *file, const char *name, const char *id,
                     const uint8_t token[ZCHAT_TOKEN_SIZE], uint64_t now_ms, uint64_t expires_ms)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    char hash_text[2 * TOKEN_HASH_SIZE + 1], expires[TIME_MAX] = "-", made[TIME_MAX];
    size_t size;
    const char *text = token_file_text (file, &size);
    char *more = NULL;
    token_hash (token, hash);
    sodium_bin2hex (hash_text, sizeof hash_text, hash, sizeof hash);
    if (expires_ms != TOKEN_NEVER)
        snprintf (expires, sizeof expires, "%" PRIu64, expires_ms);
    int added =
        asprintf (&more, "%s%s %s %s %s " MADE "%s\n", size && text[size - 1] != '\n' ? "\n" : "",
                  name, id, hash_text, expires, time_write (now_ms, made));
    if (added < 0)
        memory_check (NULL);
    char *whole = memory_new (size + (size_t)added);
    memcpy (whole, text, size);
    memcpy (whole + size, more, (size_t)added);
    int status = token_file_put (file, whole, size + (size_t)added);
    free (whole);
    free (more);
    return status;
}

/*  How many tokens there are; says which lines are none.                      */
static size_t tokens_count (token_file_t *file)
{
    token_line_t line;
    token_line_kind_t kind;
    size_t count = 0;
    walk_t walk = walk_begin (file);
    while (walk_next (&walk, &line, &kind))
        count += kind == TOKEN_LINE_GOOD || kind == TOKEN_LINE_RESERVES;
    return count;
}

static int token_make (const command_t *command, token_file_t *file)
{
    uint8_t token[ZCHAT_TOKEN_SIZE];
    char id[2 * ID_SIZE + 1], text[TOKEN_TEXT_MAX + 1], until[TIME_MAX];
    uint64_t now_ms = wall_ms ();
    uint64_t expires_ms = command->expires ? now_ms + command->age_ms : TOKEN_NEVER;
    if (command->expires && expires_ms > TOKEN_EXPIRES_MAX) {
        options_say ("--expires lies behind the year 9999; leave it out");
        return EX_USAGE;
    }
    if (tokens_count (file) >= ZCHAT_TOKENS_MAX) {
        options_say ("%s has %d tokens, more a broker does not keep; revoke some",
                     token_file_path (file), ZCHAT_TOKENS_MAX);
        return EX_DATAERR;
    }
    id_choose (file, id);
    randombytes_buf (token, sizeof token);
    int status = line_add (file, command->name, id, token, now_ms, expires_ms);
    if (status < 0) {
        status = EX_OK;
        sodium_bin2hex (text, sizeof text, token, sizeof token);
        puts (text);
        if (fflush (stdout) != 0 || ferror (stdout)) {
            options_say ("the token cannot be written: %s; zchatd token --revoke %s",
                         strerror (errno), id);
            status = EX_IOERR;
        } else
            options_say ("token %s proves the name %s%s%s; keep it secret, it is not shown again; "
                         "to end it: zchatd token --revoke %s",
                         id, command->name, command->expires ? " until " : "",
                         command->expires ? time_write (expires_ms, until) : "", id);
    }
    sodium_memzero (token, sizeof token);
    sodium_memzero (text, sizeof text);
    return status;
}

/*  --- listing and revoking --------------------------------------------------  */

static int tokens_list (token_file_t *file)
{
    char made[TIME_MAX], expires[TIME_MAX];
    token_line_t line;
    token_line_kind_t kind;
    uint64_t now_ms = wall_ms ();
    walk_t walk = walk_begin (file);
    while (walk_next (&walk, &line, &kind)) {
        if (kind != TOKEN_LINE_GOOD)
            continue;
        printf ("%.*s %.*s %s %s%s\n", (int)line.name.size, (const char *)line.name.data,
                (int)line.id.size, (const char *)line.id.data, made_read (line.remark, made),
                time_write (line.expires_ms, expires), line.expires_ms <= now_ms ? " expired" : "");
    }
    if (fflush (stdout) != 0 || ferror (stdout)) {
        options_say ("the list cannot be written: %s", strerror (errno));
        return EX_IOERR;
    }
    return walk.bad ? EX_DATAERR : EX_OK;
}

/*  True where the line is of the token, or of the name, that is to go.        */
static bool line_meant (const token_line_t *line, const char *id, const name_keys_t *name)
{
    name_keys_t keys;
    if (!name)
        return frame_is (line->id, id);
    return name_check (line->name, &keys, NULL) == ZCHAT_OK && name_same (&keys, name);
}

/*  The text without what is to go, which the caller frees, with a copy of the name that it was
    for, or NULL.                                                              */
static char *text_without (token_file_t *file, const char *id, const name_keys_t *name,
                           size_t *size, char **whose)
{
    token_line_t line;
    token_line_kind_t kind;
    size_t whole, kept = 0;
    token_file_text (file, &whole);
    char *text = memory_new (whole + 1);
    walk_t walk = walk_begin (file);
    *whose = NULL;
    while (walk_next (&walk, &line, &kind)) {
        bool named = kind == TOKEN_LINE_GOOD || kind == TOKEN_LINE_RESERVES;
        if (named && line_meant (&line, id, name)) {
            free (*whose);
            *whose = memory_string (line.name.data, line.name.size);
            continue;
        }
        memcpy (text + kept, walk.text.data, walk.text.size);
        kept += walk.text.size;
        text[kept++] = '\n';
    }
    *size = kept;
    return text;
}

static void revoked_say (const char *id, const char *name, bool all, bool and_keys, size_t n_keys)
{
    const char *token = all ? "every token" : "token ", *which = all ? "" : id;
    if (and_keys)
        options_say (
            "%s%s of %s is wrong from now on, and %zu key%s no longer open%s the name; who is "
            "to have it needs a new token",
            token, which, name, n_keys, n_keys == 1 ? "" : "s", n_keys == 1 ? "s" : "");
    else
        options_say ("%s%s of %s is wrong from now on; connections it opened stay until they end, "
                     "and a key that came with it opens the name still: with the broker stopped, "
                     "zchatd token --revoke %s --and-keys ends that too",
                     token, which, name, name);
}

/*  The keys go first: what cannot be done is found out before the token is gone, whose id says
    whose keys they are.                                                       */
static int tokens_revoke (const command_t *command, const char *data, token_file_t *file)
{
    const char *id = command->revoke;
    name_keys_t keys;
    char *name = NULL;
    size_t size, n_keys = 0;
    bool all = false;
    char *text = text_without (file, id, NULL, &size, &name);
    if (!name && command->and_keys && name_check (frame_str (id), &keys, NULL) == ZCHAT_OK) {
        all = true;
        free (text);
        text = text_without (file, id, &keys, &size, &name);
    }
    int status = -1;
    if (command->and_keys && (name || all))
        status = keys_drop (data, name ? name : id, &n_keys);
    if (status < 0 && !name && !n_keys) {
        options_say ("%s has no token with the id %s; zchatd token --list shows them",
                     token_file_path (file), id);
        status = EX_NOINPUT;
    }
    if (status < 0 && name)
        status = token_file_put (file, text, size);
    if (status < 0) {
        revoked_say (id, name ? name : id, all, command->and_keys, n_keys);
        status = EX_OK;
    }
    free (name);
    free (text);
    return status;
}

int token_run (int argc, char **argv)
{
    command_t command = {0};
    options_t options = {0};
    token_file_t *file = NULL;
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    /*  A full quota is an error to be told, not the end of the process; nor is a reader of the
        token that went away.                                                  */
    signal (SIGXFSZ, SIG_IGN);
    signal (SIGPIPE, SIG_IGN);
    if (sodium_init () < 0) {
        options_say ("there is no randomness to be had");
        return EX_OSERR;
    }
    result = options_command (&options, command.data, command.config);
    if (result < 0)
        result = token_file_open (options.data, !command.list, &file);
    if (result < 0)
        result = command.list     ? tokens_list (file)
                 : command.revoke ? tokens_revoke (&command, options.data, file)
                                  : token_make (&command, file);
    token_file_close (&file);
    options_free (&options);
    return result;
}
