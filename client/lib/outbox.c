/*  outbox.c - sending exactly once                                            */
#include "memory.h"
#include "outbox_private.h"
#include <inttypes.h>
#include <stdio.h>

outbox_t *outbox_new (rng_t *rng, const outbox_sink_t *sink)
{
    outbox_t *outbox = memory_zero (sizeof *outbox);

    outbox->sink = *sink;
    outbox->rng = rng;
    outbox->n = 1;
    outbox->epoch = 1;
    outbox->window = ZCHAT_WINDOW;
    outbox->connection = 1;
    outbox->forgotten = UINT64_MAX;
    rng_hex (rng, outbox->producer, ZCHAT_PRODUCER_SIZE);
    return outbox;
}

static message_t **outbox_slot (outbox_t *outbox, size_t index)
{
    return &outbox->queue[(outbox->first + index) % ZCHAT_OUTBOX_MAX];
}

static message_t *outbox_at (outbox_t *outbox, size_t index)
{
    return *outbox_slot (outbox, index);
}

void outbox_destroy (outbox_t **outbox)
{
    if (*outbox) {
        for (size_t i = 0; i < (*outbox)->count; i++)
            free (outbox_at (*outbox, i));
        free (*outbox);
        *outbox = NULL;
    }
}

zchat_status_t outbox_add (outbox_t *outbox, uint64_t id, const outbox_message_t *given)
{
    size_t room_size = strlen (given->to) + 1;
    size_t data_size = given->data ? strlen (given->data) + 1 : 0;
    size_t bytes = room_size + given->body.size + data_size;
    message_t *message;
    char *space;

    if (outbox->count == ZCHAT_OUTBOX_MAX || outbox->bytes + bytes > ZCHAT_OUTBOX_BYTES_MAX)
        return ZCHAT_FULL;
    message = memory_zero (sizeof *message + bytes);
    space = (char *)(message + 1);
    message->id = id;
    message->type = given->type;
    message->re = given->re;
    message->indoors = given->indoors;
    message->bytes = bytes;
    message->room = memcpy (space, given->to, room_size);
    message->body =
        frame_of (memcpy (space + room_size, given->body.data, given->body.size), given->body.size);
    if (given->data)
        message->data = memcpy (space + room_size + given->body.size, given->data, data_size);
    *outbox_slot (outbox, outbox->count++) = message;
    outbox->bytes += bytes;
    return ZCHAT_OK;
}

/*  Go back to the message at index. From now on replies to it, and to what was sent behind it,
    are ignored. Replies to those before it still count.                       */
static void outbox_back_to (outbox_t *outbox, size_t index)
{
    outbox->epoch++;
    while (outbox->sent > index)
        outbox->sent_bytes -= outbox_at (outbox, --outbox->sent)->bytes;
}

static void outbox_rewind (outbox_t *outbox)
{
    outbox_back_to (outbox, 0);
}

/*  Go back to the message at index and send nothing for wait_ms; longer where that did not help
    before.                                                                    */
static void outbox_hold (outbox_t *outbox, size_t index, uint64_t wait_ms, uint64_t now_ms)
{
    uint64_t backoff = (uint64_t)ZCHAT_BACKOFF_MIN_MS << outbox->trouble;
    uint64_t least;

    if (backoff < ZCHAT_BACKOFF_MAX_MS)
        outbox->trouble++;
    else
        backoff = ZCHAT_BACKOFF_MAX_MS;
    least = backoff / 2 + rng_below (outbox->rng, backoff / 2 + 1);
    outbox->hold_ms = now_ms + (wait_ms < least ? least : wait_ms);
    outbox_back_to (outbox, index);
}

static void outbox_new_producer (outbox_t *outbox)
{
    rng_hex (outbox->rng, outbox->producer, ZCHAT_PRODUCER_SIZE);
    outbox->n = 1;
    outbox->kept = 0;
    outbox->borrowed = false;
    outbox->began = 0;
    outbox_rewind (outbox);
}

void outbox_welcome (outbox_t *outbox, uint64_t forgotten)
{
    outbox->forgotten = forgotten;
}

