/*  metrics_process.c - the process's own numbers                              */
#include "metrics_process.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t descriptors (void)
{
    uint64_t count = 0;
    DIR *folder = opendir ("/proc/self/fd");
    while (folder && readdir (folder))
        count++;
    if (folder)
        closedir (folder);
    return count > 3 ? count - 3 : 0; /* ., .. and the folder's own                  */
}

static uint64_t resident (void)
{
    unsigned long long pages = 0;
    FILE *file = fopen ("/proc/self/statm", "re");
    if (file && fscanf (file, "%*u %llu", &pages) != 1)
        pages = 0;
    if (file)
        fclose (file);
    return pages * (uint64_t)sysconf (_SC_PAGESIZE);
}

metrics_process_t metrics_process (void)
{
    metrics_process_t process = {.resident = resident (), .descriptors = descriptors ()};
    struct rusage usage;
    struct rlimit limit;
    if (getrusage (RUSAGE_SELF, &usage) == 0)
        process.cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000000;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
        process.descriptors_max = (uint64_t)limit.rlim_cur;
    return process;
}
