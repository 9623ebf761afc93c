/*  admin_path.c - where the admin door of a data folder is                    */
#include "admin_path.h"
#include <fcntl.h>
#include <stdio.h>

int admin_folder (const char *data)
{
    return open (data, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void admin_path (int folder, char path[ADMIN_PATH_MAX])
{
    snprintf (path, ADMIN_PATH_MAX, "/proc/self/fd/%d/" ADMIN_SOCKET, folder);
}
