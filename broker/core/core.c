/*  core.c - the core's life, and the way of a request through it

    core_request: admit -> what stores nothing is decided and answered; what may store is queued.
    core_advance: while nothing is being committed, queued calls are decided, their records applied
    to the ledger; what has no record before it is answered. core_take hands the records out;
    core_committed delivers what they stand for, looks at what was parked, and goes on.
*/
#include "admit/admit.h"
#include "deliver/deliver.h"
#include "verbs/verbs.h"
#include <assert.h>

enum {
    FORGET_INTERVAL_MS = 60000, /* how often old producers are looked for           */
    FORGET_AGAIN_MS = 100,      /* and again where there were many                  */
    FLIGHT_BYTES_MAX = 8388608, /* bytes of one commit; one call at least           */
    PROBE_FIRST_MS = 50,        /* after a commit that failed, until the disk is tried again */
    PROBE_MOST_MS = 2000,       /* at most, where it fails again and again          */
    LOAD_DEAR_MS = 100,         /* loading the ledger that takes longer is dear     */
};

/*  --- life ------------------------------------------------------------------  */

core_t *core_new (const core_config_t *config, const core_sink_t *sink)
{
    core_t *core = memory_zero (sizeof *core);
    setup_t *setup = &core->setup;
    core->sink = *sink;
    sodium_bin2hex (setup->log_id, sizeof setup->log_id, config->log_id, ZCHAT_LOG_ID_SIZE);
    setup->feeds = json_array ();
    for (size_t i = 0; i < config->n_feeds; i++)
        json_array_append_new (setup->feeds, json_string (config->feeds[i]));
    setup->heartbeat_ms = config->heartbeat_ms ? config->heartbeat_ms : ZCHAT_HEARTBEAT_MS;
    setup->grace_ms = config->grace_ms ? config->grace_ms : ZCHAT_NAME_GRACE_MS;
    setup->producers_max = config->producers ? config->producers : ZCHAT_PRODUCERS_MAX;
    setup->names_max = config->names ? config->names : ZCHAT_NAMES_MAX;
    setup->rooms_max[0] = config->rooms ? config->rooms : ZCHAT_ROOMS_MAX;
    setup->rooms_max[1] = config->mailboxes ? config->mailboxes : ZCHAT_NAMES_MAX;
    setup->keeps_rooms = config->keeps_rooms;
    memcpy (setup->quotas, config->quotas ? config->quotas : quota_defaults (),
            sizeof setup->quotas);
    setup->admins = memory_zero (config->n_admins * sizeof *setup->admins);
    setup->n_admins = config->n_admins;
    for (size_t i = 0; i < config->n_admins; i++)
        snprintf (setup->admins[i], sizeof *setup->admins, "%s", config->admins[i]);
    setup->reserved = claims_reserved ();
    core->ledger = ledger_new ();
    core->presence = presence_new ();
    core->speakers = speakers_new ();
    core->told = told_new ();
    core->landed = told_new ();
    core->places = meters_new ();
    core->owners = meters_new ();
    core->strangers = strangers_new ();
    core->queue = order_new ();
    core->waiting = waiting_new ();
    return core;
}

/*  Rooms that ended are told of, or did not end.                             */
static void gone_clear (core_t *core)
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

void core_destroy (core_t **self_p)
{
    core_t *core = *self_p;
    if (!core)
        return;
    announce_destroy (core);
    read_t *read, *next;
    HASH_ITER (hh, core->reads, read, next)
    {
        HASH_DEL (core->reads, read);
        item_free (read->item);
        free (read);
    }
    order_destroy (&core->queue);
    waiting_destroy (&core->waiting);
    presence_destroy (&core->presence);
    speakers_destroy (&core->speakers);
    told_destroy (&core->told);
    told_destroy (&core->landed);
    meters_destroy (&core->places);
    meters_destroy (&core->owners);
    strangers_destroy (&core->strangers);
    ledger_destroy (&core->ledger);
    ledger_destroy (&core->fresh);
    gone_clear (core);
    records_free (&core->records);
    records_free (&core->scratch);
    json_decref (core->setup.feeds);
    free (core->setup.admins);
    claims_reserved_free (core->setup.reserved);
    free (core);
    *self_p = NULL;
}

view_t core_view (const core_t *core)
{
    return (view_t){.setup = &core->setup,
                    .ledger = core->ledger,
                    .presence = core->presence,
                    .told = core->told,
                    .speakers = core->speakers,
                    .strangers = core->strangers};
}

