/*  broker.c - the shell: sockets, timers, signals, threads around the core    */
#include "broker_private.h"
#include "config/broker_key.h"
#include "journal.h"
#include "memory.h"
#include "process.h"
#include "status.h"
#include "transport/origin.h"
#include <czmq.h>
#include <poll.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>

enum {
    TURN_MESSAGES = 2048,     /* read from the door before anything else gets its turn */
    TURN_MS = 20,             /* ms for the same: some requests cost a thousand times as much   */
    GONE_MS = 1000,           /* who is gone is looked for so often at least             */
    TURN_RESULTS = 64,        /* results of the storage that are taken in a turn      */
    TRIM_INTERVAL_MS = 10000, /* how often retention looks                             */
    TIDY_INTERVAL_MS = 60000, /* how often free memory goes back to the system         */
    CLOSE_MS = 10000,         /* for the last commits when stopping                    */
    FAILURE_MS = 1000,        /* a failing store is said so often at most              */
    READY_MS = 100,           /* for a ready line that nobody has read so far when stopping */
    UNACCEPTED_MS = 10000,    /* connections not accepted are said so often at most    */
};

/*  Descriptors that are polled, beside those of the sockets.                  */
enum { SIGNALS, STORAGE, INDEXER, ADMIN, WATCHED };

/*  --- storage ---------------------------------------------------------------  */

/*  Where only a part of the log is damaged, commits fail and succeed in turn.  */
static void storage_said (broker_t *broker, const storage_result_t *result)
{
    bool failed = result->status != ZCHAT_OK;
    if (failed && !broker->failing && broker->failure_ms <= broker->now.mono_ms) {
        log_write (
            LEVEL_ERROR, "storage-fails",
            (log_field_t[]){{"text", frame_str (result->error ? result->error : "")}, {NULL}});
        broker->failure_said = true;
        broker->failure_ms = broker->now.mono_ms + FAILURE_MS;
    }
    if (!failed && broker->failing && broker->failure_said) {
        log_write (LEVEL_INFO, "storage-works-again", NULL);
        broker->failure_said = false;
    }
    measure_failures (broker, failed ? broker->failures + 1 : 0);
    broker->failing = failed;
}

/*  It is looked at each time that retention looks.                            */
static void disk_seen (broker_t *broker, const storage_disk_t *disk)
{
    /*  A little more has to be free until it is said to be over, or it would be said all the time.
     */
    uint64_t bound = broker->disk_low + (broker->low ? broker->disk_low / 8 : 0);
    bool low = disk->bytes && disk->free_bytes < bound;
    broker->disk = *disk;
    if (low != broker->low)
        journal_disk (low, disk->free_bytes);
    broker->low = low;
    if (!broker->n_samples ||
        broker->samples[(broker->n_samples - 1) % STATUS_SAMPLES].mono_ms + TRIM_INTERVAL_MS <=
            broker->now.mono_ms)
        status_sample (broker);
}

static void storage_result (broker_t *broker, storage_result_t *result)
{
    switch (result->kind) {
    case STORAGE_COMMITTED:
        broker->committing = false;
        measure_commit_ends (broker);
        if (result->status == ZCHAT_OK)
            broker->committed_ms = broker->now.mono_ms;
        storage_said (broker, result);
        core_committed (broker->core, result->status, broker->now);
        break;
    case STORAGE_LOADED:
        broker->committing = false;
        /*  One that went well says nothing of writing.                        */
        if (result->status != ZCHAT_OK)
            storage_said (broker, result);
        core_loaded (broker->core, result->status, broker->now);
        break;
    case STORAGE_TRIMMED:
        broker->trimming = false;
        broker->trim_ms = broker->now.mono_ms + TRIM_INTERVAL_MS;
        disk_seen (broker, &result->disk);
        if (result->status != ZCHAT_OK)
            storage_said (broker, result);
        else {
            if (result->trimmed.room)
                core_trimmed (broker->core, result->trimmed.room, result->trimmed.first);
            if (result->trimmed.more)
                broker->trim_ms = broker->now.mono_ms;
        }
        break;
    case STORAGE_READ:
        if (result->status != ZCHAT_OK && log_admit (broker->now.mono_ms))
            log_write (
                LEVEL_ERROR, "history-not-read",
                (log_field_t[]){{"text", frame_str (result->error ? result->error : "")}, {NULL}});
        core_read_done (broker->core, result->id, result->status, result->page);
        store_page_destroy (&result->page);
        break;
    }
    free (result->error);
}

