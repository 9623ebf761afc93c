/*  markers.c - READ, UNREAD: how far somebody has read; AWAY                   */
#include "arguments.h"
#include "looks.h"
#include "text.h"
#include "verbs.h"

/*  --- what is known ---------------------------------------------------------  */

uint64_t marker_read (const view_t *view, uint64_t owner, const room_t *room)
{
    if (!owner || !room)
        return 0;
    const marker_t *marker = ledger_marker (view->ledger, owner, room->id);
    const reading_t *reading = readings_find (view->readings, owner, room->id);
    uint64_t stored = marker ? marker->seq : 0, told = reading ? reading->seq : 0;
    return told > stored ? told : stored;
}

/*  --- READ ------------------------------------------------------------------  */

static frame_t shown (const found_t *found)
{
    return found->room                              ? ledger_room_shown (found->room)
           : *(const char *)found->name.data == '@' ? frame_str ("@")
                                                    : found->name;
}

static bool read_answer (verdict_t *verdict, frame_t name, uint64_t read, uint64_t head)
{
    json_t *json = json_pack ("{s:o, s:I}", "room", json_stringn (name.data, name.size), "head",
                              (json_int_t)head);
    if (read)
        json_object_set_new (json, "read", json_integer ((json_int_t)read));
    return verdict_ok (verdict, json);
}

static bool read_set (const call_t *call, const view_t *view, verdict_t *verdict,
                      const found_t *found)
{
    frame_t number = call->request.args[1];
    uint64_t seq = 0;
    if (!frame_is (number, "0") && !seq_read (number, &seq))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "seq is a number from 0", NULL);
    told_room_t told = told_room (view->told, view->ledger, found->room);
    uint64_t read = marker_read (view, call->owner, found->room);
    seq = seq < told.head ? seq : told.head;
    /*  A room of which nothing is on disk may never get its number.           */
    if (!told.stored || seq <= read)
        return read_answer (verdict, shown (found), read, told.head);
    if (!readings_fit (view->readings, call->owner, found->room->id))
        return verdict_refuse (verdict, ZCHAT_SLOW, "what was read waits for the disk",
                               json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
    move_t *move = verdict_move (verdict, MOVE_READ);
    move->room = found->room->id;
    move->name = text_keep (verdict, shown (found));
    move->seq = seq;
    return read_answer (verdict, move->name, seq, told.head);
}

/*  Ask the store who mentions the caller.                                     */
static bool mentions_ask (const call_t *call, verdict_t *verdict, uint64_t room, frame_t name)
{
    verdict->read = (verdict_read_t){
        .wanted = true, .query = {.room = room, .mentions_of = call->owner}, .room = name};
    return true;
}

bool verb_read (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    if (!call->owner)
        return verdict_refuse (verdict, ZCHAT_PROOF, NULL, NULL);
    if (!room_find_readable (call, view, verdict, call->request.args[0], true, &found))
        return false;
    if (call->request.n_args == 2)
        return read_set (call, view, verdict, &found);
    if (found.room)
        return mentions_ask (call, verdict, found.room->id, text_keep (verdict, shown (&found)));
    frame_t name = shown (&found);
    return verdict_ok (
        verdict,
        json_pack ("{s:o, s:I, s:i}", "room", json_stringn (name.data, name.size), "head",
                   (json_int_t)told_room (view->told, view->ledger, NULL).head, "mentions", 0));
}

bool verb_unread (const call_t *call, const view_t *view, verdict_t *verdict)
{
    (void)view;
    if (!call->owner)
        return verdict_refuse (verdict, ZCHAT_PROOF, NULL, NULL);
    return mentions_ask (call, verdict, 0, frame_of ("", 0));
}

/*  --- what was read gets to the disk ----------------------------------------  */

bool marker_store (const call_t *call, const view_t *view, verdict_t *verdict)
{
    marker_key_t key;
    memcpy (&key, call->request.args[0].data, sizeof key);
    const reading_t *reading = readings_find (view->readings, key.owner, key.room);
    const owner_t *owner = ledger_owner_by_id (view->ledger, key.owner);
    const room_t *room = ledger_room_by_id (view->ledger, key.room);
    const marker_t *known = ledger_marker (view->ledger, key.owner, key.room);
    if (!reading || !owner || !room || reading->seq > room->head ||
        (known && known->seq >= reading->seq))
        return verdict_ok (verdict, NULL);
    const marker_t *yields =
        known ? NULL : ledger_marker_yields (view->ledger, owner, view->setup->markers_max);
    bool own = yields && yields->owner == owner;
    if (yields && !own) {
        store_record_t *record = records_add (verdict->records);
        record->marker_of = yields->owner->id;
        record->marker_yields = yields->room->id;
    }
    store_record_t *record = records_add (verdict->records);
    record->room = room->id;
    record->room_name = text_keep (verdict, frame_of (room->name, room->name_size));
    record->marker = reading->seq;
    record->marker_of = owner->id;
    record->marker_yields = own ? yields->room->id : 0;
    return verdict_ok (verdict, NULL);
}

/*  --- AWAY ------------------------------------------------------------------  */

bool verb_away (const call_t *call, const view_t *view, verdict_t *verdict)
{
    frame_t why = call->request.args[0];
    (void)view;
    if (why.size > ZCHAT_AWAY_MAX)
        return verdict_limit (verdict, "the text is too long", ZCHAT_AWAY_MAX, "away");
    bool line = text_valid (why);
    for (size_t i = 0; line && i < why.size; i++)
        line = ((const unsigned char *)why.data)[i] >= ' ';
    if (!line)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the text is not one line of UTF-8", NULL);
    verdict_move (verdict, MOVE_AWAY)->name = why;
    return verdict_ok (verdict, NULL);
}

void away_observe (call_t *call, const view_t *view)
{
    (void)view;
    call->away = call->session ? call->session->user->away_since : 0;
}

void away_ends (const call_t *call, verdict_t *verdict)
{
    if (call->away)
        verdict_move (verdict, MOVE_AWAY)->seq = call->away;
}
