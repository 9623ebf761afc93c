/*  sqlite_trim.c - retention, one small step at a time

    Where messages are over age, the room to trim is the one whose first message is the oldest of
    all; where the log is over size, the one that holds most (shares.h). Of it go the first
   messages, ZCHAT_TRIM_ROWS at most, so that no append waits long.

    Producers have no index by age: it would cost every append. A few are looked at in
    each step, in the order of their ids, until all were; the next look starts
    when the first that was left has to go, an hour later at least.
*/
#include "sqlite.h"

enum {
    PRODUCERS_STEP = 500,        /* producers looked at in one step    */
    PRODUCERS_PAUSE_MS = 3600000 /* between two looks through them all */
};

typedef struct {
    uint64_t room;   /* its number; 0: no room has to lose anything    */
    uint64_t first;  /* as in store_room_t                             */
    uint64_t head;   /* as in store_room_t                             */
    uint64_t oldest; /* time of its first message                      */
    uint64_t spare;  /* bytes that it loses for the size of the log; 0: it loses what is too old */
} candidate_t;

/*  Of the room that the bound statement finds.                                */
static bool candidate_read (sqlite_store_t *self, sqlite_statement_t which, candidate_t *candidate)
{
    sqlite3_stmt *statement = self->statements[which];
    *candidate = (candidate_t){0};
    int rc = sqlite_step (self, which);
    if (rc == SQLITE_ROW) {
        candidate->room = (uint64_t)sqlite3_column_int64 (statement, 0);
        candidate->first = (uint64_t)sqlite3_column_int64 (statement, 1);
        candidate->head = (uint64_t)sqlite3_column_int64 (statement, 2);
        candidate->oldest = (uint64_t)sqlite3_column_int64 (statement, 3);
    }
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/*  What is too old goes first, then what is too much.                         */
static bool candidate_find (sqlite_store_t *self, uint64_t cutoff, uint64_t excess,
                            candidate_t *candidate)
{
    if (!candidate_read (self, SQL_TRIM_ROOM, candidate))
        return false;
    if (candidate->room && candidate->oldest < cutoff)
        return true;
    *candidate = (candidate_t){0};
    uint64_t spare;
    uint64_t room =
        excess && self->counted == INT64_MAX ? shares_next (&self->shares, excess, &spare) : 0;
    if (!room)
        return true;
    sqlite3_bind_int64 (self->statements[SQL_TRIM_CHOSEN], 1, (sqlite3_int64)room);
    if (!candidate_read (self, SQL_TRIM_CHOSEN, candidate))
        return false;
    candidate->spare = spare;
    if (candidate->first > candidate->head || !candidate->room) {
        /*  What was counted has gone on a way that nobody told of.            */
        shares_take (&self->shares, room, UINT64_MAX, 0);
        *candidate = (candidate_t){0};
    }
    return true;
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

/*  The first messages of a room that go.                                      */
typedef struct {
    size_t count;       /* so many                                         */
    uint64_t next_time; /* of the first that stays, where one does         */
    uint64_t counted;   /* bytes of those that shares counts               */
} going_t;

/*  What they free is whole pages, which may hold half as much in messages: so half of the excess is
    taken off at a time, rather than too much at once.                         */
static bool room_scan (sqlite_store_t *self, const candidate_t *candidate, uint64_t cutoff,
                       uint64_t excess, going_t *going)
{
    sqlite3_stmt *statement = self->statements[SQL_TRIM_SCAN];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (candidate->room, candidate->first));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (candidate->room, candidate->head));
    sqlite3_bind_int64 (statement, 3, ZCHAT_TRIM_ROWS + 1);
    uint64_t freed = 0; /* bytes of messages */
    int rc;
    *going = (going_t){0};
    while ((rc = sqlite_step (self, SQL_TRIM_SCAN)) == SQLITE_ROW) {
        going->next_time = (uint64_t)sqlite3_column_int64 (statement, 0);
        bool enough = freed >= candidate->spare || 2 * freed >= excess;
        if (going->count == ZCHAT_TRIM_ROWS || (going->next_time >= cutoff && enough))
            break;
        uint64_t bytes = (uint64_t)sqlite3_column_int64 (statement, 1) + SHARE_EVENT;
        freed += bytes;
        going->counted += sqlite3_column_int64 (statement, 2) <= self->counted ? bytes : 0;
        going->count++;
    }
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool room_trim (sqlite_store_t *self, const candidate_t *candidate, uint64_t cutoff,
                       uint64_t excess, going_t *going, store_trimmed_t *trimmed)
{
    if (!room_scan (self, candidate, cutoff, excess, going))
        return false;
    uint64_t first = candidate->first + going->count;

    sqlite3_stmt *statement = self->statements[SQL_TRIM_DELETE];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (candidate->room, candidate->first));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (candidate->room, first - 1));
    if (going->count == 0 || !sqlite_run (self, SQL_TRIM_DELETE))
        return false;
    if ((size_t)sqlite3_changes (self->db) != going->count) {
        sqlite_damaged (self, "messages are missing", candidate->room);
        return false;
    }
    statement = self->statements[SQL_TRIM_FIRST];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)candidate->room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)first);
    if (first <= candidate->head)
        sqlite3_bind_int64 (statement, 3, (sqlite3_int64)going->next_time);
    else
        sqlite3_bind_null (statement, 3);
    if (!sqlite_run (self, SQL_TRIM_FIRST))
        return false;
    trimmed->room = candidate->room;
    trimmed->first = first;
    trimmed->count = going->count;
    return true;
}

