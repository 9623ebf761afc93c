/*  export_command.c - zchatd export: what the log holds, a line an event      */
#include "export_command.h"
#include "config/options.h"
#include "export.h"
#include "ledger/ledger.h"
#include "ledger/owners.h"
#include "memory.h"
#include "record_line.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char help_text[] =
    "zchatd export - what the log holds, as JSON, a line an event\n"
    "\n"
    "Examples:\n"
    "  zchatd export >all.jsonl                 everything, private rooms and mailboxes included\n"
    "  zchatd export --room dev | jq -r .text\n"
    "  zchatd export --user maria >maria.jsonl  what the log knows of maria\n"
    "\n"
    "Options:\n"
    "  --room ROOM    this room alone\n"
    "  --user NAME    what this person said, the mailbox of the name, and what is kept about it:\n"
    "                 keys, roles, bans, and how far it has read\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "The broker may be running: what was committed when the command began is told. A line is\n"
    "  {\"room\":text,\"seq\":n,\"time\":ms,\"type\":text,\"user\":text,\"text\":text}, and data,\n"
    "private (true) and, of the room @, of (whose mailbox it is), where there is something to "
    "say.\n"
    "Sealed messages stay sealed. It takes little memory, however much there is.\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 the log is damaged or newer, 66 no log there, or no such\n"
    "room or person, 71 it cannot be read, 74 it cannot be written, 78 config file\n";

typedef struct {
    char *data, *config; /* of argv, or NULL                                      */
    const char *room;    /* likewise                                              */
    const char *user;    /* likewise                                              */
} command_t;

typedef struct {
    const command_t *command;
    ledger_t *ledger;
    name_keys_t user;              /* --user                                             */
    const owner_t *owner;          /* its owner; NULL: none                              */
    const room_t *mailbox;         /* that of the name; NULL: none                       */
    const room_t *only;            /* --room                                             */
    bool prepared;                 /* the three above are looked up                      */
    bool found;                    /* something was told                                 */
    bool failed;                   /* it could not be written                            */
    char last[ZCHAT_NAME_MAX + 1]; /* the last user that was compared              */
    size_t n_last;
    bool last_is; /* it is the person                                   */
} export_t;

bool export_asked (int argc, char **argv)
{
    return argc > 1 && strcmp (argv[1], "export") == 0;
}

