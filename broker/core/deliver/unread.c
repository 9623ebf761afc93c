/*  unread.c - what somebody has read is told, and gets to the disk; what they have not is counted
 */
#include "../admit/admit.h"
#include "../verbs/arguments.h"
#include "../verbs/verbs.h"
#include "deliver.h"

/*  --- READ ------------------------------------------------------------------  */

void read_keep (core_t *core, const session_t *session, const move_t *move)
{
    view_t view = core_view (core);
    found_t mailbox;
    readings_put (core->readings, session->user->owner, move->room, move->seq, core->now.mono_ms);
    mailbox_find (&view, presence_user_who (session->user), &mailbox);
    if (!mailbox.hall)
        return;
    char *data =
        json_text (json_pack ("{s:o, s:I}", "room", json_stringn (move->name.data, move->name.size),
                              "seq", (json_int_t)move->seq));
    event_t event = {.time_ms = core->now.wall_ms,
                     .type = ZCHAT_TYPE_READ,
                     .user = frame_of (session->name, session->name_size),
                     .data = frame_str (data)};
    feed_tell (core, mailbox.hall, session, &event);
    free (data);
}

void read_due (core_t *core)
{
    const reading_t *reading;
    uint64_t now_ms = core->closing ? UINT64_MAX : core->now.mono_ms;
    while (core->log == LOG_WORKS && (reading = readings_take (core->readings, now_ms))) {
        marker_key_t key = {reading->owner, reading->room};
        call_t call = {.now = core->now,
                       .request = {.args = {frame_of ((const void *)&key, sizeof key)}}};
        item_t *item = item_call (&call, marker_store);
        item->unanswered = true;
        queue_add (core, item);
    }
}

uint64_t read_deadline_ms (const core_t *core)
{
    return core->log == LOG_WORKS ? readings_deadline_ms (core->readings) : UINT64_MAX;
}

void read_stored (core_t *core, const item_t *item)
{
    marker_key_t key;
    memcpy (&key, item->call.request.args[0].data, sizeof key);
    const room_t *room = ledger_room_by_id (core->ledger, key.room);
    const marker_t *marker = ledger_marker (core->ledger, key.owner, key.room);
    uint64_t stored = marker ? marker->seq : 0;
    /*  It may have given way again behind its own record.                     */
    if (item->count)
        stored = core->records.items[item->first + item->count - 1].marker;
    if (!room || !ledger_owner_by_id (core->ledger, key.owner))
        stored = UINT64_MAX;
    readings_end (core->readings, key.owner, key.room, stored, core->now.mono_ms);
}

/*  --- counting --------------------------------------------------------------  */

/*  Who is told what of the page of mentions, which is in the order of rooms.  */
typedef struct {
    view_t view;
    uint64_t owner;
    const char *who;
    const store_page_t *page;
    size_t at; /* of the page: what stands before it is counted                */
} counting_t;

/*  One room of the reply.                                                     */
typedef struct {
    const room_t *room;
    uint64_t read, head;
    size_t mentions;
} unread_t;

/*  False: there is nothing to tell of the room with this number. Rooms are asked for in the order
    of their numbers.                                                          */
static bool room_count (counting_t *counting, uint64_t id, unread_t *unread)
{
    const store_page_t *page = counting->page;
    const view_t *view = &counting->view;
    const room_t *room = ledger_room_by_id (view->ledger, id);
    told_room_t told = told_room (view->told, view->ledger, room);
    bool reads = told.stored && room_reads (view, room, counting->who);
    *unread = (unread_t){.room = room, .head = told.head};
    unread->read = reads ? marker_read (view, counting->owner, room) : 0;
    while (counting->at < page->n_mentions && page->mentions[counting->at].room < id)
        counting->at++;
    for (; counting->at < page->n_mentions && page->mentions[counting->at].room == id;
         counting->at++) {
        uint64_t seq = page->mentions[counting->at].seq;
        /*  A reader may see what is not told yet, or not yet that something is gone.  */
        unread->mentions += reads && seq > unread->read && seq >= room->first && seq <= told.head;
    }
    return reads;
}

