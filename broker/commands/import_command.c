/*  import_command.c - zchatd import: what was said elsewhere, into the log    */
#include "import_command.h"
#include "config/options.h"
#include "importer.h"
#include "irc_line.h"
#include "irc_name.h"
#include "memory.h"
#include "owned_log.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char help_text[] =
    "zchatd import - write what was said elsewhere into the log, while the broker is stopped\n"
    "\n"
    "Examples:\n"
    "  zchatd import all.jsonl                  what zchatd export wrote\n"
    "  zchatd import --format irssi --room dev '#dev.log'\n"
    "  TZ=Europe/Berlin zchatd import --format energymech --room dev dev_20261128.log\n"
    "  zchatd export --room dev | ssh host zchatd import -\n"
    "\n"
    "Options:\n"
    "  --format NAME  jsonl, irssi or energymech; default jsonl\n"
    "  --room ROOM    where it goes; of jsonl: instead of the rooms that it names\n"
    "  --date DAY     of what comes before a log says which day it is, such as 2026-11-28; "
    "default: as\n"
    "                 the name of FILE says\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "The argument is a file, or - for standard input. Names and times stay; times of IRC are of "
    "the zone\n"
    "that TZ names, and what a name may not hold becomes _ there. Behind what a room has already "
    "nothing\n"
    "goes back in time. Private rooms, mailboxes, and to whom names and rooms belong are not "
    "imported;\n"
    "nobody owns a name by it. What was imported twice stands twice. --retain counts the times "
    "that stand\n"
    "there. A line that is wrong ends it; what stood before that line is in the log.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 a line is wrong, or the log is damaged or newer, 66 no "
    "such\n"
    "file, 73 DIR cannot be made or read, 74 it cannot be written, 75 a broker has the log, 78 "
    "config\n"
    "file\n";

typedef enum { JSONL, IRSSI, ENERGYMECH } format_t;

typedef struct {
    char *data, *config; /* of argv, or NULL                                      */
    const char *room, *file, *date, *format_name; /* likewise                     */
    format_t format;
} command_t;

typedef struct {
    const command_t *command;
    importer_t *importer;
    irc_reader_t irc;
    uint64_t seq; /* of the last line of IRC                                      */
} import_t;

bool import_asked (int argc, char **argv)
{
    return argc > 1 && strcmp (argv[1], "import") == 0;
}

/*  --- arguments -------------------------------------------------------------  */

static bool format_read (const char *text, format_t *format)
{
    static const char *const names[] = {"jsonl", "irssi", "energymech"};
    for (int i = 0; i < 3; i++)
        if (strcmp (text, names[i]) == 0) {
            *format = (format_t)i;
            return true;
        }
    options_say ("--format \"%s\" is not jsonl, irssi or energymech", text);
    return false;
}

static int command_check (command_t *command, int argc, char **argv)
{
    struct tm day;
    if (command->format_name && !format_read (command->format_name, &command->format))
        return EX_USAGE;
    if (argc - optind != 1) {
        options_say ("import wants a file, or -: zchatd import [--data DIR] FILE");
        return EX_USAGE;
    }
    command->file = argv[optind];
    if (command->format != JSONL && !command->room) {
        options_say ("a log of IRC does not say where it was said: --room ROOM");
        return EX_USAGE;
    }
    if (command->room && name_check (frame_str (command->room), NULL, NULL) != ZCHAT_OK) {
        options_say ("--room \"%s\" is no name of a room", command->room);
        return EX_USAGE;
    }
    if (command->date && !irc_day_read (command->date, &day)) {
        options_say ("--date \"%s\" is no day such as 2026-11-28", command->date);
        return EX_USAGE;
    }
    return -1;
}

