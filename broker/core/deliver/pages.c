/*  pages.c - HISTORY: pages of the log, read elsewhere, sent from here          */
#include "../admit/admit.h"
#include "../verbs/access.h"
#include "deliver.h"

enum { MARKS_COST = 128 }; /* bytes that a marks and a reaction of it count for a quota */

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
    read->query = wanted->query;
    read->name_size = wanted->room.size;
    memcpy (read->name, wanted->room.data, wanted->room.size);
    read->packs = wanted->packs;
    HASH_ADD (hh, core->reads, id, sizeof read->id, read);
    peer->reads++;
    core->sink.read (core->sink.arg, read->id, &read->query);
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

/*  The events of a page, and behind each of them what tells of its marks.     */
typedef struct {
    const store_page_t *page;
    size_t next, next_marks;
    uint64_t seq; /* of the event that was given last                           */
    uint64_t at;  /* what the marks know of: the head when the page was read    */
    char data[ZCHAT_DATA_MAX];
} walk_t;

/*  The next one, which views page and walk; false: there is none.             */
static bool walk_next (walk_t *walk, event_t *event)
{
    const store_page_t *page = walk->page;
    if (walk->next_marks < page->n_marks && page->marks[walk->next_marks].seq == walk->seq) {
        const store_marks_t *marks = &page->marks[walk->next_marks++];
        size_t size = marks_encode (marks, walk->at, walk->data);
        *event = (event_t){.type = ZCHAT_TYPE_MARKS,
                           .time_ms = page->events[walk->next - 1].time_ms,
                           .data = frame_of (walk->data, size)};
        return true;
    }
    if (walk->next == page->count)
        return false;
    *event = page->events[walk->next++];
    walk->seq = event->seq;
    return true;
}

static void mail_events (core_t *core, const read_t *read, walk_t *walk)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    size_t topic_size = event_topic (topic, "room/", frame_of (read->name, read->name_size));
    event_t event;
    while (walk_next (walk, &event)) {
        frame_t frames[] = {frame_of (topic, topic_size), event.user, event.body,
                            frame_of (meta, event_meta_encode (&event, meta))};
        mail (core, read, frames, 4);
    }
}

static void mail_packs (core_t *core, const read_t *read, walk_t *walk)
{
    char topic[EVENT_TOPIC_MAX];
    size_t topic_size = event_topic (topic, "pack/", frame_of (read->name, read->name_size));
    uint8_t *pack = memory_new (ZCHAT_PACK_MAX);
    size_t used = 0;
    event_t event;
    for (bool more = true; more;) {
        more = walk_next (walk, &event);
        size_t size = more ? event_record_size (&event) : 0;
        if (used && (!more || used + size > ZCHAT_PACK_MAX)) {
            frame_t frames[] = {frame_of (topic, topic_size), frame_of (pack, used)};
            mail (core, read, frames, 2);
            used = 0;
        }
        if (more)
            used += event_record_encode (&event, pack + used);
    }
    free (pack);
}

/*  A reader sees what is committed before we are told of it. What JOIN, PING and the feed do
    not know yet is not for HISTORY to tell: a client that had it would find the room shorter
    at its next JOIN. What became of messages, though, is told as it was read: their marks say up to
    which seq, and the client passes over events up to that which are still to come. */
static store_page_t page_told (const core_t *core, const read_t *read, const store_page_t *page)
{
    const room_t *room = ledger_room_by_id (core->ledger, read->query.room);
    uint64_t head = told_room (core->told, core->ledger, room).head;
    store_page_t told = *page;
    if (!room || told.head <= head)
        return told;
    told.head = head;
    if (told.first > told.head + 1)
        told.first = told.head + 1;
    while (told.count && told.events[told.count - 1].seq > told.head)
        told.count--;
    while (told.n_marks && told.marks[told.n_marks - 1].seq > told.head)
        told.n_marks--;
    if (!read->query.before && (!told.count || told.events[told.count - 1].seq == told.head))
        told.more = false;
    return told;
}

static void history_answer (core_t *core, peer_t *peer, const read_t *read,
                            const store_page_t *full)
{
    const store_page_t told = page_told (core, read, full), *page = &told;
    walk_t walk = {.page = page, .at = full->head};
    size_t bytes = 0;
    for (size_t i = 0; i < page->count; i++)
        bytes += event_record_size (&page->events[i]);
    for (size_t i = 0; i < page->n_marks; i++)
        bytes += MARKS_COST * (1 + page->marks[i].n_reactions);
    quota_page (core, peer, bytes);
    if (read->packs)
        mail_packs (core, read, &walk);
    else
        mail_events (core, read, &walk);
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    verdict_ok (&verdict,
                json_pack ("{s:o, s:b, s:I, s:I}", "room",
                           json_stringn (read->name, read->name_size), "more", page->more, "first",
                           (json_int_t)page->first, "head", (json_int_t)page->head));
    reply_verdict (core, &read->item->call, &verdict, NULL);
    verdict_end (&verdict);
}

bool page_unsure (const core_t *core, const room_t *room, const char *who)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    if (!core->n_fact_changes || !room->is_private || !who)
        return false;
    snprintf (key, sizeof key, "role/%s", who);
    for (size_t i = 0; i < core->records.count; i++) {
        const store_record_t *record = &core->records.items[i];
        if (record->room == room->id && frame_is (record->fact_key, key))
            return true;
    }
    return false;
}

/*  Who may read may have changed while the page was on its way.               */
void page_answer (core_t *core, const read_t *read, zchat_status_t status, const store_page_t *page)
{
    const call_t *call = &read->item->call;
    peer_t *peer = presence_peer_still (core->presence, call->from, call->serial);
    view_t view = core_view (core);
    const room_t *room = ledger_room_by_id (core->ledger, read->query.room);
    if (!peer)
        return;
    const char *who = peer->session ? presence_user_who (peer->session->user) : NULL;
    if (read->query.mentions_of)
        unread_answer (core, peer, read, status, page);
    else if (!room)
        reply_refuse (core, call, ZCHAT_STORAGE, "the room is no more; ask again", NULL);
    else if (!room_reads (&view, room, who))
        /*  The session may be over by none of its doing.                      */
        reply_refuse (core, call, peer->session ? ZCHAT_PRIVATE : ZCHAT_HELLO, NULL, NULL);
    else if (page_unsure (core, room, who))
        reply_refuse (core, call, ZCHAT_STORAGE, "what you are in the room changes; ask again",
                      NULL);
    else if (status != ZCHAT_OK)
        reply_refuse (core, call, ZCHAT_STORAGE, "the log cannot be read now; ask again later",
                      NULL);
    else
        history_answer (core, peer, read, page);
    peer->reads--;
    presence_peer_release (core->presence, peer);
}
