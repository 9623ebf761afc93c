/*  store_memory.c - the store in memory

    Readers belong to other threads: one mutex guards it all, held for one call.
*/
#include "store_memory.h"
#include "memory.h"
#include "shares.h"
#include "store_memory_facts.h"
#include "store_memory_markers.h"
#include "store_memory_marks.h"
#include "store_ops.h"

#include <assert.h>
#include <pthread.h>
#include <search.h>

/*  One stored event; its text follows it in the same block.                   */
typedef struct {
    event_t event; /* views text                                    */
    char text[];   /* user, body and data                           */
} kept_t;

typedef struct {
    uint64_t id;            /* the room's number                                  */
    char *name;             /* its spelling                                       */
    uint64_t head;          /* last seq                                           */
    uint64_t first;         /* oldest seq stored                                  */
    uint64_t time_ms;       /* of its last event                                  */
    char *topic;            /* or NULL                                            */
    size_t topic_size;      /* bytes of it: it may hold a NUL                     */
    char *topic_by;         /* or NULL                                            */
    uint64_t topic_time_ms; /* when it was set                                    */
    char *charge;           /* or NULL                                            */
    kept_t **kept;          /* events first, first + 1, ... from kept[begin] on   */
    size_t begin;           /* slots before it are free                           */
    size_t end;             /* one behind the last                                */
    size_t capacity;        /* of kept                                            */
    memory_marks_t *marks;  /* edits and reactions                                */
} room_t;

typedef struct {
    store_t store;         /* first: what store.c knows                           */
    pthread_mutex_t mutex; /* guards what follows                                 */
    room_t *rooms;         /* by number, ascending                                */
    size_t n_rooms;        /* of them                                             */
    size_t rooms_capacity; /* of rooms                                            */
    void *facts;           /* a tree, see store_memory_facts.h                    */
    void *producers;       /* a tree of store_producer_t (tsearch)                */
    memory_markers_t markers;
    uint64_t bytes;    /* of all events, as records                           */
    shares_t shares;   /* the same by room                                    */
    bool failing;      /* store_memory_fail                                   */
    uint64_t position; /* records appended                                     */
} memory_store_t;

typedef struct {
    store_reader_t reader; /* first: what store.c knows */
    memory_store_t *store; /* whose it is               */
    marks_t marks;         /* of the message at hand    */
} memory_reader_t;

/*  --- rooms -----------------------------------------------------------------  */

