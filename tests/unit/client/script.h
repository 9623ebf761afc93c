/*  script.h - a delivery with a scripted broker: what it does is recorded as lines

    Lines: "door", "feed ENDPOINT", "drop", "+ TOPIC", "- TOPIC", "> VERB USER ARGS...",
    "* KIND ...". Nonces stand as NONCE, producers as P1, P2, ... in the order in
    which they were first seen. A test takes every line, in order, with expect.
*/
#ifndef SCRIPT_H
#define SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "delivery.h"
#include "event_codec.h"
#include "memory.h"
#include <inttypes.h>

enum { LINES_MAX = 8192, PRODUCERS_MAX = 16 };

#define LOG_A  "00112233445566778899aabbccddeeff"
#define LOG_B  "ffeeddccbbaa99887766554433221100"
#define SECRET "abababababababababababababababababababababababababababababababab"

typedef struct {
    delivery_t *delivery;
    uint64_t now;
    char *lines[LINES_MAX]; /* recorded, not yet freed                         */
    char *tags[LINES_MAX];  /* of the requests among them                      */
    size_t count;
    size_t taken;
    char nonce[ZCHAT_NONCE_MAX + 1]; /* the last one subscribed to             */
    char producers[PRODUCERS_MAX][33];
    size_t n_producers;
    const char *pong; /* what pass answers PING with, or NULL: nothing         */
} script_t;

