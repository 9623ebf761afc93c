/*  sqlite_backup.c - a copy of a log that a broker may be writing to

    The pages are copied within one read transaction: that is one snapshot, and the copy
    need not begin anew with every commit of the broker. The copy is one file without
    a WAL; it gets a log's name only when it is whole, verified and on disk.
*/
#include "memory.h"
#include "sqlite_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_NAME "zchat.db.part" /* the copy, while it is being made           */

/*  --- the folder ------------------------------------------------------------  */

static bool folder_empty (const char *folder)
{
    DIR *dir = opendir (folder);
    if (!dir)
        return false;
    bool empty = true;
    const struct dirent *entry;
    errno = 0;
    while (empty && (entry = readdir (dir)))
        empty = strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0;
    if (!empty)
        errno = ENOTEMPTY;
    empty = empty && errno == 0;
    int error = errno;
    closedir (dir);
    errno = error;
    return empty;
}

/*  Make the folder and the file that the copy goes to. *made: the folder is new. */
static zchat_status_t part_make (const char *to, const char *part, bool *made, char **why)
{
    struct stat info;
    *made = stat (to, &info) != 0;
    if (!sqlite_folder_make (to) || !folder_empty (to)) {
        sqlite_explain (why,
                        "no backup can go to %s: %s; name a folder that is empty, or is not "
                        "there yet",
                        to, strerror (errno));
        return ZCHAT_IN_USE;
    }
    int fd = open (part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        sqlite_explain (why, "%s cannot be made: %s; name a folder that this user may write", part,
                        strerror (errno));
        return ZCHAT_IN_USE;
    }
    close (fd);
    return ZCHAT_OK;
}

/*  --- the copy --------------------------------------------------------------  */

static zchat_status_t copy_failed (int rc, const char *path, const char *part, char **why)
{
    int primary = rc & 0xFF;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
        sqlite_explain (why, "%s is damaged (%s); restore it from an earlier backup", path,
                        sqlite3_errstr (rc));
        return ZCHAT_CORRUPT;
    }
    if (rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_SHORT_READ) {
        sqlite_explain (why, "%s cannot be read: %s; look at its disk", path, sqlite3_errstr (rc));
        return ZCHAT_SYSTEM;
    }
    sqlite_explain (why, "%s cannot be written: %s; make space there, or name another folder", part,
                    sqlite3_errstr (rc));
    return ZCHAT_STORAGE;
}

/*  A copy cut short is thrown away: so nothing is synced before the end.      */
int sqlite_pages_copy (sqlite3 *db, const char *part)
{
    sqlite3 *copy = NULL;
    int rc = sqlite3_open_v2 (part, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    memory_check (copy);
    sqlite3_extended_result_codes (copy, 1);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec (copy, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL,
                           NULL);
    sqlite3_backup *backup =
        rc == SQLITE_OK ? sqlite3_backup_init (copy, "main", db, "main") : NULL;
    if (backup) {
        int stepped = sqlite3_backup_step (backup, -1);
        rc = sqlite3_backup_finish (backup);
        rc = stepped == SQLITE_DONE || rc != SQLITE_OK ? rc : stepped;
    } else if (rc == SQLITE_OK)
        rc = sqlite3_extended_errcode (copy);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec (copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    int closed = sqlite3_close (copy);
    return rc == SQLITE_OK ? closed : rc;
}

bool sqlite_file_sync (const char *path)
{
    int fd = open (path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync (fd) == 0;
    int error = errno;
    ok = close (fd) == 0 && ok;
    errno = ok ? 0 : error;
    return ok;
}

/*  Give the copy its name, for good.                                          */
static zchat_status_t copy_keep (const char *to, const char *part, char **why)
{
    char *path = sqlite_path_join (to, LOG_NAME);
    zchat_status_t status = ZCHAT_OK;
    if (!sqlite_file_sync (part) || rename (part, path) != 0 || !sqlite_folder_sync (to)) {
        sqlite_explain (why, "%s cannot be put on disk: %s; make space there, or look at that disk",
                        path, strerror (errno));
        (void)unlink (path);
        status = ZCHAT_STORAGE;
    }
    free (path);
    return status;
}

zchat_status_t store_backup (const char *dir, const char *to, const store_loader_t *loader,
                             store_problem_t *problem, void *arg, store_summary_t *summary,
                             char **why)
{
    char *path = sqlite_path_join (dir, LOG_NAME);
    char *part = sqlite_path_join (to, PART_NAME);
    sqlite3 *db = NULL;
    sqlite3_int64 version;
    sqlite_difference_t difference;
    bool made = false;
    *summary = (store_summary_t){0};
    zchat_status_t status = ZCHAT_SYSTEM;
    if (sqlite_folder_trusted (dir, why))
        status = sqlite_check_open (path, &db, &version, summary->log_id, &difference, why);
    if (status == ZCHAT_OK)
        status = part_make (to, part, &made, why);
    if (status != ZCHAT_OK)
        goto out;
    int rc = sqlite_pages_copy (db, part);
    status = rc == SQLITE_OK ? sqlite_check_file (part, loader, problem, arg, summary, why)
                             : copy_failed (rc, path, part, why);
    if (status == ZCHAT_OK)
        status = copy_keep (to, part, why);
    if (status == ZCHAT_CORRUPT && summary->problems) {
        free (*why);
        sqlite_explain (why,
                        "%s is damaged (%llu problems), and so would its copy be: none was made; "
                        "restore the log from an earlier backup",
                        path, (unsigned long long)summary->problems);
    }
    if (status != ZCHAT_OK) {
        (void)unlink (part);
        if (made)
            (void)rmdir (to);
    }
out:
    sqlite3_close_v2 (db);
    free (path);
    free (part);
    return status;
}