/*  The place of a room among the others, whether it is there or not.          */
static size_t room_place (const memory_store_t *self, uint64_t id)
{
    size_t low = 0;
    size_t high = self->n_rooms;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->rooms[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static room_t *room_find (const memory_store_t *self, uint64_t id)
{
    size_t place = room_place (self, id);
    return place < self->n_rooms && self->rooms[place].id == id ? &self->rooms[place] : NULL;
}

static room_t *room_make (memory_store_t *self, uint64_t id, frame_t name, uint64_t first)
{
    size_t place = room_place (self, id);
    if (self->n_rooms == self->rooms_capacity) {
        self->rooms_capacity = self->rooms_capacity ? 2 * self->rooms_capacity : 16;
        self->rooms = memory_grow (self->rooms, self->rooms_capacity * sizeof *self->rooms);
    }
    room_t *room = &self->rooms[place];
    memmove (room + 1, room, (self->n_rooms - place) * sizeof *room);
    self->n_rooms++;
    *room = (room_t){
        .id = id, .name = memory_string (name.data, name.size), .head = first - 1, .first = first};
    return room;
}

static frame_t text_put (char **at, frame_t frame)
{
    frame_t copy = frame_of (*at, frame.size);
    if (frame.size)
        memcpy (*at, frame.data, frame.size);
    *at += frame.size;
    return copy;
}

static kept_t *kept_new (const event_t *event)
{
    kept_t *kept =
        memory_new (sizeof *kept + event->user.size + event->body.size + event->data.size);
    char *at = kept->text;
    kept->event = *event;
    kept->event.user = text_put (&at, event->user);
    kept->event.body = text_put (&at, event->body);
    kept->event.data = text_put (&at, event->data);
    return kept;
}

static void room_keep (room_t *room, const event_t *event)
{
    if (room->end == room->capacity && room->begin > room->capacity / 2) {
        memmove (room->kept, room->kept + room->begin,
                 (room->end - room->begin) * sizeof (kept_t *));
        room->end -= room->begin;
        room->begin = 0;
    } else if (room->end == room->capacity) {
        room->capacity = room->capacity ? 2 * room->capacity : 16;
        room->kept = memory_grow (room->kept, room->capacity * sizeof (kept_t *));
    }
    room->kept[room->end++] = kept_new (event);
}

/*  Where the event of that seq is kept; NULL: it is not.                      */
static kept_t **room_kept (const room_t *room, uint64_t seq)
{
    return room && seq >= room->first && seq <= room->head
               ? &room->kept[room->begin + (seq - room->first)]
               : NULL;
}

static void room_topic (room_t *room, const event_t *event)
{
    free (room->topic);
    free (room->topic_by);
    room->topic = memory_string (event->body.data, event->body.size);
    room->topic_size = event->body.size;
    room->topic_by = memory_string (event->user.data, event->user.size);
    room->topic_time_ms = event->time_ms;
}

static void room_clear (room_t *room)
{
    for (size_t i = room->begin; i < room->end; i++)
        free (room->kept[i]);
    free (room->kept);
    free (room->name);
    free (room->topic);
    free (room->topic_by);
    free (room->charge);
    memory_marks_destroy (&room->marks);
}

/*  --- producers -------------------------------------------------------------  */

/*  One producer, with its holder's text.                                      */
typedef struct {
    store_producer_t producer; /* first: what the tree knows                   */
    char text[STORE_HOLDER_MAX];
} kept_producer_t;

static int producer_compare (const void *a, const void *b)
{
    const store_producer_t *x = a;
    const store_producer_t *y = b;
    return memcmp (x->id, y->id, sizeof x->id);
}

static void producer_put (memory_store_t *self, const store_record_t *record)
{
    store_producer_t *producer = memory_zero (sizeof (kept_producer_t));
    memcpy (producer->id, record->producer, sizeof producer->id);
    store_producer_t **node = memory_check (tsearch (producer, &self->producers, producer_compare));
    if (*node != producer)
        free (producer);
    (*node)->n = record->n;
    (*node)->time_ms = record->event.time_ms;
    kept_producer_t *kept = (kept_producer_t *)*node;
    memcpy (kept->text, record->holder.size ? record->holder.data : "", record->holder.size);
    kept->producer.holder = frame_of (kept->text, record->holder.size);
}

static void producer_forget (memory_store_t *self, const uint8_t *id)
{
    store_producer_t key;
    memcpy (key.id, id, sizeof key.id);
    store_producer_t **node = tfind (&key, &self->producers, producer_compare);
    if (!node)
        return;
    store_producer_t *producer = *node;
    tdelete (producer, &self->producers, producer_compare);
    free (producer);
}

/*  --- the operations --------------------------------------------------------  */

static void memory_destroy (store_t *store)
{
    memory_store_t *self = (memory_store_t *)store;
    for (size_t i = 0; i < self->n_rooms; i++)
        room_clear (&self->rooms[i]);
    free (self->rooms);
    shares_clear (&self->shares);
    store_memory_facts_destroy (&self->facts);
    tdestroy (self->producers, free);
    store_memory_markers_destroy (&self->markers);
    pthread_mutex_destroy (&self->mutex);
    free (self);
}

/*  What a walk through the producers carries along.                           */
typedef struct {
    const store_loader_t *loader; /* gets them                                 */
    zchat_status_t status;        /* of the loader                             */
} walk_t;

static void walk_producer (const void *node, VISIT visit, void *arg)
{
    walk_t *walk = arg;
    if ((visit == postorder || visit == leaf) && walk->status == ZCHAT_OK)
        walk->status = walk->loader->producer (walk->loader->arg, *(store_producer_t *const *)node);
}

static zchat_status_t memory_load (store_t *store, const store_loader_t *loader)
{
    memory_store_t *self = (memory_store_t *)store;
    walk_t walk = {.loader = loader, .status = ZCHAT_OK};
    pthread_mutex_lock (&self->mutex);
    for (size_t i = 0; walk.status == ZCHAT_OK && i < self->n_rooms; i++) {
        const room_t *room = &self->rooms[i];
        store_room_t known = {.id = room->id,
                              .name = frame_str (room->name),
                              .head = room->head,
                              .first = room->first,
                              .time_ms = room->time_ms,
                              .topic = frame_of (room->topic, room->topic_size),
                              .topic_by = frame_str (room->topic_by ? room->topic_by : ""),
                              .topic_time_ms = room->topic_time_ms,
                              .charge = frame_str (room->charge ? room->charge : "")};
        walk.status = loader->room (loader->arg, &known);
    }
    if (walk.status == ZCHAT_OK && loader->fact)
        walk.status = store_memory_facts_load (self->facts, loader);
    if (walk.status == ZCHAT_OK)
        twalk_r (self->producers, walk_producer, &walk);
    if (walk.status == ZCHAT_OK && loader->marker)
        walk.status = store_memory_markers_load (&self->markers, loader);
    if (walk.status == ZCHAT_OK && loader->position)
        walk.status = loader->position (loader->arg, self->position);
    pthread_mutex_unlock (&self->mutex);
    return walk.status;
}

/*  The event of that seq is another from now on.                              */
static void event_change (memory_store_t *self, room_t *room, uint64_t seq, const event_t *event)
{
    kept_t **kept = room_kept (room, seq), *before = *kept;
    *kept = kept_new (event);
    size_t had = event_record_size (&before->event), has = event_record_size (event);
    self->bytes = self->bytes - had + has;
    if (has > had)
        shares_grow (&self->shares, room->id, has - had);
    else
        shares_shrink (&self->shares, room->id, had - has);
    free (before);
}

static void event_edit (memory_store_t *self, room_t *room, uint64_t seq, frame_t body)
{
    kept_t **kept = room_kept (room, seq);
    if (!kept)
        return;
    event_t event = (*kept)->event;
    event.body = body;
    event_change (self, room, seq, &event);
}

/*  Take an event's text away, where it is still there.                        */
static void event_wipe (memory_store_t *self, room_t *room, uint64_t seq)
{
    kept_t **kept = room_kept (room, seq);
    if (!kept)
        return;
    event_t event = (*kept)->event;
    event.type = ZCHAT_TYPE_GONE;
    event.body = event.data = frame_of (NULL, 0);
    event_change (self, room, seq, &event);
}

/*  What the event, which is kept already, does to the one that it is about.   */
static void event_about (memory_store_t *self, room_t *room, const store_record_t *record)
{
    uint64_t seq = record->edits ? record->edits : record->reacts;
    kept_t **kept = room_kept (room, seq);
    zchat_type_t type = kept ? (*kept)->event.type : ZCHAT_TYPE_NONE;
    bool message = type == ZCHAT_TYPE_SAY || type == ZCHAT_TYPE_ACTION;
    if (record->edits && kept && !message)
        event_wipe (self, room, record->event.seq);
    else if (record->edits) {
        uint64_t before = memory_marks_edit (&room->marks, seq, record->event.seq);
        event_edit (self, room, seq, record->event.body);
        event_edit (self, room, before, frame_of (NULL, 0));
    } else if (message)
        memory_marks_react (&room->marks, record);
}

static void append_event (memory_store_t *self, const store_record_t *record)
{
    const event_t *event = &record->event;
    room_t *room = room_find (self, record->room);
    if (!room)
        room = room_make (self, record->room, record->room_name, record->makes ? event->seq : 1);
    assert (event->seq == room->head + 1);
    room_keep (room, event);
    room->head = event->seq;
    room->time_ms = event->time_ms;
    size_t size = event_record_size (event);
    self->bytes += size;
    shares_add (&self->shares, room->id, *room->name == '@', size, event->time_ms);
    if (event->type == ZCHAT_TYPE_TOPIC)
        room_topic (room, event);
    if (record->edits || record->reacts)
        event_about (self, room, record);
}

static void room_end (memory_store_t *self, uint64_t id)
{
    room_t *room = room_find (self, id);
    store_memory_facts_drop (&self->facts, id);
    shares_drop (&self->shares, id);
    store_memory_markers_drop (&self->markers, id);
    if (!room)
        return;
    for (size_t i = room->begin; i < room->end; i++)
        self->bytes -= event_record_size (&room->kept[i]->event);
    room_clear (room);
    size_t place = (size_t)(room - self->rooms);
    self->n_rooms--;
    memmove (room, room + 1, (self->n_rooms - place) * sizeof *room);
}

static void event_remove (memory_store_t *self, room_t *room, uint64_t seq)
{
    uint64_t edit = room ? memory_marks_remove (room->marks, seq) : 0;
    event_wipe (self, room, seq);
    event_wipe (self, room, edit);
}

static zchat_status_t memory_append (store_t *store, const store_record_t *records, size_t count)
{
    memory_store_t *self = (memory_store_t *)store;
    if (self->failing) {
        store_fail (store, "append to the log in memory: it was told to fail");
        return ZCHAT_STORAGE;
    }
    pthread_mutex_lock (&self->mutex);
    self->position += count;
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        if (record->event.type != ZCHAT_TYPE_NONE)
            append_event (self, record);
        if (record->has_producer)
            producer_put (self, record);
        if (record->forgets)
            producer_forget (self, record->forgotten);
        if (record->removes)
            event_remove (self, room_find (self, record->room), record->removes);
    }
    /*  After the rooms: one of them may be new.                               */
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        store_memory_markers_put (&self->markers, record);
        if (!record->fact_key.size)
            continue;
        assert (!record->fact_value.size || !record->room || room_find (self, record->room));
        store_memory_facts_put (&self->facts, record);
    }
    for (size_t i = 0; i < count; i++) {
        room_t *room = records[i].charge.size ? room_find (self, records[i].room) : NULL;
        if (room) {
            free (room->charge);
            room->charge = memory_string (records[i].charge.data, records[i].charge.size);
        }
        if (records[i].drops)
            room_end (self, records[i].room);
    }
    pthread_mutex_unlock (&self->mutex);
    return ZCHAT_OK;
}

