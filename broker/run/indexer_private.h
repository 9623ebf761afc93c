/*  indexer_private.h - what the files of the indexer share                    */
#ifndef ZCHAT_INDEXER_PRIVATE_H
#define ZCHAT_INDEXER_PRIVATE_H

#include "indexer.h"
#include "memory.h"
#include <pthread.h>

/*  Keys are numbers of our own.                                               */
#define uthash_malloc(size) memory_new (size)
#include <uthash.h>

enum { INDEXER_SEARCHERS = 2 };

/*  A room as it was heard of; kept, for an index that has to be made anew.    */
typedef struct {
    index_news_t news;
    bool fresh; /* it is among those that the index is yet to hear of           */
    UT_hash_handle hh;
} indexer_room_t;

typedef struct {
    uint64_t id;
    index_query_t query;
} indexer_work_t;

typedef struct {
    indexer_t *indexer;
    store_reader_t *log;
    index_reader_t *index; /* NULL: not open                                    */
    pthread_t thread;
} indexer_searcher_t;

struct indexer {
    char *dir;
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    store_reader_t *log; /* of the writing thread                                */
    index_news_t *told;  /* what it takes out of rooms                           */
    size_t told_capacity;
    index_t *index; /* likewise; NULL: not open                             */
    pthread_t thread;
    size_t n_threads;           /* that run                                                */
    bool stop;                  /* atomic                                                  */
    bool damaged;               /* atomic: a search found it so                            */
    uint64_t stored;            /* atomic: events that were stored since the start         */
    pthread_mutex_t mutex;      /* of what follows                                    */
    pthread_cond_t news, asked; /* there is a room to hear of; a search to make  */
    bool wants_news;            /* the writing thread waits for them                       */
    indexer_room_t *rooms;
    indexer_room_t **fresh;
    size_t n_fresh, fresh_capacity;
    /*  Events that are not in: those of which the index did not hear yet, hears now, and has heard;
        of public rooms, of others.                                            */
    uint64_t unheard[2], hearing[2], heard[2];
    indexer_work_t work[ZCHAT_SEARCHES_MAX]; /* a ring                           */
    size_t work_first, n_work;
    indexer_found_t found[ZCHAT_SEARCHES_MAX]; /* a ring                         */
    size_t found_first, n_found;
    int event; /* readable while there is something in found                     */
    /*  Held for reading while a search reads the file, for writing while it is opened or replaced;
        of it are the indexes of the searchers.                                */
    pthread_rwlock_t file;
    bool opened; /* it was open once                                             */
    bool fails;  /* it cannot be opened                                          */
    indexer_searcher_t searchers[INDEXER_SEARCHERS];
};

/*  The threads.                                                               */
void *indexer_run (void *arg);
void *searcher_run (void *arg);

/*  Let go of the searchers' indexes; file is held for writing.                */
void searchers_let_go (indexer_t *self);

#endif
