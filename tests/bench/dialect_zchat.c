/*  ZCHAT/1 over ZMTP 3.0 (RFC 23), mechanism NULL, by hand.  */
#include "dialects.h"

#include <stdio.h>
#include <string.h>

enum { MORE = 1, LONG = 2, COMMAND = 4, GREETING = 64 };

static void put_frame (bytes_t *out, int flags, const void *data, size_t size)
{
    unsigned char head[9] = {(unsigned char)flags, (unsigned char)size};
    if (size < 256) {
        bytes_put (out, head, 2);
    } else {
        head[0] |= LONG;
        for (int i = 0; i < 8; i++)
            head[1 + i] = (unsigned char)((uint64_t)size >> (56 - 8 * i));
        bytes_put (out, head, 9);
    }
    bytes_put (out, data, size);
}

static void put_text (bytes_t *out, int flags, const char *text)
{
    put_frame (out, flags, text, strlen (text));
}

/*  Greeting and READY, each awaiting the peer's.  */
static void shake_hands (script_t *script, const char *type)
{
    unsigned char greeting[GREETING] = {[0] = 0xff, [9] = 0x7f, [10] = 3};
    char ready[64] = "\5READY\13Socket-Type";
    size_t size = 18, type_size = strlen (type);
    memcpy (greeting + 12, "NULL", 4);
    step_t *step = script_step (script);
    bytes_put (&step->send, greeting, sizeof greeting);
    step->await = AWAIT_BYTES;
    step->count = GREETING;
    ready[size + 3] = (char)type_size; /* a length of 4 bytes */
    memcpy (ready + size + 4, type, type_size);
    step = script_step (script);
    put_frame (&step->send, COMMAND, ready, size + 4 + type_size);
    step->await = AWAIT_FRAMES;
    step->count = 1;
    script->handshake = 2;
    script->socket_type = type;
}

static void listen_to (script_t *script, const char *prefix, int room)
{
    char topic[64];
    int size = snprintf (topic, sizeof topic, "\1%s/room%d/", prefix, room);
    shake_hands (script, "SUB");
    put_frame (&script_step (script)->send, 0, topic, (size_t)size);
}

static void listen_packs (script_t *script, int number, int room)
{
    (void)number;
    listen_to (script, "pack", room);
}

static void listen_events (script_t *script, int number, int room)
{
    (void)number;
    listen_to (script, "room", room);
}

static void speak (script_t *script, const speaker_t *speaker)
{
    char name[32];
    snprintf (name, sizeof name, "speaker%d", speaker->number);
    shake_hands (script, "DEALER");
    step_t *step = script_step (script);
    put_text (&step->send, MORE, "HELLO");
    put_text (&step->send, MORE, "h");
    put_text (&step->send, 0, name);
    step->await = AWAIT_FRAMES;
    step->count = 3;
}

/* --- a client that arrives as the page says: HELLO, JOIN, and SYNC until the feed is live */

enum { HEARTBEAT_MS = 5000 }; /* what HELLO's answer says */

static void arrive_feed (script_t *script, int number, int room)
{
    char topic[40];
    listen_packs (script, number, room);
    snprintf (topic, sizeof topic, "\1sync/n%d/", number);
    step_t *step = script_step (script);
    put_text (&step->send, 0, topic);
    step->await = AWAIT_TEXT;
    step->text = "sync/"; /* it has no other nonce */
}

static void put_request (bytes_t *out, const char *verb, int number, const char *argument)
{
    char name[32];
    snprintf (name, sizeof name, "client%d", number);
    put_text (out, MORE, verb);
    put_text (out, MORE, "t");
    put_text (out, argument ? MORE : 0, name);
    if (argument)
        put_text (out, 0, argument);
}

static void arrive_door (script_t *script, int number, int room)
{
    char name[32];
    shake_hands (script, "DEALER");
    step_t *step = script_step (script);
    put_request (&step->send, "HELLO", number, NULL);
    step->await = AWAIT_FRAMES;
    step->count = 3;
    step = script_step (script);
    snprintf (name, sizeof name, "room%d", room);
    put_request (&step->send, "JOIN", number, name);
    step->await = AWAIT_FRAMES;
    step->count = 3;
}

/* --- a private room: names are proven by tokens, which servers.py has put into the broker's file
 */

enum { SPEAKER_TOKEN = 0xfffff };