/*  The room whose first event is the oldest of all; NULL where none has one.  */
/*  Of those that have no age of their own.                                    */
static room_t *room_oldest (const memory_store_t *self, const store_retain_t *retain)
{
    room_t *oldest = NULL;
    for (size_t i = 0; i < self->n_rooms; i++) {
        room_t *room = &self->rooms[i];
        if (room->begin < room->end && !store_retain_apart (retain, room->id) &&
            (!oldest ||
             room->kept[room->begin]->event.time_ms < oldest->kept[oldest->begin]->event.time_ms))
            oldest = room;
    }
    return oldest;
}

/*  The room that loses events now, or NULL: for the age of its first, which is then *spare 0, or
    because it holds most, and then so many bytes.                             */
static room_t *room_to_trim (const memory_store_t *self, const store_retain_t *retain,
                             uint64_t now_ms, uint64_t *spare)
{
    uint64_t excess = store_excess (retain, self->bytes);
    *spare = 0;
    for (size_t i = 0; i <= retain->n_rooms; i++) {
        room_t *room = i < retain->n_rooms ? room_find (self, retain->rooms[i].room)
                                           : room_oldest (self, retain);
        if (room && room->begin < room->end &&
            room->kept[room->begin]->event.time_ms < store_cutoff (retain, room->id, now_ms))
            return room;
    }
    return excess ? room_find (self, shares_next (&self->shares, excess, spare)) : NULL;
}