static void storage_turn (broker_t *broker)
{
    storage_result_t result;
    for (int i = 0; i < TURN_RESULTS && storage_next (broker->storage, &result); i++)
        storage_result (broker, &result);
}

static void search_turn (broker_t *broker)
{
    indexer_found_t found;
    for (int i = 0; i < TURN_RESULTS && indexer_next (broker->indexer, &found); i++) {
        core_searched (broker->core, found.id, found.status, found.result);
        index_result_destroy (&found.result);
    }
}

static void tidy_turn (broker_t *broker)
{
    if (broker->now.mono_ms < broker->tidy_ms)
        return;
    broker->tidy_ms = broker->now.mono_ms + TIDY_INTERVAL_MS;
    process_tidy ();
}

/*  Every turn, so that nothing is stamped with a time that nobody looked at.  */
static void clock_turn (broker_t *broker)
{
    bool doubted = !clock_watch (&broker->clock, broker->now);
    if (doubted && !broker->clock_doubted)
        log_write (LEVEL_WARNING, "clock-jumped",
                   (log_field_t[]){{"text", frame_str ("the clock was set by more than an hour; "
                                                       "nothing is removed for its age until it "
                                                       "is right and the broker restarted")},
                                   {NULL}});
    broker->clock_doubted = doubted;
}

/*  A broker whose key file is lost is told so while a copy can still be made good. */
static void key_turn (broker_t *broker)
{
    char *why = NULL;
    bool lost = broker->options->curve &&
                !broker_key_kept (broker->options->data, broker->public_key, &why);
    if (lost && !broker->key_lost)
        log_write (LEVEL_ERROR, "broker-key-lost",
                   (log_field_t[]){{"text", frame_str (why)}, {NULL}});
    broker->key_lost = lost;
    free (why);
}

/*  What is retained, with the rooms as the log numbers them now: one may have been made since. */
static store_retain_t retain_now (const broker_t *broker)
{
    store_retain_t retain = broker->retain;
    for (size_t i = 0; i < broker->n_retained; i++) {
        uint64_t room = core_room_number (broker->core, &broker->retained[i].room);
        if (room) {
            retain.rooms[retain.n_rooms].room = room;
            retain.rooms[retain.n_rooms++].age_ms = broker->retained[i].age_ms;
        }
    }
    return retain;
}

/*  Hand over what gathered while the last commit was on its way.              */
static void commit_turn (broker_t *broker)
{
    const store_record_t *records;
    size_t count;
    if (!broker->committing && core_loads (broker->core)) {
        storage_load (broker->storage, core_loader (broker->core));
        broker->committing = true;
    } else if (!broker->committing && core_take (broker->core, &records, &count)) {
        measure_commit_begins (broker);
        storage_commit (broker->storage, records, count);
        broker->committing = true;
    }
    if (!broker->trimming && !broker->close_ms && broker->trim_ms <= broker->now.mono_ms) {
        /*  At time 0 nothing is old; the size of the log counts as always.    */
        store_retain_t retain = retain_now (broker);
        storage_trim (broker->storage, &retain, broker->clock_doubted ? 0 : broker->now.wall_ms);
        broker->trimming = true;
        key_turn (broker);
    }
}

/*  --- the loop --------------------------------------------------------------  */

static void gone_told (broker_t *broker)
{
    core_peer_t peer;
    while (sockets_gone (broker->sockets, &peer))
        core_gone (broker->core, peer, broker->now);
}

/*  True where all there was has been read.                                   */
static bool door_turn (broker_t *broker)
{
    sockets_message_t message;
    uint64_t end_ms = broker->now.mono_ms + TURN_MS;
    for (int i = 0; i < TURN_MESSAGES && process_time ().mono_ms <= end_ms; i++) {
        if (!sockets_recv (broker->sockets, &message))
            return true;
        broker->address = message.address;
        broker->key = message.key;
        char place[ORIGIN_PLACE_MAX + 1];
        origin_place (frame_str (message.address), place);
        core_origin_t origin = {.key = message.key,
                                .place = place,
                                .secure = broker->options->curve ||
                                          origin_local (frame_str (message.address))};
        /*  The connection that had its routing id before is gone already.      */
        gone_told (broker);
        if (message.refused == SOCKETS_PROBE)
            admission_probed (broker->admission, frame_str (message.address), message.key,
                              broker->now);
        else if (message.refused)
            core_refuse (broker->core, message.peer, message.frames, message.count, message.refuse);
        else
            core_request (broker->core, message.peer, origin, message.frames, message.count,
                          broker->now);
        broker->address = broker->key = NULL;
    }
    return false;
}

