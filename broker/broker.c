/*  broker.c - the shell: sockets, timers, signals, threads around the core    */
#include "broker.h"
#include "core.h"
#include "curve.h"
#include "identity.h"
#include "memory.h"
#include "notes.h"
#include "origin.h"
#include "process.h"
#include "sockets.h"
#include "storage.h"
#include <czmq.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>

enum {
    TURN_MESSAGES = 2048,     /* read from the door before anything else gets its turn */
    TURN_MS = 20,             /* likewise: some requests cost a thousand times as much   */
    GONE_MS = 1000,           /* who is gone is looked for so often at least             */
    TURN_RESULTS = 64,        /* likewise from the storage                             */
    TRIM_INTERVAL_MS = 10000, /* how often retention looks                             */
    TIDY_INTERVAL_MS = 60000, /* how often free memory goes back to the system         */
    CLOSE_MS = 10000,         /* for the last commits when stopping                    */
    FAILURE_MS = 1000,        /* a failing store is said so often at most              */
    UNACCEPTED_MS = 10000,    /* likewise connections not accepted                     */
};

typedef struct {
    const options_t *options;
    char *endpoints[2][OPTIONS_ENDPOINTS_MAX]; /* bound: doors, feeds                  */
    store_t *store;
    storage_t *storage;
    sockets_t *sockets;
    core_t *core;
    tokens_t *tokens;                     /*                                            */
    char *tokens_path;                    /* their file                                 */
    admission_t *admission;               /* NULL: nothing is encrypted                 */
    uint8_t public_key[ADDRESS_KEY_SIZE]; /* of the broker, where there is one        */
    char reached[ADDRESS_TEXT_MAX + 1];   /* the address for clients; "" likewise       */
    int signals;         /* signalfd                                              */
    const char *address; /* of the peer whose request is being handled            */
    const char *key;     /* and its key                                           */
    core_time_t now;     /* of this turn                                          */
    clock_watch_t clock; /* and whether its wall clock                            */
    bool clock_doubted;  /* is believed                                           */
    uint64_t trim_ms;    /* when retention looks next                             */
    uint64_t tidy_ms;    /* when free memory goes back next                       */
    uint64_t gone_ms;    /* when to look for who is gone even if the door is never empty */
    uint64_t close_ms;   /* stopping: when to give up; 0: not stopping            */
    bool trimming;       /* a step is under way                                   */
    bool committing;     /* a batch is under way                                  */
    bool failing;        /* the last commit failed                                */
    bool failure_said;   /* and the log file says so                              */
    uint64_t failure_ms; /* when it may say so again                              */
    uint64_t unaccepted; /* connections not accepted and not yet said             */
    uint64_t accept_ms;  /* when they may be said                                 */
} broker_t;

static core_time_t time_now (void)
{
    struct timespec mono, wall;
    /*  Not CLOCK_MONOTONIC: a machine that slept has not had its clock set.       */
    clock_gettime (CLOCK_BOOTTIME, &mono);
    clock_gettime (CLOCK_REALTIME, &wall);
    return (core_time_t){(uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000,
                         (uint64_t)wall.tv_sec * 1000 + (uint64_t)wall.tv_nsec / 1000000};
}

/*  --- the core's sink -------------------------------------------------------  */

static void sink_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    sockets_reply (((broker_t *)arg)->sockets, peer, frames, count);
}

static void sink_publish (void *arg, const frame_t *frames, size_t count)
{
    sockets_publish (((broker_t *)arg)->sockets, frames, count);
}

static void sink_read (void *arg, uint64_t id, const store_query_t *query)
{
    storage_read (((broker_t *)arg)->storage, id, query);
}

static void sink_random (void *arg, void *buffer, size_t size)
{
    (void)arg;
    randombytes_buf (buffer, size);
}

static core_token_t sink_token (void *arg, const name_keys_t *name, frame_t token, uint64_t wall_ms)
{
    broker_t *broker = arg;
    tokens_news_t news;
    if (tokens_reload (broker->tokens, wall_ms, &news))
        notes_tokens (&news, broker->tokens_path);
    return tokens_show (broker->tokens, name, token, wall_ms);
}

static uint64_t sink_unread (void *arg, core_peer_t peer)
{
    return sockets_unread (((broker_t *)arg)->sockets, peer);
}

/*  Without encryption there are no keys to claim with.                        */
static uint64_t sink_claims (void *arg, core_peer_t peer)
{
    const broker_t *broker = arg;
    (void)peer;
    return broker->admission
               ? admission_claims (broker->admission, frame_str (broker->address), broker->now)
               : 0;
}

