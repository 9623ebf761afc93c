#include "server.h"

#include "bytes.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/*  The first number of a file that begins with it; 0 where there is none (the thread has ended). */
static uint64_t first_number (const char *path)
{
    unsigned long long number = 0;
    FILE *file = fopen (path, "r");
    if (!file)
        return 0;
    if (fscanf (file, "%llu", &number) != 1)
        number = 0;
    fclose (file);
    return number;
}

uint64_t server_cpu_ns (int pid)
{
    char path[320];
    uint64_t sum = 0;
    snprintf (path, sizeof path, "/proc/%d/task", pid);
    DIR *folder = opendir (path);
    if (!folder)
        bench_fail ("the server is gone");
    for (struct dirent *entry; (entry = readdir (folder));) {
        if (entry->d_name[0] == '.')
            continue;
        /* in ns, where stat has clock ticks of 10 ms */
        snprintf (path, sizeof path, "/proc/%d/task/%.20s/schedstat", pid, entry->d_name);
        sum += first_number (path);
    }
    closedir (folder);
    return sum;
}

uint64_t server_memory_kib (int pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf (path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen (path, "r");
    if (!file)
        bench_fail ("the server is gone");
    while (fgets (line, sizeof line, file))
        if (sscanf (line, "VmRSS: %llu kB", &kib) == 1)
            break;
    fclose (file);
    return kib;
}

uint64_t bench_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
