/*  forget_command.c - zchatd forget: what a person said is no more, and the name is free */
#include "forget_command.h"
#include "config/options.h"
#include "index.h"
#include "ledger/owners.h"
#include "log_batch.h"
#include "memory.h"
#include "owned_log.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static const char help_text[] =
    "zchatd forget - erase what a person said, and free the name, while the broker is stopped\n"
    "\n"
    "Examples:\n"
    "  zchatd export --user maria >maria.jsonl  what will be gone\n"
    "  zchatd forget maria\n"
    "\n"
    "Options:\n"
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"
    "  --config FILE  read settings from FILE, as zchatd does\n"
    "  --help\n"
    "\n"
    "All that was said by the name becomes gone, as REMOVE does it: edits, topics, reactions, and "
    "direct\n"
    "messages in the mailboxes of others, too. The mailbox of the name, what it has read, its "
    "roles and\n"
    "bans are no more, and the name is free at once. Clients see it when they come back. That a "
    "message\n"
    "was there, by whom and when, stays, as does what others wrote, and what moderators did. The "
    "index is\n"
    "made anew. Not touched are backups, copies of older logs in the folder, and tokens of the "
    "name\n"
    "(zchatd token --revoke).\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 the log is damaged or newer, 66 no log or nothing of that "
    "name,\n"
    "74 it cannot be written, 75 a broker has the log, 78 config file\n";

/*  Who is said to have done it.                                               */
#define FORGETS "zchatd"

typedef struct {
    log_batch_t batch;
    store_reader_t *reader;
    name_keys_t keys;
    const char *name;
    uint64_t owner;             /* number of the name's owner; 0: it has none                 */
    char who[2][OWNER_WHO_MAX]; /* the person, without proof and as the owner; "": none */
    uint64_t now_ms;
    size_t messages; /* that are gone now                                         */
    size_t others;   /* facts and reactions                                       */
} forget_t;

bool forget_asked (int argc, char **argv)
{
    return argc > 1 && strcmp (argv[1], "forget") == 0;
}

