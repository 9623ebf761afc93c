/*  program.c - another program is started, with nothing of ours                 */
#include "program.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int set_up (posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes, bool beside)
{
    sigset_t none, all;
    int error = 0, flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigemptyset (&none);
    sigfillset (&all);
    for (int fd = 0; beside && fd <= 2 && !error; fd++)
        error = posix_spawn_file_actions_addopen (files, fd, "/dev/null", O_RDWR, 0);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np (files, 3);
    if (!error)
        error = posix_spawnattr_setsigmask (attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault (attributes, &all);
    if (!error)
        error = posix_spawnattr_setflags (attributes,
                                          (short)(beside ? flags | POSIX_SPAWN_SETSID : flags));
    return error;
}

int program_start (char *const *words, bool beside, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init (&files);
    if (error)
        return error;
    error = posix_spawnattr_init (&attributes);
    if (!error) {
        error = set_up (&files, &attributes, beside);
        if (!error)
            error = posix_spawnp (pid, words[0], &files, &attributes, words, environ);
        posix_spawnattr_destroy (&attributes);
    }
    posix_spawn_file_actions_destroy (&files);
    return error;
}
