/*  guard - encryption between a link and its socket: CURVE (RFC 26) for zchat, TLS for NATS.
 *
 *  A link says and hears plain text as ever; of CURVE that is plain frames of ZMTP. The handshake
 * is the guard's own; what is to be sent meanwhile waits in it.
 */
#ifndef BENCH_GUARD_H
#define BENCH_GUARD_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum { GUARD_NONE, GUARD_CURVE, GUARD_TLS } guard_kind_t;

typedef struct {
    guard_kind_t kind;
    uint8_t server_key[32]; /* of CURVE: the server's public key               */
} guard_plan_t;

typedef struct guard_t guard_t;

/*  socket_type: "SUB" or "DEALER", for CURVE. Ends the driver where the kind is not built in.  */
guard_t *guard_new (const guard_plan_t *plan, const char *socket_type);

void guard_destroy (guard_t **self);

/*  What has come over the wire: adds to plain what it says, and to wire what is to be answered. The
 * first call has no data, and begins the handshake.  */
void guard_receive (guard_t *self, const char *data, size_t size, bytes_t *plain, bytes_t *wire);

/*  Takes all of plain, and adds to wire what is to be sent for it, once the handshake is over.  */
void guard_send (guard_t *self, bytes_t *plain, bytes_t *wire);

/*  A kind of guard; what the functions above call.  */
typedef struct {
    void (*destroy) (void *self);
    void (*receive) (void *self, const char *data, size_t size, bytes_t *plain, bytes_t *wire);
    void (*send) (void *self, bytes_t *plain, bytes_t *wire);
} guard_class_t;

extern const guard_class_t guard_curve, guard_tls;
void *guard_curve_new (const uint8_t server_key[32], const char *socket_type);
void *guard_tls_new (void);

#endif