static void left_turn (broker_t *broker)
{
    frame_t origin;
    bool local;
    uint64_t bytes;
    while (sockets_left (broker->sockets, &origin, &local, &bytes))
        admission_left (broker->admission, origin, local, bytes, broker->now);
}

static void gone_turn (broker_t *broker)
{
    broker->gone_ms = broker->now.mono_ms + GONE_MS;
    sockets_watch (broker->sockets, broker->now.mono_ms);
    gone_told (broker);
    const counters_t *counters = &broker->counters;
    counters_t *said = &broker->said;
    if (counters->replies_dropped != said->replies_dropped && log_admit (broker->now.mono_ms)) {
        journal_dropped (counters->replies_dropped - said->replies_dropped);
        said->replies_dropped = counters->replies_dropped;
    }
    /*  libzmq tries without a pause for as long as one waits: thousands a second. */
    if (counters->unaccepted != said->unaccepted && broker->accept_ms <= broker->now.mono_ms) {
        journal_unaccepted (counters->unaccepted - said->unaccepted);
        said->unaccepted = counters->unaccepted;
        broker->accept_ms = broker->now.mono_ms + UNACCEPTED_MS;
    }
}

static void signal_turn (broker_t *broker)
{
    struct signalfd_siginfo info;
    if (read (broker->signals, &info, sizeof info) != sizeof info || broker->close_ms)
        return;
    if (info.ssi_signo == SIGHUP && !broker->terminal) {
        json_decref (broker_reload (broker));
        return;
    }
    notify_stopping (broker->notify);
    log_write (LEVEL_INFO, "stopping",
               (log_field_t[]){{"signal", frame_str (strsignal ((int)info.ssi_signo))}, {NULL}});
    broker->close_ms = broker->now.mono_ms + CLOSE_MS;
    broker->measure_ms = 0;
    core_close (broker->core, broker->now);
}

static long wait_ms (const broker_t *broker)
{
    uint64_t deadline = core_deadline_ms (broker->core);
    uint64_t look = sockets_deadline_ms (broker->sockets);
    deadline = look < deadline ? look : deadline;
    look = admission_deadline_ms (broker->admission);
    deadline = look < deadline ? look : deadline;
    look = notify_deadline_ms (broker->notify);
    deadline = look < deadline ? look : deadline;
    look = measure_deadline_ms (broker);
    deadline = look < deadline ? look : deadline;
    if (!broker->trimming && !broker->close_ms && broker->trim_ms < deadline)
        deadline = broker->trim_ms;
    if (broker->close_ms && broker->close_ms < deadline)
        deadline = broker->close_ms;
    if (broker->admin_more)
        deadline = 0;
    uint64_t now = process_time ().mono_ms;
    return deadline <= now ? 0 : deadline - now > 60000 ? 60000 : (long)(deadline - now);
}

static bool stopped (const broker_t *broker)
{
    return broker->close_ms &&
           ((core_idle (broker->core) && !broker->committing && !broker->trimming) ||
            broker->close_ms <= broker->now.mono_ms);
}

