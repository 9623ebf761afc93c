/*  flight.c - calls are decided, applied, committed and delivered             */
#include "flight.h"
#include "admit/admit.h"
#include "deliver/deliver.h"
#include "verbs/verbs.h"
#include <assert.h>

enum {
    FLIGHT_BYTES_MAX = 8388608, /* bytes of one commit; one call at least              */
    PROBE_FIRST_MS = 50,        /* after a commit that failed, until the disk is tried again */
    PROBE_MOST_MS = 2000,       /* at most, where it fails again and again             */
    LOAD_PART = 20,             /* and at least so many times as long as loading takes, */
    LOAD_WAIT_MAX_MS = 30000,   /* but no longer: the machine may have slept meanwhile */
    LOAD_DEAR_MS = 100,         /* loading the ledger that takes longer is dear        */
};

/*  --- rooms that end -------------------------------------------------------  */

/*  The room's end was decided.                                                */
static void gone_keep (core_t *core, uint64_t id)
{
    const room_t *room = ledger_room_by_id (core->ledger, id);
    gone_t *gone = memory_zero (sizeof *gone);
    gone->room.id = id;
    gone->room.name = memory_string (room->name, room->name_size);
    gone->room.name_size = room->name_size;
    gone->room.fold.key = memory_string (room->fold.key, strlen (room->fold.key));
    gone->room.mailbox = room->mailbox;
    gone->room.is_private = room->is_private;
    HASH_ADD (hh, core->gone, room.id, sizeof gone->room.id, gone);
}

/*  Rooms that ended are told of, or did not end.                             */
void gone_clear (core_t *core)
{
    gone_t *gone, *next;
    HASH_ITER (hh, core->gone, gone, next)
    {
        HASH_DEL (core->gone, gone);
        free (gone->room.name);
        free (gone->room.fold.key);
        free (gone);
    }
}

/*  The room as it is, or as it was when its end was decided; NULL: it never was.  */
static const room_t *room_delivered (const core_t *core, uint64_t id)
{
    gone_t *gone = NULL;
    const room_t *room = ledger_room_by_id (core->ledger, id);
    if (!room)
        HASH_FIND (hh, core->gone, &id, sizeof id, gone);
    return gone ? &gone->room : room;
}

/*  --- deciding -------------------------------------------------------------  */

/*  Apply the verdict's records, and remember what may be told meanwhile.      */
static void verdict_apply (core_t *core, const verdict_t *verdict)
{
    size_t facts = 0;
    for (size_t i = verdict->first; i < core->records.count; i++) {
        const store_record_t *record = &core->records.items[i];
        if (record->event.type != ZCHAT_TYPE_NONE)
            told_keep (core->told, core->ledger, record->room);
        if (!record->room && frame_is (record->fact_key, LEDGER_BEGINS))
            told_keep_begins (core->told, core->ledger);
        if (record->drops)
            gone_keep (core, record->room);
        if (record->reacts)
            lately_note (core->lately, record);
        facts += record->fact_key.size > 0 || record->drops;
        zchat_status_t status = ledger_apply (
            core->ledger, &(ledger_record_t){.kind = LEDGER_CHANGE, .change = record});
        assert (status == ZCHAT_OK);
        (void)status;
    }
    core->n_fact_changes += facts - verdict->n_minor;
}

