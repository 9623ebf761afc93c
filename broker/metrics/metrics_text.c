/*  metrics_text.c - numbers as the text that monitoring systems read. Pure.    */
#include "memory.h"
#include "metrics.h"
#include <inttypes.h>
#include <stdio.h>

static const double bounds_s[METRICS_BUCKETS] = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03,
                                                 0.1,    0.3,    1,     3,     10,   30};

typedef struct {
    FILE *stream;
    bool open; /* OpenMetrics: a counter's family is named without _total         */
} text_t;

void metrics_time (metrics_times_t *times, uint64_t us)
{
    int at = 0;
    while (at < METRICS_BUCKETS && (double)us > bounds_s[at] * 1000000)
        at++;
    times->buckets[at]++;
    times->sum_us += us;
}

static void head (const text_t *text, const char *name, const char *type, const char *help)
{
    const char *total = type[0] == 'c' && !text->open ? "_total" : "";
    fprintf (text->stream, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total, help, name, total,
             type);
}

static void counter (const text_t *text, const char *name, const char *help, uint64_t value)
{
    head (text, name, "counter", help);
    fprintf (text->stream, "%s_total %" PRIu64 "\n", name, value);
}

static void gauge (const text_t *text, const char *name, const char *help, double value)
{
    head (text, name, "gauge", help);
    fprintf (text->stream, "%s %.17g\n", name, value);
}

/*  Verbs and codes are lists of the protocol. What never happened is left out. */
static void answers (const text_t *text, const counters_t *counters)
{
    head (text, "zchat_answers", "counter", "Requests answered, by verb and outcome.");
    for (int verb = 0; verb <= VERB_COUNT; verb++)
        for (int status = 0; status < ZCHAT_STATUS_COUNT; status++)
            if (counters->answers[verb][status])
                fprintf (text->stream, "zchat_answers_total{verb=\"%s\",code=\"%s\"} %" PRIu64 "\n",
                         verb < VERB_COUNT ? verb_name ((verb_t)verb) : "",
                         zchat_status_code ((zchat_status_t)status),
                         counters->answers[verb][status]);
}

static void commits (const text_t *text, const metrics_numbers_t *numbers)
{
    const metrics_times_t *times = &numbers->commits;
    uint64_t count = 0;
    head (text, "zchat_commits", "counter", "Commits of the log, by what became of them.");
    fprintf (text->stream, "zchat_commits_total{result=\"stored\"} %" PRIu64 "\n",
             numbers->counters.commits);
    fprintf (text->stream, "zchat_commits_total{result=\"failed\"} %" PRIu64 "\n",
             numbers->counters.commits_failed);
    head (text, "zchat_commit_duration_seconds", "histogram",
          "From handing a commit to the storage to its result.");
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        count += times->buckets[i];
        fprintf (text->stream, "zchat_commit_duration_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                 bounds_s[i], count);
    }
    count += times->buckets[METRICS_BUCKETS];
    fprintf (
        text->stream,
        "zchat_commit_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64
        "\nzchat_commit_duration_seconds_sum %.6f\nzchat_commit_duration_seconds_count %" PRIu64
        "\n",
        count, (double)times->sum_us / 1000000, count);
}

static void core (const text_t *text, const core_stats_t *stats)
{
    gauge (text, "zchat_connections", "Connections that have asked something.",
           (double)stats->peers);
    gauge (text, "zchat_sessions", "Sessions: programs that said HELLO.", (double)stats->sessions);
    gauge (text, "zchat_rooms", "Rooms that there are.", (double)stats->rooms);
    gauge (text, "zchat_memberships", "Sessions in rooms, each room counted.",
           (double)stats->members);
    gauge (text, "zchat_producers", "Senders whose count is remembered.", (double)stats->producers);
    gauge (text, "zchat_history_reads", "Requests for history under way.", (double)stats->reads);
    gauge (text, "zchat_waiting_requests", "Requests and announcements that wait for the disk.",
           (double)stats->held);
    gauge (text, "zchat_waiting_bytes", "Their bytes.", (double)stats->held_bytes);
    gauge (text, "zchat_unread_bytes", "Bytes of long replies that were not read yet.",
           (double)stats->debt);
}

static void process_numbers (const text_t *text, const metrics_process_t *process)
{
    head (text, "zchat_log_bytes", "gauge", "Size of the log's files.");
    fprintf (text->stream,
             "zchat_log_bytes{file=\"db\"} %" PRIu64 "\nzchat_log_bytes{file=\"wal\"} %" PRIu64
             "\n",
             process->log_bytes, process->wal_bytes);
    head (text, "process_cpu_seconds", "counter", "Processor time used.");
    fprintf (text->stream, "process_cpu_seconds_total %.3f\n", process->cpu_s);
    gauge (text, "process_start_time_seconds", "When the process began, Unix time.",
           process->started_s);
    gauge (text, "process_resident_memory_bytes", "Memory in use.", (double)process->resident);
    gauge (text, "process_open_fds", "Descriptors in use.", (double)process->descriptors);
    gauge (text, "process_max_fds", "Descriptors that may be in use.",
           (double)process->descriptors_max);
}

char *metrics_text (const metrics_numbers_t *numbers, const metrics_process_t *process,
                    bool open_metrics)
{
    char *made = NULL;
    size_t size = 0;
    const text_t text = {memory_check (open_memstream (&made, &size)), open_metrics};
    const counters_t *counters = &numbers->counters;
    head (&text, "zchat_build_info", "gauge", "The version of the broker.");
    fputs ("zchat_build_info{version=\"" ZCHAT_VERSION "\"} 1\n", text.stream);
    answers (&text, counters);
    counter (&text, "zchat_events", "Events stored and told.", counters->events);
    commits (&text, numbers);
    counter (&text, "zchat_ledger_loads", "Times that the state was read anew from the log.",
             counters->loads);
    counter (&text, "zchat_replies_dropped", "Replies that a peer did not read.",
             counters->replies_dropped);
    counter (&text, "zchat_connections_unaccepted",
             "Times that there was no descriptor for a connection.", counters->unaccepted);
    counter (&text, "zchat_handshakes_failed",
             "Handshakes that failed before anybody was admitted or not.", counters->unshaken);
    counter (&text, "zchat_log_lines_dropped", "Lines of the log file that nobody took.",
             numbers->lines_dropped);
    core (&text, &numbers->core);
    if (numbers->indexed)
        gauge (&text, "zchat_index_behind_events", "Events that are not in the index yet.",
               (double)numbers->behind);
    gauge (&text, "zchat_disk_bytes", "Size of the disk that the log is on.",
           (double)numbers->disk_bytes);
    gauge (&text, "zchat_disk_free_bytes", "What of it is free.", (double)numbers->disk_free_bytes);
    gauge (&text, "zchat_disk_low", "1 while less of it is free than is good (--disk-low).",
           numbers->low);
    gauge (&text, "zchat_log_failing", "1 while the log cannot be written.", numbers->failing);
    gauge (&text, "zchat_clock_doubted", "1 while the wall clock is not believed.",
           numbers->doubted);
    gauge (&text, "zchat_serving", "1 while requests are served.", numbers->serving);
    process_numbers (&text, process);
    if (open_metrics)
        fputs ("# EOF\n", text.stream);
    fclose (text.stream);
    return memory_check (made);
}
