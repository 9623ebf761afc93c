/*  server.c - the broker's process                                            */
#include "server.h"
#include "memory.h"
#include "thief.h"

enum {
    PEER_FIRST = 1000,       /*                                                  */
    RETAIN_CLOSE_MS = 10000, /* as broker.c                                      */
    TURN_MESSAGES = 2048,    /* as broker.c                                      */
    ORIGIN_MS = 5000000,     /* of the monotonic clock                           */
    GONE_US = 300000,        /* until the end of a connection is found out       */
};

/*  An hour's worth of corrections, and a run, less than what makes a producer old. */
#define OLD_MS ((int64_t)ZCHAT_PRODUCER_AGE_MS - 86400000)

static void server_turn (void *arg, uint64_t life);

core_time_t server_now (const server_t *server)
{
    const sim_t *sim = server->sim;
    return (core_time_t){sim->now_us / 1000 + ORIGIN_MS + sim->slept_ms, sim_wall_ms (sim)};
}

bool server_runs (const server_t *server)
{
    return server->core != NULL;
}

/*  --- effects ---------------------------------------------------------------  */

/*  One more thing gets out, or does not. A process can be killed between any two. */
static bool server_effect (server_t *server)
{
    if (server->doom > 0 && --server->doom == 0)
        server->dying = true;
    return !server->dying;
}

static door_t *server_door (const server_t *server, core_peer_t peer)
{
    return peer >= server->peer && peer - server->peer < server->n_doors
               ? server->doors[peer - server->peer]
               : NULL;
}

static void sink_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    server_t *server = arg;
    if (server_answered (server, peer, frames) || !server_effect (server))
        return;
    door_t *door = server_door (server, peer);
    if (!door) {
        sim_wrong (server->sim, "a reply to a connection that never was");
        return;
    }
    witness_reply (server, door, frames, count);
    door_t *reached = router_reached (server->router, door);
    if (reached && reached != door)
        sim_wrong (server->sim, "what is for one connection reaches another");
    if (!reached || door->down.shut)
        return;
    payload_t *payload = payload_new (frames, count);
    if (door->down.count < ZCHAT_DOOR_HWM)
        pipe_put (&door->down, PACKET_MESSAGE, payload);
    else if (!door->floods)
        sim_wrong (server->sim, "more replies than the door can hold for one client");
    payload_free (payload);
}

static void sink_publish (void *arg, const frame_t *frames, size_t count)
{
    server_t *server = arg;
    if (!server_effect (server))
        return;
    witness_publish (server, frames, count);
    payload_t *payload = payload_new (frames, count);
    for (size_t i = 0; i < server->n_strands; i++)
        strand_publish (server->strands[i], payload->frames[0], payload);
    payload_free (payload);
    server->sim->tally->published++;
}

static void sink_read (void *arg, uint64_t id, const store_query_t *query)
{
    server_t *server = arg;
    if (server_effect (server))
        storage_read (server, id, query);
}

static void sink_search (void *arg, uint64_t id, const index_query_t *query)
{
    server_t *server = arg;
    if (server_effect (server))
        storage_search (server, id, query);
}

static void sink_random (void *arg, void *buffer, size_t size)
{
    server_t *server = arg;
    uint8_t *bytes = buffer;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)dice_roll (&server->sim->dice);
}

/*  --- life and death --------------------------------------------------------  */

server_t *server_new (sim_t *sim)
{
    server_t *server = memory_zero (sizeof *server);
    server->sim = sim;
    return server;
}

static void server_clear (server_t *server)
{
    core_destroy (&server->core);
    router_free (&server->router);
    storage_drop (server);
    server->n_doors = server->n_strands = server->n_holders = 0;
}

void server_free (server_t **server)
{
    if (*server) {
        server_clear (*server);
        free ((*server)->doors);
        free ((*server)->strands);
        free (*server);
        *server = NULL;
    }
}

