/*  calls.c - a request on its way to an answer, or into the queue              */
#include "calls.h"
#include "admit/admit.h"
#include "deliver/deliver.h"
#include "verbs/looks.h"
#include "verbs/verbs.h"

/*  --- waiting --------------------------------------------------------------  */

/*  False: too much waits for the disk, and ERR was sent at once, not in its place.  */
static bool call_affords (core_t *core, const call_t *call)
{
    if (queue_affords (core, call))
        return true;
    reply_refuse (core, call, ZCHAT_SLOW, NULL, json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
    return false;
}

static void call_park (core_t *core, const call_t *call)
{
    if (call_affords (core, call))
        queue_add (core, item_parked (call));
}

/*  A call of its connection looks at a message: it waits behind that.         */
static void call_hold (core_t *core, const call_t *call)
{
    read_t *read;
    HASH_FIND (hh, core->reads, &call->peer->looking, sizeof read->id, read);
    item_t *item = item_held (call);
    queue_hold (core, item);
    DL_APPEND (read->held, item);
}

/*  True where it has to wait until what is on its way has landed.             */
static bool call_must_wait (const core_t *core, const call_t *call)
{
    unsigned flags = verb_entry (call->request.verb)->flags;
    return call->peer->n_rebinding ||
           (core->n_fact_changes && (flags & READS_FACTS) && !call_stores (call));
}

/*  --- answered at once -----------------------------------------------------  */

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
        item->unanswered = true;
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
        queue_add (core, later);
    if (verdict->status == ZCHAT_OK && verdict->read.wanted)
        page_ask (core, call, verdict);
    else if (verdict->status == ZCHAT_OK && verdict->search)
        search_ask (core, call, verdict);
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
    if ((waits || announces) && !call_affords (core, call))
        ;
    else if (!waits)
        call_answer (core, call, &verdict);
    else {
        item_t *item = item_call (call, entry->decide);
        item->rebinds = true;
        queue_add (core, item);
    }
    verdict_drop (&verdict);
    records_clear (&core->scratch);
}

/*  --- who speaks -----------------------------------------------------------  */

/*  The verdict's moves bind the connection to the name that it says.          */
static identified_t call_bind (core_t *core, call_t *call, identity_t *identity, verdict_t *verdict)
{
    zchat_status_t status;
    if (!moves_make (core, call->peer, call, verdict, &status)) {
        verdict_refuse (verdict, status, NULL, NULL);
        return IDENTITY_REFUSED;
    }
    verdict_drop (verdict);
    verdict_begin (verdict, &core->scratch);
    return call_identify (core, call, identity, verdict);
}

/*  True where it is known who speaks; else ERR was sent, or the call waits.   */
static bool call_known (core_t *core, call_t *call, identity_t *identity)
{
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    identified_t identified = call_identify (core, call, identity, &verdict);
    if (identified == IDENTITY_BINDS)
        identified = call_bind (core, call, identity, &verdict);
    if (identified == IDENTITY_REFUSED)
        reply_verdict (core, call, &verdict, NULL);
    else if (identified == IDENTITY_WAITS)
        call_park (core, call);
    verdict_drop (&verdict);
    records_clear (&core->scratch);
    return identified == IDENTITY_KNOWN;
}

/*  --- looking at a message -------------------------------------------------  */

/*  False: there is nothing to look at, or the call does not.                  */
static bool call_looks (core_t *core, const call_t *call)
{
    const verb_entry_t *entry = verb_entry (call->request.verb);
    store_query_t query;
    view_t view = core_view (core);
    if (!(entry->flags & LOOKS) || !message_look (call, &view, &query))
        return false;
    if (HASH_COUNT (core->reads) >= ZCHAT_READS_MAX) {
        reply_refuse (core, call, ZCHAT_SLOW, "too much of the log is being read",
                      json_pack ("{s:i}", "wait_ms", ZCHAT_SLOW_WAIT_MS));
        return true;
    }
    read_t *read = memory_zero (sizeof *read);
    read->id = ++core->last_read;
    read->looks = true;
    read->query = query;
    read->item = item_call (call, entry->decide);
    read->item->call.said.moment = lately_now (core->lately);
    HASH_ADD (hh, core->reads, id, sizeof read->id, read);
    queue_hold (core, read->item);
    call->peer->looking = read->id;
    core->sink.read (core->sink.arg, read->id, &read->query);
    return true;
}