static void room_drop (memory_store_t *self, room_t *room, uint64_t cutoff, uint64_t excess,
                       uint64_t spare, store_trimmed_t *done)
{
    uint64_t freed = 0;
    while (done->count < ZCHAT_TRIM_ROWS && room->begin < room->end) {
        kept_t *kept = room->kept[room->begin];
        if (kept->event.time_ms >= cutoff && (freed >= spare || freed >= excess))
            break;
        freed += event_record_size (&kept->event);
        room->begin++;
        room->first++;
        free (kept);
        done->count++;
    }
    store_memory_mentions_gone (&self->markers, room->id, 0, room->first - 1);
    done->room = room->id;
    done->first = room->first;
    memory_marks_trim (room->marks, room->first);
    self->bytes -= freed;
    shares_take (&self->shares, room->id, freed,
                 room->begin < room->end ? room->kept[room->begin]->event.time_ms : 0);
}

static zchat_status_t memory_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                                   store_trimmed_t *trimmed)
{
    memory_store_t *self = (memory_store_t *)store;
    store_trimmed_t done = {0};
    pthread_mutex_lock (&self->mutex);
    uint64_t spare;
    room_t *room = room_to_trim (self, retain, now_ms, &spare);
    if (room)
        room_drop (self, room, store_cutoff (retain, room->id, now_ms),
                   store_excess (retain, self->bytes), spare, &done);
    done.more = room_to_trim (self, retain, now_ms, &spare) != NULL;
    pthread_mutex_unlock (&self->mutex);
    *trimmed = done;
    return ZCHAT_OK;
}

