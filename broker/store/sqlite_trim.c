/*  sqlite_trim.c - retention, one small step at a time

    Where messages are over age, the room to trim is one that has an age of its own, else the one
   whose first message is the oldest of all others; where the log is over size, the one that holds
   most (shares.h). Of it go the first messages, ZCHAT_TRIM_ROWS at most, so that no append waits
   long.
*/
#include "sqlite.h"

typedef struct {
    uint64_t room;   /* its number; 0: no room has to lose anything    */
    uint64_t first;  /* as in store_room_t                             */
    uint64_t head;   /* as in store_room_t                             */
    uint64_t oldest; /* time of its first message                      */
    uint64_t spare;  /* bytes that it loses for the size of the log; 0: it loses what is too old */
} candidate_t;

/*  Of the first room that the bound statement finds and that is not apart (NULL: may be). */
static bool candidate_read (sqlite_store_t *self, sqlite_statement_t which,
                            const store_retain_t *apart, candidate_t *candidate)
{
    sqlite3_stmt *statement = self->statements[which];
    *candidate = (candidate_t){0};
    int rc = sqlite_step (self, which);
    while (rc == SQLITE_ROW && apart &&
           store_retain_apart (apart, (uint64_t)sqlite3_column_int64 (statement, 0)))
        rc = sqlite_step (self, which);
    if (rc == SQLITE_ROW) {
        candidate->room = (uint64_t)sqlite3_column_int64 (statement, 0);
        candidate->first = (uint64_t)sqlite3_column_int64 (statement, 1);
        candidate->head = (uint64_t)sqlite3_column_int64 (statement, 2);
        candidate->oldest = (uint64_t)sqlite3_column_int64 (statement, 3);
    }
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/*  A room whose first message is too old for it; candidate->room 0: none is.  */
static bool candidate_old (sqlite_store_t *self, const store_retain_t *retain, uint64_t now_ms,
                           candidate_t *candidate)
{
    for (size_t i = 0; i < retain->n_rooms; i++) {
        uint64_t room = retain->rooms[i].room;
        sqlite3_bind_int64 (self->statements[SQL_TRIM_CHOSEN], 1, (sqlite3_int64)room);
        if (!candidate_read (self, SQL_TRIM_CHOSEN, NULL, candidate))
            return false;
        if (candidate->room && candidate->first <= candidate->head &&
            candidate->oldest < store_cutoff (retain, room, now_ms))
            return true;
    }
    if (!candidate_read (self, SQL_TRIM_ROOM, retain, candidate))
        return false;
    if (candidate->room && candidate->oldest >= store_cutoff (retain, candidate->room, now_ms))
        *candidate = (candidate_t){0};
    return true;
}

/*  What is too old goes first, then what is too much.                         */
static bool candidate_find (sqlite_store_t *self, const store_retain_t *retain, uint64_t now_ms,
                            uint64_t excess, candidate_t *candidate)
{
    if (!candidate_old (self, retain, now_ms, candidate))
        return false;
    if (candidate->room)
        return true;
    *candidate = (candidate_t){0};
    uint64_t spare;
    uint64_t room =
        excess && self->counted == INT64_MAX ? shares_next (&self->shares, excess, &spare) : 0;
    if (!room)
        return true;
    sqlite3_bind_int64 (self->statements[SQL_TRIM_CHOSEN], 1, (sqlite3_int64)room);
    if (!candidate_read (self, SQL_TRIM_CHOSEN, NULL, candidate))
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
    if (!sqlite_messages_forget (self, candidate->room, candidate->first, first - 1))
        return false;
    statement = self->statements[SQL_TRIM_FIRST];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)candidate->room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)first);
    if (first <= candidate->head)
        sqlite3_bind_int64 (statement, 3, (sqlite3_int64)going->next_time);
    else
        sqlite3_bind_null (statement, 3);
    if (!sqlite_run (self, SQL_TRIM_FIRST) ||
        !sqlite_mentions_gone (self, candidate->room, candidate->first, first - 1))
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
    uint64_t excess;
    bool counting = false;
    candidate_t candidate;
    if (!excess_get (self, retain, &excess) ||
        (retain->bytes && !sqlite_shares_count (self, &counting)) ||
        !candidate_find (self, retain, now_ms, excess, &candidate))
        return false;
    uint64_t cutoff = store_cutoff (retain, candidate.room, now_ms);
    if (candidate.room && (!room_trim (self, &candidate, cutoff, excess, going, trimmed) ||
                           !excess_get (self, retain, &excess)))
        return false;
    if (trimmed->room)
        shares_take (&self->shares, trimmed->room, going->counted, going->next_time);
    bool found = candidate_find (self, retain, now_ms, excess, &candidate);
    trimmed->more = candidate.room || counting;
    return found;
}

zchat_status_t sqlite_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                            store_trimmed_t *trimmed)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    store_trimmed_t done = {0};
    going_t going = {0};
    if (!sqlite_begin (self, "trim") || !rooms_trim (self, retain, now_ms, &going, &done) ||
        !sqlite_commit (self)) {
        sqlite_rollback (self);
        if (done.room)
            shares_add (&self->shares, done.room, false, going.counted, going.next_time);
        return ZCHAT_STORAGE;
    }
    *trimmed = done;
    return ZCHAT_OK;
}
