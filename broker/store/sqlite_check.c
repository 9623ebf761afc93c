/*  sqlite_check.c - verifying a log: the file, its facts and producers, the verdict  */
#include "sqlite_check.h"
#include "memory.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 1024, /* of a problem                                     */
    DATABASE_LINES = 20    /* of SQLite's own findings at most                 */
};

void sqlite_check_say (check_t *check, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start (args, format);
    vsnprintf (line, sizeof line, format, args);
    va_end (args);
    char *shown = text_display (frame_str (line), TEXT_LINE, NULL);
    check->summary->problems++;
    check->say (check->arg, shown);
    free (shown);
}

bool sqlite_check_number (sqlite3_stmt *statement, int column, uint64_t max, uint64_t *number)
{
    return sqlite3_column_type (statement, column) == SQLITE_INTEGER &&
           sqlite_column_number (statement, column, max, number);
}

/*  --- the file --------------------------------------------------------------  */

static zchat_status_t snapshot_begin (sqlite3 *db, const char *path, sqlite3_int64 *version,
                                      uint8_t *log_id, sqlite_difference_t *difference, char **why)
{
    sqlite_schema_harden (db);
    sqlite3_extended_result_codes (db, 1);
    sqlite3_busy_timeout (db, LOG_WAIT_MS);
    /*  BEGIN alone takes no snapshot: the first look at the file does.        */
    if (sqlite3_exec (db,
                      "PRAGMA cell_size_check = ON;"
                      "PRAGMA temp_store = MEMORY;"
                      "BEGIN",
                      NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_schema_refused (db, path, why);
    return sqlite_schema_examine (db, path, version, log_id, difference, why);
}

zchat_status_t sqlite_check_open (const char *path, sqlite3 **db, sqlite3_int64 *version,
                                  uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                                  sqlite_difference_t *difference, char **why)
{
    if (access (path, R_OK) != 0) {
        sqlite_explain (why, "there is no log %s that can be read: %s; name its folder by --data",
                        path, strerror (errno));
        return ZCHAT_INVALID;
    }
    sqlite3 *opened = NULL;
    zchat_status_t status;
    if (sqlite3_open_v2 (path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        status = snapshot_begin (opened, path, version, log_id, difference, why);
    else {
        memory_check (opened);
        status = sqlite_schema_refused (opened, path, why);
    }
    if (status == ZCHAT_OK)
        *db = opened;
    else
        sqlite3_close_v2 (opened);
    return status;
}

static void check_integrity (check_t *check)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2 (check->db, "PRAGMA integrity_check", -1, &statement, NULL);
    int lines = 0;
    while (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text (statement, 0);
        rc = SQLITE_OK;
        if (text && strcmp (text, "ok") != 0 && lines++ < DATABASE_LINES)
            sqlite_check_say (check, "database: %s", text);
    }
    if (lines > DATABASE_LINES)
        sqlite_check_say (check, "database: and %d more of this kind", lines - DATABASE_LINES);
    if (rc != SQLITE_DONE)
        sqlite_check_say (check, "database: cannot be looked through: %s",
                          sqlite3_errmsg (check->db));
    sqlite3_finalize (statement);
}

/*  --- facts -----------------------------------------------------------------  */

static bool fact_text_good (sqlite3_stmt *statement, int column, size_t max)
{
    frame_t text;
    return sqlite3_column_type (statement, column) == SQLITE_TEXT &&
           sqlite_column_frame (statement, column, max, &text) && text.size >= 1 &&
           text_valid (text);
}

static void check_facts (check_t *check)
{
    sqlite3_stmt *statement = NULL;
    uint64_t bad = 0;
    uint64_t stray = 0;
    uint64_t stray_room = 0; /* the first of them */
    int rc = sqlite3_prepare_v2 (check->db,
                                 "SELECT room, key, value, room = 0 OR"
                                 " EXISTS (SELECT 1 FROM rooms WHERE id = facts.room)"
                                 " FROM facts ORDER BY room, key",
                                 -1, &statement, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        uint64_t room;
        rc = SQLITE_OK;
        check->summary->facts++;
        if (!sqlite_check_number (statement, 0, STORE_ROOM_MAX, &room) ||
            !fact_text_good (statement, 1, ZCHAT_FACT_KEY_MAX) ||
            !fact_text_good (statement, 2, ZCHAT_FACT_MAX))
            bad++;
        else if (!sqlite3_column_int (statement, 3)) {
            stray_room = stray++ ? stray_room : room;
        }
    }
    if (bad)
        sqlite_check_say (check, "facts: %llu make no sense (room, key or value)",
                          (unsigned long long)bad);
    if (stray)
        sqlite_check_say (check, "facts: %llu are of no room, the first of number %llu",
                          (unsigned long long)stray, (unsigned long long)stray_room);
    if (rc != SQLITE_DONE)
        sqlite_check_say (check, "facts: cannot be read beyond number %llu: %s",
                          (unsigned long long)check->summary->facts, sqlite3_errmsg (check->db));
    sqlite3_finalize (statement);
}

/*  --- producers -------------------------------------------------------------  */

static void check_producers (check_t *check)
{
    sqlite3_stmt *statement = NULL;
    uint64_t bad = 0;
    int rc =
        sqlite3_prepare_v2 (check->db, "SELECT id, n, time FROM producers", -1, &statement, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        uint64_t n;
        uint64_t time;
        rc = SQLITE_OK;
        check->summary->producers++;
        if (sqlite3_column_type (statement, 0) != SQLITE_BLOB ||
            sqlite3_column_bytes (statement, 0) != ZCHAT_PRODUCER_SIZE ||
            !sqlite_check_number (statement, 1, INT64_MAX, &n) || n < 1 ||
            !sqlite_check_number (statement, 2, INT64_MAX, &time))
            bad++;
    }
    if (bad)
        sqlite_check_say (check, "producers: %llu make no sense (id, count or time)",
                          (unsigned long long)bad);
    if (rc != SQLITE_DONE)
        sqlite_check_say (check, "producers: cannot be read beyond number %llu: %s",
                          (unsigned long long)check->summary->producers,
                          sqlite3_errmsg (check->db));
    sqlite3_finalize (statement);
}

/*  --- the position ----------------------------------------------------------  */

/*  Each message was a record once, and so was each fact; rooms may begin behind seqs that others
    had, so their heads say nothing.                                           */
static void check_position (check_t *check)
{
    sqlite3_stmt *statement = NULL;
    uint64_t position;
    uint64_t least = check->summary->messages > check->summary->facts ? check->summary->messages
                                                                      : check->summary->facts;
    int rc = sqlite3_prepare_v2 (
        check->db, "SELECT (SELECT value FROM meta WHERE key = 'position')", -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (statement);
    if (rc != SQLITE_ROW)
        sqlite_check_say (check, "position: cannot be read: %s", sqlite3_errmsg (check->db));
    else if (sqlite3_column_type (statement, 0) == SQLITE_NULL)
        sqlite_check_say (check, "position: it is missing");
    else if (!sqlite_check_number (statement, 0, INT64_MAX, &position))
        sqlite_check_say (check, "position: it is no number that can be");
    else if (position < least)
        sqlite_check_say (check, "position: it is %llu, but %llu records are there",
                          (unsigned long long)position, (unsigned long long)least);
    sqlite3_finalize (statement);
}

/*  --- the verdict -----------------------------------------------------------  */

/*  What no rule above knows of: the broker's own start reads it, and has the last word. */
static void check_load (check_t *check, sqlite3_int64 version, const store_loader_t *loader)
{
    const char *error;
    zchat_status_t status = sqlite_load_from (check->db, check->path, version, loader, &error);
    if (status != ZCHAT_OK)
        sqlite_check_say (check, "a broker does not load it: %s",
                          *error ? error : zchat_status_text (status));
}

static void check_all (check_t *check, sqlite3_int64 version, const sqlite_difference_t *difference,
                       const store_loader_t *loader)
{
    const char *differs = sqlite_difference_text (difference);
    if (difference->kind >= SCHEMA_HOLDS) {
        /*  Looking further would let it act.                                  */
        sqlite_check_say (check, "database: it %s \"%s\"", differs, difference->name);
        return;
    }
    if (version == 0)
        return;
    check_integrity (check);
    sqlite_check_rooms (check);
    if (version >= LOG_VERSION_FACTS)
        check_facts (check);
    check_producers (check);
    if (version >= LOG_VERSION_EDITS && difference->kind == SCHEMA_SAME)
        sqlite_check_edits (check);
    if (version >= LOG_VERSION_POSITION)
        check_position (check);
    if (version >= LOG_VERSION_EDITS)
        sqlite_check_markers (check);
    if (difference->kind != SCHEMA_SAME && !check->summary->problems)
        sqlite_check_say (check, "database: it %s \"%s\"", differs, difference->name);
    if (loader && !check->summary->problems)
        check_load (check, version, loader);
}

zchat_status_t sqlite_check_file (const char *path, const store_loader_t *loader,
                                  store_problem_t *problem, void *arg, store_summary_t *summary,
                                  char **why)
{
    sqlite3 *db = NULL;
    sqlite3_int64 version = 0;
    sqlite_difference_t difference;
    *summary = (store_summary_t){0};
    zchat_status_t status =
        sqlite_check_open (path, &db, &version, summary->log_id, &difference, why);
    if (status != ZCHAT_OK)
        return status;
    check_t *check = memory_zero (sizeof *check);
    *check = (check_t){.db = db, .path = path, .say = problem, .arg = arg, .summary = summary};
    check_all (check, version, &difference, loader);
    free (check);
    sqlite3_close_v2 (db);
    if (!summary->problems)
        return ZCHAT_OK;
    sqlite_explain (why,
                    "%s is damaged (%llu problems); stop the broker, keep the folder aside, and "
                    "restore it from a backup",
                    path, (unsigned long long)summary->problems);
    return ZCHAT_CORRUPT;
}

zchat_status_t store_check (const char *dir, const store_loader_t *loader, store_problem_t *problem,
                            void *arg, store_summary_t *summary, char **why)
{
    *summary = (store_summary_t){0};
    if (!sqlite_folder_trusted (dir, why))
        return ZCHAT_SYSTEM;
    char *path = sqlite_path_join (dir, LOG_NAME);
    zchat_status_t status = sqlite_check_file (path, loader, problem, arg, summary, why);
    free (path);
    return status;
}
