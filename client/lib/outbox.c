/*  outbox.c - sending exactly once                                            */
#include "outbox.h"
#include "memory.h"
#include <inttypes.h>
#include <stdio.h>

typedef struct {
    uint64_t id;
    uint64_t connection; /* on which it was sent first; 0: never yet           */
    zchat_type_t type;
    frame_t body;
    size_t bytes; /* of all its text                                           */
    char *data;   /* a JSON object, or NULL                                    */
    char *room;   /* room, body and data lie behind the message                */
} message_t;

struct outbox {
    outbox_sink_t sink;
    rng_t *rng;
    message_t *queue[ZCHAT_OUTBOX_MAX]; /* a ring                              */
    size_t first;                       /* the oldest one                      */
    size_t count;
    size_t bytes;
    size_t sent;         /* of them sent in this epoch, from the oldest on   */
    size_t sent_bytes;   /*                                                  */
    uint64_t n;          /* the number of the oldest one                     */
    uint64_t epoch;      /* how often sending went back                      */
    uint64_t connection; /* 1, 2, 3                                          */
    uint64_t hold_ms;    /* send nothing before                              */
    uint64_t waiting_ms; /* since when the oldest one waits for its reply    */
    unsigned trouble;    /* times in a row that sending was held up          */
    char producer[2 * ZCHAT_PRODUCER_SIZE + 1];
};

outbox_t *outbox_new (rng_t *rng, const outbox_sink_t *sink)
{
    outbox_t *self = memory_zero (sizeof *self);

    self->sink = *sink;
    self->rng = rng;
    self->n = 1;
    self->epoch = 1;
    self->connection = 1;
    rng_hex (rng, self->producer, ZCHAT_PRODUCER_SIZE);
    return self;
}

static message_t **outbox_slot (outbox_t *self, size_t index)
{
    return &self->queue[(self->first + index) % ZCHAT_OUTBOX_MAX];
}

