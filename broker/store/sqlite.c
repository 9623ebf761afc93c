/*  sqlite.c - the log in SQLite: opening, closing, transactions

    A commit that fails leaves nothing behind. SQLite gives up the pages of such a
    transaction, but its end may already stand in the WAL, only not safely on disk:
    a crash at that moment would bring back what was reported as not stored. So
    a failed commit is followed by a small one of our own, which is written over
    the same place.
*/
#include "sqlite.h"
#include "memory.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum {
    WAL_CHECKPOINT_PAGES = 1000, /* the WAL is copied into the log from here on         */
    WAL_RESERVE = 1152 * 4120,   /* bytes; so long it gets, and a large commit more */
    WAL_RESTART_PAGES = 16384,   /* readers that keep it from being reused are waited
                                    for from here on,                                   */
    WAL_READERS_WAIT_MS = 100    /* for so long                                         */
};

const char *const sqlite_statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_MESSAGE_INSERT] = "INSERT INTO messages (id, time, type, user, body, data)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_MESSAGE_REMOVE] = "UPDATE messages SET type = ?2, body = x'', data = '' WHERE id = ?1",
    [SQL_ROOM_UPDATE] = "UPDATE rooms SET head = ?2, time = ?3 WHERE id = ?1 AND head = ?4"
                        " RETURNING first",
    [SQL_ROOM_INSERT] = "INSERT INTO rooms (id, name, head, first, time, oldest)"
                        " VALUES (?1, ?2, ?3, ?6, ?4, ?5)",
    [SQL_ROOM_TOPIC] = "UPDATE rooms SET topic = ?2, topic_by = ?3, topic_time = ?4 WHERE id = ?1",
    [SQL_ROOM_OLDEST] = "UPDATE rooms SET oldest = ?2 WHERE id = ?1",
    [SQL_ROOM_CHARGE] = "UPDATE rooms SET charge = ?2 WHERE id = ?1",
    [SQL_ROOM_DROP] = "DELETE FROM rooms WHERE id = ?1",
    [SQL_FACTS_DROP] = "DELETE FROM facts WHERE room = ?1",
    [SQL_FACT_PUT] = "INSERT INTO facts (room, key, value) SELECT ?1, ?2, ?3"
                     " WHERE ?1 = 0 OR EXISTS (SELECT 1 FROM rooms WHERE id = ?1)"
                     " ON CONFLICT (room, key) DO UPDATE SET value = excluded.value",
    [SQL_FACT_DELETE] = "DELETE FROM facts WHERE room = ?1 AND key = ?2",
    [SQL_PRODUCER_PUT] = "INSERT INTO producers (id, n, time, holder) VALUES (?1, ?2, ?3, ?4)"
                         " ON CONFLICT (id) DO UPDATE SET n = excluded.n, time = excluded.time,"
                         " holder = excluded.holder",
    [SQL_LOAD_ROOMS] = "SELECT id, name, head, first, time, topic, topic_by, topic_time, oldest,"
                       " charge FROM rooms ORDER BY id",
    [SQL_LOAD_ENDS] =
        "SELECT (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1),"
        " (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1)",
    [SQL_LOAD_FACTS] = "SELECT room, key, value,"
                       " room = 0 OR EXISTS (SELECT 1 FROM rooms WHERE id = facts.room)"
                       " FROM facts ORDER BY room, key",
    [SQL_LOAD_PRODUCERS] = "SELECT id, n, time, holder FROM producers",
    [SQL_LOAD_MARKERS] = "SELECT owner, room, seq, coalesce ((SELECT head FROM rooms"
                         " WHERE id = markers.room), 0) FROM markers ORDER BY owner, room",
    [SQL_LOAD_POSITION] = "SELECT (SELECT value FROM meta WHERE key = 'position')",
    [SQL_ADVANCE] = "UPDATE meta SET value = value + ?1 WHERE key = 'position'",
    [SQL_TRIM_ROOM] = "SELECT id, first, head, oldest FROM rooms WHERE oldest IS NOT NULL"
                      " ORDER BY oldest LIMIT 17", /* one beyond STORE_RETAIN_ROOMS */
    [SQL_TRIM_CHOSEN] = "SELECT id, first, head, oldest FROM rooms WHERE id = ?1",
    [SQL_TRIM_SCAN] = "SELECT time, length (body) + length (data) + length (user), id FROM messages"
                      " WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
    [SQL_TRIM_DELETE] = "DELETE FROM messages WHERE id BETWEEN ?1 AND ?2",
    [SQL_TRIM_FIRST] = "UPDATE rooms SET first = ?2, oldest = ?3 WHERE id = ?1",
    [SQL_PAGES] = "SELECT (page_count - freelist_count) * page_size"
                  " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    [SQL_SHARES_COUNT] = "SELECT messages.id, messages.time,"
                         " length (body) + length (data) + length (user), name GLOB '@*'"
                         " FROM messages CROSS JOIN rooms ON rooms.id = messages.id >> 40"
                         " WHERE messages.id > ?1 ORDER BY messages.id LIMIT ?2",
    [SQL_SHARES_ONE] = "SELECT length (body) + length (data) FROM messages WHERE id = ?1",
    [SQL_PRODUCER_DELETE] = "DELETE FROM producers WHERE id = ?1",
    [SQL_MARKER_PUT] = "INSERT INTO markers (owner, room, seq) SELECT ?1, ?2, ?3"
                       " WHERE EXISTS (SELECT 1 FROM rooms WHERE id = ?2)"
                       " ON CONFLICT (owner, room) DO UPDATE SET seq = max (seq, excluded.seq)",
    [SQL_MARKER_DELETE] = "DELETE FROM markers WHERE owner = ?1 AND room = ?2",
    [SQL_MARKERS_DROP] = "DELETE FROM markers WHERE room = ?1",
    [SQL_MARKERS_OF] = "DELETE FROM markers WHERE owner = ?1",
    [SQL_MENTION_PUT] = "INSERT INTO mentions (owner, at, room, seq) VALUES (?1, ?2, ?3, ?4)",
    [SQL_MENTIONS_READ] = "DELETE FROM mentions WHERE owner = ?1 AND room = ?2 AND seq <= ?3",
    [SQL_MENTIONS_KEEP] = "DELETE FROM mentions WHERE owner = ?1 AND at <= (SELECT at FROM mentions"
                          " WHERE owner = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
    [SQL_MENTIONS_GONE] = "DELETE FROM mentions WHERE room = ?1 AND seq BETWEEN ?2 AND ?3",
    [SQL_MENTIONS_OF] = "DELETE FROM mentions WHERE owner = ?1",
    [SQL_MESSAGE_TYPE] = "SELECT type FROM messages WHERE id = ?1",
    [SQL_MESSAGE_BODY] = "SELECT length (body) FROM messages WHERE id = ?1",
    [SQL_MESSAGE_EDIT] = "UPDATE messages SET body = ?2 WHERE id = ?1",
    [SQL_EDIT_LAST] = "SELECT seq FROM edits WHERE id = ?1",
    [SQL_EDIT_PUT] = "INSERT INTO edits (id, seq, n) VALUES (?1, ?2, 1)"
                     " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, n = n + 1",
    [SQL_EDITS_DELETE] = "DELETE FROM edits WHERE id BETWEEN ?1 AND ?2 AND seq <= ?3",
    [SQL_REACTION_PUT] = "INSERT INTO reactions (id, text, who, user, seq)"
                         " SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS"
                         " (SELECT 1 FROM messages WHERE id = ?1 AND type IN (?6, ?7))"
                         " ON CONFLICT DO NOTHING",
    [SQL_REACTION_DELETE] = "DELETE FROM reactions WHERE id = ?1 AND text = ?2 AND who = ?3",
    [SQL_REACTIONS_DELETE] = "DELETE FROM reactions WHERE id BETWEEN ?1 AND ?2",
};

