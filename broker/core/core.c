/*  core.c - the core's life, its inputs that are not requests, its answers    */
#include "core_private.h"
#include <assert.h>
#include <inttypes.h>

enum {
    FORGET_INTERVAL_MS = 60000, /* how often old producers are looked for          */
    FORGET_AGAIN_MS = 100,      /* and again where there were many                 */
};

/*  --- life ------------------------------------------------------------------  */

core_t *core_new (const core_config_t *config, const core_sink_t *sink)
{
    core_t *core = memory_zero (sizeof *core);
    core->sink = *sink;
    hex_encode (core->log_id, config->log_id, ZCHAT_LOG_ID_SIZE);
    core->feeds = json_array ();
    for (size_t i = 0; i < config->n_feeds; i++)
        json_array_append_new (core->feeds, json_string (config->feeds[i]));
    core->heartbeat_ms = config->heartbeat_ms ? config->heartbeat_ms : ZCHAT_HEARTBEAT_MS;
    core->grace_ms = config->grace_ms ? config->grace_ms : ZCHAT_NAME_GRACE_MS;
    core->ledger = ledger_new ();
    ledger_bound (core->ledger, config->producers, config->names, config->rooms, config->mailboxes);
    core->keeps_rooms = config->keeps_rooms;
    core->presence = presence_new ();
    core->speakers = speakers_new ();
    core->batch = batch_new ();
    core->waiting = waiting_new ();
    core->meters = meters_new ();
    core->strangers = strangers_new ();
    memcpy (core->quotas, config->quotas ? config->quotas : quota_defaults (), sizeof core->quotas);
    core->admins = memory_zero (config->n_admins * sizeof *core->admins);
    core->n_admins = config->n_admins;
    core->reserved = claims_reserved ();
    for (size_t i = 0; i < config->n_admins; i++)
        snprintf (core->admins[i], sizeof *core->admins, "%s", config->admins[i]);
    return core;
}

void core_destroy (core_t **self_p)
{
    core_t *core = *self_p;
    if (!core)
        return;
    announce_destroy (core);
    presence_destroy (&core->presence);
    speakers_destroy (&core->speakers);
    batch_destroy (&core->batch);
    waiting_destroy (&core->waiting);
    meters_destroy (&core->meters);
    strangers_destroy (&core->strangers);
    ledger_destroy (&core->ledger);
    read_t *read, *next;
    HASH_ITER (hh, core->reads, read, next)
    {
        HASH_DEL (core->reads, read);
        free (read);
    }
    json_decref (core->feeds);
    free (core->admins);
    claims_reserved_free (core->reserved);
    free (core);
    *self_p = NULL;
}

static zchat_status_t load_room (void *arg, const store_room_t *room)
{
    return ledger_load_room (((core_t *)arg)->ledger, room);
}

static zchat_status_t load_fact (void *arg, const store_fact_t *fact)
{
    return ledger_load_fact (((core_t *)arg)->ledger, fact);
}

static zchat_status_t load_producer (void *arg, const store_producer_t *producer)
{
    return ledger_load_producer (((core_t *)arg)->ledger, producer);
}

store_loader_t core_loader (core_t *core)
{
    return (store_loader_t){
        .room = load_room, .fact = load_fact, .producer = load_producer, .arg = core};
}

/*  --- inputs ----------------------------------------------------------------  */

void core_gone (core_t *core, core_peer_t id, core_time_t now)
{
    core->now = now;
    peer_t *peer = presence_peer (core->presence, id);
    if (!peer)
        return;
    session_t *session = peer->session;
    if (session) {
        core_note (core, CORE_NOTE_LOST, id, frame_of (session->name, session->name_size),
                   frame_of (NULL, 0), NULL);
        session_leave_all (core, session, "lost", now);
        if (session->greeted)
            presence_session_lose (core->presence, session, now.mono_ms + core->grace_ms);
        else
            session_over (core, session);
    }
    /*  What is held for it goes its way and finds nobody, for its serial is gone. */
    peer->pending = peer->reads = 0;
    debt_forget (core, peer);
    memset (peer->buckets, 0, sizeof peer->buckets);
    peer->silent = false;
    presence_peer_release (core->presence, peer);
    publish_landed (core, false);
}

