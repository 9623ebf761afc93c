/*  store_memory_markers.h - markers and mentions of the store in memory, private to this folder */
#ifndef ZCHAT_TEST_STORE_MEMORY_MARKERS_H
#define ZCHAT_TEST_STORE_MEMORY_MARKERS_H

#include "store.h"

/*  A mention of an owner; at is the seq of the event in the owner's mailbox.  */
typedef struct {
    uint64_t owner, at;
    store_mention_t mention;
} memory_mention_t;

/*  Zeros: none. Both lists are in the order of their first two numbers, or three. */
typedef struct {
    store_marker_t *markers; /* by owner and room                             */
    size_t n_markers;
    memory_mention_t *mentions; /* by owner and at                            */
    size_t n_mentions;
} memory_markers_t;

/*  Take over what the record says of markers and mentions.                    */
void store_memory_markers_put (memory_markers_t *self, const store_record_t *record);
/*  The room ends.                                                             */
void store_memory_markers_drop (memory_markers_t *self, uint64_t room);
/*  Messages of the room, from one seq to another, are no more.                */
void store_memory_mentions_gone (memory_markers_t *self, uint64_t room, uint64_t from, uint64_t to);
/*  Give all markers to the loader. ZCHAT_OK, or the first other answer of it. */
zchat_status_t store_memory_markers_load (const memory_markers_t *self,
                                          const store_loader_t *loader) ZCHAT_CHECKED;
/*  The mentions of an owner, as store_read gives them.                        */
store_page_t *store_memory_mentions_page (const memory_markers_t *self, uint64_t owner);
/*  Free all of them; zeros afterwards.                                        */
void store_memory_markers_destroy (memory_markers_t *self);

#endif
