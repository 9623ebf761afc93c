/*  start.c - how the broker starts: the log, door and feed, tokens, the core  */
#include "broker_private.h"
#include "config/broker_key.h"
#include "config/ipc_path.h"
#include "curve.h"
#include "journal.h"
#include "memory.h"
#include "process.h"
#include <sodium.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/*  --- start -----------------------------------------------------------------  */

int broker_fail (int status, const char *what, const char *why)
{
    log_write (LEVEL_ERROR, "cannot-start", (log_field_t[]){{what, frame_str (why)}, {NULL}});
    return status;
}

/*  SQLite takes its journal away when it is closed in order.                  */
static bool ended_badly (const char *data)
{
    struct stat journal;
    char *path = data_path (data, "zchat.db-wal");
    bool left = stat (path, &journal) == 0 && journal.st_size > 0;
    free (path);
    return left;
}

static int start_store (broker_t *broker)
{
    bool badly = ended_badly (broker->options->data);
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    char *why = NULL;
    randombytes_buf (log_id, sizeof log_id);
    int status;
    switch (store_open (broker->options->data, log_id, &broker->store, &why)) {
    case ZCHAT_OK:
        if (badly)
            journal_ended_badly ();
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
    broker_fail (status, "text", why ? why : "the log cannot be opened");
    free (why);
    return status;
}

/*  -1, or the exit status, after saying why.                                  */
static int bind_one (broker_t *broker, bool door, size_t at)
{
    const char *endpoint = door ? broker->options->doors[at] : broker->options->feeds[at];
    char **bound = &broker->endpoints[door ? 0 : 1][at], *taken = NULL;
    const char *why = NULL;
    int lock;
    if (ipc_path_take (endpoint, broker->options->data, &lock, &taken))
        why = door ? sockets_bind_door (broker->sockets, endpoint, bound)
                   : sockets_bind_feed (broker->sockets, endpoint, bound);
    else
        why = taken;
    ipc_path_release (lock);
    if (why)
        log_write (LEVEL_ERROR, "cannot-start",
                   (log_field_t[]){{door ? "door" : "feed", frame_str (endpoint)},
                                   {"text", frame_str (why)},
                                   {NULL}});
    free (taken);
    return why ? EX_UNAVAILABLE : -1;
}

static int start_sockets (broker_t *broker)
{
    const options_t *options = broker->options;
    if (options->curve) {
        char *why = NULL;
        int status = curve_start (options, process_time (), &broker->counters, &broker->sockets,
                                  &broker->admission, broker->public_key, &why);
        if (status >= 0) {
            broker_fail (status, "text", why);
            free (why);
            return status;
        }
    } else {
        uint8_t seed[THROTTLE_SEED_SIZE];
        randombytes_buf (seed, sizeof seed);
        broker->admission = admission_new (false, NULL, seed);
        broker->sockets = sockets_new (NULL, &broker->counters);
    }
    journal_libzmq ();
    if (!broker->sockets ||
        (!options->curve && !admission_open (broker->admission, process_time ())))
        return broker_fail (EX_OSERR, "text", "no sockets to be had; raise the limit (ulimit -n)");
    for (size_t i = 0; i < options->n_doors + options->n_feeds; i++) {
        bool door = i < options->n_doors;
        int status = bind_one (broker, door, door ? i : i - options->n_doors);
        if (status >= 0)
            return status;
    }
    if (options->curve && broker_address (broker->endpoints[0], options->n_doors, options->host,
                                          broker->public_key, broker->reached) != ZCHAT_OK)
        return broker_fail (EX_UNAVAILABLE, "text",
                            "no door that an address could name; say --host HOST");
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
    return broker_fail (damaged ? EX_DATAERR : EX_CANTCREAT, "text", text);
}

/*  Which names are kept for tokens must be known before the first of them is asked for. */
static int start_tokens (broker_t *broker)
{
    char text[1024];
    tokens_news_t news;
    broker->tokens_path = data_path (broker->options->data, "tokens");
    broker->tokens = tokens_new (broker->tokens_path);
    if (!tokens_reload (broker->tokens, process_time ().wall_ms, &news))
        return -1;
    journal_tokens (&news, broker->tokens_path);
    if (!news.error)
        return -1;
    snprintf (text, sizeof text, "the tokens in %.800s cannot be read: %s; restore that file",
              broker->tokens_path, news.why ? news.why : strerror (news.error));
    return broker_fail (EX_CANTCREAT, "text", text);
}

static void room_heard (void *arg, uint64_t room, uint64_t first, uint64_t head, bool secret)
{
    indexer_hear (arg,
                  &(index_news_t){
                      .room = room, .first = first, .head = head, .made = true, .secret = secret});
}

/*  False: the log cannot be read, or no thread is to be had.                  */
static bool start_indexer (broker_t *broker)
{
    if (!broker->options->index) {
        /*  Nobody would take out of it what is removed and edited from here on.   */
        index_delete (broker->options->data);
        return true;
    }
    broker->indexer = indexer_new (broker->options->data, broker->store);
    if (!broker->indexer)
        return false;
    core_rooms (broker->core, room_heard, broker->indexer);
    return indexer_start (broker->indexer);
}

static int start_core (broker_t *broker)
{
    size_t announced = broker->options->n_announced;
    core_config_t config = {.log_id = store_log_id (broker->store),
                            .feeds = announced ? (const char **)broker->options->announced
                                               : (const char **)broker->endpoints[1],
                            .n_feeds = announced ? announced : broker->options->n_feeds,
                            .admins = (const char **)broker->options->admins,
                            .n_admins = broker->options->n_admins,
                            .quotas = broker->options->quotas,
                            .edit_window_ms = broker->options->edit_window_ms,
                            .counters = &broker->counters};
    core_sink_t sink = sink_of (broker);
    broker->core = core_new (&config, &sink);
    store_loader_t loader = core_loader (broker->core);
    zchat_status_t status = store_load (broker->store, &loader);
    if (status != ZCHAT_OK)
        return load_failed (broker, status);
    if (start_indexer (broker))
        broker->storage = storage_new (broker->options->data, broker->store, broker->indexer);
    if (!broker->storage)
        return broker_fail (EX_OSERR, "text", "the log cannot be read, or no thread can be had");
    return -1;
}

static void ready_failed (int error)
{
    log_write (LEVEL_WARNING, "ready-line-not-written",
               (log_field_t[]){{"text", frame_str (strerror (error))}, {NULL}});
}

void broker_ready (broker_t *broker)
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
    char rooms[24], metrics[16] = "";
    snprintf (rooms, sizeof rooms, "%zu", stats.rooms);
    if (broker->metrics)
        snprintf (metrics, sizeof metrics, "%u", metrics_port (broker->metrics));
    log_write (LEVEL_INFO, "ready",
               (log_field_t[]){{"version", frame_str (ZCHAT_VERSION)},
                               {"door", frame_str (broker->endpoints[0][0])},
                               {"feed", frame_str (broker->endpoints[1][0])},
                               {"address", frame_str (broker->reached)},
                               {"data", frame_str (broker->options->data)},
                               {"rooms", frame_str (rooms)},
                               {"metrics", frame_str (metrics)},
                               {NULL}});
    /*  Whoever started us may read it later, or never.                        */
    broker->ready =
        log_writer_new (broker->options->ready_fd, (log_told_t){.failed = ready_failed});
    if (broker->ready)
        log_writer_put (broker->ready, line, size);
    else
        ready_failed (EAGAIN);
    free (line);
}

