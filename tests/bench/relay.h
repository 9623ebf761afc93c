/*  relay - the floor: a server that sends what a speaker sends to all listeners, by plain send().
 */
#ifndef BENCH_RELAY_H
#define BENCH_RELAY_H

/*  Serves this port of this machine until it is killed. Says "ready" on standard output. */
__attribute__ ((noreturn)) void relay_serve (int port);

#endif
