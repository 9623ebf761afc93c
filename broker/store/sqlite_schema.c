/*  sqlite_schema.c - what is in the file, and how older files become it       */
#include "sqlite.h"

#include <stdio.h>

/*  Step n makes version n + 1 of version n. A step that has been released is never
    changed. A message's id is room << 40 | seq, so a room's messages lie together,
    in order. meta has log_id, commits_undone (see sqlite.c) and position, how many
    records were ever appended. Older logs did not count them. They get the least that can have
    been, for each message and each fact was a record once; check calls less damage.
    rooms.oldest is the time of the room's first stored message, NULL where none is: retention
    finds where to begin without looking at every room. A fact of room 0 is of the whole
    broker; what facts say is the core's. edits has of a message that was edited the seq of the last
    edit, and how many there were, until retention has taken that edit; reactions has each user's of
   a stored message: user is the spelling of the name, who the core's word for the user, and seq the
    event's, for the first users are named; markers how far an owner has read a room; mentions
    the messages behind that which mention the owner, at being the seq of the event in the owner's
    mailbox: by it they are in order.                                          */
static const char *const migrations[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "INSERT INTO meta (key, value) VALUES ('commits_undone', 0);"
    "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL, head INTEGER NOT NULL,"
    " first INTEGER NOT NULL, time INTEGER NOT NULL, oldest INTEGER,"
    " topic TEXT, topic_by TEXT, topic_time INTEGER);"
    "CREATE INDEX rooms_oldest ON rooms (oldest) WHERE oldest IS NOT NULL;"
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, type INTEGER NOT NULL,"
    " user TEXT NOT NULL, body BLOB NOT NULL, data TEXT NOT NULL);"
    "CREATE TABLE producers (id BLOB PRIMARY KEY, n INTEGER NOT NULL, time INTEGER NOT NULL)"
    " WITHOUT ROWID;",
    "CREATE TABLE facts (room INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (room, key)) WITHOUT ROWID;",
    "ALTER TABLE producers ADD COLUMN holder TEXT NOT NULL DEFAULT '';"
    "UPDATE facts SET value = json_remove (value, '$.reason')"
    " WHERE (key GLOB 'ban/*' OR key GLOB 'mute/*') AND json_valid (value);",
    "ALTER TABLE rooms ADD COLUMN charge TEXT NOT NULL DEFAULT '';",
    "INSERT INTO meta (key, value) SELECT 'position',"
    " max (coalesce (sum (head), 0), (SELECT count (*) FROM facts)) FROM rooms;",
    "CREATE TABLE edits (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, n INTEGER NOT NULL);"
    "CREATE TABLE reactions (id INTEGER NOT NULL, text TEXT NOT NULL, who TEXT NOT NULL,"
    " user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (id, text, who)) WITHOUT ROWID;"
    "CREATE TABLE markers (owner INTEGER NOT NULL, room INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (owner, room)) WITHOUT ROWID;"
    "CREATE INDEX markers_room ON markers (room);"
    "CREATE TABLE mentions (owner INTEGER NOT NULL, at INTEGER NOT NULL, room INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, PRIMARY KEY (owner, at)) WITHOUT ROWID;"
    "CREATE INDEX mentions_room ON mentions (room, seq);",
};

enum { SCHEMA_VERSION = sizeof migrations / sizeof *migrations };

zchat_status_t sqlite_schema_refused (sqlite3 *db, const char *path, char **why)
{
    int code = sqlite3_errcode (db) & 0xFF;
    /*  Our own statements are right, so SQLITE_ERROR means that the tables are not. */
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR) {
        sqlite_explain (why,
                        "%s is not a zchat log, or is damaged (%s); restore its folder from a "
                        "backup, or give another folder; zchatd check says what can be read",
                        path, sqlite3_errmsg (db));
        return ZCHAT_CORRUPT;
    }
    if (code == SQLITE_FULL)
        sqlite_explain (why, "%s cannot be written: %s; make space on that disk", path,
                        sqlite3_errmsg (db));
    else
        sqlite_explain (why,
                        "%s cannot be used: %s; make sure that this user may write the file and "
                        "its folder, and that no other program has it open",
                        path, sqlite3_errmsg (db));
    return ZCHAT_SYSTEM;
}

/*  The single number that a statement answers.                                */
static bool number_get (sqlite3 *db, const char *sql, sqlite3_int64 *number)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step (statement) == SQLITE_ROW;
    if (ok)
        *number = sqlite3_column_int64 (statement, 0);
    return sqlite3_finalize (statement) == SQLITE_OK && ok;
}

bool sqlite_schema_make (sqlite3 *db, sqlite3_int64 from, sqlite3_int64 to)
{
    for (sqlite3_int64 step = from; step < to; step++)
        if (sqlite3_exec (db, migrations[step], NULL, NULL, NULL) != SQLITE_OK)
            return false;
    return true;
}

/*  Before anything is changed: what is this file? A file without anything in it
    is a new log; so is one whose making was cut short.                        */
static zchat_status_t schema_recognise (sqlite3 *db, const char *path, sqlite3_int64 *version,
                                        char **why)
{
    sqlite3_int64 application = 0;
    sqlite3_int64 entries = 0;
    if (!number_get (db, "PRAGMA application_id", &application) ||
        !number_get (db, "PRAGMA user_version", version) ||
        !number_get (db, "SELECT count (*) FROM sqlite_master", &entries))
        return sqlite_schema_refused (db, path, why);
    if (application == 0 && *version == 0 && entries == 0)
        return ZCHAT_OK;
    if (application != LOG_APPLICATION || *version < 1) {
        sqlite_explain (why,
                        "%s is a database, but not a zchat log; move it away, or give another "
                        "folder",
                        path);
        return ZCHAT_CORRUPT;
    }
    if (*version > SCHEMA_VERSION) {
        sqlite_explain (why,
                        "%s was written by a newer zchatd (log version %lld, this one knows %d); "
                        "run that one",
                        path, *version, (int)SCHEMA_VERSION);
        return ZCHAT_NEWER;
    }
    return ZCHAT_OK;
}

