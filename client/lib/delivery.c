/*  delivery.c - what a client decides: connections, and who gets what came    */
#include "answer.h"
#include "delivery_private.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <sodium.h>

enum { TOKEN_HEX = 2 * ZCHAT_TOKEN_SIZE };

static const char no_answer[] = "no answer";
static const char no_zchat[] = "something answers there but does not speak ZCHAT/1";

/*  --- making ----------------------------------------------------------------  */

static void outbox_sink_send (void *arg, verb_t verb, const char *tag, const frame_t *args,
                              size_t n_args)
{
    delivery_t *delivery = arg;

    exchange_send (&delivery->exchange, verb, tag, args, n_args);
}

static void outbox_sink_event (void *arg, const zchat_event_t *event)
{
    delivery_t *delivery = arg;

    delivery->exchange.sink.event (delivery->exchange.sink.arg, event);
}

static zchat_status_t options_check (const zchat_options_t *options, const char **why)
{
    zchat_status_t status = ZCHAT_OK;

    if (options->endpoint)
        status = endpoint_check (options->endpoint, why);
    if (status == ZCHAT_OK && options->feed)
        status = endpoint_check (options->feed, why);
    if (status == ZCHAT_OK && options->user && *options->user)
        status = name_check (frame_str (options->user), NULL, why);
    if (status == ZCHAT_OK && options->agent &&
        (strlen (options->agent) > ZCHAT_AGENT_MAX || !text_valid (frame_str (options->agent)))) {
        *why = "the agent is UTF-8 of at most 128 bytes";
        status = ZCHAT_INVALID;
    }
    if (status == ZCHAT_OK && options->token &&
        (strlen (options->token) != TOKEN_HEX ||
         strspn (options->token, "0123456789abcdef") != TOKEN_HEX)) {
        *why = "a token is 64 hex digits, in lower case";
        status = ZCHAT_INVALID;
    }
    return status;
}

bool delivery_same (const char *a, const char *b)
{
    name_keys_t ours, theirs;

    if (!*a || !*b)
        return !*a && !*b;
    return name_check (frame_str (a), &ours, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &theirs, NULL) == ZCHAT_OK && name_same (&ours, &theirs);
}

static void copy (char *to, size_t size, const char *from, const char *otherwise)
{
    snprintf (to, size, "%s", from && *from ? from : otherwise);
}

zchat_status_t delivery_new (const zchat_options_t *options, const uint8_t seed[32],
                             const delivery_sink_t *sink, delivery_t **delivery, const char **why)
{
    outbox_sink_t outbox_sink = {.send = outbox_sink_send, .event = outbox_sink_event};
    const char *wrong = NULL;
    zchat_status_t status = options_check (options, &wrong);
    delivery_t *self;

    if (status != ZCHAT_OK) {
        if (why)
            *why = wrong;
        return status;
    }
    self = memory_zero (sizeof *self);
    self->exchange.sink = *sink;
    memcpy (self->exchange.rng.key, seed, RNG_SEED_SIZE);
    copy (self->endpoint, sizeof self->endpoint, options->endpoint, "tcp://127.0.0.1:5680");
    copy (self->feed, sizeof self->feed, options->feed, "");
    copy (self->agent, sizeof self->agent, options->agent, "libzchat " ZCHAT_VERSION);
    copy (self->user, sizeof self->user, options->user, "");
    copy (self->token, sizeof self->token, options->token, "");
    self->keeps_key = options->secret_key != NULL;
    self->retry_max = options->retry_max;
    self->deadline_ms = UINT64_MAX;
    self->markers = markers_new (&self->exchange);
    self->rooms = rooms_new (&self->exchange, self->markers);
    self->queries = queries_new (&self->exchange);
    outbox_sink.arg = self;
    self->outbox = outbox_new (&self->exchange.rng, &outbox_sink);
    *delivery = self;
    return ZCHAT_OK;
}

void delivery_destroy (delivery_t **delivery)
{
    if (*delivery) {
        rooms_destroy (&(*delivery)->rooms);
        markers_destroy (&(*delivery)->markers);
        queries_destroy (&(*delivery)->queries);
        outbox_destroy (&(*delivery)->outbox);
        /*  It holds the secrets of token and session, so it is wiped.         */
        sodium_memzero (*delivery, sizeof **delivery);
        free (*delivery);
        *delivery = NULL;
    }
}

/*  --- connections -----------------------------------------------------------  */