/*  --- loading ---------------------------------------------------------------  */

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

store_loader_t core_loader (core_t *core)
{
    if (core->log == LOG_UNKNOWN) {
        ledger_destroy (&core->fresh);
        core->fresh = ledger_new ();
    }
    return (store_loader_t){.position = load_position,
                            .room = load_room,
                            .fact = load_fact,
                            .producer = load_producer,
                            .arg = core};
}

/*  --- the queue -------------------------------------------------------------  */

void core_queue (core_t *core, item_t *item)
{
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    if (peer) {
        peer->pending++;
        peer->pending_bytes += item->size;
        peer->parked += item->kind == ITEM_PARKED;
        peer->unsettled += item->unsettled;
        parties_t parties = peer_parties (core, peer);
        size_t size = item->size;
        item->owner = *parties.owner ? waiting_add (core->waiting, parties.owner, size) : NULL;
        item->place = *parties.place ? waiting_add (core->waiting, parties.place, size) : NULL;
    }
    if (item->hall)
        item->hall->held++;
    order_add (core->queue, item);
}

/*  The item is in no list any more, and on nobody's account. Returns its peer, where that is still
    there.                                                                     */
static peer_t *item_leave (core_t *core, const item_t *item)
{
    waiting_end (core->waiting, item->owner, item->size);
    waiting_end (core->waiting, item->place, item->size);
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    if (!peer)
        return NULL;
    assert (peer->pending > 0 && peer->pending_bytes >= item->size);
    peer->pending--;
    peer->pending_bytes -= item->size;
    peer->parked -= item->kind == ITEM_PARKED;
    peer->unsettled -= item->unsettled;
    return peer;
}

static void item_done (core_t *core, item_t *item)
{
    peer_t *peer = item_leave (core, item);
    if (peer)
        presence_peer_release (core->presence, peer);
    if (item->hall) {
        item->hall->held--;
        presence_hall_release (core->presence, item->hall);
    }
    item_free (item);
}

/*  --- deciding --------------------------------------------------------------  */

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

/*  The room as it is, or as it was when its end was decided; NULL: it never was.  */
static const room_t *room_delivered (const core_t *core, uint64_t id)
{
    gone_t *gone = NULL;
    const room_t *room = ledger_room_by_id (core->ledger, id);
    if (!room)
        HASH_FIND (hh, core->gone, &id, sizeof id, gone);
    return gone ? &gone->room : room;
}

/*  Apply the verdict's records, and remember what may be told meanwhile.      */
static void verdict_apply (core_t *core, const verdict_t *verdict)
{
    core->facts -= verdict->n_minor;
    for (size_t i = verdict->first; i < core->records.count; i++) {
        const store_record_t *record = &core->records.items[i];
        if (record->event.type != ZCHAT_TYPE_NONE)
            told_keep (core->told, core->ledger, record->room);
        if (!record->room && frame_is (record->fact_key, LEDGER_BEGINS))
            told_keep_begins (core->told, core->ledger);
        if (record->drops)
            gone_keep (core, record->room);
        core->facts += record->fact_key.size > 0 || record->drops;
        zchat_status_t status = ledger_apply (
            core->ledger, &(ledger_record_t){.kind = LEDGER_CHANGE, .change = record});
        assert (status == ZCHAT_OK);
        (void)status;
    }
}

