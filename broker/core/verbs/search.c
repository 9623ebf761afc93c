/*  search.c - SEARCH: what to look for, and in which rooms

    Which rooms these are is decided here, and once more when the answer comes (deliver/searches.c).
*/
#include "arguments.h"
#include "memory.h"
#include "search_query.h"
#include "text.h"
#include "verbs.h"

/*  limit and before of the JSON argument. False: the verdict is a refusal.    */
static bool options_read (const call_t *call, verdict_t *verdict, index_query_t *query)
{
    uint64_t limit = ZCHAT_SEARCH_DEFAULT;
    json_t *json = argument_json (verdict, call->request.args[1]);
    if (!json)
        return false;
    const json_t *before = json_object_get (json, "before");
    frame_t ticket = argument_string (json, "before");
    bool numbers = argument_number (json, "limit", &limit) && limit > 0;
    bool goes_on = !before || (ticket.size == INDEX_TICKET_SIZE && text_valid (ticket));
    query->limit = (size_t)limit;
    if (before && goes_on)
        memcpy (query->ticket, ticket.data, ticket.size);
    json_decref (json);
    if (!numbers)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "limit is a number from 1", NULL);
    if (!goes_on)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "before is the next of an earlier answer",
                               NULL);
    if (limit > ZCHAT_SEARCH_MAX)
        return verdict_limit (verdict, "ask for fewer hits at once", ZCHAT_SEARCH_MAX, "search");
    return true;
}

/*  --- which rooms --------------------------------------------------------------------- */

static void scope_add (const view_t *view, index_query_t *query, const room_t *room)
{
    if (!room || query->n_scopes == INDEX_SCOPES_MAX)
        return;
    query->scopes[query->n_scopes] = room->id;
    query->heads[query->n_scopes++] = told_room (view->told, view->ledger, room).head;
}

/*  Put the room among the last ones, of which something was said latest.      */
static void room_rank (const room_t *rooms[ZCHAT_SEARCH_ROOMS], size_t *count, const room_t *room)
{
    size_t at = *count;
    while (at > 0 && rooms[at - 1]->time_ms < room->time_ms)
        at--;
    if (at == ZCHAT_SEARCH_ROOMS)
        return;
    size_t kept = *count < ZCHAT_SEARCH_ROOMS ? *count : ZCHAT_SEARCH_ROOMS - 1;
    memmove (&rooms[at + 1], &rooms[at], (kept - at) * sizeof *rooms);
    rooms[at] = room;
    *count = kept + 1;
}

/*  All that the caller may read.                                              */
static void scopes_all (const call_t *call, const view_t *view, index_query_t *query)
{
    const room_t *rooms[ZCHAT_SEARCH_ROOMS];
    size_t count = 0;
    query->open = true;
    for (const room_t *room = ledger_rooms (view->ledger); call->reader && room; room = room->next)
        if (room->is_private && room_reads (view, room, call->reader))
            room_rank (rooms, &count, room);
    for (size_t i = 0; i < count; i++)
        scope_add (view, query, rooms[i]);
    if (call->who)
        scope_add (view, query, ledger_mailbox (view->ledger, call->who));
}

/*  One room. What was never written holds nothing, and that is no mistake of the request.  */
static bool scope_one (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                       index_query_t *query)
{
    found_t found;
    char composed[ZCHAT_NAME_MAX];
    if (!room_find_readable (call, view, verdict, name_compose (name, composed), true, &found))
        return false;
    if (found.room && (found.room->is_private || found.room->mailbox))
        scope_add (view, query, found.room);
    else if (found.room) {
        query->open = true;
        query->room = found.room->id;
    }
    return true;
}

static bool from_find (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                       index_query_t *query)
{
    target_t target;
    name_keys_t keys;
    if (!name.size)
        return true;
    if (frame_is (name, "me")) {
        if (!call->user.size)
            return verdict_refuse (verdict, ZCHAT_GUEST, "a guest has said nothing", NULL);
        name = call->user;
    }
    if (!target_find (view, verdict, name, &target))
        return false;
    query->own = call->who && strcmp (call->who, target.who) == 0;
    if (name_check (target.name, &keys, NULL) != ZCHAT_OK)
        return verdict_refuse (verdict, ZCHAT_NAME, NULL, NULL);
    snprintf (query->from, sizeof query->from, "%s", keys.fold);
    return true;
}

/*  --- the verb ---------------------------------------------------------------------------- */

static bool query_fill (const call_t *call, const view_t *view, verdict_t *verdict,
                        const search_query_t *wanted, index_query_t *query)
{
    frame_t text = call->request.args[0];
    memcpy (query->text, text.data, text.size);
    query->n_terms = wanted->n_terms;
    for (size_t i = 0; i < wanted->n_terms; i++)
        query->terms[i] = (index_term_t){
            .at = (uint16_t)((const char *)wanted->terms[i].text.data - (const char *)text.data),
            .size = (uint16_t)wanted->terms[i].text.size,
            .prefix = wanted->terms[i].prefix};
    query->after_ms = wanted->after_ms;
    query->before_ms = wanted->before_ms;
    query->link = wanted->link;
    if (!wanted->in.size)
        scopes_all (call, view, query);
    else if (!scope_one (call, view, verdict, wanted->in, query))
        return false;
    return from_find (call, view, verdict, wanted->from, query);
}

bool verb_search (const call_t *call, const view_t *view, verdict_t *verdict)
{
    frame_t text = call->request.args[0];
    search_query_t wanted;
    const char *why = NULL;
    if (text.size > ZCHAT_QUERY_MAX)
        return verdict_limit (verdict, "the query is too long", ZCHAT_QUERY_MAX, "query");
    if (!text_valid (text))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the query is not UTF-8 text", NULL);
    zchat_status_t status = search_query_read (text, &wanted, &why);
    if (status == ZCHAT_LIMIT)
        return verdict_limit (verdict, "the query has too many words", ZCHAT_SEARCH_WORDS, "words");
    if (status != ZCHAT_OK)
        return verdict_refuse (verdict, status, why, NULL);
    index_query_t *query = memory_zero (sizeof *query);
    if (!options_read (call, verdict, query) || !query_fill (call, view, verdict, &wanted, query)) {
        free (query);
        return false;
    }
    verdict->search = query;
    return true;
}