static void put_hello (bytes_t *out, const char *name, int token)
{
    char json[128];
    snprintf (json, sizeof json, "{\"token\":\"%064x\",\"form\":\"pack\"}", (unsigned)token);
    put_text (out, MORE, "HELLO");
    put_text (out, MORE, "h");
    put_text (out, MORE, name);
    put_text (out, 0, json);
}

static void await_answer (step_t *step)
{
    step->await = AWAIT_FRAMES;
    step->count = 3;
}

static void listen_private (script_t *script, int number, int room)
{
    char name[32];
    (void)room;
    snprintf (name, sizeof name, "client%d", number);
    shake_hands (script, "DEALER");
    step_t *step = script_step (script);
    put_hello (&step->send, name, number);
    await_answer (step);
}

static void speak_private (script_t *script, const speaker_t *speaker)
{
    (void)speaker;
    shake_hands (script, "DEALER");
    step_t *step = script_step (script);
    put_hello (&step->send, "speaker0", SPEAKER_TOKEN);
    await_answer (step);
    step = script_step (script);
    put_text (&step->send, MORE, "JOIN");
    put_text (&step->send, MORE, "j");
    put_text (&step->send, MORE, "speaker0");
    put_text (&step->send, MORE, "room0");
    put_text (&step->send, 0, "{\"private\":true}");
    await_answer (step);
}

static void invite (bytes_t *out, const speaker_t *speaker, int number)
{
    char name[32];
    (void)speaker;
    put_text (out, MORE, "INVITE");
    put_text (out, MORE, "i");
    put_text (out, MORE, "speaker0");
    put_text (out, MORE, "room0");
    snprintf (name, sizeof name, "client%d", number);
    put_text (out, 0, name);
}

static void enter (bytes_t *out, int number)
{
    put_request (out, "JOIN", number, "room0");
}

static void ask_sync (bytes_t *out, int number)
{
    char nonce[32];
    snprintf (nonce, sizeof nonce, "n%d", number);
    put_request (out, "SYNC", number, nonce);
}

static void ask_ping (bytes_t *out, int number)
{
    put_request (out, "PING", number, NULL);
}

/* --- speaking */

/*  As libzchat says it, with producer and number: stored once, whatever happens.  */
static void say (bytes_t *out, const speaker_t *speaker, int room, const char *body, size_t size)
{
    char text[128];
    put_text (out, MORE, "SAY");
    put_text (out, MORE, "s");
    snprintf (text, sizeof text, "speaker%d", speaker->number);
    put_text (out, MORE, text);
    snprintf (text, sizeof text, "room%d", room);
    put_text (out, MORE, text);
    put_frame (out, MORE, body, size);
    snprintf (text, sizeof text, "{\"producer\":\"%s\",\"n\":%llu}", speaker->id,
              (unsigned long long)speaker->said + 1);
    put_text (out, 0, text);
}

static void fetch (bytes_t *out, uint64_t after)
{
    char text[96];
    put_text (out, MORE, "HISTORY");
    put_text (out, MORE, "h");
    put_text (out, MORE, "speaker0");
    put_text (out, MORE, "room0");
    snprintf (text, sizeof text, "{\"after\":%llu,\"limit\":1000,\"form\":\"pack\"}",
              (unsigned long long)after);
    put_text (out, 0, text);
}

/*  Frames of answers: of a request to say something the first is OK or ERR, with more behind it. */
#define OK_FRAME  "\1\2OK"
#define ERR_FRAME "\1\3ERR"

const dialect_t zchat_packs = {.name = "zchat-packs",
                               .answer = OK_FRAME,
                               .refusal = ERR_FRAME,
                               .listen = listen_packs,
                               .speak = speak,
                               .say = say,
                               .arrive_feed = arrive_feed,
                               .arrive_door = arrive_door,
                               .sync = ask_sync,
                               .ping = ask_ping,
                               .ping_ms = HEARTBEAT_MS,
                               .fetch = fetch,
                               .fetched = OK_FRAME,
                               .page = 1000};
const dialect_t zchat_events = {.name = "zchat-events",
                                .answer = OK_FRAME,
                                .refusal = ERR_FRAME,
                                .listen = listen_events,
                                .speak = speak,
                                .say = say};
const dialect_t zchat_private = {.name = "zchat-private",
                                 .answer = OK_FRAME,
                                 .refusal = ERR_FRAME,
                                 .listen = listen_private,
                                 .speak = speak_private,
                                 .say = say,
                                 .invite = invite,
                                 .enter = enter};