/*  Where the caller is, too many names were claimed.                          */
static void claim_bound (core_t *core, const call_t *call, verdict_t *verdict)
{
    uint64_t wait_ms =
        verdict->claims && core->sink.claims ? core->sink.claims (core->sink.arg, call->from) : 0;
    if (wait_ms)
        verdict_refuse (verdict, ZCHAT_SLOW,
                        "too many new names were claimed from your address; wait",
                        json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
}

/*  A stranger's message goes to somebody.                                     */
static void letter_count (core_t *core, const call_t *call, const verdict_t *verdict)
{
    if (!verdict->letter_to)
        return;
    letter_t letter = letter_of (call, verdict->letter_to, verdict->letter_size);
    strangers_take (core->strangers, &letter, &core->setup.quotas[QUOTA_STRANGERS],
                    call->now.mono_ms);
}

/*  While the log fails, what would be stored is refused, and so is what would have been, were it
    not for something else that was not stored. What needs no storing is answered: that it was
    stored before, for example.                                                */
static void storage_bound (const item_t *item, verdict_t *verdict)
{
    bool gap = verdict->status == ZCHAT_GAP && !json_object_get (verdict->json, "forgotten");
    if (verdict_stores (verdict) || gap || (item->count && verdict->status != ZCHAT_OK))
        verdict_refuse (verdict, ZCHAT_STORAGE, NULL, NULL);
}

static void item_decide (core_t *core, item_t *item, bool may_store)
{
    verdict_t verdict;
    view_t view = core_view (core);
    view.told = core->landed;
    call_t *call = &item->call;
    call->peer = presence_peer_still (core->presence, item->peer, item->serial);
    call->session = call->peer ? call->peer->session : NULL;
    verdict_begin (&verdict, &core->records);
    /*  Who is gone gets no session, and whose session is over comes into no room.  */
    if (item->unsettled && call->peer && call->who && !call->session)
        verdict_refuse (&verdict, ZCHAT_HELLO, NULL, NULL);
    else if ((!item->unsettled || call->peer) &&
             ((!call->owner && !call->doubtful && !core->facts) ||
              caller_check (call, &view, &verdict)))
        (void)item->decide (call, &view, &verdict);
    if (may_store)
        claim_bound (core, call, &verdict);
    if (!may_store)
        storage_bound (item, &verdict);
    letter_count (core, call, &verdict);
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

/*  --- delivering ------------------------------------------------------------  */

/*  The room's end is on disk: who is there leaves.                            */
static void drop_deliver (core_t *core, const item_t *item, const store_record_t *record)
{
    const room_t *room = room_delivered (core, record->room);
    hall_t *hall = presence_hall (core->presence, record->room);
    if (!hall)
        return;
    hall->held++;
    announce_forget (core, hall);
    out_leave (core, room, hall, OUT_ALL, frame_of (NULL, 0), item->joins);
    feed_flush (core, hall->fold.key);
    presence_hall_unnumber (core->presence, hall);
    /*  Until somebody comes in, what is told is of those who left.            */
    hall->indoors = room->is_private || room->mailbox;
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
    core->accepted++;
    feed_publish (core, room, hall, &record->event);
    if (item->verdict && record == &core->records.items[item->main])
        out_leave (core, room, hall, item->verdict->out, item->verdict->subject, item->joins);
}

/*  What was decided on the call is stored, or nothing had to be.              */
static void call_deliver (core_t *core, const item_t *item)
{
    verdict_t *verdict = item->verdict, plain = {.status = ZCHAT_OK, .numbered = true};
    peer_t *peer = presence_peer_still (core->presence, item->peer, item->serial);
    zchat_status_t status;
    if (verdict && !moves_make (core, peer, &item->call, verdict, &status))
        verdict_refuse (verdict, status, NULL, NULL);
    if (verdict)
        reply_notes (core, item->peer, verdict);
    verdict = verdict ? verdict : &plain;
    /*  The answer stands behind the event that it is of, before what goes to others alone. */
    size_t at = item->first, end = item->first + item->count;
    size_t answered = verdict->numbered && verdict->status == ZCHAT_OK ? item->main + 1 : end;
    for (; at < answered; at++)
        record_deliver (core, item, &core->records.items[at]);
    /*  What follows on a HELLO that was not stored must not be said without its proof. */
    if (peer && !peer->session && item->call.request.verb == VERB_HELLO &&
        verdict->status == ZCHAT_STORAGE)
        peer->silent = true;
    /*  What was asked behind it built on it: a message for a room that was to be private must not
        find a public one.                                                     */
    if (peer && item->unsettled && verdict->status == ZCHAT_STORAGE)
        peer->forsaken_round = core->round + 1;
    if (peer && !item->silent)
        reply_verdict (core, &item->call, verdict,
                       verdict->numbered ? &core->records.items[item->main] : NULL);
    for (; at < end; at++)
        record_deliver (core, item, &core->records.items[at]);
}

static void announce_deliver (core_t *core, const item_t *item)
{
    const hall_t *hall = item->hall;
    /*  It may have become private behind the announcement, in the same flight. */
    const room_t *room = hall->room ? ledger_room_by_id (core->ledger, hall->room)
                                    : ledger_room_folded (core->ledger, hall->fold.key);
    feed_publish (core, room, item->hall, &item->event);
}

/*  All of the flight has landed, or nothing of it had to be stored.           */
static void flight_deliver (core_t *core)
{
    item_t *item;
    told_clear (core->told);
    core->facts = core->flight_bytes = 0;
    while ((item = flight_next (core->queue))) {
        if (item->kind == ITEM_CALL)
            call_deliver (core, item);
        else
            announce_deliver (core, item);
        item_done (core, item);
    }
    feed_flush (core, NULL);
    records_clear (&core->records);
    gone_clear (core);
}

/*  The flight is not stored: the ledger, loaded again, knows nothing of it. Each call is decided
    once more, and gets that answer where nothing has to be stored for it.     */
static void flight_refuse (core_t *core)
{
    records_clear (&core->records);
    told_clear (core->told);
    gone_clear (core);
    core->facts = core->flight_bytes = 0;
    item_t *item = flight_first (core->queue);
    for (; item; item = item->next)
        if (item->kind == ITEM_CALL)
            item_decide (core, item, false);
    flight_deliver (core);
}

/*  --- the flight ------------------------------------------------------------  */

static bool flight_full (const core_t *core, const item_t *item)
{
    return core->records.count && (core->records.count >= ZCHAT_BATCH_MAX ||
                                   core->flight_bytes + item->size > FLIGHT_BYTES_MAX);
}

void core_advance (core_t *core)
{
    item_t *item;
    while (!core->in_flight && core->log != LOG_UNKNOWN && (item = order_first (core->queue)) &&
           !flight_full (core, item)) {
        order_take (core->queue);
        if (item->kind == ITEM_CALL)
            item_decide (core, item, core->log == LOG_WORKS);
        if (item->count)
            core->flight_bytes += item->size;
        if (!core->records.count)
            flight_deliver (core);
    }
}

bool core_take (core_t *core, const store_record_t **records, size_t *count)
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

/*  Requests that waited for the flight are looked at, in their order.         */
static void parked_look (core_t *core);

/*  Each time later, until a commit goes well.                                 */
static void probe_later (core_t *core)
{
    uint64_t wait_ms = core->probe_wait_ms ? 2 * core->probe_wait_ms : PROBE_FIRST_MS;
    core->probe_wait_ms = wait_ms < PROBE_MOST_MS ? wait_ms : PROBE_MOST_MS;
    core->probe_ms = core->now.mono_ms + core->probe_wait_ms;
}

void core_committed (core_t *core, zchat_status_t status, core_time_t now)
{
    bool probed = core->log == LOG_FAILS;
    core->now = now;
    core->in_flight = false;
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
        core->failed_ms = now.mono_ms;
        return;
    }
    parked_look (core);
    core_advance (core);
}

bool core_loads (const core_t *core)
{
    return core->log == LOG_UNKNOWN;
}

void core_loaded (core_t *core, zchat_status_t status, core_time_t now)
{
    core->now = now;
    if (core->log != LOG_UNKNOWN || status != ZCHAT_OK) {
        ledger_destroy (&core->fresh);
        return;
    }
    bool stored = ledger_position (core->fresh) != core->flight_from;
    ledger_destroy (&core->ledger);
    core->ledger = core->fresh;
    core->fresh = NULL;
    if (stored) {
        core->log = LOG_WORKS;
        core->failed = core->probe_wait_ms = 0;
        flight_deliver (core);
    } else {
        /*  Where only a part of the log is damaged, or the disk is full for what is large, the
            next commit may do. A load that is dear is not risked for that.        */
        bool fails = core->failed++ || now.mono_ms - core->failed_ms > LOAD_DEAR_MS;
        core->log = LOG_FAILS;
        flight_refuse (core);
        /*  What gathered meanwhile was numbered behind it.                    */
        core_advance (core);
        if (fails)
            probe_later (core);
        else
            core->log = LOG_WORKS;
    }
    parked_look (core);
    core_advance (core);
}

/*  --- requests --------------------------------------------------------------  */

/*  What is stored behind an answer, and nobody waits for; NULL: nothing is.   */
static item_t *call_later (core_t *core, const call_t *call, const verdict_t *verdict)
{
    item_t *item = NULL;
    call_t later = *call;
    verdict_t outcome;
    view_t view = core_view (core);
    later.request = (request_t){.args = {verdict->later_of}};
    verdict_begin (&outcome, verdict->records);
    (void)verdict->later (&later, &view, &outcome);
    if (verdict_stores (&outcome)) {
        item = item_call (&later, verdict->later);
        item->silent = true;
    }
    verdict_drop (&outcome);
    return item;
}

/*  The answer is known, and nothing has to be stored for it.                  */
static void call_answer (core_t *core, call_t *call, verdict_t *verdict)
{
    zchat_status_t status;
    /*  A copy: the call views its session, which may end by the moves.        */
    item_t *later = verdict->later ? call_later (core, call, verdict) : NULL;
    reply_notes (core, call->from, verdict);
    if (!moves_make (core, call->peer, call, verdict, &status))
        verdict_refuse (verdict, status, NULL, NULL);
    if (verdict->sync.size) {
        char topic[EVENT_TOPIC_MAX];
        frame_t frames[] = {frame_of (topic, event_topic (topic, "sync/", verdict->sync)),
                            frame_of ("", 0), frame_of ("", 0), frame_str ("{}")};
        core->sink.publish (core->sink.arg, frames, 4);
    }
    if (verdict->rows)
        quota_rows (core, call->peer, verdict->rows);
    if (later)
        core_queue (core, later);
    if (verdict->status == ZCHAT_OK && verdict->read.wanted)
        page_ask (core, call, verdict);
    else
        reply_verdict (core, call, verdict, NULL);
}

/*  Decide at once; what would have to be stored is put in order instead, and whatever else the
    connection asks waits for it.                                              */
static void call_at_once (core_t *core, call_t *call)
{
    const verb_entry_t *entry = verb_entry (call->request.verb);
    verdict_t verdict;
    view_t view = core_view (core);
    verdict_begin (&verdict, &core->scratch);
    (void)entry->decide (call, &view, &verdict);
    bool waits = verdict_stores (&verdict), announces = false;
    for (size_t i = 0; i < verdict.n_moves; i++)
        announces = announces || verdict.moves[i].kind == MOVE_JOIN;
    if ((waits || announces) && !queue_affords (core, call))
        ;
    else if (!waits)
        call_answer (core, call, &verdict);
    else {
        item_t *item = item_call (call, entry->decide);
        item->unsettled = true;
        core_queue (core, item);
    }
    verdict_drop (&verdict);
    records_clear (&core->scratch);
}

static bool call_stores (const call_t *call)
{
    unsigned flags = verb_entry (call->request.verb)->flags;
    return flags & STORES || ((flags & STORES_LAST) && call->request.n_args == 2 &&
                              (call->request.verb != VERB_MODE || call->request.args[1].size));
}

/*  True where it has to wait until what is on its way has landed.             */
static bool call_unsettled (const core_t *core, const call_t *call)
{
    unsigned flags = verb_entry (call->request.verb)->flags;
    return call->peer->unsettled || (core->facts && (flags & SETTLED) && !call_stores (call));
}

static void call_park (core_t *core, const call_t *call)
{
    if (queue_affords (core, call))
        core_queue (core, item_parked (call));
}

/*  The call is within its quota.                                              */
static void call_run (core_t *core, call_t *call)
{
    const verb_entry_t *entry = verb_entry (call->request.verb);
    identity_t identity;
    if (call_unsettled (core, call)) {
        call_park (core, call);
        return;
    }
    identified_t identified = call_identify (core, call, &identity);
    if (identified == IDENTITY_UNSETTLED)
        call_park (core, call);
    if (identified != IDENTITY_KNOWN)
        return;
    if (!call_stores (call)) {
        call_at_once (core, call);
        return;
    }
    if (!queue_affords (core, call))
        return;
    view_t view = core_view (core);
    if (entry->observe)
        entry->observe (call, &view);
    item_t *item = item_call (call, entry->decide);
    item->unsettled = call->request.verb == VERB_KEY;
    core_queue (core, item);
}

/*  What the call built on was not stored. What was stored before is not refused for that.  */
static void call_forsake (core_t *core, const call_t *call)
{
    view_t view = core_view (core);
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    if (message_stored (call, &view))
        verdict_ok (&verdict, json_pack ("{s:b}", "duplicate", 1));
    else
        verdict_refuse (&verdict, ZCHAT_STORAGE, NULL, NULL);
    reply_verdict (core, call, &verdict, NULL);
    verdict_drop (&verdict);
}

static void parked_look (core_t *core)
{
    item_t *next;
    core->round++;
    for (item_t *item = parked_take (core->queue); item; item = next) {
        next = item->next;
        peer_t *peer = item_leave (core, item);
        call_t call = item->call;
        call.peer = peer;
        call.now = core->now;
        /*  What one connection asks stays in order.                           */
        if (peer && peer->forsaken_round == core->round) {
            call_forsake (core, &call);
            presence_peer_release (core->presence, peer);
        } else if (peer && peer->parked_round == core->round)
            core_queue (core, item_parked (&call));
        else if (peer) {
            size_t others = peer->parked;
            call_run (core, &call);
            peer->parked_round = peer->parked > others ? core->round : peer->parked_round;
            presence_peer_release (core->presence, peer);
        }
        item_free (item);
    }
}

/*  Names come in NFC or in another form (what macOS types is NFD): from here on they are in NFC. */
static void names_compose (request_t *request, char names[2][ZCHAT_NAME_MAX])
{
    request->user = name_compose (request->user, names[0]);
    if (verb_entry (request->verb)->flags & NAMED)
        request->args[0] = name_compose (request->args[0], names[1]);
}

/*  What cannot be understood costs like everything that is answered by ERR.   */
static void call_undecoded (core_t *core, const call_t *call, zchat_status_t status,
                            const char *why)
{
    uint64_t wait_ms = quota_failed_wait_ms (core, call->peer);
    if (wait_ms)
        reply_refuse (core, call, ZCHAT_SLOW, NULL,
                      json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
    else
        reply_refuse (core, call, status, why,
                      status == ZCHAT_LIMIT
                          ? json_pack ("{s:i, s:s}", "limit", ZCHAT_TAG_MAX, "what", "tag")
                          : NULL);
}

/*  True where the call may be looked at; else ERR was sent.                   */
static bool call_admit (core_t *core, call_t *call)
{
    if (core->closing) {
        reply_refuse (core, call, ZCHAT_CLOSING, NULL, NULL);
        return false;
    }
    if (!quota_take (core, call))
        return false;
    uint64_t wait_ms =
        verb_entry (call->request.verb)->flags & LONG ? debt_wait_ms (core, call->peer) : 0;
    if (wait_ms)
        reply_refuse (core, call, ZCHAT_SLOW, "too much was asked for and not yet read",
                      json_pack ("{s:I}", "wait_ms", (json_int_t)wait_ms));
    return !wait_ms;
}

/*  A request that may be none: then verb is VERB_COUNT, and *status and *why say why.  */
static void call_decode (call_t *call, const frame_t *frames, size_t count, zchat_status_t *status,
                         const char **why)
{
    *status = request_decode (frames, count, &call->request, why);
    if (*status != ZCHAT_OK) {
        call->request.verb = VERB_COUNT;
        call->request.user = frame_of (NULL, 0);
    }
}

void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now)
{
    const char *why = NULL;
    zchat_status_t status;
    char names[2][ZCHAT_NAME_MAX];
    call_t call = {.from = from, .now = now, .key = "", .holder = ""};
    core->now = now;
    call_decode (&call, frames, count, &status, &why);
    (void)clock_watch (&core->clock, now);
    peer_t *peer = presence_peer_make (core->presence, from);
    if (!peer) {
        reply_refuse (core, &call, ZCHAT_LIMIT, "too many connections; try again later",
                      json_pack ("{s:i, s:s}", "limit", ZCHAT_PEERS_MAX, "what", "connections"));
        return;
    }
    call.peer = peer;
    call.serial = peer->serial;
    if (status != ZCHAT_OK) {
        call_undecoded (core, &call, status, why);
        presence_peer_release (core->presence, peer);
        return;
    }
    names_compose (&call.request, names);
    peer_introduce (core, peer, origin);
    if (!call_admit (core, &call))
        ;
    else if (peer->parked)
        call_park (core, &call);
    else
        call_run (core, &call);
    core_advance (core);
    peer = presence_peer_still (core->presence, from, call.serial);
    if (peer) {
        silence_heard (core, peer);
        presence_peer_release (core->presence, peer);
    }
}

void core_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                  const char *why)
{
    const char *ignored;
    zchat_status_t status;
    call_t call = {.from = peer};
    call_decode (&call, frames, count, &status, &ignored);
    reply_refuse (core, &call, ZCHAT_MALFORMED, why, NULL);
}

