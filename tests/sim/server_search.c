/*  server_search.c - an index that finds everything, also what the asker may not read

    What of it is told is the core's to decide, see deliver/searches.c; guard.c looks at each
   answer. As the real one it reads the log, and so what was committed and told nobody yet.
*/
#include "memory.h"
#include "server.h"

enum { HITS_OF_A_ROOM = 6 };

void storage_search (server_t *server, uint64_t id, const index_query_t *query)
{
    if (query->limit < 1 || query->limit > ZCHAT_SEARCH_MAX || !(query->n_terms || *query->from))
        sim_wrong (server->sim, "a search that makes no sense is asked of the index");
    storage_find (server, id);
    server->sim->tally->searched++;
}

static void page_add (const store_page_t *page, uint64_t room, index_result_t *result)
{
    for (size_t i = page->count; i-- > 0 && result->count < ZCHAT_SEARCH_MAX;) {
        const event_t *event = &page->events[i];
        index_hit_t *hit = &result->hits[result->count];
        if (event->body.size > sizeof hit->text || event->type == ZCHAT_TYPE_GONE)
            continue;
        *hit = (index_hit_t){.room = room,
                             .seq = event->seq,
                             .time_ms = event->time_ms,
                             .type = event->type,
                             .user_size = event->user.size,
                             .text_size = event->body.size};
        if (event->user.size)
            memcpy (hit->user, event->user.data, event->user.size);
        if (event->body.size)
            memcpy (hit->text, event->body.data, event->body.size);
        result->count++;
    }
}

index_result_t *server_find (server_t *server)
{
    const book_t *book = book_now (server->sim);
    index_result_t *result = memory_zero (sizeof *result);
    result->hits = memory_zero (ZCHAT_SEARCH_MAX * sizeof *result->hits);
    size_t first = dice_below (&server->sim->dice, book->n_rooms);
    for (size_t i = 0; i < book->n_rooms; i++) {
        const book_room_t *room = &book->rooms[(first + i) % book->n_rooms];
        store_query_t query = {.room = room->id,
                               .before = UINT64_MAX,
                               .limit = HITS_OF_A_ROOM,
                               .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
        store_page_t *page = NULL;
        if (room->id && store_read (server->reader, &query, &page) == ZCHAT_OK)
            page_add (page, room->id, result);
        store_page_destroy (&page);
    }
    return result;
}