size_t core_take (core_t *core, const store_record_t **records)
{
    return batch_take (core->batch, records);
}

void core_committed (core_t *core, zchat_status_t status, core_time_t now)
{
    bool failed = status != ZCHAT_OK;
    core->now = now;
    if (failed) {
        batch_fail (core->batch, core->ledger);
        claims_undone (core);
    } else
        batch_land (core->batch);
    publish_landed (core, failed);
}

void core_trimmed (core_t *core, uint64_t id, uint64_t first)
{
    room_t *room = ledger_room_by_id (core->ledger, id);
    if (room && room->first < first)
        room->first = first;
}

void core_tick (core_t *core, core_time_t now)
{
    session_t *lost;
    core->now = now;
    while ((lost = presence_lost (core->presence)) && lost->until_ms <= now.mono_ms)
        session_over (core, lost);
    silence_due (core, now);
    announce_due (core, now, false);
    bool trusted = clock_watch (&core->clock, now);
    if (core->forget_ms <= now.mono_ms) {
        core->forget_ms = now.mono_ms + FORGET_INTERVAL_MS;
        size_t silent = 0;
        if (trusted && ledger_forget (core->ledger, now.wall_ms, &silent))
            core->forget_ms = now.mono_ms + FORGET_AGAIN_MS;
        if (silent) /* their first message, sent again, could be taken for a new one */
            core_forgotten (core, NULL, silent, false);
        if (trusted && !core->keeps_rooms && yields_forget (core, now.wall_ms))
            core->forget_ms = now.mono_ms + FORGET_AGAIN_MS;
    }
    publish_landed (core, false);
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
    return deadline;
}

typedef struct {
    core_t *core;
    core_time_t now;
} closing_t;

static void close_session (void *arg, session_t *session)
{
    closing_t *closing = arg;
    session_leave_all (closing->core, session, "closing", closing->now);
}

void core_close (core_t *core, core_time_t now)
{
    closing_t closing = {core, now};
    core->closing = true;
    core->now = now;
    presence_each (core->presence, close_session, &closing);
    announce_due (core, now, true);
    publish_landed (core, false);
}

bool core_idle (const core_t *core)
{
    return batch_held (core->batch) == 0;
}

core_stats_t core_stats (const core_t *core)
{
    return (core_stats_t){.peers = presence_n_peers (core->presence),
                          .sessions = presence_n_sessions (core->presence),
                          .rooms = ledger_n_rooms (core->ledger),
                          .members = presence_n_members (core->presence),
                          .producers = ledger_n_producers (core->ledger),
                          .reads = HASH_COUNT (core->reads),
                          .held = batch_held (core->batch),
                          .held_bytes = batch_held_bytes (core->batch),
                          .debt = core->debt,
                          .accepted = core->accepted,
                          .refused = core->refused};
}

void core_note (core_t *core, core_note_kind_t kind, core_peer_t peer, frame_t user, frame_t room,
                const char *text)
{
    core_note_t note = {.kind = kind,
                        .peer = peer,
                        .user = user,
                        .room = room,
                        .text = text ? frame_str (text) : frame_of (NULL, 0)};
    if (core->sink.note)
        core->sink.note (core->sink.arg, &note);
}

/*  --- answers ---------------------------------------------------------------  */

void core_send (core_t *core, core_peer_t peer, bool enveloped, const char *word, frame_t tag,
                frame_t json)
{
    frame_t frames[] = {frame_of ("", 0), frame_str (word), tag, json};
    size_t skip = enveloped ? 0 : 1;
    if (frame_is (frames[1], "ERR"))
        core->refused++;
    if (json.size >= ZCHAT_LONG_REPLY)
        core_debit (core, peer, json.size);
    core->sink.reply (core->sink.arg, peer, frames + skip, 4 - skip);
}

