/*  runner.c - other programs, run beside the screen                           */
#include "runner.h"
#include "memory.h"
#include "program.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

zchat_status_t runner_start (runner_t *runner, char *const *words)
{
    pid_t pid;
    if (runner_reap (runner) == RUNNER_MAX)
        return ZCHAT_FULL;
    int error = program_start (words, true, &pid);
    if (error) {
        errno = error;
        return ZCHAT_SYSTEM;
    }
    runner->pids[runner->n++] = pid;
    return ZCHAT_OK;
}