/*  --- statements ------------------------------------------------------------  */

void sqlite_failed (sqlite_store_t *self)
{
    int system = sqlite3_system_errno (self->db);
    store_fail (&self->store, "%s %s: %s (SQLite %d)%s%s", self->doing, self->path,
                sqlite3_errmsg (self->db), sqlite3_extended_errcode (self->db), system ? ", " : "",
                system ? strerror (system) : "");
}

void sqlite_damaged (sqlite_store_t *self, const char *what, uint64_t room)
{
    if (room)
        store_fail (&self->store, "%s %s: the log is damaged: %s (room %llu)", self->doing,
                    self->path, what, (unsigned long long)room);
    else
        store_fail (&self->store, "%s %s: the log is damaged: %s", self->doing, self->path, what);
}

int sqlite_step (sqlite_store_t *self, sqlite_statement_t statement)
{
    int rc = sqlite3_step (self->statements[statement]);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        sqlite_failed (self);
    return rc;
}

bool sqlite_run (sqlite_store_t *self, sqlite_statement_t statement)
{
    int rc;
    do
        rc = sqlite_step (self, statement);
    while (rc == SQLITE_ROW);
    sqlite3_reset (self->statements[statement]);
    return rc == SQLITE_DONE;
}

bool sqlite_column_frame (sqlite3_stmt *statement, int column, size_t max, frame_t *frame)
{
    /*  The pointer first: asking for it may convert, and so change the size.  */
    const void *data = sqlite3_column_blob (statement, column);
    *frame = frame_of (data, (size_t)sqlite3_column_bytes (statement, column));
    return frame->size <= max;
}

