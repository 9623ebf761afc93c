/*  program.h - another program is started, with nothing of ours: no descriptors, no signals
    blocked, ignored or handled                                                */
#ifndef ZCHAT_SCREEN_PROGRAM_H
#define ZCHAT_SCREEN_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

/*  Start a program, found in PATH, with its arguments, ended by NULL. beside: in a session of its
    own that reads and writes nothing here; else it has the terminal and our process group. Returns
   0 or an errno. posix_spawn copies nothing of this process's memory, and what runs in the child is
    the C library's alone: there are threads of libzmq here.                   */
int program_start (char *const *words, bool beside, pid_t *pid);

#endif