/*  --- other inputs ----------------------------------------------------------  */

void core_gone (core_t *core, core_peer_t id, core_time_t now)
{
    core->now = now;
    peer_t *peer = presence_peer (core->presence, id);
    if (!peer)
        return;
    session_t *session = peer->session;
    if (session) {
        note_write (core, CORE_NOTE_LOST, id, frame_of (session->name, session->name_size),
                    frame_of (NULL, 0), NULL);
        session_leave_all (core, session, "lost");
        if (session->greeted)
            presence_session_lose (core->presence, session, now.mono_ms + core->setup.grace_ms);
        else
            presence_session_end (core->presence, session);
    }
    /*  What is held for it goes its way and finds nobody, for its serial is gone. */
    peer->pending = peer->reads = 0;
    debt_forget (core, peer);
    memset (peer->buckets, 0, sizeof peer->buckets);
    peer->silent = false;
    presence_peer_release (core->presence, peer);
    core_advance (core);
}

void core_trimmed (core_t *core, uint64_t id, uint64_t first)
{
    store_trimmed_t trimmed = {.room = id, .first = first};
    ledger_record_t record = {.kind = LEDGER_TRIM, .trim = &trimmed};
    zchat_status_t status = ledger_apply (core->ledger, &record);
    (void)status; /* a room that is gone is not trimmed                        */
}