bool sqlite_column_number (sqlite3_stmt *statement, int column, uint64_t max, uint64_t *number)
{
    sqlite3_int64 value = sqlite3_column_int64 (statement, column);
    *number = value < 0 ? 0 : (uint64_t)value;
    return value >= 0 && *number <= max;
}

/*  The bounds of store_append keep sizes far below an int.                    */
int sqlite_bind_text (sqlite3_stmt *statement, int index, frame_t frame)
{
    return sqlite3_bind_text (statement, index, frame.size ? frame.data : "", (int)frame.size,
                              SQLITE_STATIC);
}

int sqlite_bind_blob (sqlite3_stmt *statement, int index, frame_t frame)
{
    return sqlite3_bind_blob (statement, index, frame.size ? frame.data : "", (int)frame.size,
                              SQLITE_STATIC);
}

/*  --- transactions ----------------------------------------------------------  */

/*  Which log a start would find is not known any more.                        */
zchat_status_t sqlite_astray (sqlite_store_t *self)
{
    store_fail (&self->store,
                "%s %s: the folder was moved or deleted during a commit, and only a start "
                "finds out what of it is stored; put it back and restart the broker",
                self->doing, self->place.folder);
    return ZCHAT_SYSTEM;
}

bool sqlite_begin (sqlite_store_t *self, const char *doing)
{
    self->doing = doing;
    if (self->astray)
        return sqlite_astray (self) == ZCHAT_OK;
    return sqlite_run (self, SQL_BEGIN);
}

/*  Some errors make SQLite roll back by itself; then there is nothing to do.  */
void sqlite_rollback (sqlite_store_t *self)
{
    if (!sqlite3_get_autocommit (self->db))
        (void)sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

static int wal_grown (void *arg, sqlite3 *db, const char *name, int pages)
{
    sqlite_store_t *self = arg;
    self->wal_pages = pages;
    return SQLITE_OK;
}

/*  Copy the WAL into the log where it has grown. What fails here is not lost, and
    is tried again after the next commit. A run of readers that never lets go would
    keep the WAL from being reused: at some size they are waited for, shortly. */
static void checkpoint (sqlite_store_t *self)
{
    if (self->wal_pages < WAL_CHECKPOINT_PAGES)
        return;
    if (self->wal_pages < self->wal_restart_pages) {
        (void)sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return;
    }
    sqlite3_busy_timeout (self->db, WAL_READERS_WAIT_MS);
    if (sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL) ==
        SQLITE_OK)
        self->wal_restart_pages = WAL_RESTART_PAGES;
    else
        self->wal_restart_pages = self->wal_pages + WAL_RESTART_PAGES;
    sqlite3_busy_timeout (self->db, LOG_WAIT_MS);
}

/*  True where the next start would find what is committed; else store_error says what happened. */
static bool in_place (sqlite_store_t *self)
{
    const char *how;
    const char *lost = sqlite_place_lost (&self->place, &how);
    if (lost)
        store_fail (&self->store,
                    "%s %s: %s %s: it was deleted, moved or replaced under the running broker, "
                    "and nothing is stored; move it back, or restart the broker to go on with "
                    "what is there then",
                    self->doing, self->place.folder, lost, how);
    return !lost;
}