void core_hold (core_t *core, peer_t *peer, held_t *effect)
{
    effect->peer = peer ? peer->id : 0;
    effect->serial = peer ? peer->serial : 0;
    held_t *held = batch_hold (core->batch, effect);
    core->names_held += effect->kind == HELD_FACT && !effect->entry.room;
    core->forgets_held +=
        effect->kind == HELD_FACT && frame_is (effect->fact_key, LEDGER_FORGOTTEN);
    if (!peer)
        return;
    peer->pending++;
    peer->pending_bytes += held->size;
    char owner[BUDGET_PATH_MAX + 1], place[BUDGET_PATH_MAX + 1];
    peer_parties (core, peer, owner, place);
    held->owner = *owner ? waiting_add (core->waiting, owner, held->size) : NULL;
    held->place = *place ? waiting_add (core->waiting, place, held->size) : NULL;
}

/*  Hold the reply behind the peer's messages, or send it at once.             */
static void answer (call_t *call, zchat_status_t status, json_t *json, bool held, bool tentative,
                    const ledger_entry_t *duplicate)
{
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    held_t effect = {.kind = HELD_REPLY,
                     .enveloped = call->request->enveloped,
                     .tentative = tentative,
                     .status = status,
                     .tag = call->request->tag,
                     .json = frame_str (text)};
    if (duplicate) {
        effect.entry = *duplicate;
        effect.entry.room = NULL;
    }
    if (held && call->peer)
        core_hold (call->core, call->peer, &effect);
    else
        core_send (call->core, call->from, effect.enveloped, status == ZCHAT_OK ? "OK" : "ERR",
                   effect.tag, effect.json);
    free (text);
}

static void refuse (call_t *call, zchat_status_t status, const char *why, json_t *more, bool held,
                    bool tentative)
{
    core_t *core = call->core;
    const char *text = why ? why : zchat_status_text (status);
    json_t *json = json_pack ("{s:s, s:s}", "code", zchat_status_code (status), "text", text);
    if (more) {
        json_object_update (json, more);
        json_decref (more);
    }
    verb_t verb = call->request->verb;
    core_note_t note = {.kind = CORE_NOTE_REFUSED,
                        .peer = call->from,
                        .user = call->request->user,
                        .text = frame_str (text),
                        .verb = verb < VERB_COUNT ? verb_name (verb) : "?",
                        .status = status};
    if (core->sink.note)
        core->sink.note (core->sink.arg, &note);
    if (status == ZCHAT_SLOW)
        call_slowed (call);
    else if (status != ZCHAT_CLOSING)
        call_failed (call);
    answer (call, status, json, held, tentative, NULL);
}

void call_ok_held (call_t *call, json_t *json)
{
    answer (call, ZCHAT_OK, json, true, true, NULL);
}

void call_ok (call_t *call, json_t *json)
{
    answer (call, ZCHAT_OK, json ? json : json_object (), false, false, NULL);
}

void call_err (call_t *call, zchat_status_t status, const char *why, json_t *more)
{
    refuse (call, status, why, more, false, false);
}

void call_err_held (call_t *call, zchat_status_t status, const char *why, json_t *more,
                    bool tentative)
{
    refuse (call, status, why, more, true, tentative);
}

void call_duplicate (call_t *call, const ledger_entry_t *entry)
{
    answer (call, ZCHAT_OK, json_pack ("{s:b}", "duplicate", 1), true, true, entry);
}

/*  What waits for the disk is one queue, and who says a word waits behind all of it: where it is
    long, no owner has more than a share of it, and no place more than a few. A little of a
    connection that has nothing there is taken all the same: others at its address must not
    silence it.                                                                */
