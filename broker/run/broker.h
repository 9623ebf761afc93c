/*  broker.h - the shell: sockets, timers, signals, threads around the core

    Moves bytes and decides nothing.                                           */
#ifndef ZCHAT_BROKER_H
#define ZCHAT_BROKER_H

#include "config/options.h"

/*  Serve until SIGTERM or SIGINT, or until a terminal hangs up (process.h); without a terminal
   SIGHUP reloads. Returns the exit status; where it is not 0 it was said why. Blocks these signals
   in the calling thread.                                                            */
int broker_run (const options_t *options);

#endif
