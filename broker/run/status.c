/*  status.c - what zchatd status tells                                        */
#include "status.h"
#include "metrics/metrics_process.h"
#include <sodium.h>
#include <unistd.h>

static uint64_t answered (const counters_t *counters)
{
    uint64_t sum = 0;
    for (int verb = 0; verb <= VERB_COUNT; verb++)
        for (int status = 0; status < ZCHAT_STATUS_COUNT; status++)
            sum += counters->answers[verb][status];
    return sum;
}

void status_sample (broker_t *broker)
{
    broker->samples[broker->n_samples++ % STATUS_SAMPLES] =
        (status_sample_t){.mono_ms = broker->now.mono_ms,
                          .events = broker->counters.events,
                          .answers = answered (&broker->counters)};
}

/*  A second, since the oldest sample, which is a minute old where it can be.  */
static json_t *rates (const broker_t *broker)
{
    size_t n = broker->n_samples;
    status_sample_t from = {.mono_ms = broker->started_ms};
    if (n > STATUS_SAMPLES)
        from = broker->samples[n % STATUS_SAMPLES];
    uint64_t span = broker->now.mono_ms - from.mono_ms;
    double seconds = span ? (double)span / 1000 : 1;
    return json_pack ("{s:f, s:f, s:I}", "events_s",
                      (double)(broker->counters.events - from.events) / seconds, "answers_s",
                      (double)(answered (&broker->counters) - from.answers) / seconds, "span_ms",
                      (json_int_t)span);
}

static json_t *log_told (const broker_t *broker, const core_stats_t *stats)
{
    char id[2 * ZCHAT_LOG_ID_SIZE + 1];
    sodium_bin2hex (id, sizeof id, store_log_id (broker->store), ZCHAT_LOG_ID_SIZE);
    json_t *told =
        json_pack ("{s:s, s:I, s:b, s:I, s:I}", "id", id, "position", (json_int_t)stats->position,
                   "failing", broker->failing, "commits", (json_int_t)broker->counters.commits,
                   "commits_failed", (json_int_t)broker->counters.commits_failed);
    if (broker->committed_ms)
        json_object_set_new (
            told, "last_commit_ms",
            json_integer ((json_int_t)(broker->now.mono_ms - broker->committed_ms)));
    return told;
}

static json_t *disk_told (const broker_t *broker)
{
    const storage_disk_t *disk = &broker->disk;
    return json_pack ("{s:b, s:I, s:I, s:I, s:I}", "low", broker->low, "free_bytes",
                      (json_int_t)disk->free_bytes, "bytes", (json_int_t)disk->bytes, "log_bytes",
                      (json_int_t)disk->log_bytes, "wal_bytes", (json_int_t)disk->wal_bytes);
}

static void count_user (void *arg, const core_session_t *session)
{
    *(size_t *)arg += session->first && session->peer != UINT64_MAX;
}

static json_t *here_told (const broker_t *broker, const core_stats_t *stats)
{
    size_t users = 0;
    core_sessions (broker->core, broker->now, count_user, &users);
    return json_pack (
        "{s:I, s:I, s:I, s:I, s:I}", "rooms", (json_int_t)stats->rooms, "users", (json_int_t)users,
        "sessions", (json_int_t)stats->sessions - broker->admin_here, "connections",
        (json_int_t)stats->peers - broker->admin_here, "waiting", (json_int_t)stats->held);
}

static json_t *endpoints (const broker_t *broker, int kind, size_t count)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < count; i++)
        json_array_append_new (list, json_string (broker->endpoints[kind][i]));
    return list;
}

json_t *status_json (broker_t *broker)
{
    core_stats_t stats = core_stats (broker->core);
    json_t *told = json_pack (
        "{s:s, s:I, s:I, s:s, s:o, s:o, s:s}", "version", ZCHAT_VERSION, "pid",
        (json_int_t)getpid (), "uptime_ms", (json_int_t)(broker->now.mono_ms - broker->started_ms),
        "data", broker->options->data, "doors", endpoints (broker, 0, broker->options->n_doors),
        "feeds", endpoints (broker, 1, broker->options->n_feeds), "address", broker->reached);
    json_object_set_new (told, "stopping", json_boolean (broker->close_ms != 0));
    json_object_set_new (told, "clock_doubted", json_boolean (broker->clock_doubted));
    json_object_set_new (told, "log", log_told (broker, &stats));
    json_object_set_new (told, "here", here_told (broker, &stats));
    json_object_set_new (told, "rates", rates (broker));
    json_object_set_new (told, "index",
                         broker->indexer ? json_pack ("{s:I}", "behind",
                                                      (json_int_t)indexer_behind (broker->indexer))
                                         : json_null ());
    json_object_set_new (told, "disk", disk_told (broker));
    metrics_process_t process = metrics_process ();
    json_object_set_new (told, "process",
                         json_pack ("{s:I, s:I, s:I, s:f}", "descriptors",
                                    (json_int_t)process.descriptors, "descriptors_max",
                                    (json_int_t)process.descriptors_max, "resident_bytes",
                                    (json_int_t)process.resident, "cpu_s", process.cpu_s));
    return told;
}
