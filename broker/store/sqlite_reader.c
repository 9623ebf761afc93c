/*  sqlite_reader.c - pages of the log, for another thread than the writing one

    A reader in WAL mode sees what was committed when its transaction began, and
    neither waits for the writer nor makes it wait. One page is one transaction.
*/
#include "memory.h"
#include "sqlite_marks.h"

#include <assert.h>

typedef enum {
    READ_BEGIN,
    READ_END,
    READ_ROOM,
    READ_ASCENDING,
    READ_DESCENDING,
    READ_MENTIONS,
    READ_COUNT
} read_statement_t;

static const char *const statements[READ_COUNT] = {
    [READ_BEGIN] = "BEGIN",
    [READ_END] = "COMMIT",
    [READ_ROOM] = "SELECT first, head FROM rooms WHERE id = ?1",
    [READ_ASCENDING] = "SELECT id, time, type, user, body, data FROM messages"
                       " WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
    [READ_DESCENDING] = "SELECT id, time, type, user, body, data FROM messages"
                        " WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT ?3",
};

typedef struct {
    store_reader_t reader;                /* first: what store.c knows */
    const char *path;                     /* of the log, the store's   */
    sqlite3 *db;                          /* a connection of its own   */
    sqlite3_stmt *statements[READ_COUNT]; /* prepared                  */
    sqlite_marks_t marks;                 /* of the page at hand       */
} sqlite_reader_t;

zchat_status_t sqlite_reader_new (store_t *store, store_reader_t **reader)
{
    const sqlite_store_t *log = (const sqlite_store_t *)store;
    sqlite_reader_t *self = memory_zero (sizeof *self);
    self->reader.ops = store->ops;
    self->path = log->path;
    int rc =
        sqlite3_open_v2 (log->path, &self->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite_schema_harden (self->db);
        rc = sqlite3_busy_timeout (self->db, LOG_WAIT_MS);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < READ_COUNT; i++)
        rc = sqlite3_prepare_v3 (self->db, i == READ_MENTIONS ? sqlite_mentions_sql : statements[i],
                                 -1, SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL);
    if (rc == SQLITE_OK)
        rc = sqlite_marks_prepare (&self->marks, self->db);
    if (rc != SQLITE_OK) {
        sqlite_reader_destroy (&self->reader);
        return ZCHAT_SYSTEM;
    }
    *reader = &self->reader;
    return ZCHAT_OK;
}

void sqlite_reader_destroy (store_reader_t *reader)
{
    sqlite_reader_t *self = (sqlite_reader_t *)reader;
    for (size_t i = 0; i < READ_COUNT; i++)
        sqlite3_finalize (self->statements[i]);
    sqlite_marks_clear (&self->marks);
    int rc = sqlite3_close (self->db);
    assert (rc == SQLITE_OK); /* all its statements are gone */
    (void)rc;
    free (self);
}

/*  Set store_reader_error: to what SQLite says, or, where it is content, to what the log
    should not hold.                                                           */
static void read_failed (sqlite_reader_t *self, const store_query_t *query)
{
    int rc = sqlite3_extended_errcode (self->db);
    bool refused = rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE;
    snprintf (self->reader.error, sizeof self->reader.error, "read %s: %s (SQLite %d, room %llu)",
              self->path, refused ? sqlite3_errmsg (self->db) : "the log is damaged", rc,
              (unsigned long long)query->room);
}

static bool statement_run (sqlite3_stmt *statement)
{
    int rc = sqlite3_step (statement);
    sqlite3_reset (statement);
    return rc == SQLITE_DONE;
}

/*  First and head of a room; of one never written, 1 and 0.                   */
static bool room_get (sqlite_reader_t *self, uint64_t room, uint64_t *first, uint64_t *head)
{
    sqlite3_stmt *statement = self->statements[READ_ROOM];
    *first = 1;
    *head = 0;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)room);
    int rc = sqlite3_step (statement);
    bool ok = rc == SQLITE_DONE;
    if (rc == SQLITE_ROW)
        ok = sqlite_column_number (statement, 1, ZCHAT_SEQ_MAX, head) &&
             sqlite_column_number (statement, 0, *head + 1, first) && *first >= 1;
    sqlite3_reset (statement);
    return ok;
}