/*  Where the caller is, too many names were claimed.                          */
static void claim_throttle (core_t *core, const call_t *call, verdict_t *verdict)
{
    uint64_t wait_ms =
        verdict->claims && core->sink.claims ? core->sink.claims (core->sink.arg, call->from) : 0;
    if (wait_ms)
        verdict_refuse (verdict, ZCHAT_SLOW,
                        "too many new names were claimed from your address; wait",
                        json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
}

/*  While the log fails, what would be stored is refused, and so is what would have been, were it
    not for something else that was not stored. What needs no storing is answered: that it was
    stored before, for example.                                                */
static void storage_refuse (const item_t *item, verdict_t *verdict)
{
    /*  count is still of the first time that it was decided.                  */
    bool gap = verdict->status == ZCHAT_GAP && !json_object_get (verdict->json, "forgotten");
    if (verdict_stores (verdict) || gap || (item->count && verdict->status != ZCHAT_OK))
        verdict_refuse (verdict, ZCHAT_STORAGE, NULL, NULL);
}

/*  A stranger's message goes to somebody.                                     */
static void letters_count (core_t *core, const call_t *call, const verdict_t *verdict)
{
    for (size_t i = 0; i < verdict->n_letters; i++) {
        letter_t letter = letter_of (call, verdict->letters[i].to, verdict->letters[i].size);
        strangers_take (core->strangers, &letter, &core->setup.quotas[QUOTA_STRANGERS],
                        call->now.mono_ms);
    }
}

static void item_decide (core_t *core, item_t *item, bool may_store)
{
    verdict_t verdict;
    view_t view = core_view (core);
    view.told = core->told_all;
    call_t *call = &item->call;
    call->peer = presence_peer_still (core->presence, item->peer, item->serial);
    call->session = call->peer ? call->peer->session : NULL;
    verdict_begin (&verdict, &core->records);
    /*  Who is gone gets no session, and whose session is over comes into no room.  */
    if (item->rebinds && call->peer && call->who && !call->session)
        verdict_refuse (&verdict, ZCHAT_HELLO, NULL, NULL);
    else if ((!item->rebinds || call->peer) &&
             /*  An unproven name needs no second look unless names are changing.  */
             ((!call->owner && !call->doubtful && !core->n_fact_changes) ||
              caller_check (call, &view, &verdict)))
        (void)item->decide (call, &view, &verdict);
    if (may_store)
        claim_throttle (core, call, &verdict);
    if (!may_store)
        storage_refuse (item, &verdict);
    letters_count (core, call, &verdict);
    if (verdict.speaks)
        speakers_note (core->speakers, verdict.speaker, call->serial);
    verdict_apply (core, &verdict);
    /*  An order to leave that stands behind it means this join too.           */
    for (size_t i = 0; i < verdict.n_moves; i++)
        if (verdict.moves[i].kind == MOVE_JOIN)
            verdict.moves[i].joined = presence_join_next (core->presence);
    item->first = verdict.first;
    item->main = verdict.main;
    item->count = core->records.count - verdict.first;
    item->joins = presence_joins (core->presence);
    call->peer = NULL;
    call->session = NULL;
    if (item->verdict)
        verdict_end (item->verdict);
    if (verdict.status == ZCHAT_OK && verdict.numbered && !verdict.n_moves && !verdict.n_notes &&
        verdict.out == OUT_NOBODY) {
        free (item->verdict);
        item->verdict = NULL;
        return;
    }
    item->verdict = item->verdict ? item->verdict : memory_new (sizeof verdict);
    *item->verdict = verdict;
}

/*  --- delivering -----------------------------------------------------------  */

/*  The room's end is on disk: who is there leaves.                            */
static void drop_deliver (core_t *core, const item_t *item, const store_record_t *record)
{
    const room_t *room = room_delivered (core, record->room);
    /*  What a room of the same name says later is another's.                  */
    feed_flush (core, room->fold.key);
    hall_t *hall = presence_hall (core->presence, record->room);
    if (!hall)
        return;
    hall->held++;
    announce_forget (core, hall);
    evict (core, room, hall, OUT_ALL, frame_of (NULL, 0), item->joins);
    feed_flush (core, hall->fold.key);
    presence_hall_unnumber (core->presence, hall);
    hall->held--;
    presence_hall_release (core->presence, hall);
}

static void record_deliver (core_t *core, const item_t *item, const store_record_t *record)
{
    if (record->drops)
        drop_deliver (core, item, record);
    if (record->event.type == ZCHAT_TYPE_NONE)
        return;
    const room_t *room = room_delivered (core, record->room);
    view_t view = core_view (core);
    hall_t *hall = room_hall (&view, room);
    if (hall && !hall->room)
        presence_hall_number (core->presence, hall, room->id);
    core->counters->events++;
    feed_publish (core, room, hall, &record->event);
    if (item->verdict && record == &core->records.items[item->main])
        evict (core, room, hall, item->verdict->out, item->verdict->subject, item->joins);
}

/*  What was decided on the call is stored, or nothing had to be.              */
static void call_deliver (core_t *core, const item_t *item)
{
    verdict_t *verdict = item->verdict, plain = {.status = ZCHAT_OK, .numbered = true};
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    zchat_status_t status;
    if (verdict && !moves_make (core, peer, &item->call, verdict, &status))
        verdict_overtaken (verdict, status);
    if (item->decide == marker_store)
        read_stored (core, item);
    if (verdict)
        reply_notes (core, item->peer, verdict);
    verdict = verdict ? verdict : &plain;
    /*  The answer stands behind the event that it is of, before what goes to others alone. */
    size_t at = item->first, end = item->first + item->count;
    size_t answered = verdict->numbered && verdict->status == ZCHAT_OK ? item->main + 1 : end;
    for (; at < answered; at++)
        record_deliver (core, item, &core->records.items[at]);
    /*  The HELLO proved nothing: what its sender asks next must not be taken without HELLO. */
    if (peer && !peer->session && item->call.request.verb == VERB_HELLO &&
        verdict->status == ZCHAT_STORAGE)
        peer->hello_due = true;
    /*  What was asked behind it built on it: a message for a room that was to be private must not
        find a public one.                                                     */
    if (peer && item->rebinds && verdict->status == ZCHAT_STORAGE && peer->parked)
        peer->forsaken_round = core->round + 1; /* of the next calls_parked        */
    if (peer && !item->unanswered)
        reply_verdict (core, &item->call, verdict,
                       verdict->numbered ? &core->records.items[item->main] : NULL);
    for (; at < end; at++)
        record_deliver (core, item, &core->records.items[at]);
}

static void announce_deliver (core_t *core, const item_t *item)
{
    const hall_t *hall = item->hall;
    /*  It may have become private behind the announcement, or have ended, in the same flight. */
    uint64_t number = item->room ? item->room : hall->room;
    const room_t *room =
        number ? room_delivered (core, number) : ledger_room_folded (core->ledger, hall->fold.key);
    /*  Who was in a room that has ended was told so; in the next one of its name they were not.  */
    if (room || !item->room)
        feed_publish (core, room, item->hall, &item->event);
}

/*  All of the flight has landed, or nothing of it had to be stored.           */
static void flight_deliver (core_t *core)
{
    item_t *item;
    told_clear (core->told);
    if (core->records.count)
        lately_landed (core->lately);
    core->n_fact_changes = core->flight_bytes = 0;
    while ((item = order_flight_next (core->order))) {
        if (item->kind == ITEM_CALL)
            call_deliver (core, item);
        else
            announce_deliver (core, item);
        queue_done (core, item);
    }
    feed_flush (core, NULL);
    records_clear (&core->records);
    gone_clear (core);
}

/*  The flight is not stored: the ledger, loaded again, knows nothing of it. Each call is decided
    once more, and gets that answer where nothing has to be stored for it.     */
static void flight_refuse (core_t *core)
{
    lately_lost (core->lately);
    records_clear (&core->records);
    told_clear (core->told);
    gone_clear (core);
    core->n_fact_changes = core->flight_bytes = 0;
    item_t *item = order_flight_first (core->order);
    for (; item; item = item->next)
        if (item->kind == ITEM_CALL)
            item_decide (core, item, false);
    flight_deliver (core);
}

/*  --- the flight -----------------------------------------------------------  */

static bool flight_full (const core_t *core, const item_t *item)
{
    return core->records.count && (core->records.count >= ZCHAT_BATCH_MAX ||
                                   core->flight_bytes + item->size > FLIGHT_BYTES_MAX);
}

void flight_advance (core_t *core)
{
    item_t *item;
    while (!core->in_flight && core->log != LOG_UNKNOWN && (item = order_first (core->order)) &&
           !flight_full (core, item)) {
        order_take (core->order);
        if (item->kind == ITEM_CALL)
            item_decide (core, item, core->log == LOG_WORKS);
        if (item->count)
            core->flight_bytes += item->size;
        if (!core->records.count)
            flight_deliver (core);
    }
}

bool flight_empty (const core_t *core)
{
    return !core->in_flight && core->log != LOG_UNKNOWN && !core->records.count &&
           !order_first (core->order);
}

bool flight_depart (core_t *core, const store_record_t **records, size_t *count)
{
    bool probes = core->log == LOG_FAILS && core->probe_ms <= core->now.mono_ms;
    if (core->in_flight || core->log == LOG_UNKNOWN || (!probes && !core->records.count))
        return false;
    core->in_flight = true;
    core->flight_from = ledger_position (core->ledger) - core->records.count;
    *records = core->records.items;
    *count = core->records.count;
    return true;
}

/*  How long to wait after one more try that failed, where the last wait was so long; 0: none was.
 */
static uint64_t wait_longer (uint64_t wait_ms)
{
    wait_ms = wait_ms ? 2 * wait_ms : PROBE_FIRST_MS;
    return wait_ms < PROBE_MOST_MS ? wait_ms : PROBE_MOST_MS;
}

/*  Each time later, until a commit goes well.                                 */
static void probe_later (core_t *core)
{
    core->probe_wait_ms = wait_longer (core->probe_wait_ms);
    core->probe_ms = core->now.mono_ms + core->probe_wait_ms;
}

bool flight_ended (core_t *core, zchat_status_t status)
{
    bool probed = core->log == LOG_FAILS;
    core->in_flight = false;
    if (status == ZCHAT_OK)
        core->counters->commits++;
    else
        core->counters->commits_failed++;
    if (status == ZCHAT_OK) {
        core->log = LOG_WORKS;
        /*  A probe that goes well says little of what is larger.              */
        if (!probed)
            core->failed = core->probe_wait_ms = 0;
        flight_deliver (core);
    } else if (probed)
        probe_later (core);
    else {
        core->log = LOG_UNKNOWN;
        core->load_ms = core->failed_ms = core->now.mono_ms;
        return false;
    }
    return true;
}

/*  --- loading --------------------------------------------------------------  */

/*  On the writing thread: it touches fresh alone, or, at the start, the ledger.  */
static zchat_status_t load (void *arg, const ledger_record_t *record)
{
    core_t *core = arg;
    return ledger_apply (core->fresh ? core->fresh : core->ledger, record);
}

static zchat_status_t load_position (void *arg, uint64_t position)
{
    return load (arg, &(ledger_record_t){.kind = LEDGER_POSITION, .position = position});
}

static zchat_status_t load_room (void *arg, const store_room_t *room)
{
    return load (arg, &(ledger_record_t){.kind = LEDGER_ROOM, .room = room});
}

static zchat_status_t load_fact (void *arg, const store_fact_t *fact)
{
    return load (arg, &(ledger_record_t){.kind = LEDGER_FACT, .fact = fact});
}

static zchat_status_t load_producer (void *arg, const store_producer_t *producer)
{
    return load (arg, &(ledger_record_t){.kind = LEDGER_PRODUCER, .producer = producer});
}

static zchat_status_t load_marker (void *arg, const store_marker_t *marker)
{
    return load (arg, &(ledger_record_t){.kind = LEDGER_MARKER, .marker = marker});
}

store_loader_t flight_loader (core_t *core)
{
    if (core->log == LOG_UNKNOWN) {
        ledger_destroy (&core->fresh);
        core->fresh = ledger_new ();
    }
    return (store_loader_t){.position = load_position,
                            .room = load_room,
                            .fact = load_fact,
                            .producer = load_producer,
                            .marker = load_marker,
                            .arg = core};
}

/*  The ledger, loaded again, knows nothing of the flight.                     */
static void flight_lost (core_t *core)
{
    /*  Where only a part of the log is damaged, or the disk is full for what is large, the next
        commit may do. A load that is dear is not risked for that.             */
    bool fails = core->failed++ || core->now.mono_ms - core->failed_ms > LOAD_DEAR_MS;
    uint64_t took_ms = core->now.mono_ms - core->failed_ms;
    core->log = LOG_FAILS;
    flight_refuse (core);
    /*  What gathered meanwhile may carry numbers of a producer behind what was lost.  */
    flight_advance (core);
    if (!fails) {
        core->log = LOG_WORKS;
        return;
    }
    /*  A disk that takes a probe and not a batch makes us load each time: little of our time. */
    probe_later (core);
    uint64_t part_ms =
        LOAD_PART * took_ms < LOAD_WAIT_MAX_MS ? LOAD_PART * took_ms : LOAD_WAIT_MAX_MS;
    if (core->probe_wait_ms < part_ms)
        core->probe_ms = core->now.mono_ms + part_ms;
}

bool flight_loaded (core_t *core, zchat_status_t status)
{
    if (core->log != LOG_UNKNOWN || status != ZCHAT_OK) {
        ledger_destroy (&core->fresh);
        core->load_wait_ms = wait_longer (core->load_wait_ms);
        core->load_ms = core->now.mono_ms + core->load_wait_ms;
        return false;
    }
    core->load_wait_ms = 0;
    /*  A commit is in the log whole, or not at all.                           */
    bool stored = ledger_position (core->fresh) == core->flight_from + core->records.count;
    core->counters->loads++;
    ledger_destroy (&core->ledger);
    core->ledger = core->fresh;
    core->fresh = NULL;
    if (stored) {
        core->log = LOG_WORKS;
        core->failed = core->probe_wait_ms = 0;
        flight_deliver (core);
    } else
        flight_lost (core);
    return true;
}
