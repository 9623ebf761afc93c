/*  runner.c - other programs, run beside the screen                           */
#include "runner.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

struct runner {
    pid_t pids[RUNNER_MAX]; /* of those that run                               */
    size_t n;
};

runner_t *runner_new (void)
{
    return memory_zero (sizeof (runner_t));
}

void runner_destroy (runner_t **runner)
{
    free (*runner);
    *runner = NULL;
}

size_t runner_reap (runner_t *runner)
{
    size_t left = 0;
    for (size_t i = 0; i < runner->n; i++)
        /*  Also gone is what somebody else has waited for.                    */
        if (waitpid (runner->pids[i], NULL, WNOHANG) == 0)
            runner->pids[left++] = runner->pids[i];
    runner->n = left;
    return left;
}

/*  Start it. Returns 0 or an errno. posix_spawn copies nothing of this process's memory, and what
    runs in the child is the C library's alone: there are threads of libzmq here. */
static int spawn (char *const *words, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset (&none);
    sigfillset (&all);
    int error = posix_spawn_file_actions_init (&files);
    if (error)
        return error;
    error = posix_spawnattr_init (&attributes);
    if (error) {
        posix_spawn_file_actions_destroy (&files);
        return error;
    }
    for (int fd = 0; fd <= 2 && !error; fd++)
        error = posix_spawn_file_actions_addopen (&files, fd, "/dev/null", O_RDWR, 0);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np (&files, 3);
    if (!error)
        error = posix_spawnattr_setsigmask (&attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault (&attributes, &all);
    if (!error)
        error = posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                           POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnp (pid, words[0], &files, &attributes, words, environ);
    posix_spawnattr_destroy (&attributes);
    posix_spawn_file_actions_destroy (&files);
    return error;
}

zchat_status_t runner_start (runner_t *runner, char *const *words)
{
    pid_t pid;
    if (runner_reap (runner) == RUNNER_MAX)
        return ZCHAT_FULL;
    int error = spawn (words, &pid);
    if (error) {
        errno = error;
        return ZCHAT_SYSTEM;
    }
    runner->pids[runner->n++] = pid;
    return ZCHAT_OK;
}
