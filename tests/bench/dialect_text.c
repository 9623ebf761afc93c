/*  RESP, NATS, IRC, and the lines of the classroom chat.  */
#include "dialects.h"

#include <stdio.h>
#include <string.h>

/* --- Redis */

static void redis_listen (script_t *script, int number, int room)
{
    (void)number;
    step_t *step = script_step (script);
    bytes_print (&step->send, "SUBSCRIBE room%d\r\n", room);
    step->await = AWAIT_TEXT;
    step->text = ":1\r\n";
}

static void redis_speak (script_t *script, const speaker_t *speaker)
{
    (void)speaker;
    step_t *step = script_step (script);
    bytes_text (&step->send, "PING\r\n");
    step->await = AWAIT_TEXT;
    step->text = "+PONG\r\n";
}

static void put_bulk (bytes_t *out, const char *data, size_t size)
{
    bytes_print (out, "$%zu\r\n", size);
    bytes_put (out, data, size);
    bytes_text (out, "\r\n");
}

static void redis_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                       size_t size)
{
    char name[32];
    (void)speaker;
    snprintf (name, sizeof name, "room%d", room);
    bytes_text (out, "*3\r\n$7\r\nPUBLISH\r\n");
    put_bulk (out, name, strlen (name));
    put_bulk (out, body, size);
}

/*  Into a stream.  */
static void redis_add (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                       size_t size)
{
    char name[32], id[48];
    snprintf (name, sizeof name, "stream%d", room);
    snprintf (id, sizeof id, "1-%llu", (unsigned long long)speaker->said + 1);
    bytes_text (out, "*5\r\n$4\r\nXADD\r\n");
    put_bulk (out, name, strlen (name));
    /* ids that fetch can count; those of several speakers would be in each other's way */
    if (speaker->alone)
        put_bulk (out, id, strlen (id));
    else
        put_bulk (out, "*", 1);
    put_bulk (out, "b", 1);
    put_bulk (out, body, size);
}

static void redis_fsync_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                             size_t size)
{
    redis_add (out, speaker, room, body, size);
    redis_say (out, speaker, room, body, size);
}

static void redis_fetch (bytes_t *out, uint64_t after)
{
    bytes_print (out, "XRANGE stream0 (1-%llu + COUNT 1000\r\n", (unsigned long long)after);
}

/* the one colon in what is answered is that of the number which answers PUBLISH */
const dialect_t redis = {.name = "redis",
                         .answer = ":",
                         .refusal = "-ERR",
                         .listen = redis_listen,
                         .speak = redis_speak,
                         .say = redis_say};
const dialect_t redis_fsync = {.name = "redis-fsync",
                               .answer = ":",
                               .refusal = "-ERR",
                               .listen = redis_listen,
                               .speak = redis_speak,
                               .say = redis_fsync_say};
/* XADD is answered by the id, $ and its length in front */
const dialect_t redis_stream = {.name = "redis-stream",
                                .answer = "$",
                                .refusal = "-ERR",
                                .listen = redis_listen,
                                .speak = redis_speak,
                                .say = redis_add,
                                .fetch = redis_fetch,
                                .page = 1000};

/* --- NATS */

#define NATS_CONNECT "CONNECT {\"verbose\":false,\"pedantic\":false,\"name\":\"bench\"}\r\n"

static void nats_greeting (script_t *script)
{
    step_t *step = script_step (script);
    step->await = AWAIT_TEXT;
    step->text = "\r\n"; /* INFO */
}

static void nats_listen (script_t *script, int number, int room)
{
    (void)number;
    nats_greeting (script);
    step_t *step = script_step (script);
    bytes_print (&step->send, NATS_CONNECT "SUB room.%d 1\r\nPING\r\n", room);
    step->await = AWAIT_TEXT;
    step->text = "PONG\r\n";
}

static void nats_speak (script_t *script, const speaker_t *speaker)
{
    (void)speaker;
    nats_greeting (script);
    step_t *step = script_step (script);
    bytes_text (&step->send, NATS_CONNECT "PING\r\n");
    step->await = AWAIT_TEXT;
    step->text = "PONG\r\n";
}

static void nats_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                      size_t size)
{
    (void)speaker;
    bytes_print (out, "PUB room.%d %zu\r\n", room, size);
    bytes_put (out, body, size);
    bytes_text (out, "\r\n");
}

const dialect_t nats = {
    .name = "nats", .refusal = "-ERR", .listen = nats_listen, .speak = nats_speak, .say = nats_say};

