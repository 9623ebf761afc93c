/*  TLS as a NATS client speaks it: the server's INFO comes in plain text, then all is encrypted.
 * Which certificate the server shows does not matter here.  */
#include "guard.h"

#ifdef BENCH_TLS

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    SSL *ssl;
    BIO *in, *out; /* of the wire                            */
    bool informed; /* INFO has come                          */
} tls_t;

void *guard_tls_new (void)
{
    static SSL_CTX *context;
    tls_t *self = calloc (1, sizeof *self);
    if (!context)
        context = SSL_CTX_new (TLS_client_method ());
    if (!self || !context)
        bench_fail ("no TLS");
    self->ssl = SSL_new (context);
    self->in = BIO_new (BIO_s_mem ());
    self->out = BIO_new (BIO_s_mem ());
    if (!self->ssl || !self->in || !self->out)
        bench_fail ("no TLS");
    SSL_set_bio (self->ssl, self->in, self->out); /* which owns them */
    SSL_set_connect_state (self->ssl);
    return self;
}

static void tls_destroy (void *inner)
{
    tls_t *self = inner;
    SSL_free (self->ssl);
    free (self);
}

static void drain (tls_t *self, bytes_t *wire)
{
    char block[16384];
    for (int size; (size = BIO_read (self->out, block, sizeof block)) > 0;)
        bytes_put (wire, block, (size_t)size);
}

static void tls_receive (void *inner, const char *data, size_t size, bytes_t *plain, bytes_t *wire)
{
    static char block[16384];
    tls_t *self = inner;
    if (!data)
        return;
    if (!self->informed) {
        /* one line, and then the server waits for us */
        bytes_put (plain, data, size);
        self->informed = memchr (data, '\n', size) != NULL;
        if (self->informed)
            SSL_do_handshake (self->ssl);
        drain (self, wire);
        return;
    }
    if (BIO_write (self->in, data, (int)size) != (int)size)
        bench_fail ("out of memory");
    if (!SSL_is_init_finished (self->ssl) && SSL_do_handshake (self->ssl) != 1 &&
        SSL_get_error (self->ssl, -1) == SSL_ERROR_SSL)
        bench_fail ("TLS: no handshake");
    if (SSL_is_init_finished (self->ssl))
        for (int got; (got = SSL_read (self->ssl, block, sizeof block)) > 0;)
            bytes_put (plain, block, (size_t)got);
    drain (self, wire);
}

static void tls_send (void *inner, bytes_t *plain, bytes_t *wire)
{
    tls_t *self = inner;
    if (!SSL_is_init_finished (self->ssl) || plain->sent == plain->size)
        return;
    if (SSL_write (self->ssl, plain->data + plain->sent, (int)(plain->size - plain->sent)) <= 0)
        bench_fail ("TLS: nothing can be sent");
    bytes_clear (plain);
    drain (self, wire);
}

const guard_class_t guard_tls = {tls_destroy, tls_receive, tls_send};

#else

void *guard_tls_new (void)
{
    bench_fail ("built without OpenSSL");
}

const guard_class_t guard_tls = {NULL, NULL, NULL};

#endif
