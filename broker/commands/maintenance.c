/*  maintenance.c - zchatd check and zchatd backup                             */
#include "maintenance.h"
#include "check.h"
#include "config/options.h"
#include "core.h"
#include <czmq.h>
#include <getopt.h>
#include <inttypes.h>
#include <sodium.h>
#include <sysexits.h>

static const char check_help[] =
    "zchatd check - verify a log\n"
    "\n"
    "Examples:\n"
    "  zchatd check                              the log a zchatd without options would serve\n"
    "  zchatd check --data /var/lib/zchat        that one; its broker may be running\n"
    "  zchatd check --data DIR >/dev/null || mail -s 'log damaged' root </dev/null\n"
    "\n"
    "Options:\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "Nothing is changed. Every problem is one line on standard output; the last line is\n"
    "  ok rooms=N messages=N facts=N producers=N log=ID\n"
    "  damaged rooms=N messages=N facts=N producers=N log=ID problems=N\n"
    "\n"
    "Exit status: 0 ok, 64 usage, 65 damaged or written by a newer zchatd, 66 no log there,\n"
    "71 the log cannot be read or trusted, 74 the result cannot be written, 78 config file\n";

static const char backup_help[] =
    "zchatd backup - copy a log, from a running broker too\n"
    "\n"
    "Examples:\n"
    "  zchatd backup --data /var/lib/zchat /backup/zchat-$(date +%F)\n"
    "  zchatd --data /backup/zchat-2026-11-20    serve that copy\n"
    "\n"
    "Options:\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "DEST is a folder that is made, or is empty. The copy holds everything that was\n"
    "acknowledged before the command began, is verified as by zchatd check, and is on disk\n"
    "when the command ends with 0. What is said on standard output is that of check.\n"
    "Keys, tokens and members are not in it: keep copies of those files separately.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 the log is damaged or newer (no copy was made),\n"
    "66 no log there, 71 it cannot be read, 73 DEST cannot be made or is not empty,\n"
    "74 DEST cannot be written, 78 config file\n";

typedef struct {
    bool backup;        /* not check                                                  */
    char *data;         /* --data, or NULL; of argv                                   */
    char *config;       /* --config, or NULL; of argv                                 */
    const char *target; /* backup: DEST; of argv                                      */
} command_t;

bool maintenance_asked (int argc, char **argv)
{
    return argc > 1 && (strcmp (argv[1], "check") == 0 || strcmp (argv[1], "backup") == 0);
}

/*  --- arguments -------------------------------------------------------------  */

/*  Returns -1, or the exit status. argv[0] is the command.                    */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {{"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    command->backup = strcmp (argv[0], "backup") == 0;
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
        case 'h':
            fputs (command->backup ? backup_help : check_help, stdout);
            return EX_OK;
        default:
            options_say ("%s %s; see zchatd %s --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option", argv[0]);
            return EX_USAGE;
        }
    int wanted = command->backup ? 1 : 0;
    if (argc - optind < wanted) {
        options_say ("backup wants a folder to copy to: zchatd backup [--data DIR] DEST");
        return EX_USAGE;
    }
    if (argc - optind > wanted) {
        options_say ("%s is one argument too many; see zchatd %s --help", argv[optind + wanted],
                     argv[0]);
        return EX_USAGE;
    }
    if (command->backup)
        command->target = argv[optind];
    return -1;
}

/*  --- results ---------------------------------------------------------------  */

static void problem_say (void *arg, const char *text)
{
    (void)arg;
    puts (text);
}

static void summary_say (const store_summary_t *summary)
{
    char id[2 * ZCHAT_LOG_ID_SIZE + 1];
    sodium_bin2hex (id, sizeof id, summary->log_id, sizeof summary->log_id);
    printf ("%s rooms=%" PRIu64 " messages=%" PRIu64 " facts=%" PRIu64 " producers=%" PRIu64
            " log=%s",
            summary->problems ? "damaged" : "ok", summary->rooms, summary->messages, summary->facts,
            summary->producers, id);
    if (summary->problems)
        printf (" problems=%" PRIu64, summary->problems);
    putchar ('\n');
}

static int exit_status (zchat_status_t status)
{
    switch (status) {
    case ZCHAT_OK:
        return EX_OK;
    case ZCHAT_CORRUPT:
    case ZCHAT_NEWER:
        return EX_DATAERR;
    case ZCHAT_INVALID:
        return EX_NOINPUT;
    case ZCHAT_IN_USE:
        return EX_CANTCREAT;
    case ZCHAT_STORAGE:
        return EX_IOERR;
    default:
        return EX_OSERR;
    }
}

int maintenance_run (int argc, char **argv)
{
    command_t command = {0};
    options_t options = {0};
    store_summary_t summary;
    char *why = NULL;
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    /*  A full quota is an error to be told, not the end of the process.       */
    signal (SIGXFSZ, SIG_IGN);
    result = options_command (&options, command.data, command.config);
    if (result >= 0)
        goto out;
    /*  The very core that a broker would begin with, which asks nothing of anybody here. */
    uint8_t log_id[ZCHAT_LOG_ID_SIZE] = {0};
    core_t *core = core_new (&(core_config_t){.log_id = log_id}, &(core_sink_t){0});
    store_loader_t loader = core_loader (core);
    zchat_status_t status =
        command.backup ? store_backup (options.data, command.target, &loader, problem_say, NULL,
                                       &summary, &why)
                       : store_check (options.data, &loader, problem_say, NULL, &summary, &why);
    core_destroy (&core);
    if (status == ZCHAT_OK || summary.problems)
        summary_say (&summary);
    if (why)
        options_say ("%s", why);
    result = exit_status (status);
    if ((fflush (stdout) != 0 || ferror (stdout)) && result == EX_OK) {
        options_say ("the result cannot be written: %s", strerror (errno));
        result = EX_IOERR;
    }
    free (why);
out:
    options_free (&options);
    return result;
}
