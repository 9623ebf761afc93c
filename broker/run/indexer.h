/*  indexer.h - the index on threads of its own

    One thread writes it, behind the log, with what processor time nobody else wants; two search. No
    commit waits for any of them, and no HISTORY: they read the log by readers of their own.
*/
#ifndef ZCHAT_INDEXER_H
#define ZCHAT_INDEXER_H

#include "index.h"

typedef struct indexer indexer_t;

/*  What a search found.                                                       */
typedef struct {
    uint64_t id; /* of the search                                              */
    zchat_status_t status;
    index_result_t *result; /* the taker destroys it; NULL where status is not ZCHAT_OK */
} indexer_found_t;

/*  Of the log in the folder dir, which store (borrowed) has open. NULL: it cannot be read. */
indexer_t *indexer_new (const char *dir, store_t *store);

/*  Hear of a room of the log. Before indexer_start, of each of them. For any thread. */
void indexer_hear (indexer_t *indexer, const index_news_t *news);

/*  Begin. False: the system gave no threads.                                  */
bool indexer_start (indexer_t *indexer);

/*  These records are stored, or may be. For any thread; takes microseconds.   */
void indexer_committed (indexer_t *indexer, const store_record_t *records, size_t count);

/*  Search for query, which is copied; ZCHAT_SEARCHES_MAX at a time.           */
void indexer_search (indexer_t *indexer, uint64_t id, const index_query_t *query);

/*  A descriptor that is readable when indexer_next has something.             */
int indexer_descriptor (const indexer_t *indexer);
/*  Take what a search found. False: none has ended.                           */
bool indexer_next (indexer_t *indexer, indexer_found_t *found);

/*  How many events are not in the index yet. For any thread.                  */
uint64_t indexer_behind (indexer_t *indexer);

/*  Stop the threads, after what they are doing. Nulls; tolerates NULL.        */
void indexer_destroy (indexer_t **self_p);

#endif