static void jetstream_speak (script_t *script, const speaker_t *speaker)
{
    static const char stream[] = "{\"name\":\"BENCH\",\"subjects\":[\"room.*\"],\"retention\":"
                                 "\"limits\",\"storage\":\"file\",\"num_replicas\":1,\"max_age\":0,"
                                 "\"max_msgs\":-1,\"max_bytes\":-1,\"max_consumers\":-1,"
                                 "\"discard\":\"old\"}";
    nats_greeting (script);
    step_t *step = script_step (script);
    bytes_print (
        &step->send,
        NATS_CONNECT
        "SUB inbox.%d.* 1\r\nSUB replay.%d 2\r\nPUB $JS.API.STREAM.CREATE.BENCH inbox.%d.c "
        "%zu\r\n%s\r\n",
        speaker->number, speaker->number, speaker->number, sizeof stream - 1, stream);
    step->await = AWAIT_TEXT;
    step->text = "\"state\"";
}

static void jetstream_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                           size_t size)
{
    bytes_print (out, "PUB room.%d inbox.%d.s %zu\r\n", room, speaker->number, size);
    bytes_put (out, body, size);
    bytes_text (out, "\r\n");
}

/*  A consumer that everything is sent to, without acknowledgements; it wants a subscription without
 * *.  */
static void jetstream_fetch (bytes_t *out, uint64_t after)
{
    static const char consumer[] =
        "{\"stream_name\":\"BENCH\",\"config\":{\"deliver_subject\":\"replay.0\","
        "\"deliver_policy\":\"all\",\"ack_policy\":\"none\",\"replay_policy\":\"instant\"}}";
    (void)after;
    bytes_print (out, "PUB $JS.API.CONSUMER.CREATE.BENCH inbox.0.c %zu\r\n%s\r\n",
                 sizeof consumer - 1, consumer);
}

const dialect_t jetstream = {.name = "jetstream",
                             .answer = "\"seq\":",
                             .refusal = "\"error\"",
                             .listen = nats_listen,
                             .speak = jetstream_speak,
                             .say = jetstream_say,
                             .fetch = jetstream_fetch};

/* --- IRC */

static void irc_enter (script_t *script, const char *kind, int number, int room)
{
    step_t *step = script_step (script);
    bytes_print (&step->send, "NICK %s%d\r\nUSER bench 0 * :bench\r\n", kind, number);
    step->await = AWAIT_TEXT;
    step->text = " 376 "; /* the end of what greets */
    step = script_step (script);
    bytes_print (&step->send, "JOIN #room%d\r\n", room);
    step->await = AWAIT_TEXT;
    step->text = " 366 "; /* the end of who is there */
}

static void irc_listen (script_t *script, int number, int room)
{
    irc_enter (script, "l", number, room);
}

static void irc_speak (script_t *script, const speaker_t *speaker)
{
    irc_enter (script, "s", speaker->number, 0);
}

static void irc_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                     size_t size)
{
    (void)speaker;
    bytes_print (out, "PRIVMSG #room%d :", room);
    bytes_put (out, body, size);
    bytes_text (out, "\r\n");
}

const dialect_t ngircd = {
    .name = "ngircd", .listen = irc_listen, .speak = irc_speak, .say = irc_say};

/* --- the classroom chat, which knows one room, and the floor, which knows nothing */

static void name_alone (script_t *script, int number, int room)
{
    (void)room;
    bytes_print (&script_step (script)->send, "listener%d\n", number);
}

static void name_speaker (script_t *script, const speaker_t *speaker)
{
    bytes_print (&script_step (script)->send, "speaker%d\n", speaker->number);
}

static void say_line (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                      size_t size)
{
    (void)speaker;
    (void)room;
    bytes_put (out, body, size);
    bytes_text (out, "\n");
}

const dialect_t classroom = {
    .name = "classroom", .listen = name_alone, .speak = name_speaker, .say = say_line};

/*  The floor is told by the first byte who listens.  */
static void plain_listen (script_t *script, int number, int room)
{
    (void)number;
    (void)room;
    bytes_text (&script_step (script)->send, "L");
}

static void plain_speak (script_t *script, const speaker_t *speaker)
{
    (void)speaker;
    bytes_text (&script_step (script)->send, "S");
}

static void plain_say (bytes_t *out, const speaker_t *speaker, int room, const char *body,
                       size_t size)
{
    (void)speaker;
    (void)room;
    bytes_put (out, body, size);
}

const dialect_t plain = {
    .name = "plain", .listen = plain_listen, .speak = plain_speak, .say = plain_say};
