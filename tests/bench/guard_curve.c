/*  CURVE (RFC 26) in ZMTP 3.0, by hand over libsodium.  */
#include "guard.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 2, COMMAND = 4, KEY = 32, MAC = 16, COOKIE = 96, GREETING = 64, META_MAX = 64 };

typedef enum { AWAIT_GREETING, AWAIT_WELCOME, AWAIT_READY, TALKING } state_t;

typedef struct {
    state_t state;
    char type[8];                             /* of the socket                           */
    uint8_t server[KEY], server_short[KEY];   /* public                                  */
    uint8_t own[KEY], own_secret[KEY];        /* of this connection alone                */
    uint8_t brief[KEY], brief_secret[KEY];    /* C' of the RFC                           */
    uint8_t shared[crypto_box_BEFORENMBYTES]; /* of both short ones                     */
    uint64_t nonce;                           /* of the last command sent                */
    bytes_t received;                         /* of the wire: what is no whole frame yet */
} curve_t;

void *guard_curve_new (const uint8_t server_key[KEY], const char *socket_type)
{
    curve_t *self = calloc (1, sizeof *self);
    if (!self || sodium_init () < 0)
        bench_fail ("no libsodium");
    memcpy (self->server, server_key, KEY);
    memcpy (self->type, socket_type, strlen (socket_type)); /* "DEALER" at most */
    crypto_box_keypair (self->own, self->own_secret);
    crypto_box_keypair (self->brief, self->brief_secret);
    return self;
}

static void curve_destroy (void *inner)
{
    curve_t *self = inner;
    bytes_free (&self->received);
    free (self);
}

static void put_head (bytes_t *out, int flags, size_t size)
{
    unsigned char head[9] = {(unsigned char)flags, (unsigned char)size};
    if (size < 256) {
        bytes_put (out, head, 2);
        return;
    }
    head[0] |= LONG;
    for (int i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)((uint64_t)size >> (56 - 8 * i));
    bytes_put (out, head, 9);
}

/*  A nonce of 24 bytes: 16 of text, and a number.  */
static void nonce_make (uint8_t nonce[24], const char *text, uint64_t number)
{
    memcpy (nonce, text, 16);
    for (int i = 0; i < 8; i++)
        nonce[16 + i] = (uint8_t)(number >> (56 - 8 * i));
}

static void say_hello (curve_t *self, bytes_t *wire)
{
    uint8_t body[200] = "\5HELLO\1", nonce[24];
    static const uint8_t zeros[64];
    nonce_make (nonce, "CurveZMQHELLO---", ++self->nonce);
    memcpy (body + 80, self->brief, KEY);
    memcpy (body + 112, nonce + 16, 8);
    if (crypto_box_easy (body + 120, zeros, sizeof zeros, nonce, self->server, self->brief_secret))
        bench_fail ("CURVE: HELLO");
    put_head (wire, COMMAND, sizeof body);
    bytes_put (wire, body, sizeof body);
}

static size_t metadata (const curve_t *self, uint8_t *meta)
{
    size_t size = strlen (self->type);
    memcpy (meta, "\13Socket-Type\0\0\0", 15);
    meta[15] = (uint8_t)size;
    memcpy (meta + 16, self->type, size);
    return 16 + size;
}

static void say_initiate (curve_t *self, const uint8_t *cookie, bytes_t *wire)
{
    uint8_t vouched[2 * KEY], plain[KEY + 16 + sizeof vouched + MAC + META_MAX];
    uint8_t body[9 + COOKIE + 8 + MAC + sizeof plain], nonce[24];
    memcpy (nonce, "VOUCH---", 8);
    randombytes_buf (nonce + 8, 16);
    memcpy (vouched, self->brief, KEY);
    memcpy (vouched + KEY, self->server, KEY);
    memcpy (plain, self->own, KEY);
    memcpy (plain + KEY, nonce + 8, 16);
    if (crypto_box_easy (plain + KEY + 16, vouched, sizeof vouched, nonce, self->server_short,
                         self->own_secret))
        bench_fail ("CURVE: vouch");
    const size_t size =
        KEY + 16 + sizeof vouched + MAC + metadata (self, plain + KEY + 16 + sizeof vouched + MAC);
    nonce_make (nonce, "CurveZMQINITIATE", ++self->nonce);
    memcpy (body, "\10INITIATE", 9);
    memcpy (body + 9, cookie, COOKIE);
    memcpy (body + 9 + COOKIE, nonce + 16, 8);
    if (crypto_box_easy_afternm (body + 9 + COOKIE + 8, plain, size, nonce, self->shared))
        bench_fail ("CURVE: INITIATE");
    put_head (wire, COMMAND, 9 + COOKIE + 8 + MAC + size);
    bytes_put (wire, body, 9 + COOKIE + 8 + MAC + size);
}

