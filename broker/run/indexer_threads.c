/*  indexer_threads.c - the thread that writes the index, and those that search */
#include "indexer_private.h"
#include "log/log.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    GATHER_MS = 100,    /* news is taken in so often at most                     */
    LOOK_MS = 500,      /* whether something is to be wiped                      */
    AGAIN_MS = 1000,    /* after a failure                                       */
    TOLD_FROM = 100000, /* events: who was so far behind says when it is complete */
    BUSY_EVENTS = 5000, /* so many stored a second: they go first, and the index waits  */
    PUT_OFF_MS = 5000,  /* from when it was complete: it waits so long at most     */
    BUSY_LOOK_MS = 50,
    WRITER_NICE = 19, /* everything else goes before it                        */
    SEARCHER_NICE = 5
};

static uint64_t mono_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*  Linux counts both for each thread. Who is of SCHED_BATCH does not interrupt others. */
static void nice_be (int nice)
{
    (void)sched_setscheduler (0, SCHED_BATCH, &(struct sched_param){.sched_priority = 0});
    (void)setpriority (PRIO_PROCESS, (id_t)syscall (SYS_gettid), nice);
}

static bool stopped (indexer_t *self)
{
    return __atomic_load_n (&self->stop, __ATOMIC_RELAXED);
}

static bool is_damaged (indexer_t *self)
{
    return __atomic_load_n (&self->damaged, __ATOMIC_RELAXED);
}

static void say (log_level_t level, const char *event, const char *text)
{
    log_write (level, event, (log_field_t[]){{"text", frame_str (text)}, {NULL}});
}

/*  --- the thread that writes ------------------------------------------------------------ */

typedef struct {
    indexer_t *indexer;
    bool failing;  /* said so                                                   */
    bool building; /* it is far behind                                          */
    /*  Whether much is being stored, as it was looked at last.                */
    bool busy;
    uint64_t looked_ms, stored;
    uint64_t since_ms; /* when it began to wait for a quieter time; 0: not since it was complete */
} writer_t;

/*  Wait for news, or so long.                                                 */
static void news_wait (indexer_t *self, uint64_t ms, bool news)
{
    struct timespec end;
    clock_gettime (CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)(ms / 1000);
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    pthread_mutex_lock (&self->mutex);
    self->wants_news = news;
    while (!stopped (self) && (!news || (!self->n_fresh && !is_damaged (self))) &&
           pthread_cond_timedwait (&self->news, &self->mutex, &end) == 0)
        ;
    self->wants_news = false;
    pthread_mutex_unlock (&self->mutex);
}

/*  Two cores that publishing keeps busy have none for the index: what it takes then is missing
   there, however low its priority, for it holds caches and a core that somebody is about to want.
   So it waits until less is stored, and looks again. False: it is its turn.         */
static bool writer_waits (writer_t *writer)
{
    uint64_t now_ms = mono_ms (), ms = now_ms - writer->looked_ms;
    uint64_t stored = __atomic_load_n (&writer->indexer->stored, __ATOMIC_RELAXED);
    if (ms >= BUSY_LOOK_MS) {
        writer->busy = (stored - writer->stored) * 1000 > BUSY_EVENTS * ms;
        writer->looked_ms = now_ms;
        writer->stored = stored;
    }
    if (!writer->busy)
        return false;
    if (!writer->since_ms)
        writer->since_ms = now_ms;
    if (now_ms - writer->since_ms >= PUT_OFF_MS)
        return false;
    news_wait (writer->indexer, BUSY_LOOK_MS, false);
    return true;
}

/*  What is behind, as the index has it.                                       */
static void counts_set (indexer_t *self)
{
    uint64_t all = index_behind (self->index, true), open = index_behind (self->index, false);
    pthread_mutex_lock (&self->mutex);
    self->hearing[0] = self->hearing[1] = 0;
    self->heard[0] = open;
    self->heard[1] = all - open;
    pthread_mutex_unlock (&self->mutex);
}

/*  Take out what the index did not hear yet; all: all there is. Everything else runs before this
    thread, and committing waits for the mutex: so it is held to copy, no longer. */
