/*  index.c - the file of the index: making, opening, transactions

    It is not synced: a crash of the broker leaves what the system holds, which is whole, and after
    one of the machine, which another boot id shows, an index that was not closed is made anew.
*/
#include "index_private.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOOT_MAX = 64, WAIT_MS = 2000 };

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE rooms (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL);"
    "CREATE TABLE docs (doc INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE,"
    " time INTEGER NOT NULL);"
    "CREATE TABLE edits (id INTEGER PRIMARY KEY, of INTEGER NOT NULL);"
    "CREATE TABLE shards (shard INTEGER PRIMARY KEY, version INTEGER NOT NULL,"
    " docs INTEGER NOT NULL, gone INTEGER NOT NULL, dirty INTEGER NOT NULL, tidy INTEGER NOT NULL,"
    " oldest INTEGER NOT NULL, newest INTEGER NOT NULL);"
    "INSERT INTO meta VALUES ('next', 1), ('closed', 0), ('wiped', 1);";

static const char *const statements[DO_COUNT] = {
    [DO_BEGIN] = "BEGIN IMMEDIATE",
    [DO_COMMIT] = "COMMIT",
    [DO_DOC_ADD] = "INSERT INTO docs (doc, id, time) VALUES (?1, ?2, ?3)",
    [DO_DOC_OF] = "SELECT doc FROM docs WHERE id = ?1",
    [DO_DOC_DELETE] = "DELETE FROM docs WHERE id = ?1",
    [DO_DOC_RANGE] = "SELECT id, doc FROM docs WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
    [DO_DOC_FIRST] = "SELECT min (id) FROM docs WHERE id BETWEEN ?1 AND ?2",
    [DO_DOCS] = "SELECT doc, id FROM docs WHERE doc BETWEEN ?1 AND ?2 ORDER BY doc",
    [DO_EDIT_ADD] = "INSERT OR REPLACE INTO edits (id, of) VALUES (?1, ?2)",
    [DO_EDIT_OF] = "SELECT of FROM edits WHERE id = ?1",
    [DO_EDIT_RANGE] = "DELETE FROM edits WHERE id BETWEEN ?1 AND ?2",
    [DO_ROOM_PUT] = "INSERT OR REPLACE INTO rooms (room, seq) VALUES (?1, ?2)",
    [DO_ROOM_DROP] = "DELETE FROM rooms WHERE room = ?1",
    [DO_ROOMS] = "SELECT room, seq FROM rooms",
    [DO_SHARD] = "SELECT version, docs, gone, dirty, tidy, oldest, newest FROM shards"
                 " WHERE shard = ?1",
    [DO_SHARD_ADD] = "INSERT INTO shards (shard, version, docs, gone, dirty, tidy, oldest, newest)"
                     " VALUES (?1, ?2, 0, 0, 0, 0, ?3, 0)",
    [DO_SHARD_PUT] = "UPDATE shards SET version = ?2, docs = ?3, gone = ?4, dirty = ?5, tidy = ?6,"
                     " oldest = ?7, newest = ?8 WHERE shard = ?1",
    [DO_SHARD_DROP] = "DELETE FROM shards WHERE shard = ?1",
    /*  What has to be wiped; where ?3, what is empty, holds more that is gone than is there, or is
        not in one piece, too. The last shard grows, so only the first concerns it. */
    [DO_SHARD_DUE] = "SELECT shard FROM shards WHERE shard >= ?2 AND (dirty OR (?3 AND shard <> ?1"
                     " AND (docs = 0 OR gone > docs OR NOT tidy))) ORDER BY shard LIMIT 1",
    [DO_META_PUT] = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
    [DO_META_GET] = "SELECT value FROM meta WHERE key = ?1",
};

void index_result_destroy (index_result_t **result)
{
    if (*result)
        free ((*result)->hits);
    free (*result);
    *result = NULL;
}

/*  --- errors ------------------------------------------------------------------------- */

zchat_status_t index_failed (index_t *self, const char *doing)
{
    int rc = sqlite3_extended_errcode (self->db);
    bool refused = rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE;
    bool log = !refused && *store_reader_error (self->feed.log);
    snprintf (self->error, sizeof self->error, "%s %s: %s (SQLite %d)", doing, self->path,
              refused ? sqlite3_errmsg (self->db)
              : log   ? store_reader_error (self->feed.log)
                      : "it is damaged",
              rc);
    int code = rc & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
                   code == SQLITE_CONSTRAINT || (!refused && !log)
               ? ZCHAT_CORRUPT
               : ZCHAT_SYSTEM;
}

