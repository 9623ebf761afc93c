/*  sqlite_wal.c - place for the write-ahead log, before it is needed

    A commit that makes the WAL longer syncs its data, the blocks it was given and its new size, one
   after the other; one that writes where something stands already syncs its data alone, in half the
   time. SQLite begins the WAL anew after each checkpoint and keeps its size, so only what a start
   finds grows; and zeros behind what is valid end the WAL for SQLite, as garbage of an earlier
   round does.
*/
#include "memory.h"
#include "sqlite.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    PIECE = 65536,
    FREE_TIMES = 64 /* only where the disk has so many times as much free        */
};

static bool affordable (int fd, size_t size)
{
    struct statvfs disk;
    struct rlimit limit;
    /*  Beyond the limit the kernel ends the process by a signal.              */
    return getrlimit (RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY &&
           fstatvfs (fd, &disk) == 0 &&
           disk.f_bavail >= (uint64_t)FREE_TIMES * size / (disk.f_frsize ? disk.f_frsize : 1);
}

void sqlite_wal_reserve (const char *path, size_t size)
{
    char *wal = memory_format ("%s-wal", path);
    int fd = open (wal, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info;
    if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && affordable (fd, size)) {
        char *zeros = memory_zero (PIECE);
        off_t at = info.st_size;
        while (at < (off_t)size) {
            size_t rest = (size_t)((off_t)size - at);
            ssize_t written = pwrite (fd, zeros, rest < PIECE ? rest : PIECE, at);
            if (written <= 0)
                break; /* it grows as it is written, then                      */
            at += written;
        }
        (void)!fsync (fd); /* of zeros nothing is lost                         */
        free (zeros);
    }
    if (fd >= 0)
        close (fd);
    free (wal);
}