static size_t news_take (indexer_t *self, bool all)
{
    size_t count = 0;
    indexer_room_t *room, *next;
    pthread_mutex_lock (&self->mutex);
    size_t most = all ? HASH_COUNT (self->rooms) : self->n_fresh;
    if (most > self->told_capacity) {
        self->told_capacity = 2 * most;
        self->told = memory_grow (self->told, self->told_capacity * sizeof *self->told);
    }
    if (all)
        HASH_ITER (hh, self->rooms, room, next)
        {
            self->told[count++] = room->news;
        }
    for (size_t i = 0; i < self->n_fresh; i++) {
        room = self->fresh[i];
        if (!all)
            self->told[count++] = room->news;
        room->fresh = false;
        if (room->news.dropped) {
            HASH_DEL (self->rooms, room);
            free (room);
        }
    }
    self->n_fresh = 0;
    for (size_t i = 0; i < 2; i++) {
        self->hearing[i] += self->unheard[i];
        self->unheard[i] = 0;
    }
    pthread_mutex_unlock (&self->mutex);
    return count;
}

/*  Let the index hear of it. True: there was something.                       */
static bool writer_hears (const writer_t *writer)
{
    indexer_t *self = writer->indexer;
    size_t count = news_take (self, false);
    for (size_t i = 0; i < count; i++)
        index_hear (self->index, &self->told[i]);
    if (count)
        counts_set (self);
    return count;
}

static void writer_counts (writer_t *writer)
{
    indexer_t *self = writer->indexer;
    counts_set (self);
    bool complete = !self->heard[0] && !self->heard[1];
    /*  Of a few messages nobody wants to hear.                                */
    if (!complete && !writer->building && self->heard[0] + self->heard[1] > TOLD_FROM)
        writer->building = true;
    if (complete && writer->building)
        say (LEVEL_INFO, "index-complete", "");
    writer->building = writer->building && !complete;
}

/*  The index hears of every room. False: it is of no log such as this.        */
static bool rooms_compare (indexer_t *self)
{
    size_t count = news_take (self, true);
    for (size_t i = 0; i < count; i++)
        index_hear (self->index, &self->told[i]);
    if (index_compare (self->index) != ZCHAT_OK)
        return false;
    counts_set (self);
    return true;
}

static void writer_fails (writer_t *writer, const char *text)
{
    if (!writer->failing)
        say (LEVEL_WARNING, "index-fails", text);
    writer->failing = true;
}

static void writer_works (writer_t *writer)
{
    if (writer->failing)
        say (LEVEL_INFO, "index-works-again", "");
    writer->failing = false;
}

/*  Open the index, which hears of all rooms then; file is held for writing. anew: what is there is
    not to be believed.                                                        */
static bool index_opens (writer_t *writer, bool anew)
{
    indexer_t *self = writer->indexer;
    char *why = NULL;
    if (anew)
        index_delete (self->dir);
    zchat_status_t status = index_open (self->dir, self->log_id, self->log, &self->index, &why);
    if (status != ZCHAT_OK)
        writer_fails (writer, why);
    else if (why)
        say (LEVEL_WARNING, "index-made-anew", why);
    free (why);
    if (status != ZCHAT_OK || rooms_compare (self))
        return status == ZCHAT_OK;
    say (LEVEL_WARNING, "index-made-anew", index_error (self->index));
    index_destroy (&self->index);
    return !anew && index_opens (writer, true);
}

static bool writer_opens (writer_t *writer, bool anew)
{
    indexer_t *self = writer->indexer;
    pthread_rwlock_wrlock (&self->file);
    searchers_let_go (self);
    index_destroy (&self->index);
    bool open = index_opens (writer, anew);
    self->fails = !open;
    self->opened = self->opened || open;
    __atomic_store_n (&self->damaged, false, __ATOMIC_RELAXED);
    pthread_rwlock_unlock (&self->file);
    return open;
}

static void writer_ends (writer_t *writer, zchat_status_t status)
{
    writer_fails (writer, index_error (writer->indexer->index));
    writer_counts (writer);
    if (status == ZCHAT_CORRUPT)
        (void)writer_opens (writer, true);
    news_wait (writer->indexer, AGAIN_MS, false);
}