static bool share_affords (const call_t *call, size_t size)
{
    const waiting_t *waiting = call->core->waiting;
    const peer_t *peer = call->peer;
    char owner[BUDGET_PATH_MAX + 1], place[BUDGET_PATH_MAX + 1];
    peer_parties (call->core, peer, owner, place);
    size_t owned = *owner ? waiting_bytes (waiting, owner) : peer->pending_bytes;
    size_t placed = *place ? waiting_bytes (waiting, place) : 0;
    return (!peer->pending_bytes && size <= ZCHAT_BUSY_WORD) ||
           ((!owned || owned + size <= ZCHAT_OWNER_BUSY_BYTES) &&
            (!placed || placed + size <= ZCHAT_PLACE_BUSY_BYTES));
}

static bool pending_affords (const call_t *call, size_t size)
{
    const peer_t *peer = call->peer;
    size_t all = batch_held_bytes (call->core->batch) + size;
    if (peer->pending >= ZCHAT_PEER_PENDING_MAX || all > ZCHAT_PENDING_BYTES_MAX)
        return false;
    if (all > ZCHAT_BUSY_BYTES)
        return share_affords (call, size);
    return !peer->pending_bytes || peer->pending_bytes + size <= ZCHAT_PEER_PENDING_BYTES_MAX;
}

bool call_slow (call_t *call, size_t size)
{
    if (pending_affords (call, size))
        return false;
    call_err (call, ZCHAT_SLOW, NULL, json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
    return true;
}

zchat_status_t core_fact (core_t *core, peer_t *peer, room_t *room, const char *key, frame_t value,
                          bool linked)
{
    const char *is = ledger_fact (core->ledger, room, key);
    char *old = is ? memory_string (is, strlen (is)) : NULL;
    zchat_status_t status = ledger_fact_set (core->ledger, room, key, value);
    held_t effect = {.kind = HELD_FACT,
                     .entry.room = room,
                     .linked = linked,
                     .fact_key = frame_str (key),
                     .fact_value = value,
                     .fact_old = old ? frame_str (old) : frame_of (NULL, 0)};
    if (status == ZCHAT_OK)
        core_hold (core, peer, &effect);
    free (old);
    return status;
}

json_t *limit_json (uint64_t limit, const char *what)
{
    return json_pack ("{s:I, s:s}", "limit", (json_int_t)limit, "what", what);
}

/*  --- arguments -------------------------------------------------------------  */

bool call_room_name (call_t *call, frame_t name, name_keys_t *keys)
{
    const char *why;
    char composed[ZCHAT_NAME_MAX];
    if (name_check (name_compose (name, composed), keys, &why) == ZCHAT_OK)
        return true;
    call_err (call, ZCHAT_NAME, why, NULL);
    return false;
}

json_t *call_json (call_t *call, frame_t frame, bool held)
{
    const char *why = "the JSON argument is not an object in UTF-8 as RFC 8259 wants it";
    if (frame.size == 0)
        return json_object ();
    if (frame.size > ZCHAT_JSON_MAX) {
        refuse (call, ZCHAT_LIMIT, "the JSON argument is too long",
                limit_json (ZCHAT_JSON_MAX, "json"), held, false);
        return NULL;
    }
    json_t *json = json_loadb (frame.data, frame.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object (json))
        return json;
    json_decref (json);
    refuse (call, ZCHAT_MALFORMED, why, NULL, held, false);
    return NULL;
}

bool json_number (const json_t *object, const char *key, uint64_t *value)
{
    const json_t *number = json_object_get (object, key);
    if (!number)
        return true;
    if (!json_is_integer (number) || json_integer_value (number) < 0)
        return false;
    *value = (uint64_t)json_integer_value (number);
    return true;
}

static int hex_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool hex_decode (const json_t *string, uint8_t *bytes, size_t size)
{
    if (!json_is_string (string) || json_string_length (string) != 2 * size)
        return false;
    const char *hex = json_string_value (string);
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit (hex[2 * i]), low = hex_digit (hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void hex_encode (char *hex, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        snprintf (hex + 2 * i, 3, "%02x", bytes[i]);
}
