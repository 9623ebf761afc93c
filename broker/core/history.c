/*  history.c - HISTORY: pages of the log, read elsewhere, sent from here      */
#include "core_private.h"

/*  Read the JSON argument. False: ERR was sent.                               */
static bool history_query (call_t *call, const json_t *json, store_query_t *query, bool *packs)
{
    uint64_t limit = ZCHAT_HISTORY_DEFAULT;
    const json_t *form = json_object_get (json, "form");
    const char *word = form ? json_string_value (form) : "events";
    bool after = json_object_get (json, "after"), before = json_object_get (json, "before");
    if (!json_number (json, "after", &query->after) ||
        !json_number (json, "before", &query->before) || !json_number (json, "limit", &limit) ||
        limit == 0) {
        call_err (call, ZCHAT_MALFORMED, "after and before are numbers from 0, limit from 1", NULL);
        return false;
    }
    if (after && before) {
        call_err (call, ZCHAT_MALFORMED, "after or before, not both", NULL);
        return false;
    }
    if (!word || (strcmp (word, "events") != 0 && strcmp (word, "pack") != 0)) {
        call_err (call, ZCHAT_MALFORMED, "form is \"events\" or \"pack\"", NULL);
        return false;
    }
    if (limit > ZCHAT_HISTORY_MAX) {
        call_err (call, ZCHAT_LIMIT, "ask for fewer events at once",
                  limit_json (ZCHAT_HISTORY_MAX, "history"));
        return false;
    }
    /*  There is nothing before the first event; the store takes 0 for "after". */
    if (before && query->before == 0)
        query->before = 1;
    if (!after && !before)
        query->before = UINT64_MAX;
    *packs = strcmp (word, "pack") == 0;
    query->limit = (size_t)limit;
    query->bytes_max = ZCHAT_HISTORY_BYTES_MAX;
    return true;
}

static void history_empty (call_t *call, frame_t name)
{
    call_ok (call, json_pack ("{s:o, s:b, s:i, s:i}", "room", json_stringn (name.data, name.size),
                              "more", 0, "first", 1, "head", 0));
}

static void history_read (call_t *call, const room_t *room, const store_query_t *query, bool packs)
{
    core_t *core = call->core;
    read_t *read = memory_zero (sizeof *read);
    read->id = ++core->last_read;
    read->peer = call->from;
    read->serial = call->peer->serial;
    read->enveloped = call->request->enveloped;
    read->packs = packs;
    read->room_id = room->id;
    read->before = query->before != 0;
    read->tag_size = call->request->tag.size;
    if (read->tag_size)
        memcpy (read->tag, call->request->tag.data, read->tag_size);
    read->room_size = room->name_size;
    memcpy (read->room, room->name, room->name_size);
    HASH_ADD (hh, core->reads, id, sizeof read->id, read);
    call->peer->reads++;
    core->sink.read (core->sink.arg, read->id, query);
}

void verb_history (call_t *call)
{
    core_t *core = call->core;
    name_keys_t keys;
    store_query_t query = {.room = 0};
    bool packs = false;
    if (!call_room_name (call, call->request->args[0], &keys))
        return;
    json_t *json = call_json (call, call->request->args[1], false);
    if (!json)
        return;
    if (!history_query (call, json, &query, &packs))
        goto out;
    const room_t *room = ledger_room (core->ledger, &keys);
    if (!room || !room->head) {
        history_empty (call,
                       room ? frame_of (room->name, room->name_size) : call->request->args[0]);
        goto out;
    }
    if (call->peer->reads >= ZCHAT_PEER_READS_MAX || HASH_COUNT (core->reads) >= ZCHAT_READS_MAX) {
        call_err (call, ZCHAT_SLOW, "too many HISTORY requests are under way",
                  json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
        goto out;
    }
    query.room = room->id;
    history_read (call, room, &query, packs);
out:
    json_decref (json);
}

/*  --- the page comes back ---------------------------------------------------  */

static void mail (core_t *core, const read_t *read, const frame_t *event, size_t count)
{
    frame_t frames[7] = {frame_of ("", 0), frame_str ("EVENT"),
                         frame_of (read->tag, read->tag_size)};
    memcpy (frames + 3, event, count * sizeof *event);
    size_t skip = read->enveloped ? 0 : 1, bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += event[i].size;
    core_debit (core, read->peer, bytes);
    core->sink.reply (core->sink.arg, read->peer, frames + skip, 3 + count - skip);
}

static void mail_events (core_t *core, const read_t *read, const store_page_t *page)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    frame_t name = frame_of (read->room, read->room_size);
    size_t topic_size = event_topic (topic, "room/", name);
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
    frame_t name = frame_of (read->room, read->room_size);
    size_t topic_size = event_topic (topic, "pack/", name);
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
    const room_t *room = ledger_room_by_id (core->ledger, read->room_id);
    store_page_t told = *page;
    if (!room || told.head <= room->head)
        return told;
    told.head = room->head;
    if (told.first > told.head + 1)
        told.first = told.head + 1;
    while (told.count && told.events[told.count - 1].seq > told.head)
        told.count--;
    if (!read->before && (!told.count || told.events[told.count - 1].seq == told.head))
        told.more = false;
    return told;
}

static void history_answer (core_t *core, const read_t *read, const store_page_t *full)
{
    const store_page_t told = page_told (core, read, full), *page = &told;
    if (read->packs)
        mail_packs (core, read, page);
    else
        mail_events (core, read, page);
    json_t *json = json_pack ("{s:o, s:b, s:I, s:I}", "room",
                              json_stringn (read->room, read->room_size), "more", page->more,
                              "first", (json_int_t)page->first, "head", (json_int_t)page->head);
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    core_send (core, read->peer, read->enveloped, "OK", frame_of (read->tag, read->tag_size),
               frame_str (text));
    free (text);
    json_decref (json);
}

void core_read_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page)
{
    read_t *read;
    HASH_FIND (hh, core->reads, &id, sizeof id, read);
    if (!read)
        return;
    peer_t *peer = presence_peer_still (core->presence, read->peer, read->serial);
    if (peer && status == ZCHAT_OK)
        history_answer (core, read, page);
    else if (peer) {
        static const char json[] = "{\"code\":\"storage\",\"text\":\"the log cannot be read now; "
                                   "ask again later\"}";
        core_send (core, read->peer, read->enveloped, "ERR", frame_of (read->tag, read->tag_size),
                   frame_str (json));
    }
    if (peer) {
        peer->reads--;
        presence_peer_release (core->presence, peer);
    }
    HASH_DEL (core->reads, read);
    free (read);
}
