/*  measure.c - the broker's numbers, for who watches it                        */
#include "broker_private.h"
#include <sysexits.h>
#include <time.h>

enum { FAILURES = 2 }; /* in a row, of a log that cannot be written             */

static uint64_t now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int measure_start (broker_t *broker)
{
    const char *endpoint = broker->options->metrics, *why;
    if (!endpoint)
        return -1;
    broker->metrics = metrics_new (endpoint, broker->options->data, &why);
    if (broker->metrics)
        return -1;
    log_write (
        LEVEL_ERROR, "cannot-start",
        (log_field_t[]){{"metrics", frame_str (endpoint)}, {"text", frame_str (why)}, {NULL}});
    return EX_UNAVAILABLE;
}

void measure_commit_begins (broker_t *broker)
{
    broker->commit_us = now_us ();
}

void measure_commit_ends (broker_t *broker)
{
    metrics_time (&broker->commit_times, now_us () - broker->commit_us);
}

void measure_failures (broker_t *broker, unsigned failures)
{
    if ((failures >= FAILURES) != (broker->failures >= FAILURES))
        broker->measure_ms = 0;
    broker->failures = failures;
}

void measure_turn (broker_t *broker)
{
    if (broker->now.mono_ms < measure_deadline_ms (broker))
        return;
    broker->measure_ms = broker->now.mono_ms + METRICS_EVERY_MS;
    metrics_put (broker->metrics,
                 &(metrics_numbers_t){
                     .counters = broker->counters,
                     .core = core_stats (broker->core),
                     .commits = broker->commit_times,
                     .indexed = broker->indexer != NULL,
                     .behind = broker->indexer ? indexer_behind (broker->indexer) : 0,
                     .disk_bytes = broker->disk.bytes,
                     .disk_free_bytes = broker->disk.free_bytes,
                     .lines_dropped = log_dropped (),
                     .low = broker->low,
                     .serving = broker->close_ms == 0,
                     .failing = broker->failures >= FAILURES,
                     .doubted = broker->clock_doubted,
                     .mono_ms = broker->now.mono_ms,
                 });
}

uint64_t measure_deadline_ms (const broker_t *broker)
{
    return broker->metrics ? broker->measure_ms : UINT64_MAX;
}
