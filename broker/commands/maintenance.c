/*  maintenance.c - zchatd check, zchatd backup, zchatd restore                             */
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

static const char restore_help[] =
    "zchatd restore - put a backup in the place of the log, while the broker is stopped\n"
    "\n"
    "Examples:\n"
    "  zchatd restore --data /var/lib/zchatd /backup/zchatd-2026-11-20\n"
    "\n"
    "Options:\n"
    "  --data DIR     folder of the log that is replaced, or is not there yet, as for zchatd "
    "(also\n"
    "                 ZCHATD_DATA, config file)\n"
    "  --same-log     keep the log's id: only where nothing was lost since the backup, such as "
    "when\n"
    "                 the broker was stopped before it was made\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "The argument is a folder that zchatd backup made. Its log is copied, verified as by zchatd "
    "check,\n"
    "and given a new id, so that clients notice that the log went back, say so, and read anew. The "
    "log\n"
    "that was there is kept in DIR/replaced-TIME. Keys, tokens and members are left as they are.\n"
    "What is said on standard output is that of check.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 the backup is damaged or newer (nothing was changed),\n"
    "66 no backup there, 71 it cannot be read or trusted, 73 DIR cannot be made or read,\n"
    "74 DIR cannot be written, 75 a broker has the log, 78 config file\n";

typedef enum { CHECK, BACKUP, RESTORE } what_t;

static const struct {
    const char *name, *help, *wants;
} commands[] = {
    [CHECK] = {"check", check_help, NULL},
    [BACKUP] = {"backup", backup_help,
                "backup wants a folder to copy to: zchatd backup [--data DIR] DEST"},
    [RESTORE] = {"restore", restore_help,
                 "restore wants the folder of a backup: zchatd restore [--data DIR] BACKUP"},
};

typedef struct {
    what_t what;
    bool same_log;      /* restore                                                    */
    char *data;         /* --data, or NULL; of argv                                   */
    char *config;       /* --config, or NULL; of argv                                 */
    const char *target; /* backup: DEST, restore: BACKUP; of argv                     */
} command_t;

static int command_find (const char *word)
{
    for (int i = 0; i <= RESTORE; i++)
        if (strcmp (word, commands[i].name) == 0)
            return i;
    return -1;
}

bool maintenance_asked (int argc, char **argv)
{
    return argc > 1 && command_find (argv[1]) >= 0;
}

/*  --- arguments -------------------------------------------------------------  */

/*  Returns -1, or the exit status. argv[0] is the command.                    */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {{"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"same-log", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    command->what = (what_t)command_find (argv[0]);
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
            fputs (commands[command->what].help, stdout);
            return EX_OK;
        case 's':
            command->same_log = true;
            if (command->what == RESTORE)
                break;
            flag = '?';
            /*  fall through                                                   */
        default:
            options_say ("%s %s; see zchatd %s --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option", argv[0]);
            return EX_USAGE;
        }
    int wanted = commands[command->what].wants ? 1 : 0;
    if (argc - optind < wanted) {
        options_say ("%s", commands[command->what].wants);
        return EX_USAGE;
    }
    if (argc - optind > wanted) {
        options_say ("%s is one argument too many; see zchatd %s --help", argv[optind + wanted],
                     argv[0]);
        return EX_USAGE;
    }
    if (wanted)
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

static int exit_status (what_t what, zchat_status_t status)
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
        return what == RESTORE ? EX_TEMPFAIL : EX_CANTCREAT;
    case ZCHAT_STORAGE:
        return EX_IOERR;
    default:
        return EX_OSERR;
    }
}

static zchat_status_t restore (const command_t *command, const char *data,
                               const store_loader_t *loader, store_summary_t *summary, char **why)
{
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    char *aside;
    randombytes_buf (log_id, sizeof log_id);
    zchat_status_t status =
        store_restore (command->target, data, command->same_log ? NULL : log_id,
                       (uint64_t)time (NULL), loader, problem_say, NULL, summary, &aside, why);
    if (status == ZCHAT_OK && aside)
        options_say ("the log that was there is in %s", aside);
    free (aside);
    return status;
}

static zchat_status_t command_do (const command_t *command, const char *data,
                                  const store_loader_t *loader, store_summary_t *summary,
                                  char **why)
{
    if (command->what == RESTORE)
        return restore (command, data, loader, summary, why);
    if (command->what == BACKUP)
        return store_backup (data, command->target, loader, problem_say, NULL, summary, why);
    return store_check (data, loader, problem_say, NULL, summary, why);
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
    zchat_status_t status = command_do (&command, options.data, &loader, &summary, &why);
    core_destroy (&core);
    if (status == ZCHAT_OK || summary.problems)
        summary_say (&summary);
    if (why)
        options_say ("%s", why);
    result = exit_status (command.what, status);
    if ((fflush (stdout) != 0 || ferror (stdout)) && result == EX_OK) {
        options_say ("the result cannot be written: %s", strerror (errno));
        result = EX_IOERR;
    }
    free (why);
out:
    options_free (&options);
    return result;
}