/*  One turn; false: nothing is left to do at once. *look: something may be left to wipe. */
static bool writer_turn (writer_t *writer, bool *look)
{
    indexer_t *self = writer->indexer;
    bool more = false;
    zchat_status_t status;
    if (is_damaged (self)) {
        say (LEVEL_WARNING, "index-made-anew", "a search found it damaged");
        if (!writer_opens (writer, true))
            return false;
    }
    bool news = writer_hears (writer);
    status = index_step (writer->indexer->index, &more);
    if (status == ZCHAT_OK) {
        writer_counts (writer);
        status = index_wipe (writer->indexer->index, mono_ms (), !more && !news, &self->stop, look);
    }
    if (status != ZCHAT_OK) {
        writer_ends (writer, status);
        return true;
    }
    writer_works (writer);
    return more;
}

void *indexer_run (void *arg)
{
    indexer_t *self = arg;
    writer_t writer = {.indexer = self};
    nice_be (WRITER_NICE);
    while (!stopped (self)) {
        bool look = false;
        if (!self->index && !writer_opens (&writer, false)) {
            news_wait (self, AGAIN_MS, false);
            continue;
        }
        if (writer_waits (&writer) || writer_turn (&writer, &look))
            continue;
        writer.since_ms = 0;
        news_wait (self, GATHER_MS, false);
        news_wait (self, look ? LOOK_MS : 60000, true);
    }
    return NULL;
}

/*  --- the threads that search --------------------------------------------------------------- */

void searchers_let_go (indexer_t *self)
{
    for (size_t i = 0; i < INDEXER_SEARCHERS; i++)
        index_reader_destroy (&self->searchers[i].index);
}

static bool work_wait (indexer_t *self, indexer_work_t *work)
{
    pthread_mutex_lock (&self->mutex);
    while (!self->n_work && !stopped (self))
        pthread_cond_wait (&self->asked, &self->mutex);
    bool is = !stopped (self);
    if (is) {
        *work = self->work[self->work_first];
        self->work_first = (self->work_first + 1) % ZCHAT_SEARCHES_MAX;
        self->n_work--;
    }
    pthread_mutex_unlock (&self->mutex);
    return is;
}

/*  Before the index was opened for the first time nothing is in it.           */
static index_result_t *result_empty (const index_query_t *query)
{
    index_result_t *result = memory_zero (sizeof *result);
    for (size_t i = 0; i < query->n_scopes; i++)
        result->behind += query->heads[i];
    return result;
}

/*  file is held for reading.                                                  */
static void search_make (indexer_searcher_t *searcher, const index_query_t *query,
                         indexer_found_t *found)
{
    indexer_t *self = searcher->indexer;
    pthread_mutex_lock (&self->mutex);
    uint64_t behind = self->unheard[0] + self->hearing[0] + self->heard[0];
    pthread_mutex_unlock (&self->mutex);
    if (!self->opened && !self->fails) {
        found->result = result_empty (query);
        found->status = ZCHAT_OK;
    } else if (!self->fails) {
        found->status = searcher->index
                            ? ZCHAT_OK
                            : index_reader_new (self->dir, searcher->log, &searcher->index);
        if (found->status == ZCHAT_OK)
            found->status = index_search (searcher->index, query, &found->result);
    }
    if (found->status == ZCHAT_CORRUPT) {
        pthread_mutex_lock (&self->mutex);
        __atomic_store_n (&self->damaged, true, __ATOMIC_RELAXED);
        pthread_cond_signal (&self->news);
        pthread_mutex_unlock (&self->mutex);
    }
    if (found->result && query->open)
        found->result->behind += behind;
}

static void found_put (indexer_t *self, const indexer_found_t *found)
{
    uint64_t one = 1;
    pthread_mutex_lock (&self->mutex);
    self->found[(self->found_first + self->n_found++) % ZCHAT_SEARCHES_MAX] = *found;
    bool told = write (self->event, &one, sizeof one) == sizeof one;
    (void)told; /* one that cannot be written is readable already              */
    pthread_mutex_unlock (&self->mutex);
}

void *searcher_run (void *arg)
{
    indexer_searcher_t *searcher = arg;
    indexer_t *self = searcher->indexer;
    indexer_work_t work;
    nice_be (SEARCHER_NICE);
    while (work_wait (self, &work)) {
        indexer_found_t found = {.id = work.id, .status = ZCHAT_STORAGE};
        pthread_rwlock_rdlock (&self->file);
        search_make (searcher, &work.query, &found);
        pthread_rwlock_unlock (&self->file);
        found_put (self, &found);
    }
    return NULL;
}