const char *index_error (const index_t *self)
{
    return self->error;
}

/*  --- statements ----------------------------------------------------------------------- */

bool index_run (index_t *self, index_statement_t statement)
{
    int rc = sqlite3_step (self->statements[statement]);
    sqlite3_reset (self->statements[statement]);
    return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

bool index_meta_put (index_t *self, const char *key, uint64_t value)
{
    sqlite3_stmt *statement = self->statements[DO_META_PUT];
    sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)value);
    return index_run (self, DO_META_PUT);
}

static uint64_t meta_get (index_t *self, const char *key, uint64_t otherwise)
{
    sqlite3_stmt *statement = self->statements[DO_META_GET];
    sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
    uint64_t value = sqlite3_step (statement) == SQLITE_ROW
                         ? (uint64_t)sqlite3_column_int64 (statement, 0)
                         : otherwise;
    sqlite3_reset (statement);
    return value;
}

zchat_status_t index_begin (index_t *self)
{
    if (!index_run (self, DO_BEGIN))
        return index_failed (self, "write");
    self->began = true;
    return ZCHAT_OK;
}

zchat_status_t index_commit (index_t *self)
{
    if (!shard_keep (self) || !index_run (self, DO_COMMIT))
        return index_failed (self, "write");
    self->began = false;
    return ZCHAT_OK;
}

void index_rollback (index_t *self)
{
    self->began = self->has_shard = self->shard_changed = false;
    sqlite3_finalize (self->insert);
    self->insert = NULL;
    if (!sqlite3_get_autocommit (self->db))
        (void)sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
    self->next = meta_get (self, "next", self->next);
}

/*  --- the file ---------------------------------------------------------------------------- */

static char *path_of (const char *dir, const char *suffix)
{
    return memory_format ("%s/" INDEX_NAME "%s", dir, suffix);
}

void index_delete (const char *dir)
{
    static const char *const suffixes[] = {"-shm", "-wal", ""};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *path = path_of (dir, suffixes[i]);
        (void)unlink (path);
        free (path);
    }
}

