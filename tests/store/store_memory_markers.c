/*  store_memory_markers.c - markers and mentions of the store in memory        */
#include "store_memory_markers.h"
#include "memory.h"

/*  --- markers ---------------------------------------------------------------  */

static void marker_put (memory_markers_t *self, const store_marker_t *marker)
{
    size_t at = 0;
    while (at < self->n_markers &&
           (self->markers[at].owner < marker->owner ||
            (self->markers[at].owner == marker->owner && self->markers[at].room < marker->room)))
        at++;
    store_marker_t *found = at < self->n_markers ? &self->markers[at] : NULL;
    if (found && found->owner == marker->owner && found->room == marker->room) {
        found->seq = found->seq < marker->seq ? marker->seq : found->seq;
        return;
    }
    self->markers = memory_grow (self->markers, (self->n_markers + 1) * sizeof *self->markers);
    memmove (self->markers + at + 1, self->markers + at,
             (self->n_markers - at) * sizeof *self->markers);
    self->markers[at] = *marker;
    self->n_markers++;
}

/*  Drop the markers of the owner (0: of all) in the room (0: in all).         */
static void markers_remove (memory_markers_t *self, uint64_t owner, uint64_t room)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->n_markers; i++) {
        const store_marker_t *marker = &self->markers[i];
        if ((owner && marker->owner != owner) || (room && marker->room != room))
            self->markers[kept++] = *marker;
    }
    self->n_markers = kept;
}

/*  --- mentions --------------------------------------------------------------  */

static void mention_remove (memory_markers_t *self, size_t at)
{
    self->n_mentions--;
    memmove (self->mentions + at, self->mentions + at + 1,
             (self->n_mentions - at) * sizeof *self->mentions);
}

static void mention_put (memory_markers_t *self, const memory_mention_t *mention)
{
    size_t at = 0, count = 0;
    while (at < self->n_mentions &&
           (self->mentions[at].owner < mention->owner ||
            (self->mentions[at].owner == mention->owner && self->mentions[at].at < mention->at))) {
        count += self->mentions[at].owner == mention->owner;
        at++;
    }
    self->mentions = memory_grow (self->mentions, (self->n_mentions + 1) * sizeof *self->mentions);
    memmove (self->mentions + at + 1, self->mentions + at,
             (self->n_mentions - at) * sizeof *self->mentions);
    self->mentions[at] = *mention;
    self->n_mentions++;
    if (count >= ZCHAT_MENTIONS_KEPT)
        mention_remove (self, at - count);
}

/*  Drop the mentions of the owner (0: of all) in messages of the room (0: of all), from one seq to
    another.                                                                   */
static void mentions_remove (memory_markers_t *self, uint64_t owner, uint64_t room, uint64_t from,
                             uint64_t to)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->n_mentions; i++) {
        const memory_mention_t *is = &self->mentions[i];
        if ((owner && is->owner != owner) || (room && is->mention.room != room) ||
            is->mention.seq < from || is->mention.seq > to)
            self->mentions[kept++] = *is;
    }
    self->n_mentions = kept;
}

void store_memory_mentions_gone (memory_markers_t *self, uint64_t room, uint64_t from, uint64_t to)
{
    mentions_remove (self, 0, room, from, to);
}

/*  --- all -------------------------------------------------------------------  */

void store_memory_markers_put (memory_markers_t *self, const store_record_t *record)
{
    uint64_t owner = record->marker_of;
    if (record->marker_yields)
        markers_remove (self, owner, record->marker_yields);
    if (record->marker) {
        marker_put (self, &(store_marker_t){owner, record->room, record->marker});
        mentions_remove (self, owner, record->room, 0, record->marker);
    }
    if (record->mentions)
        mention_put (self, &(memory_mention_t){
                               owner, record->event.seq, {record->mentioned_in, record->mentions}});
    if (record->unmarks) {
        markers_remove (self, owner, 0);
        mentions_remove (self, owner, 0, 0, ZCHAT_SEQ_MAX);
    }
    if (record->removes)
        mentions_remove (self, 0, record->room, record->removes, record->removes);
}

void store_memory_markers_drop (memory_markers_t *self, uint64_t room)
{
    markers_remove (self, 0, room);
    mentions_remove (self, 0, room, 0, ZCHAT_SEQ_MAX);
}

zchat_status_t store_memory_markers_load (const memory_markers_t *self,
                                          const store_loader_t *loader)
{
    zchat_status_t status = ZCHAT_OK;
    for (size_t i = 0; status == ZCHAT_OK && i < self->n_markers; i++)
        status = loader->marker (loader->arg, &self->markers[i]);
    return status;
}

static int compare_mentions (const void *a, const void *b)
{
    const store_mention_t *x = a, *y = b;
    if (x->room != y->room)
        return x->room < y->room ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

store_page_t *store_memory_mentions_page (const memory_markers_t *self, uint64_t owner)
{
    store_page_t *page = memory_zero (sizeof *page);
    page->mentions = memory_new (ZCHAT_MENTIONS_KEPT * sizeof *page->mentions);
    for (size_t i = 0; i < self->n_mentions; i++)
        if (self->mentions[i].owner == owner)
            page->mentions[page->n_mentions++] = self->mentions[i].mention;
    qsort (page->mentions, page->n_mentions, sizeof *page->mentions, compare_mentions);
    return page;
}

void store_memory_markers_destroy (memory_markers_t *self)
{
    free (self->markers);
    free (self->mentions);
    *self = (memory_markers_t){.markers = NULL};
}
