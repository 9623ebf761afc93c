/*  server - what the process under test has used so far, from /proc.  */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stdint.h>

/*  ns of CPU of all threads that the process has now.  */
uint64_t server_cpu_ns (int pid);

/*  Resident memory, in KiB.  */
uint64_t server_memory_kib (int pid);

/*  ns of the monotonic clock.  */
uint64_t bench_now (void);

#endif