static void take_welcome (curve_t *self, const uint8_t *body, size_t size, bytes_t *wire)
{
    uint8_t plain[KEY + COOKIE], nonce[24];
    memcpy (nonce, "WELCOME-", 8);
    if (size != 168 || memcmp (body, "\7WELCOME", 8) != 0)
        bench_fail ("CURVE: no WELCOME");
    memcpy (nonce + 8, body + 8, 16);
    if (crypto_box_open_easy (plain, body + 24, 144, nonce, self->server, self->brief_secret))
        bench_fail ("CURVE: WELCOME does not open");
    memcpy (self->server_short, plain, KEY);
    if (crypto_box_beforenm (self->shared, self->server_short, self->brief_secret))
        bench_fail ("CURVE: the server's key");
    say_initiate (self, plain + KEY, wire);
}

/*  A MESSAGE becomes the frame that it holds.  */
static void take_message (curve_t *self, const uint8_t *body, size_t size, bytes_t *plain)
{
    static uint8_t opened[2 * 1024 * 1024];
    uint8_t nonce[24];
    if (size < 8 + 8 + MAC + 1 || size > sizeof opened || memcmp (body, "\7MESSAGE", 8) != 0)
        bench_fail ("CURVE: no MESSAGE");
    memcpy (nonce, "CurveZMQMESSAGES", 16);
    memcpy (nonce + 16, body + 8, 8);
    if (crypto_box_open_easy_afternm (opened, body + 16, size - 16, nonce, self->shared))
        bench_fail ("CURVE: a MESSAGE does not open");
    put_head (plain, opened[0] & 1, size - 16 - MAC - 1);
    bytes_put (plain, opened + 1, size - 16 - MAC - 1);
}

static void take_frame (curve_t *self, const uint8_t *body, size_t size, bytes_t *plain,
                        bytes_t *wire)
{
    if (self->state == TALKING) {
        take_message (self, body, size, plain);
    } else if (self->state == AWAIT_WELCOME) {
        take_welcome (self, body, size, wire);
        self->state = AWAIT_READY;
    } else if (size < 6 || memcmp (body, "\5READY", 6) != 0) {
        bench_fail ("CURVE: the server does not let us in");
    } else {
        self->state = TALKING;
    }
}

/*  The size of the frame at data, head included, and of its head; 0: it is not all there.  */
static size_t frame_size (const uint8_t *data, size_t size, size_t *head)
{
    uint64_t body = 0;
    *head = size && data[0] & LONG ? 9 : 2;
    if (size < *head)
        return 0;
    for (size_t i = 1; i < *head; i++)
        body = body << 8 | data[i];
    return size - *head >= body ? *head + body : 0;
}

static void curve_receive (void *inner, const char *data, size_t size, bytes_t *plain,
                           bytes_t *wire)
{
    curve_t *self = inner;
    bytes_t *received = &self->received;
    size_t at = 0;
    if (!data) {
        const unsigned char greeting[GREETING] = {[0] = 0xff, [9] = 0x7f, [10] = 3,   [12] = 'C',
                                                  [13] = 'U', [14] = 'R', [15] = 'V', [16] = 'E'};
        bytes_put (wire, greeting, sizeof greeting);
        return;
    }
    bytes_put (received, data, size);
    if (self->state == AWAIT_GREETING) {
        if (received->size < GREETING)
            return;
        at = GREETING;
        say_hello (self, wire);
        self->state = AWAIT_WELCOME;
    }
    for (size_t head, whole;; at += whole) {
        const uint8_t *frame = (const uint8_t *)received->data + at;
        whole = frame_size (frame, received->size - at, &head);
        if (!whole)
            break;
        take_frame (self, frame + head, whole - head, plain, wire);
    }
    memmove (received->data, received->data + at, received->size - at);
    received->size -= at;
}

static void curve_send (void *inner, bytes_t *plain, bytes_t *wire)
{
    static uint8_t text[128 * 1024], body[sizeof text + 64];
    curve_t *self = inner;
    if (self->state != TALKING)
        return;
    while (plain->sent < plain->size) {
        const uint8_t *frame = (const uint8_t *)plain->data + plain->sent;
        uint8_t nonce[24];
        size_t head, whole = frame_size (frame, plain->size - plain->sent, &head);
        if (!whole || whole > sizeof text)
            bench_fail ("CURVE: half a frame is to be sent");
        text[0] = frame[0] & 1;
        memcpy (text + 1, frame + head, whole - head);
        nonce_make (nonce, "CurveZMQMESSAGEC", ++self->nonce);
        memcpy (body, "\7MESSAGE", 8);
        memcpy (body + 8, nonce + 16, 8);
        if (crypto_box_easy_afternm (body + 16, text, whole - head + 1, nonce, self->shared))
            bench_fail ("CURVE: MESSAGE");
        put_head (wire, 0, 16 + MAC + whole - head + 1);
        bytes_put (wire, body, 16 + MAC + whole - head + 1);
        plain->sent += whole;
    }
    bytes_clear (plain);
}

const guard_class_t guard_curve = {curve_destroy, curve_receive, curve_send};