/*  How the file is written. An answer other than WAL comes from file systems
    without shared memory; fast deletion zeroes what is deleted where that costs
    no further page, so that retention works on a full disk too.               */
static zchat_status_t schema_configure (sqlite3 *db, const char *path, char **why)
{
    sqlite3_stmt *statement = NULL;
    bool asked =
        sqlite3_prepare_v2 (db, "PRAGMA journal_mode = WAL", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step (statement) == SQLITE_ROW;
    bool wal =
        asked && sqlite3_stricmp ((const char *)sqlite3_column_text (statement, 0), "wal") == 0;
    if (sqlite3_finalize (statement) != SQLITE_OK || !asked)
        return sqlite_schema_refused (db, path, why);
    if (!wal) {
        sqlite_explain (why, "%s cannot be used safely on this file system; put it on a local disk",
                        path);
        return ZCHAT_SYSTEM;
    }
    if (sqlite3_exec (db,
                      "PRAGMA synchronous = FULL;"
                      "PRAGMA foreign_keys = OFF;"
                      "PRAGMA temp_store = MEMORY;"
                      "PRAGMA secure_delete = FAST;"
                      "PRAGMA cache_size = -8192;"
                      "PRAGMA journal_size_limit = 16777216;",
                      NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_schema_refused (db, path, why);
    return ZCHAT_OK;
}

/*  All missing steps and the id of a new log, in the caller's transaction.    */
static bool schema_migrate (sqlite3 *db, sqlite3_int64 version, const uint8_t *log_id)
{
    if (!sqlite_schema_make (db, version, SCHEMA_VERSION))
        return false;
    char sql[128];
    snprintf (sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
              (int)LOG_APPLICATION, (int)SCHEMA_VERSION);
    if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return false;
    if (version > 0)
        return true;

    sqlite3_stmt *statement = NULL;
    bool ok =
        sqlite3_prepare_v2 (db, "INSERT INTO meta (key, value) VALUES ('log_id', ?)", -1,
                            &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_blob (statement, 1, log_id, ZCHAT_LOG_ID_SIZE, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step (statement) == SQLITE_DONE;
    return sqlite3_finalize (statement) == SQLITE_OK && ok;
}

static zchat_status_t log_id_get (sqlite3 *db, const char *path, uint8_t *log_id, char **why)
{
    sqlite3_stmt *statement = NULL;
    zchat_status_t status = ZCHAT_OK;
    int rc = sqlite3_prepare_v2 (db, "SELECT value FROM meta WHERE key = 'log_id'", -1, &statement,
                                 NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (statement);
    if (rc == SQLITE_ROW && sqlite3_column_type (statement, 0) == SQLITE_BLOB &&
        sqlite3_column_bytes (statement, 0) == ZCHAT_LOG_ID_SIZE)
        memcpy (log_id, sqlite3_column_blob (statement, 0), ZCHAT_LOG_ID_SIZE);
    else if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        sqlite_explain (why,
                        "%s is damaged: it has no log id; restore its folder from a backup, or "
                        "give another folder",
                        path);
        status = ZCHAT_CORRUPT;
    } else
        status = sqlite_schema_refused (db, path, why);
    sqlite3_finalize (statement);
    return status;
}

zchat_status_t sqlite_schema_examine (sqlite3 *db, const char *path, sqlite3_int64 *version,
                                      uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                                      sqlite_difference_t *difference, char **why)
{
    *difference = (sqlite_difference_t){0};
    zchat_status_t status = schema_recognise (db, path, version, why);
    if (status == ZCHAT_OK)
        status = sqlite_schema_compare (db, path, *version, difference, why);
    return status == ZCHAT_OK && *version > 0 && difference->kind < SCHEMA_HOLDS
               ? log_id_get (db, path, log_id, why)
               : status;
}

zchat_status_t sqlite_schema_prepare (sqlite3 *db, const char *path,
                                      uint8_t log_id[ZCHAT_LOG_ID_SIZE], char **why)
{
    sqlite3_int64 version = 0;
    sqlite_difference_t difference;
    zchat_status_t status = schema_recognise (db, path, &version, why);
    if (status == ZCHAT_OK)
        status = sqlite_schema_compare (db, path, version, &difference, why);
    if (status == ZCHAT_OK && difference.kind != SCHEMA_SAME) {
        sqlite_explain (why,
                        "%s %s \"%s\": another program changed it; restore its folder from a "
                        "backup, or undo that change",
                        path, sqlite_difference_text (&difference), difference.name);
        status = ZCHAT_CORRUPT;
    }
    if (status == ZCHAT_OK)
        status = schema_configure (db, path, why);
    if (status == ZCHAT_OK && version > 0 && version < SCHEMA_VERSION)
        status = sqlite_keep_older (db, path, version, why);
    if (status != ZCHAT_OK)
        return status;
    if (version < SCHEMA_VERSION &&
        (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
         !schema_migrate (db, version, log_id) ||
         sqlite3_exec (db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)) {
        status = sqlite_schema_refused (db, path, why);
        (void)sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    return log_id_get (db, path, log_id, why);
}