/*  Which run of the machine this is; "" where it does not say.                */
static void boot_read (char boot[BOOT_MAX])
{
    memset (boot, 0, BOOT_MAX);
    int fd = open ("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read (fd, boot, BOOT_MAX - 1) : 0;
    if (size > 0)
        boot[strcspn (boot, "\n")] = '\0';
    if (fd >= 0)
        close (fd);
}

static bool configure (index_t *self)
{
    (void)sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_extended_result_codes (self->db, 1);
    sqlite3_busy_timeout (self->db, WAIT_MS);
    return sqlite3_exec (self->db,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                         "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;"
                         "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;"
                         "PRAGMA journal_size_limit = 33554432",
                         NULL, NULL, NULL) == SQLITE_OK;
}

static bool meta_text_put (index_t *self, const char *key, const void *data, size_t size)
{
    sqlite3_stmt *statement = self->statements[DO_META_PUT];
    sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_blob (statement, 2, data, (int)size, SQLITE_STATIC);
    return index_run (self, DO_META_PUT);
}

static bool meta_is (index_t *self, const char *key, const void *data, size_t size)
{
    sqlite3_stmt *statement = self->statements[DO_META_GET];
    sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
    bool same = sqlite3_step (statement) == SQLITE_ROW &&
                (size_t)sqlite3_column_bytes (statement, 0) == size &&
                memcmp (sqlite3_column_blob (statement, 0), data, size) == 0;
    sqlite3_reset (statement);
    return same;
}

static bool prepare (index_t *self)
{
    for (size_t i = 0; i < DO_COUNT; i++)
        if (sqlite3_prepare_v3 (self->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &self->statements[i], NULL) != SQLITE_OK)
            return false;
    return true;
}

static bool make (index_t *self, const uint8_t *log_id)
{
    uint8_t key[TICKET_KEY_SIZE];
    char boot[BOOT_MAX], version[48];
    boot_read (boot);
    randombytes_buf (key, sizeof key);
    snprintf (version, sizeof version, "PRAGMA user_version = %d", (int)INDEX_VERSION);
    return sqlite3_exec (self->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec (self->db, schema, NULL, NULL, NULL) == SQLITE_OK && prepare (self) &&
           meta_text_put (self, "log_id", log_id, ZCHAT_LOG_ID_SIZE) &&
           meta_text_put (self, "key", key, sizeof key) &&
           meta_text_put (self, "boot", boot, strlen (boot)) &&
           sqlite3_exec (self->db, version, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec (self->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

/*  Why the file cannot be gone on with; NULL: it can.                         */
static const char *unfit (index_t *self, const uint8_t *log_id)
{
    sqlite3_stmt *statement = NULL;
    bool versioned =
        sqlite3_prepare_v2 (self->db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step (statement) == SQLITE_ROW &&
        sqlite3_column_int (statement, 0) == INDEX_VERSION;
    sqlite3_finalize (statement);
    if (!versioned || !prepare (self))
        return "it is damaged, or of another version";
    if (!meta_is (self, "log_id", log_id, ZCHAT_LOG_ID_SIZE))
        return "it is of another log";
    char boot[BOOT_MAX];
    boot_read (boot);
    if (!meta_get (self, "closed", 0) && (!*boot || !meta_is (self, "boot", boot, strlen (boot))))
        return "the machine went down while it was open";
    return index_meta_put (self, "closed", 0) && meta_text_put (self, "boot", boot, strlen (boot))
               ? NULL
               : "it cannot be written";
}

static void file_close (index_t *self)
{
    for (size_t i = 0; i < DO_COUNT; i++) {
        sqlite3_finalize (self->statements[i]);
        self->statements[i] = NULL;
    }
    sqlite3_finalize (self->insert);
    self->insert = NULL;
    sqlite3_close (self->db);
    self->db = NULL;
    token_maker_destroy (&self->maker);
}

/*  *there: something was there.                                               */
static bool file_open (index_t *self, bool *there)
{
    struct stat info;
    *there = lstat (self->path, &info) == 0;
    /*  What is made beside it takes its mode.                                 */
    int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool ours = fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid () &&
                !(info.st_mode & 0077);
    close (fd);
    return ours &&
           sqlite3_open_v2 (self->path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                            NULL) == SQLITE_OK &&
           (self->maker = token_maker_new (self->db)) && configure (self);
}

static bool loaded (index_t *self)
{
    sqlite3_stmt *statement = self->statements[DO_ROOMS];
    int rc;
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW) {
        feed_room_t *room =
            feed_room_make (&self->feed, (uint64_t)sqlite3_column_int64 (statement, 0));
        room->at = room->kept = room->head = (uint64_t)sqlite3_column_int64 (statement, 1);
    }
    sqlite3_reset (statement);
    self->next = meta_get (self, "next", 0);
    self->truncates = !meta_get (self, "wiped", 0);
    self->dirty = self->untidy = true;
    return rc == SQLITE_DONE && self->next;
}

zchat_status_t index_open (const char *dir, const uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                           store_reader_t *reader, index_t **index, char **why)
{
    index_t *self = memory_zero (sizeof *self);
    bool there;
    self->path = path_of (dir, "");
    self->feed.log = reader;
    *why = NULL;
    bool opened = file_open (self, &there);
    const char *wrong = !opened ? "it is damaged" : there ? unfit (self, log_id) : NULL;
    if (!wrong && there && !loaded (self))
        wrong = "it is damaged";
    if (there && wrong) {
        *why = memory_format ("%s was made anew: %s", self->path, wrong);
        feed_clear (&self->feed);
        file_close (self);
        index_delete (dir);
        opened = file_open (self, &there);
        wrong = NULL;
        there = false;
    }
    if (opened && !there && (!make (self, log_id) || !loaded (self)))
        opened = false;
    if (opened) {
        *index = self;
        return ZCHAT_OK;
    }
    free (*why);
    *why = memory_format ("%s cannot be made: %s", self->path,
                          self->db ? sqlite3_errmsg (self->db) : strerror (errno));
    index_destroy (&self);
    return ZCHAT_SYSTEM;
}

void index_destroy (index_t **index)
{
    index_t *self = *index;
    if (!self)
        return;
    if (self->db && self->statements[DO_META_PUT]) {
        index_rollback (self);
        /*  The file says that it is whole only once it is on disk.            */
        (void)sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        (void)sqlite3_exec (self->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
        if (index_meta_put (self, "closed", 1))
            (void)sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                             NULL);
    }
    file_close (self);
    feed_clear (&self->feed);
    free (self->text);
    free (self->path);
    free (self);
    *index = NULL;
}
