/*  storage.c - the store on threads of its own

    Work and results are kept in lists under one mutex. The broker's loop, which polls, is told by a
    descriptor that is written once for all results that it did not take yet.
*/
#include "storage.h"
#include "memory.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

typedef struct work {
    struct work *prev, *next;
    enum { WORK_COMMIT, WORK_LOAD, WORK_TRIM, WORK_READ } kind;
    const store_record_t *records;
    size_t count;
    store_loader_t loader;
    uint64_t wall_ms;
    uint64_t id;
    store_query_t query;
    store_retain_t retain;
} work_t;

typedef struct result {
    struct result *prev, *next;
    storage_result_t result;
} result_t;

/*  A thread, and what it is to do.                                            */
typedef struct {
    storage_t *storage;
    const char *data;
    store_t *store;
    store_reader_t *reader;
    indexer_t *indexer;
    pthread_t thread;
    bool runs;
    pthread_cond_t asked;
    work_t *work; /* a list; the mutex's                                        */
} worker_t;

struct storage {
    pthread_mutex_t mutex;
    worker_t writer, reader;
    bool stop;
    result_t *results; /* a list                                                */
    int event;         /* readable where told                                   */
    bool told;         /* the loop was told that there are results              */
};

/*  --- the threads -----------------------------------------------------------  */

static uint64_t file_bytes (const char *data, const char *name)
{
    struct stat info;
    char *path = memory_format ("%s/%s", data, name);
    uint64_t bytes = stat (path, &info) == 0 ? (uint64_t)info.st_size : 0;
    free (path);
    return bytes;
}

/*  A disk may let this wait, and so the broker's own thread does not ask it.  */
static storage_disk_t disk_look (const char *data)
{
    struct statvfs info;
    storage_disk_t disk = {.log_bytes = file_bytes (data, "zchat.db"),
                           .wal_bytes = file_bytes (data, "zchat.db-wal")};
    if (statvfs (data, &info) == 0) {
        disk.bytes = (uint64_t)info.f_blocks * info.f_frsize;
        disk.free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    }
    return disk;
}

static void work_do (const worker_t *self, const work_t *work, storage_result_t *result)
{
    switch (work->kind) {
    case WORK_COMMIT:
        result->kind = STORAGE_COMMITTED;
        result->status = store_append (self->store, work->records, work->count);
        if (self->indexer && result->status != ZCHAT_STORAGE)
            indexer_committed (self->indexer, work->records, work->count);
        break;
    case WORK_LOAD:
        result->kind = STORAGE_LOADED;
        result->status = store_load (self->store, &work->loader);
        break;
    case WORK_TRIM:
        result->kind = STORAGE_TRIMMED;
        result->disk = disk_look (self->data);
        result->status = store_trim (self->store, &work->retain, work->wall_ms, &result->trimmed);
        if (self->indexer && result->status == ZCHAT_OK && result->trimmed.room)
            indexer_hear (self->indexer, &(index_news_t){.room = result->trimmed.room,
                                                         .first = result->trimmed.first});
        break;
    case WORK_READ:
        result->kind = STORAGE_READ;
        result->id = work->id;
        result->status = store_read (self->reader, &work->query, &result->page);
        break;
    }
    if (result->status != ZCHAT_OK) {
        /*  The store's own error is the writing thread's.                     */
        const char *error =
            work->kind == WORK_READ ? store_reader_error (self->reader) : store_error (self->store);
        result->error = memory_string (error, strlen (error));
    }
}

/*  NULL: stop. What was asked before that is done.                            */
static work_t *work_wait (worker_t *self)
{
    storage_t *storage = self->storage;
    pthread_mutex_lock (&storage->mutex);
    while (!self->work && !storage->stop)
        pthread_cond_wait (&self->asked, &storage->mutex);
    work_t *work = self->work;
    if (work)
        DL_DELETE (self->work, work);
    pthread_mutex_unlock (&storage->mutex);
    return work;
}

static void result_put (storage_t *storage, result_t *result)
{
    uint64_t one = 1;
    pthread_mutex_lock (&storage->mutex);
    DL_APPEND (storage->results, result);
    if (!storage->told)
        (void)!write (storage->event, &one,
                      sizeof one); /* never full: it is read before the next */
    storage->told = true;
    pthread_mutex_unlock (&storage->mutex);
}

