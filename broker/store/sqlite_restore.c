/*  sqlite_restore.c - a backup put in the place of a log

    The copy is made, verified and given its id in a folder beside, and takes the log's place by one
    rename. What was there stays, under another name: it may be all that there is of the last days.
*/
#include "memory.h"
#include "sqlite_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PART_FOLDER "restore.part" /* where the copy is made                     */

/*  What an earlier restore that was killed left.                              */
static void part_remove (const char *part)
{
    static const char *const names[] = {LOG_NAME, LOG_NAME ".part", LOG_NAME "-journal"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = sqlite_path_join (part, names[i]);
        (void)unlink (path);
        free (path);
    }
    (void)rmdir (part);
}

/*  Clients that knew the log before must not take new messages for known ones. */
static zchat_status_t id_renew (const char *path, const uint8_t *log_id, char **why)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    bool ok =
        sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK &&
        sqlite3_exec (db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2 (db, "UPDATE meta SET value = ? WHERE key = 'log_id'", -1, &statement,
                            NULL) == SQLITE_OK &&
        sqlite3_bind_blob (statement, 1, log_id, ZCHAT_LOG_ID_SIZE, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step (statement) == SQLITE_DONE && sqlite3_changes (db) == 1;
    if (!ok)
        sqlite_explain (why, "%s cannot be given a new id: %s; make space there", path,
                        sqlite3_errmsg (db));
    sqlite3_finalize (statement);
    sqlite3_close (db);
    return ok ? ZCHAT_OK : ZCHAT_STORAGE;
}

/*  Have the WAL be empty, so that the log is one file; a log that is damaged may refuse. */
static void log_gather (const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        (void)sqlite3_wal_checkpoint_v2 (db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close (db);
}

/*  A folder for the log that was there: its path, which the caller frees, or NULL. */
static char *aside_make (const char *dir, time_t now)
{
    struct tm parts;
    char name[64] = "";
    if (gmtime_r (&now, &parts))
        (void)strftime (name, sizeof name, "replaced-%Y%m%dT%H%M%SZ", &parts);
    char *path = sqlite_path_join (dir, name);
    if (mkdir (path, 0700) == 0)
        return path;
    free (path);
    return NULL;
}

/*  The log's files stand in the folder aside, too. Those beside zchat.db then leave their place:
   what they hold is not of the log that comes.                                    */
static bool log_put_aside (const char *dir, const char *aside)
{
    static const char *const names[] = {LOG_NAME, LOG_NAME "-wal", LOG_NAME "-shm"};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof names / sizeof *names; i++) {
        char *from = sqlite_path_join (dir, names[i]), *to = sqlite_path_join (aside, names[i]);
        ok = link (from, to) == 0 || errno == ENOENT;
        free (from);
        free (to);
    }
    ok = ok && sqlite_folder_sync (aside) && sqlite_folder_sync (dir);
    for (size_t i = 1; ok && i < sizeof names / sizeof *names; i++) {
        char *from = sqlite_path_join (dir, names[i]);
        ok = unlink (from) == 0 || errno == ENOENT;
        free (from);
    }
    return ok;
}

/*  path: of the log, which this process has locked.                           */
static zchat_status_t log_replace (const char *dir, const char *path, const char *part, time_t now,
                                   char **aside, char **why)
{
    struct stat info;
    char *copy = sqlite_path_join (part, LOG_NAME);
    bool ok = true;
    *aside = NULL;
    if (stat (path, &info) == 0 && info.st_size > 0) {
        log_gather (path);
        *aside = aside_make (dir, now);
        ok = *aside && log_put_aside (dir, *aside);
    }
    ok = ok && rename (copy, path) == 0 && sqlite_folder_sync (dir);
    if (!ok)
        sqlite_explain (why, "the log cannot be put into %s: %s; what was there is in %s", dir,
                        strerror (errno), *aside ? *aside : dir);
    free (copy);
    return ok ? ZCHAT_OK : ZCHAT_STORAGE;
}

zchat_status_t store_restore (const char *from, const char *dir, const uint8_t *log_id,
                              uint64_t now_s, const store_loader_t *loader,
                              store_problem_t *problem, void *arg, store_summary_t *summary,
                              char **aside, char **why)
{
    char *path = NULL, *part = NULL;
    int lock = -1;
    struct stat info;
    *aside = NULL;
    *summary = (store_summary_t){0};
    zchat_status_t status = sqlite_folder_take (dir, &path, &lock, why);
    if (status != ZCHAT_OK)
        return status;
    part = sqlite_path_join (dir, PART_FOLDER);
    part_remove (part);
    status = store_backup (from, part, loader, problem, arg, summary, why);
    char *copy = sqlite_path_join (part, LOG_NAME);
    if (status == ZCHAT_OK && log_id) {
        status = id_renew (copy, log_id, why);
        memcpy (summary->log_id, log_id, ZCHAT_LOG_ID_SIZE);
    }
    if (status == ZCHAT_OK)
        status = log_replace (dir, path, part, (time_t)now_s, aside, why);
    /*  The lock's taking made an empty file where there was no log.           */
    if (status != ZCHAT_OK && stat (path, &info) == 0 && info.st_size == 0)
        (void)unlink (path);
    part_remove (part);
    free (copy);
    free (part);
    free (path);
    close (lock);
    return status;
}
