/*  server_storage.c - the threads of the storage: one writes, one reads

    A commit happens somewhere between its begin and its end, all of it or nothing:
    who is killed before has nothing, who is killed after finds it when starting again.
*/
#include "memory.h"
#include "server.h"

#define UNKNOWN 0.3 /* of the commits that fail: nobody knows how they ended   */

static void job_run (void *arg, uint64_t serial);

static job_t *job_find (server_t *server, uint64_t serial)
{
    job_t *job = server->jobs;
    while (job && job->serial != serial)
        job = job->next;
    return job;
}

static job_t *job_add (server_t *server, const job_t *from, uint64_t *busy_us, uint64_t most_us)
{
    sim_t *sim = server->sim;
    job_t *job = memory_new (sizeof *job);
    job_t **end = &server->jobs;
    *job = *from;
    job->serial = ++server->job;
    while (*end)
        end = &(*end)->next;
    *end = job;
    if (*busy_us < sim->now_us)
        *busy_us = sim->now_us;
    *busy_us += sim_delay (sim, most_us);
    queue_put (sim->queue, *busy_us, job_run, server, job->serial);
    *busy_us += sim_delay (sim, most_us);
    return job;
}

void storage_commit (server_t *server, const store_record_t *records, size_t count)
{
    job_add (server, &(job_t){.kind = JOB_COMMIT, .records = records, .count = count},
             &server->writer_us, server->sim->plan.commit_us);
}

void storage_load (server_t *server, store_loader_t loader)
{
    job_add (server, &(job_t){.kind = JOB_LOAD, .loader = loader}, &server->writer_us,
             server->sim->plan.commit_us);
}

void storage_trim (server_t *server, uint64_t wall_ms)
{
    int64_t set_ms = server->sim->wall_off_ms - server->wall_off_ms;
    bool clock_set = set_ms > ZCHAT_CLOCK_JUMP_MS || set_ms < -ZCHAT_CLOCK_JUMP_MS;
    job_add (server, &(job_t){.kind = JOB_TRIM, .wall_ms = wall_ms, .clock_set = clock_set},
             &server->writer_us, server->sim->plan.commit_us);
}

void storage_read (server_t *server, uint64_t id, const store_query_t *query)
{
    job_add (server, &(job_t){.kind = JOB_READ, .id = id, .query = *query}, &server->reader_us,
             server->sim->plan.read_us);
    server->sim->tally->reads++;
}

void storage_find (server_t *server, uint64_t id)
{
    job_add (server, &(job_t){.kind = JOB_SEARCH, .id = id}, &server->reader_us,
             server->sim->plan.read_us);
}

static void job_told (void *arg, uint64_t serial)
{
    server_t *server = arg;
    job_t *job = job_find (server, serial);
    if (!job)
        return;
    job->done = true;
    server_wake (server);
}

static void job_commit (server_t *server, job_t *job)
{
    sim_t *sim = server->sim;
    book_t *book = book_now (sim);
    bool fails = server->disk_us > sim->now_us ||
                 (!sim->healing && dice_chance (&sim->dice, sim->plan.flaky));
    /*  Where nobody knows how a commit ended, it was stored, or it was not.   */
    bool unknown = fails && dice_chance (&sim->dice, UNKNOWN);
    bool stores = !fails || (unknown && dice_chance (&sim->dice, 0.5));
    zchat_status_t status =
        stores ? store_append (book->store, job->records, job->count) : ZCHAT_STORAGE;
    job->status = unknown ? ZCHAT_SYSTEM : status;
    sim->tally->failed_commits += fails;
    sim->tally->unknown_commits += unknown;
    server->unknown_stored = unknown && stores;
    if (stores && status != ZCHAT_OK)
        sim_wrong (sim, "the store refuses what the core gives it: %s", store_error (book->store));
    else if (stores) {
        sim->tally->commits++;
        book_commit (sim, book, job->records, job->count);
    }
}

/*  A disk that fails lets itself be read at times.                            */
static void job_load (server_t *server, job_t *job)
{
    sim_t *sim = server->sim;
    bool fails = server->reads_us > sim->now_us ||
                 (!sim->healing && dice_chance (&sim->dice, sim->plan.flaky));
    job->status = fails ? ZCHAT_SYSTEM : store_load (book_now (sim)->store, &job->loader);
    if (!fails && job->status != ZCHAT_OK)
        sim_wrong (sim, "the core does not load what it stored");
    sim->tally->loads++;
}

static void job_trim (server_t *server, job_t *job)
{
    sim_t *sim = server->sim;
    book_t *book = book_now (sim);
    store_retain_t retain = {.age_ms = sim->plan.retain_ms, .bytes = sim->plan.retain_bytes};
    job->status = server->disk_us > sim->now_us
                      ? ZCHAT_STORAGE
                      : store_trim (book->store, &retain, job->wall_ms, &job->trimmed);
    if (job->status == ZCHAT_OK && job->trimmed.room && job->clock_set && !retain.bytes)
        sim_wrong (sim, "retention removes what a clock that was set thinks old");
    if (job->status == ZCHAT_OK)
        book_trim (sim, book, &job->trimmed);
}

static void job_run (void *arg, uint64_t serial)
{
    server_t *server = arg;
    sim_t *sim = server->sim;
    job_t *job = job_find (server, serial);
    if (!job)
        return;
    if (job->kind == JOB_COMMIT)
        job_commit (server, job);
    else if (job->kind == JOB_LOAD)
        job_load (server, job);
    else if (job->kind == JOB_TRIM)
        job_trim (server, job);
    else if (job->kind == JOB_SEARCH) {
        job->status = server->reads_us > sim->now_us ? ZCHAT_STORAGE : ZCHAT_OK;
        job->found = server_find (server);
    } else
        job->status = server->reads_us > sim->now_us
                          ? ZCHAT_STORAGE
                          : store_read (server->reader, &job->query, &job->page);
    /*  The thread has said nothing of it yet.                                 */
    bool reads = job->kind == JOB_READ || job->kind == JOB_SEARCH;
    uint64_t most_us = reads ? sim->plan.read_us : sim->plan.commit_us;
    uint64_t busy_us = reads ? server->reader_us : server->writer_us;
    uint64_t after_us = sim_delay (sim, most_us);
    if (sim->now_us + after_us > busy_us)
        after_us = busy_us > sim->now_us ? busy_us - sim->now_us : 0;
    sim_after (sim, after_us, job_told, server, serial);
}

job_t *storage_done (server_t *server)
{
    for (job_t **at = &server->jobs; *at; at = &(*at)->next)
        if ((*at)->done) {
            job_t *job = *at;
            *at = job->next;
            return job;
        }
    return NULL;
}

void storage_free (job_t *job)
{
    store_page_destroy (&job->page);
    index_result_destroy (&job->found);
    free (job);
}

void storage_drop (server_t *server)
{
    while (server->jobs) {
        job_t *job = server->jobs;
        server->jobs = job->next;
        storage_free (job);
    }
    store_reader_destroy (&server->reader);
}
