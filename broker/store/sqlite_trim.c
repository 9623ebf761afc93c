/*  sqlite_trim.c - retention, one small step at a time

    The room to trim is the one whose first message is the oldest of all; of it
    go the first messages, while they are over age or the log is over size, but
    ZCHAT_TRIM_ROWS at most, so that no append waits long.

    Producers have no index by age: it would cost every append. A few are looked at in
    each step, in the order of their ids, until all were; the next look starts
    when the oldest that was left comes of age, an hour later at least.
*/
#include "sqlite.h"

enum {
    PRODUCERS_STEP = 500,        /* producers looked at in one step    */
    PRODUCERS_PAUSE_MS = 3600000 /* between two looks through them all */
};

typedef struct {
    uint64_t room;   /* its number; 0: no room has a message left */
    uint64_t first;  /* as in store_room_t                        */
    uint64_t head;   /* as in store_room_t                        */
    uint64_t oldest; /* time of its first message                 */
} candidate_t;

static bool candidate_find (sqlite_store_t *self, candidate_t *candidate)
{
    sqlite3_stmt *statement = self->statements[SQL_TRIM_ROOM];
    *candidate = (candidate_t){0};
    int rc = sqlite_step (self, SQL_TRIM_ROOM);
    if (rc == SQLITE_ROW) {
        candidate->room = (uint64_t)sqlite3_column_int64 (statement, 0);
        candidate->first = (uint64_t)sqlite3_column_int64 (statement, 1);
        candidate->head = (uint64_t)sqlite3_column_int64 (statement, 2);
        candidate->oldest = (uint64_t)sqlite3_column_int64 (statement, 3);
    }
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/*  The bytes by which the log is too large.                                   */
static bool excess_get (sqlite_store_t *self, const store_retain_t *retain, uint64_t *excess)
{
    *excess = 0;
    if (retain->bytes == 0)
        return true;
    int rc = sqlite_step (self, SQL_PAGES);
    if (rc == SQLITE_ROW)
        *excess =
            store_excess (retain, (uint64_t)sqlite3_column_int64 (self->statements[SQL_PAGES], 0));
    sqlite3_reset (self->statements[SQL_PAGES]);
    return rc == SQLITE_ROW;
}

/*  How many of the room's first messages go, and when the one behind them was
    said. What they free is whole pages, which may hold half as much in messages:
    so half of the excess is taken off at a time, rather than too much at once. */
static bool room_scan (sqlite_store_t *self, const candidate_t *candidate, uint64_t cutoff,
                       uint64_t excess, size_t *count, uint64_t *next_time)
{
    sqlite3_stmt *statement = self->statements[SQL_TRIM_SCAN];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (candidate->room, candidate->first));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (candidate->room, candidate->head));
    sqlite3_bind_int64 (statement, 3, ZCHAT_TRIM_ROWS + 1);
    size_t n = 0;
    uint64_t freed = 0; /* bytes of messages */
    int rc;
    while ((rc = sqlite_step (self, SQL_TRIM_SCAN)) == SQLITE_ROW) {
        uint64_t time = (uint64_t)sqlite3_column_int64 (statement, 0);
        *next_time = time;
        if (n == ZCHAT_TRIM_ROWS || (time >= cutoff && 2 * freed >= excess))
            break;
        freed += (uint64_t)sqlite3_column_int64 (statement, 1);
        n++;
    }
    sqlite3_reset (statement);
    *count = n;
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool room_trim (sqlite_store_t *self, const candidate_t *candidate, uint64_t cutoff,
                       uint64_t excess, store_trimmed_t *trimmed)
{
    size_t count;
    uint64_t next_time = 0;
    if (!room_scan (self, candidate, cutoff, excess, &count, &next_time))
        return false;
    uint64_t first = candidate->first + count;

    sqlite3_stmt *statement = self->statements[SQL_TRIM_DELETE];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (candidate->room, candidate->first));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (candidate->room, first - 1));
    if (count == 0 || !sqlite_run (self, SQL_TRIM_DELETE))
        return false;
    if ((size_t)sqlite3_changes (self->db) != count) {
        sqlite_damaged (self, "messages are missing", candidate->room);
        return false;
    }
    statement = self->statements[SQL_TRIM_FIRST];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)candidate->room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)first);
    if (first <= candidate->head)
        sqlite3_bind_int64 (statement, 3, (sqlite3_int64)next_time);
    else
        sqlite3_bind_null (statement, 3);
    if (!sqlite_run (self, SQL_TRIM_FIRST))
        return false;
    trimmed->room = candidate->room;
    trimmed->first = first;
    trimmed->count = count;
    return true;
}

