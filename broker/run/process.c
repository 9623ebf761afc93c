/*  process.c - what the broker asks of its process: descriptors, signals       */
#include "process.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum {
    DESCRIPTORS_MIN = 64, /* with fewer libzmq ends the process in the middle      */
};

void process_streams (void)
{
    int fd;
    do {
        fd = open ("/dev/null", O_RDWR);
        if (fd < 0)
            fd = open ("/", O_RDONLY); /* nothing can be written to it          */
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close (fd);
}

bool process_descriptors (void)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
        return true;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur >= DESCRIPTORS_MIN;
}

/*  What whoever started us has ignored (nohup, a shell's &) stays ignored: a signal that is
    blocked reaches the descriptor all the same.                               */
static void take (sigset_t *set, int number)
{
    struct sigaction action;
    if (sigaction (number, NULL, &action) != 0 || action.sa_handler != SIG_IGN)
        sigaddset (set, number);
}

int process_signals (void)
{
    sigset_t set;
    signal (SIGPIPE, SIG_IGN);
    /*  Over a limit of file size a write is to fail, not to end the process.  */
    signal (SIGXFSZ, SIG_IGN);
    sigemptyset (&set);
    take (&set, SIGHUP);
    take (&set, SIGINT);
    take (&set, SIGTERM);
    if (pthread_sigmask (SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool process_terminal (void)
{
    int fd = open ("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0)
        close (fd);
    return fd >= 0;
}

/*  The C library's generator is one for rand and random in glibc, and two elsewhere.  */
void process_seed (uint32_t seed)
{
    srandom (seed);
    srand (seed);
}

void process_tidy (void)
{
#ifdef __GLIBC__
    malloc_trim (0);
#endif
}

core_time_t process_time (void)
{
    struct timespec mono, wall;
    /*  Not CLOCK_MONOTONIC: a machine that slept has not had its clock set.       */
    clock_gettime (CLOCK_BOOTTIME, &mono);
    clock_gettime (CLOCK_REALTIME, &wall);
    return (core_time_t){(uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000,
                         (uint64_t)wall.tv_sec * 1000 + (uint64_t)wall.tv_nsec / 1000000};
}
