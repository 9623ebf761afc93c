/*  sqlite_export.c - all that a log holds, read once                          */
#include "export.h"
#include "memory.h"
#include "sqlite_check.h"

static frame_t column_frame (sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob (statement, column);
    return frame_of (data, (size_t)sqlite3_column_bytes (statement, column));
}

static int events_tell (sqlite3 *db, store_told_t *told, void *arg)
{
    sqlite3_stmt *statement = NULL;
    bool enough = false;
    int rc =
        sqlite3_prepare_v2 (db, "SELECT id, time, type, user, body, data FROM messages ORDER BY id",
                            -1, &statement, NULL);
    while (rc == SQLITE_OK && !enough && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
        sqlite3_int64 id = sqlite3_column_int64 (statement, 0);
        event_t event = {.seq = (uint64_t)id & ZCHAT_SEQ_MAX,
                         .time_ms = (uint64_t)sqlite3_column_int64 (statement, 1),
                         .type = (zchat_type_t)sqlite3_column_int (statement, 2),
                         .user = column_frame (statement, 3),
                         .body = column_frame (statement, 4),
                         .data = column_frame (statement, 5)};
        enough = !told (arg, (uint64_t)id >> LOG_SEQ_BITS, &event);
        rc = SQLITE_OK;
    }
    sqlite3_finalize (statement);
    return enough || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

zchat_status_t store_export (const char *dir, const store_loader_t *loader, store_told_t *told,
                             void *arg, char **why)
{
    sqlite3 *db = NULL;
    sqlite3_int64 version;
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    sqlite_difference_t difference;
    const char *error = "";
    char *path = sqlite_path_join (dir, LOG_NAME);
    zchat_status_t status = ZCHAT_SYSTEM;
    if (sqlite_folder_trusted (dir, why))
        status = sqlite_check_open (path, &db, &version, log_id, &difference, why);
    /*  Looking further would let it act; or there is nothing in it yet.       */
    if (status == ZCHAT_OK && difference.kind != SCHEMA_SAME) {
        sqlite_explain (why, "%s %s \"%s\": see zchatd check", path,
                        sqlite_difference_text (&difference), difference.name);
        status = ZCHAT_CORRUPT;
    }
    if (status == ZCHAT_OK && version > 0) {
        status = sqlite_load_from (db, path, version, loader, &error);
        if (status == ZCHAT_OK && events_tell (db, told, arg) != SQLITE_OK) {
            error = sqlite3_errmsg (db);
            status = ZCHAT_CORRUPT;
        }
        if (status != ZCHAT_OK)
            sqlite_explain (why, "%s cannot be read to its end: %s; see zchatd check", path,
                            *error ? error : zchat_status_text (status));
    }
    sqlite3_close_v2 (db);
    free (path);
    return status;
}