void server_start (server_t *server)
{
    static const char *feeds[] = {"tcp://*:5681"};
    sim_t *sim = server->sim;
    book_t *book = book_now (sim);
    const char *admins[] = {sim_key (SIM_KEY_ADMIN)};
    core_config_t config = {.log_id = store_log_id (book->store),
                            .keeps_rooms = !sim->plan.forgets,
                            .rooms = sim->plan.most[0],
                            .mailboxes = sim->plan.most[1],
                            .feeds = feeds,
                            .n_feeds = 1,
                            .heartbeat_ms = sim->plan.heartbeat_ms,
                            .grace_ms = sim->plan.grace_ms,
                            .admins = admins,
                            .n_admins = 1,
                            .producers = sim->plan.producers};
    core_sink_t sink = {.reply = sink_reply,
                        .publish = sink_publish,
                        .read = sink_read,
                        .search = sink_search,
                        .random = sink_random,
                        .arg = server};
    server->life++;
    /*  Who is started takes the clock for right: what was stamped when it was far behind, or
        before the machine slept, is old now.                                  */
    if (sim->wall_off_ms - sim->wall_low_ms + (int64_t)sim->slept_ms > OLD_MS)
        sim->aged = true;
    server->wall_off_ms = sim->wall_off_ms;
    server->wall_most_ms = sim_wall_ms (sim);
    server->trusted_us = sim->now_us;
    server->clock = (clock_watch_t){0};
    server->core = core_new (&config, &sink);
    server->dying = server->closing = server->committing = server->trimming = false;
    server->doom = server->turn_us = server->tick_ms = server->frozen_us = 0;
    server->writer_us = server->reader_us = 0;
    server->trim_ms = server_now (server).mono_ms;
    server->router = router_new (sim, sim->plan.keyed > 0);
    server->peer += PEER_FIRST + dice_below (&sim->dice, 1000000);
    store_loader_t loader = core_loader (server->core);
    if (store_load (book->store, &loader) != ZCHAT_OK ||
        store_reader_new (book->store, &server->reader) != ZCHAT_OK)
        sim_wrong (sim, "the broker does not start again from its store");
    sim_trace (sim, "broker starts, life %llu", (unsigned long long)server->life);
    witness_start (server);
    server_wake (server);
}

void server_die (server_t *server, bool silent)
{
    sim_t *sim = server->sim;
    if (!server->core)
        return;
    sim_trace (sim, "broker dies");
    for (size_t i = 0; i < server->n_doors; i++) {
        uint64_t after_us =
            silent ? dice_span (&sim->dice, 5000000, 15000000) : sim_delay (sim, 10000);
        pipe_orphan (&server->doors[i]->down, after_us);
        pipe_close (&server->doors[i]->up);
    }
    for (size_t i = 0; i < server->n_strands; i++) {
        pipe_orphan (&server->strands[i]->down,
                     silent ? dice_span (&sim->dice, 5000000, 15000000) : sim_delay (sim, 10000));
        pipe_close (&server->strands[i]->up);
    }
    server_clear (server);
}

static void server_again (void *arg, uint64_t life)
{
    server_t *server = arg;
    if (!server->core && server->life == life)
        server_start (server);
}

void server_restart (server_t *server, uint64_t after_us)
{
    sim_after (server->sim, after_us, server_again, server, server->life);
}

void server_stop (server_t *server)
{
    if (!server->core || server->closing || server->frozen_us > server->sim->now_us)
        return;
    sim_trace (server->sim, "broker stops");
    server->closing = true;
    server->close_ms = server_now (server).mono_ms + RETAIN_CLOSE_MS;
    core_close (server->core, server_now (server));
    server_wake (server);
}

void server_freeze (server_t *server, uint64_t us)
{
    server->frozen_us = server->sim->now_us + us;
    server->turn_us = 0;
    server_wake (server);
}

/*  Where the process was killed inside a call of the core, it is dead behind it. */
static bool server_dead (server_t *server)
{
    if (!server->core)
        return true;
    if (!server->dying)
        return server->sim->failed;
    server_die (server, false);
    server_restart (server, sim_delay (server->sim, 5000000));
    return true;
}

/*  --- the network -----------------------------------------------------------  */