bool outbox_farewell (const outbox_t *outbox, char json[OUTBOX_FAREWELL_MAX])
{
    if (outbox->count || outbox->n == 1 || outbox->forgotten == UINT64_MAX)
        return false;
    snprintf (json, OUTBOX_FAREWELL_MAX, "{\"producer\":\"%s\"}", outbox->producer);
    return true;
}

void outbox_lost (outbox_t *outbox)
{
    outbox->connection++;
    outbox->hold_ms = 0;
    outbox->trouble = 0;
    outbox_rewind (outbox);
}

/*  Take out the oldest message, which the caller frees.                       */
static message_t *outbox_take (outbox_t *outbox)
{
    message_t *message = outbox_at (outbox, 0);

    outbox->first = (outbox->first + 1) % ZCHAT_OUTBOX_MAX;
    outbox->count--;
    outbox->bytes -= message->bytes;
    if (outbox->kept)
        outbox->kept--;
    if (outbox->sent) {
        outbox->sent--;
        outbox->sent_bytes -= message->bytes;
    }
    return message;
}

/*  Give the program an event of a message. For a TELL the room is the mailbox, because there the
    message stands.                                                            */
static void outbox_event (const outbox_t *outbox, const message_t *message, zchat_event_t event)
{
    bool tell = message->type == ZCHAT_TYPE_TELL;

    event.id = message->id;
    event.room = tell ? "@" : message->room;
    event.user = tell ? message->room : NULL;
    if (message->type == ZCHAT_TYPE_EDIT) {
        event.type = ZCHAT_TYPE_EDIT;
        event.target = message->re;
    }
    outbox->sink.event (outbox->sink.arg, &event);
}

/*  End the oldest message: it is stored, and its number is used.              */
static void outbox_done (outbox_t *outbox, uint64_t seq, uint64_t time_ms)
{
    message_t *message = outbox_take (outbox);

    outbox->n++;
    outbox_event (outbox, message,
                  (zchat_event_t){.kind = ZCHAT_EVENT_SENT, .seq = seq, .time_ms = time_ms});
    free (message);
}

/*  End the oldest message: it will not be stored by us, or we shall not know of it. */
static void outbox_give_up (outbox_t *outbox, zchat_event_kind_t kind, zchat_status_t status,
                            const char *text)
{
    message_t *message = outbox_take (outbox);

    outbox_event (outbox, message, (zchat_event_t){.kind = kind, .status = status, .text = text});
    free (message);
}

/*  Give up what an earlier run left. It was written for one log, and nobody may put it into
    another one unseen.                                                        */
static void outbox_give_up_restored (outbox_t *outbox)
{
    while (outbox->count && outbox_at (outbox, 0)->restored) {
        bool tried = outbox_at (outbox, 0)->connection != 0;

        outbox_give_up (outbox, tried ? ZCHAT_EVENT_UNKNOWN : ZCHAT_EVENT_FAILED, ZCHAT_FORGOTTEN,
                        "it was written for another log than the one the broker has now");
    }
}

void outbox_new_log (outbox_t *outbox)
{
    outbox_give_up_restored (outbox);
    for (size_t i = 0; i < outbox->count; i++)
        outbox_at (outbox, i)->connection = 0;
    outbox_new_producer (outbox);
}

void outbox_pump (outbox_t *outbox, uint64_t now_ms)
{
    if (now_ms < outbox->hold_ms)
        return;
    outbox->hold_ms = 0;
    /*  Only for the messages that the earlier run kept do we know their numbers. New messages
        therefore go under a producer of our own, once those are done.         */
    if (outbox->borrowed && !outbox->kept)
        outbox_new_producer (outbox);
    size_t last = outbox->borrowed ? outbox->kept : outbox->count;
    while (outbox->sent < last && outbox->sent < outbox->window) {
        message_t *message = outbox_at (outbox, outbox->sent);

        if (outbox->sent && outbox->sent_bytes + message->bytes > ZCHAT_WINDOW_BYTES)
            break;
        if (!outbox->sent)
            outbox->waiting_ms = now_ms;
        if (!message->connection)
            message->connection = outbox->connection;
        if (!outbox->began) {
            outbox->began = outbox->connection;
            outbox->began_forgotten = outbox->forgotten;
        }
        message->epoch = outbox->epoch;
        outbox_write (outbox, message, outbox->n + outbox->sent);
        outbox->sent++;
        outbox->sent_bytes += message->bytes;
    }
}