/*  --- readers ---------------------------------------------------------------  */

static zchat_status_t memory_reader_new (store_t *store, store_reader_t **reader)
{
    memory_reader_t *self = memory_zero (sizeof *self);
    self->reader.ops = store->ops;
    self->store = (memory_store_t *)store;
    *reader = &self->reader;
    return ZCHAT_OK;
}

static void memory_reader_destroy (store_reader_t *reader)
{
    marks_clear (&((memory_reader_t *)reader)->marks);
    free (reader);
}

static zchat_status_t memory_read (store_reader_t *reader, const store_query_t *query,
                                   store_page_t **page)
{
    memory_reader_t *self = (memory_reader_t *)reader;
    memory_store_t *store = self->store;
    store_pager_t pager = {0};
    pthread_mutex_lock (&store->mutex);
    if (query->mentions_of) {
        *page = store_memory_mentions_page (&store->markers, query->mentions_of);
        pthread_mutex_unlock (&store->mutex);
        return ZCHAT_OK;
    }
    const room_t *room = room_find (store, query->room);
    store_span_t span = store_span (query, room ? room->first : 1, room ? room->head : 0);
    for (uint64_t i = 0; i < span.count; i++) {
        uint64_t seq = span.descending ? span.to - i : span.from + i;
        if (!store_pager_add (
                &pager, query, &(*room_kept (room, seq))->event,
                query->marks ? memory_marks_of (room->marks, seq, query->who, &self->marks) : NULL))
            break;
    }
    pthread_mutex_unlock (&store->mutex);
    *page = store_pager_finish (&pager, &span);
    return ZCHAT_OK;
}

/*  --- making ----------------------------------------------------------------  */

static const store_ops_t memory_ops = {
    .destroy = memory_destroy,
    .load = memory_load,
    .append = memory_append,
    .trim = memory_trim,
    .reader_new = memory_reader_new,
    .reader_destroy = memory_reader_destroy,
    .read = memory_read,
};

store_t *store_memory_new (const uint8_t log_id[ZCHAT_LOG_ID_SIZE])
{
    memory_store_t *self = memory_zero (sizeof *self);
    self->store.ops = &memory_ops;
    memcpy (self->store.log_id, log_id, ZCHAT_LOG_ID_SIZE);
    pthread_mutex_init (&self->mutex, NULL);
    return &self->store;
}

void store_memory_fail (store_t *store, bool fail)
{
    memory_store_t *self = (memory_store_t *)store;
    assert (store->ops == &memory_ops);
    self->failing = fail;
}
