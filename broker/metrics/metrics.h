/*  metrics.h - numbers for a monitoring system, over HTTP, on a thread of its own

    GET /metrics: what is counted, as OpenMetrics text where the client asks for it, else as
    Prometheus's older text. GET /healthz: 200 while the broker's loop turns. GET /readyz: 200 while
    the broker serves and its log can be written. Otherwise 503 and a sentence.

    The broker's thread hands over a copy of its numbers now and then and never waits for who reads
    them. Labels are words of the protocol alone: no name, room or address is told, so their number
    is bounded.
*/
#ifndef ZCHAT_METRICS_H
#define ZCHAT_METRICS_H

#include "base/counters.h"
#include "core.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    METRICS_EVERY_MS = 1000,  /* how often the broker hands over its numbers     */
    METRICS_STALE_MS = 10000, /* a loop that has not done so for so long is not alive */
    METRICS_BUCKETS = 12      /* of times of commits */
};

/*  How long commits took.                                                     */
typedef struct {
    uint64_t buckets[METRICS_BUCKETS + 1]; /* how many up to each bound; the last: longer */
    uint64_t sum_us;
} metrics_times_t;

/*  Count one of so many us.                                                   */
void metrics_time (metrics_times_t *times, uint64_t us);

typedef struct {
    counters_t counters;
    core_stats_t core;
    metrics_times_t commits;
    bool indexed;    /* there is an index                                        */
    uint64_t behind; /* events that are not in it                               */
    uint64_t disk_bytes, disk_free_bytes; /* of the log's disk; 0: not looked at yet   */
    uint64_t lines_dropped;               /* of the log file                                    */
    bool low;         /* too little of it is free                                 */
    bool serving;     /* it is ready, and does not stop                           */
    bool failing;     /* the log cannot be written                                */
    bool doubted;     /* the wall clock was set by more than an hour              */
    uint64_t mono_ms; /* when this was taken                                      */
} metrics_numbers_t;

/*  The process's own numbers, which are read when they are told.              */
typedef struct {
    double started_s; /* Unix time                                                */
    double cpu_s;
    uint64_t resident, descriptors, descriptors_max;
    uint64_t log_bytes, wal_bytes;
} metrics_process_t;

/*  The text, which the caller frees.                                          */
char *metrics_text (const metrics_numbers_t *numbers, const metrics_process_t *process,
                    bool open_metrics);

typedef struct metrics metrics_t;

/*  Serve on endpoint (tcp://ADDRESS:PORT; * for every address, and for a free port). data: the
    folder of the log. NULL: it cannot be bound, and *why, a static sentence.  */
metrics_t *metrics_new (const char *endpoint, const char *data, const char **why);

/*  Ends the thread. Nulls; tolerates NULL.                                    */
void metrics_destroy (metrics_t **self_p);

/*  The port that is served.                                                   */
unsigned metrics_port (const metrics_t *self);

/*  Hand over the numbers, which are copied.                                   */
void metrics_put (metrics_t *self, const metrics_numbers_t *numbers);

#endif
