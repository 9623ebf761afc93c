/*  indexer.c - what the broker's other threads tell the index, and ask it     */
#include "indexer_private.h"

#include <assert.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/*  --- life ------------------------------------------------------------------------- */

static void condition_init (pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (condition, &attributes);
    pthread_condattr_destroy (&attributes);
}

indexer_t *indexer_new (const char *dir, store_t *store)
{
    indexer_t *self = memory_zero (sizeof *self);
    self->dir = memory_string (dir, strlen (dir));
    memcpy (self->log_id, store_log_id (store), sizeof self->log_id);
    pthread_mutex_init (&self->mutex, NULL);
    /*  Searches that follow on each other would keep the file from being replaced. */
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init (&attributes);
    pthread_rwlockattr_setkind_np (&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init (&self->file, &attributes);
    pthread_rwlockattr_destroy (&attributes);
    condition_init (&self->news);
    condition_init (&self->asked);
    self->event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool ok = self->event >= 0 && store_reader_new (store, &self->log) == ZCHAT_OK;
    for (size_t i = 0; i < INDEXER_SEARCHERS; i++) {
        self->searchers[i].indexer = self;
        ok = ok && store_reader_new (store, &self->searchers[i].log) == ZCHAT_OK;
    }
    if (!ok)
        indexer_destroy (&self);
    return self;
}

bool indexer_start (indexer_t *self)
{
    /*  Signals are for the thread that waits for them.                        */
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_BLOCK, &all, &before);
    bool ok = pthread_create (&self->thread, NULL, indexer_run, self) == 0;
    self->n_threads += ok;
    for (size_t i = 0; ok && i < INDEXER_SEARCHERS; i++) {
        indexer_searcher_t *searcher = &self->searchers[i];
        ok = pthread_create (&searcher->thread, NULL, searcher_run, searcher) == 0;
        self->n_threads += ok;
    }
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    return ok;
}

void indexer_destroy (indexer_t **self_p)
{
    indexer_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->mutex);
    __atomic_store_n (&self->stop, true, __ATOMIC_RELAXED);
    pthread_cond_broadcast (&self->news);
    pthread_cond_broadcast (&self->asked);
    pthread_mutex_unlock (&self->mutex);
    if (self->n_threads > 0)
        pthread_join (self->thread, NULL);
    for (size_t i = 0; i + 1 < self->n_threads; i++)
        pthread_join (self->searchers[i].thread, NULL);
    searchers_let_go (self);
    index_destroy (&self->index);
    for (size_t i = 0; i < INDEXER_SEARCHERS; i++)
        store_reader_destroy (&self->searchers[i].log);
    store_reader_destroy (&self->log);
    indexer_found_t found;
    while (indexer_next (self, &found))
        index_result_destroy (&found.result);
    indexer_room_t *room, *next;
    HASH_ITER (hh, self->rooms, room, next)
    {
        HASH_DEL (self->rooms, room);
        free (room);
    }
    if (self->event >= 0)
        close (self->event);
    pthread_cond_destroy (&self->news);
    pthread_cond_destroy (&self->asked);
    pthread_rwlock_destroy (&self->file);
    pthread_mutex_destroy (&self->mutex);
    free (self->fresh);
    free (self->told);
    free (self->dir);
    free (self);
    *self_p = NULL;
}

/*  --- what is heard of rooms --------------------------------------------------------- */

static indexer_room_t *room_of (indexer_t *self, uint64_t number, bool make)
{
    indexer_room_t *room;
    HASH_FIND (hh, self->rooms, &number, sizeof number, room);
    if (room || !make)
        return room;
    room = memory_zero (sizeof *room);
    room->news.room = number;
    HASH_ADD (hh, self->rooms, news.room, sizeof room->news.room, room);
    return room;
}