/*  Producers that are old, and rooms that nobody misses, are forgotten, so many at a time. */
static void forget_due (core_t *core, bool trusted)
{
    view_t view = core_view (core);
    uint64_t wall_ms = core->now.wall_ms;
    if (core->forget_ms > core->now.mono_ms)
        return;
    core->forget_ms = core->now.mono_ms + FORGET_INTERVAL_MS;
    if (!trusted || core->log != LOG_WORKS)
        return;
    call_t call = {.now = core->now};
    decide_t *ages[] = {producers_old (&view, wall_ms) ? producers_age : NULL,
                        !core->setup.keeps_rooms && rooms_old (&view, wall_ms) ? rooms_age : NULL};
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++)
        if (ages[i]) {
            core_queue (core, item_call (&call, ages[i]));
            core->forget_ms = core->now.mono_ms + FORGET_AGAIN_MS;
        }
}

void core_tick (core_t *core, core_time_t now)
{
    session_t *lost;
    core->now = now;
    while ((lost = presence_lost (core->presence)) && lost->until_ms <= now.mono_ms)
        presence_session_end (core->presence, lost);
    silence_due (core);
    announce_due (core, false);
    forget_due (core, clock_watch (&core->clock, now));
    core_advance (core);
}

uint64_t core_deadline_ms (const core_t *core)
{
    uint64_t deadline = core->forget_ms;
    uint64_t silence = silence_deadline_ms (core);
    const session_t *lost = presence_lost (core->presence);
    deadline = silence < deadline ? silence : deadline;
    if (lost && lost->until_ms < deadline)
        deadline = lost->until_ms;
    if (core->merges && core->merges->due_ms < deadline)
        deadline = core->merges->due_ms;
    if (core->log == LOG_FAILS && core->probe_ms < deadline)
        deadline = core->probe_ms;
    return deadline;
}