/*  The last of all: whoever hears of it may come. -1, or the exit status.     */
static int start_announce (broker_t *broker)
{
    const options_t *options = broker->options;
    char key[ADDRESS_KEY_TEXT + 1], *why = NULL;
    const char *door = options_door_beyond (options), *bound = door;
    if (!options->announce)
        return -1;
    if (!door)
        return broker_fail (EX_UNAVAILABLE, "text",
                            "there is nothing to announce: no door of tcp reaches beyond this "
                            "machine");
    for (size_t i = 0; i < options->n_doors; i++)
        if (options->doors[i] == door)
            bound = broker->endpoints[0][i];
    if (options->curve)
        address_key_encode (broker->public_key, key);
    const char *interface = strcmp (options->announce, "any") == 0 ? "" : options->announce;
    broker->beacon = beacon_new (interface, (unsigned)strtoul (strrchr (bound, ':') + 1, NULL, 10),
                                 options->curve ? key : NULL, &why);
    if (broker->beacon)
        return -1;
    broker_fail (EX_UNAVAILABLE, "text", why);
    free (why);
    return EX_UNAVAILABLE;
}

int broker_start (broker_t *broker)
{
    int status = start_store (broker);
    if (status < 0)
        status = start_sockets (broker);
    if (status < 0)
        status = start_tokens (broker);
    if (status < 0)
        status = start_core (broker);
    if (status < 0)
        status = measure_start (broker);
    if (status < 0)
        status = start_announce (broker);
    return status;
}