/*  The mutex is held.                                                         */
static void hear (indexer_t *self, const index_news_t *news)
{
    indexer_room_t *room = room_of (self, news->room, !news->dropped);
    if (!room)
        return;
    index_news_t *known = &room->news;
    if (news->made) {
        known->made = true;
        known->secret = news->secret;
    }
    if (news->first > known->first)
        known->first = news->first;
    /*  What retention took before it is behind nobody.                        */
    uint64_t from = known->head ? known->head : known->first ? known->first - 1 : news->head - 1;
    if (news->head > known->head) {
        self->unheard[known->secret] += news->head > from ? news->head - from : 0;
        known->head = news->head;
    }
    known->dropped = known->dropped || news->dropped;
    if (room->fresh)
        return;
    room->fresh = true;
    if (self->n_fresh == self->fresh_capacity) {
        self->fresh_capacity = self->fresh_capacity ? 2 * self->fresh_capacity : 64;
        self->fresh = memory_grow (self->fresh, self->fresh_capacity * sizeof *self->fresh);
    }
    self->fresh[self->n_fresh++] = room;
}

void indexer_hear (indexer_t *self, const index_news_t *news)
{
    pthread_mutex_lock (&self->mutex);
    hear (self, news);
    if (self->wants_news)
        pthread_cond_signal (&self->news);
    pthread_mutex_unlock (&self->mutex);
}

/*  A private room is made by an event that carries what it is; see private_make. */
static bool makes_secret (const store_record_t *record)
{
    static const char what[] = "\"private\":true";
    return (record->room_name.size && *(const char *)record->room_name.data == '@') ||
           (frame_is (record->fact_key, "mode") && record->fact_value.size &&
            memmem (record->fact_value.data, record->fact_value.size, what, sizeof what - 1));
}

void indexer_committed (indexer_t *self, const store_record_t *records, size_t count)
{
    size_t events = 0;
    pthread_mutex_lock (&self->mutex);
    for (size_t i = 0; i < count; i++) {
        const store_record_t *record = &records[i];
        bool event = record->event.type != ZCHAT_TYPE_NONE;
        const store_record_t *next = i + 1 < count ? record + 1 : NULL;
        events += event;
        /*  Of a run of one room the last one says it all.                     */
        if (event && !record->makes && next && next->room == record->room && !next->makes &&
            next->event.type != ZCHAT_TYPE_NONE)
            continue;
        if (event || record->drops)
            hear (self, &(index_news_t){.room = record->room,
                                        .first = record->makes ? record->event.seq : 0,
                                        .head = event ? record->event.seq : 0,
                                        .made = record->makes,
                                        .secret = record->makes && makes_secret (record),
                                        .dropped = record->drops});
    }
    __atomic_fetch_add (&self->stored, events, __ATOMIC_RELAXED);
    if (self->wants_news)
        pthread_cond_signal (&self->news);
    pthread_mutex_unlock (&self->mutex);
}

uint64_t indexer_behind (indexer_t *self)
{
    pthread_mutex_lock (&self->mutex);
    uint64_t behind = 0;
    for (size_t i = 0; i < 2; i++)
        behind += self->unheard[i] + self->hearing[i] + self->heard[i];
    pthread_mutex_unlock (&self->mutex);
    return behind;
}

/*  --- searches -------------------------------------------------------------------------- */

void indexer_search (indexer_t *self, uint64_t id, const index_query_t *query)
{
    pthread_mutex_lock (&self->mutex);
    /*  Searches under way are bounded by the core.                            */
    assert (self->n_work < ZCHAT_SEARCHES_MAX);
    indexer_work_t *work = &self->work[(self->work_first + self->n_work++) % ZCHAT_SEARCHES_MAX];
    work->id = id;
    work->query = *query;
    pthread_cond_signal (&self->asked);
    pthread_mutex_unlock (&self->mutex);
}

int indexer_descriptor (const indexer_t *self)
{
    return self->event;
}

bool indexer_next (indexer_t *self, indexer_found_t *found)
{
    uint64_t ignored;
    pthread_mutex_lock (&self->mutex);
    bool is = self->n_found > 0;
    if (is) {
        *found = self->found[self->found_first];
        self->found_first = (self->found_first + 1) % ZCHAT_SEARCHES_MAX;
        self->n_found--;
    }
    if (!self->n_found) {
        bool taken = read (self->event, &ignored, sizeof ignored) > 0;
        (void)taken; /* there may be nothing to take                           */
    }
    pthread_mutex_unlock (&self->mutex);
    return is;
}
