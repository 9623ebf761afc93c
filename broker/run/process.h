/*  process.h - what the broker asks of its process: descriptors, signals       */
#ifndef ZCHAT_PROCESS_H
#define ZCHAT_PROCESS_H

#include "base/clock.h"
#include <stdbool.h>
#include <stdint.h>

/*  Open what is closed of standard input, output and error, so that none of the files that are
    opened later gets what is meant for them. Before anything else is opened.  */
void process_streams (void);

/*  Raise the number of descriptors to what we may have; a client takes two. False: they are too few
    to begin.                                                                  */
bool process_descriptors (void);

/*  A descriptor that tells of those of SIGHUP, SIGINT and SIGTERM that were not ignored when the
    process began; the caller closes it; -1: it cannot be had. It is there because czmq's own
    handler would end its loops on any signal. Call it before there is any thread, so that all
    inherit the mask. SIGPIPE and SIGXFSZ are ignored from then on, so that writes fail instead. */
int process_signals (void);

/*  True where the process has a terminal that can hang up.                    */
bool process_terminal (void);

/*  Seed the C library's random numbers. libzmq takes the number that a ROUTER gives its first
    connection from them, and czmq has seeded them with the second of the start: call it behind
    zsys_init and before the first socket.                                     */
void process_seed (uint32_t seed);

/*  Give free memory back to the system, which takes a millisecond or two. Connections come with
    large buffers, and leave small things between them that stay, such as producers. Without this
    the heap would grow with their number, and stay as large as the slowest reader once made it. */
void process_tidy (void);

/*  The time, as the core wants it.                                            */
core_time_t process_time (void);

#endif
