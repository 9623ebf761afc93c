/*  sqlite_markers.c - how far owners have read rooms, and which messages mention them  */
#include "memory.h"
#include "sqlite.h"

static bool pair_bind_run (sqlite_store_t *self, sqlite_statement_t which, uint64_t owner,
                           uint64_t room)
{
    sqlite3_bind_int64 (self->statements[which], 1, (sqlite3_int64)owner);
    sqlite3_bind_int64 (self->statements[which], 2, (sqlite3_int64)room);
    return sqlite_run (self, which);
}

/*  --- markers ---------------------------------------------------------------  */

static bool marker_put (sqlite_store_t *self, const store_record_t *record)
{
    sqlite3_bind_int64 (self->statements[SQL_MARKER_PUT], 3, (sqlite3_int64)record->marker);
    sqlite3_bind_int64 (self->statements[SQL_MENTIONS_READ], 3, (sqlite3_int64)record->marker);
    if (!pair_bind_run (self, SQL_MARKER_PUT, record->marker_of, record->room))
        return false;
    if (sqlite3_changes (self->db) != 1) {
        store_fail (&self->store, "%s %s: a marker is of room %llu, which is not there",
                    self->doing, self->path, (unsigned long long)record->room);
        return false;
    }
    return pair_bind_run (self, SQL_MENTIONS_READ, record->marker_of, record->room);
}

/*  The owner ends.                                                            */
static bool owner_drop (sqlite_store_t *self, uint64_t owner)
{
    sqlite3_bind_int64 (self->statements[SQL_MARKERS_OF], 1, (sqlite3_int64)owner);
    sqlite3_bind_int64 (self->statements[SQL_MENTIONS_OF], 1, (sqlite3_int64)owner);
    return sqlite_run (self, SQL_MARKERS_OF) && sqlite_run (self, SQL_MENTIONS_OF);
}

/*  --- mentions --------------------------------------------------------------  */

static bool mention_put (sqlite_store_t *self, const store_record_t *record)
{
    sqlite3_stmt *statement = self->statements[SQL_MENTION_PUT];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)record->marker_of);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)record->event.seq);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)record->mentioned_in);
    sqlite3_bind_int64 (statement, 4, (sqlite3_int64)record->mentions);
    return sqlite_run (self, SQL_MENTION_PUT);
}

static int compare_numbers (const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/*  Only the last mentions of an owner are kept. Each owner is looked at once in a batch, for that
    reads as many rows as are kept.                                            */
static bool mentions_keep (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        n += records[i].mentions != 0;
    if (!n)
        return true;
    uint64_t *owners = memory_new (n * sizeof *owners);
    n = 0;
    for (size_t i = 0; i < count; i++)
        if (records[i].mentions)
            owners[n++] = records[i].marker_of;
    qsort (owners, n, sizeof *owners, compare_numbers);
    sqlite3_bind_int64 (self->statements[SQL_MENTIONS_KEEP], 2, ZCHAT_MENTIONS_KEPT);
    for (size_t i = 0; ok && i < n; i++) {
        if (i && owners[i] == owners[i - 1])
            continue;
        sqlite3_bind_int64 (self->statements[SQL_MENTIONS_KEEP], 1, (sqlite3_int64)owners[i]);
        ok = sqlite_run (self, SQL_MENTIONS_KEEP);
    }
    free (owners);
    return ok;
}

bool sqlite_mentions_gone (sqlite_store_t *self, uint64_t room, uint64_t from, uint64_t to)
{
    sqlite3_stmt *statement = self->statements[SQL_MENTIONS_GONE];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)room);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)from);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)to);
    return sqlite_run (self, SQL_MENTIONS_GONE);
}

/*  --- a batch ---------------------------------------------------------------  */

bool sqlite_markers_put (sqlite_store_t *self, const store_record_t *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        if (record->marker_yields &&
            !pair_bind_run (self, SQL_MARKER_DELETE, record->marker_of, record->marker_yields))
            return false;
        if ((record->marker && !marker_put (self, record)) ||
            (record->mentions && !mention_put (self, record)) ||
            (record->unmarks && !owner_drop (self, record->marker_of)) ||
            (record->removes &&
             !sqlite_mentions_gone (self, record->room, record->removes, record->removes)))
            return false;
    }
    return mentions_keep (self, records, count);
}

bool sqlite_markers_drop (sqlite_store_t *self, uint64_t room)
{
    sqlite3_bind_int64 (self->statements[SQL_MARKERS_DROP], 1, (sqlite3_int64)room);
    return sqlite_run (self, SQL_MARKERS_DROP) &&
           sqlite_mentions_gone (self, room, 0, ZCHAT_SEQ_MAX);
}

/*  --- reading ---------------------------------------------------------------  */

zchat_status_t sqlite_marker_load (sqlite_store_t *self, const store_loader_t *loader)
{
    sqlite3_stmt *statement = self->statements[SQL_LOAD_MARKERS];
    store_marker_t marker;
    uint64_t head;
    bool sane = sqlite_column_number (statement, 0, INT64_MAX, &marker.owner);
    sane = sqlite_column_number (statement, 1, STORE_ROOM_MAX, &marker.room) && sane;
    sane = sqlite_column_number (statement, 3, ZCHAT_SEQ_MAX, &head) && sane;
    sane = sqlite_column_number (statement, 2, head, &marker.seq) && sane;
    if (!sane || marker.owner < 1 || marker.seq < 1) {
        sqlite_damaged (self, "a marker makes no sense",
                        (uint64_t)sqlite3_column_int64 (statement, 1));
        return ZCHAT_CORRUPT;
    }
    return loader->marker (loader->arg, &marker);
}

const char sqlite_mentions_sql[] =
    "SELECT room, seq FROM mentions WHERE owner = ?1 ORDER BY room, seq";

bool sqlite_mentions_page (sqlite3_stmt *statement, store_page_t **page)
{
    store_page_t *made = memory_zero (sizeof *made);
    int rc;
    made->mentions = memory_new (ZCHAT_MENTIONS_KEPT * sizeof *made->mentions);
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW &&
           made->n_mentions < ZCHAT_MENTIONS_KEPT) {
        store_mention_t *mention = &made->mentions[made->n_mentions++];
        if (!sqlite_column_number (statement, 0, STORE_ROOM_MAX, &mention->room) ||
            !sqlite_column_number (statement, 1, ZCHAT_SEQ_MAX, &mention->seq))
            break;
    }
    if (rc == SQLITE_DONE)
        *page = made;
    else
        store_page_destroy (&made);
    return rc == SQLITE_DONE;
}
