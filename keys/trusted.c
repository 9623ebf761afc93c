/*  trusted.c - whether a file or folder is in the hands of those who may be believed */
#include "trusted.h"
#include "memory.h"
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static bool explain (char **why, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static bool explain (char **why, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    if (vasprintf (why, format, args) < 0)
        *why = memory_string ("", 0);
    va_end (args);
    return false;
}

bool trusted_stat (const char *path, const struct stat *info, trusted_by_t by, char **why)
{
    if (!S_ISREG (info->st_mode) && !S_ISDIR (info->st_mode))
        return true;
    if (info->st_uid != 0 && info->st_uid != by.self && info->st_uid != by.owner)
        return explain (why,
                        "%s is not to be trusted: it belongs to another user (uid %lu); look at "
                        "what it says, and chown it to the user that reads it",
                        path, (unsigned long)info->st_uid);
    if (info->st_mode & (S_IWGRP | S_IWOTH))
        return explain (why,
                        "%s is not to be trusted: others may write it (mode %04o); look at what "
                        "it says, and chmod go-w it",
                        path, (unsigned)(info->st_mode & 07777));
    return true;
}

trusted_by_t trusted_by (const char *folder)
{
    struct stat info;
    trusted_by_t by = {.self = geteuid (), .owner = geteuid ()};
    if (by.self == 0 && stat (folder, &info) == 0)
        by.owner = info.st_uid;
    return by;
}

trusted_by_t trusted_by_file (const char *path)
{
    char *folder = memory_string (path, strlen (path));
    char *slash = strrchr (folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    trusted_by_t by = trusted_by (slash ? folder : ".");
    free (folder);
    return by;
}

bool trusted_folder (const char *folder, char **why)
{
    struct stat info;
    return stat (folder, &info) != 0 || trusted_stat (folder, &info, trusted_by (folder), why);
}
