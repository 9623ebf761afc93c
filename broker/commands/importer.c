/*  importer.c - events of elsewhere, written into the log of a broker that is stopped */
#include "importer.h"
#include "log_batch.h"
#include "memory.h"
#include "text.h"

/*  Where the events of a room elsewhere went.                                 */
typedef struct {
    char fold[NAME_KEY_MAX + 1]; /* of the room's name                            */
    uint64_t first, last;        /* seqs elsewhere of a run without a hole        */
    uint64_t here;               /* the seq here of the first                     */
    UT_hash_handle hh;
} run_t;

struct importer {
    log_batch_t batch;
    run_t *runs; /* by fold: the last run of each room                            */
    size_t written, left_out;
    char error[512];
};

importer_t *importer_new (store_t *store, ledger_t *ledger)
{
    importer_t *self = memory_zero (sizeof *self);
    self->batch = (log_batch_t){.store = store, .ledger = ledger};
    return self;
}

void importer_destroy (importer_t **self_p)
{
    importer_t *self = *self_p;
    run_t *run, *next;
    if (!self)
        return;
    HASH_ITER (hh, self->runs, run, next)
    {
        HASH_DEL (self->runs, run);
        free (run);
    }
    log_batch_free (&self->batch);
    free (self);
    *self_p = NULL;
}

static const char *failed (importer_t *self)
{
    snprintf (self->error, sizeof self->error, "the log cannot be written: %s",
              *store_error (self->batch.store) ? store_error (self->batch.store)
                                               : "it has no place for one more room");
    return self->error;
}

/*  --- what may come in ------------------------------------------------------  */

static bool about_message (zchat_type_t type)
{
    return type == ZCHAT_TYPE_EDIT || type == ZCHAT_TYPE_REACT || type == ZCHAT_TYPE_UNREACT ||
           type == ZCHAT_TYPE_REMOVE;
}

static const char *event_wrong (const event_t *event)
{
    bool reacts = event->type == ZCHAT_TYPE_REACT || event->type == ZCHAT_TYPE_UNREACT;
    size_t most = event->type == ZCHAT_TYPE_TOPIC  ? ZCHAT_TOPIC_MAX
                  : event->type == ZCHAT_TYPE_GONE ? 0
                                                   : ZCHAT_BODY_MAX;
    if (!zchat_type_stored (event->type) || event->type == ZCHAT_TYPE_TELL ||
        event->type == ZCHAT_TYPE_TOLD || event->type == ZCHAT_TYPE_INVITE ||
        event->type == ZCHAT_TYPE_MENTION)
        return "its type is none that is stored in a room";
    if (name_check (event->user, NULL, NULL) != ZCHAT_OK)
        return "the user is no name (1 to 32 letters, digits, . _ and -)";
    if (event->body.size > most || !text_valid (event->body) ||
        memchr (event->body.size ? event->body.data : "", '\0', event->body.size))
        return "the text is too long, or is not UTF-8";
    if (reacts && (event->body.size > ZCHAT_REACTION_MAX || !text_word (event->body)))
        return "the text is no reaction";
    if (event->data.size > ZCHAT_DATA_MAX || !text_valid (event->data))
        return "data is too long";
    return event->time_ms > INT64_MAX / 2 || event->seq > ZCHAT_SEQ_MAX
               ? "seq or time is no number that can be"
               : NULL;
}

/*  --- seqs ------------------------------------------------------------------  */

static run_t *run_find (importer_t *self, const name_keys_t *room)
{
    run_t *run;
    HASH_FIND_STR (self->runs, room->fold, run);
    if (!run) {
        run = memory_zero (sizeof *run);
        snprintf (run->fold, sizeof run->fold, "%s", room->fold);
        HASH_ADD_STR (self->runs, fold, run);
    }
    return run;
}

static void run_add (run_t *run, uint64_t there, uint64_t here)
{
    if (!run->first || there != run->last + 1 || here != run->here + (there - run->first)) {
        run->first = there;
        run->here = here;
    }
    run->last = there;
}

/*  The seq here of the message that the data of an event names; 0: it is not known. */
static uint64_t run_seq (const run_t *run, frame_t data)
{
    json_t *json = json_loadb (data.data, data.size, 0, NULL);
    json_int_t seq = json_integer_value (json_object_get (json, "seq"));
    json_decref (json);
    bool known = run->first && seq >= (json_int_t)run->first && seq <= (json_int_t)run->last;
    return known ? run->here + ((uint64_t)seq - run->first) : 0;
}

/*  --- writing ---------------------------------------------------------------  */

/*  What the event is about, as the store is told of it.                       */
static void about_fill (importer_t *self, store_record_t *record, uint64_t seq)
{
    char text[48], who[NAME_KEY_MAX + 2] = "=";
    snprintf (text, sizeof text, "{\"seq\":%llu}", (unsigned long long)seq);
    zchat_type_t type = record->event.type;
    record->event.data = log_batch_keep (&self->batch, frame_str (text));
    if (type == ZCHAT_TYPE_EDIT)
        record->edits = seq;
    else if (type == ZCHAT_TYPE_REMOVE)
        record->removes = seq;
    else {
        name_who (record->event.user, who + 1);
        record->reacts = seq;
        record->who = log_batch_keep (&self->batch, frame_str (who));
    }
}

static const char *event_put (importer_t *self, const record_line_t *from, const name_keys_t *keys,
                              frame_t name)
{
    const event_t *event = &from->event;
    const room_t *room = ledger_room (self->batch.ledger, keys);
    run_t *run = run_find (self, keys);
    uint64_t about = about_message (event->type) ? run_seq (run, event->data) : 0;
    /*  It keeps its place, so that what follows keeps its distance.           */
    bool stray = about_message (event->type) && !about;
    if (room && room->is_private) {
        self->left_out++;
        return NULL;
    }
    if (!room && ledger_n_rooms (self->batch.ledger) >= ZCHAT_ROOMS_MAX)
        return "there is no place for one more room";
    frame_t user = log_batch_keep (&self->batch, event->user);
    frame_t body = log_batch_keep (&self->batch, event->body);
    frame_t data = log_batch_keep (&self->batch, event->data);
    store_record_t *record = log_batch_event (
        &self->batch, room, name, stray ? ZCHAT_TYPE_GONE : event->type, event->time_ms);
    record->event.user = user;
    if (!stray) {
        record->event.body = body;
        record->event.data = data;
    }
    if (about)
        about_fill (self, record, about);
    run_add (run, event->seq, record->event.seq);
    if (log_batch_done (&self->batch) != ZCHAT_OK)
        return failed (self);
    self->written++;
    return NULL;
}

const char *importer_put (importer_t *self, const record_line_t *record)
{
    name_keys_t keys;
    char composed[ZCHAT_NAME_MAX + 1];
    if (record->is_private || frame_is (record->room, "@")) {
        self->left_out++;
        return NULL;
    }
    frame_t name = name_compose (record->room, composed);
    if (name_check (name, &keys, NULL) != ZCHAT_OK)
        return "the room is no name (1 to 32 letters, digits, . _ and -)";
    const char *wrong = event_wrong (&record->event);
    return wrong ? wrong : event_put (self, record, &keys, name);
}

const char *importer_end (importer_t *self)
{
    return log_batch_flush (&self->batch) == ZCHAT_OK ? NULL : failed (self);
}

size_t importer_written (const importer_t *self)
{
    return self->written;
}

size_t importer_left_out (const importer_t *self)
{
    return self->left_out;
}