void delivery_connect (delivery_t *delivery)
{
    delivery->state = STATE_CONNECTING;
    delivery->deadline_ms = delivery->exchange.now_ms + ZCHAT_CONNECT_TIMEOUT_MS;
    delivery->exchange.sink.connect_door (delivery->exchange.sink.arg);
}

void delivery_drop (delivery_t *delivery, bool for_good)
{
    exchange_forget_all (&delivery->exchange);
    outbox_lost (delivery->outbox);
    rooms_lost (delivery->rooms);
    markers_lost (delivery->markers);
    queries_lost (delivery->queries, for_good);
}

void delivery_refuse (delivery_t *delivery, zchat_status_t status, const char *text, bool owned)
{
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_REFUSED, .status = status, .text = text, .proven = owned};

    delivery->state = STATE_REFUSED;
    delivery->deadline_ms = UINT64_MAX;
    delivery->exchange.sink.disconnect (delivery->exchange.sink.arg);
    delivery_drop (delivery, true);
    delivery->exchange.sink.event (delivery->exchange.sink.arg, &event);
}

/*  Choose how long to wait, at random within bounds, so that many clients of one broker do not
    come back all at once.                                                     */
static uint64_t delivery_backoff (delivery_t *delivery)
{
    uint64_t wait_ms = (uint64_t)ZCHAT_BACKOFF_MIN_MS << delivery->backoff;

    if (wait_ms < ZCHAT_BACKOFF_MAX_MS)
        delivery->backoff++;
    else
        wait_ms = ZCHAT_BACKOFF_MAX_MS;
    return wait_ms / 2 + rng_below (&delivery->exchange.rng, wait_ms / 2 + 1);
}

/*  True where the connection was good for something, so that the backoff may start anew. It was
    not where what came after the HELLO was nonsense, or where the broker forgot us soon after:
    that would happen again at once.                                           */
static bool delivery_useful (const delivery_t *delivery, zchat_status_t status)
{
    bool known = status != ZCHAT_IDENTITY ||
                 delivery->exchange.now_ms - delivery->live_ms >= ZCHAT_BACKOFF_MAX_MS;

    return known && status != ZCHAT_MALFORMED;
}

void delivery_lose (delivery_t *delivery, zchat_status_t status, const char *text, uint64_t wait_ms)
{
    bool live = delivery->state == STATE_LIVE;
    zchat_event_t event = {.kind = ZCHAT_EVENT_DISCONNECTED, .status = status, .text = text};

    if (live && delivery_useful (delivery, status))
        delivery->backoff = 0;
    if (!live && !wait_ms && ++delivery->failed >= delivery->retry_max && delivery->retry_max > 0) {
        delivery_refuse (delivery, ZCHAT_UNREACHABLE, text, false);
        return;
    }
    if (!wait_ms)
        wait_ms = delivery_backoff (delivery);
    delivery->state = STATE_WAITING;
    delivery->deadline_ms = delivery->exchange.now_ms + wait_ms;
    delivery->exchange.sink.disconnect (delivery->exchange.sink.arg);
    delivery_drop (delivery, false);
    event.wait_ms = (int)wait_ms;
    delivery->exchange.sink.event (delivery->exchange.sink.arg, &event);
}

/*  The BYE is done: connects under the new name, or ends.                     */
static void delivery_left (delivery_t *delivery)
{
    if (delivery->ending) {
        delivery->state = STATE_CLOSED;
        delivery->deadline_ms = UINT64_MAX;
        return;
    }
    delivery_drop (delivery, false);
    delivery_connect (delivery);
}

void delivery_start (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state == STATE_IDLE)
        delivery_connect (delivery);
}

void delivery_up (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state == STATE_CONNECTING)
        hello_send (delivery);
}

void delivery_down (delivery_t *delivery, const char *why, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state == STATE_LEAVING)
        delivery_left (delivery);
    else if (delivery->state >= STATE_CONNECTING && delivery->state <= STATE_LIVE)
        delivery_lose (delivery, ZCHAT_UNREACHABLE, why, 0);
}

void delivery_denied (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state >= STATE_CONNECTING && delivery->state <= STATE_LEAVING)
        delivery_refuse (delivery, ZCHAT_ADMISSION, zchat_status_text (ZCHAT_ADMISSION), false);
}

/*  --- what comes ------------------------------------------------------------  */

static void delivery_found (delivery_t *delivery, finding_t finding)
{
    if (finding == FINDING_BROKEN)
        delivery_lose (delivery, ZCHAT_MALFORMED, TEXT_BROKEN, 0);
    else if (finding == FINDING_STRANGE)
        delivery_lose (delivery, ZCHAT_IDENTITY, "the broker has forgotten this connection", 0);
}