static inline void script_line (script_t *s, const char *tag, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
static inline void script_line (script_t *s, const char *tag, const char *format, ...)
{
    char *line;
    va_list args;

    va_start (args, format);
    assert_true (vasprintf (&line, format, args) >= 0);
    va_end (args);
    assert_true (s->count < LINES_MAX);
    s->lines[s->count] = line;
    s->tags[s->count++] = memory_string (tag ? tag : "", tag ? strlen (tag) : 0);
}

static inline void script_door (void *arg)
{
    script_line (arg, NULL, "door");
}

static inline void script_feed (void *arg, const char *endpoint)
{
    script_line (arg, NULL, "feed %s", endpoint);
}

static inline void script_disconnect (void *arg)
{
    script_line (arg, NULL, "drop");
}

static inline void script_topic (script_t *s, const char *sign, frame_t topic)
{
    frame_t nonce;

    if (event_topic_name (topic, "sync/", &nonce)) {
        if (*sign == '+') {
            memcpy (s->nonce, nonce.data, nonce.size);
            s->nonce[nonce.size] = '\0';
        }
        script_line (s, NULL, "%s sync/NONCE/", sign);
    } else
        script_line (s, NULL, "%s %.*s", sign, (int)topic.size, (const char *)topic.data);
}

static inline void script_subscribe (void *arg, frame_t topic)
{
    script_topic (arg, "+", topic);
}

static inline void script_unsubscribe (void *arg, frame_t topic)
{
    script_topic (arg, "-", topic);
}

/*  Put P1, P2, ... in the place of a producer's hex digits.                   */
static inline void script_producer (script_t *s, char *text)
{
    char *at = strstr (text, "\"producer\":\"");
    char hex[33];
    size_t i = 0;
    char name[8];

    if (!at)
        return;
    at += 12;
    memcpy (hex, at, 32);
    hex[32] = '\0';
    while (i < s->n_producers && strcmp (s->producers[i], hex) != 0)
        i++;
    if (i == s->n_producers) {
        /*  Only noise has that many; then the names no longer matter.         */
        if (i == PRODUCERS_MAX)
            i = s->n_producers = 0;
        snprintf (s->producers[s->n_producers++], sizeof hex, "%s", hex);
    }
    snprintf (name, sizeof name, "P%zu", i + 1);
    memmove (at + strlen (name), at + 32, strlen (at + 32) + 1);
    for (size_t k = 0; name[k]; k++)
        at[k] = name[k];
}

static inline void script_send (void *arg, const frame_t *frames, size_t count)
{
    script_t *s = arg;
    size_t size = 2;
    size_t used = 1;
    char *text;
    char *tag = memory_string (frames[1].data, frames[1].size);

    for (size_t i = 0; i < count; i++)
        size += frames[i].size + 8;
    text = memory_zero (size);
    *text = '>';
    for (size_t i = 0; i < count; i++) {
        frame_t frame = frames[i];
        if (i == 1)
            continue;
        if (*s->nonce && frame_is (frame, s->nonce))
            frame = frame_str ("NONCE");
        used += (size_t)snprintf (text + used, size - used, " %.*s", (int)frame.size,
                                  frame.size ? (const char *)frame.data : "");
    }
    script_producer (s, text);
    script_line (s, tag, "%s", text);
    free (text);
    free (tag);
}

static inline void script_event (void *arg, const zchat_event_t *event)
{
    static const char *const kinds[] = {"CONNECTED", "DISCONNECTED", "REFUSED",  "JOINED", "PARTED",
                                        "MESSAGE",   "LOST",         "REPLACED", "SENT",   "FAILED",
                                        "UNKNOWN",   "REPLY",        "HISTORY",  "WARNING"};
    char line[1024];
    size_t used = (size_t)snprintf (line, sizeof line, "* %s", kinds[event->kind]);

#define ADD(condition, ...)                                                                        \
    if (condition)                                                                                 \
    used += (size_t)snprintf (line + used, sizeof line - used, __VA_ARGS__)
    ADD (event->status, " %s", zchat_status_code (event->status));
    ADD (event->id, " #%" PRIu64, event->id);
    ADD (event->room, " %s", event->room);
    ADD (event->seq, " seq=%" PRIu64, event->seq);
    ADD (event->count, " count=%" PRIu64, event->count);
    ADD (event->members, " members=%" PRIu64, event->members);
    ADD (event->user && *event->user, " <%s>", event->user);
    ADD (event->type && event->type != ZCHAT_TYPE_SAY, " [%s]", zchat_type_name (event->type));
    ADD (event->body && *event->body, " %s", event->body);
    ADD (event->data, " data=%s", event->data);
    ADD (event->json, " %s", event->json);
    ADD (event->own, " own");
    ADD (event->proven, " proven");
    ADD (event->admin, " admin");
    ADD (event->read, " read=%" PRIu64, event->read);
#undef ADD
    script_line (arg, NULL, "%s", line);
}

/*  --- what a test does ------------------------------------------------------  */

/*  The next line must be this one. Returns the tag of a request, valid until the end. */
static inline const char *expect (script_t *s, const char *line)
{
    if (s->taken == s->count)
        fail_msg ("nothing came; expected: %s", line);
    assert_string_equal (s->lines[s->taken], line);
    return s->tags[s->taken++];
}

/*  No line is left.                                                           */
static inline void expect_quiet (script_t *s)
{
    if (s->taken < s->count)
        fail_msg ("unexpected: %s", s->lines[s->taken]);
}

/*  Pass over all lines until the one that begins so.                          */
static inline const char *skip_to (script_t *s, const char *begin)
{
    while (s->taken < s->count && strncmp (s->lines[s->taken], begin, strlen (begin)) != 0)
        s->taken++;
    if (s->taken == s->count)
        fail_msg ("never came: %s", begin);
    return s->tags[s->taken++];
}

static inline void forget (script_t *s)
{
    s->taken = s->count;
}

static inline void door (script_t *s, const char *status, const char *tag, const char *json)
{
    frame_t frames[3] = {frame_str (status), frame_str (tag), frame_str (json)};

    delivery_door (s->delivery, frames, 3, s->now);
}

static inline void ok (script_t *s, const char *tag, const char *json)
{
    door (s, "OK", tag, json);
}

static inline void err (script_t *s, const char *tag, const char *json)
{
    door (s, "ERR", tag, json);
}

/*  Let time pass, with a tick whenever the delivery wants one.                */
static inline void pass (script_t *s, uint64_t ms)
{
    uint64_t until = s->now + ms;

    while (delivery_deadline_ms (s->delivery) <= until) {
        uint64_t due = delivery_deadline_ms (s->delivery);
        size_t before = s->count;
        s->now = due > s->now ? due : s->now;
        delivery_tick (s->delivery, s->now);
        for (size_t i = before, end = s->count; s->pong && i < end; i++)
            if (strncmp (s->lines[i], "> PING", 6) == 0)
                ok (s, s->tags[i], s->pong);
        /*  A deadline that has passed and does nothing would spin.             */
        if (delivery_deadline_ms (s->delivery) <= s->now && s->count == before)
            fail_msg ("the deadline does not move");
    }
    s->now = until;
    delivery_tick (s->delivery, s->now);
}

/*  A pack with one record: type 0 is say, from bob.                           */
static inline frame_t pack_one (uint8_t *buffer, uint64_t seq, zchat_type_t type, const char *body)
{
    event_t event = {.seq = seq,
                     .time_ms = 1000,
                     .type = type ? type : ZCHAT_TYPE_SAY,
                     .user = frame_str ("bob"),
                     .body = frame_str (body)};

    return frame_of (buffer, event_record_encode (&event, buffer));
}

static inline frame_t pack_topic (char *topic, const char *room)
{
    return frame_of (topic, event_topic (topic, "pack/", frame_str (room)));
}

static inline void feed_event (script_t *s, const char *room, uint64_t seq, zchat_type_t type,
                               const char *body)
{
    char topic[EVENT_TOPIC_MAX];
    uint8_t buffer[4096];
    frame_t frames[2] = {pack_topic (topic, room), pack_one (buffer, seq, type, body)};

    delivery_feed (s->delivery, frames, 2, s->now);
}

static inline void feed_say (script_t *s, const char *room, uint64_t seq)
{
    char body[24];

    snprintf (body, sizeof body, "m%" PRIu64, seq);
    feed_event (s, room, seq, ZCHAT_TYPE_SAY, body);
}

static inline void feed_nonce (script_t *s)
{
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[4] = {
        {topic, event_topic (topic, "sync/", frame_str (s->nonce))}, {"", 0}, {"", 0}, {"{}", 2}};

    delivery_feed (s->delivery, frames, 4, s->now);
}

/*  HISTORY mail with the events from to upto.                                 */
static inline void mail (script_t *s, const char *tag, const char *room, uint64_t from,
                         uint64_t upto)
{
    char topic[EVENT_TOPIC_MAX];
    static uint8_t buffer[65536];
    size_t size = 0;

    for (uint64_t seq = from; seq <= upto; seq++) {
        char body[24];
        snprintf (body, sizeof body, "m%" PRIu64, seq);
        size += pack_one (buffer + size, seq, ZCHAT_TYPE_SAY, body).size;
    }
    frame_t frames[4] = {frame_str ("EVENT"), frame_str (tag), pack_topic (topic, room),
                         frame_of (buffer, size)};
    delivery_door (s->delivery, frames, 4, s->now);
}

/*  An event that comes over the door by itself, as a pack of one.             */
static inline void push (script_t *s, const char *room, const event_t *event)
{
    char topic[EVENT_TOPIC_MAX];
    uint8_t buffer[4096];
    frame_t frames[4] = {frame_str ("EVENT"), frame_str (""), pack_topic (topic, room),
                         frame_of (buffer, event_record_encode (event, buffer))};

    delivery_door (s->delivery, frames, 4, s->now);
}

static inline void push_text (script_t *s, const char *room, uint64_t seq, zchat_type_t type,
                              const char *user, const char *body)
{
    event_t event = {.seq = seq,
                     .time_ms = 1000,
                     .type = type,
                     .user = frame_str (user),
                     .body = frame_str (body)};

    push (s, room, &event);
}

static inline void push_data (script_t *s, const char *room, zchat_type_t type, const char *user,
                              const char *data)
{
    event_t event = {
        .time_ms = 1000, .type = type, .user = frame_str (user), .data = frame_str (data)};

    push (s, room, &event);
}

static inline script_t *script_new (const zchat_options_t *options)
{
    script_t *s = memory_zero (sizeof *s);
    static const uint8_t seed[32] = {1, 2, 3};
    delivery_sink_t sink = {.connect_door = script_door,
                            .connect_feed = script_feed,
                            .disconnect = script_disconnect,
                            .send = script_send,
                            .subscribe = script_subscribe,
                            .unsubscribe = script_unsubscribe,
                            .event = script_event,
                            .arg = s};

    s->now = 1000000;
    assert_int_equal (delivery_new (options, seed, &sink, &s->delivery, NULL), ZCHAT_OK);
    return s;
}

/*  Give the lines up; tags of them are no longer valid.                       */
static inline void script_clear (script_t *s)
{
    while (s->count) {
        free (s->lines[--s->count]);
        free (s->tags[s->count]);
    }
    s->taken = 0;
}

static inline void script_destroy (script_t *s)
{
    delivery_destroy (&s->delivery);
    script_clear (s);
    free (s);
}

#define HELLO_JSON(log, user, more)                                                                \
    "{\"protocol\":\"ZCHAT/1\",\"server\":\"zchatd 0.1.0\",\"log\":\"" log "\",\"user\":\"" user   \
    "\",\"feeds\":[\"tcp://*:5681\"],\"heartbeat_ms\":5000" more "}"
#define HELLO_A HELLO_JSON (LOG_A, "alice", ",\"session\":\"" SECRET "\"")
#define HELLO_B HELLO_JSON (LOG_B, "alice", ",\"session\":\"" SECRET "\"")

static inline script_t *script_alice (void)
{
    zchat_options_t options = {.user = "alice", .agent = "t"};

    return script_new (&options);
}

/*  Start or come back, and be greeted.                                        */
static inline void go_live (script_t *s, const char *hello)
{
    delivery_start (s->delivery, s->now);
    while (!s->count || strcmp (s->lines[s->count - 1], "door") != 0)
        pass (s, 100);
    skip_to (s, "door");
    delivery_up (s->delivery, s->now);
    ok (s, skip_to (s, "> HELLO"), hello);
    assert_true (delivery_connected (s->delivery));
}

static inline script_t *script_live (void)
{
    script_t *s = script_alice ();

    go_live (s, HELLO_A);
    forget (s);
    return s;
}

static inline uint64_t say (script_t *s, const char *body)
{
    uint64_t id = 0;

    assert_int_equal (
        delivery_say (s->delivery, "lobby", ZCHAT_TYPE_SAY, body, strlen (body), NULL, &id, s->now),
        ZCHAT_OK);
    return id;
}

#endif
