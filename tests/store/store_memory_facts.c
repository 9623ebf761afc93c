/*  store_memory_facts.c - the facts of the store in memory                    */
#include "store_memory_facts.h"
#include "memory.h"

#include <search.h>

/*  A fact, before its text in the same block.                                 */
typedef struct {
    store_fact_t fact; /* views text    */
    char text[];       /* key and value */
} kept_fact_t;

/*  As the log on disk orders them: bytes first, then length.                  */
static int fact_compare (const void *a, const void *b)
{
    const store_fact_t *x = a;
    const store_fact_t *y = b;
    if (x->room != y->room)
        return x->room < y->room ? -1 : 1;
    size_t size = x->key.size < y->key.size ? x->key.size : y->key.size;
    int order = memcmp (x->key.data, y->key.data, size);
    return order ? order : (x->key.size > y->key.size) - (x->key.size < y->key.size);
}

static store_fact_t *fact_new (const store_record_t *record)
{
    frame_t key = record->fact_key;
    frame_t value = record->fact_value;
    kept_fact_t *kept = memory_new (sizeof *kept + key.size + value.size);
    memcpy (kept->text, key.data, key.size);
    if (value.size)
        memcpy (kept->text + key.size, value.data, value.size);
    kept->fact = (store_fact_t){.room = record->room,
                                .key = frame_of (kept->text, key.size),
                                .value = frame_of (kept->text + key.size, value.size)};
    return &kept->fact; /* the block begins with it                            */
}

static void fact_delete (void **facts, const store_record_t *record)
{
    store_fact_t named = {.room = record->room, .key = record->fact_key};
    store_fact_t **node = tfind (&named, facts, fact_compare);
    if (!node)
        return;
    store_fact_t *fact = *node;
    tdelete (fact, facts, fact_compare);
    free (fact);
}

void store_memory_facts_put (void **facts, const store_record_t *record)
{
    if (!record->fact_value.size) {
        fact_delete (facts, record);
        return;
    }
    store_fact_t *fact = fact_new (record);
    store_fact_t **node = memory_check (tsearch (fact, facts, fact_compare));
    if (*node == fact)
        return;
    free (*node);
    *node = fact; /* at the same place: its key is the same                    */
}

typedef struct {
    const store_loader_t *loader; /* gets them    */
    zchat_status_t status;        /* its answer   */
} walk_t;

static void walk_fact (const void *node, VISIT visit, void *arg)
{
    walk_t *walk = arg;
    const store_fact_t *fact = *(store_fact_t *const *)node;
    if ((visit == postorder || visit == leaf) && walk->status == ZCHAT_OK)
        walk->status = walk->loader->fact (walk->loader->arg, fact);
}

zchat_status_t store_memory_facts_load (const void *facts, const store_loader_t *loader)
{
    walk_t walk = {.loader = loader, .status = ZCHAT_OK};
    twalk_r (facts, walk_fact, &walk);
    return walk.status;
}

/*  A walk for one fact of a room.                                             */
typedef struct {
    uint64_t room;
    store_fact_t *found;
} search_t;

static void search_fact (const void *node, VISIT visit, void *arg)
{
    search_t *search = arg;
    store_fact_t *fact = *(store_fact_t *const *)node;
    if ((visit == postorder || visit == leaf) && fact->room == search->room)
        search->found = fact;
}

void store_memory_facts_drop (void **facts, uint64_t room)
{
    search_t search = {.room = room};
    do {
        search.found = NULL;
        twalk_r (*facts, search_fact, &search);
        if (search.found) {
            tdelete (search.found, facts, fact_compare);
            free (search.found);
        }
    } while (search.found);
}

void store_memory_facts_destroy (void **facts)
{
    tdestroy (*facts, free);
    *facts = NULL;
}