void server_wake (void *arg)
{
    server_t *server = arg;
    sim_t *sim = server->sim;
    if (!server->core || server->turn_us)
        return;
    uint64_t from_us = server->frozen_us > sim->now_us ? server->frozen_us : sim->now_us;
    server->turn_us = from_us + sim_delay (sim, sim->plan.turn_us);
    queue_put (sim->queue, server->turn_us, server_turn, server, server->life);
}

/*  --- a turn ----------------------------------------------------------------  */

static void gone_turn (server_t *server)
{
    for (size_t i = 0; i < server->n_doors && !server_dead (server); i++) {
        door_t *door = server->doors[i];
        if (router_silent (server->router, door))
            door_cut (door, 0, 0);
        if (!door->soon_gone || door->gone_us > server->sim->now_us)
            continue;
        door->soon_gone = false;
        /*  A broker may see that a connection is gone before it has read all.  */
        if (!door->up.first)
            door->gone = true;
        router_forget (server->router, door);
        witness_gone (server, door);
        core_gone (server->core, door->peer, server_now (server));
    }
}

/*  The socket has seen its end. The broker finds out a little later, by its monitor and by
    asking; meanwhile somebody else may come under its id.                     */
static void door_ended (server_t *server, door_t *door)
{
    sim_t *sim = server->sim;
    router_end (server->router, door);
    door->soon_gone = true;
    if (!sim->thief || sim->quiet)
        return;
    door->gone_us = sim->now_us + sim_delay (sim, GONE_US);
    thief_tempt (sim->thief, door);
}

/*  What the shell sees of a message. False: nothing more comes of it.         */
static bool door_seen (server_t *server, door_t *door)
{
    core_peer_t gone = 0;
    if (door->route.unread || door->route.refused)
        return false;
    bool fit = router_see (server->router, door, server_now (server).mono_ms, &gone);
    door_t *old = gone ? server_door (server, gone) : NULL;
    if (old) {
        old->soon_gone = false;
        old->gone = !old->up.first;
        witness_gone (server, old);
        core_gone (server->core, old->peer, server_now (server));
    }
    if (!fit) {
        server->sim->tally->thefts_refused++;
        door_cut (door, 0, 0);
    }
    return fit && !server_dead (server);
}

static void storage_turn (server_t *server)
{
    job_t *job;
    while (!server_dead (server) && (job = storage_done (server))) {
        core_time_t now = server_now (server);
        if (job->kind == JOB_COMMIT) {
            server->committing = false;
            core_committed (server->core, job->status, now);
            if (job->status == ZCHAT_OK)
                witness_committed (server);
        } else if (job->kind == JOB_LOAD) {
            server->committing = false;
            bool stored = server->unknown_stored && job->status == ZCHAT_OK;
            core_loaded (server->core, job->status, now);
            if (stored)
                witness_committed (server);
            server->unknown_stored = server->unknown_stored && !stored;
        } else if (job->kind == JOB_TRIM) {
            server->trimming = false;
            server->trim_ms = now.mono_ms + server->sim->plan.trim_ms;
            if (job->status == ZCHAT_OK && job->trimmed.room) {
                core_trimmed (server->core, job->trimmed.room, job->trimmed.first);
                if (job->trimmed.more)
                    server->trim_ms = now.mono_ms;
            }
        } else if (job->kind == JOB_SEARCH)
            core_searched (server->core, job->id, job->status, job->found);
        else
            core_read_done (server->core, job->id, job->status, job->page);
        storage_free (job);
    }
}

/*  Take one message of each connection in turn, as a ROUTER does.             */
static void door_turn (server_t *server)
{
    size_t taken = 0;
    bool more = true;
    while (more && taken < TURN_MESSAGES) {
        more = false;
        for (size_t i = 0; i < server->n_doors; i++) {
            if (server_dead (server))
                return;
            door_t *door = server->doors[i];
            packet_t *packet = pipe_take (&door->up);
            if (!packet)
                continue;
            more = true;
            taken++;
            if (packet->kind == PACKET_END)
                door_ended (server, door);
            else if (door_seen (server, door)) {
                witness_request (server, door, packet->payload->frames, packet->payload->count);
                core_request (
                    server->core, door->peer,
                    (core_origin_t){.key = door->key, .place = door->place, .secure = true},
                    packet->payload->frames, packet->payload->count, server_now (server));
            }
            packet_free (packet);
        }
    }
    if (more)
        server_wake (server);
}

