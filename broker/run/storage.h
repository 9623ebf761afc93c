/*  storage.h - the store on threads of its own

    One thread appends and trims, one reads; the broker's thread hands them work and
    takes results, and never waits for a disk.
*/
#ifndef ZCHAT_STORAGE_H
#define ZCHAT_STORAGE_H

#include "indexer.h"
#include "store.h"

typedef struct storage storage_t;

typedef enum { STORAGE_COMMITTED, STORAGE_LOADED, STORAGE_TRIMMED, STORAGE_READ } storage_kind_t;

/*  The disk of the log, and its files.                                        */
typedef struct {
    uint64_t bytes, free_bytes; /* free for this process                           */
    uint64_t log_bytes, wal_bytes;
} storage_disk_t;

typedef struct {
    storage_kind_t kind;
    zchat_status_t status;
    char *error;             /* what went wrong, or NULL; the taker frees it       */
    store_trimmed_t trimmed; /* TRIMMED                                            */
    storage_disk_t disk;     /* TRIMMED                                            */
    uint64_t id;             /* READ: the request's                                */
    store_page_t *page;      /* READ: the taker destroys it; NULL on failure       */
} storage_result_t;

/*  Start the threads over store, whose folder is data (borrowed), and which stays the caller's and
   must outlive them, as must indexer, which hears of what is stored and trimmed (NULL: there is
   none). NULL: the system gave no thread or no reader. */
storage_t *storage_new (const char *data, store_t *store, indexer_t *indexer);

/*  Stop the threads, after what they are doing. Nulls; tolerates NULL.        */
void storage_destroy (storage_t **self_p);

/*  Commit records, borrowed until the result COMMITTED. One at a time.        */
void storage_commit (storage_t *storage, const store_record_t *records, size_t count);

/*  Do store_load on the writing thread, while no commit is under way.         */
void storage_load (storage_t *storage, store_loader_t loader);

/*  Do one step of retention; one at a time. retain is copied: it may be another at each step. */
void storage_trim (storage_t *storage, const store_retain_t *retain, uint64_t wall_ms);

/*  Read a page; as many at a time as ZCHAT_READS_MAX.                         */
void storage_read (storage_t *storage, uint64_t id, const store_query_t *query);

/*  A descriptor that is readable while storage_next has something.            */
int storage_descriptor (const storage_t *storage);

/*  Take a result. False: none is there.                                       */
bool storage_next (storage_t *storage, storage_result_t *result);

#endif
