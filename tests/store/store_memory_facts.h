/*  store_memory_facts.h - the facts of the store in memory, private to this folder

    A tree of tsearch; NULL: an empty one.
*/
#ifndef ZCHAT_TEST_STORE_MEMORY_FACTS_H
#define ZCHAT_TEST_STORE_MEMORY_FACTS_H

#include "store.h"

/*  Take over what the record says of its fact.                                */
void store_memory_facts_put (void **facts, const store_record_t *record);

/*  Give all facts to the loader, in the order of room and key. ZCHAT_OK, or the first other
    answer of the loader, which ends it.                                       */
zchat_status_t store_memory_facts_load (const void *facts,
                                        const store_loader_t *loader) ZCHAT_CHECKED;

/*  Delete all facts of a room.                                                */
void store_memory_facts_drop (void **facts, uint64_t room);

/*  Free all of them. Nulls; tolerates NULL.                                   */
void store_memory_facts_destroy (void **facts);

#endif
