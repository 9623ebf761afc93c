/*  sqlite_place.c - whether the open files are still where the next start looks

    A folder that is deleted or moved takes nothing away from who has its files open: commits go on,
    into files that nobody finds. The paths are the ones the broker was given, not resolved, so that
   a symbolic link that points elsewhere by now is noticed too.
*/
#include "memory.h"
#include "sqlite.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[PLACE_FILES] = {LOG_NAME, LOG_NAME "-wal", LOG_NAME "-shm",
                                               LOCK_NAME};

bool sqlite_place_note (sqlite_place_t *place, const char *dir)
{
    /*  A relative path means the same for as long as the process stays where it is. */
    char *here = *dir == '/' ? NULL : getcwd (NULL, 0);
    place->folder = here ? sqlite_path_join (here, dir) : memory_string (dir, strlen (dir));
    free (here);
    for (size_t i = 0; i < PLACE_FILES; i++) {
        struct stat info;
        place->paths[i] = sqlite_path_join (place->folder, names[i]);
        if (stat (place->paths[i], &info) != 0)
            return false;
        place->devices[i] = info.st_dev;
        place->inodes[i] = info.st_ino;
    }
    return true;
}

void sqlite_place_forget (sqlite_place_t *place)
{
    for (size_t i = 0; i < PLACE_FILES; i++)
        free (place->paths[i]);
    free (place->folder);
    *place = (sqlite_place_t){0};
}

const char *sqlite_place_lost (const sqlite_place_t *place, const char **how)
{
    for (size_t i = 0; i < PLACE_FILES; i++) {
        struct stat info;
        if (stat (place->paths[i], &info) != 0)
            *how = errno == ENOENT || errno == ENOTDIR ? "is gone" : strerror (errno);
        else if (info.st_dev != place->devices[i] || info.st_ino != place->inodes[i])
            *how = "is another file than the one that is open";
        else
            continue;
        return place->paths[i];
    }
    return NULL;
}
