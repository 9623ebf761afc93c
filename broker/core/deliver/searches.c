/*  searches.c - SEARCH: searches made elsewhere, answered from here

    Who may read what may have changed while a search was on its way, and a search sees what is
    committed before anybody was told of it: so each hit is looked at before it is told.
*/
#include "../admit/admit.h"
#include "../verbs/access.h"
#include "deliver.h"

/*  Some share: from another address than theirs one waits for a few of them at most. This machine
    is nobody's alone.                                                         */
static bool place_affords (const core_t *core, const peer_t *peer)
{
    size_t count = 0;
    for (const search_t *search = core->searches; *peer->metered && search;
         search = search->hh.next)
        count += strcmp (search->metered, peer->metered) == 0;
    return count < ZCHAT_PLACE_SEARCHES_MAX;
}

void search_ask (core_t *core, const call_t *call, const verdict_t *verdict)
{
    peer_t *peer = call->peer;
    if (!core->sink.search) {
        reply_refuse (core, call, ZCHAT_VERB,
                      "this broker keeps no index of what is said (--index off)",
                      json_pack ("{s:b}", "off", 1));
        return;
    }
    if (peer->searches >= ZCHAT_PEER_SEARCHES_MAX ||
        HASH_COUNT (core->searches) >= ZCHAT_SEARCHES_MAX || !place_affords (core, peer)) {
        reply_refuse (core, call, ZCHAT_SLOW, "too many SEARCH requests are under way",
                      json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
        return;
    }
    search_t *search = memory_zero (sizeof *search);
    search->id = ++core->last_search;
    search->item = item_call (call, NULL);
    snprintf (search->metered, sizeof search->metered, "%s", peer->metered);
    HASH_ADD (hh, core->searches, id, sizeof search->id, search);
    peer->searches++;
    core->sink.search (core->sink.arg, search->id, verdict->search);
}

/*  --- the answer ------------------------------------------------------------------------ */

/*  NULL: it is not for the caller.                                            */
static json_t *hit_json (const core_t *core, const char *who, const index_hit_t *hit)
{
    view_t view = core_view (core);
    const room_t *room = ledger_room_by_id (core->ledger, hit->room);
    if (!room || !room_reads (&view, room, who) || page_unsure (core, room, who) ||
        hit->seq < room->first || hit->seq > told_room (core->told, core->ledger, room).head)
        return NULL;
    frame_t name = ledger_room_shown (room);
    json_t *text = json_stringn (hit->text, hit->text_size);
    json_t *found = json_array ();
    for (size_t i = 0; i < hit->n_found; i++)
        json_array_append_new (found,
                               json_pack ("[i, i]", (int)hit->found[i][0], (int)hit->found[i][1]));
    return json_pack ("{s:s#, s:I, s:I, s:s, s:s#, s:o, s:o}", "room", name.data, (int)name.size,
                      "seq", (json_int_t)hit->seq, "time", (json_int_t)hit->time_ms, "type",
                      zchat_type_name (hit->type), "user", hit->user, (int)hit->user_size, "text",
                      text ? text : json_string (""), "found", found);
}

static void search_answer (core_t *core, peer_t *peer, const call_t *call,
                           const index_result_t *result)
{
    const char *who = peer->session ? presence_user_who (peer->session->user) : NULL;
    json_t *hits = json_array (), *json = json_pack ("{s:o}", "hits", hits);
    for (size_t i = 0; i < result->count; i++) {
        json_t *hit = hit_json (core, who, &result->hits[i]);
        if (hit)
            json_array_append_new (hits, hit);
    }
    if (*result->next)
        json_object_set_new (json, "next", json_string (result->next));
    if (result->behind)
        json_object_set_new (json, "behind", json_integer ((json_int_t)result->behind));
    if (result->partial)
        json_object_set_new (json, "partial", json_true ());
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    verdict_ok (&verdict, json);
    reply_verdict (core, call, &verdict, NULL);
    verdict_end (&verdict);
}

void search_done (core_t *core, uint64_t id, zchat_status_t status, const index_result_t *result)
{
    search_t *search;
    HASH_FIND (hh, core->searches, &id, sizeof id, search);
    if (!search)
        return;
    const call_t *call = &search->item->call;
    peer_t *peer = presence_peer_still (core->presence, call->from, call->serial);
    HASH_DEL (core->searches, search);
    if (peer) {
        if (call->user.size && !peer->session)
            /*  The session may be over by none of its doing.                  */
            reply_refuse (core, call, ZCHAT_HELLO, NULL, NULL);
        else if (status == ZCHAT_OK)
            search_answer (core, peer, call, result);
        else if (status == ZCHAT_MALFORMED)
            reply_refuse (core, call, status, "before is the next of an earlier answer", NULL);
        else
            reply_refuse (core, call, ZCHAT_STORAGE,
                          "the index cannot be read now; ask again later", NULL);
        peer->searches--;
        presence_peer_release (core->presence, peer);
    }
    item_free (search->item);
    free (search);
}

void searches_destroy (core_t *core)
{
    search_t *search, *next;
    HASH_ITER (hh, core->searches, search, next)
    {
        HASH_DEL (core->searches, search);
        item_free (search->item);
        free (search);
    }
}
