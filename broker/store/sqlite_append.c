/*  sqlite_append.c - a batch of records, in one commit

    A message is one insertion. A room and a producer are written once for the whole
    batch, with what the last of their records says: so a batch of a thousand
    costs little more than its messages. Facts and removals are rare, and done one by one.
*/
#include "memory.h"
#include "sqlite.h"

/*  --- messages --------------------------------------------------------------  */

static bool messages_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        if ((record->event.type != ZCHAT_TYPE_NONE && !sqlite_message_put (self, record)) ||
            (record->removes &&
             !sqlite_message_remove (self, sqlite_message_id (record->room, record->removes))))
            return false;
    }
    return true;
}

static bool batch_wipes (const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].removes || records[i].drops || records[i].edits)
            return true;
    return false;
}

/*  Whether pages that a long text leaves are zeroed too. That is too dear for retention, but
    what somebody took away or edited is to be found no more: not in the file, not in a backup of
   it. */
static bool wipe_begin (sqlite_store_t *self)
{
    if (sqlite3_exec (self->db, "PRAGMA secure_delete = ON", NULL, NULL, NULL) == SQLITE_OK)
        return true;
    sqlite_failed (self);
    return false;
}

static void wipe_end (sqlite_store_t *self)
{
    (void)sqlite3_exec (self->db, "PRAGMA secure_delete = FAST", NULL, NULL, NULL);
}

/*  --- runs ------------------------------------------------------------------  */

static int compare_places (const store_record_t *a, const store_record_t *b)
{
    return (a > b) - (a < b);
}

static int compare_rooms (const void *a, const void *b)
{
    const sqlite_run_t *x = a;
    const sqlite_run_t *y = b;
    if (x->first->room != y->first->room)
        return x->first->room < y->first->room ? -1 : 1;
    return compare_places (x->first, y->first);
}

static int compare_producers (const void *a, const void *b)
{
    const sqlite_run_t *x = a;
    const sqlite_run_t *y = b;
    int order = memcmp (x->first->producer, y->first->producer, ZCHAT_PRODUCER_SIZE);
    return order ? order : compare_places (x->first, y->first);
}

static bool same_room (const store_record_t *a, const store_record_t *b)
{
    return a->room == b->room;
}

static bool same_producer (const store_record_t *a, const store_record_t *b)
{
    return memcmp (a->producer, b->producer, ZCHAT_PRODUCER_SIZE) == 0;
}

/*  Gather what belongs together into self->runs: neighbours first, because a batch
    often comes from one sender; then the rest by sorting, which nobody can make slow
    by choosing producers, as he could with a hash. Returns how many there are. */
static size_t runs_gather (sqlite_store_t *self, const store_record_t *records, size_t count,
                           bool producers)
{
    bool (*same) (const store_record_t *, const store_record_t *) =
        producers ? same_producer : same_room;
    if (count > self->runs_capacity) {
        self->runs = memory_grow (self->runs, count * sizeof *self->runs);
        self->runs_capacity = count;
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        if (producers ? !record->has_producer : record->event.type == ZCHAT_TYPE_NONE)
            continue;
        if (n == 0 || !same (self->runs[n - 1].last, record))
            self->runs[n++] = (sqlite_run_t){.first = record};
        sqlite_run_t *run = &self->runs[n - 1];
        run->last = record;
        run->count++;
        if (record->event.type == ZCHAT_TYPE_TOPIC)
            run->topic = record;
    }
    if (n < 2)
        return n;
    qsort (self->runs, n, sizeof *self->runs, producers ? compare_producers : compare_rooms);
    size_t merged = 1;
    for (size_t i = 1; i < n; i++) {
        sqlite_run_t *into = &self->runs[merged - 1];
        const sqlite_run_t *run = &self->runs[i];
        if (!same (into->first, run->first)) {
            self->runs[merged++] = *run;
            continue;
        }
        into->last = run->last;
        into->count += run->count;
        into->topic = run->topic ? run->topic : into->topic;
    }
    return merged;
}

/*  --- rooms and producers ---------------------------------------------------  */