bool sqlite_commit (sqlite_store_t *self)
{
    if (!in_place (self)) {
        sqlite_rollback (self);
        return false;
    }
    if (sqlite_run (self, SQL_COMMIT)) {
        /*  Whoever moved the folder meanwhile may have started another broker, before
            anybody was told that this is stored.                              */
        self->astray = !in_place (self);
        if (!self->astray)
            checkpoint (self);
        return !self->astray;
    }
    sqlite_rollback (self);
    (void)sqlite3_exec (self->db, "UPDATE meta SET value = value + 1 WHERE key = 'commits_undone'",
                        NULL, NULL, NULL);
    return false;
}

/*  --- opening and closing ---------------------------------------------------  */

static void sqlite_destroy (store_t *store)
{
    sqlite_store_t *self = (sqlite_store_t *)store;
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize (self->statements[i]);
    if (self->db) {
        /*  SQLite deletes the WAL by its path: in another folder that is there by now it
            would be the one of another broker.                                */
        const char *how;
        int keep = self->place.folder && sqlite_place_lost (&self->place, &how);
        (void)sqlite3_file_control (self->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
        /*  So that one file holds it all. Where somebody looks at the log the WAL
            keeps it: the end of a broker does not wait for him.               */
        sqlite3_busy_timeout (self->db, WAL_READERS_WAIT_MS);
        (void)sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        int rc = sqlite3_close (self->db);
        assert (rc == SQLITE_OK); /* all its statements are gone */
        (void)rc;
    }
    if (self->lock >= 0)
        close (self->lock);
    sqlite_place_forget (&self->place);
    shares_clear (&self->shares);
    free (self->runs);
    free (self->path);
    free (self);
}

static const store_ops_t sqlite_ops = {
    .destroy = sqlite_destroy,
    .load = sqlite_load,
    .append = sqlite_append,
    .trim = sqlite_trim,
    .reader_new = sqlite_reader_new,
    .reader_destroy = sqlite_reader_destroy,
    .read = sqlite_reader_read,
};

static zchat_status_t log_open (sqlite_store_t *self, char **why)
{
    int rc =
        sqlite3_open_v2 (self->path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (!self->db) {
        sqlite_explain (why, "%s cannot be opened: out of memory; free some", self->path);
        return ZCHAT_SYSTEM;
    }
    if (rc != SQLITE_OK)
        return sqlite_schema_refused (self->db, self->path, why);
    sqlite_schema_harden (self->db);
    sqlite3_extended_result_codes (self->db, 1);
    sqlite3_busy_timeout (self->db, LOG_WAIT_MS);
    sqlite3_wal_hook (self->db, wal_grown, self);
    zchat_status_t status = sqlite_schema_prepare (self->db, self->path, self->store.log_id, why);
    if (status != ZCHAT_OK)
        return status;
    for (size_t i = 0; i < SQL_COUNT; i++)
        if (sqlite3_prepare_v3 (self->db, sqlite_statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &self->statements[i], NULL) != SQLITE_OK)
            return sqlite_schema_refused (self->db, self->path, why);
    return ZCHAT_OK;
}

zchat_status_t store_open (const char *dir, const uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                           store_t **store, char **why)
{
    sqlite_store_t *self = memory_zero (sizeof *self);
    self->store.ops = &sqlite_ops;
    self->lock = -1;
    self->doing = "open";
    self->wal_restart_pages = WAL_RESTART_PAGES;
    memcpy (self->store.log_id, log_id, ZCHAT_LOG_ID_SIZE);

    zchat_status_t status = sqlite_folder_take (dir, &self->path, &self->lock, why);
    if (status == ZCHAT_OK)
        status = log_open (self, why);
    if (status == ZCHAT_OK && !sqlite_place_note (&self->place, dir)) {
        sqlite_explain (why, "files of the log in %s are gone: %s; start again", dir,
                        strerror (errno));
        status = ZCHAT_SYSTEM;
    }
    if (status == ZCHAT_OK) {
        sqlite_wal_reserve (self->path, WAL_RESERVE);
        *store = &self->store;
    } else
        sqlite_destroy (&self->store);
    return status;
}
