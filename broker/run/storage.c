/*  storage.c - the store on threads of its own

    Work and results are structures passed by pointer over the actors' pipes: they are
    in one process, and a pipe hands a pointer from one owner to the next.
*/
#include "storage.h"
#include "memory.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

typedef struct {
    enum { WORK_COMMIT, WORK_LOAD, WORK_TRIM, WORK_READ } kind;
    const store_record_t *records;
    size_t count;
    store_loader_t loader;
    uint64_t wall_ms;
    uint64_t id;
    store_query_t query;
    store_retain_t retain;
} work_t;

/*  What a thread gets at its start; copied by it.                             */
typedef struct {
    const char *data;
    store_t *store;
    store_reader_t *reader;
    indexer_t *indexer;
} worker_t;

/*  libzmq hands pointers from thread to thread by means ThreadSanitizer does not see; told
    so, it checks all the rest.                                                */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#else
#define __tsan_acquire(address) ((void)(address))
#define __tsan_release(address) ((void)(address))
#endif

struct storage {
    zactor_t *writer;
    zactor_t *reader;
    worker_t writer_args, reader_args;
    bool writer_turn; /* which one storage_next asks first: fair to both         */
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

static storage_result_t *work_do (const worker_t *self, const work_t *work)
{
    storage_result_t *result = memory_zero (sizeof *result);
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
    return result;
}

static void worker (zsock_t *pipe, void *args)
{
    worker_t self = *(worker_t *)args;
    zsock_signal (pipe, 0);
    while (true) {
        zframe_t *frame = zframe_recv (pipe);
        if (!frame)
            continue; /* interrupted */
        work_t *work = NULL;
        if (zframe_size (frame) == sizeof work)
            memcpy (&work, zframe_data (frame), sizeof work);
        zframe_destroy (&frame);
        if (!work)
            break; /* zactor_destroy says $TERM */
        __tsan_acquire (work);
        storage_result_t *result = work_do (&self, work);
        free (work);
        __tsan_release (result);
        zmq_send (zsock_resolve (pipe), &result, sizeof result, 0);
    }
    __tsan_release (args);
}

/*  --- the broker's side -----------------------------------------------------  */

storage_t *storage_new (const char *data, store_t *store, indexer_t *indexer)
{
    storage_t *storage = memory_zero (sizeof *storage);
    storage->writer_args = (worker_t){.data = data, .store = store, .indexer = indexer};
    if (store_reader_new (store, &storage->reader_args.reader) == ZCHAT_OK) {
        storage->writer = zactor_new (worker, &storage->writer_args);
        storage->reader = zactor_new (worker, &storage->reader_args);
    }
    if (!storage->writer || !storage->reader)
        storage_destroy (&storage);
    return storage;
}

static void work_send (zactor_t *actor, const work_t *work)
{
    work_t *copy = memory_new (sizeof *copy);
    *copy = *work;
    __tsan_release (copy);
    zmq_send (zsock_resolve (actor), &copy, sizeof copy, 0);
}

void storage_commit (storage_t *storage, const store_record_t *records, size_t count)
{
    work_send (storage->writer, &(work_t){.kind = WORK_COMMIT, .records = records, .count = count});
}

void storage_load (storage_t *storage, store_loader_t loader)
{
    work_send (storage->writer, &(work_t){.kind = WORK_LOAD, .loader = loader});
}

void storage_trim (storage_t *storage, const store_retain_t *retain, uint64_t wall_ms)
{
    work_send (storage->writer,
               &(work_t){.kind = WORK_TRIM, .wall_ms = wall_ms, .retain = *retain});
}

void storage_read (storage_t *storage, uint64_t id, const store_query_t *query)
{
    work_send (storage->reader, &(work_t){.kind = WORK_READ, .id = id, .query = *query});
}

void *storage_writer_socket (storage_t *storage)
{
    return zsock_resolve (storage->writer);
}

void *storage_reader_socket (storage_t *storage)
{
    return zsock_resolve (storage->reader);
}

static bool result_recv (zactor_t *actor, storage_result_t *result)
{
    storage_result_t *from;
    if (zmq_recv (zsock_resolve (actor), &from, sizeof from, ZMQ_DONTWAIT) != sizeof from)
        return false;
    __tsan_acquire (from);
    *result = *from;
    free (from);
    return true;
}

bool storage_next (storage_t *storage, storage_result_t *result)
{
    storage->writer_turn = !storage->writer_turn;
    zactor_t *first = storage->writer_turn ? storage->writer : storage->reader;
    zactor_t *second = storage->writer_turn ? storage->reader : storage->writer;
    return result_recv (first, result) || result_recv (second, result);
}

void storage_destroy (storage_t **self_p)
{
    storage_t *storage = *self_p;
    if (!storage)
        return;
    storage_result_t result;
    zactor_destroy (&storage->writer);
    __tsan_acquire (&storage->writer_args);
    /*  Pages on their way belong to nobody else.                              */
    while (storage->reader && result_recv (storage->reader, &result)) {
        store_page_destroy (&result.page);
        free (result.error);
    }
    zactor_destroy (&storage->reader);
    __tsan_acquire (&storage->reader_args);
    store_reader_destroy (&storage->reader_args.reader);
    free (storage);
    *self_p = NULL;
}