static bool room_insert (sqlite_store_t *self, const sqlite_run_t *run)
{
    sqlite3_stmt *statement = self->statements[SQL_ROOM_INSERT];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)run->first->room);
    sqlite_bind_text (statement, 2, run->first->room_name);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)run->last->event.seq);
    sqlite3_bind_int64 (statement, 4, (sqlite3_int64)run->last->event.time_ms);
    sqlite3_bind_int64 (statement, 5, (sqlite3_int64)run->first->event.time_ms);
    sqlite3_bind_int64 (statement, 6, (sqlite3_int64)run->first->event.seq);
    return sqlite_run (self, SQL_ROOM_INSERT);
}

/*  A room that retention had emptied has an oldest message again.             */
static bool room_date (sqlite_store_t *self, const sqlite_run_t *run)
{
    sqlite3_stmt *statement = self->statements[SQL_ROOM_OLDEST];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)run->first->room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)run->first->event.time_ms);
    return sqlite_run (self, SQL_ROOM_OLDEST);
}

static bool room_advance (sqlite_store_t *self, const sqlite_run_t *run)
{
    uint64_t before = run->first->event.seq - 1;
    if (run->first->makes)
        return room_insert (self, run);
    sqlite3_stmt *statement = self->statements[SQL_ROOM_UPDATE];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)run->first->room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)run->last->event.seq);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)run->last->event.time_ms);
    sqlite3_bind_int64 (statement, 4, (sqlite3_int64)before);
    int rc = sqlite_step (self, SQL_ROOM_UPDATE);
    uint64_t first = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (statement, 0) : 0;
    bool known = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        rc = sqlite_step (self, SQL_ROOM_UPDATE);
    sqlite3_reset (statement);
    if (rc != SQLITE_DONE)
        return false;
    if (known)
        return first != run->first->event.seq || room_date (self, run);
    if (before == 0)
        return room_insert (self, run);
    store_fail (&self->store, "%s %s: room %llu is not at seq %llu", self->doing, self->path,
                (unsigned long long)run->first->room, (unsigned long long)before);
    return false;
}

static bool room_topic (sqlite_store_t *self, const sqlite_run_t *run)
{
    const event_t *event = &run->topic->event;
    sqlite3_stmt *statement = self->statements[SQL_ROOM_TOPIC];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)run->first->room);
    sqlite_bind_text (statement, 2, event->body);
    sqlite_bind_text (statement, 3, event->user);
    sqlite3_bind_int64 (statement, 4, (sqlite3_int64)event->time_ms);
    return sqlite_run (self, SQL_ROOM_TOPIC);
}

static bool rooms_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    size_t n = runs_gather (self, records, count, false);
    for (size_t i = 0; i < n; i++) {
        const sqlite_run_t *run = &self->runs[i];
        if (run->last->event.seq - run->first->event.seq != run->count - 1) {
            store_fail (&self->store, "%s %s: the seqs of room %llu have a hole", self->doing,
                        self->path, (unsigned long long)run->first->room);
            return false;
        }
        if (!room_advance (self, run) || (run->topic && !room_topic (self, run)))
            return false;
    }
    return true;
}

static bool producers_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    sqlite3_stmt *statement = self->statements[SQL_PRODUCER_PUT];
    size_t n = runs_gather (self, records, count, true);
    for (size_t i = 0; i < n; i++) {
        const store_record_t *last = self->runs[i].last;
        sqlite_bind_blob (statement, 1, frame_of (last->producer, sizeof last->producer));
        sqlite3_bind_int64 (statement, 2, (sqlite3_int64)last->n);
        sqlite3_bind_int64 (statement, 3, (sqlite3_int64)last->event.time_ms);
        sqlite_bind_text (statement, 4, last->holder);
        if (!sqlite_run (self, SQL_PRODUCER_PUT))
            return false;
    }
    return true;
}

/*  True where the producer that the record at index forgets is used again behind it.  */
static bool producer_again (const store_record_t *records, size_t count, size_t index)
{
    for (size_t i = index + 1; i < count; i++)
        if (records[i].has_producer &&
            memcmp (records[i].producer, records[index].forgotten, ZCHAT_PRODUCER_SIZE) == 0)
            return true;
    return false;
}