/*  Find the message to which a tag belongs. False where the reply is to an earlier try, or to
    nothing that was sent.                                                     */
static bool outbox_find (outbox_t *outbox, frame_t tag, size_t *index)
{
    uint64_t epoch;
    uint64_t n;

    if (!outbox_tag_read (tag, &epoch, &n) || n < outbox->n || n - outbox->n >= outbox->sent)
        return false;
    *index = (size_t)(n - outbox->n);
    return epoch == (uint32_t)outbox_at (outbox, *index)->epoch;
}

verb_t outbox_verb (outbox_t *outbox, frame_t tag)
{
    size_t index;

    return outbox_find (outbox, tag, &index) ? outbox_message_verb (outbox_at (outbox, index))
                                             : VERB_COUNT;
}

/*  The message at index is stored. */
static void outbox_stored (outbox_t *outbox, size_t index, uint64_t seq, uint64_t time_ms,
                           uint64_t now_ms)
{
    /*  The broker stores a number only after all numbers before it, so those are stored too. */
    while (index--)
        outbox_done (outbox, 0, 0);
    outbox_done (outbox, seq, time_ms);
    outbox->trouble = 0;
    if (outbox->window < ZCHAT_WINDOW)
        outbox->window++;
    outbox->waiting_ms = now_ms;
}

finding_t outbox_ok (outbox_t *outbox, frame_t tag, const json_t *json, uint64_t now_ms)
{
    bool duplicate = json_is_true (json_object_get (json, "duplicate"));
    uint64_t seq = 0;
    uint64_t time_ms = 0;
    size_t index;

    if (!outbox_find (outbox, tag, &index))
        return FINDING_FINE;
    if (!duplicate && (!answer_number (json, "seq", ZCHAT_SEQ_MAX, &seq) || !seq ||
                       !answer_number (json, "time", INT64_MAX, &time_ms)))
        return FINDING_BROKEN;
    outbox_stored (outbox, index, seq, time_ms, now_ms);
    return FINDING_FINE;
}

static bool flat_number (const flat_t *json, const char *key, uint64_t max, uint64_t *number)
{
    const flat_member_t *member = flat_find (json, key);

    if (!member || member->kind != FLAT_NUMBER || member->number > max)
        return false;
    *number = member->number;
    return true;
}

finding_t outbox_ok_flat (outbox_t *outbox, frame_t tag, const flat_t *json, uint64_t now_ms)
{
    const flat_member_t *duplicate = flat_find (json, "duplicate");
    uint64_t seq = 0;
    uint64_t time_ms = 0;
    size_t index;

    if (!outbox_find (outbox, tag, &index))
        return FINDING_FINE;
    if (!(duplicate && duplicate->kind == FLAT_TRUE) &&
        (!flat_number (json, "seq", ZCHAT_SEQ_MAX, &seq) || !seq ||
         !flat_number (json, "time", INT64_MAX, &time_ms)))
        return FINDING_BROKEN;
    outbox_stored (outbox, index, seq, time_ms, now_ms);
    return FINDING_FINE;
}

/*  Count the oldest messages that were sent at least once.                    */
static size_t outbox_tried (outbox_t *outbox)
{
    size_t tried = 0;

    while (tried < outbox->count && outbox_at (outbox, tried)->connection)
        tried++;
    return tried;
}

static finding_t outbox_gap (outbox_t *outbox, const char *text, const json_t *json,
                             uint64_t now_ms)
{
    uint64_t expected;

    if (!answer_number (json, "expected", INT64_MAX, &expected) || !expected)
        return FINDING_BROKEN;
    if (!json_is_true (json_object_get (json, "forgotten")) && expected >= outbox->n &&
        expected - outbox->n <= outbox_tried (outbox)) {
        /*  Those before the expected one are stored.                          */
        while (outbox->n < expected)
            outbox_done (outbox, 0, 0);
        outbox_hold (outbox, 0, 0, now_ms);
        return FINDING_FINE;
    }

    /*  The broker has forgotten this producer. What was sent over this connection alone was
        answered with a gap, so it was not stored; what was sent over an earlier one may be. */
    while (outbox->count && outbox_at (outbox, 0)->connection &&
           outbox_at (outbox, 0)->connection != outbox->connection)
        outbox_give_up (outbox, ZCHAT_EVENT_UNKNOWN, ZCHAT_FORGOTTEN, text);
    outbox_hold (outbox, 0, 0, now_ms);
    outbox_new_producer (outbox);
    return FINDING_FINE;
}

