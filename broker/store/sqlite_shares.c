/*  sqlite_shares.c - what each room holds, for retention by size

    That stands nowhere in the log: it is counted once after the start, a little in each step of
    retention, and kept up from then on. Messages beyond the one that was counted last are the
    counting's.
*/
#include "sqlite.h"

enum { COUNT_STEP = 10000 }; /* messages counted in one step: some milliseconds */

bool sqlite_shares_count (sqlite_store_t *self, bool *more)
{
    sqlite3_stmt *statement = self->statements[SQL_SHARES_COUNT];
    int rows = 0, rc;
    *more = false;
    if (self->counted == INT64_MAX)
        return true;
    sqlite3_bind_int64 (statement, 1, self->counted);
    sqlite3_bind_int (statement, 2, COUNT_STEP);
    while ((rc = sqlite_step (self, SQL_SHARES_COUNT)) == SQLITE_ROW) {
        self->counted = sqlite3_column_int64 (statement, 0);
        shares_add (&self->shares, (uint64_t)self->counted >> LOG_SEQ_BITS,
                    sqlite3_column_int (statement, 3),
                    (uint64_t)sqlite3_column_int64 (statement, 2) + SHARE_EVENT,
                    (uint64_t)sqlite3_column_int64 (statement, 1));
        rows++;
    }
    sqlite3_reset (statement);
    *more = rows == COUNT_STEP;
    if (rc == SQLITE_DONE && !*more)
        self->counted = INT64_MAX;
    return rc == SQLITE_DONE;
}

void sqlite_shares_appended (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        const event_t *event = &record->event;
        if (record->drops)
            shares_drop (&self->shares, record->room);
        if (event->type == ZCHAT_TYPE_NONE ||
            sqlite_message_id (record->room, event->seq) > self->counted)
            continue;
        shares_add (&self->shares, record->room, *(const char *)record->room_name.data == '@',
                    event->body.size + event->data.size + event->user.size + SHARE_EVENT,
                    event->time_ms);
    }
}

void sqlite_shares_edits (sqlite_store_t *self, sqlite3_int64 id, size_t bytes)
{
    sqlite3_stmt *statement = self->statements[SQL_MESSAGE_BODY];
    if (id > self->counted)
        return;
    sqlite3_bind_int64 (statement, 1, id);
    if (sqlite_step (self, SQL_MESSAGE_BODY) == SQLITE_ROW) {
        size_t now = (size_t)sqlite3_column_int64 (statement, 0);
        uint64_t room = (uint64_t)id >> LOG_SEQ_BITS;
        if (bytes > now)
            shares_grow (&self->shares, room, bytes - now);
        else
            shares_shrink (&self->shares, room, now - bytes);
    }
    sqlite3_reset (statement);
}

void sqlite_shares_removes (sqlite_store_t *self, sqlite3_int64 id)
{
    sqlite3_stmt *statement = self->statements[SQL_SHARES_ONE];
    if (id > self->counted)
        return;
    sqlite3_bind_int64 (statement, 1, id);
    if (sqlite_step (self, SQL_SHARES_ONE) == SQLITE_ROW)
        shares_shrink (&self->shares, (uint64_t)id >> LOG_SEQ_BITS,
                       (uint64_t)sqlite3_column_int64 (statement, 0));
    sqlite3_reset (statement);
}
