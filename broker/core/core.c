/*  core.c - the core's life, and what each of its inputs sets going            */
#include "core.h"
#include "admit/admit.h"
#include "calls.h"
#include "deliver/deliver.h"
#include "flight.h"
#include "operate.h"
#include "verbs/verbs.h"

enum {
    FORGET_INTERVAL_MS = 60000, /* how often old producers are looked for           */
    FORGET_AGAIN_MS = 100,      /* and again where there were many                  */
};

/*  --- life ------------------------------------------------------------------  */

core_t *core_new (const core_config_t *config, const core_sink_t *sink)
{
    core_t *core = memory_zero (sizeof *core);
    setup_t *setup = &core->setup;
    core->sink = *sink;
    core->counters = config->counters ? config->counters : &core->own;
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
    setup->markers_max = config->markers ? config->markers : ZCHAT_MARKERS_ALL_MAX;
    setup->edit_window_ms = config->edit_window_ms ? config->edit_window_ms : ZCHAT_EDIT_WINDOW_MS;
    memcpy (setup->quotas, config->quotas ? config->quotas : quota_defaults (),
            sizeof setup->quotas);
    setup_admins (setup, config->admins, config->n_admins);
    setup->reserved = claims_reserved ();
    core->ledger = ledger_new ();
    core->presence = presence_new ();
    core->speakers = speakers_new ();
    core->readings = readings_new ();
    core->told = told_new ();
    core->told_all = told_new ();
    core->places = meters_new ();
    core->owners = meters_new ();
    core->strangers = strangers_new ();
    core->order = order_new ();
    core->lately = lately_new ();
    core->waiting = waiting_new ();
    return core;
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
        order_list_free (read->held);
        free (read);
    }
    searches_destroy (core);
    order_destroy (&core->order);
    lately_destroy (&core->lately);
    waiting_destroy (&core->waiting);
    presence_destroy (&core->presence);
    speakers_destroy (&core->speakers);
    readings_destroy (&core->readings);
    told_destroy (&core->told);
    told_destroy (&core->told_all);
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

/*  Whatever can be decided is. Where all of it needed no storing, no commit will come after which
    parked calls would be looked at: they are now.                             */
static void go_on (core_t *core)
{
    if (core->closing)
        read_due (core);
    flight_advance (core);
    while (order_parked (core->order) && flight_empty (core)) {
        calls_parked (core);
        flight_advance (core);
    }
}

/*  --- requests --------------------------------------------------------------  */

void core_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                   size_t count, core_time_t now)
{
    core->now = now;
    (void)clock_watch (&core->clock, now);
    if (!calls_request (core, from, origin, frames, count))
        return;
    go_on (core);
    peer_t *peer = presence_peer (core->presence, from);
    if (peer) {
        silence_heard (core, peer);
        presence_peer_release (core->presence, peer);
    }
}

void core_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                  const char *why)
{
    calls_refuse (core, peer, frames, count, why);
}

void core_read_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page)
{
    read_t *read;
    HASH_FIND (hh, core->reads, &id, sizeof id, read);
    if (!read)
        return;
    HASH_DEL (core->reads, read);
    if (read->looks)
        calls_looked (core, read, status == ZCHAT_OK ? page : NULL);
    else {
        page_answer (core, read, status, page);
        item_free (read->item);
    }
    free (read);
    go_on (core);
}

void core_searched (core_t *core, uint64_t id, zchat_status_t status, const index_result_t *result)
{
    search_done (core, id, status, result);
    go_on (core);
}

void core_rooms (const core_t *core, core_room_t *tell, void *arg)
{
    for (const room_t *room = ledger_room_next (core->ledger, NULL); room;
         room = ledger_room_next (core->ledger, room))
        tell (arg, room->id, room->first, room->head, room->mailbox || room->is_private);
}

/*  --- commits ---------------------------------------------------------------  */

store_loader_t core_loader (core_t *core)
{
    return flight_loader (core);
}

bool core_take (core_t *core, const store_record_t **records, size_t *count)
{
    return flight_depart (core, records, count);
}

void core_committed (core_t *core, zchat_status_t status, core_time_t now)
{
    core->now = now;
    if (flight_ended (core, status)) {
        calls_parked (core);
        go_on (core);
    }
}

bool core_loads (const core_t *core)
{
    return core->log == LOG_UNKNOWN && core->load_ms <= core->now.mono_ms;
}

void core_loaded (core_t *core, zchat_status_t status, core_time_t now)
{
    core->now = now;
    if (flight_loaded (core, status)) {
        calls_parked (core);
        go_on (core);
    }
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
    peer->pending = peer->reads = peer->looking = peer->searches = 0;
    debt_forget (core, peer);
    memset (peer->buckets, 0, sizeof peer->buckets);
    peer->hello_due = false;
    presence_peer_release (core->presence, peer);
    go_on (core);
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
            queue_add (core, item_call (&call, ages[i]));
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
    read_due (core);
    go_on (core);
}

uint64_t core_deadline_ms (const core_t *core)
{
    uint64_t deadline = core->forget_ms;
    uint64_t silence = silence_deadline_ms (core), read = read_deadline_ms (core);
    const session_t *lost = presence_lost (core->presence);
    deadline = silence < deadline ? silence : deadline;
    deadline = read < deadline ? read : deadline;
    if (lost && lost->until_ms < deadline)
        deadline = lost->until_ms;
    if (core->merges && core->merges->due_ms < deadline)
        deadline = core->merges->due_ms;
    if (core->log == LOG_UNKNOWN && core->load_ms > core->now.mono_ms && core->load_ms < deadline)
        deadline = core->load_ms;
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
    go_on (core);
}

bool core_idle (const core_t *core)
{
    /*  What was read is lost where the log cannot be written then.            */
    bool unread = core->closing && core->log != LOG_FAILS && readings_count (core->readings);
    return order_count (core->order) == 0 && !unread;
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
    return (core_stats_t){.position = ledger_position (core->ledger),
                          .peers = presence_n_peers (core->presence),
                          .sessions = presence_n_sessions (core->presence),
                          .rooms = ledger_n_rooms (core->ledger) + rooms_unstored (core),
                          .members = presence_n_members (core->presence),
                          .producers = ledger_n_producers (core->ledger),
                          .markers = ledger_n_markers (core->ledger),
                          .reads = HASH_COUNT (core->reads),
                          .held = order_count (core->order),
                          .held_bytes = order_bytes (core->order),
                          .debt = core->debt};
}

const counters_t *core_counters (const core_t *core)
{
    return core->counters;
}