/*  The part of a step that concerns rooms. trimmed->more where another may go.*/
static bool rooms_trim (sqlite_store_t *self, const store_retain_t *retain, uint64_t now_ms,
                        going_t *going, store_trimmed_t *trimmed)
{
    uint64_t cutoff = store_cutoff (retain, now_ms);
    uint64_t excess;
    bool counting = false;
    candidate_t candidate;
    if (!excess_get (self, retain, &excess) ||
        (retain->bytes && !sqlite_shares_count (self, &counting)) ||
        !candidate_find (self, cutoff, excess, &candidate))
        return false;
    if (candidate.room && (!room_trim (self, &candidate, cutoff, excess, going, trimmed) ||
                           !excess_get (self, retain, &excess)))
        return false;
    if (trimmed->room)
        shares_take (&self->shares, trimmed->room, going->counted, going->next_time);
    bool found = candidate_find (self, cutoff, excess, &candidate);
    trimmed->more = candidate.room || counting;
    return found;
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
    uint64_t due_ms;                   /* when the first of those kept has to go */
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
        uint64_t time, kept_ms;
        if (!sqlite_column_frame (statement, 0, ZCHAT_PRODUCER_SIZE, &id) ||
            id.size != ZCHAT_PRODUCER_SIZE ||
            !sqlite_column_number (statement, 1, INT64_MAX, &time)) {
            sqlite_damaged (self, "a producer makes no sense", 0);
            break;
        }
        memcpy (look->last, id.data, sizeof look->last);
        look->seen++;
        kept_ms =
            sqlite3_column_int (statement, 2) ? ZCHAT_PRODUCER_ENDED_MS : ZCHAT_PRODUCER_AGE_MS;
        if (now_ms >= kept_ms && time <= now_ms - kept_ms)
            memcpy (gone[n_gone++], id.data, sizeof *gone);
        else if (time + kept_ms < look->due_ms)
            look->due_ms = time + kept_ms;
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
    self->producers_first_ms = look->due_ms;
    self->producers_started = look->seen == PRODUCERS_STEP;
    if (self->producers_started)
        return;
    uint64_t soonest = now_ms + PRODUCERS_PAUSE_MS;
    uint64_t due = look->due_ms < UINT64_MAX ? look->due_ms : soonest;
    self->producers_due_ms = due > soonest ? due : soonest;
}

zchat_status_t sqlite_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                            store_trimmed_t *trimmed)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    store_trimmed_t done = {0};
    going_t going = {0};
    look_t look = {.due_ms = UINT64_MAX};
    bool looks = self->producers_started || now_ms >= self->producers_due_ms;
    if (self->producers_started) {
        memcpy (look.last, self->producer, sizeof look.last);
        look.due_ms = self->producers_first_ms;
    }
    if (!sqlite_begin (self, "trim") || !rooms_trim (self, retain, now_ms, &going, &done) ||
        (looks && !producers_look (self, now_ms, &look)) || !sqlite_commit (self)) {
        sqlite_rollback (self);
        if (done.room)
            shares_add (&self->shares, done.room, false, going.counted, going.next_time);
        return ZCHAT_STORAGE;
    }
    if (looks)
        producers_looked (self, now_ms, &look);
    done.more = done.more || self->producers_started;
    *trimmed = done;
    return ZCHAT_OK;
}