static void commit_turn (server_t *server)
{
    const store_record_t *records = NULL;
    size_t count = 0;
    bool loads = !server->committing && core_loads (server->core);
    bool takes = !server->committing && !loads && core_take (server->core, &records, &count);
    if (!server_effect (server))
        return;
    if (loads)
        storage_load (server, core_loader (server->core));
    if (takes)
        storage_commit (server, records, count);
    server->committing = server->committing || loads || takes;
    if (!server->trimming && !server->closing && server->trim_ms <= server_now (server).mono_ms) {
        server->trimming = true;
        core_time_t now = server_now (server);
        storage_trim (server, clock_watch (&server->clock, now) ? now.wall_ms : 0);
    }
}

/*  When the broker finds out that the connection is gone.                     */
static uint64_t gone_ms (const server_t *server, const door_t *door)
{
    uint64_t now_us = server->sim->now_us;
    uint64_t wait_us = door->gone_us > now_us ? door->gone_us - now_us : 0;
    return server_now (server).mono_ms + (wait_us + 999) / 1000;
}

/*  Be there when something is due.                                            */
static void turn_plan (server_t *server)
{
    uint64_t due_ms = core_deadline_ms (server->core), now_ms = server_now (server).mono_ms;
    if (!server->trimming && !server->closing && server->trim_ms < due_ms)
        due_ms = server->trim_ms;
    if (server->closing && server->close_ms < due_ms)
        due_ms = server->close_ms;
    for (size_t i = 0; i < server->n_doors; i++)
        if (server->doors[i]->soon_gone && gone_ms (server, server->doors[i]) < due_ms)
            due_ms = gone_ms (server, server->doors[i]);
    if (due_ms <= now_ms)
        due_ms = now_ms + 1;
    if (server->tick_ms > now_ms && server->tick_ms <= due_ms)
        return;
    server->tick_ms = due_ms;
    queue_put (server->sim->queue, (due_ms - ORIGIN_MS - server->sim->slept_ms) * 1000, server_turn,
               server, server->life);
}

/*  What the broker may go by where something is to be old.                    */
static void clock_note (server_t *server)
{
    const sim_t *sim = server->sim;
    int64_t set_ms = sim->wall_off_ms - server->wall_off_ms;
    if (sim_wall_ms (sim) > server->wall_most_ms)
        server->wall_most_ms = sim_wall_ms (sim);
    if (set_ms <= ZCHAT_CLOCK_JUMP_MS && set_ms >= -ZCHAT_CLOCK_JUMP_MS)
        server->trusted_us = sim->now_us;
}

static void server_turn (void *arg, uint64_t life)
{
    server_t *server = arg;
    sim_t *sim = server->sim;
    if (!server->core || server->life != life || sim->failed)
        return;
    if (server->frozen_us > sim->now_us) {
        if (server->turn_us <= sim->now_us) {
            server->turn_us = 0;
            server_wake (server);
        }
        return;
    }
    if (server->turn_us && server->turn_us <= sim->now_us)
        server->turn_us = 0;
    /*  A clock that is set before the broker first looks at it is the one it was started with. */
    if (!server->clock.begun)
        server->wall_off_ms = sim->wall_off_ms;
    (void)clock_watch (&server->clock, server_now (server));
    clock_note (server);
    for (size_t i = 0; i < server->n_strands; i++)
        strand_read (server->strands[i]);
    gone_turn (server);
    storage_turn (server);
    if (!server_dead (server))
        door_turn (server);
    if (!server_dead (server) && core_deadline_ms (server->core) <= server_now (server).mono_ms)
        core_tick (server->core, server_now (server));
    if (!server_dead (server))
        commit_turn (server);
    if (server_dead (server))
        return;
    witness_bounds (server);
    if (server->closing &&
        ((core_idle (server->core) && !server->committing && !server->trimming) ||
         server->close_ms <= server_now (server).mono_ms)) {
        server_die (server, false);
        server_restart (server, sim_delay (sim, 2000000));
        return;
    }
    turn_plan (server);
}
