/*  quotas.c - what a request takes out of which buckets                       */
#include "admit.h"

enum { SETS = 3 };

/*  The buckets that a peer's requests take out of: its own, those of its name's owner, and, of what
    is stored, those of its place. Not the owner that a call names: a guest's request over the same
    connection counts too, and so does one that is refused before it is known who speaks. */
static size_t bucket_sets (core_t *core, peer_t *peer, bucket_t *sets[SETS])
{
    size_t count = 0;
    sets[count++] = peer->buckets;
    if (peer->session && peer->session->user->owner)
        sets[count++] = meters_buckets (core->owners, presence_user_who (peer->session->user));
    return count;
}

static size_t kind_sets (core_t *core, peer_t *peer, quota_kind_t kind, bucket_t *sets[SETS])
{
    size_t count = bucket_sets (core, peer, sets);
    if (kind == QUOTA_STORED && *peer->metered)
        sets[count++] = meters_buckets (core->places, peer->metered);
    return count;
}

static uint64_t kind_wait_ms (core_t *core, peer_t *peer, quota_kind_t kind, uint64_t amount)
{
    bucket_t *sets[SETS];
    uint64_t wait_ms = 0;
    size_t count = amount ? kind_sets (core, peer, kind, sets) : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t ms =
            bucket_wait_ms (&sets[i][kind], &core->setup.quotas[kind], amount, core->now.mono_ms);
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    return wait_ms;
}

static void kind_take (core_t *core, peer_t *peer, quota_kind_t kind, uint64_t amount)
{
    bucket_t *sets[SETS];
    size_t count = amount ? kind_sets (core, peer, kind, sets) : 0;
    for (size_t i = 0; i < count; i++)
        bucket_take (&sets[i][kind], &core->setup.quotas[kind], amount, core->now.mono_ms);
}

static void kind_return (core_t *core, peer_t *peer, quota_kind_t kind, uint64_t amount)
{
    bucket_t *sets[SETS];
    size_t count = amount ? kind_sets (core, peer, kind, sets) : 0;
    for (size_t i = 0; i < count; i++)
        bucket_return (&sets[i][kind], &core->setup.quotas[kind], amount);
}

/*  An edit's text stands in the log twice: in the message, and in the event.  */
static uint64_t stored_bytes (const call_t *call)
{
    uint64_t again = call->request.verb == VERB_EDIT ? call->request.args[2].size : 0;
    return call->kind == QUOTA_MESSAGES ? call->bytes + again + ZCHAT_STORED_EVENT : 0;
}

bool quota_take (core_t *core, call_t *call, verdict_t *verdict)
{
    const request_t *request = &call->request;
    const verb_entry_t *entry = verb_entry (request->verb);
    peer_t *peer = call->peer;
    call->kind = (entry->flags & STORES_LAST) && call_stores (call) ? QUOTA_MESSAGES : entry->quota;
    call->bytes = call->kind == QUOTA_MESSAGES ? request->args[1].size + request->args[2].size : 0;
    const struct {
        quota_kind_t kind;
        uint64_t amount;
    } wanted[] = {{call->kind, 1},
                  {QUOTA_BYTES, call->bytes},
                  {QUOTA_STORED, stored_bytes (call)},
                  {QUOTA_FAILED, 1}};
    uint64_t wait_ms = 0;
    quota_kind_t what = call->kind;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        uint64_t ms = kind_wait_ms (core, peer, wanted[i].kind, wanted[i].amount);
        what = ms > wait_ms ? wanted[i].kind : what;
        wait_ms = ms > wait_ms ? ms : wait_ms;
    }
    if (wait_ms)
        return verdict_refuse (
            verdict, ZCHAT_SLOW, NULL,
            json_pack ("{s:I, s:s}", "wait_ms", (json_int_t)wait_ms, "what", quota_name (what)));
    for (size_t i = 0; i + 1 < sizeof wanted / sizeof *wanted; i++)
        kind_take (core, peer, wanted[i].kind, wanted[i].amount);
    call->counted = true;
    return true;
}

void quota_give_back (core_t *core, peer_t *peer, const call_t *call)
{
    if (!call->counted)
        return;
    kind_return (core, peer, call->kind, 1);
    kind_return (core, peer, QUOTA_BYTES, call->bytes);
    kind_return (core, peer, QUOTA_STORED, stored_bytes (call));
}

void quota_failed (core_t *core, peer_t *peer)
{
    kind_take (core, peer, QUOTA_FAILED, 1);
}

uint64_t quota_failed_wait_ms (core_t *core, peer_t *peer)
{
    return kind_wait_ms (core, peer, QUOTA_FAILED, 1);
}

void quota_rows (core_t *core, peer_t *peer, size_t rows)
{
    kind_take (core, peer, QUOTA_READS, rows / ZCHAT_QUOTA_ROWS);
}

void quota_page (core_t *core, peer_t *peer, size_t bytes)
{
    kind_take (core, peer, QUOTA_READS, bytes / ZCHAT_QUOTA_PAGE);
}