static void close_session (void *arg, session_t *session)
{
    session_leave_all (arg, session, "closing");
}

void core_close (core_t *core, core_time_t now)
{
    core->closing = true;
    core->now = now;
    presence_each (core->presence, close_session, core);
    announce_due (core, true);
    core_advance (core);
}

bool core_idle (const core_t *core)
{
    return order_count (core->queue) == 0;
}

/*  Rooms where somebody is and nothing was said yet.                          */
static size_t rooms_unstored (const core_t *core)
{
    size_t count = 0;
    for (const hall_t *hall = presence_unstored (core->presence); hall; hall = hall->next)
        count += !hall->mailbox && !ledger_room_folded (core->ledger, hall->fold.key);
    return count;
}

core_stats_t core_stats (const core_t *core)
{
    return (core_stats_t){.peers = presence_n_peers (core->presence),
                          .sessions = presence_n_sessions (core->presence),
                          .rooms = ledger_n_rooms (core->ledger) + rooms_unstored (core),
                          .members = presence_n_members (core->presence),
                          .producers = ledger_n_producers (core->ledger),
                          .reads = HASH_COUNT (core->reads),
                          .held = order_count (core->queue),
                          .held_bytes = order_bytes (core->queue),
                          .debt = core->debt,
                          .accepted = core->accepted,
                          .refused = core->refused};
}
