/*  process.h - what the broker asks of its process: descriptors, signals       */
#ifndef ZCHAT_PROCESS_H
#define ZCHAT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/*  Open what is closed of standard input, output and error, so that none of the files that are
   opened later gets what is meant for them. Before anything else is opened.         */
void process_streams (void);

/*  Take as many descriptors as we may have: two a client. False: not even a few. */
bool process_descriptors (void);

/*  A descriptor that tells of SIGHUP, SIGINT and SIGTERM, those of them that were not ignored when
    the process began, to be closed by the caller; -1: none.
    czmq's own handler would end its loops on any signal. Call it before any thread is, so
    that all inherit the mask. SIGPIPE and SIGXFSZ are ignored: writes fail instead.  */
int process_signals (void);

/*  Seed the C library's random numbers. libzmq takes the number that a ROUTER gives its first
    connection from them, and czmq has seeded them with the second of the start: call it behind
    zsys_init and before the first socket.                                     */
void process_seed (uint32_t seed);

/*  Give free memory back to the system. Connections come with large buffers and leave small
    things that stay, such as senders, between them: without this the heap grows with
    their number, and stays as large as the slowest reader once made it. A millisecond or two. */
void process_tidy (void);

#endif
