/*  core_search.c - an index that finds everything, also what the asker may not read: what of it is
    told is the core's to decide                                               */
#include "core_world.h"
#include "memory.h"
#include "text.h"

enum { ROOMS_LOOKED = 64, EVENTS_LOOKED = 20 };

void search_ask_seen (world_t *world, uint64_t id, const index_query_t *query)
{
    fuzz_check (world->n_searches < ZCHAT_SEARCHES_MAX);
    fuzz_check (query->limit >= 1 && query->limit <= ZCHAT_SEARCH_MAX);
    fuzz_check (query->n_terms <= ZCHAT_SEARCH_WORDS && query->n_scopes <= INDEX_SCOPES_MAX);
    fuzz_check (query->n_terms || *query->from);
    for (size_t i = 0; i < query->n_terms; i++)
        fuzz_check (query->terms[i].size > 0 &&
                    query->terms[i].at + query->terms[i].size <= ZCHAT_QUERY_MAX &&
                    text_valid (index_term (query, i)));
    fuzz_check (strlen (query->ticket) <= INDEX_TICKET_SIZE);
    world->search_ids[world->n_searches++] = id;
}

static void page_add (const store_page_t *page, uint64_t room, index_result_t *result)
{
    for (size_t i = 0; i < page->count && result->count < ZCHAT_SEARCH_MAX; i++) {
        const event_t *event = &page->events[i];
        index_hit_t *hit = &result->hits[result->count];
        if (event->body.size > ZCHAT_SNIPPET_MAX)
            continue;
        *hit = (index_hit_t){.room = room,
                             .seq = event->seq,
                             .time_ms = event->time_ms,
                             .type = event->type,
                             .user_size = event->user.size,
                             .text_size = event->body.size};
        memcpy (hit->user, event->user.size ? event->user.data : "", event->user.size);
        memcpy (hit->text, event->body.size ? event->body.data : "", event->body.size);
        result->count++;
    }
}

bool search_answer_all (world_t *world)
{
    store_reader_t *reader = NULL;
    if (!world->n_searches)
        return false;
    index_result_t result = {.hits = memory_zero (ZCHAT_SEARCH_MAX * sizeof *result.hits),
                             .behind = world->n_searches % 3};
    fuzz_check (store_reader_new (world->store, &reader) == ZCHAT_OK);
    for (uint64_t room = 1; room <= ROOMS_LOOKED; room++) {
        store_query_t query = {.room = room,
                               .before = UINT64_MAX,
                               .limit = EVENTS_LOOKED,
                               .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
        store_page_t *page;
        fuzz_check (store_read (reader, &query, &page) == ZCHAT_OK);
        page_add (page, room, &result);
        store_page_destroy (&page);
    }
    store_reader_destroy (&reader);
    uint64_t id = world->search_ids[0];
    world->n_searches--;
    memmove (world->search_ids, world->search_ids + 1,
             world->n_searches * sizeof *world->search_ids);
    core_searched (world->core, id, id % 5 ? ZCHAT_OK : ZCHAT_STORAGE, id % 5 ? &result : NULL);
    free (result.hits);
    return true;
}