/*  Returns -1, or the exit status. The name stands at optind.                 */
static int command_read (char **data, char **config, int argc, char **argv)
{
    static const struct option flags[] = {{"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1)
        switch (flag) {
        case 'd':
            *data = optarg;
            break;
        case 'c':
            *config = optarg;
            break;
        case 'h':
            fputs (help_text, stdout);
            return EX_OK;
        default:
            options_say ("%s %s; see zchatd forget --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option");
            return EX_USAGE;
        }
    if (argc - optind == 1)
        return -1;
    options_say ("forget wants one name: zchatd forget [--data DIR] NAME");
    return EX_USAGE;
}

/*  --- records ---------------------------------------------------------------  */

/*  The message of that seq is no more, and nobody is told: in mailboxes, and for what is no
 * message. */
static zchat_status_t wipe (forget_t *self, const room_t *room, uint64_t seq)
{
    frame_t name = log_batch_keep (&self->batch, frame_of (room->name, room->name_size));
    store_record_t *record = log_batch_add (&self->batch);
    record->room = room->id;
    record->room_name = name;
    record->removes = seq;
    self->messages++;
    return log_batch_done (&self->batch);
}

/*  As REMOVE does it, so that clients which know the message take it off their screens. */
static zchat_status_t take_away (forget_t *self, const room_t *room, uint64_t seq)
{
    char text[48];
    snprintf (text, sizeof text, "{\"seq\":%llu}", (unsigned long long)seq);
    frame_t data = log_batch_keep (&self->batch, frame_str (text));
    store_record_t *record =
        log_batch_event (&self->batch, room, frame_of (NULL, 0), ZCHAT_TYPE_REMOVE, self->now_ms);
    record->event.user = frame_str (FORGETS);
    record->event.data = data;
    record->removes = seq;
    self->messages++;
    return log_batch_done (&self->batch);
}

/*  The seq in the data of an event that is about another; 0: none.            */
static uint64_t about (const event_t *event)
{
    json_t *json = json_loadb (event->data.data, event->data.size, 0, NULL);
    json_int_t seq = json_integer_value (json_object_get (json, "seq"));
    json_decref (json);
    return seq >= 1 && seq <= (json_int_t)ZCHAT_SEQ_MAX ? (uint64_t)seq : 0;
}

/*  It is taken back, for each of the two forms in which it may be kept, and then its own text goes.
 */
static zchat_status_t reaction (forget_t *self, const room_t *room, const event_t *event)
{
    uint64_t seq = about (event);
    zchat_status_t status = ZCHAT_OK;
    for (int i = 0; status == ZCHAT_OK && seq && i < 2; i++) {
        if (!*self->who[i])
            continue;
        frame_t body = log_batch_keep (&self->batch, event->body);
        frame_t user = log_batch_keep (&self->batch, event->user);
        frame_t data = log_batch_keep (&self->batch, event->data);
        store_record_t *record = log_batch_event (&self->batch, room, frame_of (NULL, 0),
                                                  ZCHAT_TYPE_UNREACT, self->now_ms);
        record->event.user = user;
        record->event.body = body;
        record->event.data = data;
        record->reacts = seq;
        record->who = frame_str (self->who[i]);
        self->others++;
        status = log_batch_done (&self->batch);
    }
    return status == ZCHAT_OK ? wipe (self, room, event->seq) : status;
}

static zchat_status_t event_forget (forget_t *self, const room_t *room, const event_t *event)
{
    switch (event->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
        return take_away (self, room, event->seq);
    case ZCHAT_TYPE_EDIT:
        /*  With the message, where that is there; else it alone has the text. */
        return about (event) && about (event) < room->first ? wipe (self, room, about (event))
                                                            : ZCHAT_OK;
    case ZCHAT_TYPE_REACT:
        return reaction (self, room, event);
    case ZCHAT_TYPE_TOPIC:
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_INVITE:
    case ZCHAT_TYPE_MENTION:
        return wipe (self, room, event->seq);
    default:
        return ZCHAT_OK;
    }
}

static zchat_status_t fact_end (forget_t *self, const room_t *room, const char *key,
                                const char *value)
{
    frame_t name = room ? log_batch_keep (&self->batch, frame_of (room->name, room->name_size))
                        : frame_of (NULL, 0);
    frame_t kept = log_batch_keep (&self->batch, frame_str (key));
    store_record_t *record = log_batch_add (&self->batch);
    record->room = room ? room->id : 0;
    record->room_name = name;
    record->fact_key = kept;
    if (value)
        record->fact_value = frame_str (value);
    if (!room && strncmp (key, "name/", 5) == 0) {
        record->unmarks = true;
        record->marker_of = self->owner;
    }
    self->others++;
    return log_batch_done (&self->batch);
}

/*  --- rooms -----------------------------------------------------------------  */

static bool is_person (const forget_t *self, frame_t user)
{
    name_keys_t keys;
    return name_check (user, &keys, NULL) == ZCHAT_OK && name_same (&keys, &self->keys);
}

/*  Up to the seq that was the head when it began: what it adds itself is not looked at. */
static zchat_status_t room_read (forget_t *self, const room_t *room)
{
    uint64_t head = room->head, after = room->first - 1;
    zchat_status_t status = ZCHAT_OK;
    while (status == ZCHAT_OK && after < head) {
        store_page_t *page = NULL;
        store_query_t query = {.room = room->id,
                               .after = after,
                               .limit = ZCHAT_HISTORY_MAX,
                               .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
        status = store_read (self->reader, &query, &page);
        if (status == ZCHAT_OK && page->count == 0)
            after = head;
        for (size_t i = 0; status == ZCHAT_OK && i < page->count; i++) {
            const event_t *event = &page->events[i];
            after = event->seq;
            if (after <= head && is_person (self, event->user))
                status = event_forget (self, room, event);
        }
        store_page_destroy (&page);
    }
    return status;
}

static zchat_status_t topic_end (forget_t *self, const room_t *room)
{
    if (!*room->topic || !is_person (self, frame_str (room->topic_by)))
        return ZCHAT_OK;
    store_record_t *record =
        log_batch_event (&self->batch, room, frame_of (NULL, 0), ZCHAT_TYPE_TOPIC, self->now_ms);
    record->event.user = frame_str (FORGETS);
    return log_batch_done (&self->batch);
}

/*  Each fact goes at once, so the room's list is looked through from its beginning each time. */
static zchat_status_t facts_end (forget_t *self, const room_t *room)
{
    zchat_status_t status = ZCHAT_OK;
    bool found = true;
    while (status == ZCHAT_OK && found) {
        found = false;
        for (const fact_t *fact = room->facts; fact && !found; fact = fact->hh.next) {
            const char *slash = strchr (fact->key, '/');
            found = slash && (strcmp (slash + 1, self->who[0]) == 0 ||
                              (*self->who[1] && strcmp (slash + 1, self->who[1]) == 0));
            if (found)
                status = fact_end (self, room, fact->key, NULL);
        }
    }
    return status;
}

/*  As a room ends: later ones begin behind its seqs, and its number is not given again. */
static zchat_status_t mailbox_end (forget_t *self, const room_t *room)
{
    char number[24];
    zchat_status_t status = ZCHAT_OK;
    uint64_t begins = room->head < ZCHAT_SEQ_MAX ? room->head + 1 : ZCHAT_SEQ_MAX;
    snprintf (number, sizeof number, "%llu", (unsigned long long)begins);
    if (begins > ledger_begins (self->batch.ledger)) {
        status = fact_end (self, NULL, LEDGER_BEGINS,
                           log_batch_keep (&self->batch, frame_str (number)).data);
    }
    snprintf (number, sizeof number, "%llu", (unsigned long long)room->id);
    if (status == ZCHAT_OK && room->id + 1 == ledger_next_room (self->batch.ledger))
        status = fact_end (self, NULL, LEDGER_NUMBERED,
                           log_batch_keep (&self->batch, frame_str (number)).data);
    if (status != ZCHAT_OK)
        return status;
    frame_t name = log_batch_keep (&self->batch, frame_of (room->name, room->name_size));
    store_record_t *record = log_batch_add (&self->batch);
    record->room = room->id;
    record->room_name = name;
    record->drops = true;
    self->messages += room->head + 1 - room->first;
    return log_batch_done (&self->batch);
}

static zchat_status_t forget (forget_t *self)
{
    ledger_t *ledger = self->batch.ledger;
    zchat_status_t status = ZCHAT_OK;
    const room_t *next;
    for (const room_t *room = ledger_room_next (ledger, NULL); status == ZCHAT_OK && room;
         room = next) {
        next = ledger_room_next (ledger, room);
        bool own = room == ledger_mailbox (ledger, self->who[0]) ||
                   (*self->who[1] && room == ledger_mailbox (ledger, self->who[1]));
        if (own)
            status = mailbox_end (self, room);
        else {
            status = room_read (self, room);
            if (status == ZCHAT_OK)
                status = topic_end (self, room);
            if (status == ZCHAT_OK)
                status = facts_end (self, room);
        }
    }
    if (status == ZCHAT_OK && self->owner) {
        char key[OWNER_FACT_MAX];
        owner_fact_key (self->owner, key);
        status = fact_end (self, NULL, key, ledger_owner_gone (ledger, self->owner));
    }
    return status == ZCHAT_OK ? log_batch_flush (&self->batch) : status;
}

/*  --- the command -----------------------------------------------------------  */

static int log_forget (store_t *store, ledger_t *ledger, const char *data, const char *name)
{
    forget_t self = {.batch = {.store = store, .ledger = ledger}, .name = name};
    const char *wrong = NULL;
    char composed[ZCHAT_NAME_MAX + 1];
    struct timespec now;
    frame_t given = name_compose (frame_str (name), composed);
    if (name_check (given, &self.keys, &wrong) != ZCHAT_OK) {
        options_say ("%s is no name: %s", name, wrong);
        return EX_USAGE;
    }
    clock_gettime (CLOCK_REALTIME, &now);
    self.now_ms = (uint64_t)now.tv_sec * 1000;
    self.who[0][0] = '=';
    name_who (given, self.who[0] + 1);
    const owner_t *owner = ledger_owner (ledger, &self.keys);
    if (owner) {
        self.owner = owner->id;
        owner_who (owner->id, self.who[1]);
    }
    zchat_status_t status = store_reader_new (store, &self.reader);
    if (status == ZCHAT_OK)
        status = forget (&self);
    store_reader_destroy (&self.reader);
    log_batch_free (&self.batch);
    /*  Words of what is gone stand in it.                                     */
    index_delete (data);
    if (status != ZCHAT_OK) {
        options_say ("not all of %s could be erased: %s; run it again", name, store_error (store));
        return EX_IOERR;
    }
    if (!self.messages && !self.others) {
        options_say ("the log holds nothing of %s", name);
        return EX_NOINPUT;
    }
    printf ("forgotten: %zu messages, %zu facts and reactions\n", self.messages, self.others);
    return fflush (stdout) == 0 ? EX_OK : EX_IOERR;
}

int forget_run (int argc, char **argv)
{
    char *data = NULL, *config = NULL, *why = NULL;
    options_t options = {0};
    store_t *store = NULL;
    ledger_t *ledger = NULL;
    int result = command_read (&data, &config, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    const char *name = argv[optind + 1];
    result = options_command (&options, data, config);
    if (result < 0) {
        result = owned_log_open (options.data, &store, &ledger, &why);
        if (result >= 0)
            options_say ("%s", why ? why : "there is no log in that folder");
        else
            result = log_forget (store, ledger, options.data, name);
    }
    ledger_destroy (&ledger);
    store_destroy (&store);
    free (why);
    options_free (&options);
    return result;
}