/*  What a reply says, OK or ERR. It views json.                               */
typedef struct {
    zchat_status_t status; /* ZCHAT_OK where the reply is an OK                */
    const char *text;
    uint64_t wait_ms;
} outcome_t;

static bool outcome_read (const reply_t *reply, const json_t *json, outcome_t *outcome)
{
    const char *code = answer_string (json, "code", ZCHAT_JSON_MAX);

    *outcome = (outcome_t){.status = ZCHAT_OK};
    if (reply->kind == REPLY_OK)
        return true;
    if (!code)
        return false;
    outcome->status = zchat_status_from_code (code, strlen (code));
    if (outcome->status == ZCHAT_OK)
        outcome->status = ZCHAT_STATUS_COUNT;
    outcome->text = answer_string (json, "text", ZCHAT_JSON_MAX);
    if (!outcome->text)
        outcome->text = zchat_status_text (outcome->status);
    (void)answer_number (json, "wait_ms", INT64_MAX, &outcome->wait_ms);
    return true;
}

static void delivery_asked (delivery_t *delivery, const ask_t *ask, const outcome_t *outcome,
                            const json_t *json, frame_t text)
{
    bool ok = outcome->status == ZCHAT_OK;

    switch (ask->kind) {
    case ASK_HELLO:
        if (ok)
            hello_ok (delivery, json);
        else
            hello_err (delivery, outcome->status, outcome->text, outcome->wait_ms,
                       json_is_true (json_object_get (json, "owned")));
        break;
    case ASK_BYE:
        delivery_left (delivery);
        break;
    case ASK_PING:
        if (ok)
            rooms_heads (delivery->rooms, json_object_get (json, "heads"));
        else if (outcome->status == ZCHAT_HELLO || outcome->status == ZCHAT_TAKEN ||
                 outcome->status == ZCHAT_IDENTITY)
            delivery_found (delivery, FINDING_STRANGE);
        break;
    case ASK_JOIN:
    case ASK_LOOK:
    case ASK_FETCH:
        delivery_found (delivery, ok ? rooms_ok (delivery->rooms, ask, json)
                                     : rooms_err (delivery->rooms, ask, outcome->status,
                                                  outcome->text, outcome->wait_ms));
        break;
    case ASK_READ:
        delivery_found (delivery, markers_reply (delivery->markers, ask, outcome->status,
                                                 outcome->text, outcome->wait_ms));
        break;
    case ASK_QUERY:
        queries_reply (delivery->queries, ask, outcome->status, outcome->text, outcome->wait_ms,
                       text);
        break;
    }
}

static void delivery_answer (delivery_t *delivery, const reply_t *reply)
{
    ask_t *found = exchange_find (&delivery->exchange, reply->tag);
    bool say = reply->tag.size && *(const char *)reply->tag.data == 's';
    flat_t flat;
    json_t *json;
    outcome_t outcome;
    ask_t ask;

    /*  This reply is one that nobody waits for any more: of a PART, of a SYNC, or of a room that
        was just left.                                                         */
    if (!found && !say)
        return;
    /*  By far the most, where much is sent.                                   */
    if (!found && reply->kind == REPLY_OK && flat_read (reply->json, &flat)) {
        delivery_found (delivery, outbox_ok_flat (delivery->outbox, reply->tag, &flat,
                                                  delivery->exchange.now_ms));
        return;
    }
    json = answer_parse (reply->json);
    if (!json || !outcome_read (reply, json, &outcome))
        delivery_lose (delivery, ZCHAT_MALFORMED, TEXT_BROKEN, 0);
    else if (found) {
        ask = *found;
        exchange_answered (found);
        delivery_asked (delivery, &ask, &outcome, json, reply->json);
    } else if (outcome.status == ZCHAT_OK)
        delivery_found (delivery,
                        outbox_ok (delivery->outbox, reply->tag, json, delivery->exchange.now_ms));
    else {
        verb_t verb = outbox_verb (delivery->outbox, reply->tag);
        char unknown[EXCHANGE_UNKNOWN_MAX];
        if (outcome.status == ZCHAT_VERB && verb != VERB_COUNT)
            outcome.text = exchange_unknown (&delivery->exchange, verb, unknown);
        delivery_found (delivery, outbox_err (delivery->outbox, reply->tag, outcome.status,
                                              outcome.text, json, delivery->exchange.now_ms));
    }
    json_decref (json);
}