static void sink_note (void *arg, const core_note_t *note)
{
    const broker_t *broker = arg;
    notes_core (note, broker->key, broker->address, broker->now.mono_ms);
}

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
    broker->failing = failed;
}

static void storage_result (broker_t *broker, storage_result_t *result)
{
    switch (result->kind) {
    case STORAGE_COMMITTED:
        broker->committing = false;
        storage_said (broker, result);
        core_committed (broker->core, result->status, broker->now);
        break;
    case STORAGE_TRIMMED:
        broker->trimming = false;
        broker->trim_ms = broker->now.mono_ms + TRIM_INTERVAL_MS;
        if (result->status != ZCHAT_OK)
            storage_said (broker, result);
        else if (result->trimmed.room) {
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

/*  Hand over what gathered while the last commit was on its way.              */
static void commit_turn (broker_t *broker)
{
    const store_record_t *records;
    size_t count = broker->committing ? 0 : core_take (broker->core, &records);
    if (count) {
        storage_commit (broker->storage, records, count);
        broker->committing = true;
    }
    /*  Producers age even where messages do not.                              */
    if (!broker->trimming && !broker->close_ms && broker->trim_ms <= broker->now.mono_ms) {
        /*  At time 0 nothing is old; the size of the log counts as always.    */
        storage_trim (broker->storage, broker->clock_doubted ? 0 : broker->now.wall_ms);
        broker->trimming = true;
    }
}

/*  --- the loop --------------------------------------------------------------  */

/*  True where all there was has been read.                                   */
static bool door_turn (broker_t *broker)
{
    sockets_message_t message;
    uint64_t end_ms = broker->now.mono_ms + TURN_MS;
    for (int i = 0; i < TURN_MESSAGES && time_now ().mono_ms <= end_ms; i++) {
        if (!sockets_recv (broker->sockets, &message))
            return true;
        broker->address = message.address;
        broker->key = message.key;
        core_origin_t origin = {.key = message.key,
                                .secure = broker->admission ||
                                          origin_local (frame_str (message.address))};
        if (message.refuse)
            core_refuse (broker->core, message.peer, message.frames, message.count, message.refuse);
        else
            core_request (broker->core, message.peer, origin, message.frames, message.count,
                          broker->now);
        broker->address = broker->key = NULL;
    }
    return false;
}

static void gone_turn (broker_t *broker)
{
    core_peer_t peer;
    broker->gone_ms = broker->now.mono_ms + GONE_MS;
    sockets_watch (broker->sockets, broker->now.mono_ms);
    while (sockets_gone (broker->sockets, &peer))
        core_gone (broker->core, peer, broker->now);
    uint64_t dropped = sockets_dropped (broker->sockets);
    broker->unaccepted += sockets_unaccepted (broker->sockets);
    if (dropped && log_admit (broker->now.mono_ms))
        notes_dropped (dropped);
    /*  libzmq tries without a pause for as long as one waits: thousands a second. */
    if (broker->unaccepted && broker->accept_ms <= broker->now.mono_ms) {
        notes_unaccepted (broker->unaccepted);
        broker->unaccepted = 0;
        broker->accept_ms = broker->now.mono_ms + UNACCEPTED_MS;
    }
}

static void signal_turn (broker_t *broker)
{
    struct signalfd_siginfo info;
    if (read (broker->signals, &info, sizeof info) != sizeof info || broker->close_ms)
        return;
    log_write (LEVEL_INFO, "stopping",
               (log_field_t[]){{"signal", frame_str (strsignal ((int)info.ssi_signo))}, {NULL}});
    broker->close_ms = broker->now.mono_ms + CLOSE_MS;
    core_close (broker->core, broker->now);
}

static long wait_ms (const broker_t *broker)
{
    uint64_t deadline = core_deadline_ms (broker->core);
    uint64_t look = sockets_deadline_ms (broker->sockets);
    deadline = look < deadline ? look : deadline;
    if (!broker->trimming && !broker->close_ms && broker->trim_ms < deadline)
        deadline = broker->trim_ms;
    if (broker->close_ms && broker->close_ms < deadline)
        deadline = broker->close_ms;
    uint64_t now = time_now ().mono_ms;
    return deadline <= now ? 0 : deadline - now > 60000 ? 60000 : (long)(deadline - now);
}

static bool stopped (const broker_t *broker)
{
    return broker->close_ms &&
           ((core_idle (broker->core) && !broker->committing && !broker->trimming) ||
            broker->close_ms <= broker->now.mono_ms);
}

static void loop (broker_t *broker)
{
    zmq_pollitem_t items[] = {
        {.socket = sockets_door (broker->sockets), .events = ZMQ_POLLIN},
        {.socket = sockets_feed (broker->sockets), .events = ZMQ_POLLIN},
        {.socket = sockets_monitor (broker->sockets), .events = ZMQ_POLLIN},
        {.socket = sockets_feed_monitor (broker->sockets), .events = ZMQ_POLLIN},
        {.socket = storage_writer_socket (broker->storage), .events = ZMQ_POLLIN},
        {.socket = storage_reader_socket (broker->storage), .events = ZMQ_POLLIN},
        {.fd = broker->signals, .events = ZMQ_POLLIN},
        {.socket = broker->admission ? admission_socket (broker->admission) : NULL,
         .events = ZMQ_POLLIN},
    };
    int n_items = sizeof items / sizeof *items - (broker->admission ? 0 : 1);
    while (!stopped (broker)) {
        zmq_poll (items, n_items, wait_ms (broker));
        broker->now = time_now ();
        clock_turn (broker);
        if (items[6].revents)
            signal_turn (broker);
        storage_turn (broker);
        if (broker->admission) {
            const int *accepted;
            admission_turn (broker->admission, broker->now);
            size_t count = sockets_accepted (broker->sockets, &accepted);
            admission_accepted (broker->admission, accepted, count, broker->now);
            admission_unshaken (broker->admission, sockets_unshaken (broker->sockets), broker->now);
        }
        /*  What a peer said before it went is heard before it is gone.        */
        bool heard = door_turn (broker);
        if (heard || broker->gone_ms <= broker->now.mono_ms)
            gone_turn (broker);
        if (core_deadline_ms (broker->core) <= broker->now.mono_ms)
            core_tick (broker->core, broker->now);
        commit_turn (broker);
        tidy_turn (broker);
    }
}

/*  --- start -----------------------------------------------------------------  */

static int fail (int status, const char *what, const char *why)
{
    log_write (LEVEL_ERROR, "cannot-start", (log_field_t[]){{what, frame_str (why)}, {NULL}});
    return status;
}

static int start_store (broker_t *broker)
{
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    char *why = NULL;
    randombytes_buf (log_id, sizeof log_id);
    int status;
    switch (store_open (broker->options->data, log_id, &broker->store, &why)) {
    case ZCHAT_OK:
        return -1;
    case ZCHAT_IN_USE:
        status = EX_TEMPFAIL;
        break;
    case ZCHAT_CORRUPT:
    case ZCHAT_NEWER:
        status = EX_DATAERR;
        break;
    default:
        status = EX_CANTCREAT;
    }
    fail (status, "text", why ? why : "the log cannot be opened");
    free (why);
    return status;
}

static int start_sockets (broker_t *broker)
{
    const options_t *options = broker->options;
    if (options->curve) {
        char *why = NULL;
        int status = curve_start (options, time_now (), &broker->sockets, &broker->admission,
                                  broker->public_key, &why);
        if (status >= 0) {
            fail (status, "text", why);
            free (why);
            return status;
        }
    } else
        broker->sockets = sockets_new (NULL);
    if (!broker->sockets)
        return fail (EX_OSERR, "text", "no sockets to be had; raise the limit (ulimit -n)");
    for (size_t i = 0; i < options->n_doors + options->n_feeds; i++) {
        bool door = i < options->n_doors;
        size_t at = door ? i : i - options->n_doors;
        const char *endpoint = door ? options->doors[at] : options->feeds[at];
        const char *why =
            door ? sockets_bind_door (broker->sockets, endpoint, &broker->endpoints[0][at])
                 : sockets_bind_feed (broker->sockets, endpoint, &broker->endpoints[1][at]);
        if (why) {
            log_write (LEVEL_ERROR, "cannot-start",
                       (log_field_t[]){{door ? "door" : "feed", frame_str (endpoint)},
                                       {"text", frame_str (why)},
                                       {NULL}});
            return EX_UNAVAILABLE;
        }
    }
    if (options->curve && identity_address (broker->endpoints[0], options->n_doors, options->host,
                                            broker->public_key, broker->reached) != ZCHAT_OK)
        return fail (EX_UNAVAILABLE, "text", "no door that an address could name; say --host HOST");
    return -1;
}

static int load_failed (const broker_t *broker, zchat_status_t status)
{
    char text[2048];
    const char *why = store_error (broker->store), *data = broker->options->data;
    bool damaged = status != ZCHAT_SYSTEM;
    if (!*why)
        why = zchat_status_text (status);
    if (damaged)
        snprintf (text, sizeof text,
                  "%s; restore %s from a backup; zchatd check --data %s says what is wrong", why,
                  data, data);
    else
        snprintf (text, sizeof text, "%s; look at the disk of %s", why, data);
    return fail (damaged ? EX_DATAERR : EX_CANTCREAT, "text", text);
}

/*  Which names are kept for tokens must be known before the first of them is asked for. */
static int start_tokens (broker_t *broker)
{
    char text[1024];
    tokens_news_t news;
    broker->tokens_path = identity_path (broker->options->data, "tokens");
    broker->tokens = tokens_new (broker->tokens_path);
    if (!tokens_reload (broker->tokens, time_now ().wall_ms, &news))
        return -1;
    notes_tokens (&news, broker->tokens_path);
    if (!news.error)
        return -1;
    snprintf (text, sizeof text, "the tokens in %.800s cannot be read: %s", broker->tokens_path,
              news.why ? news.why : strerror (news.error));
    return fail (EX_CANTCREAT, "text", text);
}

static int start_core (broker_t *broker)
{
    core_config_t config = {.log_id = store_log_id (broker->store),
                            .feeds = (const char **)broker->endpoints[1],
                            .n_feeds = broker->options->n_feeds,
                            .admins = (const char **)broker->options->admins,
                            .n_admins = broker->options->n_admins,
                            .quotas = broker->options->quotas};
    core_sink_t sink = {.reply = sink_reply,
                        .publish = sink_publish,
                        .read = sink_read,
                        .random = sink_random,
                        .token = sink_token,
                        .unread = sink_unread,
                        .claims = sink_claims,
                        .note = sink_note,
                        .arg = broker};
    broker->core = core_new (&config, &sink);
    store_loader_t loader = core_loader (broker->core);
    zchat_status_t status = store_load (broker->store, &loader);
    if (status != ZCHAT_OK)
        return load_failed (broker, status);
    broker->storage = storage_new (broker->store, &broker->options->retain);
    if (!broker->storage)
        return fail (EX_OSERR, "text", "the log cannot be read, or no thread can be had");
    return -1;
}

/*  One line, so that whoever started the broker knows where it serves.        */
static void ready_say (const broker_t *broker)
{
    char *line = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&line, &size);
    if (!stream)
        return;
    fputs ("ready", stream);
    for (size_t i = 0; i < broker->options->n_doors; i++)
        fprintf (stream, " door=%s", broker->endpoints[0][i]);
    for (size_t i = 0; i < broker->options->n_feeds; i++)
        fprintf (stream, " feed=%s", broker->endpoints[1][i]);
    if (*broker->reached)
        fprintf (stream, " address=%s", broker->reached);
    fputc ('\n', stream);
    fclose (stream);
    core_stats_t stats = core_stats (broker->core);
    char rooms[24];
    snprintf (rooms, sizeof rooms, "%zu", stats.rooms);
    log_write (LEVEL_INFO, "ready",
               (log_field_t[]){{"version", frame_str (ZCHAT_VERSION)},
                               {"door", frame_str (broker->endpoints[0][0])},
                               {"feed", frame_str (broker->endpoints[1][0])},
                               {"address", frame_str (broker->reached)},
                               {"data", frame_str (broker->options->data)},
                               {"rooms", frame_str (rooms)},
                               {NULL}});
    if (write (broker->options->ready_fd, line, size) != (ssize_t)size)
        log_write (LEVEL_WARNING, "ready-line-not-written", NULL);
    free (line);
}

int broker_run (const options_t *options)
{
    broker_t broker = {.options = options, .signals = process_signals ()};
    if (!process_descriptors ())
        return fail (EX_OSERR, "text", "it takes 64 file descriptors; raise the limit (ulimit -n)");
    zsys_handler_set (NULL);
    if (broker.signals < 0 || sodium_init () < 0 || !zsys_init ())
        return fail (EX_OSERR, "text", "the system gives no signals, random numbers or sockets");
    int status = start_store (&broker);
    if (status < 0)
        status = start_sockets (&broker);
    if (status < 0)
        status = start_tokens (&broker);
    if (status < 0)
        status = start_core (&broker);
    if (status < 0) {
        broker.now = time_now ();
        ready_say (&broker);
        loop (&broker);
        status = core_idle (broker.core) ? EX_OK : EX_IOERR;
        log_write (LEVEL_INFO, "stopped", NULL);
    }
    storage_destroy (&broker.storage);
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
    close (broker.signals);
    zsys_shutdown ();
    return status;
}