/*  Returns -1, or the exit status.                                            */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {{"format", required_argument, NULL, 'f'},
                                          {"room", required_argument, NULL, 'r'},
                                          {"date", required_argument, NULL, 't'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1) {
        if (flag == 'f')
            command->format_name = optarg;
        else if (flag == 'r')
            command->room = optarg;
        else if (flag == 't')
            command->date = optarg;
        else if (flag == 'd')
            command->data = optarg;
        else if (flag == 'c')
            command->config = optarg;
        else if (flag == 'h') {
            fputs (help_text, stdout);
            return EX_OK;
        } else {
            options_say ("%s %s; see zchatd import --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
    }
    return command_check (command, argc, argv);
}

/*  --- lines -----------------------------------------------------------------  */

static const char *jsonl_put (import_t *self, frame_t line)
{
    json_t *json;
    record_line_t record;
    const char *wrong = record_line_read (line, &json, &record);
    if (wrong)
        return wrong;
    if (self->command->room && !frame_is (record.room, "@"))
        record.room = frame_str (self->command->room);
    wrong = importer_put (self->importer, &record);
    json_decref (json);
    return wrong;
}

static const char *irc_put (import_t *self, frame_t line)
{
    irc_said_t said;
    char name[ZCHAT_NAME_MAX + 1];
    irc_kind_t kind = irc_line_read (&self->irc, line, &said);
    if (kind == IRC_UNDATED)
        return "nothing says on which day it was said; say --date";
    if (kind == IRC_OTHER)
        return NULL;
    record_line_t record = {
        .room = frame_str (self->command->room),
        .event = {.seq = ++self->seq, .time_ms = said.time_ms, .type = said.type}};
    record.event.user = frame_of (name, irc_name (said.user, name));
    size_t size;
    char *text = irc_text (said.body, &size);
    record.event.body = frame_of (text, size);
    const char *wrong =
        size || said.type == ZCHAT_TYPE_TOPIC ? importer_put (self->importer, &record) : NULL;
    free (text);
    return wrong;
}

/*  An exit status, after saying what is wrong.                                */
static int lines_put (import_t *self, FILE *file)
{
    char *line = memory_new (RECORD_LINE_MAX + 2);
    const char *wrong = NULL;
    size_t number = 0;
    while (!wrong && fgets (line, RECORD_LINE_MAX + 2, file)) {
        size_t size = strlen (line);
        number++;
        if (size > RECORD_LINE_MAX)
            wrong = "it is too long";
        while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
            line[--size] = '\0';
        frame_t text = frame_of (line, size);
        if (!wrong && size)
            wrong = self->command->format == JSONL ? jsonl_put (self, text) : irc_put (self, text);
    }
    free (line);
    if (wrong)
        options_say ("line %zu of %s: %s", number, self->command->file, wrong);
    else if (ferror (file))
        options_say ("%s cannot be read: %s", self->command->file, strerror (errno));
    const char *failed = importer_end (self->importer);
    if (failed)
        options_say ("%s", failed);
    printf ("imported=%zu left-out=%zu\n", importer_written (self->importer),
            importer_left_out (self->importer));
    return failed ? EX_IOERR : wrong ? EX_DATAERR : ferror (file) ? EX_NOINPUT : EX_OK;
}

/*  --- the command -----------------------------------------------------------  */

static int import (const command_t *command, store_t *store, ledger_t *ledger)
{
    import_t self = {.command = command,
                     .irc = {.format = command->format == IRSSI ? IRC_IRSSI : IRC_ENERGYMECH}};
    const char *slash = strrchr (command->file, '/');
    const char *dated = command->date ? command->date : slash ? slash + 1 : command->file;
    bool standard = strcmp (command->file, "-") == 0;
    FILE *file = standard ? stdin : fopen (command->file, "re");
    if (!file) {
        options_say ("%s cannot be opened: %s", command->file, strerror (errno));
        return EX_NOINPUT;
    }
    self.irc.dated = irc_day_read (dated, &self.irc.day);
    self.importer = importer_new (store, ledger);
    int result = lines_put (&self, file);
    importer_destroy (&self.importer);
    if (!standard)
        fclose (file);
    if (fflush (stdout) != 0 && result == EX_OK)
        result = EX_IOERR;
    return result;
}

int import_run (int argc, char **argv)
{
    command_t command = {.format = JSONL};
    options_t options = {0};
    store_t *store = NULL;
    ledger_t *ledger = NULL;
    char *why = NULL;
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    result = options_command (&options, command.data, command.config);
    if (result < 0) {
        result = owned_log_make (options.data, &store, &ledger, &why);
        if (result >= 0)
            options_say ("%s", why ? why : "the log cannot be opened");
        else
            result = import (&command, store, ledger);
    }
    ledger_destroy (&ledger);
    store_destroy (&store);
    free (why);
    options_free (&options);
    return result;
}