static void delivery_mail (delivery_t *delivery, const reply_t *reply)
{
    ask_t *ask = exchange_find (&delivery->exchange, reply->tag);
    bool fine = true;

    /*  An event without a tag answers no request, so it has happened just now. */
    if (!reply->tag.size && delivery->state == STATE_LIVE)
        rooms_push (delivery->rooms, reply);
    else if (ask && (ask->kind == ASK_FETCH || ask->kind == ASK_LOOK))
        fine = rooms_mail (delivery->rooms, ask, reply);
    else if (ask)
        fine = queries_mail (delivery->queries, ask, reply);
    if (!fine)
        delivery_found (delivery, FINDING_BROKEN);
}

void delivery_door (delivery_t *delivery, const frame_t *frames, size_t count, uint64_t now_ms)
{
    reply_t reply;

    delivery->exchange.now_ms = now_ms;
    if (delivery->state < STATE_HELLO || delivery->state > STATE_LEAVING)
        return;
    if (reply_decode (frames, count, &reply) != ZCHAT_OK)
        delivery_lose (delivery, ZCHAT_MALFORMED, TEXT_BROKEN, 0);
    else if (reply.kind == REPLY_OK || reply.kind == REPLY_ERR)
        delivery_answer (delivery, &reply);
    else if (reply.kind == REPLY_EVENT || reply.kind == REPLY_BULK)
        delivery_mail (delivery, &reply);
    delivery_pump (delivery);
}

void delivery_feed (delivery_t *delivery, const frame_t *frames, size_t count, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state == STATE_LIVE) {
        rooms_feed (delivery->rooms, frames, count);
        delivery_pump (delivery);
    }
}

/*  Often the door ends with the feed and may not show it, so the broker is asked at once. */
void delivery_feed_down (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (delivery->state == STATE_LIVE) {
        rooms_feed_lost (delivery->rooms);
        delivery->ping_ms = now_ms;
        delivery_pump (delivery);
    }
}

/*  --- what is due -----------------------------------------------------------  */

void delivery_pump (delivery_t *delivery)
{
    uint64_t now_ms = delivery->exchange.now_ms;

    if (delivery->state != STATE_LIVE)
        return;
    /*  The order matters: what is said in a room, or asked about it, must come after its JOIN. */
    rooms_pump (delivery->rooms);
    queries_pump (delivery->queries);
    outbox_pump (delivery->outbox, now_ms);
    markers_pump (delivery->markers, false);
    if (now_ms >= delivery->ping_ms) {
        delivery->ping_ms = now_ms + delivery->heartbeat_ms;
        if (exchange_waits (&delivery->exchange, ASK_PING))
            return;
        exchange_ask (&delivery->exchange, ASK_PING, 0, VERB_PING, NULL, 0);
    }
}

static void delivery_overdue (delivery_t *delivery)
{
    switch (delivery->state) {
    case STATE_CONNECTING:
        delivery_lose (delivery, ZCHAT_UNREACHABLE, no_answer, 0);
        break;
    case STATE_HELLO:
        delivery_lose (delivery, ZCHAT_UNREACHABLE, no_zchat, 0);
        break;
    case STATE_LEAVING:
        delivery_left (delivery);
        break;
    case STATE_WAITING:
        delivery_connect (delivery);
        break;
    default:
        break;
    }
}

void delivery_tick (delivery_t *delivery, uint64_t now_ms)
{
    delivery->exchange.now_ms = now_ms;
    if (now_ms >= delivery->deadline_ms)
        delivery_overdue (delivery);
    else if (delivery->state == STATE_LIVE &&
             (now_ms >= exchange_deadline_ms (&delivery->exchange) ||
              outbox_overdue (delivery->outbox, now_ms)))
        delivery_lose (delivery, ZCHAT_TIMEOUT, "the broker no longer answers", 0);
    delivery_pump (delivery);
}

static uint64_t earlier (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t delivery_deadline_ms (const delivery_t *delivery)
{
    uint64_t deadline = delivery->deadline_ms;

    if (delivery->state == STATE_LIVE) {
        deadline = earlier (delivery->ping_ms, exchange_deadline_ms (&delivery->exchange));
        deadline = earlier (deadline, rooms_deadline_ms (delivery->rooms));
        deadline = earlier (deadline, queries_deadline_ms (delivery->queries));
        deadline = earlier (deadline, outbox_deadline_ms (delivery->outbox));
        deadline = earlier (deadline, markers_deadline_ms (delivery->markers));
    }
    return deadline;
}

bool delivery_connected (const delivery_t *delivery)
{
    return delivery->state == STATE_LIVE;
}

size_t delivery_unacknowledged (const delivery_t *delivery)
{
    return outbox_count (delivery->outbox);
}