/*  Wait until something came, or for as long as there is time. came: of these descriptors. */
static void turn_wait (broker_t *broker, bool came[WATCHED])
{
    readable_t *sockets[SOCKETS_READABLE + 1] = {admission_readable (broker->admission)};
    enum { SOCKETS = sizeof sockets / sizeof *sockets };
    struct pollfd items[WATCHED + SOCKETS] = {
        [SIGNALS] = {.fd = broker->signals},
        [STORAGE] = {.fd = storage_descriptor (broker->storage)},
        [INDEXER] = {.fd = broker->indexer ? indexer_descriptor (broker->indexer) : -1},
        [ADMIN] = {.fd = admin_door_descriptor (broker->admin)}};
    long ms = wait_ms (broker);
    for (int i = 0; i < SOCKETS; i++) {
        if (i > 0)
            sockets[i] = &sockets_readable (broker->sockets)[i - 1];
        items[WATCHED + i].fd = sockets[i]->fd;
        if (readable_now (sockets[i]))
            ms = 0;
    }
    for (int i = 0; i < WATCHED + SOCKETS; i++)
        items[i].events = POLLIN;
    int n = poll (items, WATCHED + SOCKETS, (int)ms);
    for (int i = 0; i < WATCHED; i++)
        came[i] = n > 0 && items[i].revents;
    /*  Where nothing came for long all are asked, whatever their descriptors say. */
    for (int i = 0; i < SOCKETS; i++)
        sockets[i]->unsure =
            sockets[i]->unsure || (n > 0 && items[WATCHED + i].revents) || (n == 0 && ms > 0);
}

static void loop (broker_t *broker)
{
    const int *accepted;
    while (!stopped (broker)) {
        bool came[WATCHED] = {false};
        turn_wait (broker, came);
        broker->now = process_time ();
        notify_alive (broker->notify, broker->now.mono_ms);
        clock_turn (broker);
        if (came[SIGNALS])
            signal_turn (broker);
        if (came[STORAGE])
            storage_turn (broker);
        if (came[INDEXER])
            search_turn (broker);
        sockets_subscribers (broker->sockets, broker->now.mono_ms);
        admission_turn (broker->admission, broker->now);
        size_t count = sockets_accepted (broker->sockets, &accepted, broker->now.mono_ms);
        admission_accepted (broker->admission, accepted, count, broker->now);
        admission_unshaken (broker->admission, broker->counters.unshaken, broker->now);
        /*  What a peer said before it went is heard before it is gone.        */
        bool heard = door_turn (broker);
        if (heard)
            left_turn (broker);
        if (heard || broker->gone_ms <= broker->now.mono_ms)
            gone_turn (broker);
        admin_turn (broker, came[ADMIN]);
        if (core_deadline_ms (broker->core) <= broker->now.mono_ms)
            core_tick (broker->core, broker->now);
        commit_turn (broker);
        measure_turn (broker);
        tidy_turn (broker);
    }
}

int broker_run (const options_t *options)
{
    broker_t broker = {.options = options,
                       .signals = process_signals (),
                       .terminal = process_terminal (),
                       .notify = notify_new (),
                       .retain = options->retain,
                       .n_retained = options->n_retained,
                       .disk_low = options->disk_low};
    memcpy (broker.retained, options->retained, sizeof broker.retained);
    if (!process_descriptors ())
        return broker_fail (EX_OSERR, "text",
                            "it takes 64 file descriptors; raise the limit (ulimit -n)");
    zsys_handler_set (NULL);
    if (broker.signals < 0 || sodium_init () < 0 || !zsys_init ())
        return broker_fail (EX_OSERR, "text",
                            "the system gives no signals, random numbers or sockets");
    process_seed (randombytes_random ());
    int status = broker_start (&broker);
    if (status < 0) {
        broker.now = process_time ();
        broker.started_ms = broker.now.mono_ms;
        admin_start (&broker);
        broker_ready (&broker);
        notify_ready (broker.notify);
        loop (&broker);
        status = core_idle (broker.core) ? EX_OK : EX_IOERR;
        journal_stopped (&broker.counters);
    }
    metrics_destroy (&broker.metrics);
    admin_door_destroy (&broker.admin);
    beacon_destroy (&broker.beacon);
    log_writer_destroy (&broker.ready, READY_MS);
    storage_destroy (&broker.storage);
    indexer_destroy (&broker.indexer);
    core_destroy (&broker.core);
    sockets_destroy (&broker.sockets);
    admission_destroy (&broker.admission);
    tokens_destroy (&broker.tokens);
    free (broker.tokens_path);
    store_destroy (&broker.store);
    for (size_t i = 0; i < OPTIONS_ENDPOINTS_MAX; i++) {
        free (broker.endpoints[0][i]);
        free (broker.endpoints[1][i]);
    }
    notify_destroy (&broker.notify);
    close (broker.signals);
    zsys_shutdown ();
    return status;
}
