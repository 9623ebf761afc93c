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

/*  Nothing was ever said there; what is said will have seqs behind begins.    */
static void history_empty (call_t *call, frame_t name, uint64_t begins)
{
    json_int_t head = (json_int_t)begins;
    call_ok (call, json_pack ("{s:o, s:b, s:I, s:I}", "room", json_stringn (name.data, name.size),
                              "more", 0, "first", head + 1, "head", head));
}

/*  Enter a page that is asked for; the caller fills the rest.                 */
static read_t *read_new (call_t *call, const room_t *room)
{
    core_t *core = call->core;
    frame_t name = ledger_room_shown (room);
    read_t *read = memory_zero (sizeof *read);
    read->id = ++core->last_read;
    read->peer = call->from;
    read->serial = call->peer->serial;
    read->enveloped = call->request->enveloped;
    read->room_id = room->id;
    read->tag_size = call->request->tag.size;
    if (read->tag_size)
        memcpy (read->tag, call->request->tag.data, read->tag_size);
    read->room_size = name.size;
    memcpy (read->room, name.data, name.size);
    HASH_ADD (hh, core->reads, id, sizeof read->id, read);
    call->peer->reads++;
    return read;
}

/*  True where the peer, or everybody together, asked for too much. ERR was sent.  */
static bool reads_full (call_t *call)
{
    if (call->peer->reads < ZCHAT_PEER_READS_MAX &&
        HASH_COUNT (call->core->reads) < ZCHAT_READS_MAX)
        return false;
    call_err (call, ZCHAT_SLOW, "too many HISTORY requests are under way",
              json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
    return true;
}

void history_remove (call_t *call, const room_t *room, uint64_t seq, frame_t reason)
{
    if (reads_full (call))
        return;
    store_query_t query = {
        .room = room->id, .after = seq - 1, .limit = 1, .bytes_max = ZCHAT_HISTORY_BYTES_MAX};
    read_t *read = read_new (call, room);
    read->removes = seq;
    read->reason_size = reason.size;
    if (reason.size)
        memcpy (read->reason, reason.data, reason.size);
    call->core->sink.read (call->core->sink.arg, read->id, &query);
}

void verb_history (call_t *call)
{
    core_t *core = call->core;
    room_t *room;
    store_query_t query = {.room = 0};
    bool packs = false;
    if (!call_room (call, call->request->args[0], true, &room))
        return;
    json_t *json = call_json (call, call->request->args[1], false);
    if (!json)
        return;
    if (!history_query (call, json, &query, &packs))
        goto out;
    if (!room || room->head == room->begins) {
        history_empty (call, room ? ledger_room_shown (room) : call->request->args[0],
                       room ? room->begins : ledger_begins (core->ledger));
        goto out;
    }
    if (reads_full (call))
        goto out;
    query.room = room->id;
    read_t *read = read_new (call, room);
    read->packs = packs;
    read->before = query.before != 0;
    core->sink.read (core->sink.arg, read->id, &query);
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

static void history_answer (core_t *core, peer_t *peer, const read_t *read,
                            const store_page_t *full)
{
    const store_page_t told = page_told (core, read, full), *page = &told;
    size_t bytes = 0;
    for (size_t i = 0; i < page->count; i++)
        bytes += event_record_size (&page->events[i]);
    peer_charge_page (core, peer, bytes);
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

static void read_refuse (core_t *core, const read_t *read, zchat_status_t status, const char *why)
{
    char json[256];
    int size = snprintf (json, sizeof json, "{\"code\":\"%s\",\"text\":\"%s\"}",
                         zchat_status_code (status), why ? why : zchat_status_text (status));
    core_send (core, read->peer, read->enveloped, "ERR", frame_of (read->tag, read->tag_size),
               frame_of (json, (size_t)size));
}

/*  REMOVE goes on as the request that it was.                                 */
static void read_remove (core_t *core, peer_t *peer, room_t *room, const read_t *read,
                         const store_page_t *page)
{
    session_t *session = peer->session;
    request_t request = {.verb = VERB_REMOVE,
                         .enveloped = read->enveloped,
                         .tag = frame_of (read->tag, read->tag_size),
                         .user = frame_of (session->name, session->name_size)};
    call_t call = {.core = core,
                   .from = peer->id,
                   .request = &request,
                   .peer = peer,
                   .session = session,
                   .owner = ledger_owner_by_id (core->ledger, session->user->owner),
                   .now = core->now};
    remove_done (&call, room, read,
                 page->count && page->events[0].seq == read->removes ? page->events : NULL);
}

/*  Who may read may have changed while the page was on its way.               */
static void read_answer (core_t *core, peer_t *peer, const read_t *read, zchat_status_t status,
                         const store_page_t *page)
{
    room_t *room = ledger_room_by_id (core->ledger, read->room_id);
    bool allowed = room && (room_reader (core, room, peer) || (read->removes && peer->admin));
    if (!room)
        read_refuse (core, read, ZCHAT_STORAGE, "the room is no more; ask again");
    else if (!allowed || (read->removes && !peer->session))
        /*  The session may be over by none of its doing.                          */
        read_refuse (core, read, peer->session ? ZCHAT_PRIVATE : ZCHAT_HELLO, NULL);
    else if (status != ZCHAT_OK)
        read_refuse (core, read, ZCHAT_STORAGE, "the log cannot be read now; ask again later");
    else if (read->removes)
        read_remove (core, peer, room, read, page);
    else
        history_answer (core, peer, read, page);
}

void core_read_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page)
{
    read_t *read;
    HASH_FIND (hh, core->reads, &id, sizeof id, read);
    if (!read)
        return;
    peer_t *peer = presence_peer_still (core->presence, read->peer, read->serial);
    if (peer) {
        read_answer (core, peer, read, status, page);
        publish_landed (core, false);
        peer->reads--;
        presence_peer_release (core->presence, peer);
    }
    HASH_DEL (core->reads, read);
    free (read);
}
