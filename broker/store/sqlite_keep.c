/*  sqlite_keep.c - a copy of an older log, before it is brought up to date

    There is no way back from a newer version, and an older zchatd refuses the log then. Who has to
   go back to that one has the copy.
*/
#include "memory.h"
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

zchat_status_t sqlite_keep_older (sqlite3 *db, const char *path, sqlite3_int64 version, char **why)
{
    char *kept = memory_format ("%s.version-%lld", path, (long long)version);
    char *part = memory_format ("%s.part", kept);
    int fd = open (part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = fd < 0 ? SQLITE_CANTOPEN : sqlite_pages_copy (db, part);
    bool ok = rc == SQLITE_OK && sqlite_file_sync (part) && rename (part, kept) == 0;
    if (!ok)
        sqlite_explain (why,
                        "before the log is brought up to date a copy of it is kept in %s, and that "
                        "cannot be written: %s; make space on that disk",
                        kept, rc == SQLITE_OK || fd < 0 ? strerror (errno) : sqlite3_errstr (rc));
    if (fd >= 0)
        close (fd);
    if (!ok)
        (void)unlink (part);
    free (kept);
    free (part);
    return ok ? ZCHAT_OK : ZCHAT_SYSTEM;
}