/*  End the message at the front, which was refused for good. The broker does not count it, so
    its number would go to the next one. But what was sent behind it, under the next number, may
    still be on its way over a connection that is lost, and would then carry the number the
    broker expects. So whatever was sent behind it goes on under another producer; what is still
    on its way then meets a gap for ever.                                      */
static void outbox_refused (outbox_t *outbox, zchat_status_t status, const char *text)
{
    outbox_give_up (outbox, ZCHAT_EVENT_FAILED, status, text);
    if (outbox_tried (outbox))
        outbox_new_producer (outbox);
    else
        outbox_rewind (outbox);
}

finding_t outbox_err (outbox_t *outbox, frame_t tag, zchat_status_t status, const char *text,
                      const json_t *json, uint64_t now_ms)
{
    uint64_t wait_ms = 0;
    size_t index;

    if (!outbox_find (outbox, tag, &index))
        return FINDING_FINE;
    switch (status) {
    case ZCHAT_GAP:
        return outbox_gap (outbox, text, json, now_ms);
    case ZCHAT_SLOW:
        /*  What was sent behind it is refused too. With so many at once, each wait would end in
            the same refusals.                                                 */
        if (outbox->window > 1)
            outbox->window /= 2;
        /* fall through */
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
        (void)answer_number (json, "wait_ms", INT64_MAX, &wait_ms);
        outbox_hold (outbox, index, wait_ms, now_ms);
        return FINDING_FINE;
    case ZCHAT_TAKEN:
    case ZCHAT_IDENTITY:
    case ZCHAT_HELLO:
        return FINDING_STRANGE;
    default:
        /*  This refusal came before the answers to those ahead of it. They come first, and the
            message will be refused again.                                     */
        if (index)
            outbox_hold (outbox, index, 0, now_ms);
        else
            outbox_refused (outbox, status, text);
        return FINDING_FINE;
    }
}

/*  Replies come in order, so the next reply is the oldest message's.          */
static uint64_t outbox_overdue_ms (const outbox_t *outbox)
{
    return outbox->sent ? outbox->waiting_ms + ZCHAT_REPLY_TIMEOUT_MS : UINT64_MAX;
}

bool outbox_overdue (const outbox_t *outbox, uint64_t now_ms)
{
    return now_ms >= outbox_overdue_ms (outbox);
}

uint64_t outbox_deadline_ms (const outbox_t *outbox)
{
    uint64_t overdue_ms = outbox_overdue_ms (outbox);
    bool held = outbox->sent < outbox->count && (outbox->hold_ms || !outbox->sent);

    return held && outbox->hold_ms < overdue_ms ? outbox->hold_ms : overdue_ms;
}

size_t outbox_count (const outbox_t *outbox)
{
    return outbox->count;
}

/*  --- over a restart of the program ------------------------------------------ */

void outbox_state (const outbox_t *outbox, outbox_state_t *state)
{
    *state = (outbox_state_t){.n = outbox->n,
                              .numbered = outbox->borrowed ? outbox->kept : outbox->count};
    memcpy (state->producer, outbox->producer, sizeof state->producer);
}

void outbox_look (const outbox_t *outbox, size_t index, outbox_message_t *look)
{
    const message_t *message = outbox->queue[(outbox->first + index) % ZCHAT_OUTBOX_MAX];

    *look = (outbox_message_t){.to = message->room,
                               .type = message->type,
                               .body = message->body,
                               .data = message->data,
                               .re = message->re,
                               .indoors = message->indoors};
}

void outbox_restored (outbox_t *outbox, const outbox_state_t *state)
{
    for (size_t i = 0; i < outbox->count; i++) {
        message_t *message = outbox_at (outbox, i);

        message->restored = true;
        message->connection = i < state->tried ? outbox->connection : 0;
    }
    outbox->connection++;
    outbox_rewind (outbox);
    memcpy (outbox->producer, state->producer, sizeof outbox->producer);
    outbox->n = state->n;
    outbox->kept = state->numbered;
    outbox->borrowed = true;
}