/*  The event in a row. False where no append of ours can have written it.     */
static bool event_get (sqlite3_stmt *statement, uint64_t room, uint64_t seq, event_t *event)
{
    uint64_t type;
    if (sqlite3_column_int64 (statement, 0) != sqlite_message_id (room, seq) ||
        !sqlite_column_number (statement, 1, INT64_MAX, &event->time_ms) ||
        !sqlite_column_number (statement, 2, ZCHAT_TYPE_MAX, &type) ||
        !sqlite_column_frame (statement, 3, ZCHAT_NAME_MAX, &event->user) ||
        !sqlite_column_frame (statement, 4, ZCHAT_BODY_MAX, &event->body) ||
        !sqlite_column_frame (statement, 5, ZCHAT_DATA_MAX, &event->data))
        return false;
    event->seq = seq;
    event->type = (zchat_type_t)type;
    return true;
}

/*  Take the events of a span. There are no holes: what is missing is damage.  */
static bool events_get (sqlite_reader_t *self, const store_query_t *query, const store_span_t *span,
                        store_pager_t *pager)
{
    uint64_t rows = query->limit < span->count ? query->limit : span->count;
    if (rows == 0)
        return true;
    sqlite3_stmt *statement = self->statements[span->descending ? READ_DESCENDING : READ_ASCENDING];
    sqlite3_int64 from = sqlite_message_id (query->room, span->from);
    sqlite3_int64 to = sqlite_message_id (query->room, span->to);
    sqlite3_bind_int64 (statement, 1, from);
    sqlite3_bind_int64 (statement, 2, to);
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)rows);
    if (query->marks)
        sqlite_marks_begin (&self->marks, from, to, span->descending);
    bool ok = true;
    for (uint64_t i = 0; ok && i < rows; i++) {
        event_t event;
        uint64_t seq = span->descending ? span->to - i : span->from + i;
        ok = sqlite3_step (statement) == SQLITE_ROW &&
             event_get (statement, query->room, seq, &event);
        const store_marks_t *marks =
            ok && query->marks
                ? sqlite_marks_of (&self->marks, sqlite_message_id (query->room, seq), query->who)
                : NULL;
        ok = ok && !(query->marks && self->marks.failed);
        if (ok && !store_pager_add (pager, query, &event, marks))
            break;
    }
    if (query->marks)
        sqlite_marks_end (&self->marks);
    sqlite3_reset (statement);
    return ok;
}

static zchat_status_t mentions_read (sqlite_reader_t *self, const store_query_t *query,
                                     store_page_t **page)
{
    sqlite3_stmt *statement = self->statements[READ_MENTIONS];
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)query->mentions_of);
    bool ok = sqlite_mentions_page (statement, page);
    if (!ok)
        read_failed (self, query);
    sqlite3_reset (statement);
    return ok ? ZCHAT_OK : ZCHAT_STORAGE;
}

zchat_status_t sqlite_reader_read (store_reader_t *reader, const store_query_t *query,
                                   store_page_t **page)
{
    sqlite_reader_t *self = (sqlite_reader_t *)reader;
    store_pager_t pager = {0};
    store_span_t span = {0};
    uint64_t first;
    uint64_t head;
    if (query->mentions_of)
        return mentions_read (self, query, page);
    bool ok =
        statement_run (self->statements[READ_BEGIN]) && room_get (self, query->room, &first, &head);
    if (ok) {
        span = store_span (query, first, head);
        ok = events_get (self, query, &span, &pager);
    }
    if (!ok)
        read_failed (self, query);
    if (!sqlite3_get_autocommit (self->db))
        ok = statement_run (self->statements[READ_END]) && ok;
    if (!ok) {
        store_pager_drop (&pager);
        return ZCHAT_STORAGE;
    }
    *page = store_pager_finish (&pager, &span);
    return ZCHAT_OK;
}