/*  Returns -1, or the exit status.                                            */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {
        {"room", required_argument, NULL, 'r'}, {"user", required_argument, NULL, 'u'},
        {"data", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1)
        switch (flag) {
        case 'r':
            command->room = optarg;
            break;
        case 'u':
            command->user = optarg;
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
            options_say ("%s %s; see zchatd export --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
    if (optind == argc)
        return -1;
    options_say ("%s is one argument too many; see zchatd export --help", argv[optind]);
    return EX_USAGE;
}

/*  --- the log ---------------------------------------------------------------  */

static zchat_status_t load_room (void *arg, const store_room_t *room)
{
    return ledger_apply (((export_t *)arg)->ledger,
                         &(ledger_record_t){.kind = LEDGER_ROOM, .room = room});
}

static zchat_status_t load_fact (void *arg, const store_fact_t *fact)
{
    return ledger_apply (((export_t *)arg)->ledger,
                         &(ledger_record_t){.kind = LEDGER_FACT, .fact = fact});
}

/*  Senders' counts are no messages.                                           */
static zchat_status_t load_producer (void *arg, const store_producer_t *producer)
{
    return ZCHAT_OK;
}

static zchat_status_t load_marker (void *arg, const store_marker_t *marker)
{
    return ledger_apply (((export_t *)arg)->ledger,
                         &(ledger_record_t){.kind = LEDGER_MARKER, .marker = marker});
}

/*  --- writing ---------------------------------------------------------------  */

static bool line_put (export_t *self, const char *line)
{
    self->found = true;
    if (puts (line) == EOF)
        self->failed = true;
    return !self->failed;
}

static bool json_put (export_t *self, json_t *json)
{
    char *line = memory_check (json_dumps (json, JSON_COMPACT));
    bool put = line_put (self, line);
    free (line);
    json_decref (json);
    return put;
}

/*  Users come in runs, and comparing names is dear.                           */
static bool is_person (export_t *self, frame_t user)
{
    name_keys_t keys;
    if (!frame_eq (user, frame_of (self->last, self->n_last)) && user.size <= ZCHAT_NAME_MAX) {
        self->n_last = user.size;
        memcpy (self->last, user.size ? user.data : "", user.size);
        self->last_is =
            name_check (user, &keys, NULL) == ZCHAT_OK && name_same (&keys, &self->user);
    }
    return self->last_is;
}

/*  Whose mailbox it is, as far as a name is known.                            */
static frame_t mailbox_of (const export_t *self, const room_t *room)
{
    const owner_t *owner = ledger_owner_known (self->ledger, strtoull (room->name + 1, NULL, 10));
    return frame_str (owner ? owner->name : room->name);
}

/*  --- what is kept about a person -------------------------------------------  */

/*  Facts of the room whose key ends with the person's WHO.                    */
static bool facts_put (export_t *self, const room_t *room, const char *who)
{
    bool put = true;
    for (const fact_t *fact = room->facts; put && fact; fact = fact->hh.next) {
        const char *slash = strchr (fact->key, '/');
        if (slash && strcmp (slash + 1, who) == 0)
            put = json_put (
                self, json_pack ("{s:s%, s:s, s:s%, s:s}", "room", ledger_room_shown (room).data,
                                 ledger_room_shown (room).size, "type", "fact", "fact", fact->key,
                                 (size_t)(slash - fact->key), "value", fact->value));
    }
    return put;
}

static bool owner_put (export_t *self, const owner_t *owner)
{
    json_t *keys = json_array ();
    for (size_t i = 0; i < owner->n_keys; i++)
        json_array_append_new (keys, json_string (owner->keys[i]));
    bool put =
        json_put (self, json_pack ("{s:s, s:s, s:I, s:o}", "type", "name", "user", owner->name,
                                   "since", (json_int_t)owner->since_ms, "keys", keys));
    for (size_t i = 0; put && i < owner->n_markers; i++)
        put = json_put (
            self, json_pack ("{s:s, s:s, s:I}", "type", "read", "room",
                             owner->markers[i]->room->mailbox ? "@" : owner->markers[i]->room->name,
                             "seq", (json_int_t)owner->markers[i]->seq));
    return put;
}

static bool person_put (export_t *self)
{
    char who[OWNER_WHO_MAX], key[NAME_KEY_MAX + 1], unproven[NAME_KEY_MAX + 2];
    name_who (frame_str (self->command->user), key);
    snprintf (unproven, sizeof unproven, "=%s", key);
    bool put = !self->owner || owner_put (self, self->owner);
    if (self->owner)
        owner_who (self->owner->id, who);
    self->mailbox = ledger_mailbox (self->ledger, self->owner ? who : unproven);
    for (const room_t *room = ledger_room_next (self->ledger, NULL); put && room;
         room = ledger_room_next (self->ledger, room))
        put = facts_put (self, room, unproven) && (!self->owner || facts_put (self, room, who));
    return put;
}

/*  --- events ----------------------------------------------------------------  */

/*  Once, when all rooms and facts are known.                                  */
static bool prepare (export_t *self)
{
    const command_t *command = self->command;
    name_keys_t keys;
    self->prepared = true;
    if (command->room && name_check (frame_str (command->room), &keys, NULL) == ZCHAT_OK)
        self->only = ledger_room (self->ledger, &keys);
    if (!command->user)
        return true;
    self->owner = ledger_owner (self->ledger, &self->user);
    return command->room || person_put (self);
}

static bool event_told (void *arg, uint64_t number, const event_t *event)
{
    export_t *self = arg;
    if (!self->prepared && !prepare (self))
        return false;
    const room_t *room = ledger_room_by_id (self->ledger, number);
    if (!room || (self->command->room && room != self->only))
        return true;
    bool own = room->mailbox && room == self->mailbox;
    if (self->command->user && !own && (room->mailbox || !is_person (self, event->user)))
        return true;
    record_line_t record = {
        .room = ledger_room_shown (room), .is_private = room->is_private, .event = *event};
    if (room->mailbox)
        record.of = mailbox_of (self, room);
    char *line = record_line_write (&record);
    bool put = line_put (self, line);
    free (line);
    return put;
}

static int status_of (zchat_status_t status)
{
    return status == ZCHAT_CORRUPT || status == ZCHAT_NEWER || status == ZCHAT_LIMIT ? EX_DATAERR
           : status == ZCHAT_INVALID                                                 ? EX_NOINPUT
                                                                                     : EX_OSERR;
}

static int export(const command_t *command, const char *data)
{
    export_t self = {.command = command, .ledger = ledger_new ()};
    store_loader_t loader = {.room = load_room,
                             .fact = load_fact,
                             .producer = load_producer,
                             .marker = load_marker,
                             .arg = &self};
    char *why = NULL;
    int result = EX_OK;
    const char *wrong = NULL;
    if (command->user && name_check (frame_str (command->user), &self.user, &wrong) != ZCHAT_OK) {
        options_say ("%s is no name: %s", command->user, wrong);
        ledger_destroy (&self.ledger);
        return EX_USAGE;
    }
    zchat_status_t status = store_export (data, &loader, event_told, &self, &why);
    if (status == ZCHAT_OK && !self.prepared)
        (void)prepare (&self); /* of a log without events                       */
    if (status != ZCHAT_OK) {
        options_say ("%s", why ? why : zchat_status_text (status));
        result = status_of (status);
    } else if (fflush (stdout) != 0 || self.failed) {
        options_say ("the events cannot be written");
        result = EX_IOERR;
    } else if (!self.found && (command->user || command->room)) {
        options_say ("the log holds nothing of %s", command->user ? command->user : command->room);
        result = EX_NOINPUT;
    }
    ledger_destroy (&self.ledger);
    free (why);
    return result;
}

int export_run (int argc, char **argv)
{
    command_t command = {.data = NULL};
    options_t options = {0};
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    result = options_command (&options, command.data, command.config);
    if (result < 0)
        result = export(&command, options.data);
    options_free (&options);
    return result;
}
