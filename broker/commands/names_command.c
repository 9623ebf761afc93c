/*  names_command.c - zchatd names: whose names there are, and giving them up, without a broker */
#include "names_command.h"
#include "config/broker_key.h"
#include "config/options.h"
#include "memory.h"
#include "owned_log.h"
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static const char help_text[] =
    "zchatd names - the names that belong to keys and tokens, while the broker is stopped\n"
    "\n"
    "Examples:\n"
    "  zchatd names                         name, when it was claimed, and its keys, a line each\n"
    "  zchatd names --free bob eve          nobody has them any more\n"
    "\n"
    "Options:\n"
    "  --free         give up the names that follow: nobody can have them for 30 days, and who "
    "has\n"
    "                 them then inherits nothing\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "While the broker runs: zchat key list NAME, and an admin's zchat key free NAME.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 the log is damaged or newer, 66 no log or no such name, 74\n"
    "it cannot be written, 75 a broker has the log, 78 config file\n";

typedef struct {
    bool release; /* --free                                                     */
    char *data;   /* --data, or NULL; of argv                                   */
    char *config; /* --config, or NULL; of argv                                 */
} command_t;

bool names_asked (int argc, char **argv)
{
    return argc > 1 && strcmp (argv[1], "names") == 0;
}

/*  Returns -1, or the exit status. The names stand from optind on.            */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {{"free", no_argument, NULL, 'f'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1)
        switch (flag) {
        case 'f':
            command->release = true;
            break;
        case 'd':
            command->data = optarg;
            break;
        case 'c':
            command->config = optarg;
            break;
        case 'h':
            fputs (help_text, stdout);
            return EX_OK;
        default:
            options_say ("%s %s; see zchatd names --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
    if (command->release != (optind < argc)) {
        options_say (command->release
                         ? "--free wants the names to give up"
                         : "names takes no name without --free; see zchatd names --help");
        return EX_USAGE;
    }
    return -1;
}

static int names_list (ledger_t *ledger)
{
    for (uint64_t id = 1; id < ledger_owner_next (ledger); id++) {
        const owner_t *owner = ledger_owner_by_id (ledger, id);
        char date[32] = "-";
        struct tm parts;
        time_t since = owner ? (time_t)(owner->since_ms / 1000) : 0;
        if (!owner)
            continue;
        if (gmtime_r (&since, &parts))
            (void)strftime (date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &parts);
        printf ("%s %s", owner->name, date);
        for (size_t i = 0; i < owner->n_keys; i++)
            printf (" %s", owner->keys[i]);
        puts ("");
    }
    if (fflush (stdout) == 0 && !ferror (stdout))
        return EX_OK;
    options_say ("the list cannot be written");
    return EX_IOERR;
}

/*  As KEY with free does it.                                                  */
static int name_free (store_t *store, ledger_t *ledger, const char *name)
{
    char composed[ZCHAT_NAME_MAX + 1];
    struct timespec now;
    name_keys_t keys;
    frame_t given = name_compose (frame_str (name), composed);
    const owner_t *found =
        name_check (given, &keys, NULL) == ZCHAT_OK ? ledger_owner (ledger, &keys) : NULL;
    if (!found || found->freed_ms) {
        options_say ("the name %s belongs to nobody", name);
        return EX_NOINPUT;
    }
    owner_t owner = *found;
    clock_gettime (CLOCK_REALTIME, &now);
    owner.n_keys = 0;
    owner.vouches = NULL;
    owner.freed_ms = (uint64_t)now.tv_sec * 1000 + 1;
    if (owned_log_put (store, &owner) == ZCHAT_OK)
        return EX_OK;
    options_say ("the name %s cannot be given up: %s", name, store_error (store));
    return EX_IOERR;
}

int names_run (int argc, char **argv)
{
    command_t command = {0};
    options_t options = {0};
    store_t *store = NULL;
    ledger_t *ledger = NULL;
    char *why = NULL;
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    int first = optind;
    result = options_command (&options, command.data, command.config);
    if (result < 0) {
        result = owned_log_open (options.data, &store, &ledger, &why);
        if (result >= 0)
            options_say ("%s", why ? why : "there is no log in that folder");
        else if (!command.release)
            result = names_list (ledger);
        for (int i = first; result <= EX_OK && command.release && i < argc - 1; i++)
            result = name_free (store, ledger, argv[i + 1]);
    }
    ledger_destroy (&ledger);
    store_destroy (&store);
    free (why);
    options_free (&options);
    return result < 0 ? EX_OK : result;
}