/*  --- the way of a call ----------------------------------------------------  */

/*  The call is within its quota.                                              */
static void call_run (core_t *core, call_t *call)
{
    const verb_entry_t *entry = verb_entry (call->request.verb);
    identity_t identity;
    if (call->peer->looking) {
        if (call_affords (core, call))
            call_hold (core, call);
        return;
    }
    if (call_must_wait (core, call)) {
        call_park (core, call);
        return;
    }
    if (!call_known (core, call, &identity))
        return;
    if (!call_stores (call)) {
        call_at_once (core, call);
        return;
    }
    if (!call_affords (core, call) || call_looks (core, call))
        return;
    view_t view = core_view (core);
    if (entry->observe)
        entry->observe (call, &view);
    item_t *item = item_call (call, entry->decide);
    item->rebinds = entry->flags & REBINDS;
    queue_add (core, item);
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

void calls_parked (core_t *core)
{
    item_t *next;
    core->round++;
    for (item_t *item = order_parked_take (core->order); item; item = next) {
        next = item->next;
        peer_t *peer = queue_leave (core, item);
        call_t call = item->call;
        call.peer = peer;
        call.now = core->now;
        /*  What one connection asks stays in order.                           */
        if (peer && peer->forsaken_round == core->round) {
            call_forsake (core, &call);
            presence_peer_release (core->presence, peer);
        } else if (peer && peer->parked_round == core->round)
            queue_add (core, item_parked (&call));
        else if (peer) {
            size_t others = peer->parked;
            call_run (core, &call);
            peer->parked_round = peer->parked > others ? core->round : peer->parked_round;
            presence_peer_release (core->presence, peer);
        }
        item_free (item);
    }
}

void calls_looked (core_t *core, read_t *read, const store_page_t *page)
{
    item_t *held = read->held, *item = read->item, *next;
    peer_t *peer = queue_release (core, item);
    read->held = read->item = NULL;
    if (peer) {
        view_t view = core_view (core);
        peer->looking = 0;
        message_looked (&item->call, &view, &read->query, page);
        queue_add (core, item);
    } else
        item_free (item);
    for (item = held; item; item = next) {
        next = item->next;
        peer = queue_release (core, item);
        call_t call = item->call;
        call.peer = peer;
        call.now = core->now;
        /*  What one connection asks stays in order.                           */
        if (peer && peer->looking)
            call_hold (core, &call);
        else if (peer && peer->parked)
            queue_add (core, item_parked (&call));
        else if (peer)
            call_run (core, &call);
        if (peer)
            presence_peer_release (core->presence, peer);
        item_free (item);
    }
}

/*  --- requests as they come ------------------------------------------------  */

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
    verdict_t verdict;
    verdict_begin (&verdict, &core->scratch);
    bool within = quota_take (core, call, &verdict);
    if (!within)
        reply_verdict (core, call, &verdict, NULL);
    verdict_drop (&verdict);
    if (!within)
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

bool calls_request (core_t *core, core_peer_t from, core_origin_t origin, const frame_t *frames,
                    size_t count)
{
    const char *why = NULL;
    zchat_status_t status;
    char names[2][ZCHAT_NAME_MAX];
    call_t call = {.from = from, .now = core->now, .key = "", .holder = ""};
    call_decode (&call, frames, count, &status, &why);
    peer_t *peer = presence_peer_make (core->presence, from);
    if (!peer) {
        reply_refuse (core, &call, ZCHAT_LIMIT, "too many connections; try again later",
                      json_pack ("{s:i, s:s}", "limit", ZCHAT_PEERS_MAX, "what", "connections"));
        return false;
    }
    call.peer = peer;
    call.serial = peer->serial;
    if (status != ZCHAT_OK) {
        call_undecoded (core, &call, status, why);
        presence_peer_release (core->presence, peer);
        return false;
    }
    names_compose (&call.request, names);
    peer_introduce (core, peer, origin);
    if (!call_admit (core, &call))
        ;
    else if (peer->parked)
        call_park (core, &call);
    else
        call_run (core, &call);
    return true;
}

void calls_refuse (core_t *core, core_peer_t peer, const frame_t *frames, size_t count,
                   const char *why)
{
    const char *ignored;
    zchat_status_t status;
    call_t call = {.from = peer};
    call_decode (&call, frames, count, &status, &ignored);
    reply_refuse (core, &call, ZCHAT_MALFORMED, why, NULL);
}
