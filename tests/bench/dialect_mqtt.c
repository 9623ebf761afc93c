/*  MQTT 3.1.1, QoS 0.  */
#include "dialects.h"

#include <stdio.h>
#include <string.h>

enum { CONNECT = 0x10, PUBLISH = 0x30, SUBSCRIBE = 0x82 };

static void put_head (bytes_t *out, int type, size_t size)
{
    unsigned char head[5] = {(unsigned char)type};
    size_t used = 1;
    do {
        head[used++] = (unsigned char)(size % 128 | (size >= 128 ? 128 : 0));
        size /= 128;
    } while (size);
    bytes_put (out, head, used);
}

static void put_string (bytes_t *out, const char *text)
{
    size_t size = strlen (text);
    unsigned char head[2] = {(unsigned char)(size >> 8), (unsigned char)size};
    bytes_put (out, head, 2);
    bytes_put (out, text, size);
}

/*  A clean session, kept alive for ever.  */
static void enter (script_t *script, const char *kind, int number)
{
    static const unsigned char rest[] = {4, 2, 0, 0};
    char id[32];
    snprintf (id, sizeof id, "%s%d", kind, number);
    step_t *step = script_step (script);
    put_head (&step->send, CONNECT, 6 + sizeof rest + 2 + strlen (id));
    put_string (&step->send, "MQTT");
    bytes_put (&step->send, rest, sizeof rest);
    put_string (&step->send, id);
    step->await = AWAIT_BYTES;
    step->count = 4;
}

static void listen_to (script_t *script, int number, int room)
{
    char topic[32];
    snprintf (topic, sizeof topic, "room%d", room);
    enter (script, "l", number);
    step_t *step = script_step (script);
    put_head (&step->send, SUBSCRIBE, 2 + 2 + strlen (topic) + 1);
    bytes_put (&step->send, "\0\1", 2);
    put_string (&step->send, topic);
    bytes_put (&step->send, "\0", 1);
    step->await = AWAIT_BYTES;
    step->count = 5;
}

static void speak (script_t *script, const speaker_t *speaker)
{
    enter (script, "s", speaker->number);
}

static void say (bytes_t *out, const speaker_t *speaker, int room, const char *body, size_t size)
{
    char topic[32];
    (void)speaker;
    snprintf (topic, sizeof topic, "room%d", room);
    put_head (out, PUBLISH, 2 + strlen (topic) + size);
    put_string (out, topic);
    bytes_put (out, body, size);
}

const dialect_t mosquitto = {.name = "mosquitto", .listen = listen_to, .speak = speak, .say = say};