static int compare_numbers (const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/*  The numbers of all rooms that may have something to tell, in their order, some twice; the caller
    frees them.                                                                */
static uint64_t *rooms_gather (const core_t *core, const counting_t *counting, size_t *count)
{
    const owner_t *owner = ledger_owner_by_id (core->ledger, counting->owner);
    const store_page_t *page = counting->page;
    size_t most = page->n_mentions + (owner ? owner->n_markers : 0) + ZCHAT_MARKERS_MAX;
    uint64_t *rooms = memory_new (most * sizeof *rooms);
    *count = 0;
    for (size_t i = 0; i < page->n_mentions; i++)
        rooms[(*count)++] = page->mentions[i].room;
    for (size_t i = 0; owner && i < owner->n_markers; i++)
        rooms[(*count)++] = owner->markers[i]->room->id;
    for (const reading_t *reading = readings_of (core->readings, counting->owner); reading;
         reading = reading->next_reader)
        rooms[(*count)++] = reading->room;
    qsort (rooms, *count, sizeof *rooms, compare_numbers);
    return rooms;
}

/*  The reply in the making, as text: as a tree of JSON values it would take ten times as long.  */
typedef struct {
    char *text;
    size_t size, capacity; /* bytes                                            */
    size_t rows;
} list_t;

static void list_put (list_t *list, const char *text, size_t size)
{
    if (list->size + size > list->capacity) {
        list->capacity = 2 * (list->size + size);
        list->text = memory_grow (list->text, list->capacity);
    }
    memcpy (list->text + list->size, text, size);
    list->size += size;
}

/*  Names hold nothing that JSON escapes.                                      */
static void list_add (list_t *list, const unread_t *unread)
{
    char row[ZCHAT_NAME_MAX + 160], read[32] = "";
    frame_t name = ledger_room_shown (unread->room);
    if (unread->read)
        snprintf (read, sizeof read, "\"read\":%llu,", (unsigned long long)unread->read);
    int size = snprintf (row, sizeof row,
                         "%s{\"room\":\"%.*s\",%s\"head\":%llu,\"first\":%llu,\"mentions\":%zu}",
                         list->rows ? "," : "", (int)name.size, (const char *)name.data, read,
                         (unsigned long long)unread->head, (unsigned long long)unread->room->first,
                         unread->mentions);
    list_put (list, row, (size_t)size);
    list->rows++;
}

static void all_count (core_t *core, peer_t *peer, counting_t *counting, verdict_t *verdict)
{
    list_t list = {.text = NULL};
    size_t count;
    uint64_t *rooms = rooms_gather (core, counting, &count);
    unread_t unread;
    list_put (&list, "{\"rooms\":[", 10);
    for (size_t i = 0; i < count; i++)
        if ((i == 0 || rooms[i] != rooms[i - 1]) && room_count (counting, rooms[i], &unread) &&
            (unread.read || unread.mentions))
            list_add (&list, &unread);
    free (rooms);
    list_put (&list, "]}", 2);
    quota_rows (core, peer, list.rows);
    (void)verdict_ok_text (verdict, list.text, list.size);
}

static void one_count (counting_t *counting, const read_t *read, verdict_t *verdict)
{
    unread_t unread;
    if (!room_count (counting, read->query.room, &unread)) {
        (void)(unread.room ? verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL)
                           : verdict_refuse (verdict, ZCHAT_STORAGE,
                                             "the room is no more; ask again", NULL));
        return;
    }
    json_t *json =
        json_pack ("{s:o, s:I, s:I}", "room", json_stringn (read->name, read->name_size), "head",
                   (json_int_t)unread.head, "mentions", (json_int_t)unread.mentions);
    if (unread.read)
        json_object_set_new (json, "read", json_integer ((json_int_t)unread.read));
    (void)verdict_ok (verdict, json);
}

void unread_answer (core_t *core, peer_t *peer, const read_t *read, zchat_status_t status,
                    const store_page_t *page)
{
    const call_t *call = &read->item->call;
    const session_t *session = peer->session;
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    /*  The session may be over by none of its doing.                          */
    if (!session || session->user->owner != call->owner)
        (void)verdict_refuse (&verdict, ZCHAT_HELLO, NULL, NULL);
    else if (status != ZCHAT_OK)
        (void)verdict_refuse (&verdict, ZCHAT_STORAGE,
                              "the log cannot be read now; ask again later", NULL);
    else {
        counting_t counting = {.view = core_view (core),
                               .owner = call->owner,
                               .who = presence_user_who (session->user),
                               .page = page};
        if (read->query.room)
            one_count (&counting, read, &verdict);
        else
            all_count (core, peer, &counting, &verdict);
    }
    reply_verdict (core, call, &verdict, NULL);
    verdict_end (&verdict);
}
