/*  runner.h - other programs, run beside the screen: a browser, a notification

    Does I/O: it makes processes. They get no terminal and no descriptor of ours, a session and a
    process group of their own, signals as they are by default, and no shell. No more than
    RUNNER_MAX run at once.
*/
#ifndef ZCHAT_SCREEN_RUNNER_H
#define ZCHAT_SCREEN_RUNNER_H

#include <stddef.h>
#include <zchat/status.h>

enum { RUNNER_MAX = 4 /* programs that run at once                             */ };

typedef struct runner runner_t;

runner_t *runner_new (void);

/*  Forget the programs; those that still run go on.                           */
void runner_destroy (runner_t **runner);

/*  Run a program, found in PATH, with its arguments, ended by NULL. ZCHAT_OK; ZCHAT_FULL: too many
    run; ZCHAT_SYSTEM and errno: it could not be started.                      */
zchat_status_t runner_start (runner_t *runner, char *const *words) ZCHAT_CHECKED;

/*  Take away those that have ended, without waiting. Call it at every turn of a loop, or when
    SIGCHLD came. Returns how many still run.                                  */
size_t runner_reap (runner_t *runner);

#endif