static bool producers_forget (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!records[i].forgets || producer_again (records, count, i))
            continue;
        sqlite_bind_blob (self->statements[SQL_PRODUCER_DELETE], 1,
                          frame_of (records[i].forgotten, ZCHAT_PRODUCER_SIZE));
        if (!sqlite_run (self, SQL_PRODUCER_DELETE))
            return false;
    }
    return true;
}

/*  --- facts -----------------------------------------------------------------  */

static bool fact_put (sqlite_store_t *self, const store_record_t *record)
{
    sqlite_statement_t put = record->fact_value.size ? SQL_FACT_PUT : SQL_FACT_DELETE;
    sqlite3_stmt *statement = self->statements[put];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)record->room);
    sqlite_bind_text (statement, 2, record->fact_key);
    if (put == SQL_FACT_PUT)
        sqlite_bind_text (statement, 3, record->fact_value);
    if (!sqlite_run (self, put))
        return false;
    if (put == SQL_FACT_DELETE || sqlite3_changes (self->db) == 1)
        return true;
    store_fail (&self->store, "%s %s: a fact is of room %llu, which is not there", self->doing,
                self->path, (unsigned long long)record->room);
    return false;
}

/*  After the rooms: one of them may be new.                                   */
static bool facts_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].fact_key.size && !fact_put (self, &records[i]))
            return false;
    return true;
}

static bool charges_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!records[i].charge.size)
            continue;
        sqlite3_bind_int64 (self->statements[SQL_ROOM_CHARGE], 1, (sqlite3_int64)records[i].room);
        sqlite_bind_text (self->statements[SQL_ROOM_CHARGE], 2, records[i].charge);
        if (!sqlite_run (self, SQL_ROOM_CHARGE))
            return false;
    }
    return true;
}

/*  Last: what was said in such a room stands before it.                       */
static bool rooms_drop (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t room = records[i].room;
        if (!records[i].drops)
            continue;
        sqlite3_bind_int64 (self->statements[SQL_TRIM_DELETE], 1, sqlite_message_id (room, 0));
        sqlite3_bind_int64 (self->statements[SQL_TRIM_DELETE], 2,
                            sqlite_message_id (room, ZCHAT_SEQ_MAX));
        sqlite3_bind_int64 (self->statements[SQL_FACTS_DROP], 1, (sqlite3_int64)room);
        sqlite3_bind_int64 (self->statements[SQL_ROOM_DROP], 1, (sqlite3_int64)room);
        if (!sqlite_run (self, SQL_TRIM_DELETE) ||
            !sqlite_messages_forget (self, room, 0, ZCHAT_SEQ_MAX) ||
            !sqlite_run (self, SQL_FACTS_DROP) || !sqlite_run (self, SQL_ROOM_DROP) ||
            !sqlite_markers_drop (self, room))
            return false;
    }
    return true;
}

/*  How many records were ever appended.                                       */
static bool position_advance (sqlite_store_t *self, size_t count)
{
    sqlite3_bind_int64 (self->statements[SQL_ADVANCE], 1, (sqlite3_int64)count);
    return sqlite_run (self, SQL_ADVANCE);
}

zchat_status_t sqlite_append (store_t *store, const store_record_t *records, size_t count)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    bool wipe = batch_wipes (records, count);
    bool done = sqlite_begin (self, "append to") && (!wipe || wipe_begin (self)) &&
                messages_put (self, records, count) && rooms_put (self, records, count) &&
                facts_put (self, records, count) && charges_put (self, records, count) &&
                producers_put (self, records, count) && producers_forget (self, records, count) &&
                sqlite_markers_put (self, records, count) && rooms_drop (self, records, count) &&
                position_advance (self, count) && sqlite_commit (self);
    if (done)
        sqlite_shares_appended (self, records, count);
    else
        sqlite_rollback (self);
    if (wipe)
        wipe_end (self);
    if (done)
        return ZCHAT_OK;
    return self->astray ? ZCHAT_SYSTEM : ZCHAT_STORAGE;
}