static void *worker_run (void *arg)
{
    worker_t *self = arg;
    work_t *work;
    while ((work = work_wait (self))) {
        result_t *result = memory_zero (sizeof *result);
        work_do (self, work, &result->result);
        free (work);
        result_put (self->storage, result);
    }
    return NULL;
}

/*  --- the broker's side -----------------------------------------------------  */

static bool worker_start (storage_t *storage, worker_t *worker)
{
    worker->storage = storage;
    pthread_cond_init (&worker->asked, NULL);
    worker->runs = pthread_create (&worker->thread, NULL, worker_run, worker) == 0;
    return worker->runs;
}

static void worker_end (worker_t *worker)
{
    if (worker->runs)
        pthread_join (worker->thread, NULL);
    if (worker->storage)
        pthread_cond_destroy (&worker->asked);
}

storage_t *storage_new (const char *data, store_t *store, indexer_t *indexer)
{
    storage_t *storage = memory_zero (sizeof *storage);
    pthread_mutex_init (&storage->mutex, NULL);
    storage->event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    storage->writer = (worker_t){.data = data, .store = store, .indexer = indexer};
    /*  Signals are for the thread that waits for them.                        */
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_BLOCK, &all, &before);
    bool ok = storage->event >= 0 &&
              store_reader_new (store, &storage->reader.reader) == ZCHAT_OK &&
              worker_start (storage, &storage->writer) && worker_start (storage, &storage->reader);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    if (!ok)
        storage_destroy (&storage);
    return storage;
}

static void work_give (worker_t *worker, const work_t *work)
{
    work_t *copy = memory_new (sizeof *copy);
    *copy = *work;
    pthread_mutex_lock (&worker->storage->mutex);
    DL_APPEND (worker->work, copy);
    pthread_mutex_unlock (&worker->storage->mutex);
    pthread_cond_signal (&worker->asked);
}

void storage_commit (storage_t *storage, const store_record_t *records, size_t count)
{
    work_give (&storage->writer,
               &(work_t){.kind = WORK_COMMIT, .records = records, .count = count});
}

void storage_load (storage_t *storage, store_loader_t loader)
{
    work_give (&storage->writer, &(work_t){.kind = WORK_LOAD, .loader = loader});
}

void storage_trim (storage_t *storage, const store_retain_t *retain, uint64_t wall_ms)
{
    work_give (&storage->writer,
               &(work_t){.kind = WORK_TRIM, .wall_ms = wall_ms, .retain = *retain});
}

void storage_read (storage_t *storage, uint64_t id, const store_query_t *query)
{
    work_give (&storage->reader, &(work_t){.kind = WORK_READ, .id = id, .query = *query});
}

int storage_descriptor (const storage_t *storage)
{
    return storage->event;
}

bool storage_next (storage_t *storage, storage_result_t *result)
{
    uint64_t ignored;
    pthread_mutex_lock (&storage->mutex);
    result_t *first = storage->results;
    if (first)
        DL_DELETE (storage->results, first);
    if (!storage->results && storage->told) {
        (void)!read (storage->event, &ignored, sizeof ignored);
        storage->told = false;
    }
    pthread_mutex_unlock (&storage->mutex);
    if (!first)
        return false;
    *result = first->result;
    free (first);
    return true;
}

void storage_destroy (storage_t **self_p)
{
    storage_t *storage = *self_p;
    if (!storage)
        return;
    pthread_mutex_lock (&storage->mutex);
    storage->stop = true;
    pthread_mutex_unlock (&storage->mutex);
    worker_t *workers[] = {&storage->writer, &storage->reader};
    for (size_t i = 0; i < 2; i++)
        if (workers[i]->runs)
            pthread_cond_signal (&workers[i]->asked);
    for (size_t i = 0; i < 2; i++)
        worker_end (workers[i]);
    /*  Pages on their way belong to nobody else.                              */
    storage_result_t result;
    while (storage_next (storage, &result)) {
        store_page_destroy (&result.page);
        free (result.error);
    }
    store_reader_destroy (&storage->reader.reader);
    if (storage->event >= 0)
        close (storage->event);
    pthread_mutex_destroy (&storage->mutex);
    free (storage);
    *self_p = NULL;
}
