/*  pages.c - HISTORY and REMOVE: pages of the log, read elsewhere, sent from here */
#include "../admit/admit.h"
#include "../verbs/access.h"
#include "deliver.h"

bool page_ask (core_t *core, const call_t *call, const verdict_t *verdict)
{
    const verdict_read_t *wanted = &verdict->read;
    peer_t *peer = call->peer;
    if (peer->reads >= ZCHAT_PEER_READS_MAX || HASH_COUNT (core->reads) >= ZCHAT_READS_MAX) {
        reply_refuse (core, call, ZCHAT_SLOW, "too many HISTORY requests are under way",
                      json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
        return false;
    }
    read_t *read = memory_zero (sizeof *read);
    read->id = ++core->last_read;
    read->item = item_call (call, NULL);
    read->room = wanted->query.room;
    read->name_size = wanted->room.size;
    memcpy (read->name, wanted->room.data, wanted->room.size);
    read->packs = wanted->packs;
    read->before = wanted->before;
    read->looks_at = wanted->looks_at;
    read->counts = wanted->counts;
    HASH_ADD (hh, core->reads, id, sizeof read->id, read);
    peer->reads++;
    core->sink.read (core->sink.arg, read->id, &wanted->query);
    return true;
}

/*  --- the page comes back ---------------------------------------------------  */

static void mail (core_t *core, const read_t *read, const frame_t *event, size_t count)
{
    const call_t *call = &read->item->call;
    frame_t frames[7] = {frame_of ("", 0), frame_str ("EVENT"), call->request.tag};
    memcpy (frames + 3, event, count * sizeof *event);
    size_t skip = call->request.enveloped ? 0 : 1, bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += event[i].size;
    debt_add (core, call->from, bytes);
    core->sink.reply (core->sink.arg, call->from, frames + skip, 3 + count - skip);
}

static void mail_events (core_t *core, const read_t *read, const store_page_t *page)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    size_t topic_size = event_topic (topic, "room/", frame_of (read->name, read->name_size));
    for (size_t i = 0; i < page->count; i++) {
        const event_t *event = &page->events[i];
        frame_t frames[] = {frame_of (topic, topic_size), event->user, event->body,
                            frame_of (meta, event_meta_encode (event, meta))};
        mail (core, read, frames, 4);
    }
}
static void mail_packs (core_t *core, const read_t *read, const store_page_t *page)
{
    char topic[EVENT_TOPIC_MAX];
    size_t topic_size = event_topic (topic, "pack/", frame_of (read->name, read->name_size));
    uint8_t *pack = memory_new (ZCHAT_PACK_MAX);
    size_t used = 0;
    for (size_t i = 0; i <= page->count; i++) {
        bool end = i == page->count;
        size_t size = end ? 0 : event_record_size (&page->events[i]);
        if (used && (end || used + size > ZCHAT_PACK_MAX)) {
            frame_t frames[] = {frame_of (topic, topic_size), frame_of (pack, used)};
            mail (core, read, frames, 2);
            used = 0;
        }
        if (!end)
            used += event_record_encode (&page->events[i], pack + used);
    }
    free (pack);
}

/*  A reader sees what is committed before we are told of it. What JOIN, PING and the feed do
    not know yet is not for HISTORY to tell: a client that had it would find the room shorter
    at its next JOIN.                                                          */
static store_page_t page_told (const core_t *core, const read_t *read, const store_page_t *page)
{
    const room_t *room = ledger_room_by_id (core->ledger, read->room);
    uint64_t head = told_room (core->told, core->ledger, room).head;
    store_page_t told = *page;
    if (!room || told.head <= head)
        return told;
    told.head = head;
    if (told.first > told.head + 1)
        told.first = told.head + 1;
    while (told.count && told.events[told.count - 1].seq > told.head)
        told.count--;
    if (!read->before && (!told.count || told.events[told.count - 1].seq == told.head))
        told.more = false;
    return told;
}

static void history_answer (core_t *core, peer_t *peer, const read_t *read,
                            const store_page_t *full)
{
    const store_page_t told = page_told (core, read, full), *page = &told;
    size_t bytes = 0;
    for (size_t i = 0; i < page->count; i++)
        bytes += event_record_size (&page->events[i]);
    quota_page (core, peer, bytes);
    if (read->packs)
        mail_packs (core, read, page);
    else
        mail_events (core, read, page);
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    verdict_ok (&verdict,
                json_pack ("{s:o, s:b, s:I, s:I}", "room",
                           json_stringn (read->name, read->name_size), "more", page->more, "first",
                           (json_int_t)page->first, "head", (json_int_t)page->head));
    reply_verdict (core, &read->item->call, &verdict, NULL);
    verdict_end (&verdict);
}

/*  True where the caller said it, by the name as it is owned now, and not somebody who had the name
    before.                                                                    */
static bool event_own (const core_t *core, const call_t *call, const event_t *event)
{
    name_keys_t own, said;
    const owner_t *owner = ledger_owner_by_id (core->ledger, call->owner);
    return owner && event->time_ms >= owner->since_ms &&
           name_check (event->user, &said, NULL) == ZCHAT_OK &&
           name_check (call->user, &own, NULL) == ZCHAT_OK && name_same (&own, &said);
}

/*  REMOVE is put in order, now that it is known who said what it takes away.  */
static void remove_go_on (core_t *core, read_t *read, const store_page_t *page)
{
    item_t *item = read->item;
    const event_t *event =
        page->count && page->events[0].seq == read->looks_at ? page->events : NULL;
    read->item = NULL;
    item->decide = verb_entry (item->call.request.verb)->decide;
    item->call.looked = true;
    item->call.said_found =
        event && (event->type == ZCHAT_TYPE_SAY || event->type == ZCHAT_TYPE_ACTION);
    item->call.said_own = item->call.said_found && event_own (core, &item->call, event);
    queue_add (core, item);
}

/*  Who may read may have changed while the page was on its way.               */
static void page_answer (core_t *core, peer_t *peer, read_t *read, zchat_status_t status,
                         const store_page_t *page)
{
    const call_t *call = &read->item->call;
    view_t view = core_view (core);
    const room_t *room = ledger_room_by_id (core->ledger, read->room);
    const char *who = peer->session ? presence_user_who (peer->session->user) : NULL;
    bool allowed =
        room && (room_reads (&view, room, who) || (read->looks_at && call->admin && who));
    if (!room)
        reply_refuse (core, call, ZCHAT_STORAGE, "the room is no more; ask again", NULL);
    else if (!allowed || (read->looks_at && !peer->session))
        /*  The session may be over by none of its doing.                      */
        reply_refuse (core, call, peer->session ? ZCHAT_PRIVATE : ZCHAT_HELLO, NULL, NULL);
    else if (status != ZCHAT_OK)
        reply_refuse (core, call, ZCHAT_STORAGE, "the log cannot be read now; ask again later",
                      NULL);
    else if (read->looks_at)
        remove_go_on (core, read, page);
    else
        history_answer (core, peer, read, page);
}

void page_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page)
{
    read_t *read;
    HASH_FIND (hh, core->reads, &id, sizeof id, read);
    if (!read)
        return;
    const call_t *call = &read->item->call;
    peer_t *peer = presence_peer_still (core->presence, call->from, call->serial);
    HASH_DEL (core->reads, read);
    if (peer) {
        if (read->counts)
            unread_answer (core, peer, read, status, page);
        else
            page_answer (core, peer, read, status, page);
        peer->reads--;
        presence_peer_release (core->presence, peer);
    }
    if (read->item)
        item_free (read->item);
    free (read);
}