/*  The part of a step that concerns rooms. trimmed->more where another may go.*/
static bool rooms_trim (sqlite_store_t *self, const store_retain_t *retain, uint64_t now_ms,
                        store_trimmed_t *trimmed)
{
    uint64_t cutoff = store_cutoff (retain, now_ms);
    uint64_t excess;
    candidate_t candidate;
    if (!excess_get (self, retain, &excess) || !candidate_find (self, &candidate))
        return false;
    if (!candidate.room || (candidate.oldest >= cutoff && excess == 0))
        return true;
    if (!room_trim (self, &candidate, cutoff, excess, trimmed) ||
        !excess_get (self, retain, &excess) || !candidate_find (self, &candidate))
        return false;
    trimmed->more = candidate.room && (candidate.oldest < cutoff || excess > 0);
    return true;
}

/*  --- producers -------------------------------------------------------------  */

static bool producer_delete (sqlite_store_t *self, const uint8_t *id)
{
    sqlite_bind_blob (self->statements[SQL_PRODUCER_DELETE], 1, frame_of (id, ZCHAT_PRODUCER_SIZE));
    return sqlite_run (self, SQL_PRODUCER_DELETE);
}

/*  What a step learns, to be kept only if it is committed.                    */
typedef struct {
    uint8_t last[ZCHAT_PRODUCER_SIZE]; /* looked up to this one     */
    uint64_t oldest_ms;                /* of those kept             */
    size_t seen;                       /* in this step              */
} look_t;

static bool producers_look (sqlite_store_t *self, uint64_t now_ms, look_t *look)
{
    sqlite3_stmt *statement = self->statements[SQL_PRODUCERS_SCAN];
    uint8_t gone[PRODUCERS_STEP][ZCHAT_PRODUCER_SIZE];
    size_t n_gone = 0;
    uint8_t after[ZCHAT_PRODUCER_SIZE];
    memcpy (after, look->last, sizeof after);
    sqlite_bind_blob (statement, 1, frame_of (after, self->producers_started ? sizeof after : 0));
    sqlite3_bind_int (statement, 2, PRODUCERS_STEP);
    int rc;
    while ((rc = sqlite_step (self, SQL_PRODUCERS_SCAN)) == SQLITE_ROW) {
        frame_t id;
        uint64_t time;
        if (!sqlite_column_frame (statement, 0, ZCHAT_PRODUCER_SIZE, &id) ||
            id.size != ZCHAT_PRODUCER_SIZE ||
            !sqlite_column_number (statement, 1, INT64_MAX, &time)) {
            sqlite_damaged (self, "a producer makes no sense", 0);
            break;
        }
        memcpy (look->last, id.data, sizeof look->last);
        look->seen++;
        if (now_ms >= ZCHAT_PRODUCER_AGE_MS && time <= now_ms - ZCHAT_PRODUCER_AGE_MS)
            memcpy (gone[n_gone++], id.data, sizeof *gone);
        else if (time < look->oldest_ms)
            look->oldest_ms = time;
    }
    sqlite3_reset (statement);
    bool ok = rc == SQLITE_DONE;
    for (size_t i = 0; ok && i < n_gone; i++)
        ok = producer_delete (self, gone[i]);
    return ok;
}

static void producers_looked (sqlite_store_t *self, uint64_t now_ms, const look_t *look)
{
    memcpy (self->producer, look->last, sizeof self->producer);
    self->producers_oldest_ms = look->oldest_ms;
    self->producers_started = look->seen == PRODUCERS_STEP;
    if (self->producers_started)
        return;
    uint64_t soonest = now_ms + PRODUCERS_PAUSE_MS;
    uint64_t due = look->oldest_ms < UINT64_MAX - ZCHAT_PRODUCER_AGE_MS
                       ? look->oldest_ms + ZCHAT_PRODUCER_AGE_MS
                       : soonest;
    self->producers_due_ms = due > soonest ? due : soonest;
}

zchat_status_t sqlite_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                            store_trimmed_t *trimmed)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    store_trimmed_t done = {0};
    look_t look = {.oldest_ms = UINT64_MAX};
    bool looks = self->producers_started || now_ms >= self->producers_due_ms;
    if (self->producers_started) {
        memcpy (look.last, self->producer, sizeof look.last);
        look.oldest_ms = self->producers_oldest_ms;
    }
    if (!sqlite_begin (self, "trim") || !rooms_trim (self, retain, now_ms, &done) ||
        (looks && !producers_look (self, now_ms, &look)) || !sqlite_commit (self)) {
        sqlite_rollback (self);
        return ZCHAT_STORAGE;
    }
    if (looks)
        producers_looked (self, now_ms, &look);
    done.more = done.more || self->producers_started;
    *trimmed = done;
    return ZCHAT_OK;
}