static message_t *outbox_at (outbox_t *self, size_t index)
{
    return *outbox_slot (self, index);
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

zchat_status_t outbox_add (outbox_t *self, uint64_t id, const char *room, zchat_type_t type,
                           frame_t body, const char *data)
{
    size_t room_size = strlen (room) + 1;
    size_t data_size = data ? strlen (data) + 1 : 0;
    size_t bytes = room_size + body.size + data_size;
    message_t *message;
    char *space;

    if (self->count == ZCHAT_OUTBOX_MAX || self->bytes + bytes > ZCHAT_OUTBOX_BYTES_MAX)
        return ZCHAT_FULL;
    message = memory_zero (sizeof *message + bytes);
    space = (char *)(message + 1);
    message->id = id;
    message->type = type;
    message->bytes = bytes;
    message->room = memcpy (space, room, room_size);
    message->body = frame_of (memcpy (space + room_size, body.data, body.size), body.size);
    if (data)
        message->data = memcpy (space + room_size + body.size, data, data_size);
    *outbox_slot (self, self->count++) = message;
    self->bytes += bytes;
    return ZCHAT_OK;
}

/*  Go back to the oldest message; replies to what was sent are ignored from now. */
static void outbox_rewind (outbox_t *self)
{
    self->epoch++;
    self->sent = 0;
    self->sent_bytes = 0;
}

/*  Send nothing for wait_ms, or longer where it does not help.                 */
static void outbox_hold (outbox_t *self, uint64_t wait_ms, uint64_t now_ms)
{
    uint64_t backoff = (uint64_t)ZCHAT_BACKOFF_MIN_MS << self->trouble;

    if (backoff < ZCHAT_BACKOFF_MAX_MS)
        self->trouble++;
    else
        backoff = ZCHAT_BACKOFF_MAX_MS;
    if (wait_ms < backoff)
        wait_ms = backoff / 2 + rng_below (self->rng, backoff / 2 + 1);
    self->hold_ms = now_ms + wait_ms;
    outbox_rewind (self);
}

static void outbox_new_producer (outbox_t *self)
{
    rng_hex (self->rng, self->producer, ZCHAT_PRODUCER_SIZE);
    self->n = 1;
    outbox_rewind (self);
}

void outbox_lost (outbox_t *self)
{
    self->connection++;
    self->hold_ms = 0;
    self->trouble = 0;
    outbox_rewind (self);
}

void outbox_new_log (outbox_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        outbox_at (self, i)->connection = 0;
    outbox_new_producer (self);
}

/*  Take the oldest message out, which the caller frees.                        */
static message_t *outbox_take (outbox_t *self)
{
    message_t *message = outbox_at (self, 0);

    self->first = (self->first + 1) % ZCHAT_OUTBOX_MAX;
    self->count--;
    self->bytes -= message->bytes;
    if (self->sent) {
        self->sent--;
        self->sent_bytes -= message->bytes;
    }
    return message;
}

/*  The oldest message is stored: it is done, and keeps its number.            */
static void outbox_done (outbox_t *self, uint64_t seq, uint64_t time_ms)
{
    message_t *message = outbox_take (self);
    zchat_event_t event = {.kind = ZCHAT_EVENT_SENT,
                           .id = message->id,
                           .room = message->room,
                           .seq = seq,
                           .time_ms = time_ms};

    self->n++;
    self->sink.event (self->sink.arg, &event);
    free (message);
}

/*  The oldest message will not be stored by us, or not that we knew.           */
static void outbox_give_up (outbox_t *self, zchat_event_kind_t kind, zchat_status_t status,
                            const char *text)
{
    message_t *message = outbox_take (self);
    zchat_event_t event = {
        .kind = kind, .id = message->id, .room = message->room, .status = status, .text = text};

    self->sink.event (self->sink.arg, &event);
    free (message);
}

static void outbox_send (outbox_t *self, const message_t *message, uint64_t n)
{
    char json[ZCHAT_JSON_MAX];
    char tag[ZCHAT_TAG_MAX + 1];
    int size = snprintf (json, sizeof json, "{\"type\":\"%s\",\"producer\":\"%s\",\"n\":%" PRIu64,
                         zchat_type_name (message->type), self->producer, n);

    size += snprintf (json + size, sizeof json - (size_t)size, "%s%s}",
                      message->data ? ",\"data\":" : "", message->data ? message->data : "");
    snprintf (tag, sizeof tag, "s%" PRIx32 ".%" PRIx64, (uint32_t)self->epoch, n);
    self->sink.send (self->sink.arg, tag, message->room, message->body,
                     frame_of (json, (size_t)size));
}

void outbox_pump (outbox_t *self, uint64_t now_ms)
{
    if (now_ms < self->hold_ms)
        return;
    while (self->sent < self->count && self->sent < ZCHAT_WINDOW) {
        message_t *message = outbox_at (self, self->sent);

        if (self->sent && self->sent_bytes + message->bytes > ZCHAT_WINDOW_BYTES)
            break;
        if (!self->sent)
            self->waiting_ms = now_ms;
        if (!message->connection)
            message->connection = self->connection;
        outbox_send (self, message, self->n + self->sent);
        self->sent++;
        self->sent_bytes += message->bytes;
    }
}

/*  The place of the message a tag belongs to; false where the reply is of an earlier
    epoch, or none that was asked for.                                         */
static bool outbox_find (const outbox_t *self, frame_t tag, size_t *index)
{
    char text[ZCHAT_TAG_MAX + 1] = "";
    uint32_t epoch;
    uint64_t n;

    if (tag.size > ZCHAT_TAG_MAX)
        return false;
    memcpy (text, tag.data, tag.size);
    if (sscanf (text, "s%" SCNx32 ".%" SCNx64, &epoch, &n) != 2 // NOLINT(cert-err34-c)
        || epoch != (uint32_t)self->epoch || n < self->n || n - self->n >= self->sent)
        return false;
    *index = (size_t)(n - self->n);
    return true;
}

verdict_t outbox_ok (outbox_t *self, frame_t tag, const json_t *json, uint64_t now_ms)
{
    bool duplicate = json_is_true (json_object_get (json, "duplicate"));
    uint64_t seq = 0;
    uint64_t time_ms = 0;
    size_t index;

    if (!outbox_find (self, tag, &index))
        return VERDICT_FINE;
    if (!duplicate && (!answer_number (json, "seq", ZCHAT_SEQ_MAX, &seq) || !seq ||
                       !answer_number (json, "time", INT64_MAX, &time_ms)))
        return VERDICT_BROKEN;

    /*  A number is stored after all before it only.                           */
    while (index--)
        outbox_done (self, 0, 0);
    outbox_done (self, seq, time_ms);
    self->trouble = 0;
    self->waiting_ms = now_ms;
    return VERDICT_FINE;
}

/*  How many of the oldest messages were sent at least once.                   */
static size_t outbox_tried (outbox_t *self)
{
    size_t tried = 0;

    while (tried < self->count && outbox_at (self, tried)->connection)
        tried++;
    return tried;
}

static verdict_t outbox_gap (outbox_t *self, const char *text, const json_t *json, uint64_t now_ms)
{
    uint64_t expected;

    if (!answer_number (json, "expected", INT64_MAX, &expected) || !expected)
        return VERDICT_BROKEN;
    if (expected >= self->n && expected - self->n <= outbox_tried (self)) {
        /*  Those before it are stored.                                        */
        while (self->n < expected)
            outbox_done (self, 0, 0);
        outbox_hold (self, 0, now_ms);
        return VERDICT_FINE;
    }

    /*  The broker has forgotten this producer. What was sent over this connection got
        a gap, so it was not stored; what was sent over an earlier one may be.  */
    while (self->count && outbox_at (self, 0)->connection &&
           outbox_at (self, 0)->connection != self->connection)
        outbox_give_up (self, ZCHAT_EVENT_UNKNOWN, ZCHAT_FORGOTTEN, text);
    outbox_hold (self, 0, now_ms);
    outbox_new_producer (self);
    return VERDICT_FINE;
}

/*  Refused for good. The broker does not count it, so its number would go to the next
    one; but what was sent behind it under the next number may still be on its way,
    over a connection that is lost, and would then be the number expected. Whatever was
    sent behind it therefore goes on under another producer: what is on its way finds
    a gap for ever.                                                            */
static void outbox_refused (outbox_t *self, zchat_status_t status, const char *text)
{
    outbox_give_up (self, ZCHAT_EVENT_FAILED, status, text);
    if (outbox_tried (self))
        outbox_new_producer (self);
    else
        outbox_rewind (self);
}

verdict_t outbox_err (outbox_t *self, frame_t tag, zchat_status_t status, const char *text,
                      const json_t *json, uint64_t now_ms)
{
    uint64_t wait_ms = 0;
    size_t index;

    if (!outbox_find (self, tag, &index))
        return VERDICT_FINE;
    switch (status) {
    case ZCHAT_GAP:
        return outbox_gap (self, text, json, now_ms);
    case ZCHAT_STORAGE:
    case ZCHAT_SLOW:
    case ZCHAT_CLOSING:
        (void)answer_number (json, "wait_ms", 60000, &wait_ms);
        outbox_hold (self, wait_ms, now_ms);
        return VERDICT_FINE;
    case ZCHAT_TAKEN:
    case ZCHAT_IDENTITY:
    case ZCHAT_HELLO:
        return VERDICT_STRANGE;
    default:
        /*  Refused before those ahead of it were answered: it will be again.   */
        if (index)
            outbox_hold (self, 0, now_ms);
        else
            outbox_refused (self, status, text);
        return VERDICT_FINE;
    }
}

/*  Replies come in order, so the oldest one's is the next.                    */
static uint64_t outbox_overdue_ms (const outbox_t *self)
{
    return self->sent ? self->waiting_ms + ZCHAT_REPLY_TIMEOUT_MS : UINT64_MAX;
}

bool outbox_overdue (const outbox_t *self, uint64_t now_ms)
{
    return now_ms >= outbox_overdue_ms (self);
}

uint64_t outbox_deadline_ms (const outbox_t *self)
{
    return self->sent < self->count && !self->sent ? self->hold_ms : outbox_overdue_ms (self);
}

size_t outbox_count (const outbox_t *self)
{
    return self->count;
}
